"""What a statement says, and to whom: the one set of figures behind its JSON, PDF and XLSX."""

from __future__ import annotations

from decimal import Decimal
from typing import Any, Literal

from sqlalchemy.orm import Session

from vestry.cohorts.rounds.figures import Standing
from vestry.core.actor import Actor
from vestry.core.errors import Forbidden
from vestry.core.fields import decimal_text
from vestry.identity.models import Firm

Side = Literal["fund", "company"]
# What only the fund reads of a cohort: what it put in, and what came back of that.
FUND_ONLY = ("outlay", "exposure")
_LINE = (
    "cohort_month", "period", "spend", "sharing_percentage", "effective_cap", "payment", "share_applied", "reasons",
    "collected", "cumulative_collected", "remaining_to_cap",
)  # fmt: skip


class OtherSide(Forbidden):
    """A company reads its own statement, not the fund's."""


def side_for(actor: Actor, asked: Side | None) -> Side:
    """Whose statement it is: whoever works for the company gets the company's."""
    if actor.role != "company_contact":
        return asked or "fund"
    if asked == "fund":
        raise OtherSide("This is the fund's statement.", mend="Ask for side=company.")
    return "company"


def contents(session: Session, actor: Actor, found: Standing, side: Side) -> dict[str, Any]:
    """The statement: as it was issued, else a draft of what would be stated now; settlements as recorded by now."""
    row, stated = found.row, found.statement
    company = found.books.company
    total = found.owed if stated is None else stated.total
    return {
        "monthly_round_id": row.id,
        "company_id": row.company_id,
        "side": side,
        "firm": session.get_one(Firm, actor.firm_id).name,
        "company": company.name,
        "currency": company.currency,
        "month": row.month,
        "state": row.state,
        "draft": stated is None,
        "stated_at": None if stated is None else stated.recorded_at,
        "known_at": session.info["now"],
        "planned_spend": row.planned_spend,
        "actual_spend": found.spend["spend"] if found.spend else None,
        "funding_due": row.funding_due,
        "funded": found.moved("funding"),
        "funding_difference": found.funding_difference,
        "carried": found.carried,
        "carried_when_stated": None if stated is None else stated.carried,
        "total": total,
        "settled": found.moved("settlement"),
        "balance": found.balance,
        "settlements": [
            {"paid_on": one.paid_on, "amount": one.amount} for one in found.transfers if one.kind == "settlement"
        ],
        "lines": [_line(line, side) for line in found.stated_lines],
    }


def _line(line: dict[str, Any], side: Side) -> dict[str, Any]:
    told = {name: line[name] for name in _LINE} | dict.fromkeys(FUND_ONLY)
    if side == "fund":
        told["outlay"] = line["outlay"]
        told["exposure"] = _exposure(line)
    return told


def _exposure(line: dict[str, Any]) -> str | None:
    if line["cumulative_collected"] is None:
        return None
    return decimal_text(max(Decimal(line["outlay"]) - Decimal(line["cumulative_collected"]), Decimal(0)), 2)
