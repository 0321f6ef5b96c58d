"""Forecasts of a company's cohorts: who foretells best, and how wide the band is."""

import numpy as np
import pytest

from vestry.kernel import churn
from vestry.kernel.churn import PaymentHistory, Spread
from vestry.kernel.churn.payments import AgeOnly
from vestry.kernel.churn.retention import ConstantChurn
from vestry.kernel.errors import KernelError

START = 24_276  # January 2023


def rng(seed: int = 3) -> np.random.Generator:
    return np.random.default_rng(seed)


def drawn_history(spread: Spread, cohorts: int = 40, periods: int = 24, seed: int = 1) -> PaymentHistory:
    """Cohorts of different sizes whose payments fall 6 % a month, strayed as the spread says; a square, all known."""
    chance = rng(seed)
    rows = [
        churn.payment_paths(1000 * 0.94 ** np.arange(periods), 0, spread, 1, chance)[0].tolist() for _ in range(cohorts)
    ]
    return PaymentHistory.of([START + at for at in range(cohorts)], rows)


def test_the_spread_that_made_a_history_is_found_again() -> None:
    made = Spread(level=0.4, drift=0.03, noise=0.2)
    history = drawn_history(made, cohorts=400)
    found = churn.fit_spread(history, AgeOnly(ConstantChurn(0.06)), spends=[1000.0] * 400)
    assert found.noise == pytest.approx(0.2, rel=0.03)
    # Half the drift's variance, put in to keep the mean, bends the course a little: part of it goes to the noise.
    assert found.drift == pytest.approx(0.03, rel=0.15)
    assert found.level == pytest.approx(0.4, rel=0.1)
    assert (found.refund_chance, found.refund_share) == (0, 0)


def test_refund_months_are_counted_and_sized() -> None:
    history = PaymentHistory.of([START, START + 1], [[100, 50, -25, 40, 30], [100, 90, 80, 70, -35]])
    found = churn.fit_spread(history, AgeOnly(ConstantChurn(0.1)))
    assert found.refund_chance == 2 / 8
    assert found.refund_share == 0.5


def test_a_course_kept_exactly_has_no_spread_and_a_band_as_narrow_as_itself() -> None:
    history = PaymentHistory.of(
        [START + at for at in range(8)], [[100 * 0.9**k for k in range(12 - at)] for at in range(8)]
    )
    found = churn.forecast(history, rng=rng(), horizon=18, model="constant", paths=50)
    assert found.spread is not None
    assert max(found.spread.noise, found.spread.drift) < 1e-3
    assert found.expected[0, -1] == pytest.approx(100 * 0.9**17, rel=1e-4)
    assert found.low == pytest.approx(found.expected, rel=1e-2)
    assert found.high == pytest.approx(found.expected, rel=1e-2)


def test_the_winner_is_the_model_with_the_least_error_and_is_used() -> None:
    """Payments that fall ever more slowly are the beta-geometric's: the constant rate must not win."""
    curve = churn.ShiftedBetaGeometric(0.8, 3.0).survival(np.arange(30))
    history = PaymentHistory.of(
        [START + at for at in range(20)], [(500 * curve[: 30 - at]).tolist() for at in range(20)]
    )
    table = churn.league(history)
    assert table.holdback == 6
    assert [score.model for score in table.table][-1] in {"constant", "seasonal"}
    assert table.winner == table.table[0].model
    assert table.table[0].wape == min(score.wape for score in table.table if score.wape is not None) < 1e-3
    found = churn.forecast(history, rng=rng(), horizon=36, paths=20)
    assert found.model == table.winner
    assert found.explain()["choice"] == "the least error on the held-back months"
    assert churn.forecast(history, rng=rng(), model="constant", paths=20).explain()["choice"] == "asked for"


def test_a_december_that_doubles_is_foretold_by_the_season_alone() -> None:
    rows = [[100 * 0.97**k * (2 if (START + at + k) % 12 == 11 else 1) for k in range(30 - at)] for at in range(24)]
    history = PaymentHistory.of([START + at for at in range(24)], rows)
    table = churn.league(history, 8)
    assert table.winner == "seasonal"
    found = churn.forecast(history, rng=rng(), horizon=40, paths=20)
    december = (found.ahead % 12 == 11).nonzero()[0][0]
    assert found.total[december] > 1.6 * found.total[december - 1]


def test_four_in_five_of_the_months_to_come_fall_in_the_band() -> None:
    spread = Spread(drift=0.02, noise=0.25)
    truth = drawn_history(spread, cohorts=60, periods=24)
    known = PaymentHistory(truth.months, tuple(row[:12] for row in truth.rows))
    found = churn.forecast(known, rng=rng(), horizon=24, model="constant", paths=400)
    actual = np.array([row[12:] for row in truth.rows])
    inside = (found.low[:, 12:] <= actual) & (actual <= found.high[:, 12:])
    assert 0.72 < inside.mean() < 0.88
    assert (found.low <= found.high).all()
    assert (found.low[:, :12] == found.high[:, :12]).all()


def test_the_same_seed_gives_the_same_bits() -> None:
    history = drawn_history(Spread(noise=0.3), cohorts=6, periods=10)
    first, again = (churn.forecast(history, rng=rng(9), model="constant", paths=50) for _ in range(2))
    assert first.low.tobytes() == again.low.tobytes()
    assert first.total_high.tobytes() == again.total_high.tobytes()


def test_totals_are_the_sums_over_cohorts_of_the_months_after_the_last_known_one() -> None:
    history = PaymentHistory.of([START, START + 2], [[100, 90, 81], [50]])
    found = churn.forecast(history, rng=rng(), horizon=4, model="constant", paths=10)
    assert found.ahead.tolist() == [START + 3, START + 4, START + 5]
    expected = [found.expected[0, 3] + found.expected[1, 1], found.expected[1, 2], found.expected[1, 3]]
    assert found.total.tolist() == pytest.approx(expected)
    assert (found.total_low <= found.total_high).all()


def test_too_little_history_says_so_instead_of_a_band() -> None:
    history = PaymentHistory.of([START, START + 1], [[100, 90], [100]])
    found = churn.forecast(history, rng=rng(), model="constant", paths=10)
    assert found.spread is None
    assert found.reason == "a spread needs a cohort with three months of payments"
    assert (found.low == found.expected).all()
    lonely = churn.league(PaymentHistory.of([START], [[100.0]]))
    assert (lonely.winner, lonely.table) == (None, ())
    assert lonely.reason is not None
    with pytest.raises(KernelError, match="is not one of"):
        churn.forecast(history, rng=rng(), model="guess")
    with pytest.raises(KernelError, match="horizon"):
        churn.forecast(history, rng=rng(), horizon=0)
