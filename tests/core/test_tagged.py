"""What is written as tagged JSON comes back as it was, and nothing else can be written."""

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vestry.core import tagged

PLAIN = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.text()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.decimals(allow_nan=False, allow_infinity=False)
    | st.dates()
    | st.datetimes(timezones=st.just(UTC))
    | st.uuids()
)
KEYS = st.sampled_from(["$", "v", "a", ""]) | st.text(max_size=4)
VALUES = st.recursive(
    PLAIN, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(KEYS, inner, max_size=3) | st.tuples(inner)
)


def typed(value: Any) -> Any:
    """The value with the types of everything in it: True is not 1, and 1.0 is not Decimal 1."""
    if isinstance(value, dict):
        return {key: typed(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return type(value), [typed(item) for item in value]
    return type(value), str(value)


@given(VALUES)
def test_every_value_comes_back_with_its_type(value: Any) -> None:
    assert typed(tagged.loads(tagged.dumps(value))) == typed(value)


def test_decimals_days_instants_and_ids_are_not_texts() -> None:
    value = {
        "amount": Decimal("1.10"),
        "day": date(2025, 1, 1),
        "at": datetime(2025, 1, 1, 12, tzinfo=UTC),
        "id": UUID(int=7),
        "$": "x",
        "v": 1,
    }
    assert tagged.loads(tagged.dumps(value)) == value
    assert tagged.loads(tagged.dumps({"$": "dec", "v": "1"})) == {"$": "dec", "v": "1"}


@pytest.mark.parametrize("value", [{1: "a"}, {"a": object()}, {1, 2}, b"bytes", Exception("x")])
def test_what_has_no_form_is_refused(value: Any) -> None:
    with pytest.raises(TypeError):
        tagged.dumps(value)


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_what_is_not_a_number_is_refused(value: float) -> None:
    with pytest.raises(ValueError):
        tagged.dumps([value])
