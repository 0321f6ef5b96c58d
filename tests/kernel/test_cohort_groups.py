"""Cohorts that behave alike: the published silhouettes, planted groups found, noise left whole, odd histories."""

from __future__ import annotations

import numpy as np
import pytest

from vestry.kernel.churn import PaymentHistory, group_cohorts
from vestry.kernel.churn.groups import silhouette
from vestry.kernel.errors import KernelError

# Rousseeuw (1987), section 3: dissimilarities of twelve countries as students saw them, below the diagonal.
COUNTRIES = ["BEL", "BRA", "CHI", "CUB", "EGY", "FRA", "IND", "ISR", "USA", "USS", "YUG", "ZAI"]
DISSIMILARITIES = """5.58
7.00 6.50
7.08 7.00 3.83
4.83 5.08 8.17 5.83
2.17 5.75 6.67 6.92 4.92
6.42 5.00 5.58 6.00 4.67 6.42
3.42 5.50 6.42 6.42 5.00 3.92 6.17
2.50 4.92 6.25 7.33 4.50 2.25 6.33 2.75
6.08 6.67 4.25 2.67 6.00 6.17 6.17 6.92 6.17
5.25 6.83 4.50 3.75 5.75 5.42 6.08 5.83 6.67 3.67
4.75 3.00 6.08 6.67 5.00 5.58 4.83 6.17 5.67 6.50 6.92"""


@pytest.mark.parametrize(
    ("groups", "published"),
    [
        (("BEL BRA EGY FRA ISR USA ZAI", "CHI CUB IND USS YUG"), 0.28),
        (("BEL EGY FRA ISR USA", "BRA IND ZAI", "CHI CUB USS YUG"), 0.33),
    ],
)
def test_the_silhouette_of_the_twelve_countries_is_the_published_one(groups: tuple[str, ...], published: float) -> None:
    distances = np.zeros((12, 12))
    for row, line in enumerate(DISSIMILARITIES.splitlines(), 1):
        distances[row, :row] = distances[:row, row] = [float(value) for value in line.split()]
    labels = np.array([next(i for i, group in enumerate(groups) if name in group) for name in COUNTRIES])
    assert silhouette(distances, labels) == pytest.approx(published, abs=0.005)


def test_a_group_of_one_has_no_width_and_one_group_has_none_at_all() -> None:
    distances = np.array([[0.0, 1.0, 9.0], [1.0, 0.0, 9.0], [9.0, 9.0, 0.0]])
    assert silhouette(distances, np.array([0, 0, 1])) == pytest.approx((8 / 9 + 8 / 9 + 0) / 3)
    assert silhouette(distances, np.array([0, 0, 0])) is None


def history(churns: list[float], periods: int = 10, noise: float = 0.02, seed: int = 1) -> PaymentHistory:
    rng = np.random.default_rng(seed)
    rows = [
        1000 * (1 + at) * (1 - churn) ** np.arange(periods) * rng.lognormal(0, noise, periods)
        for at, churn in enumerate(churns)
    ]
    return PaymentHistory.of(range(24_000, 24_000 + len(rows)), rows)


def test_planted_groups_are_found_whatever_the_size_and_order_of_the_cohorts() -> None:
    churns = [0.05, 0.3, 0.05, 0.6, 0.3, 0.05, 0.6, 0.3, 0.6, 0.05]
    found = group_cohorts(history(churns))
    assert [group.cohorts for group in found.groups] == [(0, 2, 5, 9), (1, 4, 7), (3, 6, 8)]
    assert (found.periods, found.left_out, found.reason) == (10, (), None)
    assert found.silhouette is not None
    assert found.silhouette > 0.8
    best = found.groups[0]
    assert best.course[0] == 1.0
    assert best.worth == pytest.approx(sum(best.course))
    assert best.worth == pytest.approx(sum(0.95**n for n in range(10)), rel=0.05)
    back = group_cohorts(history(churns[::-1]))
    assert [sorted(9 - place for place in group.cohorts) for group in back.groups] == [
        list(group.cohorts) for group in found.groups
    ]


def test_noise_is_left_whole_and_says_so() -> None:
    found = group_cohorts(history([0.1] * 12, noise=0.1))
    assert found.reason == "no_structure"
    assert [group.cohorts for group in found.groups] == [tuple(range(12))]
    assert found.silhouette is not None
    assert found.silhouette <= 0.5


def test_what_is_too_young_or_began_with_nothing_is_left_out() -> None:
    whole = history([0.05, 0.05, 0.05, 0.05, 0.5, 0.5, 0.5, 0.5])
    rows = [*whole.rows, whole.rows[0][:2], np.array([0.0, *whole.rows[0][1:]]), np.array([]), -whole.rows[0]]
    found = group_cohorts(PaymentHistory.of(range(24_000, 24_012), rows))
    assert [group.cohorts for group in found.groups] == [(0, 1, 2, 3), (4, 5, 6, 7)]
    assert found.left_out == (8, 9, 10, 11)


def test_refunds_count_as_nothing_paid_and_equal_cohorts_are_one_group() -> None:
    rows = [np.array([100.0, 50.0, -30.0, 10.0])] * 6
    found = group_cohorts(PaymentHistory.of(range(24_000, 24_006), rows))
    assert [group.course for group in found.groups] == [pytest.approx((1.0, 0.5, 0.0, 0.1))]
    assert (found.reason, found.silhouette) == ("no_structure", None)


@pytest.mark.parametrize("rows", [[], [np.ones(10)] * 5, [np.ones(2)] * 20, [np.zeros(10)] * 20])
def test_too_few_cohorts_give_no_groups_and_the_reason(rows: list[np.ndarray]) -> None:
    found = group_cohorts(PaymentHistory.of(range(24_000, 24_000 + len(rows)), rows))
    assert (found.groups, found.silhouette, found.reason) == ((), None, "too_few_cohorts")
    assert found.left_out == tuple(range(len(rows)))


@pytest.mark.parametrize("most", [1, 0, True, 2.5])
def test_fewer_than_two_groups_cannot_be_asked_for(most: int) -> None:
    with pytest.raises(KernelError, match="whole number from 2 on"):
        group_cohorts(history([0.1] * 6), most=most)
