"""Cohorts at their edges: what equals a limit, what is just beyond it, amounts past 2^53, and what a cell tells."""

import random
from collections import Counter
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from fractions import Fraction
from typing import Any

import numpy as np
import pytest

from vestry.kernel import cohorts
from vestry.kernel.cohorts import Prediction, Scenario, Terms, Threshold
from vestry.kernel.errors import KernelError

JAN = "2020-01-01"
FIRST = 2020 * 12
LARGEST = 2**53


def monthly(amounts: list[Any], *, digits: int = 2) -> cohorts.CohortMatrix:
    """One customer who pays these amounts month by month."""
    paid = [(1, cohorts.iso_month(FIRST + k), amount) for k, amount in enumerate(amounts)]
    return cohorts.matrix(paid, minor_digits=digits)


# --- amounts and months ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("within", "beyond"),
    [
        (["90071992547409.91"], ["90071992547409.92"]),
        (["-90071992547409.91"], ["-90071992547409.92"]),
        (np.array([90071992547409]), np.array([90071992547410])),
        (np.array([-90071992547409]), np.array([-90071992547410])),
        (np.array([45035996273704.96]), np.array([90071992547409.92])),
    ],
)
def test_an_amount_is_kept_up_to_the_largest_exact_number_of_cents(within: Any, beyond: Any) -> None:
    exact = int(Decimal(str(within[0])) * 100)
    assert cohorts.matrix(["a"], [JAN], within).amounts.tolist() == [[exact]]
    with pytest.raises(KernelError, match="too large"):
        cohorts.matrix(["a"], [JAN], beyond)


def test_any_float_that_was_written_with_cents_is_read_to_the_cent() -> None:
    draw = random.Random(3)
    cents = [0, *(draw.randrange(10 ** draw.randrange(1, 15)) for _ in range(400))]
    column = np.array([float(Decimal(one).scaleb(-2)) for one in cents])
    found = cohorts.matrix(list(range(401)), [FIRST + k for k in range(401)], column)
    assert found.amounts[:, 0].tolist() == cents


@pytest.mark.parametrize(("digits", "units"), [(0, 7), (2, 700), (3, 7000)])
def test_whole_numbers_in_a_column_count_units_of_the_currency(digits: int, units: int) -> None:
    for column in (np.array([7]), np.array([7], dtype=np.uint8), np.array([7.0]), [7], ["7"], [Decimal(7)]):
        found = cohorts.matrix(["a"], [JAN], column, minor_digits=digits)
        assert found.amounts.tolist() == [[units]]
        assert found.amounts.dtype == np.int64
        assert found.table() == {JAN: [Decimal(7)]}


def test_the_sum_of_all_payments_is_refused_from_the_largest_exact_number_on() -> None:
    months = [FIRST, FIRST]
    for sums in ([LARGEST - 2, 1], [-LARGEST + 2, -1]):
        assert cohorts.matrix_from_cells(months, months, sums).amounts.sum() == sum(sums)
    with pytest.raises(KernelError, match="add up"):
        cohorts.matrix_from_cells(months, months, [LARGEST - 1, -1])


def test_the_calendar_date_as_written_chooses_the_month() -> None:
    west = timezone(timedelta(hours=-8))
    last: list[Any] = [
        date(2024, 1, 31),
        datetime(2024, 1, 31, 23, 30, tzinfo=west),
        datetime(2024, 1, 31, 0, 1, tzinfo=UTC),
        np.datetime64("2024-01-31T23:59"),
        "2024-01-31T23:30:00-08:00",
        "2024-01-31 00:30:00+09:00",
        " 2024-01-31 ",
        "2024-01",
        2024 * 12,
        np.int64(2024 * 12),
    ]
    for when in last:
        assert cohorts.matrix([("a", when, 1)]).table() == {"2024-01-01": [Decimal(1)]}, when
        assert cohorts.month_index(when) == 2024 * 12
    assert cohorts.matrix(["a"] * 2, np.array([24288, 24289]), [1, 2]).table() == {"2024-01-01": [1, 2]}


def test_a_triangle_may_be_a_century_wide_and_no_wider() -> None:
    assert cohorts.matrix([("a", FIRST, 1), ("a", FIRST + 1199, 1)]).width == 1200
    with pytest.raises(KernelError, match="span 1201 months"):
        cohorts.matrix([("a", FIRST, 1), ("a", FIRST + 1200, 1)])


def test_counts_active_customers_and_sizes_are_those_of_a_plain_count() -> None:
    draw = random.Random(5)
    paid = [(draw.randrange(9), FIRST + draw.randrange(7), draw.randrange(1, 99)) for _ in range(60)]
    matrix = cohorts.matrix(paid)
    first = {who: min(month for other, month, _ in paid if other == who) for who, _, _ in paid}
    counts = Counter((first[who], month - first[who]) for who, month, _ in paid)
    active = Counter((first[who], month - first[who]) for who, month in {(who, month) for who, month, _ in paid})
    sizes = Counter(first.values())
    wide = matrix.with_cohorts([FIRST - 1])
    for found, shift in ((matrix, 0), (wide, 1)):
        assert found.counts is not None
        assert found.active is not None
        assert found.sizes is not None
        assert found.sizes.sum() == len(first)
        assert found.months.tolist()[shift:] == sorted(sizes)
        for row, month in enumerate(found.months.tolist()):
            assert found.sizes[row] == sizes[month]
            for period in range(found.width):
                assert found.counts[row, period] == counts[month, period]
                assert found.active[row, period] == active[month, period]
    assert (wide.known[0], wide.turnover) == (0, matrix.turnover)


def test_a_rollup_without_counts_tells_none_and_one_with_them_adds_them() -> None:
    cell = [FIRST, FIRST]
    assert cohorts.matrix_from_cells(cell, cell, [5, 6]).counts is None
    tallied = cohorts.matrix_from_cells(cell, cell, [5, 6], [2, 3])
    assert (tallied.amounts.tolist(), tallied.counts) == ([[11]], np.array([[5]]))
    wide = tallied.with_cohorts([FIRST + 3])
    assert wide.counts is not None
    assert (wide.counts.tolist(), wide.active, wide.sizes) == ([[5], [0]], None, None)


# --- terms ----------------------------------------------------------------------------------------------------------


def test_terms_at_their_limits_are_taken() -> None:
    Terms(JAN, 1, "0.01", "0.01", "-0.99")
    Terms(JAN, "0.000000000000001")
    Prediction(0, 0, 1)
    Prediction([0, 1], 0, 1200)
    assert (Threshold(0, 0).period, Threshold(1199, 0).period) == (0, 1199)
    assert Prediction("0.1").horizon == 36
    assert Prediction("0.1").rates().tolist() == [0.1]
    fine = cohorts.cashflows(monthly([1]), spends={JAN: 1}, terms=[Terms(JAN, "0.000000000000001")])
    assert (fine.book.share_unit, fine.book.sharing.tolist()) == (10**15, [1])


@pytest.mark.parametrize(
    ("make", "says"),
    [
        (lambda: Terms(JAN, -0.1), r"the sharing fraction must lie in \(0, 1\], not -0\.1"),
        (lambda: Terms(JAN, 0.5, -1), "a cash cap must be positive"),
        (lambda: Terms(JAN, 0.5, 1, -1), "the planned spend must be positive"),
        (lambda: Terms(True, 0.5), "a month is needed, not True"),
        (lambda: Terms(JAN, True), "a number is needed, not True"),
        (lambda: Terms(JAN, 0.5, target_irr=-2), "a target IRR must lie above"),
        (lambda: Threshold(1200, 0.1), "a period lies between 0 and 1199, not 1200"),
        (lambda: Threshold(1, -0.1), "a minimum payment fraction is not negative"),
        (lambda: Prediction(0.1, -0.1), "m0 is not negative"),
        (lambda: cohorts.pack(monthly([1]), {JAN: -1}), "spend is not negative"),
        (lambda: cohorts.compute(monthly([1]), cohorts.pack(cohorts.matrix([]))[1]), "the terms belong to another"),
        (lambda: cohorts.matrix([("a", "2024-02-30", 1)]), "a date is not one"),
        (lambda: cohorts.matrix([("a", np.datetime64("NaT"), 1)]), "a date is missing"),
        (lambda: cohorts.matrix([(None, JAN, 1)]), "a payment has no customer"),
        (lambda: cohorts.matrix([{"customer_id": 1}]), "a payment has no 'payment_date'"),
        (lambda: cohorts.matrix(["a"], [JAN], [1, 2]), "1 customers, 1 dates and 2 amounts"),
        (lambda: cohorts.matrix([("a", JAN, "1.001")]), r"1\.001 has more than 2 decimals"),
        (lambda: cohorts.matrix([("a", JAN, "x")]), "'x' is not a number"),
        (lambda: cohorts.matrix([("a", JAN, "inf")]), "'inf' is not a finite number"),
        (lambda: cohorts.matrix_from_cells([FIRST + 1], [FIRST], [1]), "a payment lies before its cohort month"),
        (lambda: Threshold(True, 0.1), "a period is a whole number of months, not True"),
        (lambda: Prediction([0.1, float("nan")]), "churn is a fraction between 0 and 1"),
        (lambda: Prediction(0.1, horizon=1201), "the horizon lies between 1 and 1200 periods, not 1201"),
        (lambda: cohorts.cashflows(monthly([1]), overrides=[(JAN, 1200)]), "an override names a period"),
        (lambda: cohorts.effective_cap(1, 2, 0), "a planned spend must be above zero, got 0"),
        (lambda: cohorts.effective_cap(1, 2, -1), "a planned spend must be above zero, got -1"),
        (lambda: cohorts.effective_cap(1, 2.5, 1), "a cap and a spend are whole minor units"),  # type: ignore[arg-type]
        # 2^33 cents × 2^20 cents ÷ 1 cent is 2^53 cents, the first amount too many.
        (
            lambda: cohorts.pack(monthly([1]), {JAN: "10485.76"}, [Terms(JAN, 1, "85899345.92", "0.01")]),
            "the effective cap is too large",
        ),
        (lambda: cohorts.pack(monthly([1]), {JAN: 2**40}, [Terms(JAN, 1, 2**36, 1)]), "the effective cap is too large"),
        (
            lambda: cohorts.pack(monthly([1]), (), [Terms(JAN, 1), Terms(JAN, 1)]),
            "there are two terms for cohort 2020-01-01",
        ),
        (lambda: cohorts.pack(monthly([1]), [(JAN, 1), (JAN, 1)]), "there are two spend for cohort 2020-01-01"),
        (lambda: cohorts.cashflows(monthly([1]), thresholds=[{"period": 1}]), "minimum is missing"),
        (lambda: cohorts.cashflows(monthly([1]), thresholds=[{"minimum": 1}]), "period is missing"),
        (lambda: cohorts.cashflows(monthly([1]), terms=[{"sharing": 1}]), "cohort_month is missing"),
        (lambda: cohorts.replay(*cohorts.pack(monthly([1])), 1), "a row is a whole number below 1, not 1"),
        (lambda: cohorts.explain(cohorts.cashflows(monthly([1])), JAN, -1), "a period is a whole number below 1"),
        (lambda: monthly([1]).row("2019-12"), "there is no cohort 2019-12-01"),
        (lambda: monthly([1]).row("2020-02"), "there is no cohort 2020-02-01"),
    ],
)
def test_an_error_names_the_field_and_the_value_at_fault(make: Any, says: str) -> None:
    with pytest.raises(KernelError, match="^" + says):
        make()


def test_an_override_may_name_the_last_period_there_can_be() -> None:
    found = cohorts.cashflows(monthly([1]), overrides=[(JAN, 1199)])
    assert found.book.restored is not None
    assert (found.book.restored.shape, found.book.restored.sum()) == ((1, 1200), 1)


@pytest.mark.parametrize(
    "threshold",
    [
        {"period": 1, "minimum": "0.1"},
        {"payment_period_month": "1", "minimum_payment_percent": "0.1"},
        {"payment_period_month": " 1 ", "minimum": 0.1},
        Threshold(1, Decimal("0.1")),
    ],
)
def test_a_threshold_is_read_in_either_spelling(threshold: Any) -> None:
    book = cohorts.pack(monthly([1]), thresholds=[threshold])[1]
    assert (book.threshold_periods.tolist(), book.threshold_minimums.tolist(), book.threshold_unit) == ([1], [1], 10)


def test_terms_are_read_in_either_spelling() -> None:
    spelt: list[dict[str, Any]] = [
        {"cohort_month": JAN, "sharing": "0.5"},
        {"cohort_start": JAN, "sharing_percentage": "0.5"},
    ]
    for one in spelt:
        read = cohorts.pack(monthly([1]), {JAN: 8}, [{**one, "cash_cap": 9, "planned_spend": 4, "target_irr": 0}])[1]
        assert (read.sharing.tolist(), read.share_unit, read.funded.tolist()) == ([5], 10, [True])
        assert (read.contractual_cap.tolist(), read.cap.tolist()) == ([900], [1800])
        assert read.monthly_target.tolist() == [0]


@pytest.mark.parametrize("digits", [0, 3])
def test_spend_cap_and_plan_are_in_the_minor_units_of_the_matrix(digits: int) -> None:
    found = cohorts.cashflows(
        monthly([60, 60, 60], digits=digits),
        spends={JAN: 80},
        terms=[Terms(JAN, "0.5", cash_cap=100, planned_spend=160)],
        thresholds=[Threshold(1, "0.75"), Threshold(2, "0.76")],
    )
    unit = 10**digits
    assert (found.outlay.tolist(), found.cap.tolist()) == ([40 * unit], [50 * unit])
    assert found.failed.tolist() == [[False, False, True]]
    assert found.collections() == {JAN: [30, 20, 0]}
    assert str(found.collections()[JAN][0]) == ("30" if digits == 0 else "30.000")


# --- beyond 2^53 ----------------------------------------------------------------------------------------------------


def test_an_outlay_is_exact_however_fine_the_share() -> None:
    draw = random.Random(17)
    spends, shares = {}, {}
    for month in range(FIRST, FIRST + 300):
        spends[month] = Decimal(draw.randrange(10 ** draw.randrange(3, 16))).scaleb(-2)
        # One tenth of all lie exactly between two cents.
        shares[month] = Decimal("0.5") if draw.random() < 0.1 else Decimal(draw.randrange(1, 10**15)).scaleb(-15)
    terms = [Terms(month, share) for month, share in shares.items()]
    found = cohorts.pack(cohorts.matrix([]), spends, terms)[1].outlay().tolist()
    exact = [Fraction(spends[month]) * 100 * Fraction(shares[month]) for month in sorted(spends)]
    assert found == [int((2 * one + 1) // 2) for one in exact]


def any_prediction(draw: random.Random) -> Prediction | None:
    churn: Any = draw.choice([0, 1, draw.random(), [draw.random(), draw.random()], [draw.random() for _ in range(5)]])
    start = draw.choice([None, draw.random()])
    return draw.choice([None, Prediction(churn, start, draw.randrange(1, 9), draw.random() < 0.5)])


def large_book(draw: random.Random) -> dict[str, Any]:
    """Amounts, shares and minimums whose products lie on either side of 2^53, and payments that just meet a minimum.

    The third cohort has terms and spend, and no payment yet.
    """
    most = 10 ** draw.randrange(3, 15)
    spend = draw.randrange(1, most)
    minimums = {period: Decimal(draw.randrange(1, 2 * 10**9)).scaleb(-9) for period in (0, 1, 2, 5)}
    paid = []
    for period in range(draw.randrange(1, 5)):
        least = -(-Fraction(minimums.get(period, Decimal(1))) * spend // 1)
        amount = draw.choice([int(least), int(least) - 1, draw.randrange(-most // 4, most)])
        paid.append((1, FIRST + period, Decimal(amount).scaleb(-2)))
    paid.append((2, FIRST + 1, Decimal(draw.randrange(1, most)).scaleb(-2)))
    share = Decimal(draw.randrange(1, 10 ** (places := draw.randrange(1, 13)))).scaleb(-places)
    target = draw.choice([None, Decimal(draw.randrange(-500, 3000)).scaleb(-3)])
    cap = draw.choice([None, Decimal(draw.randrange(1, most)).scaleb(-2)])
    return {
        "matrix": cohorts.matrix(paid),
        "spends": {FIRST + row: Decimal(spend).scaleb(-2) for row in range(3)},
        "terms": [Terms(FIRST, share, cap, None, target), Terms(FIRST + 2, share)],
        "thresholds": [Threshold(period, minimum) for period, minimum in minimums.items()],
        "prediction": any_prediction(draw),
        "timing": draw.choice(["end_of_month", "same_month"]),
    }


@pytest.mark.parametrize("seed", range(8))
def test_large_amounts_and_fine_shares_agree_with_exact_fractions(seed: int) -> None:
    draw = random.Random(seed)
    for _ in range(25):
        book = large_book(draw)
        found = cohorts.cashflows(**book)
        for row in range(len(found.matrix)):
            share = Decimal(0) if row == 1 else Decimal(str(book["terms"][0].sharing))
            story = cohorts.replay(found.matrix, found.book, row, found.prediction, found.timing)
            assert [told.period for told in story] == np.flatnonzero(found.valid[row]).tolist()
            for told in story:
                k = told.period
                assert told.threshold_failed == found.failed[row, k]
                assert told.share_applied == (1 if found.full_share[row, k] else share)
                assert told.predicted == found.predicted[row, k]
                slack = 1e-4 + 1e-9 * float(np.abs(found.payment).sum()) if told.predicted else 0
                assert abs(float(told.payment * 100) - found.payment[row, k]) <= slack
                if not told.predicted and book["terms"][0].target_irr is None:
                    assert told.cumulative_collected * 100 == Decimal(found.cumulative_collected[row, k])
                assert abs(float(told.cumulative_collected * 100) - found.cumulative_collected[row, k]) <= slack + 1


def test_a_share_that_falls_just_short_of_half_a_cent_is_not_rounded_up() -> None:
    unit, found = 10**9, 0
    for short in range(3, 4000, 2):
        if short % 5 == 0:
            continue
        # payment × (unit − short) = half a cent less one part, in parts of the unit: an odd number beyond 2^53.
        parts = unit - short
        payment = (unit // 2 - 1) * pow(parts, -1, unit) % unit
        if not 2**53 < payment * parts < 2**55:
            continue
        found += 1
        share = Decimal(parts).scaleb(-9)
        result = cohorts.cashflows(monthly([Decimal(payment).scaleb(-2)]), spends={JAN: 1}, terms=[Terms(JAN, share)])
        assert result.collected.tolist() == [[payment * parts // unit]]
    assert found > 10


def test_one_cent_less_than_a_large_minimum_is_a_breach_of_an_actual_month() -> None:
    spend = Decimal("50000000000.00")
    for short, missed in ((Decimal("0.01"), True), (Decimal(0), False)):
        found = cohorts.cashflows(monthly([spend - short]), spends={JAN: spend}, thresholds=[Threshold(0, 1)])
        assert found.failed.tolist() == [[missed]]
        told = cohorts.explain(found, JAN, 0)
        assert told.threshold_failed == missed


def test_an_estimate_that_equals_its_minimum_meets_it_for_any_churn() -> None:
    for churn in (Decimal(percent) / 100 for percent in range(1, 40)):
        for period in range(1, 7):
            minimum = Decimal("0.4") * (1 - churn) ** period
            for asked, missed in ((minimum, False), (minimum + Decimal("1e-10"), True)):
                found = cohorts.cashflows(
                    monthly([400]),
                    spends={JAN: 1000},
                    thresholds=[Threshold(period, asked)],
                    prediction=Prediction(churn, horizon=7),
                )
                assert found.failed[0, period] == missed
                assert found.failed.sum() == missed


# --- returns --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("outlay", "brought", "rate", "said"),
    [
        (100.0, [-20.0, 120.0], 0.0, "ok"),
        (100.0, [150.0, -50.0], 0.0, "multiple_roots"),
        (100.0, [50.0, 55.0, -5.0], 0.0, "multiple_roots"),
        (100.0, [221.0, -122.1], 0.10, "multiple_roots"),
        (100.0, [179.0, -80.1], -0.10, "multiple_roots"),
        (100.0, [-20.0, 30.0], (0.31) ** 0.5 - 1.1, "ok"),
        (100.0, [-20.0, 1e9], (0.01 + 1e7) ** 0.5 - 1.1, "ok"),
        (1e9, [-1.0, 1e-3], None, "ok"),
        (100.0, [0.5, -10.0], None, "no_solution"),
        (100.0, [0.0, -10.0], None, "no_return"),
        (0.0, [-5.0, 10.0], None, "no_outlay"),
        (0.0, [0.0, 0.0], None, "no_outlay"),
        (-1.0, [5.0, 5.0], None, "no_outlay"),
    ],
)
def test_an_irr_with_refunds_is_the_root_nearest_to_zero(
    outlay: float, brought: list[float], rate: float | None, said: str
) -> None:
    rates, statuses = cohorts.irr_rows(np.array([outlay]), np.array([brought]))
    assert statuses == [said]
    if rate is not None:
        assert rates[0] == pytest.approx(rate, rel=1e-9, abs=1e-12)
    elif said != "ok":
        assert np.isnan(rates[0])
    else:
        discounted = [amount / (1 + rates[0]) ** (n + 1) for n, amount in enumerate(brought)]
        assert sum(discounted) == pytest.approx(outlay, rel=1e-6)


def test_the_company_has_no_rate_on_a_spend_that_is_not_known() -> None:
    matrix = cohorts.matrix([(1, JAN, 5), (2, "2020-02-01", 30), (3, "2020-03-01", 30)])
    found = cohorts.cashflows(matrix, spends={"2020-02": 20, "2020-03": 0})
    unknown, known, nothing = found.cohort_payment_irr()
    assert (unknown, nothing) == (None, None)
    assert known == pytest.approx(1.5**12 - 1, rel=1e-12)


# --- scenarios ------------------------------------------------------------------------------------------------------


def test_scenarios_run_three_years_from_whole_months_unless_told_otherwise() -> None:
    matrix, book = cohorts.pack(monthly([100, 40]), {JAN: 100, "2020-05": 100}, [Terms(JAN, "0.5")])
    plain = Scenario("plain", "0.3", "0.5")
    found = cohorts.run_scenarios(matrix, book, [plain])["plain"]
    assert (found.width, found.timing) == (36, "end_of_month")
    assert found.payment[:, :4].tolist() == [[10000, 4000, 2000, 1000], [3000, 1500, 750, 375]]
    assert plain.prediction() == Prediction("0.5", "0.3", 36, False)
    assert plain.prediction(5, last_month_partial=True) == Prediction("0.5", "0.3", 5, True)
    prompt = cohorts.run_scenarios(matrix, book, [plain], horizon=4, timing="same_month")["plain"]
    assert (prompt.width, prompt.timing) == (4, "same_month")
    assert prompt.statuses[0] == "returned_at_once"


# --- what a cell tells ----------------------------------------------------------------------------------------------


def told_story() -> list[cohorts.CohortMonth]:
    found = cohorts.cashflows(
        monthly([400, 100, 90, 80, -60]),
        spends={JAN: 1000},
        terms=[Terms(JAN, "0.5", cash_cap=375)],
        thresholds=[Threshold(period, "0.1") for period in (1, 2, 3, 5)],
        overrides=[(JAN, 3)],
        prediction=Prediction("0.5", "0.3", 7, last_month_partial=True),
    )
    return [cohorts.explain(found, JAN, period) for period in range(7)]


def test_each_month_of_a_cohort_tells_what_was_paid_asked_and_collected() -> None:
    story = told_story()
    assert [one.period for one in story] == list(range(7))
    assert [one.month for one in story] == [f"2020-{month:02d}-01" for month in range(1, 8)]
    assert [str(one.payment) for one in story] == [
        "400.00",
        "100.00",
        "90.00",
        "80.00",
        "-60.00",
        "20.000000",
        "10.000000",
    ]
    assert [float(one.cumulative_payment) for one in story] == [400, 500, 590, 670, 610, 630, 640]
    assert [one.minimum_payment for one in story] == [None, 100, 100, 100, None, 100, None]
    assert [one.threshold_failed for one in story] == [False, False, True, True, False, True, False]
    assert [one.overridden for one in story] == [False, False, False, True, False, False, False]
    half, whole = Decimal("0.5"), Decimal(1)
    assert [one.share_applied for one in story] == [half, half, whole, half, half, whole, half]
    assert [float(one.collected) for one in story] == [200, 50, 90, 35, -25, 20, 5]
    assert [float(one.cumulative_collected) for one in story] == [200, 250, 340, 375, 350, 370, 375]
    assert [one.capped for one in story] == [False, False, False, True, False, False, True]
    assert [one.predicted for one in story] == [False] * 5 + [True] * 2
    assert {one.owed_to_target for one in story} == {None}


def test_the_steps_give_the_reasons_of_their_month_and_no_others() -> None:
    story = told_story()
    assert [one.steps[0] for one in story] == [
        "paid 400.00",
        "paid 100.00",
        "paid 90.00",
        "paid 80.00",
        "paid -60.00",
        "estimated 20.000000",
        "estimated 10.000000",
    ]
    met, missed = ("threshold 0.1 × spend asks 100.000000: " + verdict for verdict in ("met", "missed"))
    whole, restored = "the fund collects 100 % of this month", "an override restores the normal share"
    capped = "held to the cap of 375.000000"
    assert [one.steps[1:-1] for one in story] == [
        (),
        (met,),
        (missed, whole),
        (missed, restored, capped),
        (),
        (missed, whole),
        (),
    ]
    assert [one.steps[-1] for one in story[:4]] == [
        "share 0.5: collected 200.00",
        "share 0.5: collected 50.00",
        "share 1: collected 90.00",
        "share 0.5: collected 35.00",
    ]


def test_a_cap_that_binds_is_told_and_one_that_is_only_reached_is_not() -> None:
    for cap, collected, told in ((100, "100.00", False), (Decimal("99.99"), "99.99", True)):
        found = cohorts.cashflows(monthly([200, 200]), spends={JAN: 500}, terms=[Terms(JAN, "0.5", cap)])
        first = cohorts.explain(found, JAN, 0)
        assert (str(first.collected), first.capped) == (collected, True)
        assert any(step.startswith(f"held to the cap of {cap}") for step in first.steps) == told
        assert found.capped.tolist() == [[True, True]]
    nothing_owed = cohorts.cashflows(monthly([200, -400]), spends={JAN: 500}, terms=[Terms(JAN, "0.5")])
    assert [any("held at 0" in step for step in cohorts.explain(nothing_owed, JAN, k).steps) for k in (0, 1)] == [
        False,
        True,
    ]
    back = cohorts.cashflows(monthly([200, -200]), spends={JAN: 500}, terms=[Terms(JAN, "0.5")])
    assert not any("held at 0" in step for step in cohorts.explain(back, JAN, 1).steps)


def test_a_target_is_reached_once_and_later_months_do_not_say_so_again() -> None:
    found = cohorts.cashflows(monthly([30] * 6), spends={JAN: 100}, terms=[Terms(JAN, "0.5", target_irr="0.1")])
    said = [any("target IRR" in step for step in cohorts.explain(found, JAN, k).steps) for k in range(6)]
    assert said == [False, False, False, True, False, False]


def test_an_unfunded_cohort_judges_its_threshold_and_collects_nothing() -> None:
    found = cohorts.cashflows(monthly([10]), spends={JAN: 1000}, thresholds=[Threshold(0, "0.1")])
    told = cohorts.explain(found, JAN, 0)
    assert (told.threshold_failed, told.capped) == (True, False)
    assert told.share_applied == told.collected == 0
    assert told.steps == (
        "paid 10.00",
        "threshold 0.1 × spend asks 100.000000: missed",
        "share 0: collected 0.00",
    )


def test_a_replay_by_itself_counts_from_the_end_of_the_month_without_estimates() -> None:
    matrix, book = cohorts.pack(monthly([30, 30]), {JAN: 100}, [Terms(JAN, "0.5", target_irr="0.1")])
    assert cohorts.replay(matrix, book, 0) == cohorts.replay(matrix, book, 0, None, "end_of_month")
    assert cohorts.replay(matrix, book, 0) != cohorts.replay(matrix, book, 0, None, "same_month")


# --- thresholds by themselves ---------------------------------------------------------------------------------------


def test_a_mask_looks_at_the_periods_of_the_matrix_and_at_any_spend() -> None:
    matrix = cohorts.matrix([(1, JAN, "0.01"), (1, "2020-02-01", 1), (2, "2020-02-01", 1)])
    spent: list[Any] = [Decimal("0.01"), {JAN: "0.01", "2020-02": "0.01", "2021-01": 5}]
    for spends in spent:
        mask = cohorts.threshold_mask(matrix, spends, [Threshold(0, 1), Threshold(1, 1), Threshold(2, 1)])
        assert mask == {JAN: [True, True], "2020-02-01": [True, False]}


def test_a_cell_that_is_known_is_whole_cents_and_an_estimate_is_not_rounded_to_them() -> None:
    found = cohorts.cashflows(
        monthly(["0.05", "0.03"]), spends={JAN: 1}, terms=[Terms(JAN, "0.5")], prediction=Prediction("0.5", horizon=4)
    )
    assert [str(one) for one in found.payments()[JAN]] == ["0.05", "0.03", "0.015000", "0.007500"]
    # 2.5 and 4 cents up to then, the first rounded up; the estimates follow from the exact 4.
    assert [str(one) for one in found.collections()[JAN]] == ["0.03", "0.01", "0.007500", "0.003750"]
