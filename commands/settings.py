"""`settings`: what I have set for myself, and the form that changes it."""

from __future__ import annotations

import blocks.settings
from blocks.answers import said
from blocks.settings import EDIT, MENTION, PROJECT
from bot import own, values
from bot.access.lock_words import span
from bot.command import Click, Command, Form, Request
from bot.errors import NotUnderstood, SlackError
from bot.kit import Kit
from bot.model import Message, Person, Place
from bot.own import NEVER
from bot.personal import asking, own_words
from bot.personal.asking import Anew
from bot.words import longhand

#: The longest that is waited before somebody is called, in seconds: a day.
LONGEST_S = 86_400


def run(request: Request, kit: Kit) -> Message | None:
    names = [word.text for word in request.words]
    match [names[0].lower() if names else "", *names[1:]]:
        case [""]:
            return _shown(kit, request.person)
        case ["mention", *rest] if rest:
            return _call_me(request, kit, " ".join(rest))
        case ["project", path]:
            return _project(request, kit, path)
    form = f"{longhand(request.prefix)}settings"
    raise NotUnderstood(
        f"Type `{form}`, `{form} mention 5m`, `{form} mention never` or `{form} project group/project`."
    )


def facts(kit: Kit, person: Person) -> tuple[str, str, str, int]:
    """Return the time zone, the project in direct messages, when somebody is called, and how many words they have."""
    try:
        zone, dm = kit.people.about(person.id).tz, kit.people.dm(person.id)
    except SlackError:
        zone, dm = "", ""
    with kit.store.read() as tx:
        project = tx.places.get_default(person.team, dm) if dm else ""
        return zone, project or "", tx.settings.get(person, own.MENTION), len(
            tx.own_words.of(person.team, own_words.PERSON, person.id)
        )  # fmt: skip


def _shown(kit: Kit, person: Person) -> Message:
    return blocks.settings.shown(*facts(kit, person))


def _call_me(request: Request, kit: Kit, typed: str) -> Message:
    length = span(typed)
    if typed.lower() == NEVER:
        value = NEVER
    elif length is not None and 1_000 <= length <= LONGEST_S * 1_000:
        value = str(length // 1_000)
    else:
        raise NotUnderstood(
            f"I cannot read after how long `{typed}` is. Type it as `{longhand(request.prefix)}settings mention 5m`,"
            " a day at most, or `never`."
        )
    with kit.store.write() as tx:
        tx.settings.put(request.person, own.MENTION, value)
    return _shown(kit, request.person)


def _project(request: Request, kit: Kit, path: str) -> Message | None:
    _use(kit, request, path)
    return None if request.place.is_dm else said("Look into our direct messages: the answer is there.")


def _use(kit: Kit, asked: Request | Form, path: str) -> None:
    """Ask for `project use`, just as somebody would who typed it in their direct messages."""
    dm = asked.place if asked.place.is_dm else Place(kit.people.dm(asked.person.id))
    line = Anew(f"settings:{asked.key}", asked.person, asked.name, dm, f"project use {path or '-'}")
    with kit.store.write() as tx:
        asking.ask(tx, line, kit.now())
    kit.take_up()


# The form ---------------------------------------------------------------------------------------------------


def press_edit(click: Click, kit: Kit) -> None:
    _, project, mention, _ = facts(kit, click.person)
    kit.slack.open_form(click.trigger, blocks.settings.form(click.place, project, mention))


def send(form: Form, kit: Kit) -> Message | None:
    _, before, _, _ = facts(kit, form.person)
    project, mention = form.values.get(PROJECT, ""), form.values.get(MENTION, "")
    if mention in {one.value for one in blocks.settings.options()}:
        with kit.store.write() as tx:
            tx.settings.put(form.person, own.MENTION, mention)
    if project != before and (not project or values.PROJECT_PATH.fullmatch(project)):
        _use(kit, form, project)
    return _shown(kit, form.person) if project == before else None


COMMAND = Command(
    "settings",
    "settings [mention <time> | mention never | project <path>]",
    "What you have set for yourself.",
    ("settings", "settings mention 5m", "settings mention never", "settings project acme/shop"),
    run,
    buttons={EDIT: press_edit},
    forms={EDIT: send},
)
