"""The vault: encryption and decryption for the same user, and errors for other users and other keys."""

import base64

import pytest
from cryptography.fernet import Fernet
from hypothesis import given, strategies as st
from pydantic import SecretStr

from bot.accounts.vault import Vault
from bot.errors import SealError

PROVIDER = "sms.example/handler_api.php"
OLD, NEW, STRANGE = (Vault.new_sealing_key() for _ in range(3))


def _vault(*sealing_keys: str) -> Vault:
    return Vault([SecretStr(key) for key in sealing_keys])


@given(user_id=st.integers(1, 2**52), api_key=st.text(min_size=1))
def test_a_sealed_key_opens(user_id: int, api_key: str) -> None:
    """Any key is decrypted unchanged, with colons, spaces and non-Latin letters."""
    vault = _vault(NEW)
    assert (
        vault.open(user_id, PROVIDER, vault.seal(user_id, PROVIDER, SecretStr(api_key))).get_secret_value()
        == api_key
    )


def test_a_sealed_key_shows_nothing() -> None:
    """The encrypted form contains neither the key nor the user id, and is different each time."""
    vault = _vault(NEW)
    sealed = [vault.seal(123456, PROVIDER, SecretStr("a1b2c3d4e5f6")) for _ in range(2)]
    assert sealed[0] != sealed[1]
    for form in (sealed[0].encode(), base64.urlsafe_b64decode(sealed[0])):
        assert b"a1b2c3d4e5f6" not in form
        assert b"123456" not in form


def test_an_opened_key_is_not_printed() -> None:
    """A decrypted key does not show its value in str or repr."""
    vault = _vault(NEW)
    opened = vault.open(1, PROVIDER, vault.seal(1, PROVIDER, SecretStr("a1b2c3d4e5f6")))
    assert "a1b2c3d4e5f6" not in f"{opened} {opened!r}"


@given(owner=st.integers(1, 2**52), thief=st.integers(1, 2**52))
def test_a_key_does_not_open_for_another_user(owner: int, thief: int) -> None:
    """A row copied to another user is refused, also if the ids share digits."""
    vault = _vault(NEW)
    sealed = vault.seal(owner, PROVIDER, SecretStr("12:key"))
    if owner == thief:
        assert vault.open(thief, PROVIDER, sealed).get_secret_value() == "12:key"
    else:
        with pytest.raises(SealError, match="sealed for another user"):
            vault.open(thief, PROVIDER, sealed)


@given(sealed_for=st.text(), used_for=st.text())
def test_a_key_does_not_open_for_another_provider(sealed_for: str, used_for: str) -> None:
    """A row whose provider was changed is refused, whatever characters its name has."""
    vault = _vault(NEW)
    sealed = vault.seal(1, sealed_for, SecretStr("12:key"))
    if sealed_for == used_for:
        assert vault.open(1, used_for, sealed).get_secret_value() == "12:key"
    else:
        with pytest.raises(SealError, match="sealed for another provider"):
            vault.open(1, used_for, sealed)


@given(user_id=st.integers(1, 2**52), api_key=st.text(min_size=1))
def test_a_key_of_an_earlier_version_opens_only_as_such(user_id: int, api_key: str) -> None:
    """The format without a provider is told from the new one, whatever the key is."""
    vault = _vault(NEW)
    earlier = Fernet(NEW).encrypt(f"{user_id}:{api_key}".encode()).decode()
    assert vault.open_without_address(user_id, earlier).get_secret_value() == api_key
    with pytest.raises(SealError, match="sealed for another user"):
        vault.open_without_address(user_id + 1, earlier)
    with pytest.raises(SealError, match="sealed for no provider"):
        vault.open(user_id, PROVIDER, earlier)
    with pytest.raises(SealError, match="sealed for another provider"):
        vault.open_without_address(user_id, vault.seal(user_id, PROVIDER, SecretStr(api_key)))


def test_another_sealing_key_opens_nothing() -> None:
    """Without its sealing key an API key can be neither decrypted nor re-encrypted."""
    sealed = _vault(STRANGE).seal(1, PROVIDER, SecretStr("a1b2c3d4e5f6"))
    vault = _vault(NEW, OLD)
    with pytest.raises(SealError, match="sealed with another key, or damaged"):
        vault.open(1, PROVIDER, sealed)
    with pytest.raises(SealError, match="sealed with another key, or damaged"):
        vault.reseal(sealed)


@given(data=st.data())
def test_a_damaged_seal_does_not_open(data: st.DataObject) -> None:
    """A key with one changed byte is refused."""
    vault = _vault(NEW)
    raw = bytearray(base64.urlsafe_b64decode(vault.seal(1, PROVIDER, SecretStr("a1b2c3d4e5f6"))))
    raw[data.draw(st.integers(0, len(raw) - 1))] ^= data.draw(st.integers(1, 255))
    with pytest.raises(SealError):
        vault.open(1, PROVIDER, base64.urlsafe_b64encode(raw).decode())


@pytest.mark.parametrize("junk", ["", "gAAAAA", "a1b2c3d4e5f6", "ключ", "\x00"])
def test_plain_text_does_not_open(junk: str) -> None:
    """Text that was not encrypted is refused."""
    with pytest.raises(SealError):
        _vault(NEW).open(1, PROVIDER, junk)


def test_old_sealing_keys_still_open() -> None:
    """With a new first sealing key, the old one still decrypts and the new one encrypts."""
    api_key = SecretStr("a1b2c3d4e5f6")
    both = _vault(NEW, OLD)
    assert both.open(1, PROVIDER, _vault(OLD).seal(1, PROVIDER, api_key)) == api_key
    assert _vault(NEW).open(1, PROVIDER, both.seal(1, PROVIDER, api_key)) == api_key


def test_a_resealed_key_opens_without_the_old_sealing_key() -> None:
    """A re-encrypted key is decrypted with the new sealing key alone, for the same user only."""
    resealed = _vault(NEW, OLD).reseal(_vault(OLD).seal(7, PROVIDER, SecretStr("a1b2c3d4e5f6")))
    assert _vault(NEW).open(7, PROVIDER, resealed).get_secret_value() == "a1b2c3d4e5f6"
    with pytest.raises(SealError):
        _vault(NEW).open(8, PROVIDER, resealed)
    with pytest.raises(SealError):
        _vault(OLD).open(7, PROVIDER, resealed)


def test_new_sealing_keys_differ() -> None:
    """Every new sealing key is different and can encrypt."""
    keys = {Vault.new_sealing_key() for _ in range(10)}
    assert len(keys) == 10
    for key in keys:
        vault = _vault(key)
        assert vault.open(1, PROVIDER, vault.seal(1, PROVIDER, SecretStr("k"))).get_secret_value() == "k"
