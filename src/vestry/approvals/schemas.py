"""What waits, and the decision on it."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal

from vestry.core.fields import Amount, Input, Output, example
from vestry.core.four_eyes import RuleKind
from vestry.core.trail import Action

State = Literal["pending", "approved", "refused", "withdrawn"]


class ApprovalOut(Output):
    """A change that waits or waited. ``payload`` is what is asked for, ``about`` the id of the row it changes (null:
    it makes one), ``record_id`` the row it made or changed once it was approved. ``amount`` is
    what a new call or distribution comes to, or a mark's fair value. ``maker`` and ``checker`` are persons
    (``user:3``), or tokens that nobody's person stands behind."""

    id: int
    kind: RuleKind
    operation: str
    payload: dict[str, Any]
    about: int | None
    state: State
    maker: str
    maker_name: str
    created_at: datetime
    checker: str | None
    checker_name: str | None
    decided_at: datetime | None
    reason: str | None
    record_id: int | None
    amount: Amount | None
    currency: str | None
    version: int


class EffectOut(Output):
    """What happens to one row: the columns that change, before and after. ``record_id`` is null for a row that does not
    exist yet, ``refs`` are the records it belongs to, ``rows`` counts what a bulk change writes."""

    action: Action
    noun: str
    record_id: int | None
    before: dict[str, Any] | None
    after: dict[str, Any] | None
    refs: dict[str, int]
    rows: int | None


class ApprovalDetail(ApprovalOut):
    """One request with what it changes, as it was when the maker asked; ``effect_count`` rows, the first of them."""

    effect: list[EffectOut]
    effect_count: int


class ApprovalPage(Output):
    """A page of requests."""

    items: list[ApprovalOut]
    next: str | None
    total: int


class RuleOut(Output):
    """Whether a kind of change waits for somebody else."""

    kind: RuleKind
    required: bool


class RuleIn(Input):
    """Whether it shall."""

    model_config = example({"required": True})

    required: bool
