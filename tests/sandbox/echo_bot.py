"""A bot that says back what it hears: enough of one to try the sandbox itself.

`say TEXT` is a card with a button, and TEXT in its thread; `whisper TEXT` only the asker sees; `die` ends it.
"""

from __future__ import annotations

import argparse
import os
import signal
import threading
import tomllib
from pathlib import Path
from typing import Any

from slack_bolt import App
from slack_bolt.adapter.socket_mode import SocketModeHandler
from slack_sdk import WebClient


def main() -> None:
    """Answer until SIGTERM."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--config", type=Path)
    parser.add_argument("--clock", type=Path)
    options = parser.parse_args()
    slack = tomllib.loads(options.config.read_text())["slack"]
    app = App(client=WebClient(slack["bot_token"], base_url=slack["api_url"]))
    listen(app, options.clock)
    SocketModeHandler(app, slack["app_token"], web_client=app.client).connect()
    done = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: os._exit(0))
    done.wait()


def listen(app: App, clock: Path) -> None:
    """What it does: one slash command and one button."""

    @app.command("/run")
    def run(ack: Any, command: Any, client: Any) -> None:
        ack()
        verb, _, text = command["text"].partition(" ")
        channel, person = command["channel_id"], command["user_id"]
        if verb == "die":
            os._exit(7)
        if verb == "clock":
            client.chat_postMessage(channel=channel, text=f"Clock: {clock.read_text()}")
        if verb == "whisper":
            client.chat_postEphemeral(channel=channel, user=person, text=text)
        if verb == "say":
            posted = client.chat_postMessage(
                channel=channel, text="card", blocks=card("*waiting* &amp; ready")
            )
            client.chat_postMessage(channel=channel, thread_ts=posted["ts"], text=text)

    @app.action("press")
    def press(ack: Any, body: Any, client: Any) -> None:
        ack()
        blocks = card(f"by <@{body['user']['id']}>")
        client.chat_update(
            channel=body["channel"]["id"], ts=body["message"]["ts"], text="card", blocks=blocks
        )


def card(text: str) -> list[dict[str, Any]]:
    """A section and its button."""
    label = {"type": "plain_text", "text": "Press me"}
    button = {"type": "button", "text": label, "action_id": "press", "value": "1"}
    return [
        {"type": "section", "text": {"type": "mrkdwn", "text": text, "verbatim": True}},
        {"type": "actions", "elements": [button]},
    ]


if __name__ == "__main__":
    main()
