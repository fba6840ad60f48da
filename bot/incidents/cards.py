"""Shows an incident in Slack: its card, the announcement that is its twin, and lines in its room."""

from __future__ import annotations

from dataclasses import replace

from bot.delivery import letters
from bot.edges.store import Tx
from bot.incident import Incident, State
from bot.incident_work import Errand
from bot.incidents import errands, states
from bot.incidents.drawing import Drawing, Shown
from bot.incidents.errands import Kind, NotYet, Result
from bot.kit import Kit
from bot.model import Message, Millis, Place

#: Facts: how often the card was posted anew, and the channel of an incident that lives in a thread of its card.
COPIES, ROOT = "card.copies", "card.root"
#: The errand that makes a room, and the fact of which channel was its room before.
CHANNEL, BEFORE = "slack.channel", "room.before"
#: The errands that say a line once there is a room for it, and that keep what stands above the room.
SAY, TOPIC, BOOKMARKS = "slack.say", "slack.topic", "slack.bookmarks"
#: Facts: what stands there as far as is known.
SHOWN_TOPIC, SHOWN_BOOKMARKS = "shown.topic", "shown.bookmarks"
#: The errand that shows those who follow how it is, and the fact that keeps what their messages showed last.
FOLLOWED, SHOWN_FOLLOWED = "slack.followed", "shown.followed"
#: Titles of the bookmarks.
ISSUE, REVIEW = "GitLab issue", "Review"


def card_id(tx: Tx, incident: Incident) -> str:
    """Return the id of the card in the room: another one each time it had to be posted anew."""
    copies = tx.incident_facts.get(incident.id, COPIES)
    return f"inc.{incident.id}.card" + (f".{copies}" if copies else "")


def twin_id(incident: Incident) -> str:
    """Return the id of the announcement."""
    return f"inc.{incident.id}.twin"


def origin_id(incident: Incident) -> str:
    """Return the id of the line where it was declared that tells the way to its room."""
    return f"inc.{incident.id}.origin"


def place_of(tx: Tx, incident: Incident) -> Place | None:
    """Return where the card is posted; None while there is no room for it. The room of a thread begins with it."""
    if incident.channel:
        return incident.room
    root = tx.incident_facts.get(incident.id, ROOT)
    return Place(root) if root else None


# Living cards -----------------------------------------------------------------------------------------------


def redraw(tx: Tx, kit: Kit, draw: Drawing, incident: Incident, *, urgent: bool = True) -> None:
    """
    Let the card and the announcement show an incident as its row has it now; nothing is shown where it has no room.

    What is not `urgent` is shown with the next edit. To be called in the transaction that changes it.
    """
    incident = tx.incidents.get(incident.id) or incident  # It may have got another room since it was read.
    now, place = kit.now(), place_of(tx, incident)
    shown = shown_of(tx, kit, incident)
    person = shown.incident.declarer.id
    if place is not None:
        message = draw.card(shown, now)
        letters.card_of(tx, card_id(tx, incident), place, message, now, person=person, urgent=urgent)
    _announce(tx, draw, shown, now, urgent=urgent)
    _tell_followers(tx, kit, shown.incident)
    follow(tx, kit, draw, shown.incident)


def follow(tx: Tx, kit: Kit, draw: Drawing, incident: Incident) -> None:
    """Want topic and bookmarks brought to what the incident is now, where they are known to be something else."""
    if not incident.channel or incident.thread:
        return
    wanted = (
        (TOPIC, SHOWN_TOPIC, topic(kit, draw, incident)),
        (BOOKMARKS, SHOWN_BOOKMARKS, errands.packed(**bookmarks_of(incident))),
    )
    for kind, fact, text in wanted:
        if tx.incident_facts.get(incident.id, fact) not in {None, text}:
            errands.write(tx, errands.new(kit, incident, kind, kind.partition(".")[2], 1), again=True)


def _tell_followers(tx: Tx, kit: Kit, incident: Incident) -> None:
    """Want the messages of those who follow drawn anew, if there are any and they show something else."""
    if tx.incident_facts.get(incident.id, SHOWN_FOLLOWED) not in {None, followed(incident)}:
        errands.write(tx, errands.new(kit, incident, FOLLOWED, "followed", 3), again=True)


def followed(incident: Incident) -> str:
    """Return what of an incident is news to those who follow it, besides updates."""
    return errands.packed(state=incident.state, severity=incident.severity, private=incident.private)


def topic(kit: Kit, draw: Drawing, incident: Incident) -> str:
    """Return what the topic of the room shall be, without secrets."""
    return draw.topic(replace(incident, title=kit.redact(incident.title)))


def bookmarks_of(incident: Incident) -> dict[str, str]:
    """Return the bookmarks its room shall have: address by title."""
    wanted = {ISSUE: incident.url, REVIEW: incident.review_url}
    return {title: link for title, link in wanted.items() if link}


def _announce(tx: Tx, draw: Drawing, shown: Shown, now: Millis, *, urgent: bool) -> None:
    """A private incident is announced nowhere; one that became private is told of no more."""
    incident = shown.incident
    if not incident.announced_in:
        return
    place, is_there = Place(incident.announced_in), tx.cards.get(twin_id(incident)) is not None
    if incident.private and not is_there:
        return
    message = draw.withdrawn() if incident.private else draw.twin(shown, now)
    letters.card_of(tx, twin_id(incident), place, message, now, person="", urgent=urgent)


def point(tx: Tx, kit: Kit, draw: Drawing, incident: Incident, place: Place) -> None:
    """Show everybody where it was declared the way to its room; it is edited only when that is another one."""
    shown = shown_of(tx, kit, incident)
    tx.cards.revive(origin_id(incident), kit.now())
    letters.card_of(tx, origin_id(incident), place, draw.signpost(shown.incident), kit.now(), person="")


def withdraw(tx: Tx, kit: Kit, draw: Drawing, key: str, why: str) -> None:
    """Show in place of a living message that its incident is private; one that was not posted yet never is."""
    card = tx.cards.get(key)
    if card is None:
        return
    if card.ts is None and card.state == "due" and not card.probe:
        tx.cards.dead(key, why)
    else:
        letters.card_of(tx, key, card.place, draw.withdrawn(), kit.now(), person=card.person)


def shown_of(tx: Tx, kit: Kit, incident: Incident) -> Shown:
    """Return all that a card shows of an incident, without the secrets that somebody has written into it."""
    clean = replace(
        incident, title=kit.redact(incident.title), summary=kit.redact(incident.summary),
        latest=kit.redact(incident.latest), trouble=kit.redact(incident.trouble),
    )  # fmt: skip
    tasks = [
        replace(one, text=kit.redact(one.text)) for one in tx.tasks.of(incident.id) if not one.is_follow_up
    ]
    suspects = [replace(one, title=kit.redact(one.title)) for one in tx.suspects.of(incident.id)]
    is_due = incident.state is State.RESOLVED and not incident.review_url
    needs_review = is_due and states.needs_review(incident, kit.config.incidents.review_severity)
    return Shown(
        clean,
        states.legal(incident),
        tx.holders.present(incident.id),
        tasks,
        suspects,
        needs_review=needs_review,
    )


def repost(tx: Tx, kit: Kit, draw: Drawing, incident: Incident) -> None:
    """Post the card anew, since it was deleted; the old one is not drawn any more."""
    forget(tx, incident)
    redraw(tx, kit, draw, incident)


def forget(tx: Tx, incident: Incident) -> None:
    """The card is lost: the next time it is drawn it is another message."""
    tx.cards.dead(card_id(tx, incident), "it is lost")
    begin_anew(tx, incident)


def begin_anew(tx: Tx, incident: Incident) -> None:
    """Let the card be another message from now on, and all above its room be looked at again."""
    copies = int(tx.incident_facts.get(incident.id, COPIES) or 0) + 1
    tx.incident_facts.put(incident.id, COPIES, str(copies))
    for fact in (SHOWN_TOPIC, SHOWN_BOOKMARKS):
        tx.incident_facts.drop(incident.id, fact)


# Lines in the room ------------------------------------------------------------------------------------------


def say(tx: Tx, kit: Kit, draw: Drawing, incident: Incident, key: str, message: Message | str) -> None:
    """
    Tell the room something, once for each `key`; while there is no room, or nothing can be said in it, later.

    A text is a sentence in plain text. Others read it: whoever is to know alone is answered instead.
    """
    message = draw.line(kit.redact(message)) if isinstance(message, str) else message
    incident = tx.incidents.get(incident.id) or incident  # As above.
    if incident.channel and not incident.muted:
        letters.say(tx, _letter(incident, key), message, incident.room, kit.now())
        return
    body = errands.packed(key=key, message=letters.dump(message))
    errands.write(tx, errands.new(kit, incident, SAY, f"say.{key}", 3, payload=body))


def _letter(incident: Incident, key: str) -> str:
    return f"inc.{incident.id}.{key}"


def _may_say(_kit: Kit, _errand: Errand, incident: Incident) -> Result:
    if not incident.channel or incident.muted:
        raise NotYet("There is no room yet in which that can be said.")
    return {}


def _said(tx: Tx, kit: Kit, errand: Errand, incident: Incident, _result: Result) -> None:
    about = errands.payload(errand)
    letter, message = _letter(incident, str(about["key"])), letters.load(str(about["message"]))
    letters.say(tx, letter, message, incident.room, kit.now())


#: How a line is said that had to wait: nothing is done but to look whether it may be said.
SAYING = Kind(_may_say, _may_say, _said)
