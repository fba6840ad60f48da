"""Who does something with an issue, and the ladder they climb before it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Protocol

from bot.access import accounts, audit, ladder, outright
from bot.access.decide import kinds
from bot.deeds import Bound, Deed, Permit, digest
from bot.edges.gitlab import GitLab
from bot.edges.store import Tx
from bot.kit import Kit
from bot.ledger import Entry, Write
from bot.model import Person, Place
from bot.text import clip
from bot.tracker import Subject

COMMAND = "issue"


class Asked(Protocol):
    """A request, a click, a form or a shortcut: what all of them have."""

    @property
    def key(self) -> str: ...
    @property
    def person(self) -> Person: ...
    @property
    def name(self) -> str: ...
    @property
    def place(self) -> Place: ...
    @property
    def permit(self) -> Permit: ...
    @property
    def prefix(self) -> str: ...


@dataclass(frozen=True, slots=True)
class By:
    """Who did something with an issue, and where: what is told of them and written down."""

    person: Person
    name: str
    """As Slack shows it."""
    place: Place
    key: str
    """Of the request, or of the change: done again after a crash, it is told once."""
    gitlab_id: int = 0
    username: str = ""


@dataclass(frozen=True, slots=True)
class Actor:
    """Whoever does something with an issue, as Slack and GitLab know them."""

    by: By
    permit: Permit
    reach: Callable[[], GitLab]
    """Returns GitLab as this person. It may have to renew their token, and GitLab may be away."""

    @property
    def gitlab(self) -> GitLab:
        """GitLab as this person."""
        return self.reach()

    @property
    def person(self) -> Person:
        return self.by.person


def actor(kit: Kit, asked: Asked) -> Actor:
    """Return who asks; raises NotLinked without an account."""
    account = accounts.account(kit, asked.person)
    name = asked.name or asked.person.id
    by = By(asked.person, name, asked.place, asked.key, account.gitlab_id, account.username)
    return Actor(by, asked.permit, partial(kit.gitlab_as, asked.person))


def by_write(tx: Tx, write: Write) -> By:
    """Return who asked for a change whose outcome was found out later."""
    account = tx.accounts.get(write.person)
    gitlab_id, username = (account.gitlab_id, account.username) if account else (0, "")
    return By(write.person, write.name or write.person.id, write.place, write.id, gitlab_id, username)


def climb(
    kit: Kit, who: Actor, project: tuple[int, str], what: str, *, call: str = "", tied: str = ""
) -> None:
    """
    Climb the ladder for changing an issue of a project (id, path); raises as it does.

    `what` is what is done, such as `close #4`, for rules about arguments; `call` what would be asked of GitLab.
    A confirmation is tied to `what`, and to the project unless `tied` names another.
    """
    number, path = project
    deed = _deed(who.person, who.by.place, path, number, what)
    bound = Bound(wishes=digest(COMMAND, tied or path, what))
    outright.check_bound(kit, deed, who.permit, bound, name=who.by.name, what="an issue", call=call)


def look(kit: Kit, asked: Asked, project_id: int, project: str, what: str) -> None:
    """Raise Halted if the rules refuse to show something of a project; GitLab says itself who may see it."""
    ladder.require(kit, _deed(asked.person, asked.place, project, project_id, what))


def _deed(person: Person, place: Place, project: str, project_id: int, what: str) -> Deed:
    return Deed(kinds(COMMAND), person, place.channel, project=project, project_id=project_id, arguments=what)


def note(tx: Tx, kit: Kit, by: By, subject: Subject, decision: str, detail: str = "") -> None:
    """Write down in the audit trail what became of an issue, in the transaction of what it tells of."""
    tx.audit.add(
        Entry(
            kit.now(), by.person, by.name, by.gitlab_id, by.username, by.place, COMMAND, decision,
            project=subject.project, subject=f"#{subject.iid}",
            detail=clip(kit.redact(detail), audit.DETAIL_KEPT),
        )
    )  # fmt: skip
