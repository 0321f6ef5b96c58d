"""What the trail shows."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal

from vestry.core.fields import Output

ActionName = Literal[
    "create", "change", "delete", "import", "bulk", "refuse", "export", "sign_in", "sign_in_failed", "sign_out"
]


class AuditRowOut(Output):
    """One thing that happened. ``record`` is ``noun:id`` where it is about one record.

    ``before`` and ``after`` hold the columns that changed; both are null to who may see that something happened, but
    not what. ``on_behalf_of`` is the user an administrator looked as.
    """

    sequence: int
    happened_at: datetime
    action: ActionName
    operation: str | None
    door: str
    address: str | None
    request_id: str | None
    actor_kind: str
    actor_id: int | None
    actor_name: str
    actor_role: str
    on_behalf_of: int | None
    noun: str
    record_id: int | None
    record: str | None
    before: dict[str, Any] | None
    after: dict[str, Any] | None
    rows: int | None
    note: str | None


class AuditPage(Output):
    """A page of the trail."""

    items: list[AuditRowOut]
    next: str | None
    total: int
