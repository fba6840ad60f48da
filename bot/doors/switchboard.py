"""Which command, button, form or shortcut a request means, and what is handed to it."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from bot import asides, words
from bot.access import kept
from bot.command import Click, Command, Form, Letters, Shortcut
from bot.deeds import digest
from bot.doors import agree, guess, picking
from bot.doors.admission import Admission
from bot.doors.asked import MAIN_COMMAND, Asked, spoken
from bot.errors import BotError, NotUnderstood
from bot.kit import Kit
from bot.model import OFFER, PICK_GIVEN, Message, Option
from bot.personal import own_words

log = logging.getLogger(__name__)

#: Where a verb stands: after a mention and a project at the latest.
LOOKED_AT = 3
#: Characters of the hash that stands for what was picked in the key of a request: names may hold anything.
PICK_LENGTH = 16
#: What somebody hears who typed a secret and no command.
SHOWN_OPENLY = (
    "That looks like a token or another secret. Whoever can read this conversation has seen it, so revoke it where it"
    " was made. To connect your GitLab account, type `link`: it never asks for a token in the open."
)
Press = Callable[[Click, Kit], Message | None]
Send = Callable[[Form, Kit], Message | None]
Use = Callable[[Shortcut, Kit], Message | None]
Find = Callable[[Letters, Kit], Sequence[Option]]
Check = Callable[[Form, Kit], Mapping[str, str]]


@dataclass(slots=True)
class Switchboard:
    """Knows every verb, every button, every form and every shortcut."""

    kit: Kit
    commands: Sequence[Command]
    admission: Admission
    reasons: agree.Reasons
    bot_user: str
    verbs: Mapping[str, Command] = field(init=False)
    _buttons: Mapping[str, Press] = field(init=False)
    _forms: Mapping[str, Send] = field(init=False)
    _shortcuts: Mapping[str, Use] = field(init=False)
    checks: Mapping[str, Check] = field(init=False)
    options: Mapping[str, Find] = field(init=False)
    _owners: Mapping[str, Command] = field(init=False)
    """The command a button or form belongs to."""

    def __post_init__(self) -> None:
        self.verbs = {name: one for one in self.commands for name in (one.name, *one.aliases)}
        pressed = {action: press for one in self.commands for action, press in one.buttons.items()}
        self.options = {action: find for one in self.commands for action, find in one.options.items()}
        picks = dict.fromkeys((PICK_GIVEN, *self.options), self._pick)
        self._buttons = {**picks, **pressed, OFFER: self._try_offer, **agree.buttons(self.reasons)}
        sent = {form: send for one in self.commands for form, send in one.forms.items()}
        self._forms = {**sent, **agree.forms()}
        self._shortcuts = {name: use for one in self.commands for name, use in one.shortcuts.items()}
        self.checks = {form: check for one in self.commands for form, check in one.checks.items()}
        self._owners = {
            name: one for one in self.commands for name in (*one.buttons, *one.forms, *one.shortcuts)
        }

    def do(self, one: Asked, typed: str) -> Message | None:
        """Do what a request asks; return what only the asker sees. Raises what the command raises."""
        if one.kind == "click":
            return self._press(one)
        if one.kind == "form":
            return self._send_in(one)
        if one.kind == "shortcut":
            return self._use(one)
        if one.kind == "home":
            self._open_home(one)
            return None
        return self._command(one, typed)

    def meant(self, one: Asked, typed: str) -> str:
        """Return the name of the command a request is about, for the trail; empty if that cannot be told yet."""
        if not one.typed:
            owner = self._owners.get(one.action)
            return owner.name if owner else one.action.partition(".")[0]
        if one.kind == "slash" and one.body["command"] != MAIN_COMMAND:
            typed = one.body["command"].removeprefix("/")
        words_typed = typed.casefold().split()[:LOOKED_AT]
        return next((self.verbs[word].name for word in words_typed if word in self.verbs), "")

    def opens_form(self, action: str) -> bool:
        """Tell whether a button or a shortcut opens a form: a button and its form have one name."""
        return action in self._shortcuts or (action in self._forms and action in self._buttons)

    # What was typed -------------------------------------------------------------------------------------------

    def _command(self, one: Asked, text: str) -> Message | None:
        typed, prefix = spoken(one, text, self.bot_user)
        prose = one.body.get("way") == "mention" and not text.lstrip().startswith(f"<@{self.bot_user}")
        try:
            line = words.read(typed or ("" if prose else "help"), self.verbs)
        except NotUnderstood:
            if not prose:
                raise
            return None  # Somebody only spoke about the bot: the mention does not come first, and no verb follows.
        if not prose:
            line = own_words.expanded(self.kit, self.verbs, line, one.person, one.place)
        if line.verb is None:
            if prose:
                return None
            if one.body.get("sealed"):
                raise NotUnderstood(SHOWN_OPENLY)
            raise guess.unknown(self.kit, self.verbs, line, prefix, person=one.person, place=one.place)
        return self._run(one, line, prefix)

    def echo(self, one: Asked, text: str) -> str:
        """Return what was typed for the one who typed it, and what an own word in it stands for."""
        typed, _ = spoken(one, text, self.bot_user)
        meaning = own_words.echo(self.kit, self.verbs, typed, one.person, one.place)
        return f"{typed} ({meaning})" if meaning else typed

    def _run(self, one: Asked, line: words.Line, prefix: str) -> Message | None:
        command = self.verbs[line.verb or ""]
        self.admission.command(one, command, line.project)
        permit = one.permit
        if command.changes:
            line, said_now = asides.read(line, self.verbs)
            permit = kept.together(said_now, one.permit)
        request = one.request(self.name_of(one), line, prefix, frozenset(self.verbs), permit)
        return command.run(request, self.kit)

    def name_of(self, one: Asked) -> str:
        """Return how the person is called in Slack: from the payload, else as Slack says."""
        if one.body.get("name"):
            return str(one.body["name"])
        try:
            return self.kit.people.about(one.person.id).name
        except BotError as error:
            log.info("no name for %s: %s", one.person.id, error)
            return one.person.id

    # What was pressed or sent in ------------------------------------------------------------------------------

    def _press(self, one: Asked) -> Message | None:
        action = self._pressed(one)
        press = self._buttons.get(action)
        if press is None:
            raise NotUnderstood(
                "I don't know this button any more: it is from an older version. Type the command instead."
            )
        self._look_at_owner(one, action)
        done = press(one.click(self.name_of(one), self.kit.vault), self.kit)
        self._redraw_home(one)
        return done

    def _redraw_home(self, one: Asked) -> None:
        """What was pressed in the Home may show otherwise there now."""
        if one.body.get("view") and not one.body.get("channel"):
            with self.kit.store.write() as tx:
                tx.homes.soon(one.person, self.kit.now())

    def _pressed(self, one: Asked) -> str:
        """Return what is pressed; a field of a form that tells of its changes may be an action by its own id."""
        field = str(one.body.get("block") or "")
        return field if one.body.get("view") and field in self._buttons else one.action

    def _send_in(self, one: Asked) -> Message | None:
        send = self._forms.get(one.action)
        if send is None:
            raise NotUnderstood(
                "I don't know this form any more: it is from an older version. Type the command instead."
            )
        self._look_at_owner(one)
        return send(one.form(self.name_of(one), self.kit.vault), self.kit)

    def _use(self, one: Asked) -> Message | None:
        use = self._shortcuts.get(one.action)
        if use is None:
            raise NotUnderstood(
                "I don't know this shortcut any more: it is from an older version. Type the command instead."
            )
        self._look_at_owner(one)
        return use(one.shortcut(self.name_of(one), self.kit.vault), self.kit)

    def _open_home(self, one: Asked) -> None:
        for command in self.commands:
            if command.home is not None:
                command.home(one.person, self.kit)

    def _look_at_owner(self, one: Asked, action: str = "") -> None:
        owner = self._owners.get(action or one.action)
        if owner is not None:
            self.admission.command(one, owner, None)

    def _try_offer(self, click: Click, kit: Kit) -> Message | None:
        """Do a suggested command as the one who pressed its button."""
        with kit.store.read() as tx:
            offer = tx.offers.get(click.value)
        if offer is None:
            raise NotUnderstood("That suggestion is too old. Type the command instead.")
        return self._do_offered(click, offer, click.value)

    def _pick(self, click: Click, kit: Kit) -> Message | None:
        """Do a command whose missing word somebody has picked, as the one who picked."""
        if (
            click.view
        ):  # A field of a form that tells of its changes: its id is an action of the form's command.
            changed = self._buttons.get(click.block)
            return changed(click, kit) if changed else None
        with kit.store.read() as tx:
            question = tx.offers.get(click.block)
        if question is None or not click.value:
            raise NotUnderstood("That question is too old. Type the command again.")
        return self._do_offered(
            click,
            picking.answered(question, click.value),
            f"{click.block}={digest(click.value)[:PICK_LENGTH]}",
        )

    def _do_offered(self, click: Click, typed: str, offer: str) -> Message | None:
        line = words.parsed(
            typed, self.verbs
        )  # What is kept was cleaned before; cleaned again it may be another one.
        line = own_words.expanded(self.kit, self.verbs, line, click.person, click.place)
        if line.verb is None:
            raise NotUnderstood("I no longer understand that suggestion. Type the command instead.")
        # The offer is the request of whoever presses it: pressed twice, it is done once, and for each who does.
        body = {"name": click.name, "trigger": click.trigger}
        key = f"offer:{offer}:{click.person.id}"
        one = Asked(key, "text", body, click.person, click.place, click.permit)
        return self._run(one, line, click.prefix)
