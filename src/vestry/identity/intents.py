"""One intent, one effect: a change sent again with its ``Idempotency-Key`` gets the answer of the first time.

The answer is kept in the transaction of the work, so both are there or neither. Keys are the asker's own. Refusals are
not kept: whoever corrects what was refused may send it under the same key, as long as nothing was stored.
"""

from __future__ import annotations

import hashlib
import re
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Any, Final

import orjson
from sqlalchemy import BigInteger, Index, LargeBinary, String, Text, delete, func, select
from sqlalchemy.orm import Mapped, Session, mapped_column
from starlette.datastructures import UploadFile
from starlette.requests import Request
from starlette.responses import Response

from vestry.core.actor import Actor
from vestry.core.errors import Conflict, Invalid, Malformed
from vestry.core.http import KEEP
from vestry.core.model import Base, Owned
from vestry.core.types import UtcDateTime

KEPT_FOR = timedelta(hours=48)
CHARACTERS_MAX = 255
REPLAYED = "Idempotent-Replayed"
HEADERS_KEPT = ("content-type", "etag", "location", "content-disposition")
# An answer that shows one of these shows it once: it is not kept.
SHOWN_ONCE = frozenset(
    {"secret", "secrets", "recovery_codes", "codes", "uri", "access_token", "refresh_token", "link", "password"}
)
INTENT: Final = "vestry.intent"
_KEY = re.compile(r"[!-~]{1,255}")
_BUSY = threading.Lock()
_IN_FLIGHT: set[tuple[int, str, str]] = set()


class KeptAnswer(Base, Owned):
    """What was answered to a change that carried a key. ``body`` None: it held a secret."""

    __tablename__ = "kept_answer"
    __table_args__ = (Index("uq_kept_answer_firm_id_principal_key", "firm_id", "principal", "key", unique=True),)
    AUDITED = False

    principal: Mapped[str] = mapped_column(String(40))
    key: Mapped[str] = mapped_column(String(CHARACTERS_MAX))
    fingerprint: Mapped[bytes] = mapped_column(LargeBinary(32))
    status: Mapped[int] = mapped_column(BigInteger)
    headers: Mapped[str] = mapped_column(Text)
    body: Mapped[bytes | None] = mapped_column(LargeBinary)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)


class RequestInFlight(Conflict):
    """A request with this key is being worked on."""

    retry_after = 1


class KeyReused(Invalid):
    """The key belongs to another request."""


class AnswerShownOnce(Conflict):
    """The request was done before; its answer held a secret, which is not kept."""


class Replayed(Exception):
    """The request was done before: this is what was answered."""

    def __init__(self, status: int, headers: dict[str, str], body: bytes) -> None:
        super().__init__("done before")
        self.response = Response(body, status, {**headers, REPLAYED: "true"})


@dataclass(frozen=True, slots=True)
class Intent:
    """Whose key, and the fingerprint of what it was sent with."""

    firm_id: int
    principal: str
    key: str
    fingerprint: bytes

    @property
    def place(self) -> tuple[int, str, str]:
        """What is unique."""
        return self.firm_id, self.principal, self.key


def intent_of(request: Request, actor: Actor, key: str | None) -> Intent | None:
    """The intent that a request's header names; None where it names none."""
    if key is None:
        return None
    if not _KEY.fullmatch(key):
        raise Malformed(
            f"Idempotency-Key must be 1 to {CHARACTERS_MAX} visible ASCII characters.",
            field="Idempotency-Key",
            mend="Draw a random one, such as a UUID, for each thing you want done.",
        )
    principal = f"token:{actor.token_id}" if actor.kind == "token" else f"{actor.kind}:{actor.user_id}"
    return Intent(actor.firm_id, principal, key, _fingerprint(request))


@contextmanager
def alone(intent: Intent | None) -> Iterator[None]:
    """While the block runs no other request of this process works on the same intent."""
    if intent is None:
        yield
        return
    with _BUSY:
        if intent.place in _IN_FLIGHT:
            raise _in_flight()
        _IN_FLIGHT.add(intent.place)
    try:
        yield
    finally:
        with _BUSY:
            _IN_FLIGHT.discard(intent.place)


def begin(session: Session, request: Request, intent: Intent | None) -> None:
    """Raise the answer of the first time, or have this one kept."""
    request.scope.pop(KEEP, None)
    request.scope[INTENT] = intent
    if intent is None:
        return
    if session.get_bind().dialect.name != "sqlite":  # there, one writer is alone
        number = int.from_bytes(hashlib.sha256(repr(intent.place).encode()).digest()[:8], signed=True)
        if not session.scalar(select(func.pg_try_advisory_xact_lock(number))):
            raise _in_flight()
    known = session.scalars(
        select(KeptAnswer).where(
            KeptAnswer.firm_id == intent.firm_id,
            KeptAnswer.principal == intent.principal,
            KeptAnswer.key == intent.key,
        )
    ).one_or_none()
    if known is not None:
        raise _again(known, intent)
    keep_one: Callable[[Response], None] = partial(keep, session, intent)
    request.scope[KEEP] = keep_one


def keep(session: Session, intent: Intent, response: Response) -> None:
    """Keep the answer in the transaction of the work."""
    if response.status_code >= 300:
        return
    now: datetime = session.info["now"]
    headers = {name: response.headers[name] for name in HEADERS_KEPT if name in response.headers}
    body = bytes(response.body)
    kept = KeptAnswer(
        firm_id=intent.firm_id,
        principal=intent.principal,
        key=intent.key,
        fingerprint=intent.fingerprint,
        status=response.status_code,
        headers=orjson.dumps(headers).decode(),
        body=None if _shows_a_secret(body) else body,
        created_at=now,
    )
    session.add(kept)
    session.flush()
    if kept.id % 64 == 0:
        session.execute(delete(KeptAnswer).where(KeptAnswer.created_at < now - KEPT_FOR))


def _again(known: KeptAnswer, intent: Intent) -> Exception:
    if known.fingerprint != intent.fingerprint:
        return KeyReused(
            "This Idempotency-Key was sent with another request before.",
            field="Idempotency-Key",
            mend="Draw a new key for a new request; send the same bytes again for the same one.",
        )
    if known.body is None:
        return AnswerShownOnce(
            "This was done before; its answer held a secret, which is shown once only.",
            mend="If the secret was lost on the way, take back what was made and make another.",
        )
    return Replayed(known.status, orjson.loads(known.headers), known.body)


def _in_flight() -> RequestInFlight:
    return RequestInFlight(
        "A request with this Idempotency-Key is being worked on.",
        mend="Wait a moment and send it again.",
    )


def _shows_a_secret(body: bytes) -> bool:
    if not body.startswith(b"{"):
        return False
    found: Any = orjson.loads(body)
    return bool(SHOWN_ONCE & found.keys())


def _fingerprint(request: Request) -> bytes:
    """Method, path, query and body; of a form its fields and files, whatever marks their borders."""
    digest = hashlib.sha256(f"{request.method} {request.scope['path']}\n".encode())
    digest.update(request.scope["query_string"] + b"\n" + request.headers.get("if-match", "").encode() + b"\n")
    form = getattr(request, "_form", None)
    if form is None:
        digest.update(getattr(request, "_body", b""))
        return digest.digest()
    for name, value in form.multi_items():
        digest.update(hashlib.sha256(name.encode()).digest())
        if isinstance(value, UploadFile):
            digest.update(hashlib.sha256((value.filename or "").encode()).digest())
            digest.update(hashlib.file_digest(value.file, "sha256").digest())  # type: ignore[arg-type]
            value.file.seek(0)
        else:
            digest.update(hashlib.sha256(value.encode()).digest())
    return digest.digest()
