"""The parts of the root search by themselves; what they give together is in test_returns."""

import math
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from vestry.kernel.returns import _roots as roots

J = np.array([-100.0, -50.0, 60.0, 80.0, 70.0])
J_TIMES = np.array([0.0, 1.0, 2.5, 3.0, 4.0])
TWO = np.array([-100.0, 230.0, -132.0])
TWICE = np.array([-100.0, 220.0, -121.0])
YEARS = np.arange(3.0)
TEN, TWENTY = math.log(1.1), math.log(1.2)


def value(times: np.ndarray, amounts: np.ndarray, u: float) -> float:
    return math.fsum(a * math.exp(-u * t) for a, t in zip(amounts.tolist(), times.tolist(), strict=True))


def test_a_balance_that_never_turns_proves_a_root_alone() -> None:
    root = roots.halley(J_TIMES, J)
    assert root is not None
    assert value(J_TIMES, J, root) == pytest.approx(0, abs=1e-11)
    assert roots.alone(J_TIMES, J, root) is True
    assert roots.alone(J_TIMES, -J, root) is True


def test_a_rate_that_is_no_root_is_not_certified() -> None:
    root = roots.halley(J_TIMES, J)
    assert root is not None
    assert roots.alone(J_TIMES, J, root + 1e-6) is False
    assert roots.alone(J_TIMES, J, -root) is False


def test_a_balance_that_turns_proves_nothing() -> None:
    assert roots.alone(YEARS, TWO, TEN) is False
    assert roots.alone(YEARS, TWO, TWENTY) is False
    assert roots.alone(YEARS, -TWO, TEN) is False


def test_a_balance_that_only_touches_zero_still_proves_it() -> None:
    back_to_back = np.array([-100.0, 110.0, -100.0, 110.0])
    times = np.array([0.0, 1.0, 2.0, 3.0])
    assert roots.alone(times, back_to_back, TEN) is True
    assert roots.alone(times, -back_to_back, TEN) is True


def test_balances_count_their_changes_of_sign_and_end_with_that_of_the_sum() -> None:
    # At 0 %: −100, 130, −2 forwards; −132, 98, −2 backwards.
    assert roots.balance(YEARS, TWO, 0.0) == (2, -1)
    assert roots.balance_back(YEARS, TWO, 0.0) == (2, -1)
    # At 15 % the sum is positive: −100, 115, 0.25 and −132, 115.2, 0.19.
    fifteen = math.log(1.15)
    assert roots.balance(YEARS, TWO, fifteen) == (1, 1)
    assert roots.balance_back(YEARS, TWO, fifteen) == (1, 1)
    # At 200 % the first outlay is never recovered; at −60 % the last one never covered.
    assert roots.balance(YEARS, TWO, math.log(3.0)) == (0, -1)
    assert roots.balance_back(YEARS, TWO, math.log(0.4)) == (0, -1)
    assert roots.balance(J_TIMES, J, 0.0) == (1, 1)
    assert roots.balance_back(J_TIMES, J, 0.0) == (0, 1)
    assert roots.balance(np.array([0.0, 1.0, 2.0]), np.array([1.0, -1.0, 1.0]), 0.0) == (0, 1)
    assert roots.balance(np.array([0.0, 1.0, 2.0]), np.array([-1.0, 1.0, -1.0]), 0.0) == (0, -1)
    with pytest.raises(ValueError, match="zip"):
        roots._changes([0.0], [1.0, -1.0], 0.0)


@pytest.mark.parametrize("u", [-30.0, 500.0])
def test_balances_do_not_overflow(u: float) -> None:
    for count in (roots.balance, roots.balance_back):
        changes, sign = count(np.array([0.0, 10.0, 40.0]), np.array([-1.0, 3.0, -1.0]), u)
        assert changes in (0, 2)
        assert sign == -1


def test_the_ends_hold_at_most_one_root_and_find_it() -> None:
    high, above = roots._end(YEARS, TWO, roots.balance, roots.HIGHEST, TWO[0])
    low, below = roots._end(YEARS, TWO, roots.balance_back, roots.LOWEST, TWO[-1])
    assert (above, below) == (None, None)
    assert (low, high) == (-1.0, 1.0)  # 0.25, doubled until the balance no longer turns
    assert roots.balance(YEARS, TWO, high)[0] == 0
    assert roots.balance_back(YEARS, TWO, low)[0] == 0
    far = np.array([-1.0, 3.0, -100.0, 150.0])
    times = np.array([0.0, 1 / 365, 31 / 365, 3.0])
    high, above = roots._end(times, far, roots.balance, roots.HIGHEST, far[0])
    assert above is not None
    assert above > high == 64.0
    assert value(times, far, above) == pytest.approx(0, abs=1e-9)


def test_a_root_no_double_holds_is_left_out() -> None:
    day = np.array([0.0, 1 / 365])
    assert roots.isolate(day, np.array([-1.0, 1e9])) == []
    assert roots.isolate(day, np.array([-1.0, 1e-9])) == []
    assert roots.isolate(day, np.array([-1.0, 1.1])) == pytest.approx([365 * math.log(1.1)])


@given(st.lists(st.floats(-1.5, 1.5), min_size=1, max_size=4, unique=True))
def test_the_search_finds_the_roots_a_sum_was_made_of(made_of: list[float]) -> None:
    made_of = sorted(made_of)
    if any(b - a < 0.05 for a, b in pairwise(made_of)):
        return
    amounts = np.array([1.0])
    for u in made_of:
        amounts = np.convolve(amounts, [1.0, -math.exp(u)])
    found = roots.isolate(np.arange(amounts.size, dtype=float), amounts)
    assert found == pytest.approx(made_of, abs=1e-7)


def test_a_bracketed_root_is_found_to_the_last_digits_in_few_looks(monkeypatch: pytest.MonkeyPatch) -> None:
    looks = 0
    plain = roots.scaled

    def counted(times: np.ndarray, amounts: np.ndarray, u: float) -> tuple[float, float, float]:
        nonlocal looks
        looks += 1
        return plain(times, amounts, u)

    monkeypatch.setattr(roots, "scaled", counted)
    for low, high, root, most in ((-2.0, 0.14, TEN, 9), (0.14, 3.0, TWENTY, 11), (0.0, 0.15, TEN, 7)):
        looks = 0
        assert roots._refine(YEARS, TWO, low, high) == pytest.approx(root, abs=1e-14)
        assert looks == most
    looks = 0
    assert roots._refine(YEARS[:2], np.array([-1.0, 1.1]), -30.0, 30.0) == pytest.approx(TEN, abs=1e-15)
    assert looks == 6
    flat = np.array([-1.0, 1.0])
    assert roots._refine(YEARS[:2], flat, -1.0, 1.0) == 0.0
    for low, high in ((0.0, 1.0), (-1.0, 0.0)):
        assert roots._refine(YEARS[:2], flat, low, high) == pytest.approx(0.0, abs=1e-15)
        assert roots._refine(YEARS[:2], -flat, low, high) == pytest.approx(0.0, abs=1e-15)


def test_a_piece_with_a_root_at_its_end_has_that_root() -> None:
    assert roots._settle(YEARS, TWO, TEN, 0.14) == pytest.approx(TEN, abs=1e-14)
    assert roots._settle(YEARS, TWO, 0.0, TEN) == pytest.approx(TEN, abs=1e-14)
    assert roots._settle(YEARS, TWO, 0.0, 0.15) == pytest.approx(TEN, abs=1e-14)
    assert math.isnan(roots._settle(YEARS, TWO, 0.12, 0.15))
    assert math.isnan(roots._settle(YEARS, TWO, 0.0, 0.05))


def test_polishing_takes_one_newton_step_and_only_a_small_one() -> None:
    assert roots._polish(YEARS, TWO, TEN + 1e-8) == pytest.approx(TEN, abs=1e-14)
    assert roots._polish(YEARS, TWO, TEN - 1e-8) == pytest.approx(TEN, abs=1e-14)
    assert roots._polish(YEARS, TWO, TEN + 1e-3) == TEN + 1e-3
    assert roots._polish(YEARS, TWICE, TEN + 1e-9) == TEN + 1e-9


def test_a_sum_that_touches_zero_is_met_where_its_slope_vanishes() -> None:
    for off in (-4e-8, 0.0, 7e-8):
        assert roots._look(YEARS, TWICE, TEN + off, 2e-7) == pytest.approx(TEN, abs=1e-9)
        assert roots._look(YEARS, -TWICE, TEN + off, 2e-7) == pytest.approx(TEN, abs=1e-9)
    assert math.isnan(roots._look(YEARS, np.array([-100.0, 219.999, -121.0]), TEN, 2e-7))
    assert roots._look(YEARS, TWO, TEN + 1e-8, 2e-7) == pytest.approx(TEN, abs=1e-14)


def test_neighbours_that_are_one_root_are_merged_and_others_are_not() -> None:
    assert roots._merge(YEARS, TWICE, [TEN - 1e-8, TEN + 1e-8]) == pytest.approx([TEN], abs=1e-12)
    assert roots._merge(YEARS, TWO, [TEN, TWENTY]) == [TEN, TWENTY]
    assert roots._merge(YEARS, TWO, [TEN, TEN + 1e-10]) == pytest.approx([TEN], abs=1e-9)
    assert roots._merge(YEARS, TWO, []) == []


def test_a_search_without_a_start_or_far_off_gives_up_rather_than_guess() -> None:
    assert roots.halley(YEARS, np.array([1.0, 2.0, 3.0])) is None
    assert roots.halley(YEARS, np.array([-1.0, -2.0, -3.0])) is None
    assert roots.first_guess(110.0, 100.0, 110.0, 0.0) == pytest.approx(math.log(1.1))
    assert roots.first_guess(100.0, 110.0, 0.0, 110.0) == pytest.approx(math.log(1.1))
    assert roots.first_guess(1e30, 1.0, 1e28, 0.0) == 15.0
    assert roots.first_guess(1.0, 1e30, 0.01, 0.0) == -15.0


def test_thousands_of_flows_in_both_directions_take_a_handful_of_pieces(monkeypatch: pytest.MonkeyPatch) -> None:
    """Money that came back before any was paid in has a far root too: no shortcut applies, the line is cut down."""
    chance = np.random.default_rng(1)
    days = np.unique(chance.integers(0, 10_000, 5_000))
    amounts = np.where(chance.random(days.size) < 2 / 3, -1.0, 1.0) * chance.integers(1, 10**9, days.size) / 100
    amounts[0] = abs(amounts[0])
    times = np.append(days - days[0], 11_600 - days[0]) / 365
    amounts = np.append(amounts, -amounts.sum())  # all that is left lies in the bank: a root at 0
    looked_at = []
    taylor = roots._taylor

    def counted(times: np.ndarray, amounts: np.ndarray, at: np.ndarray, half: float) -> np.ndarray:
        looked_at.append(at.size)
        return taylor(times, amounts, at, half)

    monkeypatch.setattr(roots, "_taylor", counted)
    found = roots.isolate(times, amounts)
    assert min(map(abs, found)) == pytest.approx(0, abs=1e-12)
    assert len(found) > 1
    assert all(
        abs(roots.scaled(times, amounts, one)[0]) <= 1e-9 * roots.scaled(times, amounts, one)[2] for one in found
    )
    assert sum(looked_at) < 500


def test_a_term_that_vanishes_at_a_piece_s_middle_and_rules_its_end_is_not_overlooked() -> None:
    """Over a piece 120 wide the late flow is nothing at the middle and everything at the lower end."""
    times, amounts = np.array([0.0, 1.0, 40.0]), np.array([1.0, 1.0, -1e-3])
    value, slope, bend, size = roots._taylor(times, amounts, np.array([50.0]), 60.0)[:, 0]
    assert not abs(value) > abs(slope) * 60 + 0.5 * bend * 60 * 60 + roots.NOISE * size
    assert len(roots.isolate(times, amounts)) == 1


SIZES = (1e-9, 1e-3, 1.0, 1e9)


@pytest.mark.parametrize("factor", SIZES)
def test_no_proof_and_no_step_depends_on_the_size_of_the_amounts(factor: float) -> None:
    root = roots.halley(J_TIMES, J)
    assert root is not None
    assert roots.halley(J_TIMES, J * factor) == pytest.approx(root, abs=1e-15)
    assert roots.halley(J_TIMES, -J * factor) == pytest.approx(root, abs=1e-15)
    assert roots.alone(J_TIMES, J * factor, root) is True
    assert roots.alone(J_TIMES, J * factor, root + 1e-6) is False
    back_to_back = factor * np.array([-100.0, 110.0, -100.0, 110.0])
    assert roots.alone(np.arange(4.0), back_to_back, TEN) is True
    assert roots.alone(np.arange(4.0), -back_to_back, TEN) is True
    assert roots.alone(YEARS, TWO * factor, TEN) is False
    assert roots._settle(YEARS, TWO * factor, 0.0, TEN) == pytest.approx(TEN, abs=1e-14)
    assert roots._settle(YEARS, TWO * factor, TEN, 0.14) == pytest.approx(TEN, abs=1e-14)
    assert math.isnan(roots._settle(YEARS, TWO * factor, 0.0, TEN - 1e-6))
    assert roots._polish(YEARS, TWO * factor, TEN + 1e-8) == pytest.approx(TEN, abs=1e-14)
    assert roots._polish(YEARS, TWICE * factor, TEN + 1e-7) == TEN + 1e-7
    assert roots._look(YEARS, TWICE * factor, TEN + 1e-7, 2e-7) == pytest.approx(TEN, abs=1e-9)
    assert roots._merge(YEARS, TWICE * factor, [TEN - 1e-8, TEN + 1e-8]) == pytest.approx([TEN], abs=1e-12)
    assert roots._merge(YEARS, TWO * factor, [TEN, TEN + 5e-4]) == [TEN, TEN + 5e-4]
    assert roots.isolate(YEARS, TWO * factor) == pytest.approx([TEN, TWENTY], abs=1e-12)


def test_a_certified_root_ends_the_search(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(roots, "isolate")
    assert roots.find_roots(J_TIMES, J) == [roots.halley(J_TIMES, J)]


@pytest.mark.parametrize(
    ("times", "amounts", "looks"),
    [
        (J_TIMES, J, 2),
        (YEARS[:2], np.array([-1.0, 30.0]), 1),  # the guess is the root itself
        (np.array([0.0, 1.0, 2.0, 3.0, 10.0]), np.array([-5.0, -90.0, 20.0, 3.0, 400.0]), 3),
        (np.array([0.0, 0.02]), np.array([-1.0, 1.5]), 4),
    ],
)
def test_a_first_root_takes_a_handful_of_looks(
    times: np.ndarray, amounts: np.ndarray, looks: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    taken = 0
    plain = np.exp

    def counted(*arguments: np.ndarray) -> np.ndarray:
        nonlocal taken
        taken += 1
        return plain(*arguments)

    monkeypatch.setattr(np, "exp", counted)
    root = roots.halley(times, amounts)
    assert root is not None
    assert value(times, amounts, root) == pytest.approx(0, abs=1e-11)
    assert taken == looks


def test_centres_of_gravity_a_month_apart_make_no_wild_guess() -> None:
    gain = math.log(1.1)
    assert roots.first_guess(110.0, 100.0, 5.5, 0.0) == pytest.approx(gain / 0.1)
    assert roots.first_guess(110.0, 100.0, 0.0, 5.0) == pytest.approx(-gain / 0.1)
    assert roots.first_guess(110.0, 100.0, 0.0, 0.0) == pytest.approx(gain / 0.1)
    assert roots.first_guess(110.0, 100.0, 55.0, 100.0) == pytest.approx(-gain / 0.5)


@pytest.mark.parametrize("u", [0.0, 0.3, -0.3, 2.0])
def test_a_sum_is_told_from_the_flow_that_weighs_most(u: float) -> None:
    times, amounts = np.array([2.0, 3.0, 4.5]), np.array([-100.0, 230.0, -132.0])
    start = 2.0 if u >= 0 else 4.5
    terms = [a * math.exp(-u * (t - start)) for t, a in zip(times, amounts, strict=True)]
    slope = -sum(term * (t - start) for term, t in zip(terms, times, strict=True))
    assert roots.scaled(times, amounts, u) == pytest.approx((sum(terms), slope, sum(map(abs, terms))), rel=1e-13)


def test_nothing_overflows_however_far_out_a_sum_is_looked_at() -> None:
    times = np.array([0.0, 1.0, 40.0])
    for u in (-36.0, 700.0):
        assert all(map(math.isfinite, roots.scaled(times, np.array([-1.0, 3.0, -1.0]), u)))


def test_a_piece_is_told_by_value_slope_and_a_bound_on_its_bend() -> None:
    at, half = np.array([0.1, -0.4]), 0.05
    found = roots._taylor(J_TIMES, J, at, half)
    for column, u in enumerate(at.tolist()):
        weights = np.exp(-u * J_TIMES) / np.exp(-u * J_TIMES).max()
        size = float((weights * np.abs(J)).sum())
        away = J_TIMES - float((weights * np.abs(J) * J_TIMES).sum()) / size
        bend = float((weights * np.exp(half * np.abs(away)) * away * away * np.abs(J)).sum())
        expected = [float((weights * J).sum()), -float((weights * J * away).sum()), bend, size]
        assert found[:, column].tolist() == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize(
    ("made_of", "pieces", "settled"),
    [([1.1, 1.2], [1, 2, 4, 2, 2, 2, 2], 5), ([1.1, 1.3, 0.8], [1, 2, 4, 8, 8, 8, 12, 12, 6], 5)],
)
def test_a_piece_is_cut_once_and_settled_once(
    made_of: list[float], pieces: list[int], settled: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    amounts = np.array([1.0])
    for factor in made_of:
        amounts = np.convolve(amounts, [1.0, -factor])
    cut, ends = [], []
    taylor, settle = roots._taylor, roots._settle

    def counted(times: np.ndarray, amounts: np.ndarray, at: np.ndarray, half: float) -> np.ndarray:
        cut.append(at.size)
        return taylor(times, amounts, at, half)

    def seen(times: np.ndarray, amounts: np.ndarray, low: float, high: float) -> float:
        ends.append((low, high))
        return settle(times, amounts, low, high)

    monkeypatch.setattr(roots, "_taylor", counted)
    monkeypatch.setattr(roots, "_settle", seen)
    found = roots.isolate(np.arange(amounts.size, dtype=float), amounts)
    assert np.exp(found).tolist() == pytest.approx(sorted(made_of), abs=1e-9)
    assert cut == pieces
    assert len(ends) == settled


def test_two_roots_with_a_third_between_them_stay_two() -> None:
    amounts = np.array([1.0])
    for u in (0.0, 0.1, 0.2):
        amounts = np.convolve(amounts, [1.0, -math.exp(u)])
    assert roots._merge(np.arange(4.0), amounts, [0.0, 0.2]) == [0.0, 0.2]
