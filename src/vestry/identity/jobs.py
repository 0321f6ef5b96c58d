"""Sweeping away proofs of identity that prove nothing any more."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from sqlalchemy import delete, or_

from vestry.core import clock
from vestry.core.running import Kind, Running
from vestry.identity.intents import KEPT_FOR, KeptAnswer
from vestry.identity.invitations.models import PasswordReset
from vestry.identity.models import SignInLink, UserSession

SWEEP = "identity.sweep"
# Kept a while after they ended, for whoever asks what happened.
KEPT = timedelta(days=30)


def _sweep(running: Running) -> None:
    before = clock.now() - KEPT
    firm = running.actor.firm_id
    counts: dict[str, Any] = {}
    with running.finish(counts) as session:
        for name, model, ended in (
            ("sessions", UserSession, or_(UserSession.expires_at < before, UserSession.ended_at < before)),
            ("answers", KeptAnswer, KeptAnswer.created_at < clock.now() - KEPT_FOR),
            ("resets", PasswordReset, PasswordReset.expires_at < before),
            ("links", SignInLink, or_(SignInLink.expires_at < before, SignInLink.used_at < before)),
        ):
            done = session.execute(delete(model).where(model.firm_id == firm, ended))
            counts[name] = done.rowcount  # type: ignore[attr-defined]


KINDS = (Kind(SWEEP, _sweep),)
