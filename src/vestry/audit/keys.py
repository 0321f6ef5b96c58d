"""The keys that sign the trail, and the heads: both lie outside the database, so who can write it cannot forge them."""

from __future__ import annotations

import os
import secrets
from collections.abc import Iterable, Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

from vestry.audit import chain
from vestry.core.errors import Conflict
from vestry.core.settings import settings


class AuditKeyMissing(Conflict):
    """The trail is signed with a key that is not here."""


def keys() -> Mapping[str, bytes]:
    """Key id → key; the first signs, all verify."""
    configured = settings().audit_key
    if configured:
        return _parsed(configured.get_secret_value())
    return _parsed(_kept(settings().home / "audit" / "key"))


def heads_file() -> Path:
    """Where heads are written."""
    return settings().audit_heads or settings().home / "audit" / "heads.jsonl"


def signing_key() -> tuple[str, bytes]:
    """The key that signs, with its id."""
    return next(iter(keys().items()))


def write_heads(heads: Iterable[Mapping[str, Any]]) -> None:
    """Add signed heads to the file, each in one write, so that processes do not mix their lines."""
    path = heads_file()
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    content = b"".join(chain.canonical(chain.HEAD_FIELDS, head) + b"\n" for head in heads)
    descriptor = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    try:
        os.write(descriptor, content)
    finally:
        os.close(descriptor)


@lru_cache(maxsize=8)
def _parsed(text: str) -> Mapping[str, bytes]:
    found = chain.keys_of(text)
    if not found:
        raise AuditKeyMissing("The audit key is empty.", mend="Set VESTRY_AUDIT_KEY, or remove the empty key file.")
    return found


@lru_cache(maxsize=8)
def _kept(path: Path) -> str:
    if not path.exists():
        if settings().environment == "production":
            raise AuditKeyMissing(
                f"There is no audit key at {path}.", mend="Set VESTRY_AUDIT_KEY, or put the file back."
            )
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        made = path.with_name(f"key.{secrets.token_hex(4)}")
        made.touch(mode=0o600)
        made.write_text(secrets.token_urlsafe(48) + "\n")
        try:
            os.link(made, path)  # another process may have been first: its key stays
        except FileExistsError:
            pass
        finally:
            made.unlink()
    return path.read_text()
