"""Cash flows, cost of capital, comparables and the roll-forward."""

from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np
import numpy_financial as npf
import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from vestry.kernel import valuation
from vestry.kernel.errors import KernelError

GOLDEN: dict[str, dict[str, Any]] = {
    case["id"]: case for case in yaml.safe_load((Path(__file__).parent / "golden" / "valuation.yaml").read_text())
}
TECH = GOLDEN["DCF-001"]


def tech_flows() -> list[float]:
    i = TECH["inputs"]
    revenue = i["revenue0"] * np.cumprod(1 + np.array(i["growth"]))
    ebit = revenue * (i["ebitda_margin"] - i["da_pct"])
    flows = valuation.free_cash_flow(
        ebit, i["tax"], depreciation=revenue * i["da_pct"], capex=revenue * i["capex_pct"], increase_in_nwc=0
    )
    return [float(x) for x in flows]


def test_the_published_end_year_dcf_is_met() -> None:
    i, expected = TECH["inputs"], TECH["recomputed"]
    flows = tech_flows()
    result = valuation.dcf(flows, i["wacc"], growth=i["g"], net_debt=i["net_debt"], shares=i["shares_m"])
    assert flows == pytest.approx(expected["fcf"], rel=1e-12)
    assert result.terminal_value == pytest.approx(expected["tv"], rel=1e-12)
    assert result.enterprise_value == pytest.approx(expected["ev"], rel=1e-12)
    assert result.value_per_share == pytest.approx(expected["per_share"], rel=1e-12)
    assert result.enterprise_value == pytest.approx(TECH["published"]["ev"], rel=0.006)


def test_mid_year_timing_multiplies_by_half_a_year_of_growth() -> None:
    case = GOLDEN["DCF-003"]
    i = case["inputs"]
    result = valuation.dcf(i["fcf"], i["wacc"], growth=i["g"], mid_year=True)
    assert result.enterprise_value == pytest.approx(case["expected"]["ev_mid"], abs=case["tolerance"]["abs"])
    assert result.periods == (0.5, 1.5, 2.5, 3.5, 4.5)
    assert result.terminal_period == 4.5


def test_a_stub_shortens_the_first_year_and_moves_the_rest() -> None:
    end = valuation.dcf([10, 20, 20], 0.1, exit_multiple=8, exit_metric=30, stub=0.25)
    mid = valuation.dcf([10, 20, 20], 0.1, exit_multiple=8, exit_metric=30, stub=0.25, mid_year=True)
    assert end.periods == (0.25, 1.25, 2.25)
    assert mid.periods == (0.125, 0.75, 1.75)
    assert end.terminal_period == mid.terminal_period == 2.25
    by_hand = 10 / 1.1**0.125 + 20 / 1.1**0.75 + 20 / 1.1**1.75 + 240 / 1.1**2.25
    assert mid.enterprise_value == pytest.approx(by_hand, rel=1e-14)
    prorated = valuation.dcf([40, 20, 20], 0.1, exit_multiple=8, exit_metric=30, stub=0.25, prorate_stub=True)
    assert prorated.enterprise_value == pytest.approx(end.enterprise_value, rel=1e-14)


@pytest.mark.parametrize("mid_year", [False, True])
def test_multiple_and_growth_imply_each_other(mid_year: bool) -> None:
    gordon = valuation.dcf([100, 110], 0.12, growth=0.03, exit_metric=180, mid_year=mid_year)
    back = valuation.dcf([100, 110], 0.12, exit_multiple=gordon.implied_multiple, exit_metric=180, mid_year=mid_year)
    assert back.enterprise_value == pytest.approx(gordon.enterprise_value, rel=1e-13)
    assert back.implied_growth == pytest.approx(0.03, rel=1e-12)


def test_the_bridge_deducts_every_prior_claim_and_dilutes_by_the_treasury_method() -> None:
    result = valuation.dcf(
        [100],
        0.1,
        growth=0,
        debt=300,
        cash=50,
        preferred=40,
        minority_interest=10,
        associates=20,
        shares=100,
        options=[(10, 2), (10, 50)],
    )
    assert result.enterprise_value == pytest.approx(1000)
    assert result.equity_value == pytest.approx(720)
    assert result.value_per_share == pytest.approx((720 + 20) / 110)
    assert valuation.dcf([1], 0.1, growth=0, debt=1000, shares=5).value_per_share is None


flows = st.lists(st.floats(-1e6, 1e6, allow_subnormal=False), min_size=1, max_size=8)
rates = st.floats(0.02, 0.5)


@settings(max_examples=60, deadline=None)
@given(flows, rates, st.floats(-0.05, 0.01), st.floats(0.01, 1000), st.booleans(), st.floats(0.1, 1))
def test_a_dcf_is_homogeneous_and_agrees_with_plain_discounting(
    given_flows: list[float], rate: float, growth: float, scale: float, mid_year: bool, stub: float
) -> None:
    one = valuation.dcf(given_flows, rate, growth=growth, mid_year=mid_year, stub=stub)
    many = valuation.dcf([f * scale for f in given_flows], rate, growth=growth, mid_year=mid_year, stub=stub)
    size = 1e-9 * (1 + scale) * max(map(abs, given_flows)) * 500
    assert many.enterprise_value == pytest.approx(scale * one.enterprise_value, rel=1e-9, abs=size)
    assert one.pv_flows + one.pv_terminal == one.enterprise_value
    plain = valuation.dcf(given_flows, rate, growth=growth)
    assert plain.pv_flows == pytest.approx(npf.npv(rate, [0, *given_flows]), rel=1e-9, abs=1e-6)
    forever = [given_flows[-1] * (1 + growth) ** k for k in range(1, 1500)]
    assert plain.terminal_value == pytest.approx(npf.npv(rate, [0, *forever]), rel=1e-6, abs=1e-6)


def test_the_grid_holds_the_single_values() -> None:
    grid = valuation.dcf_grid([10, 11], [0.1, 0.12], [0.0, 0.02, 0.03], mid_year=True)
    assert grid.shape == (2, 3)
    assert grid[1, 2] == valuation.dcf([10, 11], 0.12, growth=0.03, mid_year=True).enterprise_value
    assert np.all(np.diff(grid, axis=1) > 0)
    assert np.all(np.diff(grid, axis=0) < 0)


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: valuation.dcf([1], 0.03, growth=0.03), "exceed"),
        (lambda: valuation.dcf([1], 0.1), "once"),
        (lambda: valuation.dcf([1], 0.1, growth=0, exit_multiple=3), "once"),
        (lambda: valuation.dcf([1], 0.1, exit_multiple=3), "exit_metric"),
        (lambda: valuation.dcf([], 0.1, growth=0), "one cash flow"),
        (lambda: valuation.dcf([1], -1, growth=-2), "above −1"),
        (lambda: valuation.dcf([1], 0.1, growth=0, stub=0), "stub"),
        (lambda: valuation.dcf([float("nan")], 0.1, growth=0), "finite"),
        (lambda: valuation.dcf(np.array([np.inf]), 0.1, growth=0), "finite"),
        (lambda: valuation.wacc(0.1, 0.05, equity=0, debt=0), "zero"),
        (lambda: valuation.unlever_beta(1, 1, 0), "above zero"),
        (lambda: valuation.comps({"a": 1}, {"b": 1}), "same peers"),
        (lambda: valuation.calendarize(1, 2, months_of_current=13), "between 0 and 12"),
        (lambda: valuation.calibrate_multiple(7, 0), "above zero"),
        (lambda: valuation.roll_forward(1, purchases=-1), "positive amount"),
        (lambda: valuation.total([]), "one roll-forward"),
    ],
)
def test_contradictory_input_is_refused_with_a_reason(call: Any, words: str) -> None:
    with pytest.raises(KernelError, match=words):
        call()


def test_capm_adds_its_premia() -> None:
    assert valuation.capm("0.04", 1.2, 0.05, size_premium=0.02, specific_premium="0.01") == pytest.approx(0.13)


def test_the_weighted_average_costs_add_up() -> None:
    result = valuation.wacc(0.12, 0.06, equity=600, debt=300, preferred=100, cost_of_preferred=0.08, tax_rate=0.25)
    assert result.rate == pytest.approx(0.6 * 0.12 + 0.3 * 0.045 + 0.1 * 0.08)
    assert result.equity_weight + result.debt_weight + result.preferred_weight == pytest.approx(1)
    built = valuation.wacc_from_beta(
        0.9, risk_free=0.03, equity_risk_premium=0.05, cost_of_debt=0.06, equity=70, debt=30, tax_rate=0.25
    )
    beta = 0.9 * (1 + 0.75 * 30 / 70)
    assert built.levered_beta == pytest.approx(beta)
    assert built.rate == pytest.approx(0.7 * (0.03 + beta * 0.05) + 0.3 * 0.045)


def test_weights_at_market_value_agree_with_the_value_they_lead_to() -> None:
    def equity(rate: float) -> valuation.Dcf:
        return valuation.dcf([100, 105, 110], rate, growth=0.02, debt=400)

    terms: dict[str, Any] = {"risk_free": 0.03, "equity_risk_premium": 0.055, "cost_of_debt": 0.06, "tax_rate": 0.25}
    found = valuation.circular_wacc(equity, 0.9, debt=400, **terms)
    assert found.wacc is not None
    assert found.equity_value is not None
    again = valuation.wacc_from_beta(0.9, equity=equity(found.wacc.rate).equity_value, debt=400, **terms)
    assert again.rate == pytest.approx(found.wacc.rate, rel=1e-12)
    assert abs(found.residual or 0) < 1e-8 * found.equity_value
    iterated = 500.0  # the spreadsheet's way: iterate until it stands still
    for _ in range(200):
        iterated = equity(valuation.wacc_from_beta(0.9, equity=iterated, debt=400, **terms).rate).equity_value
    assert found.equity_value == pytest.approx(iterated, rel=1e-10)
    sunk = valuation.circular_wacc(lambda rate: -1.0, 0.9, debt=400, **terms)
    assert sunk.wacc is None
    assert "no equity value" in (sunk.reason or "")


@settings(max_examples=60, deadline=None)
@given(st.floats(0.1, 3), st.floats(0, 5), st.floats(0, 0.5), st.floats(0, 0.5))
def test_relevering_undoes_unlevering(beta: float, leverage: float, tax: float, debt_beta: float) -> None:
    asset = valuation.unlever_beta(beta, leverage, 1, tax, debt_beta=debt_beta)
    assert valuation.relever_beta(asset, leverage, 1, tax, debt_beta=debt_beta) == pytest.approx(beta)
    assert asset == pytest.approx(beta) if leverage == 0 else True


def test_published_comparables_have_the_published_statistics() -> None:
    case = GOLDEN["COMP-001"]
    rows = case["inputs"]["ev_rev_ebitda_bn"]
    evs = {name: row[0] for name, row in rows.items()}
    for column, key in ((1, "ev_rev"), (2, "ev_ebitda")):
        result = valuation.comps(evs, {name: row[column] for name, row in rows.items()})
        assert list(result.multiples.values()) == pytest.approx(case["recomputed"][key], rel=1e-11)
        assert result.mean == pytest.approx(case["recomputed"]["mean"][column - 1], rel=1e-11)
        assert result.median == pytest.approx(case["recomputed"]["median"][column - 1], rel=1e-11)
        assert result.mean == pytest.approx(case["expected"]["mean"][column - 1], abs=case["tolerance"]["abs"])


def test_meaningless_multiples_are_named_and_left_out() -> None:
    result = valuation.comps([10, 20, 30, -5], [2, -1, None, 1])
    assert result.multiples == {"peer 1": 5}
    assert list(result.excluded) == ["peer 2", "peer 3", "peer 4"]
    assert result.harmonic_mean == 5
    nothing = valuation.comps([1], [0])
    assert (nothing.mean, nothing.median, nothing.low, nothing.harmonic_mean) == (None, None, None, None)


def test_enterprise_value_and_calendar_year_follow_their_definitions() -> None:
    assert valuation.enterprise_value(100, debt=30, preferred=5, minority_interest=2, cash=12, associates=4) == 121
    assert valuation.calendarize(120, 180, months_of_current=3) == 165


def test_an_entry_discount_is_carried_forward_relative_or_in_turns() -> None:
    case = GOLDEN["VAL-001"]
    result = valuation.calibrate_multiple(case["inputs"]["entry_multiple"], case["inputs"]["comps_at_entry"])
    assert result.discount_turns == case["expected"]["discount_turns"]
    assert result.discount == pytest.approx(case["recomputed"]["discount_pct"], rel=1e-12)
    assert result.multiple(9.5) == pytest.approx(7)
    assert result.multiple(11.4) == pytest.approx(8.4)
    assert result.multiple(11.4, "absolute") == pytest.approx(8.9)


def test_a_model_is_calibrated_to_the_price_paid() -> None:
    def model(rate: float) -> valuation.Dcf:
        return valuation.dcf([10, 12, 15], rate, growth=0.02)

    price = model(0.17).enterprise_value
    found = valuation.calibrate(model, price, low=0.05, high=0.6)
    assert found.value == pytest.approx(0.17, abs=1e-10)
    assert found.residual == pytest.approx(0, abs=1e-8)
    missing = valuation.calibrate(model, 1e9, low=0.05, high=0.6)
    assert missing.value is None
    assert "outside" in (missing.reason or "")


money = st.decimals(-(10**9), 10**9, places=2)
positive_money = st.decimals(0, 10**9, places=2)


@settings(max_examples=60, deadline=None)
@given(money, positive_money, positive_money, money, money, money)
def test_a_roll_forward_ties_to_the_cent(
    opening: Decimal, bought: Decimal, sold: Decimal, realised: Decimal, fx: Decimal, closing: Decimal
) -> None:
    roll = valuation.roll_forward(
        opening, purchases=bought, proceeds=sold, realised=realised, fx=fx, closing=closing, transfers_in=5
    )
    movements = roll.purchases - roll.proceeds + roll.realised + roll.unrealised + roll.fx + roll.transfers_in
    assert roll.opening + movements - roll.transfers_out == roll.closing == closing
    doubled = valuation.total([roll, roll])
    assert (doubled.closing, doubled.unrealised) == (2 * closing, 2 * roll.unrealised)
    with pytest.raises(valuation.RollForwardDoesNotTie, match="unexplained"):
        valuation.roll_forward(opening, unrealised=0, closing=opening + Decimal("0.01"))


def test_currency_and_price_effects_are_kept_apart() -> None:
    roll = valuation.translated_roll_forward(
        1000,
        1500,
        opening_rate="0.90",
        closing_rate="0.95",
        purchases=[(200, "0.92")],
        proceeds=[(100, "0.94")],
        realised=40,
    )
    assert (roll.opening, roll.closing) == (900, 1425)
    assert roll.fx == Decimal("50") + Decimal("6") - Decimal("1")
    assert (roll.realised, roll.unrealised) == (38, 342)
    still = valuation.translated_roll_forward(1000, 1000, opening_rate=1, closing_rate="1.1")
    assert (still.unrealised, still.fx) == (0, 100)
    assert [s.label for s in roll.explain.steps][-1] == "closing"


def test_ten_more_depreciation_runs_through_the_statements_as_published() -> None:
    case = GOLDEN["3S-001"]
    made = valuation.statement_effects(tax_rate=case["inputs"]["tax"], depreciation=case["inputs"]["depreciation"])
    got = {"ni": made.net_income, "cash": made.cash, "ppe": made.ppe, "equity": made.equity, "check": made.check}
    assert got == case["expected"]


def test_a_write_off_and_stock_compensation_save_tax_as_published() -> None:
    case = GOLDEN["3S-003"]
    i, expected = case["inputs"], case["expected"]
    written = valuation.statement_effects(tax_rate=i["tax"], write_down=i["bad_debt"])
    paid_in_shares = valuation.statement_effects(tax_rate=i["tax"], stock_compensation=i["sbc"])
    assert {"ni": written.net_income, "cash": written.cash} == expected["bad_debt"]
    assert {"ni": float(paid_in_shares.net_income), "cash": float(paid_in_shares.cash)} == expected["sbc"]
    assert written.check == paid_in_shares.check == 0


LINES = [
    "revenue",
    "cash_expense",
    "depreciation",
    "write_down",
    "stock_compensation",
    "interest",
    "pik_interest",
    "gain_on_sale",
    "sale_proceeds",
    "receivables",
    "inventory",
    "prepaid",
    "payables",
    "deferred_revenue",
    "capex",
    "debt",
    "shares_issued",
    "dividends",
]


@settings(max_examples=60, deadline=None)
@given(st.fixed_dictionaries({name: st.integers(-1000, 1000) for name in LINES}), st.integers(0, 100))
def test_the_balance_sheet_balances_after_any_event(event: dict[str, int], percent: int) -> None:
    made = valuation.statement_effects(tax_rate=Decimal(percent) / 100, **event)
    assert made.check == 0
    assert made.cash == made.operating + made.investing + made.financing


def test_figures_beyond_floats_are_refused_not_returned_as_infinity() -> None:
    for call in (
        lambda: valuation.dcf([1.0] * 400, -0.99, growth=-0.995),
        lambda: valuation.dcf([1e308, 1e308], 0.01, growth=0.0),
        lambda: valuation.pwerm([valuation.scenario("a", 1, {"x": 1}, 1000)], -0.999),
        lambda: valuation.black_scholes(1, 1, -1, 0.2, 1000),
        lambda: valuation.dcf([10**400], 0.1, growth=0),
        lambda: valuation.unlever_beta(1, 1, 1, 2),
    ):
        with pytest.raises(KernelError):
            call()
    assert valuation.comps([1e300], [1e-300]).excluded == {"peer 1": "metric is practically zero"}
