"""A file that only a passphrase opens: scrypt, then AES-256-GCM over pieces that cannot be swapped, dropped or cut off.

Layout: magic, salt (16 bytes), then pieces of at most 1 MiB, each preceded by its sealed length (4 bytes). A piece's
nonce is its number; its last-piece flag is authenticated with it, so a file that ends early is refused.
"""

from __future__ import annotations

import secrets
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.scrypt import Scrypt

from vestry.core.errors import Invalid

MAGIC = b"vestry sealed 1\n"
PIECE = 1 << 20
_SALT = 16
_MORE, _LAST = b"more", b"last"


class WrongPassphrase(Invalid):
    """The file is not sealed with that passphrase, or was changed since."""


def is_sealed(path: Path) -> bool:
    """Whether a file is one of these."""
    with path.open("rb") as file:
        return file.read(len(MAGIC)) == MAGIC


def seal(source: Path, target: Path, passphrase: str) -> None:
    """Write the sealed form of a file, readable by its owner only."""
    salt = secrets.token_bytes(_SALT)
    cipher = _cipher(passphrase, salt)
    target.touch(mode=0o600)
    with source.open("rb") as plain, target.open("wb") as sealed:
        sealed.write(MAGIC + salt)
        piece, number = plain.read(PIECE), 0
        while True:
            following = plain.read(PIECE)
            content = cipher.encrypt(_nonce(number), piece, _MORE if following else _LAST)
            sealed.write(len(content).to_bytes(4, "big") + content)
            if not following:
                return
            piece, number = following, number + 1


def unseal(source: Path, target: Path, passphrase: str) -> None:
    """Write the plain form of a sealed file; refuses a wrong passphrase and any change."""
    target.touch(mode=0o600)
    with source.open("rb") as sealed, target.open("wb") as plain:
        head = sealed.read(len(MAGIC) + _SALT)
        cipher = _cipher(passphrase, head[len(MAGIC) :])
        length, number = sealed.read(4), 0
        while True:
            content = sealed.read(int.from_bytes(length, "big"))
            length = sealed.read(4)
            try:
                plain.write(cipher.decrypt(_nonce(number), content, _MORE if length else _LAST))
            except InvalidTag:
                raise WrongPassphrase(
                    f"{source} cannot be opened: the passphrase is wrong, or the file was changed or cut.",
                    mend="Set VESTRY_BACKUP_PASSPHRASE to the one it was made with.",
                ) from None
            if not length:
                return
            number += 1


def _cipher(passphrase: str, salt: bytes) -> AESGCM:
    return AESGCM(Scrypt(salt=salt, length=32, n=2**15, r=8, p=1).derive(passphrase.encode()))


def _nonce(number: int) -> bytes:
    return number.to_bytes(12, "big")
