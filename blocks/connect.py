"""How connecting an account looks: the invitation, the form for a token, and how it went."""

from __future__ import annotations

from urllib.parse import quote

from blocks import forms, parts
from bot.errors import LinkLost, NotLinked
from bot.ledger import Account, Invitation
from bot.model import Block, Message, Millis, Place
from bot.text import code, escape, inert, one_line, plural

#: Ids of the buttons and of the form.
NEW, TOKEN, OPEN = "link.new", "link.token", "link.open"
FIELD = "token"
#: What a button carries that needs nothing but who presses it.
NOTHING = "-"
#: Whoever has a token that ends sooner is told when (gitlab-api.md 3.2).
WARNED_MS: Millis = 14 * 86_400_000
NAME_SHOWN = 80
#: What somebody typed before, to be told apart from what they typed now.
KEPT_SHOWN = 120
#: Longest that a form's field takes; GitLab's tokens are below 100 characters.
TOKEN_LENGTH = 512
OWN = "Whatever you change in GitLab through me is done with your own account and your own rights."
#: GitLab's own pages (doc/user/profile/personal_access_tokens.md, doc/integration/oauth_provider.md).
TOKENS_PAGE = "/-/user_settings/personal_access_tokens"
APPLICATIONS_PAGE = "/-/user_settings/applications"


def connect(error: NotLinked, invitation: Invitation) -> Message:
    """Return how to connect an account, after a request that needs one; only its owner may see it."""
    lost = "GitLab no longer accepts the connection to your account. Connect it again."
    return _invited(lost if isinstance(error, LinkLost) else "Connect your GitLab account first.", invitation)


def invited(invitation: Invitation) -> Message:
    """Return how to connect an account, for somebody who asked for that."""
    return _invited("Connect your GitLab account.", invitation)


def _invited(sentence: str, invitation: Invitation) -> Message:
    by_code = bool(invitation.url)
    buttons = [_open(invitation.url)] if by_code else []
    other = "I cannot open that page" if by_code else "Connect with a token"
    buttons.append(parts.button(other, TOKEN, NOTHING, style=None if by_code else "primary"))
    below = (
        [_compare(invitation)]
        if by_code
        else ["This GitLab takes a personal access token with the scope `api`."]
    )
    if invitation.first is not None:
        first = code(invitation.first, KEPT_SHOWN) if invitation.first else "what you asked for before"
        below.append(f"I still keep {first} and do it once you are connected; this one is not kept.")
    elif invitation.kept:
        below.append(
            "What you asked for is kept for 10 minutes and then done by itself: you need not type it again."
        )
    body = (parts.section(f"{sentence} {OWN}"), parts.actions(*buttons), parts.context(*below))
    return Message(sentence, body)


def _open(url: str) -> Block:
    return parts.button("Connect in GitLab", OPEN, NOTHING, style="primary") | {"url": url}


def _compare(invitation: Invitation) -> str:
    return (
        f"GitLab shows the code {code(invitation.code, NAME_SHOWN)}, good for {plural(invitation.minutes, 'minute')}."
        " Go on only if it is the same, and hand this link to nobody: whoever agrees there connects"
        " *their* account to *you*."
    )


def already(account: Account, now: Millis) -> Message:
    """Return whom somebody is connected as, and how to change that."""
    ending = _ending(account, now)
    how = "a personal access token" if account.method == "token" else "GitLab's own page"
    text = (
        f"You are connected as {_named(account)}, by {how}, since {parts.moment(account.linked_at)}.{ending}"
    )
    buttons = parts.actions(parts.button("Connect anew", NEW, NOTHING))
    return Message(
        f"You are connected as {_named(account)}.",
        (parts.section(text), buttons, parts.context("`unlink` ends it.")),
    )


def linked(account: Account, resumed: int, now: Millis) -> Message:
    """Return that it worked, and what goes on now."""
    text = f"You are now connected as {_named(account)}."
    goes_on = "What you asked for goes on" if resumed == 1 else f"The {resumed} things you asked for go on"
    return _said(f"{text}{f' {goes_on} now.' if resumed else ''}{_ending(account, now)}")


def _ending(account: Account, now: Millis) -> str:
    """Say when a pasted token ends, if that is soon."""
    if account.method != "token" or account.expires_at is None or account.expires_at - now > WARNED_MS:
        return ""
    return f" Your token ends {parts.moment(account.expires_at)}; connect a new one before that."


def shared(mine: Account, other: Account, name: str, gitlab: str) -> Message:
    """
    Return what somebody is told when their GitLab account was just connected to another Slack account, too.

    `name` is how that one is called in Slack, which is theirs to choose; `gitlab` is GitLab's address.
    """
    who = f"<@{other.person.id}> ({inert(one_line(name, NAME_SHOWN))}, {code(other.person.id)})"
    told = f"Your GitLab account {_named(mine)} was connected to another Slack account just now: {who}."
    page, what = (
        (TOKENS_PAGE, "Access tokens") if other.method == "token" else (APPLICATIONS_PAGE, "Applications")
    )
    undo = (
        "If that is you, nothing has to be done. If it is not, they can do in GitLab whatever you can: revoke it at"
        f" once under <{gitlab}{page}|{what}>, type `unlink` and `link` for your own, and tell whoever runs me."
    )
    return Message(told, (parts.section(f"{told} {undo}"),))


def expired(device: str) -> Message:
    """Return that nobody has completed it in time; GitLab does not tell us of a refusal."""
    return _again(
        "The code has expired, so your account is not connected. If you refused in GitLab, that is why: I hear of it"
        " only by the code running out.",
        device,
    )


def failed(why: str, device: str) -> Message:
    """Return why an account could not be connected; `why` is plain text."""
    return _again(escape(why), device)


def lost(account: Account) -> Message:
    """Return what the owner of an account is told once GitLab has refused its tokens for good."""
    return _again(
        f"GitLab no longer accepts the connection to your account {_named(account)}: it was revoked, or it ran out."
        " Nothing is done for you there until you connect it again.",
        NOTHING,
    )


def _again(text: str, value: str) -> Message:
    buttons = parts.actions(parts.button("Connect", NEW, value, style="primary"))
    return Message(text, (parts.section(text), buttons))


def unlinked(account: Account, *, ended: bool, runs: int, gitlab: str) -> Message:
    """Return what it means that an account was disconnected; `gitlab` is GitLab's address."""
    text = f"You are no longer connected as {_named(account)}, and I have forgotten your tokens."
    return _said(" ".join((text, _left_at_gitlab(account, ended, gitlab), _runs(runs))).rstrip())


def _left_at_gitlab(account: Account, ended: bool, gitlab: str) -> str:
    if ended:
        return "GitLab has ended them, too."
    if account.method == "token":
        page = f"{gitlab}{TOKENS_PAGE}"
        return f"The token itself is yours: if nothing else uses it, revoke it under <{page}|Access tokens>."
    return f"GitLab has not said that it ended them: do so yourself under <{gitlab}{APPLICATIONS_PAGE}|Applications>."


def _runs(runs: int) -> str:
    if not runs:
        return ""
    goes = "goes" if runs == 1 else "go"
    return (
        f"{plural(runs, 'run', 'runs')} of yours {goes} on: I watch with my own account. What has not been started yet"
        " will not start, and to cancel or retry you have to connect again."
    )


def token_form(value: str, place: Place, gitlab: str) -> Block:
    """Return the form that takes a personal access token; `gitlab` is GitLab's address."""
    page = f"{gitlab}{TOKENS_PAGE}?name={quote('Signalbox')}&scopes=api"
    told = (
        f"Make a personal access token with the scope `api` at <{page}|GitLab> and paste it here."
        " I keep it sealed and use it for what you ask me to do, and for nothing else."
    )
    field = forms.text(FIELD, "Personal access token", placeholder="glpat-…", least=8, most=TOKEN_LENGTH)
    return forms.modal(
        TOKEN, value, place, title="Connect with a token", submit="Connect", body=[parts.section(told), field]
    )


def _said(text: str) -> Message:
    return Message(text, (parts.section(text),))


def _named(account: Account) -> str:
    username, name = one_line(account.username, NAME_SHOWN), one_line(account.name, NAME_SHOWN)
    return f"*@{escape(username)}* ({inert(name)})"
