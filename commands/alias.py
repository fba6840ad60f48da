"""`alias d = deploy staging production`: words of my own, or of this channel, for whole commands."""

from __future__ import annotations

import re
from dataclasses import dataclass

import blocks.own_words
from blocks.answers import said
from bot import words
from bot.access import outright
from bot.command import Command, Request
from bot.deeds import Deed
from bot.delivery import letters
from bot.edges.store import Tx
from bot.errors import NotUnderstood, Refused
from bot.jobs import projects
from bot.kit import Kit
from bot.model import Message
from bot.own import OwnWord
from bot.personal import own_words
from bot.personal.own_words import CHANNEL, HERE, MOST, PERSON, SITE
from bot.text import code, escape
from bot.values import LONGEST_WORDING
from bot.words import longhand

#: What is typed in place of a command, or before a word, to take the word away.
NONE = "-"
#: Commands about whoever types them, which nobody shall do for saying a word that others have made.
OF_ONE_S_OWN = frozenset({
    "alias", "every", "favourite", "favourites", "favorite", "favorites", "settings", "link", "connect",
    "unlink", "access",
})  # fmt: skip
_DEFINED = re.compile(r"(?P<name>\S+?)\s*=\s*(?P<line>.*)", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Asked:
    """What somebody wants of their words."""

    here: bool
    """Whether the words of the channel are meant."""
    name: str = ""
    """Empty for all of them."""
    line: str | None = None
    """What it shall stand for; empty for nothing any more, None to be told."""


def run(request: Request, kit: Kit) -> Message:
    asked = _read(request)
    if asked.here and request.place.is_dm:
        raise NotUnderstood(
            "`here` means a channel, and only you and I see this conversation. Leave it out: your own words count"
            " everywhere."
        )
    if asked.line is None:
        return _one(request, kit, asked) if asked.name else _all(request, kit)
    if asked.here:  # Of one's own words the rules have been asked by now; these are everybody's.
        outright.check(kit, _deed(request), request.permit, name=request.name, what="a word of a channel")
    return _define(request, kit, asked) if asked.line else _take_away(request, kit, asked)


def _deed(request: Request) -> Deed:
    return Deed(("alias",), request.person, request.place.channel)


# What was typed ---------------------------------------------------------------------------------------------


def _read(request: Request) -> Asked:
    typed = request.words
    here = bool(typed) and typed[0].text.lower() == HERE and not typed[0].quoted
    text, rest = request.line.after(1 if here else 0), typed[1 if here else 0 :]
    found = _DEFINED.fullmatch(text)
    if found and found["line"].strip():
        return Asked(here, found["name"], _bare(found["line"].strip()))
    names = [word.text for word in rest]
    match names:
        case []:
            return Asked(here)
        case [name] if name.startswith(NONE) and name != NONE:
            return Asked(here, name.removeprefix(NONE), "")
        case [name, end] if end == NONE:
            return Asked(here, name, "")
        case [name] if "=" not in name and name != NONE:
            return Asked(here, name)
    raise _unclear(request, here, names, text)


def _bare(text: str) -> str:
    """Take the quotes away that stand around a whole command, as in a shell."""
    found = words.split(text)
    return found[0].text.strip() if len(found) == 1 and text[0] in "\"'" else text


def _unclear(request: Request, here: bool, names: list[str], text: str) -> NotUnderstood:
    prefix, where = longhand(request.prefix), f"{HERE} " if here else ""
    name = names[0].rstrip("=")
    rest = text[text.index(names[0]) + len(names[0]) :].strip()
    if name and rest and words.parsed(rest, request.verbs).verb:
        line = f"alias {where}{name} = {rest}"
        return NotUnderstood(f"Type it with `=`: `{prefix}{line}`.", suggestions=(line,))
    return NotUnderstood(
        f"Type it as `{prefix}alias {where}d = run deploy-staging`; `{prefix}alias {where}d {NONE}` takes it away."
    )


# What is told -----------------------------------------------------------------------------------------------


def _all(request: Request, kit: Kit) -> Message:
    found = own_words.all_of(kit, request.person, request.place)
    return blocks.own_words.listed(found, _shadowed(request, kit, found), prefix=longhand(request.prefix))


def _shadowed(request: Request, kit: Kit, found: list[OwnWord]) -> dict[OwnWord, str]:
    """Say of each word that does not count why it does not."""
    counts = own_words.counting(found)
    first = {PERSON: "yours goes first", CHANNEL: "that of this channel goes first"}
    told = {one: first[counts[one.name].scope] for one in found if counts[one.name] != one}
    names = projects.aliases(kit, request.person.team)
    taken = "it is the short name of a project by now, which goes first"
    return told | {one: taken for one in found if one.name in names}


def _one(request: Request, kit: Kit, asked: Asked) -> Message:
    name = asked.name.casefold()
    known = own_words.all_of(kit, request.person, request.place)
    found = [one for one in known if one.name == name and (one.scope == CHANNEL or not asked.here)]
    if not found:
        near = words.nearest(name, [one.name for one in known])
        hint = f" Did you mean {' or '.join(f'`{one}`' for one in near)}?" if near else ""
        raise NotUnderstood(
            f"`{asked.name}` stands for no command here.{hint} `{longhand(request.prefix)}alias` lists those that do.",
            suggestions=tuple(f"alias {one}" for one in near),
        )
    return blocks.own_words.one(found[0])


# What is changed --------------------------------------------------------------------------------------------


def _define(request: Request, kit: Kit, asked: Asked) -> Message:
    team, name = request.person.team, asked.name.casefold()
    scope = CHANNEL if asked.here else PERSON
    own_words.check_name(kit, request.verbs, team, asked.name, scope)
    kept = own_words.checked(kit, request.verbs, request.person, request.place, asked.line or "")
    if asked.here and kept.verb in OF_ONE_S_OWN:
        raise NotUnderstood(
            f"`{kept.verb}` is about whoever types it, so no word of a channel stands for it. Make it one of your own:"
            f" leave `{HERE}` out."
        )
    line = kept.text
    word = OwnWord(name, line, scope)
    owner = request.place.channel if asked.here else request.person.id
    with kit.store.write() as tx:
        before = tx.own_words.get(team, word.scope, owner, name)
        if before is None and len(tx.own_words.of(team, word.scope, owner)) >= MOST:
            raise Refused(
                f"There are {MOST} words already, which is the most. Take one away with `alias -word`."
            )
        tx.own_words.put(team, owner, word, kit.now())
        if asked.here and word != before:
            _tell_all(
                tx,
                request,
                kit,
                f"made {code(name)} mean {code(line, LONGEST_WORDING)} in this channel",
                before,
            )
    kit.deliver()
    other = own_words.meant(kit, request.person, request.place, name)
    first = other if other and other.scope != word.scope else None
    return blocks.own_words.saved(word, before, first, prefix=longhand(request.prefix))


def _take_away(request: Request, kit: Kit, asked: Asked) -> Message:
    team, name = request.person.team, asked.name.casefold()
    scope, owner = (CHANNEL, request.place.channel) if asked.here else (PERSON, request.person.id)
    with kit.store.write() as tx:
        before = tx.own_words.get(team, scope, owner, name)
        tx.own_words.drop(team, scope, owner, name)
        if asked.here and before:
            _tell_all(tx, request, kit, f"took the word {code(name)} of this channel away", before)
    kit.deliver()
    left = own_words.meant(kit, request.person, request.place, name)
    if before is None and left is not None and left.scope == SITE:
        raise Refused(
            f"`{name}` stands in my configuration, which nobody changes from chat. A word of your own goes before it:"
            f" `{longhand(request.prefix)}alias {name} = …`."
        )
    if before is None:
        whose = " of this channel" if asked.here else " of yours"
        also = (
            f" It is one of this channel: `{longhand(request.prefix)}alias {HERE} {name} {NONE}`."
            if left
            else ""
        )
        return said(f"{code(name)} was no word{whose}.{escape(also)}")
    return blocks.own_words.gone(before, left)


def _tell_all(tx: Tx, request: Request, kit: Kit, what: str, before: OwnWord | None) -> None:
    was = f"; before it meant {code(before.line, LONGEST_WORDING)}" if before else ""
    name = escape(request.name or request.person.id)
    key, told, again = f"{request.key}.told", said(f"{name} {what}{was}."), kit.new_id()
    letters.announce(tx, key, told, request.person, request.place, kit.now(), again=again)


COMMAND = Command(
    "alias",
    "alias [here] [word [= command]]",
    "Your own words for whole commands; short names of projects are set with project.",
    ("alias d = run deploy-staging", "alias", "alias d", "alias -d", "alias here d = run deploy-staging"),
    run,
)
