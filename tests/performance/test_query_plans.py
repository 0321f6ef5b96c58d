"""The hot questions reach their facts by an index: no table of facts is read whole for one fund or one page."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from decimal import Decimal
from typing import Any
from unittest.mock import patch

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import event, select

from vestry.all_models import FACTS
from vestry.core.actor import Actor
from vestry.core.db import Database, Reader
from vestry.core.statements import Bound
from vestry.demo import load_demo
from vestry.funds.models import Vehicle
from vestry.valuations.models import ReportedNav

API = "/api/v1"
FACT_TABLES = {fact.__table__.name for fact in FACTS}  # type: ignore[attr-defined]


@contextmanager
def heard(database: Database) -> Iterator[list[tuple[str, Any]]]:
    """The statements that readers run meanwhile, with their parameters."""
    statements: list[tuple[str, Any]] = []

    def note(_: Any, __: Any, statement: str, parameters: Any, *___: Any) -> None:
        if statement.lstrip().upper().startswith("SELECT"):
            statements.append((statement, parameters))

    def noted(reader: Reader, statement: Bound, provided: Bound | None = None) -> list[tuple[Any, ...]]:
        statements.extend((one.text, one.values) for one in (provided, statement) if one is not None)
        return run(reader, statement, provided)

    run = Reader.all
    event.listen(database.reader, "before_cursor_execute", note)
    with patch.object(Reader, "all", noted):
        yield statements
    event.remove(database.reader, "before_cursor_execute", note)


def read_whole(database: Database, statement: str, parameters: Any) -> list[str]:
    """The plan's steps that read a table of facts from end to end. Nothing is counted beforehand: of tables known to be
    as small as these, reading all would be right."""
    with database.as_owner() as connection:
        if database.is_sqlite:
            plan = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters)
            steps = [str(row[3]) for row in plan]
            names = {f"SCAN {name}" for name in FACT_TABLES}
            return [step for step in steps if step in names]
        connection.exec_driver_sql("SET LOCAL enable_seqscan = off")  # small tables: is there a way at all?
        plan = connection.exec_driver_sql(f"EXPLAIN {statement}", parameters)
        steps = [str(row[0]).strip().removeprefix("->").strip() for row in plan]
        names = {f"Seq Scan on {name}" for name in FACT_TABLES} | {f'Seq Scan on "{name}"' for name in FACT_TABLES}
        return [step for step in steps if any(step.startswith(name) for name in names)]


@pytest.fixture
def funded(database: Database, administrator: Actor) -> None:
    with database.transaction(administrator) as session:
        load_demo(session, administrator, funds_per_plan=1)
        session.add_all(
            ReportedNav(
                firm_id=administrator.firm_id, vehicle_id=vehicle, reported_on=date(2020, month, 1), amount=Decimal(1)
            )
            for vehicle in session.scalars(select(Vehicle.id))
            for month in range(1, 13)
        )  # the demo reports none, and of an empty table reading all is right


HOT = (
    "/funds/1/performance",
    "/funds/1/performance/series",
    "/performance/funds",
    "/performance/holdings?fund_id=1",
    "/transactions?limit=100",
    "/transactions?holding_id=1",
    "/capital-calls?fund_id=1",
    "/distributions?fund_id=1",
    "/commitments?fund_id=1",
)


@pytest.mark.usefixtures("funded")
def test_a_hot_question_reads_no_table_of_facts_whole(client: TestClient, database: Database) -> None:
    for path in HOT:
        client.get(API + path)
        with heard(database) as statements:
            assert client.get(API + path).status_code == 200
        assert len(statements) > 1, path
        found = {step for statement, parameters in statements for step in read_whole(database, statement, parameters)}
        assert found == set(), path


@pytest.mark.usefixtures("funded")
def test_a_table_that_is_read_whole_would_be_noticed(database: Database) -> None:
    parameters: Any = ()
    assert read_whole(database, "SELECT memo FROM vehicle_entry WHERE memo = 'x'", parameters)
