"""Accounts of the people who type commands in a benchmark, as if each had pasted a token before."""

from __future__ import annotations

import time
from collections.abc import Iterable
from contextlib import closing
from pathlib import Path

from benchmarks import settings
from bot.edges.store import Store
from bot.edges.store.accounts import about_access
from bot.ledger import Account
from bot.model import Person
from bot.vault import Vault, new_key

TEAM = "T0ACME0001"
#: The bot's own default name of the file with its keys, beside its configuration.
KEY_FILE = "signalbox.keys"
#: The first of their ids in GitLab.
FIRST_ID = 1_000
#: Before the id of whose token it is: the fake GitLab tells people apart by it.
TOKEN = "glpat-"


def link(folder: Path, people: Iterable[str]) -> None:
    """Write a key file and an account for each of these Slack ids, before the bot is started on `folder`."""
    key = new_key()
    keys = folder / KEY_FILE
    keys.touch(mode=0o600)
    keys.write_text(f"{key}\n")
    vault = Vault([key])
    with closing(Store(settings.store(folder))) as store, store.write() as tx:
        for number, person in enumerate(people, FIRST_ID):
            tx.accounts.put(_account(vault, Person(TEAM, person), number))


def _account(vault: Vault, person: Person, number: int) -> Account:
    sealed = vault.seal(f"{TOKEN}{number}", about=about_access(person))
    name = person.id.lower()
    return Account(person, number, name, name, "token", sealed, "", None, time.time_ns() // 1_000_000)
