"""Asks for the review of an incident, writes it as who asked, and publishes it once nothing is missing."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Protocol

from bot.delivery import letters
from bot.edges.store import Tx
from bot.errors import BotError, Refused
from bot.incident import SLACK, Change, Incident, State, Who
from bot.incident_work import Errand
from bot.incidents import acting, cards, errands, gates, life, states
from bot.incidents.acting import Actor
from bot.incidents.drawing import Drawing
from bot.incidents.errands import Kind, NotYet, Result
from bot.incidents.hiding import ASKED
from bot.incidents.hindsight import review_writing
from bot.incidents.told import Outcome
from bot.kit import Kit
from bot.model import Message, Person, Place

#: The errand that writes it: one at a time for each incident, so that there is one review.
WRITE = "gitlab.review"
#: The fact of who wants it published.
PUBLISH = "review.publish"
DRAFT, REFRESH, PUBLISHING = "draft", "refresh", "publish"
_WORDS = {"summary": "a summary", "impact": "what the impact was"}


class Look(Protocol):
    """How what is told of a review looks."""

    def untouched(self, incident: Incident, outcome: Outcome) -> Message: ...

    def missing(self, incident: Incident, items: Sequence[str]) -> Message: ...


def ask(kit: Kit, who: Actor, incident: Incident, act: str) -> None:
    """
    Have the review written, or brought to what is known by now; with `publish` have it published after that.

    Raises Refused for one that cannot be published yet.
    """
    acting.climb(
        kit, who, incident.project, f"review {act} inc {incident.number}", project_id=incident.project_id
    )
    if act == PUBLISHING:
        _check(kit, incident)
    with kit.store.write() as tx:
        _count(tx, incident)
        if act == PUBLISHING:
            place = who.by.place
            wish = errands.packed(
                team=who.person.team, id=who.person.id, name=who.by.name, key=who.by.key, channel=place.channel,
                thread=place.thread,
            )  # fmt: skip
            tx.incident_facts.put(incident.id, PUBLISH, wish)
        errands.write(tx, _errand(kit, incident, acting.who(who.by)), again=True)
        acting.note(tx, kit, who.by, incident, f"review {act}")


def _errand(kit: Kit, incident: Incident, who: Who) -> Errand:
    return errands.new(
        kit, incident, WRITE, "review", 2, person=who.person, payload=errands.packed(name=who.name)
    )


def _check(kit: Kit, incident: Incident) -> None:
    """Raise Refused with what is known to be missing before GitLab is asked anything."""
    if State.CLOSED not in states.legal(incident):
        raise Refused(f"It is {states.named(incident.state)}. {_instead(incident)}")
    lacks = gates.missing(incident, kit.config.incidents.review_severity)
    if lacks:
        raise Refused(f"Before it is published, say {' and '.join(lacks)}: `/incident resolve` asks.")


def _instead(incident: Incident) -> str:
    """Return what can be done where a review cannot be published."""
    if incident.is_burning:
        return "Resolve it first, with `/incident resolve`; until then `/incident review` writes a draft."
    return "There is nothing more to publish; `/incident review` brings its review up to date."


def _count(tx: Tx, incident: Incident) -> None:
    asked = int(tx.incident_facts.get(incident.id, ASKED) or 0)
    tx.incident_facts.put(incident.id, ASKED, str(asked + 1))


# The errand -------------------------------------------------------------------------------------------------


def kinds(draw: Drawing, look: Look) -> Mapping[str, Kind]:
    """Return how a review is written."""
    return {WRITE: _Writing(draw, look).kind}


@dataclass(frozen=True, slots=True)
class _Writing:
    """How a review is written, and what follows once it is."""

    draw: Drawing
    look: Look

    @property
    def kind(self) -> Kind:
        return Kind(self._act, self._find, self._settled, self._refused)

    def _act(self, kit: Kit, errand: Errand, incident: Incident) -> Result:
        if not incident.iid:
            raise NotYet("GitLab has not made the issue of the incident yet.")
        with kit.store.read() as tx:
            asked = tx.incident_facts.get(incident.id, ASKED)
        gitlab = errands.gitlab(kit, errand, incident)
        return {"outcome": review_writing.write(kit, errand, incident, gitlab), "asked": asked}

    def _find(self, _kit: Kit, _errand: Errand, _incident: Incident) -> Result | None:
        """Whatever was written without an answer is found when it is written anew."""
        return None

    def _settled(self, tx: Tx, kit: Kit, errand: Errand, incident: Incident, result: Result) -> None:
        outcome: Outcome = result["outcome"]
        who = Who(str(errands.payload(errand)["name"]), errand.person)
        tx.incidents.note(incident.id, review_iid=outcome.iid, review_url=outcome.url)
        for fact, value in outcome.facts.items():
            tx.incident_facts.put(incident.id, fact, value)
        now = self._begun(tx, kit, tx.incidents.get(incident.id) or incident, who)
        if outcome.edited or outcome.removed:
            key, message = f"inc.{now.id}.review.{result['asked']}", self.look.untouched(now, outcome)
            letters.under(tx, key, cards.card_id(tx, now), now.room, message, kit.now())
        now = self._published(tx, kit, now, outcome)
        cards.redraw(tx, kit, self.draw, now)
        if tx.incident_facts.get(now.id, ASKED) != result["asked"]:
            errands.write(tx, _errand(kit, now, who), again=True)

    def _begun(self, tx: Tx, kit: Kit, incident: Incident, who: Who) -> Incident:
        """Tell once that there is a review; one that burns still has a draft, and is not in review."""
        issue, source = f"{incident.project}#{incident.review_iid}", "review:begun"
        said = f"{who.name} began {'a draft of ' if incident.is_burning else ''}the review: {issue}"
        begun = life.record(
            tx,
            kit,
            incident,
            "review",
            who,
            said,
            source=source,
            origin=SLACK,
            link=incident.review_url,
            shown=False,
        )
        if begun is not None and State.REVIEW not in states.legal(incident):
            cards.say(tx, kit, self.draw, incident, "review.begun", said)
        source = f"review:{incident.episodes}:begun"
        change = Change("state", State.REVIEW, who, kit.now(), SLACK, source, issue)
        return self._moved(tx, kit, incident, change)

    def _moved(self, tx: Tx, kit: Kit, incident: Incident, change: Change) -> Incident:
        """Move an incident on if it may go there."""
        if State(change.value) in states.legal(incident):
            with suppress(Refused):
                return life.apply(tx, kit, self.draw, incident, change)
        return incident

    def _published(self, tx: Tx, kit: Kit, incident: Incident, outcome: Outcome) -> Incident:
        """Close an incident whose review somebody wants published, if nothing is missing; else tell them what is."""
        wish = tx.incident_facts.get(incident.id, PUBLISH)
        if wish is None:
            return incident
        tx.incident_facts.drop(incident.id, PUBLISH)
        asked = json.loads(wish)
        person, key = Person(asked["team"], asked["id"]), asked["key"]
        lacks = [
            *gates.missing(incident, kit.config.incidents.review_severity),
            *(_WORDS[one] for one in outcome.empty),
        ]
        if lacks:
            message, place = self.look.missing(incident, lacks), Place(asked["channel"], asked["thread"])
            letters.answer(tx, f"{key}.review", message, person=person, place=place, now=kit.now())
            return incident
        who = Who(asked["name"], person)
        return self._moved(
            tx, kit, incident, Change("state", State.CLOSED, who, kit.now(), SLACK, f"review:{key}:done")
        )

    def _refused(self, tx: Tx, kit: Kit, _errand: Errand, incident: Incident, error: BotError) -> None:
        """Tell the room why there is no review."""
        tx.incident_facts.drop(incident.id, PUBLISH)
        said = f"The review could not be written: {kit.redact(error.sentence)}"
        cards.say(tx, kit, self.draw, incident, f"review.refused.{kit.now()}", said)
