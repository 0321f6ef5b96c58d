"""Whatever goes in, no NaN, infinity or warning comes out: a result, None with its reason, or KernelError."""

import numpy as np
import pytest
from tests.kernel.calls import CALLS, call, functions
from tests.kernel.odd_inputs import not_finite, variants

from vestry.kernel import churn, cohorts, returns, simulation, waterfall
from vestry.kernel.errors import KernelError

FUNCTIONS = dict(functions())
# The packed arrays of the cohort engine keep NaN for "no target", as their docstrings say; its accessors give None.
WORKING_ARRAYS = ("monthly_target", "monthly_rates", "cap")
SLOW = {
    "churn.backtest": 4,
    "churn.fit_bdw": 30,
    "churn.fit_gammagamma": 60,
    "churn.fit_paretonbd": 60,
    "churn.fit_bgnbd": 60,
}


def found_in(result: object) -> list[str]:
    """What is no number in a result, but for the engine's working arrays."""
    return [one for one in not_finite(result) if not one.split(" ")[0].endswith(WORKING_ARRAYS)]


@pytest.mark.parametrize("name", sorted(FUNCTIONS))
def test_a_plain_call_gives_numbers(name: str) -> None:
    args, kwargs = CALLS[name]
    assert found_in(FUNCTIONS[name](*args, **kwargs)) == []


@pytest.mark.parametrize("name", sorted(FUNCTIONS))
def test_an_odd_input_gives_numbers_or_is_refused_by_name(name: str) -> None:
    for place, (args, kwargs) in enumerate(variants(CALLS[name])):
        if place >= SLOW.get(name, 1_000):
            break
        try:
            assert found_in(FUNCTIONS[name](*args, **kwargs)) == [], (args, kwargs)
        except KernelError:
            continue
        except TypeError:  # a value of the wrong kind altogether, such as None for a number of years
            continue
        except KeyError:  # a stress model that asks for an input that was taken away: the caller's own function
            assert name.startswith("simulation."), (args, kwargs)


def test_ten_thousand_flows_have_a_rate() -> None:
    days = np.arange("2000-01-01", "2027-05-19", dtype="datetime64[D]")[:10_000]
    amounts = np.where(np.arange(10_000) < 5_000, -100.0, 110.0)
    result = returns.xirr(days, amounts)
    assert result.rate is not None
    assert returns.xnpv(result.rate, days, amounts) == pytest.approx(0, abs=1e-6)


@pytest.mark.parametrize("scale", [1e-300, 1e-18, 1e18, 1e300])
def test_a_rate_does_not_depend_on_the_size_of_the_amounts(scale: float) -> None:
    days, amounts = ["2020-01-15", "2020-09-30", "2021-03-31", "2023-06-30"], np.array([-100.0, -50.0, 30.0, 160.0])
    assert returns.xirr(days, amounts * scale).rate == pytest.approx(returns.xirr(days, amounts).rate, rel=1e-9)


@pytest.mark.parametrize("rate", [-0.9999884, 1e5])
def test_the_extreme_rates_are_found_again(rate: float) -> None:
    result = returns.xirr(["2024-02-29", "2025-02-28"], [-1000, 1000 * (1 + rate)])
    assert result.rate is not None
    assert 1 + result.rate == pytest.approx(1 + rate, rel=1e-9)


def test_the_working_arrays_of_the_cohort_engine_show_none_outside() -> None:
    matrix = cohorts.matrix(["a"], ["2024-01-05"], [100])
    result = cohorts.cashflows(matrix)
    assert np.isnan(result.monthly_rates).all()
    assert result.monthly_irr == [None]
    assert result.annual_irr == [None]


def test_a_waterfall_may_be_fed_from_a_mapping() -> None:
    terms = waterfall.european()
    pairs = waterfall.distribute(terms, [("2020-01-01", 100)], [("2024-01-01", 260)])
    mapped = waterfall.distribute(terms, {"2020-01-01": 100}, {"2024-01-01": 260})
    assert (mapped.lp, mapped.gp) == (pairs.lp, pairs.gp)


SEGMENT, BUYERS, LEAVERS = (
    churn.ShiftedBetaGeometric(0.668, 3.806),
    churn.BgNbd(0.243, 4.414, 0.793, 2.426),
    churn.ParetoNbd(0.55, 10.5, 0.6, 11.6),
)
PRICE = simulation.Lognormal(40, 0.16, 0.2, 0.5)
METHODS = {
    "sbg survival": (SEGMENT.survival, call(5)),
    "sbg retention": (SEGMENT.retention, call([1, 2])),
    "sbg churn": (SEGMENT.churn, call(5)),
    "bdw survival": (churn.BetaDiscreteWeibull(0.6, 3.8, 1.1).survival, call(5)),
    "constant survival": (churn.ConstantChurn(0.1).survival, call(5)),
    "bg/nbd expected": (BUYERS.expected_purchases, call(10)),
    "bg/nbd expected further": (BUYERS.expected_future_purchases, call(39, 2, 30.43, 38.86)),
    "bg/nbd alive": (BUYERS.probability_alive, call(2, 30.43, 38.86)),
    "bg/nbd probability": (BUYERS.probability, call(2, 38.86)),
    "pareto/nbd expected": (LEAVERS.expected_purchases, call(10)),
    "pareto/nbd expected further": (LEAVERS.expected_future_purchases, call(39, 2, 30.43, 38.86)),
    "pareto/nbd alive": (LEAVERS.probability_alive, call(2, 30.43, 38.86)),
    "gamma-gamma value": (churn.GammaGamma(6.25, 3.74, 15.44).expected_value, call(2, 30)),
}


@pytest.mark.parametrize("name", sorted(METHODS))
def test_a_model_answers_odd_questions_with_numbers_or_a_refusal(name: str) -> None:
    method, plain = METHODS[name]
    assert found_in(method(*plain[0])) == []
    for args, _ in variants(plain):
        try:
            assert found_in(method(*args)) == [], args
        except (KernelError, TypeError):
            continue


@pytest.mark.parametrize("years", [1e-300, 1.0, 5_000.0])
def test_a_lognormal_too_wide_for_a_number_is_refused(years: float) -> None:
    wide = simulation.Lognormal(40, 0.16, 0.2, years)
    if years < 1_000:
        assert found_in([wide.mean, wide.deviation, wide.quantile(0.5)]) == []
    else:
        with pytest.raises(KernelError, match="beyond what a number can hold"):
            _ = wide.mean
    assert PRICE.mean < PRICE.mean + PRICE.deviation


@pytest.mark.parametrize(("share", "collected"), [("0.001", "0.01"), ("0.0009", "0.00"), ("0.003", "0.02")])
def test_half_a_cent_of_a_share_goes_up_in_both_engines(share: str, collected: str) -> None:
    matrix = cohorts.matrix(["a"], ["2024-01-05"], [5])
    result = cohorts.cashflows(matrix, spends={"2024-01-01": 10}, terms=[cohorts.Terms("2024-01-01", share)])
    (told,) = cohorts.replay(result.matrix, result.book, 0)
    assert result.collections()["2024-01-01"] == [told.collected]
    assert str(told.collected) == collected
