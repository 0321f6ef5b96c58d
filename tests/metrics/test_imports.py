"""Files of figures: mapped, looked at whole, recorded or refused whole, remembered, and taken back."""

from __future__ import annotations

from typing import Any

from fastapi.testclient import TestClient

from tests.metrics.files_of_figures import Percent, as_csv, check, form, take, undo, workbook
from tests.metrics.test_values import company, on_sqlite, put, wide

STATEMENT = {
    "Income": [
        ["Sample Inc, income statement"],
        ["USD in thousands"],
        ["", "Q3 2024", "Q4 2024"],
        ["Net sales", 1000, 1100.5],
        ["Cost of sales", -400, -440],
        ["Gross profit", 600, 660.5],
        ["Net revenue retention", Percent(0.93), Percent(0.95)],
    ],
    "People": [["Metric", "Q3 2024", "Q4 2024"], ["Headcount", 41, 43]],
}


def cells(client: TestClient, path: str, **query: Any) -> dict[tuple[str, str], Any]:
    found = wide(client, path, period="quarter", derived="false", **query)
    return {(metric, period): cell["value"] for metric, row in found.items() for period, cell in row.items()}


def errors(found: dict[str, Any]) -> set[tuple[str, str]]:
    return {(one["place"], one["code"]) for one in found["errors"]}


def test_a_wide_workbook_is_mapped_scaled_recorded_and_taken_back(client: TestClient) -> None:
    path = company(client)
    put(client, path, "2024-Q3", {"revenue": "999000", "gross_profit": "600000"})
    content = workbook(STATEMENT)
    seen = check(client, path, content, "report.xlsx")
    assert (seen["form"], seen["stated_scale"], seen["stated_currency"]) == ("wide", 1000, "USD")
    assert seen["counts"] == {"new": 6, "changed": 1, "same": 1, "error": 0}
    mapped = {one["label"]: (one["metric"], one["scale"], one["sign"], one["because"]) for one in seen["lines"]}
    assert mapped["Net sales"] == ("revenue", 1000, 1, "name")
    assert mapped["Cost of sales"] == ("cost_of_revenue", 1000, -1, "name")
    assert mapped["Net revenue retention"][0] is None  # computed from what is reported
    assert mapped["Headcount"] == ("employees", 1, 1, "name")
    restated = next(one for one in seen["figures"] if one["state"] == "changed")
    assert (restated["cell"], restated["value"], restated["before"]) == ("B4", "1000000.00", "999000.00")
    assert cells(client, path)["revenue", "2024-Q3"] == "999000.00"  # looking records nothing

    made = take(client, path, content, "report.xlsx")
    assert made["receipt"] == {"created": 6, "restated": 1, "unchanged": 1}
    assert cells(client, path) | {} == {
        ("revenue", "2024-Q3"): "1000000.00", ("revenue", "2024-Q4"): "1100500.00",
        ("cost_of_revenue", "2024-Q3"): "400000.00", ("cost_of_revenue", "2024-Q4"): "440000.00",
        ("gross_profit", "2024-Q3"): "600000.00", ("gross_profit", "2024-Q4"): "660500.00",
        ("employees", "2024-Q3"): "41", ("employees", "2024-Q4"): "43",
    }  # fmt: skip
    shown = wide(client, path, period="quarter", explain="true")
    rows = shown["revenue"]["2024-Q4"]["explain"]["rows"]
    place = {"file": "report.xlsx", "sheet": "Income", "cell": "C4"}
    origin = {"import_id": made["id"], "connection_id": None, **place, "undone": False}
    assert rows[0]["origin"] == origin
    assert shown["gross_profit"]["2024-Q3"]["explain"]["rows"][0]["origin"] is None  # came through the API

    again = client.post(f"{path}/metrics/imports", **form(content, "report.xlsx"))
    assert (again.status_code, again.json()["code"]) == (409, "figures_imported_before")
    twice = client.post(f"{path}/metrics/imports", **form(content, "report.xlsx", again="true"))
    assert (twice.status_code, twice.json()["code"]) == (409, "no_new_figures")

    back = undo(client, path, made)
    assert back["receipt"] | {} == made["receipt"] | {"voided": 6, "restored": 1, "kept": 0}
    assert cells(client, path) == {("revenue", "2024-Q3"): "999000.00", ("gross_profit", "2024-Q3"): "600000.00"}
    twice = client.post(f"{path}/metrics/imports/{made['id']}/undo", json={"reason": "x"})
    assert (twice.status_code, twice.json()["code"]) == (409, "figures_not_undoable")
    assert take(client, path, content, "report.xlsx")["receipt"]["created"] == 6  # undone, it may come again


@on_sqlite
def test_undoing_imports_in_any_order_ends_at_what_was_there_before(client: TestClient) -> None:
    path = company(client)
    put(client, path, "2024-Q1", {"revenue": "100"})
    files = [as_csv([["", "2024-Q1", "2024-Q2"], ["Revenue", value, value]]) for value in ("200", "300")]
    first, second = (take(client, path, content) for content in files)
    assert undo(client, path, first)["receipt"]["kept"] == 2  # the second says something else since
    assert undo(client, path, second)["receipt"]["restored"] == 1
    assert cells(client, path) == {("revenue", "2024-Q1"): "100.00"}
    third = take(client, path, files[0])
    fourth = take(client, path, files[1])
    undo(client, path, fourth)
    shown = wide(client, path, period="quarter", explain="true")["revenue"]["2024-Q1"]
    assert (shown["value"], shown["explain"]["rows"][0]["origin"]["import_id"]) == ("200.00", third["id"])
    put(client, path, "2024-Q2", {"revenue": "201"})
    assert undo(client, path, third)["receipt"] | {} == third["receipt"] | {"voided": 0, "restored": 1, "kept": 1}
    assert cells(client, path) == {("revenue", "2024-Q1"): "100.00", ("revenue", "2024-Q2"): "201.00"}


@on_sqlite
def test_a_file_with_a_figure_a_row_names_its_metrics_currencies_and_scenarios(client: TestClient) -> None:
    path = company(client)
    rows = [
        ["metric", "period", "value", "currency", "scenario"],
        ["revenue", "2024-Q1", "100.5", "EUR", "budget"],
        ["Sales", "2024-Q2", "(3)", "", ""],
        ["reported_churn", "2024-Q1", "5%", "", ""],
        ["employees", "2024-03", "12", "", "forecast"],
    ]
    take(client, path, as_csv(rows, ";"))
    assert (
        wide(client, path, period="quarter", scenario="budget", currency="EUR")["revenue"]["2024-Q1"]["value"]
        == "100.50"
    )
    shown = wide(client, path, period="quarter", derived="false")
    assert shown["reported_churn"]["2024-Q1"]["value"] == "0.05"
    assert wide(client, path, period="month", scenario="forecast")["employees"]["2024-03"]["value"] == "12"


@on_sqlite
def test_everything_wrong_is_told_at_once_each_with_its_cell_and_nothing_is_recorded(client: TestClient) -> None:
    path = company(client)
    put(client, path, "2023-Q4", {"revenue": "100"})
    rows = [
        ["Line", "Currency", "2024-Q1", "2024-Q2", "Q1 2024", "2024-Q3"],
        ["Revenue", "XXX", "1", "2", "3", "4"],
        ["Office dogs", "", "1", "", "", ""],
        ["Headcount", "", "-3", "many", "", "4"],
        ["Cash", "", "1.2.3", "93%", "", "5"],
        ["Cash", "DEM", "", "7", "", ""],
        ["EBITDA", "", "1", "", "", "1,5"],
        ["", "", "9", "", "", ""],
    ]
    mapping = [{"line": "cash row 6", "metric": "net_income"}]
    seen = check(client, path, as_csv(rows), mapping=mapping)
    assert errors(seen) == {
        ("E1", "period_given_twice"), ("A3", "unknown_metric"), ("C4", "negative_count"), ("D4", "not_a_number"),
        ("C5", "not_a_number"), ("D5", "unit_mismatch"), ("B6", "unknown_currency"), ("F7", "not_a_number"),
        ("C8", "missing"), ("B2", "unknown_currency"),
    }  # fmt: skip
    refused = client.post(f"{path}/metrics/imports", **form(as_csv(rows), "bad.csv", mapping=mapping))
    assert (refused.status_code, refused.json()["code"]) == (422, "figures_refused")
    assert len(refused.json()["errors"]) == len(seen["errors"])
    assert cells(client, path) == {("revenue", "2023-Q4"): "100.00"}
    assert client.get(f"{path}/metrics/imports").json()["total"] == 0
    assert client.get(f"{path}/metrics/mapping").json()["total"] == 0
    sent = client.post(f"{path}/metrics/imports/check", **form(as_csv(rows), "bad.csv", download="errors"))
    assert sent.headers["content-type"].startswith("text/csv"), sent.text
    assert "A3,Office dogs," in sent.text


@on_sqlite
def test_what_a_file_taught_maps_the_next_one_of_the_company_and_can_be_changed(client: TestClient) -> None:
    path = company(client)
    first = as_csv([["in thousands", "2024-Q1"], ["Umsatz", "100"], ["Dogs", "3"], ["Churn %", "93"]])
    seen = check(client, path, first)
    assert [(one["label"], one["decided"]) for one in seen["lines"]][:2] == [("Umsatz", False), ("Dogs", False)]
    mapping = [{"line": "umsatz", "metric": "revenue", "scale": 1000}, {"line": "dogs", "metric": None}]
    take(client, path, first, mapping=mapping)
    assert cells(client, path) == {("revenue", "2024-Q1"): "100000.00", ("reported_churn", "2024-Q1"): "0.93"}
    second = as_csv([["in thousands", "2024-Q2"], ["Umsatz", "110"], ["Dogs", "4"], ["Churn %", "0.5"]])
    seen = check(client, path, second)
    told = {one["label"]: (one["metric"], one["scale"], one["percent"], one["because"]) for one in seen["lines"]}
    assert told["Umsatz"] == ("revenue", 1000, None, "remembered")
    assert told["Dogs"][0] is None
    assert told["Churn %"] == ("reported_churn", 1, "percent", "remembered")
    take(client, path, second)  # by itself
    assert cells(client, path)["reported_churn", "2024-Q2"] == "0.005"
    kept = client.get(f"{path}/metrics/mapping").json()["lines"]
    assert {(one["label"], one["metric"], one["scale"]) for one in kept} == {
        ("Umsatz", "revenue", 1000), ("Dogs", None, 1), ("Churn %", "reported_churn", 1),
    }  # fmt: skip
    changed = client.put(
        f"{path}/metrics/mapping", json={"lines": [{"label": "umsatz (EUR)", "metric": "recurring_revenue"}]}
    )
    assert changed.status_code == 200, changed.text
    seen = check(client, path, as_csv([["", "2024-Q3"], ["Umsatz", "110"], ["Dogs", "4"]]))
    assert [(one["metric"], one["scale"], one["decided"]) for one in seen["lines"]] == [
        ("recurring_revenue", 1, True), (None, 1, False),
    ]  # fmt: skip
    wrong = client.put(f"{path}/metrics/mapping", json={"lines": [{"label": "x", "metric": "nonsense"}]})
    assert wrong.status_code == 422


@on_sqlite
def test_traps_of_unit_and_sign_are_findings_with_their_cells(client: TestClient) -> None:
    path = company(client)
    for quarter, value in (("2023-Q3", "1000000"), ("2023-Q4", "1100000"), ("2024-Q1", "1150000")):
        put(client, path, quarter, {"revenue": value})
    rows = [["", "2024-Q2"], ["Revenue", "1200"], ["EBITDA", "-300"], ["Cash burn", "-300"]]
    seen = check(client, path, as_csv(rows))
    found = {one["kind"]: one for one in seen["findings"]}
    assert (found["unit"]["cells"], found["unit"]["mend"]["value"]) == (["B2"], "1200000")
    assert found["burn_sign"]["mend"] == {"metric": "cash_burn", "period": "2024-Q2", "value": "300"}
    assert seen["counts"]["error"] == 0  # told, not refused: nothing is changed by looking


@on_sqlite
def test_days_are_periods_of_the_fiscal_calendar_or_say_why_not(client: TestClient) -> None:
    path = company(client)
    client.put(f"{path}/fiscal-years", json={"starts_on": "2020-07-01", "year_ends_in": 6})
    rows = [["", "2023-09-30", "2023-12-31"], ["Revenue", "1", "2"]]
    assert [one["period"] for one in check(client, path, as_csv(rows))["periods"]] == ["2024-Q1", "2024-Q2"]
    one_day = [["", "30.09.2023"], ["Revenue", "1"]]
    assert errors(check(client, path, as_csv(one_day))) == {("B1", "period_kind_needed")}
    told = check(client, path, as_csv(one_day), options={"period_kind": "quarter"})
    assert [one["period"] for one in told["periods"]] == ["2024-Q1"]
    odd = check(client, path, as_csv([["", "2023-08-31"], ["Revenue", "1"]]), options={"period_kind": "quarter"})
    assert errors(odd) == {("B2", "unknown_period")}
    client.put(f"{path}/fiscal-years", json={"starts_on": "2023-11-01", "year_ends_in": 10})
    crossed = check(client, path, as_csv([["", "FY2024", "FY2025"], ["Revenue", "1", "2"]]))
    assert {one["place"] for one in crossed["errors"]} <= {"B1", "B2", "C2"}


@on_sqlite
def test_scenarios_stand_in_a_row_above_or_in_the_heading(client: TestClient) -> None:
    path = company(client)
    rows = [["", "Actual", "", "Budget"], ["", "Jan-24", "Feb-24", "Jan-24"], ["Revenue", "1", "2", "3"]]
    seen = check(client, path, as_csv(rows))
    assert {(one["period"], one["scenario"], one["value"]) for one in seen["figures"]} == {
        ("2024-01", "actual", "1.00"), ("2024-02", "actual", "2.00"), ("2024-01", "budget", "3.00"),
    }  # fmt: skip
    rows = [["", "FY2023A", "2024 Budget", "FY25E"], ["Revenue", "1.234.567,5", "2", "3"]]
    seen = check(client, path, as_csv(rows, ";"))
    assert {(one["period"], one["scenario"], one["value"]) for one in seen["figures"]} == {
        ("2023", "actual", "1234567.50"), ("2024", "budget", "2.00"), ("2025", "forecast", "3.00"),
    }  # fmt: skip


@on_sqlite
def test_another_company_cannot_be_reached_through_an_import(client: TestClient) -> None:
    path, other = company(client), company(client, "EUR")
    made = take(client, path, as_csv([["", "2024-Q1"], ["Revenue", "1"]]))
    for answer in (
        client.get(f"{other}/metrics/imports/{made['id']}"),
        client.post(f"{other}/metrics/imports/{made['id']}/undo", json={"reason": "x"}),
    ):
        assert answer.status_code == 404
    assert client.get(f"{path}/metrics/imports/{made['id']}").json()["filename"] == "figures.csv"


@on_sqlite
def test_fractions_among_percentages_are_named(client: TestClient) -> None:
    path = company(client)
    content = as_csv([["", "2023-Q4", "2024-Q1", "2024-Q2"], ["Churn", "93", "93%", "0.93"]])
    seen = check(client, path, content)
    assert [one["value"] for one in seen["figures"]] == ["0.93", "0.93", "0.0093"]
    assert seen["notes"] == ["Read as percentages like their line, though they may be fractions: D2."]


@on_sqlite
def test_the_corner_of_the_table_states_scale_and_currency(client: TestClient) -> None:
    path = company(client)
    seen = check(client, path, as_csv([["EUR in thousands", "2024-Q1"], ["Revenue", "15"]]))
    assert (seen["stated_scale"], seen["stated_currency"]) == (1000, "EUR")
    assert [(one["value"], one["currency"]) for one in seen["figures"]] == [("15000.00", "EUR")]


@on_sqlite
def test_a_heading_that_was_meant_as_a_period_is_refused_and_any_other_is_named(client: TestClient) -> None:
    path = company(client)
    for meant in ("2024-Q9", "2024-13", "Q5 2024", "13/2024"):
        seen = check(client, path, as_csv([["", "2024-Q1", meant], ["Revenue", "1", "2"]]))
        assert errors(seen) == {("C1", "unknown_period")}, meant
    seen = check(client, path, as_csv([["", "2024-Q1", "% of sales"], ["Revenue", "1", "2"]]))
    assert errors(seen) == set()
    assert seen["notes"] == ["Columns left unread, as their heading is no period: C1 (% of sales)."]


@on_sqlite
def test_a_currency_that_is_none_is_told_once_at_its_own_cell(client: TestClient) -> None:
    path = company(client)
    long = [["metric", "period", "value", "currency"], ["revenue", "2024-Q1", "1", "XXX"]]
    assert errors(check(client, path, as_csv(long))) == {("D2", "unknown_currency")}
    wide_rows = [["", "Currency", "2024-Q1", "2024-Q2"], ["Revenue", "DEM", "1", "2"]]
    told = check(client, path, as_csv(wide_rows))["errors"]
    assert [(one["place"], one["code"]) for one in told] == [("B2", "unknown_currency")]


@on_sqlite
def test_rows_of_one_metric_keep_their_own_currency_and_share_a_scale(client: TestClient) -> None:
    path = company(client)
    head = ["metric", "period", "value", "unit"]
    rows = [head, ["revenue", "2024-Q1", "1", "USD thousands"], ["revenue", "2024-Q2", "2", "EUR thousands"]]
    seen = check(client, path, as_csv(rows))
    assert [(one["value"], one["currency"]) for one in seen["figures"]] == [("1000.00", "USD"), ("2000.00", "EUR")]
    mixed = check(client, path, as_csv([*rows, ["revenue", "2024-Q3", "3000", "USD"], ["revenue", "2024-Q4", "4", ""]]))
    assert errors(mixed) == {("D4", "unit_mismatch"), ("D5", "unit_mismatch")}
