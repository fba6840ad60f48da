"""Whom an approval calls, and where its card goes."""

from __future__ import annotations

from bot.edges.store import Tx
from bot.errors import Refused
from bot.kit import Kit
from bot.model import Place, Run
from bot.policy import Rule

#: People, and user groups, who are mentioned when a run waits for their approval.
MOST_CALLED = 5


def approvers(kit: Kit, tx: Tx, rule: Rule, run: Run) -> tuple[list[str], list[str]]:
    """Return the Slack ids of people and user groups who are called to a card; few, or it would only be noise."""
    members = [member for group in rule.by for member in kit.config.policy.groups.get(group, ())]
    people = [one for member in members for one in _slack_ids(tx, member) if one != run.person.id]
    groups = [member for member in members if member.startswith("S")]
    return list(dict.fromkeys(people))[:MOST_CALLED], groups[:MOST_CALLED]


def _slack_ids(tx: Tx, member: str) -> list[str]:
    scheme, _, username = member.partition(":")
    if scheme == "gitlab":
        return [
            account.person.id for account in tx.accounts.known_as(username) if account.username == username
        ]
    return [member] if member[:1] in {"U", "W"} else []


def where(run: Run, rule: Rule) -> Place:
    """
    Return where the card goes: to where the approvers are.

    Raises Refused for direct messages, which nobody else reads.
    """
    if rule.channel and rule.channel != run.place.channel:
        return Place(rule.channel)
    if run.place.is_dm:
        raise Refused(
            f"The rule “{rule.name}” wants others to approve this, and they do not see our direct messages."
            " Ask in a channel where they are."
        )
    return run.place
