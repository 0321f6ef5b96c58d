"""A company's statements line by line, its key figures, and what does not agree in them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from vestry.companies.models import Company
from vestry.core.actor import Actor
from vestry.identity.access import find
from vestry.metrics import reading, views
from vestry.metrics.book import Book
from vestry.metrics.checks import Finding, check
from vestry.metrics.imports.origins import add_origins
from vestry.metrics.periods import Period
from vestry.metrics.registry import STATEMENTS, Line, statement_of


def financials(
    session: Session, actor: Actor, company_id: int, *, currency: str | None, **asked: Any
) -> dict[str, Any]:
    """The three statements: ``items`` a row a period with a column a line, ``statements`` a row a line as a tree."""
    keys = [line.key for lines in STATEMENTS.values() for line in lines]
    found = _Asked(session, actor, company_id, keys, currency, **asked)
    statements: list[dict[str, Any]] = [
        {"statement": name, "rows": [found.row(line) for line in lines if found.shows(line.key)]}
        for name, lines in STATEMENTS.items()
    ]
    if found.explain:
        rows = [row for one in statements for row in one["rows"]]
        add_origins(session, actor, [cell for row in rows for cell in row["cells"].values()])
    return found.out() | {"statements": statements}


def kpis(session: Session, actor: Actor, company_id: int, *, currency: str | None, **asked: Any) -> dict[str, Any]:
    """The key figures of customers, people and growth that stand in no statement, and the firm's own metrics."""
    found = _Asked(session, actor, company_id, None, currency, **asked)
    rows = [found.row(Line(key)) for key in found.keys if found.shows(key)]
    if found.explain:
        add_origins(session, actor, [cell for row in rows for cell in row["cells"].values()])
    return found.out() | {"rows": rows}


class _Asked:
    """The figures of some metrics in the periods asked for."""

    def __init__(
        self,
        session: Session,
        actor: Actor,
        company_id: int,
        keys: Sequence[str] | None,
        currency: str | None,
        *,
        period: str | None,
        first: str | None,
        last: str | None,
        scenario: str,
        known_at: datetime | None,
        explain: bool,
        empty: bool = False,
    ) -> None:
        self.company = find(session, actor, Company, company_id, noun="company")
        self.book: Book = reading.book_of(
            session, actor, self.company, scenario=scenario, currency=currency, known_at=known_at
        )
        self.currency, self.scenario, self.explain = currency or self.company.currency, scenario, explain
        self.empty = empty
        wanted = reading.asked(self.book.calendar, period, first, last)
        self.kind = wanted.kind
        own = [key for key in self.book.definitions if statement_of(key) == "kpi"]
        self.keys = own if keys is None else list(keys)
        ends_wanted = wanted.among(self.book.ends(wanted.kind))
        self.grid = self.book.table(wanted.kind, self.keys, ends=ends_wanted, explain=explain)
        ends = sorted({end for cells in self.grid.values() for end in cells})
        self.periods = [Period(end, wanted.kind) for end in ends]

    def has(self, key: str) -> bool:
        """Whether the metric has a figure in any of the periods."""
        return any(cell.value is not None for cell in self.grid[key].values())

    def shows(self, key: str) -> bool:
        """Whether the metric has a line: one with a figure, or any that may be reported where empty ones are wanted."""
        return self.has(key) or (self.empty and self.book.definitions[key].kind != "derived")

    def row(self, line: Line) -> dict[str, Any]:
        """One line across the periods."""
        definition = self.book.definitions[line.key]
        cells = {
            self.book.calendar.label(period): views.cell_out(
                self.grid[line.key][period.end], definition, self.currency, explain=self.explain
            )
            for period in self.periods
        }
        return {
            "metric": line.key,
            "label": definition.label,
            "unit": definition.unit,
            "kind": definition.kind,
            "part_of": line.part_of if line.part_of is not None and self.shows(line.part_of) else None,
            "values": {label: cell["value"] for label, cell in cells.items()},
            "cells": cells,
        }

    def out(self) -> dict[str, Any]:
        """What both views say."""
        items = []
        for period in self.periods:
            figures = {
                key: views.cell_out(self.grid[key][period.end], self.book.definitions[key], self.currency)["value"]
                for key in self.keys
                if self.has(key)
            }
            items.append({**views.period_out(self.book.calendar, period), "figures": figures})
        return {
            "company_id": self.company.id,
            "currency": self.currency,
            "scenario": self.scenario,
            "period_kind": self.kind,
            "periods": [views.period_out(self.book.calendar, one) for one in self.periods],
            "items": items,
        }


def findings(
    session: Session, actor: Actor, company_id: int, *, scenario: str, period_kind: str | None = None
) -> dict[str, Any]:
    """What does not agree in what a company reported, each with its cells and a mend where one is plain."""
    company = find(session, actor, Company, company_id, noun="company")
    book = reading.book_of(session, actor, company, scenario=scenario)
    found = [one for one in check(book) if period_kind in (None, one.period.kind)]
    return {
        "company_id": company.id,
        "scenario": scenario,
        "total": len(found),
        "items": [_finding(one, book, company.currency) for one in found],
    }


def _finding(one: Finding, book: Book, currency: str) -> dict[str, Any]:
    definition = book.definitions[one.metrics[0]]
    cells = []
    for key in one.metrics:
        made = book.definitions[key].kind == "derived"
        cell = None if made else book.cell(one.period.kind, key, one.period.end)
        rows = [row.id for row in cell.rows] if cell is not None else []
        value = None if cell is None else views.figure_text(cell.value, book.definitions[key], currency)
        cells.append({"metric": key, "value": value, "ids": rows})
    mend = None
    if one.mend is not None:
        value = views.figure_text(one.mend[1], definition, currency)
        mend = {"metric": one.mend[0], "period": book.calendar.label(one.period), "value": value}
    return {
        "kind": one.kind,
        "severity": one.severity,
        **views.period_out(book.calendar, one.period),
        "message": one.message,
        "cells": cells,
        "mend": mend,
    }
