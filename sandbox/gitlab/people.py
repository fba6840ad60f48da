"""The accounts of the sandbox's GitLab: their tokens, their roles, and who is linked to Slack."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass

from sandbox.gitlab.nouns import ADMIN, LEVELS, Person, Project

ALICE = Person(7, "alice", "Alice Archer")
BOB = Person(8, "bob", "Bob Baker")
CAROL = Person(9, "carol", "Carol Chen")
DAVE = Person(10, "dave", "Dave Diaz")
BOT = Person(100, "signalbox", "Signalbox", bot=True)
ROOT = Person(1, "root", "Administrator", admin=True)
EVERYONE = (ALICE, BOB, CAROL, DAVE, BOT, ROOT)
#: GitLab's own account, which makes incidents of alerts and closes them (`Users::Internal.alert_bot`). It has no token.
ALERT_BOT = Person(90, "alert-bot", "GitLab Alert Bot", bot=True)
FIRST_PROJECT_BOT_ID = 900

#: Roles in every project that says nothing else. The bot is a Developer, as its documentation asks for.
ROLES: Mapping[str, int] = {"alice": 40, "bob": 30, "carol": 20, "dave": 30, "signalbox": 30}
#: The Slack team, and who has linked which Slack account (`ChatName`); dave has not.
TEAM = "T0ACME0001"
CHAT_NAMES: Mapping[str, str] = {"U0ALICE001": "alice", "U0BOB00001": "bob", "U0CAROL001": "carol"}
#: What GitLab lets a developer do with pipelines (gitlab-api.md 8).
REPORTER, DEVELOPER, MAINTAINER = LEVELS["reporter"], LEVELS["developer"], LEVELS["maintainer"]
#: The longest a personal token may live (gitlab-api.md 3.2).
TOKEN_LIFE = 365 * 86_400.0


@dataclass(slots=True)
class Token:
    """A personal access token. A revoked one is answered with 401, and so is one past its end."""

    text: str
    person: Person
    scopes: tuple[str, ...] = ("api",)
    revoked: bool = False
    created_at: float = 0
    """Seconds since the epoch, as its end."""
    expires_at: float | None = None

    def expired(self, now: float) -> bool:
        return self.expires_at is not None and now >= self.expires_at


def new_tokens(now: float) -> dict[str, Token]:
    """One token a person, by user name; the bot's under `bot`."""
    named = {("bot" if person.bot else person.username): person for person in EVERYONE}
    return {name: new_token(name, person, now) for name, person in named.items()}


def new_token(name: str, person: Person, now: float, scopes: tuple[str, ...] = ("api",)) -> Token:
    """A personal token shaped like GitLab's own."""
    text = f"glpat-{name}-sandbox".ljust(26, "0")
    return Token(text, person, scopes, created_at=now, expires_at=now + TOKEN_LIFE)


def person_named(name: str) -> Person:
    """The account with this user name; `bot` is the bot's. Raises ValueError with a sentence."""
    for person in EVERYONE:
        if name in (person.username, "bot" if person.bot else ""):
            return person
    known = ", ".join(person.username for person in EVERYONE)
    raise ValueError(f"GitLab has no account {name}; it has {known}.")


def project_bot(project: Project) -> Person:
    """The account behind a project's access token, as pipelines and other automations use it (gitlab-api.md 3.2)."""
    digits = hashlib.sha1(project.path.encode(), usedforsecurity=False).hexdigest()[:16]
    return Person(
        FIRST_PROJECT_BOT_ID + project.id, f"project_{project.id}_bot_{digits}", "Automation", bot=True
    )


def level(person: Person | None, project: Project) -> int:
    """The role of a person in a project as GitLab's number; 0 for none."""
    if person is None:
        return 0
    if person is ALERT_BOT:
        return REPORTER
    return ADMIN if person.admin else project.members.get(person.username, 0)


def may_run_on(person: Person, project: Project, ref: str) -> bool:
    """Whether a pipeline for this ref is theirs to start: protected branches name the level they want."""
    return level(person, project) >= max(DEVELOPER, project.protected.get(ref, 0))


def may_deploy(person: Person | None, project: Project, environment: str | None) -> bool:
    """Whether an environment, if it is protected, lets them deploy to it (gitlab-api.md 2.9)."""
    protected = project.protected_environments.get(environment or "")
    return protected is None or level(person, project) >= protected.level


def may_set_variables(person: Person, project: Project) -> bool:
    """Whether they may hand variables to a pipeline (ci_pipeline_variables_minimum_override_role)."""
    return level(person, project) >= LEVELS.get(project.variables_role, ADMIN + 1)
