"""One cohort told month by month in exact fractions: the engine's second opinion, and the words that explain a cell."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

import numpy as np

from vestry.kernel.cohorts.engine import CLOSE, CohortCashflows, open_month
from vestry.kernel.cohorts.irr import Timing
from vestry.kernel.cohorts.matrix import CohortMatrix
from vestry.kernel.cohorts.months import MonthLike, decimal, iso_month, money
from vestry.kernel.cohorts.terms import NO_CAP, Prediction, TradeBook, half_up
from vestry.kernel.errors import KernelError


@dataclass(frozen=True, slots=True)
class CohortMonth:
    """One period of one cohort: what was paid, which share applied and why, what the fund collected.

    Amounts in currency. ``minimum_payment`` what the threshold asks (``None``: none set, or no spend to compare with).
    ``owed_to_target`` the balance that is left until the target IRR, after the collection (``None``: no target).
    """

    period: int
    month: str
    payment: Decimal
    cumulative_payment: Decimal
    minimum_payment: Decimal | None
    threshold_failed: bool
    overridden: bool
    share_applied: Decimal
    collected: Decimal
    cumulative_collected: Decimal
    owed_to_target: float | None
    capped: bool
    predicted: bool
    steps: tuple[str, ...]


def replay(
    matrix: CohortMatrix,
    book: TradeBook,
    row: int,
    prediction: Prediction | None = None,
    timing: Timing = "end_of_month",
) -> list[CohortMonth]:
    """The known and predicted months of one cohort, each from the one before; no arrays, no shortcut.

    Independent of :func:`~vestry.kernel.cohorts.compute` (sequential, exact fractions, a rolled balance for the target
    IRR) and agreeing with it; slower by three orders of magnitude.
    """
    _check_whole(row, len(matrix), "row")
    teller = _Teller(matrix, book, row, timing, open_month(matrix, book, prediction))
    return [teller.month(period, paid, predicted) for period, paid, predicted in _months(matrix, book, row, prediction)]


def explain(result: CohortCashflows, cohort: MonthLike, period: int) -> CohortMonth:
    """The month behind one cell, with its steps in words; an unknown month is refused."""
    row = result.matrix.row(cohort)
    _check_whole(period, result.width, "period")
    if not 0 <= period < result.width or not result.valid[row, period]:
        raise KernelError(f"period {period} of cohort {iso_month(int(result.matrix.months[row]))} is not known")
    return replay(result.matrix, result.book, row, result.prediction, result.timing)[period]


def _check_whole(value: int, count: int, what: str) -> None:
    if not isinstance(value, (int, np.integer)) or not 0 <= value < count:
        raise KernelError(f"a {what} is a whole number below {count}, not {value!r}")


def _months(
    matrix: CohortMatrix, book: TradeBook, row: int, prediction: Prediction | None
) -> Iterator[tuple[int, Fraction, bool]]:
    """(period, payment in minor units, predicted) from the cohort month on."""
    known = int(matrix.known[row])
    for period in range(known):
        yield period, Fraction(int(matrix.amounts[row, period])), False
    if prediction is None:
        return
    course = (prediction.course or {}).get(int(matrix.months[row]))
    if course is not None:
        for period in range(known, min(len(course), prediction.horizon)):
            yield period, Fraction(float(course[period])), True
        return
    ends = [int(month) + int(n) - 1 for month, n in zip(matrix.months, matrix.known, strict=True) if n > 0]
    partial = prediction.last_month_partial and known > 0 and int(matrix.months[row]) + known - 1 == max(ends)
    base = known - 1 - partial
    if base >= 0:
        level = Fraction(max(int(matrix.amounts[row, base]), 0))
    elif prediction.m0 is not None and book.has_spend[row]:
        level, base = Fraction(decimal(prediction.m0)) * int(book.spend[row]), 0
    elif known:
        level, base = Fraction(max(int(matrix.amounts[row, 0]), 0)), 0
    else:
        return
    rates = prediction.rates().tolist()
    for period in range(prediction.horizon):
        if period > base:
            level *= 1 - Fraction(rates[min(period, len(rates) - 1)])
            # Sixty exact multiplications of a 53-bit fraction would carry thousands of digits.
            level = level.limit_denominator(10**18)
        if period >= known:
            yield period, level, True


class _Teller:
    """Carries what one cohort has paid and brought so far."""

    def __init__(self, matrix: CohortMatrix, book: TradeBook, row: int, timing: Timing, open_from: int | None) -> None:
        self.open_from = open_from
        self.first, self.digits = int(matrix.months[row]), matrix.minor_digits
        self.spend, self.funded = int(book.spend[row]), bool(book.funded[row])
        self.share = Fraction(int(book.sharing[row]), book.share_unit)
        pairs = zip(book.threshold_periods.tolist(), book.threshold_minimums.tolist(), strict=True)
        self.minimums = {period: Fraction(minimum, book.threshold_unit) for period, minimum in pairs}
        restored = book.restored[row] if book.restored is not None else np.zeros(0, dtype=np.bool_)
        self.restored = set(np.flatnonzero(restored).tolist())
        self.cap = None if int(book.cap[row]) == NO_CAP else Fraction(int(book.cap[row]))
        self.rate = float(book.monthly_target[row])
        targeted = self.rate == self.rate and bool(book.has_spend[row])
        self.outlay = half_up(self.share * self.spend)
        self.balance = float(self.outlay) if targeted else None
        if targeted and self.outlay == 0:
            # Nothing was paid, so any rate is reached at once and nothing is owed.
            self.cap = Fraction(0)
        self.timing = book.timing_of(row, timing)
        self.paid = self.earned = self.held = Fraction(0)

    def month(self, period: int, paid: Fraction, predicted: bool) -> CohortMonth:
        steps = [self._say_payment(paid, predicted)]
        failed, overridden, asked = self._judge(period, paid, predicted, steps)
        share = Fraction(0) if not self.funded else Fraction(1) if failed and not overridden else self.share
        self.paid += paid
        self.earned += share * paid
        before = self.held
        self.held = self._held(period, before, predicted, steps)
        collected = self.held - before
        steps.append(f"share {float(share):.6g}: collected {self._show(collected, predicted)}")
        return CohortMonth(
            period,
            iso_month(self.first + period),
            self._show(paid, predicted),
            self._show(self.paid, predicted),
            None if asked is None else self._show(asked, True),
            failed,
            overridden,
            Decimal(share.numerator) / Decimal(share.denominator),
            self._show(collected, predicted),
            self._show(self.held, predicted),
            None if self.balance is None else self.balance / 10**self.digits,
            self.funded and self.cap is not None and self.held >= self.cap,
            predicted,
            tuple(steps),
        )

    def _judge(
        self, period: int, paid: Fraction, predicted: bool, steps: list[str]
    ) -> tuple[bool, bool, Fraction | None]:
        if period not in self.minimums or not self.spend:
            return False, False, None
        asked = self.minimums[period] * self.spend
        if self.open_from is not None and self.first + period >= self.open_from and not predicted:
            steps.append(f"the month is not over: the {self._show(asked, True)} its threshold asks are not due yet")
            return False, False, asked
        failed = paid < asked * (1 - Fraction(CLOSE) if predicted else 1)
        overridden = failed and period in self.restored
        verdict = "missed" if failed else "met"
        steps.append(f"threshold {float(self.minimums[period]):.6g} × spend asks {self._show(asked, True)}: {verdict}")
        if overridden:
            steps.append("an override restores the normal share")
        elif failed and self.funded:
            steps.append("the fund collects 100 % of this month")
        return failed, overridden, asked

    def _held(self, period: int, before: Fraction, predicted: bool, steps: list[str]) -> Fraction:
        """Cumulative collected after this month: held between 0 and the cap, the target IRR lowering the cap once."""
        held = max(self.earned, Fraction(0))
        if not predicted:
            held = Fraction(half_up(held))
        if self.balance is not None:
            held = self._toward_target(period, before, held, predicted, steps)
        if self.cap is not None and held > self.cap:
            held = self.cap
            steps.append(f"held to the cap of {self._show(self.cap, True)}")
        if self.earned < 0:
            steps.append("refunds exceed what was earned: collected is held at 0")
        return held

    def _toward_target(
        self, period: int, before: Fraction, held: Fraction, predicted: bool, steps: list[str]
    ) -> Fraction:
        if self.balance is None or self.balance == 0:
            return held
        grown = self.balance * (1.0 if self.timing == "same_month" and period == 0 else 1 + self.rate)
        if float(held - before) < grown - CLOSE * self.outlay * (1 + self.rate) ** (period + 1):
            self.balance = grown - float(held - before)
            return held
        reached = before + (Fraction(grown) if predicted else half_up(Fraction(grown)))
        self.cap = reached if self.cap is None else min(self.cap, reached)
        self.balance = 0.0
        steps.append(f"the target IRR is reached: the remainder is {self._show(reached - before, True)}")
        return min(held, self.cap)

    def _say_payment(self, paid: Fraction, predicted: bool) -> str:
        return f"{'estimated' if predicted else 'paid'} {self._show(paid, predicted)}"

    def _show(self, units: Fraction, estimate: bool) -> Decimal:
        return money(units.numerator if units.denominator == 1 and not estimate else float(units), self.digits)
