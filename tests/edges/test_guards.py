"""Headers, hosts, encodings, sizes and times of requests: in the application, and on a real connection."""

from __future__ import annotations

import asyncio
import json
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, MutableMapping
from pathlib import Path
from typing import Any

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from tests import loops
from tests.edges.conftest import AppMaker
from vestry.api.guards import Hosts
from vestry.capital.schemas import CallIn
from vestry.core.errors import Malformed
from vestry.core.http import strict_json
from vestry.core.settings import Settings

FUNDS = "/api/v1/funds"


@pytest.fixture(scope="module")
def app(make_app: AppMaker) -> FastAPI:
    return make_app(body_seconds=0.2, allowed_hosts="vestry.firm.com, *.inner.firm.com")


def call(app: FastAPI, headers: list[tuple[bytes, bytes]], messages: list[dict[str, Any]], **more: Any) -> Any:
    """The status and problem of a request whose body comes in these messages; afterwards nothing more ever comes."""
    said: list[MutableMapping[str, Any]] = []
    waiting = list(messages)

    async def receive() -> MutableMapping[str, Any]:
        if waiting:
            return waiting.pop(0)
        await asyncio.sleep(60)
        raise AssertionError("waited for ever")

    async def send(message: MutableMapping[str, Any]) -> None:
        said.append(message)

    scope = {
        "type": "http", "asgi": {"version": "3.0"}, "http_version": "1.1", "method": "POST", "scheme": "http",
        "path": FUNDS, "raw_path": FUNDS.encode(), "query_string": b"", "root_path": "", "headers": headers,
        "server": ("localhost", 80), "client": ("127.0.0.1", 1), "state": {},
    } | more  # fmt: skip
    loops.run(app(scope, receive, send))
    return said[0]["status"], json.loads(said[1]["body"]), dict(said[0]["headers"])


@pytest.mark.parametrize(
    ("host", "known"),
    [
        ("localhost", True),
        ("LOCALHOST:8000", True),
        ("127.0.0.1", True),
        ("[::1]:8000", True),
        ("localhost.", True),
        ("vestry.firm.com", True),
        ("a.inner.firm.com", True),
        ("public.firm.com", True),
        ("inner.firm.com", False),
        ("evil.example", False),
        ("vestry.firm.com.evil.example", False),
        ("evilvestry.firm.com", False),
        ("localhost/admin?", False),
        ("localhost@evil.example", False),
        ("localhost:80:80", False),
        ("localhost:port", False),
        ("", False),
        ("127.0.0.1, localhost", False),
        ("*", False),
    ],
)
def test_only_named_hosts_are_answered(host: str, known: bool) -> None:
    hosts = Hosts.of(
        Settings(public_url="https://public.firm.com:8443", allowed_hosts="vestry.firm.com, *.inner.firm.com")
    )
    assert hosts.allow(host.encode()) is known
    assert Hosts(["*"]).allow(b"anything.example")


def test_a_request_for_another_host_or_none_or_two_is_refused(app: FastAPI) -> None:
    client = TestClient(app, base_url="http://localhost")
    for path in (FUNDS, "/", "/health/live", "/openapi.json"):
        answer = client.get(path, headers={"Host": "evil.example"})
        assert (answer.status_code, answer.json()["code"]) == (400, "unknown_host")
        assert "evil" not in answer.text
    for hosts in ([], [(b"host", b"localhost"), (b"host", b"evil.example")]):
        assert call(app, hosts, [])[0] == 400


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({f"x-{number}": "1" for number in range(90)}, 401),
        ({f"x-{number}": "1" for number in range(101)}, 431),
        ({"x": "a" * 16_000}, 401),
        ({"x": "a" * 16_400}, 431),
        ({f"x-{number}": "a" * 300 for number in range(60)}, 431),
        ({"cookie": "a=" + "b" * 20_000}, 431),
    ],
    ids=lambda value: str(value)[:20],
)
def test_headers_have_a_size_and_a_number(app: FastAPI, headers: dict[str, str], status: int) -> None:
    answer = TestClient(app, base_url="http://localhost").get(FUNDS, headers=headers)
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize("path", [FUNDS, "/api/v1/imports", "/", "/health/live", "/api/v1/nowhere"])
def test_a_packed_body_is_refused_whoever_would_read_it(app: FastAPI, path: str) -> None:
    client = TestClient(app, base_url="http://localhost")
    answer = client.post(path, content=b"{}", headers={"Content-Encoding": "gzip"})
    assert (answer.status_code, answer.json()["code"]) == (415, "unsupported_media")
    plain = client.post(path, content=b"{}", headers={"Content-Encoding": "identity"})
    assert "encoded" not in plain.json()["detail"]


JSON = [(b"host", b"localhost"), (b"content-type", b"application/json")]


def test_a_body_that_stalls_is_cut_off(app: FastAPI) -> None:
    pieces = [{"type": "http.request", "body": b'{"name":', "more_body": True}]
    status, said, headers = call(app, [*JSON, (b"content-length", b"100")], pieces)
    assert (status, said["code"]) == (408, "body_too_late")
    assert headers[b"connection"] == b"close"
    assert said["instance"] == f"urn:request:{headers[b'x-request-id'].decode()}"


def test_bytes_are_counted_as_they_come_whatever_was_said(app: FastAPI) -> None:
    pieces = [{"type": "http.request", "body": b" " * 65_536, "more_body": True}] * 40
    for said_length in ((b"transfer-encoding", b"chunked"), (b"content-length", b"2")):
        status, said, _ = call(app, [*JSON, said_length], pieces)
        assert (status, said["code"]) == (413, "too_large")


def test_no_body_of_any_kind_is_larger_than_the_largest_upload(make_app: AppMaker) -> None:
    small = make_app(upload_bytes_max=10, body_bytes_max=10)
    headers = [(b"host", b"localhost"), (b"content-type", b"multipart/form-data; boundary=x")]
    pieces = [{"type": "http.request", "body": b"-" * 65_536, "more_body": True}] * 40
    status, said, _ = call(small, [*headers, (b"transfer-encoding", b"chunked")], pieces, path="/api/v1/imports")
    assert (status, said["code"]) == (413, "too_large")


def test_a_body_is_neither_too_deep_nor_of_too_many_elements() -> None:
    assert strict_json(b"[" * 32 + b"]" * 32)
    for body in (b"[" * 34 + b"]" * 34, b'{"a":' * 34 + b"1" + b"}" * 34, b"[" * 200_000):
        with pytest.raises(Malformed, match="deep"):
            strict_json(body)
    assert len(strict_json(json.dumps([1] * 9_999).encode())) == 9_999
    for many in ([1] * 10_000, [[1] * 100] * 100, {str(number): 1 for number in range(10_000)}, [{"a": [1] * 9_998}]):
        with pytest.raises(Malformed, match="10,000 elements"):
            strict_json(json.dumps(many).encode())


def test_operations_on_all_investors_have_a_larger_number_of_elements(app: FastAPI) -> None:
    lines = [{"investor_id": number, "fees": "1"} for number in range(1, 5_000)]
    body = {"fund_id": 1, "called_on": "2024-01-01", "due_on": "2024-01-02", "lines": lines}
    assert len(strict_json(json.dumps(body).encode(), CallIn.elements_max)["lines"]) == 4_999
    with pytest.raises(Malformed, match="100,000"):
        strict_json(json.dumps([1] * 100_000).encode(), CallIn.elements_max)


SERVER = """
import sys
from vestry.api import wire
wire.HEAD_SECONDS = 0.5
from vestry.cli import main
sys.exit(main(["serve"]))
"""


@pytest.fixture(scope="module")
def port(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    """A real server whose patience is short, with room for 12 connections."""
    home = tmp_path_factory.mktemp("wire")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port: int = free.getsockname()[1]
    env = {
        "PATH": "/usr/bin:/bin", "VESTRY_HOME": str(home), "PORT": str(port), "VESTRY_DEMO": "0",
        "VESTRY_BODY_SECONDS": "0.5", "VESTRY_CONNECTIONS_MAX": "12", "VESTRY_WORKER": "none",
        "VESTRY_RATE_WRITES": "3/minute", "PYTHONPATH": str(Path(__file__).parents[2] / "src"),
    }  # fmt: skip
    subprocess.run(
        [Path(sys.executable).with_name("vestry"), "db", "upgrade"], env=env, check=True, capture_output=True
    )
    with (home / "log").open("wb") as log:
        server = subprocess.Popen([sys.executable, "-c", SERVER], env=env, stdout=log, stderr=subprocess.STDOUT)
        try:
            for _ in range(300):
                if b" 200 " in ask(port, b"GET /health/live HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"):
                    break
                assert server.poll() is None, (home / "log").read_text()[-2000:]
                time.sleep(0.1)
            yield port
        finally:
            server.terminate()
            server.wait(30)


def ask(port: int, data: bytes, *then: bytes, timeout: float = 8) -> bytes:
    """All the server says to these bytes before it closes the connection or falls silent."""
    heard = b""
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=timeout) as connection:
            connection.sendall(data)
            for piece in then:
                connection.sendall(piece)
            while got := connection.recv(65_536):
                heard += got
    except (TimeoutError, ConnectionError):
        pass
    return heard


HOST = b"Host: localhost\r\nConnection: close\r\n"


def test_what_is_not_http_or_not_plainly_framed_is_refused_on_the_wire(port: int) -> None:
    for data in (
        b"POST /api/v1/funds HTTP/1.1\r\n" + HOST + b"Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        b"POST /api/v1/funds HTTP/1.1\r\n" + HOST + b"Content-Length: 2\r\nContent-Length: 3\r\n\r\n{}x",
        b"POST /api/v1/funds HTTP/1.1\r\n" + HOST + b"Content-Length: -1\r\n\r\n{}",
        b"GET /health/live HTTP/1.1\r\nHost : localhost\r\n\r\n",
        b"GET /health/live HTTP/1.1\r\nConnection: close\r\n\r\n",
        b"GET /health/live HTTP/1.1\r\nHost: evil/audit?\r\nConnection: close\r\n\r\n",
    ):
        assert ask(port, data).startswith(b"HTTP/1.1 400 "), data


def test_headers_are_bounded_on_the_wire(port: int) -> None:
    start = b"GET /health/live HTTP/1.1\r\n" + HOST
    assert ask(port, start + b"X: " + b"a" * 20_000 + b"\r\n\r\n").startswith(b"HTTP/1.1 431 ")
    assert ask(port, start + b"".join(b"X%d: 1\r\n" % n for n in range(200)) + b"\r\n").startswith(b"HTTP/1.1 431 ")
    endless = ask(port, start, *[b"X: " + b"a" * 8_000 + b"\r\n"] * 20)  # they never end, and are not kept
    assert endless.startswith(b"HTTP/1.1 431 ") or endless == b""  # a reset may overtake the answer


def test_headers_and_bodies_that_stall_are_cut_off_on_the_wire(port: int) -> None:
    assert ask(port, b"GET /health/live HTTP/1.1\r\nHost: loc").startswith(b"HTTP/1.1 408 ")
    assert ask(port, b"") == b""
    body = b"POST /api/v1/auth/sign-in HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
    assert ask(port, body + b"Content-Length: 100\r\n\r\n{").startswith(b"HTTP/1.1 408 ")


def test_a_chunked_body_is_cut_off_at_the_limit_on_the_wire(port: int) -> None:
    piece = b"100000\r\n" + b" " * 0x100000 + b"\r\n"
    start = b"POST /api/v1/auth/sign-in HTTP/1.1\r\n" + HOST + b"Content-Type: application/json\r\n"
    heard = ask(port, start + b"Transfer-Encoding: chunked\r\n\r\n", *[piece] * 64)
    assert heard.startswith(b"HTTP/1.1 413 ") or heard == b""


def test_forwarded_addresses_are_believed_from_proxies_only(port: int) -> None:
    # Without a proxy configured, writes from three pretended addresses are one network's.
    heard = [
        ask(port, b"POST /api/v1/funds HTTP/1.1\r\n" + HOST + b"X-Forwarded-For: 10.0.0.%d\r\n\r\n" % number)
        for number in range(13)
    ]
    assert [one[9:12] for one in heard] == [b"401"] * 12 + [b"429"]
    assert b"retry-after: " in heard[-1]


def test_more_connections_than_the_limit_are_told_when_to_come_again(port: int) -> None:
    held = [socket.create_connection(("127.0.0.1", port)) for _ in range(14)]
    try:
        heard = ask(port, b"GET /health/live HTTP/1.1\r\n" + HOST + b"\r\n")
        assert heard.startswith(b"HTTP/1.1 503 ")
        assert b"retry-after: 2" in heard
    finally:
        for one in held:
            one.close()
    time.sleep(0.1)
    assert ask(port, b"GET /health/live HTTP/1.1\r\n" + HOST + b"\r\n").startswith(b"HTTP/1.1 200 ")


def test_stalled_clients_do_not_keep_others_waiting(port: int) -> None:
    slow = [socket.create_connection(("127.0.0.1", port)) for _ in range(8)]
    try:
        for one in slow:
            one.sendall(b"POST /api/v1/auth/sign-in HTTP/1.1\r\nHost: localhost\r\nContent-Length: 9\r\n\r\n{")
        assert ask(port, b"GET /health/live HTTP/1.1\r\n" + HOST + b"\r\n", timeout=2).startswith(b"HTTP/1.1 200 ")
    finally:
        for one in slow:
            one.close()
