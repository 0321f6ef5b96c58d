"""Numbers as they come (int, str, Decimal, float, NumPy) made exact, and exact amounts made payable.

A float is read by its shortest decimal text: ``0.1`` means one tenth, which is what the person who typed it meant.
"""

from collections.abc import Iterable, Sequence
from decimal import Decimal, InvalidOperation, localcontext
from fractions import Fraction
from numbers import Integral, Rational
from typing import SupportsFloat, TypeAlias, cast

from vestry.kernel.errors import KernelError
from vestry.kernel.money import allocate

Number: TypeAlias = int | float | str | Decimal | Fraction | SupportsFloat

PRECISION = 34  # significant digits of a Decimal made from a fraction (IEEE 754 decimal128)


def fraction(value: Number, name: str = "value") -> Fraction:
    """The value as an exact fraction; a KernelError for text that is no number, for NaN and for infinity."""
    if isinstance(value, bool):
        raise KernelError(f"{name} must be a number, not {value!r}")
    if isinstance(value, Integral):  # int() first: a NumPy integer would carry its 64 bits into the fraction
        return Fraction(int(value))
    if isinstance(value, Rational):
        return Fraction(value)
    try:
        text = value if isinstance(value, Decimal) else Decimal(value if isinstance(value, str) else repr(float(value)))
    except (InvalidOperation, TypeError, ValueError) as error:
        raise KernelError(f"{name} must be a number, not {value!r}") from error
    if not text.is_finite():
        raise KernelError(f"{name} must be finite, not {value!r}")
    return Fraction(text)


def one_or_many(value: Number | Iterable[Number]) -> tuple[list[Number], bool]:
    """The numbers as a list, and whether several were given (a list, a tuple, an array with a dimension)."""
    if isinstance(value, Iterable) and not isinstance(value, str) and getattr(value, "ndim", 1) > 0:
        return list(value), True
    return [cast(Number, value)], False


def decimal(value: Number, name: str = "value") -> Decimal:
    """The value as a Decimal: exact when it has an ending decimal form within 34 digits, else rounded half-even."""
    exact = fraction(value, name)
    with localcontext() as context:
        context.prec = PRECISION
        quotient = Decimal(exact.numerator) / Decimal(exact.denominator)
        whole = quotient.to_integral_value()
        return whole if quotient == whole else quotient


def finite(value: Number, name: str = "value") -> float:
    """The value as a finite float."""
    try:
        return float(fraction(value, name))
    except OverflowError as error:
        raise KernelError(f"{name} is too large for a float") from error


def not_negative(value: Fraction, name: str) -> Fraction:
    """The value itself; a KernelError when it lies below zero."""
    if value < 0:
        raise KernelError(f"{name} must not be negative, got {decimal(value)}")
    return value


def positive(value: Fraction, name: str) -> Fraction:
    """The value itself; a KernelError when it is zero or less."""
    if value <= 0:
        raise KernelError(f"{name} must be above zero, got {decimal(value)}")
    return value


def share_out(parts: Sequence[Fraction], decimals: int) -> list[Decimal]:
    """Non-negative exact parts rounded to `decimals` places so that they sum to their rounded total."""
    unit = Fraction(10) ** decimals
    units = round(sum(parts, Fraction(0)) * unit)
    if units == 0:
        return [Decimal(0).scaleb(-decimals) for _ in parts]
    return allocate(Fraction(units) / unit, parts, decimals)
