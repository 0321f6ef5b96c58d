"""Public-market equivalents: what the same money would have made in an index.

Every function takes the fund's flows in the owner's sign (calls negative, distributions positive), the index level at
each of them, and the net asset value at the end: ``ks_pme(amounts, index, nav)`` for evenly spaced periods,
``ks_pme(amounts, index, nav, dates=dates)`` for dated flows (Act/365 Fixed). The index must be a total-return index in
the fund's currency. The NAV is *added* to the last flow; ``nav_on`` dates it later than that.

``index`` is a list of levels, one per flow (and one more for ``nav_on``); or, with dates, a function of a date or a
mapping of dates to levels, read at the date or the last one before it.
"""

from __future__ import annotations

import datetime as dt
import math
from bisect import bisect_right
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray

from vestry.kernel import returns
from vestry.kernel.dates import DateLike, to_date, to_ordinal
from vestry.kernel.errors import KernelError
from vestry.kernel.guard import guarded

__all__ = [
    "PmeResult",
    "direct_alpha",
    "ks_pme",
    "ln_pme",
    "ln_pme_nav",
    "m_pme",
    "navs_from_prices",
    "pme_plus",
]

Floats = NDArray[np.float64]
Index = Iterable[Any] | Mapping[Any, Any] | Callable[[dt.date], Any]

_SAYING = {
    "": "",
    "no_contribution": "nothing was paid in",
    "no_distribution": "nothing was distributed, so there is nothing to scale",
    "index_position_short": "the distributions would have taken more out of the index than was put in",
    "not_representable": "the contributions are too small for the ratio to be a number",
    "scaling_negative": "the fund's value exceeds what its contributions would have grown to in the index",
}


@dataclass(frozen=True, slots=True)
class PmeResult:
    """A public-market equivalent: ``value`` (a ratio for Kaplan-Schoar, else a rate), or None with a reason.

    ``status`` is ``none``, or that of the rate (``ok``, ``multiple_roots``, ``under_one_year``). ``figures`` are the
    numbers on the way: the index position's value ``nav_pme``, the factor ``scaling``, the fund's own ``fund_irr`` …
    ``warnings`` may hold ``short_in_between``: the index position was short for a while, though not at the end.
    """

    value: float | None
    measure: str
    status: str
    reason: str
    figures: Mapping[str, float | None]
    warnings: tuple[str, ...]
    formula: str
    steps: tuple[Mapping[str, object], ...]

    @property
    def rate(self) -> float | None:
        """The same as ``value``."""
        return self.value

    @property
    def reason_text(self) -> str:
        """The reason in a sentence."""
        return _SAYING.get(self.reason, self.reason.replace("_", " "))

    def __bool__(self) -> bool:
        """Whether there is a figure."""
        return self.value is not None

    def __float__(self) -> float:
        """The figure; ``KernelError`` where there is none."""
        if self.value is None:
            raise KernelError(f"there is no {self.measure}: {self.reason_text}")
        return self.value

    def explain(self) -> dict[str, object]:
        """Formula, intermediate figures and the flows with their index levels and what they became."""
        return {
            "measure": self.measure,
            "formula": self.formula,
            "value": self.value,
            "status": self.status,
            "reason": self.reason_text,
            "warnings": list(self.warnings),
            "figures": dict(self.figures),
            "steps": [dict(step) for step in self.steps],
        }


@dataclass(frozen=True, slots=True)
class _Fund:
    """Flows in time order with index levels; the last row is the day of the NAV."""

    days: NDArray[np.int64] | None
    amounts: Floats
    levels: Floats
    nav: float

    @property
    def growth(self) -> Floats:
        """What one unit put into the index at each flow has become at the end: I_T ÷ I_t."""
        return cast(Floats, self.levels[-1] / self.levels)

    @property
    def contributed(self) -> float:
        """Contributions, grown with the index."""
        return float((np.maximum(-self.amounts, 0.0) * self.growth).sum())

    @property
    def distributed(self) -> float:
        """Distributions, grown with the index."""
        return float((np.maximum(self.amounts, 0.0) * self.growth).sum())

    def irr(self, amounts: Floats, last: float) -> returns.RateResult:
        """The rate of a stream on the fund's dates, with ``last`` added to its last flow."""
        stream = amounts.copy()
        stream[-1] += last
        return returns.irr(stream) if self.days is None else returns.xirr(self.days, stream)

    def steps(self, changed: Floats, name: str) -> tuple[Mapping[str, object], ...]:
        """The rows of ``explain``."""
        when: list[object] = (
            list(range(self.amounts.size))
            if self.days is None
            else [dt.date.fromordinal(day).isoformat() for day in self.days.tolist()]
        )
        rows = zip(when, self.amounts.tolist(), self.levels.tolist(), changed.tolist(), strict=True)
        return tuple(
            MappingProxyType({"at": at, "amount": amount, "index": level, name: value})
            for at, amount, level, value in rows
        )


@guarded
def ks_pme(
    amounts: Iterable[Any],
    index: Index,
    nav: Any = 0,
    *,
    dates: Iterable[Any] | None = None,
    nav_on: DateLike | None = None,
) -> PmeResult:
    """Kaplan-Schoar: (Σ distributions·FV + NAV) ÷ Σ contributions·FV, with FV = I_T ÷ I_t. Above 1 the fund won.

    A ratio over the whole life, not annualised. None (``no_contribution``) when nothing was paid in.
    Source: Kaplan and Schoar, Journal of Finance 60 (2005).
    """
    fund = _read(amounts, index, nav, dates, nav_on)
    paid, back = fund.contributed, fund.distributed
    value = (back + fund.nav) / paid if paid > 0 else math.nan
    reason = "no_contribution" if not paid > 0 else "" if math.isfinite(value) else "not_representable"
    return _plain(
        None if reason else value,
        "ks_pme",
        reason,
        "(Σ D·I_T/I_t + NAV) ÷ Σ C·I_T/I_t",
        {"contributions_grown": paid, "distributions_grown": back, "nav": fund.nav},
        fund.steps(fund.amounts * fund.growth, "grown"),
    )


@guarded
def ln_pme_nav(
    amounts: Iterable[Any], index: Index, *, dates: Iterable[Any] | None = None, nav_on: DateLike | None = None
) -> float:
    """What would be left in the index had it taken every call and paid every distribution; negative when short."""
    fund = _read(amounts, index, 0, dates, nav_on)
    return fund.contributed - fund.distributed


@guarded
def ln_pme(
    amounts: Iterable[Any],
    index: Index,
    nav: Any = None,
    *,
    dates: Iterable[Any] | None = None,
    nav_on: DateLike | None = None,
) -> PmeResult:
    """Long-Nickels (index comparison method): the IRR of the fund's flows ending in the index position's value.

    The position is ``Σ (C_t − D_t)·I_T ÷ I_t``. When it is negative there is no such rate: None, with the reason
    ``index_position_short``. The fund's own NAV does not enter; given, the fund's IRR and its ``spread`` over this rate
    are among ``figures``.
    Source: Long and Nickels, "A Private Investment Benchmark" (1996).
    """
    fund = _read(amounts, index, 0 if nav is None else nav, dates, nav_on)
    left = fund.contributed - fund.distributed
    position = np.cumsum(-fund.amounts / fund.levels)
    size = np.abs(fund.amounts / fund.levels).sum()
    if fund.contributed <= 0:
        found, reason = None, "no_contribution"
    elif position[-1] < -1e-12 * size:
        found, reason = None, "index_position_short"
    else:
        found, reason = fund.irr(fund.amounts, max(left, 0.0)), ""
    warnings = ("short_in_between",) if bool((position[:-1] < -1e-12 * size).any()) else ()
    own = None if nav is None else fund.irr(fund.amounts, fund.nav).rate
    spread = own - found.rate if own is not None and found is not None and found.rate is not None else None
    return _from_rate(
        found,
        "ln_pme",
        reason,
        "IRR of the flows with Σ (C − D)·I_T/I_t as the last",
        {"nav_pme": left, "fund_irr": own, "spread": spread},
        fund.steps(position * fund.levels, "position"),
        warnings,
    )


@guarded
def pme_plus(
    amounts: Iterable[Any],
    index: Index,
    nav: Any,
    *,
    dates: Iterable[Any] | None = None,
    nav_on: DateLike | None = None,
) -> PmeResult:
    """PME+: distributions scaled so that the index position ends at the fund's real NAV; the IRR of those flows.

    ``scaling = (Σ C·I_T/I_t − NAV) ÷ Σ D·I_T/I_t``. None without distributions, or when the scaling would be negative.
    Source: Rouvinez, "Private Equity Benchmarking with PME+" (2003).
    """
    fund = _read(amounts, index, nav, dates, nav_on)
    paid, back = fund.contributed, fund.distributed
    scaling = (paid - fund.nav) / back if back > 0 else None
    figures: dict[str, float | None] = {"scaling": scaling, "nav": fund.nav}
    formula = "IRR of −C, scaling·D and NAV; scaling = (Σ C·I_T/I_t − NAV) ÷ Σ D·I_T/I_t"
    if paid <= 0 or scaling is None or scaling < 0:
        reason = "no_contribution" if paid <= 0 else "no_distribution" if scaling is None else "scaling_negative"
        return _from_rate(None, "pme_plus", reason, formula, figures, fund.steps(fund.amounts, "scaled"))
    scaled = np.where(fund.amounts > 0, scaling * fund.amounts, fund.amounts)
    figures["fund_irr"] = fund.irr(fund.amounts, fund.nav).rate
    found = fund.irr(scaled, fund.nav)
    return _from_rate(found, "pme_plus", "", formula, figures, fund.steps(scaled, "scaled"))


@guarded
def m_pme(amounts: Iterable[Any], index: Index, nav: Iterable[Any], *, dates: Iterable[Any] | None = None) -> PmeResult:
    """Modified PME (Cambridge): each distribution takes from the index position the share it took from the fund.

    ``nav`` is a series: the fund's value after each flow. With the position grown by the index and the call added, the
    share ``D ÷ (D + NAV)`` of it is paid out; the rate is the IRR of calls, those payments and what is left.
    A call and a distribution on one day are two entries of it; give the call first. Source: Cambridge Associates,
    "Private Equity and Venture Capital Benchmarks" (2013).
    """
    fund = _read(amounts, index, 0, dates, None)
    values = _floats(nav, "nav")
    if values.size != fund.amounts.size:
        raise KernelError(f"{fund.amounts.size} flows but {values.size} values; give the fund's NAV after each flow")
    if dates is not None:
        values = values[np.argsort(np.array([to_ordinal(day) for day in _listed(dates)]), kind="stable")]
    if (values < 0).any():
        raise KernelError("the fund's NAV cannot be negative")
    position, before = 0.0, fund.levels[0]
    stream, held = np.zeros(values.size), np.zeros(values.size)
    for i, (amount, level, value) in enumerate(zip(fund.amounts, fund.levels, values, strict=True)):
        position = position * level / before + max(-amount, 0.0)
        paid = amount / (amount + value) * position if amount > 0 else 0.0
        stream[i] = min(amount, 0.0) + paid
        position -= paid
        held[i], before = position, level
    found = fund.irr(stream, position) if fund.contributed > 0 else None
    figures = {"nav_pme": float(position), "fund_irr": fund.irr(fund.amounts, float(values[-1])).rate}
    formula = "IRR of −C, D/(D + NAV) of the index position, and the position left"
    return _from_rate(
        found, "m_pme", "" if found else "no_contribution", formula, figures, fund.steps(held, "position")
    )


@guarded
def direct_alpha(
    amounts: Iterable[Any],
    index: Index,
    nav: Any = 0,
    *,
    dates: Iterable[Any] | None = None,
    nav_on: DateLike | None = None,
    form: str = "discrete",
) -> PmeResult:
    """Direct Alpha: the IRR of the flows grown to the end with the index, NAV included.

    ``form="discrete"``: the rate α itself, so (1 + α)(1 + index) compounds to the fund. ``form="log"``: ln(1 + α), as
    the paper states it. Both are among ``figures``. Source: Gredil, Griffiths and Stucke, "Benchmarking Private Equity:
    The Direct Alpha Method" (2014).
    """
    if form not in {"discrete", "log"}:
        raise KernelError(f"form must be 'discrete' or 'log', not {form!r}")
    fund = _read(amounts, index, nav, dates, nav_on)
    grown = fund.amounts * fund.growth
    found = fund.irr(grown, fund.nav)
    log = None if found.rate is None else math.log1p(found.rate)
    result = _from_rate(
        found,
        "direct_alpha",
        "",
        "IRR of flow·I_T/I_t and NAV" + (", as ln(1 + α)" if form == "log" else ""),
        {"discrete": found.rate, "log": log, "nav": fund.nav, "fund_irr": fund.irr(fund.amounts, fund.nav).rate},
        fund.steps(grown, "grown"),
    )
    return result if form == "discrete" else _with_value(result, log)


@guarded
def navs_from_prices(amounts: Iterable[Any], prices: Iterable[Any]) -> list[float]:
    """The fund's value after each flow when it is invested at those prices: grows with them, less what is paid out."""
    flows, levels = _floats(amounts, "amount"), _floats(prices, "price")
    if flows.size != levels.size:
        raise KernelError(f"{flows.size} flows but {levels.size} prices")
    if (levels <= 0).any():
        raise KernelError("every price must be positive")
    values, value, before = [], 0.0, levels[0] if levels.size else 1.0
    for amount, level in zip(flows.tolist(), levels.tolist(), strict=True):
        value = value * level / before - amount
        values.append(value)
        before = level
    return values


# ----- reading and results ------------------------------------------------------------------------------------------


def _read(
    amounts: Iterable[Any], index: Index, nav: Any, dates: Iterable[Any] | None, nav_on: DateLike | None
) -> _Fund:
    flows = _floats(amounts, "amount")
    if not flows.size:
        raise KernelError("a public-market equivalent needs at least one flow")
    value = float(_floats([nav], "nav")[0])
    if dates is None:
        if nav_on is not None:
            raise KernelError("nav_on needs the dates of the flows")
        return _Fund(None, flows, _levels(index, None, flows.size), value)
    days = np.array([to_ordinal(day) for day in _listed(dates)], dtype=np.int64)
    if days.size != flows.size:
        raise KernelError(f"{flows.size} amounts but {days.size} dates")
    if nav_on is not None:
        end = to_ordinal(nav_on)
        if end < days.max():
            raise KernelError(f"the NAV is dated {to_date(nav_on)}, before the last flow")
        if end > days.max() or _counted(index, flows.size + 1):
            days, flows = np.append(days, end), np.append(flows, 0.0)
    levels = _levels(index, days, flows.size)
    order = np.argsort(days, kind="stable")
    return _Fund(days[order], flows[order], levels[order], value)


def _counted(index: Index, count: int) -> bool:
    return not callable(index) and not isinstance(index, Mapping) and len(_listed(index)) == count


def _levels(index: Index, days: NDArray[np.int64] | None, count: int) -> Floats:
    if callable(index) or isinstance(index, Mapping):
        if days is None:
            raise KernelError("an index by date needs the dates of the flows")
        look = index if callable(index) else _last_known(index)
        listed: list[Any] = [look(dt.date.fromordinal(int(day))) for day in days]
    else:
        listed = _listed(index)
    levels = _floats(listed, "index level")
    if levels.size != count:
        raise KernelError(f"{count} flows but {levels.size} index levels")
    if (levels <= 0).any():
        raise KernelError("every index level must be positive")
    return levels


def _last_known(index: Mapping[Any, Any]) -> Callable[[dt.date], Any]:
    """The level of a day or of the last day before it; never a later one."""
    known = sorted((to_ordinal(day), level) for day, level in index.items())
    days = [day for day, _ in known]

    def look(day: dt.date) -> Any:
        place = bisect_right(days, day.toordinal())
        if not place:
            raise KernelError(f"the index has no level on or before {day}")
        return known[place - 1][1]

    return look


def _listed(values: Iterable[Any]) -> list[Any]:
    return values if isinstance(values, list) else list(values)


def _floats(values: Iterable[Any], what: str) -> Floats:
    try:
        array = np.array(_listed(values), dtype=np.float64)
    except (TypeError, ValueError):
        raise KernelError(f"every {what} must be a number") from None
    if array.ndim != 1 or not np.isfinite(array).all():
        raise KernelError(f"every {what} must be a finite number")
    return array


def _plain(
    value: float | None,
    measure: str,
    reason: str,
    formula: str,
    figures: Mapping[str, float | None],
    steps: tuple[Mapping[str, object], ...],
) -> PmeResult:
    status = "none" if value is None else "ok"
    return PmeResult(value, measure, status, reason, MappingProxyType(dict(figures)), (), formula, steps)


def _from_rate(
    found: returns.RateResult | None,
    measure: str,
    reason: str,
    formula: str,
    figures: Mapping[str, float | None],
    steps: tuple[Mapping[str, object], ...],
    warnings: tuple[str, ...] = (),
) -> PmeResult:
    rate, status = (None, "none") if found is None else (found.rate, found.status)
    why = reason or (found.reason if found is not None else "")
    return PmeResult(rate, measure, status, why, MappingProxyType(dict(figures)), warnings, formula, steps)


def _with_value(result: PmeResult, value: float | None) -> PmeResult:
    return PmeResult(
        value,
        result.measure,
        result.status,
        result.reason,
        result.figures,
        result.warnings,
        result.formula,
        result.steps,
    )
