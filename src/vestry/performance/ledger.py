"""A fund's ledger: every dated fact of its vehicles in one list, whichever table it lies in."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Any, Final

from sqlalchemy import (
    BigInteger,
    FromClause,
    Select,
    String,
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
from vestry.core.model import Fact
from vestry.core.paging import Column, Page, contains, paginate
from vestry.core.types import Money, exact_sum
from vestry.funds.models import Fund, Vehicle
from vestry.identity.access import find, theirs
from vestry.investments.models import CASH_SIGN, Holding, Investment, Transaction
from vestry.investors.models import Investor
from vestry.valuations.models import ReportedNav, ValuationMark

Query = Select[*tuple[Any, ...]]
Totals = tuple[Decimal, Decimal | None]
NOTHING = Decimal("0.0000")

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


def list_ledger(
    session: Session,
    actor: Actor,
    page: Page,
    fund_id: int,
    *,
    as_of: date | None,
    known_at: datetime | None,
    record: str | None,
) -> dict[str, Any]:
    """A page of a fund's facts up to a day, as they were known; ``record`` limits it to one table of RECORDS.

    ``cash`` is what the fact did to the fund's cash (out negative), None for what moves none and for what is not paid
    yet: all pages' cash sums to the fund's cash.
    """
    find(session, actor, Fund, fund_id, noun="fund")
    wanted = [name for name in RECORDS if record in (None, name)]
    ledger = union_all(*(_SOURCES[name](actor, fund_id, known_at) for name in wanted)).subquery("ledger")
    query = select(*(column for column in ledger.c if not column.name.endswith("_key")))
    if as_of:
        query = query.where(ledger.c.on <= as_of)
    if page.q:
        names = (contains(ledger.c.company_key, name_key(page.q)), contains(ledger.c.investor_key, name_key(page.q)))
        query = query.where(or_(*names, contains(ledger.c.memo, page.q)))
    sorts = {name: ledger.c[name] for name in ("on", "kind", "recorded_at")}
    found = paginate(session, query, page, columns=sorts, key=ledger.c.row_key, default="-on")
    totals = {
        "capital-calls": _totals(session, CapitalCallLine, "capital_call_id", found["items"], known_at),
        "distributions": _totals(session, DistributionLine, "distribution_id", found["items"], known_at),
    }
    return found | {"items": [_with_amounts(item, totals) for item in found["items"]]}


def _with_amounts(item: dict[str, Any], totals: dict[str, dict[int, Totals]]) -> dict[str, Any]:
    record, sign = item["record"], cash_sign(item["record"], item["kind"])
    amount = paid = item["amount"]
    if record in totals:
        amount, paid = totals[record].get(item["id"], (NOTHING, None))
    return item | {"amount": amount, "cash": sign * paid if sign and paid is not None else None}


def _totals(
    session: Session, line: type[Fact], parent: str, items: list[dict[str, Any]], known_at: datetime | None
) -> dict[int, Totals]:
    """All lines and the paid ones (None: no line) of a page's calls or distributions, summed on their own: exact sums
    do not mix with plain amounts in SQL."""
    record = "capital-calls" if line is CapitalCallLine else "distributions"
    ids = [item["id"] for item in items if item["record"] == record]
    known = as_known(line, known_at)
    if not ids:
        return {}
    paid = type_coerce(case((known.c.paid_on.is_not(None), known.c.amount)), Money)
    query = (
        select(known.c[parent], exact_sum(known.c.amount), exact_sum(paid))
        .where(known.c[parent].in_(ids))
        .group_by(known.c[parent])
    )
    return {row[0]: (row[1], row[2]) for row in session.execute(query)}


def cash_sign(record: str, kind: str) -> int:
    """What a fact does to the fund's cash: −1 out, +1 in, 0 nothing."""
    if record == "transactions":
        return CASH_SIGN[kind]
    if record == "vehicle-entries":
        return ENTRY_SIGN.get(kind, 0)
    return {"capital-calls": 1, "distributions": -1}.get(record, 0)


def _source(
    actor: Actor,
    known: FromClause,
    record: str,
    *,
    kind: Column,
    on: str,
    amount: Column,
    memo: Column | None = None,
    company: bool = False,
    investor: bool = False,
) -> Query:
    """One table's rows in the ledger's columns; the caller joins what it names."""
    nothing = cast(null(), String)
    query: Query = select(
        (known.c.id * len(RECORDS) + RECORDS.index(record)).cast(BigInteger).label("row_key"),
        literal(record, String).label("record"),
        known.c.id.label("id"),
        known.c[on].label("on"),
        kind.label("kind"),
        (Company.name if company else nothing).label("company"),
        (Company.name_key if company else nothing).label("company_key"),
        (Investor.name if investor else nothing).label("investor"),
        (Investor.name_key if investor else nothing).label("investor_key"),
        (nothing if memo is None else memo).label("memo"),
        amount.label("amount"),
        Vehicle.currency.label("currency"),
        known.c.version.label("version"),
        known.c.recorded_at.label("recorded_at"),
    )
    return query.select_from(known).where(theirs(actor, known))


def _commitments(actor: Actor, fund_id: int, known_at: datetime | None) -> Query:
    known = as_known(Commitment, known_at)
    query = _source(
        actor,
        known,
        "commitments",
        kind=literal("commitment", String),
        on="committed_on",
        amount=known.c.amount,
        investor=True,
    ).join(Investor, Investor.id == known.c.investor_id)
    return _in_fund(query, known, fund_id)


def _calls(actor: Actor, fund_id: int, known_at: datetime | None) -> Query:
    known = as_known(CapitalCall, known_at)
    query = _source(
        actor,
        known,
        "capital-calls",
        kind=known.c.kind,
        on="called_on",
        amount=cast(null(), Money),
        memo=known.c.purpose,
    )
    return _in_fund(query, known, fund_id)


def _distributions(actor: Actor, fund_id: int, known_at: datetime | None) -> Query:
    known = as_known(Distribution, known_at)
    query = _source(
        actor,
        known,
        "distributions",
        kind=known.c.kind,
        on="declared_on",
        amount=cast(null(), Money),
        memo=known.c.purpose,
    )
    return _in_fund(query, known, fund_id)


def _entries(actor: Actor, fund_id: int, known_at: datetime | None) -> Query:
    known = as_known(VehicleEntry, known_at)
    query = _source(
        actor,
        known,
        "vehicle-entries",
        kind=known.c.kind,
        on="entered_on",
        amount=known.c.amount,
        memo=known.c.memo,
    )
    return _in_fund(query, known, fund_id)


def _transactions(actor: Actor, fund_id: int, known_at: datetime | None) -> Query:
    known = as_known(Transaction, known_at)
    query = (
        _source(
            actor,
            known,
            "transactions",
            kind=known.c.kind,
            on="transacted_on",
            amount=known.c.amount,
            memo=known.c.memo,
            company=True,
        )
        .join(Holding, Holding.id == known.c.holding_id)
        .join(Investment, Investment.id == Holding.investment_id)
        .join(Company, Company.id == Investment.company_id)
        .join(Vehicle, Vehicle.id == Investment.vehicle_id)
    )
    return query.where(Vehicle.fund_id == fund_id)


def _marks(actor: Actor, fund_id: int, known_at: datetime | None) -> Query:
    """Marks of the fund's holdings; a mark of all of a company's equity belongs to no fund's ledger."""
    known = as_known(ValuationMark, known_at)
    query = (
        _source(
            actor,
            known,
            "marks",
            kind=literal("mark", String),
            on="measured_on",
            amount=known.c.fair_value,
            memo=known.c.memo,
            company=True,
        )
        .join(Holding, Holding.id == known.c.holding_id)
        .join(Investment, Investment.id == Holding.investment_id)
        .join(Company, Company.id == Investment.company_id)
        .join(Vehicle, Vehicle.id == Investment.vehicle_id)
    )
    return query.where(Vehicle.fund_id == fund_id)


def _reported(actor: Actor, fund_id: int, known_at: datetime | None) -> Query:
    known = as_known(ReportedNav, known_at)
    query = _source(
        actor,
        known,
        "reported-navs",
        kind=literal("reported_nav", String),
        on="reported_on",
        amount=known.c.amount,
        memo=known.c.source,
        investor=True,
    ).outerjoin(Investor, Investor.id == known.c.investor_id)
    return _in_fund(query, known, fund_id)


def _in_fund(query: Query, known: FromClause, fund_id: int) -> Query:
    return query.join(Vehicle, Vehicle.id == known.c.vehicle_id).where(Vehicle.fund_id == fund_id)


_SOURCES: Final = dict(
    zip(
        RECORDS,
        (_commitments, _calls, _distributions, _entries, _transactions, _marks, _reported),
        strict=True,
    )
)
