"""Every operation × everybody × whose it is, three times: both locks, and each of them alone.

SQLite has the application's lock alone, so its run is the one with row-level security off. By hand, in any of the four
ways: ``python -m tests.access.matrix [--postgres] [--off application|rows]``.
"""

from __future__ import annotations

import random
from collections.abc import Iterator

import pytest

from tests.access import matrix, mutations
from tests.access.identities import everybody
from tests.access.locks import application_off, standing
from tests.access.world import World

SEED = 1


@pytest.fixture(scope="module", params=["sqlite", "postgres"])
def world(request: pytest.FixtureRequest) -> Iterator[World]:
    with standing(request.getfixturevalue(f"{request.param}_source")) as built:
        yield built


def test_every_operation_has_a_row_of_the_policy() -> None:
    assert len(matrix.permission_of()) > 100


def test_each_cell_is_answered_as_the_policy_says(world: World) -> None:
    """With both locks only a sixth is asked, as SQLite's run tries the application's lock with every cell."""
    one_in = 1 if world.database.is_sqlite else 6
    result = matrix.run(world, everybody(world), one_in=one_in)
    print(result)
    assert not result.wrong, result.faults()
    assert result.cells > 9_000 / one_in
    assert {200, 201, 204, 401, 403, 404} <= set(result.statuses), "an interesting answer never came"


def test_with_the_applications_lock_off_nobody_is_shown_or_changes_what_is_not_theirs(world: World) -> None:
    if world.database.is_sqlite:
        pytest.skip("SQLite has the one lock")
    """Every fourth pair of an operation and who asks; every one by hand."""
    with application_off():
        result = matrix.run(world, everybody(world), strict=False, one_in=4)
    print(result)
    assert not result.wrong, result.faults()
    assert result.cells > 1_500


@pytest.mark.parametrize("world", ["sqlite"], indirect=True)
def test_a_row_of_the_policy_that_is_changed_turns_its_cells_red(world: World) -> None:
    """Some of them, drawn by the seed; all of them by hand: ``python -m tests.access.mutations``."""
    some = random.Random(SEED).sample(mutations.mutants(), 6)
    assert mutations.undetected(world, some, mutations.shuffled(world, SEED)) == []
