"""JSON read strictly: no key twice, no NaN, no number that loses digits, bounded in depth and size."""

from __future__ import annotations

import json
import math
from collections import Counter
from typing import Any

from vestry.core.errors import Malformed

DEPTH_MAX = 32
ELEMENTS_MAX = 10_000


def strict_json(body: bytes, elements_max: int = ELEMENTS_MAX) -> Any:
    """Parse JSON and refuse what two readers could understand differently, and what is too deep or too much."""
    try:
        text = body.decode("utf-8")
        if text.startswith("\ufeff"):
            raise Malformed("The body begins with a byte order mark.", mend="Send plain UTF-8.")
        value = json.loads(text, object_pairs_hook=_unique, parse_constant=_no_constant, parse_float=_finite)
    except UnicodeDecodeError as error:
        raise Malformed(f"The body is not UTF-8 (byte {error.start}).") from None
    except RecursionError:
        raise Malformed("The body is nested too deeply.") from None
    except json.JSONDecodeError as error:
        raise Malformed(f"The body is not JSON: {error.msg} (line {error.lineno}, column {error.colno}).") from None
    except ValueError:  # the only one left: Python reads no whole number of thousands of digits
        raise Malformed("The body holds a number of more digits than are read.", mend="Send it as text.") from None
    if _elements(value, DEPTH_MAX) > elements_max:
        raise Malformed(
            f"The body has more than {elements_max:,} elements.", mend="Send less at once, or upload a file."
        )
    return value


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        twice = Counter(key for key, _ in pairs).most_common(1)[0][0]
        raise Malformed("The body names a key twice.", field=twice, mend="Send each key once.")
    return found


def _no_constant(token: str) -> Any:
    raise Malformed(f"{token} is not a number in JSON.", mend="Leave the field out, or send null where it may be null.")


def _finite(token: str) -> float:
    value = float(token)
    if not math.isfinite(value):
        raise Malformed(f"{token[:40]} is too large for a JSON number.")
    return value


def _elements(value: Any, depth: int) -> int:
    """How many values stand in it, itself included; refuses what is nested too deeply."""
    if depth < 0:
        raise Malformed(f"The body is nested more than {DEPTH_MAX} levels deep.")
    if not isinstance(value, dict | list):
        return 1
    inner = value.values() if isinstance(value, dict) else value
    return 1 + sum(_elements(item, depth - 1) if isinstance(item, dict | list) else 1 for item in inner)
