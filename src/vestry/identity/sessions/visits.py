"""From where somebody signs in, as far as it is worth keeping."""

from __future__ import annotations

from dataclasses import dataclass

ADDRESS_CHARACTERS_MAX, DEVICE_CHARACTERS_MAX = 64, 200


@dataclass(frozen=True, slots=True)
class Visit:
    """A client's network address and what its browser calls itself; both are claims, shown to the user only."""

    address: str
    device: str


def visit(address: str | None, user_agent: str | None) -> Visit:
    """The same in lengths and characters that can be kept."""
    device = "".join(character for character in user_agent or "" if character.isascii() and character.isprintable())
    return Visit((address or "")[:ADDRESS_CHARACTERS_MAX], device.strip()[:DEVICE_CHARACTERS_MAX])
