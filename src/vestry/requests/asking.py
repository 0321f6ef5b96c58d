"""Asking companies for a period, the links they get, and the mails around them. A request is there once, whoever asks
and however often; a reminder goes out once for each of its days."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Final

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from vestry.companies.models import Company
from vestry.core import clock
from vestry.core.actor import Actor
from vestry.core.errors import Conflict, Invalid, NotFound
from vestry.core.names import period_text
from vestry.core.settings import settings
from vestry.identity.access import find, require, theirs, visible
from vestry.identity.models import Firm
from vestry.identity.secrets import digest, new_secret
from vestry.integrations.mail import service as mail
from vestry.metrics import queries as metrics
from vestry.metrics.periods import MONTHS, Calendar, Period, UnknownPeriod, month_of
from vestry.requests import attachments
from vestry.requests.models import (
    ASKED,
    CANCELLED,
    RETURNED,
    WITH_COMPANY,
    CompanyRecipient,
    DataRequest,
    FormLink,
    RequestTemplate,
)
from vestry.requests.templates import recipients_of

LINK_DAYS: Final = 60  # a link mailed today; never shorter than until a month after the due date
COMPANIES_MAX: Final = 1_000
ASK, REMIND, RETURN, HAND = "ask", "remind", "return", "hand"
TEMPLATES: Final = {ASK: "data_request", REMIND: "data_request_reminder", RETURN: "data_request_returned"}


class WrongPeriod(Invalid):
    """The template asks for periods of another kind, or the period has not begun."""


class RequestEnded(Conflict):
    """The request was sent, approved or taken back, so there is nobody to ask."""


class NobodyToAsk(Conflict):
    """The company has no recipients."""


@dataclass(frozen=True, slots=True)
class Skipped:
    """A company that was not asked, and why."""

    company_id: int
    company: str
    reason: str


def ask(
    session: Session, actor: Actor, *, template_id: int, period: str, company_ids: Collection[int] = ()
) -> tuple[list[DataRequest], list[Skipped]]:
    """Ask companies for a period now: those named, or all of the template. Returns whom, and who was left out why."""
    require(actor, "data_request.change")
    template = find(session, actor, RequestTemplate, template_id, noun="request template")
    named = Calendar().named(period)
    if named.kind != template.period_kind:
        raise WrongPeriod(
            f"{template.name} asks for a {template.period_kind}; {period_text(period)} is a {named.kind}.",
            field="period",
            mend="Name a period of the template's kind.",
        )
    for company_id in company_ids:
        find(session, actor, Company, company_id, noun="company", lock=True)
    asked, skipped = [], []
    for company in _companies(session, actor, company_ids or template.company_ids):
        calendar = metrics.calendar_of(session, actor, company.id)
        try:
            made = request_of(session, actor, template, company, calendar.named(period), calendar)
        except (UnknownPeriod, WrongPeriod, NobodyToAsk, RequestExists) as error:
            skipped.append(Skipped(company.id, company.name, error.message))
            continue
        asked.append(made)
    return asked, skipped


class RequestExists(Conflict):
    """The company was asked for this period, or for one that overlaps it."""


def _companies(session: Session, actor: Actor, company_ids: Collection[int]) -> list[Company]:
    query = visible(actor, Company, to_change=True).order_by(Company.name, Company.id).limit(COMPANIES_MAX)
    if company_ids:
        return list(session.scalars(query.where(Company.id.in_(company_ids))))
    reachable = select(CompanyRecipient.company_id).where(theirs(actor, CompanyRecipient))
    return list(session.scalars(query.where(Company.id.in_(reachable))))


def request_of(
    session: Session, actor: Actor, template: RequestTemplate, company: Company, period: Period, calendar: Calendar
) -> DataRequest:
    """The request of one company for one period, mailed to its recipients."""
    today = clock.today(session)
    if period.starts_on > today:
        raise WrongPeriod(
            f"{period_text(calendar.label(period))} has not begun.", field="period", mend="Ask once it has."
        )
    people = recipients_of(session, actor, company.id)
    if not people:
        raise NobodyToAsk("It has no recipients.", mend="Name who is asked there first.")
    _refuse_overlap(session, actor, template, company, period)
    due_on = period.ends_on + timedelta(days=template.due_days)
    made = DataRequest(
        firm_id=actor.firm_id,
        company_id=company.id,
        request_template_id=template.id,
        name=template.name,
        period=calendar.label(period),
        period_kind=period.kind,
        starts_on=period.starts_on,
        ends_on=period.ends_on,
        due_on=due_on,
        metrics=template.metrics,
        questions=template.questions,
        message=template.message,
        deviation=template.deviation,
        reminder_days=template.reminder_days,
        # What lies before the day of asking needs no reminder any more.
        reminded_step=_step(template.reminder_days, due_on, today),
        state=ASKED,
        draft={},
        answers=[],
    )
    session.add(made)
    session.flush()
    for one in people:
        send_link(session, actor, made, company, one.email, ASK)
    return made


def _refuse_overlap(
    session: Session, actor: Actor, template: RequestTemplate, company: Company, period: Period
) -> None:
    others = select(DataRequest.period, DataRequest.ends_on).where(
        theirs(actor, DataRequest),
        DataRequest.request_template_id == template.id,
        DataRequest.company_id == company.id,
        DataRequest.state != CANCELLED,
        DataRequest.starts_on <= period.ends_on,
        DataRequest.ends_on >= period.starts_on,
    )
    for other in session.execute(others):
        how = (
            "It was asked before"
            if other.ends_on == period.ends_on
            else f"It overlaps {period_text(other.period)}, asked before"
        )
        raise RequestExists(f"{how}.", field="period", mend="Remind, or cancel that request first.")


def send_link(
    session: Session, actor: Actor, request: DataRequest, company: Company, email: str, purpose: str, **more: str
) -> str:
    """A new link to the form, mailed unless it is handed over by other means; returns it."""
    now: datetime = session.info["now"]
    secret = new_secret("vf")
    until = max(now + timedelta(days=LINK_DAYS), now + (request.due_on - now.date()) + timedelta(days=31))
    session.add(
        FormLink(
            firm_id=actor.firm_id,
            company_id=request.company_id,
            data_request_id=request.id,
            email=email,
            email_key=email.casefold(),
            purpose=purpose,
            secret_hash=digest(secret),
            expires_at=until,
        )
    )
    session.flush()
    link = settings().address_of(f"form?token={secret}")
    if purpose != HAND:
        firm = session.get_one(Firm, actor.firm_id)
        values: dict[str, str] = {
            "firm": firm.name,
            "company": company.name,
            "request": request.name,
            "period": period_text(request.period),
            "due": _day(request.due_on),
            "link": link,
            **more,
        }
        mail.send(session, to=email, template=TEMPLATES[purpose], values=values)
    return link


def remind(session: Session, actor: Actor, data_request_id: int) -> DataRequest:
    """Mail a reminder to everybody of the company now, with a new link; those mailed before stay good."""
    require(actor, "data_request.change")
    request = _open(session, actor, data_request_id)
    mail_all(session, actor, request, REMIND)
    return request


def hand_over(session: Session, actor: Actor, data_request_id: int) -> str:
    """A link to give to the company by other means than our mail."""
    require(actor, "data_request.change")
    request = _open(session, actor, data_request_id)
    company = find(session, actor, Company, request.company_id, noun="company")
    people = recipients_of(session, actor, company.id)
    return send_link(session, actor, request, company, people[0].email if people else "", HAND)


def cancel(session: Session, actor: Actor, data_request_id: int) -> DataRequest:
    """Take a request back; its links open nothing any more, and what was recorded stays."""
    require(actor, "data_request.change")
    request = found(session, actor, data_request_id, lock=True)
    if request.state == CANCELLED:
        raise RequestEnded("The request was taken back before.", mend="There is nothing to do.")
    request.state, request.draft = CANCELLED, {}
    spend_links(session, request)
    attachments.drop_unsent(session, request)
    session.flush()
    return request


def mail_all(session: Session, actor: Actor, request: DataRequest, purpose: str, **more: str) -> int:
    """A new link by mail to everybody of the company; how many."""
    company = find(session, actor, Company, request.company_id, noun="company")
    people = recipients_of(session, actor, company.id)
    if not people:
        raise NobodyToAsk(f"{company.name} has no recipients.", mend="Name who is asked there first.")
    for one in people:
        send_link(session, actor, request, company, one.email, purpose, **more)
    return len(people)


def spend_links(session: Session, request: DataRequest) -> None:
    """From now on the request's links open the receipt at most."""
    session.execute(
        update(FormLink)
        .where(FormLink.data_request_id == request.id, FormLink.spent_at.is_(None))
        .values(spent_at=session.info["now"])
    )


def found(session: Session, actor: Actor, data_request_id: int, *, lock: bool = False) -> DataRequest:
    """The request, if its company is the actor's to see (``lock``: to change)."""
    return find(session, actor, DataRequest, data_request_id, noun="data request", lock=lock)


def _open(session: Session, actor: Actor, data_request_id: int) -> DataRequest:
    request = found(session, actor, data_request_id, lock=True)
    if request.state not in WITH_COMPANY:
        raise RequestEnded(f"The request is {request.state}: the company has nothing to send.")
    return request


# --- what the clock asks for ---


def ask_scheduled(session: Session, actor: Actor) -> dict[str, int]:
    """Ask for the newest period that ended, template by template, where it was not asked for yet."""
    today, counts = clock.today(session), {"asked": 0, "without_recipients": 0}
    scheduled = visible(actor, RequestTemplate).where(RequestTemplate.is_scheduled).order_by(RequestTemplate.id)
    for template in session.scalars(scheduled):
        for company in _companies(session, actor, template.company_ids):
            calendar = metrics.calendar_of(session, actor, company.id)
            period = newest_ended(calendar, template.period_kind, today)
            if period is None or period.ends_on < template.starts_on:
                continue
            try:
                request_of(session, actor, template, company, period, calendar)
                counts["asked"] += 1
            except NobodyToAsk:
                counts["without_recipients"] += 1
            except RequestExists:
                continue
    return counts


def newest_ended(calendar: Calendar, kind: Any, today: date) -> Period | None:
    """The newest period of a kind that ended before today; None where the fiscal year changed and cut none."""
    newest = month_of(today) - 1
    ends = (month for month in range(newest, newest - 2 * MONTHS["year"], -1) if calendar.is_end(kind, month))
    return next((Period(month, kind) for month in ends), None)


def remind_due(session: Session, actor: Actor) -> dict[str, int]:
    """Remind whoever did not answer on each of the ladder's days, once; of days that were missed only the last."""
    today, counts = clock.today(session), {"reminded": 0, "mails": 0}
    waiting = select(DataRequest).where(theirs(actor, DataRequest), DataRequest.state.in_(WITH_COMPANY))
    for request in session.scalars(waiting.order_by(DataRequest.id).with_for_update()):
        step = _step(request.reminder_days, request.due_on, today)
        if step is None or (request.reminded_step is not None and step <= request.reminded_step):
            continue
        request.reminded_step = step
        try:
            counts["mails"] += mail_all(session, actor, request, REMIND)
            counts["reminded"] += 1
        except (NobodyToAsk, NotFound):  # whoever was asked is named no more, or the company was archived
            continue
    session.flush()
    return counts


def _step(days: Collection[int], due_on: date, today: date) -> int | None:
    """The last step of a ladder whose day has come."""
    return max((one for one in days if due_on + timedelta(days=one) <= today), default=None)


def send_back(session: Session, actor: Actor, request: DataRequest, reasons: str) -> None:
    """The company is to correct something: the old links are spent, and a new one is mailed with the reasons."""
    request.state = RETURNED
    spend_links(session, request)
    try:
        mail_all(session, actor, request, RETURN, reasons=reasons)
    except NobodyToAsk:  # a link can be handed over
        return


def _day(day: date) -> str:
    return f"{day.day} {day:%B %Y}"
