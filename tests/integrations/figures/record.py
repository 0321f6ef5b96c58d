"""Record a tape from a live source: ``python -m tests.integrations.figures.record PROVIDER ADDRESS``.

The provider asks a relay on this machine, which asks the source and writes down what passes; so what is on the tape is
what a provider asks and nothing else. The key is taken from ``VESTRY_RECORD_KEY``, or asked for, and never written: a
tape in which it is found is not kept. What the source says of a company is written as it is: record a test account.
"""

from __future__ import annotations

import argparse
import base64
import getpass
import http.client
import os
import sys
import threading
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import parse_qsl, quote, quote_plus, urlsplit

from tests.integrations.figures.player import Answer, serving
from tests.integrations.figures.tape import KEY, ORIGIN, TAPES, Exchange, Tape
from vestry.core.settings import settings
from vestry.integrations.figures import PROVIDERS, Asked, Source, fetch

# Of the connection between the provider and us, and not of what is asked.
_OURS = frozenset({"host", "user-agent", "connection", "accept-encoding", "content-length", "transfer-encoding"})
_KEPT = frozenset({"content-type", "retry-after", "link"})  # of an answer: what a provider may read
SECONDS = 30


class KeyOnTape(Exception):
    """The key would be on the tape in a form that is not known here."""


@dataclass
class Relay:
    """Passes questions on to a source, and writes down what was said."""

    upstream: str
    key: str
    origin: str = ""
    exchanges: list[Exchange] = field(default_factory=list)

    def answer(self, method: str, target: str, headers: dict[str, str]) -> Answer:
        passed = {name: value for name, value in headers.items() if name not in _OURS}
        parts = urlsplit(self.upstream)
        kind = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
        connection = kind(parts.hostname or "", parts.port, timeout=SECONDS)
        try:
            connection.request(method, target, headers=passed | {"accept-encoding": "identity"})
            got = connection.getresponse()
            body = got.read().decode("utf-8")
            told = {name.lower(): value for name, value in got.getheaders() if name.lower() in _KEPT}
        finally:
            connection.close()
        self._write_down(method, target, passed, got.status, told, body)
        here = {name: value.replace(self.upstream, self.origin) for name, value in told.items()}
        return Answer(got.status, here, body.replace(self.upstream, self.origin).encode())

    def _write_down(
        self, method: str, target: str, passed: dict[str, str], status: int, told: dict[str, str], body: str
    ) -> None:
        parts = urlsplit(target)
        pairs = parse_qsl(parts.query, keep_blank_values=True)
        self.exchanges.append(
            Exchange(
                method,
                self._scrubbed(parts.path),
                [[self._scrubbed(name), self._scrubbed(value)] for name, value in pairs],
                {name: self._scrubbed(value) for name, value in passed.items()},
                status,
                {name: self._scrubbed(value) for name, value in told.items()},
                self._scrubbed(body),
            )
        )

    def _scrubbed(self, text: str) -> str:
        return text.replace(self.upstream, ORIGIN).replace(self.key, KEY) if self.key else text


def recorded(source: Source, asked: Asked) -> Tape:
    """The tape of one fetch from a live source."""
    parts = urlsplit(source.address)
    relay, ended = Relay(f"{parts.scheme}://{parts.netloc}", source.key or ""), threading.Event()
    with serving(relay.answer, ended) as origin:
        relay.origin = origin
        lines = fetch(Source(source.provider, f"{origin}{parts.path}", source.key, source.account), asked)
    tape = Tape(source.provider, parts.path, source.account, asked, relay.exchanges, lines)
    _refuse_key(tape.text(), source.key or "")
    return tape


def _refuse_key(text: str, key: str) -> None:
    forms = {key, quote(key), quote_plus(key), *(_as_base64(f"{key}{end}") for end in ("", ":"))} if key else set()
    if any(form in text for form in forms):
        raise KeyOnTape("The key would be on the tape, so nothing was written.")


def _as_base64(text: str) -> str:
    return base64.b64encode(text.encode()).decode().rstrip("=")


def main(arguments: Sequence[str] | None = None) -> None:
    """Record, and say what."""
    parser = argparse.ArgumentParser(prog="python -m tests.integrations.figures.record", description=__doc__)
    parser.add_argument("provider", choices=sorted(PROVIDERS))
    parser.add_argument("address")
    parser.add_argument("--account")
    parser.add_argument("--first", default="2024-01", help="first month")
    parser.add_argument("--last", default="2024-03", help="last month")
    parser.add_argument("--name", default="recorded", help="the tape's name")
    parser.add_argument("--into", type=Path, default=TAPES, help="folder of tapes")
    given = parser.parse_args(arguments)
    key = os.environ.get("VESTRY_RECORD_KEY") or (getpass.getpass("Key: ") if sys.stdin.isatty() else "")
    os.environ["VESTRY_OUTBOUND_NETWORKS"] = "127.0.0.0/8"  # the relay
    settings.cache_clear()
    tape = recorded(Source(given.provider, given.address, key or None, given.account), Asked(given.first, given.last))
    file = given.into / given.provider / f"{given.name}.json"
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(tape.text(), encoding="utf-8")
    print(f"{file}: {len(tape.exchanges)} exchanges, {len(tape.lines)} lines")


if __name__ == "__main__":
    main()
