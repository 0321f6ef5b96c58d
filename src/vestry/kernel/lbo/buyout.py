"""The whole buyout: closing, operating case, debt schedule, exit and value bridge in one call."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from vestry.kernel.errors import KernelError
from vestry.kernel.exact import Number, decimal
from vestry.kernel.guard import guarded
from vestry.kernel.lbo.debt import DebtSchedule, InterestOn, SweepBase, debt_schedule
from vestry.kernel.lbo.exit import ExitReturns, ValueBridge, exit_returns, value_bridge
from vestry.kernel.lbo.funding import SourcesAndUses, Tranche, sources_and_uses
from vestry.kernel.lbo.operating import OperatingCase


@dataclass(frozen=True, slots=True)
class Buyout:
    """The pieces of the model; each carries its own `explain`."""

    funding: SourcesAndUses
    case: OperatingCase
    schedule: DebtSchedule
    exit: ExitReturns
    bridge: ValueBridge


@guarded
def buyout(
    case: OperatingCase,
    tranches: Sequence[Tranche],
    *,
    entry_multiple: Number,
    exit_multiple: Number,
    existing_debt: Number = 0,
    existing_cash: Number = 0,
    cash_used: Number = 0,
    cash_to_balance_sheet: Number = 0,
    rollover: Number = 0,
    transaction_fee: Number = 0,
    transaction_costs: Number = 0,
    min_cash: Number = 0,
    interest_on: InterestOn = "opening",
    sweep_base: SweepBase = "cash_above_minimum",
    interest_tax_shield: bool = True,
    fee_amortisation_years: int | None = None,
    cash_interest_rate: Number = 0,
    sponsor_share: Number | None = None,
    exit_costs: Number = 0,
    closing_on: date | str | None = None,
    exit_on: date | str | None = None,
) -> Buyout:
    """Buy at entry_multiple × the case's opening EBITDA, hold for the case's years, sell at exit_multiple.

    interest_tax_shield: tax profit after interest (the default) or EBIT. sponsor_share: of the exit equity; left out,
    the sponsor's part of all equity invested. fee_amortisation_years: financing fees and issue discount are deducted
    from taxable profit in equal parts over so many years (None: not deducted). Dates, when given, set the holding
    period (Act/365) instead of the number of years. The bridge is that of all equity holders together.
    """
    funding = sources_and_uses(
        tranches,
        ebitda=case.opening_ebitda,
        entry_multiple=entry_multiple,
        existing_debt=existing_debt,
        existing_cash=existing_cash,
        cash_used=cash_used,
        cash_to_balance_sheet=cash_to_balance_sheet,
        rollover=rollover,
        transaction_fee=transaction_fee,
        transaction_costs=transaction_costs,
    )
    schedule = debt_schedule(
        tranches,
        case.cash_flow_before_tax if interest_tax_shield else case.free_cash_flow,
        opening_cash=funding.cash_at_close,
        min_cash=min_cash,
        interest_on=interest_on,
        sweep_base=sweep_base,
        ebit=case.ebit if interest_tax_shield else None,
        tax_rate=case.tax_rate if interest_tax_shield else 0,
        other_deductions=_amortised(funding, len(case.ebit), fee_amortisation_years),
        cash_interest_rate=cash_interest_rate,
    )
    dated = closing_on is not None and exit_on is not None
    sold = exit_returns(
        case.ebitda[-1],
        exit_multiple,
        schedule.net_debt,
        funding.sponsor_equity,
        years=None if dated else len(case.ebitda),
        closing_on=closing_on,
        exit_on=exit_on,
        sponsor_share=_share(funding) if sponsor_share is None else sponsor_share,
        exit_costs=exit_costs,
    )
    bridge = value_bridge(
        entry_ebitda=case.opening_ebitda,
        entry_multiple=entry_multiple,
        entry_net_debt=funding.new_debt - funding.cash_at_close,
        exit_ebitda=case.ebitda[-1],
        exit_multiple=exit_multiple,
        exit_net_debt=schedule.net_debt + decimal(exit_costs),
        costs=funding.fees,
        entry_revenue=case.opening_revenue,
        exit_revenue=case.revenue[-1],
    )
    return Buyout(funding, case, schedule, sold, bridge)


def _amortised(funding: SourcesAndUses, years: int, over: int | None) -> list[Decimal] | None:
    if over is None:
        return None
    if over < 1:
        raise KernelError(f"fee_amortisation_years must be at least one, got {over}")
    yearly = (funding.financing_fees + funding.issue_discount) / over
    return [yearly if i < over else Decimal(0) for i in range(years)]


def _share(funding: SourcesAndUses) -> Decimal:
    equity = funding.sponsor_equity + funding.rollover
    return funding.sponsor_equity / equity if equity else Decimal(1)
