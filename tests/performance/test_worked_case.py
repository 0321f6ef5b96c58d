"""The worked case of ``docs/concepts/performance.md``: the ledger it tells, the figures it quotes."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

from vestry.kernel.returns._result import REASONS, STATUSES

API = "/api/v1"
PAGE = (Path(__file__).resolve().parents[2] / "docs/concepts/performance.md").read_text(encoding="utf-8")
LEDGER: tuple[tuple[str, dict[str, Any]], ...] = (
    ("commitments", {"investor": "Harbor Pension", "committed_on": "2022-01-10", "amount": "600000"}),
    ("commitments", {"investor": "Elm Endowment", "committed_on": "2022-01-10", "amount": "400000"}),
    (
        "capital-calls",
        {"called_on": "2022-02-01", "due_on": "2022-02-15", "paid_on": "2022-02-15"}
        | {"investments": "400000", "fees": "20000"},
    ),
    ("vehicle-entries", {"kind": "management_fee", "entered_on": "2022-02-15", "amount": "20000"}),
    (
        "investments",
        {"company_name": "Acorn", "invested_on": "2022-03-01", "amount": "100000", "equity_percentage": "10"},
    ),
    (
        "investments",
        {"company_name": "Birch", "invested_on": "2022-04-01", "amount": "300000", "equity_percentage": "30"},
    ),
    ("transactions", {"kind": "proceeds", "transacted_on": "2023-06-30", "amount": "250000", "disposed_share": "0.5"}),
    (
        "distributions",
        {"declared_on": "2023-07-01", "due_on": "2023-07-15", "paid_on": "2023-07-15"}
        | {"return_of_capital": "150000", "gains": "100000", "recallable": "50000"},
    ),
    ("marks", {"measured_on": "2023-12-31", "fair_value": "220000"}),
    ("marks", {"company": "Acorn", "measured_on": "2024-06-30", "fair_value": "2000000"}),
    ("vehicle-entries", {"kind": "liability", "entered_on": "2024-06-30", "amount": "5000"}),
)


def post(client: TestClient, path: str, body: dict[str, Any]) -> dict[str, Any]:
    answer = client.post(f"{API}/{path}", json=body)
    assert answer.status_code == 201, answer.text
    return dict(answer.json())


@pytest.fixture
def fund_id(client: TestClient) -> int:
    """North I with everything that is recorded in it; what names no company is about Birch."""
    fund = int(post(client, "funds", {"name": "North I", "currency": "USD"})["id"])
    investors = {name: post(client, "investors", {"name": name})["id"] for name in ("Harbor Pension", "Elm Endowment")}
    companies: dict[str, int] = {}
    birch = 0
    for path, told in LEDGER:
        body = dict(told)
        if "investor" in body:
            body["investor_id"] = investors[body.pop("investor")]
        if "company" in body:
            body["company_id"] = companies[body.pop("company")]
        elif path in ("transactions", "marks"):
            body["investment_id"] = birch
        if path not in ("transactions", "marks"):
            body["fund_id"] = fund
        made = post(client, path, body)
        if path == "investments":
            companies[made["company"]["name"]], birch = made["company"]["id"], made["id"]
    return fund


def figures(client: TestClient, fund_id: int, as_of: str) -> dict[str, Any]:
    answer = client.get(f"{API}/funds/{fund_id}/performance", params={"as_of": as_of})
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


def quoted(rate: float) -> str:
    return f"{rate * 100:.2f} %".replace("-", "−")


def test_the_page_quotes_the_figures_that_come_out(client: TestClient, fund_id: int) -> None:
    found = figures(client, fund_id, "2024-06-30")
    net, gross = found["net"], found["gross"]

    assert (net["fair_value"], net["nav"], net["unfunded"]) == ("420000.00", "415000.00", "630000.00")
    assert (net["pic"], net["before_carry"], net["cash"]) == ("0.4200", True, "0.00")
    for figure in (net["fair_value"], net["nav"], net["unfunded"]):
        assert f"**{float(figure):,.2f}**" in PAGE
    for figure in (net["pic"], net["dpi"], net["tvpi"], gross["moic"]):
        assert f"**{figure}**" in PAGE
    assert f"+415,000 on 2024-06-30: **{quoted(net['irr']['rate'])}**" in PAGE
    assert f"gross IRR **{quoted(gross['irr']['rate'])}**" in PAGE


def test_the_page_quotes_the_figures_of_earlier_days(client: TestClient, fund_id: int) -> None:
    earlier = figures(client, fund_id, "2023-12-31")["net"]
    first = figures(client, fund_id, "2022-12-31")["net"]["irr"]

    assert f"`nav` {float(earlier['nav']):,.2f}, `tvpi` **{earlier['tvpi']}**" in PAGE
    assert first["status"] == "under_one_year"
    assert f"`rate` {quoted(first['rate'])}, `since_inception` {quoted(first['since_inception'])}" in PAGE


def test_an_investor_has_their_part_of_the_nav_by_commitment(client: TestClient, fund_id: int) -> None:
    whole = figures(client, fund_id, "2024-06-30")["net"]
    elm = client.get(f"{API}/investors", params={"q": "Elm"}).json()["items"][0]["id"]
    answer = client.get(f"{API}/investors/{elm}/performance", params={"as_of": "2024-06-30"}).json()["net"]

    assert (answer["nav"], answer["nav_basis"], answer["tvpi"]) == ("166000.00", "allocated", whole["tvpi"])
    assert answer["irr"]["rate"] == pytest.approx(whole["irr"]["rate"], abs=1e-12)
    assert f"`nav` **{float(answer['nav']):,.2f}**" in PAGE


def test_the_page_names_every_status_and_reason_of_a_rate() -> None:
    for word in (*STATUSES, *filter(None, REASONS)):
        assert f"`{word}`" in PAGE, word
