"""Months, quarters, years and last twelve months, as a company's fiscal calendar cuts them.

A period is its kind and its last month; months are counted (year × 12 + month − 1), so that lengths and gaps are
differences. A fiscal year bears the calendar year in which it ends: with years that end in June, 2023-Q1 is July to
September 2022. Months are calendar months, and LTM is named after its last month.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final, Literal

from vestry.core.errors import Invalid
from vestry.core.fields import YEAR_MAX, YEAR_MIN

Kind = Literal["month", "quarter", "year", "ltm"]
MONTHS: Final[dict[Kind, int]] = {"month": 1, "quarter": 3, "year": 12, "ltm": 12}
KIND_WORDS: Final[dict[str, Kind]] = {
    "month": "month", "monthly": "month", "months": "month", "m": "month",
    "quarter": "quarter", "quarterly": "quarter", "quarters": "quarter", "q": "quarter",
    "year": "year", "yearly": "year", "annual": "year", "years": "year", "y": "year", "fy": "year",
    "ltm": "ltm", "ttm": "ltm",
}  # fmt: skip
_MONTH_NAMES: Final = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_YEAR: Final = r"(?P<year>[0-9]{4})"
_WRITTEN: Final[tuple[tuple[Kind, str], ...]] = (
    ("quarter", rf"(fy ?)?{_YEAR}[- ]?q(?P<n>[1-4])"),
    ("quarter", rf"q(?P<n>[1-4])[- /]?(fy ?)?{_YEAR}"),
    ("ltm", rf"(ltm|ttm)[- ]?{_YEAR}-(?P<n>0[1-9]|1[0-2])"),
    ("ltm", rf"{_YEAR}-(?P<n>0[1-9]|1[0-2])[- ](ltm|ttm)"),
    ("month", rf"{_YEAR}-m?(?P<n>0[1-9]|1[0-2])"),
    ("month", rf"(?P<name>{'|'.join(_MONTH_NAMES)})[a-z]*[- ]{_YEAR}"),
    ("year", rf"(fy ?)?{_YEAR}"),
)
_FORMS: Final = tuple((kind, re.compile(text, re.ASCII | re.IGNORECASE)) for kind, text in _WRITTEN)


class UnknownPeriod(Invalid):
    """A text that names no period, or one that the company's fiscal calendar does not have."""


def month_of(day: date) -> int:
    """The month a day is in, counted."""
    return day.year * 12 + day.month - 1


def first_day(month: int) -> date:
    """The first day of a counted month."""
    return date(month // 12, month % 12 + 1, 1)


def last_day(month: int) -> date:
    """The last day of a counted month."""
    return first_day(month + 1) - timedelta(days=1)


@dataclass(frozen=True, slots=True, order=True)
class Period:
    """``months`` months that end with the month ``end``."""

    end: int
    kind: Kind

    @property
    def start(self) -> int:
        """Its first month."""
        return self.end - MONTHS[self.kind] + 1

    @property
    def starts_on(self) -> date:
        """Its first day."""
        return first_day(self.start)

    @property
    def ends_on(self) -> date:
        """Its last day."""
        return last_day(self.end)


@dataclass(frozen=True, slots=True)
class Segment:
    """From the month ``start`` on, fiscal years end with the calendar month ``year_ends_in`` (1–12)."""

    start: int
    year_ends_in: int

    def is_quarter_end(self, month: int) -> bool:
        """Whether a fiscal quarter ends with this month."""
        return (month + 1 - self.year_ends_in) % 3 == 0

    def is_year_end(self, month: int) -> bool:
        """Whether a fiscal year ends with this month."""
        return (month + 1 - self.year_ends_in) % 12 == 0

    def year_end(self, year: int) -> int:
        """The last month of the fiscal year that ends in a calendar year."""
        return year * 12 + self.year_ends_in - 1


CALENDAR_YEARS: Final = Segment(YEAR_MIN * 12, 12)


class Calendar:
    """A company's fiscal years over time. Where the year's end moved, what lies across the change is no period of it:
    report such a time by months."""

    def __init__(self, segments: Sequence[Segment] = ()) -> None:
        known = sorted(segments, key=lambda one: one.start)
        if not known or known[0].start > CALENDAR_YEARS.start:
            known.insert(0, CALENDAR_YEARS)
        self.segments = tuple(known)

    def at(self, month: int) -> Segment:
        """The segment a month lies in."""
        return next((one for one in reversed(self.segments) if one.start <= month), self.segments[0])

    def is_end(self, kind: Kind, month: int) -> bool:
        """Whether a period of this kind ends with the month, all of it within one segment."""
        if kind in ("month", "ltm"):
            return True
        segment = self.at(month)
        whole = segment.start <= month - MONTHS[kind] + 1
        return whole and (segment.is_quarter_end(month) if kind == "quarter" else segment.is_year_end(month))

    def named(self, text: str) -> Period:
        """The period of a label: ``2022-Q4``, ``2022-12``, ``2022``, ``LTM-2022-12``, and other ways to write them."""
        for kind, form in _FORMS:
            found = form.fullmatch(text.strip())
            if found:
                parts = found.groupdict()
                return self._period(kind, int(parts["year"]), _number(parts), text)
        raise UnknownPeriod(
            f"{text[:40]!r} names no period.", field="period", mend="Write 2022-12, 2022-Q4, 2022 or LTM-2022-12."
        )

    def _period(self, kind: Kind, year: int, number: int, text: str) -> Period:
        if not YEAR_MIN < year < YEAR_MAX:
            raise UnknownPeriod(f"{text[:40]!r} lies outside {YEAR_MIN} to {YEAR_MAX}.", field="period")
        if kind in ("month", "ltm"):
            return Period(year * 12 + number - 1, kind)
        for segment in reversed(self.segments):
            end = segment.year_end(year) - (12 - 3 * number if kind == "quarter" else 0)
            if self.at(end) is segment and self.is_end(kind, end):
                return Period(end, kind)
        raise UnknownPeriod(
            f"The company has no fiscal {kind} {text[:40]}: its fiscal year changed in that time.",
            field="period",
            mend="Report that time by months, or correct the fiscal calendar.",
        )

    def ending(self, kind: Kind, month: int) -> Period:
        """The period of a kind that ends with a month, whether or not the calendar cuts it there."""
        return Period(month, kind)

    def label(self, period: Period) -> str:
        """How a period is written."""
        if period.kind == "month":
            return f"{first_day(period.end):%Y-%m}"
        if period.kind == "ltm":
            return f"LTM-{first_day(period.end):%Y-%m}"
        if period.kind == "year":
            return str(period.end // 12)
        year_ends_in = self.at(period.end).year_ends_in
        quarters_left, off = divmod((year_ends_in - 1 - period.end) % 12, 3)
        if off:  # reported under another calendar than today's
            return f"{first_day(period.start):%Y-%m}/{first_day(period.end):%Y-%m}"
        return f"{(period.end + 3 * quarters_left) // 12}-Q{4 - quarters_left}"


def _number(parts: dict[str, str | None]) -> int:
    if parts.get("name"):
        return _MONTH_NAMES.index(str(parts["name"])[:3].lower()) + 1
    return int(parts.get("n") or 0)


def kind_of(text: str) -> Kind | None:
    """The kind of period a word names, None if it names none."""
    return KIND_WORDS.get(text.strip().lower())
