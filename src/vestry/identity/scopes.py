"""How far somebody sees: their grants, read with who they are, and the vehicles these lead to.

Nothing is kept between requests, so a right that is taken back is refused on the next one.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Any

from sqlalchemy import ScalarSelect, Select, String, cast, column, func, or_, select, table
from sqlalchemy.orm import Session

from vestry.core.actor import NOTHING, WHOLE, Actor, ActorKind, Scope
from vestry.core.db import Reader, act_as
from vestry.identity.models import ApiToken, Grant, User
from vestry.identity.policy import GRANTS, group

# The tables of other folders that grants lead through, by the columns they lead by.
_VEHICLE = table("vehicle", *map(column, ("id", "firm_id", "fund_id", "kind")))
_LINES = tuple(
    table(name, *map(column, ("firm_id", "vehicle_id", "investor_id", "voided_at")))
    for name in ("commitment", "capital_call_line", "distribution_line", "reported_nav")
)
_OPENS_MANAGED_ACCOUNTS = ("advisor", "client")


def held(holder: type[User] | type[ApiToken]) -> ScalarSelect[str | None]:
    """The live grants of each user or token of a query, as ``fund:12,company:3``, to be selected with them."""
    mine = Grant.user_id if holder is User else Grant.token_id
    one = Grant.scope_kind + ":" + cast(Grant.scope_id, String)
    return (
        select(func.string_agg(one, ","))
        .where(mine == holder.id, Grant.firm_id == holder.firm_id, Grant.revoked_at.is_(None))
        .correlate(holder)
        .scalar_subquery()
    )


def scope_of(
    session: Session | Reader,
    firm_id: int,
    role: str,
    grants: str | None,
    *,
    user_id: int | None = None,
    token_id: int | None = None,
) -> Scope:
    """The scope that a role's live grants (as :func:`held` gives them) lead to; administrators see the whole firm."""
    if role == "administrator":
        return WHOLE
    pairs = [one.split(":") for one in (grants or "").split(",") if one]
    acting: Actor = session.acting if isinstance(session, Reader) else session.info["actor"]
    if acting.firm_id == 0:  # at the door one cannot see where grants lead
        holder: ActorKind = "user" if user_id else "token"
        act_as(session, Actor(holder, firm_id, role, user_id=user_id, token_id=token_id))
    return resolve(session, firm_id, role, [(kind, int(scope_id)) for kind, scope_id in pairs], user_id=user_id)


def resolve(
    session: Session | Reader, firm_id: int, role: str, grants: Iterable[tuple[str, int]], *, user_id: int | None = None
) -> Scope:
    """The scope of (kind, id) grants; a grant that opens nothing to the role counts for nothing."""
    who = group(role)
    opened: dict[str, set[int]] = {}
    for kind, scope_id in grants:
        if (kind, who) in GRANTS:
            opened.setdefault(kind, set()).add(scope_id)
    if "firm" in opened:
        return WHOLE
    funds, vehicles, investors = (opened.get(kind, set()) for kind in ("fund", "vehicle", "investor"))
    if not opened:
        return Scope(user_id=user_id) if user_id else NOTHING
    staff = who == "staff"
    found = _vehicles(session, firm_id, funds, vehicles, set() if staff else investors)
    books = {id_ for id_, kind in found if staff or _is_theirs(role, id_, kind, vehicles)}
    companies = frozenset(opened.get("company", ()))
    return Scope(
        funds=frozenset(funds) if staff else frozenset(),
        vehicles=frozenset(books),
        published=frozenset(id_ for id_, _ in found),
        companies=companies,
        marked=companies if staff else frozenset(),
        investors=frozenset(investors),
        user_id=user_id,
    )


def _is_theirs(role: str, vehicle_id: int, kind: str, granted: Collection[int]) -> bool:
    """A managed account is kept for one client, so whoever it is granted to sees its books."""
    return role in _OPENS_MANAGED_ACCOUNTS and kind == "managed_account" and vehicle_id in granted


def _vehicles(
    session: Session | Reader,
    firm_id: int,
    funds: Collection[int],
    vehicles: Collection[int],
    investors: Collection[int],
) -> list[tuple[int, str]]:
    """The vehicles (id, kind) granted, those of the funds granted, and those the investors take part in."""
    ways = [_VEHICLE.c.id.in_(vehicles), _VEHICLE.c.fund_id.in_(funds)]
    ways += [_VEHICLE.c.id.in_(_taken_part(line, firm_id, investors)) for line in _LINES] if investors else []
    if not (funds or vehicles or investors):
        return []
    found = select(_VEHICLE.c.id, _VEHICLE.c.kind).where(_VEHICLE.c.firm_id == firm_id, or_(*ways))
    return [(row[0], row[1]) for row in session.execute(found)]


def _taken_part(line: Any, firm_id: int, investors: Collection[int]) -> Select[Any]:
    return select(line.c.vehicle_id).where(
        line.c.firm_id == firm_id, line.c.investor_id.in_(investors), line.c.voided_at.is_(None)
    )
