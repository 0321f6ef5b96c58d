"""Tax lots of one security: what is held, at what cost, and the gain of everything sold.

A :func:`book` replays dated events (:func:`buy`, :func:`sell`, :func:`split`, :func:`dividend`,
:func:`return_of_capital`, :func:`fee`) by one cost method: ``fifo``, ``lifo``, ``hifo``, ``lofo``, ``average``
(moving) or ``specific``. Money is exact Decimal: realised + unrealised + income − fees equals the change of value
net of cash to the last digit, see :meth:`LotBook.reconcile`.

Arguments that mean the same throughout:

on: the day, a date or ISO text. amount, price, start_price, end_price: money in the security's currency, price a
unit. rate: the base currency for one unit of the security's, above 0. as_of: the last day that counts. allow_shorts:
sales beyond what is held open a negative lot instead of raising ``KernelError``.
"""

from vestry.kernel.lots.compare import (
    ReturnOnInvestment,
    period_reconciliation,
    return_on_average_investment,
    side_by_side,
)
from vestry.kernel.lots.events import (
    Event,
    buy,
    dividend,
    fee,
    return_of_capital,
    sell,
    split,
)
from vestry.kernel.lots.ledger import METHODS, book
from vestry.kernel.lots.results import (
    Disposal,
    LotBook,
    LotError,
    LotsNotDesignated,
    NothingHeld,
    OpenLot,
    Reconciliation,
    SoldMoreThanHeld,
    UnknownLot,
)

__all__ = [
    "METHODS",
    "Disposal",
    "Event",
    "LotBook",
    "LotError",
    "LotsNotDesignated",
    "NothingHeld",
    "OpenLot",
    "Reconciliation",
    "ReturnOnInvestment",
    "SoldMoreThanHeld",
    "UnknownLot",
    "book",
    "buy",
    "dividend",
    "fee",
    "period_reconciliation",
    "return_of_capital",
    "return_on_average_investment",
    "sell",
    "side_by_side",
    "split",
]
