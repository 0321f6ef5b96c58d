"""What a definition would move, tried on everything that was reported before anybody stores it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from sqlalchemy.orm import Session

from vestry.companies.models import Company
from vestry.core.actor import Actor
from vestry.identity.access import require, visible
from vestry.kernel.metrics import MetricDefinition as Definition
from vestry.kernel.metrics import dependents
from vestry.metrics import queries, service, views
from vestry.metrics.book import Book
from vestry.metrics.models import MetricValue
from vestry.metrics.periods import Calendar, Kind
from vestry.metrics.registry import SHIPPED, SHIPPED_KEYS

SHOWN_MAX: Final = 500
KINDS: Final[tuple[Kind, ...]] = ("month", "quarter", "year")


def preview(session: Session, actor: Actor, values: Mapping[str, Any]) -> dict[str, Any]:
    """The metrics computed from it, and every figure that differs with it; the first 500 are listed, all counted."""
    require(actor, "metric_definition.change")
    if values["key"] in SHIPPED_KEYS:
        shipped = next(one.label for one in SHIPPED if one.key == values["key"])
        raise service.DefinitionExists(
            f"{values['key']} is the key of {shipped}, which ships with Vestry and means the same everywhere.",
            field="key",
            mend="Choose another key.",
        )
    own = queries.own_definitions(session, actor)
    others = [row for row in own if row["key"] != values["key"]]
    after = service.checked(values, others)
    before = (*SHIPPED, *(queries.definition_of(row) for row in own))
    keys = [values["key"]] if values.get("formula") else []
    keys += [key for key in dependents(after, [values["key"]]) if key not in keys]
    moved: list[dict[str, Any]] = []
    companies = set()
    for company in session.scalars(visible(actor, Company).where(Company.id.in_(_reporting(actor)))):
        rows = queries.values(session, actor, company.id)
        calendar = queries.calendar_of(session, actor, company.id)
        found = _moved(Book(rows, before, calendar), Book(rows, after, calendar), keys, company.currency, calendar)
        companies |= {company.id} if found else set()
        moved += [{"company_id": company.id, **one} for one in found]
    return {"dependents": keys, "companies": len(companies), "moved": moved[:SHOWN_MAX], "figures": len(moved)}


def _reporting(actor: Actor) -> Any:
    return visible(actor, MetricValue).with_only_columns(MetricValue.company_id).distinct()


def _moved(before: Book, after: Book, keys: list[str], currency: str, calendar: Calendar) -> list[dict[str, Any]]:
    found = []
    for kind in KINDS:
        new = after.table(kind, keys)
        old = before.table(kind, [key for key in keys if key in before.definitions])
        for key, cells in new.items():
            for end, cell in cells.items():
                was = old[key].get(end) if key in old else None
                then = _text(was.value if was else None, before.definitions.get(key), currency)
                now = _text(cell.value, after.definitions[key], currency)
                if then != now:
                    label = calendar.label(calendar.ending(kind, end))
                    found.append({"metric": key, "period": label, "before": then, "after": now})
    return found


def _text(value: Any, definition: Definition | None, currency: str) -> str | None:
    return views.figure_text(value, definition, currency) if definition is not None else None
