"""What can be picked while somebody types: issues, labels and members, from what their own token has read before."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress

from bot.command import Letters
from bot.edges.gitlab import GitLab
from bot.edges.store import Tx
from bot.errors import GitLabError, StillReading
from bot.issues import sheets
from bot.issues.acting import Actor
from bot.kit import Kit
from bot.model import GitLabUser, Millis, Option, Person
from bot.text import one_line
from bot.tracker import Issue, Label

#: The nouns, as they stand behind `pick.` in an action id.
ISSUE, LABEL, MEMBER = "issue", "label", "member"
#: What was read longer ago is read again in the background while somebody types.
FRESH_MS: Millis = 60_000
#: What was read longer ago is not shown any more: rights may have gone since.
SHOWN_MS: Millis = 900_000
#: Issues that are read ahead; GitLab is asked for what else fits the letters.
READ_AHEAD = 100
#: Labels of one project that are read.
MOST_LABELS = 1_000
TITLE_SHOWN = 70

Read = Callable[[Kit, GitLab, int], Sequence[Option]]


def option(kit: Kit, issue: Issue) -> Option:
    """Return an issue as it is picked, without secrets in its title; the value is what one types."""
    facts = [issue.state if not issue.is_open else "", "confidential" if issue.confidential else ""]
    hint = ", ".join(one for one in facts if one)
    return Option(one_line(f"#{issue.iid} {kit.redact(issue.title)}", TITLE_SHOWN), f"#{issue.iid}", hint)


def _issues(kit: Kit, gitlab: GitLab, project_id: int) -> Sequence[Option]:
    return [option(kit, one) for one in gitlab.issues(project_id, most=READ_AHEAD)]


def _labels(_kit: Kit, gitlab: GitLab, project_id: int) -> Sequence[Option]:
    return [_label(one) for one in gitlab.labels(project_id)]


def _label(label: Label) -> Option:
    return Option(label.name, label.name, one_line(label.description, TITLE_SHOWN))


def _members(_kit: Kit, gitlab: GitLab, project_id: int) -> Sequence[Option]:
    return [_member(one) for one in gitlab.members(project_id) if not one.is_bot]


def _member(user: GitLabUser) -> Option:
    return Option(f"{user.name} (@{user.username})", user.username)


READERS: Mapping[str, Read] = {ISSUE: _issues, LABEL: _labels, MEMBER: _members}


# Reading ----------------------------------------------------------------------------------------------------


def read(kit: Kit, who: Actor, project_id: int, noun: str) -> bool:
    """Read what somebody can pick there, now; whether there is anything."""
    return bool(_fill(kit, who.person, who.by.gitlab_id, project_id, noun))


def ready(kit: Kit, who: Actor, project_id: int, noun: str) -> None:
    """Read it now, unless it was read a moment ago; while GitLab does not say, there is just less to pick."""
    with kit.store.read() as tx:
        at = tx.picks.read_at(who.by.gitlab_id, project_id, noun)
    if at is None or not 0 <= kit.now() - at < FRESH_MS:
        with suppress(GitLabError):
            read(kit, who, project_id, noun)


def learn(tx: Tx, kit: Kit, gitlab_id: int, issue: Issue) -> None:
    """Let an issue be picked at once as it is now."""
    tx.picks.add(gitlab_id, issue.project_id, ISSUE, [option(kit, issue)], kit.now())


def read_soon(kit: Kit, person: Person, project_id: int, noun: str, letters: str = "") -> None:
    """Have it read in the background; also what only its letters find."""
    with kit.store.read() as tx:
        mine = _account(tx, person)
        at = tx.picks.read_at(mine, project_id, noun) if mine else None
    if not mine:
        return
    if at is None or not 0 <= kit.now() - at < FRESH_MS:
        kit.apart(f"picks {mine} {project_id} {noun}", lambda: _fill(kit, person, mine, project_id, noun))
    if noun == ISSUE and letters.strip():
        kit.apart(
            f"picks {mine} {project_id} {letters}", lambda: _more(kit, person, mine, project_id, letters)
        )


def _account(tx: Tx, person: Person) -> int:
    """GitLab id of a person's account; 0 without one that GitLab accepts."""
    account = tx.accounts.get(person)
    return account.gitlab_id if account and account.state == "live" else 0


def _fill(kit: Kit, person: Person, mine: int, project_id: int, noun: str) -> Sequence[Option]:
    options = READERS[noun](kit, kit.gitlab_as(person), project_id)
    with kit.store.write() as tx:
        tx.picks.fill(mine, project_id, noun, options, kit.now())
    return options


def _more(kit: Kit, person: Person, mine: int, project_id: int, letters: str) -> None:
    """Find issues by letters that are not among those read ahead: by number, or by words."""
    gitlab, typed = kit.gitlab_as(person), letters.strip().removeprefix("#")
    found = (
        gitlab.issues(project_id, iids=(int(typed),), state="all")
        if typed.isdecimal() and typed.isascii()
        else gitlab.issues(project_id, search=letters.strip())
    )
    with kit.store.write() as tx:
        tx.picks.add(mine, project_id, ISSUE, [option(kit, one) for one in found], kit.now())


# Picking ----------------------------------------------------------------------------------------------------


def find(kit: Kit, letters: Letters, project_id: int, noun: str) -> Sequence[Option]:
    """
    Return what fits, from the store; what is old is read anew meanwhile.

    Raises StillReading where nothing was ever read, which is not the same as nothing that fits.
    """
    read_soon(kit, letters.person, project_id, noun, letters.typed)
    with kit.store.read() as tx:
        mine = _account(tx, letters.person)
        if mine and tx.picks.read_at(mine, project_id, noun) is None:
            raise StillReading
        return tx.picks.find(mine, project_id, noun, letters.typed, since=kit.now() - SHOWN_MS)


def issues(letters: Letters, kit: Kit) -> Sequence[Option]:
    """Answer `pick.issue`."""
    return find(kit, letters, project_of(kit, letters), ISSUE)


def labels(letters: Letters, kit: Kit) -> Sequence[Option]:
    """Answer `pick.label`."""
    return find(kit, letters, project_of(kit, letters), LABEL)


def members(letters: Letters, kit: Kit) -> Sequence[Option]:
    """Answer `pick.member`."""
    return find(kit, letters, project_of(kit, letters), MEMBER)


def project_of(kit: Kit, letters: Letters) -> int:
    """Return the project that is picked from: that of the question, or of the form the select stands in."""
    if letters.value.isdecimal():
        return int(letters.value)
    with kit.store.read() as tx:
        sheet = sheets.known(kit, tx, letters.person, letters.value)
    return sheet.project_id if sheet else 0


def known_labels(kit: Kit, person: Person, project_id: int) -> frozenset[str] | None:
    """Return the labels of a project as this person has read them a moment ago; None if they have not."""
    with kit.store.read() as tx:
        mine = _account(tx, person)
        at = tx.picks.read_at(mine, project_id, LABEL)
        if at is None or kit.now() - at > SHOWN_MS:
            return None
        return frozenset(one.value for one in tx.picks.find(mine, project_id, LABEL, "", most=MOST_LABELS))
