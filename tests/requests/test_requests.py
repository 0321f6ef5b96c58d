"""Asking companies for figures: the form behind a link, the inbox, what is recorded, and what the clock asks for."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator
from typing import Any

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import func, select

from tests.databases import SqliteSource
from tests.requests.conftest import Clock
from vestry.core import outbox, secretbox
from vestry.core.actor import Actor
from vestry.core.db import Database
from vestry.core.outbox import Job
from vestry.integrations.mail.models import MailDelivery
from vestry.integrations.mail.service import SEND
from vestry.metrics.models import MetricValue
from vestry.requests.jobs import DAILY
from vestry.requests.models import FormLink
from vestry.worker.kinds import KINDS
from vestry.worker.tries import attempt

API = "/api/v1"
ADA, BOB = "ada@acme.example", "bob@acme.example"


@pytest.fixture
def database(sqlite_source: SqliteSource) -> Iterator[Database]:
    """One is enough: what differs between the two is tried by the tests of every operation."""
    url = sqlite_source.new()
    opened = Database(url)
    yield opened
    opened.close()
    sqlite_source.drop(url)


class Firm:
    """A firm that asks, a company that is asked, and what the tests do with both."""

    def __init__(self, client: TestClient, database: Database, actor: Actor, clock: Clock) -> None:
        self.client, self.database, self.actor, self.clock = client, database, actor, clock
        self.company = self.post("companies", name="Acme", currency="USD")["id"]
        self.name_recipients(self.company, ADA)
        self.visitor = TestClient(client.app, base_url="http://localhost")

    def post(self, path: str, status: int = 201, **body: Any) -> Any:
        answer = self.client.post(f"{API}/{path}", json=body)
        assert answer.status_code == status, answer.text
        return answer.json()

    def get(self, path: str, **asked: Any) -> Any:
        answer = self.client.get(f"{API}/{path}", params=asked)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def name_recipients(self, company: int, *emails: str) -> Any:
        given = [{"email": email} for email in emails]
        return self.client.put(f"{API}/companies/{company}/recipients", json={"recipients": given})

    def report(self, **values: str) -> None:
        """``revenue_2024_Q1="100"`` and the like."""
        given = []
        for name, value in values.items():
            metric, year, part = name.rsplit("_", 2)
            given.append({"metric": metric, "period": f"{year}-{part}", "value": value, "status": "approved"})
        answer = self.client.put(f"{API}/companies/{self.company}/metrics", json={"values": given})
        assert answer.status_code == 200, answer.text

    def template(self, **more: Any) -> int:
        asked = {"name": "Quarterly figures", "period_kind": "quarter", "starts_on": "2024-01-01"}
        made = self.post(
            "request-templates",
            **{**asked, "metrics": ["revenue", "employees"], "questions": ["What went well?"], **more},
        )
        return int(made["id"])

    def ask(self, template: int, period: str = "2024-Q3", **more: Any) -> Any:
        return self.post("data-requests", template_id=template, period=period, **more)

    def mails(self, template: str | None = None) -> list[dict[str, Any]]:
        """What was mailed, oldest first: template, recipient and the values of its words."""
        with self.database.reading(self.actor) as session:
            rows = session.execute(
                select(MailDelivery, Job.payload).join(Job, Job.id == MailDelivery.job_id).order_by(MailDelivery.id)
            ).all()
        found = []
        for mail, payload in rows:
            sealed = bytes.fromhex(json.loads(payload)["sealed"])
            words = json.loads(secretbox.unseal(sealed, f"job.payload:mail:{mail.message_id}"))
            found.append({"template": mail.template, "to": mail.recipient, **words})
        return [one for one in found if template is None or one["template"] == template]

    def token(self, number: int = -1) -> str:
        """The secret of a link that was mailed."""
        links = [one["link"] for one in self.mails() if "link" in one]
        return str(links[number].rpartition("=")[2])

    def form(self, verb: str, token: str | None = None, **body: Any) -> Any:
        return self.visitor.post(f"{API}/forms/{verb}", json={"token": token or self.token(), **body})

    def send(self, token: str | None = None, note: str | None = None, **values: str | None) -> Any:
        given = [{"metric": metric, "value": value, "note": note} for metric, value in values.items()]
        return self.form("submit", token, values=given)

    def rows(self, path: str, **asked: Any) -> list[dict[str, str]]:
        """A list as its file."""
        answer = self.client.get(f"{API}/{path}", params={"format": "csv", **asked})
        assert answer.status_code == 200, answer.text
        return list(csv.DictReader(io.StringIO(answer.text)))

    def inbox(self, **asked: Any) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self.get("submitted-values", **({"state": "submitted"} | asked))["items"]
        return found

    def decide(self, value: dict[str, Any], verb: str, status: int = 200, **body: Any) -> Any:
        return self.post(f"submitted-values/{value['id']}/{verb}", status, **body)

    def approve_as(self, value: dict[str, Any], text: str, status: int = 200) -> Any:
        return self.post(f"submitted-values/{value['id']}/approve", status, value=text)

    def cell(self, metric: str, period: str = "2024-Q3", **asked: Any) -> dict[str, Any]:
        found = self.get(f"companies/{self.company}/metrics", metric=metric, period=period, layout="long", **asked)
        assert found["values"], found
        one: dict[str, Any] = found["values"][0]
        return one

    def day(self) -> dict[str, Any]:
        """What the clock asks for each morning, done."""
        with self.database.transaction(self.actor) as session:
            job = outbox.ask(session, DAILY, {}, title="daily")
            uid = job.uid
        assert attempt(self.database, KINDS, self.actor.firm_id, uid, 1) == "done"
        with self.database.reading(self.actor) as session:
            return dict(session.scalars(select(Job.result).where(Job.uid == uid)).one())


@pytest.fixture
def firm(clock: Clock, client: TestClient, database: Database, administrator: Actor) -> Firm:
    return Firm(client, database, administrator, clock)


@pytest.fixture
def asked(firm: Firm) -> Firm:
    """Acme reported three quarters and is asked for the next."""
    firm.report(revenue_2024_Q1="100000", revenue_2024_Q2="120000", employees_2024_Q2="10")
    firm.ask(firm.template())
    return firm


def codes(answer: Any) -> list[tuple[str, str]]:
    assert answer.status_code == 422, answer.text
    return [(one["path"], one["code"]) for one in answer.json()["errors"]]


def test_a_form_shows_definitions_units_and_what_was_reported_before(asked: Firm) -> None:
    form = asked.form("open").json()
    assert (form["company"], form["period"], form["currency"], form["state"]) == ("Acme", "2024-Q3", "USD", "asked")
    assert (form["due_on"], form["recipient"], form["receipt"]) == ("2024-10-20", ADA, None)
    revenue, employees = form["metrics"]
    assert revenue["meaning"].startswith("All income from customers")
    assert (revenue["unit"], employees["unit"], revenue["locked"]) == ("money", "count", False)
    assert [one["period"] for one in revenue["history"]] == ["2023-Q3", "2023-Q4", "2024-Q1", "2024-Q2"]
    assert [one["value"] for one in revenue["history"]] == [None, None, "100000.00", "120000.00"]
    assert form["questions"] == [{"question": "What went well?", "answer": None}]


def test_a_draft_keeps_what_was_typed_and_says_how_it_reads(asked: Firm) -> None:
    typed = [{"metric": "revenue", "value": "72,000"}, {"metric": "employees", "value": "twelve"}]
    saved = asked.form("draft", values=typed, answers=[{"question": "What went well?", "answer": "Sales"}]).json()
    revenue, employees = saved["values"]
    assert (revenue["figure"], revenue["change"]) == ("72000.00", "-0.4")
    assert revenue["asks"] == "Why is Revenue 40 % lower than in Q2 2024?"
    assert employees["problem"] == "twelve is not a number; write it like 1234567.89, without words."
    form = asked.form("open").json()
    assert (form["state"], form["saved_at"]) == ("draft", saved["saved_at"])
    assert [one["value"] for one in form["metrics"]] == ["72,000", "twelve"]
    assert form["questions"][0]["answer"] == "Sales"
    assert asked.cell("revenue", "2024-Q2")["value"] == "120000.00"
    with asked.database.reading(asked.actor) as session:
        assert session.scalar(select(func.count()).select_from(MetricValue)) == 3


def test_what_is_sent_is_recorded_as_submitted_by_form_with_a_receipt(asked: Firm) -> None:
    token = asked.token()
    answer = asked.form(
        "submit",
        values=[
            {"metric": "revenue", "value": "60,000", "note": "A customer left"},
            {"metric": "employees", "value": "11"},
        ],
        answers=[{"question": "What went well?", "answer": "Hiring"}],
    )
    assert answer.status_code == 200, answer.text
    receipt = answer.json()["receipt"]
    assert [(one["metric"], one["value"]) for one in receipt["values"]] == [
        ("revenue", "60000.00"),
        ("employees", "11"),
    ]
    assert (receipt["submitted_by"], receipt["answers"]) == (ADA, [{"question": "What went well?", "answer": "Hiring"}])
    revenue = asked.cell("revenue")
    assert (revenue["value"], revenue["source"], revenue["status"]) == ("60000.00", "form", "submitted")
    assert revenue["note"] == "A customer left"
    assert asked.form("open", token).json()["receipt"] == receipt
    (mail,) = asked.mails("data_request_received")
    assert (mail["to"], mail["receipt"]) == (ADA, receipt["number"])
    first, _ = asked.inbox()
    assert first["figures"] == {
        "value": "60000.00",
        "previous": "120000.00",
        "change": "-0.5",
        "asks": "Why is Revenue 50 % lower than in Q2 2024?",
    }


def test_bad_fields_are_named_all_together_and_nothing_is_recorded(firm: Firm) -> None:
    firm.report(revenue_2024_Q2="120000")
    firm.ask(firm.template(metrics=["revenue", "employees", "reported_churn", "cash_balance", "customers"]))
    values = {"revenue": "60000", "employees": "-3", "reported_churn": "93", "cash_balance": "about 5"}
    assert codes(firm.send(**values)) == [
        ("values.0.note", "note_needed"),
        ("values.1.value", "negative_count"),
        ("values.2.value", "percent_or_fraction"),
        ("values.3.value", "not_a_number"),
        ("values.4.value", "value_missing"),
    ]
    assert firm.form("open").json()["state"] == "asked"
    assert firm.inbox() == []
    sent = firm.send(
        note="As it is", revenue="60000", employees="3", reported_churn="93%", cash_balance="5", customers=None
    )
    assert sent.status_code == 200, sent.text
    assert firm.cell("reported_churn")["value"] == "0.93"
    assert [one["figures"]["value"] for one in firm.inbox()][-1] is None


def test_a_link_used_twice_records_once_and_shows_the_receipt(asked: Firm) -> None:
    token = asked.token()
    assert asked.send(token, revenue="125000", employees="11").status_code == 200
    for verb in ("submit", "draft"):
        again = asked.form(verb, token, values=[{"metric": "revenue", "value": "1"}])
        assert (again.status_code, again.json()["code"]) == (409, "form_submitted")
    assert asked.cell("revenue")["value"] == "125000.00"
    assert asked.form("open", token).json()["receipt"]["number"] in again.json()["detail"]


def test_unknown_links_answer_alike_and_slow_down(asked: Firm) -> None:
    texts = ("vf_never", "x", asked.token() + "x", asked.token().upper(), "'; DROP TABLE form_link; --")
    answers = [asked.form("open", text) for text in texts]
    assert {answer.status_code for answer in answers} == {404}
    assert len({json.dumps(answer.json() | {"instance": None}) for answer in answers}) == 1
    for _ in range(16):
        last = asked.form("submit", "vf_never", values=[])
    assert (last.status_code, last.json()["code"]) == (429, "too_many_tries")
    assert int(last.headers["retry-after"]) > 0
    assert asked.form("open").status_code == 200  # whoever has a link never waits


def test_an_expired_link_says_so(asked: Firm) -> None:
    asked.clock.go(61)
    for verb, body in (("open", {}), ("draft", {"values": []}), ("submit", {"values": []})):
        answer = asked.form(verb, **body)
        assert (answer.status_code, answer.json()["code"]) == (409, "form_expired"), answer.text


def test_a_link_reaches_its_own_company_and_what_is_asked_for_alone(asked: Firm) -> None:
    other = asked.post("companies", name="Other", currency="EUR")["id"]
    asked.name_recipients(other, BOB)
    mine = asked.token()
    asked.ask(asked.template(name="Cash", metrics=["cash_balance"]), company_ids=[other])
    theirs = asked.token()
    assert asked.form("open", theirs).json()["company"] == "Other"
    for token, metric in ((mine, "cash_balance"), (theirs, "revenue")):
        refused = asked.form("submit", token, values=[{"metric": metric, "value": "5"}])
        assert codes(refused) == [("values.0.metric", "not_asked_for")]
    assert asked.send(theirs, cash_balance="7").status_code == 200
    with asked.database.reading(asked.actor) as session:
        rows = session.execute(select(MetricValue.company_id, MetricValue.currency).where(MetricValue.value == 7)).all()
    assert [tuple(row) for row in rows] == [(other, "EUR")]
    assert asked.form("open", mine).json()["company"] == "Acme"


def test_the_secret_of_a_link_is_kept_nowhere(asked: Firm) -> None:
    secret = asked.token()
    with asked.database.reading(asked.actor) as session:
        assert session.scalars(select(FormLink.secret_hash)).one() != secret.encode()
    trail = asked.get("audit")
    assert secret not in json.dumps(trail)


def test_approving_all_answers_approves_the_request(asked: Firm) -> None:
    asked.send(revenue="125000", employees="11")
    for value in asked.inbox():
        decided = asked.decide(value, "approve", comment="Agrees")
        assert (decided["state"], decided["decided_by"] != "", decided["comment"]) == ("approved", True, "Agrees")
    assert asked.inbox() == []
    assert asked.cell("revenue")["status"] == "approved"
    (request,) = asked.get("data-requests")["items"]
    assert request["state"] == "approved"
    assert asked.decide(value, "approve", 409)["code"] == "decided_before"


def test_an_answer_is_approved_as_another_figure_and_what_was_sent_stays_beside_it(asked: Firm) -> None:
    asked.send(revenue="125000", employees="11")
    revenue, employees = asked.inbox()
    assert [one["path"] for one in asked.approve_as(revenue, "a lot", 422)["errors"]] == ["value"]
    decided = asked.approve_as(revenue, "120,000")
    assert (decided["figures"]["value"], decided["figures"]["corrected"]) == ("125000.00", "120000.00")
    cell = asked.cell("revenue")
    assert (cell["value"], cell["before"], cell["status"]) == ("120000.00", "125000.00", "approved")
    assert asked.approve_as(employees, "11")["figures"]["corrected"] == "11"
    (request,) = asked.get("data-requests")["items"]
    assert request["state"] == "approved"


def test_a_rejected_answer_goes_back_with_its_reason_and_only_it_is_asked_for_again(asked: Firm) -> None:
    first = asked.token()
    asked.send(revenue="125000", employees="11")
    revenue, employees = asked.inbox()
    asked.decide(revenue, "reject", reason="Is this the half year?")
    assert asked.mails("data_request_returned") == []  # until all are decided
    asked.decide(employees, "approve")
    (mail,) = asked.mails("data_request_returned")
    assert mail["reasons"] == "Revenue: Is this the half year?"
    assert asked.cell("revenue")["status"] == "draft"
    old = asked.form("open", first)
    assert (old.status_code, old.json()["code"]) == (409, "form_replaced")
    form = asked.form("open").json()
    again, locked = form["metrics"]
    assert (form["state"], again["reason"], again["value"]) == ("returned", "Is this the half year?", "125000.00")
    assert (again["locked"], locked["locked"]) == (False, True)
    twice = asked.send(revenue="121000", employees="12")
    assert codes(twice) == [("values.1.metric", "not_asked_for")]
    assert twice.json()["detail"] == "This form does not ask for Employees (full-time equivalents)."
    before = asked.clock.at
    asked.clock.go(1)
    assert asked.send(revenue="121000").status_code == 200
    (value,) = asked.inbox()
    asked.decide(value, "approve")
    (request,) = asked.get("data-requests")["items"]
    assert request["state"] == "approved"
    restated = asked.cell("revenue")
    assert (restated["value"], restated["restated"], restated["before"]) == ("121000.00", True, "125000.00")
    assert asked.cell("revenue", known_at=before.isoformat().replace("+00:00", "Z"))["value"] == "125000.00"


def test_a_figure_that_was_changed_since_is_not_decided_on_unseen(asked: Firm) -> None:
    asked.send(revenue="125000", employees="11")
    revenue, _ = asked.inbox()
    asked.report(revenue_2024_Q3="130000")
    refused = asked.decide(revenue, "approve", 409)
    assert (refused["code"], refused["detail"]) == (
        "figure_moved",
        "Revenue was changed to 130000.00 after it was sent.",
    )


def test_a_metric_that_is_defined_no_more_is_refused_by_its_name(firm: Firm) -> None:
    body = {"key": "seats", "label": "Seats sold", "unit": "count", "kind": "flow"}
    made = firm.post("metrics/definitions", **body)
    firm.ask(firm.template(metrics=["seats"]))
    assert firm.send(seats=None, note="Not counted yet").status_code == 200
    (value,) = firm.inbox()
    answer = firm.client.post(f"{API}/metrics/definitions/{made['id']}/void", json={"reason": "Nobody counts them"})
    assert answer.status_code == 204, answer.text
    assert firm.approve_as(value, "7", 422)["detail"] == "Seats sold is defined no more."


def test_the_same_figure_that_was_approved_before_stays_approved(asked: Firm) -> None:
    asked.report(revenue_2024_Q3="125000")
    asked.send(revenue="125000", employees="11")
    assert asked.cell("revenue")["status"] == "approved"


def test_a_company_is_asked_once_for_a_period_and_not_for_one_that_overlaps(asked: Firm) -> None:
    template = asked.get("request-templates")["items"][0]["id"]
    again = asked.ask(template)
    assert (again["asked"], [one["reason"] for one in again["skipped"]]) == ([], ["It was asked before."])
    year = {"starts_on": "2024-02-01", "year_ends_in": 1}
    assert asked.client.put(f"{API}/companies/{asked.company}/fiscal-years", json=year).status_code == 200
    found = asked.ask(template, "2025-Q2")  # May to July 2024 by the new fiscal year
    assert [one["reason"] for one in found["skipped"]] == ["It overlaps Q3 2024, asked before."]
    for period, code in (("2024-09", "wrong_period"), ("sometime", "unknown_period")):
        answer = asked.client.post(f"{API}/data-requests", json={"template_id": template, "period": period})
        assert (answer.status_code, answer.json()["code"]) == (422, code)
    later = asked.ask(template, "2099-Q1")
    assert later["skipped"][0]["reason"] == "Q1 2099 has not begun."


def test_a_company_without_recipients_is_named_and_not_asked(firm: Firm) -> None:
    template = firm.template()
    silent = firm.post("companies", name="Silent", currency="USD")["id"]
    found = firm.ask(template, company_ids=[silent])
    assert found["skipped"] == [{"company_id": silent, "company": "Silent", "reason": "It has no recipients."}]
    assert firm.name_recipients(silent, "nobody").status_code == 422
    assert firm.name_recipients(silent, "a@b.c, d@e.f").status_code == 422
    assert firm.name_recipients(silent, "<a@b.c>").json()["code"] == "wrong_address"
    assert firm.name_recipients(silent, BOB, "BOB@acme.example").json()["code"] == "recipient_twice"
    assert firm.name_recipients(silent, BOB, ADA).status_code == 200
    assert firm.name_recipients(silent, ADA).json()[0]["email"] == ADA
    assert len(firm.ask(template, company_ids=[silent])["asked"]) == 1


def test_a_template_asks_for_what_can_be_reported_alone(firm: Firm) -> None:
    asked = {"name": "T", "period_kind": "quarter", "starts_on": "2024-01-01"}
    answer = firm.client.post(
        f"{API}/request-templates", json=asked | {"metrics": ["revenue", "arr", "no_such", "revenue"]}
    )
    assert codes(answer) == [
        ("metrics.1", "metric_is_derived"),
        ("metrics.2", "unknown_metric"),
        ("metrics.3", "metric_twice"),
    ]


def test_a_request_that_was_taken_back_opens_no_more_and_can_be_asked_again(asked: Firm) -> None:
    (request,) = asked.get("data-requests")["items"]
    asked.post(f"data-requests/{request['id']}/cancel", 200)
    answer = asked.form("open")
    assert (answer.status_code, answer.json()["code"]) == (409, "form_closed")
    assert len(asked.ask(request["request_template_id"])["asked"]) == 1
    assert asked.form("open").status_code == 200


def test_a_link_can_be_handed_over_and_is_shown_once(asked: Firm) -> None:
    (request,) = asked.get("data-requests")["items"]
    link = asked.post(f"data-requests/{request['id']}/links")["link"]
    assert asked.form("open", link.rpartition("=")[2]).json()["company"] == "Acme"
    detail = asked.get(f"data-requests/{request['id']}")
    assert [(one["purpose"], one["email"]) for one in detail["links"]] == [("ask", ADA), ("hand", ADA)]
    assert link not in json.dumps(detail)


def test_the_clock_asks_for_the_period_that_ended_once(firm: Firm) -> None:
    firm.template()
    firm.template(name="By hand", is_scheduled=False)
    firm.template(name="Later", starts_on="2024-12-31")
    assert firm.day()["asked"] == 1
    assert [one["period"] for one in firm.get("data-requests")["items"]] == ["2024-Q3"]
    assert len(firm.mails()) == 1
    firm.clock.go(1)
    assert firm.day()["asked"] == 0
    firm.clock.go(90)  # 4 January
    assert firm.day()["asked"] == 2
    assert len(firm.mails("data_request")) == 3


def test_the_ladder_of_reminders_is_climbed_once_and_ends_when_the_form_is_sent(asked: Firm) -> None:
    sent = []
    for days in (7, 1, 6, 1, 1, 1, 1):  # 12, 13, 19, 20, 21, 22 and 23 October; due on the 20th
        asked.clock.go(days)
        sent.append(asked.day()["reminded"])
    assert sent == [0, 1, 0, 1, 0, 0, 1]
    assert asked.day()["reminded"] == 0  # the same morning again
    assert len(asked.mails("data_request_reminder")) == 3
    assert asked.send(revenue="125000", employees="11").status_code == 200
    asked.clock.go(10)
    assert asked.day()["reminded"] == 0


def test_days_that_were_missed_are_made_up_for_by_one_reminder(asked: Firm) -> None:
    asked.name_recipients(asked.company, ADA, BOB)
    asked.clock.go(30)
    assert asked.day()["mails"] == 2
    assert {one["to"] for one in asked.mails("data_request_reminder")} == {ADA, BOB}


def test_whoever_is_asked_late_is_not_reminded_of_days_before(firm: Firm) -> None:
    firm.clock.go(12)  # 17 October: a week before the due date is over
    firm.ask(firm.template())
    assert firm.day()["reminded"] == 0


def test_the_matrix_tells_how_far_each_company_is(asked: Firm) -> None:
    other = asked.post("companies", name="Other", currency="EUR")["id"]
    asked.name_recipients(other, BOB)
    template = asked.get("request-templates")["items"][0]["id"]
    asked.ask(template, company_ids=[other])
    asked.send(revenue="7", employees="11", token=asked.token())
    asked.clock.go(20)
    matrix = asked.get("data-requests/matrix", template_id=template)
    assert [one["period"] for one in matrix["periods"]] == ["2024-Q3"]
    acme, others = (one["cells"][0] for one in matrix["companies"])
    assert (acme["state"], acme["is_overdue"]) == ("asked", True)
    assert (others["state"], others["answers"], others["approved"]) == ("submitted", 2, 0)
    assert matrix["counts"] == {"overdue": 1, "submitted": 1}
    late, sent = asked.rows("data-requests/matrix", template_id=template)
    assert late == {
        "company_id": str(asked.company),
        "company": "Acme",
        "period": "2024-Q3",
        "period_kind": "quarter",
        "ends_on": "2024-09-30",
        "data_request_id": str(acme["data_request_id"]),
        "name": "Quarterly figures",
        "state": "asked",
        "is_overdue": "yes",
        "due_on": acme["due_on"],
        "submitted_at": "",
        "approved": "0",
        "answers": "0",
    }
    assert (sent["company"], sent["state"], sent["answers"]) == ("Other", "submitted", "2")
    assert asked.rows("data-requests/matrix", template_id=template + 1) == []


def test_the_inbox_leaves_whole_as_a_file_and_runs_nothing(asked: Firm) -> None:
    asked.send(note="=1+1", revenue="-60000.5", employees="11")
    revenue, employees = (
        next(one for one in asked.rows("submitted-values", limit=1) if one["metric"] == key)
        for key in ("revenue", "employees")
    )
    assert (revenue["company"], revenue["currency"], revenue["period"]) == ("Acme", "USD", "2024-Q3")
    assert (revenue["figures_value"], revenue["figures_previous"]) == ("-60000.50", "120000.00")
    assert (revenue["figures_change"], revenue["note"]) == ("-1.5", "'=1+1")
    assert (employees["figures_value"], employees["state"]) == ("11", "submitted")
    assert asked.rows("submitted-values", state="approved") == []


def test_mails_are_asked_for_with_the_request_or_not_at_all(firm: Firm) -> None:
    template = firm.template()
    firm.ask(template)
    with firm.database.reading(firm.actor) as session:
        assert session.scalar(select(func.count()).where(Job.kind == SEND)) == 1
