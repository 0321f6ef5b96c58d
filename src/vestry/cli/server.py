"""``vestry run``, ``serve`` and ``openapi``."""

from __future__ import annotations

import json
import signal
import threading
from argparse import Namespace

import uvicorn
from fastapi import FastAPI

from vestry import worker as workers
from vestry.api.app import create_app
from vestry.api.app import openapi as describe
from vestry.api.wire import Wire
from vestry.cli import local
from vestry.core import logging
from vestry.core.errors import Conflict
from vestry.core.settings import settings
from vestry.demo import load_cohort_fund, load_demo, load_rules
from vestry.identity.signin.service import create_sign_in_link
from vestry.migrations import revisions


def run(_: Namespace) -> int:
    """Everything one person needs: tables, a firm, a way in, a server."""
    chosen = settings()
    with local.opened(migrated=False) as database:
        print(f"Database: {database.url.render_as_string(hide_password=True)}", flush=True)
        revisions.upgrade(database.writer)
        empty = local.is_empty(database)
        actor = local.local_actor(database, demo=chosen.demo and empty)
        if chosen.demo and empty:
            print("The database is empty: loading the demo firm (VESTRY_DEMO=0 leaves it empty)", flush=True)
            with database.transaction(actor) as session:
                load_demo(session, actor)
                load_cohort_fund(session, actor)
                load_rules(session, actor)
        with database.transaction(actor) as session:
            secret = create_sign_in_link(session, local.administrator(session, actor))
    print(f"\nVestry: http://{chosen.host}:{chosen.port}")
    print(f"Sign in (works once, within the hour): {local.link_address(secret)}")
    print("Stop with Ctrl-C.\n", flush=True)
    # The link is what the reader needs now: the server's own lines about its start would push it away.
    return _serve(reload=False, workers=1, log_level="warning")


def serve(arguments: Namespace) -> int:
    """The server alone, on a database that is ready."""
    with local.opened():
        pass
    return _serve(reload=arguments.reload, workers=arguments.workers)


def application() -> FastAPI:
    """What a server process serves: the API, and beside it a worker unless the settings say that others work."""
    chosen = settings()
    return create_app(chosen, beside=workers.started if chosen.worker == "embedded" else None)


class EmbeddedDatabase(Conflict):
    """An embedded database belongs to one process, which does its jobs too."""


def worker(_: Namespace) -> int:
    """A worker alone, on PostgreSQL: as many as you like, on as many machines."""
    chosen = settings()
    logging.configure(chosen.log_level, as_json=chosen.log_json)
    ended = threading.Event()
    for name in (signal.SIGTERM, signal.SIGINT):
        signal.signal(name, lambda *_: ended.set())
    with local.opened() as database:
        if database.is_sqlite:
            raise EmbeddedDatabase(
                "The jobs of an embedded database are done by its server.",
                mend="Run `vestry serve`, or use PostgreSQL.",
            )
        with workers.started(chosen, database):
            ended.wait()
    return 0


def openapi(_: Namespace) -> int:
    """The API's description as JSON, the same bytes for the same code."""
    print(json.dumps(describe(), indent=1, ensure_ascii=False))
    return 0


def _serve(*, reload: bool, workers: int, log_level: str | None = None) -> int:
    chosen = settings()
    uvicorn.run(
        "vestry.cli.server:application",
        factory=True,
        host=chosen.host,
        port=chosen.port,
        reload=reload,
        workers=workers,
        log_config=None,
        log_level=log_level,
        access_log=False,
        server_header=False,
        http=Wire,
        ws="none",
        proxy_headers=bool(chosen.proxies),
        forwarded_allow_ips=chosen.proxies,
        limit_concurrency=chosen.connections_max,
        timeout_keep_alive=15,
        timeout_graceful_shutdown=20,
    )
    return 0
