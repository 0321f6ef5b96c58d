"""Risk: published figures, undefined figures with their reason, SciPy beside, and properties."""

import csv
import math
from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import yaml
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from scipy import stats
from tests.real_data import real_data

from vestry.kernel import risk
from vestry.kernel.errors import KernelError

GOLDEN: dict[str, Any] = yaml.safe_load((Path(__file__).parent / "golden" / "risk.yaml").read_text())
BACON = GOLDEN["bacon"]

returns_lists = st.lists(st.floats(-0.6, 0.9).map(lambda x: round(x, 4)), min_size=3, max_size=40)


def computed(name: str, *series: Any, **options: Any) -> float:
    figure: risk.Figure = getattr(risk, name)(*series, **options)
    assert figure.value is not None, figure.reason
    return figure.value


# --- published cases ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("case", BACON["cases"], ids=lambda case: case["figure"])
def test_the_figures_of_bacon_s_portfolio(case: dict[str, Any]) -> None:
    assert (
        abs(computed(case["figure"], BACON["portfolio"], **case.get("with", {})) - case["expected"]) <= case["within"]
    )


@pytest.mark.parametrize("case", BACON["against_benchmark"], ids=lambda case: case["figure"])
def test_the_figures_of_bacon_s_portfolio_against_its_benchmark(case: dict[str, Any]) -> None:
    value = computed(case["figure"], BACON["portfolio"], BACON["benchmark"], **case.get("with", {}))
    assert abs(value - case["expected"]) <= case["within"]


def test_bacon_s_portfolio_file_gives_the_same_figures() -> None:
    with real_data("domain_truth/portfolio_bacon.csv").open() as file:
        rows = [[float(cell) for cell in row[1:]] for row in list(csv.reader(file))[1:]]
    own, other = zip(*rows, strict=True)
    assert list(own) == BACON["portfolio"]
    assert computed("m_squared", own, other, periods_per_year=12) == computed(
        "m_squared", BACON["portfolio"], BACON["benchmark"], periods_per_year=12
    )


@pytest.mark.parametrize("case", GOLDEN["empyrical"]["cases"], ids=lambda case: case["figure"])
def test_a_daily_series_with_a_missing_first_day(case: dict[str, Any]) -> None:
    value = computed(case["figure"], GOLDEN["empyrical"]["returns"], **case.get("with", {}))
    assert abs(value - case["expected"]) <= 1e-9


def test_volatility_of_logarithms_and_its_part_below_the_mean() -> None:
    case = GOLDEN["of_logarithms"]
    for name in ("volatility", "semi_deviation"):
        value = computed(name, case["returns"], periods_per_year=6, log_returns=True)
        assert abs(value - case[name]) <= 1e-10
    assert computed("semi_deviation", [0.1] * 20) == 0
    assert math.isclose(computed("semi_deviation", [0.1, 0.3], population=True), 0.005**0.5)


def test_burke_sums_or_compounds_runs_of_losses() -> None:
    returns = [-0.1, 0.2, -0.1, -0.2]
    annual = computed("annual_return", returns, periods_per_year=4)
    assert math.isclose(computed("burke", returns, periods_per_year=4), annual / 0.1**0.5)
    compound = computed("burke", returns, periods_per_year=4, depth="compound", risk_free=0.01)
    assert math.isclose(compound, (annual - 0.01) / (0.01 + 0.28**2) ** 0.5)


def test_calmar_divides_the_annual_return_by_the_depth() -> None:
    returns = GOLDEN["empyrical"]["returns"]
    annual = computed("annual_return", returns, periods_per_year=252)
    assert math.isclose(computed("calmar", returns, periods_per_year=252), annual / 0.1)


def test_max_drawdown_of_an_all_negative_series_is_its_compound_loss() -> None:
    case = GOLDEN["all_negative"]
    assert abs(computed("max_drawdown", case["returns"]) - case["max_drawdown"]) <= 5e-7
    assert math.isclose(computed("max_drawdown", case["returns"]), computed("cumulative_return", case["returns"]))


@pytest.mark.parametrize("case", GOLDEN["value_at_risk"]["cases"])
def test_historical_value_at_risk_interpolates_between_order_statistics(case: dict[str, Any]) -> None:
    assert abs(computed("value_at_risk", case["returns"], case["tail"]) - case["expected"]) <= 1e-9


@pytest.mark.parametrize("case", GOLDEN["accumulated"]["cases"])
def test_drawdown_of_accumulated_returns_may_exceed_the_whole(case: dict[str, Any]) -> None:
    values = [1 + value for value in case["returns"]]
    assert abs(computed("max_drawdown_of_values", values) + case["max_drawdown"]) <= 1e-9


def test_the_longest_recovery_runs_from_trough_to_peak() -> None:
    case = GOLDEN["recovery"]
    dates = [date.fromisoformat(case["start"]) + timedelta(day) for day in range(len(case["values"]))]
    fall = risk.longest_recovery(case["values"], dates)
    assert fall is not None
    assert str(fall.trough_on) == case["expected"]["trough_on"]
    assert str(fall.recovered_on) == case["expected"]["recovered_on"]
    assert abs(fall.depth + case["expected"]["max_drawdown"]) <= 1e-9
    assert (fall.recovery_days, fall.days, fall.peak) == (8, 10, 1)
    assert risk.worst_drawdown(case["values"], [str(day) for day in dates]) == fall


def test_concentration_of_four_firms() -> None:
    case = GOLDEN["concentration"]
    points = computed("hhi", case["shares"], scale=10_000)
    assert abs(points - case["points"]) <= 1e-9
    assert abs(computed("effective_number", case["shares"]) - case["effective_number"]) <= 1e-9
    assert risk.concentration_level(points) == "high"
    assert risk.concentration_level(1800) == risk.concentration_level(1000) == "moderate"
    assert risk.concentration_level(999) == "low"
    assert risk.concentration_level(1800, guidelines="2010") == "moderate"
    assert math.isclose(computed("largest_share", case["shares"], 2), 0.6)


# --- undefined, and refused -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("make", "reason"),
    [
        (lambda: risk.volatility([0.01]), "at least 2"),
        (lambda: risk.sharpe([0.01]), "at least 2"),
        (lambda: risk.semi_deviation([0.01]), "at least 2"),
        (lambda: risk.burke([0.01], periods_per_year=1), "no loss"),
        (lambda: risk.burke([], periods_per_year=1), "at least 1"),
        (lambda: risk.d_ratio([-0.01]), "no gain"),
        (lambda: risk.skewness_kurtosis_ratio([0.1, 0.1]), "do not vary"),
        (lambda: risk.fama_beta([0.1], [0.1]), "at least 2"),
        (lambda: risk.fama_beta([0.1, 0.2], [0.1, 0.1]), "does not vary"),
        (lambda: risk.net_selectivity([0.1, 0.2], [0.1, 0.1], periods_per_year=1), "does not vary"),
        (lambda: risk.sharpe([0.1, 0.1, 0.1]), "do not vary"),
        (lambda: risk.sharpe([0.11, 0.12], risk_free=[0.01, 0.02]), "do not vary"),
        (lambda: risk.sharpe([0.1, -2.0], method="geometric", periods_per_year=12), "below zero"),
        (lambda: risk.sortino([0.01, 0.02]), "no return is below"),
        (lambda: risk.sortino([0.01]), "at least 2"),
        (lambda: risk.omega([0.01, 0.02]), "no return is below"),
        (lambda: risk.omega_sharpe([0.01, 0.02]), "no return is below"),
        (lambda: risk.kappa([]), "at least 1"),
        (lambda: risk.upside_potential_ratio([]), "at least 1"),
        (lambda: risk.volatility_skewness([0.01]), "no return is below"),
        (lambda: risk.adjusted_sharpe([0.1, 0.1], periods_per_year=12), "do not vary"),
        (lambda: risk.calmar([0.01, 0.02], periods_per_year=12), "no drawdown"),
        (lambda: risk.calmar([], periods_per_year=12), "at least 1"),
        (lambda: risk.max_drawdown([]), "at least 1"),
        (lambda: risk.max_drawdown_of_values([]), "at least 1"),
        (lambda: risk.pain_index([]), "at least 1"),
        (lambda: risk.downside_deviation([]), "at least 1"),
        (lambda: risk.upside_risk([]), "at least 1"),
        (lambda: risk.mean_absolute_deviation([]), "at least 1"),
        (lambda: risk.skewness([0.1, 0.1, 0.1]), "do not vary"),
        (lambda: risk.skewness([0.1, 0.2], method="sample"), "at least 3"),
        (lambda: risk.kurtosis([0.1, 0.1]), "do not vary"),
        (lambda: risk.kurtosis([0.1, 0.2, 0.3], method="sample"), "at least 4"),
        (lambda: risk.annual_return([-2.0], periods_per_year=1), "below zero"),
        (lambda: risk.annual_return([9.0] * 2, periods_per_year=2000), "beyond"),
        (lambda: risk.value_at_risk([]), "at least 1"),
        (lambda: risk.value_at_risk([0.1], method="parametric"), "at least 2"),
        (lambda: risk.value_at_risk([0.1, 0.1], method="cornish_fisher"), "do not vary"),
        (lambda: risk.conditional_value_at_risk([]), "at least 1"),
        (lambda: risk.conditional_value_at_risk([0.1], method="parametric"), "at least 2"),
        (lambda: risk.beta([0.1], [0.1]), "at least 2"),
        (lambda: risk.beta([0.1, 0.2], [0.1, 0.1]), "benchmark does not vary"),
        (lambda: risk.alpha([0.1, 0.2], [0.1, 0.1]), "benchmark does not vary"),
        (lambda: risk.jensen_alpha([0.1, 0.2], [0.1, 0.1], periods_per_year=1), "does not vary"),
        (lambda: risk.treynor([0.1, 0.1], [0.1, 0.2], periods_per_year=1), "beta is zero"),
        (lambda: risk.treynor([0.1, -3], [0.1, 0.2], periods_per_year=1), "below zero"),
        (lambda: risk.correlation([0.1, 0.1], [0.1, 0.2]), "does not vary"),
        (lambda: risk.correlation([0.1], [0.1]), "at least 2"),
        (lambda: risk.tracking_error([0.1], [0.1]), "at least 2"),
        (lambda: risk.information_ratio([0.1, 0.2], [0.1, 0.2]), "does not vary"),
        (lambda: risk.information_ratio([0.1, -3], [0.1, 0.2], method="geometric"), "below zero"),
        (lambda: risk.systematic_risk([0.1, 0.2], [0.1, 0.1]), "does not vary"),
        (lambda: risk.specific_risk([0.1, 0.2], [0.1, 0.1]), "does not vary"),
        (lambda: risk.appraisal_ratio([0.1, 0.2, 0.3], [0.1, 0.2, 0.3], periods_per_year=1), "no specific risk"),
        (lambda: risk.m_squared([0.1, 0.1], [0.1, 0.2], periods_per_year=1), "do not vary"),
        (lambda: risk.m_squared([0.1], [0.1], periods_per_year=1), "at least 2"),
        (lambda: risk.capture([0.1], [0.1], "down"), "never went down"),
        (lambda: risk.capture_ratio([0.1], [0.1]), "never went down"),
        (lambda: risk.capture([-3.0, 0.1], [0.1, 0.1], method="geometric_mean"), "below zero"),
        (lambda: risk.hhi([]), "nothing is held"),
        (lambda: risk.hhi([0, 0]), "nothing is held"),
        (lambda: risk.effective_number([0]), "nothing is held"),
        (lambda: risk.largest_share([0]), "nothing is held"),
        (lambda: risk.autocorrelation([0.1, 0.2]), "at least 3"),
        (lambda: risk.autocorrelation([0.1, 0.1, 0.1]), "do not vary"),
    ],
)
def test_an_undefined_figure_is_none_with_its_reason(make: Callable[[], risk.Figure], reason: str) -> None:
    figure = make()
    assert figure.value is None
    assert figure.reason is not None
    assert reason in figure.reason
    assert figure.explain()["value"] is None
    with pytest.raises(KernelError, match="undefined"):
        float(figure)


@pytest.mark.parametrize(
    "make",
    [
        lambda: risk.volatility([0.1, math.inf]),
        lambda: risk.volatility([[0.1, 0.2], [0.1, 0.2]]),  # type: ignore[list-item]
        lambda: risk.volatility(np.zeros((2, 2))),
        lambda: risk.volatility([0.1, 0.2], periods_per_year=0),
        lambda: risk.sharpe([0.1, 0.2], method="harmonic"),  # type: ignore[arg-type]
        lambda: risk.skewness([0.1, 0.2], method="other"),  # type: ignore[arg-type]
        lambda: risk.kappa([0.1], order=0),
        lambda: risk.volatility([0.1, -1.0], log_returns=True),
        lambda: risk.burke([0.1], periods_per_year=1, depth="other"),  # type: ignore[arg-type]
        lambda: risk.drawdowns([1, 2], ["2024-01-01", "soon"]),
        lambda: risk.volatility_skewness([0.1], stat="other"),  # type: ignore[arg-type]
        lambda: risk.beta([0.1, 0.2], [0.1]),
        lambda: risk.information_ratio([0.1, 0.2], [0.1, 0.3], method="other"),  # type: ignore[arg-type]
        lambda: risk.capture([0.1], [0.1], "sideways"),  # type: ignore[arg-type]
        lambda: risk.capture([0.1], [0.1], method="other"),  # type: ignore[arg-type]
        lambda: risk.value_at_risk([0.1], 1.1),
        lambda: risk.value_at_risk([0.1], horizon=2),
        lambda: risk.value_at_risk([0.1, 0.2], 0, method="parametric"),
        lambda: risk.value_at_risk([0.1, 0.2], method="parametric", horizon=0),
        lambda: risk.value_at_risk([0.1, 0.2], method="other"),  # type: ignore[arg-type]
        lambda: risk.conditional_value_at_risk([0.1, 0.2], method="other"),  # type: ignore[arg-type]
        lambda: risk.hhi([1, -1]),
        lambda: risk.hhi([1], scale=100),  # type: ignore[arg-type]
        lambda: risk.largest_share([1], 0),
        lambda: risk.concentration_level(10_001),
        lambda: risk.concentration_level(1, guidelines="1992"),  # type: ignore[arg-type]
        lambda: risk.drawdowns([1, 2], ["2024-01-01"]),
        lambda: risk.max_drawdown_of_values([0, 1]),
        lambda: risk.autocorrelation([0.1, 0.2, 0.3], 0),
        lambda: risk.geltner([0.1, 0.2], rho=1),
        lambda: risk.getmansky([0.1, 0.2], weights=[0.5, 0.4]),
        lambda: risk.getmansky([0.1, 0.2], lags=0),
    ],
)
def test_bad_input_is_refused(make: Callable[[], object]) -> None:
    with pytest.raises(KernelError):
        make()


# --- by hand --------------------------------------------------------------------------------------------------------


def test_the_divisor_is_a_choice_and_is_stated() -> None:
    sample, population = risk.volatility([0.1, 0.3]), risk.volatility([0.1, 0.3], population=True)
    assert math.isclose(float(sample), 0.02**0.5)
    assert math.isclose(float(population), 0.1)
    assert "n − 1" in sample.convention
    assert "population" in population.convention


def test_decimals_and_missing_values_are_read() -> None:
    assert risk.volatility([Decimal("0.1"), None, Decimal("0.3"), math.nan]) == risk.volatility([0.1, 0.3])


def test_downside_deviation_over_those_below_is_larger() -> None:
    assert math.isclose(computed("downside_deviation", [0.1, -0.1, 0.1, -0.1]), 0.005**0.5)
    assert math.isclose(computed("downside_deviation", [0.1, -0.1, 0.1, -0.1], only_below=True), 0.1)
    assert computed("downside_deviation", [0.1, 0.2], only_below=True) == 0


def test_sharpe_geometric_takes_compound_returns() -> None:
    value = computed("sharpe", [0.1, -0.1, 0.2], risk_free=0.01, periods_per_year=4, method="geometric")
    growth = (1.1 * 0.9 * 1.2) ** (4 / 3) - 1.01**4
    assert math.isclose(value, growth / (np.std([0.1, -0.1, 0.2], ddof=1) * 2))


def test_drawdowns_list_every_fall_and_leave_the_last_open() -> None:
    falls = risk.drawdowns([100, 90, 95, 101, 80, 85])
    assert [(fall.peak, fall.trough, fall.recovered) for fall in falls] == [(0, 1, 3), (3, 4, None)]
    assert math.isclose(falls[1].depth, 80 / 101 - 1)
    assert (falls[1].days, falls[1].recovery_days) == (None, None)
    assert risk.worst_drawdown([1, 2, 3]) is None
    assert risk.longest_recovery([3, 2], ["2024-01-01", "2024-01-02"]) is None
    assert np.allclose(risk.drawdown_series([0.1, -0.1, 0.2]), [0, -0.1, 0])


def test_conditional_value_at_risk_is_the_mean_of_the_worst() -> None:
    assert math.isclose(computed("conditional_value_at_risk", [-0.3, -0.1, 0.0, 0.2, 0.4], 0.25), -0.2)


def test_parametric_tails_follow_the_normal() -> None:
    returns = [0.01, 0.03, -0.02, 0.04]
    mean, sigma = np.mean(returns), np.std(returns, ddof=1)
    value = computed("value_at_risk", returns, 0.05, method="parametric", horizon=4)
    assert math.isclose(value, mean * 4 + stats.norm.ppf(0.05) * sigma * 2)
    beyond = computed("conditional_value_at_risk", returns, 0.05, method="parametric")
    assert math.isclose(beyond, mean - sigma * stats.norm.pdf(stats.norm.ppf(0.05)) / 0.05)


def test_cornish_fisher_equals_the_normal_without_skew_and_excess_kurtosis() -> None:
    normal = stats.norm.ppf((np.arange(20_000) + 0.5) / 20_000)
    assert math.isclose(computed("value_at_risk", normal, method="cornish_fisher"), stats.norm.ppf(0.05), rel_tol=2e-3)
    skewed = -np.exp(normal / 2)
    assert computed("value_at_risk", skewed, 0.01, method="cornish_fisher") < computed(
        "value_at_risk", skewed, 0.01, method="parametric"
    )


def test_capture_compounds_over_the_benchmark_s_rises_and_falls() -> None:
    own, other = [0.2, -0.1, 0.1], [0.1, -0.2, 0.1]
    assert math.isclose(computed("capture", own, other), (1.2 * 1.1 - 1) / 0.21)
    assert math.isclose(computed("capture", own, other, "down"), 0.5)
    assert math.isclose(computed("capture", own, other, method="arithmetic_mean"), 1.5)
    assert math.isclose(computed("capture", own, other, method="geometric_mean"), (1.32**0.5 - 1) / 0.1)
    assert math.isclose(computed("capture_ratio", own, other), 0.32 / 0.21 / 0.5)


def test_information_ratio_is_active_return_over_tracking_error() -> None:
    own, other = [0.03, 0.01, -0.02, 0.05], [0.01, 0.02, -0.01, 0.03]
    active = np.subtract(own, other)
    assert math.isclose(
        computed("information_ratio", own, other, periods_per_year=12),
        active.mean() * 12 / (active.std(ddof=1) * 12**0.5),
    )
    compound = np.prod(np.add(1, own)) ** 3 - np.prod(np.add(1, other)) ** 3
    assert math.isclose(
        computed("information_ratio", own, other, periods_per_year=12, method="geometric"),
        compound / (active.std(ddof=1) * 12**0.5),
    )


def test_geltner_undoes_first_order_smoothing() -> None:
    true = np.random.default_rng(7).normal(0.02, 0.1, 60)
    seen = [true[0]]
    for value in true[1:]:
        seen.append(0.6 * seen[-1] + 0.4 * value)
    clear = risk.geltner(seen, rho=0.6)
    assert clear.returns is not None
    assert np.allclose(clear.returns, true[1:])
    estimated = risk.geltner(seen)
    assert estimated.returns is not None
    assert np.std(estimated.returns) > np.std(seen)
    assert risk.geltner([0.1]).reason is not None
    assert risk.geltner([0.1], rho=0.2).returns is None


def test_getmansky_undoes_a_moving_average_with_known_weights() -> None:
    weights = [0.5, 0.3, 0.2]
    true = np.random.default_rng(3).normal(0, 0.1, 400)
    true -= true.mean()
    seen = np.convolve(true, weights)[: true.size]
    clear = risk.getmansky(seen - seen.mean(), weights=weights)
    assert clear.returns is not None
    assert np.allclose(clear.returns, true, atol=2e-3)
    assert clear.smoothing_index is not None
    assert math.isclose(clear.smoothing_index, 0.38)


def test_getmansky_fits_the_weights_it_is_not_given() -> None:
    true = np.random.default_rng(11).normal(0.02, 0.1, 1500)
    seen = np.convolve(true, [0.6, 0.3, 0.1])[: true.size]
    clear = risk.getmansky(seen)
    assert clear.weights is not None
    assert clear.returns is not None
    assert np.allclose(clear.weights, [0.6, 0.3, 0.1], atol=0.05)
    assert math.isclose(np.std(clear.returns), 0.1, rel_tol=0.08)


def test_getmansky_says_why_it_cannot() -> None:
    assert "at least 30" in (risk.getmansky([0.1] * 5).reason or "")
    assert "vary" in (risk.getmansky([0.1] * 40).reason or "")
    assert "inverted" in (risk.getmansky([0.1, 0.2], weights=[0.3, 0.7]).reason or "")
    assert risk.getmansky([], weights=[1.0]).reason is not None
    same = risk.getmansky([0.1, 0.2], weights=[1.0])
    assert same.returns is not None
    assert np.allclose(same.returns, [0.1, 0.2])
    assert risk.geltner([]).smoothing_index is None


def test_autocorrelation_uses_one_mean_and_variance() -> None:
    assert math.isclose(computed("autocorrelation", [1, 2, 3, 4]), 0.25)


def test_summary_names_the_usual_figures() -> None:
    alone = risk.summary(BACON["portfolio"], periods_per_year=12)
    both = risk.summary(BACON["portfolio"], BACON["benchmark"], periods_per_year=12)
    assert alone["sharpe"] == risk.sharpe(BACON["portfolio"], periods_per_year=12)
    assert set(both) - set(alone) == {
        "beta", "correlation", "tracking_error", "information_ratio", "up_capture", "down_capture",
    }  # fmt: skip
    assert both["beta"] == risk.beta(BACON["portfolio"], BACON["benchmark"])


# --- beside SciPy, and properties -------------------------------------------------------------------------------------


@settings(max_examples=60, deadline=None)
@given(returns_lists, st.integers(0, 2**32 - 1))
def test_moments_and_regression_agree_with_scipy(returns: list[float], seed: int) -> None:
    assume(len(returns) > 3 and max(returns) - min(returns) > 1e-3)
    other = np.random.default_rng(seed).normal(0, 0.1, len(returns))
    line = stats.linregress(other, returns)
    assert math.isclose(computed("beta", returns, other), line.slope, rel_tol=1e-9, abs_tol=1e-9)
    assert math.isclose(computed("alpha", returns, other), line.intercept, rel_tol=1e-9, abs_tol=1e-9)
    assert math.isclose(computed("correlation", returns, other), line.rvalue, abs_tol=1e-9)
    assert math.isclose(computed("skewness", returns), stats.skew(returns), abs_tol=1e-8)
    assert math.isclose(computed("skewness", returns, method="sample"), stats.skew(returns, bias=False), abs_tol=1e-8)
    assert math.isclose(computed("kurtosis", returns), stats.kurtosis(returns), abs_tol=1e-8)
    assert math.isclose(
        computed("kurtosis", returns, method="sample_excess"), stats.kurtosis(returns, bias=False), abs_tol=1e-7
    )


@given(returns_lists, st.floats(0.01, 100))
def test_deviations_are_homogeneous_and_ratios_do_not_change(returns: list[float], factor: float) -> None:
    scaled = [value * factor for value in returns]
    assert math.isclose(
        computed("volatility", scaled), computed("volatility", returns) * factor, rel_tol=1e-9, abs_tol=1e-12
    )
    assert math.isclose(
        computed("downside_deviation", scaled), computed("downside_deviation", returns) * factor,
        rel_tol=1e-9, abs_tol=1e-12,
    )  # fmt: skip
    before, after = risk.sharpe(returns), risk.sharpe(scaled)
    if before.value is not None and after.value is not None:
        assert math.isclose(before.value, after.value, rel_tol=1e-6, abs_tol=1e-6)


@given(returns_lists.flatmap(lambda r: st.tuples(st.just(r), st.permutations(r))))
def test_what_ignores_the_path_ignores_the_order(pair: tuple[list[float], list[float]]) -> None:
    for name in ("volatility", "downside_deviation", "value_at_risk", "conditional_value_at_risk", "cumulative_return"):
        assert math.isclose(computed(name, pair[0]), computed(name, pair[1]), rel_tol=1e-9, abs_tol=1e-12)


@given(returns_lists, st.floats(0, 1))
def test_the_mean_beyond_is_never_better_than_the_value_at_risk(returns: list[float], tail: float) -> None:
    cut = computed("value_at_risk", returns, tail)
    beyond = computed("conditional_value_at_risk", returns, tail)
    assert min(returns) - 1e-12 <= beyond <= cut + 1e-12
    assert cut <= computed("value_at_risk", returns, min(1.0, tail + 0.1))


@given(returns_lists)
def test_upside_and_downside_add_up_to_the_mean_and_the_second_moment(returns: list[float]) -> None:
    mean = computed("upside_potential", returns) - computed("downside_potential", returns)
    assert math.isclose(mean, float(np.mean(returns)), abs_tol=1e-12)
    square = computed("upside_risk", returns) ** 2 + computed("downside_deviation", returns) ** 2
    assert math.isclose(square, float(np.mean(np.square(returns))), abs_tol=1e-12)


@given(returns_lists)
def test_the_worst_of_all_falls_is_the_maximum_drawdown(returns: list[float]) -> None:
    values = [1.0, *np.cumprod(np.add(1, returns))]
    worst = risk.worst_drawdown(values)
    assert math.isclose(computed("max_drawdown", returns), worst.depth if worst else 0.0, abs_tol=1e-12)
    assert computed("pain_index", returns) <= computed("ulcer_index", returns) + 1e-12
    assert math.isclose(min(risk.drawdown_series(returns)), computed("max_drawdown", returns), abs_tol=1e-12)


exposures = st.lists(st.floats(0, 1e9), min_size=1, max_size=30).filter(lambda xs: max(xs) > 1e-3)


@given(exposures, st.floats(0.001, 1000))
def test_concentration_ignores_the_unit_and_lies_between_equal_and_single(amounts: list[float], unit: float) -> None:
    index = computed("hhi", amounts)
    assert 1 / len(amounts) - 1e-9 <= index <= 1 + 1e-9
    assert math.isclose(index, computed("hhi", [amount * unit for amount in amounts]), rel_tol=1e-9)
    assert math.isclose(computed("effective_number", amounts) * index, 1)
    assert math.isclose(computed("hhi", [1.0] * len(amounts)), 1 / len(amounts))


@given(st.lists(st.one_of(st.floats(allow_infinity=False, width=32), st.none()), max_size=12))
def test_no_series_lets_nan_or_infinity_out(returns: list[float | None]) -> None:
    for name in risk.summary([], periods_per_year=12):
        with np.errstate(all="ignore"):
            value = risk.summary(returns, periods_per_year=12)[name].value
        assert value is None or math.isfinite(value)
