"""The vault seals with the first key, opens with any, and gives a text back only to whom it is about."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.config import read_keys
from bot.errors import ConfigError
from bot.tools.keys import write
from bot.vault import KeyFile, Vault, VaultError, new_key

OLD, NEW = new_key(), new_key()


@given(st.text(), st.text(alphabet=st.characters(exclude_characters="\0")))
def test_what_is_sealed_opens(text: str, about: str) -> None:
    """Any text comes back as it was."""
    vault = Vault([OLD])
    assert vault.open(vault.seal(text, about=about), about=about) == text


def test_nothing_of_the_text_is_seen() -> None:
    """What is sealed holds neither the text nor whom it is about, and is never twice the same."""
    vault = Vault([OLD])
    sealed = vault.seal("glpat-canary", about="T1/U1")
    assert "canary" not in sealed
    assert "U1" not in sealed
    assert sealed != vault.seal("glpat-canary", about="T1/U1")


@pytest.mark.parametrize("about", ["T1/U2", "", "T1/U1\0x", "T1/U1 access"])
def test_a_text_about_somebody_else_stays_shut(about: str) -> None:
    """A row that was copied to another person opens for nobody."""
    vault = Vault([OLD])
    with pytest.raises(VaultError):
        vault.open(vault.seal("x", about="T1/U1"), about=about)


def test_whom_it_is_about_cannot_run_into_the_text() -> None:
    """A name with the mark that ends it is refused."""
    with pytest.raises(ValueError, match="NUL"):
        Vault([OLD]).seal("x", about="T1\0U1")


@pytest.mark.parametrize("sealed", ["", "rubbish", "gAAAAA==", "ä"])
def test_rubbish_is_told_in_a_sentence(sealed: str) -> None:
    """What no key opens is an error for people that says where to look."""
    with pytest.raises(VaultError, match="keys check"):
        Vault([OLD]).open(sealed, about="")
    with pytest.raises(VaultError):
        Vault([OLD]).reseal(sealed)
    assert not Vault([OLD]).is_newest(sealed)


def test_keys_are_changed() -> None:
    """Of two keys the first seals and both open; resealed, a text needs the first alone."""
    sealed = Vault([OLD]).seal("x", about="a")
    both = Vault([NEW, OLD])
    assert both.open(sealed, about="a") == "x"
    assert not both.is_newest(sealed)
    anew = both.reseal(sealed)
    assert both.is_newest(anew)
    assert Vault([NEW]).open(anew, about="a") == "x"
    with pytest.raises(VaultError):
        Vault([NEW]).open(sealed, about="a")


@pytest.mark.parametrize("keys", [[], ["short"], [OLD, ""]])
def test_a_vault_without_a_proper_key(keys: list[str]) -> None:
    """No key, or a line that is none, is a mistake in the configuration; the sentence holds no key."""
    with pytest.raises(ConfigError, match="keys new") as caught:
        Vault(keys)
    assert OLD not in str(caught.value)


def test_a_running_vault_follows_its_file(tmp_path: Path) -> None:
    """After a change of keys a running bot seals with the new key and opens what was resealed."""
    path = tmp_path / "keys"
    write(path, [OLD])
    newest = KeyFile(path, lambda: read_keys(path, {}).keys)
    vault = Vault([OLD], newest=newest)
    sealed = vault.seal("x", about="a")
    write(path, [NEW, OLD])
    resealed = Vault([NEW, OLD]).reseal(sealed)
    assert vault.open(resealed, about="a") == "x"
    write(path, [NEW])
    assert Vault([NEW]).open(vault.seal("y", about="a"), about="a") == "y"


def test_a_file_that_is_being_written_by_hand_changes_nothing(tmp_path: Path) -> None:
    """While the file holds something else, or is gone, a vault goes on with the keys it has."""
    path = tmp_path / "keys"
    newest = KeyFile(path, lambda: read_keys(path, {}).keys)
    vault = Vault([OLD], newest=newest)
    assert newest() == ()
    path.write_text("half a k")
    path.chmod(0o600)
    assert newest() == ()
    assert Vault([OLD]).open(vault.seal("x", about="a"), about="a") == "x"
