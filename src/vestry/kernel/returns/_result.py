"""What a rate is returned as: never a bare number, always with whether and how it exists."""

from __future__ import annotations

import datetime as dt
import math
from dataclasses import dataclass, field
from typing import Final

import numpy as np
from numpy.typing import NDArray

STATUSES: Final = ("ok", "multiple_roots", "under_one_year", "none")
"""Status of a rate; the batch form stores the position in this tuple."""
REASONS: Final = (
    "",
    "no_flows",
    "no_positive_flow",
    "no_negative_flow",
    "no_root",
    "only_far_roots",
    "not_representable",
)
"""Why there is no rate (empty where there is one); the batch form stores the position in this tuple."""

OK, MULTIPLE, UNDER_ONE_YEAR, NONE = range(4)
FAR_RATE: Final = 1e6
"""Where flows change sign more than once, a root above this (100 million per cent a year) is listed apart and is no
rate: it is made by the first days alone."""

_SAYING = {
    "": "",
    "no_flows": "there is no flow other than zero",
    "no_positive_flow": "no money has come back: every flow is negative",
    "no_negative_flow": "no money has gone out: every flow is positive",
    "no_root": "the net present value is zero at no rate above −100 %",
    "only_far_roots": "the net present value is zero only at rates above 100 million per cent a year",
    "not_representable": "the rate is too close to −100 %, or too large, for a number",
}


@dataclass(frozen=True, slots=True)
class RateResult:
    """A rate of return with its status, all roots, and how it was found.

    ``rate`` is the effective rate per year (``irr`` and ``mirr``: per period), the raw one even where the flows span
    less than a year, or None. ``status`` is one of ``STATUSES``: ``multiple_roots`` goes before ``under_one_year``,
    which ``annualised`` tells in any case. ``roots`` are all roots in (−1, 10⁶], ascending, and ``rate`` the one
    closest to 0. ``far_roots`` are those beyond: they come from flows a few days apart at the start and are no rate
    anyone earned. (Flows that change sign once have one root; it counts however large.)
    """

    rate: float | None
    status: str
    reason: str = ""
    roots: tuple[float, ...] = ()
    far_roots: tuple[float, ...] = ()
    residual: float | None = None
    """|Σ present values| ÷ Σ |present values| at ``rate``: 0 is exact, 1e-12 is rounding."""
    day_count: str = "act/365f"
    annualised: bool = False
    """Whether ``rate`` may be shown as an annual one: the flows span 365 days or more."""
    since_inception: float | None = None
    """The return over the whole span, not annualised; given where the span is under a year."""
    years: float | None = None
    """From the first to the last flow that is not zero, by the day count (periods for ``irr``)."""
    days: NDArray[np.int64] | None = field(default=None, repr=False, compare=False)
    times: NDArray[np.float64] | None = field(default=None, repr=False, compare=False)
    amounts: NDArray[np.float64] | None = field(default=None, repr=False, compare=False)

    def __bool__(self) -> bool:
        """Whether there is a rate."""
        return self.rate is not None

    @property
    def presented(self) -> float | None:
        """What may be shown under the GIPS rule: the annual rate, or the since-inception return under a year."""
        return self.rate if self.annualised or self.since_inception is None else self.since_inception

    @property
    def first_on(self) -> dt.date | None:
        """Time zero: the date of the first flow that is not zero."""
        return None if self.days is None or not self.days.size else dt.date.fromordinal(int(self.days[0]))

    @property
    def last_on(self) -> dt.date | None:
        """The date of the last flow that is not zero."""
        return None if self.days is None or not self.days.size else dt.date.fromordinal(int(self.days[-1]))

    @property
    def reason_text(self) -> str:
        """The reason in a sentence, empty where there is a rate."""
        return _SAYING.get(self.reason, self.reason)

    def explain(self) -> dict[str, object]:
        """Formula, convention, the netted flows with their times and present values, roots and residual."""
        return {
            "formula": "Σ amount ÷ (1 + rate)^years = 0",
            "convention": {"day_count": self.day_count, "time_zero": _iso(self.first_on), "same_day": "netted"},
            "rate": self.rate,
            "status": self.status,
            "reason": self.reason_text,
            "roots": list(self.roots),
            "far_roots": list(self.far_roots),
            "choice": "the root closest to 0" if len(self.roots) > 1 else "the only root",
            "residual": self.residual,
            "annualised": self.annualised,
            "since_inception": self.since_inception,
            "flows": self._steps(),
        }

    def _steps(self) -> list[dict[str, object]]:
        if self.times is None or self.amounts is None:
            return []
        u = math.log1p(self.rate) if self.rate is not None else None
        steps: list[dict[str, object]] = []
        for i, (years, amount) in enumerate(zip(self.times.tolist(), self.amounts.tolist(), strict=True)):
            step: dict[str, object] = {"years": years, "amount": amount}
            if self.days is not None:
                step = {"date": dt.date.fromordinal(int(self.days[i])).isoformat(), **step}
            exponent = -u * years if u is not None else None
            if exponent is not None and exponent < 700.0:
                step["present_value"] = amount * math.exp(exponent)
            steps.append(step)
        return steps


def _iso(day: dt.date | None) -> str | None:
    return None if day is None else day.isoformat()
