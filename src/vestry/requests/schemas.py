"""Templates, requests, forms and answers as they come in and go out."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Any, Literal

from pydantic import Field

from vestry.core.fields import Day, Id, Input, Name, Output, Prose, Rate, example, text_schema
from vestry.identity.schemas import Email
from vestry.metrics.schemas import Figure
from vestry.requests.figures import TEXT_CHARACTERS_MAX

State = Literal["asked", "draft", "submitted", "returned", "approved", "cancelled"]
Decision = Literal["submitted", "approved", "rejected"]
PeriodKind = Literal["month", "quarter", "year"]
Unit = Literal["money", "count", "ratio", "multiple", "months"]
MetricKey = Annotated[Name, Field(max_length=64), text_schema(1, 64)]
PeriodLabel = Annotated[Name, Field(max_length=20), text_schema(1, 20)]
Question = Annotated[Name, Field(max_length=200), text_schema(1, 200)]
Typed = Annotated[Name, Field(max_length=TEXT_CHARACTERS_MAX), text_schema(1, TEXT_CHARACTERS_MAX)]
Said = Annotated[Prose, Field(max_length=1000), text_schema(0, 1000)]
Remark = Annotated[Prose, Field(min_length=1, max_length=1000), text_schema(1, 1000)]
Secret = Annotated[str, Field(min_length=1, max_length=200)]


class TemplateIn(Input):
    """What companies are asked for after each period. Whoever has not answered is reminded so many days before and
    after the due date (0: on it); ``deviation`` is the change from which they are asked why (0.4 = 40 %)."""

    model_config = example(
        {
            "name": "Quarterly figures",
            "period_kind": "quarter",
            "metrics": ["revenue", "cash_balance", "employees"],
            "questions": ["What went well?"],
            "starts_on": "2024-01-01",
        }
    )

    name: Name
    period_kind: PeriodKind
    metrics: Annotated[list[MetricKey], Field(min_length=1, max_length=60)]
    questions: Annotated[list[Question], Field(max_length=20, default_factory=list)]
    message: Said | None = None
    due_days: Annotated[int, Field(ge=0, le=365)] = 20
    remind_days_before: Annotated[
        list[Annotated[int, Field(ge=1, le=90)]], Field(max_length=6, default_factory=lambda: [7])
    ]
    remind_days_after: Annotated[
        list[Annotated[int, Field(ge=0, le=365)]], Field(max_length=6, default_factory=lambda: [0, 3, 10])
    ]
    deviation: Annotated[Rate, Field(gt=Decimal(0), le=Decimal(100))] = Decimal("0.4")
    company_ids: list[Id] = Field(
        default_factory=list, max_length=1000, description="empty: every company with recipients"
    )
    is_scheduled: bool = Field(default=True, description="asked for by itself once a period has ended")
    starts_on: Day = Field(description="periods that end on that day or later are asked for by themselves")


class TemplateOut(Output):
    """A template."""

    id: int
    name: str
    period_kind: PeriodKind
    metrics: list[str]
    questions: list[str]
    message: str | None
    due_days: int
    remind_days_before: list[int]
    remind_days_after: list[int]
    deviation: Rate
    company_ids: list[int]
    is_scheduled: bool
    starts_on: date
    created_at: datetime
    updated_at: datetime
    version: int


class TemplatePage(Output):
    """A page of templates."""

    items: list[TemplateOut]
    next: str | None
    total: int


class RecipientIn(Input):
    """Who of a company is asked."""

    email: Email
    name: Name | None = None


class RecipientsIn(Input):
    """All who are asked from now on."""

    model_config = example({"recipients": [{"email": "ada@company.com", "name": "Ada Lovelace"}]})

    recipients: Annotated[list[RecipientIn], Field(max_length=20)]


class RecipientOut(Output):
    """Who of a company is asked."""

    id: int
    email: str
    name: str | None
    created_at: datetime


class AskIn(Input):
    """Ask companies for a period now: those named, or all of the template."""

    model_config = example({"template_id": 42, "period": "2023-Q4"})

    template_id: Id
    period: PeriodLabel
    company_ids: list[Id] = Field(default_factory=list, max_length=1000, description="empty: all of the template")


class RequestOut(Output):
    """A company asked for a period. ``receipt`` is the number that the company was given."""

    id: int
    company_id: int
    company: str
    request_template_id: int
    name: str
    period: str
    period_kind: PeriodKind
    starts_on: date
    ends_on: date
    due_on: date
    state: State
    created_at: datetime
    saved_at: datetime | None
    submitted_at: datetime | None
    submitted_by: str | None
    receipt: str | None
    decided_at: datetime | None
    version: int


class RequestPage(Output):
    """A page of requests."""

    items: list[RequestOut]
    next: str | None
    total: int


class SkippedOut(Output):
    """A company that was not asked, and why."""

    company_id: int
    company: str
    reason: str


class AskedOut(Output):
    """Who was asked, and who was not."""

    asked: list[RequestOut]
    skipped: list[SkippedOut]


class AnswerOut(Output):
    """A question and what was answered."""

    question: str
    answer: str


class LinkOut(Output):
    """A link that was sent, without its secret. ``purpose``: asked, reminded, returned, or handed over."""

    id: int
    email: str
    purpose: Literal["ask", "remind", "return", "hand"]
    created_at: datetime
    expires_at: datetime
    spent_at: datetime | None


class SubmittedFigures(Output):
    """What whoever decides looks at: the figure sent, the one of the period before, the change (0.1 = 10 %), and what
    the company was asked about it; ``corrected`` is the figure it was approved as, where that is another one."""

    value: Figure | None
    previous: Figure | None
    change: Figure | None
    asks: str | None
    corrected: Figure | None = None


class SubmittedValueOut(Output):
    """One metric as a company sent it."""

    id: int
    company_id: int
    company: str
    currency: str
    data_request_id: int
    request: str
    period: str
    metric: str
    metric_value_id: int | None
    figures: SubmittedFigures
    note: str | None
    state: Decision
    reason: str | None
    comment: str | None
    created_at: datetime
    decided_at: datetime | None
    decided_by: str | None
    version: int


class SubmittedValuePage(Output):
    """A page of the inbox."""

    items: list[SubmittedValueOut]
    next: str | None
    total: int


class AttachmentOut(Output):
    """A file that a company sent beside its figures; ``attached_by`` is whose link it came by. With ``removed_at`` its
    bytes are gone."""

    id: int
    name: str
    media_type: str
    byte_count: int
    content_sha256: str
    attached_by: str | None
    created_at: datetime
    sent_at: datetime
    removed_at: datetime | None
    removed_by: str | None
    removal_reason: str | None


class RequestDetailOut(RequestOut):
    """A request with its answers, the files beside them and the links that were sent."""

    metrics: list[str]
    answers: list[AnswerOut]
    message: str | None
    values: list[SubmittedValueOut]
    links: list[LinkOut]
    attachments: list[AttachmentOut]


class HandedOut(Output):
    """A link to the form, shown in this answer only."""

    link: str


class MatrixPeriod(Output):
    """A column."""

    period: str
    ends_on: date
    period_kind: PeriodKind


class MatrixCell(Output):
    """How far a company's request for a period is: ``approved`` of so many ``answers``."""

    data_request_id: int
    name: str
    ends_on: date
    period_kind: PeriodKind
    state: State
    is_overdue: bool
    due_on: date
    submitted_at: datetime | None
    approved: int
    answers: int


class MatrixCompany(Output):
    """A row."""

    company_id: int
    company: str
    cells: list[MatrixCell]


class MatrixRow(Output):
    """A request as a row of a file."""

    company_id: int
    company: str
    period: str
    period_kind: PeriodKind
    ends_on: date
    data_request_id: int
    name: str
    state: State
    is_overdue: bool
    due_on: date
    submitted_at: datetime | None
    approved: int
    answers: int


class MatrixOut(Output):
    """Company × period: how far each request is; ``counts`` by state, with ``overdue`` for what is late."""

    periods: list[MatrixPeriod]
    companies: list[MatrixCompany]
    counts: dict[str, int]


class ApproveIn(Input):
    """What somebody who agrees says besides; ``value``: the figure it is approved as, typed as on the form."""

    model_config = example({"comment": "Agrees with the accounts"})

    comment: Remark | None = None
    value: Typed | None = None


class RejectIn(Input):
    """Why an answer goes back; the company reads it."""

    model_config = example({"reason": "This is the year's revenue, not the quarter's"})

    reason: Remark


class RemoveSentAttachmentIn(Input):
    """Why a file that was sent is removed; the company reads it."""

    model_config = example({"reason": "It names patients, which we may not keep"})

    reason: Name


class CommentIn(Input):
    """A remark about an answer."""

    model_config = example({"comment": "Ask for the split by product next time"})

    comment: Remark


def shown(row: Any, names: tuple[str, ...]) -> dict[str, Any]:
    """A row's columns of these names."""
    return {name: getattr(row, name) for name in names}
