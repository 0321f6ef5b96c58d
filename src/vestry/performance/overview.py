"""All funds side by side with their figures, and the totals of the filtered set by currency.

Funds whose tally answers for the day are read from it; the others are computed from their facts. Either way a fund is
a tally here, its figures are arrays, and only the funds that are shown become figures again.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import select
from sqlalchemy.orm import Session

from vestry.core.actor import Actor
from vestry.core.fields import name_key
from vestry.core.paging import Page, contains, slice_rows, sort_of
from vestry.funds.models import Fund
from vestry.identity.access import theirs
from vestry.performance import tallies, upkeep
from vestry.performance.counting import count
from vestry.performance.cuts import Cut
from vestry.performance.figures import Gross, Net, rate_counts
from vestry.performance.tallies import Rates, Tally

Floats = NDArray[np.float64]
Figure = Callable[["Overview"], Floats]
IDS_NAMED = 500  # up to that many funds are asked for by id, beyond it all the firm's tallies are read


class FundRow(NamedTuple):
    """A fund of the list, before its figures."""

    id: int
    name: str
    name_key: str
    currency: str
    strategy: str
    vintage_year: int | None


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


def chosen_funds(session: Session, actor: Actor, filters: Filters) -> list[FundRow]:
    """The funds that match, by name."""
    query = select(*(getattr(Fund, name) for name in FundRow._fields)).where(
        theirs(actor, Fund), Fund.archived_at.is_(None)
    )
    if filters.q:
        query = query.where(contains(Fund.name_key, name_key(filters.q)))
    if filters.strategy:
        query = query.where(Fund.strategy == filters.strategy)
    if filters.vintage_year:
        query = query.where(Fund.vintage_year == filters.vintage_year)
    if filters.currency:
        query = query.where(Fund.currency == filters.currency)
    return [FundRow._make(row) for row in session.execute(query.order_by(Fund.name_key, Fund.id))]


class Overview:
    """Funds and their tallies, each as of its own day; whatever is asked is computed when it is asked."""

    def __init__(
        self, funds: Sequence[FundRow], found: Sequence[Tally], days: Sequence[date], to_keep: Sequence[int] = ()
    ) -> None:
        self.funds, self.tallies, self.days = funds, found, days
        self.to_keep = to_keep  # the funds that had no tally though they could, as after a large import

    def __len__(self) -> int:
        return len(self.funds)

    @cached_property
    def ordinals(self) -> NDArray[np.int64]:
        """Each fund's day."""
        return np.fromiter((day.toordinal() for day in self.days), np.int64, len(self.days))

    @cached_property
    def net_rates(self) -> Rates:
        """The rates of all funds' flows with their investors."""
        return Rates([one.net_flows for one in self.tallies], self.ordinals)

    @cached_property
    def gross_rates(self) -> Rates:
        """The rates of all funds' flows with their companies."""
        return Rates([one.gross_flows for one in self.tallies], self.ordinals)

    def column(self, name: str) -> Floats:
        """A figure of every fund (see ``FIGURES``), NaN where it does not exist; money in units of its last place."""
        return FIGURES[name](self)

    def row(self, position: int) -> FundFigures:
        """A fund's figures."""
        fund, one, day = self.funds[position], self.tallies[position], self.days[position]
        net = tallies.net_figures(one, day, self.net_rates.rate(position))
        gross = tallies.gross_figures(one, self.gross_rates.rate(position))
        return FundFigures(fund.id, fund.name, fund.currency, fund.strategy, fund.vintage_year, day, net, gross)

    def rows(self) -> Iterator[FundFigures]:
        """Every fund's figures, by name."""
        return map(self.row, range(len(self)))

    def totals(self) -> list[Total]:
        """What the funds of each currency come to."""
        by_currency: dict[str, list[int]] = {}
        for position, fund in enumerate(self.funds):
            by_currency.setdefault(fund.currency, []).append(position)
        return [self._total(currency, by_currency[currency]) for currency in sorted(by_currency)]

    def page(self, session: Session, page: Page, *asked: object) -> tuple[list[FundFigures], str | None]:
        """The page asked for, and the next one's cursor. Funds without the figure come last in either direction."""
        wanted = page.sort or "name"
        positions, cursor = slice_rows(
            session, self._order(*sort_of(wanted, SORTS)), page, "performance/funds", wanted, *asked
        )
        return [self.row(position) for position in positions], cursor

    def _order(self, descending: bool, name: str) -> list[int]:
        if name in FIGURES:
            figure = self.column(name)
            order: list[int] = np.argsort(-figure if descending else figure, kind="stable").tolist()  # NaN comes last
            return order
        values = [TEXTS[name](fund) for fund in self.funds]
        known = [position for position, value in enumerate(values) if value is not None]
        known.sort(key=values.__getitem__, reverse=descending)
        return known + [position for position, value in enumerate(values) if value is None]

    def _total(self, currency: str, positions: Sequence[int]) -> Total:
        chosen, days = [self.tallies[at] for at in positions], [self.days[at] for at in positions]
        return Total(currency, len(positions), *tallies.totals(chosen, days))


def overview(session: Session, actor: Actor, funds: Sequence[FundRow], asked: Cut) -> Overview:
    """The funds' tallies as of the day asked for; a constant number of queries for some hundred funds at a time."""
    ids = [fund.id for fund in funds]
    # A tally is of a whole fund, so whoever may see only a part of it has the part computed from its facts.
    kept = (
        {}
        if asked.known_at or not actor.sees.whole
        else upkeep.read(session, actor, ids if len(ids) <= IDS_NAMED else None)
    )
    answering = {key: one for key, one in kept.items() if one.answers(asked.as_of)}
    days = dict.fromkeys(answering, asked.as_of)
    to_keep: list[int] = []
    for one in count(session, actor, [key for key in ids if key not in answering], asked):
        answering[one.fund_id] = tallies.tally(one.fund_id, one.as_of, one.next_on, one.net, one.gross)
        days[one.fund_id] = one.as_of
        if (
            one.fund_id not in kept
            and actor.sees.whole
            and asked.open
            and not asked.known_at
            and one.as_of == asked.as_of
            and answering[one.fund_id].fits()
        ):
            to_keep.append(one.fund_id)
    return Overview(funds, [answering[key] for key in ids], [days[key] for key in ids], to_keep)


def _units(found: Overview, name: str) -> Floats:
    return np.array([getattr(one, name) for one in found.tallies], dtype=np.float64)  # None becomes NaN


def _amount(name: str) -> Figure:
    return lambda found: _units(found, name)


def _multiple(bottom: str, *top: str) -> Figure:
    def figure(found: Overview) -> Floats:
        whole, below = sum((_units(found, name) for name in top), np.zeros(len(found))), _units(found, bottom)
        return _divide(whole, below)

    return figure


def _divide(whole: Floats, below: Floats) -> Floats:
    found: Floats = np.divide(whole, below, out=np.full(below.size, np.nan), where=below > 0)
    return found


def _pic(found: Overview) -> Floats:
    return _divide(np.maximum(_units(found, "paid_in"), 0.0), _units(found, "committed"))


def _unfunded(found: Overview) -> Floats:
    committed = _units(found, "committed")
    left = committed - _units(found, "called_inside") + _units(found, "recallable")
    return np.where(committed > 0, left, np.nan)


def _net_rate(found: Overview) -> Floats:
    told = [rate_counts(one.nav_reason) and not one.has_openings for one in found.tallies]
    return np.where(told, found.net_rates.values, np.nan)


def _gross_rate(found: Overview) -> Floats:
    told = [one.held_reason is None for one in found.tallies]
    return np.where(told, found.gross_rates.values, np.nan)


TEXTS: dict[str, Callable[[FundRow], Any]] = {
    "name": lambda fund: fund.name_key,
    "strategy": lambda fund: fund.strategy,
    "currency": lambda fund: fund.currency,
    "vintage_year": lambda fund: fund.vintage_year,
}
FIGURES: dict[str, Figure] = {
    **{name: _amount(name) for name in ("committed", "called", "paid_in", "distributed", "nav")},
    **{name: _amount(name) for name in ("invested", "realised")},
    "fair_value": _amount("held_value"),
    "unfunded": _unfunded,
    "pic": _pic,
    "dpi": _multiple("paid_in", "distributed"),
    "rvpi": _multiple("paid_in", "nav"),
    "tvpi": _multiple("paid_in", "distributed", "nav"),
    "moic": _multiple("invested", "realised", "held_value"),
    "gross_dpi": _multiple("invested", "realised"),
    "gross_rvpi": _multiple("invested", "held_value"),
    "irr": _net_rate,
    "gross_irr": _gross_rate,
}
SORTS = TEXTS.keys() | FIGURES.keys()
