"""Draws requests to a world: about right, with something wrong, or not a request of the description at all.

About right: every field of the body from its schema, some left out, so that much of it is accepted and can be compared
with what is stored. Wrong: one or two fields odd, missing or added. Raw: damaged bytes, nesting, doubled keys, files
that are none, methods and addresses nobody knows, headers and queries that are no text.
"""

from __future__ import annotations

import copy
import json
import random
from contextlib import suppress
from dataclasses import dataclass, field
from functools import cache
from typing import Any
from urllib.parse import quote

from tests.nasty.bodies import NOBODYS_IDS, Field, Operation, operations, with_bodies, with_value
from tests.nasty.world import API, World

# Asks another machine for its configuration.
LEFT_OUT = {"begin_directory_sign_in"}
ODD: tuple[Any, ...] = (
    *(None, "", " ", "0", "-1", "NaN", "1e999", "9" * 400, "\u202e", "\x00", "a" * 20_000, "'; DROP TABLE fund; --"),
    *("=1+1", "é", "e\u0301", "😀", "<script>", "../../etc/passwd", "{{7*7}}", "%s%n", 0, -1, 1.5, 2**63, -(2**63)),
    *(10**400, True, [], {}, [[]], {"a": {"a": {}}}, "2024-02-30", "9999-12-31", "0000-00-00", "0." + "0" * 20 + "1"),
)
HEADERS: tuple[tuple[str, str], ...] = (
    *(("if_match", one) for one in ('"0"', 'W/"1"', '"' + "9" * 300 + '"', "", "\x00", "é")),
    *(("idempotency_key", one) for one in ("k", "é", " ", "k" * 300)),
    *(
        ("content_type", one)
        for one in ("text/plain", "application/json; charset=utf-16", "multipart/form-data", "é/é")
    ),
    *(("accept", "image/png"), ("accept_encoding", "br;q=nan"), ("x_view_as", "1"), ("x_view_as", "-1")),
    *(("range", "bytes=-1"), ("cookie", "vestry_session=x; vestry_session=y"), ("origin", "null")),
    *(("x_forwarded_for", "::1"), ("expect", "100-continue"), ("content_encoding", "gzip"), ("host", "é")),
    *(("transfer_encoding", "chunked"), ("x_request_id", "\x01" * 300), ("authorization", "Basic é"), ("te", "\xff")),
)
METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS", "TRACE", "BREW", "get", "")
QUERIES = (b"%", b"%ff=%ff", b"limit=1&limit=2", b"&&&=", b"a" * 9_000, b"q=%00", b"cursor=%ed%a0%80",
           b"limit=%EF%BC%91", b"sort=--name",
           b"as_of=2024-06-30;known_at=1", b"\xff\xfe", b"explain=maybe", b"?" * 50)  # fmt: skip
BODIES = (b"", b"null", b"[]", b'"x"', b"{", b"{}" * 2, b"\xff\xfe{}", b"\xef\xbb\xbf{}", b"[" * 5_000, b'{"a":' * 300,
          b'{"a":1,"a":2}', b'{"a":NaN}', b'{"a":1e999}', b'{"a":"\\ud800"}', b"{}\x00", b'{"__proto__":{}}',
          b"0" * 3_000, b"--x\r\n\r\nx", b"{'a': 1}")  # fmt: skip
# What is there once, so that the example as it is shown is refused the second time.
UNIQUE = {"name", "email", "key", "reference_id", "cohort_month", "payment_period_month", "reported_on", "starts_on"}


@dataclass
class Drawn:
    """One request, and the body it means to have stored, if it may be accepted."""

    operation: Operation
    method: str
    path: str
    query: dict[str, Any] | bytes
    body: Any = None
    content: tuple[str, bytes] | None = None
    headers: dict[str, str] = field(default_factory=dict)
    stranger: bool = False  # with no secret, or a wrong one


class Draws:
    """Requests about one world, each operation as often as any other."""

    def __init__(self, world: World, chance: random.Random) -> None:
        self.world, self.chance = world, chance
        self.asked = [one for one in operations() if one.name not in LEFT_OUT]
        self.deck: list[Operation] = []
        self.fields = _fields()
        self.bodies = {one.name: self._own(world.body(one)) for one in self.asked if one.schema is not None}

    def __call__(self) -> Drawn:
        """The next one."""
        if not self.deck:
            self.deck = self.chance.sample(self.asked, len(self.asked))
        operation = self.deck.pop()
        drawn = Drawn(operation, operation.method, self._path(operation), self._query(operation))
        drawn.headers["if_match"] = "*"
        way = self.chance.random()
        if operation.name in self.bodies:
            drawn.body = self._near_body(operation) if way < 0.6 else self._wrong_body(operation)
        elif "multipart/form-data" in str(operation.description.get("requestBody")):
            drawn.content = self._file(operation)
        if self.chance.random() < 0.6:
            self._raw(drawn)
        return drawn

    def _own(self, body: Any) -> Any:
        """The body with the world's ids, those in its parts too."""
        if isinstance(body, list):
            return [self._own(one) for one in body]
        if not isinstance(body, dict):
            return body
        known = {name: one for name, one in self.world.ids.items() if name.endswith("_id")}
        return {name: known.get(name, self._own(value)) for name, value in body.items()}

    def _path(self, operation: Operation) -> str:
        """Its address, now and then about something that is not there."""
        ids: Any = (0, -1, *NOBODYS_IDS, "x", "１", "1.0", "%00", " 1") if self.chance.random() < 0.1 else None
        path = operation.path
        for name in [part[1:-1] for part in path.split("/") if part.startswith("{")]:
            path = path.replace("{" + name + "}", str(self.chance.choice(ids) if ids else self.world.ids[name]))
        return path

    def _query(self, operation: Operation) -> dict[str, Any]:
        query: dict[str, Any] = dict(self.world.query(operation))
        taken = [one for one in operation.description.get("parameters", []) if one["in"] == "query"]
        if taken and self.chance.random() < 0.6:
            for one in self.chance.sample(taken, self.chance.randrange(1, min(3, len(taken)) + 1)):
                drawn = self._asked(one) if self.chance.random() < 0.7 else self._odd_text()
                query[one["name"]] = drawn
        if self.chance.random() < 0.03 and query:
            query.pop(self.chance.choice(sorted(query)))
        return query

    def _asked(self, parameter: dict[str, Any]) -> Any:
        """A value the parameter takes."""
        name, draw = parameter["name"], self.chance
        schema = next((one for one in parameter["schema"].get("anyOf", []) if one.get("type") != "null"), None)
        schema = schema or parameter["schema"]
        if "enum" in schema:
            return draw.choice(schema["enum"])
        if schema["type"] == "boolean":
            return draw.choice(("true", "false"))
        if schema["type"] == "integer":
            most = min(schema.get("maximum", 50), 400) if schema.get("minimum", 0) < 400 else schema["maximum"]
            return self.world.ids.get(name, draw.randint(schema.get("minimum", 0), max(most, schema.get("minimum", 0))))
        if "format" in schema:
            day = f"{draw.randrange(2019, 2028)}-{draw.randrange(1, 13):02d}-01"
            return day if schema["format"] == "date" else f"{day}T00:00:00Z"
        words = ("name", "-name", "id", "USD", "EUR", "fund:1", "2024-Q1", "quarter", "arr", "1", "0.5", "World", "é")
        return draw.choice(words)

    def _near_body(self, operation: Operation) -> Any:
        """What may well be accepted: each field as it is shown, drawn from its schema, or left out."""
        body = copy.deepcopy(self.bodies[operation.name])
        often = self.chance.choice((0, 0.1, 0.2, 0.5))  # each field that is drawn may contradict the others
        for one in self.fields.get(operation.name, []):
            way = self.chance.random()
            if way < (0.7 if one.path in UNIQUE else often) and (
                not one.path.rpartition(".")[0] or one.path.split(".")[0] in body
            ):
                body = with_value(body, one.path, self._near(one))
            elif way > 1 - often / 4 and not one.required and "." not in one.path and isinstance(body, dict):
                body.pop(one.path, None)
        return body

    def _near(self, place: Field) -> Any:
        """A value that the schema takes."""
        draw, kind, schema = self.chance, place.kind, place.schema
        name = place.path.rsplit(".", 1)[-1]
        if place.nullable and draw.random() < 0.1:
            return None
        if kind == "id":
            return self.world.ids.get(name, draw.randrange(1, 9))
        if kind == "word":
            if "const" in schema or "enum" in schema:
                return schema["const"] if "const" in schema else draw.choice(schema["enum"])
            return "2024-06-30T12:00:00Z" if schema.get("format") else draw.choice(("USD", "USD", "EUR", "JPY", "CHF"))
        if kind == "decimal":
            places = draw.randrange(0, int(schema["pattern"].rsplit(",", 1)[1].split("}")[0]) + 1)
            whole = draw.choice((0, 0, 1, draw.randrange(10 ** draw.randrange(1, 10)), draw.randrange(10**16)))
            last = f".{draw.randrange(10**places):0{places}d}" if places else ""
            return f"{'-' if draw.random() < 0.03 and whole else ''}{whole}{last}"
        if kind in ("line", "prose", "secret"):
            return self._text(place, name)
        known = {
            "day": f"{draw.randrange(1990, 2040)}-{draw.randrange(1, 13):02d}-"
            f"{1 if name.endswith('month') else draw.randrange(1, 29):02d}",
            "integer": draw.randint(max(schema.get("minimum", 0), -9), min(schema.get("maximum", 99), 3000)),
            "boolean": draw.random() < 0.5,
        }
        return known[kind]

    def _text(self, place: Field, name: str) -> str:
        draw = self.chance
        if place.kind == "secret":
            return draw.choice(("mauve otter lattice", "correct horse battery", "123456"))
        if "email" in name:
            return f"a{draw.randrange(10**6)}@firm.com"
        if "pattern" in place.schema or name == "key":
            return f"key_{draw.randrange(10**6)}"
        longest = min(place.schema.get("maxLength", 100), 3_000)
        letters = draw.choice(("a", "Zoë ", "漢字", "😀 b", "ß/ﬁ", "=1+1 ", "<b>", "'\";-- ", "a\u0308", "ﾊ", "١٢ "))
        text = f"{letters * draw.randrange(1, 40)}{draw.randrange(10**6)}"[:longest]
        return text + "\nmore" if place.kind == "prose" and len(text) + 5 <= longest else text

    def _wrong_body(self, operation: Operation) -> Any:
        body = copy.deepcopy(self.bodies[operation.name])
        fields = self.fields.get(operation.name)
        for _ in range(self.chance.choice((1, 1, 1, 2))):
            way = self.chance.random()
            if not isinstance(body, dict) or not fields:
                return body
            if way < 0.1 and body:
                body.pop(self.chance.choice(sorted(body)))
            elif way < 0.2:
                body |= {self.chance.choice(("firm_id", "id", "version", "amount ", "__proto__")): 1}
            elif way < 0.9:
                place = self.chance.choice(fields)
                with suppress(TypeError, AttributeError):  # what it was a part of is no object any more
                    body = with_value(body, place.path, self.chance.choice((*place.bad_values()[:40], *ODD)))
            else:
                body[self.chance.choice(sorted(body) or ["x"])] = self.chance.choice(ODD)
        return body

    def _odd_text(self) -> Any:
        value = self.chance.choice(ODD)
        return value if isinstance(value, str | int | float) else json.dumps(value)

    def _file(self, operation: Operation) -> tuple[str, bytes]:
        """A form with a file: as it is read, with damaged cells, or not a file of that kind."""
        draw = self.chance
        head, good = b"fund,date,kind,amount", [b"Elsewhere", b"2024-01-01", b"contribution", b"5"]
        if operation.path != f"{API}/imports":
            head, good = b"customer_id,payment_date,amount", [b"two", b"2023-02-01", b"5"]
        if "/metrics/" in operation.path:
            head, good = b"metric,period,value,currency", [b"revenue", b"2023-Q1", b"5", b"USD"]
        lines = []
        for _ in range(draw.randrange(0, 6)):
            cells = list(good)
            if draw.random() < 0.4:
                odd = str(draw.choice(ODD))[:300].encode("utf-8", "replace")
                cells[draw.randrange(len(cells))] = draw.choice((odd, b'"', b"1,2", b"\xff", b"=cmd()", b"-5"))
            lines.append(b",".join(cells))
        content = b"\n".join([head, *lines])
        if draw.random() < 0.2:
            content = draw.choice(
                (b"", b"\x00" * 100, b"PK\x03\x04" + b"x" * 50, head, b"\xff\xfe" + content, content * 3)
            )
        name = draw.choice(("a.csv", "a.csv", "a.csv", "a.xlsx", "../a.csv", "a", "é.csv", ""))
        kind = draw.choice(("flows", "flows", "ledger", "summary", "x"))
        parts = [f'name="file"; filename="{name}"\r\n\r\n'.encode() + content, f'name="kind"\r\n\r\n{kind}'.encode()]
        edge = b"--x\r\nContent-Disposition: form-data; "
        return "multipart/form-data; boundary=x", edge + (b"\r\n" + edge).join(parts) + b"\r\n--x--\r\n"

    def _raw(self, drawn: Drawn) -> None:
        """Make it something that the description does not know."""
        draw = self.chance
        way = draw.randrange(6)
        if way == 0:
            drawn.method = draw.choice(METHODS)
        elif way == 1:
            drawn.path += draw.choice(("/", "//", "/x", "/..", "/%2e%2e/", "/" + quote("é" * 50), "\x00", "?", ";a=1"))
        elif way == 2:
            drawn.query = draw.choice(QUERIES)
        elif way == 3:
            key, value = draw.choice(HEADERS)
            drawn.headers[key] = value
        elif way == 4:
            drawn.stranger = True
        else:
            kind = (
                drawn.content[0] if drawn.content else draw.choice(("application/json", "application/json", "", "x/y"))
            )
            drawn.content = (kind, self._damaged(drawn))
            drawn.body = None

    def _damaged(self, drawn: Drawn) -> bytes:
        sent = drawn.content[1] if drawn.content else json.dumps(drawn.body).encode()
        if self.chance.random() < 0.4:
            return self.chance.choice(BODIES)
        raw = bytearray(sent)
        for _ in range(self.chance.randrange(1, 4)):
            place = self.chance.randrange(len(raw) or 1)
            raw[place : place + self.chance.randrange(3)] = bytes(self.chance.randrange(256) for _ in range(2))
        return bytes(raw)


@cache
def _fields() -> dict[str, list[Field]]:
    return {one.name: one.fields() for one in with_bodies()}
