"""The cohort matrix: who first paid when, and what each cohort paid in each month since."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import numpy as np
import numpy.typing as npt

from vestry.kernel.cohorts.months import (
    LARGEST,
    Bools,
    Ints,
    MonthLike,
    iso_month,
    minors,
    money,
    month_index,
    month_indexes,
    read_only,
)
from vestry.kernel.errors import KernelError

# A triangle wider than a century is a typing error in a date, and would cost memory.
WIDEST = 1200


@dataclass(frozen=True, slots=True, eq=False)
class CohortMatrix:
    """Payments by cohort (row) and period (column; calendar months since the cohort month, from 0).

    ``months``: shape (C,), month indexes, rising. ``amounts``: shape (C, W), whole minor units, 0 where unknown.
    ``known``: shape (C,), how many periods of each row are known; a gap before that is a real 0, what lies after it is
    unknown (never 0). ``counts`` the payments in each cell, ``active`` the customers who paid in it, ``sizes`` the
    customers of each cohort; ``None`` when the matrix was made from sums that do not tell. ``turnover``: the
    largest Σ |amount| of a row, which bounds every product the engine forms.
    """

    months: Ints
    amounts: Ints
    known: Ints
    minor_digits: int = 2
    counts: Ints | None = None
    active: Ints | None = None
    sizes: Ints | None = None
    turnover: int = 0

    @property
    def width(self) -> int:
        """The number of periods of the longest row."""
        return int(self.amounts.shape[1])

    def __len__(self) -> int:
        return len(self.months)

    def known_mask(self) -> Bools:
        """Shape (C, W): true where the month is known."""
        mask: Bools = np.arange(self.width) < self.known[:, None]
        return mask

    def row(self, cohort: MonthLike) -> int:
        """The row of a cohort month; an unknown one is refused."""
        month = month_index(cohort)
        found = int(np.searchsorted(self.months, month))
        if found == len(self.months) or self.months[found] != month:
            raise KernelError(f"there is no cohort {iso_month(month)}")
        return found

    def table(self) -> dict[str, list[Decimal | None]]:
        """``{"2020-01-01": [Decimal("200.00"), …, None]}``: each row as wide as the matrix, unknown months ``None``."""
        return {
            iso_month(int(month)): [
                money(int(self.amounts[i, k]), self.minor_digits) if k < self.known[i] else None
                for k in range(self.width)
            ]
            for i, month in enumerate(self.months)
        }

    def with_cohorts(self, months: Iterable[MonthLike]) -> CohortMatrix:
        """The same matrix with a row for each of these months; a new row knows nothing."""
        wanted = np.union1d(self.months, np.asarray([month_index(month) for month in months], dtype=np.int64))
        if len(wanted) == len(self.months):
            return self
        at = np.searchsorted(wanted, self.months)

        def spread(part: Ints | None) -> Ints | None:
            if part is None:
                return None
            wide = np.zeros((len(wanted), *part.shape[1:]), dtype=np.int64)
            wide[at] = part
            return wide

        amounts, known = spread(self.amounts), spread(self.known)
        assert amounts is not None
        assert known is not None
        return _frozen(
            wanted, amounts, known, self.minor_digits, spread(self.counts), spread(self.active), spread(self.sizes)
        )


def matrix(
    customers: Sequence[Any] | npt.NDArray[Any] | Iterable[Any],
    dates: Sequence[Any] | npt.NDArray[Any] | None = None,
    amounts: Sequence[Any] | npt.NDArray[Any] | None = None,
    *,
    complete_through: MonthLike | None = None,
    minor_digits: int = 2,
) -> CohortMatrix:
    """The cohort matrix of payments, in any order.

    ``matrix(customers, dates, amounts)`` takes three columns of one length; ``matrix(payments)`` takes records,
    ``(customer, date, amount)`` or mappings with ``customer_id``, ``payment_date``, ``amount``. Dates may be ``date``,
    ISO strings or ``datetime64``; amounts ``Decimal``, int, float or text, money in positive, a refund negative.

    A customer's cohort is the month of the earliest payment (a refund counts: it is a payment). A month without
    payments before the row's last one is 0; later ones are unknown unless ``complete_through`` says that the data are
    complete up to and including that month. Two equal payments on one day are two payments.
    """
    if dates is None or amounts is None:
        customers, dates, amounts = _columns(customers)
    customers = customers if isinstance(customers, (np.ndarray, Sequence)) else list(customers)
    if not len(customers) == len(dates) == len(amounts):
        raise KernelError(f"{len(customers)} customers, {len(dates)} dates and {len(amounts)} amounts do not match")
    months, units, who = month_indexes(dates), minors(amounts, minor_digits), _codes(customers)
    heads = int(who.max()) + 1 if len(who) else 0
    first = np.full(heads, np.iinfo(np.int64).max)
    np.minimum.at(first, who, months)
    base = _from_cells(first[who], months, units, None, complete_through, minor_digits)
    if not len(who):
        return base
    shape = base.amounts.shape
    rows, periods = np.searchsorted(base.months, first[who]), months - first[who]
    pairs = np.unique(who * shape[1] + periods)
    active = np.zeros(shape, dtype=np.int64)
    np.add.at(active, (np.searchsorted(base.months, first[pairs // shape[1]]), pairs % shape[1]), 1)
    sizes = np.bincount(np.searchsorted(base.months, first), minlength=shape[0]).astype(np.int64)
    counts = np.bincount(rows * shape[1] + periods, minlength=shape[0] * shape[1]).reshape(shape).astype(np.int64)
    return _frozen(base.months, base.amounts, base.known, minor_digits, counts, active, sizes)


def matrix_from_cells(
    cohort_months: Sequence[Any] | npt.NDArray[Any],
    payment_months: Sequence[Any] | npt.NDArray[Any],
    sums_minor: Sequence[int] | npt.NDArray[Any],
    counts: Sequence[int] | npt.NDArray[Any] | None = None,
    *,
    complete_through: MonthLike | None = None,
    minor_digits: int = 2,
) -> CohortMatrix:
    """The matrix of a monthly rollup: one entry per cohort month and calendar month, sums in whole minor units.

    Entries of one cell add up. Needs no customers, so ``active`` and ``sizes`` are ``None``.
    """
    cohort, paid = month_indexes(cohort_months), month_indexes(payment_months)
    sums = np.asarray(sums_minor)
    if sums.size and sums.dtype.kind not in "iu":
        raise KernelError("sums are whole minor units: integers")
    if not len(cohort) == len(paid) == len(sums):
        raise KernelError("cohort months, payment months and sums differ in length")
    tally = None if counts is None else np.asarray(counts, dtype=np.int64)
    return _from_cells(cohort, paid, sums.astype(np.int64), tally, complete_through, minor_digits)


def _from_cells(
    cohort: Ints, paid: Ints, sums: Ints, counts: Ints | None, complete_through: MonthLike | None, digits: int
) -> CohortMatrix:
    months = np.unique(cohort)
    rows, periods = np.searchsorted(months, cohort), paid - cohort
    if len(periods) and int(periods.min()) < 0:
        raise KernelError("a payment lies before its cohort month")
    known = np.zeros(len(months), dtype=np.int64)
    np.maximum.at(known, rows, periods + 1)
    if complete_through is not None:
        known = np.maximum(known, month_index(complete_through) - months + 1)
    width = int(known.max()) if len(known) else 0
    if width > WIDEST:
        raise KernelError(f"the payments span {width} months; a date is probably wrong")
    if len(sums) and float(np.abs(sums.astype(np.float64)).sum()) >= LARGEST:
        raise KernelError("the payments add up to more than can be kept exactly")
    amounts = np.zeros((len(months), width), dtype=np.int64)
    np.add.at(amounts, (rows, periods), sums)
    tally = None
    if counts is not None:
        tally = np.zeros_like(amounts)
        np.add.at(tally, (rows, periods), counts)
    return _frozen(months, amounts, known, digits, tally, None, None)


def _frozen(
    months: Ints, amounts: Ints, known: Ints, digits: int, counts: Ints | None, active: Ints | None, sizes: Ints | None
) -> CohortMatrix:
    for part in (months, amounts, known, counts, active, sizes):
        if part is not None:
            read_only(part)
    turnover = int(np.abs(amounts).sum(axis=1).max(initial=0))
    return CohortMatrix(months, amounts, known, digits, counts, active, sizes, turnover)


def _columns(payments: Iterable[Any]) -> tuple[list[Any], list[Any], list[Any]]:
    customers, dates, amounts = [], [], []
    for payment in payments:
        if isinstance(payment, Mapping):
            try:
                who, when, amount = payment["customer_id"], payment["payment_date"], payment["amount"]
            except KeyError as missing:
                raise KernelError(f"a payment has no {missing}") from None
        else:
            who, when, amount = payment
        customers.append(who)
        dates.append(when)
        amounts.append(amount)
    return customers, dates, amounts


def _codes(customers: Sequence[Any] | npt.NDArray[Any]) -> Ints:
    """Each customer as 0, 1, 2 …; a list may mix numbers and text, which stay different customers."""
    if isinstance(customers, np.ndarray) and customers.dtype.kind in "iuSU":
        return np.unique(customers, return_inverse=True)[1].astype(np.int64)
    seen: dict[Any, int] = {}
    codes = np.fromiter((seen.setdefault(one, len(seen)) for one in customers), np.int64, len(customers))
    if None in seen:
        raise KernelError("a payment has no customer")
    return codes
