"""What can go wrong between us and a provider, made from any tape, and what must come of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Final

from tests.integrations.figures.formats import FORMATS, NAMES
from tests.integrations.figures.player import CANARY, Answer, Spoil
from vestry.core.errors import VestryError
from vestry.integrations.figures import AddressRefused, AnswerRefused, KeyRefused, SourceAway, wire

RETRY_AFTER: Final = 4_000


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that goes wrong. ``refusal``: what must be raised."""

    name: str
    refusal: type[VestryError]
    spoil: Callable[[str], Spoil]  # given the provider


def _status(status: int, **headers: str) -> Callable[[str], Spoil]:
    told = {name.replace("_", "-"): value for name, value in headers.items()}
    return lambda _: lambda answer, number: Answer(status, told, b'{"error": "no"}')


def _sent(change: Callable[[Answer], Answer]) -> Callable[[str], Spoil]:
    return lambda _: lambda answer, number: change(answer)


def _said(name: str) -> Callable[[str], Spoil]:
    def spoil(provider: str) -> Spoil:
        change = FORMATS[provider].spoilt[name]
        return lambda answer, number: replace(answer, body=change(answer.body, CANARY, number))

    return spoil


HTML = b"<!doctype html><title>Sign in</title>"
FAULTS: Final = (
    Fault("401", KeyRefused, _status(401, WWW_Authenticate="Bearer")),
    Fault("403", KeyRefused, _status(403)),
    Fault("404", AddressRefused, _status(404)),
    Fault("a redirect", AddressRefused, _status(302, Location="http://localhost:1/elsewhere")),
    Fault("429", SourceAway, _status(429, Retry_After=str(RETRY_AFTER))),
    Fault("500", SourceAway, _status(500)),
    Fault("503", SourceAway, _status(503)),
    Fault("a body cut off", SourceAway, _sent(lambda one: replace(one, declared=len(one.body) + 100))),
    Fault("too slow", SourceAway, _sent(lambda one: replace(one, stalls=True))),
    Fault("too large", AnswerRefused, _sent(lambda one: replace(one, body=one.body + b" " * wire.BYTES_MAX))),
    Fault("half of the JSON", AnswerRefused, _sent(lambda one: replace(one, body=one.body[: len(one.body) // 2]))),
    Fault("a page", AnswerRefused, _sent(lambda one: replace(one, body=HTML))),
    Fault("nothing", AnswerRefused, _sent(lambda one: replace(one, body=b""))),
    Fault("a list", AnswerRefused, _sent(lambda one: replace(one, body=b"[]"))),
    *(Fault(name, AnswerRefused, _said(name)) for name in NAMES),
)
