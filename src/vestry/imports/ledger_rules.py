"""What must be true of a ledger's rows together, and with the books."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from vestry.core.errors import Conflict, Invalid
from vestry.core.types import FRACTION_SCALE, MONEY_SCALE, QUANTITY_SCALE
from vestry.imports.ledger_sheets import Ledger
from vestry.imports.recorded import Row
from vestry.investments.walk import Entry, Walk, order
from vestry.investments.walk import check as walk_through

SCALES = {
    "amount": MONEY_SCALE,
    "quantity": QUANTITY_SCALE,
    "ownership": FRACTION_SCALE,
    "disposed_share": FRACTION_SCALE,
}


def check_together(ledger: Ledger) -> None:
    """What rows must hold with the rows they refer to and with the books."""
    _same_company(ledger)
    _negative_calls(ledger)
    _walk(ledger)
    _note_over_called(ledger)


def _same_company(ledger: Ledger) -> None:
    for row_id, row in list(ledger.fresh.get("securities", {}).items()):
        if row["round_id"] is not None and ledger.row("rounds", row["round_id"])["company_id"] != row["company_id"]:
            ledger.refuse("securities", row_id, "round", "is a round of another company")
    for row_id, row in list(ledger.fresh.get("holdings", {}).items()):
        company = ledger.row("investments", row["investment_id"])["company_id"]
        if row["security_id"] is not None and ledger.row("securities", row["security_id"])["company_id"] != company:
            ledger.refuse("holdings", row_id, "security", "was issued by another company")
    for row_id, row in list(ledger.fresh.get("transactions", {}).items()):
        target = row["into_holding_id"]
        if target is not None and (
            target == row["holding_id"] or _investment(ledger, target) != _investment(ledger, row["holding_id"])
        ):
            ledger.refuse("transactions", row_id, "into_holding", "is not another holding of the same investment")


def _investment(ledger: Ledger, holding_id: int) -> int:
    return int(ledger.row("holdings", holding_id)["investment_id"])


def _negative_calls(ledger: Ledger) -> None:
    for row_id, row in list(ledger.fresh.get("call_lines", {}).items()):
        kind = ledger.row("calls", row["capital_call_id"])["kind"]
        for name in ("investments", "fees", "expenses"):
            if kind == "call" and row[name] < 0:
                ledger.refuse("call_lines", row_id, name, "is negative, which only an adjustment may be")


def _walk(ledger: Ledger) -> None:
    """Every touched investment's transactions must follow from each other; marks stand on what is held."""
    fresh = ledger.fresh.get("transactions", {})
    subjects = [*fresh.values(), *ledger.fresh.get("marks", {}).values()]
    touched = {_investment(ledger, row["holding_id"]) for row in subjects if row["holding_id"] is not None}
    by_investment: dict[int, list[Entry]] = {investment_id: [] for investment_id in touched}
    for row_id, row in [*ledger.recorded.rows.get("transactions", {}).items(), *fresh.items()]:
        investment_id = _investment(ledger, row["holding_id"])
        if investment_id in touched:
            by_investment[investment_id].append(_entry(row_id, row))
    walks = {
        investment_id: walk
        for investment_id, entries in by_investment.items()
        if (walk := _first_fault(ledger, entries)) is not None
    }
    _marks_on_what_is_held(ledger, walks)


def _first_fault(ledger: Ledger, entries: list[Entry]) -> Walk | None:
    try:
        return walk_through(entries)
    except (Conflict, Invalid):
        ordered = sorted(entries, key=order)
    for count in range(1, len(ordered) + 1):
        try:
            walk_through(ordered[:count])
        except (Conflict, Invalid) as error:
            culprit = ordered[count - 1].id
            mine = ledger.positions.get("transactions", {})
            new = [entry.id for entry in ordered if entry.id in mine]
            if new:
                ledger.refuse("transactions", culprit if culprit in mine else new[-1], "kind", error.message)
            return None
    return None


def _marks_on_what_is_held(ledger: Ledger, walks: Mapping[int, Walk]) -> None:
    after = 0
    for row_id, row in list(ledger.fresh.get("marks", {}).items()):
        holding_id = row["holding_id"]
        walk = walks.get(_investment(ledger, holding_id)) if holding_id is not None else None
        if walk is None:
            continue
        book = walk.books.get(holding_id)
        if book is None or book.first_on is None or row["measured_on"] < book.first_on:
            ledger.refuse("marks", row_id, "measured_on", "is before anything is held")
        elif book.ended_on is not None and row["measured_on"] >= book.ended_on:
            after += 1
    if after:
        ledger.notes.append(
            f"{after:,} marks are dated on or after the exit of what they value; they count for nothing."
        )


def _entry(row_id: int, row: Row) -> Entry:
    values: dict[str, Any] = {
        name: None if row[name] is None else Decimal(row[name]).scaleb(-scale) for name, scale in SCALES.items()
    }
    return Entry(
        id=row_id,
        holding_id=row["holding_id"],
        kind=row["kind"],
        transacted_on=row["transacted_on"],
        into_holding_id=row["into_holding_id"],
        **values,
    )


def _note_over_called(ledger: Ledger) -> None:
    """Investors called beyond what they committed: a fact of history that is recorded, and worth a look."""
    left: dict[tuple[int, int], int] = defaultdict(int)
    committed: set[tuple[int, int]] = set()
    for sheet, name, sign in (
        ("commitments", "amount", 1),
        ("call_lines", "amount", -1),
        ("distribution_lines", "recallable", 1),
    ):
        for row in [*ledger.recorded.rows.get(sheet, {}).values(), *ledger.fresh.get(sheet, {}).values()]:
            place = (row["vehicle_id"], row["investor_id"])
            if sheet == "commitments":
                committed.add(place)
            if not row.get("outside_commitment"):
                left[place] += sign * row[name]
    over = sum(1 for place in committed if left[place] < 0)
    if over:
        ledger.notes.append(f"{over:,} investors are called beyond their commitment.")
