"""What a transaction changes facts about, told by whoever writes them, for whatever is derived from the facts.

Rows written through the ORM are seen by those who listen to the session. Bulk writers tell here, by the column that
says what a fact is about (``fund_id``, ``vehicle_id``, ``holding_id``, ``company_id``).
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import Final

from sqlalchemy.orm import Session

SUBJECTS: Final = ("fund_id", "vehicle_id", "holding_id", "company_id")
TOLD: Final = "changes_told"  # the execution option of a statement whose changes are told here
_NOW, _LATER = "changed", "changed_for_later"
Told = Mapping[str, Collection[int]]


def tell(session: Session, column: str, ids: Iterable[int], *, later: bool = False) -> None:
    """Facts about these change in this transaction. ``later``: they are too many to derive anything from them now."""
    session.info.setdefault(_LATER if later else _NOW, {}).setdefault(column, set()).update(ids)


def taken(session: Session) -> tuple[Told, Told]:
    """What was told since it was last taken: to be derived from now, and later."""
    return session.info.pop(_NOW, {}), session.info.pop(_LATER, {})
