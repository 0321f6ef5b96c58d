"""Figures as a file: one row a line, a column a period."""

from __future__ import annotations

from decimal import Decimal
from typing import Any, Final

from vestry.core.http.files import Row

LINE: Final = ("statement", "metric", "label", "unit", "currency")


def lines_of(found: dict[str, Any]) -> tuple[list[str], list[Row]]:
    """The heading and rows of a company's statements or key figures."""
    periods = [one["period"] for one in found["periods"]]
    statements = found.get("statements") or [{"statement": "kpi", "rows": found["rows"]}]
    rows: list[Row] = []
    for statement in statements:
        for line in statement["rows"]:
            currency = found["currency"] if line["unit"] == "money" else None
            named = (statement["statement"], line["metric"], line["label"], line["unit"], currency)
            rows.append((*named, *(_number(line["values"].get(period)) for period in periods)))
    return [*LINE, *periods], rows


def finding_of(one: dict[str, Any]) -> dict[str, Any]:
    """A finding as a row: its cells by their metrics alone."""
    return {**one, "metrics": [cell["metric"] for cell in one["cells"]]}


def _number(text: str | None) -> Decimal | None:
    return None if text is None else Decimal(text)
