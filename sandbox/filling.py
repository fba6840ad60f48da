"""The lines that fill in, send and close the form before a person, and press what is in it."""

from __future__ import annotations

from sandbox import acts
from sandbox.screen import plain_text
from sandbox.session import Session
from sandbox.slack.fields import HELD, every_field, named


def has_button(session: Session, act: acts.Press) -> bool:
    """Whether the open form has this button, or is sent by it."""
    form = session.form()
    if form is None:
        return False
    buttons = [each for each in every_field(form["blocks"]) if each.kind == "button"]
    label = _label(act.label, act.number)
    return bool(named(buttons, label)) or plain_text(form.get("submit")).casefold() == label.casefold()


def press(session: Session, act: acts.Press) -> str | None:
    """Press a button inside the form, or the one that sends it; None if it has no such button."""
    form = session.form()
    if form is None:
        return None
    buttons = [each for each in every_field(form["blocks"]) if each.kind == "button"]
    forms = session.world.slack.forms
    label = _label(act.label, act.number)
    if named(buttons, label):
        return session.world.call(forms.click(session.person, label))
    if plain_text(form.get("submit")).casefold() == label.casefold():
        return session.world.call(forms.submit(session.person))
    return None


def _label(label: str, number: int | None) -> str:
    """In a form there are no numbers of messages: one at the end belongs to the words."""
    return label if number is None else f"{label} {number}"


def choose(session: Session, act: acts.Choose) -> str | None:
    """Pick in the form; None if it has no such field."""
    form = session.form()
    if form is None:
        return None
    known = [each for each in every_field(form["blocks"]) if each.kind in HELD]
    if named(known, act.label) is None:
        return None
    option = _label(act.option, act.number)
    return session.world.call(session.world.slack.forms.choose(session.person, act.label, option))


def fill(session: Session, act: acts.Fill) -> str:
    """Type into a field of the form."""
    session.soon(lambda: session.form() is not None)
    return session.world.call(session.world.slack.forms.fill(session.person, act.field, act.value))


def submit(session: Session, _: acts.Submit) -> str:
    """Send the form."""
    session.soon(lambda: session.form() is not None)
    return session.world.call(session.world.slack.forms.submit(session.person))


def dismiss(session: Session, _: acts.Dismiss) -> str:
    """Close the form."""
    session.soon(lambda: session.form() is not None)
    return session.world.call(session.world.slack.forms.cancel(session.person))
