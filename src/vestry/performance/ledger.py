"""A fund's ledger: every dated fact of its vehicles in one list, whichever table it lies in."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Final

from sqlalchemy import (
    BigInteger,
    Double,
    FromClause,
    Integer,
    Select,
    String,
    and_,
    case,
    cast,
    literal,
    null,
    or_,
    select,
    type_coerce,
    union_all,
)
from sqlalchemy.orm import Session

from vestry.capital.models import (
    ENTRY_SIGN,
    CapitalCall,
    CapitalCallLine,
    Commitment,
    Distribution,
    DistributionLine,
    VehicleEntry,
)
from vestry.companies.models import Company
from vestry.core.actor import Actor
from vestry.core.fields import name_key
from vestry.core.history import as_known
from vestry.core.listing import Listing, paginate
from vestry.core.model import Fact
from vestry.core.paging import Column, Page, contains, sort_of
from vestry.core.types import Money, exact_sum, rough_sum
from vestry.funds.models import Fund, Vehicle
from vestry.identity.access import find, require, theirs
from vestry.identity.policy import hides
from vestry.investments.models import CASH_SIGN, Holding, Investment, Transaction
from vestry.investors.models import Investor
from vestry.valuations.models import ReportedNav, ValuationMark

Query = Select[*tuple[Any, ...]]
Totals = tuple[Decimal, Decimal | None]
NOTHING = Decimal("0.0000")

SIZES: Final = ("amount", "cash")
SORTS: Final = ("on", "kind", "recorded_at", *SIZES)
DEFAULT: Final = "-on"

# As the API's paths name the tables; the place in the list makes ids of different tables differ.
RECORDS: Final = (
    "commitments",
    "capital-calls",
    "distributions",
    "vehicle-entries",
    "transactions",
    "marks",
    "reported-navs",
)
# What is kept line by line: its lines, and the column that names their whole.
LINES: Final[dict[str, tuple[type[Fact], str]]] = {
    "capital-calls": (CapitalCallLine, "capital_call_id"),
    "distributions": (DistributionLine, "distribution_id"),
}
# Whose memo or source the policy may hide.
NOTES: Final = {
    "transactions": ("transaction", "memo"),
    "vehicle-entries": ("vehicle_entry", "memo"),
    "reported-navs": ("reported_nav", "source"),
}
_KINDS: Final = {"transactions": tuple(CASH_SIGN), "vehicle-entries": tuple(ENTRY_SIGN)}


def list_ledger(
    session: Session,
    actor: Actor,
    page: Page,
    fund_id: int,
    *,
    as_of: date | None,
    known_at: datetime | None,
    record: str | None,
    include_voided: bool = False,
) -> dict[str, Any]:
    """A page of a fund's facts up to a day, as they were known; ``record`` limits it to one table of RECORDS.

    ``cash`` is what the fact did to the fund's cash (out negative), None for what moves none, for what is not paid yet
    and for what was voided: all pages' cash sums to the fund's cash. ``include_voided`` adds what was taken back, for
    those who may read what was recorded when.
    """
    if include_voided:
        require(actor, "history.read")
    find(session, actor, Fund, fund_id, noun="fund")
    wanted = [name for name in RECORDS if record in (None, name)]
    sized = sort_of(page.sort or DEFAULT, SORTS)[1] in SIZES
    asked = _Asked(actor, fund_id, known_at, include_voided, sized)
    ledger = union_all(*(_rows(asked, name) for name in wanted)).subquery("ledger")
    query = select(*(column for column in ledger.c if not column.name.endswith("_key")))
    if as_of:
        query = query.where(ledger.c.on <= as_of)
    if page.q:
        names = (contains(ledger.c.company_key, name_key(page.q)), contains(ledger.c.investor_key, name_key(page.q)))
        query = query.where(or_(*names, contains(ledger.c.memo, page.q)))
    keys = {name: f"{name}_key" if name in SIZES else name for name in SORTS}
    # Sizes are only worked out where they are sorted by; what else might be sorted by is then not asked for.
    sorts = {name: ledger.c[key] for name, key in keys.items() if key in ledger.c}
    found = paginate(session, Listing(query, sorts, ledger.c.row_key, DEFAULT), page)
    totals = {name: _totals(session, actor, name, found["items"], known_at) for name in LINES}
    return found | {"items": [_with_amounts(item, totals) for item in found["items"]]}


def _with_amounts(item: dict[str, Any], totals: dict[str, dict[int, Totals]]) -> dict[str, Any]:
    record, sign = item["record"], cash_sign(item["record"], item["kind"])
    sign = 0 if item["voided_at"] else sign
    amount = paid = item["amount"]
    if record in totals:
        amount, paid = totals[record].get(item["id"], (NOTHING, None))
    return item | {"amount": amount, "cash": sign * paid if sign and paid is not None else None}


def _totals(
    session: Session, actor: Actor, record: str, items: list[dict[str, Any]], known_at: datetime | None
) -> dict[int, Totals]:
    """All lines and the paid ones (None: no line) of a page's calls or distributions, summed on their own: exact sums
    do not mix with plain amounts in SQL. A voided call's lines are those that were taken back with it."""
    model, parent = LINES[record]
    whole = {item["id"]: item["voided_at"] for item in items if item["record"] == record}
    if not whole:
        return {}
    gone = {fact_id: at for fact_id, at in whole.items() if at}
    known = as_known(model, known_at, voided=bool(gone))
    mine = known.c[parent].in_([fact_id for fact_id in whole if fact_id not in gone]) & known.c.voided_at.is_(None)
    with_them = (and_(known.c[parent] == fact_id, known.c.voided_at == at) for fact_id, at in gone.items())
    query = (
        select(known.c[parent], exact_sum(known.c.amount), exact_sum(_paid(known)))
        .where(theirs(actor, known), or_(mine, *with_them))
        .group_by(known.c[parent])
    )
    return {row[0]: (row[1], row[2]) for row in session.execute(query)}


def _paid(lines: FromClause) -> Column:
    return type_coerce(case((lines.c.paid_on.is_not(None), lines.c.amount)), Money)


def cash_sign(record: str, kind: str) -> int:
    """What a fact does to the fund's cash: −1 out, +1 in, 0 nothing."""
    if record == "transactions":
        return CASH_SIGN[kind]
    if record == "vehicle-entries":
        return ENTRY_SIGN.get(kind, 0)
    return {"capital-calls": 1, "distributions": -1}.get(record, 0)


@dataclass(frozen=True, slots=True)
class _Asked:
    """Whose ledger of which fund, as known when; ``sized`` adds the keys that an order by size goes by."""

    actor: Actor
    fund_id: int
    known_at: datetime | None
    voided: bool
    sized: bool

    def known(self, model: type[Fact]) -> FromClause:
        return as_known(model, self.known_at, voided=self.voided)


@dataclass(frozen=True, slots=True)
class _Table:
    """Where a table keeps what the ledger shows; ``kind`` is a column's name or, where there is none, the word itself.
    Without ``amount`` it has lines. ``held``: it is about a holding, of which the company is shown."""

    model: type[Fact]
    on: str
    kind: str = "kind"
    amount: str | None = "amount"
    memo: str | None = None
    held: bool = False


_TABLES: Final[dict[str, _Table]] = {
    "commitments": _Table(Commitment, "committed_on", kind="commitment"),
    "capital-calls": _Table(CapitalCall, "called_on", amount=None, memo="purpose"),
    "distributions": _Table(Distribution, "declared_on", amount=None, memo="purpose"),
    "vehicle-entries": _Table(VehicleEntry, "entered_on", memo="memo"),
    "transactions": _Table(Transaction, "transacted_on", memo="memo", held=True),
    # A mark of all of a company's equity belongs to no fund's ledger.
    "marks": _Table(ValuationMark, "measured_on", kind="mark", amount="fair_value", memo="memo", held=True),
    "reported-navs": _Table(ReportedNav, "reported_on", kind="reported_nav", memo="source"),
}


def _rows(asked: _Asked, record: str) -> Query:
    """One table's rows of the fund in the ledger's columns."""
    table = _TABLES[record]
    known = asked.known(table.model)
    kind = known.c[table.kind] if table.kind in known.c else literal(table.kind, String)
    amount = None if table.amount is None else known.c[table.amount]
    nothing = cast(null(), String)
    has_investor = "investor_id" in known.c
    hidden = record in NOTES and hides(asked.actor.role, *NOTES[record])
    memo = nothing if hidden or table.memo is None else known.c[table.memo]
    query: Query = select(
        (known.c.id * len(RECORDS) + RECORDS.index(record)).cast(BigInteger).label("row_key"),
        literal(record, String).label("record"),
        known.c.id.label("id"),
        known.c[table.on].label("on"),
        kind.label("kind"),
        (Company.name if table.held else nothing).label("company"),
        (Company.name_key if table.held else nothing).label("company_key"),
        (Investor.name if has_investor else nothing).label("investor"),
        (Investor.name_key if has_investor else nothing).label("investor_key"),
        memo.label("memo"),
        (cast(null(), Money) if amount is None else amount).label("amount"),
        Vehicle.currency.label("currency"),
        known.c.version.label("version"),
        known.c.recorded_at.label("recorded_at"),
        known.c.voided_at.label("voided_at"),
        known.c.void_reason.label("void_reason"),
    )
    if asked.sized:
        query = query.add_columns(*_sizes(asked, known, record, kind, amount))
    query = query.select_from(known).where(theirs(asked.actor, known), Vehicle.fund_id == asked.fund_id)
    if has_investor:  # a NAV may be of all investors together
        query = query.join(Investor, Investor.id == known.c.investor_id, isouter=record == "reported-navs")
    if not table.held:
        return query.join(Vehicle, Vehicle.id == known.c.vehicle_id)
    return (
        query.join(Holding, Holding.id == known.c.holding_id)
        .join(Investment, Investment.id == Holding.investment_id)
        .join(Company, Company.id == Investment.company_id)
        .join(Vehicle, Vehicle.id == Investment.vehicle_id)
    )


def _sizes(asked: _Asked, known: FromClause, record: str, kind: Column, amount: Column | None) -> tuple[Column, Column]:
    """What a row's amount and cash are sorted by: floats, exact up to nine hundred billion."""
    size: Column = cast(amount, Double) if amount is not None else _of_lines(asked, known, record, lambda c: c.c.amount)
    paid = size if amount is not None else _of_lines(asked, known, record, _paid)
    signs = {name: cash_sign(record, name) for name in _KINDS.get(record, ())}
    sign = case(signs, value=kind, else_=null()) if signs else literal(cash_sign(record, ""), Integer)
    live = and_(known.c.voided_at.is_(None), sign != 0)
    return size.label("amount_key"), case((live, paid * sign), else_=null()).label("cash_key")


def _of_lines(asked: _Asked, known: FromClause, record: str, part: Callable[[FromClause], Column]) -> Column:
    model, parent = LINES[record]
    lines = asked.known(model)
    same = lines.c.voided_at.is_not_distinct_from(known.c.voided_at)
    mine = and_(theirs(asked.actor, lines), lines.c[parent] == known.c.id, same)
    return select(rough_sum(part(lines))).where(mine).correlate(known).scalar_subquery()
