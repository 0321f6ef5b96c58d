"""The trades of a fund, or of the firm, side by side; amounts add up within a currency and never across."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from vestry.cohorts.cashflows import figures
from vestry.cohorts.cashflows.books import Books, books_of
from vestry.cohorts.models import TradeTerms
from vestry.cohorts.months import first_day
from vestry.cohorts.rounds.dated import Moved, moved_of, settled_rate
from vestry.core.actor import Actor
from vestry.core.asking import day_asked
from vestry.core.fields import decimal_text
from vestry.core.history import as_known
from vestry.funds.models import Vehicle
from vestry.identity.access import theirs
from vestry.kernel.cohorts.months import money
from vestry.kernel.cohorts.terms import NO_CAP
from vestry.kernel.returns import irr

NOTHING = Decimal(0)
PLACES = Decimal("0.000001")


@dataclass(frozen=True, slots=True)
class Trade:
    """One trade as it stands. ``flows``: counted month → what it was that month, money out negative; a collection lies
    at its month's end, so in the one after. ``curve``: cumulative collected by period."""

    company_id: int
    company: str
    currency: str
    month: int
    trade_id: int
    vehicle_id: int | None
    sharing: Decimal
    outlay: Decimal
    collected: Decimal
    cap: Decimal | None
    capped: bool
    breaches: int
    annual_irr: float | None
    irr_status: str
    settled_irr: float | None
    settled_irr_status: str
    moved: Moved
    flows: dict[int, Decimal]
    curve: list[Decimal]

    @property
    def exposure(self) -> Decimal:
        """What was paid out and has not come back."""
        return max(self.outlay - self.collected, NOTHING)

    @property
    def cap_used(self) -> Decimal | None:
        """Collected ÷ the cap; None without a cap."""
        return None if self.cap is None else self.collected / self.cap

    @property
    def state(self) -> str:
        """What is to be said of it first."""
        return "cap_reached" if self.capped else "below_minimum" if self.breaches else "collecting"


SORTS: Final[dict[str, Callable[[Trade], Any]]] = {
    "company": lambda one: one.company.casefold(),
    "cohort_month": lambda one: one.month,
    "sharing_percentage": lambda one: one.sharing,
    "outlay": lambda one: one.outlay,
    "collected": lambda one: one.collected,
    "exposure": lambda one: one.exposure,
    "effective_cap": lambda one: one.cap,
    "cap_used": lambda one: one.cap_used,
    "breaches": lambda one: one.breaches,
    "annual_irr": lambda one: one.annual_irr,
}


@dataclass(frozen=True, slots=True)
class Chosen:
    """Which of the trades are shown, and in which order (``-name`` descends); what is empty leaves all."""

    q: str | None = None
    company_ids: Collection[int] = ()
    states: Collection[str] = ()
    sort: str = "company"

    def of(self, trades: Iterable[Trade]) -> list[Trade]:
        """The trades that are meant. Without a value to sort by they come last, whichever the direction."""
        text = (self.q or "").strip().casefold()
        kept = [
            one
            for one in sorted(trades, key=lambda one: (one.company.casefold(), one.company_id, one.month))
            if text in one.company.casefold()
            and (not self.company_ids or one.company_id in self.company_ids)
            and (not self.states or one.state in self.states)
        ]
        value = SORTS[self.sort.removeprefix("-")]
        kept.sort(key=lambda one: NOTHING if value(one) is None else value(one), reverse=self.sort.startswith("-"))
        return sorted(kept, key=lambda one: value(one) is None)


def portfolio(
    session: Session,
    actor: Actor,
    *,
    fund_id: int | None = None,
    vehicle_id: int | None = None,
    as_of: date | None = None,
    known_at: datetime | None = None,
    chosen: Chosen | None = None,
) -> dict[str, Any]:
    """Every trade the actor may see: of a fund, of a vehicle, or of all; the totals are of those that are chosen."""
    day_asked(session, actor, as_of)
    trades: list[Trade] = []
    for company_id, months in _funded(session, actor, fund_id, vehicle_id, known_at).items():
        books = books_of(session, actor, company_id, as_of=as_of, known_at=known_at)
        moved = moved_of(session, actor, books.company, as_of=as_of, known_at=known_at)
        trades += [one for one in _trades(books, moved) if one.month in months]
    trades = (chosen or Chosen()).of(trades)
    by_currency: dict[str, list[Trade]] = defaultdict(list)
    for trade in trades:
        by_currency[trade.currency].append(trade)
    return {
        "fund_id": fund_id,
        "vehicle_id": vehicle_id,
        "as_of": as_of,
        "known_at": known_at,
        "currencies": [_totals(currency, found) for currency, found in sorted(by_currency.items())],
        "trades": [_shown(one) for one in trades],
    }


def _funded(
    session: Session, actor: Actor, fund_id: int | None, vehicle_id: int | None, known_at: datetime | None
) -> dict[int, set[int]]:
    """Company → the counted cohort months on which there is a trade that is asked about."""
    known = as_known(TradeTerms, known_at)
    query = select(known.c.company_id, known.c.cohort_month).where(theirs(actor, known))
    if vehicle_id is not None:
        query = query.where(known.c.vehicle_id == vehicle_id)
    if fund_id is not None:
        mine = select(Vehicle.id).where(theirs(actor, Vehicle), Vehicle.fund_id == fund_id)
        query = query.where(known.c.vehicle_id.in_(mine))
    found: dict[int, set[int]] = defaultdict(set)
    for company_id, month in session.execute(query.order_by(known.c.company_id)):
        found[company_id].add(month.year * 12 + month.month - 1)
    return found


def _trades(books: Books, moved: dict[int, Moved]) -> Iterable[Trade]:
    result = figures.computed(books)
    digits = books.digits
    rates = result.annual_irr
    for row, month in enumerate(result.matrix.months.tolist()):
        terms = books.trades.get(month)
        if terms is None:
            continue
        count = int(result.valid[row].sum())
        curve = [money(round(one), digits) for one in result.cumulative_collected[row, :count].tolist()]
        flows: dict[int, Decimal] = defaultdict(lambda: NOTHING)
        later = 1 if books.timing_of(month) == "end_of_month" else 0
        outlay = money(int(result.outlay[row]), digits)
        flows[month] -= outlay
        for period, (upto, before) in enumerate(zip(curve, [NOTHING, *curve], strict=False)):
            flows[month + period + later] += upto - before
        cap = int(result.book.cap[row])
        yield Trade(
            books.company.id,
            books.company.name,
            books.company.currency,
            month,
            terms["id"],
            terms["vehicle_id"],
            terms["sharing_percentage"],
            outlay,
            curve[-1] if curve else NOTHING,
            None if cap == NO_CAP else money(cap, digits),
            bool(count and result.capped[row, count - 1]),
            int(result.failed[row].sum()),
            rates[row],
            result.statuses[row],
            *settled_rate([moved[month]] if month in moved else []),
            moved.get(month, Moved()),
            dict(flows),
            curve,
        )


def _shown(one: Trade) -> dict[str, Any]:
    return {
        "company_id": one.company_id,
        "company": one.company,
        "currency": one.currency,
        "cohort_month": first_day(one.month),
        "trade_id": one.trade_id,
        "vehicle_id": one.vehicle_id,
        "sharing_percentage": decimal_text(one.sharing),
        "outlay": decimal_text(one.outlay, 2),
        "collected": decimal_text(one.collected, 2),
        "exposure": decimal_text(one.exposure, 2),
        "effective_cap": None if one.cap is None else decimal_text(one.cap, 2),
        "cap_used": None if one.cap is None else _ratio(one.collected, one.cap),
        "capped": one.capped,
        "breaches": one.breaches,
        "state": one.state,
        "annual_irr": one.annual_irr,
        "irr_status": one.irr_status,
        "settled_irr": one.settled_irr,
        "settled_irr_status": one.settled_irr_status,
    }


def _totals(currency: str, trades: list[Trade]) -> dict[str, Any]:
    outlay, collected = sum((one.outlay for one in trades), NOTHING), sum((one.collected for one in trades), NOTHING)
    capped = [one for one in trades if one.cap is not None]
    caps = sum((one.cap for one in capped if one.cap is not None), NOTHING)
    rate, status = _rate(trades)
    settled_irr, settled_irr_status = settled_rate(one.moved for one in trades)
    return {
        "currency": currency,
        "trades": len(trades),
        "companies": len({one.company_id for one in trades}),
        "outlay": decimal_text(outlay, 2),
        "collected": decimal_text(collected, 2),
        "exposure": decimal_text(sum((one.exposure for one in trades), NOTHING), 2),
        "cap_used": _ratio(sum((one.collected for one in capped), NOTHING), caps),
        "breaches": sum(one.breaches for one in trades),
        "multiple": _ratio(collected, outlay),
        "annual_irr": rate,
        "irr_status": status,
        "settled_irr": settled_irr,
        "settled_irr_status": settled_irr_status,
        "vintages": _vintages(trades),
        "concentration": _concentration(trades),
    }


def _rate(trades: list[Trade]) -> tuple[float | None, str]:
    """The annual rate of all trades' flows together, by calendar month."""
    flows: dict[int, Decimal] = defaultdict(lambda: NOTHING)
    for trade in trades:
        for month, amount in trade.flows.items():
            flows[month] += amount
    if not flows:
        return None, "no_outlay"
    first, last = min(flows), max(flows)
    found = irr([flows.get(month, NOTHING) for month in range(first, last + 1)])
    if found.rate is None:
        return None, str(found.status)
    return (1 + found.rate) ** 12 - 1, str(found.status)


def _vintages(trades: list[Trade]) -> list[dict[str, Any]]:
    """By year of the cohort months: cumulative collected ÷ outlay by period, as far as every trade of it is known."""
    by_year: dict[int, list[Trade]] = defaultdict(list)
    for trade in trades:
        by_year[trade.month // 12].append(trade)
    curves = []
    for year, found in sorted(by_year.items()):
        outlay = sum((one.outlay for one in found), NOTHING)
        known = min(len(one.curve) for one in found)
        sums = [sum((one.curve[period] for one in found), NOTHING) for period in range(known)]
        curves.append(
            {
                "year": year,
                "trades": len(found),
                "outlay": decimal_text(outlay, 2),
                "collected_to_outlay": [_ratio(one, outlay) for one in sums],
                "periods": [_reached(found, period) for period in range(max(len(one.curve) for one in found))],
            }
        )
    return curves


def _reached(trades: list[Trade], period: int) -> dict[str, Any]:
    """Collected ÷ outlay up to a period, of the trades that are known that far."""
    known = [one for one in trades if len(one.curve) > period]
    collected = sum((one.curve[period] for one in known), NOTHING)
    outlay = sum((one.outlay for one in known), NOTHING)
    return {"period": period, "trades": len(known), "collected_to_outlay": _ratio(collected, outlay)}


def _concentration(trades: list[Trade]) -> dict[str, Any]:
    """What of the exposure hangs on each company, and the sum of the squared shares (1: all on one)."""
    by_company: dict[tuple[int, str], Decimal] = defaultdict(lambda: NOTHING)
    for trade in trades:
        by_company[trade.company_id, trade.company] += trade.exposure
    total = sum(by_company.values(), NOTHING)
    ranked = sorted(by_company.items(), key=lambda one: (-one[1], one[0]))
    return {
        "companies": [
            {
                "company_id": company_id,
                "company": name,
                "exposure": decimal_text(exposure, 2),
                "share": _ratio(exposure, total),
            }
            for (company_id, name), exposure in ranked
        ],
        "herfindahl": float(sum((exposure / total) ** 2 for exposure in by_company.values())) if total else None,
    }


def _ratio(part: Decimal, whole: Decimal) -> str | None:
    return decimal_text((part / whole).quantize(PLACES)) if whole else None
