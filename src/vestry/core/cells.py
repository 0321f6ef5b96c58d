"""Text for spreadsheet cells that no spreadsheet runs."""

from __future__ import annotations

import re

# What spreadsheets run when a cell begins with it, after spaces too; the wide forms are folded into these by some of
# them. A leading control character is dropped by some, and what follows it is run.
_SIGNS = "=+\\-@＝＋－＠"
_LIVE = rf"'*(?:[\t\r\n\x00]| *[{_SIGNS}])"
QUOTED = rf"^'({_LIVE})"
"""What :func:`quoted` puts before live text, and the text's own beginning as the group, for whoever takes it off."""
_STARTS_LIVE = re.compile(_LIVE)


def quoted(text: str) -> str:
    """Text for a cell that no spreadsheet runs as a formula; reading it back gives the text again."""
    return f"'{text}" if _STARTS_LIVE.match(text) else text
