"""Packages of tables, read where we stand: workbooks, and zips of CSV files."""

from __future__ import annotations

from vestry.batches import csv_files, xlsx_files
from vestry.batches.tables import Style, Table


def read(data: bytes, filename: str, style: Style, *, several: bool = False, grid: bool = False) -> list[Table]:
    """The tables of a workbook, or of a zip of CSV files where ``several`` allows it; its grids if asked for."""
    if grid:
        return xlsx_files.grids(data, style)
    if several and _is_zip_of_csv(data):
        return [
            csv_files.read(content, _stem(name), style, may_be_empty=True) for name, content in xlsx_files.parts(data)
        ]
    return xlsx_files.read(data, style)


def _is_zip_of_csv(data: bytes) -> bool:
    names = [name for name, _ in xlsx_files.parts(data)]
    return bool(names) and all(name.lower().endswith(".csv") for name in names)


def _stem(name: str) -> str:
    return name.rpartition("/")[2][: -len(".csv")]
