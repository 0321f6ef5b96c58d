"""If-Match: a change names the version it has seen."""

from __future__ import annotations

import re
from typing import Annotated

from fastapi import Header

from vestry.core.errors import Malformed, PreconditionFailed
from vestry.core.model import Versioned

_ETAG = re.compile(r'"([1-9][0-9]{0,17})"')


def if_match(if_match: Annotated[str | None, Header(description='the version seen, such as "3"')] = None) -> int | None:
    """The version in the If-Match header; ``*`` and no header mean whichever is current."""
    if if_match is None or if_match.strip() == "*":
        return None
    found = _ETAG.fullmatch(if_match.strip())
    if not found:
        raise Malformed('If-Match must be one version in quotes, such as "3".', field="If-Match")
    return int(found[1])


def expect_version(row: Versioned, version: int | None) -> None:
    """Refuse a change made from an older version of the row."""
    if version is not None and row.version != version:
        raise PreconditionFailed(
            f"The row is at version {row.version}; the change was made from version {version}.",
            mend="Read it again and repeat the change.",
        )
