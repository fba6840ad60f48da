"""Marks on the messages of a room: what people mean by their emoji, and that it is taken back with the last of them.

Slack tells of marks in any order and more than once. So each person's mark is kept by itself (mark_facts.py), and an
errand brings about what all of them together mean by then.
"""

from __future__ import annotations

from dataclasses import asdict, replace
from functools import partial

from bot.access import people
from bot.command import Heard
from bot.edges.store import Tx
from bot.errors import SlackBusy, SlackError, SlackUnreachable
from bot.incident import Event, Incident, Who
from bot.incident_work import Errand
from bot.incidents import errands
from bot.incidents.chart import echoes, mark_facts, mark_tasks, marked, timeline
from bot.incidents.chart.lines import TIMELINE, is_by_hand
from bot.incidents.chart.mark_facts import (
    DONE,
    INTERNAL,
    NEVER,
    OF_TIMELINE,
    OFF,
    ON,
    TASK,
    UNDONE,
    VOID,
    Hand,
    Mark,
)
from bot.incidents.chart.marked import Marked
from bot.incidents.errands import Kind, Result
from bot.incidents.outward import outwards
from bot.kit import Kit
from bot.model import Millis, Person
from bot.text import one_line

#: The errand that brings about what a message is marked as. It reads Slack, and nothing else.
ERRAND = "slack.mark"
PRIORITY = 2
#: After so long Slack answers with what it has told of (reads may come from elsewhere than writes go to).
SETTLED_MS: Millis = 30_000
#: Kinds that bring the message itself to GitLab, where nothing has brought it to the same readers (incidents.md 2.3).
COPIED = frozenset({INTERNAL, TIMELINE})
#: Between the name of an emoji and the colour of its skin (slack-platform.md 2.4).
SKIN = "::"


# What is heard ----------------------------------------------------------------------------------------------


def reacted(kit: Kit, incident: Incident, heard: Heard) -> bool:
    """Take in an emoji that somebody put on a message; False if it is no mark, or known."""
    return _hear(kit, incident, heard, ON)


def unreacted(kit: Kit, incident: Incident, heard: Heard) -> bool:
    """Take in an emoji that somebody took away; False if it is no mark, or known."""
    return _hear(kit, incident, heard, OFF)


def _hear(kit: Kit, incident: Incident, heard: Heard, state: str) -> bool:
    kind = kit.config.incidents.emoji().get(heard.text.partition(SKIN)[0])
    if kind is None or not heard.person:
        return False
    mark, hand = Mark(heard.channel, heard.ts, kind), Hand(Person(heard.team, heard.person), heard.at, state)
    with kit.store.write() as tx:
        if not mark_facts.note(tx, incident, mark, hand):
            return False
        want(tx, kit, incident, mark)
    return True


def edited(kit: Kit, draw: echoes.Drawing, incident: Incident, heard: Heard) -> bool:
    """
    Let the events of a message say what it says now; False if nothing changes.

    What somebody has put into other words by hand stays.
    """
    if heard.before == heard.text:
        return False  # A preview of a link.
    with kit.store.read() as tx:
        events = [one for one in _events(tx, incident, heard) if not is_by_hand(one)]
    if not events:
        return False
    words = marked.plain(kit, heard.channel, heard.text)
    said = Marked(words, 0, "", "", heard.person, marked.name_of(kit, heard.person) if heard.person else "")
    with kit.store.write() as tx:
        followed = [_follow(tx, kit, draw, incident, one, said) for one in events]
    return any(followed)


def _events(tx: Tx, incident: Incident, heard: Heard) -> list[Event]:
    """Return the events that marks on a message have brought about."""
    found = tx.incident_events.of_message(heard.channel, heard.ts)
    return [one for one in found if one.incident == incident.id and mark_facts.of_event(one) is not None]


def _follow(tx: Tx, kit: Kit, draw: echoes.Drawing, incident: Incident, event: Event, said: Marked) -> bool:
    text = text_of(said, event.who.person)
    if not text or kit.redact(text) == event.text:
        return False
    new = timeline.correct(tx, kit, incident, event, event.who, text, at=event.at, tag=event.tag)
    if new is not None:
        echoes.show(tx, kit, draw, incident, new)
    return new is not None


def deleted(kit: Kit, incident: Incident, heard: Heard) -> bool:
    """Take back what a message was marked as that is not there any more; False if it was marked as nothing."""
    with kit.store.write() as tx:
        marks = mark_facts.of_message(tx, incident, heard.channel, heard.ts)
        for mark in marks:
            for hand in mark_facts.hands(tx, incident, mark):
                mark_facts.note(tx, incident, mark, replace(hand, at=heard.at, state=OFF))
            want(tx, kit, incident, mark)
    return bool(marks)


def want(tx: Tx, kit: Kit, incident: Incident, mark: Mark) -> None:
    """Have what a message is marked as brought about, as it is by then."""
    body = errands.packed(**asdict(mark))
    errand = errands.new(kit, incident, ERRAND, f"{mark.facts}bring", PRIORITY, payload=body)
    errands.write(tx, errand, again=True)


def undo(tx: Tx, incident: Incident, mark: Mark) -> None:
    """Let the marks of a message count no more, though they are there; who marks it from now on counts."""
    for hand in mark_facts.on(tx, incident, mark):
        mark_facts.put(tx, incident, mark, replace(hand, state=UNDONE))
    tx.incident_facts.drop(incident.id, mark.made)


# What is brought about --------------------------------------------------------------------------------------


def kind(draw: echoes.Drawing) -> Kind:
    """Return how what a message is marked as is brought about."""
    return Kind(_look, _look, partial(_settled, draw))


def _look(kit: Kit, errand: Errand, incident: Incident) -> Result:
    """Look who has marked a message and, if nothing has come of it yet, what it says."""
    mark = Mark(**errands.payload(errand))
    with kit.store.read() as tx:
        before = mark_facts.hands(tx, incident, mark)
        made = tx.incident_facts.get(incident.id, mark.made)
    now = {one.person: _known(kit, one) for one in _as_they_are(kit, incident, mark, before)}
    counts = any(one.state == ON for one in now.values())
    said = marked.read(kit, incident, mark.channel, mark.ts) if counts and made is None else None
    seen = {one.person: one for one in before}
    return {"mark": mark, "before": seen, "people": now, "said": said}


def _as_they_are(kit: Kit, incident: Incident, mark: Mark, before: list[Hand]) -> list[Hand]:
    """
    Return the marks of a message as Slack has them now, so that nothing is missed which nobody told us of.

    What is heard later is newer all the same: none of the moments changes. Where Slack does not say, what was heard
    counts.
    """
    try:
        found = kit.slack.reactions(mark.channel, mark.ts)
    except SlackError as error:
        if error.code != marked.NOT_THERE:
            return before
        found = {}
    emoji, ours = kit.config.incidents.emoji(), kit.people.us().user
    named = {
        user
        for name, users in found.items()
        if emoji.get(name.partition(SKIN)[0]) == mark.kind
        for user in users
    }
    known = {one.person.id for one in before}
    unheard = [Hand(Person(incident.team, user), NEVER, ON) for user in sorted(named - known - {ours})]
    return [*(_turned(kit, one, is_there=one.person.id in named) for one in before), *unheard]


def _turned(kit: Kit, hand: Hand, *, is_there: bool) -> Hand:
    """Return a mark as Slack has it now; what was heard a moment ago may be newer than what Slack says."""
    if kit.now() - hand.moment < SETTLED_MS:
        return hand
    if not is_there:
        return replace(hand, state=OFF)
    return replace(hand, state=ON, name="") if hand.state == OFF else hand


def _known(kit: Kit, hand: Hand) -> Hand:
    """Return somebody's mark with their name; that of a bot, a guest or another company's counts for nothing."""
    if hand.name or hand.state != ON:
        return hand
    try:
        about = kit.people.about(hand.person.id)
    except (SlackBusy, SlackUnreachable):
        raise
    except SlackError:
        return replace(hand, name=hand.person.id, state=VOID)
    counts = not about.is_bot and people.is_let_in(kit.config.policy, about)
    return replace(hand, name=about.name, state=ON if counts else VOID)


def _settled(
    draw: echoes.Drawing, tx: Tx, kit: Kit, _errand: Errand, incident: Incident, result: Result
) -> None:
    """Bring about what is marked now, which may be more or less than when it was looked at."""
    mark: Mark = result["mark"]
    _keep(tx, incident, mark, result)
    on = mark_facts.on(tx, incident, mark)
    known = [one for one in on if one.name]
    made, said = tx.incident_facts.get(incident.id, mark.made), result["said"]
    if len(known) < len(on) or (known and made is None and said is None):
        want(tx, kit, incident, mark)  # Somebody has marked it meanwhile.
    if known and made is None and said is not None:
        tx.incident_facts.put(incident.id, mark.made, "")
        _make(draw, tx, kit, incident, (mark, said, known[0]))
    elif made is not None and not on:
        tx.incident_facts.drop(incident.id, mark.made)
        unmake(draw, tx, kit, incident, mark)
    _recount(tx, kit, draw, incident, mark)


def _keep(tx: Tx, incident: Incident, mark: Mark, result: Result) -> None:
    """Keep the marks as they were looked at, but for those of whom something was heard meanwhile."""
    now = {one.person: one for one in mark_facts.hands(tx, incident, mark)}
    for person, hand in result["people"].items():
        if now.get(person) == result["before"].get(person) and hand != now.get(person):
            mark_facts.put(tx, incident, mark, hand)


def _make(
    draw: echoes.Drawing, tx: Tx, kit: Kit, incident: Incident, what: tuple[Mark, Marked, Hand]
) -> None:
    mark, said, first = what
    who = Who(first.name, first.person)
    if mark.kind in OF_TIMELINE:
        _put(draw, tx, kit, incident, what)
    elif mark.kind == TASK:
        mark_tasks.marked(tx, kit, incident, who, mark, said.words)
    elif mark.kind == DONE:
        mark_tasks.done(tx, kit, incident, who, mark)
    if mark.kind in COPIED and said.message is not None:
        outwards.promote(tx, kit, incident, said.message, internal=mark.kind == INTERNAL, by=who)


def _put(draw: echoes.Drawing, tx: Tx, kit: Kit, incident: Incident, what: tuple[Mark, Marked, Hand]) -> None:
    mark, said, first = what
    text = text_of(said, first.person)
    earlier = tx.incident_events.begin(incident.id, mark.source)
    event = timeline.add(
        tx, kit, incident, Who(first.name, first.person), text or "something was said", at=said.at, kind=mark.kind,
        source=f"{mark.source}{len(earlier) + 1}", channel=mark.channel, ts=mark.ts, link=said.link,
    )  # fmt: skip
    if event is not None:
        echoes.show(tx, kit, draw, incident, event, echoes.place_of(incident, said.thread))


def text_of(said: Marked, by: Person | None) -> str:
    """Return a message as one sentence, with who said it if that is not who marked it."""
    words = one_line(said.words, timeline.TEXT_KEPT)
    mine = by is not None and said.author == by.id
    return f"{said.name}: {words}" if said.name and words and not mine else words


def unmake(draw: echoes.Drawing, tx: Tx, kit: Kit, incident: Incident, mark: Mark) -> None:
    """Take back all that a mark has brought about."""
    for event in tx.incident_events.of_message(mark.channel, mark.ts):
        if event.incident == incident.id and mark_facts.of_event(event) == mark:
            timeline.take_back(tx, kit, incident, event, event.who.person)
            echoes.strike(tx, kit, draw, incident, event)
    if mark.kind == TASK:
        mark_tasks.unmarked(tx, kit, incident, mark)
    elif mark.kind == DONE:
        mark_tasks.undone(tx, kit, incident, mark)
    withdraw(tx, kit, incident, mark)


def withdraw(tx: Tx, kit: Kit, incident: Incident, mark: Mark) -> None:
    """Take back the copy in GitLab that a mark has brought about."""
    if mark.kind not in COPIED:
        return
    copy = outwards.known(tx, mark.channel, mark.ts, internal=mark.kind == INTERNAL)
    if copy is not None:
        outwards.withdraw(tx, kit, incident, copy)


def _recount(tx: Tx, kit: Kit, draw: echoes.Drawing, incident: Incident, mark: Mark) -> None:
    """Let the line of an event say how many have seconded it."""
    for event in tx.incident_events.of_message(mark.channel, mark.ts):
        if event.incident == incident.id and mark_facts.of_event(event) == mark:
            echoes.show(tx, kit, draw, incident, event)
