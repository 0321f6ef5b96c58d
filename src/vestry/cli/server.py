"""``vestry run``, ``serve`` and ``openapi``."""

from __future__ import annotations

import json
from argparse import Namespace

import uvicorn

from vestry.api.app import openapi as describe
from vestry.cli import local
from vestry.core.settings import settings
from vestry.demo import load_demo
from vestry.identity import service
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
        with database.transaction(actor) as session:
            secret = service.create_sign_in_link(session, local.administrator(session, actor))
    print(f"\nVestry: http://{chosen.host}:{chosen.port}")
    print(f"Sign in (works once, within the hour): {local.link_address(secret)}\n", flush=True)
    return _serve(reload=False, workers=1)


def serve(arguments: Namespace) -> int:
    """The server alone, on a database that is ready."""
    with local.opened():
        pass
    return _serve(reload=arguments.reload, workers=arguments.workers)


def openapi(_: Namespace) -> int:
    """The API's description as JSON, the same bytes for the same code."""
    print(json.dumps(describe(), indent=1, ensure_ascii=False))
    return 0


def _serve(*, reload: bool, workers: int) -> int:
    chosen = settings()
    uvicorn.run(
        "vestry.api:create_app",
        factory=True,
        host=chosen.host,
        port=chosen.port,
        reload=reload,
        workers=workers,
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=chosen.public_url is not None,
        timeout_keep_alive=30,
        timeout_graceful_shutdown=20,
    )
    return 0
