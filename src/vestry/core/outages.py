"""Which errors say that the database, or its disk, cannot serve now though it may in a moment."""

from __future__ import annotations

import errno
from typing import Literal

from sqlalchemy.exc import DBAPIError, DisconnectionError, InterfaceError, OperationalError, PendingRollbackError
from sqlalchemy.exc import TimeoutError as PoolTimeout

Outage = Literal["busy", "away", "full"]

_FULL_STATES = {"53100"}
_AWAY_CLASSES = ("08", "57P", "53")  # connection, operator intervention, resources: PostgreSQL's SQLSTATE classes
_FULL_ERRNOS = {errno.ENOSPC, errno.EDQUOT}


def outage(error: BaseException) -> Outage | None:
    """What kind of outage an error tells of; None when it is something else, such as a mistake of ours."""
    if isinstance(error, PoolTimeout):
        return "busy"
    if isinstance(error, OSError):
        return "full" if error.errno in _FULL_ERRNOS else None
    if isinstance(error, PendingRollbackError | DisconnectionError):
        return "away"  # its connection broke within the transaction, or none was to be had
    if not isinstance(error, DBAPIError):
        return None
    state = str(getattr(error.orig, "sqlstate", None) or "")
    if state in _FULL_STATES or "disk is full" in str(error.orig):
        return "full"
    gone = error.connection_invalidated or state.startswith(_AWAY_CLASSES)
    return "away" if gone or isinstance(error, OperationalError | InterfaceError) else None
