"""Quarter by quarter: NAV, flows and multiples since the first flow, from facts read once."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from vestry.kernel import dates
from vestry.performance.books import Books
from vestry.performance.deals import NOTHING, Deals
from vestry.performance.figures import Gross, Net, gross, net, vehicle_nav
from vestry.performance.nav import ZERO, Nav


@dataclass(frozen=True, slots=True)
class Point:
    """The end of a quarter (or the day asked for): flows of the quarter, and the figures since inception."""

    on: date
    contributions: Decimal
    distributions: Decimal
    cumulative_net: Decimal
    nav: Decimal | None
    paid_in: Decimal
    distributed: Decimal
    dpi: Decimal | None
    rvpi: Decimal | None
    tvpi: Decimal | None
    irr: float | None
    invested: Decimal | None
    fair_value: Decimal | None
    moic: Decimal | None


def days(known: Iterable[date], as_of: date) -> list[date]:
    """The ends of the quarters from the first known day to ``as_of``, and ``as_of`` itself; none before a first day."""
    first = min((day for day in known if day <= as_of), default=None)
    return [] if first is None else [min(period.end_on, as_of) for period in dates.periods(first, as_of, "quarter")]


def of_vehicles(
    books: Iterable[Books], deals: Deals, at: Iterable[date], carry_free: Callable[[int], bool]
) -> list[Point]:
    """The series of some vehicles together."""
    chosen = list(books)

    def figures(day: date) -> tuple[Net, Gross]:
        parts = deals.of_vehicles(day)

        def nav_of(one: Books) -> Nav:
            its = gross(parts.get(one.vehicle.id, NOTHING), day, rate=False)
            return vehicle_nav(one, day, its, carry_free=carry_free(one.vehicle.fund_id))

        return net(chosen, day, nav_of), gross(deals.all(day), day, rate=False)

    return _points(at, figures)


def of_deals(deals: Deals, at: Iterable[date]) -> list[Point]:
    """The series of a company or an investment: contributions are what was put into it."""
    return _points(at, lambda day: (None, gross(deals.all(day), day)))


def _points(at: Iterable[date], made: Callable[[date], tuple[Net | None, Gross]]) -> list[Point]:
    points: list[Point] = []
    put_in = got_out = ZERO
    for day in at:
        figures, deals = made(day)
        paid_in, distributed = (figures.paid_in, figures.distributed) if figures else (deals.invested, deals.realised)
        points.append(
            Point(
                on=day,
                contributions=paid_in - put_in,
                distributions=distributed - got_out,
                cumulative_net=distributed - paid_in,
                nav=figures.nav if figures else deals.fair_value,
                paid_in=paid_in,
                distributed=distributed,
                dpi=figures.dpi if figures else deals.dpi,
                rvpi=figures.rvpi if figures else deals.rvpi,
                tvpi=figures.tvpi if figures else deals.moic,
                irr=(figures or deals).irr.rate,
                invested=deals.invested,
                fair_value=deals.fair_value,
                moic=deals.moic,
            )
        )
        put_in, got_out = paid_in, distributed
    return points
