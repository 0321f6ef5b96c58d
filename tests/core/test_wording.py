"""What the validation library finds, in plain words."""

from __future__ import annotations

from typing import Annotated, Any, Literal

import pytest
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from vestry.core.fields import Name
from vestry.core.wording import said


class Body(BaseModel):
    model_config = ConfigDict(extra="forbid")

    name: Name = "North"
    kind: Literal["flows", "ledger"] = "flows"
    again: bool = False
    limit: Annotated[int, Field(ge=1, le=9)] = 1
    lines: Annotated[list[int], Field(max_length=2)] = []


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"name": "x" * 1201}, "has 1,201 characters; at most 200 characters"),
        ({"lines": [1, 2, 3]}, "has 3 items; at most 2 items"),
        ({"kind": "odd"}, "must be 'flows' or 'ledger'"),
        ({"again": "maybe"}, "must be true or false"),
        ({"limit": 0}, "must be at least 1"),
        ({"limit": 10}, "must be at most 9"),
        ({"limit": "x"}, "must be a whole number"),
        ({"lines": 5}, "must be a list"),
        ({"other": 5}, "is not a field of this operation"),
        ({"name": "a\nb"}, "must be a single line"),
        (5, "must be an object"),
    ],
)
def test_a_message_names_none_of_our_types(given: Any, message: str) -> None:
    with pytest.raises(ValidationError) as caught:
        Body.model_validate(given)
    assert said(caught.value.errors()[0]) == message
