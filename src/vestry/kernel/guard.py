"""Numbers that leave the range of floats or Decimals are refused as such, wherever in a calculation they do."""

from collections.abc import Callable
from decimal import DivisionByZero, InvalidOperation, Overflow
from functools import wraps
from math import isfinite
from typing import ParamSpec, TypeVar

import numpy as np

from vestry.kernel.errors import KernelError

P = ParamSpec("P")
R = TypeVar("R")

_OUT_OF_RANGE = (FloatingPointError, OverflowError, InvalidOperation, DivisionByZero, Overflow)


def guarded(function: Callable[P, R]) -> Callable[P, R]:
    """The function with overflow and undefined arithmetic raised as ``KernelError``, never as a warning or an infinity.

    NumPy warns and goes on with an infinity or a NaN; Python's floats raise ``OverflowError``, Decimals their own
    errors. Inside a guarded function all of them end in the one error the kernel promises. Underflow to zero is fine.
    Python's floats can also overflow without a word, so the numbers of the result are looked at too.
    """

    @wraps(function)
    def within(*args: P.args, **kwargs: P.kwargs) -> R:
        with np.errstate(over="raise", invalid="raise", divide="raise"):
            try:
                result = function(*args, **kwargs)
            except _OUT_OF_RANGE as error:
                raise KernelError(
                    f"{function.__name__}: the numbers are beyond what can be computed: {error}"
                ) from error
        if not _finite(result):
            raise KernelError(f"{function.__name__}: the result is beyond what a number can hold")
        return result

    return within


def _finite(result: object) -> bool:
    """Whether a number, and the numbers directly in a result, are numbers: Python's own floats overflow in silence."""
    if isinstance(result, float):
        return isfinite(result)
    if isinstance(result, np.ndarray):
        return result.dtype.kind != "f" or bool(np.isfinite(result).all())
    return all(
        isfinite(value) if isinstance(value, float) else not isinstance(value, tuple) or all(map(_number, value))
        for value in (getattr(result, name) for name in getattr(result, "__slots__", ()))
    )


def _number(value: object) -> bool:
    return not isinstance(value, float) or isfinite(value)
