"""Compares what an incident should have with what is there, on both sides, and brings back what is missing."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial

from bot.deeds import Mark, Step
from bot.edges.slack_rooms import Room
from bot.edges.store import Tx
from bot.errors import BotError, SlackError
from bot.incident import Incident
from bot.incidents import cards, life, states
from bot.incidents.acting import Actor
from bot.incidents.held import holding
from bot.incidents.room import founding, heading, issuing, rooms
from bot.incidents.room.rooms import Drawing
from bot.jobs.doctor import SCOPES
from bot.kit import Kit
from bot.text import plural
from bot.tracker import INCIDENT, Issue

#: Slack's code for a channel that is gone, or that we do not see.
GONE = "channel_not_found"
#: The purpose of a scope that incidents need says so.
OF_INCIDENTS = "incident"
Mend = Callable[[Tx], object]


@dataclass(frozen=True, slots=True)
class Case:
    """An incident that is looked at, and who asked."""

    kit: Kit
    draw: Drawing
    who: Actor
    incident: Incident

    def mended(self, name: str, said: str, mend: Mend) -> Step:
        """Say what was wrong, and want it brought back."""
        with self.kit.store.write() as tx:
            mend(tx)
        return Step(name, Mark.WARN, said)


def look(kit: Kit, draw: Drawing, who: Actor, incident: Incident) -> list[Step]:
    """Return how everything is, one step each; what can be mended is under way when this returns."""
    case = Case(kit, draw, who, incident)
    found: list[Step] = []
    for name, act in _LOOKS:
        try:
            found += act(case)
        except BotError as error:
            found.append(Step(name, Mark.WARN, f"I could not look: {error.sentence}"))
    kit.deliver()
    return found


# In Slack ---------------------------------------------------------------------------------------------------


def _room(case: Case) -> Iterator[Step]:
    """The channel, and all that stands above it; of a thread there is only the card."""
    kit, incident = case.kit, case.incident
    if not incident.channel:
        yield case.mended("room", "It has no room; I am making one.", lambda tx: _room_anew(tx, case))
        return
    try:
        room = kit.slack.room(incident.channel)
    except SlackError as error:
        if error.code != GONE:
            raise
        yield Step("room", Mark.WARN, f"I do not see its channel #{incident.channel_name}: it is gone, or I was removed"
                   " from it. Invite me there with /invite.")  # fmt: skip
        return
    yield _how_it_is(case, room)
    if room.is_member and not room.is_archived:
        yield from _above(case, room)


def _room_anew(tx: Tx, case: Case) -> None:
    """Try again what was given up."""
    tx.incidents.note(case.incident.id, trouble="")
    founding.want_channel(tx, case.kit, case.incident)


def _how_it_is(case: Case, room: Room) -> Step:
    if room.is_archived and case.incident.is_open:
        said = f"#{room.name} is archived though the incident is open; I am opening it."
        return case.mended("room", said, lambda tx: rooms.want_open(tx, case.kit, case.incident))
    if not room.is_member:
        return Step("room", Mark.WARN, f"I am not in #{room.name}. Invite me there with /invite.")
    if case.incident.private and not room.is_private and not case.incident.thread:
        return Step(
            "room",
            Mark.STOP,
            f"#{room.name} is public though the incident is private. Make it private in Slack.",
        )
    return Step("room", Mark.FINE, f"#{room.name} is there, and I am in it.")


def _above(case: Case, room: Room) -> Iterator[Step]:
    kit, incident = case.kit, case.incident
    yield _card(case)
    if incident.thread:
        return
    wanted = cards.topic(kit, case.draw, incident)
    yield _level(case, heading.TOPIC, heading.is_same(room.topic, wanted), "The topic")
    with kit.store.read() as tx:
        card = tx.cards.get(cards.card_id(tx, incident))
    yield _level(
        case, heading.PIN, card is not None and card.ts in kit.slack.pins(room.id), "The pin of its card"
    )
    there = {one.title: one.link for one in kit.slack.bookmarks(room.id)}
    has_all = cards.bookmarks_of(incident).items() <= there.items()
    yield _level(case, heading.BOOKMARKS, has_all, "The bookmarks")


def _level(case: Case, kind: str, is_fine: bool, name: str) -> Step:
    """Return whether one of the things above a room is as it should be; if not it is brought back."""
    word, many = kind.partition(".")[2], name.endswith("s")
    if is_fine:
        return Step(word, Mark.FINE, f"{name} {'are as they' if many else 'is as it'} should be.")
    said = f"{name} {'were not as they' if many else 'was not as it'} should be; I am putting that right."
    return case.mended(word, said, lambda tx: heading.want_one(tx, case.kit, case.incident, kind))


def _card(case: Case) -> Step:
    kit, incident = case.kit, case.incident
    with kit.store.read() as tx:
        card = tx.cards.get(cards.card_id(tx, incident))
    if card is not None and card.ts is None:
        return Step("card", Mark.WARN, "Its card is on its way.")
    if card is not None and card.state != "dead" and _is_there(kit, card.place.channel, str(card.ts)):
        return Step("card", Mark.FINE, "Its card is there.")
    return case.mended("card", "Its card was lost; I am posting it again.", lambda tx: _card_anew(tx, case))


def _twin(case: Case) -> Iterator[Step]:
    """The announcement, where there is one."""
    with case.kit.store.read() as tx:
        twin = tx.cards.get(cards.twin_id(case.incident))
    if twin is None:
        return
    if twin.state == "dead":
        yield Step(
            "announcement", Mark.WARN, f"It could not be shown: {twin.why}. Invite me there with /invite."
        )
    else:
        yield Step("announcement", Mark.FINE, "It is announced.")


def _is_there(kit: Kit, channel: str, ts: str) -> bool:
    page = kit.slack.asked(
        "conversations_history", channel=channel, latest=ts, oldest=ts, inclusive=True, limit=1
    )
    return any(one.get("ts") == ts for one in page.get("messages") or ())


def _card_anew(tx: Tx, case: Case) -> None:
    cards.repost(tx, case.kit, case.draw, case.incident)
    heading.want(tx, case.kit, case.incident)


# In GitLab --------------------------------------------------------------------------------------------------


def _issue(case: Case) -> Iterator[Step]:
    incident = case.incident
    if not incident.iid:
        yield case.mended(
            "issue",
            "GitLab has no issue of it; I am asking for one.",
            lambda tx: issuing.want(tx, case.kit, incident),
        )
        return
    issue = case.who.gitlab.issue(incident.project_id, incident.iid)
    yield Step("issue", Mark.FINE, f"{incident.reference} is there{_kind(issue)}.")
    wrong = list(_differs(case, issue))
    if not wrong:
        yield Step("labels", Mark.FINE, "Title, labels, state and who may see it are as here.")
    for about, said in wrong:
        yield _brought(case, issue, about, said)
    facts = case.who.gitlab.incident_facts(incident.project, [incident.iid]).get(incident.iid)
    if facts is not None and facts.severity != holding.severity_name(incident):
        said = f"GitLab has severity {facts.severity}; I am writing {holding.severity_name(incident)} there."
        yield case.mended("severity", said, partial(_wanted, case, "severity"))


def _brought(case: Case, issue: Issue, about: str, said: str) -> Step:
    """Bring GitLab to what is here, as who asked; what people did there meanwhile is followed instead."""
    opens = about == "private" and issue.confidential
    if opens or (about == "state" and _is_news(case, issue)):
        return Step(about, Mark.WARN, f"{said} I follow that with my next look at GitLab.")
    return case.mended(about, f"{said} I am writing there what it is here.", partial(_wanted, case, about))


def _wanted(case: Case, about: str, tx: Tx) -> None:
    life.want(tx, case.kit, case.incident, about, person=case.who.person)


def _is_news(case: Case, issue: Issue) -> bool:
    """Tell whether somebody has closed an issue, or opened it, since it was looked at last."""
    with case.kit.store.read() as tx:
        seen = tx.incident_facts.get(case.incident.id, f"{holding.SEEN}state")
    return seen not in {None, issue.state}


def _kind(issue: Issue) -> str:
    return "" if issue.kind == INCIDENT else ", as an ordinary issue: this GitLab makes no incidents for us"


def _differs(case: Case, issue: Issue) -> Iterator[tuple[str, str]]:
    """What an issue holds that is otherwise here: the errand that mends it, and a sentence."""
    incident, settings = case.incident, case.kit.config.incidents
    if states.label(settings.label_prefix, incident.state) not in issue.labels:
        yield "state", "The label of its state is missing."
    elif issue.is_open is not states.wants_open(incident, settings.review_severity):
        yield "state", f"The issue is {issue.state}."
    if issue.title not in {incident.title, holding.title(incident)}:
        yield "title", "The issue has another title."
    if issue.confidential is not incident.private:
        yield (
            "private",
            "The issue is confidential." if issue.confidential else "The issue is not confidential.",
        )


# What waits, and what is lacking ----------------------------------------------------------------------------


def _work(case: Case) -> Iterator[Step]:
    with case.kit.store.read() as tx:
        waiting = [tx.errands.waiting(case.incident.id, target) for target in ("slack", "gitlab")]
        lacking = heading.lacking(tx, case.incident)
    if any(waiting):
        yield Step("waiting", Mark.WARN, f"{plural(waiting[0], 'thing waits', 'things wait')} to be done in Slack,"
                   f" {waiting[1]} in GitLab.")  # fmt: skip
    else:
        yield Step("waiting", Mark.FINE, "Nothing waits to be done.")
    for name, why in lacking.items():
        yield Step(name, Mark.WARN, why or "It cannot be had here.")


def _scopes(case: Case) -> Iterator[Step]:
    has = case.kit.slack.whoami().scopes
    needed = [scope for scope, purpose in SCOPES.items() if OF_INCIDENTS in purpose]
    missing = [scope for scope in needed if has and scope not in has]
    if missing:
        said = f"My token lacks {', '.join(missing)}. Add them to the Slack app and install it again."
        yield Step("scopes", Mark.WARN, said)
    else:
        yield Step("scopes", Mark.FINE, "I have every scope that incidents need.")


_LOOKS: tuple[tuple[str, Callable[[Case], Iterator[Step]]], ...] = (
    ("room", _room), ("announcement", _twin), ("issue", _issue), ("waiting", _work), ("scopes", _scopes),
)  # fmt: skip
