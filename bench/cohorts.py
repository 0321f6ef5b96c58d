"""Cohort financing: the answer of ``cashflows``, and files of payments on their way in.

The peer of an answer is how such an engine is written first: every payment loaded as an entity, Decimal in loops, one
``npf.irr`` a cohort, a response model. Both must agree on every payment, share and collection before anything is timed.
Both are asked for twice over: unchanged books, whose answer is kept and given again, and the first asking after a
change of terms, which is computed anew (its name says which; sums of payments that no act changed are not read again).
The peer keeps nothing, and computes each time.
The peer of an upload is ``csv.DictReader`` and ``session.add`` in a loop; the limit is the server's own COPY of a file
that was prepared for it. Ours is asked through the application, with sign-in, and uploads are audited.

``VESTRY_BENCH_PAYMENTS`` scales the sizes down on a busy machine; the rows' names say what was measured.
"""

from __future__ import annotations

import asyncio
import csv
import gc
import itertools
import os
import statistics
import tempfile
import threading
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np
import numpy_financial as npf
import orjson
import polars as pl
from pydantic import BaseModel
from sqlalchemy import Date, Numeric, create_engine, select
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column
from tests.conftest import make_firm
from tests.databases import PostgresSource, SqliteSource

from bench import harness
from bench.lists import Caller
from vestry.api import create_app
from vestry.cohorts import facts
from vestry.cohorts.spends.service import SPEND
from vestry.cohorts.terms import service as terms
from vestry.cohorts.thresholds.service import THRESHOLD
from vestry.cohorts.uploads import service as uploads
from vestry.companies.service import create_company
from vestry.core.actor import Actor
from vestry.core.db import Database
from vestry.core.settings import Settings
from vestry.identity import service as identity

LARGEST = int(os.environ.get("VESTRY_BENCH_PAYMENTS", "10000000"))
MANY, SMALL, LOADED = min(1_000_000, LARGEST), 10_000, 20_000
SPEND_EACH, SHARING, CAP, MINIMUM = Decimal(50_000), Decimal("0.5"), Decimal(120_000), Decimal("0.02")
LAST = 2024 * 12 + 5  # June 2024
ROUNDS, WARM = 30, 5
CENT = Decimal("0.01")


def rows() -> Iterator[harness.Row]:
    """All of it, SQLite first."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        sqlite, postgres = SqliteSource(folder), PostgresSource()
        try:
            yield from _answers(sqlite, folder)
            yield from _uploads(sqlite, postgres, folder)
            yield _memory(sqlite, folder)
        finally:
            sqlite.stop()
            postgres.stop()


# --- data ---


def payments_file(folder: Path, count: int, cohorts: int) -> Path:
    """A CSV file of so many payments in chronological order; each cohort pays for up to 36 months, ever less."""
    path = folder / f"payments-{count}-{cohorts}.csv"
    if path.exists():
        return path
    chance = np.random.default_rng(count + cohorts)
    first = LAST - cohorts
    cells = [(first + c, k) for c in range(cohorts) for k in range(min(36, LAST - first - c + 1))]
    weights = np.array([np.exp(-0.05 * k) for _, k in cells])
    counts = np.maximum(1, np.round(weights / weights.sum() * count).astype(int))
    while over := counts.sum() - count:
        counts[np.argmax(counts)] -= np.clip(over, -1_000_000_000, counts.max() - 1)
    cohort = np.repeat([c for c, _ in cells], counts)
    month = cohort + np.repeat([k for _, k in cells], counts)
    order = np.argsort(month, kind="stable")
    cohort, month = cohort[order], month[order]
    days = (month - 1970 * 12).astype("datetime64[M]").astype("datetime64[D]")
    days = days + chance.integers(0, 28, count).astype("timedelta64[D]")
    customer = chance.integers(0, max(20, count // cohorts // 200), count)
    # The first payments of a customer must lie in the cohort's own month for the peer, which is told the cohort.
    amount = np.round(chance.lognormal(4, 0.8, count) * 100) / 100
    frame = pl.DataFrame({"cohort": cohort, "month": month, "n": customer, "payment_date": days, "amount": amount})
    late = frame.join(
        frame.filter(pl.col("cohort") == pl.col("month")).select("cohort", "n").unique(),
        on=["cohort", "n"],
        how="left",
        coalesce=False,
        suffix="_there",
        maintain_order="left",
    )
    there = pl.when(pl.col("n_there").is_null()).then(pl.lit(None)).otherwise(pl.col("n"))
    known = frame.filter(pl.col("cohort") == pl.col("month")).group_by("cohort").agg(pl.col("n").first().alias("some"))
    named = late.join(known, on="cohort", maintain_order="left").with_columns(pl.coalesce(there, "some").alias("n"))
    named.select(pl.format("cus_{}_{}", "cohort", "n").alias("customer_id"), "payment_date", "amount").write_csv(
        path, float_precision=2
    )
    return path


def filled(source: SqliteSource | PostgresSource, path: Path, cohorts: int) -> tuple[Database, Actor, int]:
    """A database with a company, its payments and terms."""
    database, actor, company_id = prepared(source)
    upload(database, actor, company_id, path)
    with database.transaction(actor) as session:
        for month in range(LAST - cohorts, LAST + 1):
            at = date(month // 12, month % 12 + 1, 1)
            facts.record(session, actor, SPEND, company_id, {"cohort_month": at, "spend": SPEND_EACH})
            given: dict[str, Any] = dict.fromkeys(("planned_spend", "target_irr", "fund_id", "vehicle_id"))
            given |= {"cohort_month": at, "sharing_percentage": SHARING, "cash_cap": CAP}
            terms.agree(session, actor, company_id, **given)
        for period in range(12):
            least = {"payment_period_month": period, "minimum_payment_percent": MINIMUM}
            facts.record(session, actor, THRESHOLD, company_id, least)
    return database, actor, company_id


def prepared(source: SqliteSource | PostgresSource) -> tuple[Database, Actor, int]:
    """A database with a company and nothing about it."""
    database = Database(source.new())
    actor = make_firm(database, "Bench", "USD")
    with database.transaction(actor) as session:
        company_id = create_company(session, actor, name="Company", currency="USD").id
    return database, actor, company_id


def upload(database: Database, actor: Actor, company_id: int, path: Path) -> None:
    """The file into the books, as the route does it."""
    with database.transaction(actor) as session, path.open("rb") as file:
        uploads.upload(session, actor, company_id, file, path.name)


# --- answers ---


class Asker(Caller):
    """Asks for the cash flows of a company, signed in."""

    def __init__(self, database: Database, actor: Actor, company_id: int) -> None:
        with database.transaction(actor) as session:
            _, secret = identity.create_token(session, actor, name="bench", role="analyst")
        app = create_app(Settings(environment="test", log_level="ERROR"), database)
        super().__init__(app, [(b"authorization", f"Bearer {secret}".encode())])
        self.path = f"/api/v1/companies/{company_id}/cashflows"

    async def get(self) -> bytes:
        """One answer's body."""
        body, status = b"", 0

        async def receive() -> dict[str, Any]:
            return {"type": "http.request", "body": b"", "more_body": False}

        async def send(message: dict[str, Any]) -> None:
            nonlocal body, status
            status = message.get("status", status)
            body += message.get("body", b"")

        scope = {
            "type": "http", "asgi": {"version": "3.0"}, "http_version": "1.1", "method": "GET", "scheme": "http",
            "path": self.path, "raw_path": self.path.encode(), "query_string": b"", "root_path": "",
            "headers": [(b"host", b"localhost"), *self.headers], "server": ("localhost", 80),
            "client": ("127.0.0.1", 1), "state": {},
        }  # fmt: skip
        await self.app(scope, receive, send)
        if status != 200:
            raise SystemExit(f"{status}: {body[:500]!r}")
        return body

    def timed(self, rounds: int, before: Callable[[], None] = lambda: None) -> tuple[bytes, list[float]]:
        """The answer, and the seconds of each of so many after a warm-up; ``before`` each of them, untimed."""

        async def run() -> tuple[bytes, list[float]]:
            body, taken = b"", []
            for _ in range(WARM):
                before()
                body = await self.get()
            for _ in range(rounds):
                before()
                started = time.perf_counter()
                await self.get()
                taken.append(time.perf_counter() - started)
            return body, taken

        return asyncio.run(run())


def changing(database: Database, actor: Actor, company_id: int) -> Callable[[], None]:
    """Corrects the spend of the newest cohort, there and back, as another process would."""
    with database.reading(actor) as session:
        newest = facts.listing(session, actor, SPEND, company_id, "-cohort_month")
        month = date(LAST // 12, LAST % 12 + 1, 1)
        [fact_id] = [row["id"] for row in session.execute(newest.rows).mappings() if row["cohort_month"] == month]
    spends = itertools.cycle((SPEND_EACH + 1, SPEND_EACH))

    def change() -> None:
        with database.transaction(actor) as session:
            given = {"cohort_month": month, "spend": next(spends)}
            facts.replace(session, actor, SPEND, company_id, fact_id, None, given)

    return change


KEPT, ANEW = "unchanged books (kept answer)", "first asking after a change (computed)"


def _answers(source: SqliteSource, folder: Path) -> Iterator[harness.Row]:
    for count, cohorts, reach in ((MANY, 60, 3_000.0), (SMALL, 24, 60.0)):
        database, actor, company_id = filled(source, payments_file(folder, count, cohorts), cohorts)
        asker = Asker(database, actor, company_id)
        body, kept = asker.timed(ROUNDS)
        _, anew = asker.timed(ROUNDS + 1, changing(database, actor, company_id))
        body_again, _ = asker.timed(1)
        engine = _peer_database(folder, payments_file(folder, count, cohorts))
        began = time.perf_counter()
        answer = _peer_answer(engine, cohorts)
        peer = [time.perf_counter() - began]
        engine.dispose()
        for one in (body, body_again):
            _refuse_disagreement(one, answer)
        name = f"cashflows over ASGI, {count:,} payments × {cohorts} cohorts, SQLite"
        for said, taken in ((KEPT, kept), (ANEW, anew)):
            yield harness.row(f"{name}: {said}", taken, peer, [], reach=reach)
        database.close()
        gc.collect()
    yield from _flatness(source, folder)


def _flatness(source: SqliteSource, folder: Path) -> Iterator[harness.Row]:
    """What many payments cost an answer of the same cohorts and months: both pay in every month of 60 cohorts, so that
    the answers differ in their digits alone."""
    books = [filled(source, payments_file(folder, count, 60), 60) for count in (LARGEST, SMALL)]
    askers = [(Asker(*one), changing(*one)) for one in books]
    for said in (KEPT, ANEW):
        many, few = map(statistics.median, asyncio.run(_in_turn(askers, changed=said is ANEW)))
        name = f"p50 at {LARGEST:,} payments ÷ p50 at {SMALL:,}: {said}"
        yield harness.Row(name, many, few, None, many / few, 1.3, many / few <= 1.3)
    for database, _, _ in books:
        database.close()
    gc.collect()


async def _in_turn(askers: list[tuple[Asker, Callable[[], None]]], *, changed: bool) -> list[list[float]]:
    """The seconds of each, one asked after the other, so that the machine's mood is the same for both."""
    taken: list[list[float]] = [[] for _ in askers]
    for turn in range(WARM + ROUNDS):
        for one, (asker, change) in zip(taken, askers, strict=True):
            if changed:
                change()
            started = time.perf_counter()
            await asker.get()
            if turn >= WARM:
                one.append(time.perf_counter() - started)
    return taken


def _refuse_disagreement(ours: bytes, peer: bytes) -> None:
    """Every payment, share and collection must be the same."""

    def told(body: bytes) -> list[Any]:
        cohorts = orjson.loads(body)
        cohorts = cohorts["cohorts"] if isinstance(cohorts, dict) else cohorts
        return [
            (
                one["cohort_month"],
                [
                    (
                        Decimal(str(period["payment"])).quantize(CENT),
                        Decimal(str(period["collected"])).quantize(CENT),
                        Decimal(str(period["share_applied"])),
                        period["threshold_failed"],
                    )
                    for period in one["periods"]
                ],
            )
            for one in cohorts
        ]

    mine, theirs = told(ours), told(peer)
    if mine != theirs:
        where = next((a[0] for a, b in zip(mine, theirs, strict=False) if a != b), "the number of cohorts")
        raise SystemExit(f"ours and the peer disagree at {where}")


class _Base(DeclarativeBase):
    pass


class _Payment(_Base):
    __tablename__ = "payments"
    id: Mapped[int] = mapped_column(primary_key=True)
    company_id: Mapped[int]
    customer_id: Mapped[str]
    payment_date: Mapped[date] = mapped_column(Date)
    cohort_month: Mapped[date] = mapped_column(Date)
    amount: Mapped[Decimal] = mapped_column(Numeric(15, 2))


_Payment.__table__.dialect_options["sqlite"]["strict"] = False  # type: ignore[attr-defined]


class _Period(BaseModel):
    period: int
    month: date
    payment: float
    cumulative_payment: float
    threshold_failed: bool
    share_applied: float
    collected: float
    cumulative_collected: float
    capped: bool
    predicted: bool


class _Cohort(BaseModel):
    cohort_month: date
    spend: float
    cumulative_payment: float
    cumulative_collected: float
    annual_irr: float | None
    periods: list[_Period]


def _peer_database(folder: Path, path: Path) -> Any:
    """The same payments as plain rows, loaded fast: the load is not what is compared here."""
    url = f"sqlite:///{folder}/peer.sqlite3"
    (folder / "peer.sqlite3").unlink(missing_ok=True)
    engine = create_engine(url)
    _Base.metadata.create_all(engine)
    frame = pl.read_csv(path, infer_schema=False)
    cohort = pl.col("customer_id").str.split("_").list.get(1).cast(pl.Int64)
    month = pl.date(cohort // 12, cohort % 12 + 1, 1).dt.to_string("%Y-%m-%d")
    frame = frame.with_columns(month.alias("cohort_month"))
    raw = engine.raw_connection()
    raw.cursor().executemany(
        "INSERT INTO payments (company_id, customer_id, payment_date, amount, cohort_month) VALUES (1, ?, ?, ?, ?)",
        frame.iter_rows(),
    )
    raw.commit()
    raw.close()
    return engine


def _peer_answer(engine: Any, cohorts: int) -> bytes:
    """Load all rows, add up in loops, one cohort after the other, and write the answer through a model."""
    with Session(engine) as session:
        found = session.scalars(select(_Payment).where(_Payment.company_id == 1).order_by(_Payment.payment_date)).all()
        months: dict[date, list[_Payment]] = {}
        for month in range(LAST - cohorts, LAST + 1):
            months[date(month // 12, month % 12 + 1, 1)] = []
        for payment in found:
            months[payment.cohort_month].append(payment)
        made = [_peer_cohort(month, paid) for month, paid in months.items()]
    return orjson.dumps([one.model_dump(mode="json") for one in made])


def _peer_cohort(cohort_month: date, payments: list[_Payment]) -> _Cohort:
    by_month: dict[date, list[_Payment]] = defaultdict(list)
    for payment in payments:
        by_month[payment.payment_date.replace(day=1)].append(payment)
    paid, collected, earned, flows, periods = Decimal(0), Decimal(0), Decimal(0), [-float(SHARING * SPEND_EACH)], []
    last = max(by_month, default=None)
    count = 0 if last is None else (last.year - cohort_month.year) * 12 + last.month - cohort_month.month + 1
    for period in range(count):
        index = cohort_month.year * 12 + cohort_month.month - 1 + period
        month = date(index // 12, index % 12 + 1, 1)
        amount = sum((payment.amount for payment in by_month.get(month, [])), Decimal(0))
        failed = period < 12 and amount / SPEND_EACH < MINIMUM
        share = Decimal(1) if failed else SHARING
        paid, earned = paid + amount, earned + share * amount
        now = min(max(earned.quantize(Decimal("0.01"), "ROUND_HALF_UP"), Decimal(0)), CAP)
        flows.append(float(now - collected))
        periods.append(
            _Period(
                period=period,
                month=month,
                payment=float(amount),
                cumulative_payment=float(paid),
                threshold_failed=failed,
                share_applied=float(share),
                collected=float(now - collected),
                cumulative_collected=float(now),
                capped=now == CAP,
                predicted=False,
            )
        )
        collected = now
    rate = (1 + npf.irr(flows)) ** 12 - 1
    return _Cohort(
        cohort_month=cohort_month,
        spend=float(SPEND_EACH),
        cumulative_payment=float(paid),
        cumulative_collected=float(collected),
        annual_irr=None if rate != rate else float(rate),
        periods=periods,
    )


# --- uploads ---


def _uploads(sqlite: SqliteSource, postgres: PostgresSource, folder: Path) -> Iterator[harness.Row]:
    many, few = payments_file(folder, MANY, 60), payments_file(folder, LOADED, 60)
    for name, source in (("SQLite", sqlite), ("PostgreSQL", postgres)):
        ours = [_taken(source, lambda *at: upload(*at, many)) for _ in range(3)]
        scale = MANY / LOADED
        peer = [_taken(source, lambda *at: _peer_upload(at[0], few)) * scale]
        said = f"upload of {MANY:,} payments, {name} (peer: {LOADED:,}, scaled)"
        yield harness.row(said, ours, peer, [], reach=20.0)
        if source is postgres:
            limit = [_taken(source, lambda *at: _copy(at[0], many, folder)) for _ in range(3)]
            yield harness.row(f"the same, against the server's COPY of {MANY:,} rows", ours, limit, limit, reach=0.3)


def _taken(source: SqliteSource | PostgresSource, work: Callable[[Database, Actor, int], None]) -> float:
    database, actor, company_id = prepared(source)
    taken = harness.seconds(lambda: work(database, actor, company_id))
    url = database.url.render_as_string(hide_password=False)
    database.close()
    source.drop(url)
    return taken


def _peer_upload(database: Database, path: Path) -> None:
    engine = create_engine(
        database.url.set(drivername="postgresql+psycopg") if not database.is_sqlite else database.url
    )
    _Base.metadata.create_all(engine)
    with Session(engine) as session, path.open() as file:
        for row in csv.DictReader(file):
            day = date.fromisoformat(row["payment_date"])
            session.add(
                _Payment(
                    company_id=1,
                    customer_id=row["customer_id"],
                    payment_date=day,
                    cohort_month=day.replace(day=1),
                    amount=Decimal(row["amount"]),
                )
            )
        session.commit()
    engine.dispose()


def _copy(database: Database, path: Path, folder: Path) -> None:
    """COPY of a prepared file into a table such as ours, with its key, read by the client and sent as it is."""
    ready = folder / "prepared.csv"
    if not ready.exists():
        frame = pl.read_csv(path, infer_schema=False).with_row_index("id", 1)
        units = (pl.col("amount").cast(pl.Float64) * 10_000).round().cast(pl.Int64)
        frame.select(
            pl.lit(1).alias("firm"), pl.lit(1).alias("company"), "id", pl.col("id").alias("customer"), "payment_date",
            units.alias("units"), pl.lit(1).alias("entry"),
        ).write_csv(ready, include_header=False)  # fmt: skip
    with database.as_owner() as connection:
        connection.exec_driver_sql(
            "CREATE TABLE copied (firm_id bigint, company_id bigint, id bigint, customer_id bigint, paid_on date, "
            "units bigint, entry_id bigint, PRIMARY KEY (company_id, id))"
        )
        driver: Any = connection.connection.driver_connection
        with (
            driver.cursor() as cursor,
            cursor.copy("COPY copied FROM STDIN (FORMAT csv)") as copy,
            ready.open("rb") as f,
        ):
            while block := f.read(1_048_576):
                copy.write(block)


def _memory(source: SqliteSource, folder: Path) -> harness.Row:
    """The most that an upload holds above what the process held before it."""
    path = payments_file(folder, LARGEST, 60)
    gc.collect()
    database, actor, company_id = prepared(source)
    idle, peak, over = _resident(), 0, threading.Event()

    def watch() -> None:
        nonlocal peak
        while not over.wait(0.02):
            peak = max(peak, _resident())

    watcher = threading.Thread(target=watch)
    watcher.start()
    try:
        upload(database, actor, company_id, path)
    finally:
        over.set()
        watcher.join()
        database.close()
    held = (peak - idle) / 1e6
    return harness.Row(
        f"MB above idle, upload of {LARGEST:,} payments, SQLite", held, None, None, held, 400, held <= 400
    )


def _resident() -> int:
    return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")


if __name__ == "__main__":
    harness.main(rows)
