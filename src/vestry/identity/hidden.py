"""What a list takes out of its items for a role that does not see all of a record."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from vestry.core.actor import Actor
from vestry.identity.access import without_hidden
from vestry.identity.policy import HIDDEN

Item = dict[str, Any]


def hiding(actor: Actor, record: str) -> Callable[[Item], Item] | None:
    """The last touch to each item of that record; None for a role that sees all of it."""
    if not any(of == record and actor.role in roles for (of, _), roles in HIDDEN.items()):
        return None
    return lambda item: without_hidden(actor, record, item)


def hide(actor: Actor, record: str, items: list[Item]) -> list[Item]:
    """These items of that record, as far as the actor's role sees them."""
    finish = hiding(actor, record)
    return items if finish is None else [finish(item) for item in items]
