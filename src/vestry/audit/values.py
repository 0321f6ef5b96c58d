"""Column values as the trail writes them: exact, canonical, and never a secret."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Final

from sqlalchemy import Column, LargeBinary, Table
from sqlalchemy.dialects import sqlite

from vestry.core.types import Exact, UtcDateTime

MASK: Final = "(secret)"
_SECRET = re.compile(
    r"(^|_)(secret|password|passphrase|private|credential|otp|totp|recovery|bank|tax)(_|$)|_hash$|_key$"
)
_OPEN: Final = {"name_key", "email_key"}  # the folded form of a name people read
_SQLITE = sqlite.dialect()


def is_secret(column: Column[Any]) -> bool:
    """Whether a column's value may not be repeated: it says so (``info={"secret": …}``), or its name does."""
    declared = column.info.get("secret")
    if declared is not None:
        return bool(declared)
    return column.name not in _OPEN and _SECRET.search(column.name) is not None


def plain(column: Column[Any], value: Any) -> Any:
    """A value as JSON has it: decimals and days as text, bytes by their length and digest, secrets masked."""
    if value is None or (isinstance(value, bool | int) and not is_secret(column)):
        return value
    if is_secret(column):
        return MASK
    if isinstance(value, Decimal):
        return f"{value:.{column.type.scale}f}" if isinstance(column.type, Exact) else f"{value:f}"
    if isinstance(value, datetime):
        return UtcDateTime().process_bind_param(value, _SQLITE)
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, bytes) or isinstance(column.type, LargeBinary):
        return {"bytes": len(value), "sha256": hashlib.sha256(value).hexdigest()}
    return value


def content(columns: Mapping[str, Any] | None) -> str | None:
    """Columns as canonical JSON text."""
    if columns is None:
        return None
    return json.dumps(columns, separators=(",", ":"), ensure_ascii=True, sort_keys=True, default=str)


def digest_of(table: Table, rows: Iterable[Mapping[str, Any]]) -> str:
    """One digest of many rows, in their order, over what may be shown of them."""
    digest = hashlib.sha256()
    for row in rows:
        shown = {name: plain(table.c[name], value) for name, value in row.items() if name in table.c}
        digest.update((content(shown) or "").encode() + b"\n")
    return digest.hexdigest()
