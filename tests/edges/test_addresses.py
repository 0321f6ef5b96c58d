"""The route that the parts of an address lead to is the one that looking through all of them would find."""

from __future__ import annotations

import re
from itertools import product

import pytest
from fastapi import APIRouter, FastAPI
from fastapi.routing import APIRoute
from starlette.routing import Match

from tests.completeness.test_completeness import operations
from vestry.api import create_app
from vestry.api.addresses import Addresses
from vestry.api.app import PREFIX
from vestry.core.db import Database
from vestry.core.settings import Settings

METHODS = ("GET", "PUT", "DELETE")


@pytest.fixture(scope="module")
def app() -> FastAPI:
    return create_app(Settings(environment="test"), Database("sqlite:///never-opened.sqlite3"))


def test_every_address_leads_to_the_same_route_as_looking_through_all_of_them(app: FastAPI) -> None:
    addresses: Addresses = app.state.addresses
    others = app.router.routes[app.router.routes.index(addresses) + 1 :]
    paths = {re.sub(r"{\w+}", "1", route.path) for route in operations().values()}
    paths |= {f"{path}/" for path in paths} | {"", "/", "//", "/funds//calls", "/funds/x.y", "/funds/1/else"}
    found = 0
    for path, method in product(sorted(paths), METHODS):
        scope = {"type": "http", "method": method, "path": PREFIX + path, "root_path": "", "headers": []}
        first = next(
            (one for one in others[: len(operations()) + 1] if one.matches(dict(scope))[0] == Match.FULL), None
        )
        match, more = addresses.matches(dict(scope))
        assert (match == Match.FULL) == (first is not None), (method, path)
        assert more.get("vestry.address") is first, (method, path)
        found += first is not None
    assert found > len(operations()) / 2


def test_an_address_tells_its_methods_and_another_one_has_none(app: FastAPI) -> None:
    addresses = app.state.addresses
    assert {"GET", "PUT"} <= addresses.methods(f"{PREFIX}/funds/1")
    assert addresses.methods("/funds/1") == addresses.methods(f"{PREFIX}/nowhere") == set()


def test_of_two_routes_that_fit_the_one_added_first_answers() -> None:
    router, made = APIRouter(), Addresses("/api")
    router.add_api_route("/things/{number}", lambda number: number)
    router.add_api_route("/things/all", lambda: "all")
    for known in router.routes:
        assert isinstance(known, APIRoute)
        made.add(known, known)
    _, found = made.matches({"type": "http", "method": "GET", "path": "/api/things/all", "root_path": "/api"})
    assert found["vestry.address"] is router.routes[0]
