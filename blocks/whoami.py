"""How somebody is told who they are to GitLab, and what they may do here by which rule."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from blocks import access, lists, parts
from bot.ledger import Account, Grant, Lock
from bot.model import Message, Millis
from bot.text import escape, one_line

NAME_SHOWN = 100
#: How each way to connect an account is called.
_METHODS = {"device": "signing in to GitLab", "token": "a personal access token"}


@dataclass(frozen=True, slots=True)
class Self:
    """All that is known of who asks. What is not known is None or empty."""

    person: str
    """Slack user id."""
    account: Account | None
    project: str = ""
    role: str = ""
    """GitLab's word; `none` for somebody who is no member, empty if it is not known."""
    groups: Sequence[str] = ()
    unsure: Sequence[str] = ()
    """Groups of which it is not known now whether they are in it."""
    may: Mapping[str, Sequence[str]] = field(default_factory=dict)
    """Commands by what is decided about them, such as `denied by rule “night”`."""
    depends: Sequence[str] = ()
    """Names of rules that also look at the job, the environment and so on."""
    grants: Sequence[Grant] = ()
    locks: Sequence[Lock] = ()


def shown(one: Self, *, prefix: str, now: Millis) -> Message:
    """Return who somebody is; `prefix` is what they type before a command."""
    lines = [*_account(one, prefix, now), *_here(one), *_may(one)]
    lines += [access.line(grant) for grant in one.grants]
    lines += [_lock(lock) for lock in one.locks]
    return lists.listed(f"*You are <@{one.person}>* (`{escape(one.person)}`) in Slack.", lines)


def _account(one: Self, prefix: str, now: Millis) -> Iterator[str]:
    account = one.account
    if account is None:
        yield f"• You are not connected to GitLab, so I change nothing for you. Connect with `{escape(prefix)}link`."
        return
    way = _METHODS.get(account.method, _text(account.method))
    yield (
        f"• In GitLab you are *@{_text(account.username)}* ({_text(account.name)}, id {account.gitlab_id}),"
        f" connected by {way} since {parts.moment(account.linked_at)}."
    )
    if account.state == "dead":
        yield f"• GitLab no longer accepts that connection. Connect again with `{escape(prefix)}link`."
    elif account.expires_at is not None:
        yield f"• {_expiry(account, account.expires_at, now)}"


def _expiry(account: Account, at: Millis, now: Millis) -> str:
    if account.refresh:
        return f"I renew the connection by myself; next by {parts.moment(at)}."
    return f"The token {'expired' if at <= now else 'expires'} {parts.moment(at)}."


def _here(one: Self) -> Iterator[str]:
    if one.project and one.account is None:
        yield f"• The project meant here: {_text(one.project)}."
    elif one.project:
        role = {"": "not known just now", "none": "none: you are no member"}.get(one.role, one.role)
        yield f"• Your role in {_text(one.project)}, the project meant here: {escape(role)}."
    if one.groups:
        yield f"• Groups of the policy: {', '.join(map(_text, one.groups))}."
    if one.unsure:
        yield f"• Not known just now whether you are in: {', '.join(map(_text, one.unsure))}."


def _may(one: Self) -> Iterator[str]:
    for said, names in one.may.items():
        yield f"• {escape(said[:1].upper() + said[1:])}: {', '.join(f'`{escape(name)}`' for name in names)}."
    if one.depends:
        rules = ", ".join(f"“{_text(name)}”" for name in one.depends)
        yield f"• What also counts once the job, its environment or its arguments are known: {rules}."


def _lock(lock: Lock) -> str:
    until = f" until {parts.moment(lock.until)}" if lock.until is not None else ""
    return f"• You hold {_text(lock.environment)} of {_text(lock.project)} since {parts.moment(lock.since)}{until}."


def _text(text: str) -> str:
    return escape(one_line(text, NAME_SHOWN)).replace("`", "'").replace("*", "∗")
