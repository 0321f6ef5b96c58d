"""Gross and net performance, with and without the subscription line, as the ILPA Performance Template (2025) treats it.

The template has two methodologies. *Granular* states what each call was for and leaves fees out of gross; *Gross-Up*
puts whole calls into gross and adds fees, expenses and carry back at quarter ends. Each line of either has a treatment
in four views. Source: ILPA Performance Template, Transaction Type Mapping, v1.1 (28 April 2025).
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from types import MappingProxyType
from typing import Any

from vestry.kernel.dates import to_date
from vestry.kernel.errors import KernelError
from vestry.kernel.guard import guarded
from vestry.kernel.money import to_decimal
from vestry.kernel.returns._rates import xirr
from vestry.kernel.returns._result import RateResult

__all__ = ["ILPA_TYPES", "VIEWS", "IlpaView", "ilpa_performance", "ilpa_treatment"]

VIEWS = ("gross_with", "net_with", "gross_without", "net_without")
"""Gross or net of fees and carry; with the subscription line as the investor saw it, or without it."""

_ALL, _GROSS, _NET, _WITHOUT = VIEWS, ("gross_with", "gross_without"), ("net_with", "net_without"), VIEWS[2:]
_DRAWDOWN = "Fund-level Subscription Facility Drawdown: "
_CALL = "Capital Call: "
_REPAID = "Synthetic Distribution: Fund-level Subscription Facility Repayment"
_EXCESS = "Distribution: Return of Excess Capital Called: "
_FEES = "Management Fees/Partnership Expenses"
_ACCRUED = "Quarter-end Adjustment for "
_DENOMINATOR, _DECREASE, _NUMERATOR = "denominator", "decrease_denominator", "numerator"

# Type of transaction → (views it enters, its place in the multiple).
_TREATMENTS: Mapping[str, tuple[tuple[str, ...], str]] = {
    _CALL + "Investments": (_ALL, _DENOMINATOR),
    _CALL + _FEES: (_NET, _DENOMINATOR),
    _CALL + "Fund-level Subscription Facility Fees/Interest": (("net_with",), _DENOMINATOR),
    _CALL + "Working Capital": (_ALL, _DENOMINATOR),
    _DRAWDOWN + "Investments": (_WITHOUT, _DENOMINATOR),
    _DRAWDOWN + _FEES: (("net_without",), _DENOMINATOR),
    _DRAWDOWN + "Working Capital": (_WITHOUT, _DENOMINATOR),
    "Deemed GP Contribution from LPs": (_ALL, _DENOMINATOR),
    _REPAID + ": Investments": (_WITHOUT, _DECREASE),
    _REPAID + ": " + _FEES: (("net_without",), _DECREASE),
    "Carry / Clawback": (_GROSS, _NUMERATOR),
    "Distribution: Permanent": (_ALL, _NUMERATOR),
    "Distribution: Recallable": (_ALL, _NUMERATOR),
    _EXCESS + "Investments": (_ALL, _DECREASE),
    _EXCESS + _FEES: (_NET, _DECREASE),
    _ACCRUED + "Carry Allocation": (_GROSS, _NUMERATOR),
    _ACCRUED + "Accrued " + _FEES: (_GROSS, _NUMERATOR),
    _ACCRUED + "Accrued Fees/Interest from Fund-level Subscription Facility": (
        ("gross_with", "gross_without", "net_without"),
        _NUMERATOR,
    ),
    _ACCRUED + "Accrued Interest from Fund-level Subscription Facility": (
        ("gross_with", "gross_without", "net_without"),
        _NUMERATOR,
    ),
    "Gross Up Outstanding Balance from Fund-level Subscription Facility": (_WITHOUT, _NUMERATOR),
    "NAV": (_ALL, _NUMERATOR),
    # The Gross-Up methodology's own.
    _CALL + "Total Amount": (_ALL, _DENOMINATOR),
    _DRAWDOWN + "Total Amount": (_WITHOUT, _DENOMINATOR),
    _REPAID: (_WITHOUT, _DECREASE),
    _EXCESS + "Total Amount": (_ALL, _DECREASE),
    "Gross Up Management Fees": (_GROSS, _NUMERATOR),
    "Gross Up Partnership Expenses": (_GROSS, _NUMERATOR),
    "Gross Up Fund-level Subscription Facility Fees/Interest": (
        ("gross_with", "gross_without", "net_without"),
        _NUMERATOR,
    ),
    "Gross Up Unrealized Carried Interest": (_GROSS, _NUMERATOR),
}

ILPA_TYPES = tuple(_TREATMENTS)
"""The transaction types, as the template words them."""


def _key(name: str) -> str:
    """Wording differs between sheets in hyphens, capitals and a bracketed methodology; the type does not."""
    return re.sub(r"[^a-z/:]+", "", re.sub(r"\(.*?\)", "", name.lower()))


_Line = tuple[dt.date, Decimal, tuple[tuple[str, ...], str]]
_BY_KEY = {_key(name): treatment for name, treatment in _TREATMENTS.items()}


@dataclass(frozen=True, slots=True)
class IlpaView:
    """One of the four views: its IRR and its multiple (TVPI for net, MOIC for gross), and what they are made of."""

    view: str
    irr: RateResult
    multiple: Decimal | None
    reason: str
    numerator: Decimal
    denominator: Decimal
    flows: tuple[tuple[dt.date, Decimal], ...]

    @property
    def net_flow(self) -> Decimal:
        """The sum of the view's flows."""
        return sum((amount for _, amount in self.flows), Decimal(0))

    def explain(self) -> dict[str, object]:
        """The multiple's fraction and how the rate was made."""
        return {
            "view": self.view,
            "formula": "value received and held ÷ capital called, less capital returned unused",
            "numerator": str(self.numerator),
            "denominator": str(self.denominator),
            "multiple": None if self.multiple is None else str(self.multiple),
            "reason": self.reason,
            "irr": self.irr.explain(),
        }


@guarded
def ilpa_treatment(transaction_type: str) -> tuple[tuple[str, ...], str]:
    """(views a transaction type enters, its place in the multiple). Raises ``KernelError`` for an unknown type."""
    found = _BY_KEY.get(_key(transaction_type))
    if found is None:
        raise KernelError(f"{transaction_type!r} is not a transaction type of the ILPA Performance Template")
    return found


@guarded
def ilpa_performance(lines: Iterable[tuple[Any, Any, str]], *, from_first_call: bool = False) -> Mapping[str, IlpaView]:
    """IRR and multiple in the four ``VIEWS`` from lines (date, amount, transaction type) of either methodology.

    Amounts in the owner's sign: calls and drawdowns negative; distributions, repayments of the line, amounts added back
    and the NAV positive. ``from_first_call`` leaves out of the *rate* what is dated before the view's first outflow, as
    the template's workbook does; the multiple keeps it.
    """
    read = [(to_date(day), to_decimal(amount), ilpa_treatment(kind)) for day, amount, kind in lines]
    return MappingProxyType({view: _view(view, read, from_first_call) for view in VIEWS})


def _view(view: str, lines: list[_Line], from_first_call: bool) -> IlpaView:
    mine = [(day, amount, place) for day, amount, (views, place) in lines if view in views]
    numerator = sum((amount for _, amount, place in mine if place == _NUMERATOR), Decimal(0))
    denominator = -sum((amount for _, amount, place in mine if place != _NUMERATOR), Decimal(0))
    flows = tuple((day, amount) for day, amount, _ in mine)
    first = min((day for day, amount in flows if amount < 0), default=None)
    counted = [flow for flow in flows if not from_first_call or first is None or flow[0] >= first]
    called = denominator > 0
    return IlpaView(
        view=view,
        irr=xirr(counted),
        multiple=numerator / denominator if called else None,
        reason="" if called else "nothing_called",
        numerator=numerator,
        denominator=denominator,
        flows=flows,
    )
