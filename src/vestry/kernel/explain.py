"""How a figure was made: the convention it follows, the inputs it used, the steps in order."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any


@dataclass(frozen=True, slots=True)
class Step:
    """One line of the working: what it is called, how it was computed, what came out."""

    label: str
    formula: str
    value: Any


@dataclass(frozen=True, slots=True)
class Explain:
    """The working behind a result, ready to show: nobody has to derive the figure a second time."""

    convention: str
    inputs: Mapping[str, Any]
    steps: tuple[Step, ...]
    source: str = ""

    def lines(self) -> list[str]:
        """The working as text, one step a line."""
        return [self.convention, *(f"{s.label} = {s.formula} = {_text(s.value)}" for s in self.steps)]


def _text(value: Any) -> str:
    if isinstance(value, float):
        return f"{value:.10g}"
    if isinstance(value, Decimal):
        return f"{value:f}"
    return str(value)
