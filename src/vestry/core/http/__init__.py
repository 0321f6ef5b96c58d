"""Strict JSON in, problems out, and the route class every router uses."""

from vestry.core.http.answers import Csv, Encoded, Json
from vestry.core.http.bodies import strict_json
from vestry.core.http.problems import MEANINGS, PROBLEM_SCHEMA, problem, problem_responses
from vestry.core.http.routing import ACTOR, KEEP, StrictRoute, is_left_to_the_route, router

__all__ = [
    "ACTOR",
    "KEEP",
    "MEANINGS",
    "PROBLEM_SCHEMA",
    "Csv",
    "Encoded",
    "Json",
    "StrictRoute",
    "is_left_to_the_route",
    "problem",
    "problem_responses",
    "router",
    "strict_json",
]
