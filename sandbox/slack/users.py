"""auth.test, users.*, bots.info and team.info: who is who."""

from __future__ import annotations

from sandbox.slack.methods import Arguments, Desk, Method, page
from sandbox.slack.people import (
    BOT,
    BOT_NAME,
    BOT_USER,
    TEAM,
    TEAM_DOMAIN,
    Body,
    User,
    bot_profile,
    user_body,
)
from sandbox.slack.refusal import Refusal


def auth_test(desk: Desk, arguments: Arguments) -> Body:
    """auth.test for the bot's token."""
    who = {"user": BOT_NAME.lower(), "team_id": TEAM, "user_id": BOT_USER, "bot_id": BOT}
    where = {"url": f"https://{TEAM_DOMAIN}.slack.com/", "team": "Acme Dev"}
    return {"ok": True, **where, **who, "is_enterprise_install": False}


def _shown(desk: Desk, user: User) -> Body:
    """A user as this app sees them: a stranger shares no channel with it (docs.slack.dev, user type)."""
    body = user_body(user, desk.workspace.clock())
    if "users:read.email" not in desk.scopes:
        del body["profile"]["email"]
    if user.team != TEAM:
        met = (each for each in desk.workspace.channels.values() if each.kind != "im")
        body["is_stranger"] = not any({user.id, BOT_USER} <= {*each.members} for each in met)
    return body


def users_info(desk: Desk, arguments: Arguments) -> Body:
    """users.info; the address only with users:read.email."""
    user = desk.workspace.users.get(arguments.need("user"))
    if user is None:
        raise Refusal("user_not_found")
    return {"ok": True, "user": _shown(desk, user)}


def users_list(desk: Desk, arguments: Arguments) -> Body:
    """users.list, the people of this workspace and those it shares channels with."""
    some, cursor = page(list(desk.workspace.users.values()), arguments)
    answer = {"members": [_shown(desk, user) for user in some], "cache_ts": int(desk.workspace.clock())}
    return {"ok": True, **answer, "response_metadata": {"next_cursor": cursor}}


def lookup_by_email(desk: Desk, arguments: Arguments) -> Body:
    """users.lookupByEmail."""
    wanted = arguments.need("email").lower()
    for user in desk.workspace.users.values():
        if user.email == wanted and not user.is_bot:
            return {"ok": True, "user": _shown(desk, user)}
    raise Refusal("users_not_found")


def bots_info(desk: Desk, arguments: Arguments) -> Body:
    """bots.info, of this app's bot or another's."""
    wanted = arguments.need("bot")
    bots = (user for user in desk.workspace.users.values() if user.is_bot)
    found = next((bot for bot in bots if bot.bot_id == wanted), None)
    if found is None:
        raise Refusal("bot_not_found")
    profile = {key: value for key, value in bot_profile(found).items() if key != "team_id"}
    return {"ok": True, "bot": {**profile, "user_id": found.id}}


def team_info(desk: Desk, arguments: Arguments) -> Body:
    """team.info."""
    names = {"name": "Acme Dev", "url": f"https://{TEAM_DOMAIN}.slack.com/", "domain": TEAM_DOMAIN}
    icon = {"image_34": "https://a.slack-edge.com/34.png", "image_default": True}
    rest = {"icon": icon, "avatar_base_url": "https://ca.slack-edge.com/", "is_verified": False}
    return {"ok": True, "team": {"id": TEAM, **names, "email_domain": "acme.example", **rest}}


METHODS = {
    "auth.test": Method(auth_test),
    "users.info": Method(users_info, ("users:read",), tier=4),
    "users.list": Method(users_list, ("users:read",), tier=2),
    "users.lookupByEmail": Method(lookup_by_email, ("users:read.email",), tier=3),
    "bots.info": Method(bots_info, ("users:read",), tier=3),
    "team.info": Method(team_info, ("team:read",), tier=3),
}
