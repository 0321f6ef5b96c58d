"""Fees: published cases, the calendar's edges, later closes, incentive fees and the ILPA rows."""

import csv
import doctest
import importlib
import pkgutil
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st
from tests.real_data import real_data

from vestry.kernel import fees
from vestry.kernel.errors import KernelError
from vestry.kernel.fees import Call, FeeTerms, fee_terms

GOLDEN: dict[str, Any] = yaml.safe_load((Path(__file__).parent / "golden" / "fees.yaml").read_text())


def titled(cases: Any) -> Any:
    return pytest.mark.parametrize("case", cases, ids=lambda case: case["title"])


# --- management fee -----------------------------------------------------------------------------------------------


@titled(GOLDEN["annual"])
def test_an_annual_plan_matches_the_published_figures(case: dict[str, Any]) -> None:
    steps = [case["step"]] if "step" in case else []
    plan = fees.annual_fees(case["basis"], case["rate"], case.get("years"), step_downs=steps)
    assert [plan.total, plan.first, plan.last] == [Decimal(case[name]) for name in ("total", "first", "last")]
    assert plan.average == plan.total / len(plan.amounts)


def test_a_plan_steps_down_more_than_once() -> None:
    plan = fees.annual_fees(100, "0.02", 4, step_downs=[(3, "0.005"), (1, "0.01")], decimals=2)
    assert [str(fee) for fee in plan.amounts] == ["2.00", "1.00", "1.00", "0.50"]
    assert (
        fees.annual_fees([], 0.02).average
        is fees.annual_fees([], 0.02).first
        is fees.annual_fees([], 0.02).last
        is None
    )


@pytest.mark.parametrize(
    ("day_count", "fee"),
    [("act/365f", "498630.14"), ("act/act", "497267.76"), ("act/360", "505555.56"), ("30/360", "500000.00")],
)
def test_a_quarter_of_a_leap_year_by_day_count(day_count: str, fee: str) -> None:
    found = fees.management_fee(100_000_000, 0.02, "2024-01-01", "2024-04-01", day_count=day_count)
    assert found == Decimal(fee)


def test_whole_periods_are_exact_parts_of_the_year_and_partial_ones_by_their_days() -> None:
    terms = fee_terms("0.02", "2024-02-15", day_count="periods")
    ledger = fees.fee_ledger(terms, {"committed": 1_000_000}, "2024-01-01", "2024-12-01")
    assert [str(p.gross) for p in ledger.periods] == ["2527.47", "5000.00", "5000.00", "3315.22"]  # 46/91, 61/92
    assert [(p.start, p.until) for p in ledger.periods][-1] == (date(2024, 10, 1), date(2024, 12, 1))


def test_a_step_down_inside_a_quarter_changes_rate_and_basis_on_its_day() -> None:
    terms = fee_terms("0.02", "2024-01-01", step_downs=[("2024-02-01", "0.01", "invested")])
    ledger = fees.fee_ledger(
        terms, {"committed": 3650, "invested": [("2024-01-01", 1000), ("2024-03-01", 730)]}, "2024-01-01", "2024-04-01"
    )
    (period,) = ledger.periods
    assert period.gross == Decimal("7.61")  # 0.02·3650·31/365 + 0.01·(1000·29 + 730·31)/365
    assert [segment.basis for segment in period.segments] == ["committed", "invested", "invested"]


def test_a_fee_in_advance_takes_the_level_at_the_opening() -> None:
    levels = {"nav": [("2024-01-01", 400), ("2024-02-01", 800)]}
    advance = fee_terms(1, "2024-01-01", basis="nav", day_count="periods", measured="opening")
    daily = fee_terms(1, "2024-01-01", basis="nav", day_count="periods")
    first, second = fees.fee_ledger(advance, levels, "2024-01-01", "2024-07-01").periods
    assert (first.gross, second.gross) == (100, 200)
    assert fees.fee_ledger(daily, levels, "2024-01-01", "2024-04-01").gross == Decimal(
        "165.93"
    )  # (31·400 + 60·800)/91/4


def test_a_basis_is_nothing_before_its_first_level() -> None:
    terms = fee_terms(1, "2024-01-01", basis="invested", frequency="year", day_count="periods")
    ledger = fees.fee_ledger(terms, {"invested": [("2024-07-01", 366)]}, "2024-01-01", "2025-01-01")
    assert ledger.gross == 184


@pytest.mark.parametrize(("frequency", "charges"), [("month", 12), ("quarter", 4), ("half", 2), ("year", 1)])
def test_a_year_costs_the_same_however_often_it_is_charged(frequency: Any, charges: int) -> None:
    terms = fee_terms("0.02", "2023-01-01", frequency=frequency, day_count="periods")
    ledger = fees.fee_ledger(terms, {"committed": 1_200_000}, "2023-01-01", "2024-01-01")
    assert (len(ledger.periods), ledger.gross) == (charges, 24_000)


def test_a_holiday_charges_nothing_and_a_waiver_its_share() -> None:
    terms = fee_terms(
        "0.0365", "2024-01-01", waivers=[("2024-01-11", "2024-01-21"), ("2024-02-01", "2024-02-11", "0.5")]
    )
    ledger = fees.fee_ledger(terms, {"committed": 10_000}, "2024-01-01", "2024-04-01")
    assert (ledger.gross, ledger.waived, ledger.net) == (91, 15, 76)
    both = fee_terms(
        "0.0365", "2024-01-01", waivers=[("2024-01-01", "2024-02-01", "0.2"), ("2024-01-01", "2024-01-11")]
    )
    assert fees.fee_ledger(both, {"committed": 10_000}, "2024-01-01", "2024-02-01").waived == Decimal("14.20")


def test_offsets_reduce_the_fee_to_nothing_and_the_rest_is_carried_forward() -> None:
    terms = fee_terms("0.02", "2024-01-01", day_count="periods", waivers=[("2024-07-01", "2024-10-01")])
    ledger = fees.fee_ledger(
        terms,
        {"committed": 20_000},
        "2024-01-01",
        "2025-01-01",
        offsets=[("2024-06-30", 50), ("2024-03-31", 150), ("2024-04-01", 5), ("2025-01-01", 999)],
        unapplied=10,
    )
    rows = [(p.offset_recognised, p.offset_applied, p.unapplied_end, p.net) for p in ledger.periods]
    assert rows == [(150, 100, 60, 0), (55, 100, 15, 0), (0, 0, 15, 0), (0, 15, 0, 85)]
    assert (ledger.gross, ledger.waived, ledger.offset_applied, ledger.net, ledger.unapplied) == (400, 100, 215, 85, 0)


def test_a_ledger_says_how_each_fee_was_made() -> None:
    terms = fee_terms("0.02", "2024-01-01", waivers=[("2024-01-01", "2024-02-01", "0.25")])
    told = fees.fee_ledger(terms, {"committed": 1_000_000}, "2024-01-01", "2024-02-01").explain()
    (period,) = told["periods"]  # type: ignore[misc]
    assert period["steps"] == ["2024-01-01 to 2024-02-01: 0.02 × 1,000,000 committed × 0.08493151 y, 25.00% waived"]
    assert told["convention"]["day_count"] == "act/365f"  # type: ignore[index]
    assert fees.fee_ledger(terms, {"committed": 1}, "2024-01-01", "2024-01-01").unapplied == 0


@given(
    st.lists(
        st.tuples(st.integers(0, 400), st.integers(0, 10**9)), min_size=1, max_size=5, unique_by=lambda step: step[0]
    ),
    st.integers(0, 300),
    st.integers(1, 400),
)
def test_a_fee_by_segments_is_the_sum_of_its_days(steps: Any, opening: int, length: int) -> None:
    """The other method: one day after the other, in fractions."""
    origin = date(2023, 1, 1)
    levels = [(origin + timedelta(days=at), level) for at, level in steps]
    stages = {"step_downs": [(date(2023, 7, 15), "0.015")], "waivers": [(date(2023, 3, 3), date(2023, 9, 9), "0.4")]}
    terms: FeeTerms = fee_terms("0.02", origin, basis="invested", decimals=None, **stages)  # type: ignore[arg-type]
    start = origin + timedelta(days=opening)
    ledger = fees.fee_ledger(terms, {"invested": levels}, start, start + timedelta(days=length))
    expected = Fraction(0)
    for offset in range(length):
        today = start + timedelta(days=offset)
        level = next((amount for when, amount in sorted(levels, reverse=True) if when <= today), 0)
        rate = Fraction(15, 1000) if today >= date(2023, 7, 15) else Fraction(2, 100)
        charged = Fraction(6, 10) if date(2023, 3, 3) <= today < date(2023, 9, 9) else 1
        expected += level * rate * charged / 365
    assert abs(Fraction(ledger.net) - expected) < Fraction(1, 10**15)


@given(st.lists(st.tuples(st.integers(0, 729), st.integers(0, 10**6)), max_size=8), st.integers(0, 10**6))
def test_offsets_are_applied_once_or_still_carried(offsets: Any, unapplied: int) -> None:
    terms = fee_terms("0.02", "2023-01-01")
    due = [(date(2023, 1, 1) + timedelta(days=at), amount) for at, amount in offsets]
    ledger = fees.fee_ledger(
        terms, {"committed": 12_345_678}, "2023-01-01", "2025-01-01", offsets=due, unapplied=unapplied
    )
    assert ledger.offset_applied + ledger.unapplied == unapplied + sum(amount for _, amount in due)
    assert all(0 <= period.net <= period.gross for period in ledger.periods)


# --- later closes -------------------------------------------------------------------------------------------------


@titled(GOLDEN["equalisation"])
def test_an_equalisation_matches_the_published_figures(case: dict[str, Any]) -> None:
    close = fees.equalise(case["existing"], case["joining"], case["calls"], case["close_on"])
    a, b = close.lines["A"], close.lines["B"]
    assert (b.paid, b.interest_paid) == (Decimal(case["paid"]), Decimal(case["interest"]))
    assert (a.returned, a.interest_received) == (b.paid, b.interest_paid)
    called = Decimal(case["calls"][0][1])
    assert a.funded == called - b.paid
    assert a.unfunded == Decimal(case["existing"]["A"]) - called + b.paid  # the principal restores unfunded
    assert b.unfunded == Decimal(case["joining"]["B"]) - b.paid  # the interest does not touch it


def test_fee_calls_are_caught_up_with_the_manager_not_refunded() -> None:
    calls = [Call(date(2024, 1, 1), Decimal(2000), "fee"), Call(date(2024, 1, 1), Decimal(10_000))]
    close = fees.equalise({"A": 60_000, "B": 40_000}, {"C": 100_000}, calls, "2024-12-31", interest_rate="0.10")
    c = close.lines["C"]
    assert (c.paid, c.fee_paid) == (5000, 2000)
    assert (c.interest_paid, c.fee_interest_paid) == (500, 200)
    assert c.net_cash == -7700
    assert (close.lines["A"].returned, close.lines["A"].interest_received, close.lines["A"].net_cash) == (
        3000,
        300,
        3300,
    )
    assert (close.fee, close.fee_interest, close.principal, close.interest) == (2000, 200, 5000, 500)
    assert c.unfunded == 93_000
    assert close.lines["A"].unfunded == 60_000 - 1200 - 6000 + 3000
    assert "fee call of 2,000 on 2024-01-01: 2,000.00 and 200.00 interest go to the manager" in close.explain()["steps"]  # type: ignore[operator]


def test_an_investor_who_raises_its_commitment_pays_only_for_the_increase() -> None:
    close = fees.equalise({"A": 100, "B": 100}, {"A": 200}, [("2024-01-01", 100)], "2024-01-01")
    assert (close.lines["A"].paid, close.lines["A"].returned) == (25, 0)
    assert (close.lines["B"].paid, close.lines["B"].returned) == (0, 25)
    assert [line.funded for line in close.lines.values()] == [75, 25]


@given(
    st.lists(st.integers(1, 10**9), min_size=1, max_size=6),
    st.lists(st.integers(1, 10**9), min_size=1, max_size=4),
    st.lists(st.tuples(st.integers(0, 300), st.integers(0, 10**11), st.booleans()), max_size=4),
)
def test_a_later_close_leaves_everyone_at_its_share_and_no_cent_unaccounted(old: Any, new: Any, calls: Any) -> None:
    first = date(2024, 1, 1)
    read = [
        Call(first + timedelta(days=at), Decimal(cents) / 100, "fee" if fee else "investment")
        for at, cents, fee in calls
    ]
    existing = {f"old {i}": amount for i, amount in enumerate(old)}
    joining = {f"new {i}": amount for i, amount in enumerate(new)}
    close = fees.equalise(existing, joining, read, "2025-01-01")
    lines = list(close.lines.values())
    assert sum(line.net_cash for line in lines) == -(close.fee + close.fee_interest)
    assert sum(line.returned for line in lines) == sum(line.paid for line in lines) == close.principal
    assert sum(line.interest_received for line in lines) == close.interest
    invested = sum((call.amount for call in read if call.kind == "investment"), Decimal(0))
    charged = sum((call.amount for call in read if call.kind == "fee"), Decimal(0))
    assert sum(line.funded for line in lines) == invested + charged + close.fee
    total = sum(old) + sum(new)
    for line in lines:
        share = invested * line.commitment / total + charged * line.commitment / sum(old)
        assert abs(line.funded - share) <= Decimal("0.03") * max(1, len(read))


def test_a_late_closer_owes_the_fee_since_the_first_close_with_interest() -> None:
    terms = fee_terms("0.02", "2024-01-01", day_count="periods")
    advance = fees.late_closer_fee(terms, 10_000_000, "2024-01-01", "2024-07-01", interest_rate="0.08")
    assert advance.charges == (
        (date(2024, 1, 1), Decimal("50000.00"), Decimal("1994.52")),
        (date(2024, 4, 1), Decimal("50000.00"), Decimal("997.26")),
    )
    arrears = fees.late_closer_fee(
        terms, 10_000_000, "2024-01-01", "2024-07-01", interest_rate="0.08", in_advance=False
    )
    assert (arrears.fee, arrears.interest, arrears.total) == (100_000, Decimal("997.26"), Decimal("100997.26"))


# --- incentive fees -----------------------------------------------------------------------------------------------


@titled(GOLDEN["performance"])
def test_an_incentive_fee_matches_the_published_figures(case: dict[str, Any]) -> None:
    fee = fees.performance_fee(case["opening"], case["closing"], **case["options"])
    assert fee.total == Decimal(case["total"])
    assert fee.net_return == Decimal(case["net_return"])


def test_a_soft_hurdle_charges_the_whole_gain_once_it_is_cleared() -> None:
    def fee(closing: int, kind: Any) -> Decimal:
        return fees.performance_fee(100, closing, hurdle="0.10", hurdle_kind=kind).incentive

    assert [fee(110, "soft"), fee(111, "soft"), fee(110, "hard"), fee(111, "hard")] == [
        0,
        Decimal("2.2"),
        0,
        Decimal("0.2"),
    ]
    assert fees.performance_fee(100, 90, hurdle_kind="soft").incentive == 0
    assert fees.performance_fee(100, 101, hurdle="-0.05", hurdle_kind="soft").incentive == Decimal("0.2")


def test_below_the_high_water_mark_there_is_no_incentive_fee() -> None:
    assert fees.performance_fee(100, 118, high_water_mark=120).incentive == 0
    assert fees.performance_fee(100, 130, high_water_mark=120).incentive == 2
    assert fees.performance_fee(100, 130, high_water_mark=90).incentive == 6
    empty = fees.performance_fee(0, 10)
    assert empty.net_return is None
    assert "incentive fee 0.20 × 10 = 2.00" in empty.explain()["steps"]  # type: ignore[operator]


# --- ILPA ---------------------------------------------------------------------------------------------------------


@titled(GOLDEN["nav_v2"]["cases"])
def test_the_nav_roll_forward_matches_the_template_sample(case: dict[str, Any]) -> None:
    rolled = fees.nav_roll_forward(case["begin"], **case["rows"])
    assert {name: getattr(rolled, name) for name in case["expected"]} == {
        name: Decimal(value) for name, value in case["expected"].items()
    }
    assert rolled.explain()["steps"]["ending"] == rolled.ending  # type: ignore[index]


def test_the_carry_roll_forward_matches_the_template_sample() -> None:
    golden = GOLDEN["carry_v2"]
    for case in golden["cases"]:
        given = {name: value for name, value in case.items() if name not in ("start", "accrued_and_earned")}
        rolled = fees.carry_roll_forward(case["start"], ending_nav_net=golden["ending_nav_net"], **given)
        assert rolled.accrued_and_earned == Decimal(case["accrued_and_earned"])
        assert rolled.ending == Decimal(golden["ending"])
        assert rolled.nav_gross_of_carry == Decimal(golden["nav_gross_of_carry"])
    assert fees.carry_roll_forward(0, earned_realised=-10, paid=10, clawback=4).ending == -4


def test_offsets_match_the_template_sample_and_its_misprint_is_a_warning() -> None:
    golden = GOLDEN["offsets_v2"]
    recognised = sum(fees.recognised_offsets(golden["qtd"], golden["rates"]).values())
    assert recognised == Decimal(golden["recognised"])
    roll = fees.roll_offsets(golden["unapplied_begin"], recognised, golden["fee"])
    assert (roll.applied, roll.unapplied_end) == (Decimal(golden["applied"]), 0)
    assert Decimal(golden["fee"]) - roll.applied == Decimal(golden["fee_net"])
    (wrong,) = fees.check_offsets(golden["ytd_reported"], golden["ytd"], golden["rates"])
    assert str(wrong) == "transaction: 12,000 is reported, fee × offset rate is 4,000.0"
    (absent,) = fees.check_offsets({"other": 7}, {"monitoring": 0}, 1)
    assert (absent.kind, absent.expected) == ("other", 0)
    assert fees.recognised_offsets({"monitoring": 1000}, "0.8", "0.05") == {"monitoring": 40}


@pytest.mark.parametrize(
    ("column", "noi", "gross"),
    [("lp_qtd", -143400, 50673600), ("lp_ytd", -522400, 50673600), ("lp_itd", -5386400, 50673600)],
)
def test_the_2016_template_rolls_forward_with_distributions_entered_positive(column: str, noi: int, gross: int) -> None:
    with real_data("domain_truth/ilpa_rt_2016_v1.1_sample.csv").open(encoding="utf-8") as file:
        rows = {row["row"]: row[column] for row in csv.DictReader(file)}
    names = {
        "10": "contributions", "11": "distributions", "14": "management_fee", "15": "rebates",
        "16": "partnership_expenses", "26": "offsets", "42": "waivers", "43": "interest", "44": "dividends",
        "45": "interest_expense", "46": "other_income", "48": "placement_fees", "49": "realised", "50": "unrealised",
    }  # fmt: skip
    rolled = fees.nav_roll_forward_2016(rows["9"], **{name: rows[row] for row, name in names.items()})  # type: ignore[arg-type]
    assert (rolled.noi, rolled.ending) == (noi, 45673600)
    carry = fees.carry_roll_forward(
        rows["52"], paid=rows["53"], accrued_unrealised=rows["54"], ending_nav_net=rolled.ending
    )
    assert (carry.ending, carry.nav_gross_of_carry) == (-5000000, gross)


@pytest.mark.parametrize("column", ["lp_qtd", "lp_ytd", "lp_itd", "fund_itd", "gp_itd"])
def test_the_template_sample_reconciles_its_commitment(column: str) -> None:
    with real_data("domain_truth/ilpa_rt_v2_sample.csv").open(encoding="utf-8") as file:
        rows = {row["row"]: Decimal(row[column]) for row in csv.DictReader(file)}
    found = fees.unfunded_roll_forward(
        rows["109"], contributions=-rows["110"], recallable=rows["111"], released=-rows["112"], other=rows["113"]
    )
    assert abs(found - rows["114"]) < Decimal("0.5")


@pytest.mark.parametrize(
    "wrong",
    [
        lambda: fee_terms(-0.01, "2024-01-01"),
        lambda: fee_terms(0.01, "2024-01-01", frequency="week"),  # type: ignore[arg-type]
        lambda: fee_terms(0.01, "2024-01-01", day_count="act/7"),
        lambda: fee_terms(0.01, "2024-01-01", measured="closing"),  # type: ignore[arg-type]
        lambda: fee_terms(0.01, "2024-01-01", waivers=[("2024-01-01", "2024-02-01", 2)]),
        lambda: FeeTerms(()),
        lambda: fees.management_fee(1, 1, "2024-02-01", "2024-01-01"),
        lambda: fees.fee_ledger(fee_terms(0.01, "2024-01-01"), {"nav": 1}, "2024-01-01", "2024-02-01"),
        lambda: fees.fee_ledger(fee_terms(0.01, "2024-01-01"), {"committed": -1}, "2024-01-01", "2024-02-01"),
        lambda: fees.fee_ledger(
            fee_terms(0.01, "2024-01-01"), {"committed": 1}, "2024-01-01", "2024-02-01", offsets=[("2024-01-01", -1)]
        ),
        lambda: fees.annual_fees(100, 0.02),
        lambda: fees.annual_fees([100], 0.02, 2),
        lambda: fees.equalise({}, {"B": 1}, [], "2024-01-01"),
        lambda: fees.equalise({"A": 1}, {"B": 0}, [], "2024-01-01"),
        lambda: fees.equalise({"A": 1}, {"B": 1}, [("2024-02-01", 1)], "2024-01-01"),
        lambda: fees.performance_fee(-1, 1),
        lambda: fees.performance_fee(1, 1, incentive=2),
        lambda: fees.performance_fee(1, 1, hurdle_kind="firm"),  # type: ignore[arg-type]
        lambda: fees.recognised_offsets({"monitoring": 1}, {}),
        lambda: fees.recognised_offsets({"monitoring": 1}, 80),
    ],
)
def test_what_contradicts_itself_is_refused(wrong: Any) -> None:
    with pytest.raises(KernelError):
        wrong()


def test_the_examples_in_the_docstrings_are_true() -> None:
    tried = 0
    for found in pkgutil.iter_modules(fees.__path__, "vestry.kernel.fees."):
        result = doctest.testmod(importlib.import_module(found.name))
        assert result.failed == 0, found.name
        tried += result.attempted
    assert tried > 10
