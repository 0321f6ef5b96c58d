"""A firm with one of everything, so that every operation has something to work on; and what its books hold."""

from __future__ import annotations

import copy
import itertools
import json
from typing import Any

from fastapi import FastAPI
from fastapi.testclient import TestClient
from httpx2 import Response
from sqlalchemy import func, literal, select, union_all

from tests.nasty.bodies import Body, Operation
from vestry.all_models import metadata
from vestry.core.actor import Actor
from vestry.core.db import Database
from vestry.identity import service as identity
from vestry.identity.door import UNKNOWN

API = "/api/v1"
_numbers = itertools.count(1)


class World:
    """A firm of its own in a database, a client of its administrator, and the ids of what it has."""

    def __init__(self, app: FastAPI, database: Database, currency: str = "USD") -> None:
        self.app, self.database, self.currency = app, database, currency
        with database.transaction(UNKNOWN) as session:
            firm = identity.create_firm(session, name=f"Firm {next(_numbers)}", currency=currency)
            self.actor = Actor("cli", firm.id, "administrator", name="test")
        self.client = self.client_as("administrator")
        self.ids: dict[str, int] = {}
        self._fill()

    def client_as(self, role: str) -> TestClient:
        """A client with a token of a role."""
        with self.database.transaction(self.actor) as session:
            _, secret = identity.create_token(session, self.actor, name=role, role=role)
        return TestClient(self.app, base_url="http://localhost", headers={"Authorization": f"Bearer {secret}"})

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
        company = {"company_id": ids["company_id"]}
        ids["round_id"] = post("rounds", name="Seed", closed_on="2024-01-10", **company)["id"]
        ids["security_id"] = post("securities", name="Common", kind="common", **company)["id"]
        dividend = {"kind": "dividend", "transacted_on": "2024-09-30", "amount": "10"}
        ids["transaction_id"] = post("transactions", holding_id=ids["holding_id"], **dividend)["id"]
        mark = {"measured_on": "2024-06-30", "fair_value": "1"}
        ids["mark_id"] = post("marks", holding_id=ids["holding_id"], **mark)["id"]
        nav = {"reported_on": "2024-06-30", "amount": "1"}
        ids["nav_id"] = post("reported-navs", fund_id=fund["id"], **nav)["id"]
        ids["token_id"] = post("tokens", name="other", role="auditor")["id"]
        file = {"file": ("flows.csv", b"fund,date,kind,amount\nElsewhere,2024-01-01,contribution,5\n")}
        answer = self.client.post(f"{API}/imports", files=file, data={"kind": "flows"})
        assert answer.status_code == 201, answer.text
        ids["import_id"] = answer.json()["id"]

    def address(self, operation: Operation, **other: Any) -> str:
        """The operation's address about this world's own things, or about others named by the path's parameter."""
        return operation.path.format(**(self.ids | other))

    def body(self, operation: Operation) -> Body | None:
        """The body the description shows, about this world's things."""
        if operation.name == "set_import_mapping":  # depends on the columns of the file
            return {"mapping": {"date": "date", "kind": "kind", "amount": "amount"}}
        return self.own(operation.example()) if operation.schema is not None else None

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
            content=content,
            headers=({"Content-Type": "application/json"} if content else {}) | (headers or {}),
        )
        return answer

    def state(self) -> dict[str, tuple[int, int]]:
        """How many rows each table holds, and the sum of their versions: equal when nothing was written."""
        selects = [
            select(
                literal(table.name),
                func.count(),
                func.coalesce(func.sum(table.c.version), 0) if "version" in table.c else literal(0),
            ).select_from(table)
            for table in metadata.tables.values()
        ]
        with self.database.reading(UNKNOWN) as session:
            return {name: (count, int(versions)) for name, count, versions in session.execute(union_all(*selects))}
