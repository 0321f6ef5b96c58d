"""The provider ``feed``: figures in a format that any system, warehouse or small adapter can speak.

``GET {address}?from=2024-01&to=2024-03`` (and ``&account=…`` where the connection names one) with
``Authorization: Bearer {key}`` answers ``{"lines": [{"label": "Sales", "period": "2024-03", "value": "123.45",
"currency": "USD"}], "next": null}``. ``next`` is the address of the next page, of the same origin. ``currency`` may be
left out or null; names that are not known are passed over. For users: docs/how-to/connect-a-source.md.
"""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from decimal import Decimal
from typing import Any, Final
from urllib.parse import urlencode, urljoin, urlsplit

from vestry.integrations.figures import wire
from vestry.integrations.figures.lines import AnswerRefused, Asked, Line, Source, SourceAway, said

PAGES_MAX: Final = 100
ADDRESS_MAX: Final = 2_000
SECONDS = 600.0  # for all pages together
_NUMBER = re.compile(r"-?[0-9]{1,40}(\.[0-9]{1,40})?", re.ASCII)


def lines(source: Source, asked: Asked) -> Iterator[Line]:
    """Page after page, each asked for once."""
    wanted = {"from": asked.first, "to": asked.last}
    if source.account is not None:
        wanted["account"] = source.account
    headers = {} if source.key is None else {"Authorization": f"Bearer {source.key}"}
    url: str | None = f"{source.address}?{urlencode(wanted)}"
    seen: set[str] = set()
    until = time.monotonic() + SECONDS
    while url is not None:
        if url in seen:
            raise AnswerRefused(f"{source.host} names a page as the next one that it answered before.")
        if len(seen) == PAGES_MAX:
            raise AnswerRefused(f"{source.host} answers more than {PAGES_MAX} pages.", mend="Ask for fewer months.")
        if time.monotonic() > until:
            raise SourceAway(f"{source.host} does not answer all pages within {SECONDS:.0f} seconds.")
        seen.add(url)
        page = wire.get(source, url, headers)
        if not isinstance(page, dict) or not isinstance(page.get("lines"), list):
            raise AnswerRefused(f'{source.host} answers no object with "lines".', mend="See the format of a feed.")
        for one in page["lines"]:
            yield _line(source, one)
        url = _next(source, url, page.get("next"))


def _line(source: Source, one: Any) -> Line:
    if not isinstance(one, dict):
        raise AnswerRefused(f"{source.host} answers a line that is no object.", mend="See the format of a feed.")
    label, period, value, currency = (one.get(name) for name in ("label", "period", "value", "currency"))
    number = Decimal(value) if isinstance(value, str) and _NUMBER.fullmatch(value) else value
    if (
        isinstance(label, str)
        and isinstance(period, str)
        and isinstance(number, Decimal)
        and (currency is None or isinstance(currency, str))
    ):
        return Line(label, period, number, currency)
    shown = ", ".join(f"{name} {said(str(one.get(name)))}" for name in ("label", "period", "value", "currency"))
    raise AnswerRefused(f"{source.host} answers a line that is none: {shown}.", mend="See the format of a feed.")


def _next(source: Source, url: str, given: Any) -> str | None:
    """The address of the next page; a key does not travel to another origin."""
    if given is None:
        return None
    try:
        plain = isinstance(given, str) and given.isprintable() and " " not in given and 0 < len(given) <= ADDRESS_MAX
        found = urljoin(url, given) if plain else ""
        same = _origin(found) == _origin(url) and "#" not in found
    except ValueError:
        same = False
    if not same:
        raise AnswerRefused(f"{source.host} names a next page that is not at its own origin.")
    return found


def _origin(url: str) -> tuple[str, str | None, int | None, str | None]:
    parts = urlsplit(url)
    standard = {"https": 443, "http": 80}.get(parts.scheme)
    return (parts.scheme, parts.hostname, parts.port or standard, parts.username)
