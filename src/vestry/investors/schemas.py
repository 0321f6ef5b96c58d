"""Investors as they come in and go out."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from vestry.core.fields import Input, Label, Name, Output, example

InvestorKind = Literal["lp", "gp", "client"]


class InvestorIn(Input):
    """Who provides capital: a limited partner, the general partner, a client."""

    model_config = example({"name": "Harbour Pension Fund", "kind": "lp", "country": "NO"})

    name: Name
    kind: InvestorKind = "lp"
    country: Label | None = None
    email: Name | None = None


class InvestorOut(Output):
    """An investor; what they committed, paid and own is under /investors/{id}/performance."""

    id: int
    name: str
    kind: str
    country: str | None
    email: str | None
    version: int
    created_at: datetime
    updated_at: datetime


class InvestorPage(Output):
    """A page of investors."""

    items: list[InvestorOut]
    next: str | None
    total: int
