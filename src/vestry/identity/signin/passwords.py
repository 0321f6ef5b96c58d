"""Which passwords are taken: long enough, not among those that are tried first, and more than one's own name.

No rules about kinds of characters and no expiry: they make passwords worse (NIST SP 800-63B-4, section 3.1.1).
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from functools import lru_cache
from importlib.resources import files

from vestry.core.errors import Invalid

CHARACTERS_MIN, CHARACTERS_ADVISED, CHARACTERS_MAX = 8, 15, 256
DIFFERENT_MIN = 4  # characters
WORD_MIN = 4  # shorter words of a name may stand in any password
_WORDS = re.compile(r"[^\w]+|_")
_OURS = ("vestry", "password")


class WeakPassword(Invalid):
    """A new password that is among the first to be guessed."""


def accept(password: str, *, field: str, about: Iterable[str | None] = ()) -> None:
    """Refuse a new password that guessers try first. ``about`` is what they know: names and addresses of the user and
    of the firm."""
    known = _key(password)
    if len(password) < CHARACTERS_MIN or len(set(known)) < DIFFERENT_MIN:
        raise _weak("is too short, or repeats too few characters", field)
    if known in common():
        raise _weak("is among those that are tried first", field)
    left = known
    for word in sorted(_words(about), key=len, reverse=True):
        left = left.replace(word, "")
    if left != known and len(left) < CHARACTERS_MIN:
        raise _weak("is little more than a name, an address or our own", field)


def _weak(what: str, field: str) -> WeakPassword:
    return WeakPassword(
        f"This password {what}.",
        field=field,
        mend=f"Use another one; {CHARACTERS_ADVISED} characters or more are advised, such as four words of your own.",
    )


def _words(texts: Iterable[str | None]) -> set[str]:
    parts = {part for text in texts if text for part in _WORDS.split(_key(text))}
    return {part for part in (*parts, *_OURS) if len(part) >= WORD_MIN}


def _key(text: str) -> str:
    return unicodedata.normalize("NFKC", text).casefold()


@lru_cache(maxsize=1)
def common() -> frozenset[str]:
    """The passwords tried first, case folded; where they are from is said in the file."""
    lines = files(__package__).joinpath("common_passwords.txt").read_text(encoding="utf-8").splitlines()
    return frozenset(line for line in lines if line and not line.startswith("#"))
