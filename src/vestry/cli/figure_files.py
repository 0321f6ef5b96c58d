"""``vestry metrics …``: a company's figures from a file, and the workbook it fills."""

from __future__ import annotations

import sys
from argparse import Namespace
from pathlib import Path

from vestry.batches.tables import Style
from vestry.cli import local
from vestry.cli.cohort_files import company_of
from vestry.core import trail
from vestry.core.errors import Invalid, NotFound
from vestry.metrics.imports import service
from vestry.metrics.imports.checking import Options
from vestry.metrics.imports.labels import folded
from vestry.metrics.imports.mapping import Told
from vestry.metrics.imports.template import template as made_template

STYLE = ("date_format", "decimal", "thousands", "delimiter", "encoding", "sheet")


def take_in(arguments: Namespace) -> int:
    """Record every figure of a file, or none when a cell is wrong."""
    path = Path(arguments.file)
    if not path.is_file():
        raise NotFound(f"file {path}")
    style = {name: value for name in STYLE if (value := getattr(arguments, name)) is not None}
    options = Options(Style(**style), arguments.period_kind, arguments.scenario)
    mapping = dict(_told(pair) for pair in arguments.map or [])
    with local.opened() as database:
        actor = local.local_actor(database)
        try:
            with database.transaction(actor) as session:
                company_id = company_of(session, actor, arguments.company)
                made = service.record(session, actor, company_id, path.read_bytes(), path.name, options, mapping)
                told = {"import": made.id, **made.receipt}
        except service.FiguresRefused as error:
            return _print_errors(error)
    print(", ".join(f"{name} {value}" for name, value in told.items()))
    return 0


def template(arguments: Namespace) -> int:
    """Write the workbook of a company for its next periods."""
    target = Path(arguments.file)
    if target.suffix != ".xlsx":
        raise Invalid(f"{target.name} is not a .xlsx file.", mend="Name one.")
    with local.opened() as database:
        actor = local.local_actor(database)
        with database.reading(actor) as session:
            company_id = company_of(session, actor, arguments.company)
            asked = {"kind": arguments.period, "ahead": arguments.ahead, "scenario": arguments.scenario}
            content = made_template(session, actor, company_id, **asked)
        database.witness(actor, trail.Event("export", "company", company_id, note=target.name))
    target.write_bytes(content)
    return 0


def _told(pair: str) -> tuple[str, Told]:
    label, equals, metric = pair.rpartition("=")
    if not equals:
        raise Invalid(f"--map {pair} is not LABEL=METRIC.", mend="Leave the metric empty to leave the line out.")
    return folded(label), Told(metric or None)


def _print_errors(error: service.FiguresRefused) -> int:
    print(f"vestry: {error.message}", file=sys.stderr)
    for one in error.faults:
        value = "" if one.value is None else f" {one.value!r}"
        print(f"  {one.path}:{value} {one.message}", file=sys.stderr)
    print(f"  {error.mend}", file=sys.stderr)
    return 1
