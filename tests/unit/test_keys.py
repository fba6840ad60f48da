"""`keys`: everything is sealed with a new key while the bot runs, and the old one goes when nothing needs it."""

from __future__ import annotations

import argparse
import io
import json
import stat
from pathlib import Path

import pytest

from bot.access import resealing
from bot.access.kept import SEALED
from bot.config import read_keys
from bot.edges.store import Received, Store
from bot.errors import ConfigError
from bot.ledger import Account, Device, Kept
from bot.model import Person, Place
from bot.tools import keys as tool
from bot.vault import KeyFile, Vault, VaultError, is_key, new_key

ALICE = Person("T1", "U1")
OWNER = "T1/U1"


def fill(store: Store, vault: Vault) -> None:
    """An account, a device, an open form, what a job was given last, and a kept request that holds sealed parts."""
    access = vault.seal("access", about=f"{OWNER} access")
    refresh = vault.seal("refresh", about=f"{OWNER} refresh")
    code = vault.seal("code", about=f"{OWNER} device")
    inside = {name: vault.seal(name, about=OWNER) for name in SEALED}
    body = {"text": "", **inside, "undo": ""}
    with store.write() as tx:
        tx.accounts.put(Account(ALICE, 7, "alice", "Alice", "device", access, refresh, None, 0))
        tx.devices.put(Device("d1", ALICE, "alice", Place("C1"), code, 5, 5, 5))
        tx.sheets.put("s1", ALICE, "issue.create", vault.seal("filled in", about=OWNER), 0)
        tx.kept.put(Kept("k1", "link", ALICE, "slash", vault.seal(json.dumps(body), about=OWNER), 10))
        tx.last_values.put(ALICE, 42, "scale", vault.seal("given", about=OWNER), 10)


def opened(store: Store, vault: Vault) -> tuple[str, ...]:
    """All that was sealed, opened."""
    with store.read() as tx:
        account, device, kept = tx.accounts.get(ALICE), tx.devices.get("d1"), tx.kept.get("k1")
        sheet, last = tx.sheets.get("s1", ALICE, "issue.create"), tx.last_values.get(ALICE, 42, "scale")
    assert last
    assert account
    assert sheet
    assert device
    assert kept
    body = json.loads(vault.open(kept.body, about=OWNER))
    return (
        vault.open(account.access, about=f"{OWNER} access"), vault.open(account.refresh, about=f"{OWNER} refresh"),
        vault.open(device.code, about=f"{OWNER} device"), vault.open(sheet, about=OWNER),
        *(vault.open(body[name], about=OWNER) for name in sorted(SEALED - {"undo"})), vault.open(last, about=OWNER),
    )  # fmt: skip


ALL = ("access", "refresh", "code", "filled in", "content", "sealed", "values", "given")


def run(
    path: Path, *words: str, keys: tuple[str, ...] | None = None, file: Path | None = None
) -> tuple[int, str]:
    """Type a command; its exit code, and what it printed."""
    parser, out = argparse.ArgumentParser(), io.StringIO()
    tool.describe(parser)
    given = keys or (read_keys(file, {}).keys if file else ())
    return tool.run(parser.parse_args(words), path, given, file, out), out.getvalue()


@pytest.fixture
def key_file(tmp_path: Path) -> Path:
    """A key file with one key."""
    path = tmp_path / "signalbox.keys"
    tool.write(path, [new_key()])
    return path


def test_a_new_key_is_printed() -> None:
    """A key, and nothing else."""
    out = io.StringIO()
    assert tool.new(out) == 0
    assert is_key(out.getvalue().strip())


def test_keys_are_rotated(path: Path, store: Store, key_file: Path) -> None:
    """Everything is sealed with a new key down to the last layer, which then stands in the file alone."""
    before = read_keys(key_file, {}).keys
    fill(store, Vault(before))
    code, said = run(path, "rotate", file=key_file)
    after = read_keys(key_file, {}).keys
    assert (code, len(after)) == (0, 1)
    assert "6 texts are now sealed with the first key." in said
    assert opened(store, Vault(after)) == ALL
    with pytest.raises(VaultError):
        opened(store, Vault(before))
    assert not [key for key in (*before, *after) if key in said]
    assert stat.S_IMODE(key_file.stat().st_mode) == 0o600
    assert [one.name for one in key_file.parent.iterdir() if "keys" in one.name] == ["signalbox.keys"]


def test_a_running_bot_goes_on(path: Path, store: Store, key_file: Path) -> None:
    """A bot that has the old key in memory opens what was resealed and seals with the new key."""
    running = Vault(
        read_keys(key_file, {}).keys, newest=KeyFile(key_file, lambda: read_keys(key_file, {}).keys)
    )
    fill(store, running)
    run(path, "rotate", file=key_file)
    assert opened(store, running) == ALL
    fill_again = running.seal("x", about="a")
    assert Vault(read_keys(key_file, {}).keys).open(fill_again, about="a") == "x"


def test_a_key_that_is_needed_stays(path: Path, store: Store, key_file: Path) -> None:
    """A row that does not open keeps every key in the file, and is named."""
    fill(store, Vault([new_key()]))
    code, said = run(path, "rotate", file=key_file)
    assert code == 1
    assert "The account of T1/U1 access does not open." in said
    assert "Every key stays" in said
    assert len(read_keys(key_file, {}).keys) == 2


def test_a_request_that_is_being_done_keeps_the_key(path: Path, store: Store, key_file: Path) -> None:
    """While a request is under way, which may hold something sealed, the old key stays; later it goes."""
    fill(store, Vault(read_keys(key_file, {}).keys))
    with store.write() as tx:
        tx.inbox.accept([Received("key", "", "slash", "{}", 0)])
    assert not resealing.let_go(store, Vault(read_keys(key_file, {}).keys), lambda: None, wait=0)
    with store.write() as tx:
        tx.inbox.claim("key")
        tx.inbox.finish("key", 1)
    assert run(path, "rotate", file=key_file)[0] == 0
    assert len(read_keys(key_file, {}).keys) == 1


def test_rotation_that_was_interrupted_is_finished(path: Path, store: Store, key_file: Path) -> None:
    """Killed after the new key was written, it is finished without another one."""
    before = read_keys(key_file, {}).keys
    fill(store, Vault(before))
    tool.write(key_file, [new_key(), *before])
    newest = read_keys(key_file, {}).keys[0]
    code, said = run(path, "rotate", "--same-key", file=key_file)
    assert (code, read_keys(key_file, {}).keys) == (0, (newest,))
    assert "nothing needs 1 older key any more" in said


def test_keys_that_were_handed_in(path: Path, store: Store) -> None:
    """Where nothing can be written, everything is sealed with the first key, and it is said which may go."""
    old, first = new_key(), new_key()
    fill(store, Vault([old]))
    code, said = run(path, "rotate", keys=(first, old))
    assert code == 0
    assert "Nothing needs the keys after the first any more: 1 key may go." in said
    assert opened(store, Vault([first])) == ALL
    assert run(path, "rotate", keys=(first,)) == (0, "0 texts are now sealed with the first key.\n")


def test_everything_is_tried(path: Path, store: Store) -> None:
    """`check` counts what opens and what needs an older key, and names what is about somebody else."""
    old, first = new_key(), new_key()
    fill(store, Vault([old]))
    assert run(path, "check", keys=(first, old)) == (
        0,
        "6 of 6 sealed texts open, 6 of them with an older key.\n",
    )
    with store.write() as tx:
        account = tx.accounts.get(ALICE)
        assert account
        tx.accounts.reseal(account.access, Vault([first]).seal("access", about="T1/U2 access"))
    code, said = run(path, "check", keys=(first, old))
    assert code == 1
    assert said.splitlines()[0] == "The account of T1/U1 access does not open."


def test_nothing_to_look_at(tmp_path: Path, key_file: Path) -> None:
    """Without a store, no key is made and nothing is written."""
    before = key_file.read_text()
    with pytest.raises(ConfigError, match="nothing is sealed yet"):
        run(tmp_path / "missing.sqlite3", "rotate", file=key_file)
    assert key_file.read_text() == before


def test_a_key_file_that_cannot_be_written(path: Path, store: Store, tmp_path: Path) -> None:
    """The sentence names the file and no key."""
    with pytest.raises(ConfigError, match="I cannot write the key file"):
        run(path, "rotate", keys=(new_key(),), file=tmp_path / "missing" / "keys")
