"""ETag and If-Match: an answer about one row names its version, and a change names the version it has seen.

Replacing a row (PUT) needs it. Archiving and voiding overwrite nothing that somebody else wrote, so they do not.
"""

from __future__ import annotations

import re
from typing import Annotated

from fastapi import Depends, Header

from vestry.core.errors import Malformed, PreconditionFailed, PreconditionRequired
from vestry.core.model import Versioned

_ETAG = re.compile(r'"(0|[1-9][0-9]{0,17})"')


def if_match(
    if_match: Annotated[
        str | None, Header(description='required: the version seen, such as "3" (the ETag); * for whichever is current')
    ] = None,
) -> int | None:
    """The version in the If-Match header; None for ``*``, whichever is current."""
    if if_match is None:
        raise PreconditionRequired(
            "A change of a row names the version it was made from.",
            field="If-Match",
            mend='Read the row, and send its ETag as If-Match, such as "3".',
        )
    if if_match.strip() == "*":
        return None
    found = _ETAG.fullmatch(if_match.strip())
    if not found:
        raise Malformed('If-Match must be one version in quotes, such as "3".', field="If-Match")
    return int(found[1])


Seen = Annotated[int | None, Depends(if_match)]  # an operation's parameter: the version a change was made from


def expect_version(row: Versioned | None, version: int | None) -> None:
    """Refuse a change made from an older version of the row; one not yet there is at version 0."""
    current = row.version if row is not None else 0
    if version is not None and current != version:
        raise PreconditionFailed(
            f"The row is at version {current}; the change was made from version {version}.",
            mend="Read it again and repeat the change.",
        )


def etag(version: int) -> str:
    """The ETag of a row at a version."""
    return f'"{version}"'
