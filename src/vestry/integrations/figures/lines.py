"""What passes through the port: months asked for, lines that come back, and the refusals between them."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from decimal import Decimal
from functools import lru_cache
from typing import Final
from urllib.parse import urlsplit

from vestry.core.errors import Invalid, Unavailable
from vestry.kernel import money

LINES_MAX: Final = 20_000
LABEL_MAX: Final = 200
DIGITS_BEFORE_MAX, DIGITS_AFTER_MAX = 15, 20  # of a value, around its point
_MONTH = re.compile(r"[0-9]{4}-(0[1-9]|1[0-2])", re.ASCII)


class SourceAway(Unavailable):
    """The source does not answer now, or limits how often it is asked: asking later may help."""


class KeyRefused(Invalid):
    """The source knows the key not, or not for this."""


class AddressRefused(Invalid):
    """There are no figures at the address, or it sends the key elsewhere."""


class AnswerRefused(Invalid):
    """The answer is not in the provider's format, or says what cannot be; nothing of it is taken."""


@dataclass(frozen=True, slots=True)
class Line:
    """One figure as the source names it: ``label`` of its account, ``period`` a month such as 2024-03, the ``value`` in
    full units, and its currency where the source says one."""

    label: str
    period: str
    value: Decimal
    currency: str | None = None


@dataclass(frozen=True, slots=True)
class Source:
    """How a source is reached: its provider and address, the key it wants, and which of several sets of books it keeps
    (``account``: a tenant, a company file, a connected account)."""

    provider: str
    address: str
    key: str | None = field(default=None, repr=False)
    account: str | None = None

    @property
    def host(self) -> str:
        """How refusals name it."""
        return (urlsplit(self.address).hostname or "the address")[:100]


@dataclass(frozen=True, slots=True)
class Asked:
    """The months asked for, both included, such as 2024-01 and 2024-03."""

    first: str
    last: str


def checked(lines: Iterable[Line], source: Source, asked: Asked) -> list[Line]:
    """All lines, or the refusal of the first one that cannot be."""
    found: list[Line] = []
    seen: set[tuple[str, str, str | None]] = set()
    for one in lines:
        what = _wrong(one, asked)
        if what is not None:
            raise AnswerRefused(f"{source.host} answers a line that cannot be: {said(one.label)} {what}.")
        key = (one.label, one.period, one.currency)
        if key in seen:
            raise AnswerRefused(f"{source.host} answers {said(one.label)} of {one.period} twice.")
        seen.add(key)
        found.append(one)
        if len(found) > LINES_MAX:
            raise AnswerRefused(f"{source.host} answers more than {LINES_MAX:,} lines.", mend="Ask for fewer months.")
    return found


def _wrong(one: Line, asked: Asked) -> str | None:
    label = one.label.strip()
    if len(one.label) > LABEL_MAX or not label.isprintable() or not any(sign.isalnum() for sign in label):
        return f"is no label of at most {LABEL_MAX} printable characters"
    if not _MONTH.fullmatch(one.period):
        return f"is of {said(one.period)}, which is no month such as 2024-03"
    if not asked.first <= one.period <= asked.last:
        return f"is of {one.period}, and {asked.first} to {asked.last} was asked for"
    if not _is_kept(one.value):
        places = f"{DIGITS_BEFORE_MAX} digits before its point and {DIGITS_AFTER_MAX} after it"
        return f"is {said(str(one.value))}, which is no number of at most {places}"
    if one.currency is not None and not _is_currency(one.currency):
        return f"is in {said(one.currency)}, which is no currency in use"
    return None


def _is_kept(value: Decimal) -> bool:
    """Whether it is a number that can be written out: no NaN, no infinity, no exponent that fills a page."""
    if not value.is_finite():
        return False
    exponent = int(value.as_tuple().exponent)
    return -DIGITS_AFTER_MAX <= exponent <= DIGITS_BEFORE_MAX and value.adjusted() < DIGITS_BEFORE_MAX


@lru_cache(maxsize=256)
def _is_currency(code: str) -> bool:
    try:
        return money.currency(code).code == code
    except ValueError:
        return False


def said(text: str) -> str:
    """A few characters of what was answered, so that a refusal names it and cannot be made long by it."""
    return repr(text if len(text) <= 40 else f"{text[:40]}…")
