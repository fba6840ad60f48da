"""Who of the sandbox's people has connected a GitLab account already when the bot starts."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import closing
from pathlib import Path

from bot.edges.store import Store
from bot.edges.store.accounts import about_access
from bot.ledger import Account
from bot.model import Person
from bot.vault import Vault
from sandbox.gitlab.people import person_named

#: Dave and erin have not: sandbox.md, "Its people".
LINKED = ("alice", "bob", "carol")


def connect(
    store: Path, key: str, team: str, people: Mapping[str, str], tokens: Mapping[str, str], now: float
) -> None:
    """
    Write the accounts of LINKED into a store that no bot has open, as if each had pasted a token before.

    `people` are Slack ids and `tokens` GitLab tokens, both by name; `key` is the one the bot will open them with;
    `now` is in seconds.
    """
    vault = Vault([key])
    with closing(Store(store)) as opened, opened.write() as tx:
        for name in LINKED:
            tx.accounts.put(_account(vault, Person(team, people[name]), name, tokens[name], now))


def _account(vault: Vault, person: Person, name: str, token: str, now: float) -> Account:
    known = person_named(name)
    sealed = vault.seal(token, about=about_access(person))
    return Account(person, known.id, known.username, known.name, "token", sealed, "", None, round(now * 1000))
