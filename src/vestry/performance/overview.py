"""All funds side by side with their figures, and the totals of the filtered set by currency."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from operator import attrgetter
from typing import Any

from sqlalchemy.orm import Session

from vestry.core.actor import Actor
from vestry.core.fields import name_key
from vestry.core.paging import Page, contains, slice_rows, sort_of
from vestry.funds.models import Fund
from vestry.identity.access import visible
from vestry.performance import books as bookkeeping
from vestry.performance import deals as dealing
from vestry.performance.books import Books
from vestry.performance.deals import Part, Scope
from vestry.performance.figures import Gross, Net, gross, net
from vestry.performance.nav import Nav
from vestry.performance.queries import Cut, carry_free_funds, vehicle_navs


@dataclass(frozen=True, slots=True)
class FundFigures:
    """A fund and its figures."""

    fund_id: int
    fund: str
    currency: str
    strategy: str
    vintage_year: int | None
    as_of: date
    net: Net
    gross: Gross


@dataclass(frozen=True, slots=True)
class Total:
    """What the funds of one currency come to together."""

    currency: str
    funds: int
    net: Net
    gross: Gross


@dataclass(frozen=True, slots=True)
class Filters:
    """Which funds."""

    q: str | None = None
    strategy: str | None = None
    vintage_year: int | None = None
    currency: str | None = None


def chosen_funds(session: Session, actor: Actor, filters: Filters) -> list[Fund]:
    """The funds that match, by name."""
    query = visible(actor, Fund)
    if filters.q:
        query = query.where(contains(Fund.name_key, name_key(filters.q)))
    if filters.strategy:
        query = query.where(Fund.strategy == filters.strategy)
    if filters.vintage_year:
        query = query.where(Fund.vintage_year == filters.vintage_year)
    if filters.currency:
        query = query.where(Fund.currency == filters.currency)
    return list(session.scalars(query.order_by(Fund.name_key, Fund.id)))


def overview(
    session: Session, actor: Actor, funds: Sequence[Fund], asked: Cut
) -> tuple[list[FundFigures], list[Total]]:
    """Each fund's figures, and the totals by currency; a constant number of queries."""
    if not funds:
        return [], []
    ids = [fund.id for fund in funds]
    books = bookkeeping.load(session, actor, known_at=asked.known_at, fund_ids=ids)
    by_fund: dict[int, list[Books]] = {fund_id: [] for fund_id in ids}
    for one in books.values():
        by_fund[one.vehicle.fund_id].append(one)
    cuts = {fund_id: asked.over(group) for fund_id, group in by_fund.items()}
    days = {at.as_of for at in cuts.values()}
    deals = dealing.load(session, actor, Scope(fund_id=ids), days, known_at=asked.known_at)
    free = carry_free_funds(session, actor, books.values(), asked.known_at)
    navs: dict[int, Nav] = {}
    parts: dict[int, Part] = {}
    rows = []
    for fund in funds:
        day, its = cuts[fund.id].as_of, deals.of_fund(fund.id)
        navs.update(vehicle_navs(by_fund[fund.id], its, day, free))
        parts[fund.id] = its.all(day)
        figures = net(by_fund[fund.id], day, lambda one: navs[one.vehicle.id])
        whole = gross(parts[fund.id], day)
        rows.append(
            FundFigures(fund.id, fund.name, fund.currency, fund.strategy, fund.vintage_year, day, figures, whole)
        )
    return rows, [_total(currency, rows, by_fund, navs, parts) for currency in sorted({row.currency for row in rows})]


def _total(
    currency: str,
    rows: Sequence[FundFigures],
    by_fund: dict[int, list[Books]],
    navs: dict[int, Nav],
    parts: dict[int, Part],
) -> Total:
    chosen = [row for row in rows if row.currency == currency]
    day = max(row.as_of for row in chosen)
    books = [one for row in chosen for one in by_fund[row.fund_id]]
    together = Part(
        [entry for row in chosen for entry in parts[row.fund_id].entries],
        [value for row in chosen for value in parts[row.fund_id].values],
    )
    return Total(currency, len(chosen), net(books, day, lambda one: navs[one.vehicle.id]), gross(together, day))


SORTS: dict[str, Callable[[FundFigures], Any]] = {
    "name": lambda row: name_key(row.fund),
    "strategy": lambda row: row.strategy,
    "currency": lambda row: row.currency,
    "vintage_year": lambda row: row.vintage_year,
    "irr": lambda row: row.net.irr.rate,
    "gross_irr": lambda row: row.gross.irr.rate,
    **{name: attrgetter(f"net.{name}") for name in ("committed", "called", "paid_in", "distributed", "unfunded")},
    **{name: attrgetter(f"net.{name}") for name in ("nav", "pic", "dpi", "rvpi", "tvpi")},
    **{name: attrgetter(f"gross.{name}") for name in ("invested", "realised", "fair_value", "moic")},
}


def sorted_page(
    session: Session, rows: list[FundFigures], page: Page, *asked: object
) -> tuple[Sequence[FundFigures], str | None]:
    """The page asked for, and the next one's cursor. Funds without the figure come last in either direction."""
    wanted = page.sort or "name"
    descending, name = sort_of(wanted, SORTS)
    figure = SORTS[name]
    known = sorted((row for row in rows if figure(row) is not None), key=figure, reverse=descending)
    ordered = known + [row for row in rows if figure(row) is None]
    return slice_rows(session, ordered, page, "performance/funds", wanted, *asked)
