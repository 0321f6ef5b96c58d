"""Odd values in place of a call's plain ones, and what may not be found in a result."""

import dataclasses
import math
from collections.abc import Iterator, Mapping
from decimal import Decimal
from fractions import Fraction
from typing import Any

import numpy as np
from tests.kernel.calls import Call

NUMBERS: tuple[Any, ...] = (
    0, -1, 1, -0.9999884, 1e5, 1e18, -1e18, 1e-18, 1e308, -1e308, 5e-324, float("nan"), float("inf"), -float("inf"),
    Decimal("NaN"), Decimal("Infinity"), Decimal("1e30"), np.float64("nan"), np.int64(7), np.float64(0.5), None,
)  # fmt: skip
TEXTS = ("", "2024-02-29", "0001-01-01", "9999-12-31", "not a date")


def is_number(value: object) -> bool:
    """An amount, a rate or a count."""
    return isinstance(value, (int, float, Decimal, Fraction, np.number)) and not isinstance(value, bool)


def series(values: list[Any] | tuple[Any, ...]) -> Iterator[Any]:
    """The series empty, alone, flat, huge, tiny, reversed, doubled and with one odd value in it."""
    yield []
    yield list(values[:1])
    yield list(reversed(values))
    yield list(values) + list(values)
    yield tuple(values)
    if values and all(is_number(value) for value in values):
        yield from (np.array(values, dtype=float), [Decimal(str(value)) for value in values])
        yield from ([value * scale for value in map(float, values)] for scale in (0, -1, 1e18, 1e-18, 1e300, 1e-300))
        yield from ([odd, *values[1:]] for odd in NUMBERS)
        yield from ([*values[:-1], odd] for odd in NUMBERS)
        yield [1e308, -1e308] * len(values)


def instead_of(value: Any) -> Iterator[Any]:
    """What may stand where a plain value does."""
    if is_number(value):
        yield from NUMBERS
    elif isinstance(value, str):
        yield from TEXTS
    elif isinstance(value, (list, tuple)):
        yield from series(value)
        if value and isinstance(value[0], tuple):  # pairs: an odd value in the first one
            for place, one in enumerate(value[0]):
                for odd in instead_of(one):
                    yield [(*value[0][:place], odd, *value[0][place + 1 :]), *value[1:]]
    elif isinstance(value, Mapping):
        yield {}
        for key, one in value.items():
            yield from ({**value, key: odd} for odd in instead_of(one))


def variants(call: Call) -> Iterator[Call]:
    """The call with one argument after the other replaced."""
    args, kwargs = call
    for place, value in enumerate(args):
        yield from (((*args[:place], odd, *args[place + 1 :]), kwargs) for odd in instead_of(value))
    for name, value in kwargs.items():
        yield from ((args, {**kwargs, name: odd}) for odd in instead_of(value))


def not_finite(value: Any, at: str = "result", depth: int = 0) -> Iterator[str]:
    """Where a NaN or an infinity stands in a result: in its fields, properties, keys, items and arrays."""
    if depth > 8 or value is None or isinstance(value, (str, bytes, bool, int, Fraction)):
        return
    if isinstance(value, (float, np.floating, Decimal)):
        if not (value.is_finite() if isinstance(value, Decimal) else math.isfinite(value)):
            yield f"{at} is {value}"
    elif isinstance(value, np.ndarray):
        if value.dtype.kind == "f" and not np.isfinite(value).all():
            yield f"{at} holds a NaN or an infinity"
    elif isinstance(value, Mapping):
        for key, one in value.items():
            yield from not_finite(one, f"{at}[{key!r}]", depth + 1)
    elif isinstance(value, (list, tuple, set, frozenset)):
        for place, one in enumerate(value):
            yield from not_finite(one, f"{at}[{place}]", depth + 1)
    elif dataclasses.is_dataclass(value):
        for field in dataclasses.fields(value):
            yield from not_finite(getattr(value, field.name), f"{at}.{field.name}", depth + 1)
        for name, found in vars(type(value)).items():
            if isinstance(found, property) and not name.startswith("_"):
                yield from not_finite(getattr(value, name), f"{at}.{name}", depth + 1)
