"""Sealed fields: unreadable without the key, bound to their row, sealed again under a new key."""

from __future__ import annotations

import pytest
from pydantic import SecretStr, ValidationError

from vestry.core import secretbox
from vestry.core.settings import Settings, settings

PLACE = "bank_account.iban:7"


@pytest.fixture
def chosen(monkeypatch: pytest.MonkeyPatch) -> Settings:
    """Settings that the test may change."""
    mine = settings().model_copy()
    monkeypatch.setattr(secretbox, "settings", lambda: mine)
    return mine


@pytest.mark.parametrize("text", ["", "DE89370400440532013000", "ключ 🔑", "x" * 10_000])
def test_what_was_sealed_is_read_again_and_is_not_in_the_bytes(text: str) -> None:
    sealed = secretbox.seal(text, PLACE)
    assert secretbox.unseal(sealed, PLACE) == text
    assert not text or text.encode() not in sealed
    assert secretbox.seal(text, PLACE) != sealed


def test_a_value_does_not_open_at_another_row_or_column() -> None:
    sealed = secretbox.seal("DE89", PLACE)
    for other in ("bank_account.iban:8", "bank_account.tax_id:7", "", PLACE + "0"):
        with pytest.raises(secretbox.SealedWithUnknownKey):
            secretbox.unseal(sealed, other)


def test_every_flipped_bit_is_noticed() -> None:
    sealed = secretbox.seal("DE89", PLACE)
    for position in range(len(sealed) * 8):
        changed = bytearray(sealed)
        changed[position // 8] ^= 1 << position % 8
        with pytest.raises(secretbox.SealedWithUnknownKey):
            secretbox.unseal(bytes(changed), PLACE)


def test_a_new_key_seals_and_the_earlier_ones_still_open(chosen: Settings) -> None:
    first = secretbox.seal("DE89", PLACE)
    assert secretbox.key_id_of(first).startswith("secret-")
    one, two = secretbox.new_key(), secretbox.new_key()
    chosen.encryption_keys = SecretStr(one)
    second = secretbox.seal("DE90", PLACE)
    chosen.encryption_keys = SecretStr(f"{two},{one}")
    third = secretbox.seal("DE91", PLACE)
    assert [secretbox.unseal(one, PLACE) for one in (first, second, third)] == ["DE89", "DE90", "DE91"]
    assert secretbox.key_id_of(third) == two.partition(":")[0] == secretbox.current_key_id()
    chosen.encryption_keys = SecretStr(two)
    with pytest.raises(secretbox.SealedWithUnknownKey, match=one.partition(":")[0]):
        secretbox.unseal(second, PLACE)


@pytest.mark.parametrize(
    "given", ["k1", "k1:short", "K1:" + "a" * 43, "k1:" + "a" * 43 + ",k1:" + "b" * 43, "k:" + "a" * 42]
)
def test_settings_refuse_what_is_no_key_and_do_not_repeat_it(given: str) -> None:
    with pytest.raises(ValidationError) as refused:
        Settings(environment="test", encryption_keys=SecretStr(given))
    assert given not in str(refused.value)
