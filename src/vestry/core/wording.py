"""What the validation library found, in the words of whoever sent it: plain, short, without the names of our types."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

Context = Mapping[str, Any]


def said(found: Mapping[str, Any]) -> str:
    """The message of one of pydantic's errors."""
    code, context = str(found["type"]), found.get("ctx") or {}
    if code in _PLAIN:
        return _PLAIN[code]
    if code in _MADE:
        return _MADE[code](context, found.get("input"))
    return str(found["msg"]).removeprefix("Value error, ")


def _count(value: object, number: object) -> str:
    noun = "character" if isinstance(value, str) else "item"
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def _too_long(context: Context, value: object) -> str:
    length = context.get("actual_length")
    most = f"at most {_count(value, context['max_length'])}"
    return f"has {_count(value, length)}; {most}" if isinstance(length, int) else f"must have {most}"


def _too_short(context: Context, value: object) -> str:
    return f"must have at least {_count(value, context['min_length'])}"


_PLAIN: Final = {
    "extra_forbidden": "is not a field of this operation",
    "missing": "is missing",
    "bool_parsing": "must be true or false",
    "bool_type": "must be true or false",
    "int_type": "must be a whole number",
    "int_parsing": "must be a whole number",
    "int_from_float": "must be a whole number",
    "string_type": "must be text",
    "list_type": "must be a list",
    "dict_type": "must be an object",
    "model_type": "must be an object",
    "model_attributes_type": "must be an object",
}


def _limit(value: object) -> str:
    """A limit as it is written; of a decimal the library tells how Python would make it."""
    return str(value).removeprefix("Decimal('").removesuffix("')")


_MADE: Final[dict[str, Callable[[Context, object], str]]] = {
    "too_long": _too_long,
    "string_too_long": _too_long,
    "too_short": _too_short,
    "string_too_short": _too_short,
    "literal_error": lambda context, _: f"must be {context['expected']}",
    "enum": lambda context, _: f"must be {context['expected']}",
    "greater_than": lambda context, _: f"must be more than {_limit(context['gt'])}",
    "greater_than_equal": lambda context, _: f"must be at least {_limit(context['ge'])}",
    "less_than": lambda context, _: f"must be less than {_limit(context['lt'])}",
    "string_pattern_mismatch": lambda context, _: f"is not of the form {context['pattern']}",
    "less_than_equal": lambda context, _: f"must be at most {_limit(context['le'])}",
}
