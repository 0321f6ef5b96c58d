"""Every change to the terms of trades."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any, Final

from sqlalchemy.orm import Session

from vestry.cohorts import facts
from vestry.cohorts.facts import Noun
from vestry.cohorts.models import TradeTerms
from vestry.core.actor import Actor
from vestry.core.errors import Conflict
from vestry.funds.service import vehicle_for


class TradeExists(Conflict):
    """A live trade on the same cohort month."""


TERMS: Final = Noun(
    TradeTerms,
    "trade",
    "cohort_terms.change",
    ("cohort_month",),
    TradeExists,
    (
        "id",
        "company_id",
        "vehicle_id",
        "cohort_month",
        "sharing_percentage",
        "cash_cap",
        "planned_spend",
        "target_irr",
        "allowed_deviation",
        "timing",
        "version",
        "recorded_at",
    ),
)


def agree(session: Session, actor: Actor, company_id: int, **given: Any) -> TradeTerms:
    """The terms of a trade on a cohort, in the books of a fund or vehicle where one is named."""
    return facts.record(session, actor, TERMS, company_id, _values(session, actor, **given))


def amend(
    session: Session, actor: Actor, company_id: int, trade_id: int, *, version: int | None, **given: Any
) -> TradeTerms:
    """Supersede the terms of a trade."""
    return facts.replace(session, actor, TERMS, company_id, trade_id, version, _values(session, actor, **given))


def _values(
    session: Session,
    actor: Actor,
    *,
    cohort_month: date,
    sharing_percentage: Decimal,
    cash_cap: Decimal | None,
    planned_spend: Decimal | None,
    target_irr: Decimal | None,
    allowed_deviation: Decimal | None = None,
    timing: str | None = None,
    fund_id: int | None,
    vehicle_id: int | None,
) -> dict[str, Any]:
    if fund_id is not None or vehicle_id is not None:
        vehicle_id = vehicle_for(session, actor, fund_id=fund_id, vehicle_id=vehicle_id).id
    return {
        "cohort_month": cohort_month,
        "sharing_percentage": sharing_percentage,
        "cash_cap": cash_cap,
        "planned_spend": planned_spend,
        "target_irr": target_irr,
        "allowed_deviation": allowed_deviation,
        "timing": timing,
        "vehicle_id": vehicle_id,
    }
