"""A company's months as the kernel's history, and the models fitted to them: once for the same months."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import NoReturn

import numpy as np
from sqlalchemy.orm import Session

from vestry.cohorts.cashflows.books import Books
from vestry.cohorts.forecasts.customers import purchases_of
from vestry.core.errors import Invalid
from vestry.kernel.churn import League, PaymentHistory, Purchases, Spread, fit_spread, league
from vestry.kernel.churn.customers import CUSTOMER_MODELS
from vestry.kernel.churn.payments import PaymentModel, fit_by_name
from vestry.kernel.cohorts.months import Floats
from vestry.kernel.errors import KernelError

FALLBACK = "constant"
_Rows = tuple[tuple[int, bytes], ...]


class NotFittable(Invalid):
    """The company's payments are too few for the model, or for any."""


@dataclass(frozen=True, slots=True)
class Fitted:
    """The model used, and the spread of the company's cohorts around it.

    ``spread`` is None, and ``reason`` says why, where the history is too short to tell one.
    """

    name: str
    model: PaymentModel
    spread: Spread | None
    reason: str | None

    def ahead(self, month: int, row: Floats, periods: int) -> Floats:
        """What a cohort pays after its known months, in minor units as they are."""
        try:
            return self.model.ahead(month, row, periods)
        except KernelError as error:
            _refuse(error)

    def growth(self, month: int, periods: int) -> Floats:
        """What a cohort without known months pays after its first one, as multiples of it."""
        try:
            return self.model.growth(month, 0, periods)
        except KernelError as error:
            _refuse(error)


def history_of(books: Books, purchases: Purchases | None = None) -> PaymentHistory:
    """What each cohort paid in its known months, in minor units; cohorts that paid nothing yet are left out."""
    matrix = books.matrix
    paid = [row for row in range(len(matrix)) if matrix.known[row] > 0]
    rows = [matrix.amounts[row, : int(matrix.known[row])].astype(np.float64) for row in paid]
    return PaymentHistory.of([int(matrix.months[row]) for row in paid], rows, purchases)


def fitted(session: Session, books: Books, model: str | None) -> Fitted:
    """The model asked for, or the one that foretold the company's held-back months best."""
    history = _history(books)
    spends = [books.spends[month]["spend"] if month in books.spends else None for month in history.months]
    minor = tuple(None if spend is None else float(spend) * 10**books.digits for spend in spends)
    try:
        name = model or league_of(session, books).winner or FALLBACK
        purchases = purchases_of(session, books) if name in CUSTOMER_MODELS else None
        return _fitted(_key(history), purchases, minor, name)
    except KernelError as error:
        _refuse(error)


def league_of(session: Session, books: Books) -> League:
    """How each model foretold the newest months without seeing them."""
    history = _history(books)
    try:
        return _league(_key(history), purchases_of(session, books))
    except KernelError as error:
        _refuse(error)


def _history(books: Books) -> PaymentHistory:
    history = history_of(books)
    if not history.rows:
        raise NotFittable("No cohort of the company has paid anything yet.", mend="Give a churn and m0 instead.")
    return history


def _refuse(error: KernelError) -> NoReturn:
    raise NotFittable(f"{error}.", field="model", mend="Choose another model, or give a churn.") from None


def _key(history: PaymentHistory) -> _Rows:
    return tuple((month, row.tobytes()) for month, row in zip(history.months, history.rows, strict=True))


def _from(key: _Rows, purchases: Purchases | None) -> PaymentHistory:
    return PaymentHistory(tuple(month for month, _ in key), tuple(np.frombuffer(row) for _, row in key), purchases)


# Purchases are equal only to themselves: purchases_of gives the same ones for the same payments.
@lru_cache(maxsize=64)
def _fitted(key: _Rows, purchases: Purchases | None, spends: tuple[float | None, ...], name: str) -> Fitted:
    history = _from(key, purchases)
    found = fit_by_name(history, name)
    try:
        return Fitted(name, found, fit_spread(history, found, spends=spends), None)
    except KernelError as error:
        return Fitted(name, found, None, str(error))


@lru_cache(maxsize=32)
def _league(key: _Rows, purchases: Purchases | None) -> League:
    return league(_from(key, purchases))
