"""What part of a list is asked for, and the signed cursors between its pages, which fit only the same question."""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Any, TypeVar

import orjson
from fastapi import Depends, Query
from sqlalchemy import ColumnElement, Select
from sqlalchemy.orm import InstrumentedAttribute, Session

from vestry.core.actor import Actor
from vestry.core.errors import Invalid, Malformed
from vestry.core.settings import settings

# A sort column: an ORM attribute or an expression of the query.
Column = ColumnElement[Any] | InstrumentedAttribute[Any]
PARSERS: dict[str, Callable[[Any], Any]] = {
    "d": Decimal,
    "t": datetime.fromisoformat,
    "D": date.fromisoformat,
    "n": lambda same: same,
}
LIMIT_DEFAULT, LIMIT_MAX = 100, 1000
Row = TypeVar("Row")


@dataclass(frozen=True, slots=True)
class Page:
    """What part of a list is asked for: how many rows, after which cursor, in which order, matching which text."""

    limit: int
    cursor: str | None
    sort: str | None
    q: str | None


async def page(
    limit: Annotated[int, Query(ge=1, le=LIMIT_MAX, description="rows a page")] = LIMIT_DEFAULT,
    cursor: Annotated[str | None, Query(max_length=2000, description="`next` of the page before")] = None,
    sort: Annotated[str | None, Query(max_length=60, description="column; `-column` for descending")] = None,
    q: Annotated[str | None, Query(max_length=200, description="text to find in names")] = None,
) -> Page:
    """The page parameters every list takes. (Async, so that no thread is asked to do so little.)"""
    return Page(limit, cursor, sort, q)


Paged = Annotated[Page, Depends(page)]  # an operation's parameter: the page of a list


def sort_of(wanted: str, names: Collection[str]) -> tuple[bool, str]:
    """Whether a sort descends, and by which of the known names."""
    descending, name = wanted.startswith("-"), wanted.removeprefix("-")
    if name not in names:
        raise Invalid(
            f"The list cannot be sorted by {name!r}.",
            field="sort",
            mend=f"Sort by one of: {', '.join(sorted(names))}.",
        )
    return descending, name


def slice_rows(session: Session, rows: Sequence[Row], page: Page, *about: object) -> tuple[Sequence[Row], str | None]:
    """The page of a list that was computed and sorted whole, and the next page's cursor; ``about`` is the question."""
    question = asked(session.info["actor"], repr(about))
    start = 0
    if page.cursor:
        found, kind, value, _ = _opened(page.cursor)
        if found != question or kind != "offset":
            raise Malformed("The cursor belongs to another question.", field="cursor", mend=_AGAIN)
        start = value
    end = start + page.limit
    return rows[start:end], _sealed([question, "offset", end, None]) if end < len(rows) else None


def contains(column: Column, text: str) -> ColumnElement[bool]:
    """The column contains the text literally, whatever signs it has."""
    found: ColumnElement[bool] = column.contains(text, autoescape=True)
    return found


def shape_of(query: Select[*tuple[Any, ...]]) -> str:
    """What a query asks, as text: equal for two that ask the same, with the same values."""
    shape = query._generate_cache_key()
    if shape is None:
        compiled = query.compile()
        return f"{compiled}|{sorted(compiled.params.items())}"
    if shape.key not in _TEXTS:
        if len(_TEXTS) >= TEXTS_MAX:
            _TEXTS.clear()
        _TEXTS[shape.key] = str(query.compile())
    return f"{_TEXTS[shape.key]}|{[parameter.effective_value for parameter in shape.bindparams]}"


# The text of each shape of a list's query; compiling it again for every request would cost more than the rows.
_TEXTS: dict[Any, str] = {}
TEXTS_MAX = 500


def asked(actor: Actor, question: str) -> str:
    """What a cursor is bound to: who asks, and what."""
    who = f"{actor.firm_id}|{actor.user_id}|{actor.token_id}"
    return hashlib.sha256(f"{who}|{question}".encode()).hexdigest()[:16]


def cursor(question: str, value: Any, key: Any) -> str:
    """The signed place after a row."""
    kind = "d" if isinstance(value, Decimal) else "t" if isinstance(value, datetime) else "n"
    kind = "D" if kind == "n" and isinstance(value, date) else kind
    return _sealed([question, kind, str(value) if kind == "d" else value, key])


def _sealed(content: list[Any]) -> str:
    body = orjson.dumps(content)
    return base64.urlsafe_b64encode(_sign(body) + body).decode().rstrip("=")


def _opened(cursor: str) -> list[Any]:
    try:
        raw = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4))
        if base64.urlsafe_b64encode(raw).decode().rstrip("=") != cursor:
            raise ValueError
    except ValueError:
        raise Malformed("The cursor is not one of ours.", field="cursor", mend=_AGAIN) from None
    if not hmac.compare_digest(_sign(raw[16:]), raw[:16]):
        raise Malformed("The cursor is not one of ours.", field="cursor", mend=_AGAIN)
    content: list[Any] = orjson.loads(raw[16:])
    return content


def opened_after(cursor: str, question: str) -> tuple[Any, Any]:
    """The sort value and the key of the row a cursor stands after."""
    found, kind, value, last = _opened(cursor)
    if found != question or kind not in PARSERS:
        raise Malformed("The cursor belongs to another question.", field="cursor", mend=_AGAIN)
    return None if value is None else PARSERS[kind](value), last


_AGAIN = "Start again without a cursor, with the filters and sort you want."


def _sign(body: bytes) -> bytes:
    return hmac.digest(settings().secret(), b"cursor" + body, "sha256")[:16]
