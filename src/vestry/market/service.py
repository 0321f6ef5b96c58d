"""Every change to a firm's own exchange rates."""

from __future__ import annotations

from datetime import date
from typing import Any

from sqlalchemy.orm import Session

from vestry.core.actor import Actor
from vestry.core.errors import Conflict, Invalid
from vestry.core.fields import decimal_text, happened
from vestry.core.versions import expect_version
from vestry.identity import corrections
from vestry.identity.access import find, require, visible
from vestry.market.models import FxRate, pair_of


class RateExists(Conflict):
    """A live manual rate of the same pair and day."""


class OneCurrency(Invalid):
    """A currency has no rate to itself."""


class WrongDays(Invalid):
    """The days for which a rate is agreed do not fit its kind or each other."""


def record_rate(session: Session, actor: Actor, **values: Any) -> FxRate:
    """Record a rate of the firm's own; a second manual one of the same pair and day is refused, either way round."""
    require(actor, "fx_rate.change")
    row = FxRate(firm_id=actor.firm_id)
    _change(session, actor, row, values)
    session.add(row)
    session.flush()
    return row


def update_rate(session: Session, actor: Actor, rate_id: int, *, version: int | None, **values: Any) -> FxRate:
    """Supersede a rate; what was known before stays known."""
    require(actor, "fx_rate.change")
    row = find(session, actor, FxRate, rate_id, noun="rate", lock=True)
    expect_version(row, version)
    _change(session, actor, row, values)
    session.flush()
    return row


def void_rate(session: Session, actor: Actor, rate_id: int, *, reason: str) -> None:
    """Take a rate back."""
    require(actor, "fx_rate.change")
    corrections.void(session, find(session, actor, FxRate, rate_id, noun="rate", lock=True), reason)


def _change(session: Session, actor: Actor, row: FxRate, values: dict[str, Any]) -> None:
    """Check a rate's new values and take them over."""
    base, quote, starts, ends = (values[name] for name in ("base", "quote", "starts_on", "ends_on"))
    if base == quote:
        raise OneCurrency(f"{base} has no rate to itself.", field="quote", mend="Name two currencies.")
    if values["kind"] == "manual":
        if ends is not None:
            raise WrongDays(
                "A manual rate is the rate of one day.",
                field="ends_on",
                mend="Leave it out, or record it as contractual.",
            )
        happened(session, starts, field="starts_on")
        _refuse_second(session, actor, row, pair_of(base, quote), starts)
    elif ends is not None and ends < starts:
        raise WrongDays(f"The rate ends on {ends}, before it starts on {starts}.", field="ends_on")
    for name, value in (values | {"pair": pair_of(base, quote)}).items():
        setattr(row, name, value)


def _refuse_second(session: Session, actor: Actor, row: FxRate, pair: str, day: date) -> None:
    same = visible(actor, FxRate).where(FxRate.kind == "manual", FxRate.pair == pair, FxRate.starts_on == day)
    with session.no_autoflush:
        found = session.scalars(same).one_or_none()
    if found is not None and found.id != row.id:
        raise RateExists(
            f"Rate {found.id} of {day} says {decimal_text(found.rate)} {found.quote} for one {found.base} already.",
            field="starts_on",
            mend=f"Correct it (PUT /fx/rates/{found.id}) or void it first.",
        )
