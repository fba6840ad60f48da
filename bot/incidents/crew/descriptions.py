"""Keeps our blocks in the description of an incident's issue; what people write around them stays theirs."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from bot import markdown
from bot.edges.gitlab import GitLab
from bot.edges.store import Tx
from bot.errors import BotError, Refused
from bot.incident import Incident, Who
from bot.incident_work import Errand
from bot.incidents import cards, errands
from bot.incidents.crew import blocks_of
from bot.incidents.crew.blocks_of import Edited
from bot.incidents.drawing import Drawing
from bot.incidents.errands import Kind, NotYet, Result
from bot.kit import Kit
from bot.markdown import Nameless
from bot.text import escape
from bot.tracker import Issue

KIND = "gitlab.description"
#: Facts: what a block shall hold, what it was last known to hold, what was sent without an answer so far, and that
#: people were told of one which somebody has changed by hand. The name of the block follows.
WANTED, HELD, SENT, THEIRS = "want.block.", "block.description.", "sent.block.", "theirs.block."
#: So often a description is written in one go while others write it as well; then later.
MOST_ROUNDS = 3
#: What GitLab writes below an issue when somebody ticks a box (app/services/system_notes/issuables_service.rb).
_TICKED = re.compile(r"marked the (?:checklist item|task) ")
SOMEBODY = "somebody"
#: Takes in what people have ticked in a description, in the transaction that has it written again.
Reader = Callable[[Tx, Kit, Incident, str, Who], object]


def want(tx: Tx, kit: Kit, incident: Incident, name: str, body: str) -> None:
    """
    Have a block of this name in the description hold `body`, Markdown in which nothing acts; an empty one: no block.

    Nothing is asked of GitLab if that was wanted already.
    """
    if (tx.incident_facts.get(incident.id, WANTED + name) or "") == body:
        return
    tx.incident_facts.put(incident.id, WANTED + name, body)
    again(tx, kit, incident)


def plain(text: str) -> str:
    """Return plain text on one line as Markdown in which nothing acts; `#12` and `!34` are links."""
    return " ".join(markdown.from_slack(escape(text), names=Nameless(), references=True).split())


def again(tx: Tx, kit: Kit, incident: Incident) -> None:
    """Bring the description to what is wanted by then."""
    errands.write(tx, errands.new(kit, incident, KIND, "description", 2), again=True)


def known(tx: Tx, incident: Incident, name: str) -> tuple[str, ...]:
    """Return what we have written into a block: what it was known to hold, then what may be on its way."""
    facts = (tx.incident_facts.get(incident.id, prefix + name) for prefix in (HELD, SENT))
    return tuple(blocks_of.harmless(one) for one in facts if one is not None)


def hold(tx: Tx, incident: Incident, name: str, body: str) -> None:
    """Write down what a block holds."""
    tx.incident_facts.put(incident.id, HELD + name, body)
    tx.incident_facts.drop(incident.id, SENT + name)


def kinds(draw: Drawing, read: Reader) -> Mapping[str, Kind]:
    """Return how a description is written; `read` takes in first what people have ticked there."""
    return {KIND: Kind(_act, _find, partial(_settled, draw, read), partial(_refused, draw))}


@dataclass(slots=True)
class _Look:
    """A description as it was read, and as it shall be."""

    issue: Issue
    text: str
    wanted: Mapping[str, str]
    theirs: list[str] = field(default_factory=list)
    """Names of blocks that somebody has changed by hand."""
    ticked: bool = False
    """Whether somebody has ticked a box since we wrote."""

    @property
    def is_done(self) -> bool:
        return self.text == self.issue.description

    def result(self, **more: Any) -> dict[str, Any]:
        shown = {name: block.body for name, block in self.blocks() if name not in self.theirs}
        return {"wanted": dict(self.wanted), "theirs": list(self.theirs), "shown": shown, **more}

    def blocks(self) -> Iterator[tuple[str, blocks_of.Block]]:
        for name in self.wanted:
            block = blocks_of.get(self.issue.description, name)
            if block is not None:
                yield name, block


def _act(kit: Kit, errand: Errand, incident: Incident) -> Result:
    """Write what is wanted, once; and again if somebody else wrote at the same moment."""
    if not incident.iid:
        raise NotYet("GitLab has not made the issue yet.")
    errands.check_hidden(kit, incident)
    gitlab = errands.gitlab(kit, errand, incident)
    for _ in range(MOST_ROUNDS):
        look = _look(kit, gitlab, incident)
        if look.ticked:
            return look.result(ticked=look.issue.description, by=_ticker(gitlab, incident))
        if look.is_done:
            return look.result()
        _send(kit, incident, look)
        changed = gitlab.change_issue(incident.project_id, incident.iid, {"description": look.text})
        if changed.description == look.issue.description:
            # What an account may not change GitLab leaves out without a word (doc/api/issues.md).
            raise Refused("GitLab does not let the commander change the description of the issue.")
    raise NotYet("Others are writing the description at this moment.")


def _find(kit: Kit, errand: Errand, incident: Incident) -> Result | None:
    look = _look(kit, errands.gitlab(kit, errand, incident), incident)
    return look.result() if look.is_done and not look.ticked else None


def _look(kit: Kit, gitlab: GitLab, incident: Incident) -> _Look:
    issue = gitlab.issue(incident.project_id, incident.iid)
    with kit.store.read() as tx:
        wanted = tx.incident_facts.begin(incident.id, WANTED)
        ours = {name: known(tx, incident, name) for name in wanted}
    look = _Look(issue, issue.description, wanted)
    for name, block in look.blocks():
        is_news = block.body not in {*ours[name], blocks_of.harmless(wanted[name])}
        look.ticked = look.ticked or (bool(ours[name]) and is_news and not block.is_edited)
    for name, body in wanted.items():
        try:
            look.text = blocks_of.put(look.text, name, body)
        except Edited:
            look.theirs.append(name)
    if not look.is_done:
        # Whoever's words these are, it is the keeper who writes them anew: nothing in them may act as the keeper.
        look.text = blocks_of.disarmed(look.text)
    return look


def _send(kit: Kit, incident: Incident, look: _Look) -> None:
    """Write down what is being sent: found there later, it is nobody's tick."""
    with kit.store.write() as tx:
        for name, body in look.wanted.items():
            tx.incident_facts.put(incident.id, SENT + name, body)


def _ticker(gitlab: GitLab, incident: Incident) -> list[Any]:
    """Who ticked a box last, as GitLab's own line below the issue says: username and id."""
    lines = gitlab.remarks(incident.project_id, incident.iid)
    found = next((one for one in lines if _TICKED.match(one.body)), None)
    return [found.author, found.author_id] if found else ["", 0]


def _settled(
    draw: Drawing, read: Reader, tx: Tx, kit: Kit, _errand: Errand, incident: Incident, result: Result
) -> None:
    if "ticked" in result:
        read(tx, kit, incident, str(result["ticked"]), who_ticked(tx, incident, *result["by"]))
        for name, body in result["shown"].items():
            hold(tx, incident, name, body)
        again(tx, kit, incident)
        return
    for name, body in result["shown"].items():
        hold(tx, incident, name, body)
    for name in result["wanted"]:
        _tell(tx, kit, draw, incident, name, theirs=name in result["theirs"])
    if tx.incident_facts.begin(incident.id, WANTED) != result["wanted"]:
        again(tx, kit, incident)


def who_ticked(tx: Tx, incident: Incident, username: str, gitlab_id: int) -> Who:
    """Return who somebody in GitLab is, on both sides."""
    accounts = tx.accounts.of_gitlab(gitlab_id) if gitlab_id else []
    person = next((one.person for one in accounts if one.person.team == incident.team), None)
    return Who(username or SOMEBODY, person, username)


def _tell(tx: Tx, kit: Kit, draw: Drawing, incident: Incident, name: str, *, theirs: bool) -> None:
    """Say once in the room that a block is somebody's now, and how it becomes ours again."""
    if not theirs:
        tx.incident_facts.drop(incident.id, THEIRS + name)
    elif tx.incident_facts.claim(incident.id, THEIRS + name):
        said = (
            f"Somebody has changed the part “{name}” of the issue's description by hand, so I leave it as it is."
            " Delete that part there, with the hidden lines around it, and I write it anew."
        )
        cards.say(tx, kit, draw, incident, f"theirs.{name}.{kit.now()}", said)


def _refused(draw: Drawing, tx: Tx, kit: Kit, _errand: Errand, incident: Incident, error: BotError) -> None:
    if tx.incident_facts.claim(incident.id, "told.description"):
        said = f"Tasks and roles cannot be kept in the issue's description. {error.sentence}"
        cards.say(tx, kit, draw, incident, "told.description", said)
