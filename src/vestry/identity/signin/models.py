"""What is kept about tries to sign in."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import BigInteger, LargeBinary
from sqlalchemy.orm import Mapped, mapped_column

from vestry.core.model import Base, Identified
from vestry.core.types import UtcDateTime


class SignInDelay(Base, Identified):
    """How often a proof failed, and when the next may be tried. Of no firm: most tries name nobody.

    ``key_hash`` is a keyed hash of what is counted (an account from a network, or a network), so the table tells
    neither addresses nor who was tried.
    """

    __tablename__ = "sign_in_delay"

    key_hash: Mapped[bytes] = mapped_column(LargeBinary(32), unique=True)
    failures: Mapped[int] = mapped_column(BigInteger)
    tried_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)
    next_at: Mapped[datetime] = mapped_column(UtcDateTime)
