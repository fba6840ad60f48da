"""As whom a room's words are written into GitLab: as their author where that may be, else as the incident's keeper."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import TypeVar

from bot import markdown
from bot.access import accounts
from bot.edges.gitlab import GitLab
from bot.edges.store import Tx
from bot.errors import BotError, GitLabSaidNo, GitLabUnreachable, NotFound, NotLinked, TokenRejected
from bot.incident import Incident
from bot.incident_work import Errand, Mirrored
from bot.incidents import errands
from bot.incidents.outward import wanted
from bot.kit import Kit
from bot.model import Millis, Person
from bot.tracker import Comment

log = logging.getLogger(__name__)

Answer = TypeVar("Answer")
#: From Planner up internal notes may be read and written (doc/user/permissions.md).
PLANNER = 15
#: Names of the facts that say whether somebody may write internal notes, and who wrote a copy for its author.
MAY, WROTE = "internal.", "wrote."
YES, NO = "yes", "no"
#: How long somebody is taken for one who may, or may not.
AGAIN_MS: Millis = 600_000
#: What GitLab says to an account that may not.
FORBIDDEN = frozenset({401, 403, 404})


class CannotBeInternal(BotError):
    """Nobody who takes part may write internal notes on this issue, so what is said here is not copied any more."""


@dataclass(frozen=True, slots=True)
class Writer:
    """An account that may write."""

    person: Person
    gitlab: GitLab


def writers(
    kit: Kit, incident: Incident, *first: Person | None, internal: bool = False, anew: bool = False
) -> Iterator[Writer]:
    """
    Yield as whom something may be written, the best first: those given, then the keeper.

    With `internal` only who may write internal notes, as far as is known, or as GitLab says `anew`. In the end it
    raises why somebody was left out whose account does not work now; NotYet if nobody is connected.
    """
    seen: set[Person] = set()
    failed: NotLinked | TokenRejected | None = None
    for person in (*first, None):
        if person is not None and not wanted.counts(kit, person):
            continue
        who = person or errands.keeper(kit, incident)
        if who in seen:
            continue
        seen.add(who)
        try:
            one = Writer(who, kit.gitlab_as(who))
            may = not internal or _may(kit, incident, one, anew=anew)
        except (NotLinked, TokenRejected) as error:
            log.info("%s cannot write for incident %s: %s", who.id, incident.id, error)
            failed = error
            continue
        if may:
            yield one
    if failed is not None:  # Whoever is left could write again tomorrow: nothing is refused for good.
        raise failed


def _may(kit: Kit, incident: Incident, one: Writer, *, anew: bool) -> bool:
    """Whether an account may write internal notes: GitLab publishes those of one that may not (doc/api/notes.md)."""
    with kit.store.read() as tx:
        known, _, at = (tx.incident_facts.get(incident.id, _name(one.person)) or "").partition(" ")
    if known and not anew and 0 <= kit.now() - int(at) < AGAIN_MS:
        return known == YES
    gitlab_id = accounts.account(kit, one.person).gitlab_id
    try:
        may = one.gitlab.role(incident.project_id, gitlab_id) >= PLANNER
    except TokenRejected:
        raise
    except GitLabSaidNo:
        return True  # It does not say, so that its answer to the note has to.
    remember(kit, incident, one.person, may=may)
    return may


def remember(kit: Kit, incident: Incident, person: Person, *, may: bool) -> None:
    """Keep in mind whether somebody may write internal notes; that is asked about again after a while."""
    with kit.store.write() as tx:
        tx.incident_facts.put(incident.id, _name(person), f"{YES if may else NO} {kit.now()}")


def _name(person: Person) -> str:
    return f"{MAY}{person.team}/{person.id}"


# Writing ----------------------------------------------------------------------------------------------------


def tried(those: Iterable[Writer], act: Callable[[Writer], Answer | None]) -> Answer | None:
    """
    Return what the first of those writers gets done whom GitLab lets do it; None if nobody got anything done.

    Raises what GitLab said to the last of them, and at once whatever says nothing about who may.
    """
    refused: BotError | None = None
    for one in those:
        refused = None
        try:
            done = act(one)
        except NotLinked as error:
            refused = error
        except GitLabSaidNo as error:
            if error.status not in FORBIDDEN:
                raise
            refused = error
        else:
            if done is not None:
                return done
    if refused is not None:
        raise refused
    return None


def checked(
    kit: Kit, incident: Incident, one: Writer, note: Comment, *, internal: bool, others: Iterable[Writer] = ()
) -> Comment | None:
    """
    Return a note that was just written if it is as internal as it was to be; else delete it at once and return None.

    `others` delete it where GitLab does not let `one`, who wrote it as far as is known. What happens if that fails
    counts as an answer that was lost, so that the note is looked for and deleted then.
    """
    if not internal or note.internal:
        return note
    log.warning("GitLab published note %d, which was to be internal: it is deleted", note.id)

    def drop(each: Writer) -> bool:
        each.gitlab.drop_note(incident.project_id, incident.iid, note.id)
        return True

    try:
        tried(dict.fromkeys([one, *others]), drop)
    except NotFound:
        pass
    except BotError as error:
        raise GitLabUnreachable("A note has still to be deleted.", sent=True) from error
    remember(kit, incident, one.person, may=False)
    return None


def marked(kit: Kit, notes: Iterable[Comment], mark: str) -> Comment | None:
    """Return the note of ours that has a mark; None if there is none."""
    found = [one for one in notes if markdown.mark_of(one.body) == mark]
    with kit.store.read() as tx:
        return next((one for one in found if is_of_ours(tx, one)), None)


def is_of_ours(tx: Tx, note: Comment) -> bool:
    """
    Tell whether somebody wrote a note whose account is connected here.

    Whatever we write is written as one of them. A mark of ours can be seen in the source of a note, and pasted into
    another: on the note of anybody else it counts for nothing.
    """
    return bool(tx.accounts.of_gitlab(note.author_id))


# Who wrote what ---------------------------------------------------------------------------------------------


def author(kit: Kit, those: Iterable[Writer], note: Comment) -> Writer | None:
    """Return which of those writers wrote a note; None if none of them did."""
    with kit.store.read() as tx:
        known = [(one, tx.accounts.get(one.person)) for one in those]
    return next((one for one, account in known if account and account.gitlab_id == note.author_id), None)


def owner(errand: Errand, incident: Incident, row: Mirrored) -> Person:
    """Return whose words a row holds."""
    return errand.person or Person(incident.team, row.author)


def signature(whose: Person, one: Writer) -> str:
    """Return who wrote a copy, as `team/id`; empty if it is the one whose words it holds."""
    return "" if one.person == whose else f"{one.person.team}/{one.person.id}"


def wrote(tx: Tx, incident: Incident, row_id: str) -> Person | None:
    """Return who wrote a copy if that was not its author: only they, and Maintainers, may change it."""
    known = tx.incident_facts.get(incident.id, WROTE + row_id)
    return Person(*known.split("/", 1)) if known else None


def keep(tx: Tx, incident: Incident, row_id: str, signed: str) -> None:
    """Keep in mind who wrote a copy, as `signature` has it."""
    if signed:
        tx.incident_facts.put(incident.id, WROTE + row_id, signed)
    else:
        tx.incident_facts.drop(incident.id, WROTE + row_id)
