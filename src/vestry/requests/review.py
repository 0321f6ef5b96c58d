"""The inbox: each answer is approved, or rejected with a reason. When all of a request are decided it is approved, or
goes back to the company with the reasons, in one mail."""

from __future__ import annotations

from sqlalchemy.orm import Session

from vestry.companies.models import Company
from vestry.core.actor import Actor
from vestry.core.errors import Conflict, Invalid
from vestry.core.fields import decimal_text
from vestry.identity.access import find, require, visible
from vestry.kernel.metrics import MetricDefinition as Definition
from vestry.metrics import queries as metrics
from vestry.metrics import values as recording
from vestry.metrics.models import MetricValue
from vestry.metrics.periods import Period, month_of
from vestry.metrics.values import Given
from vestry.metrics.views import figure_text
from vestry.requests import figures
from vestry.requests.asking import send_back
from vestry.requests.forms import latest
from vestry.requests.models import APPROVED, SUBMITTED, DataRequest, SubmittedValue

REASONS_CHARACTERS_MAX = 1_500  # of the mail; the form shows them in full


class DecidedBefore(Conflict):
    """Somebody decided on this answer before."""


class FigureMoved(Conflict):
    """The figure was changed since it was sent."""


class CorrectionRefused(Invalid):
    """What the figure was to be corrected to cannot be read as one."""


def approve(
    session: Session, actor: Actor, submitted_value_id: int, *, comment: str | None, corrected: str | None = None
) -> SubmittedValue:
    """Agree to one answer: its figure counts as approved. ``corrected``: as another figure, typed as on the form, which
    supersedes the one that was sent; what was sent stays beside it."""
    request, value = _undecided(session, actor, submitted_value_id)
    figure = _figure(session, actor, value)
    if corrected is not None:
        figure = _correct(session, actor, request, value, corrected)
    if figure is not None and (figure.status != "approved" or figure.verified_by is None):
        figure.status, figure.verified_by = "approved", actor.user_id
        session.flush()
        value.metric_value_version = figure.version
    _decide(session, actor, value, "approved", None, comment)
    _settle(session, actor, request)
    return value


def reject(session: Session, actor: Actor, submitted_value_id: int, *, reason: str) -> SubmittedValue:
    """Send one answer back; its figure is a draft until the company sends another, and what it replaced stays known."""
    request, value = _undecided(session, actor, submitted_value_id)
    figure = _figure(session, actor, value)
    if figure is not None:
        figure.status, figure.verified_by = "draft", None
        session.flush()
        value.metric_value_version = figure.version
    _decide(session, actor, value, "rejected", reason, value.comment)
    _settle(session, actor, request)
    return value


def comment(session: Session, actor: Actor, submitted_value_id: int, *, comment: str) -> SubmittedValue:
    """Say something about an answer; the company sees it if its form comes back."""
    require(actor, "submission.review")
    value = find(session, actor, SubmittedValue, submitted_value_id, noun="submitted value", lock=True)
    value.comment = comment
    session.flush()
    return value


def _undecided(session: Session, actor: Actor, submitted_value_id: int) -> tuple[DataRequest, SubmittedValue]:
    require(actor, "submission.review")
    value = find(session, actor, SubmittedValue, submitted_value_id, noun="submitted value")
    request = find(session, actor, DataRequest, value.data_request_id, noun="submitted value", lock=True)
    value = find(session, actor, SubmittedValue, submitted_value_id, noun="submitted value", lock=True)
    session.refresh(value)
    if value.state != "submitted" or request.state != SUBMITTED:
        raise DecidedBefore(
            f"This was decided before: it is {value.state}, the request is {request.state}.",
            mend="Look at the newest answers of the request.",
        )
    return request, value


def _figure(session: Session, actor: Actor, value: SubmittedValue) -> MetricValue | None:
    """The recorded figure; refused when it says another thing than what was sent."""
    if value.metric_value_id is None:
        return None
    row = find(session, actor, MetricValue, value.metric_value_id, noun="figure", lock=True)
    if row.version != value.metric_value_version:
        figure = metrics.figure(row.value, row.fraction)
        definition = _defined(session, actor).get(value.metric)
        shown = decimal_text(figure) if definition is None else figure_text(figure, definition, row.currency)
        raise FigureMoved(
            f"{definition.label if definition else value.metric} was changed to {shown} after it was sent.",
            mend="Cancel the request, or correct the figure on the company's page.",
        )
    return row


def _defined(session: Session, actor: Actor) -> dict[str, Definition]:
    return {one.key: one for one in metrics.definitions(session, actor)}


def _correct(
    session: Session, actor: Actor, request: DataRequest, value: SubmittedValue, text: str
) -> MetricValue | None:
    """Record another figure than the one that was sent."""
    require(actor, "metric.change")
    definition = _defined(session, actor).get(value.metric)
    if definition is None:
        label = metrics.last_label(session, actor, value.metric)
        raise CorrectionRefused(f"{label} is defined no more.", field="value", mend="Leave the value out.")
    read = figures.read(text, definition)
    if read.figure is None:
        raise CorrectionRefused(str(read.problem), field="value", mend="Write the figure as the form asks for it.")
    company = find(session, actor, Company, request.company_id, noun="company", lock=True)
    calendar = metrics.calendar_of(session, actor, company.id)
    period = Period(month_of(request.ends_on), request.period_kind)
    given = Given("value", value.metric, period, read.figure, status="approved", note=value.note)
    recording.record(session, actor, company, [given], source="api", calendar=calendar)
    session.flush()
    query = visible(actor, MetricValue).where(
        MetricValue.company_id == company.id,
        MetricValue.scenario == "actual",
        MetricValue.period_kind == request.period_kind,
        MetricValue.ends_on == request.ends_on,
        MetricValue.metric == value.metric,
        MetricValue.voided_at.is_(None),
    )
    row = session.scalars(query.execution_options(populate_existing=True)).one()
    value.metric_value_id, value.metric_value_version = row.id, row.version
    value.figures = {**value.figures, "corrected": figure_text(read.figure, definition, company.currency)}
    session.flush()
    return row


def _decide(
    session: Session, actor: Actor, value: SubmittedValue, state: str, reason: str | None, comment: str | None
) -> None:
    value.state, value.reason = state, reason
    value.comment = comment if comment is not None else value.comment
    value.decided_at, value.decided_by = session.info["now"], actor.name or actor.role
    session.flush()


def _settle(session: Session, actor: Actor, request: DataRequest) -> None:
    answers = latest(session, actor, request).values()
    if any(one.state == "submitted" for one in answers):
        return
    request.decided_at = session.info["now"]
    rejected = [one for one in answers if one.state == "rejected"]
    if not rejected:
        request.state = APPROVED
        session.flush()
        return
    labels = {key: one.label for key, one in _defined(session, actor).items()}
    reasons = " · ".join(f"{labels.get(one.metric, one.metric)}: {one.reason}" for one in rejected)
    send_back(session, actor, request, reasons[:REASONS_CHARACTERS_MAX])
    # What was sent is what the form begins with when it comes back.
    request.draft = {
        "values": [{"metric": one.metric, "value": one.figures.get("value"), "note": one.note} for one in rejected],
        "answers": request.answers,
    }
    session.flush()
