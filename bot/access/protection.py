"""The step of the ladder that asks whether GitLab itself lets the person deploy to an environment."""

from __future__ import annotations

from bot.deeds import Deed, Mark, Step
from bot.edges.gitlab import GitLab
from bot.environments import AccessLevel, Protection
from bot.errors import GitLabError, GitLabSaidNo, NotLinked
from bot.kit import Kit
from bot.text import one_line, plural

NAME = "protection"
#: Most characters of a name that are repeated.
SHOWN = 80
#: Most rows of who may deploy that are repeated.
ROWS_SHOWN = 5


def step(kit: Kit, deed: Deed) -> Step:
    """
    Return whether GitLab's protected environments let the person deploy there.

    Only what is sure stops it, and nothing here overrides it: whatever I cannot see, GitLab decides, since it
    is asked with the person's own token.
    """
    where = one_line(deed.environment, SHOWN)
    try:
        protection, asked = _protection(kit, deed)
        if protection is None:
            return Step(NAME, Mark.FINE, _not_shown(where, asked))
        may = _may_deploy(kit.gitlab_as(deed.person), deed, protection)
    except (GitLabError, NotLinked):
        return Step(NAME, Mark.FINE, _not_shown(where, asked=False))
    if may is False:
        only = ", ".join(_whom(one) for one in protection.deploy[:ROWS_SHOWN])
        return Step(NAME, Mark.STOP, f"GitLab lets only {only} deploy to {where}.")
    return Step(NAME, Mark.FINE, _fine(where, protection, sure=bool(may)))


def approvals_in_gitlab(kit: Kit, deed: Deed) -> int | None:
    """
    Return how many have to approve a deployment there in GitLab; None if it is not protected, or nobody I can
    ask as is shown that. Raises NotLinked without an account, and GitLab's errors if it does not answer.
    """
    if not deed.environment:
        return None
    protection, _ = _protection(kit, deed)
    return None if protection is None else protection.approvals


def _protection(kit: Kit, deed: Deed) -> tuple[Protection | None, bool]:
    """
    Return how the environment is protected, and whether GitLab answered that at all.

    It tells Maintainers only: the person is asked for first, then the bot, since a Developer whom it keeps out
    is just the one who is not shown why.
    """
    asked = False
    for gitlab in (kit.gitlab_as(deed.person), kit.gitlab):
        try:
            found = gitlab.protection(deed.project_id, deed.environment)
        except GitLabSaidNo as error:
            if error.status != 403:
                raise
            continue
        if found:
            return found, True
        asked = True
    return None, asked


def _may_deploy(gitlab: GitLab, deed: Deed, protection: Protection) -> bool | None:
    """Whether any row lets the person in; None if that depends on what is not shown here."""
    me = gitlab.me()
    if me.is_admin:
        return True  # administrators always may (doc/ci/environments/protected_environments.md)
    role = gitlab.role(deed.project_id, me.id)
    answers = [_lets_in(row, me.id, role) for row in protection.deploy]
    if True in answers:
        return True
    return None if None in answers or not answers else False


def _lets_in(row: AccessLevel, user_id: int, role: int) -> bool | None:
    if row.user_id is not None:
        return row.user_id == user_id
    if row.group_id is not None or row.role is None:
        return None
    return role >= row.role


def _whom(row: AccessLevel) -> str:
    return one_line(row.said, SHOWN) or "others"


def _not_shown(where: str, asked: bool) -> str:
    if asked:
        return f"I see no protection of {where} in GitLab."
    return f"GitLab will decide whether you may deploy to {where}."


def _fine(where: str, protection: Protection, *, sure: bool) -> str:
    said = f"GitLab lets you deploy to {where}." if sure else _not_shown(where, asked=False)
    if not protection.approvals:
        return said
    return f"{said} It asks for {plural(protection.approvals, 'approval')} there."
