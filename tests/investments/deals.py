"""Funds, investments and transactions for tests, over HTTP."""

from typing import Any

from fastapi.testclient import TestClient

Body = dict[str, Any]


def fund(client: TestClient, name: str = "North I", currency: str = "USD") -> Body:
    answer = client.post("/api/v1/funds", json={"name": name, "currency": currency})
    assert answer.status_code == 201, answer.text
    made: Body = answer.json()
    return made


def terms(fund_id: int, **changed: Any) -> Body:
    """100,000 for 10 % of a company worth 1,000,000."""
    return {
        "fund_id": fund_id,
        "company_name": "Acme",
        "invested_on": "2020-01-01",
        "amount": "100000.00",
        "equity_percentage": "10",
    } | changed


def invest(client: TestClient, fund_id: int | None = None, **changed: Any) -> Body:
    answer = client.post("/api/v1/investments", json=terms(fund_id or fund(client)["id"], **changed))
    assert answer.status_code == 201, answer.text
    made: Body = answer.json()
    return made


def transact(client: TestClient, holding_id: int, kind: str, on: str, amount: str, **more: Any) -> Body:
    """Record a transaction; answers its body, or the problem with its ``status``."""
    body = {"holding_id": holding_id, "kind": kind, "transacted_on": on, "amount": amount} | more
    found: Body = client.post("/api/v1/transactions", json=body).json()
    return found


def investment(client: TestClient, investment_id: int, **query: Any) -> Body:
    found: Body = client.get(f"/api/v1/investments/{investment_id}", params=query).json()
    return found
