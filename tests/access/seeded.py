"""Bugs as people make them, planted one at a time: the matrix must find each.

By hand: ``python -m tests.access.seeded`` (the application's, on SQLite) and ``--postgres`` (those of row-level
security, with the application's lock off). Each is asked for until the first cell that is wrong.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import replace
from typing import Any
from unittest import mock

from sqlalchemy import bindparam, create_engine, func, or_, select, true

from tests.access.locks import application_off, opened
from tests.access.mutations import ALL, first_red, shuffled
from tests.access.world import World
from vestry.core.actor import NOTHING, WHOLE, Actor, Scope
from vestry.core.errors import Forbidden
from vestry.core.listing import Listing
from vestry.core.model import Kept
from vestry.identity import access, door, hidden, policy, queries, reach, scopes
from vestry.identity.known import SignIn
from vestry.identity.models import ApiToken, Grant
from vestry.migrations import rls, rls_rows

Bug = Callable[[], AbstractContextManager[Any]]
BUGS: dict[str, Bug] = {}
ROW_BUGS: dict[str, tuple[str, str]] = {}  # name → table, and the condition it has by mistake


def everywhere(module: Any, name: str, by: Any) -> AbstractContextManager[Any]:
    """Another thing by that name, also where it was imported by name."""
    found = getattr(module, name)
    patches = ExitStack()
    for one in [one for key, one in list(sys.modules.items()) if key.startswith("vestry.")]:
        if getattr(one, name, None) is found:
            patches.enter_context(mock.patch.object(one, name, by))
    return patches


def bug(name: str) -> Callable[[Bug], Bug]:
    """Registers it under what was done wrong."""

    def keep(planted: Bug) -> Bug:
        BUGS[name] = planted
        return planted

    return keep


def _way(table: str, *ways: reach.Way) -> Bug:
    return lambda: mock.patch.dict(reach.WAYS, {table: (*reach.WAYS[table], *ways)})


@bug("no operation asks what the role may do")
def _() -> AbstractContextManager[Any]:
    return everywhere(access, "require", lambda *_: None)


@bug("who sees a part of the firm may do what takes all of it")
def _() -> AbstractContextManager[Any]:
    return everywhere(policy, "needs_firm", lambda _: False)


@bug("an unknown combination is allowed to everybody who works for the firm")
def _() -> AbstractContextManager[Any]:
    proper = policy.allows
    return everywhere(policy, "allows", lambda role, operation: role in policy.STAFF or proper(role, operation))


@bug("the firm is forgotten for those who see all of theirs")
def _() -> AbstractContextManager[Any]:
    return everywhere(access, "of_firm", lambda *_: true())


@bug("no grants are taken for all grants")
def _() -> AbstractContextManager[Any]:
    return _scope(lambda scope: WHOLE if scope == NOTHING else scope)


@bug("a grant on a vehicle opens the fund's other vehicles to change")
def _() -> AbstractContextManager[Any]:
    return _scope(lambda scope: replace(scope, funds=scope.vehicles))


@bug("what is published of a vehicle opens its books")
def _() -> AbstractContextManager[Any]:
    return _scope(lambda scope: replace(scope, vehicles=scope.published))


def _scope(change: Callable[[Scope], Scope]) -> AbstractContextManager[Any]:
    proper = scopes.resolve
    return everywhere(scopes, "resolve", lambda *given, **more: change(proper(*given, **more)))


@bug("those who take part are taken for staff")
def _() -> AbstractContextManager[Any]:
    return everywhere(policy, "group", lambda _: "staff")


def _token(*kept: str) -> AbstractContextManager[Any]:
    """The question who a token is, with some of its conditions only."""
    conditions = {
        "revoked": ApiToken.revoked_at.is_(None),
        "expired": or_(ApiToken.expires_at.is_(None), ApiToken.expires_at > bindparam("now")),
    }
    grants = (scopes.held(ApiToken) if "grants" in kept else _all_grants()).label("grants")
    query = select(ApiToken.id, ApiToken.firm_id, ApiToken.role, ApiToken.name, grants, ApiToken.networks).where(
        ApiToken.secret_hash == bindparam("secret_hash"), *(conditions[name] for name in kept if name in conditions)
    )
    return mock.patch.object(queries, "_TOKEN", SignIn(query))


def _all_grants() -> Any:
    one = Grant.scope_kind + ":" + func.cast(Grant.scope_id, ApiToken.name.type)
    return select(func.string_agg(one, ",")).where(Grant.token_id == ApiToken.id).correlate(ApiToken).scalar_subquery()


@bug("a revoked token goes on")
def _() -> AbstractContextManager[Any]:
    return _token("expired", "grants")


@bug("an expired token goes on")
def _() -> AbstractContextManager[Any]:
    return _token("revoked", "grants")


@bug("what was taken back is shown")
def _() -> AbstractContextManager[Any]:
    def visible(actor: Actor, model: Any, *, to_change: bool = False) -> Any:
        query = select(model).where(access.theirs(actor, model, to_change=to_change))
        return query.where(model.archived_at.is_(None)) if issubclass(model, Kept) else query

    return everywhere(access, "visible", visible)


@bug("seeing a record is taken for a right to change it")
def _() -> AbstractContextManager[Any]:
    return mock.patch.dict(reach.CHANGED_BY, clear=True)


@bug("a foreign record is refused by name instead of being not there")
def _() -> AbstractContextManager[Any]:
    proper = access.find

    def find(session: Any, actor: Any, model: Any, row_id: int, **more: Any) -> Any:
        if session.scalar(select(model.id).where(model.id == row_id, model.firm_id != actor.firm_id)):
            raise Forbidden("This belongs to another firm.")
        return proper(session, actor, model, row_id, **more)

    return everywhere(access, "find", find)


@bug("a list counts what it does not show")
def _() -> AbstractContextManager[Any]:
    def counted(self: Listing) -> Any:
        return select(func.count()).select_from(self.key.table)  # type: ignore[attr-defined]

    return mock.patch.object(Listing, "counted", counted)


@bug("a prepared list is shared by all who ask for it")
def _() -> AbstractContextManager[Any]:
    return mock.patch.object(door, "READY", _Shared())


class _Shared(dict[Any, Any]):
    def get(self, key: Any, default: Any = None) -> Any:
        return super().get(key[:3], default)

    def __setitem__(self, key: Any, value: Any) -> None:
        super().__setitem__(key[:3], value)


@bug("lists forget the fields a role does not see")
def _() -> AbstractContextManager[Any]:
    return everywhere(hidden, "hiding", lambda *_: None)


@bug("single records forget the fields a role does not see")
def _() -> AbstractContextManager[Any]:
    return everywhere(access, "without_hidden", lambda _actor, _record, row: row)


_PUBLISHED = reach.in_set("vehicle_id", "published")
for _name, _table, _ways in (
    ("an investor sees the commitments of the others in the vehicle", "commitment", (_PUBLISHED,)),
    ("an investor sees who else is in the vehicle", "investor", (reach.has("commitment", "investor_id", _PUBLISHED),)),
    ("an investor sees the vehicle's own entries", "vehicle_entry", (_PUBLISHED,)),
    ("whoever is told of a vehicle sees all its deals", "investment", (_PUBLISHED,)),
    ("whoever is granted a company sees every deal in it", "investment", (reach.in_set("company_id", "companies"),)),
    ("an investor sees the NAV reported to each other one", "reported_nav", (_PUBLISHED,)),
    ("every contact sees every company of the firm", "company", (ALL,)),
):
    BUGS[_name] = _way(_table, *_ways)

_NOBODY_ASKS = "(SELECT vestry_id('firm')) IS NOT NULL"
ROW_BUGS |= {
    "the rows of investors are the whole firm's": ("investor", "firm_id = (SELECT vestry_id('firm'))"),
    "the rows of commitments are the whole firm's": ("commitment", "firm_id = (SELECT vestry_id('firm'))"),
    "the rows of funds know no firm": ("fund", _NOBODY_ASKS),
    "the rows of companies know no firm": ("company", _NOBODY_ASKS),
    "the rows of reported NAVs are told to whoever is told of the vehicle": (
        "reported_nav",
        f"firm_id = (SELECT vestry_id('firm')) AND ((SELECT vestry_is('whole')) OR {rls_rows.ROWS['reported_nav']} "
        "OR vehicle_id = ANY ((SELECT vestry_ids('published'))::bigint[]))",
    ),
}


@contextmanager
def _rows(world: World, table: str, condition: str) -> Iterator[None]:
    """Row-level security of a table with another condition, and the application's lock off."""
    owner = create_engine(world.database.url)
    with owner.begin() as connection:
        asked = f"SELECT qual FROM pg_policies WHERE tablename = '{table}'"
        proper = connection.exec_driver_sql(asked).scalar_one()
        connection.exec_driver_sql(f"ALTER POLICY {rls.POLICY} ON {table} USING ({condition})")
    with application_off():
        yield
    with owner.begin() as connection:
        connection.exec_driver_sql(f"ALTER POLICY {rls.POLICY} ON {table} USING ({proper})")
    owner.dispose()


def main() -> int:
    """1 if a bug is not found."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--postgres", action="store_true")
    chosen = parser.parse_args()
    missed = []
    with opened(postgres=chosen.postgres) as world:
        known = shuffled(world, chosen.seed)
        planted: dict[str, Callable[[], AbstractContextManager[Any]]] = BUGS
        if chosen.postgres:
            planted = {
                name: lambda table=table, condition=condition: _rows(world, table, condition)  # type: ignore[misc]
                for name, (table, condition) in ROW_BUGS.items()
            }
        for name, plant in planted.items():
            fault = first_red(world, known, plant(), strict=not chosen.postgres)
            print(f"{'found' if fault else 'NOT FOUND'}: {name}: {fault[:140]}", flush=True)
            missed += [] if fault else [name]
    print(f"seed {chosen.seed}: {len(planted)} bugs, {len(planted) - len(missed)} found, missed {missed}")
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
