"""Names are never markup: every text field is set to hostile text, and a browser walks the pages."""

from __future__ import annotations

from typing import Any

import httpx2

from tests.e2e.conftest import Open, Site

RUN = "window.__xss=1"
PAYLOADS = [
    f"<script>{RUN}</script>",
    f'"><script>{RUN}</script>',
    f"<img src=x onerror={RUN}>",
    f"'><img src=x onerror={RUN}>",
    f"<svg onload={RUN}>",
    f"<svg><script>{RUN}</script></svg>",
    f"<iframe srcdoc='<script>parent.{RUN[7:]}</script>'>",
    f"<a href=javascript:{RUN}>x</a>",
    f"javascript:{RUN}",
    f"<details open ontoggle={RUN}>",
    f"<body onload={RUN}>",
    f"<input autofocus onfocus={RUN}>",
    f"<math><mtext></mtext><script>{RUN}</script></math>",
    f"<style>@import'javascript:{RUN}';</style><style onload={RUN}></style>",
    f"</title><script>{RUN}</script>",
    f"</textarea><script>{RUN}</script>",
    "{{constructor.constructor('" + RUN + "')()}}",
    "${" + RUN + "}",
    f"<object data='data:text/html,<script>{RUN}</script>'>",
    f"<template><script>{RUN}</script></template><video><source onerror={RUN}></video>",
]
WATCH = """
window.__csp = [];
document.addEventListener('securitypolicyviolation', (event) => window.__csp.push(
  event.violatedDirective + ' ' + event.blockedURI + ' ' + (event.sample || '')));
"""


def fill(client: httpx2.Client) -> dict[str, list[int]]:
    """A fund, company, investor and deal for each payload, which stands in every text field of theirs."""

    def post(path: str, **body: Any) -> Any:
        answer = client.post(f"/{path}", json=body)
        assert answer.status_code == 201, (path, answer.text)
        return answer.json()

    ids: dict[str, list[int]] = {"funds": [], "companies": [], "investors": []}
    for number, payload in enumerate(PAYLOADS):
        name = f"{payload} {number}"
        fund = post("funds", name=name, currency="USD", description=payload)["id"]
        investor = post("investors", name=name, country=payload)["id"]
        days = {"called_on": "2024-02-01", "due_on": "2024-02-15"}
        post("commitments", fund_id=fund, investor_id=investor, committed_on="2024-01-01", amount="1000")
        line = {"investor_id": investor, "fees": "5"}
        post("capital-calls", fund_id=fund, purpose=payload, lines=[line], **days)
        entry = {"kind": "income", "entered_on": "2024-03-01", "amount": "5", "memo": payload}
        post("vehicle-entries", fund_id=fund, **entry)
        words = dict.fromkeys(("industry", "sector", "country", "description"), payload)
        own = post("companies", name=name, currency="USD", **words)["id"]
        deal = {"invested_on": "2024-01-10", "amount": "100", "thesis": payload}
        post("investments", fund_id=fund, company_id=own, **deal)
        post("rounds", company_id=own, name=payload, closed_on="2024-01-10")
        post("securities", company_id=own, name=payload, kind="common")
        post("tokens", name=payload, role="auditor")
        post("users", name=name, email=f"x{number}@firm.com", role="auditor")
        ids["funds"].append(fund)
        ids["companies"].append(own)
        ids["investors"].append(investor)
    file = {"file": (f"{PAYLOADS[2]}.csv", f"fund,date,kind,amount\n{PAYLOADS[2]},x,{PAYLOADS[0]},y\n".encode())}
    assert client.post("/imports", files=file, data={"kind": "flows"}).status_code == 201
    return ids


def test_no_text_runs_or_is_reported_on_any_page(open_page: Open, site: Site) -> None:
    with site.client() as client:
        ids = fill(client)
    page = open_page("/funds")
    page.context.add_init_script(WATCH)
    lists = ["funds", "companies", "investors", "imports", "ledger", "people", "tokens", "jobs", "audit", "account"]
    ones = [f"{noun}/{one}" for noun, all_of in ids.items() for one in all_of[:: 4 if noun == "funds" else 7]]
    for path in [*lists, *ones]:
        page.goto(f"{site.url}/{path}")
        page.wait_for_load_state("networkidle")
        assert page.evaluate("window.__xss") is None, path
        assert page.evaluate("window.__csp") == [], path
    page.goto(f"{site.url}/funds")
    page.wait_for_load_state("networkidle")
    assert PAYLOADS[2] in page.inner_text("body")  # they are there, as what they are: text
