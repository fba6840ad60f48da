"""Errands that bring GitLab to what an incident is: its state, severity, status, assignee, title and who may see it.

Each reads what GitLab holds and asks for what is different, so that it does nothing where it is so already.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from bot.edges.store import Tx
from bot.errors import BotError, GitLabSaidNo, NotFound, NotSupported, Refused
from bot.incident import BOT, SLACK, Change, Incident, Who
from bot.incident_work import Errand
from bot.incidents import cards, errands, life
from bot.incidents.drawing import Drawing
from bot.incidents.errands import Kind, NotYet, Result
from bot.incidents.held.holding import HELD_AT, SEEN, TOLD_AT, WISHES, Held, Wish, bring, held_at, look
from bot.incidents.rules import ON
from bot.kit import Kit
from bot.model import Person

#: What GitLab answers to who may not; or it says that there is no such thing (doc/api/rest/troubleshooting.md).
FORBIDDEN = 403
#: Facts: who was told of what GitLab did not let somebody do, and what GitLab lacks here.
TOLD, LACKS = "told.", "lacks."
PRIVATE, TITLE = errands.HIDING, "title"
#: Who takes back what GitLab let nobody do.
US = Who("Signalbox", is_bot=True)


def kinds(draw: Drawing) -> Mapping[str, Kind]:
    """Return how each errand of this file is done, by its kind."""
    return {f"gitlab.{about}": _Bringing(about, wish, draw).kind for about, wish in WISHES.items()}


@dataclass(frozen=True, slots=True)
class _Bringing:
    """How GitLab is brought to one thing that an incident is."""

    about: str
    wish: Wish
    draw: Drawing

    @property
    def kind(self) -> Kind:
        return Kind(self._act, self._find, self._settled, self._refused)

    def _act(self, kit: Kit, errand: Errand, incident: Incident) -> Result:
        """Ask as one after the other until GitLab holds what is wanted; whoever it did not let is in the result."""
        if self.about == TITLE:
            errands.check_hidden(kit, incident)
        denied: list[Person] = []
        held: Held | None = None
        for person in _askers(kit, errand, incident):
            try:
                held, is_done = self._asked(kit, person, incident)
            except NotSupported:
                return self._result(kit, incident, held, lacking=True)
            except GitLabSaidNo as error:
                if not isinstance(error, NotFound) and error.status != FORBIDDEN:
                    raise
                is_done = False
            if is_done:
                return self._result(kit, incident, held, denied=denied, by=person)
            denied.append(person)
        return self._result(kit, incident, held, denied=denied)

    def _asked(self, kit: Kit, person: Person, incident: Incident) -> tuple[Held, bool]:
        """Return what GitLab holds after somebody asked, and whether that is what is wanted."""
        gitlab = kit.gitlab_as(person)
        held = look(gitlab, self.wish, incident)
        changes = self.wish.lacks(kit, incident, held)
        if not changes:
            return held, True
        held = bring(gitlab, incident, held, changes)
        # What an account may not change GitLab leaves out without a word (doc/api/issues.md).
        return held, not self.wish.lacks(kit, incident, held)

    def _find(self, kit: Kit, errand: Errand, incident: Incident) -> Result | None:
        for person in _askers(kit, errand, incident):
            with suppress(GitLabSaidNo):
                held = look(kit.gitlab_as(person), self.wish, incident)
                lacks = self.wish.lacks(kit, incident, held)
                return None if lacks else self._result(kit, incident, held, by=person)
        return None

    def _result(
        self, kit: Kit, incident: Incident, held: Held | None, *, denied: Sequence[Person] = (),
        by: Person | None = None, lacking: bool = False,
    ) -> dict[str, Any]:  # fmt: skip
        return {
            "seen": dict(self.wish.seen(kit, incident, held)) if held else {},
            "at": held.issue.updated_at if held else 0,
            "wanted": self.wish.wanted(kit, incident), "denied": tuple(denied), "by": by, "lacking": lacking,
        }  # fmt: skip

    def _settled(self, tx: Tx, kit: Kit, errand: Errand, incident: Incident, result: Result) -> None:
        """Write down what GitLab holds now; ask again if the incident has moved on meanwhile."""
        for name, value in result["seen"].items():
            tx.incident_facts.put(incident.id, f"{SEEN}{name}", value)
        if result["at"] > held_at(tx, incident):
            tx.incident_facts.put(incident.id, HELD_AT, str(result["at"]))
        if self.wish.is_graphql:
            tx.incident_facts.put(incident.id, f"{TOLD_AT}{self.about}", str(kit.now()))
        if self.wish.wanted(kit, incident) != result["wanted"]:
            person = _last_asker(tx, incident, self.wish)
            life.want(tx, kit, incident, self.about, errand.priority, person=person)
        if result["by"] is None:
            tx.incident_facts.put(incident.id, f"{LACKS}{self.about}", "")
        else:
            tx.incident_facts.drop(incident.id, f"{LACKS}{self.about}")
        if not self.wish.is_quiet and not result["lacking"]:
            self._tell(tx, kit, incident, result["denied"], result["by"])
        if result["by"] is None and self.wish.wanted(kit, incident) == result["wanted"]:
            self._stays_hidden(tx, kit, incident, errand)

    def _tell(
        self, tx: Tx, kit: Kit, incident: Incident, denied: Iterable[Person], by: Person | None
    ) -> None:
        """Say once in the room of each whom GitLab did not let."""
        done = f"It was set as {_name(tx, by)}, who may." if by else "Somebody who may has to set it there."
        for person in denied:
            key = f"{TOLD}{self.about}.{person.team}.{person.id}"
            if tx.incident_facts.claim(incident.id, key):
                said = f"GitLab did not let {_name(tx, person)} set {self.wish.words}. {done}"
                cards.say(tx, kit, self.draw, incident, key, self.draw.line(said))

    def _stays_hidden(self, tx: Tx, kit: Kit, incident: Incident, errand: Errand) -> None:
        """What GitLab let nobody show to everybody is private here, too."""
        if self.about == PRIVATE and not incident.private:
            source = f"{errand.id}.hidden.{incident.version}"
            life.apply(tx, kit, self.draw, incident, Change(PRIVATE, ON, US, kit.now(), BOT, source))

    def _refused(self, tx: Tx, kit: Kit, errand: Errand, incident: Incident, error: BotError) -> None:
        """Say that GitLab refused something for another reason than who asked."""
        self._stays_hidden(tx, kit, incident, errand)
        tx.incident_facts.put(incident.id, f"{LACKS}{self.about}", error.sentence)
        if not self.wish.is_quiet:
            said = f"GitLab did not take {self.wish.words}: {kit.redact(error.sentence)}"
            key = f"{TOLD}{errand.id}.{kit.now()}"
            cards.say(tx, kit, self.draw, incident, key, self.draw.line(said))


def _askers(kit: Kit, errand: Errand, incident: Incident) -> list[Person]:
    """
    Return as whom it is asked: whoever wanted it, then the keeper. Raises NotYet if nobody has an account.

    What is hidden is shown to everybody by whoever wants that alone, and by nobody else's rights.
    """
    if not incident.iid:
        raise NotYet("GitLab has not made the issue yet.")
    first = [errand.person] if errand.person and errands.is_linked(kit, errand.person) else []
    if errand.kind == f"gitlab.{PRIVATE}" and not incident.private:
        if not first:
            raise Refused("Nobody with an account has asked for it to be shown to everybody.")
        return first
    try:
        keeper = errands.keeper(kit, incident)
    except NotYet:
        if not first:
            raise
        return first
    return [*first, *([] if keeper in first else [keeper])]


def _last_asker(tx: Tx, incident: Incident, wish: Wish) -> Person | None:
    """Return who asked last for what GitLab shall hold, if that was in Slack."""
    last = next(reversed(tx.incident_events.of(incident.id, kinds=wish.kinds)), None)
    return last.who.person if last is not None and last.origin == SLACK else None


def _name(tx: Tx, person: Person) -> str:
    account = tx.accounts.get(person)
    return account.username if account else person.id
