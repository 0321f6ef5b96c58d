"""The application factory."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractContextManager, asynccontextmanager, nullcontext
from typing import Any

from fastapi import FastAPI
from sqlalchemy.orm import configure_mappers

from vestry import __version__, all_models
from vestry.alerts import routes as alerts
from vestry.api import client, errors, health
from vestry.api.addresses import Addresses, by_itself
from vestry.api.description import DescribedApp
from vestry.api.guards import Guard
from vestry.api.middleware import AskedBefore, Envelope
from vestry.api.rates import Rates
from vestry.approvals import routes as approvals
from vestry.audit import routes as audit
from vestry.capital import routes as capital
from vestry.cohorts.cashflows import routes as cashflows
from vestry.cohorts.forecasts import routes as forecasts
from vestry.cohorts.payments import routes as payments
from vestry.cohorts.portfolio import routes as cohort_portfolio
from vestry.cohorts.rounds import routes as monthly_rounds
from vestry.cohorts.scenarios import routes as scenarios
from vestry.cohorts.spends import routes as spends
from vestry.cohorts.terms import routes as trades
from vestry.cohorts.thresholds import routes as thresholds
from vestry.cohorts.uploads import routes as payment_uploads
from vestry.companies import routes as companies
from vestry.core import executors, logging
from vestry.core.db import Database
from vestry.core.http import problem_responses
from vestry.core.kept import Kept
from vestry.core.settings import Settings, settings
from vestry.funds import routes as funds
from vestry.identity import grant_routes as access
from vestry.identity import routes as identity
from vestry.identity.factors import routes as factors
from vestry.identity.invitations import routes as invitations
from vestry.identity.oidc import routes as oidc
from vestry.identity.passkeys import routes as passkeys
from vestry.identity.sessions import routes as sessions
from vestry.identity.signin import routes as signin
from vestry.identity.tokens import routes as tokens
from vestry.imports import routes as imports
from vestry.investments import routes as investments
from vestry.investors import routes as investors
from vestry.jobs import routes as jobs
from vestry.market import routes as market
from vestry.metrics import figure_routes as figures
from vestry.metrics import matrix_routes as matrix
from vestry.metrics import routes as reporting
from vestry.metrics.connections import routes as connections
from vestry.metrics.imports import routes as figure_files
from vestry.people import routes as people
from vestry.performance import routes as performance
from vestry.requests import routes as requests
from vestry.requests.attachments import FORM_BYTES_MAX
from vestry.valuations import routes as valuations

PREFIX = "/api/v1"
ROUTERS = (
    signin.router,
    sessions.router,
    factors.router,
    invitations.router,
    tokens.router,
    passkeys.router,
    oidc.router,
    identity.router,
    people.router,
    access.router,
    funds.router,
    investors.router,
    capital.router,
    market.router,
    companies.router,
    reporting.router,
    connections.router,
    figure_files.router,
    figure_files.uploads,
    requests.router,
    requests.uploads,
    figures.router,
    matrix.router,
    investments.router,
    valuations.router,
    spends.router,
    trades.router,
    thresholds.router,
    scenarios.router,
    payment_uploads.router,
    payment_uploads.uploads,
    payments.router,
    cashflows.router,
    cohort_portfolio.router,
    monthly_rounds.router,
    forecasts.router,
    performance.router,
    imports.router,
    imports.uploads,
    jobs.router,
    audit.router,
    approvals.router,
    alerts.router,
)
UPLOADS = (imports.uploads, payment_uploads.uploads, figure_files.uploads)


# What runs in the process for as long as the API does: a worker.
Companion = Callable[[Settings, Database], AbstractContextManager[object]]


def create_app(
    configured: Settings | None = None, database: Database | None = None, *, beside: Companion | None = None
) -> FastAPI:
    """The whole API and the web client over one database, and what shall run ``beside`` them."""
    chosen = configured or settings()
    logging.configure(chosen.log_level, as_json=chosen.log_json)
    configure_mappers()
    assert all_models.metadata.tables  # whoever writes is listened to
    own = database or Database(chosen.url, pool_size=chosen.pool_size)

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        with beside(chosen, own) if beside else nullcontext():
            yield
        executors.close()
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
    app.state.database, app.state.kept = own, Kept()
    app.state.addresses = addresses = Addresses(PREFIX)
    errors.install(app)
    app.router.routes.append(addresses)
    app.include_router(health.router)
    for router in ROUTERS:
        largest = chosen.upload_bytes_max if router in UPLOADS else chosen.body_bytes_max
        if router is requests.uploads:
            largest = FORM_BYTES_MAX
        for route, alone in by_itself(router):
            app.include_router(alone, prefix=PREFIX, max_body_size=largest)
            addresses.add(route, app.router.routes[-1])
    if chosen.metrics_token:
        from vestry.api import metrics  # its library is not asked for where nobody looks

        app.state.metrics = metrics.Metrics(own, chosen.metrics_token.get_secret_value())
        app.include_router(metrics.router)
    app.include_router(client.router)
    app.add_middleware(AskedBefore)
    if chosen.counts_requests:
        app.add_middleware(Rates, chosen)
    app.add_middleware(Guard, chosen)
    app.add_middleware(Envelope)
    return app


def openapi() -> dict[str, Any]:
    """The API's description, without a server."""
    never_opened = Database("sqlite:///never-opened.sqlite3")
    return create_app(database=never_opened).openapi()
