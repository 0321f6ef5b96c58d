"""The second lock by itself: what PostgreSQL shows and takes when the application forgets to ask."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from sqlalchemy import Connection, create_engine, func, select, text
from sqlalchemy.exc import DBAPIError

from tests.conftest import make_firm
from tests.databases import PostgresSource
from vestry.all_models import metadata
from vestry.capital import service as capital
from vestry.core.actor import Actor
from vestry.core.db import Database
from vestry.funds import service as funds
from vestry.funds.models import Fund
from vestry.identity import service as identity
from vestry.identity.door import UNKNOWN
from vestry.identity.grants import Wanted
from vestry.investors import service as investors
from vestry.migrations import rls


@pytest.fixture(scope="module")
def database(postgres_source: PostgresSource) -> Iterator[Database]:
    url = postgres_source.new()
    opened = Database(url)
    yield opened
    opened.close()
    postgres_source.drop(url)


@pytest.fixture(scope="module")
def owner(database: Database) -> Iterator[Connection]:
    """A connection of the superuser, whom no row-level security stops."""
    engine = create_engine(database.url)
    with engine.connect() as connection:
        yield connection
    engine.dispose()


@pytest.fixture(scope="module")
def firms(database: Database) -> tuple[Actor, Actor]:
    """Two firms with a fund and an investor each."""
    made = []
    for name in ("North", "South"):
        actor = make_firm(database, name, "USD")
        with database.transaction(actor) as session:
            fund = funds.create_fund(session, actor, name=name, currency="USD", strategy="venture")
            investor = investors.create_investor(session, actor, name=f"{name} LP", kind="lp")
            terms = {"committed_on": session.info["now"].date(), "amount": 100}
            capital.record_commitment(
                session, actor, fund_id=fund.id, vehicle_id=None, currency=None, investor_id=investor.id, **terms
            )
        made.append(actor)
    return made[0], made[1]


def test_every_table_of_a_firm_forces_row_level_security_on_reads_and_writes(owner: Connection) -> None:
    wanted = {table.name for table in metadata.tables.values() if "firm_id" in table.c}
    forced = owner.execute(
        text(
            "SELECT relname, relrowsecurity AND relforcerowsecurity FROM pg_class "
            "WHERE relkind IN ('r', 'p') AND relnamespace = current_schema()::regnamespace"
        )
    ).all()
    assert wanted - {name for name, on in forced if on} == set()
    policies = owner.execute(
        text(
            "SELECT tablename, count(*), bool_and(qual IS NOT NULL AND with_check IS NOT NULL) "
            "FROM pg_policies GROUP BY 1"
        )
    ).all()
    assert {name for name, _, both in policies if both} == wanted
    assert all(count == 1 for _, count, _ in policies), "permissive policies add up: one for each table"


def test_the_role_of_the_application_owns_nothing_and_bypasses_nothing(database: Database, owner: Connection) -> None:
    with database.reading(UNKNOWN) as session:
        assert session.scalar(text("SELECT current_user")) == rls.ROLE
    role = owner.execute(
        text("SELECT rolsuper, rolbypassrls, rolcreaterole, rolcanlogin FROM pg_roles WHERE rolname = :name"),
        {"name": rls.ROLE},
    ).one()
    assert not any(role)
    owned = text("SELECT count(*) FROM pg_class c JOIN pg_roles r ON r.oid = c.relowner WHERE r.rolname = :name")
    assert owner.scalar(owned, {"name": rls.ROLE}) == 0


def test_every_view_asks_as_the_one_who_reads_it(owner: Connection) -> None:
    views = owner.execute(
        text(
            "SELECT relname FROM pg_class WHERE relkind IN ('v', 'm') "
            "AND relnamespace = current_schema()::regnamespace "
            "AND NOT coalesce(reloptions::text LIKE '%security_invoker=true%', false)"
        )
    ).all()
    assert views == []


def test_a_select_without_any_condition_shows_one_firm(database: Database, firms: tuple[Actor, Actor]) -> None:
    for actor, name in zip(firms, ("North", "South"), strict=True):
        with database.reading(actor) as session:
            assert session.scalars(select(Fund.name)).all() == [name]
    with database.reading(UNKNOWN) as session:
        assert session.scalars(select(Fund.name)).all() == []


def test_what_was_set_for_one_transaction_is_gone_in_the_next_of_the_same_connection(
    database: Database, firms: tuple[Actor, Actor]
) -> None:
    with database.reader.connect() as connection:
        for actor in firms:
            connection.execute(text(f"SELECT vestry_enter('job', {actor.firm_id}, NULL, NULL)"))
            assert connection.scalar(select(func.count()).select_from(Fund)) == 1
            connection.rollback()
            assert connection.scalar(select(func.count()).select_from(Fund)) == 0
            connection.rollback()


def test_a_row_of_another_firm_cannot_be_written_or_taken_over(database: Database, firms: tuple[Actor, Actor]) -> None:
    north, south = firms
    moves = (
        f"UPDATE fund SET firm_id = {south.firm_id}",
        f"INSERT INTO investor (firm_id, name, name_key, kind, version, created_at, updated_at) "
        f"VALUES ({south.firm_id}, 'x', 'x', 'lp', 1, now(), now())",
    )
    for move in moves:
        with pytest.raises(DBAPIError, match="row-level security"), database.transaction(north) as session:
            session.execute(text(move))
    with database.transaction(north) as session:
        done = session.execute(text("UPDATE fund SET name = 'mine' WHERE name = 'South'"))
        assert done.rowcount == 0  # type: ignore[attr-defined]


def test_the_grants_are_looked_up_by_the_database_itself(database: Database, firms: tuple[Actor, Actor]) -> None:
    north, _ = firms
    with database.transaction(north) as session:
        other = funds.create_fund(session, north, name="Other", currency="USD", strategy="venture")
        fund_id = other.id
        token, _ = identity.create_token(
            session, north, name="narrow", role="analyst", grants=[Wanted("fund", fund_id)]
        )
    # The scope given here says "everything": the application is taken to be wrong.
    from vestry.core.actor import WHOLE

    narrow = Actor("token", north.firm_id, "administrator", token_id=token.id, scope=WHOLE)
    with database.reading(narrow) as session:
        assert session.scalars(select(Fund.name)).all() == ["Other"]
    for stranger in (
        Actor("token", north.firm_id, "administrator", token_id=2**40, scope=WHOLE),
        Actor("user", north.firm_id, "administrator", scope=WHOLE),
    ):
        with database.reading(stranger) as session:
            assert session.scalars(select(Fund.name)).all() == []
