"""One GET for every provider that speaks JSON: what may be tried again is told apart from what may not, numbers come
as exact decimals, and an answer that repeats the key is refused."""

from __future__ import annotations

import json
from collections.abc import Mapping
from decimal import Decimal
from typing import Any, Final

from vestry.integrations import outbound
from vestry.integrations.figures.lines import AddressRefused, AnswerRefused, KeyRefused, Source, SourceAway

BYTES_MAX = 4_000_000
SECONDS = 30.0
KEY_MIN: Final = 8  # characters; a shorter one would be found in answers that do not hold it
_LATER: Final = frozenset({408, 425, 429})


def get(source: Source, url: str, headers: Mapping[str, str]) -> Any:
    """The JSON that answers, its numbers as :class:`Decimal`."""
    try:
        body = outbound.get_bytes(
            url, accept="application/json", bytes_max=BYTES_MAX, seconds=SECONDS, headers=dict(headers)
        )
    except outbound.OutboundRefused as error:
        raise _told(source, error) from None
    if source.key is not None and len(source.key) >= KEY_MIN and source.key.encode() in body:
        raise AnswerRefused(f"{source.host} repeats the key in its answer.", mend="Tell whoever runs it.")
    try:
        return json.loads(
            body, parse_float=Decimal, parse_int=Decimal, parse_constant=_no_number, object_pairs_hook=_each_once
        )
    except (ValueError, ArithmeticError, RecursionError):
        raise AnswerRefused(f"{source.host} does not answer JSON.", mend="Check the address.") from None


def _told(source: Source, error: outbound.OutboundRefused) -> Exception:
    status = error.status
    if isinstance(error, outbound.AnswerTooLarge):
        return AnswerRefused(error.message, mend="Ask for fewer months.")
    if status in (401, 403):
        return KeyRefused(f"{source.host} refuses the key ({status}).", mend="Give the connection a key that may read.")
    if status is None or status in _LATER or status >= 500:
        away = SourceAway(error.message, mend=error.mend)
        away.retry_after = error.retry_after
        return away
    if 300 <= status < 400:
        said = f"{source.host} answers {status}: it sends us elsewhere, where the key does not go."
        return AddressRefused(said, mend="Give the connection the address at which the figures are.")
    return AddressRefused(f"{source.host} answers {status}.", mend="Check the address and the account.")


def _each_once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Of a name that is there twice, two readers would take two values."""
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a name is there twice")
    return found


def _no_number(token: str) -> Any:
    raise ValueError(f"{token} is no JSON")
