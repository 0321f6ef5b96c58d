"""Option values, the option pricing method, scenarios and marketability discounts, against independent methods."""

import math
from decimal import Decimal, localcontext
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import QuantLib
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import norm

from vestry.kernel import captable, valuation
from vestry.kernel.errors import KernelError

GOLDEN: dict[str, dict[str, Any]] = {
    case["id"]: case for case in yaml.safe_load((Path(__file__).parent / "golden" / "valuation.yaml").read_text())
}


@pytest.mark.parametrize("name", ["BS-001", "BS-003"])
def test_published_options_have_their_published_prices(name: str) -> None:
    case = GOLDEN[name]
    i = case["inputs"]
    priced = valuation.black_scholes(i["S"], i["K"], i["r"], i["sigma"], i["T"])
    for side in ("call", "put"):
        assert getattr(priced, side) == pytest.approx(case["expected"][side], abs=case["tolerance"]["abs"])
        assert getattr(priced, side) == pytest.approx(case["recomputed"][side], rel=1e-11)


market = (st.floats(1, 1e4), st.floats(1, 1e4), st.floats(-0.02, 0.2), st.floats(0.05, 2), st.floats(0.05, 10))


@settings(max_examples=60, deadline=None)
@given(*market, st.floats(0, 0.1))
def test_quantlib_agrees_and_parity_holds(s: float, k: float, r: float, v: float, t: float, q: float) -> None:
    ours = valuation.black_scholes(s, k, r, v, t, q)
    forward, discount = s * math.exp((r - q) * t), math.exp(-r * t)
    for kind, value, delta in (
        (QuantLib.Option.Call, ours.call, ours.call_delta),
        (QuantLib.Option.Put, ours.put, ours.put_delta),
    ):
        theirs = QuantLib.BlackCalculator(QuantLib.PlainVanillaPayoff(kind, k), forward, v * math.sqrt(t), discount)
        assert value == pytest.approx(theirs.value(), rel=1e-9, abs=1e-9 * s)
        assert delta == pytest.approx(theirs.delta(s), abs=1e-9)
    assert ours.call - ours.put == pytest.approx(s * math.exp(-q * t) - k * discount, abs=1e-9 * (s + k))


def test_without_strike_time_or_volatility_the_option_is_its_intrinsic_value() -> None:
    assert valuation.black_scholes(10, 0, 0.05, 0.4, 2).call == 10
    assert valuation.black_scholes(10, 8, 0.05, 0.4, 0).call == 2
    assert valuation.black_scholes(10, 8, 0.0, 0, 1).put == 0
    assert valuation.black_scholes(0, 8, 0.0, 0.3, 1).put == 8
    assert any(line.startswith("d1 = ") for line in valuation.black_scholes(10, 8, 0.05, 0.4, 1).explain.lines())


@settings(max_examples=60, deadline=None)
@given(st.floats(0.5, 2), st.floats(0.05, 1.5), st.floats(0.1, 5))
def test_implied_volatility_undoes_the_formula(moneyness: float, v: float, t: float) -> None:
    price = valuation.black_scholes(100, 100 * moneyness, 0.03, v, t).call
    found = valuation.implied_volatility(price, 100, 100 * moneyness, 0.03, t)
    assert found is not None
    again = valuation.black_scholes(100, 100 * moneyness, 0.03, found, t).call
    assert again == pytest.approx(price, rel=1e-9, abs=1e-11)
    assert valuation.implied_volatility(101, 100, 100, 0.03, 1) is None


def test_published_asset_volatilities_are_met() -> None:
    case = GOLDEN["OPM-001"]
    for row, sigma, value in zip(
        case["inputs"]["rows"], case["expected"]["asset_vol"], case["expected"]["asset_value"], strict=True
    ):
        found = valuation.unlever_volatility(*row, term=1)
        assert found.volatility == pytest.approx(sigma, abs=case["tolerance"]["asset_vol"]["abs"])
        assert found.asset_value == pytest.approx(value, abs=case["tolerance"]["asset_value"]["abs"])
        assert found.residual < 1e-9
        again = valuation.relever_volatility(found.volatility, found.asset_value, row[1], row[3], 1)
        assert again == pytest.approx(row[2], rel=1e-9)


def test_net_cash_lowers_the_equity_volatility_seen() -> None:
    found = valuation.unlever_volatility(100, -20, 0.4, 0.03)
    assert (found.asset_value, found.volatility) == (80, 0.5)
    with pytest.raises(KernelError, match="net cash"):
        valuation.unlever_volatility(10, -20, 0.4, 0.03)


# --- option pricing method -----------------------------------------------------------------------------------------

TABLE = [
    captable.common(1_000),
    captable.preferred("A", 500, price=10, seniority=1),
    captable.preferred("B", 300, price=20, seniority=2, participating=True, cap=3),
    captable.option("options", 100, 2),
]
MARKET: dict[str, Any] = {"term": 3, "volatility": 0.7, "rate": 0.04}


def test_the_option_method_is_the_expected_payout_under_the_lognormal_law() -> None:
    """Independent method: payouts of the liquidation waterfall integrated over the risk-neutral distribution."""
    total, (t, v, r) = 25_000, (3, 0.7, 0.04)
    edges = np.linspace(-8, 8, 4001)
    middle, weight = (edges[1:] + edges[:-1]) / 2, np.diff(norm.cdf(edges))
    outcomes = total * np.exp((r - v * v / 2) * t + v * math.sqrt(t) * middle)
    expected = dict.fromkeys((c.name for c in TABLE), 0.0)
    for outcome, w in zip(outcomes, weight, strict=True):
        for name, paid in captable.liquidation_payouts(float(outcome), TABLE).exact.items():
            expected[name] += w * float(paid) * math.exp(-r * t)
    ours = valuation.opm(total, TABLE, **MARKET)
    for name, value in ours.values.items():
        assert value == pytest.approx(expected[name], rel=2e-4)


@settings(max_examples=60, deadline=None)
@given(st.floats(1, 1e6), st.floats(0.01, 8), st.floats(0.05, 2), st.floats(0, 0.2))
def test_class_values_sum_to_the_equity_value(total: float, term: float, volatility: float, rate: float) -> None:
    result = valuation.opm(total, TABLE, term=term, volatility=volatility, rate=rate)
    assert math.fsum(result.values.values()) == pytest.approx(total, rel=1e-12)
    assert min(result.values.values()) >= 0
    paying = valuation.opm(total, TABLE, term=term, volatility=volatility, rate=rate, dividend_yield=0.03)
    assert math.fsum(paying.values.values()) == pytest.approx(total * math.exp(-0.03 * term), rel=1e-12)


def test_without_volatility_the_option_method_pays_the_discounted_waterfall() -> None:
    ours = valuation.opm(25_000, TABLE, term=2, volatility=0, rate=0)
    for name, paid in captable.liquidation_payouts(25_000, TABLE).exact.items():
        assert ours.values[name] == pytest.approx(float(paid), abs=1e-9)


def test_known_breakpoints_can_be_given_with_weights_of_any_scale() -> None:
    derived = valuation.opm(25_000, TABLE, **MARKET)
    rows = [(t.start, {n: float(w) * 7 for n, w in t.shares.items()}) for t in captable.breakpoints(TABLE)]
    given_rows = valuation.opm(25_000, valuation.tranches_from(rows), **MARKET, shares={"A": 500})
    assert given_rows.values == pytest.approx(derived.values, rel=1e-9)
    assert given_rows.per_share["A"] == pytest.approx(derived.per_share["A"])
    assert given_rows.per_share["B"] is None


@settings(max_examples=60, deadline=None)
@given(st.floats(100, 1e6), st.sampled_from(["A", "B", "common", "options"]))
def test_the_backsolve_returns_the_equity_value_that_made_the_price(total: float, name: str) -> None:
    price = valuation.opm(total, TABLE, **MARKET).per_share[name]
    assert price is not None
    found = valuation.backsolve(name, price, TABLE, **MARKET)
    assert found.equity_value is not None
    assert found.allocation is not None
    assert found.explain.steps[0].value == found.equity_value
    assert found.allocation.per_share[name] == pytest.approx(price, rel=1e-9)
    assert found.equity_value == pytest.approx(total, rel=1e-6)


def test_a_price_no_equity_value_reaches_has_a_reason_and_no_value() -> None:
    rows = [(0, {"debt-like": 1}), (100, {"common": 1})]
    found = valuation.backsolve("debt-like", 150, valuation.tranches_from(rows), **MARKET)
    assert found.equity_value is None
    assert "does not reach" in (found.reason or "")


# --- scenarios -----------------------------------------------------------------------------------------------------


def test_scenarios_are_weighted_after_discounting() -> None:
    result = valuation.pwerm(
        [
            valuation.exit_scenario(
                "sale", 0.6, 20_000, [captable.common(100), captable.preferred("A", 100, price=50)], 2
            ),
            valuation.scenario("ipo", 0.3, {"common": 30_000, "A": 30_000}, 3),
            valuation.scenario("closed", 0.1, {}, 1),
        ],
        {"common": 0.3, "A": 0.2},
    )
    assert result.values["A"] == pytest.approx(0.6 * 10_000 / 1.44 + 0.3 * 30_000 / 1.728)
    assert result.values["common"] == pytest.approx(0.6 * 10_000 / 1.69 + 0.3 * 30_000 / 2.197)
    assert result.total == pytest.approx(sum(result.values.values()))


def test_a_hybrid_of_one_certain_option_model_is_that_model() -> None:
    model = valuation.opm(25_000, TABLE, **MARKET)
    assert valuation.hybrid([valuation.opm_scenario("stay private", 1, model)]).values == pytest.approx(model.values)
    mixed = valuation.hybrid(
        [
            valuation.opm_scenario("stay private", 0.75, model),
            valuation.exit_scenario("ipo", 0.25, 60_000, TABLE, 1, rate=0.25),
        ]
    )
    ipo = captable.liquidation_payouts(60_000, TABLE).exact
    assert mixed.values["A"] == pytest.approx(0.75 * model.values["A"] + 0.25 * float(ipo["A"]) / 1.25)


# --- marketability -------------------------------------------------------------------------------------------------


def test_the_reference_grid_of_discounts_is_met() -> None:
    case = GOLDEN["DLOM-001"]
    for key, expected in case["expected"].items():
        term, sigma = (float(x) for x in key.split("|"))
        made = {
            "chaffe_r4": valuation.chaffe(sigma, term, case["inputs"]["r"]),
            "finnerty": valuation.finnerty(sigma, term),
            "ghaidarov": valuation.ghaidarov(sigma, term),
        }
        for method, value in expected.items():
            assert made[method].discount == pytest.approx(value, abs=case["tolerance"]["abs"])


@settings(max_examples=60, deadline=None)
@given(st.floats(1e-4, 6), st.floats(0.01, 20))
def test_discounts_agree_with_the_formulas_at_sixty_digits(sigma: float, term: float) -> None:
    with localcontext() as context:
        context.prec = 60
        x = Decimal(sigma * sigma * term)
        log_middle = (2 * (x.exp() - x - 1)).ln()
        by_finnerty = x + log_middle - 2 * (x.exp() - 1).ln()
        by_ghaidarov = log_middle - 2 * x.ln()
    for made, v2 in ((valuation.finnerty(sigma, term), by_finnerty), (valuation.ghaidarov(sigma, term), by_ghaidarov)):
        assert made.ratio_deviation == pytest.approx(math.sqrt(float(v2)), rel=1e-8)
        assert made.discount == pytest.approx(2 * norm.cdf(math.sqrt(float(v2)) / 2) - 1, rel=1e-7)


def test_finnerty_saturates_and_ghaidarov_does_not() -> None:
    assert valuation.finnerty(40, 1).discount == pytest.approx(2 * norm.cdf(math.sqrt(math.log(2)) / 2) - 1)
    assert valuation.ghaidarov(40, 1).discount > 0.99
    assert [m.discount for m in (valuation.finnerty(0, 1), valuation.ghaidarov(0.5, 0), valuation.chaffe(0, 1, 0))] == [
        0
    ] * 3
    assert valuation.finnerty(0.5, 1, 0.1).discount == pytest.approx(
        valuation.finnerty(0.5, 1).discount * math.exp(-0.1)
    )
    assert valuation.finnerty(0.5, 1).apply(100) == pytest.approx(100 - 11.2381050891)


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: valuation.black_scholes(-1, 1, 0, 0.2, 1), "spot"),
        (lambda: valuation.unlever_volatility(0, 1, 0.2, 0), "above zero"),
        (lambda: valuation.opm(1, [], **MARKET), "not none"),
        (lambda: valuation.opm(-1, TABLE, **MARKET), "negative"),
        (lambda: valuation.tranches_from([(5, {"A": 1})]), "first breakpoint"),
        (lambda: valuation.tranches_from([(0, {"A": 1}), (9, {"A": 1}), (5, {"A": 1})]), "fall"),
        (lambda: valuation.tranches_from([(0, {"A": 0})]), "weights"),
        (lambda: valuation.backsolve("Z", 1, TABLE, **MARKET), "not among"),
        (lambda: valuation.backsolve("A", 0, TABLE, **MARKET), "above zero"),
        (lambda: valuation.pwerm([]), "at least one"),
        (lambda: valuation.pwerm([valuation.scenario("a", 0.5, {})]), "sum to 0.5"),
        (lambda: valuation.pwerm([valuation.scenario("a", 0.5, {})] * 2), "differ"),
        (lambda: valuation.pwerm([valuation.scenario("a", 1, {"x": 1}, 1)], {"y": 0}), "no discount rate"),
        (lambda: valuation.finnerty(-1, 1), "negative"),
    ],
)
def test_contradictory_input_is_refused_with_a_reason(call: Any, words: str) -> None:
    with pytest.raises(KernelError, match=words):
        call()
