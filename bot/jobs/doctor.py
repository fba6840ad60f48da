"""Looks whether all that the bot needs is there: for who asks, for this place, and of the bot itself."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial

from bot.command import Request
from bot.deeds import Mark, Step
from bot.edges.slack import BotIdentity
from bot.errors import BotError, GitLabSaidNo, NotFound
from bot.jobs import projects
from bot.kit import Kit
from bot.model import OPEN_STATES, Millis
from bot.text import duration, plural

#: Scopes without which a feature is missing, and what is missing (docs/slack-app.md has the reason of each).
SCOPES = {
    "app_mentions:read": "mentions", "bookmarks:read": "bookmarks of incidents",
    "bookmarks:write": "bookmarks of incidents", "channels:history": "messages of channels for issues and incidents",
    "channels:manage": "channels of incidents", "channels:read": "telling shared channels",
    "channels:write.invites": "inviting to incidents", "channels:write.topic": "topics of incidents",
    "chat:write": "every answer", "commands": "slash commands",
    "files:read": "files of quoted messages", "files:write": "long replies and logs",
    "groups:history": "messages of private channels for issues and incidents",
    "groups:read": "telling shared private channels", "groups:write": "private channels of incidents",
    "groups:write.invites": "inviting to private incidents", "groups:write.topic": "topics of private incidents",
    "im:history": "direct messages", "im:read": "direct messages", "im:write": "direct messages",
    "pins:read": "pins of incidents", "pins:write": "pins of incidents",
    "reactions:read": "emoji that mark messages", "reactions:write": "showing that a message has arrived",
    "usergroups:read": "user groups in rules", "users:read": "who asks",
}  # fmt: skip
#: The oldest GitLab that has the device grant (gitlab-api.md 9).
OLDEST = (17, 9)
DAY_MS: Millis = 86_400_000
#: Whoever runs the bot is told of a token that ends so soon.
SOON_MS: Millis = 14 * DAY_MS
#: A letter that waits longer is late.
LATE_MS: Millis = 60_000


def look(kit: Kit, request: Request) -> list[Step]:
    """Return what was found, in the order in which somebody would look; nothing raises, a failure is a finding."""
    looks: tuple[tuple[str, Callable[[], Iterator[Step]]], ...] = (
        ("your account", partial(_account, kit, request)),
        ("this place", partial(_place, kit, request)),
        ("the project", partial(_project, kit, request)),
        ("GitLab", partial(_gitlab, kit)),
        ("my GitLab token", partial(_token, kit)),
        ("Slack", partial(_slack, kit)),
        ("work", partial(_work, kit)),
    )
    return [step for name, act in looks for step in _tried(name, act)]


def _tried(name: str, act: Callable[[], Iterator[Step]]) -> list[Step]:
    try:
        return list(act())
    except BotError as error:
        return [Step(name, Mark.STOP, error.sentence)]


def _account(kit: Kit, request: Request) -> Iterator[Step]:
    with kit.store.read() as tx:
        account = tx.accounts.get(request.person)
    if account is None or account.state != "live":
        yield Step("your account", Mark.ASK, "You are not connected to GitLab. Type link.")
        return
    username = kit.gitlab_as(request.person).me().username
    yield Step("your account", Mark.FINE, f"You are @{username} in GitLab.")


def _place(kit: Kit, request: Request) -> Iterator[Step]:
    channel = request.place.channel
    if not kit.people.can_post(channel):
        yield Step(
            "this place", Mark.STOP, "I am no member here, so no card can be shown. Type /invite @Signalbox."
        )
    elif kit.people.is_shared(channel) and channel not in kit.config.policy.shared_channels:
        yield Step("this place", Mark.STOP, "It is shared with another company, so I take no commands here.")
    else:
        yield Step("this place", Mark.FINE, "I can answer here.")


def _project(kit: Kit, request: Request) -> Iterator[Step]:
    path = projects.checked(kit, request) or projects.of_place(kit, request.person, request.place)
    if path is None:
        said = "None is set for this place: name one before a command, or type project use group/project."
        yield Step("the project", Mark.FINE, said)
        return
    seen = kit.gitlab_as(request.person).project(path)  # What they may not see is not told of, either.
    try:
        kit.gitlab.project(seen.id)
        kit.gitlab.environments(seen.id)
    except NotFound:
        said = (
            f"I do not see {path} myself, so I could not watch its jobs. Add my account to it as a Reporter."
        )
        yield Step("the project", Mark.STOP, said)
    except GitLabSaidNo:
        said = f"I see {path}, but not its environments: my account needs the role Reporter there."
        yield Step("the project", Mark.WARN, said)
    else:
        yield Step("the project", Mark.FINE, f"Commands here are about {path}, which I can watch.")


def _gitlab(kit: Kit) -> Iterator[Step]:
    version = kit.gitlab.version()
    numbers = tuple(int(part) for part in version.split(".")[:2] if part.isdecimal())
    if numbers < OLDEST:
        said = f"It is GitLab {version}. Before 17.9 accounts are connected with pasted tokens only."
        yield Step("GitLab", Mark.WARN, said)
    else:
        yield Step("GitLab", Mark.FINE, f"GitLab {version} answers.")
    if not kit.config.gitlab.application_id:
        said = "No OAuth application is set (gitlab.application_id), so people paste tokens to connect."
        yield Step("connecting", Mark.WARN, said)


def _token(kit: Kit) -> Iterator[Step]:
    username = kit.gitlab.me().username
    try:
        token = kit.gitlab.personal_token()
    except GitLabSaidNo:  # An OAuth token cannot ask this of itself.
        yield Step("my GitLab token", Mark.FINE, f"I am @{username}.")
        return
    if not token.scopes & {"api", "read_api"}:
        said = f"It lacks the scope read_api; it has {', '.join(sorted(token.scopes)) or 'none'}."
        yield Step("my GitLab token", Mark.STOP, said)
    elif token.expires_at is not None and token.expires_at - kit.now() < SOON_MS:
        said = f"It ends in {duration(token.expires_at - kit.now())}. Make a new one and set gitlab.token."
        yield Step("my GitLab token", Mark.WARN, said)
    else:
        yield Step("my GitLab token", Mark.FINE, f"I am @{username}, and may read.")


def _slack(kit: Kit) -> Iterator[Step]:
    me: BotIdentity = kit.slack.whoami()
    missing = [f"{scope} ({what})" for scope, what in SCOPES.items() if me.scopes and scope not in me.scopes]
    if missing:
        said = f"My token lacks {', '.join(missing)}. Add them to the Slack app and install it again."
        yield Step("Slack", Mark.WARN, said)
    else:
        yield Step("Slack", Mark.FINE, f"I am @{me.name}, with every scope I need.")


def _work(kit: Kit) -> Iterator[Step]:
    now = kit.now()
    with kit.store.read() as tx:
        requests, counts = tx.inbox.open_count(), tx.runs.counts()
        late, given_up = tx.outbox.waiting(now - LATE_MS), tx.outbox.given_up(now - DAY_MS)
    running = sum(counts.get(state, 0) for state in OPEN_STATES)
    said = f"{plural(running, 'run', 'runs')} under way, {plural(max(requests - 1, 0), 'request', 'requests')} waiting."
    yield Step("work", Mark.FINE, said)
    if late:
        yield Step("messages", Mark.WARN, f"{plural(late, 'message', 'messages')} waiting for over a minute.")
    if given_up:
        said = (
            f"{plural(len(given_up), 'message was', 'messages were')} given up in a day, last: {given_up[-1]}"
        )
        yield Step("messages", Mark.WARN, said)
