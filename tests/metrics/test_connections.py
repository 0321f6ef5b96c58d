"""Connections: what a source says becomes figures like a file's, what goes wrong stores nothing, the key stays put."""

from __future__ import annotations

import json
import logging
import threading
from collections.abc import Callable, Iterator
from datetime import date
from typing import Any, get_args
from urllib.parse import parse_qsl, urlsplit

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import select, text

from tests.integrations.figures.faults import FAULTS, RETRY_AFTER
from tests.integrations.figures.player import CANARY, Answer, playing, serving
from tests.integrations.figures.tape import Tape, tapes_of
from tests.metrics.files_of_figures import take, undo
from tests.metrics.test_values import company, on_sqlite, wide
from tests.worker.by_hand import ByHand, job_of
from vestry.core import outbox
from vestry.core.actor import Actor
from vestry.core.db import Database
from vestry.core.outbox import Job
from vestry.core.settings import settings
from vestry.identity import service as identity
from vestry.identity.models import ApiToken
from vestry.integrations.figures import PROVIDERS, Asked, wire
from vestry.metrics.connections import jobs, schemas
from vestry.metrics.connections.models import MetricConnection
from vestry.metrics.connections.service import WrongMonths, months
from vestry.worker.dispatch import SCHEDULES, TITLES

MONTHLY = {"period_kind": "month"}
MONTHS = {"first_month": "2024-01", "last_month": "2024-02"}


@pytest.fixture(autouse=True)
def _may_call_this_machine(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("VESTRY_OUTBOUND_NETWORKS", "127.0.0.0/8")
    settings.cache_clear()
    yield
    monkeypatch.undo()
    settings.cache_clear()


class Books:
    """A source whose books change as a test says."""

    def __init__(self) -> None:
        self.lines: list[dict[str, Any]] = []
        self.asked: list[dict[str, str]] = []

    def says(self, *lines: tuple[str, str, str], **more: Any) -> None:
        self.lines = [{"label": label, "period": at, "value": value, **more} for label, at, value in lines]

    def answer(self, _: str, target: str, headers: dict[str, str]) -> Answer:
        self.asked.append(dict(parse_qsl(urlsplit(target).query)) | {"key": headers.get("authorization", "")})
        return Answer(200, {}, json.dumps({"lines": self.lines}).encode())


class Source:
    """A connection of a company, its books, and the worker."""

    def __init__(self, client: TestClient, database: Database, actor: Actor, books: Books, origin: str) -> None:
        self.client, self.database, self.actor, self.books, self.origin = client, database, actor, books, origin
        self.company = company(client)
        self.path = f"{self.company}/metrics/connections"
        self.about = {"name": "Accounting", "provider": "feed", "address": f"{origin}/books", "key": CANARY}
        self.made = self.sent("POST", self.path, self.about, 201)
        self.one = f"{self.path}/{self.made['id']}"

    def sent(self, method: str, path: str, body: Any = None, status: int = 200, **more: Any) -> Any:
        answer = self.client.request(method, path, json=body, **more)
        assert answer.status_code == status, answer.text
        assert CANARY not in answer.text
        return answer.json() if answer.content else None

    def fetch(self, **months: str) -> Job:
        asked = self.sent("POST", f"{self.one}/fetch", MONTHS | months, 202)
        ByHand(self.database).work()
        return job_of(self.database, self.actor, asked["job_id"])

    def last(self) -> Any:
        return self.sent("GET", self.one)["last_fetch"]

    def figures(self, **query: Any) -> dict[tuple[str, str], str]:
        found = wide(self.client, self.company, period="month", derived="false", **query)
        every = ((metric, at, cell["value"]) for metric, row in found.items() for at, cell in row.items())
        return {(metric, at): value for metric, at, value in every if value is not None}

    def teach(self, *lines: dict[str, Any]) -> None:
        self.sent("PUT", f"{self.company}/metrics/mapping", {"lines": list(lines)})


@pytest.fixture
def source(client: TestClient, database: Database, administrator: Actor) -> Iterator[Source]:
    books, ended = Books(), threading.Event()
    with serving(books.answer, ended) as origin:
        yield Source(client, database, administrator, books, origin)


SALES = (("Net sales", "2024-01", "100.50"), ("Net sales", "2024-02", "110"), ("Headcount", "2024-01", "41"))


def test_what_a_source_says_becomes_figures_with_their_origin_and_is_taken_back(source: Source) -> None:
    source.books.says(*SALES)
    job = source.fetch()
    assert (job.state, job.result["outcome"], job.result["created"]) == ("done", "recorded", 3)
    assert source.books.asked == [{"from": "2024-01", "to": "2024-02", "key": f"Bearer {CANARY}"}]
    first = source.figures()
    assert first == {
        ("revenue", "2024-01"): "100.50", ("revenue", "2024-02"): "110.00", ("employees", "2024-01"): "41",
    }  # fmt: skip
    shown = wide(source.client, source.company, period="month", explain="true")["revenue"]["2024-01"]
    (row,) = shown["explain"]["rows"]
    assert (row["source"], row["origin"]["connection_id"]) == ("integration", source.made["id"])
    assert row["origin"]["file"] == "Accounting 2024-01 to 2024-02.csv"
    last = source.last()
    assert (last["state"], last["job_id"], last["import_id"]) == ("done", job.id, row["origin"]["import_id"])
    assert (last["created"], last["restated"], last["unchanged"], last["labels"]) == (3, 0, 0, [])

    assert source.fetch().result["outcome"] == "unchanged"
    assert source.last()["unchanged"] == 3
    source.books.lines[0]["value"] = "120"
    assert source.fetch().result["restated"] == 1
    assert source.figures()["revenue", "2024-01"] == "120.00"
    found = source.sent("GET", f"{source.company}/metrics/imports")["items"]
    assert [one["connection_id"] for one in found] == [source.made["id"]] * 2
    undone = undo(source.client, source.company, found[0])
    assert (undone["receipt"]["restored"], source.figures()) == (1, first)
    undone = undo(source.client, source.company, found[1])
    assert (undone["receipt"]["voided"], source.figures()) == (3, {})


def test_many_lines_at_once_are_recorded_alike_and_have_the_company_looked_at(source: Source) -> None:
    """Beyond a hundred, values are written by other statements than one."""
    labels = ("Net sales", "Headcount", "Cash", "Customers", "EBITDA")
    at = [f"{year}-{month:02d}" for year in (2022, 2023) for month in range(1, 13)]
    source.books.says(*((label, month, "7") for label in labels for month in at))
    job = source.fetch(first_month="2022-01", last_month="2023-12")
    assert (job.result["outcome"], job.result["created"]) == ("recorded", 120)
    source.books.says(*((label, month, "8") for label in labels for month in at))
    assert source.fetch(first_month="2022-01", last_month="2023-12").result["restated"] == 120
    shown = wide(source.client, source.company, period="month", explain="true")
    rows = [shown[metric][month]["explain"]["rows"][0] for metric in ("ebitda", "employees") for month in at]
    assert {(row["source"], row["origin"]["connection_id"]) for row in rows} == {("integration", source.made["id"])}
    with source.database.reading(source.actor) as session:
        kinds = set(session.scalars(select(Job.kind).where(Job.id > job.id)))
    assert kinds & {"alerts.evaluate", "alerts.daily"}
    made = source.sent("GET", f"{source.company}/metrics/imports")["items"]
    assert undo(source.client, source.company, made[0])["receipt"]["restored"] == 120
    assert set(source.figures().values()) == {"7.00", "7"}


def test_what_was_asked_for_twice_at_once_is_recorded_once(source: Source) -> None:
    source.books.says(*SALES)
    asked = [source.sent("POST", f"{source.one}/fetch", MONTHS, 202)["job_id"] for _ in range(2)]
    ByHand(source.database).work()
    ended = [job_of(source.database, source.actor, job_id).result["outcome"] for job_id in asked]
    assert ended == ["recorded", "unchanged"]
    assert (source.last()["job_id"], source.last()["outcome"]) == (asked[1], "unchanged")


def test_a_fetch_that_somebody_stopped_says_so_and_can_be_asked_for_again(source: Source) -> None:
    source.books.says(*SALES)
    asked = source.sent("POST", f"{source.one}/fetch", MONTHS, 202)
    assert source.last()["state"] == "waiting"
    source.sent("POST", f"/api/v1/jobs/{asked['job_id']}/cancel")
    listed = source.sent("GET", source.path)["items"][0]["last_fetch"]
    assert source.last() == listed
    assert (listed["state"], listed["error"]) == ("failed", "Somebody stopped it.")
    assert source.fetch().result["outcome"] == "recorded"
    assert source.last()["state"] == "done"


def test_labels_nobody_knows_are_named_and_mapped_by_a_person(source: Source) -> None:
    source.books.says(("4000 Umsatz", "2024-01", "100.50"), ("9999 Bezüge", "2024-01", "7"), ("Cash", "2024-01", "5"))
    job = source.fetch()
    assert (job.state, job.result["outcome"]) == ("done", "unmapped")
    assert job.result["labels"] == source.last()["labels"] == ["4000 Umsatz", "9999 Bezüge"]
    assert source.last()["errors"][0]["label"] == "4000 Umsatz"
    assert (source.figures(), source.last()["import_id"]) == ({}, None)
    source.teach({"label": "4000 Umsatz", "metric": "revenue"}, {"label": "9999 Bezüge", "metric": None})
    job = source.fetch()
    assert (job.result["outcome"], job.result["created"], job.result["left_out"]) == ("recorded", 2, 1)
    assert source.figures() == {("revenue", "2024-01"): "100.50", ("cash_balance", "2024-01"): "5.00"}
    source.books.says(("9999 Bezüge", "2024-01", "7"))
    assert source.fetch().result["outcome"] == "empty"
    source.books.says()
    assert source.fetch().result["outcome"] == "empty"


@on_sqlite
def test_amounts_are_in_full_whatever_a_label_or_a_file_says(source: Source) -> None:
    """A file in thousands taught the label, and the label itself speaks of millions."""
    content = b"USD in thousands,\n,2023-12\nNet sales,7\n"
    take(source.client, source.company, content, "old.csv", options=MONTHLY)
    source.books.says(("Net sales", "2024-01", "7"), ("Cash (USD m)", "2024-01", "9"))
    assert source.fetch().result["outcome"] == "recorded"
    assert source.figures() == {
        ("revenue", "2023-12"): "7000.00", ("revenue", "2024-01"): "7.00", ("cash_balance", "2024-01"): "9.00",
    }  # fmt: skip
    byhand = [{"line": "ebitda", "metric": "ebitda", "scale": 1000}]
    take(source.client, source.company, b",2023-12\nEBITDA,5\n", "a.csv", options=MONTHLY, mapping=byhand)
    source.books.says(("EBITDA", "2024-01", "5"))
    source.fetch()
    take(source.client, source.company, b",2023-11\nEBITDA,6\n", "b.csv", options=MONTHLY)
    shown = {at: value for (metric, at), value in source.figures().items() if metric == "ebitda"}
    assert shown == {"2023-11": "6000.00", "2023-12": "5000.00", "2024-01": "5.00"}
    source.teach({"label": "Thousands", "metric": "ebitda", "scale": 1000, "said_scale": 1})
    source.books.says(("Thousands", "2024-01", "3"))
    source.fetch()
    assert source.figures()["ebitda", "2024-01"] == "3000.00"
    assert [one["label"] for one in source.sent("GET", f"{source.company}/metrics/mapping")["lines"]] == ["Thousands"]


def test_figures_that_cannot_be_are_refused_whole_with_every_reason(source: Source) -> None:
    source.books.says(*SALES, ("Headcount", "2024-02", "-4"), ("Customers", "2024-01", "-1"))
    job = source.fetch()
    assert (job.state, job.result["outcome"], job.result["error_count"]) == ("done", "refused", 2)
    told = [(one["label"], one["period"], one["value"], one["code"]) for one in source.last()["errors"]]
    assert told == [
        ("Headcount", "2024-02", "-4", "negative_count"),
        ("Customers", "2024-01", "-1", "negative_count"),
    ]
    source.books.lines = [
        {"label": "Net sales", "period": "2024-01", "value": "5", "currency": currency} for currency in ("USD", "EUR")
    ]
    assert source.fetch().result["errors"][0]["code"] == "value_given_twice"
    assert source.figures() == {}


def test_a_correction_stands_until_the_source_says_something_new(source: Source) -> None:
    source.books.says(*SALES)
    source.fetch()
    values = [{"metric": "revenue", "period": "2024-01", "value": "99", "currency": "USD"}]
    source.sent("PUT", f"{source.company}/metrics", {"values": values})
    job = source.fetch()
    assert (job.result["outcome"], job.result["corrected"], job.result["unchanged"]) == ("unchanged", 1, 2)
    assert source.figures()["revenue", "2024-01"] == "99.00"
    source.books.lines[0]["value"] = "101"
    assert source.fetch().result["restated"] == 1
    assert source.figures()["revenue", "2024-01"] == "101.00"


@pytest.mark.parametrize("provider", PROVIDERS)
def test_whatever_goes_wrong_stores_nothing_and_leaves_the_key_nowhere(
    provider: str, client: TestClient, database: Database, administrator: Actor,
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture,
) -> None:  # fmt: skip
    monkeypatch.setattr(wire, "SECONDS", 2.0)
    tape, path = Tape.read(tapes_of(provider)[0]), company(client)
    about = {"name": "Books", "provider": provider, "account": tape.account, "key": CANARY}
    asked = {"first_month": tape.asked.first, "last_month": tape.asked.last}
    caplog.set_level(logging.DEBUG)
    for fault in FAULTS:
        with playing(tape, fault.spoil(provider)) as player:
            body = about | {"address": player.source.address, "name": fault.name}
            made = client.post(f"{path}/metrics/connections", json=body)
            assert made.status_code == 201, made.text
            one = f"{path}/metrics/connections/{made.json()['id']}"
            job_id = client.post(f"{one}/fetch", json=asked).json()["job_id"]
            ByHand(database).work()
        job, last = job_of(database, administrator, job_id), client.get(one).json()["last_fetch"]
        is_away = fault.refusal.__name__ == "SourceAway"
        assert job.state == ("waiting" if is_away else "failed"), fault.name
        assert job.error_code == fault.refusal.code(), fault.name
        assert (last["state"], last["error"]) == (job.state, job.error), fault.name
        if fault.name == "429":
            assert (job.due_at - job.moved_at).total_seconds() >= RETRY_AFTER
    assert wide(client, path, period="month", derived="false") == {}
    assert client.get(f"{path}/metrics/imports").json()["total"] == 0
    assert CANARY not in caplog.text
    assert CANARY not in everything(database)


def everything(database: Database) -> str:
    """All that the ledger holds, as text."""
    with database.as_owner() as connection:
        tables = ("metric_connection", "job", "audit_row", "metric_import", "kept_answer")
        return str([connection.execute(text(f"SELECT * FROM {name}")).all() for name in tables])


def test_a_key_is_sealed_never_given_out_and_goes_to_one_origin(source: Source) -> None:
    assert source.made["has_key"] is True
    assert CANARY not in everything(source.database)
    (listed,) = source.sent("GET", source.path)["items"]
    assert listed == source.made
    about = {name: value for name, value in source.about.items() if name != "key"}
    changed = source.sent("PUT", source.one, about | {"address": f"{source.origin}/other", "nightly": True})
    assert (changed["has_key"], changed["nightly"], changed["version"]) == (True, True, 2 + source.made["version"] - 1)
    source.books.says(*SALES)
    source.fetch()
    assert source.books.asked[-1]["key"] == f"Bearer {CANARY}"
    elsewhere = about | {"address": "https://figures.example.com/books"}
    assert source.sent("PUT", source.one, elsewhere, 422)["code"] == "key_needed"
    assert source.sent("PUT", source.one, elsewhere | {"key": "another-key"})["address"] == elsewhere["address"]
    source.sent("DELETE", source.one, status=204)
    source.sent("GET", source.one, status=404)
    source.sent("POST", f"{source.one}/fetch", status=404)
    with source.database.reading(source.actor) as session:
        kept = session.scalars(select(MetricConnection)).one()
        assert (kept.secret_sealed, kept.archived_at is not None) == (None, True)
    source.sent("POST", source.path, source.about, 201)  # the name is free again


@on_sqlite
def test_a_connection_that_cannot_be_is_refused_by_name(source: Source) -> None:
    for more, code in (
        ({"name": " ACCOUNTING "}, "invalid"),
        ({"name": "accounting"}, "connection_name_taken"),
        ({"name": "B", "address": "http://figures.example.com/"}, "wrong_address"),
        ({"name": "B", "address": "https://figures.example.com/?key=canary"}, "wrong_address"),
        ({"name": "B", "address": "https://user:canary@figures.example.com/"}, "wrong_address"),
        ({"name": "B", "provider": "xero"}, "invalid"),
        ({"name": "B", "key": "canary"}, "invalid"),
        ({"name": "B", "key": "two words in a canary"}, "invalid"),
        ({"name": "B", "account": "a\nb"}, "invalid"),
    ):
        answer = source.client.post(source.path, json=source.about | more)
        assert answer.status_code in (409, 422), answer.text
        assert code in (answer.json()["code"], "invalid"), (more, answer.text)
        assert "canary" not in answer.text
    assert source.sent("GET", source.path)["total"] == 1
    other = company(source.client, "EUR")
    source.sent("GET", f"{other}/metrics/connections/{source.made['id']}", status=404)
    source.sent("POST", f"{other}/metrics/connections", source.about, 201)


@on_sqlite
def test_the_months_asked_for_are_those_that_are_over_unless_others_are_named(source: Source) -> None:
    assert months(date(2024, 3, 31)) == Asked("2023-12", "2024-02")
    assert months(date(2024, 1, 1)) == Asked("2023-10", "2023-12")
    assert months(date(2024, 3, 1), "2024-03", "2024-03") == Asked("2024-03", "2024-03")
    assert months(date(2024, 3, 1), "2019-03") == Asked("2019-03", "2024-02")
    for first, last in (("2024-02", "2024-04"), ("2024-03", "2024-02"), ("2019-02", None), (None, "2024-04")):
        with pytest.raises(WrongMonths):
            months(date(2024, 3, 1), first, last)
    for body in ({"first_month": "2024-13"}, {"last_month": "2024-1"}, {"from": "2024-01"}, {"last_month": "2099-01"}):
        source.sent("POST", f"{source.one}/fetch", body, 422)
    source.sent("POST", f"{source.one}/fetch", status=202)
    assert source.books.asked == []


def test_whoever_records_figures_fetches_and_whoever_runs_the_firm_connects(
    source: Source, client_as: Callable[..., TestClient]
) -> None:
    analyst, contact = client_as("analyst"), client_as("company_contact")
    assert analyst.get(source.one).status_code == 200
    assert analyst.post(source.path, json=source.about).status_code == 403
    assert analyst.put(source.one, json=source.about).status_code == 403
    assert analyst.delete(source.one).status_code == 403
    assert analyst.post(f"{source.one}/fetch", json=MONTHS).status_code == 202
    assert client_as("auditor").post(f"{source.one}/fetch", json=MONTHS).status_code == 403
    assert contact.get(source.path).status_code == 403


def test_every_night_each_connection_is_asked_as_whoever_set_it(
    source: Source, client_as: Callable[..., TestClient]
) -> None:
    assert jobs.NIGHTLY in SCHEDULES
    assert jobs.NIGHTLY in TITLES
    source.books.says()
    manager = client_as("manager")
    for name, nightly in (("By night", True), ("By hand", False), ("Gone", True)):
        made = manager.post(source.path, json=source.about | {"name": name, "nightly": nightly}).json()
    assert manager.delete(f"{source.path}/{made['id']}").status_code == 204
    assert night(source) == 1
    (asked,) = source.books.asked
    assert asked["key"] == f"Bearer {CANARY}"
    (one,) = [one for one in source.sent("GET", source.path)["items"] if one["last_fetch"]]
    assert (one["name"], one["last_fetch"]["outcome"]) == ("By night", "empty")
    with source.database.transaction(source.actor) as session:
        token_id = session.scalars(select(ApiToken.id).where(ApiToken.name == "manager")).one()
        identity.revoke_token(session, source.actor, token_id)
    assert night(source) == 1
    assert len(source.books.asked) == 1, "what they may no longer do is not done for them"
    last = source.sent("GET", f"{source.path}/{one['id']}")["last_fetch"]
    assert (last["state"], last["error"]) == ("failed", "Whoever asked for this may not act any more.")


def night(source: Source) -> int:
    """What the clock asks for; how many connections were found."""
    with source.database.transaction(Actor("job", source.actor.firm_id, "", name="clock")) as session:
        job = outbox.ask(session, jobs.NIGHTLY, {}, title=jobs.TITLE).id
    hand = ByHand(source.database)
    hand.work()
    hand.work()
    found: int = job_of(source.database, source.actor, job).result["connections"]
    return found


def test_the_schema_names_the_providers_there_are() -> None:
    assert set(get_args(schemas.ProviderName)) == set(PROVIDERS)
