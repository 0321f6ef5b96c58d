"""A server on this machine that plays a tape: it answers only what the tape says was asked, in that order."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from tests.integrations.figures.tape import KEY, ORIGIN, Tape
from vestry.integrations.figures import Source

CANARY = "canary-6b1f0c-key-of-a-source"  # found anywhere, it has leaked
STRAYED = 418  # what the tape does not have


@dataclass(frozen=True, slots=True)
class Answer:
    """What is sent back. ``declared``: more bytes than there are, so that the answer breaks off; ``stalls``: it stops
    in the middle and keeps the line open."""

    status: int
    headers: dict[str, str]
    body: bytes
    declared: int | None = None
    stalls: bool = False


Spoil = Callable[[Answer, int], Answer]  # an answer, and the number of the question


@dataclass
class Player:
    """A tape being played. ``spoil`` alters the answers from question ``at`` on; ``astray``: questions that the tape
    does not have."""

    tape: Tape
    spoil: Spoil | None = None
    at: int = 0
    key: str = CANARY
    origin: str = ""
    played: int = 0
    astray: list[str] = field(default_factory=list)
    ended: threading.Event = field(default_factory=threading.Event)

    @property
    def source(self) -> Source:
        """Where it plays, as a provider is told."""
        return Source(self.tape.provider, f"{self.origin}{self.tape.path}", self.key, self.tape.account)

    def answer(self, method: str, target: str, headers: dict[str, str]) -> Answer:
        number, self.played = self.played, self.played + 1
        spoilt = self.spoil is not None and number >= self.at
        if number >= len(self.tape.exchanges):
            if spoilt:  # of pages without an end
                return self._spoilt(self._recorded(len(self.tape.exchanges) - 1), number)
            return self._strayed(f"{method} {target}, after the end of the tape")
        one = self.tape.exchanges[number]
        parts = urlsplit(target)
        asked = (method, parts.path, [list(pair) for pair in parse_qsl(parts.query, keep_blank_values=True)])
        if not (spoilt and number > self.at) and asked != (one.method, one.path, one.query):
            return self._strayed(f"{asked}, where the tape has {(one.method, one.path, one.query)}")
        for name, value in one.wanted.items():
            if headers.get(name) != value.replace(KEY, self.key):
                return self._strayed(f"{method} {target} with another {name}")
        recorded = self._recorded(number)
        return self._spoilt(recorded, number) if spoilt else recorded

    def is_whole(self) -> bool:
        """Whether all of the tape was asked for, and nothing else."""
        return not self.astray and self.played == len(self.tape.exchanges)

    def _recorded(self, number: int) -> Answer:
        one = self.tape.exchanges[number]
        headers = {name: self._filled(value) for name, value in one.headers.items()}
        return Answer(one.status, headers, self._filled(one.body).encode())

    def _filled(self, text: str) -> str:
        return text.replace(KEY, self.key).replace(ORIGIN, self.origin)

    def _spoilt(self, answer: Answer, number: int) -> Answer:
        assert self.spoil is not None
        return self.spoil(answer, number)

    def _strayed(self, what: str) -> Answer:
        self.astray.append(what)
        return Answer(STRAYED, {}, b"")


@contextmanager
def playing(tape: Tape, spoil: Spoil | None = None, at: int = 0) -> Iterator[Player]:
    """Play a tape, spoilt from one of its answers on where that is asked for."""
    player = Player(tape, spoil, at)
    with serving(player.answer, player.ended) as origin:
        player.origin = origin
        yield player


@contextmanager
def serving(answer: Callable[[str, str, dict[str, str]], Answer], ended: threading.Event) -> Iterator[str]:
    """A server on this machine that answers GET; gives its origin. What stalls is let go at ``ended``."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            told = answer("GET", self.path, {name.lower(): value for name, value in self.headers.items()})
            sent = replace(told, body=told.body[: len(told.body) // 2]) if told.stalls else told
            self.send_response(told.status)
            for name, value in told.headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(told.declared or len(told.body)))
            self.end_headers()
            try:
                self.wfile.write(sent.body)
                self.wfile.flush()
            except OSError:
                return  # whoever asked has hung up
            if told.stalls:
                ended.wait()

        def log_message(self, *_: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        ended.set()
        server.shutdown()
        server.server_close()
