"""A flows file into the ledger: csv.DictReader + an ORM add loop against the importer, on both databases.

The peer reads the same file, checks nothing beyond parsing, and adds the same rows of the same tables; both commit
durably, on databases of their own that hold the same funds. First 100,000 rows each way must leave equal totals.
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
from tests.databases import PostgresSource, SqliteSource

from bench import harness
from vestry import all_models
from vestry.capital.models import CapitalCall, CapitalCallLine, Distribution, DistributionLine
from vestry.core.actor import Actor
from vestry.core.db import Database
from vestry.core.types import exact_sum
from vestry.funds.models import Vehicle
from vestry.funds.service import create_fund
from vestry.imports import service
from vestry.investors.service import create_investor

ROWS = 100_000
FUNDS = 100
REACH = 20.0


def main() -> Iterator[harness.Row]:
    """One row per database."""
    assert all_models.metadata.tables
    with tempfile.TemporaryDirectory() as folder:
        content = _file()
        path = Path(folder) / "flows.csv"
        path.write_bytes(content)
        sources = {"SQLite": SqliteSource(Path(folder)), "PostgreSQL": PostgresSource()}
        try:
            for name, source in sources.items():
                yield _compared(name, source, path, content)
        finally:
            for source in sources.values():
                source.stop()


def _compared(name: str, source: SqliteSource | PostgresSource, path: Path, content: bytes) -> harness.Row:
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
        if turn == 0:  # a peer of half a minute runs once
            peer.append(timed(lambda database, actor: _peer(database, actor, path)))
    if any(one != totals[0] for one in totals):
        raise SystemExit(f"the totals differ on {name}: {totals}")
    return harness.row(f"import {ROWS:,} rows, {name}", ours, peer, [], reach=REACH)


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
        batch = service.receive(session, actor, kind="flows", filename="flows.csv", content=content)
        service.commit(session, actor, batch.id)


def _peer(database: Database, actor: Actor, path: Path) -> None:
    """The plain way: one object a row, added in a loop; the headers are flushed first, because lines need their ids."""
    with database.transaction(actor) as session, path.open(newline="") as file:
        vehicles = dict(session.execute(select(Vehicle.name, Vehicle.id)).all())
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
            header.firm_id = actor.firm_id
            session.add(header)
            pending.append((header, amount, day))
        session.flush()
        for header, amount, day in pending:
            session.add(_line(header, amount, day, actor.firm_id))


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
    with Session(database.reader) as session:
        return [
            (int(rows or 0), total)
            for line in (CapitalCallLine, DistributionLine)
            for rows, total in session.execute(select(func.count(), exact_sum(line.amount)))
        ]


if __name__ == "__main__":
    harness.main(main)
