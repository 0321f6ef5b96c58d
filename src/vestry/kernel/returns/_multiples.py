"""Fund multiples (TVPI, DPI, RVPI, PIC) and deal multiples (MOIC), exact in Decimal, with their conventions named."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from types import MappingProxyType

from vestry.kernel.errors import KernelError
from vestry.kernel.guard import guarded
from vestry.kernel.money import Number, to_decimal

__all__ = ["Moic", "Multiples", "moic", "multiples"]

_ZERO = Decimal(0)
_NOTHING_PAID_IN = "nothing_paid_in"
_NO_COMMITMENT = "commitment_unknown"
_NOTHING_INVESTED = "nothing_invested"


@dataclass(frozen=True, slots=True)
class Multiples:
    """Multiples of paid-in capital; a multiple that does not exist is None and ``reasons`` says why.

    ``paid_in`` and ``distributed`` are the amounts after the conventions, as they stand in the fractions.
    """

    tvpi: Decimal | None
    dpi: Decimal | None
    rvpi: Decimal | None
    pic: Decimal | None
    paid_in: Decimal
    distributed: Decimal
    nav: Decimal
    commitment: Decimal | None
    convention: str
    reasons: Mapping[str, str]
    inputs: Mapping[str, Decimal]

    def explain(self) -> dict[str, object]:
        """Formulas, the inputs as given, the convention, and the numerators and denominator it led to."""
        return {
            "formula": {
                "dpi": "distributed ÷ paid_in",
                "rvpi": "nav ÷ paid_in",
                "tvpi": "(distributed + nav) ÷ paid_in",
                "pic": "paid_in ÷ commitment",
            },
            "convention": self.convention,
            "inputs": {name: str(value) for name, value in self.inputs.items()},
            "paid_in": str(self.paid_in),
            "distributed": str(self.distributed),
            "nav": str(self.nav),
            "reasons": dict(self.reasons),
        }


@dataclass(frozen=True, slots=True)
class Moic:
    """Multiple of invested capital: gross of, and (where the costs are given) net of, fees, expenses and carry."""

    gross: Decimal | None
    net: Decimal | None
    invested: Decimal
    realised: Decimal
    unrealised: Decimal
    costs: Decimal
    carry: Decimal
    reasons: Mapping[str, str]

    def explain(self) -> dict[str, object]:
        """Formulas and inputs."""
        return {
            "formula": {
                "gross": "(realised + unrealised) ÷ invested",
                "net": "(realised + unrealised − carry) ÷ (invested + fees + expenses)",
            },
            "inputs": {
                "invested": str(self.invested),
                "realised": str(self.realised),
                "unrealised": str(self.unrealised),
                "fees_and_expenses": str(self.costs),
                "carry": str(self.carry),
            },
            "reasons": dict(self.reasons),
        }


@guarded
def multiples(
    paid_in: Number,
    distributed: Number,
    nav: Number = 0,
    commitment: Number | None = None,
    *,
    recallable: Number = 0,
    recallable_treatment: str = "gross",
    excess_returned: Number = 0,
    facility_balance: Number = 0,
) -> Multiples:
    """TVPI, DPI, RVPI and PIC of a fund or an investor in it. All amounts are positive magnitudes of one currency.

    - ``paid_in``: all contributions since inception, inside and outside the commitment, fees included.
    - ``distributed``: all distributions, recallable ones among them.
    - ``nav``: net asset value on the date (after fees and accrued carry for net multiples).
    - ``commitment``: for PIC; unknown or zero makes PIC None.
    - ``recallable``: the part of ``distributed`` that may be called again. ``recallable_treatment="gross"`` (ILPA's
      default) leaves it a distribution and its later call a contribution; ``"netted"`` takes it out of both.
    - ``excess_returned``: excess capital given back unused, not part of ``distributed``; it lowers the paid-in amount.
    - ``facility_balance``: what is drawn on the subscription line, for multiples *without* the line: pass contributions
      as if the draws had been called, and the balance is added to the residual value.

    A multiple of nothing paid in is None (``nothing_paid_in``), never zero. Multiples are not rounded;
    TVPI = DPI + RVPI up to the last of 28 digits. Sources: ILPA Performance Template 2025; GIPS 2020 glossary.
    """
    if recallable_treatment not in {"gross", "netted"}:
        raise KernelError(f"recallable_treatment must be 'gross' or 'netted', not {recallable_treatment!r}")
    given = {
        "paid_in": to_decimal(paid_in, "paid_in"),
        "distributed": to_decimal(distributed, "distributed"),
        "nav": to_decimal(nav, "nav"),
        "recallable": to_decimal(recallable, "recallable"),
        "excess_returned": to_decimal(excess_returned, "excess_returned"),
        "facility_balance": to_decimal(facility_balance, "facility_balance"),
    }
    for name in ("paid_in", "recallable", "excess_returned", "facility_balance"):
        if given[name] < 0:
            raise KernelError(f"{name} is a magnitude and cannot be negative: {given[name]}")
    netted = given["recallable"] if recallable_treatment == "netted" else _ZERO
    base = given["paid_in"] - netted - given["excess_returned"]
    received = given["distributed"] - netted
    value = given["nav"] + given["facility_balance"]
    promised = None if commitment is None else to_decimal(commitment, "commitment")
    if promised is not None and promised < 0:
        raise KernelError(f"commitment is a magnitude and cannot be negative: {promised}")
    reasons = {} if base > 0 else dict.fromkeys(("tvpi", "dpi", "rvpi"), _NOTHING_PAID_IN)
    if not promised:
        reasons["pic"] = _NO_COMMITMENT
    return Multiples(
        tvpi=_ratio(received + value, base),
        dpi=_ratio(received, base),
        rvpi=_ratio(value, base),
        pic=_ratio(base, promised or _ZERO),
        paid_in=base,
        distributed=received,
        nav=value,
        commitment=promised,
        convention=f"recallable distributions {recallable_treatment}; returned excess lowers paid-in",
        reasons=MappingProxyType(reasons),
        inputs=MappingProxyType(given),
    )


@guarded
def moic(
    invested: Number,
    realised: Number,
    unrealised: Number = 0,
    *,
    fees: Number = 0,
    expenses: Number = 0,
    carry: Number = 0,
) -> Moic:
    """Multiple of invested capital of a deal or a fund's investments. All amounts are positive magnitudes.

    Gross: ``(realised + unrealised) ÷ invested``, where ``invested`` is what was called *for investments* only. Net:
    carry (paid and accrued) leaves the numerator, fees and expenses join the denominator. None with the reason
    ``nothing_invested`` when the denominator is zero. Source: ILPA Performance Template 2025.
    """
    cost, back, left = (
        to_decimal(invested, "invested"),
        to_decimal(realised, "realised"),
        to_decimal(unrealised, "unrealised"),
    )
    costs, share = to_decimal(fees, "fees") + to_decimal(expenses, "expenses"), to_decimal(carry, "carry")
    if cost < 0 or costs < 0:
        raise KernelError("invested, fees and expenses are magnitudes and cannot be negative")
    reasons = {name: _NOTHING_INVESTED for name, base in (("gross", cost), ("net", cost + costs)) if base == 0}
    return Moic(
        gross=_ratio(back + left, cost),
        net=_ratio(back + left - share, cost + costs),
        invested=cost,
        realised=back,
        unrealised=left,
        costs=costs,
        carry=share,
        reasons=MappingProxyType(reasons),
    )


def _ratio(numerator: Decimal, denominator: Decimal) -> Decimal | None:
    return numerator / denominator if denominator > 0 else None
