"""Who and what the sandbox's Slack workspace holds: its ids, people, channels and their Web API forms."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from sandbox.slack.zones import zone_body

Body = dict[str, Any]
"""A JSON object as Slack sends it."""

TEAM = "T0ACME0001"
TEAM_DOMAIN = "acme-dev"
PARTNER_TEAM = "T0PARTNER1"
PARTNER_DOMAIN = "partner-dev"
APP = "A0OPSBOT01"
BOT = "B0OPSBOT01"
BOT_USER = "U0OPSBOT01"
BOT_NAME = "Signalbox"
SLACKBOT = "USLACKBOT"
BOT_TOKEN = "xoxb-1000000000-2000000000-sandboxSANDBOXsandbox"
APP_TOKEN = "xapp-1-A0OPSBOT01-3000000000-5a4d6c7b8a9f"
VERIFICATION_TOKEN = "ZZverificationTokenZZ000"
BORN = 1_763_600_000
"""When this workspace was founded, seconds since the epoch."""


@dataclass(frozen=True, slots=True)
class User:
    """Somebody in the workspace, or in a workspace that shares a channel with it."""

    id: str
    name: str
    real_name: str
    team: str = TEAM
    tz: str = "UTC"
    is_restricted: bool = False
    is_ultra_restricted: bool = False
    """Whether it is a guest of one channel only; such a guest is restricted too."""
    is_bot: bool = False
    deleted: bool = False
    """Whether the account is deactivated."""
    display: str = ""
    """The display name where it is not `name`."""

    @property
    def shown_name(self) -> str:
        """The display name."""
        return self.display or self.name

    @property
    def bot_id(self) -> str:
        """Of an app's own user: `B…` beside its `U…`."""
        return f"B{self.id[1:]}"

    @property
    def app_id(self) -> str:
        return f"A{self.id[1:]}"

    @property
    def email(self) -> str:
        return f"{self.name}@{'acme' if self.team == TEAM else 'partner'}.example"

    @property
    def team_domain(self) -> str:
        return TEAM_DOMAIN if self.team == TEAM else PARTNER_DOMAIN


@dataclass(frozen=True, slots=True)
class Heading:
    """A channel's topic or purpose: who set it, and when, in seconds; all empty if nobody has."""

    value: str = ""
    creator: str = ""
    last_set: int = 0


@dataclass(slots=True)
class Channel:
    """A conversation. `kind` is Slack's channel_type: channel (public), group (private) or im."""

    id: str
    name: str
    kind: str
    members: list[str] = field(default_factory=list)
    is_ext_shared: bool = False
    is_archived: bool = False
    created: int = BORN
    creator: str = "U0ALICE001"
    topic: Heading = Heading()
    purpose: Heading = Heading()
    previous_names: list[str] = field(default_factory=list)
    pins: dict[str, Body] = field(default_factory=dict)
    """By the ts of the pinned message: who pinned it and when, as Slack's `pinned_info` has it."""
    bookmarks: dict[str, Body] = field(default_factory=dict)
    """By id, oldest first."""

    @property
    def spoken_name(self) -> str:
        """The channel_name of a slash command: only a public channel's own (slack-platform.md 3)."""
        return {"channel": self.name, "group": "privategroup", "im": "directmessage"}[self.kind]

    @property
    def partner(self) -> str:
        """The person at the other end of a direct message, as a user id."""
        return self.members[0]


def everybody() -> list[User]:
    """The people of the sandbox (sandbox.md), and the bot's own user."""
    return [
        User("U0ALICE001", "alice", "Alice Anders", tz="Europe/Berlin"),
        User("U0BOB00001", "bob", "Bob Brandt", tz="America/New_York"),
        User("U0CAROL001", "carol", "Carol Costa", tz="Asia/Tokyo"),
        User("U0DAVE0001", "dave", "Dave Dunn"),
        User("U0ERIN0001", "erin", "Erin Ek", team=PARTNER_TEAM, tz="Europe/Paris", is_restricted=True),
        User("U0ALICE002", "alice2", "Alice Anders", tz="Europe/Berlin", display="Alice (second)"),
        own_bot(),
    ]


def own_bot() -> User:
    """The user of the app itself."""
    return User(BOT_USER, "signalbox", BOT_NAME, is_bot=True)


def another_bot(name: str) -> User:
    """The user of another app in the workspace; its id tells its name, so that a configuration can name it."""
    return User(f"U0{name.upper()}BOT", name, name, is_bot=True)


def all_channels() -> list[Channel]:
    """The channels of the sandbox; the bot is not in `secret` and not in `lobby`."""
    alice, bob, carol, dave, erin, alice2 = (user.id for user in everybody() if not user.is_bot)
    staff = [alice, bob, carol, dave]
    return [
        Channel("C0OPS00001", "ops", "channel", [*staff, alice2, BOT_USER]),
        Channel("C0DEV00001", "dev", "channel", [*staff, alice2, BOT_USER]),
        Channel("C0SHARED01", "shared", "channel", [*staff, erin, BOT_USER], is_ext_shared=True),
        Channel("C0PRIV0001", "secret", "group", [alice, bob]),
        Channel("C0LOBBY001", "lobby", "channel", list(staff)),
        *(
            Channel(dm_id(user), user.name, "im", [user.id, BOT_USER])
            for user in everybody()
            if not user.is_bot
        ),
    ]


def dm_id(user: User) -> str:
    """Id of that person's direct message with the bot, for example D0ALICEBOT."""
    return f"D0{user.name.upper()}BOT"


def user_body(user: User, now: float) -> Body:
    """A user as users.info and users.list give it at `now` (samples/slack/web_api/users.info.json).

    Of a deactivated account Slack gives neither the zone nor the roles.
    """
    who = {"id": user.id, "team_id": user.team, "name": user.name, "deleted": user.deleted}
    what = {"is_bot": user.is_bot, "is_app_user": False, "updated": BORN}
    if user.deleted:
        return {**who, "profile": profile_body(user), **what}
    return {
        **who,
        "color": "9f69e7",
        "real_name": user.real_name,
        **zone_body(user.tz, now),
        "profile": profile_body(user),
        "is_admin": False,
        "is_owner": False,
        "is_primary_owner": False,
        "is_restricted": user.is_restricted,
        "is_ultra_restricted": user.is_ultra_restricted,
        **what,
        "is_email_confirmed": True,
        "who_can_share_contact_card": "EVERYONE",
    }


def profile_body(user: User) -> Body:
    """The profile inside a user; the address is taken out again where the scope for it is missing."""
    first, _, last = user.real_name.partition(" ")
    return {
        "title": "",
        "phone": "",
        "skype": "",
        "real_name": user.real_name,
        "real_name_normalized": user.real_name,
        "display_name": user.shown_name,
        "display_name_normalized": user.shown_name,
        "fields": None,
        "status_text": "",
        "status_emoji": "",
        "status_emoji_display_info": [],
        "status_expiration": 0,
        "avatar_hash": "g1",
        "email": user.email,
        "first_name": first,
        "last_name": last,
        **_images("", 24, 48, 72),
        "status_text_canonical": "",
        "team": user.team,
    }


def foreign_profile(user: User) -> Body:
    """The `user_profile` of an event caused by somebody of another workspace."""
    return {
        "name": user.name,
        "first_name": user.real_name.partition(" ")[0],
        "real_name": user.real_name,
        "display_name": user.shown_name,
        "team": user.team,
        "is_restricted": user.is_restricted,
        "is_ultra_restricted": user.is_ultra_restricted,
        "avatar_hash": "g1",
        "image_72": "https://a.slack-edge.com/72.png",
    }


def bot_body(bot: User) -> Body:
    """What a message of an app has and one of a person has not (samples/slack/events/message_bot_modern.json)."""
    return {"bot_id": bot.bot_id, "app_id": bot.app_id, "bot_profile": bot_profile(bot)}


def bot_profile(bot: User) -> Body:
    """The `bot_profile` of an app's messages."""
    icons = _images("bot_", 36, 48, 72)
    return {
        "id": bot.bot_id,
        "deleted": bot.deleted,
        "name": bot.real_name,
        "updated": BORN,
        "app_id": bot.app_id,
        "icons": icons,
        "team_id": TEAM,
    }


def _images(prefix: str, *sizes: int) -> Body:
    return {f"image_{size}": f"https://a.slack-edge.com/{prefix}{size}.png" for size in sizes}
