"""Every operation of the API's description that reads a body: its example, its fields, and ways to break each field."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from typing import Any

from vestry.api.app import openapi

Body = dict[str, Any]
INT64_MAX = 2**63 - 1

# Money, quantities, rates: a plain decimal number in a string and nothing else.
DECIMALS: tuple[Any, ...] = (
    123456789012345678.91,
    5,
    True,
    [],
    {},
    "",
    *("NaN", "sNaN", "Infinity", "-Infinity", "1e400", "1E5", "0x10", "1_000", " 5 ", "+5", "5.", ".5", "05", "--5"),
    *("1,000.00", "１", "٣", "−5", "5\n", "$5", "99999999999999999999", "922337203685477.5808", "9" * 5000),
    "0.00000000001",
)
DAYS: tuple[Any, ...] = (
    *("0001-01-01", "9999-12-31", "10000-01-01", "2023-02-29", "2024-02-30", "2024-13-01", "0000-00-00", "2100-02-29"),
    1577836800,
    *("2020-01-01T00:00:00", "2020-01-01Z", "20200101", "2020-W01-1", "01/02/2020", "２０２０-01-01", "2020-1-1", ""),
    *(" 2020-01-01", "2020-01-01\n", "today"),
    True,
    [],
    {},
)
IDS: tuple[Any, ...] = (
    *(0, -1, 2**63, 99999999999999999999, True, 1.0, 1.5),
    *("1e3", "1.0", "１", "-1", "+1", " 1", "01", "", "0x1", "9223372036854775808"),
    [1],
    {"id": 1},
)
# Well-formed ids of nothing: not there, whatever their size.
NOBODYS_IDS = (2**31, 2**31 - 1, INT64_MAX)
INTEGERS: tuple[Any, ...] = (-1, 2**31, 2**63, 99999999999999999999, True, 1.0, 1.5, "5", "1e3", "", [], {})
BOOLEANS: tuple[Any, ...] = ("true", "yes", 1, 0, "", [], {})
WORDS: tuple[Any, ...] = ("nonsense", "", " ", 5, True, [], {}, "a\0b", "DROP TABLE fund")
LINES: tuple[Any, ...] = (
    *(
        5,
        True,
        [],
        {},
        "a\0b",
        "\ud800",
        "a\udfffb",
        "evil\u202egnp.exe",
        "\u2066a",
        "\u200d",
        "\u200b\u2060",
        "\ufeff",
    ),
    *("", " ", "\u3000", "two\nlines", "tab\there", "\u0301", "a\x1b[31m", "a\x7f", "\u115f", "\u2800", "\ufffe"),
)
PROSE: tuple[Any, ...] = (5, True, [], {}, "a\0b", "\ud800", "evil\u202egnp", "\x08", "x" * 10_001)
SECRETS: tuple[Any, ...] = (5, True, [], {}, "", "\ud800", "x" * 10_000_00)
SMUGGLED: dict[str, Any] = {
    "tenant_id": 1,
    "firm_id": 1,
    "role": "administrator",
    "is_admin": True,
    "id": 1,
    "version": 7,
    "created_at": "2020-01-01T00:00:00Z",
    "recorded_at": "2020-01-01T00:00:00Z",
    "recorded_by": 1,
    "voided_at": None,
    "batch_id": 1,
    "approved_by": 1,
    "status": "exited",
    "__proto__": {"role": "administrator"},
    "__class__": "x",
    "amount ": "5.00",
}


@dataclass(frozen=True)
class Field:
    """One place of a body: its path with dots, what kind of value it takes, its own schema."""

    path: str
    kind: str
    schema: Body
    nullable: bool
    required: bool

    def bad_values(self) -> tuple[Any, ...]:
        """Values that no operation accepts at this place."""
        bad = _BAD[self.kind]
        if self.kind in ("line", "prose"):
            bad = (*bad, "x" * (self.schema["maxLength"] + 1))
        if self.kind == "integer":
            bad = (*bad, self.schema["minimum"] - 1, self.schema["maximum"] + 1)
        return bad if self.nullable else (*bad, None)


_BAD: dict[str, tuple[Any, ...]] = {
    "decimal": DECIMALS,
    "day": DAYS,
    "id": IDS,
    "integer": INTEGERS,
    "boolean": BOOLEANS,
    "word": WORDS,
    "line": LINES,
    "prose": PROSE,
    "secret": SECRETS,
}


@dataclass(frozen=True)
class Operation:
    """One operation of the API's description."""

    name: str
    method: str
    path: str
    description: Body

    @property
    def schema(self) -> Body | None:
        """The schema of its JSON body, if it reads one."""
        content = self.description.get("requestBody", {}).get("content", {})
        return _resolved(content["application/json"]["schema"]) if "application/json" in content else None

    def example(self) -> Body:
        """The body its description shows."""
        assert self.schema is not None
        shown: Body = copy.deepcopy(self.schema["examples"][0])
        return shown

    def fields(self) -> list[Field]:
        """Every place of the body that takes one value, those of nested objects and list items too."""
        assert self.schema is not None
        return list(_fields(self.schema, ""))

    def objects(self) -> list[str]:
        """The paths of the body's objects: the body itself (empty) and those nested in it."""
        assert self.schema is not None
        return ["", *_objects(self.schema, "")]


@cache
def description() -> Body:
    """The API's description."""
    return openapi()


@cache
def operations() -> tuple[Operation, ...]:
    """Every operation under /api."""
    return tuple(
        Operation(found["operationId"], method.upper(), path, found)
        for path, methods in description()["paths"].items()
        for method, found in methods.items()
        if path.startswith("/api/")
    )


def with_bodies() -> list[Operation]:
    """The operations that read a JSON body; the one that describes a file's columns is tried with files, and those by
    which people prove who they are where they sign in."""
    proofs = {"sign_in", "sign_in_by_link", "change_password"}
    return [
        one
        for one in operations()
        if one.schema is not None
        and one.name != "set_import_mapping"
        and ("/auth/" not in one.path or one.name in proofs)
    ]


def with_value(body: Body, path: str, value: Any) -> Body:
    """The body with another value at a path; lists and objects on the way are made."""
    changed = copy.deepcopy(body)
    place: Any = changed
    *way, last = path.split(".")
    for step, following in pairwise([*way, last]):
        made: Any = [] if following == "0" else {}
        if step == "0":
            place[:] = place or [made]
            place = place[0]
        else:
            place = place.setdefault(step, made)
    if last == "0":
        place[:] = [value]
    else:
        place[last] = value
    return changed


def _resolved(schema: Body) -> Body:
    while "$ref" in schema:
        schema = description()["components"]["schemas"][schema["$ref"].rsplit("/", 1)[1]]
    return schema


def _unwrapped(schema: Body) -> tuple[Body, bool]:
    """The schema of the value itself, and whether null may stand there instead."""
    schema = _resolved(schema)
    choices = [_resolved(choice) for choice in schema.get("anyOf", [])]
    if not choices:
        return schema, False
    real = [choice for choice in choices if choice.get("type") != "null"]
    assert len(real) == 1, schema
    return real[0], len(real) != len(choices)


def _fields(schema: Body, before: str) -> Iterator[Field]:
    required = schema.get("required", [])
    for name, place in schema["properties"].items():
        inner, nullable = _unwrapped(place)
        yield from _places(inner, before + name, nullable, name in required)


def _places(schema: Body, path: str, nullable: bool, required: bool) -> Iterator[Field]:
    if schema.get("type") == "object":
        yield from _fields(schema, f"{path}.")
    elif schema.get("type") == "array":
        inner, inner_nullable = _unwrapped(schema["items"])
        yield from _places(inner, f"{path}.0", inner_nullable, True)
    else:
        yield Field(path, _kind(schema, path), schema, nullable, required)


def _objects(schema: Body, before: str) -> Iterator[str]:
    for name, place in schema["properties"].items():
        inner, _ = _unwrapped(place)
        path = before + name
        if inner.get("type") == "array":
            inner, path = _unwrapped(inner["items"])[0], f"{path}.0"
        if inner.get("type") == "object":
            yield path
            yield from _objects(inner, f"{path}.")


def _kind(schema: Body, path: str) -> str:
    if "enum" in schema or "const" in schema:
        return "word"
    if schema["type"] == "boolean":
        return "boolean"
    if schema["type"] == "integer":
        return "id" if schema.get("format") == "int64" else "integer"
    assert schema["type"] == "string", (path, schema)
    if schema.get("format") == "date":
        return "day"
    if "[0-9]" in schema.get("pattern", ""):
        return "decimal"
    if schema.get("pattern") == "^[A-Z]{3}$" or schema.get("format") == "date-time":
        return "word"
    if path in ("password", "current", "new", "token"):
        return "secret"
    return "prose" if schema["maxLength"] >= 1000 else "line"
