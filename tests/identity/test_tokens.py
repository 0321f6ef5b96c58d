"""Bearer tokens: none that is forged, stale or misdirected is taken; refresh tokens rotate and tell of theft."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from fastapi.testclient import TestClient
from sqlalchemy import select, update

from tests.identity.conftest import API, PASSWORD, Firm, me
from tests.identity.test_passwords import Clock
from vestry.core import secretbox
from vestry.identity import service
from vestry.identity.models import User
from vestry.identity.tokens import signed
from vestry.identity.tokens.models import RefreshToken, SigningKey, TokenFamily


@pytest.fixture
def moved(monkeypatch: pytest.MonkeyPatch) -> Clock:
    return Clock(monkeypatch)


def begin(client: TestClient) -> dict[str, Any]:
    answer = client.post(f"{API}/auth/programs", json={"name": "notebook"})
    assert answer.status_code == 201, answer.text
    made: dict[str, Any] = answer.json()
    return made


def status(firm: Firm, token: str, path: str = "auth/me") -> int:
    answer = firm.browser().get(f"{API}/{path}", headers={"Authorization": f"Bearer {token}"})
    return int(answer.status_code)


def renew(firm: Firm, refresh: str) -> Any:
    return firm.browser().post(f"{API}/auth/refresh", json={"refresh_token": refresh})


def b64(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def plain(part: str) -> Any:
    return json.loads(base64.urlsafe_b64decode(part + "=="))


class Forge:
    """Whoever forges knows everything that can be known, and where the signature is good, even our key."""

    def __init__(self, firm: Firm, good: str) -> None:
        self.good = good
        self.head, self.body, self.mark = good.split(".")
        self.header, self.claims = plain(self.head), plain(self.body)
        with firm.database.reading(firm.actor) as session:
            key = session.scalars(select(SigningKey).where(SigningKey.kid == self.header["kid"])).one()
        self.public = key.public_key
        sealed = secretbox.unseal(key.private_sealed, secretbox.place(SigningKey, "private_sealed", key.kid))
        self.ours = Ed25519PrivateKey.from_private_bytes(base64.urlsafe_b64decode(sealed + "="))

    def sign(self, header: str, body: str, key: Ed25519PrivateKey | None = None) -> str:
        mark = (key or self.ours).sign(f"{header}.{body}".encode())
        return f"{header}.{body}.{b64(mark)}"

    def with_header(self, **changed: Any) -> str:
        return self.sign(b64(json.dumps(self.header | changed).encode()), self.body)

    def with_claims(self, *drop: str, **changed: Any) -> str:
        claims = {name: value for name, value in (self.claims | changed).items() if name not in drop}
        return self.raw(json.dumps(claims))

    def raw(self, text: str) -> str:
        return self.sign(self.head, b64(text.encode("utf-8", "surrogatepass")))

    def hmac(self, secret: bytes, **header: Any) -> str:
        head = b64(json.dumps(self.header | {"alg": "HS256"} | header).encode())
        return f"{head}.{self.body}.{b64(hmac.digest(secret, f'{head}.{self.body}'.encode(), hashlib.sha256))}"

    def corpus(self, other: dict[str, Any], refresh: str) -> Iterator[tuple[str, str]]:
        now, claims, stranger = self.claims["iat"], self.claims, Ed25519PrivateKey.generate()
        text = json.dumps(claims)
        yield "a stranger's key", self.sign(self.head, self.body, stranger)
        yield "no signature", f"{self.head}.{self.body}."
        yield "two parts", f"{self.head}.{self.body}"
        yield "four parts", f"{self.good}.{self.mark}"
        yield "five parts (encrypted)", f"{self.head}..a.b.c"
        yield "signature cut", self.good[:-2]
        yield "signature of zeros", f"{self.head}.{self.body}.{'A' * 86}"
        flipped = "B" if self.mark[0] == "A" else "A"
        yield "signature flipped", f"{self.head}.{self.body}.{flipped}{self.mark[1:]}"
        # 512 bits fill 85⅓ characters: the last character has four bits that mean nothing.
        last = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_".index(self.mark[-1])
        respelt = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"[last ^ 1]
        yield "signature spelt otherwise and flipped", f"{self.head}.{self.body}.{flipped}{self.mark[1:-1]}{respelt}"
        yield "body of another", f"{self.head}.{other['access_token'].split('.')[1]}.{self.mark}"
        yield "padded", f"{self.head}=.{self.body}.{self.mark}"
        yield "alg none", f"{b64(json.dumps(self.header | {'alg': 'none'}).encode())}.{self.body}."
        yield "alg None", f"{b64(json.dumps(self.header | {'alg': 'None'}).encode())}.{self.body}.{self.mark}"
        yield "HS256 by the public key", self.hmac(self.public)
        yield "HS256 by the public key's text", self.hmac(b64(self.public).encode())
        yield "HS256 by nothing", self.hmac(b"")
        yield "EdDSA, the family's name", self.with_header(alg="EdDSA")
        yield "alg a list", self.with_header(alg=["Ed25519"])
        yield "type JWT", self.with_header(typ="JWT")
        yield "type of an ID token", self.with_header(typ="id+jwt")
        yield "type in capitals", self.with_header(typ="AT+JWT")
        yield (
            "no type",
            self.sign(b64(json.dumps({k: v for k, v in self.header.items() if k != "typ"}).encode()), self.body),
        )
        yield "unknown kid", self.with_header(kid="0" * 16)
        yield "kid of a path", self.with_header(kid="../../../dev/null")
        yield "kid of SQL", self.with_header(kid="' OR '1'='1")
        yield "kid a number", self.with_header(kid=1)
        jwk = {"kty": "OKP", "crv": "Ed25519", "x": b64(stranger.public_key().public_bytes_raw())}
        head = b64(json.dumps(self.header | {"jwk": jwk}).encode())
        yield "brings its key", self.sign(head, self.body, stranger)
        yield "names a key's address", self.with_header(jku="https://evil.example/keys")
        yield "names a certificate", self.with_header(x5u="https://evil.example/cert")
        yield "critical extension", self.with_header(crit=["b64"], b64=False)
        yield "header a list", self.sign(b64(b'["Ed25519"]'), self.body)
        yield "header twice alg", self.sign(b64(json.dumps(self.header)[:-1].encode() + b', "alg": "none"}'), self.body)
        for name in ("iss", "aud", "sub", "sid", "jti", "iat", "nbf", "exp"):
            yield f"no {name}", self.with_claims(name)
        yield "expired", self.with_claims(iat=now - 700, nbf=now - 700, exp=now - 100)
        yield "not yet", self.with_claims(nbf=now + 60)
        yield "from the future", self.with_claims(iat=now + 300, nbf=now + 300, exp=now + 600)
        yield "for ever", self.with_claims(exp=3e22)
        yield "for a year", self.with_claims(exp=now + 31_536_000)
        yield "exp in words", self.with_claims(exp=str(now + 600))
        yield "exp true", self.with_claims(exp=True)
        yield "exp a fraction", self.with_claims(exp=now + 600.5)
        yield "exp NaN", self.raw(text.replace(str(claims["exp"]), "NaN"))
        yield "exp twice", self.raw(text[:-1] + f', "exp": {now + 500}}}')
        yield "another issuer", self.with_claims(iss="https://evil.example")
        yield "another audience", self.with_claims(aud="https://other.example/api")
        yield "audiences, ours among them", self.with_claims(aud=[claims["aud"], "https://evil.example"])
        yield "another user's sub", self.with_claims(sub=plain(other["access_token"].split(".")[1])["sub"])
        yield "another family", self.with_claims(sid=plain(other["access_token"].split(".")[1])["sid"])
        yield "sub a number", self.with_claims(sub=int(claims["sub"]))
        yield "sub zero", self.with_claims(sub="0")
        yield "sub with a sign", self.with_claims(sub="+" + claims["sub"])
        yield "sub too large", self.with_claims(sub="9" * 30)
        yield "empty jti", self.with_claims(jti="")
        yield "a role of its own", self.with_claims(role="administrator")
        yield "claims a list", self.raw("[]")
        yield "claims no JSON", self.raw("{")
        yield "claims no UTF-8", self.sign(self.head, b64(b"\xff\xfe"))
        yield "claims very deep", self.raw("[" * 500 + "]" * 500)
        yield "very long", self.with_claims(jti="x" * 3_000)
        yield "the refresh token", refresh
        yield "the header alone", self.head
        yield "dots", ".."


def test_no_forged_stale_or_misdirected_token_is_taken(firm: Firm) -> None:
    person, other = firm.hire(), firm.hire("administrator")
    made, theirs = begin(firm.signed_in(person)), begin(firm.signed_in(other))
    good = made["access_token"]
    forge = Forge(firm, good)
    assert status(firm, good) == 200
    assert status(firm, forge.with_claims()) == 200  # the forge itself works
    corpus = dict(forge.corpus(theirs, made["refresh_token"]))
    assert len(corpus) >= 60
    taken = {name for name, token in corpus.items() if status(firm, token) != 401}
    assert taken == set()
    assert status(firm, good) == 200


def test_every_changed_character_is_noticed(firm: Firm) -> None:
    good = begin(firm.signed_in(firm.hire()))["access_token"]
    with firm.database.looking() as reader:
        assert signed.read(reader, good) is not None
        for position, character in enumerate(good):
            for other in "Ax_9":
                changed = good[:position] + other + good[position + 1 :]
                if other == character or (position == len(good) - 1):
                    continue
                assert signed.read(reader, changed) is None, position


def test_an_access_token_works_with_the_rights_of_the_moment(firm: Firm, moved: Clock) -> None:
    person = firm.hire("manager")
    client = firm.signed_in(person)
    access = begin(client)["access_token"]
    robot = firm.browser()
    robot.headers["Authorization"] = f"Bearer {access}"
    assert robot.post(f"{API}/investors", json={"name": f"Investor {person.id}"}).status_code == 201
    with firm.database.transaction(firm.actor) as session:
        session.execute(update(User).where(User.id == person.id).values(role="analyst"))
    assert robot.post(f"{API}/investors", json={"name": "Another"}).status_code == 403
    assert robot.post(f"{API}/auth/programs", json={"name": "child"}).status_code == 403
    moved.forward(minutes=11)
    assert me(robot) == 401


def test_what_ends_a_program(firm: Firm) -> None:
    boss, person = firm.signed_in(firm.hire("administrator")), firm.hire()
    client = firm.signed_in(person)
    made = [begin(client) for _ in range(4)]
    assert client.delete(f"{API}/auth/programs/{made[0]['program_id']}").status_code == 204
    assert boss.delete(f"{API}/auth/programs/{made[1]['program_id']}").status_code == 404
    given_back = firm.browser().post(f"{API}/auth/refresh/revoke", json={"refresh_token": made[1]["refresh_token"]})
    unknown = firm.browser().post(f"{API}/auth/refresh/revoke", json={"refresh_token": "vf_never"})
    assert (given_back.status_code, unknown.status_code) == (204, 204)
    assert [status(firm, one["access_token"]) for one in made] == [401, 401, 200, 200]
    assert [renew(firm, one["refresh_token"]).status_code for one in made[:2]] == [401, 401]
    assert [one["id"] for one in client.get(f"{API}/auth/programs").json()] == [
        made[3]["program_id"], made[2]["program_id"]
    ]  # fmt: skip
    changed = client.put(f"{API}/auth/password", json={"current": PASSWORD, "new": "another horse battery"})
    assert (changed.status_code, status(firm, made[2]["access_token"])) == (204, 401)
    again = begin(client)
    assert boss.post(f"{API}/users/{person.id}/deactivate").status_code == 200
    assert status(firm, again["access_token"]) == 401
    assert renew(firm, again["refresh_token"]).status_code == 401
    boss.post(f"{API}/users/{person.id}/reactivate")
    assert status(firm, again["access_token"]) == 401


def test_a_refresh_token_is_good_once_and_its_reuse_ends_the_family(firm: Firm, moved: Clock) -> None:
    made = begin(firm.signed_in(firm.hire()))
    second = renew(firm, made["refresh_token"]).json()
    third = renew(firm, second["refresh_token"]).json()
    assert status(firm, third["access_token"]) == 200
    stolen = renew(firm, made["refresh_token"])  # not the newest exchange: somebody else has it
    assert (stolen.status_code, stolen.json()["code"]) == (401, "refresh_refused")
    assert status(firm, third["access_token"]) == 401
    assert renew(firm, third["refresh_token"]).status_code == 401
    with firm.database.reading(firm.actor) as session:
        assert session.get_one(TokenFamily, made["program_id"]).revoked_why == "reused"


def test_a_lost_answer_is_asked_for_again_once_within_half_a_minute(firm: Firm, moved: Clock) -> None:
    client = firm.signed_in(firm.hire())
    made = begin(client)
    lost = renew(firm, made["refresh_token"]).json()
    moved.forward(seconds=29)
    repeated = renew(firm, made["refresh_token"])
    assert repeated.status_code == 200
    assert renew(firm, repeated.json()["refresh_token"]).status_code == 200
    # The token of the lost answer belongs to nobody now: who shows it has intercepted it.
    assert renew(firm, lost["refresh_token"]).status_code == 401
    assert status(firm, repeated.json()["access_token"]) == 401
    for seconds, times in ((31, 1), (5, 2)):
        made = begin(client)
        assert renew(firm, made["refresh_token"]).status_code == 200
        moved.forward(seconds=seconds)
        answers = [renew(firm, made["refresh_token"]).status_code for _ in range(times)]
        assert answers == [200] * (times - 1) + [401]


def test_a_family_ends_after_a_week_alone_and_after_a_month_in_any_case(firm: Firm, moved: Clock) -> None:
    client = firm.signed_in(firm.hire())
    alone, busy = begin(client), begin(client)
    refresh = busy["refresh_token"]
    for _ in range(5):
        moved.forward(days=5, hours=23)
        answer = renew(firm, refresh)
        assert answer.status_code == 200
        refresh = answer.json()["refresh_token"]
    assert renew(firm, alone["refresh_token"]).status_code == 401
    moved.forward(days=1)
    assert renew(firm, refresh).status_code == 401


def test_secrets_are_kept_as_hashes_and_the_signing_key_sealed(firm: Firm) -> None:
    made = begin(firm.signed_in(firm.hire()))
    with firm.database.reading(firm.actor) as session:
        hashes = session.scalars(select(RefreshToken.secret_hash)).all()
        keys = session.scalars(select(SigningKey)).all()
    assert all(len(one) == 32 and one != made["refresh_token"].encode() for one in hashes)
    for key in keys:
        opened = secretbox.unseal(key.private_sealed, secretbox.place(SigningKey, "private_sealed", key.kid))
        assert opened.encode() not in key.private_sealed


def test_a_new_signing_key_takes_over_and_the_earlier_ends_with_its_last_token(firm: Firm, moved: Clock) -> None:
    client = firm.signed_in(firm.hire())
    before = begin(client)["access_token"]
    with firm.database.transaction(firm.actor) as session:
        kid = signed.new_key(session).kid
    after = begin(client)["access_token"]
    assert plain(after.split(".")[0])["kid"] == kid != plain(before.split(".")[0])["kid"]
    assert (status(firm, before), status(firm, after)) == (200, 200)
    moved.forward(minutes=10, seconds=1)
    assert status(firm, before) == 401


def test_an_api_token_is_taken_from_its_networks_only(firm: Firm) -> None:
    with firm.database.transaction(firm.actor) as session:
        _, anywhere = service.create_token(session, firm.actor, name="a", role="auditor")
        _, office = service.create_token(session, firm.actor, name="b", role="auditor", networks=["192.0.2.0/24"])
        _, mixed = service.create_token(
            session, firm.actor, name="c", role="auditor", networks=["10.0.0.0/8", "2001:db8::/32"]
        )

    def from_(address: str, token: str) -> int:
        client = TestClient(firm.app, base_url="http://localhost", client=(address, 1))
        return int(client.get(f"{API}/funds", headers={"Authorization": f"Bearer {token}"}).status_code)

    addresses = ("192.0.2.7", "::ffff:192.0.2.7", "192.0.3.7", "10.1.2.3", "2001:db8::1", "testclient")
    assert [from_(one, anywhere) for one in addresses] == [200] * 6
    assert [from_(one, office) for one in addresses] == [200, 200, 401, 401, 401, 401]
    assert [from_(one, mixed) for one in addresses] == [401, 401, 401, 200, 200, 401]


@pytest.mark.parametrize("network", ["10.0.0.1/8", "10.0.0", "example.com", "", "10.0.0.0/33", "::/129"])
def test_what_is_no_network_is_refused(firm: Firm, network: str) -> None:
    boss = firm.signed_in(firm.hire("administrator"))
    answer = boss.post(f"{API}/tokens", json={"name": "x", "role": "auditor", "networks": [network]})
    assert (answer.status_code, answer.json()["errors"][0]["path"]) == (422, "networks")


def test_an_expired_api_token_is_refused(firm: Firm, moved: Clock, new_firm: Callable[[], Firm]) -> None:
    with firm.database.transaction(firm.actor) as session:
        _, secret = service.create_token(session, firm.actor, name="short", role="auditor", days=1)
    assert status(firm, secret, "funds") == 200
    moved.at += timedelta(days=1, seconds=1)
    assert status(firm, secret, "funds") == 401
