"""OpenID Connect as the relying party: authorization code with PKCE (S256), state and nonce; ID tokens read strictly.

OpenID Connect Core 1.0, RFC 7636, RFC 9207, RFC 9700. What is derived from one secret in the browser's cookie need not
be kept: state, nonce and code verifier are different keyed hashes of it.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from urllib.parse import quote, urlencode

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from vestry.core.errors import Unauthenticated
from vestry.integrations import outbound

# One family only: signatures by a key the directory publishes. No "none", no shared secrets.
ALGORITHMS: Final = ("RS256", "PS256", "ES256", "ES384", "RS384", "RS512", "Ed25519")
CLOCKS_DIFFER_S = 60
SUBJECT_CHARACTERS_MAX = 255


class DirectoryRefused(Unauthenticated):
    """What the directory said about who this is cannot be taken."""


@dataclass(frozen=True, slots=True)
class Client:
    """How we are known to a directory."""

    issuer: str
    client_id: str
    secret: str | None
    scopes: str
    redirect: str


@dataclass(frozen=True, slots=True)
class Secrets:
    """What one sign-in by a directory is bound by, all from the secret in the browser's cookie."""

    state: str
    nonce: str
    verifier: str


def secrets_of(cookie: str) -> Secrets:
    """State, nonce and code verifier of a sign-in."""
    return Secrets(*(_derived(cookie, purpose) for purpose in ("state", "nonce", "code verifier")))


def _derived(cookie: str, purpose: str) -> str:
    return _b64(hmac.digest(cookie.encode(), purpose.encode(), hashlib.sha256))


def discover(issuer: str) -> dict[str, Any]:
    """The directory's description of itself; its issuer must be exactly the one asked for."""
    found = outbound.get_json(f"{issuer.rstrip('/')}/.well-known/openid-configuration")
    if found.get("issuer") != issuer:
        raise DirectoryRefused(
            f"The directory calls itself {str(found.get('issuer'))[:200]!r}, not {issuer!r}.",
            mend="Write the issuer exactly as its discovery document does.",
        )
    for name in ("authorization_endpoint", "token_endpoint", "jwks_uri"):
        if not isinstance(found.get(name), str):
            raise _wrong(f"its description lacks {name}")
        outbound.check_address(found[name])
    methods = found.get("code_challenge_methods_supported")
    if methods is not None and "S256" not in methods:
        raise _wrong("it does not know PKCE with S256")
    return found


def authorization_url(client: Client, about: dict[str, Any], bound: Secrets) -> str:
    """Where the browser goes to sign in."""
    challenge = _b64(hashlib.sha256(bound.verifier.encode()).digest())
    asked = {
        "response_type": "code",
        "client_id": client.client_id,
        "redirect_uri": client.redirect,
        "scope": client.scopes,
        "state": bound.state,
        "nonce": bound.nonce,
        "code_challenge": challenge,
        "code_challenge_method": "S256",
    }
    endpoint: str = about["authorization_endpoint"]
    return f"{endpoint}{'&' if '?' in endpoint else '?'}{urlencode(asked, quote_via=quote)}"


def claims_for(client: Client, about: dict[str, Any], bound: Secrets, *, code: str, now: datetime) -> dict[str, Any]:
    """Who the code stands for: the claims of the ID token, and of the userinfo address where there is one."""
    form = {
        "grant_type": "authorization_code",
        "code": code,
        "redirect_uri": client.redirect,
        "code_verifier": bound.verifier,
        "client_id": client.client_id,
    }
    methods = about.get("token_endpoint_auth_methods_supported", ["client_secret_basic"])
    auth = None
    if client.secret is not None and "client_secret_basic" in methods:
        auth = (quote(client.client_id, safe=""), quote(client.secret, safe=""))
        del form["client_id"]
    elif client.secret is not None:
        form["client_secret"] = client.secret
    found = outbound.post_form(about["token_endpoint"], form, auth=auth)
    if not isinstance(found.get("id_token"), str):
        raise _wrong("it sent no ID token")
    claims = read_id_token(client, found["id_token"], outbound.get_json(about["jwks_uri"]), nonce=bound.nonce, now=now)
    endpoint, access = about.get("userinfo_endpoint"), found.get("access_token")
    if isinstance(endpoint, str) and isinstance(access, str):
        more = outbound.get_json(endpoint, headers={"Authorization": f"Bearer {access}"})
        if more.get("sub") != claims["sub"]:
            raise _wrong("its two answers are about different people")
        claims = more | claims
    return claims


def read_id_token(client: Client, token: str, keys: dict[str, Any], *, nonce: str, now: datetime) -> dict[str, Any]:
    """The claims of an ID token from this directory, for us, of this sign-in, and of now."""
    try:
        read = jwt.decode(token, KeySet.import_key_set({"keys": _usable(keys)}), algorithms=list(ALGORITHMS))
    except (JoseError, ValueError, TypeError, KeyError) as error:
        raise _wrong(f"its ID token is not signed by it ({type(error).__name__})") from None
    claims: dict[str, Any] = read.claims
    audience = claims.get("aud")
    audiences = audience if isinstance(audience, list) else [audience]
    times = [claims.get("iat"), claims.get("nbf", 0), claims.get("exp")]
    subject = claims.get("sub")
    checks = {
        "its header is not that of an ID token": str(read.header.get("typ", "JWT")).lower() == "jwt",
        "it is from another issuer": claims.get("iss") == client.issuer,
        "it is for somebody else": client.client_id in audiences
        and (len(audiences) == 1 or claims.get("azp") == client.client_id)
        and claims.get("azp", client.client_id) == client.client_id,
        "it is of another sign-in": isinstance(claims.get("nonce"), str)
        and hmac.compare_digest(claims["nonce"].encode(), nonce.encode()),
        "it is not of now": _is_of_now(times, now.timestamp()),
        "it names nobody": isinstance(subject, str) and 0 < len(subject) <= SUBJECT_CHARACTERS_MAX,
    }
    wrong = next((what for what, good in checks.items() if not good), None)
    if wrong is not None:
        raise _wrong(f"its ID token was refused: {wrong}")
    return claims


def _is_of_now(times: list[Any], at: float) -> bool:
    """Whether issued, not before and expiry are numbers around this instant."""
    if any(isinstance(one, bool) or not isinstance(one, int | float) for one in times):
        return False
    issued, begins, ends = times
    return bool(max(issued, begins) <= at + CLOCKS_DIFFER_S and at - CLOCKS_DIFFER_S < ends)


def _usable(keys: dict[str, Any]) -> list[dict[str, Any]]:
    """Published keys that sign; one of a kind we do not read must not spoil the others."""
    found = keys.get("keys")
    listed = found if isinstance(found, list) else []
    known = [one for one in listed if isinstance(one, dict) and one.get("kty") in ("RSA", "EC", "OKP")]
    return [one for one in known if one.get("use", "sig") == "sig"]


def _wrong(what: str) -> DirectoryRefused:
    return DirectoryRefused(
        f"The directory's answer cannot be taken: {what}.", mend="Sign in again, or ask who runs it."
    )


def _b64(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()
