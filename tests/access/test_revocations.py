"""A right that is taken back is refused on the next request, whichever process it reaches."""

from __future__ import annotations

import pytest

from tests.access.revocations import KINDS, house, run

SEED = 1


@pytest.mark.parametrize("engine", ["sqlite", "postgres"])
def test_a_right_of_each_kind_is_refused_on_the_next_request(request: pytest.FixtureRequest, engine: str) -> None:
    with house(request.getfixturevalue(f"{engine}_source")) as made:
        outcome = run(made, len(KINDS), SEED)
    print(f"seed {SEED}: {outcome}")
    assert outcome.refused == outcome.rounds == len(KINDS), outcome.still_good
