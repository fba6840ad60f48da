"""`every weekday 9:00 run report`: a command that is done again and again, as me and in this place."""

from __future__ import annotations

from dataclasses import replace

import blocks.recurring
import commands
from blocks.recurring import Row
from bot import asides, rhythm, rhythm_words
from bot.access import accounts, audit, facts, ladder, outright, people
from bot.command import Click, Command, Request
from bot.deeds import Deed, Halted, Permit, Verdict, digest
from bot.delivery import letters
from bot.edges.store import Tx
from bot.errors import NotUnderstood, Refused, SlackError
from bot.jobs import projects
from bot.kit import Kit
from bot.model import Message
from bot.own import Recurring
from bot.personal import own_words, recurring
from bot.personal.outcomes import RIGHTS
from bot.personal.recurring import MOST
from bot.rhythm import Steps
from bot.words import Line, longhand

#: Commands that mean somebody who is there, or change what recurs; and those that mean what was done last.
NEVER = frozenset(
    {
        "every",
        "alias",
        "favourite",
        "settings",
        "link",
        "unlink",
        "help",
        "access",
        "again",
        "retry",
        "cancel",
    }
)
GONE = "That does not recur any more. `every` lists what does."
#: Characters of an id, which is made of the key of the request that asks for it.
ID_LENGTH = 16


def run(request: Request, kit: Kit) -> Message:
    if not request.words:
        return _listed(request, kit)
    act = {"pause": _pause, "resume": _resume, "remove": _remove, "now": _now}.get(
        request.words[0].text.lower()
    )
    if act is None:
        return _save(request, kit)
    return act(request, kit, _numbered(request, kit))


# What is there ----------------------------------------------------------------------------------------------


def _listed(request: Request, kit: Kit) -> Message:
    place, person = request.place, request.person
    with kit.store.read() as tx:
        mine = [_row(tx, one) for one in tx.recurring.of(person)]
        here = [] if place.is_dm else tx.recurring.in_channel(person.team, place.channel)
        others = [_row(tx, one) for one in here if one.person != person]
    return blocks.recurring.listed(mine, others, person, prefix=longhand(request.prefix), now=kit.now())


def _row(tx: Tx, one: Recurring) -> Row:
    return Row(one, tx.runs.by_source(one.last_key) if one.last_key else None)


def _numbered(request: Request, kit: Kit) -> Recurring:
    named = [word.text.lstrip("#") for word in request.words[1:]]
    with kit.store.read() as tx:
        mine = tx.recurring.of(request.person)
        found = tx.recurring.numbered(request.person.team, int(named[0])) if _is_number(named) else None
    if found is not None and found.place.is_dm and found.person != request.person:
        found = None  # What somebody does with me alone is nobody's business.
    if found is None:
        known = ", ".join(str(one.number) for one in mine) or "none yet"
        verb = request.words[0].text.lower()
        raise NotUnderstood(
            f"Which one? Type its number, as in `{longhand(request.prefix)}every {verb} 3`. Yours: {known}."
        )
    return found


def _is_number(named: list[str]) -> bool:
    return len(named) == 1 and named[0].isascii() and named[0].isdigit() and len(named[0]) < 10


# A new one --------------------------------------------------------------------------------------------------


def _save(request: Request, kit: Kit) -> Message:
    told = rhythm_words.read([word.text for word in request.words], lambda: _zone(kit, request))
    command, line, said = _wanted(request, kit, told.words)
    if not said.dry_run:
        deed = Deed(("every",), request.person, request.place.channel)
        outright.check(kit, deed, request.permit, name=request.name, what="what recurs")
    verdict = _tried(request, kit, command, line, said)
    one = _made(request, kit, told.rhythm, line.text)
    step = (verdict.stopped or verdict.asks) if verdict else None
    if not said.dry_run:
        one = _kept(request, kit, one)
    return blocks.recurring.saved(Row(one), request.person, step, kit.now(), dry_run=said.dry_run)


def _wanted(request: Request, kit: Kit, at: int) -> tuple[Command, Line, Permit]:
    """Return the command, its line as it will be asked for, and what is said beside it."""
    if at >= len(request.words):
        raise NotUnderstood(f"What shall I do then? {rhythm_words.FORMS}")
    typed = request.line.text[request.words[at].start :]
    line = own_words.written_out(kit, request.verbs, request.person, request.place, typed)
    command = next(one for one in commands.load() if line.verb in {one.name, *one.aliases})
    if command.name in NEVER:
        raise NotUnderstood(
            f"`{line.verb}` cannot recur: it is about you, or about what was done last. A command that says all"
            " itself can, such as `run report`."
        )
    said = asides.read(line, request.verbs)[1] if command.changes else Permit()
    return command, line, said


def _zone(kit: Kit, request: Request) -> str:
    try:
        return kit.people.about(request.person.id).tz
    except SlackError as error:
        raise Refused(
            "Slack does not tell me your time zone just now. Name it behind the time, such as `Europe/Berlin`."
        ) from error


def _tried(request: Request, kit: Kit, command: Command, line: Line, said: Permit) -> Verdict | None:
    """
    Return how the ladder looks at a command as things are now; nothing is done. None for what only tells something.

    Raises what the command raises that is wrong now, and Halted where its owner has no right to it.
    """
    if command.for_admins:
        people.check_admin(kit, request.person, command.name)
    if not command.changes:
        path = projects.path_of(kit, request.person.team, line.project) if line.project else None
        path = path or projects.of_place(kit, request.person, request.place) or ""
        ladder.require(kit, Deed((command.name,), request.person, request.place.channel, project=path))
        return None
    line, _ = asides.read(line, request.verbs)
    trial = replace(
        request, key=f"{request.key}.trial", words=line.words, line=line, verb=line.verb or "", project=line.project,
        permit=replace(said, dry_run=True), trigger="", attended=False,
    )  # fmt: skip
    try:
        command.run(trial, kit)
    except Halted as halted:
        stopped = halted.verdict.stopped
        if not halted.dry_run or (stopped and stopped.name in RIGHTS and not stopped.passing):
            raise Halted(halted.verdict, shown=halted.shown) from None
        return halted.verdict
    return None


def _made(request: Request, kit: Kit, when: rhythm.Rhythm, line: str) -> Recurring:
    now = kit.now()
    since = rhythm.midnight(now, _step_zone(kit, request)) if isinstance(when, Steps) else 0
    return Recurring(
        digest(request.key)[:ID_LENGTH], 0, request.person, request.name, request.place, line, rhythm_words.said(when),
        since, when.following(now, since), now,
    )  # fmt: skip


def _step_zone(kit: Kit, request: Request) -> str:
    """Hours are counted from somebody's midnight; where that is not known, from that of UTC."""
    try:
        return rhythm_words.known_zone(kit.people.about(request.person.id).tz)
    except (SlackError, NotUnderstood):
        return "UTC"


def _kept(request: Request, kit: Kit, one: Recurring) -> Recurring:
    with kit.store.write() as tx:
        known = tx.recurring.get(one.id)
        if known is not None:  # The same request, done again after a crash.
            return known
        if len(tx.recurring.of(request.person)) >= MOST:
            raise Refused(
                f"{MOST} commands of yours recur, which is the most. Take one away with `every remove 3`."
            )
        one = replace(one, number=tx.recurring.next_number(request.person.team))
        tx.recurring.add(one)
        _note(tx, kit, request, one, "saved")
        told = blocks.recurring.announced(one, gone=False)
        letters.announce(tx, f"{one.id}.begins", told, request.person, request.place, kit.now())
    kit.deliver()
    return one


def _note(tx: Tx, kit: Kit, asked: Request | Click, one: Recurring, decision: str) -> None:
    deed = Deed(("every",), asked.person, one.place.channel)
    account, detail = tx.accounts.get(asked.person), f"{one.line} every {one.rhythm}"
    audit.note(
        tx, audit.entry(kit, deed, decision, name=asked.name, place=one.place, account=account, detail=detail)
    )


# Buttons, and the words for them ----------------------------------------------------------------------------


def _pressed(click: Click, kit: Kit) -> Recurring:
    with kit.store.read() as tx:
        found = tx.recurring.get(click.value)
    if found is None:
        raise NotUnderstood(GONE)
    return found


def _check_owner(kit: Kit, asked: Request | Click, one: Recurring, *, admins: bool) -> None:
    """What acts as somebody is theirs; whoever administers the bot may stop it."""
    if one.person == asked.person:
        return
    if not admins:
        raise Refused(f"Only {one.name or one.person.id} can do that: it is done as they.")
    if not facts.is_one_of(kit, asked.person, kit.config.policy.admins):
        raise Refused(f"Only {one.name or one.person.id} and those named in `access.admins` can do that.")
    accounts.confirmed(kit, asked.person)


def _pause(asked: Request | Click, kit: Kit, one: Recurring) -> Message:
    _check_owner(kit, asked, one, admins=True)
    why = "" if one.person == asked.person else f"{asked.name or asked.person.id} paused it."
    with kit.store.write() as tx:
        recurring.pause(tx, one, why)
    return _changed(asked, kit, one, "Paused. Nothing is done until it goes on.")


def _resume(asked: Request | Click, kit: Kit, one: Recurring) -> Message:
    _check_owner(kit, asked, one, admins=False)
    with kit.store.write() as tx:
        recurring.resume(kit, tx, one)
    return _changed(asked, kit, one, "It goes on. What was due meanwhile is left out.")


def _remove(asked: Request | Click, kit: Kit, one: Recurring) -> Message:
    _check_owner(kit, asked, one, admins=True)
    with kit.store.write() as tx:
        if not tx.recurring.drop(one.id):
            raise NotUnderstood(GONE)
        _note(tx, kit, asked, one, "removed")
        told = blocks.recurring.announced(replace(one, name=asked.name), gone=True)
        letters.announce(tx, f"{one.id}.ends", told, asked.person, one.place, kit.now())
    kit.deliver()
    return blocks.recurring.gone(one)


def _now(asked: Request | Click, kit: Kit, one: Recurring) -> Message:
    _check_owner(kit, asked, one, admins=False)
    with kit.store.write() as tx:
        recurring.ask_now(kit, tx, one, asked.key)
    kit.take_up()
    return _changed(asked, kit, one, "It is done now, besides.")


def _changed(asked: Request | Click, kit: Kit, one: Recurring, told: str) -> Message:
    with kit.store.read() as tx:
        now = tx.recurring.get(one.id)
        row = _row(tx, now) if now else None
    if row is None:
        raise NotUnderstood(GONE)
    return blocks.recurring.changed(row, asked.person, told, kit.now())


def press_pause(click: Click, kit: Kit) -> Message:
    return _pause(click, kit, _pressed(click, kit))


def press_resume(click: Click, kit: Kit) -> Message:
    return _resume(click, kit, _pressed(click, kit))


def press_remove(click: Click, kit: Kit) -> Message:
    return _remove(click, kit, _pressed(click, kit))


def press_now(click: Click, kit: Kit) -> Message:
    return _now(click, kit, _pressed(click, kit))


def tick(kit: Kit) -> None:
    recurring.look(kit, blocks.recurring)


COMMAND = Command(
    "every",
    "every <when> <command> | pause <number> | resume <number> | remove <number> | now <number>",
    "Have a command done again and again, as you; alone it lists what recurs.",
    (
        "every weekday 9:00 run hello", "every monday,thursday 10:00 Europe/Berlin shop run ls", "every 1st 8:00 runs",
        "every hour run hello", "every", "every pause 3",
    ),
    run,
    buttons={
        blocks.recurring.PAUSE: press_pause, blocks.recurring.RESUME: press_resume,
        blocks.recurring.REMOVE: press_remove, blocks.recurring.NOW: press_now,
    },
    tick=tick,
)  # fmt: skip
