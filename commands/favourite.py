"""`favourite run hello`: a command I keep for my Home, where it is a button."""

from __future__ import annotations

from collections.abc import Mapping

import blocks.favourite
import commands
from blocks.favourite import DO, EDIT, FIELD, NEW, REMOVE
from bot.command import Click, Command, Form, Request
from bot.deeds import digest
from bot.errors import BotError, NotUnderstood, Refused
from bot.kit import Kit
from bot.model import Message, Person, Place
from bot.own import Favourite
from bot.personal import asking, own_words
from bot.personal.asking import Anew
from bot.words import longhand

#: Favourites of one person: as many as a Home shows at one glance.
MOST = 10
#: Characters of an id, which is made of the key of the request that asks for it.
ID_LENGTH = 16
GONE = "That is no favourite of yours any more. `favourites` lists those you keep."


def run(request: Request, kit: Kit) -> Message:
    if not request.words:
        return blocks.favourite.listed(_mine(kit, request.person), prefix=longhand(request.prefix))
    if request.words[0].text.lower() == "remove":
        return _remove(kit, _numbered(request, kit))
    line = _checked(kit, request.person, request.place, request.line.after(0))
    return _keep(kit, Favourite(_id(request.key), request.person, line))


def _mine(kit: Kit, person: Person) -> list[Favourite]:
    with kit.store.read() as tx:
        return tx.favourites.of(person)


def _numbered(request: Request, kit: Kit) -> Favourite:
    mine = _mine(kit, request.person)
    named = [word.text for word in request.words[1:]]
    numbers = {str(number): one for number, one in enumerate(mine, 1)}
    if len(named) != 1 or named[0] not in numbers:
        known = f"You keep {len(mine)}; `favourites` lists them." if mine else "You keep none yet."
        raise NotUnderstood(f"Which one? Type it as `{longhand(request.prefix)}favourite remove 1`. {known}")
    return numbers[named[0]]


def _checked(kit: Kit, person: Person, place: Place, typed: str) -> str:
    """Return a command that the parser reads; raises NotUnderstood for what is none."""
    return own_words.written_out(kit, _verbs(), person, place, typed.strip()).text


def _verbs() -> frozenset[str]:
    return frozenset(name for one in commands.load() for name in (one.name, *one.aliases))


def _id(key: str) -> str:
    return digest(key)[:ID_LENGTH]


def _keep(kit: Kit, one: Favourite) -> Message:
    with kit.store.write() as tx:
        mine = tx.favourites.of(one.person)
        known = next((at for at, other in enumerate(mine, 1) if other.line == one.line), None)
        if known is None and len(mine) >= MOST:
            raise Refused(
                f"You keep {MOST} favourites, which is the most. Take one away with `favourite remove 1`."
            )
        if known is None:
            tx.favourites.add(one)
    return blocks.favourite.kept(one, known or len(mine) + 1)


def _remove(kit: Kit, one: Favourite) -> Message:
    with kit.store.write() as tx:
        if not tx.favourites.drop(one.id):
            raise NotUnderstood(GONE)
    return blocks.favourite.gone(one)


# Buttons and the form ---------------------------------------------------------------------------------------


def _owned(kit: Kit, asked: Click | Form) -> Favourite:
    with kit.store.read() as tx:
        found = tx.favourites.get(asked.value)
    if found is None or found.person != asked.person:
        raise NotUnderstood(GONE)
    return found


def press_do(click: Click, kit: Kit) -> None:
    """Do it as if it had been typed where the button was pressed; each press is a request of its own."""
    one, key = _owned(kit, click), f"favourite:{click.key}"
    anew = Anew(key, click.person, click.name, click.place, one.line, trigger=click.trigger)
    with kit.store.write() as tx:
        asking.ask(tx, anew, kit.now())
    kit.take_up()


def press_edit(click: Click, kit: Kit) -> None:
    line = "" if click.value == NEW else _owned(kit, click).line
    kit.slack.open_form(click.trigger, blocks.favourite.form(click.value, line, click.place))


def press_remove(click: Click, kit: Kit) -> Message:
    return _remove(kit, _owned(kit, click))


def check(form: Form, kit: Kit) -> Mapping[str, str]:
    """Say what is wrong with the command while the form is open."""
    try:
        _checked(kit, form.person, form.place, form.values.get(FIELD, ""))
    except BotError as error:
        return {FIELD: error.sentence}
    return {}


def send(form: Form, kit: Kit) -> Message:
    line = _checked(kit, form.person, form.place, form.values.get(FIELD, ""))
    if form.value == NEW:
        return _keep(kit, Favourite(_id(form.key), form.person, line))
    one = _owned(kit, form)
    with kit.store.write() as tx:
        tx.favourites.change(one.id, line)
        number = next(at for at, other in enumerate(tx.favourites.of(form.person), 1) if other.id == one.id)
    return blocks.favourite.kept(Favourite(one.id, one.person, line), number)


COMMAND = Command(
    "favourite",
    "favourite [command | remove <number>]",
    "Commands you keep for your Home, each a button there.",
    ("favourite run hello World", "favourite shop jobs", "favourites", "favourite remove 1"),
    run,
    aliases=("favourites", "favorite", "favorites"),
    buttons={DO: press_do, EDIT: press_edit, REMOVE: press_remove},
    forms={EDIT: send},
    checks={EDIT: check},
)
