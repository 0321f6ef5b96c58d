"""A workbook for a company to fill: every metric with its meaning and unit, what was reported before, the periods to
come, and sums that say at once whether they agree. It comes back by the import of figures.

Column A holds the metrics' keys, by which the file maps itself; rows without a key are headings and sums and are not
read. Formulas carry no value: a spreadsheet computes them when it opens the file.
"""

from __future__ import annotations

import io
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final

import xlsxwriter
from sqlalchemy.orm import Session
from xlsxwriter.utility import xl_col_to_name

from vestry.batches.xlsx_files import DIGITS_KEPT
from vestry.companies.models import Company
from vestry.core import clock
from vestry.core.actor import Actor
from vestry.core.cells import quoted
from vestry.core.fields import decimal_text
from vestry.identity.access import find
from vestry.kernel.metrics import MetricDefinition as Definition
from vestry.metrics import queries, reading
from vestry.metrics.book import Book
from vestry.metrics.checks import TIES, TOLERANCE, Tie
from vestry.metrics.periods import Calendar, Kind, Period, month_of
from vestry.metrics.registry import STATEMENTS

BEFORE: Final = 4
AHEAD_MAX: Final = 12
FIRST: Final = 3  # the column of the first period
HEAD: Final = 4  # the row of the periods
_TITLES: Final = {"profit_and_loss": "Profit and loss", "balance_sheet": "Balance sheet", "cash_flow": "Cash flow"}
_OVER_TIME: Final = {"flow": "of the whole period", "stock": "at the end of the period"}
_UNITS: Final = {"count": "number", "ratio": "% or fraction", "multiple": "times", "months": "months"}
# Cash moves as the cash flow says; EBITDA is what is left of gross profit after operating expense.
_EBITDA: Final = Tie(
    "ebitda", "ebitda", ((1, "gross_profit"), (-1, "total_operating_expense")), says="gross profit − operating expense"
)


@dataclass(frozen=True, slots=True)
class Asked:
    """A template's periods: those reported before, and those to be filled."""

    before: list[Period]
    ahead: list[Period]

    @property
    def all(self) -> list[Period]:
        """Both, in their order."""
        return [*self.before, *self.ahead]


def template(session: Session, actor: Actor, company_id: int, *, kind: Kind, ahead: int, scenario: str) -> bytes:
    """The workbook of a company for the next periods of a kind."""
    company = find(session, actor, Company, company_id, noun="company")
    book = reading.book_of(session, actor, company, scenario=scenario)
    rows = queries.values(session, actor, company.id, scenario=scenario)
    reported = sorted({row.period.end for row in rows if row.period.kind == kind})
    asked = periods(book.calendar, kind, reported, ahead, month_of(clock.today(session)))
    notes = {row["key"]: row["description"] or "" for row in queries.own_definitions(session, actor)}
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}) as made:
        _Sheet(made, company, book, asked, scenario, notes).write()
    return out.getvalue()


def periods(calendar: Calendar, kind: Kind, reported: list[int], ahead: int, today: int) -> Asked:
    """Up to four periods that end with the last reported one, and the next ones; where none was reported, those from
    the last that is over. ``reported`` and ``today`` are counted months."""
    if reported:
        last = reported[-1]
        spanned = range(max(reported[0], last - 12 * BEFORE), last + 1)
        before = [end for end in spanned if calendar.is_end(kind, end)][-BEFORE:]
    else:
        over = [end for end in range(today - 36, today) if calendar.is_end(kind, end)]
        last, before = max(over, default=today) - 1, []
    return Asked([Period(end, kind) for end in before], _next(calendar, kind, last, ahead))


def _next(calendar: Calendar, kind: Kind, last: int, count: int) -> list[Period]:
    found = [end for end in range(last + 1, last + 24 * (count + 1)) if calendar.is_end(kind, end)]
    return [Period(end, kind) for end in found[:count]]


class _Sheet:
    def __init__(
        self,
        made: xlsxwriter.Workbook,
        company: Company,
        book: Book,
        asked: Asked,
        scenario: str,
        notes: Mapping[str, str],
    ) -> None:
        self.company, self.book, self.asked, self.scenario, self.notes = company, book, asked, scenario, notes
        self.sheet = made.add_worksheet("Figures")
        look: dict[str, dict[str, Any]] = {
            "title": {"bold": True, "font_size": 14},
            "head": {"bold": True, "bottom": 1, "align": "right"},
            "headleft": {"bold": True, "bottom": 1},
            "section": {"bold": True, "bg_color": "#E6EAF0"},
            "faint": {"font_color": "#5B6472", "text_wrap": True, "valign": "top"},
            "key": {"font_color": "#8A93A0", "font_size": 8},
            "check": {"italic": True, "font_color": "#5B6472", "align": "right"},
        }
        self.look = {name: made.add_format(one) for name, one in look.items()}
        form = {
            "money": "#,##0.00##",
            "count": "#,##0.##",
            "ratio": "0.0#%",
            "multiple": '0.00##"x"',
            "months": "#,##0.0",
        }
        locked = {"bg_color": "#EEF0F3", "font_color": "#3F4753"}
        self.before = {unit: made.add_format({"num_format": one, **locked}) for unit, one in form.items()}
        entry = {"locked": False, "border": 1, "border_color": "#C9CFD8"}
        self.entry = {unit: made.add_format({"num_format": one, **entry}) for unit, one in form.items()}
        self.rows: dict[str, int] = {}
        self.at = HEAD + 1

    def write(self) -> None:
        self._head()
        shown: set[str] = set()
        for name, lines in STATEMENTS.items():
            keys = [line.key for line in lines if self.book.definitions[line.key].kind != "derived"]
            self._section(_TITLES[name], keys)
            shown.update(keys)
        rest = [key for key, one in self.book.definitions.items() if one.kind != "derived" and key not in shown]
        self._section("Key figures", rest)
        self._checks()

    def _head(self) -> None:
        sheet, count = self.sheet, len(self.asked.all)
        sheet.set_column(0, 0, 6, None, {"hidden": False})
        sheet.set_column(1, 1, 40)
        sheet.set_column(2, 2, 14)
        sheet.set_column(FIRST, FIRST + count - 1, 16)
        sheet.set_column(FIRST + count, FIRST + count, 60)
        sheet.freeze_panes(HEAD + 1, FIRST)
        sheet.write_string(0, 1, quoted(self.company.name), self.look["title"])
        sheet.write_string(1, 1, "Fill the framed cells and send the file back; grey cells were reported before.")
        sheet.write_string(2, 1, "Correct a grey cell where it was wrong: the old figure stays known.")
        for column, text in enumerate(("Key", "Metric", "Unit")):
            sheet.write_string(HEAD, column, text, self.look["headleft"])
        suffix = "" if self.scenario == "actual" else f" {self.scenario.title()}"
        for column, period in enumerate(self.asked.all, FIRST):
            sheet.write_string(HEAD, column, self.book.calendar.label(period) + suffix, self.look["head"])
        sheet.write_string(HEAD, FIRST + count, "Definition", self.look["headleft"])

    def _section(self, title: str, keys: list[str]) -> None:
        if not keys:
            return
        for column in range(FIRST + len(self.asked.all) + 1):
            self.sheet.write_blank(self.at, column, None, self.look["section"])
        self.sheet.write_string(self.at, 1, title, self.look["section"])
        self.at += 1
        for key in keys:
            self._line(key)

    def _line(self, key: str) -> None:
        one, sheet = self.book.definitions[key], self.sheet
        self.rows[key] = self.at
        sheet.write_string(self.at, 0, key, self.look["key"])
        sheet.write_string(self.at, 1, quoted(one.label))
        sheet.write_string(self.at, 2, self.company.currency if one.unit == "money" else _UNITS[one.unit])
        for column, period in enumerate(self.asked.before, FIRST):
            self._reported(column, one, period)
        for column in range(FIRST + len(self.asked.before), FIRST + len(self.asked.all)):
            sheet.write_blank(self.at, column, None, self.entry[one.unit])
        first, last = FIRST, FIRST + len(self.asked.all) - 1
        sheet.data_validation(self.at, first, self.at, last, _validation(one))
        meaning = self.notes.get(key) or _meaning(one)
        sheet.write_string(self.at, FIRST + len(self.asked.all), quoted(meaning), self.look["faint"])
        self.at += 1

    def _reported(self, column: int, one: Definition, period: Period) -> None:
        cell = self.book.cell(period.kind, one.key, period.end)
        known = cell.value if cell.made == "reported" and cell.currency in (None, self.company.currency) else None
        if known is None:
            self.sheet.write_blank(self.at, column, None, self.entry[one.unit])
        elif _held(known):
            self.sheet.write_number(self.at, column, float(known), self.before[one.unit])
        else:
            self.sheet.write_string(self.at, column, decimal_text(known), self.before[one.unit])

    def _checks(self) -> None:
        self.at += 1
        self.sheet.write_string(self.at, 1, "Do they agree?", self.look["section"])
        self.at += 1
        for tie in (*TIES, _EBITDA):
            keys = [tie.total, *(key for _, key in tie.parts if key not in tie.optional)]
            label = f"{self.book.definitions[tie.total].label} = {tie.says}"
            self.sheet.write_string(self.at, 1, label, self.look["faint"])
            for column in range(FIRST, FIRST + len(self.asked.all)):
                parts = "".join(f"{'+' if sign > 0 else '-'}N({self._cell(key, column)})" for sign, key in tie.parts)
                self._formula(column, keys, self._cell(tie.total, column), parts.lstrip("+"))
            self.at += 1
        self._cash()

    def _cash(self) -> None:
        label = "Cash = cash of the period before + net change in cash"
        self.sheet.write_string(self.at, 1, label, self.look["faint"])
        months = [one.end for one in self.asked.all]
        for column in range(FIRST + 1, FIRST + len(self.asked.all)):
            now, before = self._cell("cash_balance", column), self._cell("cash_balance", column - 1)
            change = self._cell("net_change_in_cash", column)
            if months[column - FIRST] - months[column - FIRST - 1] <= 12:
                self._formula(column, [], now, f"{before}+{change}", present=(now, before, change))
        self.at += 1

    def _formula(
        self, column: int, keys: list[str], total: str, expected: str, present: tuple[str, ...] | None = None
    ) -> None:
        cells = present or tuple(self._cell(key, column) for key in keys)
        there = ",".join(f'{cell}=""' for cell in cells)
        room = f"{decimal_text(TOLERANCE)}*MAX(ABS({total}),ABS({expected}))"
        off = f"{total}-({expected})"
        text = f'=IF(OR({there}),"",IF(ABS({off})<={room},"agrees","off by "&TEXT({off},"#,##0.00")))'
        self.sheet.write_formula(self.at, column, text, self.look["check"], "")

    def _cell(self, key: str, column: int) -> str:
        return f"{xl_col_to_name(column)}{self.rows[key] + 1}"


def _held(value: Decimal) -> bool:
    """Whether a number cell holds all its digits."""
    return sum(map(str.isdigit, decimal_text(value))) <= DIGITS_KEPT


def _meaning(one: Definition) -> str:
    said = f"{_OVER_TIME[one.kind]}, given positive" if one.sign == "positive" else _OVER_TIME[one.kind]
    return f"{one.label}, {said}."


def _validation(one: Definition) -> dict[str, Any]:
    """What a cell takes: numbers, none below zero where there can be none; odd ones are asked about."""
    title = one.label[:32]
    told = {"ignore_blank": True, "input_title": title, "input_message": _meaning(one)[:255], "error_title": title}
    if one.unit == "ratio":
        message = "Write 93% or 0.93."
        return told | {"validate": "decimal", "criteria": "between", "minimum": -10, "maximum": 10,
                       "error_message": message, "error_type": "warning"}  # fmt: skip
    if one.unit == "count" and one.sign == "positive":
        return told | {"validate": "decimal", "criteria": ">=", "value": 0, "error_message": "A count, not below 0."}
    limits = {"minimum": -(10**14), "maximum": 10**14, "error_message": "A plain number, in whole units."}
    return told | {"validate": "decimal", "criteria": "between", **limits}
