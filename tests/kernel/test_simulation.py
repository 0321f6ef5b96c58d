"""Simulation: published pacing, closed forms, a plain Python model beside, and the promise of the same bits."""

import math
import random
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import pyxirr
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from vestry.kernel import simulation
from vestry.kernel.errors import KernelError
from vestry.kernel.simulation import Company, Fund, Lognormal, Shock
from vestry.kernel.simulation.chunks import CHUNK

GOLDEN: dict[str, Any] = yaml.safe_load((Path(__file__).parent / "golden" / "simulation.yaml").read_text())
BASE: dict[str, Any] = GOLDEN["yale_base_case"]["inputs"]

fractions = st.floats(0, 1).map(lambda x: round(x, 4))
fund_terms = st.fixed_dictionaries(
    {
        "contribution_rates": st.lists(fractions, min_size=1, max_size=6),
        "life": st.integers(1, 15),
        "bow": st.floats(0, 5),
        "growth": st.floats(-0.5, 0.6),
        "yield_rate": fractions,
        "last_contribution_year": st.integers(0, 15),
    }
)


# --- pacing ---------------------------------------------------------------------------------------------------------


def test_the_published_pacing_of_an_eight_year_fund() -> None:
    case = GOLDEN["pacing"]
    pacing = simulation.takahashi_alexander(**case["inputs"])
    for name in ("contributions", "distributions", "nav"):
        assert np.allclose(getattr(pacing, name), case[name], rtol=0, atol=case["within"]), name


def test_yale_s_base_case_earns_its_growth_rate() -> None:
    pacing, expected = simulation.takahashi_alexander(**BASE), GOLDEN["yale_base_case"]["expected"]
    assert pacing.tvpi is not None
    assert abs(pacing.tvpi - expected["tvpi"]) < 1e-6
    assert abs(pacing.uncalled - expected["uncalled"]) < 1e-6
    assert pacing.nav[-1] == expected["nav"]
    irr = pyxirr.irr(pacing.net_flows)
    assert irr is not None
    assert abs(irr - expected["irr"]) < 1e-9


def test_yale_s_base_case_by_quarters_calls_the_same_by_year_ends_and_still_earns_its_growth() -> None:
    years = simulation.takahashi_alexander(**BASE)
    quarters = simulation.takahashi_alexander(**BASE, periods_per_year=4)
    assert np.allclose(np.cumsum(quarters.contributions)[3::4], np.cumsum(years.contributions))
    irr = pyxirr.irr(quarters.net_flows)
    assert irr is not None
    assert abs((1 + irr) ** 4 - 1.13) < 1e-9
    assert quarters.nav[-1] == 0
    faster = simulation.takahashi_alexander(**BASE, periods_per_year=4, distribution="per_period")
    assert sum(faster.nav) < sum(quarters.nav)


def test_quarterly_rates_are_converted_not_divided() -> None:
    pacing = simulation.takahashi_alexander(
        100, contribution_rates=[0.5], life=2, bow=1, growth=0.21, yield_rate=0.1, periods_per_year=2
    )
    half = 1 - 0.5**0.5
    assert math.isclose(pacing.contributions[0], 100 * half)
    assert math.isclose(pacing.growth[1], 100 * half * 0.1)
    assert math.isclose(pacing.distribution_rates[0], 1 - 0.75**0.5)


def test_growth_may_differ_by_year() -> None:
    pacing = simulation.takahashi_alexander(
        100, contribution_rates=[1.0], life=3, bow=9, growth=[0.5, 0.1, -0.2], last_contribution_year=1
    )
    assert math.isclose(pacing.growth[1], 10)
    assert math.isclose(pacing.growth[2], pacing.nav[1] * -0.2)


def test_a_running_fund_continues_where_it_stands() -> None:
    whole = simulation.takahashi_alexander(**BASE)
    inputs = {**BASE, "age": 3, "paid_in": sum(whole.contributions[:3]), "nav": whole.nav[2]}
    rest = simulation.takahashi_alexander(**inputs)
    assert np.allclose(rest.nav, whole.nav[3:], atol=1e-6)
    assert np.allclose(rest.distributions, whole.distributions[3:], atol=1e-6)
    assert np.allclose(rest.contributions, whole.contributions[3:], atol=1e-6)
    assert abs(rest.imbalance) < 1e-6


def test_nothing_committed_has_no_multiple() -> None:
    assert simulation.takahashi_alexander(**{**BASE, "commitment": 0}).tvpi is None


def test_pacing_explains_its_rates() -> None:
    told = simulation.takahashi_alexander(**BASE).explain()
    assert told["contribution_rates"] == [0.25, 1 / 3, *[0.5] * 6, *[0.0] * 4]
    assert "Takahashi" in str(told["source"])


@settings(max_examples=150, deadline=None)
@given(fund_terms, st.sampled_from([1, 4, 12]), st.sampled_from(["converted", "per_period"]))
def test_pacing_balances_ends_empty_and_never_exceeds_the_commitment(terms: Any, n: int, how: Any) -> None:
    pacing = simulation.takahashi_alexander(1000.0, **terms, periods_per_year=n, distribution=how)
    assert abs(pacing.imbalance) <= 1e-9 * max(1.0, *pacing.nav, sum(pacing.distributions))
    assert sum(pacing.contributions) + pacing.uncalled <= 1000 + 1e-9
    assert min(*pacing.contributions, *pacing.distributions, *pacing.nav, 0) >= 0
    assert math.isclose(pacing.nav[-1], pacing.contributions[-1])


@settings(max_examples=50, deadline=None)
@given(fund_terms, st.floats(0.01, 1e6))
def test_pacing_is_homogeneous_in_the_commitment(terms: Any, factor: float) -> None:
    one = simulation.takahashi_alexander(1.0, **terms)
    many = simulation.takahashi_alexander(factor, **terms)
    assert np.allclose(np.multiply(one.nav, factor), many.nav, rtol=1e-9)
    assert np.allclose(np.multiply(one.distributions, factor), many.distributions, rtol=1e-9)


def test_pacing_without_volatility_is_the_plain_pacing_on_every_path() -> None:
    plain = simulation.takahashi_alexander(**BASE, periods_per_year=4)
    paths = simulation.takahashi_alexander_paths(**BASE, periods_per_year=4, volatility=0, paths=3, seed=1)
    assert paths.contributions == plain.contributions
    assert np.allclose(paths.nav, plain.nav)
    assert np.allclose(paths.distributions, plain.distributions)


def test_random_pacing_keeps_its_mean_its_order_and_its_bits() -> None:
    plain = simulation.takahashi_alexander(**BASE)
    paths = simulation.takahashi_alexander_paths(**BASE, volatility=0.2, paths=20_000, seed=5)
    error = paths.nav.std(axis=0) / math.sqrt(20_000)
    assert (np.abs(paths.nav.mean(axis=0) - plain.nav) <= 4 * error + 1e-6).all()
    bands = paths.percentiles("nav")
    assert all(low <= middle <= high for low, middle, high in zip(bands[5], bands[50], bands[95], strict=True))
    again = simulation.takahashi_alexander_paths(**BASE, volatility=0.2, paths=20_000, seed=5)
    assert np.array_equal(again.distributions, paths.distributions)
    assert sum(paths.contributions) <= BASE["commitment"]
    assert set(paths.percentiles("distributions", [50])) == {50}


# --- lognormal ------------------------------------------------------------------------------------------------------


def test_hull_s_interval_for_a_price_in_half_a_year() -> None:
    case = GOLDEN["lognormal"][0]
    assert np.allclose(Lognormal(**case["inputs"]).interval(), case["interval"], rtol=0, atol=case["within"])


def test_lognormal_moments_in_closed_form_and_by_simulation() -> None:
    case = GOLDEN["lognormal"][1]
    law = Lognormal(**case["inputs"])
    assert abs(law.mean - case["mean"]) < 1e-9
    assert abs(law.deviation - case["deviation"]) < 1e-9
    draws = law.sample(200_000, seed=1)
    assert math.isclose(draws.mean(), case["mean"], rel_tol=0.01)
    for level, value in case["quantiles"].items():
        assert abs(law.quantile(level) - value) < 1e-9
        assert math.isclose(float(np.quantile(draws, level)), value, rel_tol=0.02)
    assert np.array_equal(draws, law.sample(200_000, seed=1))


def test_correlated_normals_have_the_correlation_asked_for() -> None:
    wanted = np.array([[1, 0.6, -0.3], [0.6, 1, 0.1], [-0.3, 0.1, 1]])
    draws = simulation.correlated_normals(wanted, 200_000, rng=np.random.default_rng(2))
    assert np.allclose(np.corrcoef(draws.T), wanted, atol=0.01)
    same = simulation.correlated_normals(np.ones((2, 2)), 100, rng=np.random.default_rng(2))
    assert np.allclose(same[:, 0], same[:, 1])


# --- Monte Carlo ----------------------------------------------------------------------------------------------------

MIXED = (
    Company(cost=10, drift=0.03, volatility=0.2, exit_hazard=0.05, failure_hazard=0.01, first_exit_quarter=4),
    Company(cost=10, drift=0.03, volatility=0.2, exit_hazard=0.05, failure_hazard=0.01, first_exit_quarter=4),
    Company(cost=5, drift=0.0, volatility=0.4, exit_hazard=0.1, failure_hazard=0.05, recovery=0.3, entry_quarter=3),
    Company(cost=20, drift=0.01, volatility=0.1, exit_hazard=0.0, failure_hazard=0.0, entry_quarter=7),
)
MATRIX = [[1, 0.5, 0.2, 0], [0.5, 1, 0.2, 0], [0.2, 0.2, 1, 0.4], [0, 0, 0.4, 1]]


def plain_paths(fund: Fund, paths: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """(distributions, NAV) quarter by quarter, company by company, in pure Python, values independent."""
    draw = random.Random(seed)
    paid, nav = np.zeros((paths, fund.quarters + 1)), np.zeros((paths, fund.quarters + 1))
    for path in range(paths):
        for company in fund.companies:
            value = company.cost
            nav[path, company.entry_quarter] += value
            for quarter in range(company.entry_quarter + 1, fund.quarters + 1):
                shift = company.drift - company.volatility**2 / 2
                value *= math.exp(shift + company.volatility * draw.gauss(0, 1))
                chance = draw.random()
                if chance < company.failure_hazard:
                    paid[path, quarter] += company.recovery * company.cost
                    break
                held = quarter - company.entry_quarter
                if held >= company.first_exit_quarter and chance < company.failure_hazard + company.exit_hazard:
                    paid[path, quarter] += value
                    break
                nav[path, quarter] += value
    return paid, nav


def within(mean: float, other: float, *errors: float) -> bool:
    return abs(mean - other) <= 4 * math.sqrt(sum(error**2 for error in errors)) + 1e-9


@pytest.mark.parametrize("correlation", [0.0, 0.4, MATRIX], ids=["independent", "one factor", "matrix"])
def test_both_forms_meet_the_analytic_mean_whatever_the_correlation(correlation: Any) -> None:
    fund = Fund(MIXED, 12, correlation)
    ends = simulation.terminal_values(fund, paths=60_000, seed=3)
    walked = simulation.fund_paths(fund, paths=60_000, seed=4)
    assert ends.standard_error is not None
    assert abs(ends.mean - fund.analytic_mean) < 3 * ends.standard_error
    error = float(walked.terminal.std()) / math.sqrt(60_000)
    assert abs(walked.terminal.mean() - fund.analytic_mean) < 3 * error
    assert stats.ks_2samp(ends.values, walked.terminal).pvalue > 0.001


def test_paths_agree_with_the_plain_model_in_every_quarter() -> None:
    fund = Fund(MIXED, 12)
    paid, nav = plain_paths(fund, 6_000, 9)
    run = simulation.fund_paths(fund, paths=40_000, seed=2)
    for ours, theirs in ((run.distributions, paid), (run.nav, nav)):
        for quarter in range(13):
            assert within(
                float(ours[:, quarter].mean()), float(theirs[:, quarter].mean()),
                float(ours[:, quarter].std()) / 200, float(theirs[:, quarter].std()) / math.sqrt(6_000),
            ), quarter  # fmt: skip
    assert stats.ks_2samp(run.terminal, paid.sum(axis=1) + nav[:, -1]).pvalue > 0.001


@pytest.mark.parametrize(("correlation", "pairs"), [(0.0, 0.0), (0.5, 0.5), ([[1, 0.3], [0.3, 1]], 0.3), (1.0, 1.0)])
@pytest.mark.parametrize("form", ["terminal", "paths"])
def test_the_spread_of_two_held_companies_is_that_of_correlated_lognormals(
    correlation: Any, pairs: float, form: str
) -> None:
    # Var = Σ_ij c_i c_j e^{2μT} (e^{ρ_ij σ² T} − 1), when nothing ends before the horizon.
    one = Company(cost=1, drift=0.01, volatility=0.1, exit_hazard=0, failure_hazard=0)
    fund = Fund([one, one], 16, correlation)
    if form == "terminal":
        values = simulation.terminal_values(fund, paths=80_000, seed=6).values
    else:
        values = simulation.fund_paths(fund, paths=80_000, seed=6).terminal
    variance = 2 * math.exp(0.32) * (math.expm1(0.16) + math.expm1(0.16 * pairs))
    assert math.isclose(float(values.var()), variance, rel_tol=0.04)
    assert math.isclose(fund.analytic_mean, 2 * math.exp(0.16))


def test_different_entries_share_the_market_of_their_common_quarters() -> None:
    early = Company(cost=1, drift=0, volatility=0.2, exit_hazard=0, failure_hazard=0)
    late = Company(cost=1, drift=0, volatility=0.2, exit_hazard=0, failure_hazard=0, entry_quarter=4)
    values = simulation.terminal_values(Fund([early, late], 8, 1.0), paths=80_000, seed=8).values
    # Both move together in quarters 5 to 8 only: covariance of the logs 4 σ².
    variance = math.expm1(8 * 0.04) + math.expm1(4 * 0.04) + 2 * math.expm1(4 * 0.04)
    assert math.isclose(float(values.var()), variance, rel_tol=0.05)


@pytest.mark.parametrize("correlation", [0.0, 0.4, MATRIX], ids=["independent", "one factor", "matrix"])
def test_the_same_seed_gives_the_same_bits_on_any_number_of_threads(correlation: Any) -> None:
    fund, paths = Fund(MIXED, 12, correlation), 2 * CHUNK + 5
    ends = [simulation.terminal_values(fund, paths=paths, seed=1, workers=n).values for n in (1, 2, 3)]
    walked = [simulation.fund_paths(fund, paths=paths, seed=1, workers=n) for n in (1, 2, 3)]
    assert all(np.array_equal(ends[0], other) for other in ends)
    assert all(np.array_equal(walked[0].nav, other.nav) for other in walked)
    assert all(np.array_equal(walked[0].distributions, other.distributions) for other in walked)
    fewer = simulation.fund_paths(fund, paths=CHUNK + 3, seed=1)
    assert np.array_equal(fewer.nav, walked[0].nav[: CHUNK + 3])
    assert np.array_equal(simulation.terminal_values(fund, paths=7, seed=1).values, ends[0][:7])
    assert not np.array_equal(simulation.terminal_values(fund, paths=7, seed=2).values, ends[0][:7])


def test_a_fund_without_chance_is_arithmetic() -> None:
    sure = Company(cost=100, drift=0.05, volatility=0, exit_hazard=1, failure_hazard=0, first_exit_quarter=3)
    run = simulation.fund_paths(Fund([sure, sure], 5), paths=4, seed=0)
    assert np.allclose(run.nav, [[200 * math.exp(0.05 * t) if t < 3 else 0 for t in range(6)]] * 4, rtol=1e-6)
    assert np.allclose(run.distributions[:, 3], 200 * math.exp(0.15), rtol=1e-6)
    assert np.count_nonzero(run.distributions) == 4
    assert run.calls == (200, 0, 0, 0, 0, 0)
    flows = run.net_flows(0)
    assert flows[0] == -200
    assert math.isclose(sum(flows), 200 * math.expm1(0.15), rel_tol=1e-5)
    ends = simulation.terminal_values(Fund([sure, sure], 5), paths=4, seed=0)
    assert np.allclose(ends.values, 200 * math.exp(0.15), rtol=1e-6)


def test_a_certain_failure_returns_the_recovery() -> None:
    doomed = Company(cost=100, failure_hazard=1, exit_hazard=0, recovery=0.25)
    fund = Fund([doomed], 5)
    assert fund.analytic_mean == 25
    assert np.allclose(simulation.terminal_values(fund, paths=3, seed=0).values, 25)
    assert np.allclose(simulation.fund_paths(fund, paths=3, seed=0).distributions[:, 1], 25)


def test_percentiles_are_ordered_in_every_quarter_and_results_are_read_only() -> None:
    run = simulation.fund_paths(Fund(MIXED, 12, 0.3), paths=3000, seed=1)
    for what in ("nav", "distributions", "cumulative_distributions"):
        bands = run.percentiles(what, [5, 50, 95])  # type: ignore[arg-type]
        assert all(low <= middle <= high for low, middle, high in zip(*bands.values(), strict=True))
    assert (run.nav >= 0).all()
    assert (run.distributions >= 0).all()
    with pytest.raises(ValueError, match="read-only"):
        run.nav[0, 0] = 1
    ends = simulation.terminal_values(Fund(MIXED, 12), paths=3000, seed=1)
    levels = ends.percentiles()
    assert list(levels.values()) == sorted(levels.values())
    assert ends.probability_below(0) == 0
    assert ends.probability_below(1e9) == 1
    assert math.isclose(float(ends.multiples.mean()) * 45, ends.mean)
    with pytest.raises(ValueError, match="read-only"):
        ends.values[0] = 1


def test_runs_explain_how_they_were_made() -> None:
    fund = Fund(MIXED, 12)
    assert simulation.terminal_values(fund, paths=1, seed=4).explain()["standard_error"] is None
    told = simulation.fund_paths(fund, paths=10, seed=4).explain()
    assert (told["seed"], told["paths"], told["chunk"]) == (4, 10, CHUNK)


def test_values_are_homogeneous_in_the_costs() -> None:
    double = [Company(2 * c.cost, c.drift, c.volatility, c.exit_hazard, c.failure_hazard, c.first_exit_quarter,
                      c.entry_quarter, c.recovery) for c in MIXED]  # fmt: skip
    one = simulation.terminal_values(Fund(MIXED, 12), paths=500, seed=1).values
    assert np.allclose(simulation.terminal_values(Fund(double, 12), paths=500, seed=1).values, 2 * one, rtol=1e-6)


# --- stress ---------------------------------------------------------------------------------------------------------

EXIT = {"revenue": 80.0, "margin": 0.25, "multiple": 10.0, "net_debt": 60.0, "fx": 0.9, "years": 4.0}


def present_value(case: Mapping[str, float]) -> float:
    """Equity at exit in base currency, discounted at 15 %."""
    equity = max(0.0, case["revenue"] * case["margin"] * case["multiple"] - case["net_debt"])
    return equity * case["fx"] / 1.15 ** case["years"]


def test_each_shock_is_recomputed_from_the_base_inputs() -> None:
    results = simulation.stress(
        present_value,
        EXIT,
        [Shock("multiple −20 %", {"multiple": -0.2}), Shock("margin −5 points", absolute={"margin": -0.05}),
         Shock("two years late", absolute={"years": 2.0}), Shock("none", {"fx": 0.0}, {"years": 0.0})],
    )  # fmt: skip
    base = 140 * 0.9 / 1.15**4
    assert [round(result.value / base, 6) for result in results] == [
        round(100 / 140, 6), round(100 / 140, 6), round(1 / 1.15**2, 6), 1,
    ]  # fmt: skip
    assert results[-1].value == results[-1].base
    assert results[-1].change == 0
    assert results[-1].inputs == EXIT


@given(st.dictionaries(st.sampled_from(sorted(EXIT)), st.just(0.0)), st.floats(0, 10))
def test_a_zero_shock_is_the_base_case_to_the_bit(zero: dict[str, float], size: float) -> None:
    (result,) = simulation.stress(present_value, EXIT, [Shock("zero", zero, zero).scaled(size)])
    assert result.value == present_value(EXIT)
    assert result.change == 0


def test_reverse_stress_finds_the_smallest_shock_that_reaches_the_limit() -> None:
    # Value falls to half when equity falls from 140 to 70: multiple 6.5, so −35 %.
    base = present_value(EXIT)
    found = simulation.reverse_stress_shock(present_value, EXIT, Shock("m", {"multiple": -1.0}), limit=base / 2)
    assert found.status == "found"
    assert found.size is not None
    assert abs(found.size - 0.35) < 1e-9
    assert found.value <= base / 2
    assert found.explain()["status"] == "found"
    assert found.gap < 1e-9


def test_reverse_stress_takes_the_first_crossing_of_a_measure_that_turns_back() -> None:
    found = simulation.reverse_stress(lambda size: math.cos(size), limit=0, largest=20)
    assert found.size is not None
    assert abs(found.size - math.pi / 2) < 1e-9


def test_reverse_stress_rises_to_a_limit_above_and_walks_downward() -> None:
    up = simulation.reverse_stress(lambda size: 1 + size**2, limit=5, largest=-10)
    assert up.size is not None
    assert abs(up.size + 2) < 1e-9
    assert up.value >= 5


def test_reverse_stress_says_when_a_limit_is_out_of_reach_or_already_met() -> None:
    never = simulation.reverse_stress(lambda size: 10 - size, limit=0, largest=5)
    assert (never.size, never.status, never.value) == (None, "not_reached", 5)
    now = simulation.reverse_stress(lambda size: 10 - size, limit=10, largest=5)
    assert (now.size, now.status) == (0.0, "already_reached")


@settings(deadline=None)
@given(st.floats(0.01, 0.99), st.floats(0.1, 5))
def test_just_below_the_reverse_stress_the_limit_is_not_reached(limit: float, slope: float) -> None:
    found = simulation.reverse_stress(lambda size: math.exp(-slope * size), limit=limit, largest=100)
    assert found.size is not None
    assert math.exp(-slope * found.size) <= limit
    assert math.exp(-slope * found.size * (1 - 1e-9)) > limit
    assert math.isclose(found.size, -math.log(limit) / slope, rel_tol=1e-9, abs_tol=1e-11)


# --- refused --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "make",
    [
        lambda: simulation.takahashi_alexander(**{**BASE, "contribution_rates": [1.2]}),
        lambda: simulation.takahashi_alexander(**{**BASE, "contribution_rates": []}),
        lambda: simulation.takahashi_alexander(**{**BASE, "life": 0}),
        lambda: simulation.takahashi_alexander(**{**BASE, "bow": -1}),
        lambda: simulation.takahashi_alexander(**{**BASE, "growth": -1}),
        lambda: simulation.takahashi_alexander(**{**BASE, "growth": [0.1, 0.2]}),
        lambda: simulation.takahashi_alexander(**{**BASE, "commitment": -1}),
        lambda: simulation.takahashi_alexander(**BASE, paid_in=1e9),
        lambda: simulation.takahashi_alexander(**BASE, age=12),
        lambda: simulation.takahashi_alexander(**BASE, yield_rate=-0.1),
        lambda: simulation.takahashi_alexander(**BASE, distribution="slow"),  # type: ignore[arg-type]
        lambda: simulation.takahashi_alexander_paths(**BASE, volatility=-1, paths=1, seed=1),
        lambda: simulation.takahashi_alexander_paths(**BASE, volatility=0.1, paths=0, seed=1),
        lambda: Lognormal(0, 0.1, 0.2, 1),
        lambda: Lognormal(1, math.inf, 0.2, 1),
        lambda: Lognormal(1, 0.1, 0.2, 1).quantile(1),
        lambda: Lognormal(1, 0.1, 0.2, 1).sample(0, seed=1),
        lambda: Company(cost=0),
        lambda: Company(drift=math.nan),
        lambda: Company(exit_hazard=0.7, failure_hazard=0.4),
        lambda: Company(first_exit_quarter=0),
        lambda: Fund([], 4),
        lambda: Fund([Company()], 0),
        lambda: Fund([Company(entry_quarter=4)], 4),
        lambda: Fund([Company()], 4, -0.1),
        lambda: Fund([Company()] * 2, 4, [[1.0]]),
        lambda: Fund([Company()] * 2, 4, [[1, 2], [2, 1]]),
        lambda: Fund([Company()] * 2, 4, [[1, 0.2], [0.3, 1]]),
        lambda: Fund([Company()] * 2, 4, [[2, 0.2], [0.2, 1]]),
        lambda: simulation.correlated_normals([1.0], 3, rng=np.random.default_rng(1)),
        lambda: simulation.terminal_values(Fund([Company()], 4), paths=0, seed=1),
        lambda: simulation.terminal_values(Fund([Company()], 4), paths=1, seed=-1),
        lambda: simulation.fund_paths(Fund([Company()], 4), paths=1, seed=1, workers=0),
        lambda: simulation.fund_paths(Fund([Company()], 4), paths=1, seed=1).percentiles("cash"),  # type: ignore[arg-type]
        lambda: simulation.stress(present_value, EXIT, [Shock("x", {"price": 0.1})]),
        lambda: simulation.stress(lambda _: math.nan, EXIT, []),
        lambda: simulation.reverse_stress(lambda size: size, limit=1, largest=0),
        lambda: simulation.reverse_stress(lambda size: size, limit=math.nan, largest=1),
    ],
)
def test_bad_input_is_refused(make: Callable[[], object]) -> None:
    with pytest.raises(KernelError):
        make()
