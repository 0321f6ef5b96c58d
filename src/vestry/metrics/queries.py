"""Every SELECT about definitions, values and fiscal calendars, limited to what the actor may see."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal
from typing import Any, NamedTuple

from sqlalchemy import FromClause, func, select
from sqlalchemy.orm import Session

from vestry.core.actor import Actor
from vestry.core.history import as_known, twin
from vestry.identity.access import theirs
from vestry.kernel.metrics import MetricDefinition as Definition
from vestry.metrics.book import Reported
from vestry.metrics.models import FiscalCalendar, MetricDefinition, MetricValue
from vestry.metrics.periods import Calendar, Period, Segment, month_of
from vestry.metrics.registry import SHIPPED

DEFINITION_FIELDS = ("key", "label", "unit", "kind", "sign", "formula", "aggregation", "fx")
FIGURES = ("value", "fraction", "currency")
VALUE_FIELDS = (
    "id",
    "version",
    "company_id",
    "metric",
    "period_kind",
    "ends_on",
    "value",
    "fraction",
    "currency",
    "source",
    "status",
    "recorded_at",
    "verified_by",
    "note",
)


def own_definitions(session: Session, actor: Actor, known_at: datetime | None = None) -> list[Mapping[str, Any]]:
    """The firm's own definitions as rows, by key."""
    known = as_known(MetricDefinition, known_at)
    names = ("id", *DEFINITION_FIELDS, "description", "version", "recorded_at")
    query = select(*(known.c[name] for name in names)).where(theirs(actor, known)).order_by(known.c.key)
    return [dict(row) for row in session.execute(query).mappings()]


def definitions(session: Session, actor: Actor, known_at: datetime | None = None) -> tuple[Definition, ...]:
    """The definitions that ship and the firm's own, as they were known."""
    return (*SHIPPED, *(definition_of(row) for row in own_definitions(session, actor, known_at)))


def last_label(session: Session, actor: Actor, key: str) -> str:
    """What a metric of the firm's own was called last, defined still or not; its key if it never was one."""
    query = select(MetricDefinition.label).where(theirs(actor, MetricDefinition), MetricDefinition.key == key)
    return session.scalar(query.order_by(MetricDefinition.id.desc()).limit(1)) or key


def definition_of(row: Mapping[str, Any]) -> Definition:
    """The kernel's definition of a row."""
    given: dict[str, Any] = {name: row.get(name) for name in DEFINITION_FIELDS}
    return Definition(**given)


def calendars(
    session: Session, actor: Actor, company_ids: Collection[int], known_at: datetime | None = None
) -> dict[int, Calendar]:
    """Company id → its fiscal calendar, for companies that have one of their own."""
    known = as_known(FiscalCalendar, known_at)
    query = select(known.c.company_id, known.c.starts_on, known.c.year_ends_in).where(
        theirs(actor, known), known.c.company_id.in_(company_ids)
    )
    segments: dict[int, list[Segment]] = {}
    for company_id, starts_on, year_ends_in in session.execute(query):
        segments.setdefault(company_id, []).append(Segment(month_of(starts_on), year_ends_in))
    return {company_id: Calendar(found) for company_id, found in segments.items()}


def calendar_of(session: Session, actor: Actor, company_id: int, known_at: datetime | None = None) -> Calendar:
    """A company's fiscal calendar; calendar years if it has none of its own."""
    return calendars(session, actor, [company_id], known_at).get(company_id) or Calendar()


def calendar_rows(session: Session, actor: Actor, company_id: int) -> list[Mapping[str, Any]]:
    """What was recorded of a company's fiscal years, the earliest first."""
    known = as_known(FiscalCalendar)
    names = ("id", "starts_on", "year_ends_in", "version", "recorded_at")
    query = (
        select(*(known.c[name] for name in names))
        .where(theirs(actor, known), known.c.company_id == company_id)
        .order_by(known.c.starts_on)
    )
    return [dict(row) for row in session.execute(query).mappings()]


class _Earlier(NamedTuple):
    """What an earlier version of a value said."""

    version: int
    value: Decimal
    currency: str | None


def values(
    session: Session,
    actor: Actor,
    company_id: int,
    *,
    scenario: str = "actual",
    as_of: date | None = None,
    known_at: datetime | None = None,
) -> list[Reported]:
    """A company's values as they were known, of periods that had ended by ``as_of``, each with the figure it replaced
    if it was restated. Two statements, however many values."""
    known = as_known(MetricValue, known_at)
    query = select(*(known.c[name] for name in VALUE_FIELDS)).where(
        theirs(actor, known), known.c.company_id == company_id, known.c.scenario == scenario
    )
    if as_of is not None:
        query = query.where(known.c.ends_on <= as_of)
    found = [reported(dict(row)) for row in session.execute(query.order_by(known.c.ends_on, known.c.metric)).mappings()]
    before = _before(session, actor, company_id, scenario)
    return [_restated(row, before[row.id]) if row.id in before else row for row in found]


def reported(row: Mapping[str, Any]) -> Reported:
    """The pure value of a row."""
    return Reported(
        id=row["id"],
        version=row["version"],
        period=Period(month_of(row["ends_on"]), row["period_kind"]),
        metric=row["metric"],
        value=figure(row["value"], row["fraction"]),
        currency=row["currency"],
        source=row["source"],
        status=row["status"],
        recorded_at=row["recorded_at"],
        verified_by=row["verified_by"],
        note=row["note"],
    )


def figure(value: Decimal | None, fraction: Decimal | None) -> Decimal:
    """The figure of a row, in whichever column it is kept."""
    found = fraction if value is None else value
    assert found is not None
    return found


def _before(session: Session, actor: Actor, company_id: int, scenario: str) -> dict[int, list[_Earlier]]:
    """Value id → its earlier versions that had left the draft, the latest first."""
    past = twin(MetricValue)
    query = (
        select(past.c.id, past.c.version, past.c.value, past.c.fraction, past.c.currency)
        .where(
            theirs(actor, past),
            past.c.company_id == company_id,
            past.c.scenario == scenario,
            past.c.status != "draft",
            past.c.voided_at.is_(None),
        )
        .order_by(past.c.id, past.c.version.desc())
    )
    found: dict[int, list[_Earlier]] = {}
    for value_id, version, value, fraction, currency in session.execute(query):
        found.setdefault(value_id, []).append(_Earlier(version, figure(value, fraction), currency))
    return found


def _restated(row: Reported, earlier: Sequence[_Earlier]) -> Reported:
    """The row with the last figure that differs from its own, by amount or currency, if one was reported before this
    version."""
    said = (row.value, row.currency)
    others = (one for one in earlier if one.version < row.version and (one.value, one.currency) != said)
    other = next(others, None)
    return row if other is None else replace(row, before=other.value, before_currency=other.currency)


def has_values(session: Session, actor: Actor, metric: str) -> bool:
    """Whether anybody reported this metric."""
    known: FromClause = as_known(MetricValue)
    query = select(func.count()).select_from(known).where(theirs(actor, known), known.c.metric == metric)
    return bool(session.scalar(query))
