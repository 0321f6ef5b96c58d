"""What the books hold, sheet by sheet, as the form of a ledger states it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection
from decimal import Decimal
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from vestry.core.actor import Actor
from vestry.core.types import Exact
from vestry.funds.models import Vehicle
from vestry.identity.access import theirs
from vestry.imports.form import BY_NAME, SHEETS, Sheet, label

Row = dict[str, Any]


class Recorded:
    """The live rows of some sheets and of those they refer to: ``rows[sheet][id]``, exact numbers as whole units of
    their last place; ``labels[sheet][id]`` is the unique text by which a row is referred to."""

    def __init__(self, session: Session, actor: Actor, wanted: Collection[str]) -> None:
        self.rows: dict[str, dict[int, Row]] = {}
        self.labels: dict[str, dict[int, str]] = {}
        for sheet in SHEETS:
            if sheet.name in needed(wanted):
                self.rows[sheet.name] = _rows(session, actor, sheet)
                if sheet.keyed:
                    self.labels[sheet.name] = self._labels(sheet)

    def _labels(self, sheet: Sheet) -> dict[int, str]:
        seen: Counter[str] = Counter()
        labels: dict[int, str] = {}
        for row_id, row in self.rows[sheet.name].items():
            if sheet.model is Vehicle and row["kind"] == "main":
                labels[row_id] = self.labels["funds"][row["fund_id"]]
                continue
            text = label(sheet, row, self.labels)
            seen[text] += 1
            labels[row_id] = text if seen[text] == 1 else f"{text} #{seen[text]}"
        return labels


def needed(wanted: Collection[str]) -> set[str]:
    """The sheets, and all they refer to."""
    found: set[str] = set()
    waiting = list(wanted)
    if "marks" in waiting:
        waiting.append("transactions")  # they say what is held when
    while waiting:
        name = waiting.pop()
        if name not in found:
            found.add(name)
            waiting += [cell.to for cell in BY_NAME[name].cells if cell.kind == "ref"]
    # The books of a fund are its main vehicle's.
    return found | {"vehicles"} if "funds" in found else found


def _rows(session: Session, actor: Actor, sheet: Sheet) -> dict[int, Row]:
    table: Any = sheet.model.__table__
    own = [cell.column for cell in sheet.cells if cell.column in table.c]
    names = ["id", *own, *sheet.derived]
    live = table.c.archived_at if "archived_at" in table.c else table.c.voided_at
    query = select(*(table.c[name] for name in names)).where(theirs(actor, table), live.is_(None)).order_by(table.c.id)
    scales = {name: table.c[name].type.scale for name in names if isinstance(table.c[name].type, Exact)}
    found: dict[int, Row] = {}
    for values in session.execute(query):
        row = dict(zip(names, values, strict=True))
        for name, scale in scales.items():
            if row[name] is not None:
                row[name] = int(Decimal(row[name]).scaleb(scale))
        found[row.pop("id")] = row
    if sheet.name == "funds":
        main = select(Vehicle.fund_id, Vehicle.books).where(theirs(actor, Vehicle), Vehicle.kind == "main")
        for fund_id, books in session.execute(main):
            if fund_id in found:
                found[fund_id]["books"] = books
    return found
