"""The money that really moved, by cohort and day: what the dated rate of return is computed from."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Final, Protocol

from sqlalchemy import BigInteger, ColumnElement, FromClause, bindparam, select
from sqlalchemy.orm import Session

from vestry.cohorts.months import index_of
from vestry.cohorts.rounds.models import MonthlyRound, RoundStatement, RoundTransfer
from vestry.core.actor import Actor
from vestry.core.history import as_known
from vestry.core.model import Fact, table_of
from vestry.core.statements import Rows
from vestry.identity.access import of_firm, theirs, whole_firm
from vestry.kernel.money import allocate, decimals
from vestry.kernel.returns import xirr

NOTHING: Final = Decimal(0)
Flow = tuple[date, Decimal]
ROUND: Final = table_of(MonthlyRound)
TRANSFER: Final = table_of(RoundTransfer)
_MOVED: Final = ("kind", "paid_on", "amount")
# All that moved by now, as it is mostly asked.
_OF_NOW: Final = Rows(
    select(*(TRANSFER.c[name] for name in _MOVED), ROUND.c.month)
    .where(
        of_firm(bindparam("firm", type_=BigInteger), TRANSFER),
        TRANSFER.c.company_id == bindparam("company", type_=BigInteger),
        ROUND.c.id == TRANSFER.c.monthly_round_id,
        TRANSFER.c.voided_at.is_(None),
    )
    .order_by(TRANSFER.c.paid_on, TRANSFER.c.id)
)


class Company(Protocol):
    """The company of which it is asked."""

    @property
    def id(self) -> int: ...
    @property
    def currency(self) -> str: ...


@dataclass(slots=True)
class Moved:
    """The dated flows of one cohort, money out of the fund negative: what it paid, and what was settled."""

    paid: list[Flow] = field(default_factory=list)
    settled: list[Flow] = field(default_factory=list)


@dataclass(slots=True)
class _Statement:
    """A statement as far as it is open yet; ``shares``: counted cohort month → what it owed."""

    month: date
    open: Decimal
    shares: dict[int, Decimal]


def moved_of(
    session: Session, actor: Actor, company: Company, *, as_of: date | None, known_at: datetime | None
) -> dict[int, Moved]:
    """Counted cohort month → what moved for it. A round's funding is its own cohort's; a settlement is split over the
    cohorts of the statements it covers, the oldest first, by what each owed.

    Who sees a trade by its books alone does not see the company's rounds; of what is read here they get their trades'.
    """
    with whole_firm(session, actor) as firm:
        rows = _transfers(session, firm, company.id, as_of, known_at)
        stated = (
            _statements(session, firm, company.id, known_at) if any(kind == "settlement" for kind, *_ in rows) else {}
        )
    found: dict[int, Moved] = defaultdict(Moved)
    for kind, paid_on, amount, month in rows:
        if kind == "funding":
            found[index_of(month)].paid.append((paid_on, -amount))
            continue
        for cohort, part in _split(amount, month, stated, decimals(company.currency)):
            if part:
                found[cohort].settled.append((paid_on, part))
    return dict(found)


def settled_rate(flows: Iterable[Moved]) -> tuple[float | None, str]:
    """The effective annual rate on the days on which money moved, and its status; none before anything was settled."""
    known = list(flows)
    if not any(one.paid for one in known):
        return None, "nothing_funded"
    if not any(one.settled for one in known):
        return None, "nothing_settled"
    found = xirr([flow for one in known for flow in (*one.paid, *one.settled)])
    return found.rate, str(found.status)


def _split(amount: Decimal, month: date, stated: dict[date, _Statement], places: int) -> Iterable[tuple[int, Decimal]]:
    """The parts of a settlement by cohort: what is open first, and what is left by the statement it was paid for."""
    left = amount
    if amount > 0:
        for one in stated.values():
            taken = min(left, max(one.open, NOTHING))
            if taken:
                one.open -= taken
                left -= taken
                yield from _by_shares(taken, one, places)
    if left and month in stated:
        stated[month].open -= left
        yield from _by_shares(left, stated[month], places)


def _by_shares(amount: Decimal, one: _Statement, places: int) -> Iterable[tuple[int, Decimal]]:
    if sum(one.shares.values(), NOTHING):
        yield from zip(one.shares, allocate(amount, one.shares.values(), places), strict=True)


def _transfers(
    session: Session, actor: Actor, company_id: int, as_of: date | None, known_at: datetime | None
) -> list[tuple[str, date, Decimal, date]]:
    if as_of is None and known_at is None:
        return _OF_NOW.of(session, firm=actor.firm_id, company=company_id)
    known, live = _known(RoundTransfer, known_at)
    month = ROUND.c.month
    query = select(*(known.c[name] for name in _MOVED), month).where(
        theirs(actor, known), known.c.company_id == company_id, ROUND.c.id == known.c.monthly_round_id, *live
    )
    if as_of is not None:
        query = query.where(known.c.paid_on <= as_of)
    rows: Any = session.execute(query.order_by(known.c.paid_on, known.c.id)).all()
    return [tuple(row) for row in rows]


def _statements(session: Session, actor: Actor, company_id: int, known_at: datetime | None) -> dict[date, _Statement]:
    """Month → its statement, the oldest first."""
    known, live = _known(RoundStatement, known_at)
    month = ROUND.c.month
    query = select(month, known.c.total, known.c.lines).where(
        theirs(actor, known), known.c.company_id == company_id, ROUND.c.id == known.c.monthly_round_id, *live
    )
    return {
        at: _Statement(at, total, _shares(json.loads(lines)))
        for at, total, lines in session.execute(query.order_by(month))
    }


def _known(model: type[Fact], known_at: datetime | None) -> tuple[FromClause, list[ColumnElement[bool]]]:
    """The rows as known then; for now the plain table, which makes the lighter statement."""
    if known_at is not None:
        return as_known(model, known_at), []
    table = table_of(model)
    return table, [table.c.voided_at.is_(None)]


def _shares(lines: list[dict[str, Any]]) -> dict[int, Decimal]:
    return {
        index_of(date.fromisoformat(line["cohort_month"])): Decimal(line["collected"])
        for line in lines
        if line["collected"] is not None
    }
