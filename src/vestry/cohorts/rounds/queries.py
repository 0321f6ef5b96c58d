"""Every SELECT of monthly rounds, limited to what the actor may see."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import Select, and_, func, select
from sqlalchemy.orm import Session, aliased

from vestry.cohorts.models import AcquisitionSpend, TradeTerms
from vestry.cohorts.rounds import steps
from vestry.cohorts.rounds.models import MonthlyRound, RoundStatement, RoundTransfer
from vestry.companies.models import Company
from vestry.core.actor import Actor
from vestry.core.errors import NotFound
from vestry.core.fields import decimal_text
from vestry.core.history import versions
from vestry.core.listing import Listing
from vestry.core.types import exact_sum
from vestry.identity import access, corrections
from vestry.identity.access import find, theirs, visible
from vestry.identity.models import Firm

NOTHING = Decimal(0)
_SHOWN = ("id", "company_id", "month", "state", "planned_spend", "funding_due", "version", "recorded_at")


def list_rounds(session: Session, actor: Actor, company_id: int) -> Listing:
    """The live rounds of a company with their amounts."""
    company = find(session, actor, Company, company_id, noun="company")
    row = MonthlyRound
    spent = select(AcquisitionSpend.spend).where(
        AcquisitionSpend.company_id == row.company_id,
        AcquisitionSpend.cohort_month == row.month,
        AcquisitionSpend.voided_at.is_(None),
    )
    stated = select(RoundStatement.total).where(
        RoundStatement.company_id == row.company_id,
        RoundStatement.monthly_round_id == row.id,
        RoundStatement.voided_at.is_(None),
    )
    query = select(
        *(getattr(row, name) for name in _SHOWN),
        spent.scalar_subquery().label("actual_spend"),
        _moved("funding").scalar_subquery().label("funded"),
        stated.scalar_subquery().label("owed"),
        _moved("settlement").scalar_subquery().label("settled"),
        _stated_until().scalar_subquery().label("stated_until"),
        _settled_until().scalar_subquery().label("settled_until"),
    ).where(theirs(actor, row), row.voided_at.is_(None), row.company_id == company_id)

    def finish(item: dict[str, Any]) -> dict[str, Any]:
        stated, settled = item.pop("stated_until") or NOTHING, item.pop("settled_until") or NOTHING
        for name in ("funded", "settled"):
            item[name] = decimal_text(item[name] or NOTHING, 2)
        item["balance"] = decimal_text(stated - settled, 2)
        item["currency"] = company.currency
        item["next"] = may_follow(actor, item["state"], Decimal(item["planned_spend"]))
        return item

    sorts = {"id": row.id, "month": row.month, "state": row.state, "recorded_at": row.recorded_at}
    return Listing(query, sorts, row.id, "-month", finish=finish)


def may_follow(actor: Actor, state: str, planned: Decimal) -> list[str]:
    """The steps that may come next, and that the actor's role may take."""
    return [step for step in steps.follows(state, planned) if access.permits(actor, PERMISSIONS[step])]


PERMISSIONS = {
    "plan": "monthly_round.report",
    "report": "monthly_round.report",
    "approve": "monthly_round.approve",
    "decline": "monthly_round.approve",
    "fund": "monthly_round.change",
    "issue": "monthly_round.change",
    "settle": "monthly_round.change",
    "step_back": "monthly_round.change",
    "void": "monthly_round.change",
}


def one_round(
    session: Session, actor: Actor, company_id: int, monthly_round_id: int, *, lock: bool = False
) -> MonthlyRound:
    """One live round of this company."""
    row = find(session, actor, MonthlyRound, monthly_round_id, noun="monthly round", lock=lock)
    if row.company_id != company_id:
        raise NotFound("monthly round")
    return row


def trade_of(session: Session, actor: Actor, row: MonthlyRound) -> TradeTerms | None:
    """The live trade on the round's cohort, if one is agreed."""
    query = visible(actor, TradeTerms).where(
        TradeTerms.company_id == row.company_id, TradeTerms.cohort_month == row.month
    )
    return session.scalars(query).one_or_none()


def spend_of(session: Session, actor: Actor, row: MonthlyRound) -> AcquisitionSpend | None:
    """What is recorded of the month's spend, by the round or otherwise."""
    query = visible(actor, AcquisitionSpend).where(
        AcquisitionSpend.company_id == row.company_id, AcquisitionSpend.cohort_month == row.month
    )
    return session.scalars(query).one_or_none()


def statement_of(session: Session, actor: Actor, row: MonthlyRound) -> RoundStatement | None:
    """The statement that was issued for the round and not taken back."""
    query = visible(actor, RoundStatement).where(
        RoundStatement.company_id == row.company_id, RoundStatement.monthly_round_id == row.id
    )
    return session.scalars(query).one_or_none()


def transfers_of(session: Session, actor: Actor, row: MonthlyRound, kind: str | None = None) -> list[RoundTransfer]:
    """The live transfers of a round, the oldest first."""
    query = visible(actor, RoundTransfer).where(
        RoundTransfer.company_id == row.company_id, RoundTransfer.monthly_round_id == row.id
    )
    if kind is not None:
        query = query.where(RoundTransfer.kind == kind)
    return list(session.scalars(query.order_by(RoundTransfer.paid_on, RoundTransfer.id)))


def stated_rounds(session: Session, actor: Actor, company_id: int) -> list[tuple[MonthlyRound, RoundStatement]]:
    """Every stated round of a company with its statement, by month."""
    query = (
        select(MonthlyRound, RoundStatement)
        .join(
            RoundStatement,
            and_(RoundStatement.monthly_round_id == MonthlyRound.id, RoundStatement.voided_at.is_(None)),
        )
        .where(theirs(actor, MonthlyRound), MonthlyRound.voided_at.is_(None), MonthlyRound.company_id == company_id)
    )
    return [(row, stated) for row, stated in session.execute(query.order_by(MonthlyRound.month))]


def settled_in_all(session: Session, actor: Actor, company_id: int) -> Decimal:
    """Everything a company settled, of whichever month."""
    query = select(exact_sum(RoundTransfer.amount)).where(
        theirs(actor, RoundTransfer),
        RoundTransfer.company_id == company_id,
        RoundTransfer.kind == "settlement",
        RoundTransfer.voided_at.is_(None),
    )
    return session.scalar(query) or NOTHING


def carried_into(session: Session, actor: Actor, company_id: int, month: date) -> Decimal:
    """What was open before a month: stated for earlier months, less what was settled for them."""
    earlier = (theirs(actor, MonthlyRound), MonthlyRound.company_id == company_id, MonthlyRound.month < month)
    stated = session.scalar(
        select(exact_sum(RoundStatement.total))
        .join(MonthlyRound, MonthlyRound.id == RoundStatement.monthly_round_id)
        .where(*earlier, RoundStatement.voided_at.is_(None), MonthlyRound.voided_at.is_(None))
    )
    settled = session.scalar(
        select(exact_sum(RoundTransfer.amount))
        .join(MonthlyRound, MonthlyRound.id == RoundTransfer.monthly_round_id)
        .where(*earlier, RoundTransfer.voided_at.is_(None), RoundTransfer.kind == "settlement")
    )
    return (stated or NOTHING) - (settled or NOTHING)


def has_later_statement(session: Session, actor: Actor, row: MonthlyRound) -> bool:
    """Whether a later month was stated already."""
    query = (
        select(func.count())
        .select_from(RoundStatement)
        .join(MonthlyRound, MonthlyRound.id == RoundStatement.monthly_round_id)
        .where(
            theirs(actor, MonthlyRound),
            MonthlyRound.company_id == row.company_id,
            MonthlyRound.month > row.month,
            RoundStatement.voided_at.is_(None),
        )
    )
    return bool(session.scalar(query))


def steps_of(session: Session, actor: Actor, row: MonthlyRound) -> list[dict[str, Any]]:
    """Who did what and when, the oldest first. Who works for the company reads the firm's name, not its people's."""
    outside = actor.role == "company_contact"
    firm = session.get_one(Firm, actor.firm_id).name
    return [
        {
            "version": one["version"],
            "step": one["step"],
            "state": one["state"],
            "at": one["recorded_at"],
            "by": firm if outside and one["side"] == "fund" else one["done_by"],
            "side": one["side"],
            "on": one["step_on"],
            "amount": one["step_amount"],
            "reason": one["reason"],
        }
        for one in _lasting(versions(session, MonthlyRound, row.id))
    ]


def past_of(session: Session, actor: Actor, company_id: int, monthly_round_id: int) -> list[dict[str, Any]]:
    """Every version of a round, also of one that was taken back, the oldest first."""
    found = corrections.versions_of(session, actor, MonthlyRound, monthly_round_id, noun="monthly round")
    if found[-1]["company_id"] != company_id:
        raise NotFound("monthly round")
    return [dict(one) for one in found]


def _lasting(found: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """Without what was superseded in the very transaction that wrote it."""
    return [one for one in found if one["superseded_at"] is None or one["superseded_at"] > one["recorded_at"]]


def _moved(kind: str) -> Select[Any]:
    return select(exact_sum(RoundTransfer.amount)).where(
        RoundTransfer.company_id == MonthlyRound.company_id,
        RoundTransfer.monthly_round_id == MonthlyRound.id,
        RoundTransfer.kind == kind,
        RoundTransfer.voided_at.is_(None),
    )


def _stated_until() -> Select[Any]:
    """What was stated for this month and all earlier ones."""
    other = aliased(MonthlyRound)
    return (
        select(exact_sum(RoundStatement.total))
        .join(other, other.id == RoundStatement.monthly_round_id)
        .where(
            other.company_id == MonthlyRound.company_id,
            other.month <= MonthlyRound.month,
            RoundStatement.voided_at.is_(None),
        )
        .correlate(MonthlyRound)
    )


def _settled_until() -> Select[Any]:
    other = aliased(MonthlyRound)
    return (
        select(exact_sum(RoundTransfer.amount))
        .join(other, other.id == RoundTransfer.monthly_round_id)
        .where(
            other.company_id == MonthlyRound.company_id,
            other.month <= MonthlyRound.month,
            RoundTransfer.kind == "settlement",
            RoundTransfer.voided_at.is_(None),
        )
        .correlate(MonthlyRound)
    )
