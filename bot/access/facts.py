"""What is known of a person for a rule: who they are in Slack and in GitLab, asked only when a rule wants it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from bot.deeds import Deed
from bot.errors import GitLabError, NotLinked, SlackError
from bot.kit import Kit
from bot.ledger import Account
from bot.model import Person

#: Before a GitLab username, and before a group of the policy.
GITLAB, GROUP = "gitlab:", "@"
_PERSON = re.compile(r"[UW][A-Z0-9]+")
_USERGROUP = re.compile(r"S[A-Z0-9]+")


@dataclass(slots=True)
class Live:
    """Facts of one person about one project, as they are now; what was asked once is not asked again.

    It lives as long as one request: a role that GitLab takes away counts at the next one.
    """

    kit: Kit
    person: Person
    project: str = ""
    project_id: int = 0
    _account: tuple[Account | None] | None = field(default=None, repr=False)
    _role: tuple[int | None] | None = field(default=None, repr=False)

    def belongs(self, member: str) -> bool | None:
        """
        Whether the person is, or belongs to, a member as the policy writes it; None if that is not known now.

        A member is a group of the policy (`@name`, or its bare name), a Slack id, or `gitlab:username`.
        """
        groups = self.kit.config.policy.groups
        name = member.removeprefix(GROUP)
        if name in groups:
            return self._among(groups[name])
        if member.startswith(GITLAB):
            return self._is_user(member.removeprefix(GITLAB))
        if _PERSON.fullmatch(member):
            return member == self.person.id
        return self._in_usergroup(member) if _USERGROUP.fullmatch(member) else None

    def role(self) -> int | None:
        """The role in the project as GitLab's number, 0 for none; None if there is no account, or no answer."""
        if self._role is None:
            self._role = (self._asked_role(),)
        return self._role[0]

    def account(self) -> Account | None:
        """The GitLab account that is connected, if one is."""
        if self._account is None:
            with self.kit.store.read() as tx:
                self._account = (tx.accounts.get(self.person),)
        return self._account[0]

    def _among(self, members: Sequence[str]) -> bool | None:
        known = [self.belongs(one) for one in members if not one.startswith(GROUP)]
        return True if True in known else None if None in known else False

    def _is_user(self, username: str) -> bool | None:
        """Somebody without an account could be anybody in GitLab. Case does not matter in usernames there."""
        account = self.account()
        return account.username.casefold() == username.casefold() if account else None

    def _in_usergroup(self, group: str) -> bool | None:
        try:
            return self.kit.people.in_usergroup(group, self.person.id)
        except SlackError:
            return None

    def _asked_role(self) -> int | None:
        account = self.account()
        if account is None or not self.project:
            return None
        try:
            gitlab = self.kit.gitlab_as(self.person)
            project_id = self.project_id or gitlab.project(self.project).id
            return gitlab.role(project_id, account.gitlab_id)
        except (NotLinked, GitLabError):
            return None


def live(kit: Kit, deed: Deed) -> Live:
    """Return the facts about who does this deed, in its project."""
    return Live(kit, deed.person, deed.project, deed.project_id)


def is_one_of(kit: Kit, person: Person, members: Sequence[str]) -> bool:
    """Tell whether somebody certainly is among these groups and members; what is not known does not count."""
    facts = Live(kit, person)
    return any(facts.belongs(member) for member in members)
