"""A full ledger in the form of :mod:`vestry.imports.form`: a workbook, a zip of CSV files, or a CSV of one sheet."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

import polars as pl
from sqlalchemy.orm import Session

from vestry.batches.tables import Table
from vestry.core import bulk
from vestry.core.actor import Actor
from vestry.core.errors import Fault, Invalid
from vestry.core.types import MONEY_SCALE
from vestry.funds.models import Vehicle
from vestry.imports.beside import NUMBERS
from vestry.imports.form import BY_NAME, SHEETS, Sheet
from vestry.imports.kinds import Checked, Kind, Options, Progress, money
from vestry.imports.ledger_rules import check_together
from vestry.imports.ledger_sheets import Ledger
from vestry.imports.recorded import Row

# What an export has beside the ledger stays out as well: it comes in by ways of its own.
IGNORED = ("readme", "read me", "notes", "about")
_TYPES = {"day": pl.Date, "number": pl.Int64, "whole": pl.Int64, "ref": pl.Int64, "flag": pl.Boolean}


def check(
    session: Session, actor: Actor, tables: Sequence[Table], mapping: Mapping[str, str], options: Options
) -> Checked:
    """Check every row of every sheet."""
    ledger = Ledger(session, actor, _by_sheet(tables), options)
    left = [table for table in tables if _name(table) in NUMBERS and len(table.frame)]
    if left:
        ledger.notes.append(f"Not part of a ledger, and left alone: {', '.join(map(_name, left))}.")
    ledger.check()
    check_together(ledger)
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


def _name(table: Table) -> str:
    return table.name.removesuffix(".csv").strip().casefold().replace(" ", "_")


def _by_sheet(tables: Sequence[Table]) -> dict[str, Table]:
    found: dict[str, Table] = {}
    for table in tables:
        name = _name(table)
        if name in BY_NAME:
            found[name] = table
        elif name.replace("_", " ") not in IGNORED and name not in NUMBERS:
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
