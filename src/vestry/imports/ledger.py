"""A full ledger in the form of :mod:`vestry.imports.form`: a workbook, a zip of CSV files, or a CSV file of one sheet.

Every row becomes an id: that of the row in the books it equals, or a new one. New rows carry placeholders above every
real id while they are checked, so that a row can refer to another of the same file; real ids are drawn when writing.
"""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

import polars as pl
from sqlalchemy.orm import Session

from vestry.batches.columns import Reader
from vestry.batches.tables import Table, fault, refuse
from vestry.core import bulk
from vestry.core.actor import Actor
from vestry.core.errors import Fault, Invalid
from vestry.core.fields import name_key
from vestry.core.types import MONEY_SCALE
from vestry.funds.models import Vehicle
from vestry.imports import ledger_rules
from vestry.imports.form import BY_NAME, REF, SHEETS, Cell, Sheet, headings
from vestry.imports.kinds import DUPLICATE, ERROR, NEW, Checked, Kind, Options, Progress, money
from vestry.imports.recorded import Recorded, Row

PLACEHOLDER = 1 << 62
IGNORED = ("readme", "read me", "notes", "about")
_TYPES = {"day": pl.Date, "number": pl.Int64, "whole": pl.Int64, "ref": pl.Int64, "flag": pl.Boolean}


class Ledger:
    """A file's sheets against the books."""

    def __init__(self, session: Session, actor: Actor, tables: Mapping[str, Table], options: Options) -> None:
        self.recorded = Recorded(session, actor, list(tables))
        self.today = session.info["now"].date()
        self.tables, self.options = tables, options
        self.fresh: dict[str, dict[int, Row]] = {}
        self.positions: dict[str, dict[int, int]] = {}  # sheet → placeholder → position in the sheet
        self.readers: dict[str, Reader] = {}
        self.states: dict[str, list[str]] = {}
        self.notes: list[str] = []
        self._keys: dict[str, dict[str, int]] = {}
        self._placeholders = itertools.count(PLACEHOLDER)

    def row(self, sheet: str, row_id: int) -> Row:
        """A row of the books or of the file."""
        return self.fresh.get(sheet, {}).get(row_id) or self.recorded.rows[sheet][row_id]

    def check(self) -> None:
        """Read, resolve and compare every sheet, those that others refer to first."""
        for sheet in SHEETS:
            if sheet.name in self.tables:
                self._check_sheet(sheet, self.tables[sheet.name])
        ledger_rules.check_together(self)

    def refuse(self, sheet: str, row_id: int, column: str | None, reason: str) -> None:
        """Refuse a new row."""
        read = self.readers[sheet]
        position = self.positions[sheet][row_id]
        number = read.table.rows[position]
        self.states[sheet][position] = ERROR
        value = read.text(column)[position] if column and read.has(column) else None
        read.faults.append(fault(number, column, value, reason, sheet))

    def _check_sheet(self, sheet: Sheet, table: Table) -> None:
        read = self.readers[sheet.name] = Reader(table, _mapping(sheet, table), self.options.style, sheet.name)
        columns = {cell.column: self._typed(read, cell) for cell in sheet.cells}
        ledger_rules.check_rows(sheet.name, read, columns, self.today)
        rows = [dict(zip(columns, values, strict=True)) for values in zip(*columns.values(), strict=True)]
        for position, row in enumerate(rows):
            if not read.bad[position]:
                self._derive(sheet, row)
        self._settle(sheet, read, rows)

    def _typed(self, read: Reader, cell: Cell) -> pl.Series:
        name = cell.name
        if cell.kind == "ref":
            return self._resolved(read, cell)
        if cell.kind == "name":
            return read.names(name, required=cell.required)
        if cell.kind == "day":
            return read.days(name, required=cell.required)
        if cell.kind == "flag":
            return read.flags(name)
        if cell.kind == "currency":
            return _required(read, name, read.currencies(name))
        if cell.kind == "whole":
            return read.whole(name, cell.least or 0, cell.most or 0)
        if cell.kind == "choice":
            words = dict(zip(cell.choices, cell.choices, strict=True))
            chosen = read.choices(name, words, required=cell.required)
            return chosen if cell.default is None else chosen.fill_null(cell.default)
        if cell.kind == "number":
            return _bounded(read, cell)
        return read.prose(name, cell.most or 10_000)

    def _resolved(self, read: Reader, cell: Cell) -> pl.Series:
        """The ids that the texts refer to."""
        texts = read.required(cell.name) if cell.required else read.text(cell.name)
        keys = self._keys_of(cell.to)
        found = {text: _found(keys, cell.to, text) for text in texts.unique().to_list() if text}
        known = {text: row_id for text, row_id in found.items() if row_id is not None}
        ids = texts.replace_strict(known, default=None, return_dtype=pl.Int64)
        read.refuse(cell.name, ids.is_null() & (texts != ""), f"is neither in the sheet {cell.to} nor in the books")
        return ids

    def _keys_of(self, sheet: str) -> dict[str, int]:
        if sheet not in self._keys:
            folded = BY_NAME[sheet].keyed != REF
            labels = self.recorded.labels.get(sheet, {})
            self._keys[sheet] = {name_key(text) if folded else text: one for one, text in labels.items()}
            if sheet == "vehicles":
                funds = self._keys_of("funds")
                main = {
                    row["fund_id"]: one for one, row in self.recorded.rows["vehicles"].items() if row["kind"] == "main"
                }
                self._keys[sheet] |= {_main(key): main[fund] for key, fund in funds.items() if fund in main}
        return self._keys[sheet]

    def _derive(self, sheet: Sheet, row: Row) -> None:
        """The columns that follow from the others."""
        if "name_key" in sheet.derived:
            row["name_key"] = name_key(row["name"])
        if sheet.name == "vehicles":
            row["currency"] = self.row("funds", row["fund_id"])["currency"]
        elif sheet.name == "call_lines":
            row["vehicle_id"] = self.row("calls", row["capital_call_id"])["vehicle_id"]
            row["amount"] = row["investments"] + row["fees"] + row["expenses"]
        elif sheet.name == "distribution_lines":
            row["vehicle_id"] = self.row("distributions", row["distribution_id"])["vehicle_id"]
            row["amount"] = row["return_of_capital"] + row["gains"] + row["income"]
        elif sheet.name == "marks":
            row["currency"] = self._books_currency(row)

    def _books_currency(self, mark: Row) -> str | None:
        if mark["company_id"] is not None:
            return str(self.row("companies", mark["company_id"])["currency"])
        if mark["holding_id"] is None:
            return None
        investment = self.row("investments", self.row("holdings", mark["holding_id"])["investment_id"])
        return str(self.row("vehicles", investment["vehicle_id"])["currency"])

    def _settle(self, sheet: Sheet, read: Reader, rows: list[Row]) -> None:
        """Give every row its id and state."""
        same = sheet.same or (*(cell.column for cell in sheet.cells), *sheet.derived)
        there: dict[tuple[Any, ...], list[int]] = {}
        for row_id, row in reversed(self.recorded.rows[sheet.name].items()):
            there.setdefault(tuple(row.get(name) for name in same), []).append(row_id)
        once = {tuple(row[name] for name in sheet.once) for row in self.recorded.rows[sheet.name].values()}
        seen: Counter[tuple[Any, ...]] = Counter()
        fresh = self.fresh.setdefault(sheet.name, {})  # holds the main vehicles that came with new funds
        states: list[str] = []
        ids: list[int | None] = []
        self.positions[sheet.name], self.states[sheet.name] = {}, states
        for position, row in enumerate(rows):
            key = tuple(row.get(name) for name in same)
            if read.bad[position]:
                states.append(ERROR)
                ids.append(None)
            elif there.get(key):
                states.append(DUPLICATE)
                ids.append(there[key].pop())
                self._refuse_other_currency(sheet, read, row, ids[-1], position)
            else:
                row_id = next(self._placeholders)
                states.append(NEW)
                ids.append(row_id)
                fresh[row_id] = row
                self.positions[sheet.name][row_id] = position
                unique = tuple(row[name] for name in sheet.once)
                if sheet.once and unique in once:
                    self.refuse(sheet.name, row_id, None, f"is a second row of one {_words(sheet.once)}")
                elif sheet.same and seen[key]:
                    self.refuse(sheet.name, row_id, None, f"is a second row of one {_words(sheet.same)}")
                once.add(unique)
            seen[key] += 1
        if sheet.name == "funds":
            self._main_vehicles(fresh)
        if sheet.keyed:
            self._register(sheet, read, rows, ids)

    def _refuse_other_currency(self, sheet: Sheet, read: Reader, row: Row, row_id: int | None, position: int) -> None:
        known = self.recorded.rows[sheet.name].get(row_id or 0, {})
        if sheet.name in ("funds", "companies") and known.get("currency") != row["currency"]:
            self.states[sheet.name][position] = ERROR
            reason = f"is in the books in {known.get('currency')}"
            read.faults.append(fault(read.table.rows[position], "currency", row["currency"], reason, sheet.name))

    def _main_vehicles(self, funds: Mapping[int, Row]) -> None:
        vehicles = self.fresh.setdefault("vehicles", {})
        keys = self._keys_of("vehicles")
        for fund_id, fund in funds.items():
            main = {"fund_id": fund_id, "name": fund["name"], "kind": "main", "books": fund["books"]}
            row_id = next(self._placeholders)
            vehicles[row_id] = main | {"currency": fund["currency"]}
            keys[_main(fund["name_key"])] = row_id

    def _register(self, sheet: Sheet, read: Reader, rows: list[Row], ids: list[int | None]) -> None:
        """Let later sheets refer to the rows, by their ref or by their name."""
        keys = self._keys_of(sheet.name)
        mine: Counter[str] = Counter()
        refs = read.text(REF).to_list()
        for position, (row, row_id) in enumerate(zip(rows, ids, strict=True)):
            text = refs[position] if sheet.keyed == REF else ""
            key = text or (row.get("name_key") if sheet.keyed != REF else row.get("name")) or ""
            if row_id is None or not key:
                continue
            mine[key] += 1
            if mine[key] > 1 and text:
                read.faults.append(fault(read.table.rows[position], REF, text, "stands twice in the sheet", sheet.name))
                self.states[sheet.name][position] = ERROR
            keys[key] = row_id


def _main(fund_key: str) -> str:
    return f"main vehicle of {fund_key}"


def _found(keys: Mapping[str, int], sheet: str, text: str) -> int | None:
    if BY_NAME[sheet].keyed != REF:
        return keys.get(name_key(text))
    found = keys.get(text)
    return keys.get(_main(name_key(text))) if found is None and sheet == "vehicles" else found


def _required(read: Reader, name: str, values: pl.Series) -> pl.Series:
    read.refuse(name, read.text(name) == "", "is missing")
    return values


def _bounded(read: Reader, cell: Cell) -> pl.Series:
    units = read.numbers(cell.name, cell.places, required=cell.required)
    if cell.least == 0:
        read.not_negative(cell.name, units)
    if cell.most is not None:
        read.refuse(cell.name, units > cell.most * 10**cell.places, f"is more than {cell.most}")
    return units if cell.default is None else units.fill_null(int(cell.default) * 10**cell.places)


def _words(columns: Sequence[str]) -> str:
    return " and ".join(column.removesuffix("_id").removesuffix("_key").replace("_", " ") for column in columns)


def _mapping(sheet: Sheet, table: Table) -> dict[str, str]:
    """Field → heading; every heading must be known, every required field there."""
    known = headings(sheet)
    folded = {column.casefold().strip().replace(" ", "_"): column for column in table.frame.columns}
    strange = [column for key, column in folded.items() if key not in known]
    missing = [cell.name for cell in sheet.cells if cell.required and cell.name not in folded]
    faults = [
        fault(1, column, column, f"is no column of {sheet.name}: {', '.join(known)}", sheet.name) for column in strange
    ]
    faults += [fault(1, name, None, "is missing", sheet.name) for name in missing]
    refuse(faults, f"sheet {sheet.name}")
    return {key: column for key, column in folded.items() if key in known}


def check(
    session: Session, actor: Actor, tables: Sequence[Table], mapping: Mapping[str, str], options: Options
) -> Checked:
    """Check every row of every sheet."""
    ledger = Ledger(session, actor, _by_sheet(tables), options)
    ledger.check()
    parts = [
        pl.DataFrame(
            [
                read.table.rows.alias("row").cast(pl.Int64),
                pl.repeat(name, read.height, dtype=pl.String, eager=True).alias("sheet"),
                pl.Series("state", ledger.states[name], pl.String),
                read.table.frame.select(pl.concat_str(pl.all(), separator=" | ").alias("record")).to_series(),
            ]
        )
        for name, read in ledger.readers.items()
    ]
    faults: list[Fault] = [one for read in ledger.readers.values() for one in sorted(read.faults, key=_place)]
    return Checked(pl.concat(parts), faults, _totals(ledger), ledger.notes, ledger)


def _place(one: Fault) -> tuple[int, str]:
    return one.row or 0, one.column or ""


def write(session: Session, actor: Actor, batch_id: int, checked: Checked, progress: Progress) -> dict[str, int | str]:
    """Write the new rows, those that others refer to first."""
    ledger: Ledger = checked.load
    total = sum(len(rows) for rows in ledger.fresh.values())
    done = 0
    real: dict[int, int] = {}
    receipt: dict[str, int | str] = {}
    for sheet in SHEETS:
        rows = ledger.fresh.get(sheet.name)
        if not rows:
            continue
        real |= zip(rows, bulk.new_ids(session, sheet.model, len(rows)).to_list(), strict=True)
        frame = _frame(sheet, rows, real)
        bulk.write(session, sheet.model, frame, {"firm_id": actor.firm_id, "batch_id": batch_id})
        if sheet.model is not Vehicle or sheet.name in ledger.tables:
            receipt[sheet.name] = len(ledger.positions.get(sheet.name, rows))
        done += len(rows)
        progress("written", done, total)
    return {**{name: count for name, count in receipt.items() if count}, **checked.totals}


def _frame(sheet: Sheet, rows: Mapping[int, Row], real: Mapping[int, int]) -> pl.DataFrame:
    table: Any = sheet.model.__table__
    cells = {cell.column: cell for cell in sheet.cells if cell.column in table.c}
    types = {column: _TYPES.get(cell.kind, pl.String) for column, cell in cells.items()}
    types |= {column: pl.Int64 if column in ("vehicle_id", "amount") else pl.String for column in sheet.derived}
    keys = {column for column in types if column.endswith("_id")}
    return pl.DataFrame(
        [
            pl.Series("id", [real[one] for one in rows], pl.Int64),
            *(
                pl.Series(
                    column,
                    [real.get(row[column], row[column]) if column in keys else row[column] for row in rows.values()],
                    kind,
                )
                for column, kind in types.items()
            ),
        ]
    )


def _by_sheet(tables: Sequence[Table]) -> dict[str, Table]:
    found: dict[str, Table] = {}
    for table in tables:
        name = table.name.removesuffix(".csv").strip().casefold().replace(" ", "_")
        if name in BY_NAME:
            found[name] = table
        elif name.replace("_", " ") not in IGNORED:
            raise Invalid(
                f"{table.name!r} is no sheet of a ledger.", field="file", mend=f"Sheets are: {', '.join(BY_NAME)}."
            )
    return found


def _totals(ledger: Ledger) -> dict[str, str]:
    """Sums of the new rows by currency."""
    sums: Counter[str] = Counter()
    for sheet, name in (("call_lines", "called"), ("distribution_lines", "distributed"), ("commitments", "committed")):
        for row_id, row in ledger.fresh.get(sheet, {}).items():
            position = ledger.positions[sheet].get(row_id)
            if position is not None:
                currency = ledger.row("vehicles", row["vehicle_id"])["currency"]
                sums[f"{name}_{currency}"] += row["amount"]
    return {name: money(total) for name, total in sorted(sums.items())}


KIND = Kind((), check, write, several=True)
assert MONEY_SCALE == 4  # what money() states
