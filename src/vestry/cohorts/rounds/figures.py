"""A round as it stands: what was planned, approved, paid, spent, stated and settled, and what looks odd about it."""

from __future__ import annotations

import json
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final

from sqlalchemy.orm import Session

from vestry.cohorts.cashflows import figures
from vestry.cohorts.cashflows.books import Books, books_of
from vestry.cohorts.months import index_of
from vestry.cohorts.rounds import queries, statements
from vestry.cohorts.rounds.models import MonthlyRound, RoundStatement, RoundTransfer
from vestry.cohorts.rounds.service import shared
from vestry.core.actor import Actor
from vestry.core.fields import decimal_text
from vestry.kernel.cohorts.months import money
from vestry.kernel.cohorts.terms import NO_CAP

NOTHING: Final = Decimal(0)
PLACES: Final = Decimal("0.000001")


@dataclass(frozen=True, slots=True)
class Standing:
    """A round with what it hangs on. ``spend`` is what is recorded of the month now; ``owed``: what the engine says
    now, ``lines`` cohort by cohort; ``effective_cap``: the agreed cash cap × actual ÷ planned spend."""

    row: MonthlyRound
    books: Books
    trade: dict[str, Any] | None
    spend: dict[str, Any] | None
    effective_cap: Decimal | None
    transfers: list[RoundTransfer]
    statement: RoundStatement | None
    lines: list[dict[str, Any]]
    carried: Decimal

    @property
    def owed(self) -> Decimal:
        """What the engine computes for the month now."""
        return statements.total_of(self.lines)

    @property
    def stated_lines(self) -> list[dict[str, Any]]:
        """What was stated where a statement was issued, else what would be."""
        return self.lines if self.statement is None else list(json.loads(self.statement.lines))

    def moved(self, kind: str) -> Decimal:
        """What was paid one way or the other."""
        return sum((one.amount for one in self.transfers if one.kind == kind), NOTHING)

    @property
    def balance(self) -> Decimal:
        """What is open with this month and all before it; negative: the company has paid too much."""
        total = self.owed if self.statement is None else self.statement.total
        return self.carried + total - self.moved("settlement")

    @property
    def funding_difference(self) -> Decimal | None:
        """What the fund's share of the actual spend is above what it paid; negative: the company has too much."""
        if self.spend is None or self.row.sharing_percentage is None:
            return None
        share = shared(self.row.sharing_percentage, self.spend["spend"], self.books.company.currency)
        return share - self.moved("funding")

    @property
    def deviation(self) -> Decimal | None:
        """Actual ÷ planned spend − 1; None while one of them is unknown or nothing was planned."""
        if self.spend is None or not self.row.planned_spend:
            return None
        spent: Decimal = self.spend["spend"]
        return (spent / self.row.planned_spend - 1).quantize(PLACES)


def standing(session: Session, actor: Actor, company_id: int, monthly_round_id: int) -> Standing:
    """Everything a round's answer is made of."""
    row = queries.one_round(session, actor, company_id, monthly_round_id)
    books = books_of(session, actor, company_id)
    cohort = index_of(row.month)
    trade, cap = books.trades.get(cohort), None
    if trade is not None:
        result = figures.computed(books)
        units = int(result.book.cap[result.matrix.months.tolist().index(cohort)])
        cap = None if units == NO_CAP else money(units, books.digits)
    stated = queries.statement_of(session, actor, row)
    return Standing(
        row,
        books,
        trade,
        books.spends.get(cohort),
        cap,
        queries.transfers_of(session, actor, row),
        stated,
        statements.lines_of(books, row.month),
        queries.carried_into(session, actor, company_id, row.month),
    )


def shown(session: Session, actor: Actor, found: Standing) -> dict[str, Any]:
    """The round as it goes out."""
    row, stated, trade = found.row, found.statement, found.trade or {}
    return {
        "id": row.id,
        "company_id": row.company_id,
        "currency": found.books.company.currency,
        "month": row.month,
        "state": row.state,
        "planned_spend": row.planned_spend,
        "trade_id": trade.get("id"),
        "sharing_percentage": row.sharing_percentage or trade.get("sharing_percentage"),
        "cash_cap": trade.get("cash_cap"),
        "effective_cap": found.effective_cap,
        "allowed_deviation": trade.get("allowed_deviation"),
        "funding_due": row.funding_due,
        "funded": found.moved("funding"),
        "actual_spend": found.spend["spend"] if found.spend else None,
        "deviation": found.deviation,
        "funding_difference": found.funding_difference,
        "owed_now": found.owed,
        "owed": None if stated is None else stated.total,
        "stated_at": None if stated is None else stated.recorded_at,
        "carried": found.carried,
        "settled": found.moved("settlement"),
        "balance": found.balance,
        "transfers": [_transfer(one) for one in found.transfers],
        "steps": queries.steps_of(session, actor, row),
        "findings": findings(found),
        "next": queries.may_follow(actor, row.state, row.planned_spend),
        "version": row.version,
        "recorded_at": row.recorded_at,
    }


def findings(found: Standing) -> list[dict[str, str]]:
    """What looks odd without being impossible, and what follows from it."""
    said = [_deviates(found), _cap_scales(found), _differs(found), _restated(found), _owed_back(found)]
    return [one for one in said if one is not None]


def _deviates(found: Standing) -> dict[str, str] | None:
    deviation, allowed = found.deviation, (found.trade or {}).get("allowed_deviation")
    if deviation is None or allowed is None or abs(deviation) <= allowed:
        return None
    assert found.spend is not None
    return _finding(
        "spend_deviates",
        f"The spend of {_text(found.spend['spend'])} lies {_percent(abs(deviation))} "
        f"{'above' if deviation > 0 else 'below'} the plan of "
        f"{_text(found.row.planned_spend)}; {_percent(allowed)} is allowed.",
    )


def _cap_scales(found: Standing) -> dict[str, str] | None:
    agreed = (found.trade or {}).get("cash_cap")
    if agreed is None or found.effective_cap is None or agreed == found.effective_cap:
        return None
    assert found.trade is not None
    return _finding(
        "cap_scales",
        f"The cap of {_text(agreed)} was agreed for a spend of {_text(found.trade['planned_spend'])}; "
        f"for what was spent it is {_text(found.effective_cap)}.",
    )


def _differs(found: Standing) -> dict[str, str] | None:
    difference = found.funding_difference
    if not difference:
        return None
    way = "the fund owes the company" if difference > 0 else "the company owes the fund"
    return _finding(
        "funding_differs",
        f"The fund paid {_text(found.moved('funding'))}; by its share of the actual spend {way} "
        f"{_text(abs(difference))}.",
    )


def _restated(found: Standing) -> dict[str, str] | None:
    stated = found.statement
    if stated is None or stated.total == found.owed:
        return None
    return _finding(
        "restated",
        f"{_text(stated.total)} was stated; by what is recorded now the month comes to {_text(found.owed)}. "
        "Step back and issue the statement again to state it.",
    )


def _owed_back(found: Standing) -> dict[str, str] | None:
    if found.statement is None or found.balance >= 0:
        return None
    return _finding("overpaid", f"{_text(-found.balance)} was paid too much, and is carried to the next month.")


def _finding(code: str, message: str) -> dict[str, str]:
    return {"code": code, "message": message}


def _transfer(one: RoundTransfer) -> dict[str, Any]:
    return {
        "id": one.id,
        "kind": one.kind,
        "paid_on": one.paid_on,
        "amount": one.amount,
        "recorded_at": one.recorded_at,
        "version": one.version,
    }


def _text(amount: Decimal) -> str:
    return f"{Decimal(decimal_text(amount, 2)):,}"


def _percent(fraction: Decimal) -> str:
    return f"{decimal_text((fraction * 100).normalize())} %"
