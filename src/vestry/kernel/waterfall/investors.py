"""From the fund's waterfall to its investors, to the cent."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from vestry.kernel.accrual import Number, decimal, round_half_up
from vestry.kernel.errors import KernelError
from vestry.kernel.guard import guarded
from vestry.kernel.money import allocate
from vestry.kernel.waterfall.result import Flow, WaterfallResult
from vestry.kernel.waterfall.run import Amounts, distribute, read_flows
from vestry.kernel.waterfall.terms import Waterfall


@dataclass(frozen=True, slots=True)
class InvestorShare:
    """One investor's part of every payment, in the payments' order; ``total`` is their sum."""

    investor: str
    amounts: tuple[Decimal, ...]

    @property
    def total(self) -> Decimal:
        """All the investor received."""
        return sum(self.amounts, Decimal(0))


@guarded
def split_by_investor(result: WaterfallResult, weights: Mapping[str, Number]) -> dict[str, InvestorShare]:
    """The LPs' side of each payment over the investors by ``weights`` (commitments, or capital contributed).

    Every payment sums to the cent (largest remainder). The GP's own commitment is an investor here; its carry is not.

    >>> from vestry.kernel import waterfall
    >>> result = waterfall.distribute(waterfall.european(), 100, 150)
    >>> parts = waterfall.split_by_investor(result, {"A": 1, "B": 1, "C": 1})
    >>> [str(parts[name].total) for name in "ABC"], str(result.lp)
    (['46.67', '46.67', '46.66'], '140.00')
    """
    if result.terms.decimals is None:
        raise KernelError("a split to the cent needs terms with decimals")
    shares = [decimal(weight, f"weight of {name}") for name, weight in weights.items()]
    columns = [allocate(payment.lp, shares, result.terms.decimals) for payment in result.payments]
    return {name: InvestorShare(name, tuple(column[i] for column in columns)) for i, name in enumerate(weights)}


@dataclass(frozen=True, slots=True)
class Partner:
    """An investor with its own terms: ``terms`` overrides the fund's (a fee-free GP commitment, a reduced carry)."""

    name: str
    commitment: Number
    terms: Waterfall | None = None


@guarded
def by_partner(
    terms: Waterfall, partners: list[Partner], contributions: Amounts, distributions: Amounts
) -> dict[str, WaterfallResult]:
    """Partner by partner: cash is first apportioned by commitment, then each partner's part runs its own waterfall.

    This is how agreements with different carry per investor are written; the GP's carry is the sum over the partners.
    Every contribution and distribution is apportioned to the cent.
    """
    if terms.decimals is None:
        raise KernelError("a split to the cent needs terms with decimals")
    weights = [decimal(partner.commitment, f"commitment of {partner.name}") for partner in partners]
    paid_in = _apportion(read_flows(contributions, Decimal(0), "contribution"), weights, terms.decimals)
    paid_out = _apportion(read_flows(distributions, Decimal(1), "distribution"), weights, terms.decimals)
    return {
        partner.name: distribute(partner.terms or terms, ins, outs)
        for partner, ins, outs in zip(partners, paid_in, paid_out, strict=True)
    }


def _apportion(flows: list[Flow], weights: list[Decimal], decimals: int) -> list[list[Flow]]:
    rows: list[list[Flow]] = [[] for _ in weights]
    for flow in flows:
        parts = allocate(round_half_up(flow.amount, decimals), weights, decimals)
        for row, part in zip(rows, parts, strict=True):
            row.append(Flow(flow.on, part, flow.label))
    return rows
