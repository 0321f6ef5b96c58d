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
from pathlib import Path
from typing import Any

import psycopg

from tests.servers import postgres_bindir, require
from vestry.core.db import Database
from vestry.migrations import revisions


class SqliteSource:
    """Copies a migrated file per test."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.template = folder / "template.sqlite3"
        self._numbers = itertools.count()
        database = Database(f"sqlite:///{self.template}")
        revisions.upgrade(database.writer)
        database.close()  # the last connection to close writes the log back into the file

    def new(self) -> str:
        """The address of a fresh, migrated database."""
        path = self.folder / f"{next(self._numbers)}.sqlite3"
        shutil.copy(self.template, path)
        return f"sqlite:///{path}"

    def drop(self, url: str) -> None:
        """Remove it again."""
        for suffix in ("", "-wal", "-shm"):
            Path(url.removeprefix("sqlite:///") + suffix).unlink(missing_ok=True)

    def stop(self) -> None:
        """Nothing runs."""


class PostgresSource:
    """A private server on a unix socket, without durability; clones a migrated template per test."""

    def __init__(self, binaries: Path | None = None) -> None:
        self.binaries = binaries or require("postgres", postgres_bindir())
        # Not TMPDIR: a socket's path holds 107 bytes at most, and ``nobody`` must be able to reach it.
        self.folder = Path(tempfile.mkdtemp(prefix="vestry-pg-", dir="/tmp"))
        self._numbers = itertools.count()
        self._as: dict[str, Any] = {"cwd": self.folder, "env": {"PATH": os.environ["PATH"], "LC_ALL": "C"}}
        if os.geteuid() == 0:  # PostgreSQL refuses to run as root
            nobody = pwd.getpwnam("nobody")
            os.chown(self.folder, nobody.pw_uid, nobody.pw_gid)
            self._as |= {"user": nobody.pw_uid, "group": nobody.pw_gid, "extra_groups": []}
        self.folder.chmod(0o700)
        self._start()
        self._admin("CREATE DATABASE template_vestry")
        database = Database(self._url("template_vestry"))
        revisions.upgrade(database.writer)
        database.close()

    def _start(self) -> None:
        data = self.folder / "data"
        self._run("initdb", "-D", data, "-U", "postgres", "-A", "trust", "-E", "UTF8", "--no-locale", "-N")
        options = {
            "fsync": "off",
            "full_page_writes": "off",
            "synchronous_commit": "off",
            "listen_addresses": "''",
            "unix_socket_directories": f"'{self.folder}'",
            "wal_level": "minimal",
            "max_wal_senders": "0",
            "max_connections": "200",
        }
        with (data / "postgresql.auto.conf").open("a") as file:
            file.writelines(f"{name}={value}\n" for name, value in options.items())
        with (self.folder / "log").open("w") as log:
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
        return f"postgresql+psycopg://postgres@/{name}?host={self.folder}"

    def _admin(self, statement: str) -> None:
        with psycopg.connect(f"host={self.folder} user=postgres dbname=postgres", autocommit=True) as connection:
            connection.execute(statement.encode())

    def new(self) -> str:
        """The address of a fresh, migrated database."""
        name = f"test_{next(self._numbers)}"
        self._admin(f"CREATE DATABASE {name} TEMPLATE template_vestry STRATEGY FILE_COPY")
        return self._url(name)

    def drop(self, url: str) -> None:
        """Remove it again, whoever is still connected."""
        name = url.split("/")[3].split("?")[0]
        self._admin(f"DROP DATABASE {name} WITH (FORCE)")

    def stop(self) -> None:
        """End the server and remove its files."""
        self.server.send_signal(signal.SIGINT)
        self.server.wait(20)
        shutil.rmtree(self.folder, ignore_errors=True)
