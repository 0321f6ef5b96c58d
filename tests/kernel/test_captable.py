"""Cap tables: published cases, an exhaustive search for the equilibrium, and what must hold for every table."""

import itertools
from datetime import date
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from vestry.kernel import captable
from vestry.kernel.errors import KernelError

GOLDEN: dict[str, dict[str, Any]] = {
    case["id"]: case for case in yaml.safe_load((Path(__file__).parent / "golden" / "captable.yaml").read_text())
}


def classes_of(inputs: dict[str, Any]) -> list[captable.ShareClass]:
    rows = [
        captable.preferred(
            c["name"],
            c["shares"],
            preference=c["pref"],
            participating=c["participating"],
            cap=c["cap"],
            seniority=c.get("seniority", 1),
        )
        for c in inputs["classes"]
    ]
    return [captable.common(inputs["common_shares"]), *rows]


@pytest.mark.parametrize("name", [name for name in GOLDEN if name.startswith("CAP")])
def test_published_exits_are_split_as_published(name: str) -> None:
    case = GOLDEN[name]
    result = captable.liquidation_payouts(case["inputs"]["exit"], classes_of(case["inputs"]))
    for holder, amount in (case.get("recomputed") or case["expected"]).items():
        assert float(result.payouts[holder]) == pytest.approx(amount, abs=0.01)
    for holder, amount in case["expected"].items():
        assert float(result.payouts[holder]) == pytest.approx(amount, abs=case["tolerance"]["abs"])


@pytest.mark.parametrize("name", [name for name in GOLDEN if name.startswith("SAFE")])
def test_published_rounds_with_safes_are_priced_as_published(name: str) -> None:
    case = GOLDEN[name]
    inputs, expected, tolerance = case["inputs"], case["expected"], case["tolerance"]
    result = captable.priced_round(
        inputs["pre_money"],
        inputs["new_money"],
        existing=inputs["common"],
        pool=inputs.get("pool") or 0,
        pool_target=inputs.get("target_pool_post"),
        safes=[captable.safe(amount, cap) for amount, cap in inputs["safes"]],
    )
    got = {
        "pps": result.price,
        "total_shares": result.total_shares,
        "pool": result.pool,
        "post_value": result.post_money,
        "capz": result.capitalization,
        "add": result.pool_increase,
    }
    rel, absolute = tolerance.get("*", {}).get("rel"), tolerance.get("abs")
    for key, value in expected.items():
        assert float(got[key]) == pytest.approx(value, rel=rel, abs=absolute), key
    for key, value in case.get("recomputed", {}).items():
        assert float(got[key]) == pytest.approx(value, rel=1e-12), key


def test_rounding_prices_down_to_five_places_moves_the_published_round_by_single_shares() -> None:
    case = GOLDEN["SAFE-003"]["inputs"]
    result = captable.priced_round(
        case["pre_money"],
        case["new_money"],
        existing=case["common"],
        pool_target=case["target_pool_post"],
        safes=[captable.safe(amount, cap) for amount, cap in case["safes"]],
        price_decimals=5,
        whole_shares=True,
    )
    assert result.price == Decimal("3.08699")
    assert all(count == count.to_integral_value() for count in result.shares.values())
    assert abs(result.total_shares - 19436401) < 20
    assert result.pool / result.total_shares == pytest.approx(Decimal("0.1"), abs=Decimal("1e-6"))


def test_a_broad_based_average_lowers_two_dollars_to_one_seventy_five() -> None:
    case = GOLDEN["AD-001"]
    i, expected = case["inputs"], case["expected"]
    result = captable.broad_based(i["cp1"], i["fd_shares"], i["new_shares"], new_price=i["new_price"])
    steps = {step.label: step.value for step in result.explain.steps}
    assert (result.conversion_price, steps["A + B"], steps["A + C"]) == (
        Decimal(str(expected["cp2"])),
        expected["A+B"],
        expected["A+C"],
    )
    assert result.factor == Decimal("0.875")
    assert result.shares_on_conversion(700) == pytest.approx(Decimal(800))


def test_narrow_cuts_deeper_than_broad_and_full_ratchet_deepest() -> None:
    broad = captable.broad_based(2, 6_000_000, 2_000_000, consideration=2_000_000)
    narrow = captable.narrow_based(2, 1_000_000, 2_000_000, new_price=1)
    ratchet = captable.full_ratchet(2, 1)
    assert ratchet.conversion_price < narrow.conversion_price < broad.conversion_price < 2
    assert narrow.conversion_price == pytest.approx(Decimal("1.3333333333"), abs=Decimal("1e-9"))
    assert ratchet.conversion_ratio == 2


def test_an_up_round_leaves_the_conversion_price_alone() -> None:
    assert not captable.full_ratchet(2, 3).adjusted
    assert captable.weighted_average(2, 100, 50, new_price=3).conversion_price == 2


prices = st.integers(1, 10_000).map(lambda cents: Decimal(cents) / 100)
counts = st.integers(1, 10**9)


@settings(max_examples=60, deadline=None)
@given(prices, counts, counts, prices)
def test_anti_dilution_never_raises_the_price_nor_falls_below_the_new_one(
    old: Decimal, outstanding: int, new_shares: int, new_price: Decimal
) -> None:
    average = captable.weighted_average(old, outstanding, new_shares, new_price=new_price)
    ratchet = captable.full_ratchet(old, new_price)
    assert ratchet.conversion_price <= average.conversion_price <= old


# --- liquidation: every combination of decisions, tried one by one -------------------------------------------------


def payouts_when(decided: dict[str, bool], classes: list[captable.ShareClass], value: Fraction) -> dict[str, Fraction]:
    """The plain waterfall for given decisions: preferences by rank, then the residual with caps, iterated literally."""
    paid = {c.name: Fraction(0) for c in classes}
    left = value
    keeping = [c for c in classes if c.kind == "preferred" and not decided[c.name]]
    for level in sorted({c.seniority for c in keeping}, reverse=True):
        rank = [c for c in keeping if c.seniority == level and c.preference > 0]
        owed = sum(Fraction(c.preference) for c in rank)
        if not owed:
            continue
        now = min(left, owed)
        for c in rank:
            paid[c.name] += now * Fraction(c.preference) / owed
        left -= now
    sharing = {c.name: Fraction(c.as_converted) for c in classes if c.kind == "common" or decided.get(c.name)}
    sharing |= {c.name: Fraction(c.as_converted) for c in keeping if c.participating}
    limits = {c.name: Fraction(c.cap) for c in keeping if c.cap is not None}
    while left > 0 and sum(sharing.values()) > 0:
        per_share = left / sum(sharing.values())
        for name, limit in limits.items():
            if sharing.get(name):
                per_share = min(per_share, (limit - paid[name]) / sharing[name])
        for name, n in sharing.items():
            paid[name] += n * per_share
        left -= per_share * sum(sharing.values())
        sharing = {name: n for name, n in sharing.items() if name not in limits or paid[name] < limits[name]}
    return paid


def equilibria(classes: list[captable.ShareClass], value: Fraction) -> list[dict[str, Fraction]]:
    """Payouts of every set of decisions from which no single class gains by switching."""
    names = [c.name for c in classes if c.kind == "preferred"]
    tables = {
        choice: payouts_when(dict(zip(names, choice, strict=True)), classes, value)
        for choice in itertools.product([False, True], repeat=len(names))
    }

    def stable(choice: tuple[bool, ...]) -> bool:
        for i, name in enumerate(names):
            other = (*choice[:i], not choice[i], *choice[i + 1 :])
            if tables[other][name] > tables[choice][name]:
                return False
        return True

    return [tables[choice] for choice in tables if stable(choice)]


@st.composite
def tables(draw: st.DrawFn) -> list[captable.ShareClass]:
    rows = [captable.common(draw(st.integers(1, 1000)))]
    for i in range(draw(st.integers(1, 4))):
        participating = draw(st.booleans())
        rows.append(
            captable.preferred(
                f"P{i}",
                draw(st.integers(1, 1000)),
                invested=draw(st.integers(1, 5000)),
                participating=participating,
                cap=draw(st.sampled_from([None, 1, 2, 3])) if participating else None,
                seniority=draw(st.integers(1, 3)),
                conversion_ratio=draw(st.sampled_from([1, 1, 2])),
            )
        )
    return rows


@settings(max_examples=60, deadline=None)
@given(tables(), st.integers(0, 40_000))
def test_the_split_is_an_equilibrium_found_by_trying_every_decision(
    classes: list[captable.ShareClass], value: int
) -> None:
    result = captable.liquidation_payouts(value, classes)
    assert dict(result.exact) in equilibria(classes, Fraction(value))


@settings(max_examples=60, deadline=None)
@given(tables(), st.integers(0, 4_000_000), st.integers(0, 100_000))
def test_payouts_sum_to_the_proceeds_and_rise_with_them(
    classes: list[captable.ShareClass], cents: int, more: int
) -> None:
    held = [*classes, captable.option("options", 100, 3), captable.warrant("warrants", 7, "0.5")]
    low = captable.liquidation_payouts(Decimal(cents) / 100, held)
    high = captable.liquidation_payouts(Decimal(cents + more) / 100, held)
    assert sum(low.payouts.values()) == low.proceeds
    assert sum(low.exact.values()) == Fraction(low.proceeds)
    assert all(low.exact[c.name] <= high.exact[c.name] for c in held)
    assert all(abs(Fraction(low.payouts[n]) - low.exact[n]) < Fraction(1, 100) for n in low.exact)


@settings(max_examples=60, deadline=None)
@given(tables(), st.integers(1, 40_000), st.integers(1, 50))
def test_payouts_follow_the_tranches_of_the_breakpoints(
    classes: list[captable.ShareClass], value: int, strike: int
) -> None:
    held = [*classes, captable.option("options", 100, strike)]
    by_tranche = {c.name: Fraction(0) for c in held}
    for tranche in captable.breakpoints(held):
        top = Fraction(value) if tranche.end is None else min(Fraction(value), Fraction(tranche.end))
        width = max(Fraction(0), top - Fraction(tranche.start))
        assert sum(tranche.shares.values()) == 1
        for name, part in tranche.shares.items():
            by_tranche[name] += width * part
    exact = captable.liquidation_payouts(value, held).exact
    assert all(float(by_tranche[n]) == pytest.approx(float(exact[n]), abs=1e-9) for n in exact)


@settings(max_examples=60, deadline=None)
@given(tables(), st.lists(st.integers(0, 40_000), min_size=1, max_size=5))
def test_many_exits_at_once_are_split_like_each_alone(classes: list[captable.ShareClass], values: list[int]) -> None:
    together = captable.payouts_at(values, classes)
    for i, value in enumerate(values):
        for name, amount in captable.liquidation_payouts(value, classes).exact.items():
            assert together[name][i] == pytest.approx(float(amount), abs=1e-8)


def test_breakpoints_start_at_zero_and_name_what_changes() -> None:
    held = [
        captable.common(100),
        captable.preferred("A", 50, preference=100, seniority=1),
        captable.preferred("B", 50, preference=200, seniority=2),
        captable.option("options", 10, 1),
    ]
    found = [(t.start, t.event, sorted(t.shares)) for t in captable.breakpoints(held)]
    assert found == [
        (0, "preference of B", ["B"]),
        (200, "preference of A", ["A"]),
        (300, "residual is shared", ["common"]),
        (400, "options exercises", ["common", "options"]),
        (510, "A converts", ["A", "common", "options"]),
        (830, "B converts", ["A", "B", "common", "options"]),
    ]
    assert captable.conversion_points(held) == {"A": 510, "B": 830, "options": 400}


def test_senior_preferences_are_paid_before_junior_ones_and_equal_ones_pro_rata() -> None:
    stacked = [
        captable.common(800_000),
        captable.preferred("High", 100_000, preference=2_000_000, seniority=2),
        captable.preferred("Low", 100_000, preference=3_000_000, seniority=1),
    ]
    paid = captable.liquidation_payouts(3_000_000, stacked).payouts
    assert (paid["High"], paid["Low"], paid["common"]) == (2_000_000, 1_000_000, 0)
    level = [stacked[0], stacked[1], captable.preferred("Low", 100_000, preference=3_000_000, seniority=2)]
    paid = captable.liquidation_payouts(3_000_000, level).payouts
    assert (paid["High"], paid["Low"]) == (1_200_000, 1_800_000)


def test_debt_and_expenses_come_first_and_may_leave_nothing() -> None:
    held = [captable.common(1), captable.preferred("A", 1, preference=50)]
    result = captable.liquidation_payouts(100, held, debt=20, expenses="5.50")
    assert result.distributable == Decimal("74.5")
    assert sum(result.payouts.values()) == Decimal("74.5")
    assert sum(captable.liquidation_payouts(10, held, debt=20).payouts.values()) == 0


def test_multiples_dividends_and_ratios_enter_the_preference() -> None:
    a = captable.preferred("A", 1_000, price=2, multiple="1.5", dividends=300, conversion_ratio=2)
    assert (a.preference, a.as_converted) == (3_300, 2_000)
    result = captable.liquidation_payouts(10_000, [captable.common(2_000), a])
    assert result.converts == ("A",)
    assert result.per_share == {"common": Decimal("2.5"), "A": 5}


def test_the_working_names_every_class_and_its_decision() -> None:
    result = captable.liquidation_payouts(100, [captable.common(40), captable.preferred("P", 60, preference=50)])
    assert result.decisions == {"common": "shares", "P": "converts"}
    assert any("P = converts = 60" in line for line in result.explain.lines())
    curve = captable.payout_curve(
        np.array([30, 60.0, 100]), [captable.common(40), captable.preferred("P", 60, price=1)]
    )
    assert curve == {"common": [0, 0, 40], "P": [30, 60, 60]}


@pytest.mark.parametrize(
    ("build", "words"),
    [
        (lambda: captable.preferred("A", 1), "exactly one"),
        (lambda: captable.preferred("A", 1, price=1, invested=2), "exactly one"),
        (lambda: captable.preferred("A", 1, price=1, cap=2), "participating"),
        (lambda: captable.preferred("A", 1, price=1, multiple=2, participating=True, cap=1), "below the preference"),
        (lambda: captable.common(-1), "negative"),
        (lambda: captable.common(float("nan")), "finite"),
        (lambda: captable.common("many"), "number"),
        (lambda: captable.liquidation_payouts(-1, [captable.common(1)]), "negative"),
        (lambda: captable.liquidation_payouts(1, []), "no class"),
        (lambda: captable.payouts_at([-1.0], [captable.common(1)]), "not negative"),
        (lambda: captable.liquidation_payouts(1, [captable.common(1), captable.common(2)]), "differ"),
        (lambda: captable.weighted_average(2, 1, 1), "once"),
        (lambda: captable.full_ratchet(0, 1), "above zero"),
        (lambda: captable.full_ratchet(1, 0), "zero"),
        (lambda: captable.convert(1, 1, cap=5), "capitalization"),
        (lambda: captable.safe(1, 1, discount=1), "discount"),
        (lambda: captable.priced_round(None, 1, existing=1), "once"),
        (lambda: captable.priced_round(1, 1, existing={"option pool": 1}), "pool="),
        (lambda: captable.priced_round(1, 1, existing=1, pool_target=1), "pool_target"),
        (lambda: captable.priced_round(10, 1, existing=1, safes=[captable.safe(5, 5)]), "whole company"),
        (lambda: captable.priced_round(10, 1, existing=1, safes=[captable.safe(20)]), "no share price"),
        (lambda: captable.priced_round(10, 1, existing=1, notes=[captable.note(1, rate=".1")]), "closing date"),
    ],
)
def test_contradictory_input_is_refused_with_a_reason(build: Any, words: str) -> None:
    with pytest.raises(KernelError, match=words):
        build()


# --- rounds --------------------------------------------------------------------------------------------------------


def test_a_pool_inside_the_pre_money_spares_the_new_investor() -> None:
    before = captable.priced_round(8_000_000, 2_000_000, existing={"founders": 8_000_000}, pool_target=".2")
    after = captable.priced_round(
        8_000_000, 2_000_000, existing={"founders": 8_000_000}, pool_target=".2", pool_timing="post_money"
    )
    assert before.ownership["new money"] == Decimal("0.2")
    assert before.price == Decimal("0.75")
    assert after.price == 1
    assert after.ownership["new money"] == Decimal("0.16")
    assert before.ownership["option pool"] == after.ownership["option pool"] == Decimal("0.2")


def test_a_pool_already_large_enough_is_left_alone() -> None:
    result = captable.priced_round(900, 100, existing=800, pool=100, pool_target=".05")
    assert (result.pool, result.pool_increase, result.price) == (100, 0, 1)


def test_a_note_with_interest_converts_at_the_lower_of_cap_and_discount() -> None:
    held = captable.note(100_000, 4_000_000, discount=".2", rate=".08", issued_on="2023-01-01", name="N")
    assert held.interest(date(2024, 1, 1)) == 8_000
    result = captable.priced_round(
        8_000_000, 2_000_000, existing=1_000_000, notes=[held], closing_on="2024-01-01", note_method="pre_money"
    )
    assert result.price == 8
    assert result.conversion_prices["N"] == 4
    assert result.decided_by["N"] == "cap"
    assert result.shares["N"] == 27_000
    alone = captable.convert(108_000, 8, cap=4_000_000, capitalization=1_000_000, discount=".2")
    assert (alone.price, alone.shares, alone.by) == (4, 27_000, "cap")


def test_annual_compounding_accrues_more_than_simple_interest() -> None:
    compound = captable.note(1000, rate=".1", issued_on="2021-01-01", compounding="annual", day_count=365)
    assert compound.interest("2023-01-01") == pytest.approx(Decimal(210))


@pytest.mark.parametrize("method", ["percent_ownership", "pre_money", "dollars_invested"])
def test_the_three_note_methods_share_the_note_out_differently(method: Any) -> None:
    held = captable.note(1_000_000, discount=".2")
    result = captable.priced_round(4_000_000, 1_000_000, existing=1_000_000, notes=[held], note_method=method)
    expected = {"percent_ownership": "2.75", "pre_money": "4", "dollars_invested": "3.75"}[method]
    assert result.price == Decimal(expected)


def test_rounds_follow_each_other_with_the_pool_carried_along() -> None:
    seed = captable.priced_round(8_000_000, {"Seed": 2_000_000}, existing={"founders": 10_000_000}, pool_target=".1")
    a = captable.priced_round(
        30_000_000, {"A": 9_000_000, "Seed": 1_000_000}, existing=seed.issued, pool=seed.pool, pool_target=".1"
    )
    assert seed.ownership["Seed"] == Decimal("0.2")
    assert a.ownership["option pool"] == Decimal("0.1")
    assert a.ownership["A"] == Decimal("0.225")
    assert a.post_money == pytest.approx(Decimal(40_000_000))


def test_numpy_numbers_and_arrays_are_taken_at_their_decimal_value() -> None:
    result = captable.priced_round(np.float64(8e18), np.array([1e18, 1e18]), existing=np.int64(8 * 10**18))
    assert result.price == 1
    assert result.shares["new money 2"] == 10**18
    assert captable.common(np.int32(7)).shares == 7


safes = st.lists(
    st.tuples(
        st.integers(1_000, 2_000_000),
        st.sampled_from([None, 5_000_000, 10_000_000, 40_000_000]),
        st.sampled_from(["0", ".1", ".2"]),
        st.sampled_from(["post_money", "pre_money"]),
    ),
    max_size=2,
)


@settings(max_examples=60, deadline=None)
@given(safes, st.integers(20, 60), st.integers(1, 20), st.sampled_from([None, ".05", ".2"]), st.integers(0, 10**6))
def test_a_round_leaves_ownership_of_one_and_every_security_at_its_best_price(
    terms: list[tuple[int, int | None, str, Any]], pre: int, new: int, target: str | None, pool: int
) -> None:
    held = [captable.safe(m, cap, discount=d, basis=b, name=f"S{i}") for i, (m, cap, d, b) in enumerate(terms)]
    result = captable.priced_round(
        pre * 10**6, new * 10**6, existing=9_000_000, pool=pool, pool_target=target, safes=held
    )
    assert sum(result.ownership.values()) == 1
    assert float(result.ownership["new money"]) == pytest.approx(new / (pre + new), abs=1e-11)
    assert float(result.post_money) == pytest.approx((pre + new) * 1e6, rel=1e-12)
    before = 9_000_000 + pool
    for s in held:
        counted = result.capitalization if s.basis == "post_money" else before
        offers = [result.price * (1 - s.discount)] + ([s.cap / counted] if s.cap else [])
        assert float(result.conversion_prices[s.name]) == pytest.approx(float(min(offers)), rel=1e-12)
    if target is not None:
        assert float(result.ownership["option pool"]) >= float(target) - 1e-11


# --- treasury method -----------------------------------------------------------------------------------------------


def test_the_treasury_method_buys_back_with_the_strikes() -> None:
    result = captable.treasury_method(50, 100, [(10, 20), (5, 60)])
    assert (result.exercised, result.proceeds, result.repurchased, result.diluted) == (10, 200, 4, 106)


@settings(max_examples=60, deadline=None)
@given(
    st.integers(1, 10**6),
    st.integers(1, 10**4),
    st.lists(st.tuples(st.integers(0, 1000), st.integers(0, 500)), max_size=4),
)
def test_diluted_shares_from_equity_close_the_circle(equity: int, basic: int, options: list[tuple[int, int]]) -> None:
    result = captable.diluted_at_equity_value(equity, basic, options)
    assert float(result.price * result.diluted) == pytest.approx(equity, rel=1e-12)
    assert float(captable.treasury_method(result.price, basic, options).diluted) == pytest.approx(
        float(result.diluted), rel=1e-12
    )
