"""The cohort engine: every cohort and period at once, on whole minor units."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import numpy as np

from vestry.kernel.cohorts.irr import Status, Timing, annual, defined, irr_rows
from vestry.kernel.cohorts.matrix import CohortMatrix
from vestry.kernel.cohorts.months import (
    LARGEST,
    AmountLike,
    Bools,
    Floats,
    Ints,
    MonthLike,
    decimal,
    iso_month,
    money,
    month_index,
)
from vestry.kernel.cohorts.terms import NO_CAP, Prediction, Terms, Threshold, TradeBook, pack
from vestry.kernel.errors import KernelError
from vestry.kernel.guard import guarded

# Two floats this close are one number: an estimate that meets its minimum but for rounding meets it.
CLOSE = 1e-12


@dataclass(frozen=True, slots=True, eq=False)
class CohortCashflows:
    """What every cohort paid, is expected to pay, and brings to the fund.

    Arrays of shape (C, W) in minor units; an actual month's cell holds a whole number exactly, a predicted one's an
    unrounded estimate, of an unknown month 0 with ``valid`` false. ``payment`` what customers paid; ``failed`` the
    threshold was missed; ``full_share`` the fund collects 100 % of that month; ``collected`` and
    ``cumulative_collected`` the fund's cash (held between 0 and the cap).
    ``cap``, shape (C,): the binding cap (``inf``: none).
    """

    matrix: CohortMatrix
    book: TradeBook
    prediction: Prediction | None
    timing: Timing
    payment: Floats
    valid: Bools
    predicted: Bools
    failed: Bools
    full_share: Bools
    collected: Floats
    cumulative_collected: Floats
    cap: Floats
    monthly_rates: Floats
    statuses: list[Status]

    @property
    def width(self) -> int:
        """The number of periods."""
        return int(self.payment.shape[1])

    @property
    def capped(self) -> Bools:
        """Shape (C, W): the cap is reached in this period or was before."""
        reached: Bools = (self.cumulative_collected >= self.cap[:, None]) & self.valid & self.book.funded[:, None]
        return reached

    @property
    def cohort_months(self) -> list[str]:
        """The cohort months as ISO dates, rising."""
        return [iso_month(int(month)) for month in self.matrix.months]

    @property
    def outlay(self) -> Ints:
        """Sharing × spend per cohort, minor units, positive."""
        return self.book.outlay()

    @property
    def monthly_irr(self) -> list[float | None]:
        """The fund's monthly IRR per cohort on its own flows; ``None`` has its reason in ``statuses``."""
        return defined(self.monthly_rates)

    @property
    def annual_irr(self) -> list[float | None]:
        """(1 + monthly)^12 − 1 per cohort."""
        return defined(annual(self.monthly_rates))

    def cohort_payment_irr(self) -> list[float | None]:
        """The company's view: annual IRR of −spend and then all customer payments (not the fund's cash)."""
        spent = np.where(self.book.has_spend, self.book.spend, 0).astype(np.float64)
        return defined(annual(irr_rows(spent, self.payment, self.timing)[0]))

    def collections(self, *, calendar: bool = False) -> dict[str, list[Decimal | None]]:
        """Collected per cohort and period; with ``calendar`` per calendar month from the first cohort's month on.

        On the calendar a month before the cohort's own and one after its last are 0, as nothing is collected in them.
        """
        if not calendar:
            return {name: self._money(self.collected[i], self.valid[i], i) for i, name in enumerate(self.cohort_months)}
        first, width = int(self.matrix.months[0]), int(self.matrix.months[-1] - self.matrix.months[0]) + self.width
        table: dict[str, list[Decimal | None]] = {}
        for i, name in enumerate(self.cohort_months):
            known = [one or Decimal(0) for one in self._money(self.collected[i], self.valid[i], i)]
            before = int(self.matrix.months[i]) - first
            after = width - before - len(known)
            table[name] = [*[Decimal(0)] * before, *known, *[Decimal(0)] * after]
        return table

    def payments(self) -> dict[str, list[Decimal | None]]:
        """Payment per cohort and period, ``None`` where unknown."""
        return {name: self._money(self.payment[i], self.valid[i], i) for i, name in enumerate(self.cohort_months)}

    def _money(self, units: Floats, valid: Bools, row: int) -> list[Decimal | None]:
        digits, predicted = self.matrix.minor_digits, self.predicted[row].tolist()
        return [
            None if not known else money(unit if estimate else round(unit), digits)
            for unit, known, estimate in zip(units.tolist(), valid.tolist(), predicted, strict=True)
        ]


def cashflows(
    matrix: CohortMatrix,
    *,
    spends: Mapping[Any, AmountLike] | Iterable[tuple[MonthLike, AmountLike]] = (),
    terms: Iterable[Terms | Mapping[str, Any]] = (),
    thresholds: Iterable[Threshold | Mapping[str, Any]] = (),
    overrides: Iterable[tuple[MonthLike, int]] = (),
    prediction: Prediction | None = None,
    timing: Timing = "end_of_month",
    open_from: MonthLike | None = None,
) -> CohortCashflows:
    """Payments, breaches, collections and IRRs of every cohort.

    ``spends``: ``{cohort month: spend}``. ``terms``: the trades, one per cohort month. ``thresholds``: one per period.
    ``overrides``: (cohort month, period) whose breach is set aside: the normal share applies, the breach stays shown.
    ``prediction``: ``None`` for actuals alone. ``open_from``: the first month that is not over: its payments are still
    coming in, so neither it nor a later one is a breach yet. See :func:`compute` for the rules.
    """
    full, book = pack(matrix, spends, terms, thresholds, overrides, open_from)
    return compute(full, book, prediction, timing)


def compute(
    matrix: CohortMatrix,
    book: TradeBook,
    prediction: Prediction | None = None,
    timing: Timing = "end_of_month",
) -> CohortCashflows:
    """The engine on packed terms (:func:`pack`): no loop over cohorts or periods.

    Cumulative collected = Σ share × payment held between 0 and the cap, to the nearest minor unit (half up) in actual
    months; a month's collection is its change. Hence a refund lowers what was collected, and a payment beyond the cap
    first makes up for later refunds.
    """
    if timing not in ("end_of_month", "same_month"):
        raise KernelError(f"timing is 'end_of_month' or 'same_month', not {timing!r}")
    if len(book.spend) != len(matrix):
        raise KernelError("the terms belong to another matrix; pack them together")
    width = matrix.width if prediction is None else max(matrix.width, prediction.horizon)
    payment = _widened(matrix.amounts, width)
    known: Bools = np.arange(width) < matrix.known[:, None]
    predicted = np.zeros_like(known)
    if prediction is not None:
        payment, predicted = _predict(matrix, book, prediction, payment, known)
    valid = known | predicted
    failed = _breaches(matrix, payment, predicted, valid, book)
    _leave_open(failed, matrix, predicted, open_month(matrix, book, prediction))
    full_share = _without_restored(failed, book.restored) & book.funded[:, None]
    # Past the horizon an estimated row stays where its estimate ended, so it is not rounded there either.
    estimated = predicted
    if not valid[:, -1:].all():
        estimated = ~known & np.asarray(predicted.any(axis=1, keepdims=True))
    held = _uncapped(matrix, payment, estimated, full_share, book)
    cap = _binding_cap(held, estimated, book, timing)
    cumulative = np.minimum(held, cap[:, None])
    collected = _changes(cumulative)
    rates, statuses = _rates(book, collected, timing)
    if "no_outlay" in statuses:
        _say_why_no_outlay(statuses, book)
    return CohortCashflows(
        matrix,
        book,
        prediction,
        timing,
        payment,
        valid,
        predicted,
        failed,
        full_share,
        collected,
        cumulative,
        cap,
        rates,
        statuses,
    )


def threshold_mask(
    matrix: CohortMatrix,
    spends: Mapping[Any, AmountLike] | AmountLike,
    thresholds: Iterable[Threshold | Mapping[str, Any]],
) -> dict[str, list[bool]]:
    """Met or not, per cohort and period of the matrix. A missing month counts as not met where a minimum is set.

    ``spends``: per cohort month, or one number for all. A period without a threshold is met; so is every period of a
    cohort without spend, as there is nothing to compare with.
    """
    if not isinstance(spends, Mapping):
        spends = {int(month): spends for month in matrix.months}
    wanted = {int(month) for month in matrix.months}
    full, book = pack(matrix, {m: spends[m] for m in spends if month_index(m) in wanted}, thresholds=thresholds)
    known = full.known_mask()
    failed = _breaches(full, full.amounts.astype(np.float64), np.zeros_like(known), known, book)
    at = book.threshold_periods[book.threshold_periods < full.width]
    failed[:, at] |= ~known[:, at] & (book.spend > 0)[:, None]
    return {iso_month(int(month)): row for month, row in zip(full.months, (~failed).tolist(), strict=True)}


@guarded
def predict(
    actuals: Iterable[AmountLike], churn: AmountLike, n: int, *, m0: AmountLike = 0, spend: AmountLike = 1
) -> list[float]:
    """One cohort's first ``n`` periods: its actuals, then × (1 − churn) a month; without actuals from m0 × spend."""
    row = [float(decimal(value)) for value in actuals]
    rate = float(Prediction(churn, m0, max(n, 1)).rates()[0])
    if not row and n > 0:
        row = [float(decimal(m0)) * float(decimal(spend))]
    base, done = max(row[-1], 0.0) if row else 0.0, len(row)
    return (row + [base * (1 - rate) ** k for k in range(1, n - done + 1)])[:n]


def _changes(cumulative: Floats) -> Floats:
    """Each period's part of a cumulative row."""
    changes = np.empty_like(cumulative)
    changes[:, :1] = cumulative[:, :1]
    np.subtract(cumulative[:, 1:], cumulative[:, :-1], out=changes[:, 1:])
    return changes


def _widened(amounts: Ints, width: int) -> Floats:
    """The amounts as floats, exact below 2^53, with room for the periods to come."""
    wide = np.zeros((amounts.shape[0], width))
    wide[:, : amounts.shape[1]] = amounts
    return wide


def _predict(
    matrix: CohortMatrix, book: TradeBook, prediction: Prediction, payment: Floats, known: Bools
) -> tuple[Floats, Bools]:
    """Estimates, written into ``payment``, in every month after a row's last known one up to the horizon."""
    count, width = matrix.known, payment.shape[1]
    last = count - 1
    if prediction.last_month_partial and count.any():
        ends = matrix.months + last
        last = last - ((count > 0) & (ends == ends[count > 0].max()))
    predicted = ~known
    if prediction.horizon < width:
        predicted[:, prediction.horizon :] = False
    at = np.maximum(last, 0)
    base = np.maximum(payment[np.arange(len(count)), at], 0.0)
    if last.min(initial=0) < 0:
        can = count > 0
        if prediction.m0 is not None:
            started = (last < 0) & book.has_spend
            base = np.where(started, float(decimal(prediction.m0)) * book.spend, base)
            can |= started
        predicted &= can[:, None]
    rates = prediction.rates()
    if len(rates) == 1:
        keep = np.full(width, 1.0 - rates[0])
    else:
        keep = 1.0 - rates[np.minimum(np.arange(width), len(rates) - 1)]
    np.copyto(payment, _decayed(base, at, keep), where=predicted)
    if prediction.course:
        _follow(matrix, prediction, payment, predicted)
    return payment, predicted


def _follow(matrix: CohortMatrix, prediction: Prediction, payment: Floats, predicted: Bools) -> None:
    """Cohorts that have a course of their own go by it in their unknown months."""
    for row, (month, known) in enumerate(zip(matrix.months.tolist(), matrix.known.tolist(), strict=True)):
        course = (prediction.course or {}).get(month)
        if course is not None:
            end = max(known, min(len(course), prediction.horizon))
            payment[row, known:end] = course[known:end]
            payment[row, end:] = 0.0
            predicted[row, known:] = False
            predicted[row, known:end] = True


def _decayed(base: Floats, last: Ints, keep: Floats) -> Floats:
    """base × the product of ``keep`` over the periods after ``last``, shape (C, W); right only after ``last``."""
    decay = keep.copy()
    decay[0] = 1.0
    decay = decay.cumprod()
    falling: Floats
    if decay[-1] > 1e-200:
        falling = np.multiply.outer(base / decay[last], decay)
    else:
        after = np.arange(len(keep)) > last[:, None]
        falling = base[:, None] * np.where(after, keep, 1.0).cumprod(axis=1)
    return falling


def _breaches(matrix: CohortMatrix, payment: Floats, predicted: Bools, valid: Bools, book: TradeBook) -> Bools:
    """Shape (C, W): payment ÷ spend below the period's minimum, by cross-multiplication, so equality is exact.

    A month that is neither known nor predicted breaches nothing, and neither does one of a cohort without spend.
    """
    failed = np.zeros(payment.shape, dtype=np.bool_)
    periods, minimums, unit = book.threshold_periods, book.threshold_minimums, book.threshold_unit
    if periods.max(initial=0) >= payment.shape[1]:
        inside = periods < payment.shape[1]
        periods, minimums = periods[inside], minimums[inside]
    if not len(periods):
        return failed
    at = _columns(periods)
    paid, estimated, spend = payment[:, at], predicted[:, at], book.spend[:, None]
    if max(matrix.turnover * unit, int(spend.max(initial=0)) * int(minimums.max())) < LARGEST:
        required = (minimums * spend).astype(np.float64)
        np.copyto(required, required * (1 - CLOSE), where=estimated)
        below = paid * unit < required
    else:
        # Beyond 2^53 a product is no longer exact in float64: the actual months are compared as Python integers.
        exact = paid.astype(np.int64).astype(object) * unit < minimums.astype(object) * spend.astype(object)
        close = paid < spend * (minimums / unit) * (1 - CLOSE)
        below = np.where(estimated, close, exact.astype(np.bool_))
    below &= valid[:, at]
    below &= spend > 0
    failed[:, at] = below
    return failed


def open_month(matrix: CohortMatrix, book: TradeBook, prediction: Prediction | None) -> int | None:
    """The first calendar month whose actuals are not judged: not over by the book, or marked partial; None: none."""
    if prediction is None or not prediction.last_month_partial or not matrix.known.any():
        return book.open_from
    newest = int((matrix.months + matrix.known - 1)[matrix.known > 0].max())
    return newest if book.open_from is None else min(newest, book.open_from)


def _leave_open(failed: Bools, matrix: CohortMatrix, predicted: Bools, open_from: int | None) -> None:
    """A month whose payments are still coming in is no breach yet; an estimate of it is of the whole month."""
    if open_from is None or not failed.any():
        return
    rows = np.flatnonzero(matrix.months + matrix.known > open_from)
    months = matrix.months[rows, None] + np.arange(failed.shape[1])
    failed[rows] &= (months < open_from) | predicted[rows]


def _columns(periods: Ints) -> Ints | slice:
    """Columns to pick: a run of periods in order as a slice, which copies nothing."""
    first, last = int(periods[0]), int(periods[-1])
    if last - first + 1 == len(periods) and bool((periods[1:] > periods[:-1]).all()):
        return slice(first, last + 1)
    return periods


def _without_restored(failed: Bools, restored: Bools | None) -> Bools:
    if restored is None:
        return failed
    width = min(failed.shape[1], restored.shape[1])
    kept = failed.copy()
    kept[:, :width] &= ~restored[:, :width]
    return kept


def _uncapped(matrix: CohortMatrix, payment: Floats, estimated: Bools, full_share: Bools, book: TradeBook) -> Floats:
    """Cumulative share × payment, not below 0: whole minor units in actual months, unrounded in estimated ones."""
    unit = book.share_unit
    # Parts of a share are whole numbers below 2^53, so float64 holds them exactly.
    share = np.where(full_share, float(unit), book.sharing[:, None].astype(np.float64))
    total = payment * share
    np.cumsum(total, axis=1, out=total)
    total /= unit
    if matrix.turnover * unit < LARGEST / 4:
        whole = total + 0.5
        np.floor(whole, out=whole)
    else:
        # Beyond 2^53 a sum is no longer exact in float64: the actual months are added as Python integers.
        actual = np.where(estimated, 0.0, payment).astype(np.int64).astype(object) * share.astype(np.int64).astype(
            object
        )
        whole = ((2 * actual.cumsum(axis=1) + unit) // (2 * unit)).astype(np.float64)
    np.copyto(whole, total, where=estimated)
    held: Floats = np.maximum(whole, 0.0, out=whole)
    return held


def _binding_cap(held: Floats, estimated: Bools, book: TradeBook, timing: Timing) -> Floats:
    """The lower of the effective cash cap and the amount at which the target IRR is reached; ``inf`` where neither.

    The balance starts at the outlay and each month grows by the monthly rate and falls by the collection; discounted to
    the start that is Σ collected × v^t reaching the outlay. The month in which it does brings only the remainder.
    """
    cap = np.where(book.cap >= NO_CAP, np.inf, book.cap.astype(np.float64))
    rows = np.flatnonzero(~np.isnan(book.monthly_target) & book.has_spend)
    if not len(rows):
        return cap
    at_once = book.same_month(timing)[rows, None]
    t = np.arange(held.shape[1]) + ~at_once
    growth = (1 + book.monthly_target[rows, None]) ** t
    outlay = book.outlay()[rows].astype(np.float64)
    owed = outlay[:, None] - (_changes(held[rows]) / growth).cumsum(axis=1)
    done = owed <= CLOSE * outlay[:, None]
    for i in np.flatnonzero(done.any(axis=1)).tolist():
        month = int(done[i].argmax())
        before = outlay[i] if month == 0 else owed[i, month - 1]
        reached = (held[rows[i], month - 1] if month else 0.0) + before * growth[i, month]
        if not estimated[rows[i], month]:
            reached = np.floor(reached + 0.5)
        cap[rows[i]] = min(cap[rows[i]], reached)
    return cap


def _rates(book: TradeBook, collected: Floats, timing: Timing) -> tuple[Floats, list[Status]]:
    """The fund's monthly rate of each row, by the row's own timing where its terms have one."""
    outlay = book.outlay().astype(np.float64)
    if book.timings is None:
        return irr_rows(outlay, collected, timing)
    rates, at_once = np.full(len(outlay), np.nan), book.same_month(timing)
    statuses: list[Status] = ["ok"] * len(outlay)
    kinds: tuple[tuple[Timing, Bools], ...] = (("same_month", at_once), ("end_of_month", ~at_once))
    for one, rows in kinds:
        rates[rows], found = irr_rows(outlay[rows], collected[rows], one)
        for row, status in zip(np.flatnonzero(rows).tolist(), found, strict=True):
            statuses[row] = status
    return rates, statuses


def _say_why_no_outlay(statuses: list[Status], book: TradeBook) -> None:
    """Nothing agreed and nothing known of the spend are different answers from a spend of 0."""
    for row, status in enumerate(statuses):
        if status == "no_outlay" and not book.funded[row]:
            statuses[row] = "unfunded"
        elif status == "no_outlay" and not book.has_spend[row]:
            statuses[row] = "no_spend"
