"""JSON that gives back what it was given: decimals, days, instants and ids carry a tag of their type.

Never pickle: what a job reads from a table must not be able to run code. ``{"$": "dec", "v": "1.10"}`` is a Decimal; a
mapping that looks like a tag itself is written as a list of pairs.
"""

from __future__ import annotations

import json
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

TAG, VALUE = "$", "v"
_TAGGED = {TAG, VALUE}
_READERS: dict[str, Any] = {
    "dec": Decimal,
    "at": datetime.fromisoformat,
    "day": date.fromisoformat,
    "uuid": UUID,
    "map": dict,
    "tuple": tuple,
}


def dumps(value: Any) -> str:
    """The text of a value; TypeError for what has no form, ValueError for NaN and infinities."""
    return json.dumps(_plain(value), allow_nan=False, ensure_ascii=False, separators=(",", ":"))


def loads(text: str) -> Any:
    """The value of a text."""
    return json.loads(text, object_hook=_typed)


def _plain(value: Any) -> Any:
    if value is None or isinstance(value, bool | int | float | str):
        return value
    if isinstance(value, Decimal):
        return {TAG: "dec", VALUE: str(value)}
    if isinstance(value, datetime):
        return {TAG: "at", VALUE: value.isoformat()}
    if isinstance(value, date):
        return {TAG: "day", VALUE: value.isoformat()}
    if isinstance(value, UUID):
        return {TAG: "uuid", VALUE: str(value)}
    if isinstance(value, tuple):
        return {TAG: "tuple", VALUE: [_plain(item) for item in value]}
    if isinstance(value, list):
        return [_plain(item) for item in value]
    if isinstance(value, dict):
        return _mapping(value)
    raise TypeError(f"{type(value).__name__} has no tagged form")


def _mapping(value: dict[Any, Any]) -> Any:
    odd = next((key for key in value if not isinstance(key, str)), None)
    if odd is not None:
        raise TypeError(f"the key {odd!r} is not a text")
    plain = {key: _plain(item) for key, item in value.items()}
    return {TAG: "map", VALUE: [list(pair) for pair in plain.items()]} if set(plain) == _TAGGED else plain


def _typed(found: dict[str, Any]) -> Any:
    return _READERS[found[TAG]](found[VALUE]) if set(found) == _TAGGED else found
