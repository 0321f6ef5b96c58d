"""Exchange rates over HTTP, on both databases."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

from fastapi.testclient import TestClient

from vestry.core import clock
from vestry.core.actor import Actor
from vestry.core.db import Database
from vestry.market import queries
from vestry.market.models import ReferenceRate

RATES = "/api/v1/fx/rates"


def convert(client: TestClient, **asked: Any) -> Any:
    return client.get("/api/v1/fx/convert", params={"amount": "1000.00", "from": "USD", "to": "CAD"} | asked)


def record(client: TestClient, **values: Any) -> Any:
    body = {"base": "USD", "quote": "CAD", "starts_on": "2022-12-31", "rate": "1.4"}
    return client.post(RATES, json=body | values)


def test_a_day_without_a_rate_converts_at_the_last_published_one(client: TestClient) -> None:
    found = convert(client, on="2022-12-31").json()
    assert (found["converted"], found["rate"][:8]) == ("1353.83", "1.353834")
    assert (found["published_on"], found["age_days"], found["stale"]) == ("2022-12-30", 1, False)
    assert found["legs"] == [{"currency": "USD", "rate": "1.0666"}, {"currency": "CAD", "rate": "1.444"}]
    assert found["explain"]["steps"][-1]["value"] == "1353.83"
    assert (found["from"], found["to"], found["amount"]) == ("USD", "CAD", "1000.00")
    assert convert(client, on="2022-12-31", to="JPY", amount="-1").json()["converted"] == "-132"
    assert convert(client, on="2022-12-31", start="2022-10-01").json()["rule"] == "average"


REFUSED: tuple[tuple[dict[str, str], str, str], ...] = (
    ({"to": "XXX"}, "invalid", "to"),
    ({"from": "DEM"}, "invalid", "from"),
    ({"to": "ABC"}, "invalid", "to"),
    ({"on": "1998-12-31"}, "no_fx_rate", "on"),
    ({"to": "AED"}, "no_fx_rate", "to"),
    ({"rule": "contractual"}, "no_fx_rate", "on"),
    ({"rule": "average"}, "wrong_rule", "start"),
    ({"rule": "closing", "start": "2022-01-01"}, "wrong_rule", "start"),
    ({"start": "2023-01-01"}, "wrong_period", "start"),
    ({"rule": "closing", "rate_id": "1"}, "wrong_rule", "rate_id"),
)


def test_what_cannot_be_converted_is_refused_by_name(client: TestClient) -> None:
    for asked, code, path in REFUSED:
        answer = convert(client, **({"on": "2022-12-31"} | asked))
        assert (answer.status_code, answer.json()["code"]) == (422, code), answer.text
        assert answer.json()["errors"][0]["path"] == path
    assert convert(client, on="2022-12-31", rate_id="1").status_code == 404


def test_a_manual_rate_is_superseded_and_what_was_known_stays_known(
    client: TestClient, database: Database, administrator: Actor
) -> None:
    made = record(client, source="Bank").json()
    before = clock.now().isoformat().replace("+00:00", "Z")
    assert convert(client, on="2022-12-31").json()["converted"] == "1400.00"
    body = {name: made[name] for name in ("base", "quote", "starts_on", "kind", "source")} | {"rate": "1.5"}
    changed = client.put(f"{RATES}/{made['id']}", json=body, headers={"If-Match": '"1"'})
    assert changed.json()["rate"] == "1.5"
    found = convert(client, on="2022-12-31").json()
    assert (found["converted"], found["source"], found["rate_id"]) == ("1500.00", "manual", made["id"])
    assert convert(client, on="2022-12-31", known_at=before).json()["converted"] == "1400.00"
    assert client.post(f"{RATES}/{made['id']}/void", json={"reason": "typed twice"}).status_code == 204
    assert convert(client, on="2022-12-31").json()["converted"] == "1353.83"
    assert [one["rate"] for one in client.get(f"{RATES}/{made['id']}/versions").json()] == ["1.4", "1.5", "1.5"]


WRONG: tuple[tuple[dict[str, str], int, str], ...] = (
    ({"quote": "USD"}, 422, "one_currency"),
    ({"starts_on": "2199-12-31"}, 422, "date_in_future"),
    ({"ends_on": "2023-01-31"}, 422, "wrong_days"),
    ({"kind": "contractual", "ends_on": "2022-01-31"}, 422, "wrong_days"),
    ({"base": "CAD", "quote": "USD", "rate": "0.7"}, 409, "rate_exists"),
    ({"rate": "0"}, 422, "invalid"),
    ({"quote": "DEM"}, 422, "invalid"),
)


def test_a_rate_that_cannot_be_is_refused(client: TestClient) -> None:
    assert record(client).status_code == 201
    for values, status, code in WRONG:
        answer = record(client, **values)
        assert (answer.status_code, answer.json()["code"]) == (status, code), answer.text


def test_the_list_has_published_and_own_rates_in_one_order_and_pages_through_them(client: TestClient) -> None:
    mine = record(client).json()["id"]
    within = {"start": "2022-12-30", "end": "2022-12-31", "limit": "20"}
    items: list[Any] = []
    following = None
    while following or not items:
        page = client.get(RATES, params=within | ({"cursor": following} if following else {})).json()
        items, following = [*items, *page["items"]], page["next"]
        assert page["total"] > 20
    assert len(items) == page["total"]
    assert (items[0]["id"], items[0]["kind"]) == (mine, "manual")
    days = [one["starts_on"] for one in items]
    assert days == sorted(days, reverse=True)
    (usd,) = client.get(RATES, params={"quote": "USD", "start": "2022-12-30", "end": "2022-12-30"}).json()["items"]
    assert (usd["rate"], usd["kind"], usd["base"], usd["id"]) == ("1.0666", "reference", "EUR", None)
    assert client.get(RATES, params={"kind": "contractual"}).json()["total"] == 0
    assert client.get(RATES, params={"base": "USD", "q": "cad"}).json()["total"] == 1
    by_quote = client.get(RATES, params=within | {"sort": "-quote", "limit": "1"}).json()["items"]
    assert by_quote[0]["quote"] == "ZAR"


def test_a_series_has_the_days_that_have_a_rate(client: TestClient) -> None:
    record(client)
    asked = {"base": "USD", "quote": "CAD", "start": "2022-12-29", "end": "2023-01-02"}
    items = client.get("/api/v1/fx/series", params=asked).json()["items"]
    days = ["2022-12-29", "2022-12-30", "2022-12-31", "2023-01-02"]
    assert [(one["on"], one["source"]) for one in items] == list(
        zip(days, ["ecb", "ecb", "manual", "ecb"], strict=True)
    )
    assert client.get("/api/v1/fx/series", params=asked | {"quote": "AED"}).json()["code"] == "no_fx_rate"
    known = client.get("/api/v1/fx/currencies").json()
    assert {"code": "EUR", "first_on": None, "last_on": None, "is_current": True} in known["items"]
    assert [one["is_current"] for one in known["items"] if one["code"] in ("USD", "HRK")] == [False, True]


def test_a_corrected_reference_rate_leaves_what_was_known_before(
    client: TestClient, database: Database, administrator: Actor
) -> None:
    before = clock.now()
    with database.transaction(administrator) as session:
        day, rate = date(2022, 12, 30), Decimal("1.6")
        session.add(ReferenceRate(currency="CAD", published_on=day, rate=rate, known_from=session.info["now"]))
    with database.reading(administrator) as session:
        now = queries.fx_rates(session, administrator)
        then = queries.fx_rates(session, administrator, known_at=before)
    assert now.rate("EUR", "CAD", date(2022, 12, 31)).rate.value == Decimal("1.6")
    assert then.rate("EUR", "CAD", date(2022, 12, 31)).rate.value == Decimal("1.444")
