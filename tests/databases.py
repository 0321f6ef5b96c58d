"""Fresh databases for tests, each a copy of one that the migrations built: SQLite files and a private PostgreSQL."""

from __future__ import annotations

import itertools
import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, ClassVar

import psycopg
from sqlalchemy import Engine, NullPool, create_engine

from tests.servers import postgres_bindir, require
from vestry.core.db import Database
from vestry.migrations import revisions

MEMORY = Path("/dev/shm")
ROOM = 2 << 30  # what the databases of one process may take, and as much again


def quick_folder(prefix: str, *, in_memory: bool = True) -> Path:
    """A new folder, in memory where there is room: a third of the suite's time was spent waiting for the disk. Not
    TMPDIR: a socket's path holds 107 bytes at most, and ``nobody`` must be able to reach it."""
    for left in MEMORY.glob("vestry-*-*-*"):  # by a run that was killed: memory is not to fill up
        if not Path("/proc", left.name.split("-")[2]).exists():
            shutil.rmtree(left, ignore_errors=True)
    roomy = in_memory and os.access(MEMORY, os.W_OK) and shutil.disk_usage(MEMORY).free > ROOM
    return Path(tempfile.mkdtemp(prefix=f"{prefix}{os.getpid()}-", dir=MEMORY if roomy else "/tmp"))


class Used:
    """Databases that tests have done with. One is used again with the engines of its first use: what SQLAlchemy
    compiled for them, and what PostgreSQL knows of its tables, is not made anew for every test."""

    def __init__(self, make: Callable[[int], str]) -> None:
        self._make, self._numbers = make, itertools.count()
        self._addresses: list[str] = []
        self._engines: dict[str, tuple[Engine, Engine]] = {}

    def address(self) -> str:
        """One that nobody uses."""
        return self._addresses.pop() if self._addresses else self._make(next(self._numbers))

    def give_back(self, url: str) -> None:
        """The next may have it."""
        self._addresses.append(url)

    @contextmanager
    def opened(self, url: str) -> Iterator[Database]:
        """A database at an address, whose connections stay open afterwards."""
        database = Database(url)
        own = database.writer, database.reader
        database.writer, database.reader = self._engines.setdefault(url, own)
        yield database
        database.writer, database.reader = (create_engine(url, poolclass=NullPool) for _ in own)
        database.close()

    def close(self) -> None:
        """Close what is open."""
        for url in self._engines:
            self.disconnect(url)

    def disconnect(self, url: str) -> None:
        """Close what the engines of an address have open."""
        for engine in self._engines[url]:
            engine.dispose()


class SqliteSource:
    """Copies a migrated file per test."""

    def __init__(self, folder: Path | None = None) -> None:
        self.folder = folder or quick_folder("vestry-sqlite-")
        self.template = self.folder / "template.sqlite3"
        self.used = Used(lambda number: f"sqlite:///{self.folder}/{number}.sqlite3")
        database = Database(f"sqlite:///{self.template}")
        revisions.upgrade(database.writer)
        database.close()  # the last connection to close writes the log back into the file

    def new(self) -> str:
        """The address of a fresh, migrated database."""
        url = self.used.address()
        shutil.copy(self.template, url.removeprefix("sqlite:///"))
        return url

    @contextmanager
    def fresh(self) -> Iterator[Database]:
        """A fresh database for a test."""
        url = self.new()
        with self.used.opened(url) as database:
            yield database
        self.used.disconnect(url)
        self.drop(url)

    def drop(self, url: str) -> None:
        """Remove it again."""
        self._remove(url)
        self.used.give_back(url)

    @staticmethod
    def _remove(url: str) -> None:
        for suffix in ("", "-wal", "-shm"):
            Path(url.removeprefix("sqlite:///") + suffix).unlink(missing_ok=True)

    def restore(self, url: str, kept: str) -> None:
        """Make a database what another one is, under its own address; nobody may be connected to either."""
        self._remove(url)
        shutil.copy(kept.removeprefix("sqlite:///"), url.removeprefix("sqlite:///"))

    def stop(self) -> None:
        """Remove the files."""
        self.used.close()
        shutil.rmtree(self.folder, ignore_errors=True)


# What a test may have changed besides rows: tables, columns, keys, triggers, policies, functions, schemas, statistics.
# A change writes a row of the catalog anew, with the transaction that did it; a removal lessens their number.
CATALOGS = ("class", "attribute", "constraint", "trigger", "policy", "proc", "namespace", "statistic")
SHAPE = "SELECT " + ", ".join(
    f"(SELECT count(*) || ' ' || max(xmin::text::bigint) FROM pg_{catalog})" for catalog in CATALOGS
)
EMPTY = """
SET LOCAL session_replication_role = replica;
SET LOCAL lock_timeout = '2s';
DO $$ DECLARE found regclass; one bool; guard record; BEGIN
    CREATE TEMPORARY TABLE guards ON COMMIT DROP AS
        SELECT tgname AS name, tgrelid::regclass AS guarded FROM pg_trigger WHERE tgenabled = 'A';
    FOR guard IN SELECT * FROM guards LOOP
        EXECUTE format('ALTER TABLE %s DISABLE TRIGGER %I', guard.guarded, guard.name);
    END LOOP;
    FOR found IN SELECT oid FROM pg_class
        WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace AND relname <> 'alembic_version' LOOP
        EXECUTE format('SELECT EXISTS (SELECT 1 FROM %s)', found) INTO one;
        IF one THEN EXECUTE format('DELETE FROM %s', found); END IF;
    END LOOP;
    FOR guard IN SELECT * FROM guards LOOP
        EXECUTE format('ALTER TABLE %s ENABLE ALWAYS TRIGGER %I', guard.guarded, guard.name);
    END LOOP;
    PERFORM setval(format('%I.%I', schemaname, sequencename), 1, false) FROM pg_sequences WHERE last_value IS NOT NULL;
END $$
"""


def _one(connection: psycopg.Connection[Any], query: str) -> tuple[Any, ...] | None:
    return connection.execute(query.encode()).fetchone()


class PostgresSource:
    """A private server on a unix socket, without durability; clones a migrated template per test."""

    SETTINGS: ClassVar[dict[str, str]] = {
        "fsync": "off",
        "full_page_writes": "off",
        "synchronous_commit": "off",
        "wal_level": "minimal",
        "max_wal_senders": "0",
    }
    IN_MEMORY: ClassVar[bool] = True
    USER: ClassVar[str] = "postgres"
    PREPARED: ClassVar[tuple[str, ...]] = ()  # what the superuser does before the first database is made

    def __init__(self, binaries: Path | None = None) -> None:
        self.binaries = binaries or require("postgres", postgres_bindir())
        self.folder = quick_folder("vestry-pg-", in_memory=self.IN_MEMORY)
        self.used = Used(lambda number: self._url(f"test_{number}"))
        self._as: dict[str, Any] = {"cwd": self.folder, "env": {"PATH": os.environ["PATH"], "LC_ALL": "C"}}
        if os.geteuid() == 0:  # PostgreSQL refuses to run as root
            nobody = pwd.getpwnam("nobody")
            os.chown(self.folder, nobody.pw_uid, nobody.pw_gid)
            self._as |= {"user": nobody.pw_uid, "group": nobody.pw_gid, "extra_groups": []}
        self.folder.chmod(0o700)
        self._start()
        for statement in self.PREPARED:
            self._admin(statement)
        self._admin(f"CREATE DATABASE template_vestry OWNER {self.USER}")
        database = Database(self._url("template_vestry"))
        revisions.upgrade(database.writer)
        database.close()
        with psycopg.connect(f"host={self.folder} user=postgres dbname=template_vestry") as connection:
            self._shape = _one(connection, SHAPE)
        self._shapes: dict[str, Any] = {}
        self._emptied: list[str] = []
        self._cleaners: dict[str, psycopg.Connection[Any]] = {}

    def _start(self) -> None:
        data = self.folder / "data"
        self._run("initdb", "-D", data, "-U", "postgres", "-A", "trust", "-E", "UTF8", "--no-locale", "-N")
        options = self.SETTINGS | {
            "listen_addresses": "''",
            "unix_socket_directories": f"'{self.folder}'",
            "max_connections": "200",
        }
        with (data / "postgresql.auto.conf").open("a") as file:
            file.writelines(f"{name}={value}\n" for name, value in options.items())
        self.resume()

    def resume(self) -> None:
        """Start the server on its files, and wait until it answers."""
        data = self.folder / "data"
        with (self.folder / "log").open("a") as log:
            self.server = subprocess.Popen(
                [self.binaries / "postgres", "-D", data], stdout=log, stderr=subprocess.STDOUT, **self._as
            )
        for _ in range(500):
            if self._run("pg_isready", "-q", "-h", self.folder, check=False).returncode == 0:
                return
            time.sleep(0.02)
        raise RuntimeError(f"PostgreSQL did not start: {(self.folder / 'log').read_text()[-2000:]}")

    def _run(self, program: str, *arguments: object, check: bool = True) -> subprocess.CompletedProcess[bytes]:
        command = [str(self.binaries / program), *map(str, arguments)]
        return subprocess.run(command, check=check, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, **self._as)

    def _url(self, name: str) -> str:
        return f"postgresql+psycopg://{self.USER}@/{name}?host={self.folder}"

    def _admin(self, statement: str) -> None:
        with psycopg.connect(f"host={self.folder} user=postgres dbname=postgres", autocommit=True) as connection:
            connection.execute(statement.encode())

    def new(self) -> str:
        """The address of a fresh, migrated database."""
        url = self.used.address()
        self._copy("template_vestry", url)
        self._shapes[url] = self._shape
        return url

    @contextmanager
    def fresh(self) -> Iterator[Database]:
        """A fresh database for a test: one that an earlier test used, emptied, or a new copy."""
        url = self._emptied.pop() if self._emptied else self.new()
        with self.used.opened(url) as database:
            yield database
        if self._empty(url):
            self._emptied.append(url)
        else:
            self.used.disconnect(url)
            self._cleaners.pop(url).close()
            self.drop(url)

    def _empty(self, url: str) -> bool:
        """Remove every row of a database; not where anything but rows may have changed, or is in use."""
        if url not in self._cleaners:  # kept: what a new connection must learn of the tables takes longer than the work
            self._cleaners[url] = psycopg.connect(
                f"host={self.folder} user=postgres dbname={self._name(url)}", autocommit=True
            )
        cleaner = self._cleaners[url]
        if self._shapes.get(url) != _one(cleaner, SHAPE):
            return False
        try:
            with cleaner.transaction():
                cleaner.execute(EMPTY)
        except psycopg.OperationalError:  # a test left a transaction open
            return False
        self._shapes[url] = _one(cleaner, SHAPE)
        return True

    def _copy(self, template: str, url: str) -> None:
        self._admin(f"CREATE DATABASE {self._name(url)} OWNER {self.USER} TEMPLATE {template} STRATEGY FILE_COPY")

    def drop(self, url: str) -> None:
        """Remove it again, whoever is still connected."""
        self._remove(url)
        self.used.give_back(url)

    def _remove(self, url: str) -> None:
        self._admin(f"DROP DATABASE {self._name(url)} WITH (FORCE)")

    def restore(self, url: str, kept: str) -> None:
        """Make a database what another one is, under its own address; nobody may be connected to the other."""
        self._remove(url)
        self._copy(self._name(kept), url)

    @staticmethod
    def _name(url: str) -> str:
        return url.split("/")[3].split("?")[0]

    def pause(self, how: signal.Signals = signal.SIGINT) -> None:
        """End the server: SIGINT shuts it down properly, SIGQUIT at once, so that it must recover."""
        self.server.send_signal(how)
        self.server.wait(20)

    def stop(self) -> None:
        """End the server and remove its files."""
        self.used.close()
        for cleaner in self._cleaners.values():
            cleaner.close()
        self.pause()
        shutil.rmtree(self.folder, ignore_errors=True)


class DurablePostgresSource(PostgresSource):
    """The same with durability, as a firm would run it: what was committed survives."""

    SETTINGS: ClassVar[dict[str, str]] = {
        "fsync": "on",
        "full_page_writes": "on",
        "synchronous_commit": "on",
        "wal_level": "replica",
    }
    IN_MEMORY = False


class PlainPostgresSource(DurablePostgresSource):
    """The same for a database user that may nothing but own its database, and has what docs/how-to/deploy.md has a
    superuser give it."""

    USER = "vestry"
    LEAVE = "SET ON PARAMETER session_replication_role"
    PREPARED = ("CREATE ROLE vestry LOGIN", "CREATE ROLE vestry_app NOLOGIN", "GRANT vestry_app TO vestry")

    def check_together(self, *, may: bool) -> None:
        """Give the leave to check the keys of many rows together, or take it back."""
        self._admin(f"GRANT {self.LEAVE} TO vestry" if may else f"REVOKE {self.LEAVE} FROM vestry")
