"""Waterfalls: published cases and the rules of each tier, deal, clawback and giveback."""

import doctest
import importlib
import pkgutil
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np
import numpy_financial as npf
import pytest
import yaml

from vestry.kernel import waterfall
from vestry.kernel.errors import KernelError
from vestry.kernel.waterfall import CatchUp, Deal, IrrHurdle, MultipleHurdle, Partner, Split, Waterfall

GOLDEN: dict[str, Any] = yaml.safe_load((Path(__file__).parent / "golden" / "waterfall.yaml").read_text())
ENGINES = ("replay", "closed form")


def cents(text: str) -> Decimal:
    return Decimal(text).quantize(Decimal("0.01"))


def titled(group: str) -> Any:
    return pytest.mark.parametrize("case", GOLDEN[group], ids=lambda case: case["title"])


# --- published cases ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("engine", ENGINES)
@titled("single")
def test_one_deal_matches_the_published_tiers(case: dict[str, Any], engine: Any) -> None:
    terms = waterfall.european(
        pref=case["pref"], carry=case["carry"], catch_up=case["catch_up"], compounding=case.get("compounding", "annual")
    )
    result = waterfall.distribute(terms, case["cost"], case["proceeds"], years=case.get("years", 1), engine=engine)
    found = {"lp": result.lp, "gp": result.gp}
    for tier, lp, gp in (
        ("return of capital", "roc", None),
        ("preferred return", "pref_paid", None),
        ("catch-up", None, "catch_up_gp"),
        ("split", "split_lp", "split_gp"),
    ):
        if any(total.name == tier for total in result.tiers):
            found |= {str(lp): result.tier(tier).lp, str(gp): result.tier(tier).gp}
    for name in ("lp", "gp", "roc", "pref_paid", "catch_up_gp", "split_lp", "split_gp"):
        if name in case and name in found:
            assert found[name] == cents(case[name]), name
    assert result.lp + result.gp == result.total


@pytest.mark.parametrize("engine", ENGINES)
@titled("whole_fund")
def test_a_whole_fund_matches_the_published_ledger(case: dict[str, Any], engine: Any) -> None:
    terms = waterfall.european(pref=0, carry=0.2)
    result = waterfall.distribute(terms, case["contributions"], case["exits"], engine=engine)
    assert [payment.gp for payment in result.payments] == [cents(gp) for gp in case["gp_by_exit"]]
    assert result.lp == cents(case["lp"])
    assert result.unreturned_capital == cents(case["unreturned"])


@titled("irr_ladder")
def test_an_irr_ladder_matches_the_published_tiers(case: dict[str, Any]) -> None:
    terms = waterfall.irr_hurdles(case["hurdles"], case["residual"])
    result = waterfall.distribute_flows(terms, case["flows"])
    assert [step.total for step in result.payments[-1].steps] == [Decimal(x) for x in case["last_payment_by_tier"]]
    assert (result.lp, result.gp) == (Decimal(case["lp"]), Decimal(case["gp"]))
    yearly = [0.0] * len(case["flows"])
    for flow in result.lp_flows:
        yearly[int(flow.on)] += float(flow.amount)  # type: ignore[arg-type]
    assert npf.irr(yearly) == pytest.approx(case["lp_irr"], abs=1e-9)


@titled("clawback")
def test_a_clawback_matches_the_published_figure(case: dict[str, Any]) -> None:
    due = waterfall.clawback(
        case["carry_paid"], case["profit"], 0.2, lp_shortfall=case["shortfall"], tax_rate=case["tax"]
    )
    assert due.due == cents(case["due"])


# --- tiers --------------------------------------------------------------------------------------------------------


def test_a_partial_catch_up_ends_with_the_gp_at_its_share_of_all_profit() -> None:
    result = waterfall.distribute(waterfall.european(catch_up="0.6"), 1000, 1000 + 80 + 40)
    assert result.tier("catch-up").total == Decimal("40.00")  # 0.2 × 80 / (0.6 − 0.2)
    assert result.gp_share_of_profit == Decimal("0.2")


def test_the_catch_up_after_a_second_preferred_return_only_makes_up_for_that() -> None:
    terms = waterfall.european(pref="0.10", catch_up=1)
    result = waterfall.distribute(terms, [(0, 1000), (1, 1000)], [(1, 1500), (2, 3000)])
    first, second = result.payments
    # at 1: 2000 owed + 100 preferred, 1500 paid; at 2: 500 capital + 100 × 1.1 + 500 × 0.1 preferred
    assert [(s.name, s.total) for s in first.steps] == [("return of capital", Decimal("1500.00"))]
    assert [(s.name, s.total) for s in second.steps] == [
        ("return of capital", Decimal("500.00")),
        ("preferred return", Decimal("160.00")),
        ("catch-up", Decimal("40.00")),
        ("split", Decimal("2300.00")),
    ]
    assert result.gp == Decimal("500.00") == result.profit / 5


@pytest.mark.parametrize(
    ("compounding", "paid"),
    [
        ("simple", "160.00"),
        ("annual", "166.40"),
        ("semiannual", "169.86"),
        ("quarterly", "171.66"),
        ("monthly", "172.89"),
        ("daily", "173.49"),
        ("continuous", "173.51"),
    ],
)
def test_two_years_of_eight_percent_by_compounding(compounding: Any, paid: str) -> None:
    result = waterfall.distribute(waterfall.european(compounding=compounding), 1000, 5000, years=2)
    assert result.tier("preferred return").lp == Decimal(paid)


@pytest.mark.parametrize(
    ("day_count", "paid"),
    [("act/365f", "80.22"), ("act/360", "81.33"), ("30/360", "80.00"), ("act/act", "80.00")],
)
def test_a_leap_year_of_preferred_return_by_day_count(day_count: str, paid: str) -> None:
    terms = waterfall.european(compounding="simple", day_count=day_count)
    result = waterfall.distribute(terms, [("2024-01-01", 1000)], [("2025-01-01", 2000)])
    assert result.tier("preferred return").lp == Decimal(paid)


def test_paying_the_preferred_return_first_leaves_more_capital_to_accrue_when_it_is_simple() -> None:
    flows: Any = ([(0, 1000)], [(1, 80), (2, 2000)])
    capital_first = waterfall.distribute(waterfall.european(compounding="simple"), *flows)
    pref_first = waterfall.distribute(waterfall.european(compounding="simple", pref_first=True), *flows)
    assert capital_first.tier("preferred return").lp == Decimal("153.60")  # 80 + 8 % of 920
    assert pref_first.tier("preferred return").lp == Decimal("160.00")
    assert [step.name for step in pref_first.steps][:2] == ["preferred return", "preferred return"]


def test_when_the_preferred_return_compounds_the_order_of_capital_and_return_is_only_a_label() -> None:
    flows: Any = ([(0, 1000), (1, 500)], [(1, 80), (2, 700), (4, 2000)])
    a = waterfall.distribute(waterfall.european(), *flows)
    b = waterfall.distribute(waterfall.european(pref_first=True), *flows)
    assert [p.gp for p in a.payments] == [p.gp for p in b.payments]
    assert a.tier("preferred return").lp == b.tier("preferred return").lp


def test_a_surplus_over_an_irr_hurdle_counts_against_a_later_call_unless_floored() -> None:
    flows: Any = ([(0, 100), (1, 100)], [(1, 200), (2, 100)])
    kept = waterfall.distribute(waterfall.irr_hurdles([("0.10", 0)], "0.2"), *flows)
    floored = waterfall.distribute(waterfall.irr_hurdles([("0.10", 0)], "0.2", keep_surplus=False), *flows)
    # at 1 both owe 110 + 100 and pay 200; at 2 both owe 11
    assert kept.gp == floored.gp == Decimal("17.80")
    flows = ([(0, 100), (2, 100)], [(1, 210), (3, 110)])
    kept = waterfall.distribute(waterfall.irr_hurdles([("0.10", 0)], "0.2"), *flows)
    floored = waterfall.distribute(waterfall.irr_hurdles([("0.10", 0)], "0.2", keep_surplus=False), *flows)
    # at 1: 100 above the hurdle, 80 of it to the LPs; at 2 that surplus is 88, so 12 is owed, 13.20 at 3
    assert [p.gp for p in kept.payments] == [Decimal("20.00"), Decimal("19.36")]
    assert [p.gp for p in floored.payments] == [Decimal("20.00"), Decimal("0.00")]


def test_a_multiple_hurdle_counts_money_not_time() -> None:
    terms = Waterfall(
        (MultipleHurdle(Decimal("1.5")), MultipleHurdle(Decimal(2), Decimal("0.2")), Split(Decimal("0.3")))
    )
    result = waterfall.distribute(terms, 100, 300, years=9)
    assert [(step.lp, step.gp) for step in result.steps] == [
        (Decimal("150.00"), Decimal("0.00")),
        (Decimal("50.00"), Decimal("12.50")),
        (Decimal("61.25"), Decimal("26.25")),
    ]
    assert result.tier("1.5x hurdle").lp == Decimal("150.00")


def test_a_hurdle_can_be_followed_by_a_catch_up() -> None:
    terms = Waterfall((IrrHurdle(Decimal("0.08")), CatchUp(Decimal("0.2")), Split(Decimal("0.2"))))
    assert waterfall.distribute(terms, 1_000_000, 1_500_000).gp == Decimal("100000.00")


def test_a_super_carry_above_a_multiple_never_runs_the_catch_up_backwards() -> None:
    tiers = (*waterfall.european().tiers[:3], MultipleHurdle(Decimal(2), Decimal("0.2")), Split(Decimal("0.3")))
    result = waterfall.distribute(Waterfall(tiers), [(0, 100)], [(1, 300), (2, 100)])
    assert [payment.gp for payment in result.payments] == [Decimal("47.50"), Decimal("30.00")]


def test_contributions_of_a_day_come_before_its_distributions() -> None:
    result = waterfall.distribute(waterfall.european(), [("2024-06-30", 100)], [("2024-06-30", 150)])
    assert result.gp == Decimal("10.00")


def test_accounts_accrue_to_the_asked_date() -> None:
    result = waterfall.distribute(
        waterfall.european(), [("2021-01-01", 1000)], [("2022-01-01", 500)], as_of="2023-01-01"
    )
    assert result.unreturned_capital == Decimal("500.00")
    assert result.unpaid_preferred_return == Decimal("126.40")  # 80 × 1.08 + 500 × 0.08
    assert waterfall.distribute(waterfall.irr_hurdles([], 0.2), 1, 1).unpaid_preferred_return is None


def test_a_result_says_how_it_was_made() -> None:
    result = waterfall.distribute(waterfall.european(), [("2021-01-01", 1_000_000)], [("2022-01-01", 1_500_000)])
    assert [str(step) for step in result.steps] == [
        "2022-01-01 return of capital: in 1,500,000.00, LP 1,000,000.00, GP 0.00 "
        "(capital not yet returned is 1,000,000.00)",
        "2022-01-01 preferred return: in 500,000.00, LP 80,000.00, GP 0.00 "
        "(preferred return of 8% (annual) accrued and unpaid is 80,000.00)",
        "2022-01-01 catch-up: in 420,000.00, LP 0.00, GP 20,000.00 "
        "(0% to the LPs, 100% to the GP until the GP holds 20% of all profit, which takes 20,000.00)",
        "2022-01-01 split: in 400,000.00, LP 320,000.00, GP 80,000.00 (what is left: 80% to the LPs, 20% to the GP)",
    ]
    assert result.explain() == {
        "engine": "replay",
        "tiers": [repr(tier) for tier in result.terms.tiers],
        "convention": {
            "style": "european",
            "day_count": "act/365f",
            "decimals": 2,
            "rounding": "the GP's cumulative amount half up; the LPs receive the difference",
        },
        "inputs": {
            "contributions": [("2021-01-01", Decimal(1_000_000))],
            "distributions": [("2022-01-01", Decimal("1500000.00"))],
        },
        "steps": [str(step) for step in result.steps],
        "result": {
            "lp": Decimal("1400000.00"),
            "gp": Decimal("100000.00"),
            "profit": Decimal("500000.00"),
            "unreturned_capital": Decimal("0.00"),
            "unpaid_preferred_return": Decimal("0.00"),
        },
    }
    ladder = Waterfall((IrrHurdle(Decimal("0.125")), MultipleHurdle(Decimal("2.50")), Split(Decimal(1))))
    why = [step.why for step in waterfall.distribute(ladder, 100, 300).steps]
    assert why == [
        "100% to the LPs, 0% to the GP until the LPs have earned 12.5% a year, which takes 112.50",
        "100% to the LPs, 0% to the GP until the LPs have 2.50 times their capital, which takes 137.50",
        "what is left: 0% to the LPs, 100% to the GP",
    ]


def test_flows_of_both_sides_add_up_to_the_cash() -> None:
    result = waterfall.distribute(waterfall.european(), [(0, 100)], [(1, 150), (2, 20)])
    assert [flow.amount for flow in result.lp_flows] == [-100, Decimal("140.00"), Decimal("16.00")]
    assert [flow.amount for flow in result.gp_flows] == [Decimal("10.00"), Decimal("4.00")]
    assert result.profit == 70
    assert waterfall.distribute(waterfall.european(), 100, 90).gp_share_of_profit is None


# --- input --------------------------------------------------------------------------------------------------------


def test_numbers_and_dates_are_read_from_any_usual_type() -> None:
    terms = waterfall.european()
    expected = waterfall.distribute(terms, [(date(2021, 1, 1), Decimal(1000))], [(date(2022, 1, 1), Decimal(1500))]).gp
    day = np.datetime64("2021-01-01")
    assert waterfall.distribute(terms, [(day, np.int64(1000))], [("2022-01-01", np.float64(1500))]).gp == expected  # type: ignore[list-item]
    assert waterfall.distribute(terms, "1000", 1500.0).gp == Decimal("100.00")
    half_years = waterfall.distribute_flows(terms, [-1000, 0, 1500], periods_per_year=2)
    assert half_years.gp == Decimal("100.00")
    quarters = waterfall.distribute_flows(terms, [-1000, *[0] * 7, "1500"], periods_per_year=4)
    assert quarters.tier("preferred return").lp == Decimal("166.40")
    assert (len(quarters.contributions), len(quarters.payments)) == (1, 1)
    assert waterfall.distribute(terms, [("5", 1000)], [(6, 1500)]).tier("preferred return").lp == Decimal("80.00")
    assert waterfall.distribute(terms, [("-1", 1000)], [(1, 1500)]).tier("preferred return").lp == Decimal("166.40")
    assert str(waterfall.distribute(terms, [(0, 1000)], [(1, 500)]).unpaid_preferred_return) == "80.00"
    assert str(waterfall.distribute(terms, [(0, 1000)], [(1, 500)]).unreturned_capital) == "500.00"
    assert waterfall.distribute(terms, [], []).total == 0
    dated = waterfall.distribute_flows(terms, [-1000, 1500], ["2021-01-01", "2022-01-01"])
    assert dated.gp == expected


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        (lambda: waterfall.european(carry=1.2), "carry must lie between 0 and 1, not 1.2"),
        (lambda: waterfall.european(pref=-0.01), "preferred return must be at least 0, not -0.01"),
        (lambda: waterfall.european(pref=float("nan")), "pref must be a finite number, not nan"),
        (
            lambda: waterfall.european(catch_up=0.2),
            "a catch-up of 20% never brings the GP to 20% of all profit; use a share above the carry, "
            "or no catch-up tier for a hard hurdle",
        ),
        (
            lambda: waterfall.european(compounding="weekly"),
            "compounding 'weekly' is unknown; "
            "use one of simple, annual, semiannual, quarterly, monthly, daily, continuous",
        ),  # type: ignore[arg-type]
        (
            lambda: waterfall.european(day_count="act/364.5"),
            "day count 'act/364.5' is unknown; use one of 30/360, act/360, act/365f, act/act",
        ),
        (lambda: Waterfall(()), "the last tier must be a Split, or cash could be left over"),
        (lambda: Waterfall((CatchUp(Decimal("0.2")),)), "the last tier must be a Split, or cash could be left over"),
        (
            lambda: Waterfall((Split(Decimal("0.2")), Split(Decimal("0.2")))),
            "a Split takes everything; tiers after it would never be reached",
        ),
        (
            lambda: Waterfall((*waterfall.european().tiers[:2], *waterfall.european().tiers)),
            "a waterfall has one ReturnOfCapital tier; use IrrHurdle for several hurdles",
        ),
        (
            lambda: IrrHurdle(Decimal("0.08"), Decimal(1)),
            "a hurdle whose cash all goes to the GP never lifts the LPs over it",
        ),
        (
            lambda: IrrHurdle(Decimal("0.08"), compounding="simple"),
            "an IRR hurdle compounds; for simple interest use return of capital and preferred return",
        ),
        (
            lambda: MultipleHurdle(Decimal(2), Decimal(1)),
            "a hurdle whose cash all goes to the GP never lifts the LPs over it",
        ),
        (
            lambda: waterfall.distribute(waterfall.european(), -5, 10),
            "a contribution is a positive amount, not -5 on 0",
        ),
        (
            lambda: waterfall.distribute(waterfall.european(), 5, [(1, -10)]),
            "a distribution is a positive amount, not -10 on 1",
        ),
        (
            lambda: waterfall.distribute(waterfall.european(), 5, [("2020-01-01", 10)]),
            "give every event a date, or every event a number of years; they cannot be mixed",
        ),
        (
            lambda: waterfall.distribute(waterfall.european(), 5, [7]),
            "each distribution must be a pair (when, amount), not 7",
        ),  # type: ignore[list-item]
        (
            lambda: waterfall.distribute(waterfall.european(), 5, [(1, float("inf"))]),
            "distribution must be a finite number, not inf",
        ),
        (
            lambda: waterfall.distribute(waterfall.european(), 5, 10, engine="guess"),
            "engine 'guess' is unknown; use 'replay' or 'closed form'",
        ),  # type: ignore[arg-type]
        (
            lambda: waterfall.distribute(waterfall.european(), 5, 10, as_of="2024-01-01"),
            "give every event a date, or every event a number of years; they cannot be mixed",
        ),
        (lambda: waterfall.distribute_flows(waterfall.european(), [-1, 2], ["2020-01-01"]), "2 amounts but 1 dates"),
        (
            lambda: waterfall.distribute_flows(waterfall.european(), [-1, 2], periods_per_year=0),
            "periods_per_year must be positive, not 0",
        ),
        (lambda: waterfall.distribute_deals(waterfall.american(), []), "there are no deals to distribute"),
        (
            lambda: waterfall.distribute_deals(waterfall.american(), [Deal("A", 1), Deal("A", 1)]),
            "deals must have different names",
        ),
        (lambda: waterfall.distribute_deals(waterfall.american(), [Deal("A", ())]), "deal A has no cost"),
        (
            lambda: waterfall.distribute_deals(waterfall.american(), [Deal("A", 1, [(3, 1)], [(1, 2)])]),
            "deal A is written down by more than its cost of 1",
        ),
        (lambda: waterfall.clawback(-1, 0), "carry paid is a positive amount, not -1"),
        (lambda: waterfall.clawback(1, 0, 1.5), "carry must be a fraction between 0 and 1, not 1.5"),
        (lambda: waterfall.clawback(1, 0, tax_paid=2), "tax of 2 must lie between nothing and the carry of 1"),
        (lambda: waterfall.lp_giveback(-1, {}, "2024-01-01"), "a claim is a positive amount, not -1"),
    ],
)
def test_what_contradicts_itself_is_refused_in_a_sentence_that_says_why(wrong: Any, message: str) -> None:
    with pytest.raises(KernelError) as refused:
        wrong()
    assert str(refused.value) == message


def test_an_unknown_tier_is_named_with_those_there_are() -> None:
    with pytest.raises(KeyError, match="return of capital"):
        waterfall.distribute(waterfall.european(), 1, 1).tier("promote")


# --- deal by deal -------------------------------------------------------------------------------------------------


def test_deal_by_deal_carry_on_a_winner_comes_back_after_a_write_off() -> None:
    # textbook question: two deals of 45, one returns 70, the other nothing
    deals = [Deal("A", 45, [(1, 70)]), Deal("B", 45, [(2, 0)])]
    result = waterfall.distribute_deals(waterfall.american(pref=0, loss_carry_forward=False), deals)
    assert result.gp == Decimal("5.00")
    assert [(payment.label, payment.gp) for payment in result.payments] == [
        ("A", Decimal("5.00")),
        ("B", Decimal("0.00")),
    ]
    back = waterfall.clawback_of(result)
    assert (back.entitled, back.excess, back.due) == (0, Decimal("5.00"), Decimal("5.00"))


def test_losses_carried_forward_are_returned_before_the_next_carry() -> None:
    deals = [Deal("loser", [(0, 40)], [(1, 10)]), Deal("winner", [(0, 60)], [(2, 120)])]
    pooled = waterfall.distribute_deals(waterfall.american(pref=0), deals)
    alone = waterfall.distribute_deals(waterfall.american(pref=0, loss_carry_forward=False), deals)
    assert alone.gp == Decimal("12.00")  # 20 % of the winner's 60
    assert pooled.gp == Decimal("6.00")  # 20 % of 130 − 100
    assert waterfall.clawback_of(pooled).due == 0
    assert waterfall.clawback_of(alone).due == Decimal("6.00")


def test_a_write_down_of_an_unrealised_deal_holds_carry_back() -> None:
    written = Deal("B", [(0, 50)], write_downs=[(1, 20)])
    result = waterfall.distribute_deals(waterfall.american(pref=0), [Deal("A", [(0, 50)], [(2, 100)]), written])
    assert result.gp == Decimal("6.00")  # 20 % of 100 − 50 − 20
    later = waterfall.distribute_deals(
        waterfall.american(pref=0), [Deal("A", [(0, 50)], [(2, 100)]), Deal("B", [(0, 50)], write_downs=[(3, 20)])]
    )
    assert later.gp == Decimal("10.00")
    assert later.unreturned_capital == Decimal("20.00")


def test_a_written_down_deal_claims_only_the_rest_of_its_cost_when_realised() -> None:
    deal = Deal("B", [(0, 30), (1, 20)], [(3, 60)], [(2, 40), (4, 5)])
    result = waterfall.distribute_deals(waterfall.american(pref=0), [deal])
    assert result.tier("return of capital").lp == Decimal("50.00")
    assert result.gp == Decimal("2.00")


def test_preferred_return_of_a_deal_runs_from_its_contribution_not_its_realisation() -> None:
    deals = [Deal("A", [(0, 100)], [(2, 200)]), Deal("B", [(1, 100)])]
    result = waterfall.distribute_deals(waterfall.american(pref="0.10"), deals)
    assert result.tier("preferred return").lp == Decimal("21.00")
    assert result.gp == Decimal("20.00")
    simple = waterfall.distribute_deals(waterfall.american(pref="0.10", compounding="simple"), deals)
    assert simple.tier("preferred return").lp == Decimal("20.00")


def test_expenses_are_returned_with_the_deals_they_belong_to() -> None:
    deals = [Deal("A", [(0, 75)], [(2, 175)]), Deal("B", [(0, 25)])]
    result = waterfall.distribute_deals(waterfall.american(pref=0), deals, expenses=[(0, 20)])
    assert result.tier("return of capital").lp == Decimal("90.00")  # 75 + three quarters of 20
    assert result.gp == Decimal("17.00")
    assert result.contributed == 120
    alone = waterfall.distribute_deals(waterfall.american(pref=0, loss_carry_forward=False), deals, expenses=[(0, 20)])
    assert alone.gp == Decimal("17.00")
    later = [deals[0], Deal("B", [(1, 25)])]
    early = waterfall.distribute_deals(waterfall.american(pref=0), later, expenses=[(0, 20)])
    assert early.tier("return of capital").lp == Decimal("95.00")  # B was not yet there to share the expense


def test_one_deal_is_the_same_deal_by_deal_and_whole_fund() -> None:
    whole = waterfall.distribute(waterfall.european(), [("2020-03-31", 100)], [("2023-06-30", 180)])
    for loss_carry_forward in (True, False):
        terms = waterfall.american(loss_carry_forward=loss_carry_forward)
        deal = Deal("A", [("2020-03-31", 100)], [("2023-06-30", 180)])
        result = waterfall.distribute_deals(terms, [deal], as_of="2024-06-30")
        assert [payment.gp for payment in result.payments] == [payment.gp for payment in whole.payments]


def test_a_deals_plain_amounts_are_a_cost_now_and_proceeds_in_a_year() -> None:
    terms = waterfall.american(pref="0.10")
    result = waterfall.distribute_deals(terms, [Deal("A", 100, 150)])
    assert result.tier("preferred return").lp == Decimal("10.00")
    written = waterfall.distribute_deals(terms, [Deal("A", 100, write_downs=100), Deal("B", 100, [(1, 50), (2, 170)])])
    # at 1 both claim 220 of capital and return and 50 is paid: 170 × 1.1 at 2
    assert written.unpaid_preferred_return == Decimal("17.00")
    assert written.gp == 0


def test_deals_accrue_to_the_asked_date_pooled_or_alone() -> None:
    deals = [
        Deal("A", [("2021-01-01", 100)], [("2022-01-01", 58)]),
        Deal("B", [("2021-01-01", 100)], [("2022-01-01", 8)]),
    ]
    for loss_carry_forward in (True, False):
        terms = waterfall.american(loss_carry_forward=loss_carry_forward)
        result = waterfall.distribute_deals(terms, deals, as_of="2023-01-01")
        assert result.unreturned_capital == Decimal("134.00")
        assert result.unpaid_preferred_return == Decimal("28.00")  # 16 × 1.08 + 134 × 0.08
        assert result.contributed == 200
        plain = Waterfall((waterfall.ReturnOfCapital(), Split(Decimal("0.2"))), loss_carry_forward=loss_carry_forward)
        assert waterfall.distribute_deals(plain, deals).unpaid_preferred_return is None


def test_a_write_down_takes_the_oldest_dollars_and_its_part_of_the_expenses() -> None:
    deals = [
        Deal("B", [(1, 20), (0, 30)], write_downs=[(3, 25), (2, 15)]),
        Deal("A", [(0, 50)], [("2.5", 100), (4, 100)]),
    ]
    result = waterfall.distribute_deals(waterfall.american(pref=0), deals, expenses=[(1, 10)])
    at_two_and_a_half, at_four = result.payments
    # B's 15 of 50 and A's 50, with half of the expense each: 15 + 1.5 + 50 + 5; then 25 + 2.5 more
    assert at_two_and_a_half.steps[0].lp == Decimal("71.50")
    assert at_four.steps[0].lp == Decimal("27.50")
    assert result.unreturned_capital == 0
    accruing = waterfall.distribute_deals(waterfall.american(pref="0.10", compounding="simple"), deals)
    # to 2.5: 15 and 50 since 0; to 4: the other 15 since 0 and 10 since 1
    assert [step.lp for step in accruing.steps if step.name == "preferred return"] == [
        Decimal("16.25"),
        Decimal("9.00"),
    ]


def test_a_deal_written_off_entirely_and_then_recovered_claims_nothing_more() -> None:
    deal = Deal("A", [(0, 50)], [(3, 80)], [(1, 20), (2, 30)])
    result = waterfall.distribute_deals(waterfall.american(pref=0), [deal], expenses=[(0, 10)])
    assert result.tier("return of capital").lp == Decimal("60.00")
    assert result.gp == Decimal("4.00")


def test_expenses_of_deals_that_cost_nothing_are_shared_equally() -> None:
    deals = [Deal("A", [(0, 0)], [(1, 100)]), Deal("B", [(0, 0)])]
    result = waterfall.distribute_deals(waterfall.american(pref=0), deals, expenses=[(0, 30)])
    assert result.tier("return of capital").lp == Decimal("15.00")


# --- money that comes back ----------------------------------------------------------------------------------------


def test_the_lps_shortfall_to_their_preferred_return_is_clawed_back_too() -> None:
    deals = [Deal("A", [(0, 100)], [(1, 150)]), Deal("B", [(0, 100)], [(2, 90)])]
    result = waterfall.distribute_deals(waterfall.american(loss_carry_forward=False), deals)
    assert result.gp == Decimal("10.00")
    back = waterfall.clawback_of(result)
    # the LPs got 140 at 1 and 90 at 2: (200 × 1.08 − 140) × 1.08 − 90 = −7.92, so only the excess counts: 10 − 8
    assert (back.lp_shortfall, back.excess, back.due) == (Decimal("0.00"), Decimal("2.00"), Decimal("2.00"))
    late = waterfall.clawback_of(result, pref="0.15")
    # (200 × 1.15 − 140) × 1.15 − 90 = 13.50, at most the carry paid
    assert (late.lp_shortfall, late.gross, late.due) == (Decimal("13.50"), Decimal("10.00"), Decimal("10.00"))
    taxed = waterfall.clawback_of(result, pref="0.15", tax_rate="0.4")
    assert (taxed.cap, taxed.due) == (Decimal("6.00"), Decimal("6.00"))
    assert taxed.explain() == {
        "inputs": {
            "carry_paid": Decimal("10.00"),
            "profit": Decimal("40.00"),
            "carry": Decimal("0.2"),
            "tax": Decimal("4.00"),
        },
        "formula": "min(carry paid − tax, max(carry paid − carry × max(profit, 0), LP shortfall))",
        "steps": [
            "entitled to 8.00, so 2.00 too much was paid",
            "the LPs lack 13.50 to capital and preferred return",
            "the larger, at most the carry paid, is 10.00; capped at 6.00 after tax",
        ],
        "result": Decimal("6.00"),
    }
    assert waterfall.clawback_of(result, carry="0.1").excess == Decimal("6.00")
    assert waterfall.clawback_of(result, pref="0.15", compounding="simple").lp_shortfall == Decimal("9.00")
    paid = waterfall.clawback_of(result, pref="0.15", tax_paid=7)
    assert (paid.tax, paid.due) == (Decimal("7.00"), Decimal("3.00"))
    assert waterfall.clawback(2, "0.001", decimals=None).due == Decimal("1.99980")
    assert waterfall.clawback(0, 0).due == 0
    assert waterfall.clawback(1, 0, 1, tax_paid=1).due == 0


def test_a_clawback_takes_its_terms_from_the_run_unless_told_otherwise() -> None:
    flows: Any = ([("2024-01-01", 1000)], [("2024-07-01", 1500)])
    plain = Waterfall((waterfall.ReturnOfCapital(), Split(Decimal("0.5"))), decimals=4)
    back = waterfall.clawback_of(waterfall.distribute(plain, [*flows[0], ("2024-08-01", 700)], flows[1]))
    # 250 of carry, 1,250 to the LPs; without preferred return 700 of the later call is still out
    assert (str(back.lp_shortfall), str(back.carry), str(back.due)) == ("700.0000", "0.5", "250.0000")
    for compounding, day_count, owed in (
        ("simple", "act/360", "76.84"),  # 1,900 × 8 % × 182/360
        ("annual", "act/360", "75.38"),  # 1,900 × (1.08^(182/360) − 1)
        ("annual", "30/360", "74.54"),  # 1,900 × (1.08^0.5 − 1)
    ):
        run = waterfall.american(compounding=compounding, day_count=day_count, loss_carry_forward=False)  # type: ignore[arg-type]
        deals = [Deal("A", [("2024-01-01", 1000)], [("2024-07-01", 1000)]), Deal("B", [("2024-01-01", 900)])]
        found = waterfall.clawback_of(waterfall.distribute_deals(run, deals), as_of="2024-07-01")
        assert found.lp_shortfall - 900 == Decimal(owed), (compounding, day_count)
    with pytest.raises(KernelError, match=r"^carry must"):
        waterfall.clawback_of(waterfall.distribute(plain, *flows), carry="x")
    with pytest.raises(KernelError, match=r"^pref must"):
        waterfall.clawback_of(waterfall.distribute(plain, *flows), pref="x")
    with pytest.raises(KernelError, match=r"^unrealised must"):
        waterfall.clawback_of(waterfall.distribute(plain, *flows), unrealised="x")
    assert waterfall.clawback(1, 5, 0.2).due == 0


def test_an_interim_test_counts_unrealised_value_and_time() -> None:
    deals = [Deal("A", [(0, 100)], [(1, 150)]), Deal("B", [(0, 100)])]
    result = waterfall.distribute_deals(waterfall.american(), deals)
    assert result.gp == Decimal("10.00")
    assert waterfall.clawback_of(result).due == Decimal("10.00")
    assert waterfall.clawback_of(result, unrealised=100).due == 0
    assert waterfall.clawback_of(result, unrealised=80).due == Decimal("4.00")
    # a year later the LPs' 76 have grown by 8 %, so 90 of value falls 2.08 short of capital and preferred return
    waiting = waterfall.clawback_of(result, unrealised="80", as_of=2)
    assert waiting.lp_shortfall == Decimal("2.08")


def test_lps_give_back_within_the_cap_and_the_years() -> None:
    received: Any = {
        "A": [("2024-02-29", 600), ("2021-01-01", 500)],
        "B": [("2023-01-01", 300)],
        "C": [("2020-01-01", 9)],
    }
    capped = waterfall.lp_giveback(1000, received, "2024-12-31", commitments=1000)
    assert (capped.cap, capped.due, capped.uncovered) == (250, Decimal("250.00"), Decimal("750.00"))
    assert capped.by_investor == {"A": Decimal("166.67"), "B": Decimal("83.33"), "C": Decimal("0.00")}
    again = waterfall.lp_giveback(1000, received, "2024-12-31", commitments=1000, already_returned=240)
    assert again.due == Decimal("10.00")
    assert waterfall.lp_giveback(1000, received, "2024-12-31", commitments=1000, already_returned=400).due == 0
    of_distributions = waterfall.lp_giveback(1000, received, "2024-12-31")
    assert of_distributions.cap == Decimal("352.25")  # a quarter of all 1,409
    assert waterfall.lp_giveback(50, received, "2024-12-31").due == Decimal("50.00")
    assert waterfall.lp_giveback(1000, received, "2026-02-28", commitments=9999).eligible == 600
    assert waterfall.lp_giveback(1000, received, "2026-03-01", commitments=9999).eligible == 0
    assert waterfall.lp_giveback(1000, {"A": [("2022-02-28", 7)]}, "2024-02-29", commitments=99).eligible == 7
    assert waterfall.lp_giveback(1000, {"A": [("2024-02-29", 7)]}, "2024-02-29", commitments=99).eligible == 7
    assert waterfall.lp_giveback(1000, {"A": [("2024-03-01", 7)]}, "2024-02-29", commitments=99).eligible == 0
    assert str(waterfall.lp_giveback("1.005", received, "2024-12-31").due) == "1.01"
    assert capped.explain() == {
        "inputs": {"claim": 1000, "eligible_distributions": 900, "cap": Decimal(250)},
        "formula": "min(claim, cap, distributions still within the time limit), pro rata to those distributions",
        "steps": ["A returns 166.67", "B returns 83.33", "C returns 0.00"],
        "result": Decimal("250.00"),
    }
    three = waterfall.lp_giveback(1, {"A": [("2021-12-31", 7)]}, "2024-12-31", commitments=99, years=3, decimals=0)
    assert (three.due, three.uncovered, str(three.by_investor["A"])) == (1, 0, "1")
    assert waterfall.lp_giveback(0, received, "2024-12-31").by_investor == {"A": 0, "B": 0, "C": 0}
    assert waterfall.lp_giveback(9, received, "2024-12-31", cap_rate="0.001", commitments=1000).due == 1


# --- investors ----------------------------------------------------------------------------------------------------


def test_the_lps_side_of_every_payment_is_split_to_the_cent() -> None:
    result = waterfall.distribute(waterfall.european(), 100, [(1, 50), (2, 100)])
    parts = waterfall.split_by_investor(result, {"A": 3, "B": 3, "GP commitment": 1})
    for index, payment in enumerate(result.payments):
        assert sum(part.amounts[index] for part in parts.values()) == payment.lp
    assert sum(part.total for part in parts.values()) == result.lp


def test_partners_have_their_own_terms_and_together_the_funds_cash() -> None:
    fund = waterfall.european()
    partners = [
        Partner("A", 60),
        Partner("B", 30, waterfall.european(carry="0.1")),
        Partner("GP", 10, waterfall.european(carry=0)),
    ]
    results = waterfall.by_partner(fund, partners, [(0, "1000.01")], [(1, 1300), (2, "200.07")])
    assert sum(result.total for result in results.values()) == Decimal("1500.07")
    assert sum(result.contributed for result in results.values()) == Decimal("1000.01")
    assert results["GP"].gp == 0
    assert results["B"].gp_share_of_profit == pytest.approx(Decimal("0.1"), abs=Decimal("0.0001"))
    assert results["A"].gp == Decimal("60.01")  # a fifth of 900.04 − 600.01
    assert [str(flow.amount) for flow in results["A"].contributions] == ["600.01"]
    plain = waterfall.by_partner(fund, [Partner("A", 1), Partner("B", 2)], 30, "60.005")
    assert [str(one.total) for one in plain.values()] == ["20.00", "40.01"]
    assert plain["B"].tier("preferred return").lp == Decimal("1.60")


def test_a_split_needs_cents_to_split_to() -> None:
    terms = waterfall.european(decimals=None)
    with pytest.raises(KernelError, match=r"^a split to the cent needs terms with decimals$"):
        waterfall.split_by_investor(waterfall.distribute(terms, 1, 1), {"A": 1})
    with pytest.raises(KernelError, match=r"^a split to the cent needs terms with decimals$"):
        waterfall.by_partner(terms, [Partner("A", 1)], 1, 1)


@pytest.mark.parametrize(
    ("wrong", "named"),
    [
        (lambda: waterfall.european(pref="x"), "pref must"),
        (lambda: waterfall.european(carry="x"), "carry must"),
        (lambda: waterfall.european(catch_up="x"), "catch-up share must"),
        (lambda: waterfall.irr_hurdles([("x", 0)], 0), "hurdle must"),
        (lambda: waterfall.irr_hurdles([(0, "x")], 0), "GP share must"),
        (lambda: waterfall.irr_hurdles([], "x"), "GP share must"),
        (lambda: waterfall.distribute(waterfall.european(), 1, 1, years="x"), "years must"),
        (lambda: waterfall.distribute(waterfall.european(), "x", 1), "contribution must"),
        (lambda: waterfall.distribute(waterfall.european(), [(0, "x")], 1), "contribution must"),
        (lambda: waterfall.distribute(waterfall.european(), 1, [("x", 1)]), "moment must"),
        (lambda: waterfall.distribute_flows(waterfall.european(), [1], periods_per_year="x"), "periods_per_year must"),
        (lambda: waterfall.distribute_deals(waterfall.american(), [Deal("A", "x")]), "cost of A must"),
        (lambda: waterfall.distribute_deals(waterfall.american(), [Deal("A", 1, "x")]), "proceeds of A must"),
        (lambda: waterfall.distribute_deals(waterfall.american(), [Deal("A", 1, 1, "x")]), "write-down of A must"),
        (lambda: waterfall.distribute_deals(waterfall.american(), [Deal("A", 1)], expenses="x"), "expense must"),
        (lambda: waterfall.clawback("x", 1), "carry_paid must"),
        (lambda: waterfall.clawback(1, "x"), "profit must"),
        (lambda: waterfall.clawback(1, 1, "x"), "carry must"),
        (lambda: waterfall.clawback(1, 1, lp_shortfall="x"), "lp_shortfall must"),
        (lambda: waterfall.clawback(1, 1, tax_rate="x"), "tax_rate must"),
        (lambda: waterfall.clawback(1, 1, tax_paid="x"), "tax_paid must"),
        (lambda: waterfall.lp_giveback("x", {}, "2024-01-01"), "claim must"),
        (lambda: waterfall.lp_giveback(1, {}, "2024-01-01", commitments="x"), "commitments must"),
        (lambda: waterfall.lp_giveback(1, {}, "2024-01-01", cap_rate="x"), "cap_rate must"),
        (lambda: waterfall.lp_giveback(1, {}, "2024-01-01", already_returned="x"), "already_returned must"),
        (
            lambda: waterfall.split_by_investor(waterfall.distribute(waterfall.european(), 1, 1), {"A": "x"}),
            "weight of A must",
        ),
        (lambda: waterfall.by_partner(waterfall.european(), [Partner("A", "x")], 1, 1), "commitment of A must"),
        (lambda: waterfall.by_partner(waterfall.european(), [Partner("A", 1)], "x", 1), "contribution must"),
        (lambda: waterfall.by_partner(waterfall.european(), [Partner("A", 1)], 1, "x"), "distribution must"),
        (lambda: CatchUp("x"), "carry must"),  # type: ignore[arg-type]
        (lambda: CatchUp(Decimal("0.2"), "x"), "catch-up share must"),  # type: ignore[arg-type]
        (lambda: waterfall.PreferredReturn("x"), "preferred return must"),  # type: ignore[arg-type]
        (lambda: IrrHurdle("x"), "hurdle must"),  # type: ignore[arg-type]
        (lambda: MultipleHurdle("x"), "multiple must"),  # type: ignore[arg-type]
        (lambda: Split("x"), "GP share must"),  # type: ignore[arg-type]
    ],
)
def test_a_word_for_a_number_is_refused_by_the_name_of_what_it_stands_for(wrong: Any, named: str) -> None:
    with pytest.raises(KernelError, match=f"^{named} be a"):
        wrong()


def test_the_examples_in_the_docstrings_are_true() -> None:
    tried = 0
    for found in pkgutil.iter_modules(waterfall.__path__, "vestry.kernel.waterfall."):
        result = doctest.testmod(importlib.import_module(found.name))
        assert result.failed == 0, found.name
        tried += result.attempted
    assert tried > 20
