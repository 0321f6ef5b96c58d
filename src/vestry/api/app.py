"""The application factory."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from fastapi import FastAPI
from sqlalchemy.orm import configure_mappers

from vestry import __version__
from vestry.api import client, errors, health
from vestry.api.description import DescribedApp
from vestry.api.methods import methods_of
from vestry.api.middleware import AskedBefore, Envelope
from vestry.capital import routes as capital
from vestry.companies import routes as companies
from vestry.core import logging
from vestry.core.db import Database
from vestry.core.http import problem_responses
from vestry.core.settings import Settings, settings
from vestry.funds import routes as funds
from vestry.identity import routes as identity
from vestry.imports import routes as imports
from vestry.investments import routes as investments
from vestry.investors import routes as investors
from vestry.performance import routes as performance
from vestry.valuations import routes as valuations

PREFIX = "/api/v1"
ROUTERS = (
    identity.router,
    funds.router,
    investors.router,
    capital.router,
    companies.router,
    investments.router,
    valuations.router,
    performance.router,
    imports.router,
    imports.uploads,
)
UPLOADS = (imports.uploads,)


def create_app(configured: Settings | None = None, database: Database | None = None) -> FastAPI:
    """The whole API and the web client over one database."""
    chosen = configured or settings()
    logging.configure(chosen.log_level, as_json=chosen.log_json)
    configure_mappers()
    own = database or Database(chosen.url, pool_size=chosen.pool_size)

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        yield
        own.close()

    app = DescribedApp(
        title="Vestry",
        version=__version__,
        summary="One ledger of dated flows and marks; every figure computed from it.",
        docs_url=None,
        redoc_url=None,
        lifespan=lifespan,
        responses=problem_responses(),
        separate_input_output_schemas=False,
    )
    app.state.database = own
    app.state.methods_of = methods_of(ROUTERS, PREFIX)
    errors.install(app)
    app.include_router(health.router)
    for router in ROUTERS:
        largest = chosen.upload_bytes_max if router in UPLOADS else chosen.body_bytes_max
        app.include_router(router, prefix=PREFIX, max_body_size=largest)
    app.include_router(client.router)
    app.add_middleware(AskedBefore)
    app.add_middleware(Envelope)
    return app


def openapi() -> dict[str, Any]:
    """The API's description, without a server."""
    never_opened = Database("sqlite:///never-opened.sqlite3")
    return create_app(database=never_opened).openapi()
