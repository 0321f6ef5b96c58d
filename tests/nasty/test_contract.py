"""The API does what its description says: requests made from it get an answer it names, of the kind and shape it names.

Two kinds of request are drawn for every operation: such as the description allows, about things that are there, and
such as it does not allow. The same ones in every run.
"""

from __future__ import annotations

import re
import warnings
from collections import Counter
from collections.abc import Callable
from typing import Any

import schemathesis
from hypothesis import HealthCheck, Phase, given
from hypothesis import settings as properties
from hypothesis.errors import Unsatisfiable
from schemathesis import Case, GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.core.failures import FailureGroup
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from tests.nasty.bodies import description, operations, with_bodies
from tests.nasty.world import World
from vestry.api.description import PUBLIC

CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]
# On the second engine the same code answers: fewer are drawn there.
EXAMPLES = {
    "sqlite": {GenerationMode.POSITIVE: 2, GenerationMode.NEGATIVE: 1},
    "postgresql": {GenerationMode.POSITIVE: 1, GenerationMode.NEGATIVE: 1},
}


def about(world: World, case: Case) -> Case:
    """The case with ids of things that are there, in its path, its query and its body."""
    case.path_parameters = {name: world.ids.get(name, value) for name, value in (case.path_parameters or {}).items()}
    case.query = {name: world.ids.get(name, value) for name, value in (case.query or {}).items()}
    if isinstance(case.body, dict):
        case.body = {name: world.ids.get(name, value) for name, value in case.body.items()}
    return case


def requests(operation: Any, mode: GenerationMode, count: int, work: Callable[[Case], None]) -> None:
    """Do the work with that many requests drawn for the operation."""

    @properties(
        max_examples=count,
        derandomize=True,
        deadline=None,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(operation.as_strategy(generation_mode=mode))
    def attempt(case: Case) -> None:
        work(case)

    try:
        attempt()
    except Unsatisfiable:
        assert mode is GenerationMode.NEGATIVE  # it reads nothing that could be wrong


def test_every_answer_is_one_the_description_names(new_world: Callable[..., World]) -> None:
    world, seen, wrong = new_world(), Counter[int](), list[str]()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        schema = schemathesis.openapi.from_asgi("/openapi.json", world.app)
    credentials = {"Authorization": world.client.headers["authorization"]}
    counts = EXAMPLES["sqlite" if world.database.is_sqlite else "postgresql"]

    def try_one(case: Case) -> None:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            answer = case.call(headers=credentials)
        seen[answer.status_code] += 1
        try:
            case.validate_response(answer, checks=CHECKS)
        except FailureGroup as failures:
            wrong.append(f"{case.operation.label}: {[str(failure)[:500] for failure in failures.exceptions]}")

    for found in schema.get_all_operations():
        operation: Any = found.ok()
        requests(
            operation,
            GenerationMode.POSITIVE,
            counts[GenerationMode.POSITIVE],
            lambda case: try_one(about(world, case)),
        )
        requests(operation, GenerationMode.NEGATIVE, counts[GenerationMode.NEGATIVE], try_one)
    assert not wrong, "\n".join(wrong[:10])
    assert seen[200] > 100, seen
    assert seen[201] > 10, seen
    assert seen[422] > 80, seen


def resolved(answer: dict[str, Any]) -> dict[str, Any]:
    """What a reference to an answer said once for all operations stands for."""
    found: Any = description() if "$ref" in answer else answer
    for step in answer.get("$ref", "#").split("/")[1:]:
        found = found[step]
    return dict(found)


def test_every_operation_has_a_name_a_description_and_documented_problems() -> None:
    names = Counter(operation.name for operation in operations())
    assert max(names.values()) == 1
    for operation in operations():
        said = operation.description
        assert re.fullmatch(r"[a-z][a-z0-9_]+", operation.name)
        assert len(said["summary"]) > 3, operation.name
        assert said["description"].endswith("."), operation.name
        assert len(said["tags"]) == 1, operation.name
        expected = {"400", "401", "403", "404", "409", "422"}
        expected |= {"412", "428"} if any(one["name"] == "if-match" for one in said.get("parameters", [])) else set()
        expected |= {"413", "415"} if "requestBody" in said else set()
        assert expected <= set(said["responses"]), operation.name
        for status, written in said["responses"].items():
            answer = resolved(written)
            assert answer["description"], (operation.name, status)
            if status >= "400":
                assert set(answer["content"]) == {"application/problem+json"}, (operation.name, status)
            elif status in ("204", "303"):
                assert "content" not in answer, operation.name
            else:
                schema = next(iter(answer["content"].values()))["schema"]
                assert schema, f"{operation.name} answers {status} with anything at all"


def test_every_parameter_says_what_it_takes() -> None:
    for operation in operations():
        for one in operation.description.get("parameters", []):
            schema = one["schema"]
            kinds = [inner.get("type") for inner in schema.get("anyOf", [schema])]
            assert all(kinds), (operation.name, one["name"])


def test_every_body_shows_an_example_of_itself() -> None:
    for operation in with_bodies():
        assert operation.schema is not None
        examples = operation.schema.get("examples", [])
        assert len(examples) == 1, operation.name
        assert set(examples[0]) <= set(operation.schema["properties"]), operation.name
        assert set(operation.schema.get("required", [])) <= set(examples[0]), operation.name
        assert operation.schema["additionalProperties"] is False, operation.name


def test_the_description_names_how_to_sign_in() -> None:
    schemes = description()["components"]["securitySchemes"]
    assert {scheme["type"] for scheme in schemes.values()} == {"http", "apiKey"}
    for operation in operations():
        asked = operation.description.get("security", description().get("security"))
        assert (asked == []) == (operation.name in PUBLIC), operation.name
