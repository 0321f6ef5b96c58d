"""A ledger's sheets against the books: every row becomes an id, that of the row in the books it equals or a new one.

New rows carry placeholders above every real id while they are checked, so that a row can refer to another of the same
file; real ids are drawn when writing.
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
from vestry.core import clock
from vestry.core.actor import Actor
from vestry.core.fields import name_key
from vestry.imports.form import BY_NAME, REF, SHEETS, Cell, Sheet, headings
from vestry.imports.kinds import DUPLICATE, ERROR, NEW, Options
from vestry.imports.ledger_rows import check_rows
from vestry.imports.recorded import Recorded, Row

PLACEHOLDER = 1 << 62


class Ledger:
    """A file's sheets against the books."""

    def __init__(self, session: Session, actor: Actor, tables: Mapping[str, Table], options: Options) -> None:
        self.recorded = Recorded(session, actor, list(tables))
        self.today = clock.today(session)
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
        """Read, resolve and compare every sheet, those that others refer to first; what rows must hold together is
        asked afterwards."""
        for sheet in SHEETS:
            if sheet.name in self.tables:
                self._check_sheet(sheet, self.tables[sheet.name])

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
        check_rows(sheet.name, read, columns, self.today)
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
