"""Signing in by a directory, all the way through a certified provider; and what of its answers is refused."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
from fastapi.testclient import TestClient
from joserfc import jwt
from joserfc.jwk import ECKey, RSAKey

from tests.identity.authenticator import b64
from tests.identity.conftest import API, PASSWORD, Firm, enter, me
from tests.identity.directory import CLIENT_ID, CLIENT_SECRET, Directory
from vestry.core.settings import Settings, settings
from vestry.identity.models import User
from vestry.identity.oidc import protocol
from vestry.integrations import outbound

CALLBACK = "http://localhost/api/v1/auth/oidc/callback"


@pytest.fixture(scope="module", autouse=True)
def _loopback_may_be_called() -> Iterator[None]:
    patch = pytest.MonkeyPatch()
    mine = settings().model_copy(update={"outbound_networks": "127.0.0.0/8"})
    patch.setattr(outbound, "settings", lambda: mine)
    yield
    patch.undo()


@pytest.fixture(scope="module")
def directory(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Directory]:
    started = Directory(tmp_path_factory.mktemp("oidc"), CALLBACK)
    yield started
    started.stop()


@pytest.fixture
def firm(new_firm: Callable[[], Firm]) -> Firm:
    """A firm of its own for each test, so that one directory serves them all."""
    return new_firm()


def connect(firm: Firm, directory: Directory, **more: Any) -> tuple[int, TestClient]:
    """An administrator lets the directory sign people of the firm in."""
    boss = firm.signed_in(firm.hire("administrator"))
    body = {"name": "Directory", "issuer": directory.issuer, "client_id": CLIENT_ID, "client_secret": CLIENT_SECRET}
    answer = boss.post(f"{API}/identity-providers", json=body | more)
    assert answer.status_code == 201, answer.text
    assert answer.json()["redirect_uri"] == CALLBACK
    assert CLIENT_SECRET not in boss.get(f"{API}/identity-providers").text
    return int(answer.json()["id"]), boss


def begin(client: TestClient, provider: int, **body: Any) -> str:
    answer = client.post(f"{API}/auth/oidc/{provider}/begin", json=body)
    assert answer.status_code == 200, answer.text
    url: str = answer.json()["authorization_url"]
    return url


def come_back(client: TestClient, url: str) -> str:
    """Follow the directory's way back; where our page leads then."""
    answer = client.get(url, follow_redirects=False)
    assert answer.status_code == 303, answer.text
    return str(answer.headers["location"])


def asked_of(url: str) -> dict[str, str]:
    """The parameters of an address."""
    return {key: value[0] for key, value in parse_qs(urlsplit(url).query).items()}


def by_directory(firm: Firm, directory: Directory, provider: int, login: str) -> tuple[TestClient, str]:
    client = firm.browser()
    return client, come_back(client, directory.walk(begin(client, provider), login))


def name(firm: Firm, person: str) -> str:
    """A login of this firm's alone: the directory is shared."""
    return f"{person}{firm.actor.firm_id}{'s' if firm.database.is_sqlite else 'p'}"


def invite(boss: TestClient, email: str, role: str = "analyst") -> None:
    answer = boss.post(f"{API}/invitations", json={"email": email, "name": "Ada", "role": role})
    assert answer.status_code == 201, answer.text


def test_an_invited_person_signs_in_by_a_verified_address_and_from_then_on_by_subject(
    firm: Firm, directory: Directory
) -> None:
    provider, boss = connect(firm, directory)
    ada = name(firm, "ada")
    directory.says(ada, email=f"{ada}@firm.com", email_verified=True)
    before = firm.failures()
    assert by_directory(firm, directory, provider, ada)[1] == "/sign-in?error=not_invited"
    assert firm.failures() == [*before, f"directory {provider}"]
    invite(boss, f"{ada}@firm.com")
    client, place = by_directory(firm, directory, provider, ada)
    assert (place, me(client)) == ("/", 200)
    assert client.get(f"{API}/auth/me").json()["role"] == "analyst"
    directory.says(ada, email="changed@elsewhere.com", email_verified=False)  # addresses change, subjects do not
    again, place = by_directory(firm, directory, provider, ada)
    assert place == "/"
    assert again.get(f"{API}/auth/me").json()["user"] == client.get(f"{API}/auth/me").json()["user"]
    (linked,) = again.get(f"{API}/auth/linked-accounts").json()
    assert linked["provider"] == "Directory"
    user_id = again.get(f"{API}/auth/me").json()["user"]["id"]
    boss.post(f"{API}/users/{user_id}/deactivate")
    assert by_directory(firm, directory, provider, ada)[1] == "/sign-in?error=not_invited"


def test_an_address_alone_takes_over_nobody(firm: Firm, directory: Directory) -> None:
    provider, boss = connect(firm, directory)
    person = firm.hire()
    mallory, eve = name(firm, "mallory"), name(firm, "eve")
    directory.says(mallory, email=person.email, email_verified=True)
    assert by_directory(firm, directory, provider, mallory)[1] == "/sign-in?error=not_invited"
    invite(boss, f"{eve}@firm.com")
    for claims in ({"email_verified": False}, {}, {"email_verified": "yes"}):
        directory.says(eve, email=f"{eve}@firm.com", **claims)
        assert by_directory(firm, directory, provider, eve)[1] == "/sign-in?error=not_invited"


def test_a_signed_in_person_links_an_account_and_takes_it_off_again(firm: Firm, directory: Directory) -> None:
    provider, _ = connect(firm, directory)
    person, other = firm.hire(), firm.hire()
    client, stranger = firm.signed_in(person), firm.signed_in(other)
    login = name(firm, "linked")
    assert firm.browser().post(f"{API}/auth/oidc/{provider}/begin", json={"link": True}).status_code == 401
    assert client.post(f"{API}/auth/oidc/{provider}/begin", json={"link": True}).status_code == 403
    way = begin(client, provider, link=True, password=PASSWORD)
    assert come_back(client, directory.walk(way, login)) == "/"
    found, place = by_directory(firm, directory, provider, login)
    assert (place, found.get(f"{API}/auth/me").json()["user"]["id"]) == ("/", person.id)
    taken = directory.walk(begin(stranger, provider, link=True, password=PASSWORD), login)
    assert come_back(stranger, taken) == "/sign-in?error=identity_taken"
    (linked,) = client.get(f"{API}/auth/linked-accounts").json()
    assert stranger.delete(f"{API}/auth/linked-accounts/{linked['id']}").status_code == 404
    assert client.delete(f"{API}/auth/linked-accounts/{linked['id']}").status_code == 204
    assert by_directory(firm, directory, provider, login)[1] == "/sign-in?error=not_invited"


def test_an_issuer_that_is_no_address_is_refused_by_its_field(firm: Firm) -> None:
    boss = firm.signed_in(firm.hire("administrator"))
    for issuer in ("not an address", "http://login.example.com", "https://user:pw@login.example.com"):
        answer = boss.post(f"{API}/identity-providers", json={"name": "x", "issuer": issuer, "client_id": "v"})
        assert (answer.status_code, answer.json()["errors"][0]["path"]) == (422, "issuer")


def test_groups_give_roles_at_each_sign_in(firm: Firm, directory: Directory) -> None:
    pairs = [{"group": "partners", "role": "manager"}, {"group": "staff", "role": "analyst"}]
    provider, boss = connect(firm, directory, role_by_group=pairs)
    login = name(firm, "grouped")
    invite(boss, f"{login}@firm.com", "auditor")
    for groups, role in ((["staff"], "analyst"), (["staff", "partners"], "manager"), (["staff"], "analyst")):
        directory.says(login, email=f"{login}@firm.com", email_verified=True, groups=groups)
        client, place = by_directory(firm, directory, provider, login)
        assert (place, client.get(f"{API}/auth/me").json()["role"]) == ("/", role)
    for groups in ([], ["others"], "partners", [["partners"]]):
        directory.says(login, email=f"{login}@firm.com", email_verified=True, groups=groups)
        assert by_directory(firm, directory, provider, login)[1] == "/sign-in?error=no_role_by_groups"


def test_a_sign_in_is_bound_to_its_browser_and_good_once(firm: Firm, directory: Directory) -> None:
    provider, _ = connect(firm, directory)
    person, login = firm.hire(), name(firm, "bound")
    client = firm.signed_in(person)
    come_back(client, directory.walk(begin(client, provider, link=True, password=PASSWORD), login))
    victim, attacker = firm.browser(), firm.browser()
    way = directory.walk(begin(attacker, provider), login)
    refused = "/sign-in?error=directory_refused"
    assert come_back(victim, way) == refused  # no cookie: another browser began it
    begin(victim, provider)
    assert come_back(victim, way) == refused  # a cookie, and another state
    assert me(victim) == 401
    cookie = attacker.cookies["vestry_directory"]
    assert come_back(attacker, way) == "/"
    attacker.cookies.set("vestry_directory", cookie)
    assert come_back(attacker, way) == refused
    fresh = firm.browser()
    query = asked_of(directory.walk(begin(fresh, provider), login))
    assert query["iss"] == directory.issuer
    mixed = f"{CALLBACK}?{urlencode(query | {'iss': 'https://evil.example'})}"
    assert come_back(fresh, mixed) == refused
    for wrong in ({"code": "made up"}, {"error": "access_denied"}, {"code": ""}):
        other = firm.browser()
        query = {
            key: value[0]
            for key, value in parse_qs(urlsplit(directory.walk(begin(other, provider), login)).query).items()
        }
        assert come_back(other, f"{CALLBACK}?{urlencode(query | wrong)}") in (
            refused,
            "/sign-in?error=outbound_refused",
        )
        assert me(other) == 401
    asked = asked_of(begin(firm.browser(), provider))
    assert (asked["code_challenge_method"], asked["response_type"], asked["redirect_uri"]) == ("S256", "code", CALLBACK)
    assert len(asked["state"]) == len(asked["nonce"]) == 43


def test_the_second_factor_is_asked_for_unless_the_directory_does(firm: Firm, directory: Directory) -> None:
    provider, boss = connect(firm, directory)
    assert boss.put(f"{API}/sign-in-rules", json={"second_factor_roles": ["analyst"]}).status_code == 200
    login = name(firm, "stepped")
    directory.says(login, email=f"{login}@firm.com", email_verified=True)
    invite(boss, f"{login}@firm.com")
    client, place = by_directory(firm, directory, provider, login)
    assert (place, me(client)) == ("/sign-in?step=enrol", 401)
    (kept,) = boss.get(f"{API}/identity-providers").json()
    body = {key: kept[key] for key in ("name", "issuer", "client_id", "role_by_group")} | {"second_factor_done": True}
    headers = {"If-Match": f'"{kept["version"]}"'}
    changed = boss.put(f"{API}/identity-providers/{provider}", json=body, headers=headers)
    assert (changed.status_code, changed.json()["has_secret"]) == (200, True), changed.text
    client, place = by_directory(firm, directory, provider, login)
    assert (place, me(client)) == ("/", 200)
    assert boss.delete(f"{API}/identity-providers/{provider}").status_code == 204
    assert firm.browser().post(f"{API}/auth/oidc/{provider}/begin", json={}).status_code == 404


def test_passwords_can_be_switched_off_for_all_but_those_who_break_the_glass(firm: Firm, directory: Directory) -> None:
    _, boss = connect(firm, directory)
    person = firm.hire()
    chief = boss.get(f"{API}/auth/me").json()["user"]["id"]
    rules = {"second_factor_roles": [], "password_sign_in": False}
    for glass in ([], [person.id], [2**40]):
        refused = boss.put(f"{API}/sign-in-rules", json=rules | {"break_glass": glass})
        assert (refused.status_code, refused.json()["code"]) == (422, "no_way_back")
    assert boss.put(f"{API}/sign-in-rules", json=rules | {"break_glass": [chief]}).status_code == 200
    answer = enter(firm.browser(), person.email)
    assert (answer.status_code, answer.json()["code"]) == (403, "password_sign_in_off")
    assert enter(firm.browser(), person.email, "wrong horse").status_code == 401
    assert enter(firm.browser(), firm.get(User, chief).email).status_code == 204


# What an ID token may be


NOW = datetime(2026, 1, 1, tzinfo=UTC)
CLIENT = protocol.Client("https://login.example.com", "vestry", None, "openid", CALLBACK)
RSA, STRANGER, EC = (
    RSAKey.generate_key(2048, {"kid": "r", "use": "sig"}),
    RSAKey.generate_key(2048, {"kid": "r", "use": "sig"}),
    ECKey.generate_key("P-256", {"kid": "e"}),
)
KEYS: dict[str, Any] = {
    "keys": [
        {"kty": "unknown", "kid": "u"},
        RSA.as_dict(private=False),
        EC.as_dict(private=False),
        {"kty": "oct", "k": "AAAA", "kid": "o"},
    ]
}
AT = int(NOW.timestamp())
GOOD: dict[str, Any] = {
    "iss": "https://login.example.com", "aud": "vestry", "sub": "s", "nonce": "n", "iat": AT, "exp": AT + 300,
}  # fmt: skip


def token(claims: dict[str, Any] | None = None, key: Any = RSA, alg: str = "RS256", **header: Any) -> str:
    return jwt.encode({"alg": alg, "kid": key.kid} | header, GOOD | (claims or {}), key, algorithms=[alg])


def read(text: str) -> dict[str, Any]:
    return protocol.read_id_token(CLIENT, text, KEYS, nonce="n", now=NOW)


def test_id_tokens_of_the_directory_are_read_in_each_algorithm() -> None:
    assert read(token())["sub"] == "s"
    assert read(token(alg="PS256"))["sub"] == "s"
    assert read(token(key=EC, alg="ES256"))["sub"] == "s"
    assert read(token({"aud": ["vestry", "other"], "azp": "vestry"}))["sub"] == "s"


WRONG = {
    "another issuer": {"iss": "https://evil.example"},
    "for somebody else": {"aud": "other"},
    "for two, not authorized": {"aud": ["vestry", "other"]},
    "for two, another authorized": {"aud": ["vestry", "other"], "azp": "other"},
    "another nonce": {"nonce": "m"},
    "no nonce": {"nonce": None},
    "expired": {"exp": AT - 61},
    "expiry in words": {"exp": "9999999999"},
    "expiry true": {"exp": True},
    "issued tomorrow": {"iat": AT + 86_400},
    "not yet": {"nbf": AT + 120},
    "nobody": {"sub": ""},
    "a number": {"sub": 17},
    "a very long name": {"sub": "x" * 300},
}


@pytest.mark.parametrize("what", WRONG)
def test_an_id_token_that_is_not_for_this_sign_in_is_refused(what: str) -> None:
    with pytest.raises(protocol.DirectoryRefused):
        read(token(WRONG[what]))


def test_an_id_token_that_the_directory_did_not_sign_is_refused() -> None:
    body = token().split(".")[1]
    head, pem = token().split(".")[0], RSA.as_pem(private=False)
    confused = b64(b'{"alg":"HS256","kid":"r"}') + f".{body}"
    forged = [
        token(key=STRANGER),
        f"{confused}.{b64(hmac.digest(pem, confused.encode(), hashlib.sha256))}",
        f"{head}.{body}.",
        f"eyJhbGciOiJub25lIn0.{body}.",
        token(typ="at+jwt"),
        token()[:-4] + "AAAA",
        token(key=STRANGER, jwk=STRANGER.as_dict(private=False)),
        token(kid="another"),
        "",
        "a.b.c",
    ]
    for text in forged:
        with pytest.raises(protocol.DirectoryRefused):
            read(text)


@pytest.mark.parametrize(
    "url",
    [
        *("http://login.example.com", "ftp://x.example", "https://user:pw@x.example", "https://x.example/#f", "x"),
        *("http://127.0.0.1.evil.example", "https://x.example/a b", "file:///etc/passwd", "https://x.example:99999"),
    ],
)
def test_an_address_that_is_no_plain_https_address_is_not_kept(url: str) -> None:
    with pytest.raises(outbound.OutboundRefused):
        outbound.check_address(url)


def test_the_server_cannot_be_made_to_call_inward(monkeypatch: pytest.MonkeyPatch) -> None:
    plain = Settings(environment="test")
    monkeypatch.setattr(outbound, "settings", lambda: plain)
    inward = [
        *("127.0.0.1", "0.0.0.0", "10.1.2.3", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1"),
        *("224.0.0.1", "255.255.255.255", "192.0.0.8", "::1", "::", "fe80::1", "fec0::1", "fd00::1", "ff02::1"),
        *("::ffff:127.0.0.1", "64:ff9b::a9fe:a9fe", "2002:a9fe:a9fe::", "::169.254.169.254", "2001:0:a9fe:a9fe::"),
        *("localhost", "127.1", ""),
    ]
    assert [one for one in inward if outbound.may_call(one, 443)] == []
    assert outbound.may_call("93.184.215.14", 443)
    assert not outbound.may_call("93.184.215.14", 22)
    spellings = ["127.1", "2130706433", "0x7f.1", "0", "[::1]", "[::ffff:127.0.0.1]", "localhost", "①27.0.0.1"]
    for host in spellings:
        with pytest.raises(outbound.OutboundRefused):
            outbound.get_json(f"https://{host}/")


@pytest.mark.parametrize("networks", ["127.0.0.0/8", "0.0.0.0/0", "::1/128", "::/0", "10.0.0.0/8,127.0.0.1/32"])
def test_production_never_calls_itself(networks: str) -> None:
    with pytest.raises(ValueError, match="OUTBOUND_NETWORKS"):
        Settings(
            environment="production", outbound_networks=networks, secret_key="abcdefghijklmnopqrstuvwxyz0123456789",  # type: ignore[arg-type]
            audit_key="zyxwvutsrqponmlkjihgfedcba9876543210",  # type: ignore[arg-type]
        )  # fmt: skip
