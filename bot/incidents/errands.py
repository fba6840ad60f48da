"""Does what incidents need done in GitLab and Slack: each errand once, in order, and again only if it did not happen.

An errand is written down in the transaction that wants it. Nothing is repeated blindly (reliability.md 0.3): after
an answer that was lost it is looked for until the other side has surely given up on it, and only then done again.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

from bot.access import accounts
from bot.edges.gitlab import GitLab
from bot.edges.store import Tx
from bot.errors import (
    BotError,
    GitLabBusy,
    GitLabUnreachable,
    NotLinked,
    SlackBusy,
    SlackUnreachable,
    StoreError,
    TokenRejected,
)
from bot.incident import Incident
from bot.incident_work import Errand
from bot.incidents import late
from bot.incidents.late import Verdict
from bot.kit import Kit
from bot.model import Millis, Person

log = logging.getLogger(__name__)

#: GitLab ends a web request after 60 s, so what has not appeared by then will not (reliability.md 0.3).
SURELY_OVER_MS: Millis = 65_000
#: Waits after a failure that may pass, and while something else has to be there first.
FIRST_WAIT_MS, LONGEST_WAIT_MS, NOT_YET_MS = 1_000, 60_000, 1_000
#: Errands of one lane that are done in one go: others wait for the same threads.
MOST = 50
READY, UNKNOWN = "ready", "unknown"
UNDER_WAY = frozenset({READY, "doing", UNKNOWN})
#: The errand that has an issue hidden, and the fact that says whether GitLab was last seen to hide it.
HIDING, HIDDEN = "private", "seen.confidential"
#: What is said of what is given up for a fault of ours.
FAULT = "Something in me went wrong there; my log has the details."
#: Where one can see what was done.
Result = Mapping[str, Any]


class NotYet(BotError):
    """Something else has to be there first."""


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of errand."""

    act: Callable[[Kit, Errand, Incident], Result]
    """Does it. Raises NotYet to be asked again soon; GitLab's and Slack's errors as they come."""
    find: Callable[[Kit, Errand, Incident], Result | None]
    """Looks for what an unanswered `act` has done; None if it is not there."""
    settled: Callable[[Tx, Kit, Errand, Incident, Result], object] = lambda *_: None
    """Writes down what was done, in the transaction that ends the errand."""
    refused: Callable[[Tx, Kit, Errand, Incident, BotError], object] = lambda *_: None
    """Writes down what follows from a refusal, such as another errand, in the transaction that gives it up."""
    may_be_passed: bool = False
    """Whether others may be done before it, and it is set aside, if GitLab fails for long at it alone (late.py)."""


def new(kit: Kit, incident: Incident, kind: str, key: str, priority: int, **more: Any) -> Errand:
    """
    Return an errand of an incident; the same key is the same errand. `more` are other fields of it.

    `kind` begins with where it is done: `gitlab.` or `slack.`.
    """
    made = Errand(
        f"{incident.id}.{key}", incident.id, kind, kind.partition(".")[0], priority=priority, at=kit.now()
    )
    return replace(made, **more)


def write(tx: Tx, errand: Errand, *, again: bool = False) -> None:
    """
    Write down an errand, in the transaction that wants it done; one that is there already changes nothing.

    With `again` one that is over is to be done once more, for what is brought to what is wanted by then.
    """
    if again:
        tx.errands.again(errand)
    else:
        tx.errands.put(errand)


def packed(**what: Any) -> str:
    """Return what an errand needs to know, as JSON."""
    return json.dumps(what, ensure_ascii=False)


def payload(errand: Errand) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(errand.payload)
    return found


# Who answers for it -----------------------------------------------------------------------------------------


def keeper(kit: Kit, incident: Incident) -> Person:
    """
    Return who answers for what an incident writes into GitLab by itself: the commander, else who declared it.

    If neither has an account that counts, any of those who take part. Raises NotYet if nobody has.
    """
    with kit.store.read() as tx:
        present = [one.person for one in tx.holders.present(incident.id)]
    first = [incident.commander] if incident.commander else []
    for person in [*first, incident.declarer, *present]:
        if is_linked(kit, person):
            return person
    raise NotYet("Nobody who takes part has connected a GitLab account, so nothing can be written there.")


def is_linked(kit: Kit, person: Person) -> bool:
    """Tell whether somebody has a GitLab account that counts."""
    try:
        accounts.account(kit, person)
    except NotLinked:
        return False
    return True


def gitlab(kit: Kit, errand: Errand, incident: Incident) -> GitLab:
    """Return GitLab as whose act the errand is; as the keeper where they have no account, or it is nobody's."""
    person = errand.person
    if person is None or not is_linked(kit, person):
        person = keeper(kit, incident)
    return kit.gitlab_as(person)


def check_hidden(kit: Kit, incident: Incident) -> None:
    """
    Raise NotYet while a word of a private incident would be read by all who see its issue: it is not confidential yet.

    Whoever writes words that readers of the issue read calls this before. GitLab is asked until it was seen to hide it.
    """
    if not incident.private or not incident.iid:
        return
    with kit.store.read() as tx:
        hiding = tx.errands.get(f"{incident.id}.{HIDING}")
        is_known = tx.incident_facts.get(incident.id, HIDDEN) == str(True)
    if hiding is not None and hiding.state in UNDER_WAY:
        raise NotYet("The issue is about to become confidential.")
    if is_known:
        return
    if not kit.gitlab_as(keeper(kit, incident)).issue(incident.project_id, incident.iid).confidential:
        raise NotYet("The issue is not confidential yet.")
    with kit.store.write() as tx:
        tx.incident_facts.put(incident.id, HIDDEN, str(True))


@contextmanager
def before_asking() -> Iterator[None]:
    """What is only read before something is asked for: if nobody answers, nothing was sent, and it is tried again."""
    try:
        yield
    except GitLabUnreachable as error:
        raise GitLabUnreachable(error.sentence, sent=False) from error
    except SlackUnreachable as error:
        raise SlackUnreachable(error.sentence, sent=False) from error


# Doing ------------------------------------------------------------------------------------------------------


def run(kit: Kit, kinds: Mapping[str, Kind]) -> None:
    """Take up every lane in which something is due; on every tick, and when something was just written down."""
    with kit.store.read() as tx:
        lanes = tx.errands.lanes(kit.now())
    for incident, target in lanes:
        kit.apart(f"errands {target} {incident}", partial(drain, kit, kinds, incident, target))


def drain(kit: Kit, kinds: Mapping[str, Kind], incident_id: str, target: str) -> None:
    """Do what is due in one lane, one after the other."""
    past = ""
    for _ in range(MOST):
        with kit.store.read() as tx:
            errand = tx.errands.next(incident_id, target, kit.now(), past)
            incident = tx.incidents.get(incident_id)
        kind = kinds.get(errand.kind) if errand else None
        if errand is None or incident is None or kind is None:
            return  # A kind that nobody knows was written by a newer version, which comes back to it.
        try:
            past = _do(kit, kind, errand, incident) or past
        except StoreError:
            raise
        except Exception:  # Else everything behind it would wait for ever.
            _broken(kit, kind, errand, incident)
            raise


def _do(kit: Kit, kind: Kind, errand: Errand, incident: Incident) -> str:
    """Do one; return its id if it failed so that those behind it are tried now."""
    try:
        result = _found(kit, kind, errand, incident) if errand.state == UNKNOWN else None
        result = _act(kit, kind, errand, incident) if result is None else result
    except StoreError:
        raise
    except BotError as error:
        return _failed(kit, kind, errand, incident, error)
    if result is None:
        return ""
    with kit.store.write() as tx:
        if tx.errands.settle(errand, "done"):
            late.answers(tx, errand)
            late.is_over(tx, errand)
            kind.settled(tx, kit, errand, tx.incidents.get(incident.id) or incident, result)
    kit.deliver()
    return ""


def _failed(kit: Kit, kind: Kind, errand: Errand, incident: Incident, error: BotError) -> str:
    """Ask for it again later, or give it up; return its id if those behind it are tried now."""
    wait, state = _wait_after(errand, error)
    if wait is None:
        _give_up(kit, kind, errand, incident, error)
        return ""
    log.info("errand %s waits %d ms: %s", errand.id, wait, error)
    with kit.store.write() as tx:
        verdict = late.verdict(tx, errand, error, kit.now()) if kind.may_be_passed else Verdict.WAITS
        if verdict is Verdict.ASIDE:
            _set_aside(tx, kit, kind, errand, incident)
        else:
            tx.errands.settle(errand, state, error.sentence, kit.now() + wait)
            late.trouble(tx, errand, error)
    kit.deliver()
    return errand.id if verdict is Verdict.PASSED else ""


def _set_aside(tx: Tx, kit: Kit, kind: Kind, errand: Errand, incident: Incident) -> None:
    why = late.SetAside()
    if tx.errands.set_aside(errand, why.sentence):
        kind.refused(tx, kit, errand, tx.incidents.get(incident.id) or incident, why)


def _give_up(kit: Kit, kind: Kind, errand: Errand, incident: Incident, error: BotError) -> None:
    log.warning("errand %s is given up: %s", errand.id, error)
    with kit.store.write() as tx:
        if tx.errands.settle(errand, "dead", error.sentence):
            late.is_over(tx, errand)
            kind.refused(tx, kit, errand, tx.incidents.get(incident.id) or incident, error)
    kit.deliver()


def _broken(kit: Kit, kind: Kind, errand: Errand, incident: Incident) -> None:
    """A fault of ours would be there the next time as well."""
    try:
        _give_up(kit, kind, errand, incident, BotError(FAULT))
    finally:  # Telling of it may be what is broken.
        with kit.store.write() as tx:
            tx.errands.settle(errand, "dead", FAULT)


def _wait_after(errand: Errand, error: BotError) -> tuple[Millis | None, str]:
    """Return how long to wait, and in which state; None if no try would help."""
    match error:
        case NotYet():
            return NOT_YET_MS, errand.state
        case NotLinked() | TokenRejected():
            return LONGEST_WAIT_MS, errand.state  # Until its owner connects again, or somebody else keeps it.
        case GitLabBusy() | SlackBusy():
            return int(error.retry_after * 1000), errand.state
        case GitLabUnreachable() | SlackUnreachable():
            lost = error.sent or errand.state == UNKNOWN
            return min(FIRST_WAIT_MS << min(errand.tries, 6), LONGEST_WAIT_MS), UNKNOWN if lost else READY
    return None, ""


def _found(kit: Kit, kind: Kind, errand: Errand, incident: Incident) -> Result | None:
    """Look for what may have been done; raise GitLabUnreachable while it is too early to do it again."""
    found = kind.find(kit, errand, incident)
    if found is None and kit.now() - (errand.since or 0) < SURELY_OVER_MS:
        raise GitLabUnreachable("It may still appear.", sent=True)
    return found


def _act(kit: Kit, kind: Kind, errand: Errand, incident: Incident) -> Result | None:
    """Claim it and do it; None if somebody else has claimed it."""
    with kit.store.write() as tx:
        if errand.state == UNKNOWN:
            tx.errands.settle(errand, READY)
        if not tx.errands.claim(errand, kit.now()):
            return None
        # It may have become private since it was read: that is known to whoever acts from here on.
        now = tx.incidents.get(incident.id) or incident
    return kind.act(kit, errand, now)
