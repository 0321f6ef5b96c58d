"""Workbooks that go out to be filled and come back: the template, and a file with its errors on its cells."""

from __future__ import annotations

import html
import io
import re
import zipfile

from fastapi.testclient import TestClient

from tests.metrics.files_of_figures import as_csv, check, form, take, workbook
from tests.metrics.test_values import company, on_sqlite, put, wide


def comments(content: bytes) -> dict[str, str]:
    """Cell → comment, of all sheets."""
    found = {}
    with zipfile.ZipFile(io.BytesIO(content)) as package:
        for name in package.namelist():
            if "omments" in name and name.endswith(".xml"):
                text = package.read(name).decode()
                for ref, body in re.findall(r'<comment ref="([A-Z0-9]+)"[^>]*>(.*?)</comment>', text):
                    found[ref] = html.unescape("".join(re.findall(r"<t[^>]*>([^<]*)</t>", body)))
    return found


@on_sqlite
def test_a_workbook_comes_back_with_its_errors_on_its_cells(client: TestClient) -> None:
    path = company(client)
    rows = [["", "2024-Q1"], ["Revenue", "many"], ["Dogs & cats <3", 4], ["EBITDA", -3], ["Cash burn", -3]]
    content = workbook({"A & B": rows, "Other": [["Notes"]]})
    sent = client.post(f"{path}/metrics/imports/check", **form(content, "f.xlsx", download="workbook"))
    assert sent.headers["content-type"].endswith("spreadsheetml.sheet"), sent.text
    told = comments(sent.content)
    assert set(told) == {"B2", "A3", "B4", "B5"}
    assert told["B2"] == "Wrong: is text where a number belongs."
    assert told["B5"].startswith("Look: Cash burn is positive when cash falls")
    once_more = check(client, path, sent.content, "f.xlsx")  # it is read as it was, and gets its comments anew
    assert {one["place"] for one in once_more["errors"]} == {"A & B!B2", "A & B!A3"}
    mended = [{"line": "dogs and cats 3", "metric": None}, {"line": "revenue", "metric": None}]
    again = client.post(
        f"{path}/metrics/imports/check", **form(sent.content, "f.xlsx", download="workbook", mapping=mended)
    )
    assert set(comments(again.content)) == {"B4", "B5"}


@on_sqlite
def test_a_csv_file_comes_back_as_a_workbook_with_comments(client: TestClient) -> None:
    path = company(client)
    content = as_csv([["", "2024-Q1"], ["Revenue", "many"]])
    sent = client.post(f"{path}/metrics/imports/check", **form(content, "f.csv", download="workbook"))
    assert set(comments(sent.content)) == {"B2"}


def filled(content: bytes, figures: dict[str, dict[str, float]]) -> bytes:
    """The template's own cells with numbers in them: the parts are changed, as a spreadsheet would, nothing else."""
    with zipfile.ZipFile(io.BytesIO(content)) as package:
        parts = {name: package.read(name) for name in package.namelist()}
    texts = re.findall(r"<si><t[^>]*>([^<]*)</t></si>", parts["xl/sharedStrings.xml"].decode())
    sheet = parts["xl/worksheets/sheet1.xml"].decode()
    strings = {ref: texts[int(at)] for ref, at in re.findall(r'<c r="([A-Z]+[0-9]+)"[^>]*t="s"><v>(\d+)</v>', sheet)}
    for key, by_period in figures.items():
        row = next(ref[1:] for ref, text in strings.items() if ref[0] == "A" and text == key)
        for label, value in by_period.items():
            column = next(ref[:-1] for ref, text in strings.items() if text == label and ref[1:] == "5")
            place = rf'<c r="{column}{row}"( s="\d+")?(?: t="s")?(?:/>|><v>[^<]*</v></c>)'
            sheet, count = re.subn(place, rf'<c r="{column}{row}"\1><v>{value}</v></c>', sheet)
            assert count == 1, (key, label)
    parts["xl/worksheets/sheet1.xml"] = sheet.encode()
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as package:
        for name, data in parts.items():
            package.writestr(name, data)
    return out.getvalue()


@on_sqlite
def test_a_template_goes_out_is_filled_and_comes_back_without_a_word_about_mapping(client: TestClient) -> None:
    path = company(client)
    client.post(
        "/api/v1/metrics/definitions",
        json={"key": "gmv", "label": "=GMV()", "unit": "money", "kind": "flow", "description": "-what was sold"},
    )
    for quarter in ("2023-Q2", "2023-Q3", "2023-Q4", "2024-Q1", "2024-Q2"):
        put(client, path, quarter, {"revenue": "1000.5", "employees": "10"})
    put(client, path, "2024-Q2", {"reported_churn": "0.05"})
    sent = client.get(f"{path}/metrics/template", params={"period": "quarter", "ahead": 2})
    assert sent.status_code == 200, sent.text
    assert sent.headers["content-disposition"].startswith("attachment")
    untouched = check(client, path, sent.content, "figures.xlsx")
    assert untouched["counts"] == {"new": 0, "changed": 0, "same": 9, "error": 0}
    assert [one["period"] for one in untouched["periods"]] == ["2023-Q3", "2023-Q4", "2024-Q1", "2024-Q2"]
    assert untouched["error_count"] == 0
    back = filled(
        sent.content,
        {
            "revenue": {"2024-Q1": 1000, "2024-Q3": 1100, "2024-Q4": 1200},
            "cost_of_revenue": {"2024-Q3": 400},
            "gross_profit": {"2024-Q3": 600},
            "reported_churn": {"2024-Q3": 0.93},
            "gmv": {"2024-Q3": 7},
            "employees": {"2024-Q3": -2},
        },
    )
    seen = check(client, path, back, "figures.xlsx")
    assert seen["counts"] == {"new": 6, "changed": 1, "same": 8, "error": 1}
    assert [(one["code"]) for one in seen["errors"]] == ["negative_count"]
    assert "gross_profit_tie" in {one["kind"] for one in seen["findings"]}
    told = client.post(f"{path}/metrics/imports/check", **form(back, "f.xlsx", download="workbook"))
    [wrong] = [text for text in comments(told.content).values() if text.startswith("Wrong: Employees")]
    assert wrong.splitlines()[0].endswith("cannot be -2.")
    made = take(client, path, filled(told.content, {"employees": {"2024-Q3": 12}}), "figures.xlsx")
    assert made["receipt"] == {"created": 7, "restated": 1, "unchanged": 8}
    shown = wide(client, path, period="quarter")
    assert shown["reported_churn"]["2024-Q3"]["value"] == "0.93"
    assert (shown["revenue"]["2024-Q1"]["value"], shown["revenue"]["2024-Q1"]["restated"]) == ("1000.00", True)


@on_sqlite
def test_a_template_of_a_company_without_figures_begins_with_the_period_that_is_over(client: TestClient) -> None:
    path = company(client)
    for kind in ("month", "quarter", "year"):
        sent = client.get(f"{path}/metrics/template", params={"period": kind, "scenario": "budget"})
        text = zipfile.ZipFile(io.BytesIO(sent.content)).read("xl/sharedStrings.xml").decode()
        assert len(re.findall(r"<t>[0-9Q-]{4,7} Budget</t>", text)) == 1, kind
        seen = check(
            client, path, filled(sent.content, {"revenue": {re.findall(r"<t>([^<]* Budget)</t>", text)[0]: 5}})
        )
        assert [one["scenario"] for one in seen["figures"]] == ["budget"]
