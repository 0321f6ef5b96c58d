"""Currencies and their decimals, explicit rounding, and splits that add up to the last cent.

Money is ``Decimal``; nothing here goes through a float. The decimals ("minor units") are those of ISO 4217.

Arguments that mean the same throughout:

total: the amount to split, any sign; weights: one a part, none negative, not all 0. code: ISO 4217, any case. places:
decimals kept. what: the name an error uses. Anything but a finite number raises ``KernelError``.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import (
    MAX_EMAX,
    MIN_EMIN,
    ROUND_CEILING,
    ROUND_DOWN,
    ROUND_FLOOR,
    ROUND_HALF_EVEN,
    ROUND_HALF_UP,
    ROUND_UP,
    Context,
    Decimal,
    InvalidOperation,
)
from fractions import Fraction
from math import lcm
from numbers import Rational
from types import MappingProxyType

from vestry.kernel.errors import KernelError

__all__ = [
    "CURRENCIES",
    "OBSOLETE",
    "Allocation",
    "Currency",
    "CurrencyError",
    "Number",
    "allocate",
    "allocate_with_steps",
    "currency",
    "decimals",
    "payable",
    "quantum",
    "round_money",
    "to_decimal",
]

Number = Decimal | int | float | str | Fraction
"""What an amount may be given as; a float is read as the shortest decimal that prints it (0.1 is one tenth)."""


class CurrencyError(KernelError):
    """The code is unknown, no longer current, or not a currency one can pay in."""


@dataclass(frozen=True, slots=True)
class Currency:
    """An ISO 4217 currency: three letters and the number of decimals amounts in it may have."""

    code: str
    decimals: int


_BY_DECIMALS: Mapping[int, str] = {
    0: "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF",
    2: (
        "AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BMD BND BOB BOV BRL BSD BTN BWP BYN BZD CAD CDF CHE CHF CHW "
        "CNY COP COU CRC CUP CVE CZK DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GTQ GYD HKD HNL HTG HUF "
        "IDR ILS INR IRR JMD KES KGS KHR KPW KYD KZT LAK LBP LKR LRD LSL MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK "
        "MXN MXV MYR MZN NAD NGN NIO NOK NPR NZD PAB PEN PGK PHP PKR PLN QAR RON RSD RUB SAR SBD SCR SDG SEK SGD SHP "
        "SLE SOS SRD SSP STN SVC SYP SZL THB TJS TMT TOP TRY TTD TWD TZS UAH USD USN UYU UZS VED VES WST XAD XCD XCG "
        "YER ZAR ZMW ZWG"
    ),
    3: "BHD IQD JOD KWD LYD OMR TND",
    4: "CLF UYW",
}

CURRENCIES: Mapping[str, Currency] = MappingProxyType(
    {code: Currency(code, places) for places, codes in _BY_DECIMALS.items() for code in codes.split()}
)
"""Every current ISO 4217 code that has a minor unit, by code."""

_EURO_AREA = "ATS BEF BGN CYP DEM EEK ESP FIM FRF GRD HRK IEP ITL LTL LUF LVL MTL NLG PTE SIT SKK XEU"

OBSOLETE: Mapping[str, str] = MappingProxyType(
    {
        **dict.fromkeys(_EURO_AREA.split(), "EUR"),
        "ANG": "XCG",
        "AZM": "AZN",
        "BYR": "BYN",
        "CSD": "RSD",
        "CUC": "CUP",
        "GHC": "GHS",
        "MRO": "MRU",
        "MXP": "MXN",
        "MZM": "MZN",
        "PLZ": "PLN",
        "ROL": "RON",
        "RUR": "RUB",
        "SDD": "SDG",
        "SLL": "SLE",
        "SRG": "SRD",
        "STD": "STN",
        "TMM": "TMT",
        "TRL": "TRY",
        "UAK": "UAH",
        "VEB": "VES",
        "VEF": "VES",
        "YUM": "RSD",
        "ZMK": "ZMW",
        "ZWD": "ZWG",
        "ZWL": "ZWG",
    }
)
"""Codes ISO 4217 has withdrawn, and what replaced them."""

_NOT_MONEY: Mapping[str, str] = {
    "XAG": "silver",
    "XAU": "gold",
    "XBA": "a bond-market unit",
    "XBB": "a bond-market unit",
    "XBC": "a bond-market unit",
    "XBD": "a bond-market unit",
    "XDR": "special drawing rights",
    "XPD": "palladium",
    "XPT": "platinum",
    "XSU": "the sucre unit of account",
    "XTS": "the code reserved for testing",
    "XUA": "the ADB unit of account",
    "XXX": "the code for no currency",
}

_ROUNDINGS: Mapping[str, str] = {
    "half_even": ROUND_HALF_EVEN,
    "half_up": ROUND_HALF_UP,
    "down": ROUND_DOWN,
    "up": ROUND_UP,
    "floor": ROUND_FLOOR,
    "ceiling": ROUND_CEILING,
}

# Wide enough that shifting the point or quantising never rounds behind our back.
_EXACT = Context(prec=4000, Emax=MAX_EMAX, Emin=MIN_EMIN)


def currency(code: str) -> Currency:
    """The currency of an ISO 4217 code (case and surrounding blanks do not matter).

    Raises ``CurrencyError`` for an unknown or obsolete code, for ``XXX`` and for the metals and units of account.
    """
    key = code.strip().upper() if isinstance(code, str) else ""
    found = CURRENCIES.get(key)
    if found is not None:
        return found
    if key in OBSOLETE:
        raise CurrencyError(f"{key} is no longer a currency; it was replaced by {OBSOLETE[key]}")
    if key in _NOT_MONEY:
        raise CurrencyError(f"{key} is {_NOT_MONEY[key]}, not a currency one can pay in")
    raise CurrencyError(f"{code!r} is not an ISO 4217 currency code")


def decimals(code: str) -> int:
    """How many decimals amounts in the currency may have: 2 for EUR, 0 for JPY, 3 for KWD."""
    return currency(code).decimals


def quantum(places: int | str) -> Decimal:
    """The smallest payable amount, by number of decimals or currency code: ``quantum("EUR") == Decimal("0.01")``."""
    return Decimal((0, (1,), -_places(places)))


def to_decimal(value: Number, what: str = "amount") -> Decimal:
    """The value as an exact, finite Decimal; a float is read as it prints. Raises ``KernelError`` otherwise."""
    if isinstance(value, Decimal):
        number = value
    elif isinstance(value, bool):
        raise KernelError(f"{what} must be a number, not {value!r}")
    elif isinstance(value, int):
        return Decimal(value)
    elif isinstance(value, Fraction):
        return _fraction_to_decimal(value, what)
    else:
        try:
            number = Decimal(value.strip() if isinstance(value, str) else repr(float(value)))
        except (InvalidOperation, TypeError, ValueError, AttributeError):
            raise KernelError(f"{what} must be a number, not {value!r}") from None
    if not number.is_finite():
        raise KernelError(f"{what} must be a finite number, not {value!r}")
    return number


def round_money(amount: Number, places: int | str, rounding: str = "half_even") -> Decimal:
    """The amount rounded to a number of decimals or to a currency's.

    ``rounding`` is ``half_even`` (default: the bankers' rule, without drift over many roundings), ``half_up`` (the
    merchant's rule: a half goes away from zero), ``down``, ``up``, ``floor`` or ``ceiling``.
    Negative numbers round as their mirror image under ``half_even``, ``half_up``, ``down`` and ``up``; zero is never
    negative. ``places`` may be negative (-3 rounds to thousands).
    """
    if rounding not in _ROUNDINGS:
        raise KernelError(f"rounding must be one of {', '.join(_ROUNDINGS)}, not {rounding!r}")
    rounded = to_decimal(amount).quantize(quantum(places), rounding=_ROUNDINGS[rounding], context=_EXACT)
    return rounded.copy_abs() if rounded.is_zero() else rounded


def payable(amount: Number, code: str) -> Decimal:
    """The amount in the currency's decimals, refused if it has more than can be paid (no silent rounding).

    Trailing zeros do not count: 1.500 EUR is 1.50. Raises ``KernelError`` naming the amount and the currency.
    """
    number = to_decimal(amount)
    places = decimals(code)
    rounded = round_money(number, places)
    if rounded != number:
        raise KernelError(f"{number} has more decimals than {code.strip().upper()} can be paid in ({places})")
    return rounded


@dataclass(frozen=True, slots=True)
class Allocation:
    """A split and how it was made: exact shares cut to whole units, then one unit more to the largest remainders."""

    shares: tuple[Decimal, ...]
    total: Decimal
    weights: tuple[Fraction, ...]
    unit: Decimal
    raised: tuple[int, ...]
    """Positions that got one unit more than their exact share cut down, in the order they were served."""

    def explain(self) -> dict[str, object]:
        """Inputs, method and the positions the leftover units went to."""
        return {
            "total": str(self.total),
            "unit": str(self.unit),
            "weights": [str(weight) for weight in self.weights],
            "method": "largest remainder; ties to the larger weight, then to the earlier position",
            "raised": list(self.raised),
            "shares": [str(share) for share in self.shares],
        }


def allocate(total: Number, weights: Iterable[Number], decimals: int | str = 2) -> list[Decimal]:
    """Split ``total`` by ``weights`` so that the shares add up to it exactly (largest-remainder, Hamilton's, method).

    Each share is its exact quota ``total × w / Σw`` cut down to whole units of 10^-decimals; the units left over go,
    one each, to the largest cut-off remainders. Ties go to the larger weight, then to the earlier position, so the same
    input always gives the same split. A share differs from its quota by less than one unit; a weight of zero gets
    zero; ``allocate(-x, w)`` is the mirror image of ``allocate(x, w)``.

    ``total``: any number with no more decimals than ``decimals`` (a count, or a currency code), of either sign.
    ``weights``: any count, ints, Decimals, Fractions or floats, exact however long; they may be negative so long as
    their sum is not zero. Returns Decimals with exactly ``decimals`` places, in the order of the weights.

    Raises ``KernelError`` when there is nothing to split by (no weights, or they sum to zero) or when ``total`` has
    more decimals than the shares may have.
    """
    number = to_decimal(total, "total")
    places = _places(decimals)
    shares, _ = _shares(_units(number, places), _integers([_rational(weight) for weight in weights]))
    return [Decimal(share).scaleb(-places, _EXACT) for share in shares]


def allocate_with_steps(total: Number, weights: Iterable[Number], decimals: int | str = 2) -> Allocation:
    """``allocate`` with the record of how the split was made."""
    number = to_decimal(total, "total")
    places = _places(decimals)
    exact = [_rational(weight) for weight in weights]
    shares, raised = _shares(_units(number, places), _integers(exact))
    return Allocation(
        shares=tuple(Decimal(share).scaleb(-places, _EXACT) for share in shares),
        total=number,
        weights=tuple(Fraction(numerator, denominator) for numerator, denominator in exact),
        unit=quantum(places),
        raised=tuple(raised),
    )


def _shares(units: int, weights: Sequence[int]) -> tuple[list[int], list[int]]:
    """Whole units per weight and the positions that were raised; ``weights`` sum to a positive number."""
    whole = sum(weights)
    sign = -1 if units < 0 else 1
    shares, remainders = [], []
    for weight in weights:
        quotient, remainder = divmod(abs(units) * weight, whole)
        shares.append(quotient)
        remainders.append(remainder)
    left = abs(units) - sum(shares)
    order = sorted(range(len(weights)), key=lambda i: (-remainders[i], -weights[i], i))[:left] if left else []
    for position in order:
        shares[position] += 1
    return [sign * share for share in shares], order


def _integers(weights: Sequence[tuple[int, int]]) -> list[int]:
    """The weights over their common denominator, turned so that their sum is positive."""
    if not weights:
        raise KernelError("there are no weights to split by")
    common = lcm(*{denominator for _, denominator in weights})
    whole = [numerator * (common // denominator) for numerator, denominator in weights]
    size = sum(whole)
    if size == 0:
        raise KernelError("the weights sum to zero, so there is nothing to split by")
    return whole if size > 0 else [-weight for weight in whole]


def _rational(weight: Number) -> tuple[int, int]:
    if isinstance(weight, int) and not isinstance(weight, bool):
        return weight, 1
    if isinstance(weight, Rational) and not isinstance(weight, bool):
        return int(weight.numerator), int(weight.denominator)
    return to_decimal(weight, "weight").as_integer_ratio()


def _units(total: Decimal, places: int) -> int:
    scaled = total.scaleb(places, _EXACT)
    units = int(scaled)
    if units != scaled:
        raise KernelError(f"the total {total} has more than {places} decimals; round it first")
    return units


def _places(places: int | str) -> int:
    if isinstance(places, str):
        return decimals(places)
    if isinstance(places, bool) or not isinstance(places, int):
        raise KernelError(f"decimals must be a whole number or a currency code, not {places!r}")
    return places


def _fraction_to_decimal(value: Fraction, what: str) -> Decimal:
    number = _EXACT.divide(Decimal(value.numerator), Decimal(value.denominator))
    if Fraction(number) != value:
        raise KernelError(f"{what} {value} has no finite decimal form; round it first")
    return number
