"""How the facts of cohort financing are recorded, corrected and taken back: the same for each kind of them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Generic, TypeVar

from sqlalchemy import select
from sqlalchemy.orm import Session

from vestry.cohorts.cashflows.books import refuse_beyond_reach
from vestry.cohorts.models import CohortFact
from vestry.companies.models import Company
from vestry.core.actor import Actor
from vestry.core.errors import Conflict, NotFound
from vestry.core.history import as_known
from vestry.core.listing import Listing
from vestry.core.model import table_of
from vestry.core.paging import Column
from vestry.core.versions import expect_version
from vestry.identity import corrections
from vestry.identity.access import find, require, theirs, visible

Row = TypeVar("Row", bound=CohortFact)


@dataclass(frozen=True, slots=True)
class Noun(Generic[Row]):
    """One kind of fact about a company's cohorts: one live row for each value of its ``key`` columns."""

    model: type[Row]
    says: str
    permission: str
    key: tuple[str, ...]
    twice: type[Conflict]
    fields: tuple[str, ...]


def record(session: Session, actor: Actor, noun: Noun[Row], company_id: int, values: dict[str, Any]) -> Row:
    """A new fact; a second one for the same key is refused."""
    return record_all(session, actor, noun, company_id, [values])[0]


def record_all(
    session: Session, actor: Actor, noun: Noun[Row], company_id: int, every: Iterable[dict[str, Any]]
) -> list[Row]:
    """New facts of a kind, all or none; whether the cohorts can still be computed is asked once."""
    require(actor, noun.permission)
    company = find(session, actor, Company, company_id, noun="company", lock=True)
    rows = []
    for values in every:
        _refuse_second(session, actor, noun, company_id, values)
        row = noun.model(firm_id=actor.firm_id, company_id=company_id, **values)
        session.add(row)
        session.flush()
        rows.append(row)
    refuse_beyond_reach(session, actor, company)
    return rows


def replace(
    session: Session,
    actor: Actor,
    noun: Noun[Row],
    company_id: int,
    fact_id: int,
    version: int | None,
    values: dict[str, Any],
) -> Row:
    """Supersede a fact; what was known before stays known."""
    require(actor, noun.permission)
    company = find(session, actor, Company, company_id, noun=noun.says, lock=True)
    row = one(session, actor, noun, company_id, fact_id, lock=True)
    expect_version(row, version)
    _refuse_second(session, actor, noun, company_id, values, but=fact_id)
    for name, value in values.items():
        setattr(row, name, value)
    refuse_beyond_reach(session, actor, company)
    return row


def void(session: Session, actor: Actor, noun: Noun[Row], company_id: int, fact_id: int, reason: str) -> None:
    """Take a fact back."""
    require(actor, noun.permission)
    find(session, actor, Company, company_id, noun=noun.says, lock=True)
    corrections.void(session, one(session, actor, noun, company_id, fact_id, lock=True), reason)


def one(session: Session, actor: Actor, noun: Noun[Row], company_id: int, fact_id: int, *, lock: bool = False) -> Row:
    """One live fact of this company."""
    row = find(session, actor, noun.model, fact_id, noun=noun.says, lock=lock)
    if row.company_id != company_id:
        raise NotFound(noun.says)
    return row


def versions(session: Session, actor: Actor, noun: Noun[Row], company_id: int, fact_id: int) -> list[dict[str, Any]]:
    """What was recorded of a fact over time, the oldest first."""
    found = corrections.versions_of(session, actor, noun.model, fact_id, noun=noun.says)
    if found[-1]["company_id"] != company_id:
        raise NotFound(noun.says)
    return [dict(row) for row in found]


def listing(
    session: Session,
    actor: Actor,
    noun: Noun[Row],
    company_id: int,
    default: str,
    known_at: datetime | None = None,
) -> Listing:
    """The live facts of a company; those of a past instant as they were known then."""
    find(session, actor, Company, company_id, noun="company")
    known = table_of(noun.model) if known_at is None else as_known(noun.model, known_at)
    columns, live = known.c, [known.c.voided_at.is_(None)] if known_at is None else []
    query = select(*(columns[name] for name in noun.fields)).where(
        theirs(actor, known), columns.company_id == company_id, *live
    )
    sorts: dict[str, Column] = {name: columns[name] for name in ("id", *noun.key, "recorded_at")}
    return Listing(query, sorts, columns.id, default)


def _refuse_second(
    session: Session, actor: Actor, noun: Noun[Row], company_id: int, values: dict[str, Any], but: int | None = None
) -> None:
    table = table_of(noun.model).c
    same = [table[name] == values[name] for name in noun.key]
    query = visible(actor, noun.model).where(table.company_id == company_id, *same)
    with session.no_autoflush:
        found = session.scalars(query).one_or_none()
    if found is not None and found.id != but:
        said = " and ".join(f"{name} {values[name]}" for name in noun.key) or "this company"
        raise noun.twice(
            f"There is a {noun.says} for {said} already.",
            field=noun.key[0] if noun.key else None,
            mend=f"Correct it (PUT, id {found.id}) or void it first.",
        )
