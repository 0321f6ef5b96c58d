"""The debt schedule: interest, PIK, amortisation, revolver and cash sweep, period by period."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal, localcontext
from typing import Literal

from vestry.kernel.errors import KernelError
from vestry.kernel.exact import PRECISION, Number, decimal
from vestry.kernel.explain import Explain, Step
from vestry.kernel.guard import guarded
from vestry.kernel.lbo.funding import Tranche

ZERO = Decimal(0)
InterestOn = Literal["opening", "average"]
SweepBase = Literal["cash_above_minimum", "excess_cash_flow"]


@dataclass(frozen=True, slots=True)
class TrancheLine:
    """One tranche in one period: opening + drawn + pik − mandatory − sweep = closing; cash_interest is paid."""

    opening: Decimal
    cash_interest: Decimal
    pik: Decimal
    mandatory: Decimal
    sweep: Decimal
    drawn: Decimal
    closing: Decimal


@dataclass(frozen=True, slots=True)
class DebtPeriod:
    """One period. opening_cash + cash_flow − tax − cash_interest + interest_income + drawn − mandatory − sweep =
    closing_cash. shortfall: cash missing to the minimum after the revolver is exhausted (0 when funded). losses: tax
    losses carried out of the period. residual: the last change of any closing balance between two iterations of
    average-balance interest.
    """

    cash_flow: Decimal
    tax: Decimal
    interest_income: Decimal
    cash_interest: Decimal
    pik: Decimal
    mandatory: Decimal
    sweep: Decimal
    drawn: Decimal
    opening_cash: Decimal
    closing_cash: Decimal
    closing_debt: Decimal
    shortfall: Decimal
    losses: Decimal
    tranches: Mapping[str, TrancheLine]
    iterations: int
    residual: Decimal


@dataclass(frozen=True, slots=True)
class DebtSchedule:
    """All periods, with the usual columns as tuples."""

    periods: tuple[DebtPeriod, ...]
    explain: Explain

    @property
    def closing_debt(self) -> Decimal:
        """Debt at the end of the last period."""
        return self.periods[-1].closing_debt

    @property
    def closing_cash(self) -> Decimal:
        """Cash at the end of the last period."""
        return self.periods[-1].closing_cash

    @property
    def net_debt(self) -> Decimal:
        """Debt less cash at the end of the last period."""
        return self.closing_debt - self.closing_cash

    @property
    def is_funded(self) -> bool:
        """No period lacks cash."""
        return all(p.shortfall == 0 for p in self.periods)

    @property
    def residual(self) -> Decimal:
        """The largest residual of the average-balance iteration over all periods."""
        return max(p.residual for p in self.periods)

    def column(self, name: str, tranche: str | None = None) -> tuple[Decimal, ...]:
        """One figure over all periods, of all debt or of one tranche: column("sweep"), column("closing", "Senior")."""
        lines = [p if tranche is None else p.tranches[tranche] for p in self.periods]
        return tuple(getattr(line, name) for line in lines)


@dataclass(frozen=True, slots=True)
class _Rules:
    tranches: tuple[Tranche, ...]
    min_cash: Decimal
    average: bool
    whole_cash: bool
    tax_rate: Decimal
    cash_rate: Decimal
    deduct_pik: bool
    carry_losses: bool
    tolerance: Decimal


@guarded
def debt_schedule(
    tranches: Sequence[Tranche],
    cash_flows: Sequence[Number],
    *,
    opening_cash: Number = 0,
    min_cash: Number = 0,
    interest_on: InterestOn = "opening",
    sweep_base: SweepBase = "cash_above_minimum",
    ebit: Sequence[Number] | None = None,
    tax_rate: Number = 0,
    other_deductions: Sequence[Number] | None = None,
    pik_deductible: bool = True,
    carry_losses: bool = False,
    cash_interest_rate: Number = 0,
    tolerance: Number = "1e-12",
) -> DebtSchedule:
    """Run the debt through the periods.

    tranches: in order of seniority, the order in which they are swept. cash_flows: one per period, before debt service;
    after tax, unless `ebit` is given: then before tax, and the tax is max(0, EBIT − interest − other_deductions) ·
    tax_rate; `carry_losses` sets a tax loss off against later profits without limit. Each period:

      interest on the opening balance, or on the average of opening and closing (a fixed point, iterated until no
      closing balance moves by more than `tolerance`); PIK is added to principal;
      mandatory amortisation, a fraction of the original face, never more than what is owed;
      a revolver is drawn when cash would fall below `min_cash`, and repaid first;
      sweep: what is available is offered to each tranche in turn, which takes its `sweep` fraction of it. Available is
      opening cash + flow − interest − mandatory − min_cash ("cash_above_minimum"), or no more than the period's own
      excess ("excess_cash_flow").

    A period that cannot reach min_cash shows the shortfall instead of failing.
    """
    flows = [decimal(f, "cash_flows") for f in cash_flows]
    profits = None if ebit is None else [decimal(e, "ebit") for e in ebit]
    deductions = [decimal(x, "other_deductions") for x in other_deductions] if other_deductions else [ZERO] * len(flows)
    if not flows or (profits is not None and len(profits) != len(flows)) or len(deductions) != len(flows):
        raise KernelError(
            "cash_flows, ebit and other_deductions need one value for each period, and at least one period"
        )
    if interest_on not in ("opening", "average") or sweep_base not in ("cash_above_minimum", "excess_cash_flow"):
        raise KernelError(f"unknown interest_on {interest_on!r} or sweep_base {sweep_base!r}")
    if len({t.name for t in tranches}) != len(tranches):
        raise KernelError("tranche names must differ")
    rules = _Rules(
        tuple(tranches),
        decimal(min_cash, "min_cash"),
        interest_on == "average",
        sweep_base == "cash_above_minimum",
        decimal(tax_rate, "tax_rate"),
        decimal(cash_interest_rate, "cash_interest_rate"),
        pik_deductible,
        carry_losses,
        decimal(tolerance, "tolerance"),
    )
    cash = start = decimal(opening_cash, "opening_cash")
    balances = [t.amount for t in tranches]
    periods: list[DebtPeriod] = []
    with localcontext() as context:
        context.prec = PRECISION
        losses = ZERO
        for i, flow in enumerate(flows):
            taxable = None if profits is None else profits[i] - deductions[i] - losses
            period = _period(rules, i, balances, cash, flow, taxable)
            periods.append(period)
            losses = period.losses
            cash, balances = period.closing_cash, [line.closing for line in period.tranches.values()]
    steps = tuple(
        Step(f"debt at the end of period {i}", "opening + PIK + drawn − repaid", p.closing_debt)
        for i, p in enumerate(periods, 1)
    )
    inputs = {
        "interest on": interest_on,
        "sweep base": sweep_base,
        "minimum cash": rules.min_cash,
        "opening cash": start,
    }
    return DebtSchedule(tuple(periods), Explain("Debt schedule", inputs, steps))


def _period(
    rules: _Rules, index: int, balances: list[Decimal], cash: Decimal, flow: Decimal, taxable: Decimal | None
) -> DebtPeriod:
    closing, closing_cash = balances, cash
    for iteration in range(1, 501):
        made = _pass(rules, index, balances, cash, flow, taxable, closing, closing_cash)
        after = [line.closing for line in made.tranches.values()]
        moved = max(
            (abs(a - b) for a, b in zip([*after, made.closing_cash], [*closing, closing_cash], strict=True)),
            default=ZERO,
        )
        if not rules.average or moved <= rules.tolerance:
            return replace(made, iterations=iteration, residual=moved if rules.average else ZERO)
        closing, closing_cash = after, made.closing_cash
    raise KernelError(f"interest on average balances does not settle in period {index + 1}: still moving by {moved}")


def _pass(
    rules: _Rules,
    index: int,
    opening: list[Decimal],
    cash: Decimal,
    flow: Decimal,
    taxable: Decimal | None,
    guess: list[Decimal],
    guess_cash: Decimal,
) -> DebtPeriod:
    """One pass through a period, with interest on the opening balances or on the average with the guessed closing."""
    half = Decimal("0.5")
    bases = [(o + g) * half if rules.average else o for o, g in zip(opening, guess, strict=True)]
    paid = [b * _at(t.rates, index) for b, t in zip(bases, rules.tranches, strict=True)]
    pik = [b * _at(t.pik_rates, index) for b, t in zip(bases, rules.tranches, strict=True)]
    income = max(ZERO, (cash + guess_cash) * half if rules.average else cash) * rules.cash_rate
    interest = sum(paid, ZERO)
    tax = losses = ZERO
    if taxable is not None:
        deducted = interest + (sum(pik, ZERO) if rules.deduct_pik else ZERO)
        profit = taxable - deducted + income
        tax = max(ZERO, profit) * rules.tax_rate
        losses = max(ZERO, -profit) if rules.carry_losses else ZERO
    owed = [o + p for o, p in zip(opening, pik, strict=True)]
    due = [min(o, _at(t.amortisation, index) * t.amount) for o, t in zip(owed, rules.tranches, strict=True)]
    excess = flow - tax - interest + income - sum(due, ZERO)
    spare = cash + excess - rules.min_cash
    drawn = _draws(rules, opening, -spare)
    available = max(ZERO, spare if rules.whole_cash else min(spare, excess))
    swept = _sweeps(rules, [o - d for o, d in zip(owed, due, strict=True)], available)
    lines = {
        t.name: TrancheLine(o, i, p, d, s, w, o + p + w - d - s)
        for t, o, i, p, d, s, w in zip(rules.tranches, opening, paid, pik, due, swept, drawn, strict=True)
    }
    end = cash + excess + sum(drawn, ZERO) - sum(swept, ZERO)
    return DebtPeriod(
        cash_flow=flow,
        tax=tax,
        interest_income=income,
        cash_interest=interest,
        pik=sum(pik, ZERO),
        mandatory=sum(due, ZERO),
        sweep=sum(swept, ZERO),
        drawn=sum(drawn, ZERO),
        opening_cash=cash,
        closing_cash=end,
        closing_debt=sum((line.closing for line in lines.values()), ZERO),
        shortfall=max(ZERO, rules.min_cash - end),
        losses=losses,
        tranches=lines,
        iterations=1,
        residual=ZERO,
    )


def _draws(rules: _Rules, opening: list[Decimal], missing: Decimal) -> list[Decimal]:
    drawn = []
    for tranche, balance in zip(rules.tranches, opening, strict=True):
        room = ZERO if tranche.commitment is None else tranche.commitment - balance
        take = max(ZERO, min(room, missing))
        missing -= take
        drawn.append(take)
    return drawn


def _sweeps(rules: _Rules, owed: list[Decimal], available: Decimal) -> list[Decimal]:
    swept = [ZERO] * len(owed)
    order = sorted(range(len(owed)), key=lambda i: (rules.tranches[i].commitment is None, i))
    for i in order:
        swept[i] = min(owed[i], available * rules.tranches[i].sweep)
        available -= swept[i]
    return swept


def _at(values: tuple[Decimal, ...], index: int) -> Decimal:
    return values[min(index, len(values) - 1)]
