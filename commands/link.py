"""`link`: connect my GitLab account, so that what I change is changed by me."""

from __future__ import annotations

import blocks.connect
from bot.access import accounts, linking
from bot.command import Click, Command, Form, Request
from bot.errors import NotLinked, NotUnderstood, Refused
from bot.kit import Kit
from bot.model import Message

#: How GitLab's tokens begin (GitLab doc/security/tokens); what was redacted before begins with the bracket.
TOKENS = ("glpat-", "gloas-", "gldt-", "[redacted")


def run(request: Request, kit: Kit) -> Message:
    _refuse_words(request, kit)
    try:
        return blocks.connect.already(accounts.account(kit, request.person), kit.now())
    except NotLinked:
        return blocks.connect.invited(accounts.invite(kit, request.person, request.name, request.place))


def _refuse_words(request: Request, kit: Kit) -> None:
    """A token that was typed is in Slack now, in the history of whoever reads there."""
    typed = [word.text for word in request.words]
    if any(word.lower().startswith(TOKENS) or kit.redact(word) != word for word in typed):
        raise Refused(
            "That token is now in Slack, so I did not take it. Revoke it in GitLab under Access tokens,"
            f" then type `{request.prefix}link` without it."
        )
    if typed:
        raise NotUnderstood("`link` takes no more words.", suggestions=("link",))


def press_new(click: Click, kit: Kit) -> Message:
    """Whoever presses is invited, whoever the button was made for."""
    return blocks.connect.invited(accounts.invite(kit, click.person, click.name, click.place))


def press_token(click: Click, kit: Kit) -> None:
    view = blocks.connect.token_form(click.value, click.place, kit.config.gitlab.url)
    kit.slack.open_form(click.trigger, view)


def paste(form: Form, kit: Kit) -> Message:
    token = form.values.get(blocks.connect.FIELD, "")
    account, resumed = linking.paste(kit, blocks.connect, form.person, form.name, form.place, token)
    return blocks.connect.linked(account, resumed, kit.now())


def tick(kit: Kit) -> None:
    linking.poll(kit, blocks.connect)


COMMAND = Command(
    "link", "link", "Connect your GitLab account.", ("link", "connect"), run, aliases=("connect",),
    buttons={blocks.connect.NEW: press_new, blocks.connect.TOKEN: press_token},
    forms={blocks.connect.TOKEN: paste}, in_turn=False, always=True, tick=tick,
)  # fmt: skip
