"""The management fee: rate × basis × time, by stage, with partial periods, holidays, waivers and offsets carried on."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal, localcontext
from itertools import pairwise
from typing import Literal, TypeAlias

from vestry.kernel.accrual import (
    PRECISION,
    DayCount,
    Number,
    day_count_name,
    decimal,
    round_half_up,
    years_between,
)
from vestry.kernel.dates import DateLike, Period, period_of, to_date
from vestry.kernel.errors import KernelError
from vestry.kernel.guard import guarded

Frequency: TypeAlias = Literal["month", "quarter", "half", "year"]
Levels: TypeAlias = "Number | Sequence[tuple[DateLike, Number]]"
_PER_YEAR = {"month": 12, "quarter": 4, "half": 2, "year": 1}
PERIODS = "periods"


@dataclass(frozen=True, slots=True)
class FeeStage:
    """From ``start`` on, ``rate`` a year on ``basis`` (``committed``, ``contributed``, ``invested``, ``nav``, …)."""

    start: date
    rate: Decimal
    basis: str = "committed"

    def __post_init__(self) -> None:
        object.__setattr__(self, "start", to_date(self.start))
        object.__setattr__(self, "rate", decimal(self.rate, "fee rate"))
        if self.rate < 0:
            raise KernelError(f"a fee rate is not negative, but {self.rate} was given; use a waiver")


@dataclass(frozen=True, slots=True)
class Waiver:
    """From ``start`` until the day before ``until``, ``share`` of the fee is not charged (1 is a fee holiday)."""

    start: date
    until: date
    share: Decimal = Decimal(1)

    def __post_init__(self) -> None:
        object.__setattr__(self, "start", to_date(self.start))
        object.__setattr__(self, "until", to_date(self.until))
        object.__setattr__(self, "share", decimal(self.share, "waived share"))
        if not 0 <= self.share <= 1:
            raise KernelError(f"a waived share lies between 0 and 1, not {self.share}")


@dataclass(frozen=True, slots=True)
class FeeTerms:
    """When and on what the fee is charged.

    ``stages``: the first starts the fee, each later one (a step-down of rate, basis or both) replaces the one before.
    ``day_count``: ``act/365f``, ``act/360``, ``30/360``, ``act/act``, or ``periods``: a whole calendar period is
    exactly its part of the year and a partial one its part of the days. ``measured``: ``daily`` follows the basis day
    by day, ``opening`` takes its level at the start of each charge (fees in advance).
    """

    stages: tuple[FeeStage, ...]
    frequency: Frequency = "quarter"
    day_count: DayCount = "act/365f"
    measured: Literal["daily", "opening"] = "daily"
    waivers: tuple[Waiver, ...] = ()
    decimals: int | None = 2

    def __post_init__(self) -> None:
        object.__setattr__(self, "stages", tuple(sorted(self.stages, key=lambda stage: stage.start)))
        object.__setattr__(self, "waivers", tuple(self.waivers))
        if not self.stages:
            raise KernelError("fee terms need at least one stage")
        if self.frequency not in _PER_YEAR:
            raise KernelError(f"frequency must be one of {', '.join(_PER_YEAR)}, not {self.frequency!r}")
        if self.measured not in ("daily", "opening"):
            raise KernelError(f"measured must be 'daily' or 'opening', not {self.measured!r}")
        if self.day_count != PERIODS:
            object.__setattr__(self, "day_count", day_count_name(self.day_count))


@dataclass(frozen=True, slots=True)
class FeeSegment:
    """A stretch of days (``until`` excluded) with one rate and one level: ``fee`` = rate × level × years, unrounded."""

    start: date
    until: date
    rate: Decimal
    basis: str
    level: Decimal
    years: Decimal
    waived_share: Decimal

    @property
    def fee(self) -> Decimal:
        """The charge before waivers."""
        return PRECISION.multiply(PRECISION.multiply(self.rate, self.level), self.years)

    def __str__(self) -> str:
        waived = f", {self.waived_share * 100:f}% waived" if self.waived_share else ""
        working = f"{self.rate:f} × {self.level:,f} {self.basis} × {self.years:.8f} y"
        return f"{self.start} to {self.until}: {working}{waived}"


@dataclass(frozen=True, slots=True)
class FeePeriod:
    """One charge. ``net`` = ``gross`` − ``waived`` − ``offset_applied``; all amounts are positive.

    ``offset_recognised`` became due to the investors in the period, ``unapplied_end`` is carried to the next.
    """

    start: date
    until: date
    gross: Decimal
    waived: Decimal
    offset_recognised: Decimal
    offset_applied: Decimal
    unapplied_end: Decimal
    segments: tuple[FeeSegment, ...]

    @property
    def net(self) -> Decimal:
        """What is charged."""
        return self.gross - self.waived - self.offset_applied

    def explain(self) -> dict[str, object]:
        """Inputs, formula and steps as plain values."""
        return {
            "formula": "rate × basis × years, less waivers, less offsets up to the fee",
            "steps": [str(segment) for segment in self.segments],
            "result": {
                "gross": self.gross,
                "waived": self.waived,
                "offset_recognised": self.offset_recognised,
                "offset_applied": self.offset_applied,
                "unapplied_end": self.unapplied_end,
                "net": self.net,
            },
        }


@dataclass(frozen=True, slots=True)
class FeeLedger:
    """All charges of a run, with their sums."""

    terms: FeeTerms
    periods: tuple[FeePeriod, ...]

    @property
    def gross(self) -> Decimal:
        """Before waivers and offsets."""
        return sum((period.gross for period in self.periods), Decimal(0))

    @property
    def waived(self) -> Decimal:
        """Not charged by holiday or waiver."""
        return sum((period.waived for period in self.periods), Decimal(0))

    @property
    def offset_applied(self) -> Decimal:
        """Set against the fee."""
        return sum((period.offset_applied for period in self.periods), Decimal(0))

    @property
    def net(self) -> Decimal:
        """What was charged."""
        return sum((period.net for period in self.periods), Decimal(0))

    @property
    def unapplied(self) -> Decimal:
        """Offsets still to be set against later fees."""
        return self.periods[-1].unapplied_end if self.periods else Decimal(0)

    def explain(self) -> dict[str, object]:
        """Terms and every period's working."""
        return {
            "convention": {
                "frequency": self.terms.frequency,
                "day_count": self.terms.day_count,
                "measured": self.terms.measured,
                "rounding": "each period half up",
            },
            "periods": [{"start": str(p.start), "until": str(p.until), **p.explain()} for p in self.periods],
            "result": self.net,
        }


@guarded
def fee_terms(
    rate: Number,
    start: DateLike,
    *,
    basis: str = "committed",
    step_downs: Iterable[tuple[DateLike, Number] | tuple[DateLike, Number, str]] = (),
    waivers: Iterable[tuple[DateLike, DateLike] | tuple[DateLike, DateLike, Number]] = (),
    frequency: Frequency = "quarter",
    day_count: DayCount = "act/365f",
    measured: Literal["daily", "opening"] = "daily",
    decimals: int | None = 2,
) -> FeeTerms:
    """Terms from plain values.

    ``step_downs``: ``(when, rate)`` or ``(when, rate, basis)``. ``waivers``: ``(start, until)``, which is a holiday, or
    ``(start, until, share)``.

    >>> [str(stage.rate) for stage in fee_terms(0.02, "2024-01-01", step_downs=[("2029-01-01", 0.015)]).stages]
    ['0.02', '0.015']
    """
    stages = [FeeStage(to_date(start), decimal(rate, "fee rate"), basis)]
    stages += [
        FeeStage(to_date(step[0]), decimal(step[1], "fee rate"), step[2] if len(step) > 2 else basis)
        for step in step_downs
    ]
    free = tuple(
        Waiver(to_date(one[0]), to_date(one[1]), decimal(one[2], "waived share") if len(one) > 2 else Decimal(1))
        for one in waivers
    )
    return FeeTerms(tuple(stages), frequency, day_count, measured, free, decimals)


@guarded
def management_fee(
    basis: Number,
    rate: Number,
    start: DateLike,
    until: DateLike,
    *,
    day_count: DayCount = "act/365f",
    decimals: int | None = 2,
) -> Decimal:
    """One charge: ``rate × basis × years(start, until)``, ``until`` not included, rounded half up.

    >>> management_fee(100_000_000, 0.02, "2024-01-01", "2024-04-01")
    Decimal('498630.14')
    """
    first, last = to_date(start), to_date(until)
    if last < first:
        raise KernelError(f"the fee would end on {last}, before it starts on {first}")
    with localcontext(PRECISION):
        exact = decimal(rate, "rate") * decimal(basis, "basis") * years_between(first, last, day_count)
    return round_half_up(exact, decimals)


@guarded
def fee_ledger(
    terms: FeeTerms,
    levels: Mapping[str, Levels],
    start: DateLike,
    until: DateLike,
    *,
    offsets: Iterable[tuple[DateLike, Number]] = (),
    unapplied: Number = 0,
) -> FeeLedger:
    """The fee from ``start`` until the day before ``until``, period by calendar period.

    ``levels`` gives each basis of the terms as one amount or as ``(from when, amount)`` steps (before the first step
    the basis is 0). ``offsets`` are ``(when, amount)`` of portfolio-company fees that reduce the fee, already times the
    offset share; what exceeds a period's fee is carried forward, starting with ``unapplied``.

    >>> terms = fee_terms(0.02, "2024-01-01", step_downs=[("2024-06-01", 0.015, "invested")], day_count="periods")
    >>> levels = {"committed": 1000, "invested": 600}
    >>> ledger = fee_ledger(terms, levels, "2024-01-01", "2024-07-01", offsets=[("2024-02-01", 6)])
    >>> [(str(p.gross), str(p.net), str(p.unapplied_end)) for p in ledger.periods]
    [('5.00', '0.00', '1.00'), ('4.09', '3.09', '0.00')]
    """
    first, last = to_date(start), to_date(until)
    steps = {basis: _steps(level, basis) for basis, level in levels.items()}
    missing = {stage.basis for stage in terms.stages} - set(steps)
    if missing:
        raise KernelError(f"the terms charge on {', '.join(sorted(missing))}, but no level is given for it")
    due = sorted((to_date(when), decimal(amount, "offset")) for when, amount in offsets)
    if any(amount < 0 for _, amount in due):
        raise KernelError("an offset is a positive amount")
    carried = decimal(unapplied, "unapplied offset")
    periods = []
    with localcontext(PRECISION):
        for opening, closing, whole in _charges(first, last, terms.frequency):
            segments = _segments(terms, steps, opening, closing, whole)
            recognised = sum((amount for when, amount in due if opening <= when < closing), Decimal(0))
            periods.append(_charge(terms, opening, closing, segments, recognised, carried))
            carried = periods[-1].unapplied_end
    return FeeLedger(terms, tuple(periods))


def _steps(level: Levels, basis: str) -> list[tuple[date, Decimal]]:
    if isinstance(level, Sequence) and not isinstance(level, str):
        read = sorted((to_date(when), decimal(amount, basis)) for when, amount in level)
    else:
        read = [(date.min, decimal(level, basis))]
    if any(amount < 0 for _, amount in read):
        raise KernelError(f"the basis {basis} is never negative")
    return read


def _charges(first: date, last: date, frequency: Frequency) -> Iterable[tuple[date, date, Period]]:
    """Opening, closing (excluded) and the whole calendar period of each charge."""
    opening = first
    while opening < last:
        whole = period_of(opening, frequency)
        closing = min(last, whole.end_on + timedelta(days=1))
        yield opening, closing, whole
        opening = closing


def _segments(
    terms: FeeTerms, steps: Mapping[str, Sequence[tuple[date, Decimal]]], opening: date, closing: date, whole: Period
) -> list[FeeSegment]:
    cuts = {opening, closing}
    cuts |= {stage.start for stage in terms.stages}
    cuts |= {when for waiver in terms.waivers for when in (waiver.start, waiver.until)}
    if terms.measured == "daily":
        cuts |= {when for levels in steps.values() for when, _ in levels}
    within = sorted(cut for cut in cuts if opening <= cut <= closing)
    segments = []
    for start, until in pairwise(within):
        stage = next((s for s in reversed(terms.stages) if s.start <= start), None)
        if stage is None:
            continue
        seen = opening if terms.measured == "opening" else start
        level = next((amount for when, amount in reversed(steps[stage.basis]) if when <= seen), Decimal(0))
        waived = max((w.share for w in terms.waivers if w.start <= start < w.until), default=Decimal(0))
        years = _years(terms, start, until, whole)
        segments.append(FeeSegment(start, until, stage.rate, stage.basis, level, years, waived))
    return segments


def _years(terms: FeeTerms, start: date, until: date, whole: Period) -> Decimal:
    if terms.day_count == PERIODS:
        return Decimal((until - start).days) / whole.days / _PER_YEAR[terms.frequency]
    return years_between(start, until, terms.day_count)


def _charge(
    terms: FeeTerms,
    opening: date,
    closing: date,
    segments: Sequence[FeeSegment],
    recognised: Decimal,
    carried: Decimal,
) -> FeePeriod:
    gross = round_half_up(sum((s.fee for s in segments), Decimal(0)), terms.decimals)
    waived = round_half_up(sum((s.fee * s.waived_share for s in segments), Decimal(0)), terms.decimals)
    roll = roll_offsets(carried, recognised, gross - waived)
    return FeePeriod(opening, closing, gross, waived, recognised, roll.applied, roll.unapplied_end, tuple(segments))


@dataclass(frozen=True, slots=True)
class OffsetRoll:
    """``unapplied_begin`` + ``recognised`` − ``applied`` = ``unapplied_end``."""

    unapplied_begin: Decimal
    recognised: Decimal
    applied: Decimal
    unapplied_end: Decimal


@guarded
def roll_offsets(unapplied_begin: Number, recognised: Number, fee: Number) -> OffsetRoll:
    """Offsets reduce the fee to no less than nothing; the rest is carried to the next period.

    >>> roll_offsets(1000, 81_600, 187_500).applied
    Decimal('82600')
    """
    begin, new = decimal(unapplied_begin, "unapplied offset"), decimal(recognised, "recognised offset")
    available = begin + new
    applied = max(Decimal(0), min(available, decimal(fee, "fee")))
    return OffsetRoll(begin, new, applied, available - applied)


@dataclass(frozen=True, slots=True)
class AnnualFees:
    """A fee year by year; ``first`` and ``last`` are ``None`` without years."""

    amounts: tuple[Decimal, ...]

    @property
    def total(self) -> Decimal:
        """All years together."""
        return sum(self.amounts, Decimal(0))

    @property
    def first(self) -> Decimal | None:
        """The first year's fee."""
        return self.amounts[0] if self.amounts else None

    @property
    def last(self) -> Decimal | None:
        """The last year's fee."""
        return self.amounts[-1] if self.amounts else None

    @property
    def average(self) -> Decimal | None:
        """The mean year."""
        return PRECISION.divide(self.total, Decimal(len(self.amounts))) if self.amounts else None


@guarded
def annual_fees(
    basis: Number | Sequence[Number],
    rate: Number | Sequence[Number],
    years: int | None = None,
    *,
    step_downs: Iterable[tuple[int, Number]] = (),
    decimals: int | None = None,
) -> AnnualFees:
    """A plan by whole years: ``basis`` and ``rate`` one for all ``years``, or one per year each.

    ``step_downs`` as ``(after year, new rate)``; a rate per year has its steps in itself and takes no others.

    >>> plan = annual_fees(100, 0.025, 10, step_downs=[(5, 0.01)])
    >>> plan.total, plan.first, plan.last
    (Decimal('17.500'), Decimal('2.500'), Decimal('1.00'))
    """
    levels, rates = _by_year(basis, "basis"), _by_year(rate, "rate")
    counts = {len(found) for found in (levels, rates) if isinstance(found, list)}
    if years is not None:
        counts.add(years)
    if not counts:
        raise KernelError("say for how many years, or give the basis of each year")
    if len(counts) > 1:
        raise KernelError(f"the years do not agree: {' and '.join(map(str, sorted(counts)))}")
    count = counts.pop()
    if isinstance(rates, list) and step_downs:
        raise KernelError("give a rate for each year, or step-downs, not both")
    steps = sorted((after, decimal(new, "rate")) for after, new in step_downs)
    fees = []
    for year in range(1, count + 1):
        level = levels[year - 1] if isinstance(levels, list) else levels
        agreed = rates[year - 1] if isinstance(rates, list) else rates
        in_force = next((new for after, new in reversed(steps) if year > after), agreed)
        fees.append(round_half_up(PRECISION.multiply(in_force, level), decimals))
    return AnnualFees(tuple(fees))


def _by_year(given: Number | Iterable[Number], what: str) -> Decimal | list[Decimal]:
    if isinstance(given, Iterable) and not isinstance(given, str):
        return [decimal(value, what) for value in given]
    return decimal(given, what)
