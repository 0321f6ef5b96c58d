"""Migrations run up and down on both databases, with rows in them, and agree with the models."""

from sqlalchemy import inspect, text

from vestry.core.actor import Actor
from vestry.core.db import Database
from vestry.funds import service as funds
from vestry.migrations import revisions


def test_the_models_and_the_migrated_tables_agree(database: Database) -> None:
    revisions.check(database.writer)


def test_down_and_up_again_with_rows_in_the_tables(database: Database, administrator: Actor) -> None:
    with database.transaction(administrator) as session:
        funds.create_fund(session, administrator, name="North", currency="EUR", strategy="venture")
    revisions.downgrade(database.writer, "base")
    assert inspect(database.writer).get_table_names() == ["alembic_version"]
    revisions.upgrade(database.writer)
    revisions.check(database.writer)
    with database.writer.connect() as connection:
        assert connection.execute(text("SELECT count(*) FROM fund")).scalar() == 0


def test_every_sqlite_table_is_strict(database: Database) -> None:
    if not database.is_sqlite:
        return
    with database.reader.connect() as connection:
        tables = connection.execute(text("SELECT name, sql FROM sqlite_master WHERE type = 'table'")).all()
    for name, sql in tables:
        assert name.startswith(("alembic_", "sqlite_")) or sql.rstrip().endswith("STRICT"), name
