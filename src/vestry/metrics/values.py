"""Recording what companies reported: one value or a hundred thousand, by their natural key (company, metric, period,
scenario). A figure that differs supersedes the one before; the same figure again changes nothing."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import Any, Final

import polars as pl
from sqlalchemy import insert, literal, select, update
from sqlalchemy.orm import Session

from vestry.companies.models import Company
from vestry.core import bulk, clock, trail
from vestry.core.actor import Actor
from vestry.core.errors import Fault, Invalid
from vestry.core.fields import decimal_text
from vestry.core.history import stamp, twin
from vestry.core.model import table_of
from vestry.core.names import period_text
from vestry.core.rows import Misread
from vestry.core.types import FRACTION_SCALE, MONEY_SCALE, exact_units
from vestry.core.versions import expect_version
from vestry.identity.access import find, require, theirs, visible
from vestry.kernel.metrics import MetricDefinition as Definition
from vestry.metrics import queries
from vestry.metrics.models import MetricValue
from vestry.metrics.periods import MONTHS, Calendar, Period, UnknownPeriod, month_of

ONE_BY_ONE: Final = 100  # up to so many are written as rows whose every change the trail shows
FAULTS_MAX: Final = 1_000
KEY: Final = ("company_id", "scenario", "period_kind", "ends_on", "metric")
NAMED: Final = ("metric", "period", "scenario")  # a value's key within its company, as it is sent
ANY_PERIOD: Final = Period(2000 * 12, "month")  # stands in for one that cannot be read
SAID: Final = ("value", "fraction", "currency", "status", "source", "note")


class ValuesRefused(Invalid):
    """Some of the values cannot be what they say; nothing was stored."""


@dataclass(frozen=True, slots=True)
class Given:
    """A value as it came: ``place`` names it in errors, ``row`` and ``column`` a cell of a file."""

    place: str
    metric: str
    period: Period
    value: Decimal
    scenario: str = "actual"
    currency: str | None = None
    status: str = "submitted"
    note: str | None = None
    row: int | None = None
    column: str | None = None

    def fault(self, code: str, message: str, field: str) -> Fault:
        """What is wrong with it."""
        shown = decimal_text(self.value) if field == "value" else None
        return Fault(f"{self.place}.{field}", message, code, self.row, self.column, shown)

    @property
    def natural_key(self) -> tuple[str, str, int, str]:
        """Its key within the company."""
        return (self.scenario, self.period.kind, self.period.end, self.metric)


@dataclass(frozen=True, slots=True)
class Written:
    """How many values were new, superseded another figure, or were there already; and which metrics they are of."""

    created: int
    superseded: int
    unchanged: int
    metrics: frozenset[str]
    ends: frozenset[int]


def put_values(
    session: Session,
    actor: Actor,
    company_id: int,
    given: Sequence[Mapping[str, Any] | Misread],
    *,
    source: str = "api",
) -> Written:
    """Record a company's values as they came through the API: ``period`` still a label. Those that cannot be read are
    refused together with those that cannot be true."""
    require(actor, "metric.change")
    company = find(session, actor, Company, company_id, noun="company", lock=True)
    calendar = queries.calendar_of(session, actor, company_id)
    whole, parts, faults = _read(given, calendar)
    if faults:
        _may_say(actor, [*whole, *parts])
        definitions = {one.key: one for one in queries.definitions(session, actor)}
        more = faults_among(session, actor, company, whole, calendar, definitions)
        for one in parts:
            more += faults_of([one], definitions, calendar, clock.today(session))
        told = {one.path for one in faults}  # a stand-in is at fault for nothing: not for a field, nor for a whole row
        more = [one for one in more if told.isdisjoint({one.path, one.path.rpartition(".")[0]})]
        refuse([*faults, *more], unread=told)
    return record(session, actor, company, whole, source=source, calendar=calendar)


def _read(
    given: Sequence[Mapping[str, Any] | Misread], calendar: Calendar
) -> tuple[list[Given], list[Given], list[Fault]]:
    """The values whose key could be read; those of whose key something stands in for what could not, so that they can
    be looked at only each by itself; and what could not be read."""
    whole: list[Given] = []
    parts: list[Given] = []
    faults: list[Fault] = []
    for at, one in enumerate(given):
        place, row, keyed = f"values.{at}", one.row if isinstance(one, Misread) else one, True
        if isinstance(one, Misread):
            faults += one.faults
            keyed = not one.is_wrong(*NAMED)
        try:
            period = calendar.named(row["period"])
        except UnknownPeriod as error:
            faults.append(Fault(f"{place}.period", error.message, error.code()))
            period, keyed = ANY_PERIOD, False
        rest = {name: value for name, value in row.items() if name != "period"}
        (whole if keyed else parts).append(Given(place, period=period, **rest))
    return whole, parts, faults


def record(
    session: Session,
    actor: Actor,
    company: Company,
    given: Sequence[Given],
    *,
    source: str,
    calendar: Calendar,
    batch_id: int | None = None,
) -> Written:
    """Check a company's values all together and write them; one that is wrong refuses all, with every reason.

    To say that a figure is approved is more than to record it, and takes a right of its own.
    """
    _may_say(actor, given)
    definitions = {one.key: one for one in queries.definitions(session, actor)}
    refuse(faults_among(session, actor, company, given, calendar, definitions))
    sound = [_settled(one, definitions[one.metric], company.currency) for one in given]
    constants = {"source": source, "company_id": company.id, "batch_id": batch_id}
    return upsert(session, actor, _frame(sound, definitions), constants)


def _may_say(actor: Actor, given: Iterable[Given]) -> None:
    if any(one.status == "approved" for one in given):
        require(actor, "metric.approve")


def approve(session: Session, actor: Actor, company_id: int, seen: Mapping[int, int]) -> tuple[int, int]:
    """Approve recorded figures of a company as they were seen (id → version): all of them, or none. The approver is
    kept as who verified them. How many are approved now, and how many were already."""
    require(actor, "metric.approve")
    find(session, actor, Company, company_id, noun="company", lock=True)
    mine = visible(actor, MetricValue).where(MetricValue.company_id == company_id, MetricValue.id.in_(seen))
    rows = {row.id: row for row in session.scalars(mine)}
    unknown = [at for at, value_id in enumerate(seen) if value_id not in rows]
    refuse([Fault(f"values.{at}.id", "The company has no such value.", "unknown_value") for at in unknown])
    for value_id, version in seen.items():
        expect_version(rows[value_id], version)
    waiting = [row for row in rows.values() if row.status != "approved"]
    for row in waiting:
        row.status, row.verified_by = "approved", actor.user_id
    session.flush()
    return len(waiting), len(rows) - len(waiting)


def faults_among(
    session: Session,
    actor: Actor,
    company: Company,
    given: Sequence[Given],
    calendar: Calendar,
    definitions: Mapping[str, Definition],
) -> list[Fault]:
    """What is wrong with values by themselves, among each other, and beside the recorded ones."""
    wrong = faults_of(given, definitions, calendar, clock.today(session))
    return wrong + _overlaps(session, actor, company.id, given, definitions)


def refuse(faults: Sequence[Fault], unread: Collection[str] = ()) -> None:
    """Raise with every fault in the order of the values, if there is any. ``unread``: paths whose fault is no sentence
    without its path."""
    if faults:
        count = len(faults)
        faults = sorted(faults, key=_row)
        first = f"{faults[0].path}: {faults[0].message}" if faults[0].path in unread else faults[0].message
        raise ValuesRefused(
            f"{count:,} {'value is' if count == 1 else 'values are'} wrong, first: {first}",
            mend="Correct the values named under errors; nothing was stored.",
            faults=faults[:FAULTS_MAX],
        )


def _row(fault: Fault) -> tuple[int, ...]:
    """Which value it is of, by its path."""
    return tuple(int(part) for part in fault.path.split(".") if part.isdecimal())


def faults_of(
    given: Iterable[Given], definitions: Mapping[str, Definition], calendar: Calendar, today: date
) -> list[Fault]:
    """What is wrong with values by themselves and among each other."""
    found: list[Fault] = []
    seen: dict[tuple[str, str, int, str], Given] = {}
    for one in given:
        definition = definitions.get(one.metric)
        if definition is None:
            found.append(
                one.fault("unknown_metric", f"{one.metric[:64]} is not a metric: see /metrics/definitions.", "metric")
            )
            continue
        if definition.kind == "derived":
            said = f"{definition.label} is computed ({definition.formula}); report what it is computed from."
            found.append(one.fault("metric_is_derived", said, "metric"))
        if one.natural_key in seen:
            said = f"{definition.label}, {period_text(calendar.label(one.period))}, {one.scenario}, is given twice."
            found.append(one.fault("value_given_twice", said, "period"))
        seen[one.natural_key] = one
        found += _faults_of_figure(one, definition)
        if not calendar.is_end(one.period.kind, one.period.end):
            said = f"No fiscal {one.period.kind} of the company ends on {one.period.ends_on}."
            found.append(one.fault("unknown_period", said, "period"))
        if one.scenario == "actual" and one.period.starts_on > today:
            named = period_text(calendar.label(one.period))
            said = f"{named} has not begun: it cannot be actual, only budget or forecast."
            found.append(one.fault("date_in_future", said, "period"))
    return found


def _faults_of_figure(one: Given, definition: Definition) -> Iterable[Fault]:
    scale = FRACTION_SCALE if definition.unit == "ratio" else MONEY_SCALE
    try:
        exact_units(one.value, scale)
    except (ValueError, Invalid):
        said = f"{decimal_text(one.value)} has more than {scale} decimal places, or is beyond what is kept"
        yield one.fault("beyond_range", f"{said}.", "value")
    if definition.unit == "count" and definition.sign == "positive" and one.value < 0:
        yield one.fault("negative_count", f"{definition.label} cannot be {decimal_text(one.value)}.", "value")


def _overlaps(
    session: Session, actor: Actor, company_id: int, given: Sequence[Given], definitions: Mapping[str, Definition]
) -> list[Fault]:
    """Quarters or years that cut across others of their kind, sent along or recorded: two figures for the same time."""
    cut = {one.period.kind for one in given} & {"quarter", "year"}
    if not cut:
        return []
    query = (
        select(MetricValue.metric, MetricValue.scenario, MetricValue.period_kind, MetricValue.ends_on)
        .where(
            theirs(actor, MetricValue),
            MetricValue.voided_at.is_(None),
            MetricValue.company_id == company_id,
            MetricValue.period_kind.in_(cut),
        )
        .distinct()
    )
    taken: dict[tuple[str, str, str], set[int]] = {}
    for metric, scenario, kind, ends_on in session.execute(query):
        taken.setdefault((metric, scenario, kind), set()).add(month_of(ends_on))
    for one in given:
        taken.setdefault((one.metric, one.scenario, one.period.kind), set()).add(one.period.end)
    found = []
    for one in given:
        kind = one.period.kind
        ends = taken[one.metric, one.scenario, kind] if kind in cut else set()
        near = range(one.period.end - MONTHS[kind] + 1, one.period.end + MONTHS[kind])
        other = next((end for end in near if end in ends and end != one.period.end), None)
        if other is not None:
            named = definitions[one.metric].label if one.metric in definitions else one.metric
            said = f"{named}: this {kind} overlaps the one that ends on {Period(other, kind).ends_on}."
            found.append(one.fault("periods_overlap", said, "period"))
    return found


def _settled(one: Given, definition: Definition, books: str) -> Given:
    """The value with its currency: money has the company's unless another is named, nothing else has any."""
    if definition.unit != "money":
        return replace(one, currency=None)
    return one if one.currency is not None else replace(one, currency=books)


def _frame(given: Sequence[Given], definitions: Mapping[str, Definition]) -> pl.DataFrame:
    ratio = [definitions[one.metric].unit == "ratio" for one in given]
    columns: dict[str, tuple[list[Any], Any]] = {
        "metric": ([one.metric for one in given], pl.String),
        "scenario": ([one.scenario for one in given], pl.String),
        "period_kind": ([one.period.kind for one in given], pl.String),
        "starts_on": ([one.period.starts_on for one in given], pl.Date),
        "ends_on": ([one.period.ends_on for one in given], pl.Date),
        "value": (
            [None if r else exact_units(o.value, MONEY_SCALE) for o, r in zip(given, ratio, strict=True)],
            pl.Int64,
        ),
        "fraction": (
            [exact_units(o.value, FRACTION_SCALE) if r else None for o, r in zip(given, ratio, strict=True)],
            pl.Int64,
        ),
        "currency": ([one.currency for one in given], pl.String),
        "status": ([one.status for one in given], pl.String),
        "note": ([one.note for one in given], pl.String),
    }
    return pl.DataFrame([pl.Series(name, values, kind) for name, (values, kind) in columns.items()])


def upsert(session: Session, actor: Actor, frame: pl.DataFrame, constants: Mapping[str, Any]) -> Written:
    """Write values that were checked: one row a natural key, figures as whole units of their last place.

    The columns are those of :func:`_frame`, and ``company_id`` where the constants do not name it. New keys become
    rows, other figures supersede, the same figure, currency and status again is left alone.
    """
    session.flush()
    whole = frame.with_columns(
        pl.lit(value, pl.Int64).alias(name) for name, value in constants.items() if name == "company_id"
    )
    whole = whole.with_columns(pl.lit(constants["source"]).alias("source"))
    stored = _stored(session, actor, whole)
    both = whole.join(stored, on=list(KEY), how="left", suffix="_before", maintain_order="left")
    same = pl.all_horizontal(pl.col(name).eq_missing(pl.col(f"{name}_before")) for name in SAID if name != "source")
    fresh = both.filter(pl.col("id").is_null()).select(whole.columns)
    moved = both.filter(pl.col("id").is_not_null() & ~same)
    more = {"firm_id": actor.firm_id, "batch_id": constants.get("batch_id")}
    if whole.height <= ONE_BY_ONE:
        _write_rows(session, actor, fresh, moved, more)
    else:
        _write_many(session, actor, fresh, moved, more)
    touched = pl.concat([fresh.select("metric", "ends_on"), moved.select("metric", "ends_on")])
    return Written(
        fresh.height,
        moved.height,
        whole.height - fresh.height - moved.height,
        frozenset(touched["metric"].unique()),
        frozenset(month_of(day) for day in touched["ends_on"].unique()),
    )


def _stored(session: Session, actor: Actor, frame: pl.DataFrame) -> pl.DataFrame:
    """The live values with keys like the frame's: key, id and what they say, figures in units."""
    table = table_of(MetricValue)
    names = (*KEY, "id", *SAID)
    query = select(*(table.c[name] for name in names)).where(
        theirs(actor, MetricValue),
        table.c.voided_at.is_(None),
        table.c.company_id.in_(frame["company_id"].unique().to_list()),
        table.c.ends_on.between(frame["ends_on"].min(), frame["ends_on"].max()),
    )
    if frame.height <= ONE_BY_ONE:
        query = query.where(table.c.metric.in_(frame["metric"].unique().to_list()))
    rows = [tuple(row) for row in session.execute(query)]
    columns: list[tuple[Any, ...]] = list(zip(*rows, strict=True)) if rows else [() for _ in names]
    found = dict(zip(names, columns, strict=True))
    scales = {"value": MONEY_SCALE, "fraction": FRACTION_SCALE}
    series = []
    for name in names:
        kept: list[Any] = list(found[name])
        if name in scales:
            kept = [None if one is None else exact_units(one, scales[name]) for one in kept]
        kind: Any = {"company_id": pl.Int64, "id": pl.Int64, "ends_on": pl.Date, **dict.fromkeys(scales, pl.Int64)}.get(
            name, pl.String
        )
        series.append(pl.Series(name, kept, kind))
    return pl.DataFrame(series)


def _write_rows(
    session: Session, actor: Actor, fresh: pl.DataFrame, moved: pl.DataFrame, more: Mapping[str, Any]
) -> None:
    for row in fresh.iter_rows(named=True):
        session.add(MetricValue(**_decimals(row), **more, verified_by=_verifier(actor, row["status"])))
    rows = {row["id"]: row for row in moved.iter_rows(named=True)}
    if rows:
        for value in session.scalars(visible(actor, MetricValue).where(MetricValue.id.in_(list(rows)))):
            changed = _decimals(rows[value.id])
            for name in SAID:
                setattr(value, name, changed[name])
            value.verified_by = _verifier(actor, changed["status"])
            value.batch_id = more["batch_id"]
    session.flush()


def _decimals(row: Mapping[str, Any]) -> dict[str, Any]:
    found = dict(row)
    for name, scale in (("value", MONEY_SCALE), ("fraction", FRACTION_SCALE)):
        found[name] = None if row[name] is None else Decimal(row[name]).scaleb(-scale)
    return found


def _verifier(actor: Actor, status: str) -> int | None:
    return actor.user_id if status == "approved" else None


def _write_many(
    session: Session, actor: Actor, fresh: pl.DataFrame, moved: pl.DataFrame, more: Mapping[str, Any]
) -> None:
    approved = pl.col("status") == "approved"
    verifier = pl.when(approved).then(pl.lit(actor.user_id, pl.Int64)).otherwise(None).alias("verified_by")
    if fresh.height:
        new = fresh.with_columns(verifier).sort(KEY)  # as the index has them, which then grows at its end
        with bulk.staged(session, new, packed=True) as stage:
            stage.into(MetricValue, dict(zip(new.columns, new.columns, strict=True)), more, subjects=False)
    if moved.height:
        with bulk.staged(session, moved.select("id", *SAID, verifier)) as stage:
            _supersede(session, stage, more)


def _supersede(session: Session, stage: bulk.Stage, more: Mapping[str, Any]) -> None:
    """Keep the earlier versions of the staged ids, and write what they say now; told to the trail as a whole."""
    table = table_of(MetricValue)
    names = [column.name for column in table.columns]
    staged = stage.table
    moment = literal(session.info["now"], table.c.recorded_at.type)
    kept = select(*table.columns, moment).where(table.c.id.in_(select(staged.c.id)))
    session.connection().execute(insert(twin(MetricValue)).from_select([*names, "superseded_at"], kept))
    now = {name: stage.value(staged.c[name], table.c[name]) for name in (*SAID, "verified_by")}
    stamped = stamp(session) | {"version": table.c.version + 1, "batch_id": more["batch_id"]}
    statement = update(table).where(table.c.id == staged.c.id).values(**now, **stamped)
    said = {"rows": stage.height, "sha256": bulk.digest_of(stage.frame), "columns": list(stage.frame.columns)}
    trail.tell(session, trail.Event("bulk", table.name, after=said, rows=stage.height))
    session.execute(statement, execution_options={"changes_told": True, "trail_told": True})
    session.expire_all()
