"""A tape: what was asked of a provider and what it answered, without the key and without the host."""

from __future__ import annotations

import json
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any, Self

from vestry.integrations.figures import PROVIDERS, Asked, Line

TAPES = Path(__file__).parent / "tapes"
KEY, ORIGIN = "{key}", "{origin}"  # what stands for them on a tape


@dataclass(frozen=True, slots=True)
class Exchange:
    """One question and its answer; header names are in lower case, and only those that matter are kept."""

    method: str
    path: str
    query: list[list[str]]
    wanted: dict[str, str]
    status: int
    headers: dict[str, str]
    body: str


@dataclass(frozen=True, slots=True)
class Tape:
    """The exchanges of one fetch in their order, and the lines that come of them."""

    provider: str
    path: str
    account: str | None
    asked: Asked
    exchanges: list[Exchange]
    lines: list[Line]

    @classmethod
    def read(cls, file: Path) -> Self:
        found = json.loads(file.read_text(encoding="utf-8"))
        return cls(
            found["provider"],
            found["path"],
            found["account"],
            Asked(*found["asked"]),
            [Exchange(**one) for one in found["exchanges"]],
            [Line(label, period, Decimal(value), currency) for label, period, value, currency in found["lines"]],
        )

    def text(self) -> str:
        """The file it is kept in."""
        told: dict[str, Any] = {
            "provider": self.provider,
            "path": self.path,
            "account": self.account,
            "asked": [self.asked.first, self.asked.last],
            "exchanges": [{name: getattr(one, name) for name in Exchange.__slots__} for one in self.exchanges],
            "lines": [[one.label, one.period, str(one.value), one.currency] for one in self.lines],
        }
        return json.dumps(told, ensure_ascii=False, indent=1) + "\n"


def tapes_of(provider: str) -> list[Path]:
    """The tapes that are kept of a provider."""
    return sorted((TAPES / provider).glob("*.json"))


ALL = [file for provider in PROVIDERS for file in tapes_of(provider)]
