"""A file of figures: recorded whole or not at all, and taken back whole."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from vestry.batches.reading import safe_name
from vestry.batches.tables import FAULTS_MAX
from vestry.companies.models import Company
from vestry.core import trail
from vestry.core.actor import Actor
from vestry.core.errors import Conflict, Fault, Invalid, NotFound
from vestry.core.history import touch, twin
from vestry.core.model import table_of
from vestry.identity.access import find, require, theirs, visible
from vestry.metrics import queries as metrics
from vestry.metrics import values
from vestry.metrics.imports import queries
from vestry.metrics.imports.checking import FIGURES_MAX, Checked, Figure, Options, look_at
from vestry.metrics.imports.labels import folded
from vestry.metrics.imports.mapping import Told
from vestry.metrics.imports.models import FILED, SHEET_MAX, MetricImport, MetricLabel
from vestry.metrics.models import MetricValue
from vestry.metrics.periods import month_of

VALUE: Final = table_of(MetricValue)
_SAID: Final = ("value", "fraction", "currency", "source", "status", "verified_by", "note")
_IDS_AT_ONCE: Final = 500


class FiguresImportedBefore(Conflict):
    """The same bytes were recorded for the company and are still in the books."""


class NoNewFigures(Conflict):
    """Every figure is recorded as it is."""


class FiguresRefused(Invalid):
    """At least one cell is wrong, so none is recorded."""


class FiguresNotUndoable(Conflict):
    """Only an import that was not undone yet can be undone."""


@dataclass(frozen=True, slots=True)
class Content:
    """The bytes that figures were read from, and their name."""

    name: str
    body: bytes

    @property
    def digest(self) -> str:
        """By which the same bytes are known again."""
        return hashlib.sha256(self.body).hexdigest()


def check(
    session: Session,
    actor: Actor,
    company_id: int,
    content: bytes,
    filename: str | None,
    options: Options,
    mapping: Mapping[str, Told],
) -> Checked:
    """What would become of every cell; nothing is recorded."""
    require(actor, "metric.change")
    company = find(session, actor, Company, company_id, noun="company", lock=True)
    return look_at(session, actor, company, content, safe_name(filename), options, mapping)


def record(
    session: Session,
    actor: Actor,
    company_id: int,
    content: bytes,
    filename: str | None,
    options: Options,
    mapping: Mapping[str, Told],
    *,
    again: bool = False,
) -> MetricImport:
    """Record every figure of a file that is not recorded yet, or none when a cell is wrong, and remember its labels."""
    require(actor, "metric.change")
    company = find(session, actor, Company, company_id, noun="company", lock=True)
    file = Content(safe_name(filename), content)
    if not again:
        _refuse_same_file(session, actor, company_id, file.digest)
    checked = look_at(session, actor, company, content, file.name, options, mapping)
    refuse(checked)
    fresh = checked.to_record()
    if not fresh:
        raise NoNewFigures(
            f"All {len(checked.figures):,} figures are recorded already.", mend="There is nothing to do."
        )
    return keep(session, actor, company, checked, fresh, file)


def keep(
    session: Session,
    actor: Actor,
    company: Company,
    checked: Checked,
    fresh: Sequence[Figure],
    content: Content,
    *,
    connection_id: int | None = None,
) -> MetricImport:
    """Record those figures of a file (or of what a connection fetched) with the cells they came from."""
    written = values.record(
        session,
        actor,
        company,
        [one.given for one in fresh],
        source="import" if connection_id is None else "integration",
        calendar=checked.calendar,
    )
    made = MetricImport(
        firm_id=actor.firm_id,
        company_id=company.id,
        connection_id=connection_id,
        filename=content.name,
        content_sha256=content.digest,
        byte_count=len(content.body),
        row_count=len(fresh),
        mapping=[mapped_out(checked, name) for name in checked.mapping],
        options=options_out(checked.options),
        receipt={"created": written.created, "restated": written.superseded, "unchanged": checked.count("same")},
        recorded_at=session.info["now"],
        recorded_by=actor.user_id,
    )
    session.add(made)
    session.flush()
    _keep_cells(session, actor, made, fresh)
    learn(session, actor, company.id, checked, only_new=connection_id is not None)
    told: dict[str, Any] = {"company_id": company.id, "filename": content.name, "sha256": content.digest}
    if connection_id is not None:
        told["connection_id"] = connection_id
    trail.tell(session, trail.Event("import", "metric_import", made.id, after=told, rows=len(fresh)))
    return made


def refuse(checked: Checked) -> None:
    """Refuse a file of which anything is wrong, naming every cell."""
    if len(checked.figures) > FIGURES_MAX:
        raise FiguresRefused(
            f"The file has {len(checked.figures):,} figures; at most {FIGURES_MAX:,} are recorded at once.",
            mend="Split the file.",
        )
    if checked.faults:
        count = len(checked.faults)
        first = checked.faults[0]
        raise FiguresRefused(
            f"{count:,} {'cell is' if count == 1 else 'cells are'} wrong, first {place_of(first)}: "
            f"{first.message.rstrip('.')}.",
            mend="Correct the cells named under errors, or map the file otherwise; nothing was recorded.",
            faults=checked.faults[:FAULTS_MAX],
        )


def place_of(fault: Fault) -> str:
    """The address of the cell a fault is about, such as Income!C5."""
    if fault.row is None or fault.column is None:
        return fault.path
    cell = f"{fault.column}{fault.row}"
    sheet, _, rest = fault.path.rpartition("!")
    return f"{sheet}!{cell}" if sheet and rest.startswith(cell) else cell


def undo(session: Session, actor: Actor, company_id: int, import_id: int, *, reason: str) -> MetricImport:
    """Take an import back: what it restated says again what it said before, what it brought is voided. A figure that
    was corrected since is left alone, and counted."""
    require(actor, "metric.change")
    find(session, actor, Company, company_id, noun="import of figures", lock=True)
    query = visible(actor, MetricImport).where(MetricImport.id == import_id, MetricImport.company_id == company_id)
    made = session.scalars(query.with_for_update()).one_or_none()
    if made is None:
        raise NotFound("import of figures")
    if made.undone_at is not None:
        raise FiguresNotUndoable("The import was undone already.", mend="There is nothing to do.")
    made.undone_at, made.undone_by, made.undo_reason = session.info["now"], actor.user_id, reason
    session.flush()
    counts = _take_back(session, actor, made, f"Undone: {made.filename}: {reason}")
    made.receipt = made.receipt | counts
    session.flush()
    trail.tell(session, trail.Event("import", "metric_import", made.id, after={"undone": reason, **counts}))
    return made


def _take_back(session: Session, actor: Actor, made: MetricImport, reason: str) -> dict[str, int]:
    own = select(queries.CELL.c.value_id).where(queries.CELL.c.import_id == made.id).distinct()
    ids = sorted(session.scalars(own))
    counts = {"voided": 0, "restored": 0, "kept": 0}
    for start in range(0, len(ids), _IDS_AT_ONCE):
        part = ids[start : start + _IDS_AT_ONCE]
        chains = _Chains(session, actor, part)
        rows = visible(actor, MetricValue).where(MetricValue.id.in_(part), MetricValue.voided_at.is_(None))
        live = {row.id: row for row in session.scalars(rows)}
        again: list[dict[str, Any]] = []
        for value_id in part:
            row = live.get(value_id)
            if row is None or not chains.says(row, made.id):
                counts["kept"] += 1
                continue
            earlier = chains.before(value_id, made.id)
            if earlier is None:
                row.voided_at, row.void_reason = session.info["now"], reason
                counts["voided"] += 1
                continue
            touch(row)  # a version of its own, though it may say what the one before said
            for name in _SAID:
                setattr(row, name, earlier[name])
            counts["restored"] += 1
            origin = chains.origin(value_id, earlier["version"])
            if origin is not None:
                told = {"company_id": made.company_id, "firm_id": actor.firm_id, "import_id": origin["import_id"]}
                place = {"sheet": origin["sheet"], "cell": origin["cell"]}
                again.append({"value_id": value_id, "version": row.version + 1, **told, **place})
        session.flush()
        if again:
            session.connection().execute(insert(queries.CELL), again)
    return counts


class _Chains:
    """The versions of some values, and which import each came from."""

    def __init__(self, session: Session, actor: Actor, ids: Sequence[int]) -> None:
        past = twin(MetricValue)
        names = ("id", "version", *_SAID)
        query = select(*(past.c[name] for name in names)).where(theirs(actor, past), past.c.id.in_(ids))
        self.past: dict[int, dict[int, dict[str, Any]]] = {}
        for row in session.execute(query).mappings():
            self.past.setdefault(row["id"], {})[row["version"]] = dict(row)
        self.cells: dict[int, list[dict[str, Any]]] = {}
        for cell in queries.cells_of(session, actor, ids):
            self.cells.setdefault(cell["value_id"], []).append(cell)

    def origin(self, value_id: int, version: int) -> dict[str, Any] | None:
        """The cell that a version of an imported figure came from."""
        known = [one for one in self.cells.get(value_id, ()) if one["version"] <= version]
        row = self.past.get(value_id, {}).get(version)
        return known[-1] if known and (row is None or row["source"] in FILED) else None

    def says(self, row: MetricValue, import_id: int) -> bool:
        """Whether a value still says what this import brought, whoever looked at it since."""
        last = self.origin(row.id, row.version)
        if last is None or last["import_id"] != import_id or row.source not in FILED:
            return False
        if last["version"] == row.version:
            return True
        brought = self.past.get(row.id, {}).get(last["version"])
        return brought is not None and all(
            brought[name] == getattr(row, name) for name in ("value", "fraction", "currency")
        )

    def before(self, value_id: int, import_id: int) -> dict[str, Any] | None:
        """The last version before the import's that comes from no import that was undone."""
        version = min(one["version"] for one in self.cells[value_id] if one["import_id"] == import_id) - 1
        while version >= 1:
            origin = self.origin(value_id, version)
            if origin is None or origin["undone_at"] is None:
                return self.past.get(value_id, {}).get(version)
            version = min(one["version"] for one in self.cells[value_id] if one["import_id"] == origin["import_id"]) - 1
        return None


def last_brought(
    session: Session, actor: Actor, connection_id: int, ids: Sequence[int]
) -> dict[int, tuple[Decimal, str | None]]:
    """What a connection said the last time of values that say something else now: figure and currency by id. Imports
    that were undone do not count."""
    found = {}
    for start in range(0, len(ids), _IDS_AT_ONCE):
        chains = _Chains(session, actor, ids[start : start + _IDS_AT_ONCE])
        for value_id, cells in chains.cells.items():
            own = [one for one in cells if one["connection_id"] == connection_id and one["undone_at"] is None]
            said = chains.past.get(value_id, {}).get(own[-1]["version"]) if own else None
            if said is not None:
                figure = said["fraction"] if said["value"] is None else said["value"]
                found[value_id] = (figure, said["currency"])
    return found


def learn(session: Session, actor: Actor, company_id: int, checked: Checked, *, only_new: bool = False) -> None:
    """Remember what the lines of a file stood for. ``only_new``: of labels that nothing is remembered of; a source
    that is asked every night must not forget for the company that its files are in thousands."""
    used = {one.entry.line for one in checked.figures}
    lines = {
        name: {
            "label": one.label,
            "metric": one.metric,
            "scale": one.scale,
            "said_scale": one.said_scale,
            "sign": one.sign,
            "percent": one.percent,
            "currency": one.currency,
        }
        for name, one in checked.mapping.items()
        if name in used or (one.metric is None and one.decided and one.because != "computed")
    }
    if only_new:
        known = {row.label_key for row in queries.labels(session, actor, company_id)}
        lines = {name: told for name, told in lines.items() if name not in known}
    _remember(session, actor, company_id, lines)


def set_mapping(session: Session, actor: Actor, company_id: int, lines: Iterable[Mapping[str, Any]]) -> None:
    """Replace what is remembered of a company's labels; a label that is not among them is forgotten."""
    require(actor, "metric.change")
    find(session, actor, Company, company_id, noun="company", lock=True)
    known = {one.key for one in metrics.definitions(session, actor)}
    kept: dict[str, dict[str, Any]] = {}
    faults = []
    for at, one in enumerate(lines):
        key = folded(one["label"])
        if one["metric"] is not None and one["metric"] not in known:
            faults.append(Fault(f"lines.{at}.metric", f"{one['metric']} is not a metric", "unknown_metric"))
        if not key or key in kept:
            faults.append(Fault(f"lines.{at}.label", "is no label, or the same as one before", "label_given_twice"))
        kept[key] = dict(one)
    if faults:
        raise FiguresRefused(f"{len(faults)} lines are wrong.", mend="Correct them.", faults=faults[:FAULTS_MAX])
    for row in queries.labels(session, actor, company_id):
        if row.label_key not in kept:
            session.delete(row)
        else:
            told = kept[row.label_key]
            told["said_scale"] = told["said_scale"] or row.said_scale
    session.flush()
    _remember(session, actor, company_id, kept)


def _remember(session: Session, actor: Actor, company_id: int, lines: Mapping[str, Mapping[str, Any]]) -> None:
    there = {row.label_key: row for row in queries.labels(session, actor, company_id)}
    for key, told in lines.items():
        row = there.get(key)
        if row is None:
            row = MetricLabel(firm_id=actor.firm_id, company_id=company_id, label_key=key)
            session.add(row)
        elif all(getattr(row, name) == value for name, value in told.items()):
            continue
        for name, value in told.items():
            setattr(row, name, value)
        row.updated_at = session.info["now"]
    session.flush()


def mapped_out(checked: Checked, name: str) -> dict[str, Any]:
    """A line of the mapping as it goes out."""
    one, line = checked.mapping[name], checked.layout.lines[name]
    return {
        "line": name,
        "label": one.label,
        "cell": line.place.address,
        "metric": one.metric,
        "scale": one.scale,
        "sign": one.sign,
        "percent": one.percent,
        "currency": one.currency,
        "because": one.because,
        "decided": one.decided,
    }


def options_out(options: Options) -> dict[str, Any]:
    """The options a file was read with."""
    style = {name: getattr(options.style, name) for name in options.style.__slots__}
    return style | {
        "period_kind": options.period_kind,
        "scenario": options.scenario,
        "currency": options.currency,
    }


def same_file(session: Session, actor: Actor, company_id: int, content: bytes) -> int | None:
    """The import of the same bytes that was not undone."""
    return _same(session, actor, company_id, hashlib.sha256(content).hexdigest())


def _same(session: Session, actor: Actor, company_id: int, digest: str) -> int | None:
    same = select(MetricImport.id).where(
        theirs(actor, MetricImport),
        MetricImport.company_id == company_id,
        MetricImport.content_sha256 == digest,
        MetricImport.undone_at.is_(None),
    )
    return session.scalar(same.order_by(MetricImport.id.desc()).limit(1))


def _refuse_same_file(session: Session, actor: Actor, company_id: int, digest: str) -> None:
    found = _same(session, actor, company_id, digest)
    if found is not None:
        raise FiguresImportedBefore(
            f"This file was imported before, as import {found}.",
            field="file",
            mend="Undo that import first, or send again=true: figures that are recorded as they are stay.",
        )


def _keep_cells(session: Session, actor: Actor, made: MetricImport, fresh: Sequence[Figure]) -> None:
    """Which cell each figure's version came from."""
    ends = [one.given.period.ends_on for one in fresh]
    names = ("id", "version", "scenario", "period_kind", "ends_on", "metric")
    query = select(*(VALUE.c[name] for name in names)).where(
        theirs(actor, MetricValue),
        VALUE.c.voided_at.is_(None),
        VALUE.c.company_id == made.company_id,
        VALUE.c.ends_on.between(min(ends), max(ends)),
    )
    ids = {}
    for value_id, version, scenario, kind, ends_on, metric in session.execute(query):
        ids[scenario, kind, month_of(ends_on), metric] = (value_id, version)
    own = {"firm_id": actor.firm_id, "company_id": made.company_id, "import_id": made.id}
    rows = []
    for one in fresh:
        value_id, version = ids[one.given.natural_key]
        place = one.entry.place
        sheet = place.sheet[:SHEET_MAX] if place.sheet else None
        rows.append(own | {"value_id": value_id, "version": version, "sheet": sheet, "cell": place.cell})
    session.connection().execute(insert(queries.CELL), rows)
