"""Connections as they come in and go out."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

from pydantic import Field

from vestry.core.fields import Input, Name, Output, example

ProviderName = Literal["feed"]
# Printable characters, as a header and an address can carry them.
Address = Annotated[str, Field(min_length=10, max_length=500, pattern=r"^https?://[!-~]+$")]
Account = Annotated[str, Field(min_length=1, max_length=200, pattern=r"^[!-~]([ -~]*[!-~])?$")]
Key = Annotated[str, Field(min_length=8, max_length=2_000, pattern=r"^[!-~]+$")]
Month = Annotated[str, Field(pattern=r"^(19|20)[0-9]{2}-(0[1-9]|1[0-2])$", examples=["2024-03"])]


class ConnectionIn(Input):
    """A source of a company's figures. ``account``: which of several sets of books it keeps. ``key`` is never given
    out; left out, a known connection keeps its key, unless the address is of another origin. ``nightly``: asked every
    night for the last three months that are over, as whoever set the connection last."""

    model_config = example(
        {
            "name": "Accounting",
            "provider": "feed",
            "address": "https://figures.example.com/books",
            "account": "acme",
            "key": "from-the-source",
            "nightly": True,
        }
    )

    name: Name
    provider: ProviderName
    address: Address
    account: Account | None = None
    key: Key | None = None
    nightly: bool = False


class FetchErrorOut(Output):
    """What is wrong with a line."""

    label: str | None
    period: str | None
    value: str | None
    code: str
    reason: str


class ConnectionFetchOut(Output):
    """How the latest fetch goes, or went. ``outcome``, once it is done: recorded; unchanged (nothing is new); empty
    (the source has no lines, or only such that are left out); unmapped (``labels`` nobody knows: nothing is recorded);
    refused (``errors``: nothing is recorded). ``corrected``: figures that were corrected here and of which the source
    repeats what it said before; the correction stands. ``error``: why it failed, or is tried again."""

    job_id: int
    state: Literal["waiting", "done", "failed"]
    first_month: str
    last_month: str
    asked_at: datetime
    ended_at: datetime | None
    outcome: Literal["recorded", "unchanged", "empty", "unmapped", "refused"] | None
    lines: int | None
    created: int | None
    restated: int | None
    unchanged: int | None
    corrected: int | None
    left_out: int | None
    findings: int | None
    import_id: int | None
    labels: list[str]
    label_count: int
    errors: list[FetchErrorOut]
    error_count: int
    notes: list[str]
    error: str | None


class ConnectionOut(Output):
    """A connection without its key."""

    id: int
    company_id: int
    name: str
    provider: ProviderName
    address: str
    account: str | None
    has_key: bool
    nightly: bool
    last_fetch: ConnectionFetchOut | None
    version: int


class ConnectionPage(Output):
    """A page of them."""

    items: list[ConnectionOut]
    next: str | None
    total: int


class ConnectionFetchIn(Input):
    """Which months to fetch; nothing needs to be said: the last three that are over."""

    model_config = example({"first_month": "2024-01", "last_month": "2024-03"})

    first_month: Month | None = None
    last_month: Month | None = None


class ConnectionFetchAsked(Output):
    """The job that fetches. How it went stands in ``last_fetch`` of the connection, and in the job's result."""

    job_id: int
