"""Headers of every answer: pages, data, files, refusals of every layer, and what we did not expect."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from tests.edges.conftest import AppMaker
from vestry.api import client as pages

WEB = Path(__file__).parents[2] / "web"
ALWAYS = {
    "x-content-type-options": "nosniff",
    "referrer-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "x-frame-options": "DENY",
}
ADDRESSES = {
    "/": 0,
    "/funds/1": 0,
    "/docs": 200,
    "/assets/none.js": 404,
    "/openapi.json": 200,
    "/health/live": 200,
    "/api/v1/funds": 401,
    "/api/v1/nowhere": 404,
    "/api/v1/funds?q=%ff": 400,
    "/api/v1/imports/1/errors.csv": 401,
    "/broken": 500,
}


@pytest.fixture(scope="module")
def app(make_app: AppMaker) -> FastAPI:
    made = make_app(rate_limits=True, rate_exports="1/minute", log_level="ERROR")

    @made.get("/broken")
    def broken() -> None:
        raise RuntimeError("a secret detail")

    made.router.routes.insert(0, made.router.routes.pop())
    return made


@pytest.mark.parametrize("base", ["http://localhost", "https://localhost"])
@pytest.mark.parametrize("path", ADDRESSES)
def test_every_answer_has_the_safe_headers(app: FastAPI, path: str, base: str) -> None:
    answer = TestClient(app, base_url=base, raise_server_exceptions=False).get(path)
    assert answer.status_code == ADDRESSES[path] or ADDRESSES[path] == 0 or answer.status_code == 429
    assert {name: answer.headers[name] for name in ALWAYS} == ALWAYS
    assert ("strict-transport-security" in answer.headers) == base.startswith("https")
    assert "secret detail" not in answer.text
    assert len(answer.headers.get_list("cache-control")) == 1
    if path.startswith("/api/"):
        assert answer.headers["cache-control"] == "no-store"
    assert "server" not in answer.headers
    assert "x-powered-by" not in answer.headers


@pytest.mark.parametrize(
    ("headers", "status"),
    [({"Host": "evil.example"}, 400), ({"X": "a" * 20_000}, 431), ({"Content-Encoding": "gzip"}, 415)],
)
def test_refusals_of_the_outer_layers_have_them_too(app: FastAPI, headers: dict[str, str], status: int) -> None:
    client = TestClient(app, base_url="http://localhost")
    answer = client.get("/api/v1/funds", headers=headers)
    assert answer.status_code == status
    assert {name: answer.headers[name] for name in ALWAYS} == ALWAYS
    assert answer.headers["cache-control"] == "no-store"
    assert answer.json()["instance"] == f"urn:request:{answer.headers['x-request-id']}"
    while answer.status_code != 429:
        answer = client.get("/api/v1/imports/1/errors.csv")
    assert {name: answer.headers[name] for name in ALWAYS} == ALWAYS


def test_the_content_policy_runs_no_script_but_our_own_files(app: FastAPI) -> None:
    said = TestClient(app, base_url="http://localhost").get("/docs").headers["content-security-policy"]
    policy = dict(part.strip().split(" ", 1) for part in said.split(";"))
    assert policy["default-src"] == policy["script-src"] == policy["connect-src"] == "'self'"
    assert {policy[name] for name in ("object-src", "base-uri", "frame-ancestors")} == {"'none'"}
    assert policy["form-action"] == "'self'"
    assert (policy["style-src"], policy["style-src-attr"]) == ("'self'", "'none'")
    assert "unsafe-" not in said
    assert "http:" not in said
    assert "*" not in said


@pytest.mark.parametrize("path", ["/redoc", "/apidocs"])
def test_the_usual_addresses_of_an_apis_page_lead_to_it(app: FastAPI, path: str) -> None:
    answer = TestClient(app, base_url="http://localhost").get(path)
    assert [one.status_code for one in answer.history] == [307]
    assert answer.url.path == "/docs"
    assert 'id="swagger-ui"' in answer.text


def test_the_shell_lets_in_styles_by_a_nonce_of_its_own_each_time(
    app: FastAPI, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "index.html").write_text((WEB / "index.html").read_text())
    monkeypatch.setattr(pages, "STATIC", tmp_path)
    client, seen = TestClient(app, base_url="http://localhost"), set()
    for path in ("/", "/funds/1", "/index.html"):
        answer = client.get(path)
        nonce = re.search(r"style-src 'self' 'nonce-([\w-]{22})';", answer.headers["content-security-policy"])
        assert nonce
        assert f'nonce="{nonce[1]}"' in answer.text
        assert answer.headers["cache-control"] == "no-cache"
        seen.add(nonce[1])
    assert len(seen) == 3


def test_our_pages_have_no_inline_script_that_the_policy_would_have_to_allow() -> None:
    from vestry.api.client import API_PAGE, NOT_BUILT

    for page in (API_PAGE, NOT_BUILT, (WEB / "index.html").read_text()):
        for tag in page.split("<script")[1:]:
            assert " src=" in tag.partition(">")[0], tag[:80]
        assert " onclick=" not in page
        assert "javascript:" not in page
