"""JSON out: exact decimals as strings, days and instants as ISO text, never NaN."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import orjson

from vestry.core.fields import decimal_text
from vestry.core.types import MONEY_SCALE


def dumps(value: Any) -> bytes:
    """Encode plain values, dataclasses and rows; a Decimal becomes a string with all its digits."""
    return orjson.dumps(value, default=_plain, option=orjson.OPT_UTC_Z | orjson.OPT_NON_STR_KEYS)


def _plain(value: Any) -> Any:
    if isinstance(value, Decimal):
        # A column's scale comes with its values: four places are money, shown with at least two.
        return decimal_text(value, 2 if value.as_tuple().exponent == -MONEY_SCALE else 0)
    if hasattr(value, "model_dump"):
        return value.model_dump(mode="json")
    raise TypeError(f"{type(value).__name__} has no JSON form")
