"""Errands that bring GitLab to what an incident is: its state, severity, status, assignee, title and who may see it.

Each reads what GitLab holds and asks for what is different, so that it does nothing where it is so already.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import partial
from typing import Any

from bot.edges.store import Tx
from bot.errors import BotError, GitLabSaidNo, NotFound, NotSupported, TokenRejected
from bot.incident import Incident
from bot.incident_work import Errand
from bot.incidents import cards, errands, life
from bot.incidents.drawing import Drawing
from bot.incidents.errands import Kind, NotYet, Result
from bot.incidents.holding import SEEN, WISHES, Held, Wish, bring, look
from bot.kit import Kit
from bot.model import Person

#: What GitLab answers to who may not: it says so, or that there is no such thing (doc/api/rest/troubleshooting.md).
FORBIDDEN = frozenset({401, 403, 404})
TOLD = "told."
#: Stands between the parts of a fact's name or value.
BETWEEN = "/"


def kinds(draw: Drawing) -> Mapping[str, Kind]:
    """Return how each errand of this file is done, by its kind."""
    return {f"gitlab.{about}": _kind(about, wish, draw) for about, wish in WISHES.items()}


def _kind(about: str, wish: Wish, draw: Drawing) -> Kind:
    return Kind(
        partial(_act, wish), partial(_find, wish), partial(_settled, about, wish, draw), partial(_refused, wish, draw)
    )


def _askers(kit: Kit, errand: Errand, incident: Incident) -> list[Person]:
    """Return as whom it is asked: whoever wanted it, then the keeper. Raises NotYet if nobody has an account."""
    if not incident.iid:
        raise NotYet("GitLab has not made the issue yet.")
    first = [errand.person] if errand.person and errands.is_linked(kit, errand.person) else []
    try:
        keeper = errands.keeper(kit, incident)
    except NotYet:
        if not first:
            raise
        return first
    return [*first, *([keeper] if keeper not in first else [])]


def _act(wish: Wish, kit: Kit, errand: Errand, incident: Incident) -> Result:
    """Ask as one after the other until GitLab holds what is wanted; whoever it did not let is in the result."""
    denied: list[Person] = []
    held: Held | None = None
    for person in _askers(kit, errand, incident):
        try:
            held, is_done = _asked(wish, kit, person, incident)
        except NotSupported:
            return _result(wish, kit, incident, held, denied, lacking=True)
        except GitLabSaidNo as error:
            if isinstance(error, TokenRejected) or not _is_forbidden(error):
                raise
            is_done = False
        if is_done:
            return _result(wish, kit, incident, held, denied, by=person)
        denied.append(person)
    return _result(wish, kit, incident, held, denied)


def _asked(wish: Wish, kit: Kit, person: Person, incident: Incident) -> tuple[Held, bool]:
    """Return what GitLab holds after somebody asked, and whether that is what is wanted."""
    gitlab = kit.gitlab_as(person)
    held = look(gitlab, wish, incident)
    changes = wish.lacks(kit, incident, held)
    if not changes:
        return held, True
    held = bring(gitlab, incident, held, changes)
    # What an account may not change GitLab leaves out without a word (doc/api/issues.md).
    return held, not wish.lacks(kit, incident, held)


def _is_forbidden(error: GitLabSaidNo) -> bool:
    return error.status in FORBIDDEN or isinstance(error, NotFound)


def _find(wish: Wish, kit: Kit, errand: Errand, incident: Incident) -> Result | None:
    person = _askers(kit, errand, incident)[0]
    held = look(kit.gitlab_as(person), wish, incident)
    return None if wish.lacks(kit, incident, held) else _result(wish, kit, incident, held, [], by=person)


def _result(
    wish: Wish, kit: Kit, incident: Incident, held: Held | None, denied: Iterable[Person], *,
    by: Person | None = None, lacking: bool = False,
) -> dict[str, Any]:  # fmt: skip
    return {
        "seen": dict(wish.seen(kit, incident, held)) if held else {}, "wanted": wish.wanted(kit, incident),
        "denied": list(denied), "by": by, "lacking": lacking,
    }  # fmt: skip


def _settled(
    about: str, wish: Wish, draw: Drawing, tx: Tx, kit: Kit, errand: Errand, incident: Incident, result: Result
) -> None:  # fmt: skip
    """Write down what GitLab holds now; ask again if the incident has moved on meanwhile."""
    for name, value in result["seen"].items():
        tx.incident_facts.put(incident.id, f"{SEEN}{name}", value)
    if wish.wanted(kit, incident) != result["wanted"]:
        life.want(tx, kit, incident, about, errand.priority, person=errand.person)
    lacks = f"lacks.{about}"
    if result["by"] is not None:
        tx.incident_facts.drop(incident.id, lacks)
    else:
        tx.incident_facts.put(incident.id, lacks, "")
    if not wish.is_quiet and not result["lacking"]:
        _tell(tx, kit, draw, incident, wish, result["denied"], result["by"])


def _tell(
    tx: Tx, kit: Kit, draw: Drawing, incident: Incident, wish: Wish, denied: Iterable[Person], by: Person | None
) -> None:  # fmt: skip
    """Say once in the room of each whom GitLab did not let."""
    for person in denied:
        key = f"{TOLD}{wish.words}.{person.team}{BETWEEN}{person.id}"
        if not tx.incident_facts.claim(incident.id, key):
            continue
        said = f"GitLab did not let {_name(tx, person)} set {wish.words}"
        done = f"It was set as {_name(tx, by)}, who may." if by else "Somebody who may has to set it there."
        cards.say(tx, kit, draw, incident, key, draw.line(f"{said}. {done}"))


def _name(tx: Tx, person: Person) -> str:
    account = tx.accounts.get(person)
    return account.username if account else person.id


def _refused(
    wish: Wish, draw: Drawing, tx: Tx, kit: Kit, errand: Errand, incident: Incident, error: BotError
) -> None:
    """Say once that GitLab refused something for another reason than who asked."""
    if wish.is_quiet:
        tx.incident_facts.put(incident.id, life.LACKS_STATUS, "")
        return
    key = f"{TOLD}{errand.id}.{kit.now()}"
    cards.say(tx, kit, draw, incident, key, draw.line(f"GitLab did not take {wish.words}: {error.sentence}"))
