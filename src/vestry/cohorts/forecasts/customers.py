"""A company's payments by customer and day, as much of them as a fit looks at, read once for the same payments."""

from __future__ import annotations

from collections import OrderedDict
from hashlib import sha256
from typing import Any, Final
from weakref import WeakKeyDictionary

import numpy as np
from sqlalchemy import ColumnElement, String, func, select, type_coerce
from sqlalchemy.orm import Session

from vestry.cohorts.cashflows.books import Books
from vestry.cohorts.payments.rollup import ENTRY, known_payments
from vestry.core.types import MONEY_SCALE
from vestry.kernel.churn import Purchases

READ: Final = 200_000
"""Payments that are read: beyond, only every so many customers are, with all they paid."""
KEPT: Final = 8
_Kept = OrderedDict[tuple[Any, ...], Purchases | None]
_KEPT: WeakKeyDictionary[Any, _Kept] = WeakKeyDictionary()


def purchases_of(session: Session, books: Books) -> Purchases | None:
    """What the customers paid, in minor units, as the books have it; None where a few of them paid almost everything,
    so that no sample is small."""
    newest = session.scalar(select(func.max(ENTRY.c.id)).where(ENTRY.c.company_id == books.company.id))
    # The sums stand beside the act: an act that was rolled back leaves its number to another one.
    sums = sha256(books.rollup.tobytes()).digest()
    key = (books.company.id, newest, sums, books.as_of, books.known_at)
    kept = _KEPT.setdefault(session.get_bind(), OrderedDict())
    if key in kept:
        return kept[key]
    found = kept[key] = _read(session, books)
    while len(kept) > KEPT:
        kept.popitem(last=False)
    return found


def _read(session: Session, books: Books) -> Purchases | None:
    live = known_payments(books.company.id, books.known_at)
    day: ColumnElement[Any] = live.c.paid_on
    if session.get_bind().dialect.name == "sqlite":
        day = type_coerce(day, String)  # read as it lies there, not made a date one by one
    query = select(live.c.customer_id, day, live.c.units)
    if books.as_of is not None:
        query = query.where(live.c.paid_on <= books.as_of)
    every = -(-int(books.rollup[3].sum()) // READ)
    if every > 1:
        query = query.where(live.c.customer_id % every == 0)
    rows = session.execute(query.limit(2 * READ + 1)).all()
    if not rows or len(rows) > 2 * READ:
        return None
    customers, days, units = zip(*rows, strict=True)
    amounts = np.asarray(units, dtype=np.float64) / 10 ** (MONEY_SCALE - books.digits)
    return Purchases.of(customers, np.asarray(days, dtype="datetime64[D]"), amounts, whole=every <= 1)
