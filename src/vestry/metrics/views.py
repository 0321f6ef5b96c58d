"""Figures as they go out: each a text of the digits that matter, long (a row each) or wide (a row a metric)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from decimal import ROUND_HALF_EVEN, Decimal
from typing import Any

from vestry.core.fields import decimal_text
from vestry.kernel import money
from vestry.kernel.metrics import MetricDefinition as Definition
from vestry.kernel.metrics.formula import EXACT
from vestry.metrics.book import Book, Cell
from vestry.metrics.periods import Calendar, Period
from vestry.metrics.registry import SHIPPED_KEYS, statement_of

PLACES = {"ratio": 10, "multiple": 10, "months": 4, "count": 4}
Grid = Mapping[str, Mapping[int, Cell]]


def figure_text(
    value: Decimal | None, definition: Definition, currency: str | None, *, computed: bool = False
) -> str | None:
    """Money to the decimals of its currency (a reported figure keeps all it was given with), ratios and months to so
    many places that nothing one reads is lost."""
    if value is None:
        return None
    places, least = places_of(definition, currency, computed=computed)
    return decimal_text(_rounded(value, places), least)


def places_of(definition: Definition, currency: str | None, *, computed: bool = False) -> tuple[int, int]:
    """To how many places a figure is rounded, and how many are always shown. ``computed``: it was converted."""
    if definition.unit == "money":
        decimals = money.decimals(currency) if currency else 2
        keeps = definition.kind != "derived" and not computed
        return max(decimals, 4) if keeps else decimals, decimals
    return PLACES[definition.unit], 0


def _rounded(value: Decimal, places: int) -> Decimal:
    if -int(value.as_tuple().exponent) <= places:
        return value
    return value.quantize(Decimal(1).scaleb(-places), ROUND_HALF_EVEN, EXACT)


def definition_out(definition: Definition, row: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """A definition with where it stands; ``row`` is the firm's own, which has an id and versions."""
    own = row or {}
    return {
        "id": own.get("id"),
        "key": definition.key,
        "label": definition.label,
        "unit": definition.unit,
        "kind": definition.kind,
        "sign": definition.sign,
        "aggregation": definition.over_time,
        "fx": definition.conversion,
        "formula": definition.formula,
        "description": own.get("description"),
        "statement": statement_of(definition.key),
        "shipped": definition.key in SHIPPED_KEYS,
        "version": own.get("version", 1),
        "recorded_at": own.get("recorded_at"),
    }


def period_out(calendar: Calendar, period: Period) -> dict[str, Any]:
    """A period with its label and days."""
    return {
        "period": calendar.label(period),
        "period_kind": period.kind,
        "starts_on": period.starts_on,
        "ends_on": period.ends_on,
    }


def cell_text(cell: Cell, definition: Definition, currency: str) -> str | None:
    """A cell's figure alone."""
    shown = currency if definition.unit == "money" else None
    return figure_text(cell.value, definition, cell.currency or shown, computed=bool(cell.ladder))


def cell_out(cell: Cell, definition: Definition, currency: str | None, *, explain: bool = False) -> dict[str, Any]:
    """A figure with its marks: how it was made, whether it was restated, where it comes from."""
    shown = currency if definition.unit == "money" else None
    row = cell.rows[0] if len(cell.rows) == 1 and cell.made == "reported" else None
    before = cell.before if row is not None else None
    turned = row is not None and row.before_currency not in (None, cell.currency)
    found: dict[str, Any] = {
        "value": figure_text(cell.value, definition, cell.currency or shown, computed=bool(cell.ladder)),
        "currency": (cell.currency or shown) if definition.unit == "money" else None,
        "made": cell.made,
        "reason": cell.reason,
        "restated": cell.restated,
        "before": figure_text(before, definition, cell.currency or shown, computed=turned),
        "stale": cell.stale,
        "id": row.id if row else None,
        "version": row.version if row else None,
        "source": row.source if row else None,
        "status": row.status if row else None,
        "recorded_at": row.recorded_at if row else None,
        "note": row.note if row else None,
    }
    if explain:
        found["explain"] = explained(cell)
    return found


def explained(cell: Cell) -> dict[str, Any]:
    """How a figure was made: formula and inputs, the rows it is of, and the rates it was converted at."""
    inputs = {name: None if value is None else decimal_text(value) for name, value in cell.inputs.items()}
    return {
        "formula": cell.formula,
        "inputs": inputs,
        "rows": [
            {"id": row.id, "version": row.version, "value": decimal_text(row.value), "source": row.source}
            for row in cell.rows
        ],
        "ladder": list(cell.ladder),
    }


def long(book: Book, grid: Grid, periods: Sequence[Period], currency: str, *, explain: bool) -> list[dict[str, Any]]:
    """One item a figure, in the order of periods and metrics; empty derived figures are there with their reason."""
    items = []
    for period in periods:
        for key, cells in grid.items():
            cell = cells.get(period.end)
            if cell is None or (cell.value is None and cell.made == "none" and cell.reason == "not reported"):
                continue
            shown = cell_out(cell, book.definitions[key], currency, explain=explain)
            items.append({"metric": key, **period_out(book.calendar, period), **shown})
    return items


def wide(book: Book, grid: Grid, periods: Sequence[Period], currency: str, *, explain: bool) -> list[dict[str, Any]]:
    """One item a metric, its figures by the label of their period; metrics without any figure are left out."""
    items = []
    for key, cells in grid.items():
        if all(cell.value is None for cell in cells.values()):
            continue
        definition = book.definitions[key]
        shown = {
            book.calendar.label(period): cell_out(cells[period.end], definition, currency, explain=explain)
            for period in periods
            if period.end in cells
        }
        items.append(
            {
                "metric": key,
                "label": definition.label,
                "unit": definition.unit,
                "kind": definition.kind,
                "statement": statement_of(key),
                "values": {label: cell["value"] for label, cell in shown.items()},
                "cells": shown,
            }
        )
    return items


def keys_of(book: Book, *, derived: bool, wanted: Iterable[str] | None = None) -> list[str]:
    """The metrics to show: those with values, and the derived ones if asked for."""
    if wanted is not None:
        return list(wanted)
    reported = set(book.metrics)
    return [key for key, one in book.definitions.items() if key in reported or (derived and one.kind == "derived")]
