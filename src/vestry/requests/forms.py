"""The form a company fills in: what it shows, what a draft keeps, and what sending it records."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final

from sqlalchemy.orm import Session

from vestry.companies.models import Company
from vestry.core import clock
from vestry.core.actor import Actor
from vestry.core.errors import Fault, Invalid
from vestry.core.fields import decimal_text
from vestry.core.names import period_text
from vestry.identity.access import find, visible
from vestry.identity.models import Firm
from vestry.integrations.mail import service as mail
from vestry.kernel.metrics import MetricDefinition as Definition
from vestry.metrics import queries as metrics
from vestry.metrics import values as recording
from vestry.metrics.book import Book
from vestry.metrics.models import MetricValue
from vestry.metrics.periods import MONTHS, Calendar, Period, month_of
from vestry.metrics.values import Given
from vestry.metrics.views import figure_text
from vestry.requests import attachments, figures
from vestry.requests.asking import spend_links
from vestry.requests.entering import Entered, held, to_fill_in
from vestry.requests.meanings import meaning
from vestry.requests.models import DRAFT, SUBMITTED, DataRequest, FormLink, SubmittedValue

HISTORY: Final = 4  # periods that are shown beside the field


class FormIncomplete(Invalid):
    """Something on the form is missing or cannot be read; nothing was recorded."""


class NotAskedFor(Invalid):
    """The form does not ask for it."""


@dataclass(frozen=True, slots=True)
class Form:
    """A request with what is needed to read and to judge what is typed into it."""

    request: DataRequest
    company: Company
    calendar: Calendar
    definitions: Mapping[str, Definition]
    described: Mapping[str, str | None]
    book: Book
    decided: Mapping[str, SubmittedValue]

    @property
    def period(self) -> Period:
        """The period that is asked for."""
        return Period(month_of(self.request.ends_on), self.request.period_kind)

    @property
    def keys(self) -> list[str]:
        """The metrics that are asked for and still defined, in the order of the form."""
        return [key for key in self.request.metrics if key in self.definitions]

    def locked(self, key: str) -> bool:
        """Whether the metric's answer was approved: it is not asked for again."""
        return key in self.decided and self.decided[key].state == "approved"

    def before(self, key: str, back: int = 1) -> Decimal | None:
        """The figure so many periods before, where it is in the company's own currency."""
        kind, end = self.period.kind, self.period.end - back * MONTHS[self.period.kind]
        cell = self.book.cell(kind, key, end)
        money = self.definitions[key].unit == "money"
        return None if money and cell.currency != self.company.currency else cell.value

    def shown(self, key: str, value: Decimal | None) -> str | None:
        """A figure as a text."""
        return figure_text(value, self.definitions[key], self.company.currency)


@dataclass(frozen=True, slots=True)
class Reading:
    """What was made of one field: its figure, the change against the period before, what is asked back, what is
    wrong."""

    metric: str
    text: str | None
    note: str | None
    figure: Decimal | None
    change: Decimal | None
    asks: str | None
    fault: tuple[str, str, str] | None  # field, code, message


def form_of(session: Session, actor: Actor, request: DataRequest) -> Form:
    """The form of a request, with the company's history as it is known now, drafts left out."""
    company = find(session, actor, Company, request.company_id, noun="company")
    own = metrics.own_definitions(session, actor)
    definitions = {one.key: one for one in metrics.definitions(session, actor) if one.kind != "derived"}
    calendar = metrics.calendar_of(session, actor, company.id)
    rows = [row for row in metrics.values(session, actor, company.id) if row.status != "draft"]
    book = Book(rows, tuple(definitions.values()), calendar)
    described = {row["key"]: row["description"] for row in own}
    return Form(request, company, calendar, definitions, described, book, latest(session, actor, request))


def latest(session: Session, actor: Actor, request: DataRequest) -> dict[str, SubmittedValue]:
    """The newest answer to each metric of a request."""
    query = visible(actor, SubmittedValue).where(SubmittedValue.data_request_id == request.id)
    return {one.metric: one for one in session.scalars(query.order_by(SubmittedValue.id))}


def read_form(session: Session, entered: Entered) -> dict[str, Any]:
    """What the page behind a link shows."""
    link, request = held(session, entered)
    form = form_of(session, entered.actor, request)
    firm = session.get_one(Firm, entered.actor.firm_id)
    draft = request.draft or {}
    typed = {one["metric"]: one for one in draft.get("values", [])}
    answered = {one["question"]: one["answer"] for one in draft.get("answers") or request.answers}
    files = attachments.shown_to_company(attachments.listed(session, entered.actor, request.id))
    return {
        "firm": firm.name,
        "company": form.company.name,
        "name": request.name,
        "message": request.message,
        "recipient": link.email,
        "period": request.period,
        "period_kind": request.period_kind,
        "starts_on": request.starts_on,
        "ends_on": request.ends_on,
        "due_on": request.due_on,
        "is_overdue": request.due_on < clock.today(session),
        "currency": form.company.currency,
        "state": request.state,
        "deviation": request.deviation,
        "saved_at": request.saved_at,
        "expires_at": link.expires_at,
        "metrics": [_field(form, key, typed.get(key, {})) for key in form.keys],
        "questions": [{"question": one, "answer": answered.get(one)} for one in request.questions],
        "attachments": files,
        "receipt": _receipt(form, files),
    }


def _field(form: Form, key: str, typed: Mapping[str, Any]) -> dict[str, Any]:
    definition, answer = form.definitions[key], form.decided.get(key)
    kind, length = form.period.kind, MONTHS[form.period.kind]
    ends = [form.period.end - back * length for back in range(HISTORY, 0, -1)]
    history = [
        {
            "period": form.calendar.label(Period(end, kind)),
            "value": form.shown(key, form.before(key, (form.period.end - end) // length)),
        }
        for end in ends
    ]
    reading = read_one(form, key, typed.get("value"), typed.get("note")) if typed else None
    return {
        "metric": key,
        "label": definition.label,
        "meaning": meaning(definition, form.described.get(key)),
        "unit": definition.unit,
        "kind": definition.kind,
        "sign": definition.sign,
        "history": history,
        "value": typed.get("value"),
        "note": typed.get("note"),
        "asks": reading.asks if reading else None,
        "problem": reading.fault[2] if reading and reading.fault else None,
        "locked": form.locked(key),
        "sent": answer.figures.get("value") if answer else None,
        "state": answer.state if answer else None,
        "reason": answer.reason if answer else None,
        "comment": answer.comment if answer else None,
    }


def _receipt(form: Form, files: Sequence[dict[str, Any]]) -> dict[str, Any] | None:
    request = form.request
    if request.receipt is None:
        return None
    return {
        "number": request.receipt,
        "submitted_at": request.submitted_at,
        "submitted_by": request.submitted_by,
        "values": [
            {
                "metric": key,
                "label": form.definitions[key].label,
                "value": form.decided[key].figures.get("value"),
                "note": form.decided[key].note,
                "state": form.decided[key].state,
            }
            for key in form.keys
            if key in form.decided
        ],
        "answers": request.answers,
        "attachments": [one for one in files if one["sent_at"] is not None],
    }


def read_one(form: Form, key: str, text: str | None, note: str | None) -> Reading:
    """What one field says, and what has to be asked back about it."""
    definition = form.definitions[key]
    said = (note or "").strip()
    asks: str | None = None
    if text is None:
        asks = f"Why is there no {definition.label}?"
        missing = ("value", "value_missing", f"Give {definition.label}, or say why there is none.")
        return Reading(key, None, note, None, None, asks, None if said else missing)
    read = figures.read(text, definition)
    if read.figure is None:
        return Reading(key, text, note, None, None, None, ("value", read.code or "invalid", read.problem or ""))
    before = form.before(key)
    moved = figures.change(read.figure, before)
    if definition.sign == "positive" and read.figure < 0:
        asks = f"{definition.label} is given as a positive number. Why is it negative?"
    elif moved is not None and abs(moved) >= form.request.deviation:
        before_it = Period(form.period.end - MONTHS[form.period.kind], form.period.kind)
        earlier = period_text(form.calendar.label(before_it))
        way = "higher" if moved > 0 else "lower"
        asks = f"Why is {definition.label} {figures.percent_text(moved)} {way} than in {earlier}?"
    fault = ("note", "note_needed", asks) if asks and not said else None
    return Reading(key, text, note, read.figure, moved, asks, fault)


def save_draft(session: Session, entered: Entered, values: Sequence[Any], answers: Sequence[Any]) -> dict[str, Any]:
    """Keep what was typed so far, as it was typed; says what would be asked back. The last draft saved counts."""
    _, request = to_fill_in(session, entered)
    form = form_of(session, entered.actor, request)
    readings = _readings(form, values)
    request.draft = {
        "values": [{"metric": one.metric, "value": one.text, "note": one.note} for one in readings],
        "answers": _answers(form, answers),
    }
    request.saved_at = session.info["now"]
    if request.state == "asked":
        request.state = DRAFT
    session.flush()
    return {"saved_at": request.saved_at, "values": [_judged(form, one) for one in readings]}


def _judged(form: Form, one: Reading) -> dict[str, Any]:
    return {
        "metric": one.metric,
        "figure": form.shown(one.metric, one.figure),
        "change": None if one.change is None else decimal_text(round(one.change, 4)),
        "asks": one.asks,
        "problem": one.fault[2] if one.fault and one.fault[0] == "value" else None,
    }


def _readings(form: Form, values: Sequence[Mapping[str, Any]]) -> list[Reading]:
    seen: set[str] = set()
    for at, one in enumerate(values):
        key, place = one["metric"], f"values.{at}.metric"
        if key not in form.keys or form.locked(key):
            named = form.definitions[key].label if key in form.keys else key
            raise NotAskedFor(f"This form does not ask for {named}.", field=place, mend="Leave it out.")
        if key in seen:
            raise NotAskedFor(f"{form.definitions[key].label} is given twice.", field=place, mend="Give it once.")
        seen.add(key)
    return [read_one(form, one["metric"], one["value"], one["note"]) for one in values]


def _answers(form: Form, answers: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    for at, one in enumerate(answers):
        if one["question"] not in form.request.questions:
            raise NotAskedFor(
                "This form does not ask that.", field=f"answers.{at}.question", mend="Repeat the question as it is."
            )
    return [{"question": one["question"], "answer": one["answer"]} for one in answers if one["answer"].strip()]


def submit(session: Session, entered: Entered, values: Sequence[Any], answers: Sequence[Any]) -> dict[str, Any]:
    """Record what the company sends, all of it or, with every reason, nothing; from then on the link opens the
    receipt."""
    link, request = to_fill_in(session, entered)
    actor = entered.actor
    form = form_of(session, actor, request)
    given = _readings(form, values)
    there = {one.metric for one in given}
    every = [
        *given,
        *(read_one(form, key, None, None) for key in form.keys if key not in there and not form.locked(key)),
    ]
    places = {one.metric: f"values.{at}" for at, one in enumerate(every)}
    faults = [Fault(f"{places[one.metric]}.{one.fault[0]}", one.fault[2], one.fault[1]) for one in every if one.fault]
    if faults:
        raise FormIncomplete(
            f"{len(faults)} of {len(every)} fields need you, first: {faults[0].message}",
            mend="Correct the fields named under errors; nothing was sent.",
            faults=faults,
        )
    kept = _answers(form, answers)
    ids = _record(session, actor, form, every, places)
    keep_answers(session, form, every, ids)
    request.answers, request.draft = kept, {}
    request.state, request.submitted_at, request.submitted_by = SUBMITTED, session.info["now"], link.email or None
    request.receipt = receipt_number(request, every, attachments.send(session, actor, request))
    spend_links(session, request)
    session.flush()
    _confirm(session, actor, form, link)
    return read_form(session, entered)


def _record(
    session: Session, actor: Actor, form: Form, every: Sequence[Reading], places: Mapping[str, str]
) -> dict[str, tuple[int, int]]:
    """Write the figures as submitted; metric → the row and its version. One that was approved as it is, stays so."""
    company = find(session, actor, Company, form.company.id, noun="company", lock=True)
    known = _stored(session, actor, form)
    moved = []
    for one in every:
        row = known.get(one.metric)
        same = row is not None and row.status == "approved" and _figure_of(row) == one.figure
        if one.figure is not None and not (same and row is not None and row.currency in (None, company.currency)):
            moved.append(Given(places[one.metric], one.metric, form.period, one.figure, note=one.note))
    if moved:
        recording.record(session, actor, company, moved, source="form", calendar=form.calendar)
        session.flush()
    wanted = {one.metric for one in every if one.figure is not None}
    return {key: (row.id, row.version) for key, row in _stored(session, actor, form).items() if key in wanted}


def _stored(session: Session, actor: Actor, form: Form) -> dict[str, MetricValue]:
    query = visible(actor, MetricValue).where(
        MetricValue.company_id == form.company.id,
        MetricValue.scenario == "actual",
        MetricValue.period_kind == form.period.kind,
        MetricValue.ends_on == form.period.ends_on,
        MetricValue.metric.in_(form.keys),
    )
    return {row.metric: row for row in session.scalars(query)}


def _figure_of(row: MetricValue) -> Decimal:
    return metrics.figure(row.value, row.fraction)


def keep_answers(
    session: Session, form: Form, every: Sequence[Reading], ids: Mapping[str, tuple[int, int]]
) -> list[SubmittedValue]:
    """What the inbox shows of each field; ``ids``: metric → the recorded figure and its version."""
    kept = []
    for one in every:
        value_id, version = ids.get(one.metric, (None, None))
        kept.append(
            SubmittedValue(
                firm_id=form.request.firm_id,
                company_id=form.company.id,
                data_request_id=form.request.id,
                metric=one.metric,
                metric_value_id=value_id,
                metric_value_version=version,
                figures={
                    "value": form.shown(one.metric, one.figure),
                    "previous": form.shown(one.metric, form.before(one.metric)),
                    "change": None if one.change is None else decimal_text(round(one.change, 4)),
                    "asks": one.asks,
                },
                note=one.note,
                state="submitted",
            )
        )
    session.add_all(kept)
    session.flush()
    return kept


def receipt_number(request: DataRequest, every: Sequence[Reading], files: Sequence[str] = ()) -> str:
    """A receipt's number: when, and a digest of what (``files``: their digests), so that the company can show what it
    sent."""
    said = "|".join([*(f"{one.metric}={one.figure}" for one in every), *files])
    digest = hashlib.sha256(f"{request.id}|{request.submitted_at}|{said}".encode()).hexdigest()[:8].upper()
    return f"{request.submitted_at:%y%m%d}-{digest}"


def _confirm(session: Session, actor: Actor, form: Form, link: FormLink) -> None:
    if not link.email:
        return
    values = {
        "firm": session.get_one(Firm, actor.firm_id).name,
        "company": form.company.name,
        "period": form.request.period,
        "count": str(len(form.keys)),
        "receipt": str(form.request.receipt),
    }
    mail.send(session, to=link.email, template="data_request_received", values=values)
