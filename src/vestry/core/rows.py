"""Bodies of many rows: one that breaks the grammar is told together with those that break a rule of the books, in one
refusal rather than in two."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Self

from pydantic import ModelWrapValidatorHandler, ValidationError, model_validator

from vestry.core.errors import Fault
from vestry.core.fields import Input
from vestry.core.wording import said


@dataclass(frozen=True, slots=True)
class Misread:
    """A row that breaks the grammar: what is wrong with it, and the row as it reads with stand-ins in those places
    (what is no row at all is nothing but stand-ins). It is nothing to store."""

    place: str
    faults: tuple[Fault, ...]
    row: Mapping[str, Any]

    def is_wrong(self, *names: str) -> bool:
        """Whether one of these fields could not be read."""
        paths = {self.place, *(f"{self.place}.{name}" for name in names)}
        return any(one.path in paths for one in self.faults)


class Rows(Input):
    """A body whose list ``rows_field`` may hold a :class:`Misread` in a row's place; whoever takes it must refuse it.

    ``stand_ins``: a readable value of each field that a row must have. What is wrong beside the rows, or with the list
    as a whole, is refused at once. A good body is read once.
    """

    rows_field: ClassVar[str]
    stand_ins: ClassVar[Mapping[str, Any]]

    @model_validator(mode="wrap")
    @classmethod
    def _read_rows(cls, given: Any, read: ModelWrapValidatorHandler[Self]) -> Self:
        try:
            return read(given)
        except ValidationError as error:
            found = error.errors(include_url=False, include_context=True)
            if any(one["loc"][:1] != (cls.rows_field,) or len(one["loc"]) == 1 for one in found):
                raise
        wrong: dict[int, list[Any]] = {}
        for one in found:
            wrong.setdefault(int(one["loc"][1]), []).append(one)
        mended = [cls._mended(row, wrong[at]) if at in wrong else row for at, row in enumerate(given[cls.rows_field])]
        body = read({**given, cls.rows_field: mended})
        rows: list[Any] = list(getattr(body, cls.rows_field))
        for at, errors in wrong.items():
            faults = tuple(Fault(".".join(map(str, one["loc"])), said(one), one["type"]) for one in errors)
            rows[at] = Misread(f"{cls.rows_field}.{at}", faults, rows[at].model_dump())
        return body.model_copy(update={cls.rows_field: rows})

    @classmethod
    def _mended(cls, row: Any, errors: list[Any]) -> dict[str, Any]:
        """The row with stand-ins for what is wrong or missing."""
        if not isinstance(row, dict):
            return dict(cls.stand_ins)
        wrong = {one["loc"][2] for one in errors}
        return {**cls.stand_ins, **{name: value for name, value in row.items() if name not in wrong}}

    def rows(self) -> list[Mapping[str, Any] | Misread]:
        """Its rows as plain values, each in its place."""
        rows: list[Any] = getattr(self, self.rows_field)
        if any(isinstance(one, Misread) for one in rows):
            return [one if isinstance(one, Misread) else one.model_dump() for one in rows]
        plain: list[Mapping[str, Any] | Misread] = self.model_dump()[self.rows_field]
        return plain
