"""Summaries of funds as pension funds publish them."""

from __future__ import annotations

import csv
from decimal import Decimal
from typing import Any

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import select

from tests.imports.files import bring_in, count, upload
from tests.real_data import real_data
from vestry.capital.models import CapitalCall, CapitalCallLine, Commitment, DistributionLine
from vestry.core.actor import Actor
from vestry.core.db import Database
from vestry.core.errors import Invalid
from vestry.funds.models import Fund
from vestry.imports import service
from vestry.imports.kinds import Options
from vestry.valuations.models import ReportedNav

AT = Options(as_of="2024-09-30")
HEAD = b"Partnership,Vintage Year,Capital Commitment ($mm),Paid In ($mm),Distributed ($mm),NAV ($mm)\n"
SMALL = HEAD + b"A,2001,50.0,45.7,80.4,0.0\nB,2020,10,0,0,0\nTotal,Total,60.0,45.7,80.4,0.1\n"
CENT = Decimal("0.005")
TENTH = Decimal("0.05")


def figures(client: TestClient, as_of: str) -> dict[str, dict[str, Any]]:
    found: dict[str, dict[str, Any]] = {}
    cursor = ""
    while cursor is not None:
        page = client.get(f"/api/v1/performance/funds?limit=1000&as_of={as_of}{cursor}").json()
        found |= {item["fund"]: item for item in page["items"]}
        cursor = f"&cursor={page['next']}" if page["next"] else None  # type: ignore[assignment]
    return found


def test_oregons_436_funds_show_the_published_multiples(client: TestClient) -> None:
    path = real_data("pe_funds/OPERF_PE_Q3_2024.csv")
    batch = upload(client, path.read_bytes(), name=path.name, kind="summary").json()
    done = client.post(f"/api/v1/imports/{batch['id']}/commit").json()["receipt"]
    assert (done["funds"], done["rows_of_totals_left_out"], done["as_of"]) == (436, 1, "2024-09-30")
    assert done["paid_in_USD"] == "61905900000.00"
    shown = figures(client, "2024-09-30")
    assert len(shown) == 436
    apart = []
    with path.open(newline="") as file:
        for row in csv.DictReader(file):
            if row["Partnership"] == "Total":
                continue
            net = shown[row["Partnership"]]["net"]
            assert net["irr"]["rate"] is None
            paid, out, nav = (
                Decimal(row[f"{name} ($mm)"])
                for name in ("Total Capital Contributed", "Total Capital Distributed", "Fair Market Value")
            )
            if paid == 0:
                assert net["tvpi"] is None
                assert net["reasons"]["tvpi"] == "nothing_paid_in"
                continue
            assert net["irr"]["reason"] == "opening_balances"
            assert abs(Decimal(net["tvpi"]) - (out + nav) / paid) < Decimal("1e-9")
            # The columns are rounded to a tenth of a million, the multiple to a hundredth.
            least = (max(out - TENTH, 0) + max(nav - TENTH, 0)) / (paid + TENTH) - CENT
            most = (out + TENTH + nav + TENTH) / (paid - TENTH) + CENT
            if not least <= Decimal(row["Total Value Multiple"].rstrip("x") or "0") <= most:
                apart.append((row["Partnership"], row["Total Value Multiple"], net["tvpi"]))
    assert apart == []


def test_the_portfolio_total_is_the_published_one(client: TestClient) -> None:
    path = real_data("pe_funds/OPERF_PE_Q3_2024.csv")
    batch = upload(client, path.read_bytes(), name=path.name, kind="summary").json()
    client.post(f"/api/v1/imports/{batch['id']}/commit")
    (total,) = client.get("/api/v1/performance/funds?limit=1&as_of=2024-09-30").json()["totals"]
    assert round(Decimal(total["net"]["tvpi"]), 2) == Decimal("1.63")


def test_calpers_total_value_gives_the_nav(database: Database, administrator: Actor) -> None:
    path = real_data("pe_funds/calpers_pep_2025-03-31.csv")
    _, receipt = bring_in(database, administrator, path.read_bytes(), kind="summary", filename=path.name)
    assert (receipt["funds"], receipt["as_of"]) == (432, "2025-03-31")
    assert "counts as paid in" in receipt["notes"]  # one fund was given back more than it had paid out
    with database.reading(administrator) as session:
        first = session.scalars(select(ReportedNav.amount).order_by(ReportedNav.id).limit(3)).all()
    assert (first[0], first[2]) == (24_094_625, 759_423_630 - 517_174_941)
    assert first[1] >= 0


def test_balances_are_openings_of_their_day(database: Database, administrator: Actor) -> None:
    _, receipt = bring_in(database, administrator, SMALL, kind="summary", options=AT)
    assert receipt["rows"] == receipt["funds"] == 2
    assert receipt["rows_of_totals_left_out"] == 1
    assert "One unit of the file's amounts is taken as 1,000,000" in receipt["notes"]
    assert "nav 100000.00 (the funds sum to 0.00)" in receipt["notes"]
    with database.reading(administrator) as session:
        calls = session.execute(select(CapitalCall.kind, CapitalCall.called_on)).all()
        assert [(kind, str(on)) for kind, on in calls] == [("opening", "2024-09-30")]
        assert session.scalars(select(DistributionLine.amount)).all() == [80_400_000]
        assert session.scalars(select(Commitment.amount).order_by(Commitment.id)).all() == [50_000_000, 10_000_000]
        assert session.scalars(select(Fund.vintage_year).order_by(Fund.id)).all() == [2001, 2020]


def test_a_later_summary_adds_the_difference(database: Database, administrator: Actor) -> None:
    bring_in(database, administrator, SMALL, kind="summary", options=AT)
    with pytest.raises(service.NothingNew):
        bring_in(database, administrator, SMALL + b"\n", kind="summary", options=AT)
    later = HEAD + b"A,2001,50.0,46.0,81.0,0\nB,2020,10,0,0,0\n"
    _, receipt = bring_in(database, administrator, later, kind="summary", options=Options(as_of="2024-12-31"))
    assert (receipt["paid_in_USD"], receipt["distributed_USD"], receipt["navs"]) == ("300000.00", "600000.00", 2)
    with pytest.raises(service.ImportHasErrors) as less:
        bring_in(
            database, administrator, HEAD + b"A,2001,50,45,81,0\n", kind="summary", options=Options(as_of="2025-03-31")
        )
    assert [one.message for one in less.value.every] == ["is less than what is recorded by that day"]
    with pytest.raises(service.ImportHasErrors, match="1 of 1"):
        bring_in(
            database, administrator, HEAD + b"A,2001,50,46,81,7\n", kind="summary", options=Options(as_of="2024-12-31")
        )
    assert count(database, administrator, CapitalCallLine) == 2


def test_funds_of_one_name_are_told_apart_by_vintage(database: Database, administrator: Actor) -> None:
    rows = HEAD + b"A,2001,1,1,1,1\na,2005,2,2,2,2\nB,2001,1,1,1,1\n"
    _, receipt = bring_in(database, administrator, rows, kind="summary", options=AT)
    assert "told apart by vintage: A (2001), a (2005)" in receipt["notes"]
    with pytest.raises(service.ImportHasErrors) as twice:
        bring_in(database, administrator, HEAD + b"C,2001,1,1,1,1\nC,2001,2,2,2,2\n", kind="summary", options=AT)
    assert twice.value.every[0].row == 3


def test_a_summary_needs_its_day_and_a_nav(client: TestClient, database: Database, administrator: Actor) -> None:
    batch = upload(client, SMALL, name="table.csv", kind="summary").json()
    refused = client.get(f"/api/v1/imports/{batch['id']}/preview")
    assert (refused.status_code, refused.json()["errors"][0]["path"]) == (422, "as_of")
    body = {"mapping": batch["mapping"], "options": {"as_of": "2024-09-30", "scale": "1000"}}
    client.put(f"/api/v1/imports/{batch['id']}/mapping", json=body)
    assert client.get(f"/api/v1/imports/{batch['id']}/preview").json()["totals"]["paid_in_USD"] == "45700.00"
    with pytest.raises(Invalid, match="nav"):
        bring_in(database, administrator, b"fund,paid in,distributed\nA,1,1\n", kind="summary", options=AT)
    with pytest.raises(Invalid, match="scale"):
        bring_in(database, administrator, SMALL, kind="summary", options=Options(as_of="2024-09-30", scale="7"))


def test_a_fund_with_books_here_takes_no_summary(client: TestClient) -> None:
    client.post("/api/v1/funds", json={"name": "A", "currency": "USD", "strategy": "buyout"})
    batch = upload(client, SMALL, name="2024-09-30.csv", kind="summary").json()
    errors = client.get(f"/api/v1/imports/{batch['id']}/preview").json()["errors"]
    assert [(one["row"], one["column"]) for one in errors] == [(2, "Partnership")]
