"""A delay that grows with failed tries, per account and network and per network, and never becomes a lock.

A try is counted before it is checked and taken back when it was good, so that many at once are not checked for the
price of one. Tries during a delay are refused unchecked and count for nothing: whoever waits gets another, and nobody
can keep another person out, who comes from another network. The counts lie in the database, so any number of
processes share them.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from ipaddress import IPv6Address, ip_address
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from vestry.core.errors import TooMany, VestryError
from vestry.core.fields import name_key
from vestry.core.settings import settings
from vestry.identity.signin.models import SignInDelay

FORGOTTEN_AFTER = timedelta(hours=24)


class TooManyTries(TooMany):
    """The proof failed too often; the next try is possible after a while, which grows."""


@dataclass(frozen=True, slots=True)
class Counted:
    """What tries are counted for: ``free`` failures cost nothing, then the delay doubles up to ``most`` seconds."""

    key: str
    free: int
    most: int

    def delay(self, failures: int) -> timedelta:
        """How long the next try waits after that many failures."""
        beyond = failures - self.free
        return timedelta(seconds=min(2**beyond, self.most) if 0 <= beyond < 32 else self.most if beyond > 0 else 0)

    @property
    def hash(self) -> bytes:
        """What is stored of the key."""
        return hmac.digest(settings().secret(), b"sign-in-delay\0" + self.key.encode(), hashlib.sha256)


def counted(account: str, address: str) -> list[Counted]:
    """What a try for an account (as typed, known or not) from a client's address counts for."""
    network = network_of(address)
    return [
        Counted(f"account\0{name_key(account)}\0{network}", free=5, most=900),
        Counted(f"network\0{network}", free=50, most=300),
    ]


def network_of(address: str) -> str:
    """The address itself for IPv4; the /64 for IPv6, of which one customer has all."""
    try:
        known = ip_address(address.partition("%")[0])
    except ValueError:
        return address
    if isinstance(known, IPv6Address):
        if known.ipv4_mapped is not None:
            return str(known.ipv4_mapped)
        return f"{IPv6Address(int(known) >> 64 << 64)}/64"
    return str(known)


def reserve(session: Session, *tries: Counted) -> None:
    """Count a try as failed before it is checked; refuse it while a delay runs."""
    now: datetime = session.info["now"]
    session.execute(delete(SignInDelay).where(SignInDelay.tried_at < now - FORGOTTEN_AFTER))
    rows = [(one, _locked(session, one, now)) for one in tries]
    _refuse_early(rows, now)
    for one, row in rows:
        _count(one, row, now)


@contextmanager
def watched(session: Session, *tries: Counted) -> Iterator[None]:
    """The same for a proof within other work: refuse while a delay runs, and count what is refused in the block once
    that work has been rolled back."""
    now = session.info["now"]
    _refuse_early([(one, _locked(session, one, now)) for one in tries], now)
    try:
        yield
    except VestryError as error:

        def count(later: Session) -> None:
            for one in tries:
                _count(one, _locked(later, one, later.info["now"]), later.info["now"])

        error.afterwards = count
        raise
    forgive(session, *tries)


def again(user_id: int) -> Counted:
    """What a signed-in person's second proofs count for, from wherever they come."""
    return Counted(f"again\0{user_id}", free=5, most=900)


def forgive(session: Session, *tries: Counted) -> None:
    """Take back a try that was good: the account's failures are forgotten, the network's are one less."""
    now = session.info["now"]
    for one in tries:
        row = _locked(session, one, now)
        row.failures = max(0, row.failures - 1) if one.key.startswith("network\0") else 0
        row.next_at = now + one.delay(row.failures)


def _count(one: Counted, row: SignInDelay, now: datetime) -> None:
    row.failures += 1
    row.tried_at = now
    row.next_at = now + one.delay(row.failures)


def _refuse_early(rows: list[tuple[Counted, SignInDelay]], now: datetime) -> None:
    # Never longer than the delay itself, also where the clock was put back since the last try.
    until = max((min(row.next_at, now + one.delay(row.failures)) for one, row in rows), default=now)
    if until > now:
        seconds = max(1, int((until - now).total_seconds() + 0.999))
        error = TooManyTries(
            f"Too many tries; the next is possible in {seconds} seconds.", mend="Wait, then try again."
        )
        error.retry_after = seconds
        raise error


def _locked(session: Session, one: Counted, now: datetime) -> SignInDelay:
    fresh = {"key_hash": one.hash, "failures": 0, "tried_at": now, "next_at": now}
    dialect: Any = sqlite if session.get_bind().dialect.name == "sqlite" else postgresql
    session.execute(dialect.insert(SignInDelay).values(**fresh).on_conflict_do_nothing(index_elements=["key_hash"]))
    query = select(SignInDelay).where(SignInDelay.key_hash == one.hash).with_for_update()
    return session.scalars(query.execution_options(populate_existing=True)).one()
