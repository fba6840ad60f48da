"""The lines that fill in, pick and press in the view before a person, and send and close a form."""

from __future__ import annotations

from collections.abc import Collection

from sandbox import acts
from sandbox.controls import Json, plain_text
from sandbox.session import NotHeld, Session
from sandbox.slack.fields import HELD, MENUS, Field, every_field, named
from sandbox.slack.surface import Surface


def before(session: Session) -> tuple[Json, Surface] | None:
    """The view before the current person, and what can be done in it: the open form, else the Home."""
    slack = session.world.slack
    if (form := session.form()) is not None:
        return form, slack.forms
    if session.at_home and (home := session.home()) is not None:
        return home, slack.home
    return None


def _field(session: Session, label: str, kinds: Collection[str]) -> tuple[Field, Surface] | None:
    """Something in that view by its label, if it has such a thing."""
    if (found := before(session)) is None:
        return None
    known = [each for each in every_field(found[0]["blocks"]) if each.kind in kinds]
    field = named(known, label)
    return None if field is None else (field, found[1])


def has_button(session: Session, act: acts.Press) -> bool:
    """Whether the view has this button, or is sent by it."""
    label = _label(act.label, act.number)
    return _field(session, label, ("button",)) is not None or _sends(session, label)


def _sends(session: Session, label: str) -> bool:
    form = session.form()
    return form is not None and plain_text(form.get("submit")).casefold() == label.casefold()


def press(session: Session, act: acts.Press) -> str | None:
    """Press a button inside the view, or the one that sends it; None if it has no such button."""
    label = _label(act.label, act.number)
    if (found := _field(session, label, ("button",))) is not None:
        return session.world.call(found[1].click(session.person, label))
    if _sends(session, label):
        return session.world.call(session.world.slack.forms.submit(session.person))
    _missed(session, act.number, f"button {label}")
    return None


def _missed(session: Session, number: int | None, what: str) -> None:
    """Leave it to the messages, unless somebody looks at the Home. Raises NotHeld then."""
    if session.at_home and number is None:
        raise NotHeld(f"The Home has no {what}.", session.surface("home"))


def _label(label: str, number: int | None) -> str:
    """In a view there are no numbers of messages: one at the end belongs to the words."""
    return label if number is None else f"{label} {number}"


def has_menu(session: Session, label: str) -> bool:
    """Whether the view has something of that label to pick in."""
    return _field(session, label, {*HELD, "overflow"}) is not None


def choose(session: Session, act: acts.Choose) -> str | None:
    """Pick in the view; None if it has no such field."""
    if (found := _field(session, act.label, {*HELD, "overflow"})) is None:
        _missed(session, act.number, f"menu {act.label}")
        return None
    option = _label(act.option, act.number)
    return session.world.call(found[1].choose(session.person, act.label, option))


def letters(session: Session, act: acts.Letters) -> str | None:
    """Open a menu of the view and type letters into it; None if it has no such menu."""
    if (found := _field(session, act.label, MENUS)) is None:
        _missed(session, act.number, f"menu {act.label}")
        return None
    text = _label(act.letters, act.number)
    return session.world.call(found[1].letters(session.person, act.label, text))


def fill(session: Session, act: acts.Fill) -> str:
    """Type into a field of the view, which may still be loading."""
    session.soon(lambda: _field(session, act.field, HELD) is not None)
    found = before(session)
    surface = found[1] if found is not None else session.world.slack.forms
    return session.world.call(surface.fill(session.person, act.field, act.value))


def submit(session: Session, _: acts.Submit) -> str:
    """Send the form."""
    session.soon(lambda: session.form() is not None)
    return session.world.call(session.world.slack.forms.submit(session.person))


def dismiss(session: Session, _: acts.Dismiss) -> str:
    """Close the form."""
    session.soon(lambda: session.form() is not None)
    return session.world.call(session.world.slack.forms.cancel(session.person))
