"""The vault: what it seals it opens again, for the same user and with the same keys, and for nobody else."""

import base64

import pytest
from hypothesis import given, strategies as st
from pydantic import SecretStr

from bot.accounts.vault import Vault
from bot.errors import SealError

OLD, NEW, STRANGE = (Vault.new_sealing_key() for _ in range(3))


def _vault(*sealing_keys: str) -> Vault:
    return Vault([SecretStr(key) for key in sealing_keys])


@given(user_id=st.integers(1, 2**52), api_key=st.text(min_size=1))
def test_what_is_sealed_opens_again(user_id: int, api_key: str) -> None:
    """Any key comes back as it was, colons, spaces and other alphabets included."""
    vault = _vault(NEW)
    assert vault.open(user_id, vault.seal(user_id, SecretStr(api_key))).get_secret_value() == api_key


def test_a_sealed_key_shows_nothing() -> None:
    """The sealed form holds neither the key nor the user, and no two of them are alike."""
    vault = _vault(NEW)
    sealed = [vault.seal(123456, SecretStr("a1b2c3d4e5f6")) for _ in range(2)]
    assert sealed[0] != sealed[1]
    for form in (sealed[0].encode(), base64.urlsafe_b64decode(sealed[0])):
        assert b"a1b2c3d4e5f6" not in form
        assert b"123456" not in form


def test_an_opened_key_is_not_printed() -> None:
    """What the vault hands out keeps itself out of logs."""
    vault = _vault(NEW)
    opened = vault.open(1, vault.seal(1, SecretStr("a1b2c3d4e5f6")))
    assert "a1b2c3d4e5f6" not in f"{opened} {opened!r}"


@given(owner=st.integers(1, 2**52), thief=st.integers(1, 2**52))
def test_a_key_does_not_open_for_another_user(owner: int, thief: int) -> None:
    """A row copied to another user is refused, whichever digits their ids share."""
    vault = _vault(NEW)
    sealed = vault.seal(owner, SecretStr("12:key"))
    if owner == thief:
        assert vault.open(thief, sealed).get_secret_value() == "12:key"
    else:
        with pytest.raises(SealError, match="sealed for another user"):
            vault.open(thief, sealed)


def test_another_sealing_key_opens_nothing() -> None:
    """Without the sealing key a sealed key neither opens nor can be sealed anew."""
    sealed = _vault(STRANGE).seal(1, SecretStr("a1b2c3d4e5f6"))
    vault = _vault(NEW, OLD)
    with pytest.raises(SealError, match="sealed with another key, or damaged"):
        vault.open(1, sealed)
    with pytest.raises(SealError, match="sealed with another key, or damaged"):
        vault.reseal(sealed)


@given(data=st.data())
def test_a_damaged_seal_does_not_open(data: st.DataObject) -> None:
    """One byte changed anywhere, and the key is refused instead of coming out wrong."""
    vault = _vault(NEW)
    raw = bytearray(base64.urlsafe_b64decode(vault.seal(1, SecretStr("a1b2c3d4e5f6"))))
    raw[data.draw(st.integers(0, len(raw) - 1))] ^= data.draw(st.integers(1, 255))
    with pytest.raises(SealError):
        vault.open(1, base64.urlsafe_b64encode(raw).decode())


@pytest.mark.parametrize("junk", ["", "gAAAAA", "a1b2c3d4e5f6", "ключ", "\x00"])
def test_what_was_never_sealed_does_not_open(junk: str) -> None:
    """A plain key or junk in the database is an error, never taken for a key."""
    with pytest.raises(SealError):
        _vault(NEW).open(1, junk)


def test_old_sealing_keys_still_open() -> None:
    """After a new sealing key is put in front, what the old one sealed opens, and new seals use the new."""
    api_key = SecretStr("a1b2c3d4e5f6")
    both = _vault(NEW, OLD)
    assert both.open(1, _vault(OLD).seal(1, api_key)) == api_key
    assert _vault(NEW).open(1, both.seal(1, api_key)) == api_key


def test_resealing_makes_the_old_sealing_key_needless() -> None:
    """What was sealed anew opens with the new sealing key alone, for the same user only."""
    resealed = _vault(NEW, OLD).reseal(_vault(OLD).seal(7, SecretStr("a1b2c3d4e5f6")))
    assert _vault(NEW).open(7, resealed).get_secret_value() == "a1b2c3d4e5f6"
    with pytest.raises(SealError):
        _vault(NEW).open(8, resealed)
    with pytest.raises(SealError):
        _vault(OLD).open(7, resealed)


def test_sealing_keys_are_fresh() -> None:
    """Each new sealing key is another one, and one that seals."""
    keys = {Vault.new_sealing_key() for _ in range(10)}
    assert len(keys) == 10
    for key in keys:
        vault = _vault(key)
        assert vault.open(1, vault.seal(1, SecretStr("k"))).get_secret_value() == "k"
