"""The exit: equity value, multiple and rate of return, and where the value came from."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Literal

from vestry.kernel.errors import KernelError
from vestry.kernel.exact import Number, decimal, finite
from vestry.kernel.explain import Explain, Step
from vestry.kernel.guard import guarded

ZERO = Decimal(0)


@dataclass(frozen=True, slots=True)
class ExitReturns:
    """What the sponsor gets. moic: proceeds and interim distributions over what was invested (None if nothing was).

    irr: effective a year, or None with `irr_reason`. equity_value is floored at zero: lenders bear the rest
    (`debt_unpaid`).
    """

    enterprise_value: Decimal
    net_debt: Decimal
    equity_value: Decimal
    debt_unpaid: Decimal
    sponsor_proceeds: Decimal
    other_proceeds: Decimal
    invested: Decimal
    moic: Decimal | None
    irr: float | None
    irr_reason: str | None
    explain: Explain


@guarded
def exit_returns(
    ebitda: Number,
    exit_multiple: Number,
    net_debt: Number,
    invested: Number,
    *,
    years: Number | None = None,
    closing_on: date | str | None = None,
    exit_on: date | str | None = None,
    sponsor_share: Number = 1,
    exit_costs: Number = 0,
    distributions: Sequence[Number] = (),
) -> ExitReturns:
    """Sell at ebitda × exit_multiple, repay net debt and costs, share the rest.

    invested: the sponsor's cheque. sponsor_share: its fraction of the exit equity. Holding period: `years` (whole or
    not), or two dates, counted Act/365. distributions: paid to the sponsor at the end of each year, the last one in the
    year of exit; with them the rate is an internal rate of return, without them MOIC^(1/years) − 1.
    A total loss has no rate: irr is None.
    """
    value = decimal(ebitda, "ebitda") * decimal(exit_multiple, "exit_multiple")
    owed = decimal(net_debt, "net_debt") + decimal(exit_costs, "exit_costs")
    share, paid_in = decimal(sponsor_share, "sponsor_share"), decimal(invested, "invested")
    if paid_in < 0 or not 0 <= share <= 1:
        raise KernelError(f"invested must not be negative and sponsor_share lies in 0…1, got {paid_in} and {share}")
    equity = max(ZERO, value - owed)
    interim = [decimal(d, "distributions") for d in distributions]
    proceeds = equity * share
    moic = (proceeds + sum(interim, ZERO)) / paid_in if paid_in else None
    rate, reason = _rate(paid_in, proceeds, interim, _years(years, closing_on, exit_on))
    steps = (
        Step("enterprise value", "EBITDA · multiple", value),
        Step("equity value", "max(0, EV − net debt − costs)", equity),
        Step("sponsor's proceeds", "equity · share", proceeds),
        Step("MOIC", "(proceeds + distributions) / invested", moic),
        Step("IRR", "MOIC^(1/years) − 1" if not interim else "internal rate of the yearly flows", rate),
    )
    inputs = {"EBITDA": decimal(ebitda), "multiple": decimal(exit_multiple), "net debt": decimal(net_debt)}
    return ExitReturns(
        enterprise_value=value,
        net_debt=decimal(net_debt),
        equity_value=equity,
        debt_unpaid=max(ZERO, owed - value),
        sponsor_proceeds=proceeds,
        other_proceeds=equity - proceeds,
        invested=paid_in,
        moic=moic,
        irr=rate,
        irr_reason=reason,
        explain=Explain("Exit at a multiple of EBITDA", inputs, steps),
    )


@guarded
def irr_from_moic(moic: Number, years: Number) -> float | None:
    """Rate of one payment in and one out: MOIC^(1/years) − 1; None for a multiple of zero (a total loss)."""
    multiple, span = finite(moic, "moic"), finite(years, "years")
    if multiple < 0 or span <= 0:
        raise KernelError(f"moic must not be negative and years must be above zero, got {multiple} and {span}")
    return float(multiple ** (1 / span) - 1) if multiple else None


def _years(years: Number | None, closing_on: date | str | None, exit_on: date | str | None) -> float | None:
    if years is not None:
        return finite(years, "years")
    if closing_on is None or exit_on is None:
        return None
    first, last = (date.fromisoformat(d) if isinstance(d, str) else d for d in (closing_on, exit_on))
    return (last - first).days / 365


def _rate(
    invested: Decimal, proceeds: Decimal, interim: list[Decimal], years: float | None
) -> tuple[float | None, str | None]:
    if years is None:
        return None, "no holding period: give years, or closing_on and exit_on"
    if years <= 0:
        raise KernelError(f"the exit must follow the closing, got {years} years")
    if invested == 0:
        return None, "nothing was invested"
    if proceeds + sum(interim, ZERO) == 0:
        return None, "total loss: no rate above −100 % exists"
    if not any(interim):
        return irr_from_moic(proceeds / invested, years), None
    if len(interim) != years:
        raise KernelError(f"give one distribution for each of the {years:g} whole years, got {len(interim)}")
    from vestry.kernel import returns

    flows = [-invested, *interim[:-1], interim[-1] + proceeds]
    found = returns.irr(flows)
    return found.rate, None if found.rate is not None else f"no single rate: {found.status}"


@dataclass(frozen=True, slots=True)
class ValueBridge:
    """Where the equity gain came from; the parts sum to `total` exactly, and that is exit equity − entry equity.

    ebitda_growth = revenue_growth + margin when revenues are given (else those two are None). combined is the cross
    term when it is shown apart, else zero. costs are negative.
    """

    ebitda_growth: Decimal
    revenue_growth: Decimal | None
    margin: Decimal | None
    multiple: Decimal
    combined: Decimal
    deleveraging: Decimal
    costs: Decimal
    total: Decimal
    entry_equity: Decimal
    exit_equity: Decimal
    explain: Explain


@guarded
def value_bridge(
    *,
    entry_ebitda: Number,
    entry_multiple: Number,
    entry_net_debt: Number,
    exit_ebitda: Number,
    exit_multiple: Number,
    exit_net_debt: Number,
    costs: Number = 0,
    entry_revenue: Number | None = None,
    exit_revenue: Number | None = None,
    cross_term: Literal["multiple", "separate"] = "multiple",
) -> ValueBridge:
    """Split the change of equity value.

    EBITDA growth (E1 − E0)·M0; multiple (M1 − M0)·E1, or (M1 − M0)·E0 with the cross term apart; deleveraging
    D0 − D1, net debt right after closing and at exit; costs: entry fees and the like, which the entry equity paid
    for without buying value, so entry equity = E0·M0 − D0 + costs.
    """
    e0, e1 = decimal(entry_ebitda, "entry_ebitda"), decimal(exit_ebitda, "exit_ebitda")
    m0, m1 = decimal(entry_multiple, "entry_multiple"), decimal(exit_multiple, "exit_multiple")
    d0, d1 = decimal(entry_net_debt, "entry_net_debt"), decimal(exit_net_debt, "exit_net_debt")
    spent = decimal(costs, "costs")
    growth, paydown = (e1 - e0) * m0, d0 - d1
    apart = cross_term == "separate"
    rerating = (m1 - m0) * (e0 if apart else e1)
    combined = (m1 - m0) * (e1 - e0) if apart else ZERO
    sales = margin = None
    if entry_revenue is not None and exit_revenue is not None:
        r0, r1 = decimal(entry_revenue, "entry_revenue"), decimal(exit_revenue, "exit_revenue")
        if r0 <= 0:
            raise KernelError(f"entry_revenue must be above zero, got {r0}")
        sales = (r1 - r0) * e0 * m0 / r0
        margin = growth - sales
    entry, leaving = e0 * m0 - d0 + spent, e1 * m1 - d1
    gain = growth + rerating + combined + paydown - spent
    parts = (
        Step("EBITDA growth", "(E1 − E0)·M0", growth),
        Step("multiple", "(M1 − M0)·E0" if apart else "(M1 − M0)·E1", rerating),
        Step("combined", "(M1 − M0)·(E1 − E0)" if apart else "in the multiple", combined),
        Step("deleveraging", "D0 − D1", paydown),
        Step("costs", "− fees", -spent),
        Step("total", "exit equity − entry equity", gain),
    )
    inputs = {"E0": e0, "M0": m0, "D0": d0, "E1": e1, "M1": m1, "D1": d1, "costs": spent}
    return ValueBridge(
        ebitda_growth=growth,
        revenue_growth=sales,
        margin=margin,
        multiple=rerating,
        combined=combined,
        deleveraging=paydown,
        costs=-spent,
        total=gain,
        entry_equity=entry,
        exit_equity=leaving,
        explain=Explain("Value creation bridge", inputs, parts),
    )
