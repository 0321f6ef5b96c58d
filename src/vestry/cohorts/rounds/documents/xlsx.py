"""A statement as a workbook: amounts are number cells, what is not known is an empty one, texts never run."""

from __future__ import annotations

import io
from typing import Any

import xlsxwriter

from vestry.cohorts.rounds.documents import words

WIDTH, WIDE = 15, 34


def as_xlsx(made: dict[str, Any]) -> bytes:
    """One sheet: what is open, the month's spend, then the cohorts below a header that is printed on each page."""
    out = io.BytesIO()
    book = xlsxwriter.Workbook(out, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False})
    sheet = _Sheet(book, "statement")
    sheet.head(made)
    for label, value in (*words.money_rows(made), *words.spend_rows(made)):
        sheet.row([label, value])
    sheet.at += 1
    sheet.cohorts(made)
    for note in words.notes(made):
        sheet.row([note])
    book.close()
    return out.getvalue()


class _Sheet:
    """A sheet that is written from top to bottom."""

    def __init__(self, book: Any, name: str) -> None:
        self.sheet, self.at = book.add_worksheet(name), 0
        self.bold = book.add_format({"bold": True})
        self.money = book.add_format({"num_format": "#,##0.00##"})
        self.share = book.add_format({"num_format": "0.##########%"})

    def head(self, made: dict[str, Any]) -> None:
        """Who states what to whom."""
        firm, company = words.parties(made)
        self.sheet.write_string(0, 0, words.title(made), self.bold)
        self.at = 1
        for label, text in (
            ("From", firm),
            ("To", company),
            ("Currency", made["currency"]),
            ("Status", "draft" if made["draft"] else made["state"]),
            (words.balance_label(made), None),
        ):
            self.row([label, text if text is not None else abs(made["balance"])])

    def row(self, values: list[Any], formats: list[Any] | None = None) -> None:
        """A row of texts, and of amounts as numbers."""
        for place, value in enumerate(values):
            if isinstance(value, str):
                self.sheet.write_string(self.at, place, value, self.bold if formats is None and place == 0 else None)
            elif value is not None:
                self.sheet.write_number(self.at, place, float(value), formats[place] if formats else self.money)
        self.at += 1

    def cohorts(self, made: dict[str, Any]) -> None:
        """The cohorts with their total."""
        columns = words.columns(made["side"])
        self.sheet.set_column(0, len(columns) - 1, WIDTH)
        self.sheet.set_column(0, 0, WIDE)
        self.sheet.repeat_rows(self.at)
        self.sheet.set_landscape()
        self.sheet.fit_to_pages(1, 0)
        self.sheet.set_footer("&L&F&Rpage &P of &N")
        for place, column in enumerate(columns):
            self.sheet.write_string(self.at, place, column.label(made["side"]), self.bold)
        self.at += 1
        formats = [self.share if one.holds == "share" else self.money for one in columns]
        for line in made["lines"]:
            self.row([_value(line, one) for one in columns], formats)
        total = [made["total"] if one.field == "collected" else None for one in columns]
        self.row(["Total", *total[1:]])
        self.at += 1


def _value(line: dict[str, Any], column: words.Column) -> Any:
    value = line[column.field]
    if column.holds in ("month", "reasons"):
        return words.cell(line, column)
    return None if value is None else float(value)
