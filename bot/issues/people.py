"""Whom somebody means in GitLab by a mention, a name or `me`; and what people and places in Slack are called."""

from __future__ import annotations

import re
from collections.abc import Callable
from contextlib import suppress

from bot.errors import LeftOut, NotUnderstood, SlackError
from bot.issues import picks
from bot.issues.acting import Actor
from bot.issues.meant import Found
from bot.kit import Kit
from bot.model import GitLabUser, Person
from bot.text import one_line
from bot.words import nearest

ME = "me"
#: What is typed for taking an issue from everybody.
NOBODY = frozenset({"-", "nobody", "none"})
MENTION = re.compile(r"<@(?P<id>[UW][A-Z0-9]+)>")
SHOWN = 60


def whom(kit: Kit, who: Actor, one: Found) -> GitLabUser | None:
    """
    Return whom an issue is to be assigned to, by what was typed behind it; None for nobody.

    Raises LeftOut if nobody was named, NotUnderstood for somebody who is not known.
    """
    said = one.rest.strip()
    if not said:
        raise _who(kit, who, one)
    if said.casefold() in NOBODY:
        return None
    return named(kit, who, one, said)


def named(kit: Kit, who: Actor, one: Found, said: str) -> GitLabUser:
    """Return the account that a word means: `me`, a person in Slack who is connected, or a GitLab username."""
    if said.casefold() == ME:
        return GitLabUser(who.by.gitlab_id, who.by.username, "")
    mention = MENTION.fullmatch(said)
    if mention:
        return _mentioned(kit, who, mention["id"])
    username = said.removeprefix("@")
    found = who.gitlab.user_named(username) if re.fullmatch(r"[\w.-]+", username) else None
    if found is None:
        raise _unknown(who, one, username)
    return found


def _mentioned(kit: Kit, who: Actor, person_id: str) -> GitLabUser:
    with kit.store.read() as tx:
        account = tx.accounts.get(Person(who.person.team, person_id))
    if account is None:
        name = name_of(kit, person_id)
        raise NotUnderstood(
            f"{name} has not connected a GitLab account, so I do not know who that is there. Name the account itself,"
            " such as `issue assign #4 username`, or have them type `link`."
        )
    return GitLabUser(account.gitlab_id, account.username, account.name)


def _unknown(who: Actor, one: Found, said: str) -> NotUnderstood:
    members = who.gitlab.members(one.issue.project_id)
    near = nearest(said, [member.username for member in members])
    shown = one_line(said, SHOWN).replace("`", "'")
    hint = f" Did you mean {' or '.join(f'`{name}`' for name in near)}?" if near else ""
    lines = tuple(f"{one.issue.project} issue assign #{one.issue.iid} {name}" for name in near)
    return NotUnderstood(
        f"GitLab knows no user `{shown}`.{hint} Type `me`, a GitLab username, or mention somebody who is connected.",
        suggestions=lines,
    )


def _who(kit: Kit, who: Actor, one: Found) -> LeftOut:
    issue = one.issue
    picks.read(kit, who, issue.project_id, picks.MEMBER)
    return LeftOut(
        f"Who shall have {issue.reference}?", before=f"{issue.project} issue assign #{issue.iid}",
        source=picks.MEMBER, context=str(issue.project_id),
    )  # fmt: skip


# In Slack ---------------------------------------------------------------------------------------------------


def name_of(kit: Kit, person_id: str) -> str:
    """Return how somebody is called in Slack; their id if Slack does not say."""
    with suppress(SlackError):
        return kit.people.about(person_id).name
    return person_id


def names_of(kit: Kit, person_id: str) -> tuple[str, ...]:
    """Return what somebody may be called by who types their name."""
    with suppress(SlackError):
        about = kit.people.about(person_id)
        return (about.name, about.handle)
    return ()


class Names:
    """Names for what is written to GitLab (bot/markdown); asked of Slack once each, and empty if it does not say."""

    def __init__(self, kit: Kit, here: str = "") -> None:
        """`here` is the channel that is quoted, whose name its readers know."""
        self._kit = kit
        self._here = here
        self._known: dict[str, str] = {}

    def person(self, whom: str, /) -> str:
        return self._once(f"@{whom}", lambda: self._kit.people.about(whom).name)

    def channel(self, where: str, /) -> str:
        """The name of a public channel; that of a private one is for its members."""
        return self._once(f"#{where}", lambda: self._public(where))

    def group(self, whom: str, /) -> str:
        """No scope of ours names a user group: its label in the message does."""
        del whom
        return ""

    def _public(self, where: str) -> str:
        found = self._kit.slack.asked("conversations_info", channel=where)["channel"]
        return str(found.get("name") or "") if where == self._here or not found.get("is_private") else ""

    def _once(self, key: str, ask: Callable[[], str]) -> str:
        if key not in self._known:
            self._known[key] = ""
            with suppress(SlackError):
                self._known[key] = ask()
        return self._known[key]
