"""How any fact is taken back and how its past is shown; the domains add what only they know."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import Field
from sqlalchemy import select
from sqlalchemy.orm import Session

from vestry.core import history
from vestry.core.actor import Actor
from vestry.core.errors import NotFound
from vestry.core.fields import Input, Prose, example, text_schema
from vestry.core.model import Fact
from vestry.identity.access import theirs


class Reason(Input):
    """Why a fact is taken back; kept with it."""

    model_config = example({"reason": "Recorded twice"})

    reason: Annotated[Prose, Field(min_length=1, max_length=1000), text_schema(1, 1000)]


def void(session: Session, fact: Fact, reason: str) -> None:
    """Take a fact back: it counts no longer, and what was known before stays known."""
    fact.voided_at = session.info["now"]
    fact.void_reason = reason
    session.flush()


def versions_of(
    session: Session, actor: Actor, model: type[Fact], fact_id: int, *, noun: str
) -> list[Mapping[str, Any]]:
    """Every version of a fact the actor may see, voided ones too, oldest first."""
    if session.scalar(select(model.id).where(model.id == fact_id, theirs(actor, model))) is None:
        raise NotFound(noun)
    return history.versions(session, model, fact_id)
