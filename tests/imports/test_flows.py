"""Flows files: from upload to figures, on both databases."""

from __future__ import annotations

import random
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import select

from tests.imports.files import FUND_REPORT, bring_in, count, upload
from vestry.batches.models import ImportFile
from vestry.capital.models import CapitalCall, CapitalCallLine, Distribution, DistributionLine
from vestry.core.actor import Actor
from vestry.core.db import Database
from vestry.core.errors import Forbidden
from vestry.core.types import exact_sum
from vestry.funds.models import Fund, Vehicle
from vestry.imports import service, undo
from vestry.imports.kinds import Options
from vestry.investors.models import Investor
from vestry.valuations.models import ReportedNav

NAV = b"fund,date,kind,amount\nF,2024-01-01,contribution,100\nF,2024-12-31,nav,130.50\n"


def test_the_fund_report_gives_its_paid_in_and_dpi(client: TestClient) -> None:
    batch = upload(client, FUND_REPORT).json()
    assert batch["mapping"] == {name: name for name in ("fund", "date", "kind", "amount", "recallable")}
    done = client.post(f"/api/v1/imports/{batch['id']}/commit").json()
    assert done["status"] == "committed"
    assert done["receipt"] == {
        "rows": 11,
        "funds": 1,
        "calls": 7,
        "distributions": 4,
        "adjustments_USD": "-450000.00",
        "contributions_USD": "11500000.00",
        "distributions_USD": "4300000.00",
    }
    fund = client.get("/api/v1/funds").json()["items"][0]
    assert (fund["name"], fund["books"], fund["currency"]) == ("Report Fund", "elsewhere", "USD")
    net = client.get(f"/api/v1/funds/{fund['id']}/performance?as_of=2024-12-31").json()["net"]
    assert Decimal(net["paid_in"]) == 11_050_000
    assert round(Decimal(net["dpi"]), 4) == Decimal("0.3891")
    assert net["pic"] is None  # no commitment is known


def test_a_flow_becomes_a_paid_line_of_all_investors(database: Database, administrator: Actor) -> None:
    bring_in(database, administrator, FUND_REPORT)
    with database.reading(administrator) as session:
        investor = session.scalars(select(Investor)).one()
        assert (investor.kind, investor.name) == ("all_investors", "All investors")
        assert session.scalars(select(Vehicle.books)).all() == ["elsewhere"]
        kinds = session.scalars(select(CapitalCall.kind)).all()
        assert sorted(kinds) == ["adjustment"] * 3 + ["call"] * 4
        recallable = session.scalars(select(DistributionLine).where(DistributionLine.recallable > 0)).one()
        assert (recallable.amount, recallable.gains, recallable.recallable) == (2_000_000, 2_000_000, 2_000_000)
        line = session.scalars(select(CapitalCallLine).order_by(CapitalCallLine.id).limit(1)).one()
        assert (line.paid_on, line.investments, line.outside_commitment) == (date(2023, 1, 15), 5_000_000, False)
        assert line.batch_id is not None


def test_the_same_file_again_is_recognised_and_its_rows_are_duplicates(client: TestClient) -> None:
    first = upload(client, FUND_REPORT).json()
    client.post(f"/api/v1/imports/{first['id']}/commit")
    refused = upload(client, FUND_REPORT, name="other-name.csv")
    assert refused.status_code == 409
    assert f"import {first['id']}" in refused.json()["detail"]
    assert "again=true" in refused.json()["mend"]
    again = upload(client, FUND_REPORT, again="true").json()
    assert again["same_as"] == first["id"]
    preview = client.get(f"/api/v1/imports/{again['id']}/preview").json()
    assert preview["counts"] == {"new": 0, "duplicate": 11, "error": 0}
    assert client.post(f"/api/v1/imports/{again['id']}/commit").status_code == 409


def test_reordered_rows_are_duplicates_and_new_ones_are_added(database: Database, administrator: Actor) -> None:
    bring_in(database, administrator, FUND_REPORT)
    head, *rows = FUND_REPORT.splitlines()
    more = b"\n".join([head, *reversed(rows), b"report  FUND,2025-01-10,contribution,1,"])
    _, receipt = bring_in(database, administrator, more)
    assert (receipt["rows"], receipt["already_recorded"], receipt["calls"]) == (1, 11, 1)
    assert "funds" not in receipt


def test_equal_rows_of_a_file_are_all_recorded_and_noted(database: Database, administrator: Actor) -> None:
    twice = b"fund,date,kind,amount\nF,2024-01-01,call,5\nF,2024-01-01,call,5\n"
    _, receipt = bring_in(database, administrator, twice)
    assert receipt["contributions_USD"] == "10.00"
    with database.transaction(administrator) as session:
        batch = service.receive(
            session, administrator, kind="flows", filename="b.csv", content=twice + b"F,2024-01-01,call,5\n"
        )
        _, checked = service.check(session, administrator, batch.id)
    assert checked.counts() == {"new": 1, "duplicate": 2, "error": 0}


def test_every_bad_row_is_told_and_nothing_is_recorded(
    client: TestClient, database: Database, administrator: Actor
) -> None:
    rows = [
        ("F", "2023-02-29", "contribution", "1", ""),
        ("F", "0001-01-01", "contribution", "1", ""),
        ("F", "31/12/2024", "contribution", "1", ""),
        ("F", "2024-01-01", "gift", "1", ""),
        ("F", "2024-01-01", "contribution", "-5", ""),
        ("F", "2024-01-01", "contribution", "1.23456", ""),
        ("F", "2024-01-01", "contribution", '"1,000.5"', ""),
        ("F", "2024-01-01", "contribution", "922337203685477.5808", ""),
        ("F", "2024-01-01", "contribution", "1e3", ""),
        ("F", "2024-01-01", "contribution", "１", ""),
        ("F", "2024-01-01", "contribution", "", ""),
        ("F", "2024-01-01", "distribution", "5", "6"),
        ("F", "2024-01-01", "contribution", "5", "yes"),
        ("\u202eF", "2024-01-01", "contribution", "5", ""),
        ("\u200d", "2024-01-01", "contribution", "5", ""),
        ("F", "1.2.2024", "contribution", "5", ""),
        ("F", "Jan 5 2024", "contribution", "5", ""),
        ("F", "2024-01-01", "contribution", "5", ""),
    ]
    text = "fund,date,kind,amount,recallable\n" + "".join(",".join(row) + "\n" for row in rows)
    batch = upload(client, text.encode()).json()
    preview = client.get(f"/api/v1/imports/{batch['id']}/preview").json()
    assert preview["counts"] == {"new": 1, "duplicate": 0, "error": 17}
    told = {error["row"]: (error["column"], error["reason"]) for error in preview["errors"]}
    assert sorted(told) == list(range(2, 19))
    assert told[2] == ("date", "is not a day of the calendar")
    assert "between 1900 and 2200" in told[3][1]
    assert "declare" in told[4][1]
    assert "days and months have two digits" in told[17][1]
    assert told[18] == ("date", "is not a date written YYYY-MM-DD")
    assert told[5][0] == "kind"
    assert "adjustment" in told[6][1]
    assert "5 decimals" in told[7][1]
    assert "thousands" in told[8][1]
    assert "too large" in told[9][1]
    assert told[12] == ("amount", "is missing")
    assert told[13][0] == told[14][0] == "recallable"
    assert "U+202E" in told[15][1]
    refused = client.post(f"/api/v1/imports/{batch['id']}/commit")
    assert refused.status_code == 422
    assert refused.json()["errors"][0]["row"] == 2
    assert count(database, administrator, Fund) == 0
    listed = client.get(f"/api/v1/imports/{batch['id']}/errors.csv")
    assert len(listed.text.splitlines()) == 18
    assert "attachment" in listed.headers["content-disposition"]


def test_one_bad_row_in_many_stops_all(database: Database, administrator: Actor) -> None:
    rows = [f"F,2024-01-01,contribution,{number}" for number in range(20_000)]
    rows[12_345] = "F,2024-01-01,contribution,x"
    with pytest.raises(service.ImportHasErrors) as refused:
        bring_in(database, administrator, ("fund,date,kind,amount\n" + "\n".join(rows)).encode())
    assert [(one.row, one.column, one.value) for one in refused.value.every] == [(12_347, "amount", "x")]
    assert count(database, administrator, CapitalCallLine) == 0


def test_amounts_keep_all_their_digits(database: Database, administrator: Actor) -> None:
    edge = ["99999999999999.99", "922337203685477.5807", "0.0001", "-0.00", "1234.5"]
    rows = "".join(f"F{number},2024-01-01,adjustment,{amount}\n" for number, amount in enumerate(edge))
    bring_in(database, administrator, b"fund,date,kind,amount\n" + rows.encode())
    with database.reading(administrator) as session:
        kept = session.scalars(select(CapitalCallLine.amount).order_by(CapitalCallLine.id)).all()
        assert kept == [Decimal(amount) for amount in edge]
        assert str(kept[3]) == "0.0000"


def test_a_thousand_dimes_are_a_hundred(database: Database, administrator: Actor) -> None:
    _, receipt = bring_in(
        database, administrator, b"fund,date,kind,amount\n" + b"F,2024-01-01,contribution,0.10\n" * 1000
    )
    assert receipt["contributions_USD"] == "100.00"
    with database.reading(administrator) as session:
        assert session.scalar(select(exact_sum(CapitalCallLine.amount))) == Decimal("100.00")


def test_plans_lie_ahead_and_reach_decades(database: Database, administrator: Actor) -> None:
    bring_in(database, administrator, b"fund,date,kind,amount\nF,2060-02-29,distribution,5\n")
    assert count(database, administrator, Distribution) == 1


def test_a_nav_is_reported_once_a_day(database: Database, administrator: Actor) -> None:
    bring_in(database, administrator, NAV)
    with database.reading(administrator) as session:
        assert session.scalars(select(ReportedNav.amount)).all() == [Decimal("130.5")]
    with pytest.raises(service.ImportHasErrors, match="1 of 2"):
        bring_in(database, administrator, NAV.replace(b"130.50", b"131"))
    with pytest.raises(service.ImportHasErrors, match="1 of 2"):
        bring_in(database, administrator, b"fund,date,kind,amount\nG,2024-12-31,nav,1\nG,2024-12-31,nav,2\n")


def test_a_fund_has_one_currency(database: Database, administrator: Actor) -> None:
    euro = b"fund,date,kind,amount,currency\nF,2024-01-01,call,5,EUR\nF,2024-01-02,call,5,\nG,2024-01-02,call,5,\n"
    _, receipt = bring_in(database, administrator, euro, options=Options(currency="CHF"))
    assert (receipt["contributions_EUR"], receipt["contributions_CHF"]) == ("10.00", "5.00")
    for wrong in (
        b"F,2024-01-03,call,5,USD",
        b"H,2024-01-01,call,5,EUR\nH,2024-01-01,call,5,USD",
        b"H,2024-01-01,call,5,XYZ",
    ):
        with pytest.raises(service.ImportHasErrors):
            bring_in(database, administrator, b"fund,date,kind,amount,currency\n" + wrong)


def test_the_fund_may_come_as_an_option_and_dates_in_a_declared_format(client: TestClient) -> None:
    content = b"Tag;Art;Betrag\n31.12.2024;Contribution;1.234,50\n"
    batch = upload(client, content, options='{"fund": "F", "date_format": "DD.MM.YYYY"}').json()
    assert batch["found"]["delimiter"] == ";"
    missing = client.get(f"/api/v1/imports/{batch['id']}/preview")
    assert missing.status_code == 422
    assert {error["path"] for error in missing.json()["errors"]} == {"mapping.date", "mapping.kind", "mapping.amount"}
    mapping = {"date": "Tag", "kind": "Art", "amount": "Betrag"}
    address = f"/api/v1/imports/{batch['id']}"
    client.put(f"{address}/mapping", json={"mapping": mapping})
    assert "decimal comma" in client.get(f"{address}/preview").json()["errors"][0]["reason"]
    body = {"mapping": mapping, "options": {"decimal": ",", "thousands": "."}}
    assert client.put(f"{address}/mapping", json=body).json()["options"]["date_format"] == "DD.MM.YYYY"
    preview = client.get(f"{address}/preview").json()
    assert preview["totals"] == {"contributions_USD": "1234.50"}
    assert preview["items"] == [
        {
            "row": 2,
            "sheet": "flows.csv",
            "state": "new",
            "values": {"date": "31.12.2024", "kind": "Contribution", "amount": "1.234,50"},
        }
    ]
    assert client.post(f"{address}/commit").json()["receipt"]["contributions_USD"] == "1234.50"


@pytest.mark.parametrize(
    ("body", "place"),
    [
        ({"mapping": {"date": "Nowhere"}}, "mapping.date"),
        ({"mapping": {"colour": "fund"}}, "mapping.colour"),
        ({"mapping": {}, "options": {"date_format": "YY"}}, "date_format"),
        ({"mapping": {}, "options": {"decimal": ",", "thousands": ","}}, "thousands"),
        ({"mapping": {}, "options": {"sheet": 5}}, "options.sheet"),
    ],
)
def test_a_mapping_that_makes_no_sense_is_refused(client: TestClient, body: dict[str, Any], place: str) -> None:
    batch = upload(client, FUND_REPORT).json()
    answer = client.put(f"/api/v1/imports/{batch['id']}/mapping", json=body)
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["path"] == place


def test_bad_options_of_an_upload_are_refused(client: TestClient) -> None:
    for options in ('{"decimal": "x"}', "{", '{"nonsense": 1}', '{"currency": "usd"}'):
        assert upload(client, FUND_REPORT, options=options).status_code in (400, 422)


def test_undo_restores_the_books_and_the_file_can_come_again(client: TestClient) -> None:
    base = upload(client, NAV).json()
    client.post(f"/api/v1/imports/{base['id']}/commit")
    before = client.get("/api/v1/performance/funds?as_of=2025-01-01").json()["items"]
    batch = upload(client, FUND_REPORT + b"F,2024-06-01,contribution,50,\n").json()
    client.post(f"/api/v1/imports/{batch['id']}/commit")
    assert client.get("/api/v1/performance/funds?as_of=2025-01-01").json()["items"] != before
    undone = client.post(f"/api/v1/imports/{batch['id']}/undo")
    assert undone.json()["status"] == "undone"
    assert client.get("/api/v1/performance/funds?as_of=2025-01-01").json()["items"] == before
    assert client.post(f"/api/v1/imports/{batch['id']}/undo").status_code == 409
    assert upload(client, FUND_REPORT + b"F,2024-06-01,contribution,50,\n").status_code == 201


def test_undo_keeps_a_fund_that_others_use(database: Database, administrator: Actor) -> None:
    first, _ = bring_in(database, administrator, NAV)
    bring_in(database, administrator, b"fund,date,kind,amount\nF,2025-01-01,contribution,7\n")
    with database.transaction(administrator) as session:
        assert undo.undo(session, administrator, first).receipt["kept_in_use"] == 2  # the fund and its investors
    assert count(database, administrator, Fund) == count(database, administrator, Vehicle) == 1
    assert count(database, administrator, CapitalCallLine) == 1


def test_undo_keeps_what_was_known(database: Database, administrator: Actor) -> None:
    batch_id, _ = bring_in(database, administrator, NAV)
    with database.transaction(administrator) as session:
        undo.undo(session, administrator, batch_id)
    with database.reading(administrator) as session:
        line = session.scalars(select(CapitalCallLine)).one()
        assert line.version == 2
        assert line.void_reason == f"Undone: import {batch_id}, file.csv"
    assert count(database, administrator, Fund) == count(database, administrator, Investor) == 0


def test_undo_is_refused_where_later_calls_build_on_it(client: TestClient) -> None:
    recallable = b"fund,date,kind,amount,recallable\nF,2024-01-01,distribution,60,yes\n"
    fund = client.post("/api/v1/funds", json={"name": "F", "currency": "USD", "strategy": "buyout"}).json()
    batch = upload(client, recallable).json()
    client.post(f"/api/v1/imports/{batch['id']}/commit")
    everyone = client.get("/api/v1/investors").json()["items"][0]["id"]
    where = {"fund_id": fund["id"]}
    client.post(
        "/api/v1/commitments", json={**where, "investor_id": everyone, "committed_on": "2023-01-01", "amount": "100.00"}
    )
    line = {"investor_id": everyone, "investments": "150.00"}
    dates = {"called_on": "2024-02-01", "due_on": "2024-02-01"}
    call = client.post("/api/v1/capital-calls", json={**where, **dates, "lines": [line]})
    assert call.status_code == 201, call.text
    refused = client.post(f"/api/v1/imports/{batch['id']}/undo")
    assert refused.status_code == 409
    assert refused.json()["code"] == "later_records_depend"
    client.post(f"/api/v1/capital-calls/{call.json()['id']}/void", json={"reason": "test"})
    assert client.post(f"/api/v1/imports/{batch['id']}/undo").status_code == 200


def test_a_discarded_file_is_gone(client: TestClient) -> None:
    batch = upload(client, FUND_REPORT).json()
    assert client.delete(f"/api/v1/imports/{batch['id']}").status_code == 204
    assert client.get(f"/api/v1/imports/{batch['id']}").json()["status"] == "discarded"
    assert client.get(f"/api/v1/imports/{batch['id']}/preview").status_code == 409
    assert client.post(f"/api/v1/imports/{batch['id']}/commit").status_code == 409


def test_a_file_is_stored_until_it_is_committed_or_discarded_and_undoing_needs_it_no_more(
    client: TestClient, database: Database
) -> None:
    def stored() -> list[bytes]:
        with database.as_owner() as connection:
            return list(connection.scalars(select(ImportFile.content)))

    dropped, committed = upload(client, NAV).json(), upload(client, FUND_REPORT).json()
    assert sorted(stored()) == sorted([NAV, FUND_REPORT])
    client.delete(f"/api/v1/imports/{dropped['id']}")
    assert stored() == [FUND_REPORT]
    service.forget_files()
    done = client.post(f"/api/v1/imports/{committed['id']}/commit").json()
    assert (done["status"], done["receipt"]["rows"]) == ("committed", 11)
    assert stored() == []
    assert client.post(f"/api/v1/imports/{committed['id']}/undo").json()["status"] == "undone"


def test_a_file_that_is_committed_at_once_is_never_stored(database: Database, administrator: Actor) -> None:
    with database.transaction(administrator) as session:
        batch = service.receive(session, administrator, kind="flows", filename="f.csv", content=FUND_REPORT, keep=False)
        assert session.scalars(select(ImportFile.id)).all() == []
        assert service.commit(session, administrator, batch.id).receipt["rows"] == 11


def test_imports_are_listed_and_those_of_another_firm_are_not(
    client: TestClient, database: Database, administrator: Actor
) -> None:
    from tests.conftest import make_firm

    other = make_firm(database, "Other", "EUR")
    theirs, _ = bring_in(database, other, NAV)
    mine = upload(client, NAV).json()
    assert [item["id"] for item in client.get("/api/v1/imports?sort=-created_at").json()["items"]] == [mine["id"]]
    for verb, path in (("GET", ""), ("GET", "/preview"), ("POST", "/commit"), ("POST", "/undo"), ("DELETE", "")):
        assert client.request(verb, f"/api/v1/imports/{theirs}{path}").status_code == 404
    assert mine["same_as"] is None


def test_an_auditor_may_look_but_not_import(client_as: Any, database: Database, administrator: Actor) -> None:
    assert upload(client_as("auditor"), NAV).status_code == 403
    assert client_as("auditor").get("/api/v1/imports").status_code == 200
    with database.transaction(administrator) as session, pytest.raises(Forbidden):
        service.receive(
            session, Actor("cli", administrator.firm_id, "analyst"), kind="flows", filename="x", content=NAV
        )


def test_a_failure_in_the_middle_leaves_nothing(database: Database, administrator: Actor) -> None:
    with database.transaction(administrator) as session:
        batch = service.receive(session, administrator, kind="flows", filename="x.csv", content=FUND_REPORT)

    class Stop(Exception):
        pass

    def stop(what: str, done: int, total: int) -> None:
        if what == "written":
            raise Stop

    with pytest.raises(Stop), database.transaction(administrator) as session:
        service.commit(session, administrator, batch.id, stop)
    assert count(database, administrator, Fund) == count(database, administrator, CapitalCall) == 0
    with database.transaction(administrator) as session:
        assert service.commit(session, administrator, batch.id).status == "committed"


def test_many_rows_of_many_funds_sum_up(database: Database, administrator: Actor) -> None:
    chance = random.Random(7)
    heard: list[tuple[int, int]] = []
    rows, paid_in = [], 0
    for number in range(20_000):
        cents = chance.randrange(1, 10**9)
        day = date(1990, 1, 1) + timedelta(chance.randrange(12_000))
        kind = chance.choice(["contribution", "distribution"])
        paid_in += cents if kind == "contribution" else 0
        rows.append(f"Fund {number % 300},{day},{kind},{cents / 100:.2f}")
    content = ("fund,date,kind,amount\n" + "\n".join(rows)).encode()
    with database.transaction(administrator) as session:
        batch = service.receive(session, administrator, kind="flows", filename="x.csv", content=content)
        service.commit(session, administrator, batch.id, lambda what, done, total: heard.append((done, total)))
    assert heard[-1] == (20_000, 20_000)
    with database.reading(administrator) as session:
        assert session.scalar(select(exact_sum(CapitalCallLine.amount))) == Decimal(paid_in).scaleb(-2)
    assert count(database, administrator, Fund) == 300
