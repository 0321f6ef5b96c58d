"""Single figures: what was reported of one over time, and taking them back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import and_, literal, or_, select
from sqlalchemy.orm import Session

from vestry.companies.models import Company
from vestry.core.actor import Actor
from vestry.core.errors import Fault, Invalid
from vestry.core.history import twin
from vestry.core.model import table_of
from vestry.core.names import period_text
from vestry.core.types import UtcDateTime
from vestry.identity import corrections
from vestry.identity.access import find, require, theirs, visible
from vestry.metrics import queries, reading, views
from vestry.metrics.book import PARTS
from vestry.metrics.models import MetricValue
from vestry.metrics.periods import Calendar, Kind, Period, UnknownPeriod, month_of

SHOWN = ("id", "version", "status", "source", "currency", "recorded_at", "recorded_by", "verified_by", "note")
_Key = tuple[str, str, Kind, int]


class FigureNotReported(Invalid):
    """A figure that nobody reported cannot be taken back."""


def reports(
    session: Session, actor: Actor, company_id: int, *, metric: str, period: str, scenario: str
) -> dict[str, Any]:
    """Everything that was ever reported of a metric for a period, or for the shorter periods within it: the newest
    report of each period first, those taken back and superseded too. A computed metric has none of its own."""
    company = find(session, actor, Company, company_id, noun="company")
    definitions = {one.key: one for one in queries.definitions(session, actor)}
    reading.known_keys(definitions, [metric])
    calendar = queries.calendar_of(session, actor, company_id)
    wanted = calendar.named(period)
    found = _versions(session, actor, company_id, metric, scenario, wanted)
    return {
        "company_id": company.id,
        "metric": metric,
        "scenario": scenario,
        **views.period_out(calendar, wanted),
        "items": [
            {
                **{name: row[name] for name in SHOWN},
                "period": calendar.label(Period(month_of(row["ends_on"]), row["period_kind"])),
                "value": views.figure_text(
                    queries.figure(row["value"], row["fraction"]), definitions[metric], row["currency"]
                ),
                "until": row["superseded_at"] or row["voided_at"],
                "taken_back": row["void_reason"] if row["voided_at"] is not None else None,
            }
            for row in found
        ],
    }


def _versions(
    session: Session, actor: Actor, company_id: int, metric: str, scenario: str, period: Period
) -> list[Mapping[str, Any]]:
    """The live and earlier versions of the rows of a period and of its parts; the latest period and report first."""
    nothing = literal(None, UtcDateTime).label("superseded_at")
    rows: list[Mapping[str, Any]] = []
    for table, more in ((table_of(MetricValue), [nothing]), (twin(MetricValue), [])):
        itself = and_(table.c.period_kind == period.kind, table.c.ends_on == period.ends_on)
        within = and_(
            table.c.period_kind.in_(PARTS[period.kind]),
            table.c.starts_on >= period.starts_on,
            table.c.ends_on <= period.ends_on,
        )
        query = select(*table.c, *more).where(
            theirs(actor, table),
            table.c.company_id == company_id,
            table.c.metric == metric,
            table.c.scenario == scenario,
            or_(itself, within),
        )
        rows += [dict(row) for row in session.execute(query).mappings()]
    # What was taken back is told by the version that stood; the mark itself reports nothing.
    told = [row for row in rows if row["voided_at"] is None]
    voids = {row["id"]: row for row in rows if row["voided_at"] is not None}
    shown = [_taken_back(row, voids.get(row["id"])) for row in told]
    # Of one row by version, not by instant: of two requests at once the one that began first may be recorded last.
    return sorted(shown, key=lambda row: (row["ends_on"], row["id"], row["version"]), reverse=True)


def _taken_back(row: Mapping[str, Any], void: Mapping[str, Any] | None) -> Mapping[str, Any]:
    if void is None or row["version"] != void["version"] - 1:
        return row
    return {**row, "voided_at": void["voided_at"], "void_reason": void["void_reason"]}


def take_back(session: Session, actor: Actor, company_id: int, asked: Sequence[Mapping[str, Any]], reason: str) -> int:
    """Take reported figures back, so that their periods have none; what was known before stays known."""
    require(actor, "metric.change")
    found = _asked(session, actor, company_id, asked)
    for row in found:
        corrections.void(session, row, reason)
    return len(found)


def _asked(session: Session, actor: Actor, company_id: int, asked: Sequence[Mapping[str, Any]]) -> list[MetricValue]:
    """The live rows of these figures, each once; refuses all if one was not reported."""
    find(session, actor, Company, company_id, noun="company", lock=True)
    calendar = queries.calendar_of(session, actor, company_id)
    keys: dict[_Key, int] = {}
    faults: list[Fault] = []
    for at, one in enumerate(asked):
        try:
            keys.setdefault(_key(calendar, one), at)
        except UnknownPeriod as error:
            faults.append(Fault(f"figures.{at}.period", error.message, error.code()))
    query = visible(actor, MetricValue).where(
        MetricValue.company_id == company_id,
        MetricValue.voided_at.is_(None),
        MetricValue.metric.in_({key[0] for key in keys}),
        MetricValue.scenario.in_({key[1] for key in keys}),
    )
    rows = {(row.metric, row.scenario, row.period_kind, month_of(row.ends_on)): row for row in session.scalars(query)}
    missing = [(key, at) for key, at in keys.items() if key not in rows]
    labels = {one.key: one.label for one in queries.definitions(session, actor)} if missing else {}
    for (metric, _, kind, end), at in missing:
        named = period_text(calendar.label(Period(end, kind)))
        said = f"{labels.get(metric, metric)} of {named} was not reported."
        faults.append(Fault(f"figures.{at}.metric", said, "figure_not_reported"))
    if faults:
        raise FigureNotReported(faults[0].message, mend="Name figures that were reported.", faults=faults)
    return [rows[key] for key in keys]


def _key(calendar: Calendar, one: Mapping[str, Any]) -> _Key:
    period = calendar.named(one["period"])
    return (one["metric"], one["scenario"], period.kind, period.end)
