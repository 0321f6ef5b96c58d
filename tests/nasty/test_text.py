"""Names and notes: kept as typed where they can be, refused where they cannot, never anything else."""

from __future__ import annotations

import itertools
import unicodedata
from collections.abc import Callable
from typing import Any

import pytest

from tests.nasty.bodies import with_bodies, with_value
from tests.nasty.world import API, World

KEPT = (
    "\ufdfa" * 100,
    "صندوق الاستثمار الأول",
    "קרן צפון",
    "基金一号",
    "북쪽 펀드",
    "Ⅳ Fonds №5",
    "Zoë’s Fund — «I»",
    "👩‍👩‍👧 family office",
    "e\u0301" * 40,
    "a" + "\u0301" * 150,
    "😀" * 200,
    "<script>window.__xss=1</script>",
    '"><img src=x onerror=window.__xss=1>',
    "javascript:alert(1)",
    "{{7*7}} ${7*7} #{7*7}",
    "=1+1",
    "+1",
    "-1",
    "@SUM(1)",
    "＝1+1",
    '=HYPERLINK("http://evil.example")',
    "'; DROP TABLE fund; --",
    "%s %d {0} \\x00 \\u0000",
    "null",
    "NaN",
    "0",
    "True",
)

NUMBERS = itertools.count()  # of names that nothing else has
# Texts that have a form of their own, which this one has not.
FORMED = (
    *("issuer", "address", "account", "email", "scopes", "networks.0", "client_id", "client_secret", "groups_claim"),
    *("figures.0.period", "key", "formula", "metric", "values.0.metric", "values.0.period"),
    *("metrics.0", "lines.0.metric", "period", "values.0.value", "recipients.0.email", "figures.0.metric"),
    *("answers.0.question", "answers.0.answer"),  # one with the other
    "scenario",  # the name of one that is there
    "value",  # a figure as it is typed
)
# Operations whose texts have a form, or that keep nothing.
NOT_KEPT = ("create_identity_provider", "create_user", "preview_metric_definition", "preview_alert_rule")


def text_fields(kind: str) -> list[tuple[Any, Any]]:
    return [
        (operation, field)
        for operation in with_bodies()
        for field in operation.fields()
        if field.kind == kind and operation.method == "POST" and "/{" not in operation.path
        if "/auth/" not in operation.path  # proofs of who one is are compared, not kept
    ]


@pytest.mark.parametrize("text", KEPT, ids=ascii)
def test_a_name_is_kept_as_it_was_typed_in_every_noun(world: World, text: str) -> None:
    tried = 0
    for operation, field in world.share(text_fields("line"), text):
        if field.path in ("website", "ticker_symbol", *FORMED) or "." in field.path:
            continue
        if operation.name in NOT_KEPT or len(text) > field.schema["maxLength"]:
            continue
        body = with_value({"name": f"N{next(NUMBERS)}"} | (world.body(operation) or {}), field.path, text)
        taken = {one.path for one in operation.fields()} | set((operation.schema or {}).get("required", ()))
        body = {name: value for name, value in body.items() if name in taken}
        answer = world.send(operation, body)
        said = (operation.name, field.path, answer.status_code, answer.text)
        if answer.status_code == 409:  # the name was given to this noun by another field's turn
            continue
        assert answer.status_code == 201, said
        made = answer.json()
        shown = made["company"]["name"] if field.path == "company_name" else made[field.path]
        assert shown == unicodedata.normalize("NFC", text), said
        again = world.client.get(f"{API}/{operation.path.rsplit('/')[-1]}/{made['id']}")
        if again.status_code == 200 and field.path in again.json():
            assert again.json()[field.path] == shown, said
        tried += 1
    assert tried >= (6 if world.database.is_sqlite else 2)


@pytest.mark.parametrize(
    "text", ["x" * 10_000, "😀" * 10_000, "a\nb\r\nc\td", "", "e\u0301", *KEPT[:6]], ids=lambda t: ascii(t)[:20]
)
def test_a_note_is_kept_as_it_was_typed(new_world: Callable[..., World], text: str) -> None:
    world = new_world()
    entry = {"kind": "income", "entered_on": "2024-01-01", "amount": "5", "memo": text}
    made = world.post("vehicle-entries", fund_id=world.ids["fund_id"], **entry)
    assert world.client.get(f"{API}/vehicle-entries/{made['id']}").json()["memo"] == unicodedata.normalize("NFC", text)


@pytest.mark.parametrize("noun", ["funds", "companies", "investors"])
def test_lookalikes_in_case_and_spaces_are_one_name_within_a_firm_alone(
    new_world: Callable[..., World], noun: str
) -> None:
    world, other = new_world(), new_world()
    more = {} if noun == "investors" else {"currency": "USD"}
    world.post(noun, name="Fund A", **more)
    same = ("Fund A", "fund a", "FUND A", "Fund  A", " Fund A ", "Fund\u00a0A", "Ｆund A", "Fu\u006ed A", "Fund\u2003A")
    for name in same:
        answer = world.client.post(f"{API}/{noun}", json={"name": name} | more)
        assert answer.status_code == 409, (name, answer.text)
        assert answer.json()["errors"][0]["path"] == "name"
    for name in ("Fund \u0410", "Fund B", "FundA"):  # a Cyrillic А is another letter
        assert world.client.post(f"{API}/{noun}", json={"name": name} | more).status_code == 201, name
    assert other.client.post(f"{API}/{noun}", json={"name": "Fund A"} | more).status_code == 201


def test_no_answer_of_the_api_is_a_page(world: World) -> None:
    markup = "<script>window.__xss=1</script>"
    for path in (f"funds/{markup}", f"funds?q={markup}", f"funds?sort={markup}", f"{markup}", f"funds?{markup}=1"):
        answer = world.client.get(f"{API}/{path}")
        assert answer.headers["content-type"].split(";")[0] in ("application/json", "application/problem+json")
        assert answer.headers["x-content-type-options"] == "nosniff"


def test_a_text_as_long_as_the_description_allows_is_kept(new_world: Callable[..., World]) -> None:
    world, tried = new_world(), 0
    for operation in with_bodies():
        for field in operation.fields():
            if field.kind not in ("line", "prose") or operation.name in ("sign_in", "sign_in_by_link"):
                continue
            most = field.schema["maxLength"]
            # Signs that grow when they are compared: one of them here, the other on the other engine.
            sign = "\ufdfa" if (tried % 2 == 0) == world.database.is_sqlite else "ß"
            text = f"a@{sign * (most - 6)}.com" if field.path == "email" else sign * most
            world = world if tried % 24 else new_world()
            base = world.body(operation) or {}
            if field.path.startswith("company."):
                base["company"] = {"name": f"Company {tried}"}
                del base["company_name"]
            if field.path.startswith("security."):
                base["security"] = {"kind": "common"}
            answer = world.send(operation, with_value(base, field.path, text))
            said = (operation.name, field.path, sign, answer.status_code, answer.text[:300])
            of_a_form = "/auth/" in operation.path or field.path in FORMED
            fine = (200, 201, 204, 401, 403, 404, 409, 422) if of_a_form else (200, 201, 204, 404, 409)
            gone = "figure_not_reported" in answer.text  # taken back with the text before
            assert answer.status_code in fine or gone, said
            assert "too_long" not in answer.text, said
            tried += 1
    assert tried > 60
