"""The incentive fee of an open-ended fund for one period, and what it leaves the investor."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal, localcontext
from typing import Literal

from vestry.kernel.accrual import PRECISION, Number, decimal, round_half_up
from vestry.kernel.errors import KernelError
from vestry.kernel.guard import guarded


@dataclass(frozen=True, slots=True)
class PerformanceFee:
    """``management`` and ``incentive`` fee; ``net_return`` on the opening value, ``None`` where that is zero."""

    opening: Decimal
    closing: Decimal
    management: Decimal
    incentive: Decimal
    net_return: Decimal | None
    steps: tuple[str, ...]

    @property
    def total(self) -> Decimal:
        """Both fees."""
        return self.management + self.incentive

    def explain(self) -> dict[str, object]:
        """Inputs and steps as plain values."""
        return {
            "inputs": {"opening": self.opening, "closing": self.closing},
            "steps": list(self.steps),
            "result": {"total": self.total, "net_return": self.net_return},
        }


@guarded
def performance_fee(
    opening: Number,
    closing: Number,
    *,
    management_rate: Number = 0,
    management_basis: Literal["opening", "closing"] = "closing",
    incentive: Number = Decimal("0.20"),
    net_of_management: bool = True,
    hurdle: Number = 0,
    hurdle_kind: Literal["hard", "soft"] = "hard",
    high_water_mark: Number | None = None,
    decimals: int | None = None,
) -> PerformanceFee:
    """Management fee on one end's value, then ``incentive`` of the gain above hurdle and high-water mark.

    ``closing`` is the value before fees. ``net_of_management`` takes the management fee off the gain first (else the
    two are independent). ``hurdle`` is a return on ``opening``: ``hard`` charges only what lies above it, ``soft`` the
    whole gain once it is cleared. Below ``high_water_mark`` there is no incentive fee; above it only the new gain
    counts.

    >>> performance_fee(100, 130, management_rate=0.01, hurdle=0.06).total  # CFA Program, Kettleside Timberland
    Decimal('5.8400')
    """
    start, end = decimal(opening, "opening"), decimal(closing, "closing")
    if start < 0 or end < 0:
        raise KernelError("opening and closing values are not negative")
    if management_basis not in ("opening", "closing") or hurdle_kind not in ("hard", "soft"):
        raise KernelError("management_basis is 'opening' or 'closing', hurdle_kind 'hard' or 'soft'")
    share = decimal(incentive, "incentive")
    if not 0 <= share <= 1:
        raise KernelError(f"the incentive is a fraction between 0 and 1, not {share}")
    with localcontext(PRECISION):
        base = start if management_basis == "opening" else end
        management = round_half_up(decimal(management_rate, "management_rate") * base, decimals)
        mark = start if high_water_mark is None else max(start, decimal(high_water_mark, "high_water_mark"))
        gain = end - mark - (management if net_of_management else 0)
        bar = decimal(hurdle, "hurdle") * start
        above = max(Decimal(0), gain - bar)
        charged = above if hurdle_kind == "hard" or not above else max(Decimal(0), gain)
        fee = round_half_up(share * charged, decimals)
        left = None if start == 0 else (end - management - fee) / start - 1
    steps = (
        f"management fee {management:f} on the {management_basis} value {base:f}",
        f"gain {gain:f} above {mark:f}{' net of it' if net_of_management else ''}, {hurdle_kind} hurdle {bar:f}",
        f"incentive fee {share:f} × {charged:f} = {fee:f}",
    )
    return PerformanceFee(start, end, management, fee, left, steps)
