"""Who gets mail because a text names them: `@user`, `@group` and `@all` outside of code (doc/user/discussions)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from sandbox.gitlab.issue_rights import may_see, may_see_note
from sandbox.gitlab.issues import Issue, Note
from sandbox.gitlab.markdown import INLINE_CODE, paragraphs
from sandbox.gitlab.nouns import Person
from sandbox.gitlab.people import EVERYONE, level
from sandbox.gitlab.state import State
from sandbox.gitlab.tracker import Notice

#: Not in the middle of a word, and not behind a backslash (lib/banzai/filter/markdown_pre_escape_filter.rb).
MENTION = re.compile(r"(?<![\w\\])@([A-Za-z0-9_](?:[\w./-]*[\w-])?)", re.ASCII)
ADDRESS = re.compile(r"https?://\S+|(?<=\]\()[^)\s]+")
ALL = "all"


def mentioned(text: str) -> list[str]:
    """The names behind an `@`, each once, as they are written."""
    words = [INLINE_CODE.sub("", piece) for piece, kind in paragraphs(text) if kind in ("text", "quote")]
    return list(dict.fromkeys(name for piece in words for name in MENTION.findall(ADDRESS.sub("", piece))))


def tell(
    state: State,
    issue: Issue,
    by: Person,
    texts: Sequence[str],
    *,
    before: Sequence[str] = (),
    note: Note | None = None,
) -> None:
    """Write down who gets mail for these texts; who was named in those before gets none again."""
    known = {name.lower() for text in before for name in mentioned(text)}
    for name in dict.fromkeys(name for text in texts for name in mentioned(text)):
        readers = [one for one in _named(state, issue, name) if one is not by and _reads(one, issue, note)]
        if name.lower() not in known and readers:
            names = tuple(one.username for one in readers)
            state.tracker.notices.append(Notice(f"@{name}", names, by.username, issue.reference))


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
