"""The operating case: revenue to free cash flow before any debt."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from vestry.kernel.errors import KernelError
from vestry.kernel.exact import Number, decimal, one_or_many
from vestry.kernel.explain import Explain, Step
from vestry.kernel.guard import guarded

PerPeriod = Number | Sequence[Number]


@dataclass(frozen=True, slots=True)
class OperatingCase:
    """One value per period in every tuple. free_cash_flow is unlevered, after tax on EBIT; cash_flow_before_tax is the
    same before that tax, for a schedule that taxes profit after interest.
    """

    revenue: tuple[Decimal, ...]
    ebitda: tuple[Decimal, ...]
    depreciation: tuple[Decimal, ...]
    ebit: tuple[Decimal, ...]
    tax: tuple[Decimal, ...]
    capex: tuple[Decimal, ...]
    increase_in_nwc: tuple[Decimal, ...]
    cash_flow_before_tax: tuple[Decimal, ...]
    free_cash_flow: tuple[Decimal, ...]
    tax_rate: Decimal
    opening_ebitda: Decimal
    opening_revenue: Decimal
    explain: Explain


@guarded
def operating_case(
    years: int,
    growth: PerPeriod,
    *,
    revenue: Number | None = None,
    margin: PerPeriod | None = None,
    ebitda: Number | None = None,
    depreciation: PerPeriod = 0,
    capex: PerPeriod = 0,
    nwc: PerPeriod = 0,
    opening_nwc: Number | None = None,
    tax_rate: Number = 0,
    opening_ebitda: Number | None = None,
) -> OperatingCase:
    """Project a company for some years from the year before the first.

    growth: fraction a year, one number or one per year. Either `revenue` with an EBITDA `margin`, or `ebitda` alone,
    which then grows itself and is the base of the percentages. depreciation, capex, nwc: fractions of revenue; working
    capital opens at nwc × opening revenue unless `opening_nwc` says otherwise. Tax is max(0, EBIT)·tax_rate.
    opening_ebitda: last year's EBITDA when it is not the first margin times opening revenue.
    """
    if years < 1:
        raise KernelError(f"project at least one year, got {years}")
    if (revenue is None) == (ebitda is None) or (revenue is None) != (margin is None):
        raise KernelError("give revenue with margin, or ebitda alone")
    base = decimal(revenue if revenue is not None else ebitda or 0, "revenue")
    margins = _series(1 if margin is None else margin, years, "margin")
    rates = _series(growth, years, "growth")
    tax = decimal(tax_rate, "tax_rate")
    sales, level = [], base
    for rate in rates:
        level *= 1 + rate
        sales.append(level)
    earned = [s * m for s, m in zip(sales, margins, strict=True)]
    wear = [s * d for s, d in zip(sales, _series(depreciation, years, "depreciation"), strict=True)]
    spent = [s * c for s, c in zip(sales, _series(capex, years, "capex"), strict=True)]
    shares = _series(nwc, years, "nwc")
    held = [s * w for s, w in zip(sales, shares, strict=True)]
    before = [base * shares[0] if opening_nwc is None else decimal(opening_nwc, "opening_nwc"), *held[:-1]]
    bound = [now - then for now, then in zip(held, before, strict=True)]
    ebit = [e - d for e, d in zip(earned, wear, strict=True)]
    taxes = [max(Decimal(0), profit) * tax for profit in ebit]
    gross = [e - c - w for e, c, w in zip(earned, spent, bound, strict=True)]
    free = [g - t for g, t in zip(gross, taxes, strict=True)]
    steps = (
        Step("EBIT", "EBITDA − depreciation", tuple(ebit)),
        Step("tax", "max(0, EBIT)·rate", tuple(taxes)),
        Step("free cash flow", "EBITDA − tax − capex − increase in working capital", tuple(free)),
    )
    return OperatingCase(
        revenue=tuple(sales),
        ebitda=tuple(earned),
        depreciation=tuple(wear),
        ebit=tuple(ebit),
        tax=tuple(taxes),
        capex=tuple(spent),
        increase_in_nwc=tuple(bound),
        cash_flow_before_tax=tuple(gross),
        free_cash_flow=tuple(free),
        tax_rate=tax,
        opening_ebitda=base * margins[0] if opening_ebitda is None else decimal(opening_ebitda, "opening_ebitda"),
        opening_revenue=base,
        explain=Explain("Operating case", {"opening": base, "growth": tuple(rates), "tax rate": tax}, steps),
    )


def _series(value: PerPeriod, years: int, name: str) -> list[Decimal]:
    values, several = one_or_many(value)
    if several and len(values) != years:
        raise KernelError(f"{name} has {len(values)} values for {years} years")
    found = [decimal(v, name) for v in values]
    return found if several else found * years
