"""Grants: giving, taking back, and saying why somebody sees a record or does not."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from sqlalchemy import Table, select
from sqlalchemy.orm import Session

from vestry.core.actor import Actor, Scope
from vestry.core.errors import Conflict, Invalid, NotFound
from vestry.core.fields import exactly_one
from vestry.core.four_eyes import waits_for_approval
from vestry.core.model import Base
from vestry.core.names import role_text
from vestry.identity import policy
from vestry.identity.access import find, require, theirs, visible
from vestry.identity.models import ApiToken, Grant, User
from vestry.identity.scopes import held, resolve, scope_of

# The words of addresses (and of ``record=fund:12``) → the table, and the operation that shows it.
RECORDS: Final[dict[str, tuple[str, str]]] = {
    "fund": ("fund", "fund.read"),
    "vehicle": ("vehicle", "fund.read"),
    "investor": ("investor", "investor.read"),
    "commitment": ("commitment", "capital.read"),
    "capital_call": ("capital_call", "capital.read"),
    "distribution": ("distribution", "capital.read"),
    "vehicle_entry": ("vehicle_entry", "capital.read"),
    "company": ("company", "company.read"),
    "round": ("round", "company.read"),
    "security": ("security", "company.read"),
    "investment": ("investment", "investment.read"),
    "holding": ("holding", "investment.read"),
    "transaction": ("transaction", "investment.read"),
    "mark": ("valuation_mark", "valuation.read"),
    "reported_nav": ("reported_nav", "reported_nav.read"),
}


class GrantExists(Conflict):
    """They hold this grant already."""


class GrantOpensNothing(Invalid):
    """The policy lets nobody of that role see anything by a grant of that kind."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """A part of the firm to be granted; ``scope_id`` 0 for all of it."""

    scope_kind: str
    scope_id: int = 0


def wanted(text: str) -> Wanted:
    """``firm``, ``fund:12``, ``vehicle:3``, ``company:7`` or ``investor:5``."""
    kind, _, number = text.partition(":")
    whole = kind == "firm"
    if kind not in policy.GRANT_KINDS or (bool(number) == whole) or (number and not is_id(number)):
        raise Invalid(f"{text!r} is not a grant.", field="grant", mend="Write firm, or a kind and an id: fund:12.")
    return Wanted(kind, 0 if whole else int(number))


def is_id(text: str) -> bool:
    """Whether the text is an id as we write them."""
    return text.isascii() and text.isdigit() and 0 < len(text) <= 18 and text[0] != "0"


@waits_for_approval("create_grant", "grant")
def give(
    session: Session,
    actor: Actor,
    *,
    scope_kind: str,
    scope_id: int | None = None,
    user_id: int | None = None,
    token_id: int | None = None,
) -> Grant:
    """Let a user or a token see a part of the firm, from the next request on."""
    require(actor, "grant.change")
    exactly_one(user_id=user_id, token_id=token_id)
    holder: User | ApiToken = (
        find(session, actor, User, user_id, noun="user", lock=True)
        if user_id is not None
        else find(session, actor, ApiToken, token_id or 0, noun="token", lock=True)
    )
    if (scope_kind == "firm") != (scope_id is None):
        raise Invalid("A grant on the firm has no id, every other one has.", field="scope_id", mend="See the example.")
    return _give(session, actor, holder, Wanted(scope_kind, scope_id or 0))


def give_first(
    session: Session, actor: Actor, holder: User | ApiToken, grants: Iterable[Wanted | Mapping[str, Any]]
) -> None:
    """What a new user or token may see; staff to whom nothing is granted see the whole firm."""
    asked = [one if isinstance(one, Wanted) else Wanted(one["scope_kind"], one.get("scope_id") or 0) for one in grants]
    if not asked and holder.role in policy.STAFF:
        asked = [Wanted("firm")]
    for one in asked:
        _give(session, actor, holder, one)


def check(session: Session, actor: Actor, role: str, one: Wanted) -> None:
    """Refuse a grant that opens nothing to the role, or is on something the actor does not see."""
    if (one.scope_kind == "firm") != (one.scope_id == 0):
        raise Invalid("A grant on the firm has no id, every other one has.", field="grants", mend="See the example.")
    if (one.scope_kind, policy.group(role)) not in policy.GRANTS:
        raise GrantOpensNothing(
            f"A grant on a {one.scope_kind} opens nothing to the role {role_text(role)}.",
            field="scope_kind",
            mend="See docs/reference/policy.md for what opens what.",
        )
    if one.scope_kind != "firm":
        _find_scope(session, actor, one)


def _give(session: Session, actor: Actor, holder: User | ApiToken, one: Wanted) -> Grant:
    check(session, actor, holder.role, one)
    grant = Grant(
        firm_id=actor.firm_id,
        user_id=holder.id if isinstance(holder, User) else None,
        token_id=holder.id if isinstance(holder, ApiToken) else None,
        scope_kind=one.scope_kind,
        scope_id=one.scope_id,
        granted_by=actor.user_id,
        granted_at=session.info["now"],
    )
    same = visible(actor, Grant).where(
        Grant.user_id == grant.user_id if grant.user_id else Grant.token_id == grant.token_id,
        Grant.scope_kind == one.scope_kind,
        Grant.scope_id == one.scope_id,
        Grant.revoked_at.is_(None),
    )
    if session.scalars(same).one_or_none() is not None:
        raise GrantExists("They hold this grant already.", field="scope_id", mend="Nothing is left to do.")
    session.add(grant)
    session.flush()
    return grant


def _find_scope(session: Session, actor: Actor, one: Wanted) -> None:
    table = Base.metadata.tables[one.scope_kind]
    if session.scalar(select(table.c.id).where(table.c.id == one.scope_id, theirs(actor, table))) is None:
        raise NotFound(one.scope_kind)


def revoke(session: Session, actor: Actor, grant_id: int) -> None:
    """Take a grant back: what it opened is refused on the next request. The grant stays on record."""
    require(actor, "grant.change")
    grant = find(session, actor, Grant, grant_id, noun="grant", lock=True)
    if grant.revoked_at is not None:
        raise NotFound("grant")
    grant.revoked_at, grant.revoked_by = session.info["now"], actor.user_id
    session.flush()


def shown(grant: Grant) -> dict[str, Any]:
    """A grant as it goes out: the whole firm has no id."""
    names = ("id", "user_id", "token_id", "scope_kind", "granted_by", "granted_at", "revoked_by", "revoked_at")
    return {name: getattr(grant, name) for name in names} | {"scope_id": grant.scope_id or None}


def live(
    session: Session, actor: Actor, holders: Sequence[User] | Sequence[ApiToken]
) -> dict[int, list[dict[str, Any]]]:
    """Holder id → their live grants, the oldest first."""
    if not holders:
        return {}
    column = Grant.user_id if isinstance(holders[0], User) else Grant.token_id
    query = visible(actor, Grant).where(column.in_([one.id for one in holders]), Grant.revoked_at.is_(None))
    found: dict[int, list[dict[str, Any]]] = {one.id: [] for one in holders}
    for grant in session.scalars(query.order_by(Grant.id)):
        key = grant.user_id if isinstance(holders[0], User) else grant.token_id
        found[key or 0].append({"id": grant.id, "scope_kind": grant.scope_kind, "scope_id": grant.scope_id or None})
    return found


def actor_of(session: Session, user: User) -> Actor:
    """The user as they would come through the door."""
    grants = session.scalar(select(held(User)).where(User.id == user.id).select_from(User))
    scope = scope_of(session, user.firm_id, user.role, grants, user_id=user.id)
    return Actor("user", user.firm_id, user.role, user_id=user.id, name=user.name, scope=scope)


def explain(session: Session, actor: Actor, user_id: int, record: str) -> dict[str, Any]:
    """Whether a user sees a record, by which of their grants and which rows of the policy, or what is missing."""
    require(actor, "grant.read")
    user = find(session, actor, User, user_id, noun="user")
    noun, _, number = record.partition(":")
    if noun not in RECORDS or not is_id(number):
        raise Invalid(
            f"{record!r} is not a record.",
            field="record",
            mend=f"Name a kind and an id: {', '.join(RECORDS)}, as fund:12.",
        )
    name, operation = RECORDS[noun]
    table, row_id = Base.metadata.tables[name], int(number)
    if not _sees(session, actor, table, row_id):
        raise NotFound(noun.replace("_", " "))
    asking = actor_of(session, user)
    may = policy.allows(user.role, operation) and user.deactivated_at is None
    sees = may and _sees(session, asking, table, row_id)
    grants = live(session, actor, [user])[user.id]
    letting = [one for one in grants if _opens(session, asking, one, table, row_id)] if sees else []
    return {
        "user_id": user.id,
        "user": user.name,
        "role": user.role,
        "record": record,
        "sees": sees,
        "operation": {
            "row": operation,
            "holds": may,
            "says": f"{operation} is allowed to: {', '.join(sorted(policy.POLICY[operation]))}",
        },
        "grants": letting,
        "rules": list(_rules(user.role, letting if sees else grants, bool(letting))),
        "missing": None if sees else _missing(user, operation, may),
        "hidden_fields": sorted(
            field for of, field in policy.HIDDEN if of == noun and policy.hides(user.role, of, field)
        ),
    }


def _rules(role: str, grants: Sequence[Mapping[str, Any]], holds: bool) -> Iterator[dict[str, Any]]:
    if role == "administrator":
        yield {"row": "administrator", "holds": True, "says": "administrators see the whole firm"}
    for kind in dict.fromkeys(one["scope_kind"] for one in grants):
        says = policy.GRANTS.get((kind, policy.group(role)), "nothing to this role")
        yield {"row": f"{kind} × {policy.group(role)}", "holds": holds, "says": says}


def _missing(user: User, operation: str, may: bool) -> str:
    if user.deactivated_at is not None:
        return "The user is deactivated."
    if not may:
        return f"The role {role_text(user.role)} may not do {operation}."
    return f"No live grant of {user.name} leads to this record."


def _opens(session: Session, asking: Actor, grant: Mapping[str, Any], table: Table, row_id: int) -> bool:
    """Whether this grant alone would show the record."""
    alone: Scope = resolve(
        session, asking.firm_id, asking.role, [(grant["scope_kind"], grant["scope_id"] or 0)], user_id=asking.user_id
    )
    return _sees(session, replace(asking, scope=alone), table, row_id)


def _sees(session: Session, actor: Actor, table: Table, row_id: int) -> bool:
    return session.scalar(select(table.c.id).where(table.c.id == row_id, theirs(actor, table))) is not None
