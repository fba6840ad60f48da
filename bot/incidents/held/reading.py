"""One look at the issue of an incident: what GitLab holds, what it was seen to hold before, and who did what to it."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

from bot.edges.store import Tx
from bot.incident import GITLAB, Change, Incident, Who
from bot.incidents import cards, life
from bot.incidents.drawing import Drawing
from bot.incidents.errands import UNDER_WAY
from bot.incidents.held.holding import SEEN, TOLD_AT, Held
from bot.kit import Kit
from bot.model import Millis
from bot.tracker import Issue, LabelEvent, StateEvent

#: Accounts that are nobody's: those of access tokens of projects and groups, of services, and GitLab's own
#: (doc/user/project/settings/project_access_tokens.md, doc/development/internal_users.md).
_BOT = re.compile(r"(?:project|group)_\d+_bot\w*|service_account_\w+|[\w-]+-bot|ghost", re.IGNORECASE)
#: What GitLab says of an issue that was opened again (doc/api/resource_state_events.md).
REOPENED = "reopened"
#: Whoever did something of which GitLab does not tell who.
SOMEBODY = "somebody"


class Events(NamedTuple):
    """Who did what to an issue, as far as GitLab tells: oldest first."""

    labels: Sequence[LabelEvent] = ()
    states: Sequence[StateEvent] = ()


def sorted_out(found: Sequence[LabelEvent | StateEvent]) -> Events:
    """Return events by what they are about."""
    in_order = sorted(found, key=lambda one: (one.at, one.id))
    labels = [one for one in in_order if isinstance(one, LabelEvent)]
    return Events(labels, [one for one in in_order if isinstance(one, StateEvent)])


def is_on_its_way(tx: Tx, incident: Incident, about: str = "state") -> bool:
    """Tell whether GitLab is still to be told of what an incident is by now."""
    errand = tx.errands.get(f"{incident.id}.{about}")
    return errand is not None and errand.state in UNDER_WAY


def is_old(tx: Tx, kit: Kit, incident: Incident, about: str, asked: Millis) -> bool:
    """
    Tell whether GitLab has been told of something since it was asked: what was read may be what was there before.

    A moment that is still to come was written before the clock was set back, and counts for nothing.
    """
    told = int(tx.incident_facts.get(incident.id, f"{TOLD_AT}{about}") or 0)
    return 0 < asked < told <= kit.now()


@dataclass(slots=True)
class Reading:
    """One look at an issue, and the incident as it becomes by what is found."""

    tx: Tx
    kit: Kit
    draw: Drawing
    before: Incident
    """As it was when the look began: what was never seen in GitLab was as that wanted it."""
    incident: Incident
    held: Held
    events: Events
    seen: Mapping[str, str]

    @property
    def issue(self) -> Issue:
        return self.held.issue

    def is_new(self, name: str, value: str, wanted: str) -> bool:
        """Tell whether GitLab holds something else than it was last seen to, or was `wanted` to before the look."""
        return value != self.seen.get(name, wanted)

    def saw(self, name: str, value: str) -> None:
        self.tx.incident_facts.put(self.incident.id, f"{SEEN}{name}", value)

    def is_on_its_way(self, about: str, at: Millis | None = None) -> bool:
        """
        Tell whether a wish of ours goes before what GitLab holds; `at` is when that was set there, if it is known.

        What is being sent at this moment may be what GitLab holds: it is looked at again when that is over.
        So is what was sent while this look was under way.
        """
        facts = self.held.facts
        if facts is not None and is_old(self.tx, self.kit, self.incident, about, facts.asked):
            return True
        if not is_on_its_way(self.tx, self.incident, about):
            return False
        errand = self.tx.errands.get(f"{self.incident.id}.{about}")
        is_sent = errand is not None and errand.state != "ready"
        return is_sent or at is None or at <= self._decided_at()

    def _decided_at(self) -> Millis:
        last = next(reversed(self.tx.incident_events.of(self.incident.id, kinds=("state",))), None)
        return last.at if last else self.incident.declared_at

    def change(self, what: str, value: str, who: Who, source: str, **more: str | Millis) -> Change:
        made = Change(what, value, who, self.issue.updated_at, GITLAB, f"gitlab:{source}")
        return replace(made, **more)  # type: ignore[arg-type]  # fields of a change

    def apply(self, change: Change) -> None:
        self.incident = life.apply(self.tx, self.kit, self.draw, self.incident, change)

    def say(self, key: str, text: str) -> None:
        cards.say(self.tx, self.kit, self.draw, self.incident, key, self.draw.line(self.kit.redact(text)))

    def simple(self, what: str, value: str) -> Change:
        """Return a change of which GitLab tells no more than that it happened by then."""
        return self.change(what, value, Who(SOMEBODY), f"{what}:{self.issue.updated_at}")

    def who(self, event: LabelEvent | StateEvent | None) -> Who:
        """Return whoever did something, and whether that is nobody at all."""
        if event is None or not event.author:
            return Who(SOMEBODY)
        name = event.author
        is_bot = _BOT.fullmatch(name) is not None
        known = (
            one.person
            for one in self.tx.accounts.of_gitlab(event.author_id)
            if one.person.team == self.incident.team
        )
        return Who(name, next(known, None), name, is_bot)
