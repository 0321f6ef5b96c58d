"""Methods, headers, bytes and sizes of requests."""

from __future__ import annotations

import gzip
import json
import re
import time
from collections import defaultdict
from collections.abc import MutableMapping
from typing import Any
from unittest import mock

import pytest
from fastapi.testclient import TestClient

from tests import loops
from tests.access.caller import Caller
from tests.nasty.bodies import operations, with_bodies
from tests.nasty.world import API, World
from vestry.api import middleware

JSON = {"Content-Type": "application/json"}
METHODS = {"GET", "POST", "PUT", "DELETE"}


def addresses(world: World) -> dict[str, set[str]]:
    """Address → the methods it knows, also as the id of something: `/payments/upload` may be read as a payment."""
    found = defaultdict(set)
    for operation in operations():
        found[world.address(operation)].add(operation.method)
        matches = re.compile(re.sub(r"\{\w+\}", "[^/]+", operation.path))
        for other in operations():
            if other.path != operation.path and matches.fullmatch(other.path):
                found[world.address(other)].add(operation.method)
    return found


@pytest.mark.parametrize(
    "method", ["TRACE", "CONNECT", "PATCH", "PROPFIND", "BREW", "HEAD", "GET", "POST", "PUT", "DELETE"]
)
def test_a_method_an_address_does_not_know_is_refused_with_those_it_does(world: World, method: str) -> None:
    before = world.state()
    for path, known in world.share(list(addresses(world).items()), method):
        if method in known:
            continue
        answer = world.client.request(method, path, headers={"X-HTTP-Method-Override": "DELETE"})
        assert answer.status_code == 405, (method, path, answer.status_code)
        assert set(answer.headers["allow"].replace(" ", "").split(",")) == known, (
            method,
            path,
            answer.headers["allow"],
        )
        if method != "HEAD":
            assert answer.headers["content-type"] == "application/problem+json"
    assert world.state() == before


@pytest.mark.parametrize("name", ["X-HTTP-Method-Override", "X-HTTP-Method", "X-Method-Override", "_method"])
def test_no_header_turns_one_method_into_another(world: World, name: str) -> None:
    before = world.state()
    for path, known in world.share(list(addresses(world).items()), name):
        if "GET" in known:
            answer = world.client.get(path, headers={name: "DELETE"}, follow_redirects=False)
            assert answer.status_code in (200, 303, 401, 422), (path, answer.text)
    assert world.state() == before


def test_a_body_says_that_it_is_json(world: World) -> None:
    before = world.state()
    kinds = (
        "text/plain",
        "application/x-www-form-urlencoded",
        "multipart/form-data; boundary=x",
        "application/xml",
        "",
    )
    for operation in with_bodies():
        content = json.dumps(world.body(operation))
        for kind in kinds:
            answer = world.client.request(
                operation.method, world.address(operation), content=content, headers={"Content-Type": kind}
            )
            assert answer.status_code == 415, (operation.name, kind, answer.text)
    assert world.state() == before


@pytest.mark.parametrize("encoding", ["gzip", "br", "deflate", "gzip, gzip", "zstd"])
def test_a_packed_body_is_refused_and_never_unpacked(world: World, encoding: str) -> None:
    before = world.state()
    bomb = gzip.compress(b" " * 50_000_000)
    answer = world.client.post(f"{API}/funds", content=bomb, headers=JSON | {"Content-Encoding": encoding})
    assert (answer.status_code, answer.json()["code"]) == (415, "unsupported_media")
    assert world.state() == before


def test_a_body_without_end_is_read_up_to_the_limit_and_no_further(world: World) -> None:
    read, said = 0, []
    given = dict(world.client.headers) | JSON | {"host": "localhost", "transfer-encoding": "chunked"}
    headers = [(name.lower().encode(), value.encode()) for name, value in given.items()]

    async def receive() -> dict[str, Any]:
        nonlocal read
        read += 65_536
        return {"type": "http.request", "body": b" " * 65_536, "more_body": True}

    async def send(message: MutableMapping[str, Any]) -> None:
        said.append(message)

    scope = {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": "POST",
        "scheme": "http",
        "path": f"{API}/funds",
        "raw_path": f"{API}/funds".encode(),
        "root_path": "",
        "query_string": b"",
        "headers": headers,
        "server": ("localhost", 80),
        "client": ("127.0.0.1", 5),
    }
    before = world.state()
    loops.run(world.app(scope, receive, send))
    assert (said[0]["status"], read) == (413, pytest.approx(1_048_576, abs=131_072))
    assert world.state() == before


@pytest.mark.parametrize(
    "body",
    [
        b"[" * 100_000,
        b'{"a":' * 100_000,
        b"{" + b",".join(b'"k%d":1' % number for number in range(90_000)) + b"}",
        b'{"vintage_year": ' + b"9" * 5_000 + b"}",
        b'{"vintage_year": ' + b"9" * 500_000 + b"}",
        b'{"name": "' + b"\\u0041" * 100_000 + b'"}',
        b'{"target_size": "5", "target_size": "6"}',
        b'{"name": "a", "n\\u0061me": "b"}',
        b'{"name": "\\ud83d\\ude00\\ud83d"}',
        b'{"name": "\xed\xa0\x80"}',
        b"\xef\xbb\xbf{}",
        '{"name": "a"}'.encode("utf-16"),
        b'{"name": "a",}',
        b'{"name": "a"} {}',
        b"{'name': 'a'}",
        b'{"name": "a" /* b */}',
        b'{"vintage_year": 01}',
        b'{"vintage_year": 0x7e8}',
        b'{"vintage_year": +2024}',
        b"\0",
        b'{"name": "a\0b"}',
        b"null",
    ],
    ids=lambda body: ascii(body[:24])[2:-1],
)
def test_odd_bytes_are_refused_for_little_work(world: World, body: bytes) -> None:
    before = world.state()
    for operation in with_bodies()[:12]:
        start = time.process_time()
        answer = world.client.request(operation.method, world.address(operation), content=body, headers=JSON)
        assert answer.status_code in (400, 422), (operation.name, answer.status_code, answer.text[:200])
        assert answer.headers["content-type"] == "application/problem+json"
        assert time.process_time() - start < 3  # of processor time, whatever else the machine does
        assert len(answer.content) < 20_000, operation.name
    assert world.state() == before


@pytest.mark.parametrize(
    ("name", "value", "statuses"),
    [
        ("If-Match", "1", (400,)),
        ("If-Match", 'W/"1"', (400,)),
        ("If-Match", '"1", "2"', (400,)),
        ("If-Match", '"0"', (412,)),
        ("If-Match", '"-1"', (400,)),
        ("If-Match", '"' + "9" * 30 + '"', (400,)),
        ("If-Match", '"１"'.encode().decode("latin-1"), (400,)),
        ("If-Match", "", (400,)),
        ("If-Match", '"999999999"', (412,)),
        ("Authorization", "Bearer", (401,)),
        ("Authorization", "Bearer \xff\x80", (401,)),
        ("Authorization", "Bearer " + "x" * 60_000, (401, 431)),
        ("Authorization", "Basic YTpi", (401,)),
        ("Authorization", "Bearer vt_" + "A" * 43, (401,)),
        ("Cookie", "vestry_session=x", (401,)),
        ("Cookie", "vestry_session=\xff; vestry_session=y; " + "a=b; " * 1000, (401,)),
        ("Accept", "text/csv;q=\x7f", (200,)),
        ("X-Request-ID", "a b\tc", (200,)),
        ("X-Forwarded-Host", "evil.example", (200,)),
        ("Range", "bytes=0-", (200,)),
    ],
    ids=lambda value: ascii(value)[:30],
)
def test_an_odd_header_has_a_defined_answer(world: World, name: str, value: str, statuses: tuple[int, ...]) -> None:
    before = world.state()
    headers = dict(world.client.headers) | {name: value.encode("latin-1")}
    if name == "Cookie":
        headers.pop("authorization")
    if statuses == (200,):
        answer = world.client.get(f"{API}/funds", headers=headers)
    else:
        headers = {key: headers[key] for key in headers if key.lower() != name.lower()} | {name: headers[name]}
        body = {"name": "Changed", "currency": "USD"}
        bare = TestClient(world.app, base_url="http://localhost")
        answer = bare.put(f"{API}/funds/{world.ids['fund_id']}", json=body, headers=headers)
    assert answer.status_code in statuses, answer.text
    assert world.state() == before


NO_TEXT: tuple[tuple[str, str, bytes], ...] = (
    ("GET", f"{API}/auth/oidc/callback", b"\xff\xfe"),
    ("POST", f"{API}/auth/sign-in", b"\xff\xfe"),
    ("DELETE", f"{API}/funds/999", b"\xff\xfe"),
    ("GET", f"{API}/audit.csv", b"%ff=%ff"),
    ("GET", f"{API}/funds/\x00", b""),
    ("GET", f"{API}/nothing/\x00", b""),
    ("GET", "/assets/\x00", b""),
    ("GET", "/assets/" + "a" * 300, b""),
    ("GET", "/" + "a/" * 3_000, b""),
)


def test_an_address_that_is_no_text_or_no_name_breaks_nothing(world: World) -> None:
    caller, secret = Caller(world.app), world.client.headers["authorization"].removeprefix("Bearer ")
    for method, path, query in NO_TEXT:
        body = {"email": "a@b.com", "password": "x"} if method == "POST" else None
        answer = caller(method, path, secret, body, query, sec_fetch_site="same-origin")
        assert answer.status != 500, (path, query, answer.text)
    caller.close()


def test_whoever_leaves_in_the_middle_of_a_body_is_no_failure_of_ours(world: World) -> None:
    messages = [{"type": "http.request", "body": b'{"na', "more_body": True}, {"type": "http.disconnect"}]
    scope = {
        "type": "http",
        "http_version": "1.1",
        "method": "POST",
        "scheme": "http",
        "path": f"{API}/funds",
        "query_string": b"",
        "headers": [
            (b"host", b"localhost"),
            (b"content-type", b"application/json"),
            (b"authorization", world.client.headers["authorization"].encode()),
        ],
    }

    async def receive() -> Any:
        return messages.pop(0)

    async def send(message: Any) -> None:
        raise AssertionError(message)

    with mock.patch.object(middleware, "log") as log:
        loops.run(world.app(scope, receive, send))
    assert [(call[0], call.args[0]) for call in log.mock_calls] == [("info", "request.abandoned"), ("info", "request")]
