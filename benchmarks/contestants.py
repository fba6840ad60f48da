"""Bare Bolt apps that acknowledge and do nothing else, over slack_sdk's built-in Socket Mode client."""

from __future__ import annotations

import sys

from slack_bolt import Ack, App
from slack_bolt.adapter.socket_mode import SocketModeHandler
from slack_sdk import WebClient

DEFAULT, BEFORE_RESPONSE = "default", "process_before_response"


def _acknowledge(ack: Ack) -> None:
    ack()


def main() -> None:
    """Connect the contestant of this name to the Slack at this address, until standard input ends."""
    name, url = sys.argv[1:]
    client = WebClient(token=f"xoxb-{name}", base_url=f"{url}/api/")
    app = App(client=client, process_before_response=name == BEFORE_RESPONSE)
    app.command("/gitlab")(_acknowledge)
    SocketModeHandler(app, f"xapp-{name}").connect()
    print("{}", flush=True)
    sys.stdin.read()


if __name__ == "__main__":
    main()
