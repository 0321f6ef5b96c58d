"""Lists: sorted by a named column, filtered, cut into pages by a signed cursor that fits only the same question."""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Any, TypeVar

import orjson
from fastapi import Query
from sqlalchemy import ColumnElement, Select, and_, func, or_, select
from sqlalchemy.orm import InstrumentedAttribute, Session

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


def page(
    limit: Annotated[int, Query(ge=1, le=LIMIT_MAX, description="rows a page")] = LIMIT_DEFAULT,
    cursor: Annotated[str | None, Query(max_length=2000, description="`next` of the page before")] = None,
    sort: Annotated[str | None, Query(max_length=60, description="column; `-column` for descending")] = None,
    q: Annotated[str | None, Query(max_length=200, description="text to find in names")] = None,
) -> Page:
    """The page parameters every list takes."""
    return Page(limit, cursor, sort, q)


def paginate(
    session: Session,
    query: Select[*tuple[Any, ...]],
    page: Page,
    *,
    columns: Mapping[str, Column],
    key: Column,
    default: str,
) -> dict[str, Any]:
    """``{"items", "next", "total"}`` of a query whose selected columns are labelled; ``columns`` may be sorted by.

    Rows with no value in the sort column come last, whichever the direction. ``key`` (unique) breaks ties.
    """
    wanted = page.sort or default
    descending, name = sort_of(wanted, columns)
    column = columns[name]
    question = _question(session, wanted, query)
    after = _after(page.cursor, question, column, key, descending) if page.cursor else None
    rows_query = query if after is None else query.where(after)
    direction = column.desc() if descending else column.asc()
    rows_query = rows_query.add_columns(column.label("_sort"), key.label("_key"))
    ordered = rows_query.order_by(column.is_(None), direction, key.asc()).limit(page.limit + 1)
    rows = session.execute(ordered).mappings().all()
    shown = rows[: page.limit]
    items = [{name: value for name, value in row.items() if name not in ("_sort", "_key")} for row in shown]
    more = len(rows) > page.limit
    total = session.scalar(select(func.count()).select_from(query.order_by(None).subquery()))
    last = _cursor(question, shown[-1]["_sort"], shown[-1]["_key"]) if more else None
    return {"items": items, "next": last, "total": total}


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


def slice_rows(session: Session, rows: Sequence[Row], page: Page, *asked: object) -> tuple[Sequence[Row], str | None]:
    """The page of a list that was computed and sorted whole, and the next page's cursor; ``asked`` is the question."""
    question = _asked(session, repr(asked))
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


def _question(session: Session, wanted: str, query: Select[*tuple[Any, ...]]) -> str:
    compiled = query.compile()
    return _asked(session, f"{wanted}|{compiled}|{sorted(compiled.params.items())}")


def _asked(session: Session, asked: str) -> str:
    actor = session.info["actor"]
    who = f"{actor.firm_id}|{actor.user_id}|{actor.token_id}"
    return hashlib.sha256(f"{who}|{asked}".encode()).hexdigest()[:16]


def _cursor(question: str, value: Any, key: Any) -> str:
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


def _after(cursor: str, question: str, column: Column, key: Column, descending: bool) -> ColumnElement[bool]:
    asked, kind, value, last = _opened(cursor)
    if asked != question or kind not in PARSERS:
        raise Malformed("The cursor belongs to another question.", field="cursor", mend=_AGAIN)
    if value is None:
        return and_(column.is_(None), key > last)
    typed = PARSERS[kind](value)
    beyond = column < typed if descending else column > typed
    return or_(beyond, and_(column == typed, key > last), column.is_(None))


_AGAIN = "Start again without a cursor, with the filters and sort you want."


def _sign(body: bytes) -> bytes:
    return hmac.digest(settings().secret(), b"cursor" + body, "sha256")[:16]
