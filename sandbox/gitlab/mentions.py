"""Who gets mail because a text names them: `@user`, `@group` and `@all` outside of code (doc/user/discussions)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from sandbox.gitlab.issue_rights import may_see, may_see_note
from sandbox.gitlab.issues import Issue, Note
from sandbox.gitlab.markdown import plain, words
from sandbox.gitlab.nouns import Person
from sandbox.gitlab.people import EVERYONE, level
from sandbox.gitlab.state import State
from sandbox.gitlab.tracker import Notice

#: Not in the middle of a word (app/models/user.rb, reference_pattern).
MENTION = re.compile(r"(?<!\w)@([A-Za-z0-9_](?:[\w./-]*[\w-])?)", re.ASCII)
ALL = "all"


def mentioned(text: str) -> list[str]:
    """The names behind an `@` in Markdown, each once, as they are written."""
    return _names(words(text))


def mentioned_by(issue: Issue) -> list[str]:
    """Those in its title and its description. A title is no Markdown: nothing in it is code, nothing escaped."""
    return list(dict.fromkeys([*_names([plain(issue.title)]), *mentioned(issue.description or "")]))


def _names(texts: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(name for text in texts for name in MENTION.findall(text)))


def tell(
    state: State,
    issue: Issue,
    by: Person,
    names: Sequence[str],
    *,
    before: Sequence[str] = (),
    note: Note | None = None,
) -> None:
    """Write down who gets mail because they are named; who was named before gets none again."""
    known = {name.lower() for name in before}
    for name in names:
        readers = [one for one in _named(state, issue, name) if one is not by and _reads(one, issue, note)]
        if name.lower() not in known and readers:
            people = tuple(one.username for one in readers)
            state.tracker.notices.append(Notice(f"@{name}", people, by.username, issue.reference))


def _named(state: State, issue: Issue, name: str) -> Iterable[Person]:
    """The people a name stands for: one of them, all of a project, all of a group or of a group in it."""
    wanted = name.lower()
    if wanted == ALL:
        return [one for one in EVERYONE if issue.project.members.get(one.username)]
    people = [one for one in EVERYONE if one.username == wanted]
    group = state.groups.named(name)
    return people or [one for one in EVERYONE if group is not None and group.level(one.username)]


def _reads(person: Person, issue: Issue, note: Note | None) -> bool:
    if person.admin or not level(person, issue.project):
        return False
    return may_see(person, issue) and (note is None or may_see_note(person, note, issue))
