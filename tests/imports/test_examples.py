"""The examples are what the guide says they are, and the command line brings them in."""

from __future__ import annotations

import csv
import json
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from tests.commands import Vestry
from tests.imports.files import FUND_REPORT, bring_in
from tests.real_data import ROOT, real_data
from vestry.core.actor import Actor
from vestry.core.db import Database
from vestry.kernel import returns

EXAMPLES = ROOT / "examples"


def test_the_examples_come_in_and_show_their_figures(vestry: Vestry, home: dict[str, str], tmp_path: Path) -> None:
    vestry(home, "import", "flows", str(EXAMPLES / "flows.csv"), "--yes")
    vestry(home, "import", "summary", str(EXAMPLES / "summary_2024-09-30.csv"), "--yes")
    vestry(home, "import", "ledger", str(EXAMPLES / "ledger"), "--yes")
    asked = ("fund", "performance", "--all", "--json", "--as-of", "2024-12-31")
    shown = vestry(home, *asked)
    found = {item["fund"]: item["net"] for item in json.loads(shown)}
    assert {name: net["tvpi"][:4] for name, net in found.items()} == {
        "Cedar Growth II": "1.42",
        "East Venture I": "1.57",
        "Harbor Buyout IV": "1.73",
        "Lakeside Venture VI": "0.92",
        "West III": "1.69",
    }
    vestry(home, "export", str(tmp_path / "all.xlsx"))
    assert "exists" in vestry(home, "export", str(tmp_path / "all.xlsx"), status=1)
    vestry(home, "export", str(tmp_path / "all"))
    for number, source in enumerate(("all.xlsx", "all")):
        other = home | {"VESTRY_HOME": str(tmp_path / f"other{number}")}
        vestry(other, "db", "upgrade")
        vestry(other, "import", "ledger", str(tmp_path / source), "--yes")
        again = json.loads(vestry(other, *asked))
        assert [item | {"id": 0} for item in again] == [item | {"id": 0} for item in json.loads(shown)]


def test_the_command_line_shows_asks_refuses_and_undoes(vestry: Vestry, home: dict[str, str], tmp_path: Path) -> None:
    good, bad = tmp_path / "good.csv", tmp_path / "bad.csv"
    good.write_bytes(FUND_REPORT)
    bad.write_bytes(FUND_REPORT.replace(b"2023-06-20", b"20/06/2023").replace(b"500000.00,no", b"5OO000,no"))
    told = vestry(home, "import", "flows", str(good), status=1, typed="n\n")
    assert "11 new" in told
    assert "Nothing was recorded" in told
    told = vestry(home, "import", "flows", str(bad), "--yes", status=1)
    assert "row 3, date: '20/06/2023'" in told
    assert told.count("  row ") == 3
    assert "contributions USD: 11500000.00" in vestry(home, "import", "flows", str(good), typed="y\n")
    assert "import 1" in vestry(home, "import", "flows", str(good), "--yes", status=1).lower()
    vestry(home, "import", "undo", "1")
    assert json.loads(vestry(home, "fund", "performance", "--all", "--json")) == []
    assert "cannot be read" in vestry(home, "import", "flows", str(tmp_path / "none.csv"), "--yes", status=1)


def test_columns_can_be_named_on_the_command_line(vestry: Vestry, home: dict[str, str], tmp_path: Path) -> None:
    file = tmp_path / "flows.csv"
    file.write_text("Tag;Betrag;Vorgang\n31.12.2023;1.000,50;call\n")
    words = ("--fund", "F", "--date-format", "DD.MM.YYYY", "--decimal", ",", "--thousands", ".", "--currency", "EUR")
    mapped = ("--map", "Tag=date", "--map", "Betrag=amount", "--map", "Vorgang=kind")
    told = vestry(home, "import", "flows", str(file), "--yes", *words, *mapped)
    assert "contributions EUR: 1000.50" in told


CENT = Decimal("0.01")


def flows_of(name: str) -> list[tuple[date, Decimal]]:
    with real_data(f"irr_vectors/samples/{name}").open(newline="") as file:
        rows = [(date.fromisoformat(day), Decimal(amount)) for day, amount in csv.reader(file)]
    return [(day, amount.quantize(CENT, ROUND_HALF_UP)) for day, amount in rows]


def test_published_series_imported_as_funds_show_the_kernels_rate(
    database: Database, administrator: Actor, client: TestClient
) -> None:
    with real_data("irr_vectors/xirr_expected.csv").open(newline="") as file:
        names = [row["file"] for row in csv.DictReader(file)]
    series = {}
    for name in names:
        flows = flows_of(name)
        if min(flows, key=lambda flow: flow[0])[1] < 0 and all(day.year >= 1900 for day, _ in flows):
            series[name] = flows
    assert len(series) > 20
    text = ["fund,date,kind,amount"]
    for name, flows in series.items():
        text += [
            f"{name},{day},{'contribution' if amount < 0 else 'distribution'},{abs(amount)}" for day, amount in flows
        ]
    bring_in(database, administrator, "\n".join(text).encode())
    last = max(day for flows in series.values() for day, _ in flows)
    items = client.get(f"/api/v1/performance/funds?limit=1000&as_of={last}").json()["items"]
    assert len(items) == len(series)
    for item in items:
        flows = series[item["fund"]]
        expected = returns.xirr([day for day, _ in flows], [amount for _, amount in flows])
        shown = item["net"]["irr"]
        if expected.rate is None:
            assert shown["rate"] is None, item["fund"]
        else:
            assert shown["rate"] == pytest.approx(expected.rate, abs=1e-12), item["fund"]
