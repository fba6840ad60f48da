"""Who does something with an incident: the ladder they climb before it, and what the audit trail says of it."""

from __future__ import annotations

from bot.access import accounts, audit, ladder, outright
from bot.access.decide import kinds
from bot.command import Click, Form, Request, Shortcut
from bot.deeds import Bound, Deed, digest
from bot.edges.store import Tx
from bot.incident import SLACK, Change, Incident, Who
from bot.issues.acting import Actor, By, actor
from bot.kit import Kit
from bot.ledger import Entry
from bot.text import clip

__all__ = ["Actor", "actor", "change", "climb", "look", "note", "who"]

COMMAND = "incident"
#: Seconds that GitLab has to say whether it still lets somebody in; its silence may be what the incident is about.
WITHIN_S = 2.0
Asked = Request | Click | Form | Shortcut


def climb(kit: Kit, by: Actor, project: str, what: str, *, project_id: int = 0) -> None:
    """
    Climb the ladder for something done with an incident, such as `resolve inc 7`; raises as it does.

    No step of it needs GitLab to answer: an incident is declared while GitLab is down, too. But if it says that it has
    blocked somebody, they do nothing: what they cannot write there, the keeper of the incident would write for them.
    """
    bound = Bound(wishes=digest(COMMAND, project, what))
    deed = _deed(by, project, project_id, what)
    outright.check_bound(kit, deed, by.permit, bound, name=by.by.name, what="an incident")
    accounts.confirmed(kit, by.person, within=WITHIN_S)


def look(kit: Kit, asked: Asked, project: str, what: str) -> None:
    """Raise Halted if the rules refuse to show something of an incident."""
    deed = Deed(kinds(COMMAND), asked.person, asked.place.channel, project=project, arguments=what)
    ladder.require(kit, deed)


def _deed(by: Actor, project: str, project_id: int, what: str) -> Deed:
    return Deed(
        kinds(COMMAND), by.person, by.by.place.channel, project=project, project_id=project_id, arguments=what
    )


def who(by: By) -> Who:
    """Return somebody as events tell of them."""
    return Who(by.name, by.person, by.username)


def change(kit: Kit, by: By, what: str, value: str, *, reason: str = "", version: int = 0) -> Change:
    """Return what somebody asks for in Slack; the same request asks for it once."""
    return Change(what, value, who(by), kit.now(), SLACK, f"slack:{by.key}:{what}", reason, version)


def note(tx: Tx, kit: Kit, by: By, incident: Incident, decision: str, detail: str = "") -> None:
    """Write down in the audit trail what became of an incident, in the transaction of what it tells of."""
    tx.audit.add(
        Entry(
            kit.now(), by.person, by.name, by.gitlab_id, by.username, by.place, COMMAND, decision,
            project=incident.project, subject=f"inc {incident.number}",
            detail=clip(kit.redact(detail), audit.DETAIL_KEPT),
        )
    )  # fmt: skip
