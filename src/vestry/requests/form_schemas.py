"""The form behind a link, as it comes in and goes out."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Literal

from pydantic import Field

from vestry.core.fields import Id, Input, Output, Prose, Rate, example, text_schema
from vestry.requests.schemas import (
    AnswerOut,
    Decision,
    MetricKey,
    PeriodKind,
    Question,
    Said,
    Secret,
    State,
    Typed,
    Unit,
)


class FormToken(Input):
    """The secret of a form's link."""

    model_config = example({"token": "vf_pZ0x"})

    token: Secret


class TypedValue(Input):
    """A field as it was typed; without a value, with why there is none."""

    metric: MetricKey
    value: Typed | None = None
    note: Said | None = None


class TypedAnswer(Input):
    """An answer to one of the form's questions."""

    question: Question
    answer: Annotated[Prose, Field(max_length=4000), text_schema(0, 4000)]


class FormIn(FormToken):
    """What was typed into a form."""

    model_config = example(
        {
            "token": "vf_pZ0x",
            "values": [{"metric": "revenue", "value": "1,250,000.00"}, {"metric": "employees", "value": "42"}],
            "answers": [],
        }
    )

    values: Annotated[list[TypedValue], Field(max_length=60)]
    answers: Annotated[list[TypedAnswer], Field(max_length=20, default_factory=list)]


class HistoryOut(Output):
    """A figure of an earlier period; nothing where none was reported."""

    period: str
    value: str | None


class FormField(Output):
    """A metric that is asked for. ``asks`` is what a note has to explain, ``problem`` why the text cannot be read;
    ``locked`` was approved and is not asked for again; ``reason`` is why it came back."""

    metric: str
    label: str
    meaning: str
    unit: Unit
    kind: Literal["flow", "stock", "derived"]
    sign: Literal["positive", "any"]
    history: list[HistoryOut]
    value: str | None
    note: str | None
    asks: str | None
    problem: str | None
    locked: bool
    sent: str | None
    state: Decision | None
    reason: str | None
    comment: str | None


class FormQuestion(Output):
    """A question, and what was answered so far."""

    question: str
    answer: str | None


class ReceiptValue(Output):
    """A figure as it was received."""

    metric: str
    label: str
    value: str | None
    note: str | None
    state: Decision


class FormAttachment(Output):
    """A file beside the figures; one with ``sent_at`` is with the firm, the others can be removed. With ``removed_at``
    the firm erased it, and says why."""

    id: int
    name: str
    media_type: str
    byte_count: int
    sent_at: datetime | None
    removed_at: datetime | None
    removal_reason: str | None


class AttachmentsOut(Output):
    """The files beside the figures, as they are now."""

    attachments: list[FormAttachment]


class RemoveAttachmentIn(FormToken):
    """Which file to take away."""

    model_config = example({"token": "vf_pZ0x", "attachment_id": 42})

    attachment_id: Id


class ReceiptOut(Output):
    """What was received, when, from whom."""

    number: str
    submitted_at: datetime
    submitted_by: str | None
    values: list[ReceiptValue]
    answers: list[AnswerOut]
    attachments: list[FormAttachment]


class FormOut(Output):
    """The form behind a link."""

    firm: str
    company: str
    name: str
    message: str | None
    recipient: str
    period: str
    period_kind: PeriodKind
    starts_on: date
    ends_on: date
    due_on: date
    is_overdue: bool
    currency: str
    state: State
    deviation: Rate
    saved_at: datetime | None
    expires_at: datetime
    metrics: list[FormField]
    questions: list[FormQuestion]
    attachments: list[FormAttachment]
    receipt: ReceiptOut | None


class DraftValue(Output):
    """How a field was read: its figure, the change against the period before, what is asked back, what is wrong."""

    metric: str
    figure: str | None
    change: str | None
    asks: str | None
    problem: str | None


class DraftOut(Output):
    """When the draft was kept, and how it reads."""

    saved_at: datetime
    values: list[DraftValue]
