"""A list of 100 joined rows over HTTP: our API against FastAPI with ORM entities and a response model.

Both applications are called in this process as ASGI applications (no server, no socket), so what is counted is the CPU
of this process per request, all threads, and on PostgreSQL that of the backends too (from /proc). Both read the same
rows of the same tables and indexes: one firm's transactions with their holding, investment and vehicle, and their
number. Only ours also signs the bearer token in on every request, checks the permission, and sets ids and headers.
"""

from __future__ import annotations

import asyncio
import gc
import os
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import orjson
from fastapi import FastAPI
from pydantic import BaseModel, ConfigDict
from sqlalchemy import Engine, create_engine, func, select
from sqlalchemy.orm import Session, joinedload, relationship

from bench import harness
from vestry import all_models
from vestry.api import create_app
from vestry.core.actor import Actor
from vestry.core.db import Database
from vestry.core.settings import Settings
from vestry.demo import load_demo
from vestry.funds.models import Vehicle
from vestry.identity import service as identity
from vestry.identity.door import UNKNOWN
from vestry.investments.models import Holding, Investment, Transaction
from vestry.migrations import revisions

LIMIT, REQUESTS = 100, 40
FIRM = 1
PATH = "/api/v1/transactions"
TICK = os.sysconf("SC_CLK_TCK")


class PeerRow(BaseModel):
    """What the peer answers: the same facts as our list's rows."""

    model_config = ConfigDict(from_attributes=True)
    id: int
    holding_id: int
    investment_id: int
    vehicle_id: int
    company_id: int
    kind: str
    transacted_on: date
    amount: Decimal
    quantity: Decimal | None
    ownership: Decimal | None
    disposed_share: Decimal | None
    into_holding_id: int | None
    memo: str | None
    currency: str
    version: int
    recorded_at: datetime


class PeerPage(BaseModel):
    """A page of them."""

    items: list[PeerRow]
    total: int


def peer_app(engine: Engine) -> FastAPI:
    """The usual way: entities with their relations loaded by a join, validated into the response model."""
    _relate()
    app = FastAPI()

    @app.get(PATH)
    def transactions(limit: int = LIMIT) -> PeerPage:
        with Session(engine) as session:
            live = (Transaction.firm_id == FIRM, Transaction.voided_at.is_(None))
            query = select(Transaction).where(*live)
            joined = joinedload(Transaction.holding).joinedload(Holding.investment)  # type: ignore[attr-defined]
            found = session.scalars(
                query.options(joined.joinedload(Investment.vehicle))  # type: ignore[attr-defined]
                .order_by(Transaction.transacted_on.desc(), Transaction.id)
                .limit(limit)
            ).all()
            total = session.scalar(select(func.count()).select_from(Transaction).where(*live))
            return PeerPage(items=[_peer_row(row) for row in found], total=total or 0)

    return app


def _relate() -> None:
    if not hasattr(Transaction, "holding"):
        Transaction.holding = relationship(Holding, foreign_keys=[Transaction.__table__.c.holding_id], viewonly=True)  # type: ignore[attr-defined]
        Holding.investment = relationship(Investment, viewonly=True)  # type: ignore[attr-defined]
        Investment.vehicle = relationship(Vehicle, viewonly=True)  # type: ignore[attr-defined]


def _peer_row(row: Any) -> PeerRow:
    investment = row.holding.investment
    return PeerRow(
        **{name: getattr(row, name) for name in PeerRow.model_fields if hasattr(row, name)},
        investment_id=investment.id,
        vehicle_id=investment.vehicle_id,
        company_id=investment.company_id,
        currency=investment.vehicle.currency,
    )


class Caller:
    """Calls an ASGI application in this process, again and again on one event loop."""

    def __init__(self, app: Any, headers: list[tuple[bytes, bytes]]) -> None:
        self.app, self.headers = app, headers

    async def get(self) -> bytes:
        """One answer's body; anything but 200 ends the bench."""
        body, status = b"", 0

        async def receive() -> dict[str, Any]:
            return {"type": "http.request", "body": b"", "more_body": False}

        async def send(message: dict[str, Any]) -> None:
            nonlocal body, status
            status = message.get("status", status)
            body += message.get("body", b"")

        scope = {
            "type": "http", "asgi": {"version": "3.0"}, "http_version": "1.1", "method": "GET", "scheme": "http",
            "path": PATH, "raw_path": PATH.encode(), "query_string": f"limit={LIMIT}".encode(), "root_path": "",
            "headers": [(b"host", b"localhost"), *self.headers], "server": ("localhost", 80),
            "client": ("127.0.0.1", 1), "state": {},
        }  # fmt: skip
        await self.app(scope, receive, send)
        if status != 200:
            raise SystemExit(f"{status}: {body[:500]!r}")
        return body


def cpu(database: Database) -> float:
    """CPU seconds so far of this process and, on PostgreSQL, of the backends of this database."""
    spent = time.process_time()
    return spent if database.is_sqlite else spent + sum(_ticks(pid) for pid in _backends(database)) / TICK


def _backends(database: Database) -> list[int]:
    with database.as_owner() as connection:
        rows = connection.exec_driver_sql(
            "SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
        return [int(row[0]) for row in rows]


def _ticks(pid: int) -> int:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return int(fields[11]) + int(fields[12])


def measured(database: Database, caller: Caller, requests: int) -> float:
    """CPU seconds per request."""

    async def run() -> None:
        for _ in range(requests):
            await caller.get()

    before = cpu(database)
    asyncio.run(run())
    return (cpu(database) - before) / requests


@contextmanager
def filled(url: str) -> Iterator[tuple[Database, str]]:
    """A database with demo funds (some thousand transactions), and a token."""
    assert all_models.metadata.tables
    database = Database(url)
    revisions.upgrade(database.writer)
    with database.transaction(UNKNOWN) as session:
        actor = Actor("cli", identity.create_firm(session, name="Bench", currency="USD").id, "administrator")
    with database.transaction(actor) as session:
        load_demo(session, actor, funds_per_plan=10)
        _, secret = identity.create_token(session, actor, name="bench", role="analyst")
    with database.as_owner() as connection:  # committed, or PostgreSQL plans without having counted
        connection.exec_driver_sql("ANALYZE")
    try:
        yield database, secret
    finally:
        database.close()


def row(name: str, url: str, reach: float) -> harness.Row:
    """CPU per request of both, after they were found to agree; limit: our query alone, by the driver."""
    with filled(url) as (database, secret), ExitStack() as stack:
        ours = Caller(create_app(Settings(environment="test", log_level="WARNING"), database), _bearer(secret))
        engine = create_engine(database.url)
        stack.callback(engine.dispose)
        peer = Caller(peer_app(database.reader if database.is_sqlite else engine), [])
        _agree(asyncio.run(ours.get()), asyncio.run(peer.get()))
        gc.collect()
        gc.freeze()  # what starting up has made is no request's to walk through, on either side
        series: tuple[list[float], list[float]] = ([], [])
        for _ in range(5):
            series[1].append(measured(database, peer, REQUESTS // 2))
            series[0].append(measured(database, ours, REQUESTS))
        return harness.row(name, *series, [_driver_alone(database)], reach=reach)


def _bearer(secret: str) -> list[tuple[bytes, bytes]]:
    return [(b"authorization", f"Bearer {secret}".encode())]


def _driver_alone(database: Database) -> float:
    statement = (
        "SELECT t.*, h.investment_id, i.vehicle_id, i.company_id, v.currency FROM \"transaction\" t "
        "JOIN holding h ON h.id = t.holding_id JOIN investment i ON i.id = h.investment_id "
        "JOIN vehicle v ON v.id = i.vehicle_id WHERE t.voided_at IS NULL AND t.firm_id = 1 "
        f"ORDER BY t.transacted_on DESC, t.id LIMIT {LIMIT}"
    )  # fmt: skip
    with database.as_owner() as connection:
        raw: Any = connection.connection.driver_connection

        def once() -> Any:
            return raw.execute(statement).fetchall()

        once()
        before = cpu(database)
        for _ in range(REQUESTS):
            once()
        return (cpu(database) - before) / REQUESTS


def _agree(ours: bytes, theirs: bytes) -> None:
    mine, wanted = orjson.loads(ours), orjson.loads(theirs)
    if mine["total"] != wanted["total"] or [_plain(one) for one in mine["items"]] != [
        _plain(one) for one in wanted["items"]
    ]:
        raise SystemExit(f"not the same: {mine['items'][0]} and {wanted['items'][0]}")


def _plain(one: dict[str, Any]) -> dict[str, Any]:
    exact = ("amount", "quantity", "ownership", "disposed_share")
    return (
        one
        | {name: one[name] and Decimal(one[name]) for name in exact}
        | {"recorded_at": datetime.fromisoformat(one["recorded_at"])}
    )


def rows() -> Iterator[harness.Row]:
    """SQLite, and PostgreSQL where the test suite finds a server."""
    with tempfile.TemporaryDirectory() as folder:
        name = f"list of {LIMIT} joined rows, CPU s per request, FastAPI + ORM entities + response_model"
        yield row(f"{name}, SQLite (limit: the query alone)", f"sqlite:///{folder}/lists.sqlite3", 10.0)
    yield from _postgres(f"{name}, PostgreSQL, both processes (limit: the query alone)")


def _postgres(name: str) -> Iterator[harness.Row]:
    from tests.databases import PostgresSource

    source = PostgresSource()
    try:
        url = source.new()
        yield row(name, url, 5.0)
    finally:
        source.stop()


if __name__ == "__main__":
    harness.main(rows)
