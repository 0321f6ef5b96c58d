"""A flows file into the ledger: csv.DictReader + an ORM add loop against the importer, on both databases.

The peer reads the same file, checks nothing beyond parsing, and adds the same rows of the same tables in a session of
SQLAlchemy's own, so that it audits and derives nothing either. Both commit durably, as the same user, on databases of
their own that hold the same funds, and must leave equal totals. PostgreSQL's user is no superuser; the last row says
what the import takes where that user has no leave to check the keys of many rows together.
"""

from __future__ import annotations

import csv
import random
import tempfile
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

from sqlalchemy import func, select
from sqlalchemy.orm import Session
from tests.conftest import make_firm
from tests.databases import PlainPostgresSource, PostgresSource, SqliteSource

from bench import harness
from vestry import all_models
from vestry.capital.models import CapitalCall, CapitalCallLine, Distribution, DistributionLine
from vestry.core import clock
from vestry.core.actor import Actor
from vestry.core.db import Database, act_as
from vestry.core.types import exact_sum
from vestry.funds.models import Vehicle
from vestry.funds.service import create_fund
from vestry.imports import service
from vestry.investors.service import create_investor

ROWS = 100_000
FUNDS = 100
REACH = 20.0


def main() -> Iterator[harness.Row]:
    """One row per database: what ``vestry import flows`` does with a file."""
    assert all_models.metadata.tables
    with tempfile.TemporaryDirectory() as folder:
        content = _file()
        path = Path(folder) / "flows.csv"
        path.write_bytes(content)
        sqlite, postgres = SqliteSource(Path(folder)), PlainPostgresSource()
        name = f"import {ROWS:,} rows"
        try:
            ours, peer = _taken(sqlite, path, content)
            yield harness.row(f"{name}, SQLite", ours, peer, [], reach=REACH)
            postgres.check_together(may=True)
            ours, peer = _taken(postgres, path, content)
            yield harness.row(f"{name}, PostgreSQL", ours, peer, [], reach=REACH)
            postgres.check_together(may=False)
            ours, _ = _taken(postgres, path, content, with_peer=False)
            yield harness.row(f"{name}, PostgreSQL, keys checked row by row", ours, peer, [], reach=None)
        finally:
            sqlite.stop()
            postgres.stop()


def _taken(
    source: SqliteSource | PostgresSource, path: Path, content: bytes, *, with_peer: bool = True
) -> tuple[list[float], list[float]]:
    """Seconds of ours and of the peer."""
    totals = []
    ours, peer = [], []

    def timed(work: Callable[[Database, Actor], None]) -> float:
        database, actor = _prepared(source)
        taken = harness.seconds(lambda: work(database, actor))
        totals.append(_totals(database))
        _dropped(source, database)
        return taken

    for turn in range(5):
        ours.append(timed(lambda database, actor: _ours(database, actor, content)))
        if turn == 0 and with_peer:  # a peer of half a minute runs once
            peer.append(timed(lambda database, actor: _peer(database, actor, path)))
    if any(one != totals[0] for one in totals):
        raise SystemExit(f"the totals differ: {totals}")
    return ours, peer


def _file() -> bytes:
    chance = random.Random(20)
    kinds = ["contribution"] * 6 + ["distribution"] * 3 + ["adjustment"]
    rows = ["fund,date,kind,amount,recallable"]
    for _ in range(ROWS):
        day = date(1995, 1, 1) + timedelta(chance.randrange(10_000))
        amount = f"{chance.randrange(1, 10**9) / 100:.2f}"
        rows.append(f"Fund {chance.randrange(FUNDS)},{day},{chance.choice(kinds)},{amount},")
    return ("\n".join(rows) + "\n").encode()


def _prepared(source: SqliteSource | PostgresSource) -> tuple[Database, Actor]:
    database = Database(source.new())
    actor = make_firm(database, "Bench", "USD")
    with database.transaction(actor) as session:
        for number in range(FUNDS):
            create_fund(session, actor, books="elsewhere", name=f"Fund {number}", currency="USD", strategy="other")
        create_investor(session, actor, name="All investors", kind="all_investors", country=None, email=None)
    return database, actor


def _dropped(source: SqliteSource | PostgresSource, database: Database) -> None:
    url = database.url.render_as_string(hide_password=False)
    database.close()
    source.drop(url)


def _ours(database: Database, actor: Actor, content: bytes) -> None:
    service.forget_files()  # each run reads the file itself
    with database.transaction(actor) as session:
        batch = service.receive(session, actor, kind="flows", filename="flows.csv", content=content, keep=False)
        service.commit(session, actor, batch.id)


def _peer(database: Database, actor: Actor, path: Path) -> None:
    """The plain way: one object a row, added in a loop; the headers are flushed first, because lines need their ids.

    Its session is SQLAlchemy's own: nothing is audited, tallied or derived.
    """
    with Session(database.writer) as session, session.begin(), path.open(newline="") as file:
        act_as(session, actor)
        vehicles = dict(session.execute(select(Vehicle.name, Vehicle.id)).all())
        now = clock.now()
        pending = []
        for row in csv.DictReader(file):
            day, amount = date.fromisoformat(row["date"]), Decimal(row["amount"])
            vehicle_id = vehicles[row["fund"]]
            header: CapitalCall | Distribution
            if row["kind"] == "distribution":
                header = Distribution(kind="distribution", declared_on=day, due_on=day, vehicle_id=vehicle_id)
            else:
                kind = "call" if row["kind"] == "contribution" else "adjustment"
                header = CapitalCall(kind=kind, called_on=day, due_on=day, vehicle_id=vehicle_id)
            header.firm_id, header.recorded_at = actor.firm_id, now
            session.add(header)
            pending.append((header, amount, day))
        session.flush()
        for header, amount, day in pending:
            line = _line(header, amount, day, actor.firm_id)
            line.recorded_at = now
            session.add(line)


def _line(
    header: CapitalCall | Distribution, amount: Decimal, day: date, firm_id: int
) -> CapitalCallLine | DistributionLine:
    zero = Decimal(0)
    if isinstance(header, CapitalCall):
        return CapitalCallLine(
            firm_id=firm_id,
            capital_call_id=header.id,
            vehicle_id=header.vehicle_id,
            investor_id=1,
            due_on=day,
            paid_on=day,
            amount=amount,
            investments=amount,
            fees=zero,
            expenses=zero,
            outside_commitment=False,
        )
    return DistributionLine(
        firm_id=firm_id,
        distribution_id=header.id,
        vehicle_id=header.vehicle_id,
        investor_id=1,
        due_on=day,
        paid_on=day,
        amount=amount,
        return_of_capital=zero,
        gains=amount,
        income=zero,
        recallable=zero,
    )


def _totals(database: Database) -> list[tuple[int, Decimal]]:
    with database.as_owner() as session:
        return [
            (int(rows or 0), total)
            for line in (CapitalCallLine, DistributionLine)
            for rows, total in session.execute(select(func.count(), exact_sum(line.amount)))
        ]


if __name__ == "__main__":
    harness.main(main)
