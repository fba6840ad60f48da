"""A bot that says back what it hears: enough of one to try the sandbox itself.

`say TEXT` is a card with a button, and TEXT in its thread; `whisper TEXT` only the asker sees; `ask` whispers
a button that is gone once used; `date STAMP` is a date; `pick` is a menu of projects; `form` opens a form and says
back what was sent; `die` ends it.
The Home counts how often it was refreshed, and has a menu of projects that asks for one letter at least.
The shortcut "New issue" opens the form too, "Add to issue" says back the message; the others are not answered.
"""

from __future__ import annotations

import argparse
import os
import re
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
    """What it does: one slash command, some buttons, one form."""

    @app.command("/run")
    def run(ack: Any, command: Any, client: Any) -> None:
        ack()
        verb, _, text = command["text"].partition(" ")
        if verb == "die":
            os._exit(7)
        if verb == "clock":
            client.chat_postMessage(channel=command["channel_id"], text=f"Clock: {clock.read_text()}")
        else:
            answer(verb, text, command, client)

    listen_to_buttons(app)
    listen_to_forms(app)
    listen_to_shortcuts(app)
    listen_to_home(app)


def answer(verb: str, text: str, command: Any, client: Any) -> None:
    """What it says to one command."""
    channel, person = command["channel_id"], command["user_id"]
    match verb:
        case "whisper":
            client.chat_postEphemeral(channel=channel, user=person, text=text)
        case "ask":
            blocks = [{"type": "actions", "elements": [element("Approve", "approve")]}]
            client.chat_postEphemeral(channel=channel, user=person, text="Sure?", blocks=blocks)
        case "date":
            date = f"<!date^{text}^{{date_short_pretty}} = {{date_num}} {{time}}|then>"
            client.chat_postMessage(channel=channel, text=date)
        case "pick":
            pick = {"type": "external_select", "action_id": "project", "min_query_length": 1}
            blocks = [{"type": "actions", "elements": [{**pick, "placeholder": plain("Project")}]}]
            client.chat_postMessage(channel=channel, text="pick", blocks=blocks)
        case "form":
            client.views_open(trigger_id=command["trigger_id"], view=form(channel))
        case "say":
            blocks = card("*waiting* &amp; ready")
            posted = client.chat_postMessage(channel=channel, text="card", blocks=blocks)
            client.chat_postMessage(channel=channel, thread_ts=posted["ts"], text=text)


def listen_to_buttons(app: App) -> None:
    """Buttons of messages and of the form."""

    @app.action("press")
    def press(ack: Any, body: Any, client: Any) -> None:
        ack()
        blocks = card(f"by <@{body['user']['id']}>")
        client.chat_update(
            channel=body["channel"]["id"], ts=body["message"]["ts"], text="card", blocks=blocks
        )

    @app.action("approve")
    def approve(ack: Any, respond: Any) -> None:
        ack()
        respond(text="Approved.", replace_original=True)

    @app.action("more")
    def more(ack: Any, body: Any, client: Any) -> None:
        ack()
        client.views_update(view_id=body["view"]["id"], view=form(body["view"]["private_metadata"], "More."))


def listen_to_forms(app: App) -> None:
    """The form that was sent."""

    @app.view("form")
    def sent(ack: Any, view: Any, client: Any) -> None:
        values = view["state"]["values"]
        why, env = values["why"]["why"]["value"], values["env"]["env"]["selected_option"]["value"]
        if why == "bad":
            ack(response_action="errors", errors={"why": "Say it better."})
            return
        ack()
        client.chat_postMessage(channel=view["private_metadata"], text=f"{env}: {why}")


def listen_to_shortcuts(app: App) -> None:
    """A global shortcut and one on messages."""

    @app.shortcut("issue.shortcut")
    def new(ack: Any, body: Any, client: Any) -> None:
        ack()
        client.views_open(trigger_id=body["trigger_id"], view=form("C0OPS00001"))

    @app.shortcut("issue.add_message")
    def add(ack: Any, body: Any, respond: Any) -> None:
        ack()
        respond(text=f"Added: {body['message']['text']}")


def listen_to_home(app: App) -> None:
    """Opening the Home, and what is in it."""

    @app.event("app_home_opened")
    def opened(event: Any, client: Any) -> None:
        if event["tab"] == "home" and "view" not in event:
            client.views_publish(user_id=event["user"], view=home(event["user"], 0))

    app.event(re.compile(".*"))(lambda: None)  # Whatever else is told of is acknowledged, or it comes again.

    @app.action("refresh")
    def refresh(ack: Any, body: Any, client: Any) -> None:
        ack()
        person, times = body["user"]["id"], int(body["actions"][0]["value"])
        client.views_publish(user_id=person, hash=body["view"]["hash"], view=home(person, times))

    @app.action("open")
    def open_it(ack: Any, body: Any, client: Any) -> None:
        ack()
        client.views_open(trigger_id=body["trigger_id"], view=form("C0OPS00001"))

    @app.options("project")
    def offer(ack: Any, body: Any) -> None:
        found = [name for name in ("acme/shop", "acme/infra", "acme/vault") if body["value"] in name]
        ack(options=[{"text": plain(name), "value": name} for name in found])

    @app.action("project")
    def picked(ack: Any, body: Any, client: Any) -> None:
        ack()
        text = f"Project: {body['actions'][0]['selected_option']['value']}"
        client.chat_postMessage(channel=body["user"]["id"], text=text)


def home(person: str, times: int) -> dict[str, Any]:
    """A Home with two buttons and a menu."""
    again = {**element("Refresh", "refresh"), "value": str(times + 1)}
    pick = {"type": "external_select", "action_id": "project", "min_query_length": 1}
    blocks = [
        {
            "type": "section",
            "text": {"type": "mrkdwn", "text": f"Hello <@{person}>, refreshed {times} times."},
        },
        {"type": "actions", "elements": [again, element("Open form", "open")]},
        {"type": "actions", "block_id": "pick", "elements": [{**pick, "placeholder": plain("Project")}]},
    ]
    return {"type": "home", "blocks": blocks}


def form(channel: str, hint: str = "In a few words.") -> dict[str, Any]:
    """A form with a text, a select and a button."""
    options = [{"text": plain(label), "value": label.lower()} for label in ("Staging", "Step 2")]
    text = {"type": "plain_text_input", "action_id": "why", "multiline": True}
    pick = {"type": "static_select", "action_id": "env", "options": options}
    blocks = [
        {"type": "input", "block_id": "why", "label": plain("Why"), "hint": plain(hint), "element": text},
        {"type": "input", "block_id": "env", "label": plain("Environment"), "element": pick},
        {"type": "actions", "elements": [element("More", "more")]},
    ]
    words = {"title": plain("Approve"), "submit": plain("Send"), "close": plain("Not now")}
    return {"type": "modal", "callback_id": "form", "private_metadata": channel, "blocks": blocks, **words}


def plain(text: str) -> dict[str, Any]:
    """A plain_text object."""
    return {"type": "plain_text", "text": text}


def element(label: str, action: str) -> dict[str, Any]:
    """A button."""
    return {"type": "button", "text": plain(label), "action_id": action}


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
