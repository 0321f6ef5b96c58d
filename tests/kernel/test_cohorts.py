"""Cohorts: the published exercise, real purchases, a second engine that agrees, and what must hold for any payments."""

import csv
import gzip
import json
import random
from collections import defaultdict
from dataclasses import FrozenInstanceError
from datetime import date
from decimal import Decimal
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import numpy_financial as npf
import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.real_data import real_data

from vestry.kernel import cohorts, returns
from vestry.kernel.cohorts import Prediction, Scenario, Terms, Threshold
from vestry.kernel.errors import KernelError

GOLDEN: dict[str, dict[str, Any]] = {
    case["id"]: case for case in yaml.safe_load((Path(__file__).parent / "golden" / "cohorts.yaml").read_text())
}
PAYMENTS = GOLDEN["CVF-001"]["inputs"]["payments"]
JAN = "2020-01-01"


def monthly(amounts: list[Any], first: int = 2020 * 12) -> cohorts.CohortMatrix:
    """One customer who pays these amounts month by month; ``None`` is a month without a payment."""
    paid = [(1, cohorts.iso_month(first + k), amount) for k, amount in enumerate(amounts) if amount is not None]
    return cohorts.matrix(paid)


def close(found: list[Any], expected: list[Any], within: float) -> bool:
    return len(found) == len(expected) and all(
        (a is None) == (b is None) and (a is None or abs(float(a) - float(b)) <= within)
        for a, b in zip(found, expected, strict=True)
    )


def exercise(**terms: Any) -> cohorts.CohortCashflows:
    matrix = cohorts.matrix(PAYMENTS)
    return cohorts.cashflows(matrix, spends=dict.fromkeys(matrix.table(), 1000), **terms)


# --- the published exercise -----------------------------------------------------------------------------------------


def test_the_matrix_of_the_exercise() -> None:
    expected = GOLDEN["CVF-001"]["expected"]["matrix"]
    table = cohorts.matrix(PAYMENTS).table()
    assert list(table) == list(expected)
    assert all(close(table[month], expected[month], 0) for month in expected)


def test_the_matrix_is_the_same_in_any_order_and_from_columns() -> None:
    table = cohorts.matrix(PAYMENTS).table()
    for seed in range(6):
        shuffled = random.Random(seed).sample(PAYMENTS, len(PAYMENTS))
        assert cohorts.matrix(shuffled).table() == table
    who, when, what = zip(*(payment.values() for payment in PAYMENTS), strict=True)
    columns = (np.array(who), np.array(when, dtype="datetime64[D]"), np.array(what, dtype=float))
    assert cohorts.matrix(*columns).table() == table


def test_the_prediction_of_a_new_cohort() -> None:
    given_, expected = GOLDEN["CVF-002"]["inputs"], GOLDEN["CVF-002"]["expected"]["values"]
    found = cohorts.predict([], given_["churn"], given_["n"], m0=given_["m0"])
    assert close(found, expected, 0.006)
    assert [round(value, 2) for value in found] == expected


def test_the_predicted_rows_of_the_exercise() -> None:
    case = GOLDEN["CVF-EX2"]
    result = exercise(prediction=Prediction(case["inputs"]["churn"], case["inputs"]["m0"], 6))
    rows = result.payments()
    assert all(close(rows[month], row, 0.006) for month, row in case["expected"]["rows"].items())
    plain = cohorts.predict([400, 300], 0.1, 6)
    assert close(rows["2020-02-01"], plain, 1e-4)


def test_the_threshold_mask_of_the_exercise() -> None:
    case = GOLDEN["CVF-004"]
    mask = cohorts.threshold_mask(cohorts.matrix(PAYMENTS), case["inputs"]["spend"], case["inputs"]["thresholds"])
    assert mask == case["expected"]["met"]


def test_the_collections_of_the_exercise_on_actual_payments() -> None:
    case = GOLDEN["CVF-EX4"]
    result = exercise(terms=case["inputs"]["trades"], thresholds=case["inputs"]["thresholds"])
    found = result.collections(calendar=True)
    assert all(close(found[month], [*row], 0) for month, row in case["expected"]["collections"].items())


def test_the_collections_of_the_exercise_on_twelve_predicted_periods() -> None:
    case = GOLDEN["CVF-006"]
    result = exercise(
        terms=case["inputs"]["trades"], thresholds=case["inputs"]["thresholds"], prediction=Prediction(0.1, 0.4, 12)
    )
    found = result.collections(calendar=True)
    for month, row in case["expected"]["collections"].items():
        assert close(found[month], row, 0.006)
        assert close(found[month], case["recomputed"]["collections"][month], 1e-6)
        assert abs(float(sum(found[month], Decimal(0))) - case["recomputed"]["totals"][month]) < 1e-5


def test_the_exercise_as_the_file_has_it() -> None:
    data = json.loads(real_data("cvf/cvf_golden.json").read_text())
    table = cohorts.matrix(data["payments"]).table()
    assert all(close(table[month], row, 0) for month, row in data["ex1_cohort_matrix"].items())
    best = data["ex2_scenarios"]["BEST"]
    result = exercise(prediction=Prediction(best["churn"], best["m0"], 6))
    rows = result.payments()
    assert all(close(rows[month], row, 0.006) for month, row in data["ex2_predicted_first6_BEST"].items())


# --- returns --------------------------------------------------------------------------------------------------------


def test_the_fund_irr_is_on_the_funds_own_flows() -> None:
    case = GOLDEN["CVF-IRR"]
    result = cohorts.cashflows(
        monthly(case["inputs"]["payments"]), spends={JAN: 100}, terms=[Terms(JAN, "0.5", cash_cap=140)]
    )
    assert result.outlay.tolist() == [5000]
    assert close(result.collections()[JAN], case["expected"]["collected"], 0)
    assert result.annual_irr[0] == pytest.approx(case["expected"]["annual_irr"], abs=5e-5)
    assert result.monthly_irr[0] == pytest.approx(npf.irr([-50, *[15] * 9, 5]), abs=1e-12)
    assert result.cohort_payment_irr()[0] == pytest.approx((1 + npf.irr([-100, *[30] * 12])) ** 12 - 1, rel=1e-10)
    assert result.cohort_payment_irr()[0] == pytest.approx(case["expected"]["cohort_payment_irr"], abs=5e-5)


def test_same_month_timing_collects_period_zero_with_the_outlay() -> None:
    result = cohorts.cashflows(monthly([30] * 12), spends={JAN: 100}, terms=[Terms(JAN, 0.5, 140)], timing="same_month")
    assert result.monthly_irr[0] == pytest.approx(npf.irr([-50 + 15, *[15] * 8, 5]), abs=1e-12)


def test_returns_that_do_not_exist_are_null_with_a_reason() -> None:
    matrix = cohorts.matrix(
        [(1, "2020-01-05", 10), (2, "2020-02-05", 10), (3, "2020-03-05", -10), (4, "2020-04-05", 9)]
    )
    result = cohorts.cashflows(
        matrix,
        spends={"2020-01": 0, "2020-02": 100, "2020-03": 100},
        terms=[Terms("2020-01", 0.5), Terms("2020-03", 0.5), Terms("2020-04", 0.5)],
    )
    assert result.annual_irr == [None] * 4
    assert result.statuses == ["no_outlay", "unfunded", "no_return", "no_spend"]
    at_once = cohorts.cashflows(monthly([500]), spends={JAN: 100}, terms=[Terms(JAN, 0.5)], timing="same_month")
    assert (at_once.annual_irr, at_once.statuses) == ([None], ["returned_at_once"])


def test_many_irrs_agree_with_one_at_a_time() -> None:
    rng = np.random.default_rng(7)
    returns = rng.lognormal(0, 1, (40, 24)) * (rng.random((40, 24)) < 0.7)
    outlay = rng.lognormal(2, 1.5, 40)
    rates, statuses = cohorts.irr_rows(outlay, returns)
    for i in range(40):
        flows = [-outlay[i], *returns[i]]
        assert statuses[i] == "ok"
        assert abs(npf.npv(rates[i], flows)) <= 1e-9 * npf.npv(rates[i], np.abs(flows))


def test_many_irrs_agree_with_the_kernels_own_irr() -> None:
    rng = np.random.default_rng(11)
    bought = rng.lognormal(0, 2, (30, 36)) * (rng.random((30, 36)) < 0.5)
    bought[:10] -= rng.lognormal(0, 1, (10, 36)) * (rng.random((10, 36)) < 0.1)
    outlay = rng.lognormal(3, 1.5, 30)
    rates, statuses = cohorts.irr_rows(outlay, bought)
    for i in range(30):
        other = returns.irr([-outlay[i], *bought[i]])
        assert (other.rate is None) == (statuses[i] not in ("ok", "multiple_roots"))
        assert len(other.roots) != 1 or statuses[i] == "ok"
        assert other.rate is None or rates[i] == pytest.approx(other.rate, rel=1e-9, abs=1e-11)


def test_a_near_total_loss_and_a_windfall_have_their_irr() -> None:
    rates, statuses = cohorts.irr_rows(np.array([1e9, 1.0]), np.array([[1.0] + [0.0] * 59, [1e9] * 60]))
    assert statuses == ["ok", "ok"]
    assert rates[0] == pytest.approx(1e-9 - 1, rel=1e-12)
    assert rates[1] == pytest.approx(1e9, rel=1e-6)


def test_an_irr_with_refunds_says_when_it_is_not_the_only_one() -> None:
    rates, statuses = cohorts.irr_rows(
        np.array([100.0, 100.0, 100.0, 100.0]),
        np.array([[250.0, -160.0], [150.0, -20.0], [10.0, -40.0], [-10.0, 0.0]]),
    )
    assert statuses == ["no_solution", "multiple_roots", "no_solution", "no_return"]
    assert rates[1] == pytest.approx(40 / (150 - 14500**0.5) - 1, rel=1e-9)
    two, said = cohorts.irr_rows(np.array([100.0]), np.array([[230.0, -132.0]]))
    assert said == ["multiple_roots"]
    assert two[0] == pytest.approx(0.1, abs=1e-9)


# --- the rules ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("cap", "expected"), [(100, "cap_100"), (1000, "cap_1000"), (None, "cap_1000")])
def test_refunds_move_what_was_collected_between_zero_and_the_cap(cap: int | None, expected: str) -> None:
    result = cohorts.cashflows(monthly([300, -40, 100]), spends={JAN: 1000}, terms=[Terms(JAN, 0.5, cap)])
    assert close(result.collections()[JAN], GOLDEN["CVF-REFUND"]["expected"][expected], 0)


def test_refunds_beyond_everything_paid_hold_collected_at_zero() -> None:
    result = cohorts.cashflows(monthly([100, -300, 150, 100]), spends={JAN: 1000}, terms=[Terms(JAN, 0.5)])
    assert close(result.collections()[JAN], [50, -50, 0, 25], 0)
    told = cohorts.explain(result, JAN, 1)
    assert any("held at 0" in step for step in told.steps)


def test_a_gap_is_zero_and_a_later_month_is_unknown() -> None:
    matrix = cohorts.matrix([("a", "2024-01-31", 10), ("a", "2024-04-01", 5), ("b", "2024-02-01", 7)])
    assert matrix.table() == {
        "2024-01-01": [Decimal(10), Decimal(0), Decimal(0), Decimal(5)],
        "2024-02-01": [Decimal(7), None, None, None],
    }
    complete = cohorts.matrix([("a", "2024-01-31", 10), ("b", "2024-02-01", 7)], complete_through="2024-03")
    assert complete.table() == {"2024-01-01": [Decimal(10), 0, 0], "2024-02-01": [Decimal(7), 0, None]}


def test_data_complete_through_an_earlier_month_forget_nothing() -> None:
    matrix = cohorts.matrix([("a", "2024-01-31", 10), ("a", "2024-03-31", 10)], complete_through="2024-02-01")
    assert matrix.known.tolist() == [3]


def test_an_earlier_payment_moves_the_customer_to_the_earlier_cohort() -> None:
    late = [("a", "2024-02-10", 10), ("b", "2024-02-11", 20)]
    assert list(cohorts.matrix(late).table()) == ["2024-02-01"]
    moved = cohorts.matrix([*late, ("a", date(2023, 12, 31), 1)])
    assert moved.table()["2023-12-01"] == [Decimal(1), Decimal(0), Decimal(10)]
    assert moved.sizes is not None
    assert moved.sizes.tolist() == [1, 1]


def test_two_equal_payments_on_one_day_are_two_payments_of_one_active_customer() -> None:
    matrix = cohorts.matrix([("a", "2024-02-10", "10.10"), ("a", "2024-02-10", "10.10"), ("b", "2024-02-10", 5)])
    assert matrix.counts is not None
    assert matrix.active is not None
    assert matrix.table()["2024-02-01"] == [Decimal("25.20")]
    assert (matrix.counts.tolist(), matrix.active.tolist()) == ([[3]], [[2]])


def test_a_rollup_gives_the_matrix_the_payments_give() -> None:
    whole = cohorts.matrix(PAYMENTS)
    cells = cohorts.matrix_from_cells(
        ["2020-01", "2020-01", "2020-02", "2020-02", "2020-04"],
        ["2020-01", "2020-02", "2020-02", "2020-03", "2020-04"],
        [20000, 10000, 40000, 30000, 50000],
        [1, 1, 1, 1, 1],
    )
    assert cells.table() == whole.table()
    assert np.array_equal(cells.counts, whole.counts)
    assert cells.active is None


def test_a_breach_takes_the_whole_payment_of_that_month_only() -> None:
    result = cohorts.cashflows(
        monthly([300, 99.99, 100, 50]),
        spends={JAN: 1000},
        terms=[Terms(JAN, 0.5)],
        thresholds=[Threshold(1, 0.1), Threshold(2, 0.1), Threshold(7, 0.1)],
    )
    assert close(result.collections()[JAN], [150, 99.99, 50, 25], 0)
    assert result.failed.tolist() == [[False, True, False, False]]
    told = cohorts.explain(result, JAN, 1)
    assert (told.share_applied, told.threshold_failed, told.minimum_payment) == (Decimal(1), True, Decimal(100))
    assert "the fund collects 100 % of this month" in told.steps


def test_a_threshold_that_is_met_by_equality_in_thirds_is_met() -> None:
    result = cohorts.cashflows(
        monthly(["0.07", "0.07"]), spends={JAN: "0.1"}, terms=[Terms(JAN, 0.5)], thresholds=[Threshold(1, "0.7")]
    )
    assert not result.failed.any()


def test_a_predicted_payment_that_meets_its_minimum_but_for_rounding_meets_it() -> None:
    result = cohorts.cashflows(
        monthly([400]),
        spends={JAN: 1000},
        terms=[Terms(JAN, 0.5)],
        thresholds=[Threshold(period, round(0.4 * 0.9**period, 12)) for period in range(1, 5)],
        prediction=Prediction(0.1, horizon=5),
    )
    assert not result.failed.any()


def test_an_override_restores_the_share_and_keeps_the_breach_in_sight() -> None:
    result = cohorts.cashflows(
        monthly([300, 10]),
        spends={JAN: 1000},
        terms=[Terms(JAN, 0.5)],
        thresholds=[Threshold(1, 0.1)],
        overrides=[(JAN, 1)],
    )
    assert close(result.collections()[JAN], [150, 5], 0)
    assert result.failed[0, 1]
    assert not result.full_share[0, 1]
    told = cohorts.explain(result, JAN, 1)
    assert told.overridden
    assert "an override restores the normal share" in told.steps


def test_an_unknown_month_collects_nothing_and_breaches_nothing() -> None:
    result = exercise(terms=[Terms("2020-04", 0.5)], thresholds=[Threshold(1, 0.25)])
    row = result.matrix.row("2020-04-01")
    assert not result.failed[row].any()
    assert result.collections()["2020-04-01"] == [Decimal(250), None]
    with pytest.raises(KernelError, match="not known"):
        cohorts.explain(result, "2020-04", 1)


def test_a_month_declared_complete_without_payments_is_a_breach() -> None:
    matrix = cohorts.matrix([(1, JAN, 300)], complete_through="2020-02")
    result = cohorts.cashflows(matrix, spends={JAN: 1000}, terms=[Terms(JAN, 0.5)], thresholds=[Threshold(1, 0.1)])
    assert result.failed.tolist() == [[False, True]]
    assert close(result.collections()[JAN], [150, 0], 0)


def test_the_effective_cap_moves_with_the_actual_spend() -> None:
    result = cohorts.cashflows(
        monthly([400] * 4), spends={JAN: 800}, terms=[Terms(JAN, 0.5, cash_cap=500, planned_spend=1000)]
    )
    assert (int(result.book.contractual_cap[0]), int(result.book.cap[0])) == (50000, 40000)
    assert close(result.collections()[JAN], [200, 200, 0, 0], 0)
    assert result.capped.tolist() == [[False, True, True, True]]
    assert cohorts.effective_cap(100, 1, 3) == 33
    assert cohorts.effective_cap(100, 1, 8) == 13
    assert cohorts.effective_cap(100, None, 8) == cohorts.effective_cap(100, 1, None) == 100


def test_a_cohort_without_a_cap_collects_on() -> None:
    result = cohorts.cashflows(monthly([400] * 4), spends={JAN: 100}, terms=[Terms(JAN, 0.5)])
    assert close(result.collections()[JAN], [200] * 4, 0)
    assert not result.capped.any()
    assert result.cap.tolist() == [float("inf")]


def test_a_target_irr_ends_collecting_where_the_balance_reaches_zero() -> None:
    target = 0.10
    result = cohorts.cashflows(monthly([30] * 12), spends={JAN: 100}, terms=[Terms(JAN, 0.5, target_irr=target)])
    collected = [float(value) for value in result.collections()[JAN] if value is not None]
    balance = 50.0
    for amount in collected[:4]:
        balance = balance * 1.1 ** (1 / 12) - amount
    assert abs(balance) < 0.005
    assert collected == [15, 15, 15, 5.89, *[0] * 8]
    assert result.annual_irr[0] == pytest.approx(target, abs=5e-4)


def test_the_balance_that_is_left_to_the_target_is_told_month_by_month() -> None:
    result = cohorts.cashflows(monthly([30] * 5), spends={JAN: 100}, terms=[Terms(JAN, 0.5, target_irr=0.1)])
    told = [cohorts.explain(result, JAN, period).owed_to_target for period in range(5)]
    growth = 1.1 ** (1 / 12)
    expected = [
        50 * growth - 15,
        (50 * growth - 15) * growth - 15,
        ((50 * growth - 15) * growth - 15) * growth - 15,
        0,
        0,
    ]
    assert told == pytest.approx(expected, abs=1e-9)


@pytest.mark.parametrize(("cash_cap", "binding"), [(40, 40.0), (50.89, 50.89), (60, 50.89)])
def test_the_lower_of_two_caps_binds(cash_cap: float, binding: float) -> None:
    terms = Terms(JAN, 0.5, cash_cap, target_irr=0.1)
    result = cohorts.cashflows(monthly([30] * 12), spends={JAN: 100}, terms=[terms])
    assert float(result.cumulative_collected[0, -1]) / 100 == binding


def test_a_target_on_an_outlay_of_nothing_is_reached_at_once() -> None:
    result = cohorts.cashflows(monthly([30] * 2), spends={JAN: 0}, terms=[Terms(JAN, 0.5, target_irr=0.1)])
    assert close(result.collections()[JAN], [0, 0], 0)
    assert cohorts.explain(result, JAN, 0).collected == 0


def test_a_target_that_is_never_reached_caps_nothing() -> None:
    result = cohorts.cashflows(monthly([10] * 3), spends={JAN: 100}, terms=[Terms(JAN, 0.5, target_irr=0.1)])
    assert close(result.collections()[JAN], [5] * 3, 0)
    assert result.cap.tolist() == [float("inf")]


def test_a_prediction_never_replaces_an_actual() -> None:
    actual = monthly([100, 70, None, 30])
    result = cohorts.cashflows(actual, prediction=Prediction(0.5, horizon=6))
    assert close(result.payments()[JAN], [100, 70, 0, 30, 15, 7.5], 0)
    assert result.predicted.tolist() == [[False] * 4 + [True] * 2]
    short = cohorts.cashflows(actual, prediction=Prediction(0.5, horizon=2))
    assert close(short.payments()[JAN], [100, 70, 0, 30], 0)


def test_a_partial_last_month_stays_and_the_estimate_goes_on_from_the_month_before() -> None:
    matrix = cohorts.matrix([(1, "2020-01-01", 100), (1, "2020-02-01", 80), (1, "2020-03-01", 3), (2, "2020-01-09", 1)])
    result = cohorts.cashflows(matrix, prediction=Prediction(0.5, horizon=5, last_month_partial=True))
    assert close(result.payments()[JAN], [101, 80, 3, 20, 10], 0)
    older = cohorts.matrix([(1, "2020-01-01", 100), (1, "2020-02-01", 80), (2, "2020-03-01", 9)])
    both = cohorts.cashflows(
        older, spends={"2020-03": 100}, prediction=Prediction(0.5, 0.4, 3, last_month_partial=True)
    )
    assert close(both.payments()[JAN], [100, 80, 40], 0)
    assert close(both.payments()["2020-03-01"], [9, 20, 10], 0)
    without = cohorts.cashflows(older, prediction=Prediction(0.5, horizon=3, last_month_partial=True))
    assert close(without.payments()["2020-03-01"], [9, 4.5, 2.25], 0)


def test_a_month_that_is_not_over_or_marked_partial_is_no_breach_yet() -> None:
    matrix = cohorts.matrix([(1, "2020-01-01", 10), (1, "2020-02-01", 10), (1, "2020-03-01", 10)])
    book = {"spends": {JAN: 100}, "terms": [Terms(JAN, "0.5")], "thresholds": [Threshold(k, "0.2") for k in range(5)]}
    assert cohorts.cashflows(matrix, **book).failed.tolist() == [[True, True, True]]
    result = cohorts.cashflows(matrix, **book, open_from="2020-03")
    assert result.failed.tolist() == [[True, True, False]]
    assert close(result.collections()[JAN], [10, 10, 5], 0)
    told = cohorts.explain(result, JAN, 2)
    assert (told.threshold_failed, told.minimum_payment, told.collected) == (False, 20, 5)
    assert told.steps[1].startswith("the month is not over")
    partial = cohorts.cashflows(matrix, **book, prediction=Prediction("0.5", horizon=5, last_month_partial=True))
    assert partial.failed.tolist() == [[True, True, False, True, True]]
    whole = cohorts.cashflows(matrix, **book, prediction=Prediction("0.5", horizon=4), open_from="2020-03")
    assert whole.failed.tolist() == [[True, True, False, True]]


def test_a_cohort_without_actuals_starts_at_m0_or_stays_unknown() -> None:
    empty = cohorts.matrix([])
    result = cohorts.cashflows(empty, spends={JAN: 1000}, terms=[Terms(JAN, 0.5)], prediction=Prediction(0.2, 0.3, 3))
    assert close(result.payments()[JAN], [300, 240, 192], 1e-9)
    unknown = cohorts.cashflows(empty, spends={JAN: 1000}, terms=[Terms(JAN, 0.5)], prediction=Prediction(0.2))
    assert unknown.payments()[JAN] == [None] * 36
    assert unknown.statuses == ["no_return"]
    no_spend = cohorts.cashflows(empty, terms=[Terms(JAN, 0.5)], prediction=Prediction(0.2, 0.3, 3))
    assert no_spend.payments()[JAN] == [None] * 3
    assert no_spend.statuses == ["no_spend"]


def test_churn_may_differ_by_period() -> None:
    result = cohorts.cashflows(monthly([100, 80]), prediction=Prediction([0, 0.9, 0.5, 0.25], horizon=6))
    assert close(result.payments()[JAN], [100, 80, 40, 30, 22.5, 16.875], 1e-9)
    gone = cohorts.cashflows(monthly([100]), prediction=Prediction([0, 1.0, 0.0], horizon=3))
    assert close(gone.payments()[JAN], [100, 0, 0], 0)


def test_a_refund_in_the_last_month_predicts_nothing_negative() -> None:
    result = cohorts.cashflows(monthly([100, -20]), prediction=Prediction(0.1, horizon=4))
    assert close(result.payments()[JAN], [100, -20, 0, 0], 0)


def test_scenarios_share_the_actual_months() -> None:
    full, book = cohorts.pack(cohorts.matrix(PAYMENTS), dict.fromkeys(["2020-01", "2020-02", "2020-04"], 1000))
    named = [Scenario("worst", 0.1, 0.3), Scenario("average", 0.3, 0.2), Scenario("best", 0.4, 0.1)]
    results = cohorts.run_scenarios(full, book, named, horizon=6)
    worst, average, best = (results[scenario.name].payment.sum() for scenario in named)
    assert worst < average < best
    assert all(np.array_equal(one.payment[:, :1], full.amounts[:, :1]) for one in results.values())
    with pytest.raises(KernelError, match="two scenarios 'best'"):
        cohorts.run_scenarios(full, book, [named[2], named[2]])


def test_unfunded_and_unspent_cohorts_have_defined_answers() -> None:
    result = exercise(terms=[{"cohort_month": "2020-02", "sharing_percentage": "0.5"}, Terms("2021-01", 0.5, 100)])
    assert [*result.collections()] == ["2020-01-01", "2020-02-01", "2020-04-01", "2021-01-01"]
    assert result.collections()[JAN] == [Decimal(0), Decimal(0)]
    assert result.collections()["2021-01-01"] == [None, None]
    assert result.statuses == ["unfunded", "ok", "unfunded", "no_spend"]
    free = cohorts.cashflows(
        monthly([10, 5]), spends={JAN: 0}, terms=[Terms(JAN, 0.5)], thresholds=[Threshold(0, 0.5), Threshold(1, 0)]
    )
    assert not free.failed.any()
    assert close(free.collections()[JAN], [5, 2.5], 0)


def test_amounts_too_large_for_a_product_in_64_bits_stay_exact() -> None:
    big = Decimal("12345678901234.57")
    result = cohorts.cashflows(
        monthly([big, big, -big]),
        spends={JAN: big},
        terms=[Terms(JAN, "0.123456789")],
        thresholds=[Threshold(0, "1.0000000001"), Threshold(1, "1.0000000000")],
    )
    exact = (big * Decimal("0.123456789")).quantize(Decimal("0.01"))
    assert result.failed.tolist() == [[True, False, False]]
    assert result.collections()[JAN] == [big, exact, -exact]


def test_shares_of_odd_cents_add_up_to_the_share_of_the_sum() -> None:
    result = cohorts.cashflows(monthly(["0.01"] * 10), spends={JAN: 1}, terms=[Terms(JAN, "0.5")])
    found = result.collections()[JAN]
    assert sum(value for value in found if value is not None) == Decimal("0.05")
    assert set(found) == {Decimal("0.00"), Decimal("0.01")}


def test_currencies_without_cents_or_with_three_decimals() -> None:
    yen = cohorts.matrix([(1, JAN, 1001)], minor_digits=0)
    assert yen.table() == {JAN: [Decimal(1001)]}
    dinar = cohorts.matrix([(1, JAN, "1.125")], minor_digits=3)
    result = cohorts.cashflows(dinar, spends={JAN: 10}, terms=[Terms(JAN, 0.5)])
    assert result.collections()[JAN] == [Decimal("0.563")]


# --- what a cohort is worth -----------------------------------------------------------------------------------------


def test_payback_counts_the_period_in_which_the_spend_is_back() -> None:
    assert cohorts.payback([60, 30, 10, 50], 100).value == 2
    assert cohorts.payback_months([60, 30, 10, 50], 100).value == 3
    assert cohorts.payback([60, 30, 9.99, None, 50], 100).reason == "not reached"
    assert cohorts.payback([60, 60, 60], 100, margin="0.6").value == 2
    assert cohorts.payback([60], 0).reason == "no spend"
    assert cohorts.payback_months([60], 100).value is None


def test_cac_ltv_and_moic_are_null_where_they_do_not_exist() -> None:
    assert cohorts.cac(1000, 8).value == 125
    assert cohorts.cac(1000, 0).reason == "no customers"
    assert cohorts.ltv([100, 50, None, 7], 10, margin="0.8").value == 12
    assert cohorts.ltv([100, 110], 10, discount="0.1").value == 20
    assert cohorts.ltv([100], 0).reason == "no customers"
    assert cohorts.moic(70, 50).value == pytest.approx(1.4)
    assert cohorts.moic(70, 0).reason == "no outlay"
    assert cohorts.simple_ltv(1000, "0.8", "0.02").value == 40000
    assert cohorts.simple_ltv(1000, "0.8", 0).reason == "no churn"
    with pytest.raises(KernelError, match="discount"):
        cohorts.ltv([1], 1, discount=-1)


# --- bad input ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("customers", "dates", "amounts", "says"),
    [
        (["a"], ["2020-13-01"], [1], "date"),
        (["a"], [None], [1], "date"),
        (["a"], ["2020-01-01"], [float("nan")], "finite"),
        (["a"], ["2020-01-01"], ["abc"], "not a number"),
        (["a"], ["2020-01-01"], [True], "number"),
        (["a"], ["2020-01-01"], ["1.005"], "2 decimals"),
        (["a"], ["2020-01-01"], [10**15], "too large"),
        (["a"], ["2020-01-01"], [1, 2], "do not match"),
        ([None], ["2020-01-01"], [1], "no customer"),
        (["a", "a"], ["1020-01-01", "2020-01-01"], [1, 2], "span"),
        (["a"], ["2020-01-01"], np.array([np.inf]), "finite"),
        (["a"], ["2020-01-01"], np.array([1.005]), "2 decimals"),
        (["a"], ["2020-01-01"], np.array([1e15]), "too large"),
        (["a"], ["2020-01-01"], np.array([10**15]), "too large"),
        (["a"], np.array(["NaT"], dtype="datetime64[D]"), [1], "missing"),
        (list(range(10)), ["2020-01-01"] * 10, [10**13] * 10, "add up"),
    ],
)
def test_payments_that_are_none_are_refused(customers: Any, dates: Any, amounts: Any, says: str) -> None:
    with pytest.raises(KernelError, match=says):
        cohorts.matrix(customers, dates, amounts)


@pytest.mark.parametrize(
    ("make", "says"),
    [
        (lambda: Terms(JAN, 0), "sharing"),
        (lambda: Terms(JAN, 1.1), "sharing"),
        (lambda: Terms(JAN, 0.5, 0), "cap"),
        (lambda: Terms(JAN, 0.5, 1, 0), "planned"),
        (lambda: Terms(JAN, 0.5, target_irr=-1), "target"),
        (lambda: Terms(None, 0.5), "month"),  # type: ignore[arg-type]
        (lambda: Threshold(-1, 0.1), "period"),
        (lambda: Threshold(1200, 0.1), "period"),
        (lambda: Threshold(0.5, 0.1), "period"),  # type: ignore[arg-type]
        (lambda: Threshold(1, -0.1), "minimum"),
        (lambda: Prediction(1.1), "churn"),
        (lambda: Prediction(-0.1), "churn"),
        (lambda: Prediction([]), "churn"),
        (lambda: Prediction(0.1, -1), "m0"),
        (lambda: Prediction(0.1, horizon=0), "horizon"),
        (lambda: exercise(terms=[Terms(JAN, 0.5), Terms("2020-01", 0.6)]), "two terms"),
        (lambda: exercise(thresholds=[Threshold(1, 0.5), Threshold(1, 0.6)]), "two threshold for period 1"),
        (lambda: exercise(terms=[{"cohort_month": JAN}]), "sharing is missing"),
        (lambda: exercise(terms=[Terms(JAN, "0.1234567890123456")]), "15 decimals"),
        (lambda: exercise(overrides=[("2019-01", 1)]), "no cohort 2019-01-01"),
        (lambda: exercise(overrides=[(JAN, -1)]), "override"),
        (lambda: exercise(timing="mid_month"), "timing"),
        (lambda: cohorts.cashflows(cohorts.matrix([]), spends={JAN: -1}), "negative"),
        (lambda: cohorts.cashflows(cohorts.matrix([]), spends=[(JAN, 1), ("2020-01-31", 1)]), "two spend"),
        (lambda: cohorts.matrix([{"customer_id": 1, "amount": 2}]), "payment_date"),
        (lambda: cohorts.matrix_from_cells(["2020-02"], ["2020-01"], [1]), "before"),
        (lambda: cohorts.matrix_from_cells(["2020-02"], ["2020-03"], [1.5]), "integers"),
        (lambda: cohorts.matrix_from_cells(["2020-02"], ["2020-03"], [1, 2]), "differ"),
        (lambda: cohorts.compute(cohorts.matrix(PAYMENTS), cohorts.pack(cohorts.matrix([]))[1]), "another matrix"),
    ],
)
def test_terms_that_contradict_the_rules_are_refused(make: Any, says: str) -> None:
    with pytest.raises(KernelError, match=says):
        make()


def test_no_payments_at_all_are_an_empty_matrix() -> None:
    matrix = cohorts.matrix([])
    assert (matrix.table(), len(matrix), matrix.width) == ({}, 0, 0)
    result = cohorts.cashflows(matrix, thresholds=[Threshold(0, 0.1)], prediction=Prediction(0.1, 0.1, 3))
    assert (result.collections(), result.annual_irr) == ({}, [])


def test_results_cannot_be_changed() -> None:
    with pytest.raises(FrozenInstanceError):
        cohorts.matrix(PAYMENTS).minor_digits = 3  # type: ignore[misc]
    matrix = cohorts.matrix(PAYMENTS)
    with pytest.raises(ValueError, match="read-only"):
        matrix.amounts[0, 0] = 1


# --- real data ------------------------------------------------------------------------------------------------------


def rows(name: str) -> list[dict[str, str]]:
    with real_data(name).open() as file:
        return list(csv.DictReader(file))


@pytest.mark.parametrize("company", ["Acme Corp", "GrowthCo"])
def test_the_demonstration_companies_collect_what_the_rules_say(company: str) -> None:
    parts = {
        what: [row for row in rows(f"cvf/demo_{what}.csv") if row["company"] == company]
        for what in ("payments", "spends", "trades", "thresholds")
    }
    result = cohorts.cashflows(
        cohorts.matrix(parts["payments"]),
        spends={row["cohort_month"]: row["spend"] for row in parts["spends"]},
        terms=parts["trades"],
        thresholds=parts["thresholds"],
    )
    totals = {month: sum(value or 0 for value in row) for month, row in result.collections().items()}
    expected = GOLDEN["CVF-DEMO"]["expected"][company]
    assert {month: total for month, total in totals.items() if month in expected} == expected


def test_real_purchases_give_the_published_matrix_to_the_cent() -> None:
    with gzip.open(real_data("customers/cdnow_payments.csv.gz"), "rt") as file:
        matrix = cohorts.matrix(csv.DictReader(file))
    table = matrix.table()
    with real_data("customers/cdnow_cohort_matrix_golden.csv").open() as file:
        for row in csv.reader(file):
            if row[0]:
                expected = [Decimal(value).quantize(Decimal("0.01")) if value else None for value in row[1:]]
                assert table.pop(row[0]) == expected
    assert not table
    assert matrix.sizes is not None
    with real_data("customers/cdnow_cohort_sizes.csv").open() as file:
        sizes = {row["payment_date"] + "-01": int(row["count"]) for row in csv.DictReader(file)}
    assert dict(zip(matrix.table(), matrix.sizes.tolist(), strict=True)) == sizes


# --- two engines ----------------------------------------------------------------------------------------------------

cents = st.integers(-500_00, 2000_00).map(lambda units: Decimal(units).scaleb(-2))
payment = st.tuples(st.integers(0, 6), st.integers(0, 14), cents)


@st.composite
def books(draw: st.DrawFn) -> dict[str, Any]:
    """Payments, spends, terms, thresholds and a prediction of any kind."""
    months = range(2020 * 12, 2020 * 12 + 15)
    paid = [(who, cohorts.iso_month(2020 * 12 + month), what) for who, month, what in draw(st.lists(payment))]
    some = st.lists(st.sampled_from(months), unique=True, max_size=6)
    spend = st.integers(0, 5000_00).map(lambda units: Decimal(units).scaleb(-2))
    part = st.integers(1, 1000).map(lambda units: Decimal(units).scaleb(-3))
    terms = [
        Terms(
            month,
            draw(part),
            draw(st.none() | st.integers(1, 3000)),
            draw(st.none() | st.integers(100, 5000)),
            draw(st.none() | st.floats(-0.5, 3).map(lambda rate: round(rate, 3))),
        )
        for month in draw(some)
    ]
    horizon = draw(st.integers(1, 20))
    churn: Any = draw(st.floats(0, 1) | st.lists(st.floats(0, 1), min_size=1, max_size=8))
    return {
        "matrix": cohorts.matrix(paid, complete_through=draw(st.none() | st.sampled_from(["2020-06", "2021-06"]))),
        "spends": {month: draw(spend) for month in draw(some)},
        "terms": terms,
        "thresholds": [Threshold(k, draw(part)) for k in draw(st.lists(st.integers(0, 9), unique=True, max_size=4))],
        "prediction": draw(
            st.none()
            | st.builds(Prediction, st.just(churn), st.none() | st.floats(0, 2), st.just(horizon), st.booleans())
        ),
        "timing": draw(st.sampled_from(["end_of_month", "same_month"])),
        "restore": draw(st.integers(0, 9)),
        "open_from": draw(st.none() | st.sampled_from(months)),
    }


def run(book: dict[str, Any]) -> cohorts.CohortCashflows:
    matrix: cohorts.CohortMatrix = book["matrix"]
    restored = [(int(month), book["restore"]) for month in matrix.months[::2]]
    arguments = {key: value for key, value in book.items() if key not in ("matrix", "restore")}
    return cohorts.cashflows(matrix, overrides=restored, **arguments)


@settings(max_examples=300, deadline=None)
@given(books())
def test_the_vector_engine_and_the_replay_agree(book: dict[str, Any]) -> None:
    result = run(book)
    for row, month in enumerate(result.cohort_months):
        told = cohorts.replay(result.matrix, result.book, row, result.prediction, result.timing)
        assert [one.period for one in told] == np.flatnonzero(result.valid[row]).tolist()
        for one in told:
            k = one.period
            assert one.predicted == result.predicted[row, k], month
            assert one.threshold_failed == result.failed[row, k]
            slack = 1e-6 if one.predicted else 0
            assert abs(float(one.payment) - result.payment[row, k] / 100) <= slack
            assert abs(float(one.collected) - result.collected[row, k] / 100) <= slack + 1e-9
            assert abs(float(one.cumulative_collected) - result.cumulative_collected[row, k] / 100) <= slack + 1e-9


@settings(max_examples=150, deadline=None)
@given(books())
def test_collected_is_held_between_zero_and_the_cap_and_ties(book: dict[str, Any]) -> None:
    result = run(book)
    assert (result.cumulative_collected >= 0).all()
    assert (result.cumulative_collected <= result.cap[:, None]).all()
    assert np.allclose(result.collected.cumsum(axis=1), result.cumulative_collected, rtol=1e-12, atol=1e-6)
    assert np.isfinite(result.collected).all()
    assert (result.collected[~result.valid] == 0).all()
    assert np.array_equal(
        result.payment[result.matrix.known_mask().nonzero()], result.matrix.amounts[result.matrix.known_mask()]
    )
    assert all(rate is None or np.isfinite(rate) for rate in result.annual_irr + result.cohort_payment_irr())
    assert all(
        (rate is None) == (said not in ("ok", "multiple_roots"))
        for rate, said in zip(result.monthly_irr, result.statuses, strict=True)
    )


@settings(max_examples=100, deadline=None)
@given(st.lists(payment, min_size=1), st.integers(2, 50))
def test_amounts_scale_and_sums_tie(paid: list[tuple[int, int, Decimal]], factor: int) -> None:
    payments = [(who, cohorts.iso_month(24240 + month), what) for who, month, what in paid]
    matrix = cohorts.matrix(payments)
    assert matrix.amounts.sum() == sum(int(what * 100) for _, _, what in paid)
    scaled = cohorts.matrix([(who, when, what * factor) for who, when, what in payments])
    assert np.array_equal(scaled.amounts, matrix.amounts * factor)
    cells: dict[tuple[int, int], int] = defaultdict(int)
    first = {who: min(month for other, month, _ in paid if other == who) for who, _, _ in paid}
    for who, month, what in paid:
        cells[24240 + first[who], month - first[who]] += int(what * 100)
    assert all(matrix.amounts[matrix.row(cohort), k] == total for (cohort, k), total in cells.items())
    assert int(matrix.amounts.astype(bool).sum()) == sum(total != 0 for total in cells.values())


@settings(max_examples=60, deadline=None)
@given(st.lists(st.integers(0, 500), min_size=2, max_size=18), st.integers(1, 99), st.integers(1, 900))
def test_more_churn_never_brings_more(amounts: list[int], share: int, cap: int) -> None:
    totals = [
        cohorts.cashflows(
            monthly([1, *amounts]),
            spends={JAN: 500},
            terms=[Terms(JAN, Decimal(share).scaleb(-2), cap)],
            prediction=Prediction(churn, horizon=30),
        ).cumulative_collected[0, -1]
        for churn in (0.0, 0.05, 0.3, 1.0)
    ]
    assert all(less <= more for more, less in pairwise(totals))


def test_the_words_of_a_target_tell_its_remainder_and_a_lower_cash_cap_stays() -> None:
    matrix = monthly([600, 600, 600])
    # An outlay of 1,000 at 12.682503 % a year, 1 % a month: 1,000 → 1,010 − 600 = 410 → 414.10.
    for timing, left in (("end_of_month", 410.0), ("same_month", 400.0)):
        found = cohorts.cashflows(
            matrix,
            spends={JAN: 1000},
            terms=[Terms(JAN, 1, None, None, "0.126825030131969720661201")],
            timing=timing,
        )
        first, second = (cohorts.explain(found, JAN, period) for period in (0, 1))
        assert first.owed_to_target == pytest.approx(left, abs=1e-9)
        said = f"the target IRR is reached: the remainder is {left * 1.01:.2f}"
        assert any(step.startswith(said) for step in second.steps)
        assert second.collected == Decimal(f"{left * 1.01:.2f}")
    capped = cohorts.cashflows(
        matrix, spends={JAN: 1000}, terms=[Terms(JAN, 1, 900, None, "0.126825030131969720661201")]
    )
    assert cohorts.explain(capped, JAN, 2).cumulative_collected == 900
    assert capped.collections()[JAN] == [600, 300, 0]


def test_a_partial_last_month_is_partial_only_in_the_cohorts_that_reach_it() -> None:
    paid = [(1, "2020-01-05", 100), (1, "2020-02-05", 80), (1, "2020-03-05", 10), (2, "2020-02-07", 50)]
    matrix = cohorts.matrix(paid)
    scenario = Scenario("plain", 0, "0.5")
    found = cohorts.run_scenarios(matrix, cohorts.pack(matrix)[1], [scenario], horizon=5, last_month_partial=True)
    january, february = found["plain"].payment.tolist()
    assert january == [10000, 8000, 1000, 2000, 1000]  # the estimate goes on from February's 80
    assert february == [5000, 2500, 1250, 625, 312.5]  # nothing of this cohort lies in the partial month
    whole = cohorts.run_scenarios(matrix, cohorts.pack(matrix)[1], [scenario], horizon=5)
    assert whole["plain"].payment[0].tolist() == [10000, 8000, 1000, 500, 250]
    for row in (0, 1):
        told = cohorts.replay(matrix, cohorts.pack(matrix)[1], row, found["plain"].prediction)
        assert [float(month.payment) * 100 for month in told] == found["plain"].payment[row].tolist()


def test_a_missing_month_misses_no_minimum_where_nothing_was_spent() -> None:
    matrix = cohorts.matrix([(1, "2020-01-05", 100), (1, "2020-02-05", 100), (2, "2020-02-07", 50)])
    spends = {"2020-01-01": 1000, "2020-02-01": 0}
    mask = cohorts.threshold_mask(matrix, spends, [Threshold(1, "0.1")])
    assert mask == {"2020-01-01": [True, True], "2020-02-01": [True, True]}
    spends["2020-02-01"] = 1000
    assert cohorts.threshold_mask(matrix, spends, [Threshold(1, "0.1")])["2020-02-01"] == [True, False]


def test_float_amounts_are_read_to_the_cent_and_a_fraction_of_one_is_refused() -> None:
    day = [np.datetime64("2020-01-05")] * 2
    for amounts in ([0.1, 0.29], [1234567.89, 40_000_000_000.07]):
        matrix = cohorts.matrix([1, 2], day, np.array(amounts))
        assert matrix.amounts.sum() == sum(round(Decimal(repr(one)) * 100) for one in amounts)
    for amount, words in ((0.101, "^an amount has more than 2 decimals"), (1e17, "^an amount is too large to be kept")):
        with pytest.raises(KernelError, match=words):
            cohorts.matrix([1, 2], day, np.array([1.0, amount]))


def test_the_companys_view_follows_the_timing_and_an_estimated_month_can_be_opened() -> None:
    matrix = monthly([60, 60])
    for timing, flows in (("end_of_month", [-100, 60, 60]), ("same_month", [-40, 60])):
        found = cohorts.cashflows(
            matrix, spends={JAN: 100}, terms=[Terms(JAN, "0.5")], timing=timing, prediction=Prediction("0.5", horizon=3)
        )
        month = cohorts.explain(found, JAN, 2)
        assert (month.predicted, month.payment) == (True, 30)
        rate = returns.irr([*flows, 30]).rate
        assert rate is not None
        assert found.cohort_payment_irr()[0] == pytest.approx((1 + rate) ** 12 - 1, rel=1e-9)
        with pytest.raises(KernelError, match=r"^a period is a whole number below 3, not 3$"):
            cohorts.explain(found, JAN, 3)


def test_cells_are_known_through_the_month_that_is_complete() -> None:
    at = 2020 * 12
    matrix = cohorts.matrix_from_cells([at], [at], [100], complete_through="2020-03-31")
    assert (matrix.known.tolist(), matrix.amounts.tolist()) == ([3], [[100, 0, 0]])
    with pytest.raises(KernelError, match=r"^cohort months, payment months and sums differ in length"):
        cohorts.matrix_from_cells([at], [at], [100, 100])
    with pytest.raises(KernelError, match=r"^sums are whole minor units"):
        cohorts.matrix_from_cells([at], [at], [1.5])


def test_a_cohort_with_a_course_of_its_own_goes_by_it_and_the_others_by_churn() -> None:
    matrix = cohorts.matrix_from_cells([24_288, 24_288, 24_289], [24_288, 24_289, 24_289], [1000, 800, 500])
    course = {24_288: [1000, 800, 900.5, 300], 24_290: [70, 60]}
    prediction = cohorts.Prediction("0.5", horizon=5, course=course)
    full, book = cohorts.pack(
        matrix, {24_288: 20, 24_289: 20, 24_290: 20}, [cohorts.Terms(month, "0.5", 12) for month in (24_288, 24_290)]
    )
    result = cohorts.compute(full, book, prediction)
    assert result.payment.tolist() == [[1000, 800, 900.5, 300, 0], [500, 250, 125, 62.5, 31.25], [70, 60, 0, 0, 0]]
    assert result.predicted.sum(axis=1).tolist() == [2, 4, 2]
    for row in range(3):
        told = cohorts.replay(full, book, row, prediction)
        assert [month.predicted for month in told] == result.predicted[row][: len(told)].tolist()
        collected = [float(month.collected) for month in told]
        assert collected == pytest.approx((result.collected[row] / 100).tolist()[: len(told)])
    with pytest.raises(KernelError):
        cohorts.Prediction(0, course={24_288: [float("nan")]})
