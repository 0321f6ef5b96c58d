"""Churn models: published fits, another package's answers, simulated customers found again, and the league table."""

import csv
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import minimize_scalar
from scipy.special import betaln
from tests.real_data import real_data

from vestry.kernel import churn, cohorts
from vestry.kernel.churn.retention import log_likelihood
from vestry.kernel.errors import KernelError

GOLDEN: dict[str, dict[str, Any]] = {
    case["id"]: case for case in yaml.safe_load((Path(__file__).parent / "golden" / "churn.yaml").read_text())
}
HIGH_END = GOLDEN["SBG-001"]["inputs"]["survival_pct_years_0_7"]


def near(found: Any, expected: Any, **within: float) -> bool:
    relative, absolute = within.get("rel", 0), within.get("abs", 0)
    return bool(np.allclose(np.asarray(found, float), np.asarray(expected, float), rtol=relative, atol=absolute))


def dataset(name: str) -> list[dict[str, str]]:
    """A data file that the other package carries; read as a file, as importing its folder needs more packages."""
    found = find_spec("lifetimes")
    assert found is not None
    assert found.origin is not None
    lines = (Path(found.origin).parent / "datasets" / name).read_text().replace("\t", ",").splitlines()
    return list(csv.DictReader(lines))


def cdnow() -> list[list[float]]:
    """Frequency, recency and age in weeks of the 2,357 customers of the calibration sample."""
    rows = dataset("cdnow_customers_summary.csv")
    return [[float(row[name]) for row in rows] for name in ("frequency", "recency", "T")]


# --- published: contractual -----------------------------------------------------------------------------------------


def test_the_shifted_beta_geometric_of_the_high_end_segment() -> None:
    case = GOLDEN["SBG-001"]
    fit = churn.fit_sbg(HIGH_END, n=case["inputs"]["n"])
    for name, found in (("alpha", fit.model.alpha), ("beta", fit.model.beta), ("ll", fit.log_likelihood)):
        assert abs(found - case["expected"][name]) <= case["tolerance"][name]["abs"]
        assert found == pytest.approx(case["recomputed"][name], rel=1e-5)
    assert fit.model.mean_churn == pytest.approx(case["recomputed"]["E_theta"], rel=1e-5)
    assert (fit.converged, fit.observations, fit.aic) == (True, 1000, pytest.approx(2 * 2 - 2 * fit.log_likelihood))


def test_projected_survival_in_year_twelve() -> None:
    inputs, again = GOLDEN["SBG-004"]["inputs"], GOLDEN["SBG-004"]["recomputed"]
    high = churn.ShiftedBetaGeometric(*inputs["alpha_beta_high"]).survival([12])[0] * 100
    regular = churn.ShiftedBetaGeometric(*inputs["alpha_beta_regular"]).survival([12])[0] * 100
    assert near([high, regular], [again["S12_high"], again["S12_regular"]], rel=1e-10)
    errors = [found / actual - 1 for found, actual in zip((high, regular), inputs["actual_year12"], strict=True)]
    assert near(errors, [GOLDEN["SBG-004"]["expected"][name] for name in ("error_high", "error_regular")], abs=0.006)


def test_retention_rises_although_no_customer_changes() -> None:
    inputs, again = GOLDEN["SBG-005"]["inputs"], GOLDEN["SBG-005"]["recomputed"]
    model = churn.ShiftedBetaGeometric(inputs["alpha"], inputs["beta"])
    found = model.retention(inputs["t"])
    assert near(found, again["r"], rel=1e-9)
    closed = [(inputs["beta"] + t - 1) / (inputs["alpha"] + inputs["beta"] + t - 1) for t in inputs["t"]]
    assert near(found, closed, rel=1e-12)
    assert (np.diff(found) > 0).all()


def test_curves_through_the_first_years_miss_the_twelfth_and_the_model_does_not() -> None:
    inputs, again = GOLDEN["SBG-006"]["inputs"], GOLDEN["SBG-006"]["recomputed"]
    share = np.asarray(inputs["survival_pct"]) / 100
    line, curve = np.polyfit(inputs["t"], share, 1), np.polyfit(inputs["t"], share, 2)
    decay = np.polyfit(inputs["t"], np.log(share), 1)
    predicted = [np.polyval(line, 12), np.polyval(curve, 12), float(np.exp(np.polyval(decay, 12)))]
    assert near(np.asarray(predicted) / 0.394 - 1, again["err12"], abs=1e-6)
    model = churn.fit_sbg(HIGH_END, n=1000).model
    assert abs(model.survival([12])[0] / 0.394 - 1) < min(abs(error) for error in again["err12"])


def test_without_the_censored_term_everyone_would_seem_to_leave() -> None:
    full = churn.fit_sbg(HIGH_END, n=1000).model
    shares = np.asarray(HIGH_END) * 10

    def uncensored(rate: float) -> float:
        lost, ages = shares[:-1] - shares[1:], np.arange(1, 8)
        return -float(lost @ (np.log(rate) + (ages - 1) * np.log1p(-rate)))

    naive = minimize_scalar(uncensored, bounds=(1e-6, 1 - 1e-6), method="bounded").x
    assert naive > 1.5 * churn.fit_constant(HIGH_END, n=1000).model.rate
    assert full.survival([7])[0] == pytest.approx(0.491, abs=0.02)


def test_constant_churn_is_customers_lost_over_periods_at_risk() -> None:
    fit = churn.fit_constant([[100, 80, 70], [50, 45]])
    assert fit.model.rate == pytest.approx((20 + 10 + 5) / (100 + 80 + 50))
    grid = [
        log_likelihood(churn.ConstantChurn(rate), [[100, 80, 70], [50, 45]]) for rate in np.linspace(0.05, 0.4, 200)
    ]
    assert fit.log_likelihood == pytest.approx(log_likelihood(fit.model, [[100, 80, 70], [50, 45]]), rel=1e-12)
    assert fit.log_likelihood >= max(grid)


def test_the_beta_discrete_weibull_contains_the_shifted_beta_geometric() -> None:
    narrow, wide = churn.fit_sbg(HIGH_END, n=1000), churn.fit_bdw(HIGH_END, n=1000)
    ages = np.arange(13)
    assert near(
        churn.BetaDiscreteWeibull(0.7, 3.8, 1).survival(ages),
        churn.ShiftedBetaGeometric(0.7, 3.8).survival(ages),
        rel=1e-14,
    )
    assert wide.log_likelihood > narrow.log_likelihood
    assert wide.aic < narrow.aic
    by_hand = np.exp(
        betaln(wide.model.alpha, wide.model.beta + 7**wide.model.c) - betaln(wide.model.alpha, wide.model.beta)
    )
    assert wide.model.survival([7])[0] == pytest.approx(float(by_hand))


def test_expected_lifetime_exists_only_where_the_mean_does() -> None:
    model = churn.ShiftedBetaGeometric(2.5, 4.0)
    ages = np.arange(200000)
    assert model.expected_lifetime() == pytest.approx(float(model.survival(ages).sum()), rel=1e-3)
    assert model.expected_lifetime(3) == pytest.approx(
        float((model.survival(ages + 3) / model.survival([3])).sum()), rel=1e-3
    )
    assert churn.ShiftedBetaGeometric(0.668, 3.806).expected_lifetime() is None


# --- published: non-contractual -------------------------------------------------------------------------------------


def test_bgnbd_expected_purchases() -> None:
    case = GOLDEN["CLV-001"]
    inputs = case["inputs"]
    model = churn.BgNbd(inputs["r"], inputs["alpha"], inputs["a"], inputs["b"])
    found = model.expected_purchases(inputs["t_weeks"])
    assert near(found, case["expected"]["EX"], abs=case["tolerance"]["abs"])
    assert near(found, case["recomputed"]["EX"], rel=1e-9)


def test_bgnbd_probabilities_of_counts() -> None:
    inputs, again = GOLDEN["CLV-003"]["inputs"], GOLDEN["CLV-003"]["recomputed"]
    model = churn.BgNbd(inputs["r"], inputs["alpha"], inputs["a"], inputs["b"])
    found = [model.probability(n, t) for t, n in inputs["queries"]]
    assert near(found, again["P"], rel=1e-9)
    every = [model.probability(n, 26.0) for n in range(400)]
    assert sum(every) == pytest.approx(1, abs=1e-9)
    assert sum(n * chance for n, chance in enumerate(every)) == pytest.approx(
        float(model.expected_purchases(26.0)), rel=1e-6
    )


def test_bgnbd_fitted_to_the_cdnow_sample() -> None:
    case = GOLDEN["CLV-005"]
    fit = churn.fit_bgnbd(*cdnow())
    found = [fit.model.r, fit.model.alpha, fit.model.a, fit.model.b]
    assert near(found, case["expected"]["params"], abs=case["tolerance"]["params"]["abs"])
    assert abs(fit.log_likelihood - case["expected"]["ll"]) <= case["tolerance"]["ll"]["abs"]
    assert (fit.observations, fit.converged) == (2357, True)


def test_paretonbd_expected_purchases() -> None:
    case = GOLDEN["CLV-006"]
    model = churn.ParetoNbd(**case["inputs"])
    assert near(model.expected_purchases(np.arange(10)), case["expected"]["EX"], abs=case["tolerance"]["abs"])


def test_paretonbd_fitted_to_the_cdnow_sample() -> None:
    """Fader and Hardie: r .553, α 10.578, s .606, β 11.669, log-likelihood −9,595.0."""
    fit = churn.fit_paretonbd(*cdnow())
    assert near([fit.model.r, fit.model.s], [0.553, 0.606], abs=0.001)
    assert near([fit.model.alpha, fit.model.beta], [10.578, 11.669], abs=0.005)
    assert fit.log_likelihood == pytest.approx(-9595.0, abs=0.05)


def test_gammagamma_draws_an_average_toward_the_mean() -> None:
    case = GOLDEN["CLV-008"]
    model = churn.GammaGamma(case["inputs"]["p"], case["inputs"]["q"], case["inputs"]["v"])
    x, m = zip(*case["inputs"]["frequency_monetary"], strict=True)
    found = model.expected_value(x, m)
    assert near(found, case["expected"]["profit"], abs=case["tolerance"]["abs"])
    assert near(found, case["recomputed"]["profit"], rel=1e-9)
    assert model.mean == pytest.approx(6.25 * 15.44 / 2.74)
    assert churn.GammaGamma(2, 0.9, 3).mean is None
    assert churn.GammaGamma(2, 0.9, 3).expected_value([0, 1], [0, 5]) == [None, pytest.approx(2 * 8 / 1.9)]


# --- another package's answers --------------------------------------------------------------------------------------


@pytest.mark.filterwarnings("ignore")
def test_the_formulas_agree_with_another_package() -> None:
    import lifetimes

    x, t_x, T = [0, 1, 2, 7, 26, 3], [0, 3.5, 30.43, 29.43, 30.86, 1.0], [38.86, 38.86, 38.86, 38.86, 31.0, 38.0]
    ours, theirs = churn.BgNbd(0.243, 4.414, 0.793, 2.426), lifetimes.BetaGeoFitter()
    theirs.params_ = _series(r=0.243, alpha=4.414, a=0.793, b=2.426)
    alive = theirs.conditional_probability_alive(np.array(x), np.array(t_x), np.array(T))
    assert near(ours.probability_alive(x, t_x, T), alive, rel=1e-9)
    ahead = theirs.conditional_expected_number_of_purchases_up_to_time(39.0, np.array(x), np.array(t_x), np.array(T))
    assert near(ours.expected_future_purchases(39.0, x, t_x, T), ahead, rel=1e-9)
    mine, others = churn.ParetoNbd(0.553, 10.578, 0.606, 11.669), lifetimes.ParetoNBDFitter()
    others.params_ = _series(r=0.553, alpha=10.578, s=0.606, beta=11.669)
    assert near(
        mine.probability_alive(x, t_x, T),
        others.conditional_probability_alive(np.array(x), np.array(t_x), np.array(T)),
        rel=1e-6,
    )
    ahead = others.conditional_expected_number_of_purchases_up_to_time(39.0, np.array(x), np.array(t_x), np.array(T))
    assert near(mine.expected_future_purchases(39.0, x, t_x, T), ahead, rel=1e-6)


def _series(**values: float) -> Any:
    import pandas

    return pandas.Series(values)


@pytest.mark.filterwarnings("ignore")
def test_gammagamma_fitted_to_the_cdnow_sample() -> None:
    """Fader and Hardie: p 6.25, q 3.74, v 15.44 on the 946 customers who bought again."""
    rows = dataset("cdnow_customers_summary_with_transactions.csv")
    x, m = ([float(row[name]) for row in rows] for name in ("x", "zbar"))
    fit = churn.fit_gammagamma(x, m)
    assert fit.observations == 946
    assert near([fit.model.p, fit.model.q, fit.model.v], [6.25, 3.74, 15.44], abs=0.02)


# --- simulated customers are found again ----------------------------------------------------------------------------


def test_a_fit_finds_the_parameters_customers_were_drawn_from() -> None:
    rng = np.random.default_rng(5)
    rates = rng.beta(1.5, 6.0, 60_000)
    lives = rng.geometric(rates)
    survivors = [int((lives > t).sum()) for t in range(13)]
    fit = churn.fit_sbg(survivors)
    assert near([fit.model.alpha, fit.model.beta], [1.5, 6.0], rel=0.06)
    wide = churn.fit_bdw(survivors)
    assert wide.model.c == pytest.approx(1, abs=0.1)


def test_simulated_survivors_spread_around_the_curve_and_repeat_with_the_seed() -> None:
    model = churn.ShiftedBetaGeometric(0.668, 3.806)
    first = churn.simulate_survivors(model, 1000, 7, 4000, np.random.default_rng(1))
    assert np.array_equal(first, churn.simulate_survivors(model, 1000, 7, 4000, np.random.default_rng(1)))
    assert near(first.mean(axis=0) / 1000, model.survival(np.arange(8)), abs=0.002)
    low, high = np.percentile(first[:, 7], [5, 95])
    assert low < 1000 * model.survival([7])[0] < high
    assert (np.diff(first, axis=1) <= 0).all()


# --- payments, season and the league table --------------------------------------------------------------------------


def history(
    rate: float, season: bool, cohorts_: int = 18, noise: float = 0.0, months: int = 30
) -> churn.PaymentHistory:
    """Cohorts of rising size whose payments fall by ``rate`` a month, with December doubled if there is a season."""
    rng = np.random.default_rng(3)
    first = 2022 * 12
    factor = [2.0 if season and month == 11 else 1.0 for month in range(12)]
    rows = [
        [
            1000 * (1 + i / 10) * (1 - rate) ** k * factor[(first + i + k) % 12] * rng.lognormal(0, noise)
            for k in range(months - i)
        ]
        for i in range(cohorts_)
    ]
    return churn.PaymentHistory.of(range(first, first + cohorts_), rows)


def test_payments_that_fall_evenly_give_their_rate_back() -> None:
    fit = churn.fit_payments(history(0.07, season=False), "constant")
    assert fit.model.rate == pytest.approx(0.07, abs=1e-6)
    assert fit.converged


def test_payments_of_a_mixed_cohort_give_its_curve_back() -> None:
    model = churn.ShiftedBetaGeometric(0.9, 3.0)
    rows = [1000 * model.survival(np.arange(24 - i)) for i in range(6)]
    fit = churn.fit_payments(churn.PaymentHistory.of(range(24000, 24006), rows), "sbg")
    assert near([fit.model.alpha, fit.model.beta], [0.9, 3.0], rel=1e-3)


def test_a_season_is_told_from_the_decay() -> None:
    fit = churn.fit_seasonal(history(0.05, season=True))
    assert fit.model.rate == pytest.approx(0.05, abs=1e-6)
    factors = np.asarray(fit.model.factors)
    assert near(factors[:11] / factors[0], np.ones(11), abs=1e-6)
    assert factors[11] / factors[0] == pytest.approx(2.0, abs=1e-6)
    assert float(np.log(factors).sum()) == pytest.approx(0, abs=1e-9)
    with pytest.raises(KernelError, match="more than twelve"):
        churn.fit_seasonal(history(0.05, season=True, cohorts_=3, months=12))


def test_the_league_is_won_by_the_model_the_payments_came_from() -> None:
    table = churn.backtest(history(0.05, season=True, noise=0.02), holdback=9)
    assert table[0].model == "seasonal"
    assert table[0].wape is not None
    assert table[0].wape < 0.05
    assert [score.wape for score in table] == sorted(score.wape for score in table if score.wape is not None)
    assert {score.model for score in table} == {"constant", "sbg", "bdw", "seasonal"}
    assert len({score.cells for score in table}) == 1


def test_the_league_judges_only_on_months_the_model_has_not_seen() -> None:
    whole = history(0.05, season=False, noise=0.1)
    spoiled = churn.PaymentHistory(whole.months, tuple(row.copy() for row in whole.rows))
    for month, row in zip(spoiled.months, spoiled.rows, strict=True):
        row[spoiled.last_month - 3 - month + 1 :] *= 10
    plain = churn.fit_payments(whole.until(whole.last_month - 3), "constant").model
    assert churn.fit_payments(spoiled.until(spoiled.last_month - 3), "constant").model == plain
    before, after = churn.backtest(whole, 3, ["constant"])[0], churn.backtest(spoiled, 3, ["constant"])[0]
    assert before.wape is not None
    assert after.wape is not None
    assert after.wape > 0.5 > before.wape
    assert after.bias is not None
    assert after.bias < -0.8


def test_a_model_that_cannot_be_fitted_is_last_and_says_why() -> None:
    table = churn.backtest(history(0.1, season=False, cohorts_=4, months=10), 3)
    assert table[-1].model == "seasonal"
    assert table[-1].wape is None
    assert "more than twelve" in str(table[-1].reason)


def test_real_payments_are_predicted_within_a_quarter() -> None:
    import gzip

    with gzip.open(real_data("customers/cdnow_payments.csv.gz"), "rt") as file:
        matrix = cohorts.matrix(csv.DictReader(file))
    table = churn.backtest(churn.PaymentHistory.of_matrix(matrix), 3, ["constant", "sbg", "bdw"])
    assert table[0].wape is not None
    assert table[0].wape < 0.25
    assert table[0].cells == 9


def test_a_model_feeds_the_cohort_prediction() -> None:
    model = churn.ShiftedBetaGeometric(0.668, 3.806)
    rates = model.churn(6)
    assert rates[0] == 0
    result = cohorts.cashflows(
        cohorts.matrix([(1, "2024-01-01", 1000)]), prediction=cohorts.Prediction(rates, horizon=6)
    )
    assert near(result.payment[0] / 100_000, model.survival(np.arange(6)), rel=1e-12)


# --- bad input and properties ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("make", "says"),
    [
        (lambda: churn.fit_sbg([100, 110]), "cannot rise"),
        (lambda: churn.fit_sbg([]), "no survivors"),
        (lambda: churn.fit_sbg([100]), "one later count"),
        (lambda: churn.fit_sbg([100, float("nan")]), "finite"),
        (lambda: churn.fit_constant([["a", 1]]), "numbers"),
        (lambda: churn.ConstantChurn(1.5), "between 0 and 1"),
        (lambda: churn.ShiftedBetaGeometric(0, 1), "alpha must be positive"),
        (lambda: churn.ShiftedBetaGeometric(1, 1).retention([0]), "t ≥ 1"),
        (lambda: churn.ShiftedBetaGeometric(1, 1).survival([-1]), "not negative"),
        (lambda: churn.fit_bgnbd([1], [2], [1]), "after the end"),
        (lambda: churn.fit_bgnbd([0], [2], [3]), "recency 0"),
        (lambda: churn.fit_bgnbd([1.5], [2], [3]), "whole numbers"),
        (lambda: churn.fit_bgnbd([1], [2], [3, 4]), "do not match"),
        (lambda: churn.fit_paretonbd([], [], []), "no customers"),
        (lambda: churn.BgNbd(1, 1, 1, 1).probability(-1, 5), "not negative"),
        (lambda: churn.fit_gammagamma([0], [0]), "bought again"),
        (lambda: churn.fit_gammagamma([1], [0]), "positive"),
        (lambda: churn.fit_payments(history(0.1, season=False), "magic"), "not one of"),
        (lambda: churn.fit_payments(churn.PaymentHistory.of([1], [[5.0]]), "sbg"), "two known months"),
        (lambda: churn.PaymentHistory.of([1, 2], [[5.0]]), "do not match"),
        (lambda: churn.PaymentHistory.of([1], [[float("inf")]]), "finite"),
        (lambda: churn.backtest(history(0.1, season=False), 0), "at least one month"),
        (lambda: churn.backtest(churn.PaymentHistory.of([1], [[5.0, 4.0]]), 2), "before and in the last"),
    ],
)
def test_what_cannot_be_fitted_is_refused(make: Any, says: str) -> None:
    with pytest.raises(KernelError, match=says):
        make()


def test_a_cohort_that_never_loses_anyone_is_reported_as_not_telling() -> None:
    fit = churn.fit_sbg([100, 100, 100])
    assert not fit.converged
    assert "edge" in fit.message
    assert churn.fit_constant([100, 100, 100]).model.rate == 0


def test_the_formulas_pass_smoothly_over_their_poles() -> None:
    x, t_x, T = [2.0], [10.0], [20.0]
    below, at, above = (
        churn.ParetoNbd(0.5, 10, s, 12).expected_future_purchases(5, x, t_x, T)[0] for s in (0.9999, 1, 1.0001)
    )
    assert below > at > above
    assert at == pytest.approx((below + above) / 2, rel=1e-6)
    low, mid, high = (float(churn.BgNbd(0.5, 10, a, 2).expected_purchases(5)) for a in (0.9999, 1, 1.0001))
    assert mid == pytest.approx((low + high) / 2, rel=1e-6)


parameter = st.floats(0.05, 20)


@settings(deadline=None)
@given(parameter, parameter, st.floats(0.3, 2.5))
def test_survival_falls_from_one_and_retention_is_a_share(alpha: float, beta: float, c: float) -> None:
    model = churn.BetaDiscreteWeibull(alpha, beta, c)
    curve, kept = model.survival(np.arange(25)), model.retention(np.arange(1, 25))
    assert curve[0] == 1
    assert (np.diff(curve) <= 1e-15).all()
    assert ((kept >= 0) & (kept <= 1 + 1e-12)).all()
    assert near(np.concatenate([[1], np.cumprod(kept)]), curve, rel=1e-9, abs=1e-300)
    assert ((model.churn(25) >= 0) & (model.churn(25) <= 1)).all()


@settings(deadline=None, max_examples=50)
@given(parameter, parameter, parameter, parameter, st.integers(0, 15), st.floats(0.1, 40), st.floats(0, 40))
def test_chances_are_chances_and_a_longer_silence_never_raises_them(
    r: float, alpha: float, s: float, beta: float, x: int, last: float, silence: float
) -> None:
    recency = last if x else 0.0
    for model in (churn.ParetoNbd(r, alpha, s, beta), churn.BgNbd(r, alpha, s, beta)):
        now, later = model.probability_alive([x, x], [recency, recency], [last + silence, last + silence + 5])
        assert 0 <= later <= now + 1e-9 <= 1 + 2e-9
