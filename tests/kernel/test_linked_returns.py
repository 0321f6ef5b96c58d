import datetime as dt
import math
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from tests.kernel.golden_cases import case

from vestry.kernel import returns
from vestry.kernel.errors import KernelError


def figures(identifier: str) -> tuple[dict[str, Any], dict[str, Any], float]:
    found = case("linked", identifier)
    return found["inputs"], {**found["expected"], **found.get("recomputed", {})}, found["tolerance"]["abs"]


def test_a_daily_time_weighted_return_takes_inflows_early_and_outflows_late() -> None:
    inputs, expected, tolerance = figures("TWR-001")
    days = list(inputs["days"].values())
    flows = [day["inflow"] - day["outflow"] for day in days]
    values, worth = [], 0.0
    for day, flow in zip(days, flows, strict=True):
        worth += flow + day["pnl"]
        values.append(worth)
    found = returns.twr(values, flows, dates=list(inputs["days"]), timing="split")
    assert found.periods == pytest.approx(expected["delta"][1:], abs=tolerance)
    assert found.accumulated == pytest.approx(expected["accumulated"][1:], abs=tolerance)
    assert found.value == found.accumulated[-1]
    assert found.annual is None


def test_a_large_flow_between_valuations_does_not_move_the_return() -> None:
    inputs, expected, tolerance = figures("TWR-004")
    first, before_flow = inputs["v"]
    found = returns.twr([first, before_flow + inputs["flow"], inputs["end"]], [0, inputs["flow"], 0])
    assert found.value == pytest.approx(expected["twr"], abs=tolerance)


@pytest.mark.parametrize("identifier", ["MD-001", "MD-003", "MD-006", "MD-008"])
def test_modified_dietz_weighs_flows_by_the_days_they_were_there(identifier: str) -> None:
    inputs, expected, tolerance = figures(identifier)
    arguments = inputs["bv"], inputs["ev"], inputs["flows"], inputs["begin"], inputs["end"]
    assert returns.modified_dietz(*arguments).value == pytest.approx(expected["eod"], abs=tolerance)
    assert returns.modified_dietz(*arguments, timing="start").value == pytest.approx(expected["bod"], abs=tolerance)


def test_four_whole_years_are_annualised_by_the_fourth_root() -> None:
    inputs, expected, tolerance = figures("MD-005")
    for name in ("eod", "bod"):
        annual = returns.annualise(inputs[f"cumulative_{name}"], "2017-01-01", "2020-12-31")
        assert annual == pytest.approx(expected[name], abs=tolerance)
    two = returns.modified_dietz(100, 121, [], "2020-01-01", "2021-12-31")
    assert (two.value, two.annual) == (pytest.approx(0.21), pytest.approx(0.1))
    assert returns.modified_dietz(100, 121, [], "2021-01-01", "2021-12-31").annual is None


def test_monthly_modified_dietz_returns_are_linked() -> None:
    inputs, expected, tolerance = figures("TWR-005")
    ends = [*inputs["month_ends"], inputs["ev"]]
    months = [("2021-01-01", "2021-01-31"), ("2021-02-01", "2021-02-28"), ("2021-03-01", "2021-03-31")]
    values, before = [], inputs["bv"]
    for (start, end), after in zip(months, ends, strict=True):
        flows = [flow for flow in inputs["flows"] if start <= flow[0] <= end]
        values.append(returns.modified_dietz(before, after, flows, start, end, timing="start").value)
        before = after
    found = returns.link(values, start="2021-01-01", end="2021-03-31")
    assert found.value == pytest.approx(expected["linked"], abs=tolerance)
    assert found.annual is None


@pytest.mark.parametrize("identifier", ["MWR-001", "MWR-003"])
def test_money_weighted_returns_are_the_rate_of_the_flows(identifier: str) -> None:
    inputs, expected, tolerance = figures(identifier)
    assert returns.irr(inputs["flows"]).rate == pytest.approx(expected["mwr"], abs=tolerance)


def test_more_than_a_year_is_annualised_and_a_year_is_not() -> None:
    two = returns.twr([100, 110, 121], [0, 0, 0], dates=["2019-12-31", "2020-12-31", "2021-12-31"])
    assert two.annual == pytest.approx(0.1, abs=1e-12)
    one = returns.twr([100, 110], [0, 0], dates=["2019-12-31", "2020-12-31"])
    assert (one.value, one.annual) == (pytest.approx(0.1), None)
    assert returns.twr([100, 110], [0, 0]).annual is None
    assert returns.link([0.1, 0.1], start="2020-01-01", end="2021-12-31").annual == pytest.approx(0.1)


def test_a_return_without_a_positive_base_is_none_with_the_reason() -> None:
    found = returns.twr([100, 0, 50], [0, -110, 0])
    assert (found.value, found.reason, found.periods) == (None, "base_not_positive", (pytest.approx(0.1),))
    assert not found
    assert returns.modified_dietz(0, 100, [], "2020-01-01", "2020-12-31").reason == "base_not_positive"
    assert returns.twr([100], [0]).reason == "no_period"
    assert returns.link([]).reason == "no_period"
    assert returns.twr([0, 100], [0, 95], timing="start").value == pytest.approx(100 / 95 - 1)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: returns.twr([1, 2], [0], timing="end"), "2 values but 1 flows"),
        (lambda: returns.twr([1, 2], [0, 0], timing="noon"), "^timing must be one of end, start, split, not 'noon'$"),
        (lambda: returns.twr([1, 2], [0, 0], dates=["2020-01-01"]), "one date"),
        (
            lambda: returns.twr([1, 2], [0, 0], dates=["2020-01-02", "2020-01-01"]),
            "^give one date per valuation, in ascending order$",
        ),
        (lambda: returns.twr([1, float("nan")], [0, 0]), "^every value must be a finite number$"),
        (lambda: returns.twr([1, 2], [0, None]), "^every flow must be a number$"),
        (lambda: returns.link(["x"]), "^every return must be a number$"),
        (lambda: returns.modified_dietz("x", 2, [], "2020-01-01", "2020-02-01"), "^every value must be a number$"),
        (
            lambda: returns.modified_dietz(1, 2, [("2020-01-05", "x")], "2020-01-01", "2020-02-01"),
            "^every flow must be a number$",
        ),
        (lambda: returns.modified_dietz(1, 2, [], "2020-01-01", "2020-02-01", timing="split"), "timing"),
        (lambda: returns.modified_dietz(1, 2, [], "2020-01-02", "2020-01-01"), "before it starts"),
        (lambda: returns.modified_dietz(1, 2, [("2021-01-01", 1)], "2020-01-01", "2020-02-01"), "outside"),
        (lambda: returns.link([1e308, 1e308]), "^the linked return is too large for a number$"),
    ],
)
def test_input_that_does_not_fit_is_refused(call: Any, message: str) -> None:
    with pytest.raises(KernelError, match=message):
        call()


def test_each_result_says_its_span_its_parts_and_its_formula() -> None:
    first, last = dt.date(2021, 1, 1), dt.date(2021, 6, 30)
    dietz = returns.modified_dietz(100, 110, [(first, 0)], first, last)
    assert (dietz.reason, dietz.periods, dietz.accumulated) == ("", (dietz.value,), (dietz.value,))
    undefined = returns.modified_dietz(0, 110, [], first, last)
    stopped = returns.twr([0, 110], [0, 0], dates=[first, last])
    linked = returns.twr([100, 110], [0, 0], dates=[first, last])
    for found in (dietz, undefined, stopped, linked):
        assert (found.start_on, found.end_on) == (first, last)
    for found in (undefined, stopped):
        assert (found.value, found.annual, found.accumulated) == (None, None, ())
    nothing = returns.twr([100], [0], dates=[first])
    assert (nothing.periods, nothing.accumulated, nothing.start_on, nothing.end_on) == ((), (), first, first)
    assert dietz.formula == undefined.formula == "(EV − BV − ΣF) ÷ (BV + Σ w·F)"
    assert stopped.formula == linked.formula == nothing.formula == "Π (1 + rᵢ) − 1"


def test_a_period_of_one_day_and_a_flow_on_the_first_day_count() -> None:
    day = "2021-06-01"
    assert returns.modified_dietz(100, 160, [(day, 50)], day, day, timing="start").value == pytest.approx(10 / 150)
    assert returns.modified_dietz(100, 160, [(day, 50)], day, day).value == pytest.approx(0.1)


def test_small_inflows_of_a_split_day_are_early_too() -> None:
    assert returns.twr([1, 1.65], [0, 0.5], timing="split").value == pytest.approx(0.1)


def test_a_total_loss_over_years_is_annualised_and_less_than_nothing_is_not() -> None:
    assert returns.modified_dietz(100, 0, [], "2020-01-01", "2021-12-31").annual == -1.0
    worse = returns.modified_dietz(100, -50, [], "2020-01-01", "2021-12-31")
    assert (worse.value, worse.annual) == (-1.5, None)
    assert returns.link([0.1], end="2021-12-31").annual is None
    assert returns.link([0.21], start="2020-01-01", end="2021-12-31").annual == pytest.approx(0.1)


def test_the_explanation_lists_what_was_linked() -> None:
    assert returns.twr([100, 150, 75], [0, 0, 0], dates=["2020-01-01", "2020-06-30", "2020-07-01"]).explain() == {
        "formula": "Π (1 + rᵢ) − 1",
        "value": -0.25,
        "annual": None,
        "reason": "",
        "from": "2020-01-01",
        "to": "2020-07-01",
        "periods": [0.5, -0.5],
        "accumulated": [0.5, -0.25],
    }
    undefined = returns.modified_dietz(0, 1, [], "2020-01-01", "2020-01-31").explain()
    assert undefined["reason"] == "base not positive"
    assert undefined["formula"] == "(EV − BV − ΣF) ÷ (BV + Σ w·F)"
    assert returns.link([0.5]).explain()["from"] is None


rate = st.floats(-0.9, 2)


@given(
    st.lists(rate, min_size=1, max_size=20), st.floats(1, 1e6), st.lists(st.floats(0, 1e5), min_size=20, max_size=20)
)
def test_flows_do_not_move_the_time_weighted_return(rates: list[float], start: float, inflows: list[float]) -> None:
    values, flows = [start], [0.0]
    for one, flow in zip(rates, inflows, strict=False):
        values.append(values[-1] * (1 + one) + flow)
        flows.append(flow)
    found = returns.twr(values, flows)
    assert found.value == pytest.approx(math.prod(1 + one for one in rates) - 1, rel=1e-6, abs=1e-6)
    assert found.value == pytest.approx(returns.link(rates).value, rel=1e-6, abs=1e-6)


@given(st.floats(1, 1e6), st.floats(0, 1e6), st.integers(1, 400))
def test_without_flows_modified_dietz_is_the_simple_return(start: float, end: float, days: int) -> None:
    last = dt.date(2020, 1, 1) + dt.timedelta(days=days)
    for timing in ("start", "end"):
        found = returns.modified_dietz(start, end, [], "2020-01-01", last, timing=timing)
        assert found.value == pytest.approx(end / start - 1, rel=1e-12, abs=1e-12)


@given(st.floats(100, 1000), st.floats(-0.1, 0.1), st.floats(-20, 20), st.integers(2, 30))
def test_modified_dietz_is_near_the_money_weighted_return_of_a_month(
    start: float, growth: float, flow: float, day: int
) -> None:
    assume(abs(growth) > 1e-3)
    when = dt.date(2021, 6, day)
    grown = start * (1 + growth) + flow * (1 + growth) ** ((30 - day) / 30)
    found = returns.modified_dietz(start, grown, [(when, flow)], "2021-06-01", "2021-06-30")
    assert found.value == pytest.approx(growth, abs=2e-3)
