"""Whoever fills in a form acts within both locks: the application's, and the database's own."""

from __future__ import annotations

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import func, select

from tests.requests.test_requests import BOB, Clock, Firm
from vestry.core.actor import Actor
from vestry.core.db import Database
from vestry.metrics.models import MetricValue
from vestry.requests.entering import enter
from vestry.requests.models import DataRequest, SubmittedValue


def test_a_form_is_filled_in_sent_and_decided_and_sees_one_company(
    monkeypatch: pytest.MonkeyPatch, client: TestClient, database: Database, administrator: Actor
) -> None:
    firm = Firm(client, database, administrator, Clock(monkeypatch))
    other = firm.post("companies", name="Other", currency="EUR")["id"]
    firm.name_recipients(other, BOB)
    firm.report(revenue_2024_Q2="120000")
    firm.ask(firm.template())
    acme = firm.token(0)
    assert firm.form("draft", acme, values=[{"metric": "revenue", "value": "130000"}]).status_code == 200
    assert firm.send(acme, revenue="130000", employees="5").status_code == 200
    entered = enter(database, acme, "192.0.2.1")
    with database.reading(entered.actor) as session:  # nothing but the database's lock is asked
        seen = [session.scalar(select(func.count()).select_from(one)) for one in (DataRequest, SubmittedValue)]
    assert seen == ([2, 2] if database.is_sqlite else [1, 2])
    revenue, employees = firm.inbox()
    firm.decide(revenue, "reject", reason="Again?")
    firm.decide(employees, "approve")
    assert firm.send(revenue="125000").status_code == 200
    with database.reading(administrator) as session:
        rows = session.execute(select(MetricValue.company_id, MetricValue.status).order_by(MetricValue.id)).all()
    assert [tuple(row) for row in rows] == [
        (firm.company, "approved"),
        (firm.company, "submitted"),
        (firm.company, "approved"),
    ]
