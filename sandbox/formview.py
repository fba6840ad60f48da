"""What a person sees of an open form, and of the Home."""

from __future__ import annotations

from collections.abc import Iterator

from rich.text import Text

from sandbox.controls import Json, Part, plain_text
from sandbox.mrkdwn import Names
from sandbox.screen import block_parts
from sandbox.slack.fields import every_field

SUBMIT, CLOSE = "Submit", "Cancel"
"""What Slack's client writes on the two buttons of a form that names none."""
RULE = Part("divider", Text())
"""What parts the title of a view from its body, and a body from the buttons below it."""


def form_parts(form: Json, names: Names) -> tuple[Part, ...]:
    """Title, fields with what is in them, errors below their fields, and the buttons at the end."""
    title = Part("header", Text(plain_text(form.get("title")), "bold"))
    return (title, RULE, *_body(form, names), *_end(form))


def home_parts(home: Json, app: str, names: Names) -> tuple[Part, ...]:
    """The name of the app, as Slack writes it above its Home, and what the app has published."""
    return (Part("header", Text(f"{app}: Home", "bold")), RULE, *_body(home, names), *_said(home))


def _body(form: Json, names: Names) -> Iterator[Part]:
    for block in form["blocks"]:
        yield from block_parts([block], names)
        if error := form["errors"].get(block["block_id"]):
            yield Part("error", Text(f"⚠ {error}", "red"))


def _end(form: Json) -> Iterator[Part]:
    yield from _said(form)
    close = plain_text(form.get("close")) or CLOSE
    submit = plain_text(form.get("submit")) or SUBMIT
    sends = form.get("submit") or any(block["type"] == "input" for block in form["blocks"])
    yield RULE
    yield Part("buttons", Text(f"[{close}]" + (f" [{submit}]" if sends else ""), "bold"))


def _said(view: Json) -> Iterator[Part]:
    if view["said"]:
        yield Part("error", Text(f"⚠ {view['said']}", "red"))


def fingerprint(form: Json) -> str:
    """What makes its look, apart from what is being typed: it is printed again when this changes."""
    menus = [each.element["menu"] for each in every_field(form["blocks"]) if "menu" in each.element]
    return f"{form['id']} {form['hash']} {sorted(form['errors'].items())} {form['said']} {menus}"
