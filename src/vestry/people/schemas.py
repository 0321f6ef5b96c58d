"""Forms and answers about a person's data."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field

from vestry.core.fields import Input, Output, example


class EraseForm(Input):
    """That it is meant: it cannot be undone. ``investors``: the names of investors with the person's address too."""

    model_config = example({"confirm": "erase"})

    confirm: Literal["erase"]
    investors: bool = False


class PersonData(Output):
    """All that is kept about a person: rows by the name of their table, without what is secret even from them."""

    email: str
    data: Annotated[dict[str, Any], Field(description="table → rows; `made` counts what they made, by column")]


class Erased(Output):
    """How many rows of each table lost what named the person, and how many of the audit trail, which is chained and
    cannot be changed, still tell of them."""

    rows: dict[str, int]
    left_in_trail: int
