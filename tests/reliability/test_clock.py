"""The clock is put forward or back by an hour while people work: nobody is thrown out, nothing done twice or left."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import func, select

from tests.conftest import make_firm
from tests.databases import SqliteSource
from tests.identity.conftest import API, Firm, enter, me
from tests.worker.by_hand import ByHand
from vestry.api import create_app
from vestry.audit import verifying
from vestry.capital.models import VehicleEntry
from vestry.core import clock, outbox
from vestry.core.db import Database
from vestry.core.settings import Settings


@pytest.fixture
def firm(sqlite_source: SqliteSource) -> Iterator[Firm]:
    url = sqlite_source.new()
    database = Database(url)
    app = create_app(Settings(environment="test", log_level="ERROR"), database)
    yield Firm(app, database, make_firm(database, "Example Capital", "USD"))
    database.close()
    sqlite_source.drop(url)


@pytest.mark.parametrize("hours", [1, -1])
def test_a_clock_that_jumps_breaks_nothing(firm: Firm, monkeypatch: pytest.MonkeyPatch, hours: int) -> None:
    person = firm.hire("administrator")
    browser, program = firm.signed_in(person), firm.browser()
    pair = browser.post(f"{API}/auth/programs", json={"name": "program"}).json()
    secret = browser.post(f"{API}/tokens", json={"name": "t", "role": "administrator"}).json()["secret"]
    keyed = firm.browser()
    keyed.headers.update({"Authorization": f"Bearer {secret}", "Idempotency-Key": "once"})
    fund = browser.post(f"{API}/funds", json={"name": "Fund", "currency": "USD"}).json()["id"]
    entry = {"fund_id": fund, "kind": "income", "entered_on": "2024-05-01", "amount": "7"}
    first = keyed.post(f"{API}/vehicle-entries", json=entry)
    stranger = firm.browser()
    while enter(stranger, person.email, "wrong").status_code != 429:
        pass
    with firm.database.transaction(firm.actor) as session:
        outbox.ask(session, "identity.sweep", {}, title="Asked before")

    monkeypatch.setattr(clock, "now", lambda: datetime.now(UTC) + timedelta(hours=hours))

    assert me(browser) == 200
    renewed = program.post(f"{API}/auth/refresh", json={"refresh_token": pair["refresh_token"]})
    assert renewed.status_code == 200, renewed.text
    program.headers["Authorization"] = f"Bearer {renewed.json()['access_token']}"
    assert me(program) == 200
    again = keyed.post(f"{API}/vehicle-entries", json=entry)
    assert (again.status_code, again.text) == (201, first.text)
    more = {name: value for name, value in entry.items() if name != "fund_id"} | {"amount": "8"}
    changed = browser.put(f"{API}/vehicle-entries/{first.json()['id']}", json=more)
    assert changed.status_code == 200, changed.text
    with firm.database.reading(firm.actor) as session:
        assert session.scalar(select(func.count()).select_from(VehicleEntry)) == 1
        verdict = verifying.verify(session, firm.actor.firm_id, [])
        assert verdict.rows > 3, verdict
        assert not verdict.faults, verdict
    late = enter(stranger, person.email, "wrong")
    assert int(late.headers.get("retry-after", 0)) < 60, "who failed before the jump waits as long as without it"
    assert ByHand(firm.database).work() == ["done"]
