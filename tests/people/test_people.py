"""A person's data given out whole, and erased: nothing of them is left but what the chained trail told before."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from tests.conftest import make_firm
from vestry.audit.models import AuditRow
from vestry.audit.verifying import verify
from vestry.capital.calls import issue_call
from vestry.capital.schemas import CallIn
from vestry.capital.service import record_commitment
from vestry.cohorts.rounds.models import MonthlyRound
from vestry.core import encoding
from vestry.core.actor import Actor
from vestry.core.db import Database
from vestry.core.errors import NotFound
from vestry.core.history import twin
from vestry.core.model import Base, table_of
from vestry.funds import service as funds
from vestry.identity import service as identity
from vestry.identity.door import UNKNOWN
from vestry.identity.invitations import service as letters
from vestry.identity.models import User
from vestry.identity.oidc.models import ExternalIdentity, IdentityProvider
from vestry.identity.sessions.service import open_session
from vestry.identity.sessions.visits import Visit
from vestry.identity.signin.service import create_sign_in_link
from vestry.investments.service import make_investment
from vestry.investors.models import Investor
from vestry.investors.service import create_investor
from vestry.people import records, service
from vestry.requests.models import CompanyRecipient, DataRequest, FormLink, RequestTemplate, SubmittedValue

EMAIL, NAME = "Zebulon.Quux@canary.example", "Zebulon Quux"
ADDRESS, DEVICE = "203.0.113.77", "Canary Browser 1.0"
CANARIES = (EMAIL.lower(), NAME.lower(), ADDRESS, DEVICE.lower())


def cells(database: Database, *, but: tuple[str, ...] = ()) -> str:
    """All that the tables hold, in lower case."""
    found = []
    with database.reading(UNKNOWN) as session:
        for table in Base.metadata.sorted_tables:
            if table.name not in but:
                for row in session.connection().execute(text(f'SELECT * FROM "{table.name}"')):
                    found += [one.decode("latin-1") if isinstance(one, bytes) else str(one) for one in row]
    return "\n".join(found).lower()


@pytest.fixture
def person(database: Database, administrator: Actor) -> User:
    with database.transaction(administrator) as session:
        company_id, investor = a_ledger(session, administrator)
        identity.create_user(session, administrator, email="boss@firm.com", name="Boss", role="administrator")
        user = identity.create_user(
            session, administrator, email=EMAIL, name=NAME, role="analyst", password="quartz lantern osprey"
        )
        open_session(session, user, Visit(ADDRESS, DEVICE), proof="password")
        create_sign_in_link(session, user)
        letters.ask_for_reset(session, email=EMAIL)
        investor.email = EMAIL
        traces(session, user, company_id)
        return user


def a_ledger(session: Session, actor: Actor) -> tuple[int, Investor]:
    """A company held by a fund, and the investor who paid for it."""
    fund = funds.create_fund(session, actor, name="North I", currency="USD", strategy="buyout")
    there: dict[str, Any] = {"fund_id": fund.id, "vehicle_id": None, "currency": None}
    investor = create_investor(session, actor, name="Quux Family", kind="lp")
    day, amount = date(2020, 1, 1), Decimal(1000)
    record_commitment(session, actor, **there, investor_id=investor.id, committed_on=day, amount=amount)
    issue_call(session, actor, **CallIn(fund_id=fund.id, called_on=day, due_on=day, investments=amount).model_dump())
    made, _, _ = make_investment(
        session, actor, fund_id=fund.id, company_name="Acme", currency="USD", invested_on=day, amount=amount
    )
    return made.company_id, investor


def traces(session: Session, user: User, company_id: int) -> None:
    """Whatever else names the person: their account in a directory, forms of a company they filled in, a round they
    planned and an answer they decided."""
    firm, now = user.firm_id, session.info["now"]
    provider = IdentityProvider(
        firm_id=firm, name="Directory", issuer="https://id.example", client_id="vestry", scopes="openid",
        groups_claim="groups", role_by_group=[], second_factor_done=False, is_listed=True,
    )  # fmt: skip
    template = RequestTemplate(
        firm_id=firm, name="Monthly", period_kind="month", metrics=["revenue"], questions=[], due_days=10,
        reminder_days=[], deviation=Decimal("0.4"), company_ids=[], is_scheduled=False, starts_on=date(2024, 1, 1),
    )  # fmt: skip
    planned = MonthlyRound(
        firm_id=firm, company_id=company_id, month=date(2024, 1, 1), state="planned", planned_spend=Decimal(1),
        plan_in_terms=False, step="plan", done_by=NAME, side="fund",
    )  # fmt: skip
    session.add_all([provider, template, planned])
    session.flush()
    planned.step_amount = Decimal(1)  # one version more
    session.flush()
    for table in (table_of(MonthlyRound), twin(MonthlyRound)):  # theirs, although the fixture's actor wrote them
        session.connection().execute(table.update().values(recorded_by=user.id))
    asked = DataRequest(
        firm_id=firm, company_id=company_id, request_template_id=template.id, name="Monthly", period="Jan 2024",
        period_kind="month", starts_on=date(2024, 1, 1), ends_on=date(2024, 1, 31), due_on=date(2024, 2, 10),
        metrics=["revenue"], questions=[], deviation=Decimal("0.4"), reminder_days=[], state="submitted", draft={},
        answers=[], submitted_by=EMAIL,
    )  # fmt: skip
    account = ExternalIdentity(
        firm_id=firm, user_id=user.id, provider_id=provider.id, issuer=provider.issuer, subject="7", email=EMAIL,
        created_at=now,
    )  # fmt: skip
    recipient = CompanyRecipient(firm_id=firm, company_id=company_id, email=EMAIL, email_key=EMAIL.lower(), name=NAME)
    session.add_all([asked, account, recipient])
    session.flush()
    session.add_all(
        [
            FormLink(
                firm_id=firm, company_id=company_id, data_request_id=asked.id, email=EMAIL, email_key=EMAIL.lower(),
                purpose="ask", secret_hash=bytes(32), expires_at=now,
            ),
            SubmittedValue(
                firm_id=firm, company_id=company_id, data_request_id=asked.id, metric="revenue", figures={},
                state="approved", decided_by=NAME,
            ),
        ]
    )  # fmt: skip


def books(database: Database, actor: Actor) -> Any:
    with database.reading(actor) as session:
        return [
            session.connection().execute(text(f"SELECT count(*), sum({column}) FROM {table}")).one()
            for table, column in (
                ("capital_call_line", "investments"),
                ("commitment", "amount"),
                ('"transaction"', "amount"),
            )
        ]


def test_an_export_holds_all_that_is_kept_about_the_person_and_no_secret(
    database: Database, administrator: Actor, person: User
) -> None:
    with database.reading(administrator) as session:
        found = records.everything_about(session, administrator, EMAIL.upper())
    named = {"user", "user_session", "sign_in_link", "password_reset", "mail_delivery", "investor", "commitment"}
    asked = {"company_recipient", "data_request", "form_link", "submitted_value", "external_identity"}
    assert named | asked <= set(found)
    assert found["made"]["monthly_round.recorded_by"] == 1
    assert found["user"][0]["name"] == NAME
    assert found["user_session"][0]["device"] == DEVICE
    written = encoding.dumps(found).decode()
    for word in ("password_hash", "secret_hash", "argon2", "sealed"):
        assert word not in written
    with database.reading(administrator) as session, pytest.raises(NotFound):
        records.everything_about(session, administrator, "nobody@canary.example")


def test_an_erased_person_is_nowhere_but_in_the_trail_and_the_books_stay(
    database: Database, administrator: Actor, person: User
) -> None:
    before = books(database, administrator)
    assert all(canary in cells(database) for canary in CANARIES)
    with database.transaction(administrator) as session:
        done = service.erase(session, administrator, EMAIL)
    assert done["user"] == done["user_session"] == done["investor"] == done["mail_delivery"] == 1
    assert done["company_recipient"] == done["form_link"] == done["data_request"] == done["external_identity"] == 1
    assert done["submitted_value"] == done["monthly_round"] == done["monthly_round_history"] == 1
    assert done["audit_row"] > 0
    left = cells(database, but=("audit_row",))
    assert [canary for canary in CANARIES if canary in left] == []
    assert books(database, administrator) == before
    with database.reading(administrator) as session:
        user = session.get_one(User, person.id)
        assert (user.name, user.password_hash, user.deactivated_at is None) == (
            f"Erased person u{user.id}",
            None,
            False,
        )
        verdict = verify(session, administrator.firm_id, [])
        assert verdict.rows > 0
        assert verdict.faults == []
    with database.transaction(administrator) as session, pytest.raises(NotFound):
        service.erase(session, administrator, EMAIL)


def test_somebody_a_company_named_who_has_no_account_is_given_out_and_erased(
    database: Database, administrator: Actor, person: User
) -> None:
    with database.transaction(administrator) as session:
        link = session.query(FormLink).one()
        link.email = link.email_key = "bob@canary.example"
        found = records.everything_about(session, administrator, "BOB@canary.example")
        assert set(found) == {"email", "exported_at", "form_link"}
        assert service.erase(session, administrator, "bob@canary.example")["form_link"] == 1
        assert (link.email, link.spent_at is None) == (f"erased-f{link.id}@erased.invalid", False)
    assert "bob@" not in cells(database, but=("audit_row",))


def test_a_name_that_two_people_have_is_left_where_a_row_does_not_say_whose_it_is(
    database: Database, administrator: Actor, person: User
) -> None:
    with database.transaction(administrator) as session:
        identity.create_user(session, administrator, email="other@firm.com", name=NAME, role="analyst")
        done = service.erase(session, administrator, EMAIL)
    assert ("submitted_value" in done, done["monthly_round"]) == (False, 1)


def test_the_trail_tells_of_the_erasure_without_repeating_what_was_erased(
    database: Database, administrator: Actor, person: User
) -> None:
    def told() -> list[Any]:
        with database.reading(administrator) as session:
            query = text("SELECT sequence, before, after, note FROM audit_row WHERE firm_id = :firm ORDER BY sequence")
            return list(session.connection().execute(query, {"firm": administrator.firm_id}))

    earlier = len(told())
    with database.transaction(administrator) as session:
        service.erase(session, administrator, EMAIL, investors=True)
    fresh = told()[earlier:]
    assert any(row.note == "erased" for row in fresh)
    assert not [row for row in fresh if any(canary in str(row).lower() for canary in CANARIES)]
    with database.reading(administrator) as session:
        assert session.query(Investor).filter(Investor.name.like("Erased investor %")).count() == 1


def test_another_firm_has_no_such_person(database: Database, administrator: Actor, person: User) -> None:
    other = make_firm(database, "Other", "USD")
    with database.transaction(other) as session, pytest.raises(NotFound):
        service.erase(session, other, EMAIL)


def test_an_administrator_gives_out_and_erases_over_the_api(
    database: Database, administrator: Actor, client_as: Callable[[str], TestClient]
) -> None:
    with database.transaction(administrator) as session:
        user = identity.create_user(session, administrator, email=EMAIL, name=NAME, role="analyst")
        path = f"/api/v1/users/{user.id}"
    boss = client_as("administrator")
    given = boss.get(f"{path}/personal-data")
    assert given.headers["content-disposition"].startswith("attachment")
    assert (given.json()["email"], given.json()["data"]["user"][0]["name"]) == (EMAIL, NAME)
    assert boss.post(f"{path}/erase", json={"confirm": "yes"}).status_code == 422
    erased = boss.post(f"{path}/erase", json={"confirm": "erase"})
    assert (erased.status_code, erased.json()["rows"]["user"]) == (200, 1)
    assert erased.json()["left_in_trail"] > 0
    assert boss.get("/api/v1/users").json()[-1]["name"] == f"Erased person u{user.id}"
    assert client_as("manager").get(f"{path}/personal-data").status_code == 403
    with database.reading(administrator) as session:
        exports = session.scalars(select(AuditRow.note).where(AuditRow.action == "export")).all()
    assert exports == [f"{path}/personal-data"]
