"""Access tokens: JWS compact, Ed25519, type ``at+jwt`` (RFC 9068, RFC 8725), read as strictly as we write them.

The header is exactly ``alg``, ``kid`` and ``typ``; the key is looked up by ``kid`` in our own table, so headers that
bring or name a key (``jwk``, ``jku``, ``x5u``) are refused unread. The claims are exactly those of :data:`CLAIMS`.
"""

from __future__ import annotations

import base64
import binascii
import re
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat
from joserfc import jws
from joserfc.errors import JoseError
from joserfc.jwk import OKPKey
from sqlalchemy import bindparam, or_, select, update
from sqlalchemy.orm import Session

from vestry.core import encoding, secretbox
from vestry.core.db import Reader
from vestry.core.errors import VestryError
from vestry.core.http import strict_json
from vestry.core.settings import settings
from vestry.core.statements import Prepared
from vestry.identity.tokens.models import SigningKey

ALGORITHM: Final = "Ed25519"
TYPE: Final = "at+jwt"
CLAIMS: Final = frozenset({"iss", "aud", "sub", "sid", "jti", "iat", "nbf", "exp"})
LASTS = timedelta(minutes=10)
CLOCKS_DIFFER_S = 5
CHARACTERS_MAX = 2_000
_COMPACT = re.compile(r"[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]{86}")
_NUMBER = re.compile(r"[1-9][0-9]{0,17}", re.ASCII)
_KEY = Prepared(
    select(SigningKey.public_key).where(
        SigningKey.kid == bindparam("kid"), or_(SigningKey.ends_at.is_(None), SigningKey.ends_at > bindparam("now"))
    )
)


@dataclass(frozen=True, slots=True)
class Bearer:
    """Whose token it is, and of which family."""

    user_id: int
    family_id: int


def issuer() -> str:
    """Who issues our tokens: the address people know us by."""
    return settings().address_of("").rstrip("/")


def audience() -> str:
    """Whom our tokens are for: our API, and nobody else's."""
    return settings().address_of("api/v1")


def looks_signed(credentials: str) -> bool:
    """Whether a bearer's credentials are an access token rather than an API token."""
    return credentials.count(".") == 2


def issue(session: Session, *, user_id: int, family_id: int) -> str:
    """A token for the user, signed with the newest key (made when there is none)."""
    key = session.scalars(
        select(SigningKey).where(SigningKey.ends_at.is_(None)).order_by(SigningKey.id.desc()).limit(1)
    ).one_or_none() or new_key(session)
    now: datetime = session.info["now"]
    at = int(now.timestamp())
    claims = {
        "iss": issuer(),
        "aud": audience(),
        "sub": str(user_id),
        "sid": str(family_id),
        "jti": secrets.token_urlsafe(16),
        "iat": at,
        "nbf": at,
        "exp": at + int(LASTS.total_seconds()),
    }
    private = secretbox.unseal(key.private_sealed, secretbox.place(SigningKey, "private_sealed", key.kid))
    signer = _jwk(d=private, x=key.public_key)
    header = {"alg": ALGORITHM, "kid": key.kid, "typ": TYPE}
    return jws.serialize_compact(header, encoding.dumps(claims), signer, algorithms=[ALGORITHM])


def new_key(session: Session) -> SigningKey:
    """Sign with a fresh key from now on; tokens of the earlier ones are read until they expire."""
    now = session.info["now"]
    session.execute(update(SigningKey).where(SigningKey.ends_at.is_(None)).values(ends_at=now + LASTS))
    private, kid = Ed25519PrivateKey.generate(), secrets.token_hex(8)
    raw = private.private_bytes(Encoding.Raw, PrivateFormat.Raw, NoEncryption())
    key = SigningKey(
        kid=kid,
        private_sealed=secretbox.seal(_encoded(raw), secretbox.place(SigningKey, "private_sealed", kid)),
        public_key=private.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw),
        created_at=now,
    )
    session.add(key)
    session.flush()
    return key


def read(reader: Reader, token: str) -> Bearer | None:
    """Whose token this is, if it is one of ours, for us, and of now; None for any other text."""
    if len(token) > CHARACTERS_MAX or not _COMPACT.fullmatch(token):
        return None
    try:
        header, claims = (_part(part) for part in token.split(".")[:2])
    except (VestryError, binascii.Error):
        return None
    if set(header) != {"alg", "kid", "typ"} or (header["alg"], header["typ"]) != (ALGORITHM, TYPE):
        return None
    if not isinstance(header["kid"], str) or not re.fullmatch(r"[0-9a-f]{16}", header["kid"]):
        return None
    found = reader.all(_KEY.given(reader.dialect, kid=header["kid"], now=reader.now))
    if not found:
        return None
    try:
        jws.deserialize_compact(token, _jwk(x=bytes(found[0][0])), algorithms=[ALGORITHM])
    except (JoseError, ValueError):
        return None
    return _bearer(claims, reader.now)


def _bearer(claims: dict[str, Any], now: datetime) -> Bearer | None:
    if set(claims) != CLAIMS or claims["iss"] != issuer() or claims["aud"] != audience():
        return None
    times = [claims[name] for name in ("iat", "nbf", "exp")]
    if any(type(one) is not int for one in times):
        return None
    issued, begins, ends = times
    at = now.timestamp()
    if not (issued <= at + CLOCKS_DIFFER_S and begins <= at + CLOCKS_DIFFER_S and at < ends):
        return None
    if not issued <= begins < ends <= issued + LASTS.total_seconds():
        return None
    texts = [claims[name] for name in ("sub", "sid", "jti")]
    if not all(isinstance(one, str) for one in texts) or not texts[2]:
        return None
    if not _NUMBER.fullmatch(texts[0]) or not _NUMBER.fullmatch(texts[1]):
        return None
    return Bearer(int(texts[0]), int(texts[1]))


def _part(text: str) -> dict[str, Any]:
    raw = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    if _encoded(raw) != text:  # one text for one token: no other spelling of the last bits
        raise binascii.Error
    found = strict_json(raw)
    return found if isinstance(found, dict) else {}


def _jwk(*, x: bytes, d: str | None = None) -> OKPKey:
    fields: dict[str, Any] = {"kty": "OKP", "crv": "Ed25519", "x": _encoded(x)}
    return OKPKey.import_key(fields | ({"d": d} if d else {}))


def _encoded(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()
