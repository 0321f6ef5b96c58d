"""Worked examples printed elsewhere than where the formulas come from, called the way their readers would."""

import importlib
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import yaml

from vestry.kernel import captable, churn, dates, lots, returns, valuation, waterfall


@cache
def published() -> list[dict[str, Any]]:
    """The examples as they are written down."""
    path = Path(__file__).parent / "golden" / "published.yaml"
    found: list[dict[str, Any]] = yaml.safe_load(path.read_text("utf-8"))
    return found


def name(example: dict[str, Any]) -> str:
    """What a failure is called."""
    return f"{example['call']}: {example['source']}"


@pytest.mark.parametrize("example", published(), ids=name)
def test_the_printed_figure_comes_out(example: dict[str, Any]) -> None:
    module, function = example["call"].split(".")
    result = getattr(importlib.import_module(f"vestry.kernel.{module}"), function)(
        *example["args"], **example.get("kwargs", {})
    )
    figure = getattr(result, example["take"]) if "take" in example else result
    assert float(figure) == pytest.approx(example["expected"], abs=example["abs"], rel=0)


@pytest.mark.parametrize("example", published(), ids=name)
def test_arrays_and_tuples_give_what_lists_give(example: dict[str, Any]) -> None:
    module, function = example["call"].split(".")
    called = getattr(importlib.import_module(f"vestry.kernel.{module}"), function)
    plain = called(*example["args"], **example.get("kwargs", {}))
    for kind in (tuple, np.array):
        args = [kind(one) if isinstance(one, list) else one for one in example["args"]]
        other = called(*args, **example.get("kwargs", {}))
        take = example.get("take")
        assert (getattr(other, take) == getattr(plain, take)) if take else other == plain


def test_a_conditional_expectation_of_the_excel_note() -> None:
    # Fader, Hardie and Lee 2005, Implementing the BG/NBD Model for Customer Base Analysis in Excel: 1.226.
    model = churn.BgNbd(0.243, 4.414, 0.793, 2.426)
    assert float(model.expected_future_purchases(39, 2, 30.43, 38.86)[0]) == pytest.approx(1.226, abs=0.0005)


def test_the_regular_segment_of_the_shifted_beta_geometric() -> None:
    # Fader and Hardie 2007, How to Project Customer Retention: alpha 0.704, beta 1.182 for the regular segment.
    model = churn.fit_sbg([1000, 631, 468, 382, 326, 289, 262, 241]).model
    assert model.alpha == pytest.approx(0.704, abs=0.0005)
    assert model.beta == pytest.approx(1.182, abs=0.0005)


def test_the_first_bought_are_the_first_sold() -> None:
    # Goodrich, Tamassia and Goldwasser, Data Structures and Algorithms, project on capital gains: 940.
    events = [
        lots.buy("2021-01-01", 100, 20),
        lots.buy("2021-01-02", 20, 24),
        lots.buy("2021-01-03", 200, 36),
        lots.sell("2021-01-04", 150, 30),
    ]
    assert lots.book(events).realised == 940


@pytest.mark.parametrize(("method", "gain"), [("fifo", 200), ("lifo", 100), ("average", 150)])
def test_three_methods_on_one_sale(method: str, gain: int) -> None:
    # gnucash-devel, 22 February 2006: 100 at 10, 100 at 11, 100 sold at 12.
    events = [lots.buy("2006-01-02", 100, 10), lots.buy("2006-01-03", 100, 11), lots.sell("2006-01-04", 100, 12)]
    assert lots.book(events, method).realised == gain


def test_average_price_of_five_single_shares() -> None:
    # propreports.atlassian.net, average-price method: five shares at 1.10 on average, sold at 1.30 each: 1.00.
    prices = ["1.00", "1.10", "1.05", "1.15", "1.20"]
    events = [lots.buy(f"2021-01-0{day}", 1, price) for day, price in enumerate(prices, start=1)]
    book = lots.book([*events, lots.sell("2021-01-06", 5, "1.30")], "average")
    assert book.realised == 1


@pytest.mark.parametrize("share", [1, "0.5"])
def test_after_any_catch_up_the_gp_holds_its_carry_of_all_profit(share: int | str) -> None:
    # CFA Level I 2024: with a catch-up (a soft hurdle) the GP has 20 % of all profit, here of 200.
    result = waterfall.distribute(waterfall.european(compounding="simple", catch_up=share), 100, 300, years=5)
    assert (result.lp, result.gp) == (260, 40)


def test_three_hurdles_by_hand() -> None:
    # 8/12/18 %: 108 to the LPs, then 4 at 80/20, 6 at 70/30 and the rest at 60/40.
    terms = waterfall.irr_hurdles([(0.08, 0), (0.12, 0.2), (0.18, 0.3)], 0.4)
    result = waterfall.distribute(terms, 100, 200, years=1)
    assert [str(tier.lp) for tier in result.tiers] == ["108.00", "4.00", "6.00", "47.06"]
    assert [str(tier.gp) for tier in result.tiers] == ["0.00", "1.00", "2.57", "31.37"]


def test_the_constant_growth_model_and_its_inverse() -> None:
    # Gordon: 50 growing 5 % for ever at 10 % is worth 50 × 1.05 ÷ 0.05 = 1,050.
    assert valuation.implied_perpetual_growth(1050, 50, 0.10) == pytest.approx(0.05, abs=1e-12)


def test_equity_is_what_is_left_of_the_enterprise() -> None:
    bridge = valuation.equity_bridge(1000, debt=400, cash=50, preferred=30, minority_interest=20, associates=10)
    assert bridge.equity_value == 1000 - 400 + 50 - 30 - 20 + 10


def test_the_cost_of_equity_is_the_capital_asset_pricing_model() -> None:
    # CFA Level I: 3 % risk-free, beta 1.2, premium 5 % give 9 %.
    assert valuation.cost_of_equity(0.03, 1.2, 0.05) == pytest.approx(0.09, abs=1e-12)
    assert valuation.cost_of_equity is valuation.capm


@pytest.mark.parametrize(("x", "below"), [(0, 0.5), (1, 0.8413), (1.96, 0.9750), (-2.33, 0.0099)])
def test_the_table_of_the_normal_distribution(x: float, below: float) -> None:
    assert valuation.normal_cdf(x) == pytest.approx(below, abs=0.00005)


def test_a_day_count_is_known_by_its_usual_spellings() -> None:
    assert dates.day_count_name("Act/365F") == dates.day_count_name("act/365f") == "act/365f"
    with pytest.raises(ValueError, match="day count"):
        dates.day_count_name("act/999")


def test_the_internal_rate_of_a_schedule_with_rows_left_out() -> None:
    # mrexcel.com, thread 335762: XIRR of the rows marked X, zeros for the others, is -12.45 %; with one sign turned
    # every net present value is negative and Excel answers #NUM.
    days = ["2009-01-28", "2009-07-16", "2010-01-01", "2010-06-19", "2010-12-05", "2011-05-23", "2011-11-08"]
    days += ["2012-04-25", "2012-10-11", "2013-03-29"]
    amounts = [-7812, 1342, 0, 0, 0, 0, 4887, 1320, -1660, 0]
    assert returns.xirr(days, amounts).rate == pytest.approx(-0.1245, abs=0.00005)
    amounts[6] = -4887
    assert (returns.xirr(days, amounts).rate, returns.xirr(days, amounts).reason) == (None, "no_root")


def test_a_year_of_quarters_with_flows_at_their_beginning() -> None:
    # CFA practice question, analystforum.com/t/.../2314: 1.0909 x 0.9286 x 1.3333 x 0.9762 = 1.3185, answer 32 %.
    linked = returns.twr([2, 2.4, 2.6, 3.2, 4.1], [0, 0.2, 0.4, -0.2, 1], timing="start")
    assert linked.periods == pytest.approx([0.0909, -0.0714, 0.3333, -0.0238], abs=0.00005)
    assert linked.value == pytest.approx(0.3185, abs=0.0001)


def test_modified_dietz_over_two_years_with_money_added_in_the_middle() -> None:
    # Wikipedia, Modified Dietz method: 100 becomes 300 with 50 added after one of two years: 150 / 125 = 120 %.
    found = returns.modified_dietz(100, 300, [("2017-12-31", 50)], "2017-01-01", "2018-12-31")
    assert found.value == pytest.approx(1.2, abs=1e-12)


def test_money_weighted_and_time_weighted_part_when_money_arrives_late() -> None:
    # learninvestmentperformance.com: 5 % on 100, then 10 % on 200: 15.5 % time-weighted, about 17 % internal rate.
    halves = returns.irr([-100, -95, 220]).rate
    assert halves is not None
    assert (1 + halves) ** 2 - 1 == pytest.approx(0.17, abs=0.005)


def test_a_down_round_reprices_two_series() -> None:
    # docs.equity.gust.com, article 71: 7,000,000 shares before, 2,000,000 issued at 0.50. A converts 1.125 to 1 into
    # 2,812,500 shares.
    first = captable.weighted_average(1, 7_000_000, 2_000_000, new_price="0.5", issue_price=1)
    assert first.shares_on_conversion(2_500_000) == 2_812_500
    second = captable.weighted_average(2, 7_000_000, 2_000_000, new_price="0.5", issue_price=2)
    assert float(second.conversion_price) == pytest.approx(2 * 7.5 / 9, abs=1e-12)


def test_post_money_safes_own_what_was_paid_over_the_cap() -> None:
    # medium.com/@cytlaw, Post-Money SAFE Math Problems: 1m at 10m is 10 %, 600,000 at 15m is 4 %, the founder the rest.
    safes = [captable.safe(1_000_000, 10_000_000, name="first"), captable.safe(600_000, 15_000_000, name="second")]
    found = captable.priced_round(40_000_000, 10_000_000, existing=8_600_000, safes=safes)
    assert float(found.shares["first"] / found.capitalization) == pytest.approx(0.10, abs=1e-6)
    assert float(found.shares["second"] / found.capitalization) == pytest.approx(0.04, abs=1e-6)
    assert float(8_600_000 / found.capitalization) == pytest.approx(0.86, abs=1e-6)


def test_carry_without_a_catch_up_after_one_year() -> None:
    # plumuleadvisory.com, How investment fund carried interest works, part 2.2: LP 181.60, GP 18.40; without a
    # preferred return 180 and 20.
    plain = waterfall.european(pref="0.08", catch_up=0)
    result = waterfall.distribute(plain, 100, 200, years=1)
    assert (str(result.lp), str(result.gp)) == ("181.60", "18.40")
    none = waterfall.distribute(waterfall.european(pref=0, catch_up=0), 100, 200, years=1)
    assert (none.lp, none.gp) == (180, 20)


def test_full_catch_up_in_the_schweser_example() -> None:
    # analystforum.com/t/124656: 50m returned as 100m, 8 % for one year: catch-up 1, then 36 and 9; LP 90, GP 10.
    result = waterfall.distribute(waterfall.european(), 50_000_000, 100_000_000, years=1)
    assert (result.lp, result.gp) == (90_000_000, 10_000_000)
    assert [tier.gp for tier in result.tiers] == [0, 0, 1_000_000, 9_000_000]
