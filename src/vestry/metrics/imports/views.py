"""A file that was looked at, as it goes out."""

from __future__ import annotations

import csv
import io
from typing import Any, Final

from vestry.batches.tables import FAULTS_MAX
from vestry.core.cells import quoted
from vestry.core.errors import Fault
from vestry.core.fields import decimal_text
from vestry.metrics.imports.checking import Checked, Figure
from vestry.metrics.imports.service import mapped_out, options_out, place_of
from vestry.metrics.periods import Period
from vestry.metrics.views import figure_text, period_out

FIGURES_SHOWN: Final = 5_000


def checked_out(checked: Checked, same_as: int | None) -> dict[str, Any]:
    """Everything there is to say about a file before it is recorded."""
    periods = sorted({one.given.period for one in checked.figures}, key=lambda one: (one.kind, one.end))
    return {
        "form": checked.layout.form,
        "stated_scale": checked.layout.stated.scale,
        "stated_currency": checked.layout.stated.currency,
        "options": options_out(checked.options),
        "lines": [mapped_out(checked, name) for name in checked.mapping],
        "periods": [period_out(checked.calendar, one) for one in periods],
        "counts": {state: checked.count(state) for state in ("new", "changed", "same", "error")},
        "figures": [_figure(checked, one) for one in checked.figures[:FIGURES_SHOWN]],
        "figure_count": len(checked.figures),
        "errors": [error_out(one) for one in checked.faults[:FAULTS_MAX]],
        "error_count": len(checked.faults),
        "findings": _findings(checked),
        "notes": checked.notes,
        "same_as": same_as,
    }


def _figure(checked: Checked, one: Figure) -> dict[str, Any]:
    definition = checked.definitions[one.given.metric]
    before = one.before if one.state == "changed" else None
    return {
        "sheet": one.entry.place.sheet,
        "cell": one.entry.place.cell,
        "line": one.entry.line,
        "metric": one.given.metric,
        "period": checked.calendar.label(one.given.period),
        "scenario": one.given.scenario,
        "written": one.entry.text[:100],
        "value": figure_text(one.given.value, definition, one.given.currency),
        "currency": one.given.currency,
        "state": one.state,
        "before": None if before is None else figure_text(before.value, definition, before.currency),
    }


def error_out(fault: Fault) -> dict[str, Any]:
    """A bad cell; what the rules say of a value is said of its cell."""
    return {
        "place": place_of(fault),
        "row": fault.row,
        "column": fault.column,
        "value": fault.value,
        "code": fault.code,
        "reason": fault.message,
    }


def errors_csv(checked: Checked) -> str:
    """Every bad cell of a file as CSV."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(["cell", "value", "reason"])
    for one in checked.faults:
        writer.writerow([quoted(place_of(one)), quoted(one.value or ""), quoted(one.message)])
    return text.getvalue()


def _findings(checked: Checked) -> list[dict[str, Any]]:
    places: dict[tuple[str, str, Period], str] = {}
    for figure in checked.figures:
        given = figure.given
        places[given.scenario, given.metric, given.period] = figure.entry.place.address
    shown = []
    for scenario, one in checked.findings:
        label = checked.calendar.label(one.period)
        found = (places.get((scenario, metric, one.period)) for metric in one.metrics)
        mend = None
        if one.mend is not None:
            mend = {"metric": one.mend[0], "period": label, "value": decimal_text(one.mend[1])}
        shown.append(
            {
                "kind": one.kind,
                "severity": one.severity,
                "scenario": scenario,
                "period": label,
                "metrics": list(one.metrics),
                "cells": [place for place in found if place],
                "message": one.message,
                "mend": mend,
            }
        )
    return shown
