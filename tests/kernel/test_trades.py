"""A trade over drawn futures, terms from aims, and what breaks them."""

import math
from decimal import Decimal
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vestry.kernel import cohorts, returns
from vestry.kernel.churn import Spread, payment_paths
from vestry.kernel.cohorts import Terms, Threshold, TradeShock
from vestry.kernel.cohorts.irr import annual, irr_rows
from vestry.kernel.errors import KernelError

COURSE = cohorts.predict([], "0.08", 24, m0="0.3", spend=1000)
WILD = Spread(level=0.3, drift=0.03, noise=0.4, refund_chance=0.15, refund_share=1.3)
MINIMUMS = [Threshold(2, "0.2"), Threshold(5, "0.15")]


def rng(seed: int = 7) -> np.random.Generator:
    return np.random.default_rng(seed)


@pytest.mark.parametrize(
    "terms",
    [
        Terms("2024-01", "0.8", 1000),
        Terms("2024-01", "0.35"),
        Terms("2024-01", "0.5", 700, planned_spend=1250),
        Terms("2024-01", "0.6", 900, target_irr="0.4"),
    ],
)
def test_each_path_is_what_the_engine_of_fractions_tells_of_it(terms: Terms) -> None:
    """Path by path: the sequential replay of the very payments, and the rate of its collections by the root search."""
    run = cohorts.simulate_trade(COURSE, terms, 1000, rng=rng(), spread=WILD, thresholds=MINIMUMS, paths=40)
    assert (run.payment < 0).any()
    for path in range(run.paths):
        cells = run.payment[path].astype(np.int64)
        months = [24_288 + period for period in range(len(cells))]  # 2024-01 on
        matrix = cohorts.matrix_from_cells([24_288] * len(cells), months, cells)
        full, book = cohorts.pack(matrix, {"2024-01": 1000}, [terms], MINIMUMS)
        told = [int(month.collected * 100) for month in cohorts.replay(full, book, 0)]
        assert run.collected[path].tolist() == told
        rate = returns.irr([-run.outlay, *told]).rate
        if run.statuses[path] == "ok":
            assert run.monthly_rates[path] == pytest.approx(rate, abs=1e-9)


def test_a_certain_future_is_the_published_trade_on_every_path() -> None:
    """Spend 100, 50 %, cap 140, twelve payments of 30: outlay 50, collected 15 × 9 + 5, annual IRR 16.0804."""
    run = cohorts.simulate_trade([30] * 12, Terms("2024-01", "0.5", 140), 100, rng=rng(), paths=5)
    assert run.collected.tolist() == [[1500] * 9 + [500, 0, 0]] * 5
    assert run.annual_irr_at(0.05) == pytest.approx(16.0804, abs=5e-5)
    assert run.annual_irr_at(1) == run.annual_irr_at(0.05)
    assert run.summary()["months_to_cap"]["p50"] == 10
    assert (run.chance_capped, run.chance_of_loss, run.expected_multiple) == (1, 0, 2.8)
    assert run.by_month(0.5)[-1] == 140


def test_terms_for_the_published_rate_are_the_published_cap() -> None:
    cap_at = {}
    for target in ("16.0", "16.08", "16.081"):
        found = cohorts.solve_terms(
            [30] * 12, 100, target_irr=target, largest_chance_of_loss=0, rng=rng(), sharings=["0.5"], paths=1
        )
        cap_at[target] = found.cash_cap
    assert cap_at["16.08"] is not None
    assert cap_at["16.081"] is not None
    assert cap_at["16.0"] is not None
    assert cap_at["16.0"] < Decimal(140)
    assert cap_at["16.08"] <= Decimal(140) < cap_at["16.081"]


def test_the_same_seed_gives_the_same_bits_and_another_does_not() -> None:
    terms = Terms("2024-01", "0.8", 1000)
    first, again, other = (
        cohorts.simulate_trade(COURSE, terms, 1000, rng=rng(seed), spread=WILD, paths=200) for seed in (1, 1, 2)
    )
    assert first.collected.tobytes() == again.collected.tobytes()
    assert first.monthly_rates.tobytes() == again.monthly_rates.tobytes()
    assert first.collected.tobytes() != other.collected.tobytes()


def test_drawn_payments_have_the_expected_mean_and_facts_stay() -> None:
    spread = Spread(drift=0.02, noise=0.3)
    drawn = payment_paths(COURSE, 3, spread, 20_000, rng())
    assert (drawn[:, :3] == COURSE[:3]).all()
    error = drawn.std(axis=0) / math.sqrt(len(drawn))
    assert (np.abs(drawn.mean(axis=0) - COURSE)[3:] < 4 * error[3:]).all()
    # ln factor ten months ahead: variance 0.3² + 0.3² + (0.02 × 10)².
    logs = np.log(drawn[:, 12] / COURSE[12])
    assert logs.var() == pytest.approx(0.22, rel=0.03)
    assert logs.mean() == pytest.approx(-0.11, abs=0.015)


def test_refunds_take_their_share_of_the_month_before() -> None:
    drawn = payment_paths([100.0, 100.0], 1, Spread(refund_chance=0.25, refund_share=1.5), 8000, rng())
    assert sorted(set(drawn[:, 1].tolist())) == [-50.0, 100.0]
    assert (drawn[:, 1] < 0).mean() == pytest.approx(0.25, abs=0.015)


def test_a_path_that_brings_nothing_ranks_below_every_rate_and_is_a_loss() -> None:
    run = cohorts.simulate_trade([0, 0, 0], Terms("2024-01", "0.5", 140), 100, rng=rng(), paths=3)
    assert run.annual_irr_at(0.5) is None
    assert run.statuses == ("no_return",) * 3
    assert (run.chance_of_loss, run.chance_capped, run.months_to_cap_at(0.5)) == (1, 0, None)


@settings(max_examples=12)
@given(
    sharing=st.sampled_from(["0.2", "0.5", "0.8"]),
    target=st.sampled_from(["0", "0.1", "0.5"]),
    confidence=st.sampled_from([0.5, 0.8]),
    seed=st.integers(0, 5),
)
def test_proposed_terms_earn_the_target_and_a_cent_less_does_not(
    sharing: str, target: str, confidence: float, seed: int
) -> None:
    aims: dict[str, Any] = {
        "target_irr": target,
        "largest_chance_of_loss": "0.5",
        "confidence": confidence,
        "sharings": [sharing],
    }
    world: dict[str, Any] = {"spread": WILD, "thresholds": MINIMUMS, "paths": 40}
    found = cohorts.solve_terms(COURSE, 1000, rng=rng(seed), **aims, **world)
    assert found.status == "found"
    assert found.cash_cap is not None
    assert found.offer is not None
    run = cohorts.simulate_trade(COURSE, Terms(0, sharing, found.cash_cap), 1000, rng=rng(seed), **world)
    assert run.chance_of(target) >= confidence
    assert run.chance_of_loss == found.offer.chance_of_loss <= 0.5
    assert run.chance_of(target) == found.offer.chance_of_target
    if found.cash_cap > found.offer.outlay:
        less = Terms(0, sharing, found.cash_cap - Decimal("0.01"))
        assert cohorts.simulate_trade(COURSE, less, 1000, rng=rng(seed), **world).chance_of(target) < confidence


def test_without_thresholds_sharing_cancels_out_and_the_highest_is_proposed() -> None:
    found = cohorts.solve_terms(
        COURSE,
        1000,
        target_irr="0.3",
        largest_chance_of_loss="0.2",
        rng=rng(),
        spread=Spread(0.2, 0.02, 0.2),
        paths=500,
    )
    multiples = [offer.multiple for offer in found.offers]
    assert len(multiples) == 16
    assert multiples == pytest.approx([multiples[0]] * 16, rel=1e-3)
    assert found.sharing == Decimal("0.8")


def test_a_threshold_makes_less_sharing_safer_and_the_solver_goes_there() -> None:
    """Twelve payments of 7 on 100 spent: 84 back of 100 at any sharing, but a breach brings a whole month of 7.

    At sharing s the fund pays 100 s and collects 84 s + 7 (1 − s): enough from s = 7 ÷ 23 = 0.304 down.
    """
    found = cohorts.solve_terms(
        [7] * 12, 100, target_irr=0, largest_chance_of_loss=0, rng=rng(), thresholds=[Threshold(3, "0.1")], paths=1
    )
    assert found.sharing == Decimal("0.3")
    assert [offer.verdict for offer in found.offers[:10]] == ["loss_too_likely"] * 10
    assert found.cash_cap == Decimal("30.00")


def test_what_cannot_be_reached_says_why() -> None:
    poor = cohorts.solve_terms([5] * 12, 100, target_irr="0.1", largest_chance_of_loss="0.1", rng=rng(), paths=10)
    assert (poor.status, poor.sharing, poor.cash_cap, poor.offer) == ("loss_too_likely", None, None, None)
    assert poor.reason is not None
    assert "not recovered on 100.0%" in poor.reason
    slow = cohorts.solve_terms([9] * 12, 100, target_irr="0.9", largest_chance_of_loss="0.1", rng=rng(), paths=10)
    assert slow.status == "target_out_of_reach"
    assert slow.reason is not None
    assert "only 0.0% of the paths earn 90.0% a year" in slow.reason


def test_the_smallest_rise_of_churn_that_leaves_the_cap_is_the_root_by_hand() -> None:
    """100, 90, 81 at 50 %: 135.50. A cap of 130 needs 1 + k + k² = 2.6, k = 0.860147; the rise is 0.9 − k."""
    limit = cohorts.reverse_stress_churn([100, 90, 81], Terms("2024-01", "0.5", 130), 200)
    keep = (-1 + math.sqrt(1 + 4 * 1.6)) / 2
    assert limit.status == "found"
    assert limit.rise == pytest.approx(0.9 - keep, abs=1e-4)  # collections are whole cents
    assert limit.collected == Decimal("129.99")
    assert limit.rise is not None
    for rise, lost in ((limit.rise, True), (limit.rise - 1e-9, False)):
        (_, one) = cohorts.stress_trade([100, 90, 81], Terms("2024-01", "0.5", 130), 200, [TradeShock("rise", rise)])
        assert (one.months_to_cap is None) is lost


def test_each_other_answer_of_the_reverse_stress_has_its_status() -> None:
    course = [100, 90, 81]
    none = cohorts.reverse_stress_churn(course, Terms("2024-01", "0.5"), 200)
    assert (none.rise, none.status, none.amount) == (None, "no_cap", None)
    short = cohorts.reverse_stress_churn(course, Terms("2024-01", "0.5", 136), 200)
    assert (short.rise, short.status, short.collected) == (0.0, "already_uncollected", Decimal("135.50"))
    safe = cohorts.reverse_stress_churn(course, Terms("2024-01", "0.5", 50), 200)
    assert (safe.rise, safe.status) == (None, "not_reached")
    known = cohorts.reverse_stress_churn(course, Terms("2024-01", "0.5", 130), 200, known=3)
    assert (known.rise, known.status) == (None, "not_reached")
    outlay = cohorts.reverse_stress_churn(course, Terms("2024-01", "0.5"), 200, until="outlay")
    keep = (-1 + math.sqrt(1 + 4 * 1.0)) / 2  # 100 (1 + k + k²) = 200
    assert outlay.rise == pytest.approx(0.9 - keep, abs=1e-4)


def test_shocks_change_the_months_to_come_only() -> None:
    course = [100.0, 80.0, 0.0, 64.0, 32.0]
    assert cohorts.shocked_course(course, 2, TradeShock("none")).tolist() == course
    assert cohorts.shocked_course(course, 1, TradeShock("level", level=-0.5)).tolist() == [100, 40, 0, 32, 16]
    assert cohorts.shocked_course(course, 1, TradeShock("late", delay=2)).tolist() == [100, 0, 0, 80, 0]
    assert cohorts.shocked_course(course, 0, TradeShock("gone", churn_rise=1)).tolist() == [100, 0, 0, 64, 0]
    risen = cohorts.shocked_course([100, 80, 64], 1, TradeShock("churn", churn_rise=0.1))
    assert risen.tolist() == pytest.approx([100, 70, 49])


def test_no_shock_gives_the_expected_outcome_and_a_worse_one_less() -> None:
    terms = Terms("2024-01", "0.5", 130)
    expected, none, worse, late = cohorts.stress_trade(
        [100, 90, 81], terms, 200, [TradeShock("none"), TradeShock("worse", 0.4), TradeShock("late", delay=1)]
    )
    assert (none.collected, none.annual_irr, none.multiple) == (expected.collected, expected.annual_irr, 1.3)
    assert (expected.months_to_cap, late.months_to_cap, worse.months_to_cap) == (3, None, None)
    assert worse.lost
    assert late.lost
    assert worse.annual_irr is not None
    assert worse.annual_irr < 0


@pytest.mark.parametrize(
    "call",
    [
        lambda: cohorts.simulate_trade([1], Terms(0, "0.5"), 100, rng=rng(), known=2),
        lambda: cohorts.simulate_trade([float("nan")], Terms(0, "0.5"), 100, rng=rng()),
        lambda: cohorts.simulate_trade([1e15], Terms(0, "0.5"), 100, rng=rng()),
        lambda: cohorts.simulate_trade([1], Terms(0, "0.5"), 100, rng=rng(), paths=0),
        lambda: cohorts.solve_terms([1], 0, target_irr=0, largest_chance_of_loss=1, rng=rng()),
        lambda: cohorts.solve_terms([1], 10, target_irr="-0.1", largest_chance_of_loss=1, rng=rng()),
        lambda: cohorts.solve_terms([1], 10, target_irr=0, largest_chance_of_loss=2, rng=rng()),
        lambda: cohorts.solve_terms([1], 10, target_irr=0, largest_chance_of_loss=1, rng=rng(), sharings=[]),
        lambda: cohorts.reverse_stress_churn([1], Terms(0, "0.5", 1), 0),
        lambda: TradeShock("x", churn_rise=2),
        lambda: Spread(noise=-1),
    ],
)
def test_what_makes_no_sense_is_refused(call: object) -> None:
    with pytest.raises(KernelError):
        call()  # type: ignore[operator]


def test_rows_with_refunds_have_the_roots_of_the_general_search() -> None:
    """Many rows at once against the certified search for every root of each."""
    chance = rng(3)
    collected = np.rint(chance.normal(8, 12, (300, 10)))
    outlay = np.full(300, 40.0)
    rates, statuses = irr_rows(outlay, collected)
    for row in range(300):
        found = returns.irr([-40.0, *collected[row]])
        roots = [*found.roots, *found.far_roots]
        if statuses[row] in {"ok", "multiple_roots"}:
            assert rates[row] == pytest.approx(min(roots, key=lambda rate: abs(math.log1p(rate))), abs=1e-9)
            assert (len(roots) == 1) is (statuses[row] == "ok")
        else:
            assert not roots
            assert math.isnan(annual(rates[row : row + 1])[0])
