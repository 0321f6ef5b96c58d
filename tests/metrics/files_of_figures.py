"""Files of figures for tests: rows as a workbook or as CSV, and the requests that take them in."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Mapping, Sequence
from typing import Any

import xlsxwriter
from fastapi.testclient import TestClient

Rows = Sequence[Sequence[Any]]


def workbook(sheets: Mapping[str, Rows]) -> bytes:
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"in_memory": True}) as book:
        percent = book.add_format({"num_format": "0%"})
        for name, rows in sheets.items():
            sheet = book.add_worksheet(name)
            for at, row in enumerate(rows):
                for column, cell in enumerate(row):
                    if isinstance(cell, int | float):
                        sheet.write_number(at, column, cell, percent if isinstance(cell, Percent) else None)
                    elif cell:
                        sheet.write_string(at, column, cell)
    return out.getvalue()


class Percent(float):
    """A number cell that a spreadsheet shows as a percentage."""


def as_csv(rows: Rows, delimiter: str = ",") -> bytes:
    out = io.StringIO()
    csv.writer(out, delimiter=delimiter).writerows(rows)
    return out.getvalue().encode()


def form(content: bytes, name: str, **more: Any) -> dict[str, Any]:
    data = {key: value if isinstance(value, str) else json.dumps(value) for key, value in more.items()}
    return {"files": {"file": (name, content)}, "data": data}


def check(client: TestClient, path: str, content: bytes, name: str = "figures.csv", **more: Any) -> dict[str, Any]:
    answer = client.post(f"{path}/metrics/imports/check", **form(content, name, **more))
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def take(client: TestClient, path: str, content: bytes, name: str = "figures.csv", **more: Any) -> dict[str, Any]:
    answer = client.post(f"{path}/metrics/imports", **form(content, name, **more))
    assert answer.status_code == 201, answer.text
    found: dict[str, Any] = answer.json()
    return found


def undo(client: TestClient, path: str, made: Mapping[str, Any]) -> dict[str, Any]:
    answer = client.post(f"{path}/metrics/imports/{made['id']}/undo", json={"reason": "wrong file"})
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found
