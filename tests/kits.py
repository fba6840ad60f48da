"""A kit for tests: real rooms and edges, with what a test does not care about filled in."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from bot.config import Config
from bot.edges.gitlab import GitLab
from bot.edges.gitlab_seen import Seen
from bot.edges.oauth import OAuth
from bot.edges.slack import Slack
from bot.edges.slack_people import People
from bot.edges.store import Store
from bot.edges.store.accounts import about_access
from bot.kit import Kit
from bot.ledger import Account
from bot.model import Millis, Person
from bot.vault import Vault
from sandbox import links
from sandbox.settings import write_private
from sandbox.world import KEY_FILE, World

#: A key of Fernet's shape that seals nothing but tests.
KEY = "c2lnbmFsYm94LXRlc3RzLW9ubHktMzItYnl0ZXMtLS0="


def kit_of(
    config: Config, store: Store, slack: Slack, gitlab: GitLab, now: Callable[[], Millis], **given: Any
) -> Kit:
    """A kit in which everybody acts with the token of `gitlab`, unless `given` says otherwise."""
    filled: Mapping[str, Any] = {
        "people": People(slack, now), "seen": Seen(gitlab, now), "gitlab_as": lambda person: gitlab,
        "oauth": OAuth(config.gitlab.url, config.gitlab.application_id, now=now), "vault": Vault((KEY,)),
        "deliver": lambda: None, "take_up": lambda: None, "apart": lambda name, act: None,
        "redact": lambda text: text, **given,
    }  # fmt: skip
    return Kit(config=config, store=store, slack=slack, gitlab=gitlab, now=now, **filled)


def link(kit: Kit, person: Person, gitlab_id: int, username: str, token: str = "glpat-canary") -> Account:
    """Connect somebody's account, as if they had pasted this token before."""
    sealed = kit.vault.seal(token, about=about_access(person))
    name = username.title()
    account = Account(person, gitlab_id, username, name, "token", sealed, "", None, linked_at=kit.now())
    with kit.store.write() as tx:
        return tx.accounts.put(account)


def link_people(world: World, store: Path) -> None:
    """Connect the sandbox's people in a store of its own, with its keys beside it as beside a configuration."""
    people = {name: user.id for name, user in world.slack.people.items()}
    write_private(store.parent / KEY_FILE, f"{KEY}\n")
    links.connect(store, KEY, world.slack.team, people, world.gitlab.tokens, world.now())
