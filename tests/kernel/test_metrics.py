"""Metrics: published figures, formulas as data, and what must hold for any values."""

from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from vestry.kernel import metrics
from vestry.kernel.errors import KernelError
from vestry.kernel.metrics import STANDARD, MetricDefinition

GOLDEN: dict[str, dict[str, Any]] = {
    case["id"]: case for case in yaml.safe_load((Path(__file__).parent / "golden" / "metrics.yaml").read_text())
}


def case(name: str) -> tuple[dict[str, Any], dict[str, Any]]:
    return GOLDEN[name]["inputs"], GOLDEN[name]["expected"]


def near(found: metrics.Metric, expected: float, within: float = 1e-9) -> bool:
    return found.value is not None and abs(float(found.value) - expected) <= within


def derived(key: str, formula: str) -> MetricDefinition:
    return MetricDefinition(key, key, "ratio", "derived", formula=formula)


def flow(key: str) -> MetricDefinition:
    return MetricDefinition(key, key, "money", "flow")


# --- published cases ------------------------------------------------------------------------------------------------


def test_arr_is_mrr_times_twelve() -> None:
    inputs, expected = case("KPI-001")
    assert all(
        near(metrics.arr_from_mrr(mrr), arr, GOLDEN["KPI-001"]["tolerance"]["abs"])
        for mrr, arr in zip(inputs["mrr"], expected["arr"], strict=True)
    )


def test_retention_with_and_without_credit_for_expansion() -> None:
    inputs, expected = case("KPI-002")
    assert sum(inputs["begin"]) == expected["begin_total"]
    assert near(metrics.net_revenue_retention(inputs["begin"], inputs["end"]), expected["nrr"])
    inputs, expected = case("KPI-004")
    assert near(metrics.gross_revenue_retention(inputs["begin"], inputs["end"]), expected["grr"])


def test_cac_payback_with_one_margin_and_with_two() -> None:
    inputs, expected = case("KPI-006")
    assert near(metrics.cac_payback_months(inputs["s_m"], [(inputs["new_arr"], inputs["gm"])]), expected["months"])
    inputs, expected = case("KPI-008")
    assert near(metrics.cac_payback_months(inputs["s_m"], inputs["segments"]), expected["months"], 0.005)


def test_the_rule_of_40_on_free_cash_flow() -> None:
    inputs, expected = case("KPI-010")
    found = metrics.rule_of_40(inputs["rev"], inputs["rev_prior"], inputs["fcf"])
    assert near(found, expected["score"], 0.001)
    assert near(metrics.growth(inputs["rev"], inputs["rev_prior"]), expected["growth"], 0.001)


def test_the_burn_multiple_and_its_band() -> None:
    inputs, expected = case("KPI-012")
    found = metrics.burn_multiple(inputs["net_burn"], inputs["net_new_arr"])
    assert near(found, expected["burn_multiple"])
    bands = [metrics.burn_band(value) for value in (0.5, 1, 1.5, 1.6, 2, 2.5, 3, 3.1)]
    assert bands == ["amazing", "great", "great", "good", "good", "suspect", "suspect", "bad"]
    assert metrics.burn_band(None) is None


def test_ltv_and_what_it_costs_to_win_it() -> None:
    inputs, expected = case("KPI-013")
    found = metrics.ltv(inputs["arpa_month"], inputs["gm"], inputs["churn_month"])
    assert near(found, expected["ltv"])
    assert near(metrics.ltv_to_cac(found.value, inputs["cac"]), expected["ltv_cac"])
    arr = inputs["arpa_month"] * 12
    assert near(metrics.cac_payback_months(inputs["cac"], [(arr, inputs["gm"])]), expected["payback_months"])


def test_runway_exists_only_while_cash_is_burnt() -> None:
    inputs, expected = case("KPI-015")
    assert near(metrics.runway_months(inputs["cash"], inputs["net_burn_month_avg3"]), expected["runway_months"])
    profitable = metrics.runway_months(inputs["cash"], inputs["profitable_burn"])
    assert (profitable.value, profitable.reason) == (expected["profitable"], "not burning")


def test_the_derived_metrics_of_a_quarterly_report() -> None:
    inputs, expected = case("REP-001")
    tolerance = GOLDEN["REP-001"]["tolerance"]
    found = metrics.evaluate(inputs, periods_per_year=4)
    for key, value in expected.items():
        assert near(found[key][0], value, tolerance.get(key, tolerance["default"])), key


def test_ltm_is_the_sum_of_four_quarters() -> None:
    inputs, expected = case("REP-002")
    assert near(metrics.ltm(inputs["revenue"]), expected["ltm"])
    found = metrics.evaluate(inputs)
    assert [one.value for one in found["ltm_revenue"]] == [None, None, None, Decimal(4600000)]
    assert found["ltm_revenue"][2].reason == "no earlier period of revenue"


# --- the functions --------------------------------------------------------------------------------------------------


def test_ratios_that_do_not_exist_say_why() -> None:
    for found, reason in (
        (metrics.ltv(100, 0.8, 0), "not positive: churn"),
        (metrics.burn_multiple(100, 0), "not positive: net new ARR"),
        (metrics.burn_multiple(-1, 5), "not burning"),
        (metrics.cac(100, 0), "not positive: new customers"),
        (metrics.net_revenue_retention([0], [5]), "not positive: begin"),
        (metrics.ltv_to_cac(None, 5), "missing: ltv"),
        (metrics.ltv_to_cac(5, None), "missing: cac"),
        (metrics.rule_of_40(5, 0, 1), "not positive: revenue"),
        (metrics.growth(5, -1), "not positive: before"),
        (metrics.growth(None, 1), "missing: current"),
        (metrics.growth(1, None), "missing: before"),
        (metrics.magic_number(1, 1, 0), "not positive: s_m"),
        (metrics.ltm([1, 2, 3]), "3 of 4 periods"),
        (metrics.ltm([1, None, 3, 4]), "missing: 1 of 4 periods"),
    ):
        assert (found.value, found.reason) == (None, reason)


def test_the_other_saas_figures() -> None:
    assert near(metrics.arr_from_recurring_revenue(250), 1000)
    assert near(metrics.arr_from_recurring_revenue(250, periods_per_year=12), 3000)
    assert near(metrics.cac(1000, 8), 125)
    assert near(metrics.cac_ratio(1000, 500), 2)
    assert near(metrics.cac_ratio(1000, 500, 300), 1.25)
    assert near(metrics.magic_number(120, 100, 40), 2)
    assert near(metrics.annualised_retention("0.99"), 0.99**12)
    assert near(metrics.annualised_retention("0.9", periods_per_year=4), 0.9**4)
    assert near(metrics.net_revenue_retention([100, 0], [90, 50]), 0.9)


def test_growth_against_the_last_period_and_the_year_before_are_two_figures() -> None:
    revenue = [100, 110, 120, 130, 150]
    found = metrics.evaluate({"revenue": revenue})
    assert near(found["revenue_growth_year"][4], 0.5)
    assert near(found["revenue_growth_period"][4], 150 / 130 - 1)
    assert found["revenue_growth_year"][3].reason == "no earlier period of revenue"
    series = metrics.growth_series(revenue, 4)
    assert near(series[4], 0.5)
    assert series[0].value is None


def test_months_become_quarters_by_kind() -> None:
    assert near(metrics.aggregate([1, 2, 3], "sum"), 6)
    assert near(metrics.aggregate([1, 2, 3], "last"), 3)
    assert near(metrics.aggregate([1, 2, 3], "mean"), 2)
    assert metrics.aggregate([1, None, 3], "sum").value is None
    assert near(metrics.aggregate([1, None, 3], "last"), 3)
    assert metrics.aggregate([], "last").reason == "missing: last period"
    assert metrics.aggregate([], "sum").value is None
    assert [one.value for one in metrics.ltm_series([1] * 5)] == [None, None, None, 4, 4]


# --- definitions as data --------------------------------------------------------------------------------------------


def test_the_standard_list_is_whole() -> None:
    keys = [definition.key for definition in STANDARD]
    assert len(keys) == len(set(keys))
    ordered = metrics.order(STANDARD)
    assert set(ordered) == {definition.key for definition in STANDARD if definition.kind == "derived"}
    by_key = {definition.key: definition for definition in STANDARD}
    assert (by_key["revenue"].over_time, by_key["revenue"].conversion) == ("sum", "average")
    assert (by_key["cash_balance"].over_time, by_key["cash_balance"].conversion) == ("last", "closing")
    assert (by_key["gross_margin"].over_time, by_key["gross_margin"].conversion) == ("recompute", "none")
    assert by_key["employees"].conversion == "none"


def test_a_metric_comes_after_what_it_is_computed_from() -> None:
    ordered = metrics.order([derived("c", "b + a"), derived("b", "a * 2"), flow("a")])
    assert ordered == ["b", "c"]
    found = metrics.evaluate({"a": 3}, [derived("c", "b + a"), derived("b", "a * 2"), flow("a")])
    assert found["c"][0].value == 9
    assert found["c"][0].inputs == {"b": Decimal(6), "a": Decimal(3)}


def test_a_circle_is_refused_and_named() -> None:
    with pytest.raises(metrics.MetricCycle, match="a → b → c → a") as refused:
        metrics.order([derived("a", "b"), derived("b", "c + 1"), derived("c", "a")])
    assert refused.value.keys == ("a", "b", "c", "a")
    with pytest.raises(metrics.MetricCycle, match="a → a"):
        metrics.order([derived("a", "previous(a) + 1")])


def test_a_change_moves_only_what_depends_on_it() -> None:
    moved = metrics.dependents(STANDARD, ["employees"])
    assert set(moved) == {"revenue_per_employee", "arr_per_employee", "operating_expense_per_employee"}
    assert metrics.dependents(STANDARD, ["recurring_revenue"]).index("arr") < metrics.dependents(
        STANDARD, ["recurring_revenue"]
    ).index("arr_growth_year")
    assert metrics.dependents(STANDARD, ["tax_expense"]) == []


def test_a_missing_input_is_named_all_the_way_up() -> None:
    found = metrics.evaluate(
        {"revenue": 100, "cash_balance": 5}, only=["runway_months", "gross_margin", "ltm_ebitda_margin"]
    )
    assert {key: one[0].reason for key, one in found.items()} == {
        "runway_months": "missing: cash_burn",
        "gross_margin": "missing: gross_profit",
        "ltm_ebitda_margin": "no earlier period of ebitda",
    }
    zero = metrics.evaluate({"revenue": 0, "gross_profit": 0}, only=["gross_margin"])
    assert zero["gross_margin"][0].reason == "division by zero: revenue"
    saved = metrics.evaluate({"cash_burn": -5, "cash_balance": 100}, only=["runway_months"])
    assert saved["runway_months"][0].reason == "not positive: monthly_cash_burn"


def test_margins_of_twelve_months_come_from_sums() -> None:
    found = metrics.evaluate({"revenue": [100, 100, 100, 700], "gross_profit": [90, 90, 90, 70]})
    assert near(found["ltm_gross_margin"][3], 0.34)


def test_per_head_figures_are_annualised_by_the_period() -> None:
    quarter = metrics.evaluate({"revenue": 50, "employees": 10}, periods_per_year=4)["revenue_per_employee"][0]
    month = metrics.evaluate({"revenue": 50, "employees": 10}, periods_per_year=12)["revenue_per_employee"][0]
    assert (quarter.value, month.value) == (20, 60)
    burn = metrics.evaluate({"cash_burn": 30}, periods_per_year=12)["monthly_cash_burn"][0]
    assert burn.value == 30


def test_every_function_of_a_formula() -> None:
    definitions = [
        flow("x"),
        derived("most", "max(x, 2, -x)"),
        derived("least", "min(x, 2)"),
        derived("size", "abs(-x)"),
        derived("mean_2", "mean(x, 2)"),
        derived("signed", "+x - -1.5"),
        derived("held", "if_positive(x)"),
    ]
    found = metrics.evaluate({"x": [4, -1]}, definitions)
    assert [found[key][0].value for key in ("most", "least", "size", "signed", "held")] == [4, 2, 4, Decimal("5.5"), 4]
    assert [found[key][1].value for key in ("most", "least", "size", "mean_2")] == [2, -1, 1, Decimal("1.5")]
    assert found["held"][1].reason == "not positive: x"
    assert found["mean_2"][0].reason == "no earlier period of x"
    missing = metrics.evaluate({"x": [None]}, definitions)
    assert {found[0].reason for found in missing.values()} >= {"missing: x"}
    assert all(found[0].value is None for found in missing.values())


def test_a_figure_too_large_to_compute_is_null_and_not_infinite() -> None:
    found = metrics.evaluate({"x": Decimal("1e600000")}, [flow("x"), derived("huge", "x * x")])["huge"][0]
    assert (found.value, found.reason) == (None, "too large to compute")


def test_a_figure_shows_how_it_was_made() -> None:
    found = metrics.evaluate({"revenue": 200, "gross_profit": 150}, only=["gross_margin"])["gross_margin"][0]
    told = found.explain()
    assert told.lines() == ["metric", "value = gross_profit / revenue = 0.75"]
    assert told.inputs == {"gross_profit": Decimal(150), "revenue": Decimal(200)}
    absent = metrics.evaluate({"revenue": 200}, only=["gross_margin"])["gross_margin"][0].explain()
    assert absent.lines()[1] == "value = gross_profit / revenue = none: missing: gross_profit"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "revenue +",
        "__import__('os').system('ls')",
        "revenue.real",
        "revenue ** 9999",
        "[1, 2]",
        "lambda: 1",
        "revenue if 1 else 2",
        "'text'",
        "True",
        "open(revenue)",
        "max(revenue)",
        "ltm(revenue, 2)",
        "mean(revenue, 0)",
        "mean(revenue, employees)",
        "abs(x=1)",
        "1e999999999",
        "-" * 60 + "x",
        "x" * 1001,
        "(" * 300 + "x" + ")" * 300,
    ],
)
def test_a_formula_that_is_more_than_arithmetic_is_refused(text: str) -> None:
    with pytest.raises(KernelError):
        metrics.parse(text)


@pytest.mark.parametrize(
    ("make", "says"),
    [
        (lambda: metrics.evaluate({"nonsense": 1}), "not a metric"),
        (lambda: metrics.evaluate({"arr": 1}), "cannot be reported"),
        (lambda: metrics.evaluate({"revenue": [1, 2], "ebitda": [1]}), "differ in length"),
        (lambda: metrics.evaluate({"revenue": float("nan")}), "revenue"),
        (lambda: metrics.evaluate({"revenue": 1}, periods_per_year=3), "periods"),
        (lambda: metrics.evaluate({"revenue": 1}, only=["revenue"]), "not a derived"),
        (lambda: metrics.order([derived("a", "b")]), "nobody has defined"),
        (lambda: metrics.order([flow("a"), flow("a")]), "defined twice"),
        (lambda: flow("two words"), "cannot be a metric's key"),
        (lambda: flow("ltm"), "cannot be a metric's key"),
        (lambda: MetricDefinition("a", "a", "ratio", "derived"), "has a formula"),
        (lambda: MetricDefinition("a", "a", "ratio", "flow", formula="1"), "has a formula"),
        (lambda: MetricDefinition("a", "a", "ratio", "derived", formula="1", aggregation="sum"), "recomputed"),
        (lambda: metrics.aggregate([1], "recompute"), "recomputed"),
        (lambda: metrics.growth_series([1], 0), "earlier period"),
        (lambda: metrics.net_revenue_retention([1], []), "do not match"),
        (lambda: metrics.gross_revenue_retention([1], [-1]), "not negative"),
    ],
)
def test_what_contradicts_the_definitions_is_refused(make: Any, says: str) -> None:
    with pytest.raises(KernelError, match=says):
        make()


# --- properties -----------------------------------------------------------------------------------------------------

amounts = st.decimals("-1e9", "1e9", places=2)
sizes = st.lists(st.tuples(st.integers(1, 10**6), st.integers(0, 10**6)), min_size=1)


@given(sizes)
def test_gross_retention_is_a_share_and_never_above_net(customers: list[tuple[int, int]]) -> None:
    begin, end = zip(*customers, strict=True)
    gross, net = metrics.gross_revenue_retention(begin, end).value, metrics.net_revenue_retention(begin, end).value
    assert gross is not None
    assert net is not None
    assert 0 <= gross <= 1
    assert gross <= net


@given(st.lists(amounts, min_size=4, max_size=9), st.sampled_from([1, 2, 4]))
def test_twelve_months_roll_by_what_enters_and_leaves(values: list[Decimal], per_year: int) -> None:
    series = [one.value for one in metrics.ltm_series(values, periods_per_year=per_year)]
    for at in range(per_year, len(values)):
        before, now = series[at - 1], series[at]
        assert before is not None
        assert now == before + values[at] - values[at - per_year]


@given(st.dictionaries(st.sampled_from([d.key for d in STANDARD if d.formula is None]), amounts), st.integers(2, 1000))
def test_ratios_of_money_do_not_move_with_the_currency(values: dict[str, Decimal], factor: int) -> None:
    money = {definition.key for definition in STANDARD if definition.unit == "money"}
    scaled = {key: value * factor if key in money else value for key, value in values.items()}
    plain, other = metrics.evaluate(dict(values)), metrics.evaluate(dict(scaled))
    for definition in STANDARD:
        if definition.kind == "derived":
            one, two = plain[definition.key][0], other[definition.key][0]
            assert (one.value is None) == (two.value is None)
            assert (one.value is None) == (one.reason is not None)
            if one.value is not None and two.value is not None:
                grown = factor if definition.unit == "money" else 1
                assert abs(two.value - one.value * grown) <= Decimal("1e-20") * (1 + abs(two.value))


def test_a_formula_says_how_far_back_it_looks() -> None:
    formula = metrics.parse("(cash - previous(cash)) * periods_per_year / if_positive(mean(year_ago(burn), 2))")
    assert metrics.looks_back(formula, 4) == [("cash", 0), ("cash", 1), ("burn", 4), ("burn", 5)]
    assert metrics.looks_back(metrics.parse("ltm(a) - min(b, 2)"), 2) == [("a", 0), ("a", 1), ("b", 0)]
