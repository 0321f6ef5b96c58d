"""Budgets of requests: counted for each credential and each network, in this process or in Redis."""

from __future__ import annotations

import socket
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from shutil import which

import pytest
from fastapi.testclient import TestClient
from pydantic import ValidationError

from tests.edges.conftest import AppMaker
from vestry.api.rates import Budget, Counters, Rates, kind_of
from vestry.core.settings import Settings

FUNDS = "/api/v1/funds"
FEW = {"rate_limits": True, "rate_reads": "5/minute", "rate_writes": "3/minute", "rate_sign_in": "4/minute"}


def client(app: Rates, token: str | None = None, address: str = "203.0.113.7") -> TestClient:
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    return TestClient(app, base_url="http://localhost", headers=headers, client=(address, 5))


def statuses(one: TestClient, times: int, method: str = "GET", path: str = FUNDS) -> list[int]:
    return [one.request(method, path).status_code for _ in range(times)]


def test_a_token_has_a_budget_and_a_network_a_larger_one(make_app: AppMaker) -> None:
    app = make_app(**FEW, rate_address_times=2)
    assert statuses(client(app, "one"), 6) == [401] * 5 + [429]
    assert statuses(client(app, "two"), 5) == [401] * 4 + [429]  # ten and the refused sixth came from this network
    assert statuses(client(app, "one", "203.0.113.8"), 1) == [429]  # wherever the token is used
    assert statuses(client(app, "three", "203.0.113.8"), 1) == [401]


def test_kinds_of_requests_have_budgets_of_their_own_and_health_has_none(make_app: AppMaker) -> None:
    app = make_app(**FEW, rate_exports="2/minute")
    one = client(app, "one")
    assert statuses(one, 6)[-1] == 429
    assert statuses(one, 4, "POST") == [415, 415, 415, 429] or statuses(one, 1, "POST") == [429]
    assert statuses(one, 3, path="/api/v1/imports/1/errors.csv") == [401, 401, 429]
    assert set(statuses(one, 20, path="/health/live")) == {200}
    assert 429 not in statuses(one, 20, path="/favicon.svg")
    assert statuses(one, 5, "POST", "/api/v1/auth/sign-in")[-1] == 429


def test_a_refusal_says_whose_budget_it_was_and_when_there_is_room(make_app: AppMaker) -> None:
    one = client(make_app(**FEW), "one")
    statuses(one, 5)
    answer = one.get(FUNDS)
    assert (answer.status_code, answer.json()["code"]) == (429, "too_many_requests")
    seconds = int(answer.headers["retry-after"])
    assert 1 <= seconds <= 120
    assert answer.headers["ratelimit-policy"] == '"reads";q=5;w=60'
    assert answer.headers["ratelimit"] == f'"reads";r=0;t={seconds}'
    assert "one" not in answer.text.replace("connection", "")


def test_no_secret_is_kept_with_the_counts(make_app: AppMaker) -> None:
    app = make_app(**FEW)
    client(app, "vt_canary-token").get(FUNDS)
    signed_in = client(app)
    signed_in.cookies.set("vestry_session", "vs_canary-cookie")
    assert statuses(signed_in, 6) == [401] * 5 + [429]  # a session is an identity too
    layer = app.middleware_stack
    while not isinstance(layer, Rates):
        layer = layer.app
    assert len(layer.counters._kept) == 3
    assert "canary" not in repr(layer.counters._kept)


def test_windows_slide(make_app: AppMaker) -> None:
    budget, counters = Budget.of("reads", "identity", "10 per 60 seconds"), Counters()
    start = 60 * 1_000
    assert [counters.hit(budget, "a", start + 50 + i) for i in range(10)] == [None] * 10
    wait = counters.hit(budget, "a", start + 59.9)
    assert wait is not None
    assert counters.hit(budget, "a", start + 60) is not None  # a new minute by the clock opens nothing at once
    assert counters.hit(budget, "a", start + 59.9 + wait + 0.01) is None
    assert counters.hit(budget, "b", start + 60) is None
    for second in range(600):  # in any minute no more than a window's worth and what slides out of it
        counters.hit(budget, "c", start + second)
    accepted = sum(counters.hit(budget, "d", start + second / 10) is None for second in range(6_000))
    assert 90 <= accepted <= 110


def test_counts_are_bounded_in_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("vestry.api.rates.KEPT_MAX", 100)
    budget, counters = Budget.of("reads", "identity", "10/minute"), Counters()
    for number in range(1_000):
        assert counters.hit(budget, str(number), number) is None
        assert len(counters._kept) <= 100


def test_addresses_are_counted_by_network(make_app: AppMaker) -> None:
    app = make_app(**FEW, rate_address_times=1)
    found = [client(app, str(n), f"2001:db8:1:1::{n:x}").get(FUNDS).status_code for n in range(1, 7)]
    assert found == [401] * 5 + [429]
    assert client(app, "9", "2001:db8:1:2::1").get(FUNDS).status_code == 401


def test_a_rate_that_cannot_be_read_is_no_setting() -> None:
    for words in ("", "fast", "-1/minute", "10/fortnight"):
        with pytest.raises(ValidationError):
            Settings(rate_reads=words)
    assert Settings(environment="test").counts_requests is False
    assert Settings(environment="development").counts_requests


def test_signing_out_is_a_change_and_reading_oneself_a_read() -> None:
    def kind(method: str, path: str) -> str | None:
        path, _, query = path.partition("?")
        return kind_of({"type": "http", "method": method, "path": path, "query_string": query.encode()})

    assert kind("POST", "/api/v1/auth/sign-in") == "sign-in"
    assert kind("POST", "/api/v1/auth/sign-out") == "writes"
    assert kind("GET", "/api/v1/auth/me") == "reads"
    assert kind("GET", "/api/v1/companies/1/payments?format=csv") == "exports"
    assert kind("GET", "/health/ready") is None


@pytest.fixture
def redis(tmp_path: Path) -> Iterator[tuple[str, subprocess.Popen[bytes]]]:
    binary = which("redis-server")
    if binary is None:
        pytest.skip("no redis-server here")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    options = ["--port", str(port), "--bind", "127.0.0.1", "--save", "", "--dir", str(tmp_path)]
    server = subprocess.Popen([binary, *options], stdout=subprocess.DEVNULL)
    try:
        for _ in range(100):
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", port)) == 0:
                    break
            time.sleep(0.05)
        yield f"redis://127.0.0.1:{port}/0", server
    finally:
        server.terminate()
        server.wait(10)


def test_processes_count_together_in_redis_and_alone_while_it_is_away(
    make_app: AppMaker, redis: tuple[str, subprocess.Popen[bytes]]
) -> None:
    url, server = redis
    if time.time() % 60 > 50:  # the counts must not slide meanwhile
        time.sleep(60 - time.time() % 60)
    with client(make_app(**FEW, rate_store=url), "one") as first, client(make_app(**FEW, rate_store=url), "one") as two:
        assert statuses(first, 3) == [401] * 3
        assert statuses(two, 3) == [401, 401, 429]
        refused = first.get(FUNDS)
        assert refused.status_code == 429
        assert 1 <= int(refused.headers["retry-after"]) <= 120
        server.terminate()
        server.wait(10)
        assert statuses(first, 6) == [401] * 5 + [429]
