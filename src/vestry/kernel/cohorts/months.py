"""Calendar months as whole numbers (``year * 12 + month - 1``) and amounts as whole minor units."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any

import numpy as np
import numpy.typing as npt

from vestry.kernel.errors import KernelError

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]
MonthLike = int | str | date | np.datetime64
AmountLike = int | float | str | Decimal

EPOCH = 1970 * 12
# Every sum of minor units stays below this, so that float64 and int64 both hold it exactly.
LARGEST = 2**53


def month_index(value: MonthLike) -> int:
    """The month of a date, of ``"2024-03"`` or of ``"2024-03-15"``; an int is taken for an index already."""
    if type(value) is int:  # most are counted already
        return value
    if isinstance(value, bool) or value is None:
        raise KernelError(f"a month is needed, not {value!r}")
    if isinstance(value, (int, np.integer)):
        return int(value)
    if isinstance(value, date):
        return value.year * 12 + value.month - 1
    return int(month_indexes([value])[0])


def month_indexes(values: Sequence[Any] | npt.NDArray[Any]) -> Ints:
    """The month indexes of dates, ISO strings, ``datetime64`` or indexes; any order, shape ``(n,)``."""
    array = values if isinstance(values, np.ndarray) else None
    if array is not None and array.dtype.kind in "iu":
        return array.astype(np.int64)
    if array is None or array.dtype.kind != "M":
        plain = [_plain_date(value) for value in values]
        if plain and all(isinstance(value, (int, np.integer)) for value in plain):
            return np.asarray(plain, dtype=np.int64)
        try:
            array = np.asarray(plain, dtype="datetime64[D]")
        except (ValueError, TypeError) as error:
            raise KernelError(f"a date is not one: {error}") from None
    if np.isnat(array).any():
        raise KernelError("a date is missing")
    months: Ints = array.astype("datetime64[M]").astype(np.int64) + EPOCH
    return months


def _plain_date(value: Any) -> Any:
    """Time and zone never choose the month: the calendar date as written does."""
    if isinstance(value, datetime):
        return value.date()
    if isinstance(value, str):
        return value.strip()[:10]
    return value


def iso_month(index: int) -> str:
    """``"2024-03-01"``: the first day of the month, as the product writes a cohort month."""
    if not isinstance(index, (int, np.integer)):
        raise KernelError(f"a month index is a whole number, not {index!r}")
    return f"{index // 12:04d}-{index % 12 + 1:02d}-01"


def minor(amount: AmountLike, digits: int = 2) -> int:
    """An amount as whole minor units; a fraction of a minor unit, NaN or text is refused.

    A float is read as its shortest decimal form, so 0.1 is ten cents.
    """
    scaled = decimal(amount).scaleb(digits)
    whole = int(scaled)
    if scaled != whole:
        raise KernelError(f"{amount} has more than {digits} decimals")
    if abs(whole) >= LARGEST:
        raise KernelError(f"{amount} is too large to be kept exactly")
    return whole


def decimal(value: AmountLike) -> Decimal:
    """The number as an exact finite Decimal; a float by its shortest form."""
    if type(value) is Decimal and value.is_finite():
        return value
    if isinstance(value, bool) or value is None:
        raise KernelError(f"a number is needed, not {value!r}")
    try:
        number = value if isinstance(value, Decimal) else Decimal(str(value))
    except InvalidOperation:
        raise KernelError(f"{value!r} is not a number") from None
    if not number.is_finite():
        raise KernelError(f"{value!r} is not a finite number")
    return number


def minors(amounts: Sequence[Any] | npt.NDArray[Any], digits: int = 2) -> Ints:
    """Many amounts as whole minor units (see :func:`minor`); arrays of ints and floats take the fast way."""
    if isinstance(amounts, np.ndarray) and amounts.dtype.kind == "f":
        return _from_floats(amounts, digits)
    if isinstance(amounts, np.ndarray) and amounts.dtype.kind in "iu":
        if amounts.size and np.abs(amounts.astype(np.float64)).max() * 10.0**digits >= LARGEST:
            raise KernelError("an amount is too large to be kept exactly")
        units: Ints = amounts.astype(np.int64) * 10**digits
        return units
    return np.fromiter((minor(amount, digits) for amount in amounts), np.int64, len(amounts))


def _from_floats(amounts: npt.NDArray[Any], digits: int) -> Ints:
    scaled = amounts.astype(np.float64) * 10.0**digits
    if not np.isfinite(scaled).all():
        raise KernelError("an amount is not a finite number")
    if scaled.size and np.abs(scaled).max() >= LARGEST:
        raise KernelError("an amount is too large to be kept exactly")
    whole = np.rint(scaled)
    if (np.abs(scaled - whole) > 1e-6 + 4e-16 * np.abs(scaled)).any():
        raise KernelError(f"an amount has more than {digits} decimals")
    units: Ints = whole.astype(np.int64)
    return units


def money(units: int | float, digits: int = 2) -> Decimal:
    """Minor units back as a Decimal: exact for an int, to four places below the minor unit for an estimate."""
    if isinstance(units, (int, np.integer)):
        return Decimal(int(units)).scaleb(-digits)
    return Decimal(repr(float(units))).scaleb(-digits).quantize(Decimal(1).scaleb(-digits - 4))


def read_only(array: npt.NDArray[Any]) -> npt.NDArray[Any]:
    """The array itself, closed to writing, so that a frozen value stays one."""
    array.setflags(write=False)
    return array
