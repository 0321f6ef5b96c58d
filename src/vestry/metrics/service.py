"""Every change to definitions, values and fiscal calendars."""

from __future__ import annotations

from calendar import month_name
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from sqlalchemy.orm import Session

from vestry.companies.models import Company
from vestry.core.actor import Actor
from vestry.core.errors import Conflict, Invalid, NotFound
from vestry.core.versions import expect_version
from vestry.identity import corrections
from vestry.identity.access import find, require, visible
from vestry.kernel.errors import KernelError
from vestry.kernel.metrics import MetricDefinition as Definition
from vestry.kernel.metrics import order, parse
from vestry.metrics import queries
from vestry.metrics.models import FiscalCalendar, MetricDefinition
from vestry.metrics.registry import SHIPPED


class DefinitionExists(Conflict):
    """A metric of that key is defined already."""


class DefinitionInUse(Conflict):
    """Something depends on the definition as it is."""


class DefinitionRefused(Invalid):
    """A formula or key that means nothing, or a circle of formulas."""


class NotFirstDay(Invalid):
    """Fiscal years begin with the day after the month in which they end."""


def define(session: Session, actor: Actor, **values: Any) -> MetricDefinition:
    """Add a metric of the firm's own."""
    require(actor, "metric_definition.change")
    key = values["key"]
    others = queries.own_definitions(session, actor)
    there = next((one.label for one in queries.definitions(session, actor) if one.key == key), None)
    if there is not None:
        raise DefinitionExists(f"{key} is the key of {there} already.", field="key", mend="Choose another key.")
    checked(values, others)
    definition = MetricDefinition(firm_id=actor.firm_id, **values)
    session.add(definition)
    session.flush()
    return definition


def redefine(
    session: Session, actor: Actor, definition_id: int, *, version: int | None, **values: Any
) -> MetricDefinition:
    """Supersede a definition; its key stays, and its unit and kind once there are values of it."""
    require(actor, "metric_definition.change")
    definition = _own(session, actor, definition_id)
    expect_version(definition, version)
    values["key"] = definition.key
    others = [row for row in queries.own_definitions(session, actor) if row["id"] != definition.id]
    checked(values, others)
    moved = [name for name in ("unit", "kind") if values[name] != getattr(definition, name)]
    if moved and queries.has_values(session, actor, definition.key):
        raise DefinitionInUse(
            f"{definition.label} has values; its {' and '.join(moved)} cannot change.",
            field=moved[0],
            mend="Define another metric, and report that one from now on.",
        )
    for name, value in values.items():
        setattr(definition, name, value)
    session.flush()
    return definition


def withdraw(session: Session, actor: Actor, definition_id: int, *, reason: str) -> None:
    """Take a definition back that no value and no formula needs."""
    require(actor, "metric_definition.change")
    definition = _own(session, actor, definition_id)
    if queries.has_values(session, actor, definition.key):
        raise DefinitionInUse(f"{definition.label} has values.", mend="Keep it; a metric nobody reports does no harm.")
    own = queries.own_definitions(session, actor)
    needing = [row["label"] for row in own if row["formula"] and definition.key in parse(row["formula"]).names]
    if needing:
        raise DefinitionInUse(
            f"{', '.join(needing)} {'is' if len(needing) == 1 else 'are'} computed from {definition.label}.",
            mend=f"Change the formula of {'it' if len(needing) == 1 else 'each'} first.",
        )
    corrections.void(session, definition, reason)


def checked(values: Mapping[str, Any], others: Sequence[Mapping[str, Any]]) -> tuple[Definition, ...]:
    """All definitions with this one among them; refuses a formula that cannot be read, an unknown key and a circle."""
    try:
        own = queries.definition_of(values)
        found = (*SHIPPED, *(queries.definition_of(row) for row in others), own)
        order(found)
    except KernelError as error:
        field = "formula" if values.get("formula") else "kind"
        raise DefinitionRefused(f"{str(error)[:300]}.", field=field, mend="Correct it; nothing was stored.") from None
    return found


def set_fiscal_year(
    session: Session, actor: Actor, company_id: int, *, starts_on: date, year_ends_in: int
) -> FiscalCalendar:
    """Say with which month the company's fiscal years end, from the first day of one of them on."""
    require(actor, "metric.change")
    find(session, actor, Company, company_id, noun="company", lock=True)
    first = year_ends_in % 12 + 1
    if (starts_on.month, starts_on.day) != (first, 1):
        raise NotFirstDay(
            f"{starts_on} is not the first day of a fiscal year that ends with {month_name[year_ends_in]}.",
            field="starts_on",
            mend=f"Such years begin on 1 {month_name[first]}; what lies before it is reported by months.",
        )
    same = visible(actor, FiscalCalendar).where(
        FiscalCalendar.company_id == company_id, FiscalCalendar.starts_on == starts_on
    )
    row = session.scalars(same).one_or_none()
    if row is None:
        row = FiscalCalendar(firm_id=actor.firm_id, company_id=company_id, starts_on=starts_on)
        session.add(row)
    row.year_ends_in = year_ends_in
    session.flush()
    return row


def withdraw_fiscal_year(session: Session, actor: Actor, company_id: int, fiscal_year_id: int, *, reason: str) -> None:
    """Take back what was said of a company's fiscal years: from its day on they end as they did before."""
    require(actor, "metric.change")
    find(session, actor, Company, company_id, noun="company", lock=True)
    row = find(session, actor, FiscalCalendar, fiscal_year_id, noun="change of the fiscal year", lock=True)
    if row.company_id != company_id:
        raise NotFound("change of the fiscal year")
    corrections.void(session, row, reason)


def _own(session: Session, actor: Actor, definition_id: int) -> MetricDefinition:
    return find(session, actor, MetricDefinition, definition_id, noun="metric definition of yours", lock=True)
