"""Cells as people write them: periods with their scenario, and numbers."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from itertools import pairwise
from typing import Final

from vestry.batches.columns import SPACES
from vestry.batches.tables import CELL_MARKS, Style
from vestry.metrics.periods import Calendar, Kind, Period, UnknownPeriod, month_of

_SCENARIOS: Final = {
    **dict.fromkeys(("actual", "actuals", "act", "a", "reported"), "actual"),
    **dict.fromkeys(("budget", "bud", "plan", "b", "target"), "budget"),
    **dict.fromkeys(("forecast", "fcst", "fc", "estimate", "est", "f", "e", "outlook"), "forecast"),
}
_ENDING = re.compile(r"^(.*?[0-9])\s*[-–,/]?\s*[(\[]?\s*([A-Za-z]{1,8})\s*[)\]]?$")
_BEGINNING = re.compile(r"^([A-Za-z]{3,8})\s+(.*[0-9].*)$")
_MONTHS: Final = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_WRITTEN: Final = (
    (re.compile(r"(?:fy\s?)?['’]?([0-9]{2})[- ]?q([1-4])", re.I), "20{0}-Q{1}"),
    (re.compile(r"q([1-4])[- /]?(?:fy\s?)?['’]?([0-9]{2})", re.I), "20{1}-Q{0}"),
    (re.compile(r"([1-4])q[- /]?(?:fy\s?)?['’]?([0-9]{2})", re.I), "20{1}-Q{0}"),
    (re.compile(r"([1-4])q[- /]?(?:fy\s?)?([0-9]{4})", re.I), "{1}-Q{0}"),
    (re.compile(r"fy\s?['’]?([0-9]{2})", re.I), "20{0}"),
    (re.compile(rf"({'|'.join(_MONTHS)})[a-z]*\.?[- /]?['’]?([0-9]{{2}})", re.I), "{0} 20{1}"),
    (re.compile(rf"({'|'.join(_MONTHS)})[a-z]*\.?[- /]([0-9]{{4}})", re.I), "{0} {1}"),
    (re.compile(rf"(?:ltm|ttm)[- ]({'|'.join(_MONTHS)})[a-z]*[- ]([0-9]{{4}})", re.I), "LTM {0} {1}"),
    (re.compile(r"(0[1-9]|1[0-2])[/.]([0-9]{4})"), "{1}-{0}"),
    (re.compile(r"([0-9]{4})[/.](0[1-9]|1[0-2])"), "{0}-{1}"),
    (re.compile(r"([0-9]{4})\s*/\s*q([1-4])", re.I), "{0}-Q{1}"),
)
_DAYS: Final = {
    "YYYY-MM-DD": r"(?P<y>[0-9]{4})-(?P<m>[0-9]{2})-(?P<d>[0-9]{2})",
    "DD.MM.YYYY": r"(?P<d>[0-9]{1,2})\.(?P<m>[0-9]{1,2})\.(?P<y>[0-9]{4})",
    "DD/MM/YYYY": r"(?P<d>[0-9]{1,2})/(?P<m>[0-9]{1,2})/(?P<y>[0-9]{4})",
    "MM/DD/YYYY": r"(?P<m>[0-9]{1,2})/(?P<d>[0-9]{1,2})/(?P<y>[0-9]{4})",
    "DD-MM-YYYY": r"(?P<d>[0-9]{1,2})-(?P<m>[0-9]{1,2})-(?P<y>[0-9]{4})",
    "YYYY/MM/DD": r"(?P<y>[0-9]{4})/(?P<m>[0-9]{2})/(?P<d>[0-9]{2})",
}
NOTHING: Final = frozenset({"", "-", "–", "—", "n/a", "na", "n.a.", "n/m", "nm", "none"})
_MEANT_AS_PERIOD = re.compile(
    r"[0-9]{4}\s*[-/. ]?\s*q?[0-9]{1,2}([-/.][0-9]{1,2})?|q\s*[0-9]+\s*[-/ ]?\s*(fy)?\s*['’]?([0-9]{2}|[0-9]{4})"
    r"|[0-9]{1,2}[/.-][0-9]{4}",
    re.I,
)
_PLAIN = re.compile(r"[0-9]+(\.[0-9]+)?")
_ENGLISH = re.compile(r"\(?-?[$€£]?[0-9]{1,3}((,[0-9]{3})+\.[0-9]+|(,[0-9]{3}){2,})\)?")
_GERMAN = re.compile(r"\(?-?[$€£]?[0-9]{1,3}((\.[0-9]{3})+,[0-9]+|(\.[0-9]{3}){2,})\)?")
_NUMBER_MAX: Final = 40


@dataclass(frozen=True, slots=True)
class When:
    """What a heading says: a period, or a day whose period's length is not said, or a period that the company has not
    (``why``); and the scenario where it names one."""

    period: Period | None = None
    month: int | None = None
    scenario: str | None = None
    why: str | None = None


def scenario_of(text: str) -> str | None:
    """The scenario a word means."""
    return _SCENARIOS.get(text.strip().casefold())


def when(text: str, calendar: Calendar, date_format: str = "YYYY-MM-DD") -> When | None:
    """What a cell says about time; None where it says nothing of it."""
    bare = " ".join(text.split())
    if not bare or len(bare) > 40 or not any(sign.isdigit() for sign in bare):
        return None
    found = _when(bare, calendar, date_format)
    if found is not None:
        return found
    for form, period_at, word_at in ((_ENDING, 1, 2), (_BEGINNING, 2, 1)):
        parts = form.match(bare)
        scenario = scenario_of(parts[word_at]) if parts else None
        if parts and scenario:
            inner = _when(parts[period_at].strip(), calendar, date_format)
            if inner is not None:
                return When(inner.period, inner.month, scenario, inner.why)
    return None


def means_period(text: str) -> bool:
    """Whether a heading is written as a period or day, though there is none of that name, such as 2024-Q9."""
    return _MEANT_AS_PERIOD.fullmatch(" ".join(text.split())) is not None


def _when(text: str, calendar: Calendar, date_format: str) -> When | None:
    day = _day(text, date_format)
    if day is not None:
        return When(month=month_of(day))
    for form, label in _WRITTEN:
        parts = form.fullmatch(text)
        if parts:
            text = label.format(*parts.groups())
            break
    if text.startswith("LTM "):
        _, name, year = text.split()
        text = f"LTM-{year}-{_MONTHS.index(name[:3].lower()) + 1:02d}"
    try:
        return When(calendar.named(text))
    except UnknownPeriod as error:
        return None if "names no period" in error.message else When(why=error.message)


def _day(text: str, date_format: str) -> date | None:
    for name in dict.fromkeys(("YYYY-MM-DD", date_format, "DD.MM.YYYY")):
        found = re.fullmatch(_DAYS.get(name, "(?!)"), text)
        if found:
            try:
                return date(int(found["y"]), int(found["m"]), int(found["d"]))
            except ValueError:
                return None
    return None


def kind_of_steps(months: list[int]) -> Kind | None:
    """The length of the periods that end in these months, by the steps between them."""
    ends = sorted(set(months))
    step = min((after - before for before, after in pairwise(ends)), default=0)
    kinds: dict[int, Kind] = {1: "month", 3: "quarter", 12: "year"}
    return kinds.get(step)


@dataclass(frozen=True, slots=True)
class Number:
    """A number as it stands; ``percent`` where it was written with a percent sign. ``why`` it is none, if it is not."""

    value: Decimal | None = None
    percent: bool = False
    why: str | None = None


def is_blank(text: str) -> bool:
    """Whether a cell says that there is no figure."""
    return text.strip().casefold() in NOTHING


def number(text: str, style: Style, *, typed: bool) -> Number:
    """A figure as written: grouped as declared, in brackets when negative, with a percent or currency sign.

    ``typed``: it comes from a workbook, whose number cells are plain whatever the file's style is."""
    if text in CELL_MARKS:
        return Number(why=CELL_MARKS[text])
    bare = re.sub(f"[{SPACES}]", " ", text).strip()
    if len(bare) > _NUMBER_MAX:
        return Number(why="is text where a number belongs")
    percent = bare.endswith("%")
    bare = bare.removesuffix("%").strip()
    negative = bare.startswith("(") and bare.endswith(")")
    bare = bare[1:-1].strip() if negative else bare
    bare = re.sub(r"^([-−+]?)\s*[$€£¥₹₩]\s*", r"\1", bare).replace("−", "-")
    if bare[:1] in "+-" and bare:
        negative ^= bare[0] == "-"
        bare = bare[1:].strip()
    if not (typed and _PLAIN.fullmatch(bare)):
        bare = _ungrouped(bare, style)
    if not _PLAIN.fullmatch(bare):
        return Number(why=_why(bare))
    value = Decimal(bare)
    return Number(-value if negative else value, percent)


def _ungrouped(text: str, style: Style) -> str:
    point, group = re.escape(style.decimal), re.escape(style.thousands)
    if group and re.fullmatch(rf"[0-9]{{1,3}}({group}[0-9]{{3}})+({point}[0-9]+)?", text):
        text = text.replace(style.thousands, "")
    if style.decimal != ".":
        text = text.replace(".", "?").replace(style.decimal, ".")
    return text


def _why(text: str) -> str:
    if re.fullmatch(r"[0-9]{1,3}([,.' ?][0-9]{3})*[,.?][0-9]+|[0-9]{1,3}([,.' ?][0-9]{3})+", text):
        return "has thousands separators or a decimal comma: declare them, or write 1000.50"
    return "is text where a number belongs"


def grouped_style(texts: list[str], style: Style) -> Style:
    """The style of numbers when the file shows it beyond doubt ("1,234.50", "1.234,50"), else the one declared."""
    if style.thousands or style.decimal != ".":
        return style
    english = any(_ENGLISH.fullmatch(one) for one in texts)
    german = any(_GERMAN.fullmatch(one) for one in texts)
    if english == german:
        return style
    point, group = (".", ",") if english else (",", ".")
    return Style(style.encoding, style.delimiter, style.sheet, style.date_format, point, group)
