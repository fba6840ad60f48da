"""Only the two servers, for a bot started by hand or any other client."""

from __future__ import annotations

import signal

from sandbox.world import World


def serve_alone() -> int:
    """Print the addresses and tokens as environment lines, and stay until Ctrl-C or SIGTERM."""
    with World(bot=False) as world:
        try:
            print(environment(world), flush=True)
            signal.pause()
        except KeyboardInterrupt:
            return 0
    return 0


def environment(world: World) -> str:
    """The lines `NAME=value` that a shell can read."""
    slack, gitlab = world.slack, world.gitlab
    found = {
        "SLACK_API_URL": slack.api_url,
        "SLACK_BOT_TOKEN": slack.bot_token,
        "SLACK_APP_TOKEN": slack.app_token,
        "GITLAB_URL": gitlab.url,
        "GITLAB_TOKEN": gitlab.bot_token,
        "CONFIG": str(world.config),
    }
    return "\n".join(f"{name}={value}" for name, value in found.items())
