"""Words on an incident: said in Slack or in GitLab, told to whoever wants to hear, and what sets the clock anew."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, Protocol

from bot import markdown
from bot.delivery import letters
from bot.edges.store import Tx
from bot.errors import Refused
from bot.incident import CURATED, FULL_INTERNAL, GITLAB, SLACK, Event, Incident, Who
from bot.incident_work import Due, Errand
from bot.incidents import acting, cards, errands, hiding, life, states
from bot.incidents.crew import descriptions, followers, notes, nudged
from bot.incidents.crew.update import Update
from bot.incidents.drawing import Drawing
from bot.incidents.errands import Kind, Result
from bot.incidents.outward.writers import PLANNER
from bot.issues.acting import By
from bot.kit import Kit
from bot.model import Message, Millis, Place
from bot.text import one_line
from bot.tracker import Comment

UPDATE = life.UPDATE
#: The errand that shows in Slack what follows from an update: followers' messages, and the nudge it answers.
AFTER = "slack.updated"
#: Facts: which updates were said to members alone, by the ids of their events.
FOR_MEMBERS = "for_members."
#: How a note in GitLab begins that is an update, whoever writes it.
PREFIX = "update:"
TEXT_KEPT = 1_000
#: Begins the source of an update that is a note in GitLab; its number follows.
OF_NOTE = "gitlab:note:"
#: What is said of a note that not everybody in the room may read.
INTERNAL = "There is an update in an internal note in GitLab."
CONFIDENTIAL = "There is an update below the issue in GitLab, which is confidential."
MOST_TRIES = 5


class Showing(followers.Showing, nudged.Showing, Protocol):
    """How updates look; handed in, since the rules do not know `blocks`."""

    def update(self, incident: Incident, name: str, said: Update, now: Millis) -> Message: ...


@dataclass(frozen=True, slots=True)
class Desk:
    """What every step of it needs."""

    kit: Kit
    draw: Drawing
    showing: Showing


def wait_of(kit: Kit, incident: Incident) -> Millis | None:
    """Return how long after a word on it the next is due; None while it does not burn."""
    settings = kit.config.incidents
    return states.update_after(incident, settings.update_minutes, settings.monitoring_minutes)


# Said in Slack ----------------------------------------------------------------------------------------------


def post(tx: Tx, desk: Desk, incident: Incident, by: By, said: Update) -> Incident:
    """Say an update, once for each request: in the room, in the issue, and to whoever shall hear it."""
    kit, source = desk.kit, f"slack:{by.key}:update"
    if tx.incident_events.of_source(incident.id, source) is not None:
        return incident
    said = _kept(kit, said)
    if not said.text:
        raise Refused("An update has to say something: `/incident update <text>`.")
    after = _set(tx, kit, incident, said.whole, kit.now(), said.wait, impact=said.impact)
    internal = _is_hidden(after, said)
    event = life.record(
        tx, kit, after, UPDATE, acting.who(by), f"{by.name}: {said.whole}", source=source, origin=SLACK,
        shown=said.is_news and not internal,
    )  # fmt: skip
    acting.note(tx, kit, by, after, UPDATE, said.whole)
    message = desk.showing.update(after, by.name, said, kit.now())
    cards.say(tx, kit, desk.draw, after, source, message)
    if event is not None and said.is_news:
        body = written(by.name, said)
        notes.want(tx, kit, after, f"update.{event.id}", body, internal=internal, person=by.person)
        if internal:
            tx.incident_facts.put(after.id, f"{FOR_MEMBERS}{event.id}", "")
    if said.announce and after.announced_in and not after.private:
        twin, place = cards.twin_id(after), Place(after.announced_in)
        letters.under(tx, f"{twin}.{source}", twin, place, message, kit.now())
    _follow(tx, kit, after, told=said.followers)
    cards.redraw(tx, kit, desk.draw, after)
    return after


def _kept(kit: Kit, said: Update) -> Update:
    text, impact, step = (
        one_line(kit.redact(one), TEXT_KEPT) for one in (said.text, said.impact, said.next_step)
    )
    return replace(said, text=text, impact=impact, next_step=step)


def note_of(event: Event) -> int:
    """Return the number of the note in GitLab that an update is; 0 for one that is none."""
    number = event.source.removeprefix(OF_NOTE)
    return int(number) if event.source.startswith(OF_NOTE) and number.isdecimal() else 0


def _is_hidden(incident: Incident, said: Update) -> bool:
    """Tell whether an update is for members alone: if somebody said so, else by the policy of the discussion."""
    if incident.private:
        return True
    return incident.policy == FULL_INTERNAL if said.public is None else not said.public


def is_public(incident: Incident) -> bool:
    """Tell whether updates of an incident are for everybody who can read the issue, unless somebody says otherwise."""
    return not incident.private and incident.policy in {CURATED, "full"}


def written(name: str, said: Update) -> str:
    """Return an update as Markdown in which nothing acts."""
    rows = ("", said.text), ("**Impact now:** ", said.impact), ("**Next step:** ", said.next_step)
    body = [f"{title}{descriptions.plain(text)}" for title, text in rows if text]
    return "\n\n".join([f"**Update** by {descriptions.plain(name)} in Slack", *body])


# Said in GitLab ---------------------------------------------------------------------------------------------


def that_count(kit: Kit, incident: Incident, notes: Sequence[Comment]) -> list[Comment]:
    """
    Return notes that may be updates, oldest first: those that say they are one only of people who have a say.

    These are connected here, or are at least a Planner in the project: anybody on the network may comment on a public
    issue. GitLab is asked, so never within a transaction. Raises GitLabError if it does not answer.
    """
    marked = {note.id: note.author_id for note in notes if _is_marked(note)}
    with kit.store.read() as tx:
        others = {author for author in marked.values() if not tx.accounts.of_gitlab(author)}
    strangers = {one for one in others if kit.gitlab.role(incident.project_id, one) < PLANNER}
    return sorted(
        (note for note in notes if marked.get(note.id) not in strangers),
        key=lambda one: (one.created_at, one.id),
    )


def _is_marked(note: Comment) -> bool:
    return note.body.strip().casefold().startswith(PREFIX)


def from_note(tx: Tx, kit: Kit, draw: Drawing, incident: Incident, note: Comment, *, is_open: bool) -> bool:
    """
    Let a note in GitLab count as an update if it is one; False, and nothing is changed, if it is not.

    It is if the commander wrote it, or if it begins with `Update:`; what we wrote ourselves is not. `is_open` tells
    whether people read along in the room of a private incident who may not see its issue.
    """
    if note.system or f"i={incident.id} " in f"{markdown.mark_of(note.body) or ''} ":
        return False
    text, commander = note.body.strip(), tx.accounts.get(incident.commander) if incident.commander else None
    is_marked = _is_marked(note)
    if not is_marked and (commander is None or commander.gitlab_id != note.author_id):
        return False
    people = tx.accounts.of_gitlab(note.author_id)
    person = next((one.person for one in people if one.person.team == incident.team), None)
    words = text[len(PREFIX) :] if is_marked else text
    who = Who(note.name or note.author, person, note.author)
    is_hidden = is_open if incident.private else note.internal
    said = (INTERNAL if note.internal else CONFIDENTIAL) if is_hidden else words
    return satisfied(tx, kit, draw, incident, who, said, note.created_at, f"{OF_NOTE}{note.id}")


def satisfied(  # noqa: PLR0913, PLR0917 -- who said what when, and what makes it itself
    tx: Tx, kit: Kit, draw: Drawing, incident: Incident, who: Who, text: str, at: Millis, source: str
) -> bool:
    """
    Let something that was said in GitLab count as an update, once for each `source`: nobody is nudged for one.

    False, and nothing is changed, if it is older than the latest word, or if the incident does not burn.
    """
    now = tx.incidents.get(incident.id) or incident
    if not now.is_burning or at <= (now.latest_at or 0):
        return False
    if tx.incident_events.of_source(now.id, source) is not None:
        return False
    wait = wait_of(kit, now)
    left = None if wait is None or at + wait <= kit.now() else at + wait - kit.now()
    words = one_line(kit.redact(text), TEXT_KEPT)
    after = _set(tx, kit, now, words, at, left)
    life.record(
        tx, kit, after, UPDATE, who, f"{who.name}: {words}", source=source, at=at, origin=GITLAB, shown=False
    )
    _follow(tx, kit, after, told=True)
    cards.redraw(tx, kit, draw, after)
    return True


# What follows -----------------------------------------------------------------------------------------------


def _set(
    tx: Tx, kit: Kit, incident: Incident, words: str, at: Millis, wait: Millis | None, *, impact: str = ""
) -> Incident:
    """Let something be the latest word, and set the clock for the next one."""
    return changed(
        tx, incident,
        lambda now: {"latest": words, "latest_at": at, "latest_link": "", **({"impact": impact} if impact else {})}
        | _next(kit, now, wait),
    )  # fmt: skip


def _next(kit: Kit, incident: Incident, wait: Millis | None) -> dict[str, Any]:
    usual = wait_of(kit, incident)
    return {"next_update": None if usual is None else kit.now() + (usual if wait is None else wait)}


def changed(tx: Tx, incident: Incident, columns: Callable[[Incident], Mapping[str, Any]]) -> Incident:
    """Change what an update changes, by the columns that are right for an incident as it is, and set the clock."""
    for _ in range(MOST_TRIES):
        now = tx.incidents.get(incident.id) or incident
        if tx.incidents.alter(now, **columns(now)):
            after = tx.incidents.get(incident.id) or now
            clock(tx, after)
            return after
    raise Refused("Several people are changing it at this moment. Ask for it again.")


def clock(tx: Tx, incident: Incident) -> None:
    """Set the clock to when the next update is due; off while none is."""
    if incident.next_update is None:
        tx.dues.off(incident.id, UPDATE)
        return
    known = tx.dues.of(incident.id, UPDATE) or Due(incident.id, UPDATE, 0, about="{}")
    tx.dues.arm(replace(known, due_at=incident.next_update, state="armed", stage=0))


def _follow(tx: Tx, kit: Kit, incident: Incident, *, told: bool) -> None:
    """Want shown in Slack what follows."""
    if told:
        followers.stale(tx, incident)
    errands.write(tx, errands.new(kit, incident, AFTER, "updated", 2), again=True)


def kinds(draw: Drawing, showing: Showing) -> Mapping[str, Kind]:
    """Return how it is shown: drawn from the rows, whatever wanted it."""
    return {
        AFTER: Kind(_nothing, _nothing, partial(_shown, draw, showing)),
        hiding.FOLLOWERS: Kind(_nothing, _nothing, partial(_taken_back, draw, showing)),
        **followers.kinds(draw, showing),
    }


def _nothing(_kit: Kit, _errand: Errand, _incident: Incident) -> Result:
    return {}


def _shown(
    draw: Drawing, showing: Showing, tx: Tx, kit: Kit, _errand: Errand, incident: Incident, _result: Result
) -> None:
    nudged.close(tx, kit, showing, incident, nudged.answer(tx, incident))
    followers.redraw(tx, kit, draw, showing, incident)


def _taken_back(
    draw: Drawing, showing: Showing, tx: Tx, kit: Kit, _errand: Errand, incident: Incident, _result: Result
) -> None:
    followers.redraw(tx, kit, draw, showing, incident)
