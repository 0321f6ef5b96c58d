"""Worked examples printed elsewhere than where the formulas come from, called the way their readers would."""

import importlib
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import yaml

from vestry.kernel import churn, dates, lots, valuation, waterfall


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
