"""The columns of a table as typed values, checked all at once; every bad cell is told with its row, column and reason.

A :class:`Reader` looks at one table through a mapping (field → heading). Where a cell is bad its value is null, and the
row is counted as bad; the caller adds refusals of its own with :meth:`Reader.refuse`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import date

import polars as pl
from pydantic import TypeAdapter, ValidationError

from vestry.batches.tables import Style, Table, fault
from vestry.core.errors import Fault, Invalid
from vestry.core.fields import YEAR_MAX, YEAR_MIN, CurrencyCode, Name, Prose
from vestry.core.types import INT64_MAX
from vestry.core.wording import said

DATE_FORMATS = {
    "YYYY-MM-DD": "%Y-%m-%d",
    "DD/MM/YYYY": "%d/%m/%Y",
    "MM/DD/YYYY": "%m/%d/%Y",
    "DD.MM.YYYY": "%d.%m.%Y",
    "DD-MM-YYYY": "%d-%m-%Y",
    "YYYY/MM/DD": "%Y/%m/%d",
    "YYYYMMDD": "%Y%m%d",
}
DECIMALS = (".", ",")
THOUSANDS = ("", ",", ".", " ", "'")
SPACES = "\u00a0\u2009\u202f"  # no-break, thin and narrow: what programs write for a space between thousands
_ISO = r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$"
_SHAPES = {
    name: "^" + re.sub("[YMD]+", lambda found: f"[0-9]{{{len(found[0])}}}", re.escape(name)) + "$"
    for name in DATE_FORMATS
}
YES, NO = ("yes", "y", "true"), ("no", "n", "false")
_NAME, _PROSE, _CURRENCY = TypeAdapter(Name), TypeAdapter(Prose), TypeAdapter(CurrencyCode)


class Reader:
    """One table seen through a mapping; collects what is wrong with it."""

    def __init__(self, table: Table, mapping: Mapping[str, str], style: Style, sheet: str | None = None) -> None:
        _refuse_unknown_style(style)
        self.table, self.mapping, self.style, self.sheet = table, mapping, style, sheet
        self.height = table.frame.height
        self.bad = pl.repeat(False, self.height, dtype=pl.Boolean, eager=True)
        self.faults: list[Fault] = []
        self._texts: dict[str, pl.Series] = {}

    def has(self, field: str) -> bool:
        """Whether the file has a column for the field."""
        return field in self.mapping

    def text(self, field: str) -> pl.Series:
        """The cells without the spaces around them; "" where the file has no such column."""
        if field not in self.mapping:
            return pl.repeat("", self.height, dtype=pl.String, eager=True)
        if field not in self._texts:
            self._texts[field] = self.table.frame[self.mapping[field]].str.strip_chars().alias(field)
        return self._texts[field]

    def refuse(self, field: str, where: pl.Series, reason: str | Callable[[str], str]) -> None:
        """Refuse the rows where it is true, naming the field's column and each cell's value."""
        where = where.fill_null(False)
        if not where.any():
            return
        self.bad |= where
        column = self.mapping.get(field, field)
        cells = self.text(field).filter(where).to_list()
        for row, cell in zip(self.table.rows.filter(where).to_list(), cells, strict=True):
            why = reason if isinstance(reason, str) else reason(cell)
            self.faults.append(fault(row, column, cell, why, self.sheet))

    def required(self, field: str) -> pl.Series:
        """The cells of a field that must not be empty."""
        cells = self.text(field)
        self.refuse(field, cells == "", "is missing")
        return cells

    def days(self, field: str, *, required: bool = True) -> pl.Series:
        """Calendar days, in the declared format or as YYYY-MM-DD."""
        cells = self.required(field) if required else self.text(field)
        days = _parsed_days(cells, "YYYY-MM-DD")
        if self.style.date_format != "YYYY-MM-DD":
            days = days.fill_null(_parsed_days(cells, self.style.date_format))
        self.refuse(field, days.is_null() & (cells != ""), self._why_no_day)
        wild = (days.dt.year() < YEAR_MIN) | (days.dt.year() > YEAR_MAX)
        self.refuse(field, wild, f"must lie between {YEAR_MIN} and {YEAR_MAX}")
        return days

    def numbers(self, field: str, scale: int, *, required: bool = True) -> pl.Series:
        """Exact decimals, as whole units of the last of ``scale`` places; nothing is rounded."""
        cells = self.required(field) if required else self.text(field)
        units = parsed_units(self._plain_numbers(cells), scale)
        self.refuse(field, units.is_null() & (cells != ""), lambda cell: self._why_no_number(cell, scale))
        return units

    def not_negative(self, field: str, units: pl.Series) -> None:
        """Refuse amounts below zero."""
        self.refuse(field, units < 0, "is negative")

    def choices(self, field: str, meanings: Mapping[str, str], *, required: bool = True) -> pl.Series:
        """One of several words, whatever their case, as the word they mean."""
        cells = self.required(field) if required else self.text(field)
        written = cells.unique()
        folded = written.str.to_lowercase().str.replace_all(r"[\s_-]+", " ")
        meant = folded.replace_strict(
            {word.replace("_", " "): meaning for word, meaning in meanings.items()},
            default=None,
            return_dtype=pl.String,
        )
        chosen = cells.replace_strict(written, meant, default=None, return_dtype=pl.String)
        words = ", ".join(dict.fromkeys(meanings.values()))
        self.refuse(field, chosen.is_null() & (cells != ""), f"is none of: {words}")
        return chosen

    def flags(self, field: str) -> pl.Series:
        """yes or no; an empty cell is no."""
        words = dict.fromkeys(YES, "yes") | dict.fromkeys(NO, "no")
        return (self.choices(field, words, required=False) == "yes").fill_null(False)

    def whole(self, field: str, low: int, high: int) -> pl.Series:
        """Whole numbers within bounds, or nothing."""
        cells = self.text(field)
        numbers = cells.str.extract(r"^([0-9]{1,9})$").cast(pl.Int64)
        wrong = (numbers.is_null() & (cells != "")) | (numbers < low) | (numbers > high)
        self.refuse(field, wrong, f"is not a whole number from {low} to {high}")
        return numbers

    def names(self, field: str, *, required: bool = True) -> pl.Series:
        """Names as the API takes them: one visible line, NFC, at most 200 characters."""
        cells = self.required(field) if required else self.text(field)
        return self._validated(field, cells, _NAME)

    def prose(self, field: str, longest: int = 10_000) -> pl.Series:
        """Free text, or nothing."""
        cells = self.text(field)
        self.refuse(field, cells.str.len_chars() > longest, f"has more than {longest:,} characters")
        return self._validated(field, cells, _PROSE)

    def currencies(self, field: str) -> pl.Series:
        """Currency codes, or nothing."""
        return self._validated(field, self.text(field), _CURRENCY)

    def _validated(self, field: str, cells: pl.Series, kind: TypeAdapter[str]) -> pl.Series:
        clean: dict[str, str] = {}
        reasons: dict[str, str] = {}
        for cell in cells.unique().to_list():
            if cell == "":
                continue
            try:
                clean[cell] = kind.validate_python(cell)
            except ValidationError as error:
                reasons[cell] = said(error.errors()[0])
        if reasons:
            self.refuse(field, cells.is_in(list(reasons)), reasons.__getitem__)
        return cells.replace_strict(clean, default=None, return_dtype=pl.String)

    def _plain_numbers(self, cells: pl.Series) -> pl.Series:
        point, group = self.style.decimal, self.style.thousands
        if group == " ":
            cells = cells.str.replace_all(f"[{SPACES}]", " ")
        if group:
            grouped = f"^-?[0-9]{{1,3}}({re.escape(group)}[0-9]{{3}})+({re.escape(point)}[0-9]+)?$"
            flat = cells.str.replace_all(group, "", literal=True)
            cells = pl.select(pl.when(cells.str.contains(grouped)).then(flat).otherwise(cells)).to_series()
        if point != ".":
            # A point would be read as a decimal point although the file writes a comma: leave it to be refused.
            cells = cells.str.replace_all(".", "?", literal=True).str.replace_all(point, ".", literal=True)
        return cells

    def _why_no_number(self, cell: str, scale: int) -> str:
        plain = self._plain_numbers(pl.Series([cell])).item()
        if re.fullmatch(r"-?[0-9]+\.[0-9]+", plain) and len(plain.partition(".")[2]) > scale:
            return f"has {len(plain.partition('.')[2])} decimals; at most {scale} are kept"
        if re.fullmatch(r"-?[0-9]+(\.[0-9]+)?", plain):
            return "is too large a number"
        spaced = re.sub(f"[{SPACES}]", " ", cell)
        if re.fullmatch(r"-?[0-9]{1,3}([,.' ][0-9]{3})*[,.][0-9]+|-?[0-9]{1,3}([,.' ][0-9]{3})+", spaced):
            return "has thousands separators or a decimal comma: declare them, or write 1000.50"
        return "is not a plain number such as 1250000.00"

    def _why_no_day(self, cell: str) -> str:
        for name, shape in _SHAPES.items():
            if re.fullmatch(shape, cell) and name in ("YYYY-MM-DD", self.style.date_format):
                return "is not a day of the calendar"
        if re.fullmatch("[0-9]{5}([.][0-9]+)?", cell):
            return "is a number: format the column as dates"
        if any(re.fullmatch(shape, cell) for shape in _SHAPES.values()):
            return f"is not written {self.style.date_format}: declare the file's date format"
        if re.fullmatch(r"[0-9]{1,4}([-./])[0-9]{1,2}\1[0-9]{1,4}", cell):
            return f"is not written {self.style.date_format}: days and months have two digits, years have four"
        return f"is not a date written {self.style.date_format}"


def parsed_units(cells: pl.Series, scale: int) -> pl.Series:
    """Plain decimals in units of the last place; null where a cell is none, has more places, or is too large."""
    digits = len(str(INT64_MAX // 10**scale))
    plain = cells.str.contains(rf"^-?0*[0-9]{{1,{digits}}}(?:\.[0-9]{{1,{scale}}})?$").fill_null(False)
    if not plain.any():
        return pl.repeat(None, cells.len(), dtype=pl.Int64, eager=True).alias(cells.name)
    shaped = pl.select(pl.when(plain).then(cells)).to_series()
    exact = shaped.cast(pl.Decimal(38, scale), strict=False)
    if (exact.is_null() & plain).any():  # more leading zeros than a decimal has places
        bare = shaped.str.replace(r"^(-?)0+([0-9])", "${1}${2}")
        exact = bare.cast(pl.Decimal(38, scale), strict=False)
    units = exact.to_physical()  # nothing is rounded: the shape has no more places
    fits = (units >= -INT64_MAX) & (units <= INT64_MAX)
    return pl.select(pl.when(fits).then(units)).to_series().cast(pl.Int64).alias(cells.name)


def suggested_dates(cells: pl.Series) -> str | None:
    """The one date format that fits every cell; None where none does, or more than one."""
    written = cells.filter(cells != "")
    fitting = [name for name in DATE_FORMATS if not _parsed_days(written, name).has_nulls()]
    return fitting[0] if len(fitting) == 1 and not written.is_empty() else None


def _parsed_days(cells: pl.Series, name: str) -> pl.Series:
    shaped = cells.str.contains(_SHAPES[name])
    return pl.select(pl.when(shaped).then(cells)).to_series().str.to_date(DATE_FORMATS[name], strict=False)


def _refuse_unknown_style(style: Style) -> None:
    for field, value, known in (
        ("date_format", style.date_format, tuple(DATE_FORMATS)),
        ("decimal", style.decimal, DECIMALS),
        ("thousands", style.thousands, THOUSANDS),
    ):
        if value not in known:
            raise Invalid(f"{field} {value!r} is not known.", field=field, mend=f"One of: {', '.join(known)}.")
    if style.decimal == style.thousands:
        raise Invalid("The decimal sign and the thousands separator are the same.", field="thousands")


def day(text: str, field: str) -> date:
    """One day given as an option."""
    found = _parsed_days(pl.Series([text]), "YYYY-MM-DD").item()
    if not isinstance(found, date):
        shaped = re.fullmatch(_SHAPES["YYYY-MM-DD"], text)
        wrong = "is not a day of the calendar" if shaped else "is not a date written YYYY-MM-DD"
        raise Invalid(f"{text!r} {wrong}.", field=field, mend="Give a day such as 2024-12-31.")
    if not YEAR_MIN <= found.year <= YEAR_MAX:
        raise Invalid(f"{text!r} must lie between {YEAR_MIN} and {YEAR_MAX}.", field=field, mend="Correct the year.")
    return found
