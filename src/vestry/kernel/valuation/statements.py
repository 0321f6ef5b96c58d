"""What one event does to the three statements: net income, cash, and a balance sheet that still balances."""

from dataclasses import dataclass
from decimal import Decimal

from vestry.kernel.errors import KernelError
from vestry.kernel.exact import Number, decimal
from vestry.kernel.explain import Explain, Step
from vestry.kernel.guard import guarded


@dataclass(frozen=True, slots=True)
class StatementEffects:
    """Changes, all Decimal; positive = the line rises.

    cash = operating + investing + financing. ppe: fixed assets; other_assets: receivables, inventory, prepaid
    expenses and written-down assets together; debt and other_liabilities (payables, deferred revenue); equity =
    net income + stock compensation + shares issued − dividends. check = assets − liabilities − equity, always 0.
    """

    pre_tax_income: Decimal
    tax: Decimal
    net_income: Decimal
    operating: Decimal
    investing: Decimal
    financing: Decimal
    cash: Decimal
    ppe: Decimal
    other_assets: Decimal
    debt: Decimal
    other_liabilities: Decimal
    equity: Decimal
    check: Decimal
    explain: Explain


@guarded
def statement_effects(
    *,
    tax_rate: Number,
    revenue: Number = 0,
    cash_expense: Number = 0,
    depreciation: Number = 0,
    write_down: Number = 0,
    stock_compensation: Number = 0,
    interest: Number = 0,
    pik_interest: Number = 0,
    gain_on_sale: Number = 0,
    sale_proceeds: Number = 0,
    receivables: Number = 0,
    inventory: Number = 0,
    prepaid: Number = 0,
    payables: Number = 0,
    deferred_revenue: Number = 0,
    capex: Number = 0,
    debt: Number = 0,
    shares_issued: Number = 0,
    dividends: Number = 0,
) -> StatementEffects:
    """Follow one event (or several) through the statements; every amount is a change, taxed at once at `tax_rate`.

    revenue, expenses: on the income statement. depreciation, write_down (of receivables, inventory, goodwill),
    stock_compensation, pik_interest: expenses without cash. receivables … deferred_revenue: increases beyond what the
    expenses imply. gain_on_sale with sale_proceeds: an asset sold for proceeds, its book value being the difference.
    debt, shares_issued: money raised (negative: repaid, bought back). All deductible, as in the standard exercise.
    """
    amount = {name: decimal(value, name) for name, value in list(locals().items())}
    rate = amount["tax_rate"]
    if not 0 <= rate <= 1:
        raise KernelError(f"tax_rate is a fraction between 0 and 1, got {rate}")
    noncash = amount["depreciation"] + amount["write_down"] + amount["stock_compensation"] + amount["pik_interest"]
    profit = amount["revenue"] + amount["gain_on_sale"] - amount["cash_expense"] - amount["interest"] - noncash
    tax = profit * rate
    net = profit - tax
    tied_up = amount["receivables"] + amount["inventory"] + amount["prepaid"]
    owed = amount["payables"] + amount["deferred_revenue"]
    operating = net + noncash - amount["gain_on_sale"] - tied_up + owed
    investing = amount["sale_proceeds"] - amount["capex"]
    financing = amount["debt"] + amount["shares_issued"] - amount["dividends"]
    cash = operating + investing + financing
    ppe = amount["capex"] - amount["depreciation"] - (amount["sale_proceeds"] - amount["gain_on_sale"])
    other = tied_up - amount["write_down"]
    borrowed = amount["debt"] + amount["pik_interest"]
    equity = net + amount["stock_compensation"] + amount["shares_issued"] - amount["dividends"]
    steps = (
        Step("net income", "(revenue + gains − expenses)·(1 − tax)", net),
        Step("cash from operations", "net income + non-cash − gains − working capital", operating),
        Step("cash from investing", "sale proceeds − capex", investing),
        Step("cash from financing", "debt + shares − dividends", financing),
        Step("assets", "cash + fixed + other", cash + ppe + other),
        Step("liabilities + equity", "debt + other liabilities + equity", borrowed + owed + equity),
    )
    return StatementEffects(
        pre_tax_income=profit,
        tax=tax,
        net_income=net,
        operating=operating,
        investing=investing,
        financing=financing,
        cash=cash,
        ppe=ppe,
        other_assets=other,
        debt=borrowed,
        other_liabilities=owed,
        equity=equity,
        check=cash + ppe + other - borrowed - owed - equity,
        explain=Explain("Three statements", {n: v for n, v in amount.items() if v}, steps),
    )
