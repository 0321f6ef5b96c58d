"""What the demo firm asks its companies for: two templates, and a request in every state.

The quarter that was reported last is approved, waits in the inbox, is begun, or went back; of the one after it nobody
has sent anything yet. One company is asked every month. Nothing is mailed.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any, Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from vestry.companies.models import Company
from vestry.core.actor import Actor
from vestry.core.fields import decimal_text
from vestry.metrics import queries as metrics
from vestry.metrics.models import MetricValue
from vestry.metrics.periods import Calendar, Period
from vestry.requests import forms, templates
from vestry.requests.models import (
    APPROVED,
    ASKED,
    DRAFT,
    RETURNED,
    SUBMITTED,
    CompanyRecipient,
    DataRequest,
    RequestTemplate,
)

QUARTERLY: Final = (
    "revenue", "recurring_revenue", "gross_profit", "ebitda", "cash_balance", "cash_burn", "customers", "employees",
)  # fmt: skip
MONTHLY: Final = ("revenue", "cash_balance", "employees")
QUESTIONS: Final = ("What went well?", "What worries you?")
SAID: Final = ("Two renewals closed a month early.", "Hiring engineers takes longer than planned.")
BURN_NOTE: Final = "As it stands in our cash flow statement"
MOVED_NOTE: Final = "A yearly contract was paid in advance"
SENT_BACK: Final = "This is the figure of the quarter before. Please send that of June."
DUE_DAYS: Final = 20
LADDER: Final = (-7, 0, 3, 10)


@dataclass(frozen=True, slots=True)
class Asked:
    """A company that is asked; ``newest`` is how far its request for the quarter reported last is, ``sent_back`` the
    metric that did not please."""

    company: Company
    newest: str
    monthly: bool = False
    sent_back: str | None = None


def ask(session: Session, actor: Actor, asked: Sequence[Asked], last: Period) -> None:
    """Record the templates, whom of each company is asked, and the requests around the quarter reported last."""
    quarterly = _template(session, actor, "Quarterly figures", "quarter", QUARTERLY, last)
    monthly = _template(session, actor, "Monthly figures", "month", MONTHLY, last)
    session.add_all(_recipient(actor, one.company) for one in asked)
    session.flush()
    figures = _figures(session, actor, [one.company.id for one in asked], last)
    following = Period(last.end + 3, "quarter")
    for at, one in enumerate(asked):
        if one.monthly:
            for end in (last.end - 1, last.end):
                _answered(session, actor, one, _request(session, actor, monthly, one, Period(end, "month")), figures)
            _request(session, actor, monthly, one, Period(last.end + 1, "month"))
            continue
        request = _request(session, actor, quarterly, one, last)
        if one.newest == DRAFT:
            _begin(request, figures, one)
        else:
            _answered(session, actor, one, request, figures)
        coming = _request(session, actor, quarterly, one, following)
        if at % 3 == 2:
            coming.state, coming.saved_at = DRAFT, _on(session, coming.ends_on, 9)
            coming.draft = {"values": [{"metric": "employees", "value": "48", "note": None}], "answers": []}
    session.flush()


def _template(
    session: Session, actor: Actor, name: str, kind: str, metrics: Sequence[str], last: Period
) -> RequestTemplate:
    """By hand, so that an example never mails anybody."""
    values: dict[str, Any] = {
        "name": name,
        "period_kind": kind,
        "metrics": list(metrics),
        "questions": list(QUESTIONS) if kind == "quarter" else [],
        "message": "Figures as in your management accounts; a note where something is unusual helps us both.",
        "due_days": DUE_DAYS,
        "remind_days_before": [-day for day in LADDER if day < 0],
        "remind_days_after": [day for day in LADDER if day >= 0],
        "deviation": Decimal("0.25"),
        "company_ids": [],
        "is_scheduled": False,
        "starts_on": last.starts_on,
    }
    return templates.create(session, actor, values)


def _recipient(actor: Actor, company: Company) -> CompanyRecipient:
    host = "".join(sign for sign in company.name.casefold() if sign.isascii() and sign.isalnum())
    email = f"finance@{host}.example"
    return CompanyRecipient(firm_id=actor.firm_id, company_id=company.id, email=email, email_key=email, name=None)


def _request(session: Session, actor: Actor, template: RequestTemplate, one: Asked, period: Period) -> DataRequest:
    """Asked the day after the period's end, with every reminder behind it."""
    made = DataRequest(
        firm_id=actor.firm_id,
        company_id=one.company.id,
        request_template_id=template.id,
        name=template.name,
        period=Calendar().label(period),
        period_kind=period.kind,
        starts_on=period.starts_on,
        ends_on=period.ends_on,
        due_on=period.ends_on + timedelta(days=DUE_DAYS),
        metrics=template.metrics,
        questions=template.questions,
        message=template.message,
        deviation=template.deviation,
        reminder_days=template.reminder_days,
        reminded_step=LADDER[-1],
        state=ASKED,
        draft={},
        answers=[],
        created_at=_on(session, period.ends_on, 1),
    )
    session.add(made)
    session.flush()
    return made


Figures = dict[tuple[int, str, date, str], MetricValue]


def _figures(session: Session, actor: Actor, company_ids: Sequence[int], last: Period) -> Figures:
    """What these companies reported lately, by company, length of the period, its end and metric."""
    query = select(MetricValue).where(
        MetricValue.firm_id == actor.firm_id,
        MetricValue.company_id.in_(company_ids),
        MetricValue.scenario == "actual",
        MetricValue.ends_on > last.starts_on,
        MetricValue.metric.in_(QUARTERLY),
    )
    return {(one.company_id, one.period_kind, one.ends_on, one.metric): one for one in session.scalars(query)}


def _begin(request: DataRequest, figures: Figures, one: Asked) -> None:
    """The first fields are typed, and nothing is sent."""
    request.state, request.saved_at = DRAFT, request.created_at + timedelta(days=6)
    typed = [(key, _of(figures, request, one, key)) for key in request.metrics[:3]]
    values = [{"metric": key, "value": text, "note": None} for key, (_, text) in typed]
    request.draft = {"values": values, "answers": []}


def _answered(session: Session, actor: Actor, one: Asked, request: DataRequest, figures: Figures) -> None:
    """The company sent its figures, and what became of them."""
    form = forms.form_of(session, actor, request)
    rows = {key: _of(figures, request, one, key) for key in request.metrics}
    given = []
    for key, (_, text) in rows.items():
        plain = forms.read_one(form, key, text, None)
        note = None if plain.asks is None else BURN_NOTE if key == "cash_burn" else MOVED_NOTE
        given.append(forms.read_one(form, key, text, note))
    kept = forms.keep_answers(session, form, given, {key: (row.id, row.version) for key, (row, _) in rows.items()})
    sent = _on(session, request.ends_on, 12)
    request.submitted_at, request.submitted_by = sent, _recipient(actor, one.company).email
    request.answers = [
        {"question": question, "answer": answer} for question, answer in zip(request.questions, SAID, strict=False)
    ]
    request.receipt = forms.receipt_number(request, given)
    request.state = SUBMITTED
    for answer in kept:
        answer.created_at = sent
        if one.newest == SUBMITTED and not one.monthly:
            continue
        answer.state, answer.decided_at = "approved", _on(session, request.ends_on, 15)
        answer.decided_by = actor.name or actor.role
        if answer.metric == one.sent_back:
            answer.state, answer.reason = "rejected", SENT_BACK
    if one.newest != SUBMITTED or one.monthly:
        request.state = RETURNED if one.sent_back else APPROVED
        request.decided_at = _on(session, request.ends_on, 15)


def _of(figures: Figures, request: DataRequest, one: Asked, key: str) -> tuple[MetricValue, str]:
    row = figures[one.company.id, request.period_kind, request.ends_on, key]
    return row, decimal_text(metrics.figure(row.value, row.fraction))


def _on(session: Session, day: date, later: int) -> datetime:
    """The morning so many days after a day, or now where that has not come yet."""
    now: datetime = session.info["now"]
    return min(datetime.combine(day + timedelta(days=later), time(9), UTC), now)
