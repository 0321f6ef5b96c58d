"""Migrations run up and down on both databases, with rows in them, and agree with the models."""

from datetime import date
from decimal import Decimal

from sqlalchemy import inspect, text

from vestry.cohorts.payments import service as payments
from vestry.companies import service as companies
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


def test_payments_are_kept_when_their_table_is_parted_and_put_together(
    database: Database, administrator: Actor
) -> None:
    with database.transaction(administrator) as session:
        for name in ("North", "South"):
            company = companies.create_company(session, administrator, name=name, currency="EUR")
            for day in (1, 2):
                paid = {"payment_date": date(2024, 1, day), "amount": Decimal("9.99"), "reference_id": f"{name} {day}"}
                payments.record(session, administrator, company.id, customer_id="c", **paid)

    def kept() -> list[tuple[object, ...]]:
        with database.as_owner() as connection:
            return list(map(tuple, connection.execute(text("SELECT * FROM customer_payment ORDER BY company_id, id"))))

    before = kept()
    assert len(before) == 4
    revisions.downgrade(database.writer, "0030")
    assert kept() == before
    revisions.upgrade(database.writer)
    assert kept() == before
    revisions.check(database.writer)
    if not database.is_sqlite:
        with database.as_owner() as connection:
            parts = connection.scalar(text("SELECT count(*) FROM pg_class WHERE relispartition AND relkind = 'r'"))
            assert parts == 16
            one = connection.execute(text("EXPLAIN SELECT 1 FROM customer_payment WHERE company_id = 1")).all()
            assert sum("customer_payment_" in line for (line,) in one) <= 2, "one part is read"
        with database.reading(administrator) as session:
            for number in range(16):
                assert session.execute(text(f"SELECT 1 FROM customer_payment_{number:02}")).all() == []


def test_every_sqlite_table_is_strict(database: Database) -> None:
    if not database.is_sqlite:
        return
    with database.reader.connect() as connection:
        tables = connection.execute(text("SELECT name, sql FROM sqlite_master WHERE type = 'table'")).all()
    for name, sql in tables:
        assert name.startswith(("alembic_", "sqlite_")) or sql.rstrip().endswith("STRICT"), name
