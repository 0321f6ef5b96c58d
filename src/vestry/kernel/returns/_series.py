"""A fund since its inception, quarter by quarter: what was paid in, came back and is left, with multiples and IRR."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal

from vestry.kernel import cashflows
from vestry.kernel.dates import DateLike, to_date
from vestry.kernel.guard import guarded
from vestry.kernel.money import Number, to_decimal
from vestry.kernel.returns._multiples import Multiples, multiples
from vestry.kernel.returns._rates import xirr
from vestry.kernel.returns._result import RateResult

__all__ = ["Point", "since_inception"]


@dataclass(frozen=True, slots=True)
class Point:
    """A fund as of a date: everything up to and including that day, with its NAV as the last inflow."""

    on: dt.date
    paid_in: Decimal
    distributed: Decimal
    nav: Decimal
    multiples: Multiples
    irr: RateResult

    @property
    def net(self) -> Decimal:
        """Distributed less paid-in: the height of the J-curve."""
        return self.distributed - self.paid_in

    @property
    def gain(self) -> Decimal:
        """Distributed and left, less paid-in."""
        return self.net + self.nav

    def explain(self) -> dict[str, object]:
        """The date with how its multiples and its rate were made."""
        return {"on": self.on.isoformat(), "multiples": self.multiples.explain(), "irr": self.irr.explain()}


@guarded
def since_inception(
    flows: Iterable[cashflows.FlowLike] | Mapping[DateLike, Number],
    navs: Iterable[tuple[DateLike, Number]] | Mapping[DateLike, Number],
    *,
    commitment: Number | None = None,
    day_count: str = "act/365f",
) -> list[Point]:
    """Paid-in, distributed, NAV, multiples and IRR at each date of ``navs``, in date order.

    ``flows`` carry the owner's sign, ``navs`` are (date, value) pairs. Flows after a date do not enter its point. The
    NAV is a terminal inflow on its date; under a year the IRR says so and is not to be shown as annual.
    """
    series = cashflows.flows(flows)
    marks = sorted((to_date(day), to_decimal(nav, "nav")) for day, nav in _pairs(navs))
    totals = cashflows.since_inception_totals(series, [day for day, _ in marks])
    points = []
    for (day, nav), total in zip(marks, totals, strict=True):
        stream = [*((flow.date, flow.amount) for flow in series if flow.date <= day), (day, nav)]
        ratio = multiples(total.paid_in, total.distributed, nav, commitment)
        points.append(Point(day, total.paid_in, total.distributed, nav, ratio, xirr(stream, day_count=day_count)))
    return points


def _pairs(navs: Iterable[tuple[DateLike, Number]] | Mapping[DateLike, Number]) -> Iterable[tuple[DateLike, Number]]:
    return navs.items() if isinstance(navs, Mapping) else navs
