"""The door reads strictly."""

import pytest
from fastapi.testclient import TestClient

JSON = {"Content-Type": "application/json"}


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b'{"name": "A", "name": "B", "currency": "USD"}', 400),
        (b'{"name": NaN, "currency": "USD"}', 400),
        (b'{"name": Infinity, "currency": "USD"}', 400),
        (b"[" * 100_000, 400),
        (b'{"name": ' + b"9" * 5000 + b"}", 400),
        (b'{"name": 1e999}', 400),
        (b"\xff\xfe", 400),
        (b'{"name": "\\ud800", "currency": "USD"}', 422),
        (b"{" + b",".join(b'"k%d": 1' % n for n in range(20_000)) + b"}", 400),
        (b"", 422),
        (b"{", 400),
        (b'"x"', 422),
    ],
    ids=lambda value: str(value)[:30],
)
def test_ambiguous_json_is_refused(client: TestClient, body: bytes, status: int) -> None:
    answer = client.post("/api/v1/funds", content=body, headers=JSON)
    assert answer.status_code == status, answer.text[:300]
    assert answer.json()["instance"].startswith("urn:request:")
    assert client.get("/api/v1/funds").json()["total"] == 0


def test_a_body_of_another_type_is_refused(client: TestClient) -> None:
    answer = client.post("/api/v1/funds", content=b"{}", headers={"Content-Type": "text/plain"})
    assert answer.status_code == 415


def test_a_large_body_is_refused_by_its_bytes(client: TestClient) -> None:
    def chunks():  # type: ignore[no-untyped-def]
        for _ in range(64):
            yield b" " * 65_536

    for content in (chunks(), b" " * 64 * 65_536):  # of unknown length, and of one that is announced
        answer = client.post("/api/v1/funds", content=content, headers=JSON)
        assert (answer.status_code, answer.json()["code"]) == (413, "too_large")
        assert answer.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize(
    "number", ["0", "-1", "9223372036854775808", "1e3", "1.0", "true", "１", "99999999999999999999"]
)
def test_an_odd_id_is_never_an_error_of_ours(client: TestClient, number: str) -> None:
    assert client.get(f"/api/v1/funds/{number}").status_code in (404, 422)


def test_an_unknown_address_is_a_problem_too(client: TestClient) -> None:
    answer = client.get("/api/v1/nothing")
    assert (answer.status_code, answer.json()["code"]) == (404, "not_found")


def test_a_method_that_is_not_there_says_which_are(client: TestClient) -> None:
    answer = client.patch("/api/v1/funds")
    assert answer.status_code == 405
    assert "GET" in answer.headers["allow"]


def test_without_credentials_nothing_is_said(client: TestClient) -> None:
    answer = client.get("/api/v1/funds", headers={"Authorization": ""})
    assert (answer.status_code, answer.headers["www-authenticate"]) == (401, "Bearer")


def test_every_answer_carries_a_request_id_and_safe_headers(client: TestClient) -> None:
    answer = client.get("/api/v1/funds", headers={"X-Request-ID": "chosen-by-client"})
    assert answer.headers["x-request-id"] == "chosen-by-client"
    assert "script-src 'self'" in answer.headers["content-security-policy"]
    assert answer.headers["cache-control"] == "no-store"


def test_health_says_ready_only_at_the_right_revision(client: TestClient) -> None:
    assert client.get("/health/live").json()["status"] == "live"
    assert client.get("/health/ready").json()["status"] == "ready"
