"""Cohorts that behave alike: grouped by the course of their payments, where the data do fall into groups."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt

from vestry.kernel.churn.fitting import Floats
from vestry.kernel.churn.payments import PaymentHistory
from vestry.kernel.errors import KernelError
from vestry.kernel.guard import guarded

Ints = npt.NDArray[np.int64]
FEWEST = 6
SHORTEST = 2
# Kaufman and Rousseeuw (1990), table 4: above 0.50 a reasonable structure has been found.
REASONABLE = 0.5


@dataclass(frozen=True, slots=True)
class CohortGroup:
    """Cohorts that behave alike. ``cohorts``: their places in the history. ``course``: their mean payment in the
    periods from 0 on as multiples of period 0. ``worth``: the sum of it, what a unit of the first month brings in
    those periods."""

    cohorts: tuple[int, ...]
    course: tuple[float, ...]
    worth: float


@dataclass(frozen=True, slots=True)
class CohortGroups:
    """Groups of cohorts, or why there are none.

    ``groups``: the one worth most first; a single one where the cohorts do not fall into groups. ``periods``: how many
    were compared. ``silhouette``: mean silhouette width of the best division, in [−1, 1]; ``None`` where none was
    tried or all are equal. ``left_out``: places of cohorts that are too young, or paid nothing in their first month.
    ``reason``: ``too_few_cohorts``, or ``no_structure`` where the best division has a silhouette of 0.5 or less.
    """

    groups: tuple[CohortGroup, ...]
    periods: int
    silhouette: float | None
    left_out: tuple[int, ...]
    reason: Literal["too_few_cohorts", "no_structure"] | None


@guarded
def group_cohorts(history: PaymentHistory, *, most: int = 5) -> CohortGroups:
    """The cohorts that behave alike, in at most ``most`` groups.

    Compared is ln(1 + payment ÷ first payment) of the periods 1 to n (a negative payment as 0), over the window that
    holds most known cells. Groups are joined by Ward's least variance (Ward 1963); of 2 to ``most`` the number with the
    greatest mean silhouette (Rousseeuw 1987), if that exceeds 0.5. Nothing is drawn.
    """
    if isinstance(most, bool) or not isinstance(most, (int, np.integer)) or most < 2:
        raise KernelError(f"at most so many groups: a whole number from 2 on, not {most!r}")
    lengths = [len(row) if len(row) and row[0] > 0 else 0 for row in history.rows]
    periods = _window(lengths)
    chosen = [place for place, length in enumerate(lengths) if periods and length >= periods]
    left_out = tuple(place for place in range(len(lengths)) if place not in set(chosen))
    if not chosen:
        return CohortGroups((), 0, None, left_out, "too_few_cohorts")
    courses = np.asarray([np.maximum(history.rows[place][:periods], 0) / history.rows[place][0] for place in chosen])
    labels, width = _divided(np.log1p(courses[:, 1:]), int(most))
    reason: Literal["no_structure"] | None = None
    if width is None or width <= REASONABLE:
        labels, reason = np.zeros(len(chosen), dtype=np.int64), "no_structure"
    groups = [_group(chosen, courses, labels == label) for label in np.unique(labels)]
    groups.sort(key=lambda group: (-group.worth, group.cohorts))
    return CohortGroups(tuple(groups), periods, width, left_out, reason)


def _window(lengths: list[int]) -> int:
    """The number of periods that the most known cells have in common, of at least ``FEWEST`` cohorts; 0 where too few
    cohorts are known for ``SHORTEST`` periods beside the first."""
    best = (0, 0)
    for periods in range(SHORTEST + 1, max(lengths, default=0) + 1):
        count = sum(length >= periods for length in lengths)
        if count >= FEWEST:
            best = max(best, (count * (periods - 1), periods))
    return best[1]


def _divided(points: Floats, most: int) -> tuple[Ints, float | None]:
    """The labels of the division with the greatest mean silhouette width, and that width; none where all are equal."""
    from scipy.cluster.hierarchy import fcluster, linkage  # half a second that few need

    distances: Floats = np.sqrt(((points[:, None, :] - points[None, :, :]) ** 2).sum(axis=2))
    tree = linkage(points, method="ward")
    found: tuple[Ints, float | None] = np.zeros(len(points), dtype=np.int64), None
    for count in range(2, min(most, len(points) - 1) + 1):
        labels = np.asarray(fcluster(tree, count, criterion="maxclust"), dtype=np.int64)
        width = silhouette(distances, labels)
        if width is not None and (found[1] is None or width > found[1]):
            found = labels, width
    return found


def silhouette(distances: Floats, labels: Ints) -> float | None:
    """Mean of (b − a) ÷ max(a, b), in [−1, 1]: a, the mean distance to the others of one's own group; b, to the nearest
    other group. 0 for a group of one; ``None`` where all are in one."""
    present = np.unique(labels)
    if len(present) < 2:
        return None
    inside = labels[:, None] == present
    totals, sizes = distances @ inside, inside.sum(axis=0)
    rows, own = inside.nonzero()
    a = totals[rows, own] / np.maximum(sizes[own] - 1, 1)
    means = totals / sizes
    means[rows, own] = np.inf
    b = means.min(axis=1)
    larger = np.maximum(a, b)
    widths = np.divide(b - a, larger, out=np.zeros_like(larger), where=larger > 0)
    widths[sizes[own] == 1] = 0.0
    return float(widths.mean())


def _group(chosen: list[int], courses: Floats, inside: npt.NDArray[np.bool_]) -> CohortGroup:
    course = courses[inside].mean(axis=0)
    members = tuple(place for place, one in zip(chosen, inside.tolist(), strict=True) if one)
    return CohortGroup(members, tuple(course.tolist()), float(course.sum()))
