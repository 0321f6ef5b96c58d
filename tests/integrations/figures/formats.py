"""What a provider's answers look like when something is wrong in them, for each of ``NAMES``."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

NAMES: Final = (
    "another shape",
    "a line that is none",
    "no label",
    "NaN",
    "Infinity",
    "a huge exponent",
    "17 digits before the point",
    "a word for a number",
    "an unknown currency",
    "a month that was not asked for",
    "no month",
    "the same line twice",
    "a name twice",
    "the key in a label",
    "a next page elsewhere",
    "the same page as the next",
    "pages without an end",
)
Change = Callable[[bytes, str, int], bytes]  # a good answer, the key, the number of the question


@dataclass(frozen=True, slots=True)
class Format:
    """How a provider's answers are altered. ``spoilt``: for each of ``NAMES``; ``valued``: the first line with a value
    that is written so (a number, or a text in quotes)."""

    spoilt: dict[str, Change]
    valued: Callable[[bytes, str], bytes]


def _feed_valued(body: bytes, written: str) -> bytes:
    marked = _of_feed(body, lambda page: page["lines"][0].update(value="@@"))
    return marked.replace(b'"@@"', written.encode())


def _feed_spoilt() -> dict[str, Change]:

    def line(**more: Any) -> Change:
        return lambda body, key, number: _of_feed(body, lambda page: page["lines"][0].update(more))

    def token(text: str) -> Change:
        return lambda body, key, number: _feed_valued(body, text)

    def page(change: Callable[[dict[str, Any]], Any]) -> Change:
        return lambda body, key, number: _of_feed(body, change)

    def echo(body: bytes, key: str, _: int) -> bytes:
        return _of_feed(body, lambda page: page["lines"][0].update(label=f"Sales {key}"))

    def endless(body: bytes, _: str, number: int) -> bytes:
        return _of_feed(body, lambda page: page.update(lines=[], next=f"?page={number}"))

    return {
        "another shape": lambda body, key, number: b'{"Rows": []}',
        "a line that is none": page(lambda page: page["lines"].insert(0, ["Sales", 1])),
        "no label": line(label=" \u200b"),
        "NaN": token("NaN"),
        "Infinity": token("-Infinity"),
        "a huge exponent": token("1e400000"),
        "17 digits before the point": line(value="12345678901234567"),
        "a word for a number": line(value="1,234.50"),
        "an unknown currency": line(currency="ZZZ"),
        "a month that was not asked for": line(period="1999-01"),
        "no month": line(period="2024-13"),
        "the same line twice": page(lambda page: page["lines"].append(page["lines"][0])),
        "a name twice": lambda body, key, number: body.replace(b'{"lines"', b'{"lines": [], "lines"', 1),
        "the key in a label": echo,
        "a next page elsewhere": page(lambda page: page.update(next="http://localhost:1/more")),
        "the same page as the next": page(lambda page: page.update(lines=[], next="?page=again")),
        "pages without an end": endless,
    }


def _of_feed(body: bytes, change: Callable[[dict[str, Any]], Any]) -> bytes:
    page = json.loads(body)
    change(page)
    return json.dumps(page).encode()


FORMATS: Final = {"feed": Format(_feed_spoilt(), _feed_valued)}
