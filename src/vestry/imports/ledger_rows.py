"""What must be true of one row of a ledger beyond its form."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

import polars as pl

from vestry.batches.columns import Reader
from vestry.investments.walk import BUYS, SELLS

Columns = Mapping[str, pl.Series]
# Flows and NAVs of plans lie ahead; these facts have happened.
HAPPENED = {
    "rounds": "closed_on",
    "commitments": "committed_on",
    "entries": "entered_on",
    "transactions": "transacted_on",
    "marks": "measured_on",
}


def check_rows(sheet: str, read: Reader, columns: Columns, today: date) -> None:
    """What one row must hold by itself."""
    if sheet in HAPPENED:
        read.refuse(HAPPENED[sheet], columns[HAPPENED[sheet]] > today, "is in the future")
    if sheet in _RULES:
        _RULES[sheet](read, columns)


def _rounds(read: Reader, row: Columns) -> None:
    raised, pre, post = row["raised"], row["pre_money"], row["post_money"]
    read.refuse("post_money", post < pre, "is less than pre_money")
    read.refuse("post_money", post - pre != raised, "less pre_money is not what was raised")


def _calls(read: Reader, row: Columns) -> None:
    read.refuse("due_on", row["due_on"] < row["called_on"], "is before called_on")


def _distributions(read: Reader, row: Columns) -> None:
    read.refuse("due_on", row["due_on"] < row["declared_on"], "is before declared_on")


def _distribution_lines(read: Reader, row: Columns) -> None:
    amount = row["return_of_capital"] + row["gains"] + row["income"]
    read.refuse("recallable", row["recallable"] > amount, "is more than the line's amount")


def _transactions(read: Reader, row: Columns) -> None:
    kind = row["kind"]
    moves_none = kind.is_in(["write_off", "conversion"])
    read.refuse("amount", moves_none & (row["amount"] != 0), "is not 0, though this kind moves no money")
    parts = kind.is_in([*BUYS, *SELLS, "conversion"])
    for name in ("quantity", "ownership"):
        read.refuse(name, row[name].is_not_null() & ~parts, "has no meaning for this kind")
    late = kind.is_in(["dividend", "interest"]) & (row["disposed_share"] == 0)
    stray = row["disposed_share"].is_not_null() & ~kind.is_in(list(SELLS)) & ~late
    read.refuse("disposed_share", stray, "has no meaning for this kind")
    target = row["into_holding_id"]
    read.refuse("into_holding", (kind == "conversion") & target.is_null(), "is missing")
    read.refuse("into_holding", (kind != "conversion") & target.is_not_null(), "has no meaning for this kind")


def _marks(read: Reader, row: Columns) -> None:
    both = row["holding_id"].is_null() == row["company_id"].is_null()
    read.refuse("holding", both, "or company must be given, one of them")


_RULES = {
    "rounds": _rounds,
    "calls": _calls,
    "distributions": _distributions,
    "distribution_lines": _distribution_lines,
    "transactions": _transactions,
    "marks": _marks,
}
