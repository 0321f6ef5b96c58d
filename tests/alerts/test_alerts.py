"""Alerts: raised once, closed and opened again with their causes, decided on by people, seen by whom the company is."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import select

from tests.databases import SqliteSource
from vestry.alerts.jobs import DAILY
from vestry.core import outbox
from vestry.core.actor import Actor
from vestry.core.db import Database
from vestry.core.outbox import Job
from vestry.integrations.mail.models import MailDelivery
from vestry.worker.kinds import KINDS
from vestry.worker.tries import attempt

API = "/api/v1"


class Clock:
    """A clock that the test moves."""

    def __init__(self, patch: pytest.MonkeyPatch) -> None:
        self.at = datetime(2024, 6, 15, 9, tzinfo=UTC)
        patch.setattr("vestry.core.clock.now", lambda: self.at)


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    return Clock(monkeypatch)


@pytest.fixture
def database(sqlite_source: SqliteSource) -> Iterator[Database]:
    """One is enough: what differs between the two is tried by the tests of every operation."""
    url = sqlite_source.new()
    opened = Database(url)
    yield opened
    opened.close()
    sqlite_source.drop(url)


class Firm:
    """A company with a trade, and what the tests do with it."""

    def __init__(self, client: TestClient, database: Database, actor: Actor) -> None:
        self.client, self.database, self.actor = client, database, actor
        self.company = self.post("companies", name="Acme", currency="USD")["id"]

    def post(self, path: str, status: int | None = None, **body: Any) -> Any:
        answer = self.client.post(f"{API}/{path}", json=body)
        assert answer.status_code in ((status,) if status else (200, 201)), answer.text
        return answer.json() if answer.content else None

    def about(self, path: str, **body: Any) -> Any:
        return self.post(f"companies/{self.company}/{path}", **body)

    def pay(self, on: str, amount: str, customer: str = "one") -> Any:
        return self.about("payments", customer_id=customer, payment_date=on, amount=amount)

    def report(self, **values: str) -> None:
        """``revenue_2024_Q1="100"`` and the like."""
        given = []
        for name, value in values.items():
            metric, year, part = name.rsplit("_", 2)
            given.append({"metric": metric, "period": f"{year}-{part}", "value": value})
        answer = self.client.put(f"{API}/companies/{self.company}/metrics", json={"values": given})
        assert answer.status_code == 200, answer.text

    def work(self) -> list[str]:
        """Do the jobs that wait; what became of them."""
        with self.database.reading(self.actor) as session:
            waiting = session.execute(
                select(Job.uid).where(Job.state == outbox.WAITING, Job.kind.startswith("alerts.")).order_by(Job.id)
            ).all()
        ended = [attempt(self.database, KINDS, self.actor.firm_id, row.uid, 1) for row in waiting]
        return ended + (self.work() if ended else [])

    def day(self) -> None:
        """What the clock asks for each morning."""
        with self.database.transaction(self.actor) as session:
            outbox.ask(session, DAILY, {}, title="daily")
        assert set(self.work()) == {"done"}

    def alerts(self, **asked: Any) -> list[dict[str, Any]]:
        self.work()
        answer = self.client.get(f"{API}/alerts", params=asked)
        assert answer.status_code == 200, answer.text
        found: list[dict[str, Any]] = answer.json()["items"]
        return found


@pytest.fixture
def firm(clock: Clock, client: TestClient, database: Database, administrator: Actor) -> Firm:
    return Firm(client, database, administrator)


@pytest.fixture
def trading(firm: Firm) -> Firm:
    """A cohort of January 2024 with a threshold of 25 % in month 1, and 200 of 1,000 paid in it."""
    firm.about("spends", cohort_month="2024-01-01", spend="1000")
    firm.about("trades", cohort_month="2024-01-01", sharing_percentage="0.5", cash_cap="5000")
    firm.about("thresholds", payment_period_month=1, minimum_payment_percent="0.25")
    for on, amount in (("2024-01-10", "400"), ("2024-02-10", "200"), ("2024-05-20", "100")):
        firm.pay(on, amount)
    return firm


def test_a_breach_is_told_once_with_the_right_to_stop_funding(trading: Firm) -> None:
    (alert,) = trading.alerts()
    assert (alert["kind"], alert["severity"], alert["state"]) == ("cohort_breach", "critical", "open")
    assert alert["subject"] == "2024-01-01@1"
    assert "paid 200.00 USD in month 1 (Feb 2024), below the 250.00 USD" in alert["says"]
    assert "may stop funding cohorts after Jan 2024" in alert["says"]
    assert alert["figures"]["may_stop_funding_after"] == "2024-01-01"
    assert alert["link"] == f"/companies/{trading.company}/cohorts?measure=minimum&cell=2024-01-01@1"
    trading.pay("2024-05-21", "1")
    trading.day()
    assert [one["version"] for one in trading.alerts()] == [1]


def test_many_changes_before_the_worker_comes_are_one_look(trading: Firm) -> None:
    with trading.database.reading(trading.actor) as session:
        assert len(session.scalars(select(Job.id).where(Job.kind == "alerts.evaluate")).all()) == 1


def test_a_breach_that_is_set_aside_closes_by_itself_and_returns_with_its_cause(trading: Firm, clock: Clock) -> None:
    assert [one["state"] for one in trading.alerts()] == ["open"]
    why = {"reason": "Provider down", "approved_by": "IC"}
    made = trading.about("threshold-overrides", cohort_month="2024-01-01", payment_period_month=1, **why)
    (closed,) = trading.alerts()
    assert (closed["state"], closed["decided_by"], closed["note"]) == ("closed", None, None)
    clock.at += timedelta(hours=1)
    trading.about(f"threshold-overrides/{made['id']}/void", status=204, reason="No")
    (again,) = trading.alerts()
    assert (again["id"], again["state"]) == (closed["id"], "open")
    assert again["opened_at"] > closed["opened_at"]
    history = trading.client.get(f"{API}/alerts/{again['id']}/versions").json()
    assert [one["state"] for one in history] == ["open", "closed", "open"]


def test_who_closes_it_is_not_told_again_until_the_cause_was_gone(trading: Firm) -> None:
    (alert,) = trading.alerts()
    seen = trading.post(f"alerts/{alert['id']}/acknowledge", note=None)
    assert seen["state"] == "acknowledged"
    closed = trading.post(f"alerts/{alert['id']}/close", note="A one-off")
    assert (closed["state"], closed["note"]) == ("closed", "A one-off")
    trading.day()
    assert [one["state"] for one in trading.alerts()] == ["closed"]
    trading.post(f"alerts/{alert['id']}/close", status=409, note="Twice")
    more = trading.pay("2024-02-11", "60")
    assert trading.alerts()[0]["note"] == "A one-off"
    trading.about(f"payments/{more['id']}/void", status=204, reason="Wrong")
    assert [one["state"] for one in trading.alerts()] == ["open"]


def test_a_month_under_way_is_no_breach(firm: Firm) -> None:
    firm.about("spends", cohort_month="2024-05-01", spend="1000")
    firm.about("trades", cohort_month="2024-05-01", sharing_percentage="0.5")
    firm.about("thresholds", payment_period_month=1, minimum_payment_percent="0.25")
    firm.pay("2024-05-10", "400")
    firm.pay("2024-06-10", "1")
    assert firm.alerts() == []


def test_payments_that_do_not_come_are_missed_after_the_days_that_the_firm_waits(trading: Firm, clock: Clock) -> None:
    clock.at = datetime(2024, 7, 10, 9, tzinfo=UTC)
    trading.day()
    assert trading.alerts(kind="cohort_payments_missing") == []
    clock.at = datetime(2024, 7, 11, 9, tzinfo=UTC)
    trading.day()
    (alert,) = trading.alerts(kind="cohort_payments_missing")
    assert alert["says"] == "No payments of Jun 2024 were uploaded; they were due by 2024-07-11."
    answer = trading.client.put(
        f"{API}/alerts/settings", json={"drift_tolerance": None, "upload_days": 20, "mail_digest": False}
    )
    assert (answer.status_code, answer.json()["version"]) == (200, 1)
    assert trading.alerts(kind="cohort_payments_missing")[0]["state"] == "closed"


def test_a_trade_without_a_payment_is_looked_at_and_misses_them(firm: Firm) -> None:
    firm.about("trades", cohort_month="2024-01-01", sharing_percentage="0.5")
    assert set(firm.work()) == {"done"}
    assert [alert["kind"] for alert in firm.alerts()] == ["cohort_payments_missing"]


def test_a_statement_that_is_not_settled_in_time_is_overdue(trading: Firm, clock: Clock) -> None:
    def step(of: dict[str, Any], name: str, **body: Any) -> dict[str, Any]:
        answer = trading.client.post(
            f"{API}/companies/{trading.company}/monthly-rounds/{of['id']}/{name}",
            json=body,
            headers={"If-Match": f'"{of["version"]}"'},
        )
        assert answer.status_code == 200, answer.text
        told: dict[str, Any] = answer.json()
        return told

    clock.at = datetime(2024, 7, 1, 9, tzinfo=UTC)
    planned = trading.about("monthly-rounds", month="2024-05-01", planned_spend="0")
    stated = step(planned, "issue")
    assert stated["owed"] == "50.00"
    clock.at = datetime(2024, 7, 31, 9, tzinfo=UTC)
    trading.day()
    assert trading.alerts(kind="cohort_round_overdue") == []
    clock.at = datetime(2024, 8, 1, 9, tzinfo=UTC)
    trading.day()
    (alert,) = trading.alerts(kind="cohort_round_overdue")
    assert alert["says"] == "Of the 50.00 USD stated for May 2024, 50.00 USD is not settled; it was due by 2024-07-31."
    patience = {"drift_tolerance": None, "upload_days": 10, "mail_digest": False}
    for days, state in ((31, "closed"), (30, "open")):
        answer = trading.client.put(f"{API}/alerts/settings", json=patience | {"settle_days": days})
        assert (answer.status_code, answer.json()["settle_days"]) == (200, days)
        assert trading.alerts(kind="cohort_round_overdue")[0]["state"] == state
    part = step(stated, "settle", paid_on="2024-08-01", amount="20")
    assert trading.alerts(kind="cohort_round_overdue")[0]["figures"]["open"] == "30.00"
    step(part, "settle", paid_on="2024-08-01", amount="30")
    assert trading.alerts(kind="cohort_round_overdue")[0]["state"] == "closed"


def test_a_month_far_below_its_forecast_is_a_drift(firm: Firm) -> None:
    for month in range(1, 13):
        firm.about("spends", cohort_month=f"2023-{month:02d}-01", spend="1000")
    firm.about("trades", cohort_month="2023-01-01", sharing_percentage="0.5")
    rows = ["customer_id,payment_date,amount"]
    for cohort in range(12):
        for at in range(cohort, 17):
            amount = round(300 * 0.9 ** (at - cohort) * (1 + 0.05 * ((at * 7 + cohort) % 5 - 2)), 2)
            amount = amount if at < 16 else round(amount * 0.4, 2)
            rows.append(f"c{cohort},{2023 + at // 12}-{at % 12 + 1:02d}-10,{amount}")
    file = {"file": ("p.csv", "\n".join(rows).encode())}
    assert firm.client.post(f"{API}/companies/{firm.company}/payments/upload", files=file).status_code == 201
    (alert,) = firm.alerts(kind="cohort_drift")
    assert alert["severity"] == "warning"
    assert alert["figures"]["month"] == "2024-05-01"
    assert "less than" in alert["says"]
    body = {"drift_tolerance": "0.9", "upload_days": 10, "mail_digest": False}
    assert firm.client.put(f"{API}/alerts/settings", json=body).status_code == 200
    assert [one["state"] for one in firm.alerts(kind="cohort_drift")] == ["closed"]


FLOOR = {"name": "Low revenue", "metric": "revenue", "period_kind": "quarter", "comparison": "below"}


def test_a_rule_is_tried_on_history_before_it_is_kept_and_then_looks_at_the_newest(firm: Firm) -> None:
    firm.report(
        revenue_2023_Q1="90", revenue_2023_Q2="80", revenue_2023_Q3="120", revenue_2023_Q4="95", revenue_2024_Q1="70"
    )
    tried = firm.post("alerts/rules/preview", **FLOOR, threshold="100")
    assert (tried["times"], tried["looked_at"]) == (4, 5)
    assert [one["period"] for one in tried["companies"][0]["periods"]] == ["2023-Q1", "2023-Q2", "2023-Q4", "2024-Q1"]
    assert firm.client.get(f"{API}/alerts/rules").json()["total"] == 0
    rule = firm.post("alerts/rules", **FLOOR, threshold="100", severity="critical")
    (alert,) = firm.alerts()
    assert (alert["rule_id"], alert["severity"]) == (rule["id"], "critical")
    assert alert["says"] == "Low revenue: Revenue of Q1 2024 is 70.00 USD, below the limit of 100.00 USD."
    firm.report(revenue_2024_Q1="110")
    assert [one["state"] for one in firm.alerts()] == ["closed"]
    firm.report(revenue_2024_Q1="60")
    assert [one["state"] for one in firm.alerts()] == ["open"]
    firm.post(f"alerts/rules/{rule['id']}/void", status=204, reason="No longer")
    assert [one["state"] for one in firm.alerts()] == ["closed"]


def test_each_comparison_fires_where_it_should(firm: Firm) -> None:
    firm.report(revenue_2023_Q1="100", revenue_2023_Q3="150", revenue_2023_Q4="100", revenue_2024_Q1="79")
    change = {"against": "previous", "threshold": "0.3"}
    for rule, fired in (
        ({"comparison": "above", "threshold": "100"}, ["2023-Q3"]),
        ({"comparison": "falls_by"} | change, ["2023-Q4"]),
        ({"comparison": "rises_by"} | change, []),  # from a quarter that is not known
        ({"comparison": "falls_by", "against": "year_before", "threshold": "0.2"}, ["2024-Q1"]),
        ({"comparison": "falls_by", "against": "year_before", "threshold": "0.21"}, []),
        ({"comparison": "missing", "due_days": 30}, ["2023-Q2"]),
    ):
        tried = firm.post("alerts/rules/preview", **FLOOR | rule)
        assert [one["period"] for company in tried["companies"] for one in company["periods"]] == fired, rule


def test_a_period_not_reported_in_time_is_missed(firm: Firm, clock: Clock) -> None:
    firm.report(revenue_2024_Q1="79")
    firm.post("alerts/rules", **FLOOR | {"comparison": "missing", "due_days": 30})
    clock.at = datetime(2024, 7, 30, 9, tzinfo=UTC)
    firm.day()
    assert firm.alerts() == []
    clock.at = datetime(2024, 7, 31, 9, tzinfo=UTC)
    firm.day()
    assert "Revenue of Q2 2024 is not reported" in firm.alerts()[0]["says"]


def test_a_rule_that_cannot_be_asked_is_refused(firm: Firm) -> None:
    for body, field in (
        ({"comparison": "below"}, "threshold"),
        ({"comparison": "missing", "due_days": 3, "threshold": "1"}, "threshold"),
        ({"comparison": "falls_by", "threshold": "1"}, "against"),
        ({"comparison": "below", "threshold": "1", "metric": "nothing"}, "metric"),
        ({"comparison": "below", "threshold": "1", "metric": "employees", "currency": "USD"}, "currency"),
    ):
        for path in ("alerts/rules", "alerts/rules/preview"):
            refused = firm.post(path, status=422, **FLOOR | body)
            assert refused["errors"][0]["path"] == field, refused


def test_alerts_are_seen_by_whom_the_company_is(trading: Firm, client_as: Callable[..., TestClient]) -> None:
    (alert,) = trading.alerts()
    assert client_as("auditor").get(f"{API}/alerts").json()["total"] == 1
    assert client_as("auditor").post(f"{API}/alerts/{alert['id']}/close", json={"note": "x"}).status_code == 403
    assert client_as("company_contact").get(f"{API}/alerts").status_code == 403


def test_all_alerts_leave_as_a_file_for_whom_they_are(firm: Firm, client_as: Callable[..., TestClient]) -> None:
    other = firm.post("companies", status=201, name="=Sum", currency="USD")["id"]
    rule = {"metric": "revenue", "period_kind": "quarter", "comparison": "below", "threshold": "100"}
    firm.post("alerts/rules", status=201, name="Floor", **rule)
    for company in (firm.company, other):
        figure = {"metric": "revenue", "period": "2024-Q1", "value": "5"}
        answer = firm.client.put(f"{API}/companies/{company}/metrics", json={"values": [figure]})
        assert answer.status_code == 200, answer.text
    shown = {one["company_id"]: one for one in firm.alerts()}
    assert set(shown) == {firm.company, other}

    def rows(client: TestClient, **asked: Any) -> list[dict[str, str]]:
        answer = client.get(f"{API}/alerts", params={"format": "csv", "limit": 1, "sort": "company", **asked})
        assert answer.status_code == 200, answer.text
        assert answer.headers["content-disposition"] == 'attachment; filename="alerts.csv"'
        return list(csv.DictReader(io.StringIO(answer.text)))

    first, second = rows(firm.client)
    assert (first["company"], second["company_id"]) == ("'=Sum", str(firm.company))
    assert (first["state"], first["says"]) == ("open", shown[other]["says"])
    assert rows(firm.client, state="closed") == []
    assert len(rows(client_as("auditor"))) == 2
    refused = client_as("company_contact").get(f"{API}/alerts", params={"format": "csv"})
    assert (refused.status_code, refused.headers["content-type"]) == (403, "application/problem+json")


def test_managers_get_a_mail_a_day_where_the_firm_wants_it(trading: Firm, clock: Clock) -> None:
    trading.post("users", name="M", email="m@firm.com", role="manager")
    trading.post("users", name="A", email="a@firm.com", role="analyst")
    trading.alerts()
    body = {"drift_tolerance": None, "upload_days": 10, "mail_digest": True}
    for mails, wants in ((0, False), (1, True)):
        assert trading.client.put(f"{API}/alerts/settings", json=body | {"mail_digest": wants}).status_code == 200
        trading.work()
        trading.day()
        with trading.database.reading(trading.actor) as session:
            sent = session.scalars(select(MailDelivery.recipient).where(MailDelivery.template == "alerts")).all()
        assert len(sent) == mails
    clock.at += timedelta(days=2)  # nothing new since
    trading.day()
    with trading.database.reading(trading.actor) as session:
        assert len(session.scalars(select(MailDelivery.id)).all()) == 1
