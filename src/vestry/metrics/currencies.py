"""The currencies a firm reads its companies' figures in, beside each company's own."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from vestry.core.actor import Actor
from vestry.core.versions import expect_version
from vestry.identity.access import require
from vestry.identity.models import Firm
from vestry.metrics.models import ReportingSettings

USUAL: Final = ("USD", "CAD")  # with the firm's own, while it said nothing else


def currencies_of(session: Session, actor: Actor) -> list[str]:
    """The codes in the firm's order."""
    row = _row(session, actor)
    if row is not None:
        return list(row.currencies)
    own = session.scalar(select(Firm.currency).where(Firm.id == actor.firm_id))
    return list(dict.fromkeys(code for code in (own, *USUAL) if code))


def settings_of(session: Session, actor: Actor) -> dict[str, Any]:
    """The firm's currencies, at version 0 while nobody said."""
    row = _row(session, actor)
    return {"currencies": currencies_of(session, actor), "version": 0 if row is None else row.version}


def set_currencies(session: Session, actor: Actor, codes: Sequence[str], *, version: int | None) -> dict[str, Any]:
    """Say which they are; each once, in this order."""
    require(actor, "reporting_settings.change")
    row = _row(session, actor, lock=True)
    expect_version(row, version)
    if row is None:
        row = ReportingSettings(firm_id=actor.firm_id)
        session.add(row)
    row.currencies, row.updated_at = list(dict.fromkeys(codes)), session.info["now"]
    session.flush()
    return settings_of(session, actor)


def _row(session: Session, actor: Actor, *, lock: bool = False) -> ReportingSettings | None:
    mine = select(ReportingSettings).where(ReportingSettings.firm_id == actor.firm_id)
    return session.scalars(mine.with_for_update() if lock else mine).one_or_none()
