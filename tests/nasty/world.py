"""A firm with one of everything, so that every operation has something to work on; and what its books hold."""

from __future__ import annotations

import copy
import itertools
import json
from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Any, TypeVar
from zlib import crc32

from fastapi import FastAPI
from fastapi.testclient import TestClient
from httpx2 import Response
from sqlalchemy import func, literal, select, union_all

from tests.nasty.bodies import Body, Operation
from vestry.alerts.models import Alert
from vestry.all_models import metadata
from vestry.approvals.models import ApprovalRequest
from vestry.cohorts.rounds import service as rounds
from vestry.cohorts.rounds.models import RoundTransfer
from vestry.companies.models import Company
from vestry.core import outbox, tagged
from vestry.core.actor import Actor
from vestry.core.db import Database
from vestry.identity import service as identity
from vestry.identity.door import UNKNOWN
from vestry.identity.models import User, UserSession
from vestry.identity.oidc.models import ExternalIdentity
from vestry.identity.passkeys.models import Passkey
from vestry.identity.sessions.service import open_session
from vestry.identity.sessions.visits import Visit
from vestry.identity.tokens.service import begin

API = "/api/v1"
Found = TypeVar("Found")
_numbers = itertools.count(1)
# What a conversion cannot be asked without.
RATED = {"amount": "1.00", "from": "USD", "to": "CAD", "base": "USD", "quote": "CAD"}


class World:
    """A firm of its own in a database, a client of its administrator, and the ids of what it has."""

    def __init__(self, app: FastAPI, database: Database, currency: str = "USD", *, empty: bool = False) -> None:
        self.app, self.database, self.currency = app, database, currency
        with database.transaction(UNKNOWN) as session:
            firm = identity.create_firm(session, name=f"Firm {next(_numbers)}", currency=currency)
            self.actor = Actor("cli", firm.id, "administrator", name="test")
        self.client = self.client_as("administrator")
        self.ids: dict[str, Any] = {}
        self.staged: dict[str, int] = {}  # operation → the monthly round that it can be done with
        if not empty:
            self._fill()

    def client_as(self, role: str) -> TestClient:
        """A client with a token of a role."""
        with self.database.transaction(self.actor) as session:
            _, secret = identity.create_token(session, self.actor, name=role, role=role)
        return TestClient(
            self.app, base_url="http://localhost", headers={"Authorization": f"Bearer {secret}", "If-Match": "*"}
        )

    def post(self, path: str, **body: Any) -> Body:
        """Record something that must be accepted."""
        answer = self.client.post(f"{API}/{path}", json=body)
        assert answer.status_code in (200, 201), (path, answer.text)
        made: Body = answer.json()
        return made

    def _fill(self) -> None:
        ids, post = self.ids, self.post
        fund = post("funds", name="World Fund", currency=self.currency)
        ids |= {"fund_id": fund["id"], "vehicle_id": fund["main_vehicle_id"]}
        promised = {"fund_id": fund["id"], "committed_on": "2023-01-01", "amount": "10000000"}
        ids["scope_id"] = ids["fund_id"]  # the examples grant a fund
        ids["investor_id"] = post("investors", name="First")["id"]
        post("commitments", investor_id=ids["investor_id"], **promised)
        other = post("investors", name="Second")["id"]
        ids["commitment_id"] = post("commitments", investor_id=other, **promised)["id"]  # nothing called on it
        days = {"called_on": "2023-02-01", "due_on": "2023-02-15"}
        line = {"investor_id": ids["investor_id"]}
        ids["call_id"] = post("capital-calls", fund_id=fund["id"], lines=[line | {"fees": "1000"}], **days)["id"]
        days = {"declared_on": "2023-02-01", "due_on": "2023-02-15"}
        given = post("distributions", fund_id=fund["id"], lines=[line | {"gains": "10"}], **days)
        ids["distribution_id"] = given["id"]
        entry = {"kind": "income", "entered_on": "2023-03-01", "amount": "5"}
        ids["entry_id"] = post("vehicle-entries", fund_id=fund["id"], **entry)["id"]
        deal = {"invested_on": "2024-01-10", "amount": "100000", "ownership": "0.1"}
        made = post("investments", fund_id=fund["id"], company={"name": "World Company"}, **deal)
        ids |= {"investment_id": made["id"], "holding_id": made["holding_id"], "company_id": made["company"]["id"]}
        with self.database.transaction(self.actor) as session:
            session.get_one(Company, ids["company_id"]).ticker_symbol = "WRLD"
        company = {"company_id": ids["company_id"]}
        ids["round_id"] = post("rounds", name="Seed", closed_on="2024-01-10", **company)["id"]
        ids["security_id"] = post("securities", name="Common", kind="common", **company)["id"]
        self._fill_cohorts()
        defined = {"key": "visits", "label": "Visits", "unit": "count", "kind": "flow"}
        years = {"starts_on": "2030-01-01", "year_ends_in": 12}
        answer = self.client.put(f"{API}/companies/{ids['company_id']}/fiscal-years", json=years)
        ids["fiscal_year_id"] = answer.json()[0]["id"]
        ids["definition_id"] = post("metrics/definitions", **defined)["id"]
        dividend = {"kind": "dividend", "transacted_on": "2024-09-30", "amount": "10"}
        ids["transaction_id"] = post("transactions", holding_id=ids["holding_id"], **dividend)["id"]
        mark = {"measured_on": "2024-06-30", "fair_value": "1"}
        ids["mark_id"] = post("marks", holding_id=ids["holding_id"], **mark)["id"]
        nav = {"reported_on": "2024-06-30", "amount": "1"}
        ids["nav_id"] = post("reported-navs", fund_id=fund["id"], **nav)["id"]
        rate = {"base": "USD", "quote": "CAD", "starts_on": "2023-12-31", "rate": "1.3"}
        ids["rate_id"] = post("fx/rates", **rate)["id"]
        ids["user_id"] = post("users", name="Other", email=f"other{fund['id']}@firm.com", role="auditor")["id"]
        with self.database.transaction(self.actor) as session:
            user = session.get_one(User, ids["user_id"])
            open_session(session, user, Visit("", ""), proof="link")
            ids["session_id"] = session.scalars(select(UserSession.id).where(UserSession.user_id == user.id)).one()
        invited = post("invitations", name="Invited", email=f"invited{fund['id']}@firm.com", role="auditor")
        ids["invitation_id"] = invited["id"]
        with self.database.transaction(self.actor) as session:
            passkey = {"credential_id": str(ids["user_id"]).encode(), "public_key": b"", "sign_count": 0}
            about = {"transports": [], "is_synced": False, "created_at": session.info["now"]}
            whose = {"firm_id": self.actor.firm_id, "user_id": ids["user_id"], "name": "key"}
            session.add(Passkey(**passkey, **about, **whose))
            session.flush()
            ids["passkey_id"] = session.scalars(select(Passkey.id).where(Passkey.user_id == ids["user_id"])).one()
            ids["program_id"] = begin(session, session.get_one(User, ids["user_id"]), name="program").family.id
        directory = {"name": "Directory", "issuer": "https://192.0.2.1", "client_id": "vestry"}
        ids["provider_id"] = post("identity-providers", **directory)["id"]
        with self.database.transaction(self.actor) as session:
            linked = {"firm_id": self.actor.firm_id, "user_id": ids["user_id"], "provider_id": ids["provider_id"]}
            about = {"issuer": "https://192.0.2.1", "subject": "x", "created_at": session.info["now"]}
            session.add(account := ExternalIdentity(**linked, **about))
            session.flush()
            ids["identity_id"] = account.id
        ids["token_id"] = post("tokens", name="other", role="auditor")["id"]
        ids["user_id"] = post("users", email=f"one@{fund['id']}.example.com", name="One", role="analyst")["id"]
        granted = {"user_id": ids["user_id"], "scope_kind": "investor", "scope_id": ids["investor_id"]}
        ids["grant_id"] = post("grants", **granted)["id"]
        file = {"file": ("flows.csv", b"fund,date,kind,amount\nElsewhere,2024-01-01,contribution,5\n")}
        answer = self.client.post(f"{API}/imports", files=file, data={"kind": "flows"})
        assert answer.status_code == 201, answer.text
        ids["import_id"] = answer.json()["id"]
        with self.database.transaction(self.actor) as session:
            ids["job_id"] = outbox.ask(session, "identity.sweep", {}, title="A job nobody does here").id

        with self.database.transaction(self.actor) as session:
            waiting = ApprovalRequest(firm_id=self.actor.firm_id, kind="mark", operation="void_mark", state="pending")
            waiting.payload = tagged.dumps({"args": [ids["mark_id"]], "kwargs": {"reason": "twice"}})
            waiting.maker, waiting.maker_name, waiting.created_at = "user:0", "Somebody", session.info["now"]
            session.add(waiting)
            session.flush()
            ids["request_id"] = waiting.id
        ids["rule_kind"] = "mark"
        reported = {"metric": "revenue", "period": "2024-Q1", "value": "5"}
        answer = self.client.put(f"{API}/companies/{ids['company_id']}/metrics", json={"values": [reported]})
        assert answer.status_code == 200, answer.text
        floor = {"name": "Floor", "metric": "revenue", "period_kind": "quarter", "comparison": "below"}
        ids["rule_id"] = post("alerts/rules", threshold="1", **floor)["id"]
        with self.database.transaction(self.actor) as session:
            raised = {"kind": "metric", "subject": "x", "severity": "info", "state": "open", "holds": True, "says": "x"}
            about = {"figures": {}, "link": "/", "opened_at": session.info["now"], "company_id": ids["company_id"]}
            session.add(alert := Alert(firm_id=self.actor.firm_id, **raised, **about))
            session.flush()
            ids["alert_id"] = alert.id
        self._fill_requests()

    def _fill_cohorts(self) -> None:
        books, month = f"companies/{self.ids['company_id']}", {"cohort_month": "2023-01-01"}
        facts: dict[str, tuple[str, dict[str, Any]]] = {
            "spend_id": ("spends", month | {"spend": "1000"}),
            "trade_id": ("trades", month | {"sharing_percentage": "0.5"}),
            "threshold_id": ("thresholds", {"payment_period_month": 7, "minimum_payment_percent": "0.1"}),
            "override_id": (
                "threshold-overrides",
                month | {"payment_period_month": 7, "reason": "x", "approved_by": "y"},
            ),
            "scenario_id": ("scenarios", {"name": "best", "m0": "0.1", "churn": "0.3"}),
            "payment_id": ("payments", {"customer_id": "one", "payment_date": "2023-01-05", "amount": "5"}),
        }
        for name, (path, body) in facts.items():
            self.ids[name] = self.post(f"{books}/{path}", **body)["id"]
        self.ids["customer_number"] = 1
        self._fill_rounds()
        file = {"file": ("payments.csv", b"customer_id,payment_date,amount\ntwo,2023-02-01,5\n")}
        answer = self.client.post(f"{API}/{books}/payments/upload", files=file)
        assert answer.status_code == 201, answer.text
        self.ids["upload_id"] = answer.json()["id"]
        file = {"file": ("figures.csv", b"metric,period,value\nrevenue,2021-Q1,5\n")}
        answer = self.client.post(f"{API}/companies/{self.ids['company_id']}/metrics/imports", files=file)
        assert answer.status_code == 201, answer.text
        self.ids["metric_import_id"] = answer.json()["id"]
        source = {"name": "Source", "provider": "feed", "address": "https://192.0.2.1/books", "key": "key-of-a-source"}
        path = f"companies/{self.ids['company_id']}/metrics/connections"
        self.ids["connection_id"] = self.post(path, **source)["id"]

    def _fill_requests(self) -> None:
        """A request with a link to its form, and one that was sent."""
        ids, company = self.ids, self.ids["company_id"]
        asked = {"name": "Figures", "period_kind": "quarter", "metrics": ["revenue", "employees"]}
        ids["template_id"] = self.post("request-templates", starts_on="2024-01-01", **asked)["id"]
        people = {"recipients": [{"email": "founder@company.example"}]}
        answer = self.client.put(f"{API}/companies/{company}/recipients", json=people)
        assert answer.status_code == 200, answer.text
        for period in ("2023-Q3", "2024-Q1"):
            made = self.post("data-requests", template_id=ids["template_id"], period=period, company_ids=[company])
            ids["data_request_id"] = made["asked"][0]["id"]
            link = self.post(f"data-requests/{ids['data_request_id']}/links")["link"]
            ids["token"] = link.rpartition("=")[2]
            file = {"file": ("report.pdf", b"%PDF-1.7")}
            answer = self.client.post(f"{API}/forms/attachments", data={"token": ids["token"]}, files=file)
            assert answer.status_code == 201, answer.text
            self.unsent_attachment_id = answer.json()["attachments"][0]["id"]
            if period == "2023-Q3":
                ids["attachment_id"] = self.unsent_attachment_id
                typed = [{"metric": "revenue", "value": "5"}, {"metric": "employees", "value": "5"}]
                self.post("forms/submit", token=ids["token"], values=typed)
        found = self.client.get(f"{API}/submitted-values").json()["items"]
        ids["submitted_value_id"] = found[0]["id"]
        asked = {"period": "2023-Q3", "layout": "long", "derived": "false"}
        figures = self.client.get(f"{API}/companies/{company}/metrics", params=asked).json()["values"]
        ids["value_id"] = figures[0]["id"]

    def _fill_rounds(self) -> None:
        """A monthly round that is only planned, one that is funded in part, and one that is settled."""
        company, day, ids = self.ids["company_id"], date(2023, 1, 1), self.ids
        with self.database.transaction(self.actor) as session:

            def planned(month: int, spend: str) -> int:
                about = {"month": date(2023, month, 1), "planned_spend": Decimal(spend)}
                return rounds.plan(session, self.actor, company, **about).id

            funded, settled, ids["monthly_round_id"] = planned(1, "100"), planned(2, "0"), planned(3, "100")
            rounds.approve(session, self.actor, funded, company_id=company, version=None)
            for part in ("1", "2"):
                paid = {"version": None, "paid_on": day, "amount": Decimal(part)}
                rounds.fund(session, self.actor, company, funded, **paid)
            ids["transfer_id"] = session.scalars(
                select(RoundTransfer.id).where(RoundTransfer.monthly_round_id == funded)
            ).first()
            rounds.issue(session, self.actor, company, settled, version=None)
        further = ("fund_monthly_round", "report_monthly_spend", "step_back_monthly_round")
        self.staged = dict.fromkeys(further, funded) | {"settle_monthly_round": settled}

    def address(self, operation: Operation, **other: Any) -> str:
        """The operation's address about this world's own things, or about others named by the path's parameter."""
        staged = {"monthly_round_id": self.staged.get(operation.name, self.ids["monthly_round_id"])}
        return operation.path.format(**(self.ids | staged | other))

    def query(self, operation: Operation) -> dict[str, str]:
        """What the operation cannot be asked without, about this world's things."""
        opened = {"cohort_month": "2023-01-01", "period": "0"}
        if operation.name == "list_metric_reports":
            opened = {"metric": "revenue", "period": "2024-Q1"}
        known = {"record": f"fund:{self.ids['fund_id']}"} | RATED | opened
        asked = operation.description.get("parameters", [])
        return {one["name"]: known[one["name"]] for one in asked if one["in"] == "query" and one.get("required")}

    def body(self, operation: Operation) -> Body | None:
        """The body the description shows, about this world's things."""
        if operation.name == "set_import_mapping":  # depends on the columns of the file
            return {"mapping": {"date": "date", "kind": "kind", "amount": "amount"}}
        if operation.name == "approve_company_metrics":  # about figures by their ids
            return {"values": [{"id": self.ids["value_id"], "version": 1}]}
        own = self.own(operation.example()) if operation.schema is not None else None
        if own and operation.name == "remove_from_form":  # what was sent stays
            own["attachment_id"] = self.unsent_attachment_id
        return own

    def own(self, body: Body) -> Body:
        """The body with this world's ids."""
        named = copy.deepcopy(body)
        return {name: self.ids.get(name, value) for name, value in named.items()}

    def send(
        self,
        operation: Operation,
        body: Any = None,
        client: TestClient | None = None,
        headers: dict[str, str] | None = None,
        **path: Any,
    ) -> Response:
        """Perform the operation; the body may hold what JSON has no room for (NaN, lone surrogates)."""
        content = None if body is None else json.dumps(body)
        answer: Response = (client or self.client).request(
            operation.method,
            self.address(operation, **path),
            params=self.query(operation),
            content=content,
            headers=({"Content-Type": "application/json"} if content else {}) | (headers or {}),
        )
        return answer

    def share(self, found: Sequence[Found], turn: str) -> Sequence[Found]:
        """All of what is decided before a database is asked, on one engine; on the other every third, another one at
        another ``turn``."""
        return found if self.database.is_sqlite else found[crc32(turn.encode()) % 3 :: 3]

    def state(self) -> dict[str, tuple[int, int]]:
        """How many rows each table holds, and the sum of their versions: equal when nothing was written."""
        selects = [
            select(
                literal(table.name),
                func.count(),
                func.coalesce(func.sum(table.c.version), 0) if "version" in table.c else literal(0),
            ).select_from(table)
            for table in metadata.tables.values()
            if not table.name.startswith("audit_")  # a refusal leaves its row there and nothing else
        ]
        with self.database.as_owner() as connection:  # from whom nothing is hidden
            return {name: (count, int(versions)) for name, count, versions in connection.execute(union_all(*selects))}
