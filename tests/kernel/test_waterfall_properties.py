"""What must hold for every waterfall, whatever the numbers."""

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from vestry.kernel import waterfall
from vestry.kernel.waterfall import Waterfall, WaterfallResult

MONEY = st.integers(0, 10**11).map(lambda cents: Decimal(cents) / 100)
RATE = st.integers(0, 30).map(lambda percent: Decimal(percent) / 100)
CARRY = st.integers(0, 50).map(lambda percent: Decimal(percent) / 100)
WHEN = st.integers(0, 4000).map(lambda days: Decimal(days) / 365)
FLOWS = st.lists(st.tuples(WHEN, MONEY), min_size=1, max_size=6)
COMPOUNDING = st.sampled_from(["simple", "annual", "quarterly", "daily", "continuous"])


@st.composite
def usual_terms(draw: Any, **fixed: Any) -> Waterfall:
    given = {
        "pref": draw(RATE),
        "carry": draw(CARRY),
        "catch_up": draw(st.sampled_from([0, Decimal("0.6"), 1])),
        "compounding": draw(COMPOUNDING),
        "pref_first": draw(st.booleans()),
    }
    return waterfall.european(**(given | fixed))


@st.composite
def ladders(draw: Any, **fixed: Any) -> Waterfall:
    rates = sorted(draw(st.lists(RATE, min_size=1, max_size=4)))
    shares = sorted(draw(st.lists(CARRY, min_size=len(rates) + 1, max_size=len(rates) + 1)))
    return waterfall.irr_hurdles(list(zip(rates, shares, strict=False)), shares[-1], **fixed)


TERMS = st.one_of(usual_terms(), ladders())


def ties(result: WaterfallResult) -> bool:
    """Every payment is the sum of its sides and of its steps, nothing is negative, and the tiers sum to all of it."""
    for payment in result.payments:
        assert payment.lp + payment.gp == payment.cash
        assert sum(step.lp for step in payment.steps) == payment.lp
        assert sum(step.gp for step in payment.steps) == payment.gp
        assert min([payment.lp, payment.gp, *(min(step.lp, step.gp) for step in payment.steps)]) >= 0
    return result.lp + result.gp == result.total


@given(TERMS, FLOWS, FLOWS)
def test_every_cent_is_paid_once(terms: Waterfall, ins: Any, outs: Any) -> None:
    result = waterfall.distribute(terms, ins, outs)
    assert ties(result)
    assert result.total == sum(amount for _, amount in outs)


@given(TERMS, FLOWS, FLOWS, st.integers(1, 10**9))
def test_more_proceeds_never_leave_either_side_with_less(terms: Waterfall, ins: Any, outs: Any, more: int) -> None:
    last = max(when for when, _ in [*ins, *outs])
    base = waterfall.distribute(terms, ins, [*outs, (last, Decimal(1))])
    richer = waterfall.distribute(terms, ins, [*outs, (last, Decimal(1) + Decimal(more) / 100)])
    assert richer.lp >= base.lp
    assert richer.gp >= base.gp


@given(st.one_of(usual_terms(decimals=None), ladders(decimals=None)), FLOWS, FLOWS, st.integers(1, 10**6))
def test_twice_the_amounts_are_twice_the_payments(terms: Waterfall, ins: Any, outs: Any, times: int) -> None:
    one = waterfall.distribute(terms, ins, outs)
    many = waterfall.distribute(terms, [(t, a * times) for t, a in ins], [(t, a * times) for t, a in outs])
    assert many.gp == pytest.approx(one.gp * times, rel=Decimal("1e-15"), abs=Decimal("1e-15"))


@given(usual_terms(), FLOWS, FLOWS, st.randoms(use_true_random=False))
def test_the_order_in_which_flows_are_listed_does_not_matter(terms: Waterfall, ins: Any, outs: Any, rng: Any) -> None:
    base = waterfall.distribute(terms, ins, outs)
    rng.shuffle(ins)
    shuffled = waterfall.distribute(terms, ins, outs)
    assert (shuffled.lp, shuffled.gp) == (base.lp, base.gp)
    rng.shuffle(outs)
    assert abs(waterfall.distribute(terms, ins, outs).gp - base.gp) <= Decimal("0.01")


@given(usual_terms(catch_up=0), FLOWS, FLOWS)
def test_a_hard_hurdle_never_gives_the_gp_more_than_its_share_of_what_lies_above(
    terms: Waterfall, ins: Any, outs: Any
) -> None:
    result = waterfall.distribute(terms, ins, outs)
    carry = terms.tiers[-1].gp_share
    above = result.total - result.tier("return of capital").lp - result.tier("preferred return").lp
    assert result.gp <= carry * above + Decimal("0.02") * len(outs)


@given(usual_terms(), FLOWS, FLOWS)
def test_carry_never_exceeds_its_share_of_all_profit_distributed(terms: Waterfall, ins: Any, outs: Any) -> None:
    result = waterfall.distribute(terms, ins, outs)
    profit = result.total - result.tier("return of capital").lp
    assert result.gp <= terms.tiers[-1].gp_share * profit + Decimal("0.02") * len(outs)


@given(usual_terms(carry=Decimal(0)), FLOWS, FLOWS)
def test_without_carry_everything_goes_to_the_lps(terms: Waterfall, ins: Any, outs: Any) -> None:
    assert waterfall.distribute(terms, ins, outs).gp == 0


@given(RATE, CARRY, COMPOUNDING, FLOWS, FLOWS)
def test_the_hard_hurdle_pays_the_gp_least_and_no_preferred_return_most(
    pref: Decimal, carry: Decimal, compounding: Any, ins: Any, outs: Any
) -> None:
    def gp(rate: Decimal, catch_up: Any) -> Decimal:
        terms = waterfall.european(pref=rate, carry=carry, catch_up=catch_up, compounding=compounding)
        return waterfall.distribute(terms, ins, outs).gp

    assert gp(pref, 0) <= gp(pref, Decimal("0.7")) <= gp(pref, 1) <= gp(Decimal(0), 1)


@given(usual_terms(pref=Decimal(0)), FLOWS, FLOWS)
def test_without_preferred_return_the_catch_up_is_empty(terms: Waterfall, ins: Any, outs: Any) -> None:
    assume(len(terms.tiers) == 4)
    assert waterfall.distribute(terms, ins, outs).tier("catch-up").total == 0


@given(ladders(), MONEY, MONEY, st.integers(1, 3000))
def test_a_ladder_of_one_call_and_one_payment_is_the_sum_of_its_segments(
    terms: Waterfall, paid_in: Decimal, paid_out: Decimal, days: int
) -> None:
    years = Decimal(days) / 365
    result = waterfall.distribute(terms, paid_in, paid_out, years=years)
    left, reached, gp = float(paid_out), 0.0, 0.0
    for tier in terms.tiers[:-1]:
        target = float(paid_in) * (1 + float(tier.rate)) ** float(years)  # type: ignore[union-attr]
        segment = min(left, (max(target, reached) - reached) / (1 - float(tier.gp_share)))
        left, reached = left - segment, max(target, reached)
        gp += segment * float(tier.gp_share)
    gp += left * float(terms.tiers[-1].gp_share)
    assert float(result.gp) == pytest.approx(gp, abs=0.01)


@given(MONEY, st.integers(-(10**9), 10**9).map(Decimal), CARRY, MONEY, RATE)
def test_a_clawback_is_never_negative_nor_more_than_the_carry_after_tax(
    paid: Decimal, profit: Decimal, carry: Decimal, shortfall: Decimal, tax: Decimal
) -> None:
    due = waterfall.clawback(paid, profit, carry, lp_shortfall=shortfall, tax_rate=tax)
    assert 0 <= due.due <= due.cap <= paid
    assert due.due <= due.gross
    assert waterfall.clawback(paid, profit, carry, lp_shortfall=shortfall).due >= due.due


@given(FLOWS, FLOWS, CARRY)
def test_whole_fund_carry_is_never_clawed_back_once_all_capital_is_paid_in(ins: Any, outs: Any, carry: Decimal) -> None:
    last = max(when for when, _ in ins)
    after = [(last + when, amount) for when, amount in outs]
    result = waterfall.distribute(waterfall.european(carry=carry), ins, after)
    assert waterfall.clawback_of(result).excess <= Decimal("0.01")


@settings(max_examples=50)
@given(st.dictionaries(st.text(min_size=1, max_size=3), st.integers(1, 10**9), min_size=1, max_size=20), FLOWS, FLOWS)
def test_investors_together_receive_exactly_the_lps_cash(weights: dict[str, int], ins: Any, outs: Any) -> None:
    result = waterfall.distribute(waterfall.european(), ins, outs)
    parts = waterfall.split_by_investor(result, weights)
    for index, payment in enumerate(result.payments):
        assert sum(part.amounts[index] for part in parts.values()) == payment.lp
