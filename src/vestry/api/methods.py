"""Which methods an address of the API knows: said in the ``Allow`` header when another one is tried."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from fastapi import APIRouter
from fastapi.routing import APIRoute


def methods_of(routers: Iterable[APIRouter], prefix: str) -> Callable[[str], set[str]]:
    """Path → methods; none where the path is not one of the API's."""
    known = [
        (route.path_regex, route.methods)
        for router in routers
        for route in router.routes
        if isinstance(route, APIRoute)
    ]

    def find(path: str) -> set[str]:
        inner = path.removeprefix(prefix) if path.startswith(prefix) else ""
        return {method for pattern, methods in known if pattern.match(inner) for method in methods or ()}

    return find
