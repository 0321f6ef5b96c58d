"""One thing measured: what it is, its figures, its quarters."""

from __future__ import annotations

from dataclasses import dataclass

from vestry.performance.cuts import Cut
from vestry.performance.figures import Gross, Net
from vestry.performance.series import Point


@dataclass(frozen=True, slots=True)
class Subject:
    """What figures are of."""

    kind: str
    id: int
    name: str


@dataclass(frozen=True, slots=True)
class Performance:
    """The figures of one thing."""

    subject: Subject
    cut: Cut
    currency: str | None
    net: Net | None
    gross: Gross | None
    reasons: dict[str, str]
    explained: bool = True


@dataclass(frozen=True, slots=True)
class Series:
    """One thing quarter by quarter."""

    subject: Subject
    cut: Cut
    currency: str | None
    points: list[Point]
