"""The cohort engine, 60 cohorts × 60 periods from a month matrix, against Decimal loops with one object per period."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import numpy as np
import numpy_financial as npf
from dateutil.relativedelta import relativedelta
from pydantic import BaseModel

from bench.harness import Row, row, seconds
from vestry.kernel import cohorts

COHORTS = PERIODS = 60
CHURN = 0.05
FIRST = 2015 * 12


@dataclass(frozen=True)
class Cell:
    """One entry of the month matrix, as the peer reads it."""

    cohort_month: dt.date
    payment_date: dt.date
    amount: Decimal


@dataclass(frozen=True)
class Trade:
    """The peer's terms."""

    cohort_month: dt.date
    spend: Decimal
    sharing_percentage: Decimal
    cash_cap: Decimal


class Period(BaseModel):
    """The peer's period."""

    period: int
    month: dt.date
    payment: float
    cumulative_payment: float
    threshold_payment_percentage: float | None
    threshold_expected_payment: float | None
    threshold_failed: bool
    share_applied: float
    collected: float
    cumulative_collected: float
    capped: bool
    predicted: bool


class FundedCohort(BaseModel):
    """The peer's cohort."""

    cohort_month: dt.date
    spend: float
    periods: list[Period]
    cumulative_payment: float
    sharing_percentage: float
    cash_cap: float
    cumulative_collected: float
    capped: bool
    annual_irr: float | None


def peer(trades: list[Trade], cells: list[Cell], thresholds: dict[int, Decimal], churn: float) -> list[FundedCohort]:
    """Decimal loops, dictionaries and numpy-financial's IRR, cohort by cohort and period by period.

    Its IRR is taken on the customers' payments and its last actual month gives way to a prediction, which is why only
    payments, shares and collections of the other actual months are compared.
    """
    by_cohort: dict[dt.date, list[Cell]] = defaultdict(list)
    for cell in cells:
        by_cohort[cell.cohort_month].append(cell)
    return [_peer_cohort(trade, by_cohort[trade.cohort_month], thresholds, churn) for trade in trades]


def _peer_cohort(trade: Trade, cells: list[Cell], thresholds: dict[int, Decimal], churn: float) -> FundedCohort:
    by_month: dict[dt.date, list[Cell]] = defaultdict(list)
    for cell in cells:
        by_month[cell.payment_date.replace(day=1)].append(cell)
    months = list(by_month)
    periods: list[Period] = []
    cumulative = collected_so_far = Decimal(0)
    capped = False
    month = trade.cohort_month
    payment = Decimal(0)
    for number in range(max(len(months), PERIODS)):
        predicted = number >= len(months) - 1 and number > 0
        if predicted:
            month = month + relativedelta(months=1)
            payment = Decimal(periods[-1].payment * (1 - churn))
        else:
            month = months[number]
            payment = sum((cell.amount for cell in by_month[month]), Decimal(0))
        cumulative += payment
        ratio = payment / trade.spend
        minimum = thresholds.get(number)
        failed = minimum is not None and ratio < minimum
        share = Decimal(1) if failed else trade.sharing_percentage
        collected = min(share * payment, trade.cash_cap - collected_so_far)
        collected_so_far += collected
        capped = capped or collected == trade.cash_cap
        periods.append(
            Period(
                period=number,
                month=month,
                payment=payment,
                cumulative_payment=cumulative,
                threshold_payment_percentage=minimum,
                threshold_expected_payment=None if minimum is None else minimum * trade.spend,
                threshold_failed=failed,
                share_applied=share,
                collected=collected,
                cumulative_collected=collected_so_far,
                capped=collected == trade.cash_cap,
                predicted=predicted,
            )
        )
    monthly = npf.irr([-float(trade.spend), *(period.payment for period in periods)])
    return FundedCohort(
        cohort_month=trade.cohort_month,
        spend=trade.spend,
        periods=periods,
        cumulative_payment=cumulative,
        sharing_percentage=trade.sharing_percentage,
        cash_cap=trade.cash_cap,
        cumulative_collected=collected_so_far,
        capped=capped,
        annual_irr=None if monthly != monthly else (1 + monthly) ** 12 - 1,
    )


def _date(month: int) -> dt.date:
    return dt.date(month // 12, month % 12 + 1, 1)


def _case() -> tuple[tuple[Any, ...], tuple[Any, ...]]:
    """The same month matrix and terms, as the peer's objects and as our arrays."""
    rng = np.random.default_rng(20240630)
    spend = rng.integers(100_000, 400_000, COHORTS) * 100
    sharing = rng.integers(30, 86, COHORTS)
    cap = spend * sharing // 100 * 14 // 10
    level = spend[:, None] * 0.06 * 0.965 ** np.arange(PERIODS) * rng.uniform(0.7, 1.3, (COHORTS, PERIODS))
    amounts = np.rint(level).astype(np.int64)
    rows, ages = np.nonzero(np.arange(PERIODS) < (PERIODS - np.arange(COHORTS))[:, None])
    minimums = rng.integers(20, 60, 12)
    thresholds = {period: Decimal(int(minimum)).scaleb(-3) for period, minimum in enumerate(minimums)}
    trades = [
        Trade(
            _date(FIRST + i),
            Decimal(int(spend[i])).scaleb(-2),
            Decimal(int(sharing[i])).scaleb(-2),
            Decimal(int(cap[i])).scaleb(-2),
        )
        for i in range(COHORTS)
    ]
    cells = [
        Cell(_date(FIRST + i), _date(FIRST + i + k), Decimal(int(amounts[i, k])).scaleb(-2))
        for i, k in zip(rows.tolist(), ages.tolist(), strict=True)
    ]
    matrix = cohorts.matrix_from_cells(FIRST + rows, FIRST + rows + ages, amounts[rows, ages])
    book = cohorts.TradeBook(
        spend=spend,
        has_spend=np.ones(COHORTS, dtype=np.bool_),
        funded=np.ones(COHORTS, dtype=np.bool_),
        sharing=sharing,
        share_unit=100,
        cap=cap,
        contractual_cap=cap,
        monthly_target=np.full(COHORTS, np.nan),
        threshold_periods=np.arange(12),
        threshold_minimums=minimums,
        threshold_unit=1000,
    )
    return (trades, cells, thresholds, CHURN), (matrix, book, cohorts.Prediction(CHURN, horizon=PERIODS))


def _agree(theirs: list[FundedCohort], ours: cohorts.CohortCashflows) -> None:
    """Payments, shares and collections of every actual month but the last, to the cent; anything else stops the run."""
    for i, cohort in enumerate(theirs):
        share = int(ours.book.sharing[i]) / ours.book.share_unit
        for period in cohort.periods[: int(ours.matrix.known[i]) - 1]:
            k = period.period
            mine = (ours.payment[i, k] / 100, 1.0 if ours.full_share[i, k] else share, ours.cumulative_collected[i, k])
            if (
                mine[:2] != (period.payment, period.share_applied)
                or abs(mine[2] / 100 - period.cumulative_collected) > 0.00501
            ):
                raise AssertionError(f"cohort {cohort.cohort_month} period {k}: {mine} against {period}")


def _repeat(*ours: Any) -> None:
    for _ in range(100):
        cohorts.compute(*ours)


def rows() -> Iterator[Row]:
    """One row: the whole engine with thresholds, caps, prediction and the fund's IRRs; seconds per run."""
    theirs, ours = _case()
    _agree(peer(*theirs), cohorts.compute(*ours))
    our_times, peer_times = [], []
    for _ in range(9):
        peer_times.append(seconds(lambda: peer(*theirs)))
        # One run of ours is shorter than a timer's noise, so a measurement is a hundred of them.
        our_times.append(seconds(lambda: _repeat(*ours)) / 100)
    yield row("cohort engine, 60 × 60 from a month matrix (s)", our_times, peer_times, [], reach=300)
