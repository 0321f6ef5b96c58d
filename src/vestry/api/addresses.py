"""Finds the routes of an address by its parts: looking through every route of the API took longer than most answers."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from dataclasses import dataclass, field

from fastapi import APIRouter
from fastapi.routing import APIRoute
from starlette.routing import BaseRoute, Match
from starlette.types import Receive, Scope, Send

_FOUND = "vestry.address"
_ANY = "{}"  # a part of the address that is a parameter


@dataclass(slots=True)
class _Place:
    """What stands at one part of an address, and what follows it."""

    routes: list[tuple[int, APIRoute, BaseRoute]] = field(default_factory=list)  # in the order they were added
    after: dict[str, _Place] = field(default_factory=dict)


class Addresses(BaseRoute):
    """Put before the routes it knows, it answers for the first of them that fits; what fits none (another method, no
    such address) is left to them."""

    def __init__(self, prefix: str) -> None:
        self.prefix, self._first, self._count = prefix, _Place(), 0

    def add(self, known: APIRoute, behind: BaseRoute) -> None:
        """``behind`` is asked where the path of ``known`` fits."""
        place = self._first
        for part in known.path.split("/")[1:]:
            place = place.after.setdefault(_ANY if part.startswith("{") else part, _Place())
        place.routes.append((self._count, known, behind))
        self._count += 1

    def methods(self, path: str) -> set[str]:
        """What may be asked at a path; nothing where it is not one of the API's."""
        return {method for _, known, _ in self._at(path) for method in known.methods or ()}

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        """The first route that fits in whole."""
        if scope["type"] == "http":
            for _, known, behind in self._at(scope["path"]):
                if known.methods and scope["method"] not in known.methods:
                    continue
                match, found = behind.matches(scope)
                if match == Match.FULL:
                    return match, {**found, _FOUND: behind}
        return Match.NONE, {}

    async def handle(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Leave the request to the route found."""
        await scope[_FOUND].handle(scope, receive, send)

    def _at(self, path: str) -> list[tuple[int, APIRoute, BaseRoute]]:
        if not path.startswith(self.prefix):
            return []
        places = [self._first]
        for part in path[len(self.prefix) :].split("/")[1:]:
            names = (part, _ANY) if part else ("",)
            places = [after for place in places for name in names if (after := place.after.get(name))]
        return sorted((one for place in places for one in place.routes), key=lambda one: one[0])


def by_itself(router: APIRouter) -> Iterator[tuple[APIRoute, APIRouter]]:
    """Each route with a router of its own, so that what was found is not looked for again among its neighbours."""
    for route in router.routes:
        assert isinstance(route, APIRoute)
        alone = copy.copy(router)
        alone.routes = [route]
        yield route, alone
