"""Words that stand for whole commands: whose counts, what is read instead of one, and which there may be."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from bot import asides, values, words
from bot.errors import NotUnderstood, Refused
from bot.jobs import projects
from bot.kit import Kit
from bot.model import Person, Place
from bot.own import OwnWord
from bot.words import Line, Word

PERSON, CHANNEL, SITE = "person", "channel", "site"
#: What is typed to mean the words of a channel; no word can be called so.
HERE = "here"
#: Words of one person, and of one channel: more than anybody remembers.
MOST = 50


def all_of(kit: Kit, person: Person, place: Place) -> list[OwnWord]:
    """Return every word that is there for somebody in a place: their own, the channel's, everybody's."""
    with kit.store.read() as tx:
        mine = tx.own_words.of(person.team, PERSON, person.id)
        here = [] if place.is_dm else tx.own_words.of(person.team, CHANNEL, place.channel)
    return [*mine, *here, *(OwnWord(name, line, SITE) for name, line in sorted(kit.config.aliases.items()))]


def counting(found: Iterable[OwnWord]) -> dict[str, OwnWord]:
    """Return the words that count, by name: of two that are called alike the first."""
    meant: dict[str, OwnWord] = {}
    for one in found:
        meant.setdefault(one.name, one)
    return meant


def meant(kit: Kit, person: Person, place: Place, name: str) -> OwnWord | None:
    """Return what a word stands for, for somebody in a place; nothing if it is the short name of a project."""
    if name in projects.aliases(kit, person.team):
        return None
    return counting(all_of(kit, person, place)).get(name.casefold())


# What is read -----------------------------------------------------------------------------------------------


def expanded(kit: Kit, verbs: Collection[str], line: Line, person: Person, place: Place) -> Line:
    """
    Return a line with the command in the place of the word that stands for it; the line itself if none does.

    Looked at once: what a word stands for begins with a command, so that none can mean another word, or itself.
    What follows the word goes along as it was typed, and means what it means by itself: whoever made the word has
    perhaps not made it for who types it. Raises NotUnderstood if it would not, or if the result is no command.
    """
    found = used(kit, line, person, place)
    if found is None:
        return line
    word, own = found
    read = words.parsed(line.text[: word.start] + own.line + line.text[word.end :], verbs)
    if read.verb is None:
        raise NotUnderstood(f"`{word.text}` is `{own.line}`, which makes no command here: `{read.text}`.")
    _check_apart(line, word, own.line)
    return read


def _check_apart(line: Line, word: Word, own: str) -> None:
    """Raise NotUnderstood if what stands around a word would be read otherwise around its command."""
    parts = line.text[: word.start], own, line.text[word.end :]
    apart = [_meaning(one) for part in parts for one in words.split(part)]
    together = [_meaning(one) for one in words.split("".join(parts))]
    taken = asides.swallowed(words.parsed(own, ()), words.parsed(parts[2].strip(), ()))
    if apart != together or taken:
        shown = taken.text if taken else parts[2].strip()
        raise NotUnderstood(
            f"`{word.text}` is `{own}`, and `{shown}` behind it would not mean what it says. Type the command itself."
        )


def _meaning(word: Word) -> tuple[str, bool]:
    return word.text, word.quoted


def used(kit: Kit, line: Line, person: Person, place: Place) -> tuple[Word, OwnWord] | None:
    """Return the word of a line that stands for a command, and what it stands for; it stands where a verb would."""
    if line.verb is not None and (line.project is None or "/" in line.project):
        return None
    typed = words.split(line.text)
    names = projects.aliases(kit, person.team)
    at = 1 if typed and not typed[0].quoted and ("/" in typed[0].text or typed[0].text in names) else 0
    if at >= len(typed) or typed[at].quoted or (at and line.verb is not None):
        return None
    own = counting(all_of(kit, person, place)).get(typed[at].text.casefold())
    return (typed[at], own) if own else None


def echo(kit: Kit, verbs: Collection[str], typed: str, person: Person, place: Place) -> str:
    """Return what is told of a line that begins with an own word, such as `d is deploy staging`; else nothing."""
    try:
        found = used(kit, words.read(typed, verbs), person, place)
    except NotUnderstood:
        return ""
    return f"{found[0].text} is {found[1].line}" if found else ""


# What may be kept -------------------------------------------------------------------------------------------


def check_name(kit: Kit, verbs: Collection[str], team: str, name: str, scope: str) -> None:
    """
    Raise NotUnderstood for what cannot be a word: a verb, a project's short name, or no word at all.

    Nor may a word of a channel be a slip of a verb: whoever mistypes that has to be told, and not to do something.
    """
    if not values.WORD.fullmatch(name) or name.casefold() in {HERE, *verbs}:
        raise NotUnderstood(
            f"`{name}` cannot stand for a command: use {values.WORD_RULE}, and no command of mine, nor `{HERE}`."
        )
    slip = next((verb for verb in verbs if words.is_slip(name.casefold(), verb)), None)
    if scope == CHANNEL and slip:
        raise NotUnderstood(
            f"`{name}` is too near to `{slip}`, which somebody here may mistype. Take another word."
        )
    path = projects.aliases(kit, team).get(name)
    if path:
        raise NotUnderstood(
            f"`{name}` is the short name of the project {path}. Take another word, or take the short name away with"
            f" `project alias {name} -`."
        )


def checked(kit: Kit, verbs: Collection[str], person: Person, place: Place, typed: str) -> Line:
    """
    Return a command that is to be kept for later, read as it would be typed, without an own word in it.

    Raises NotUnderstood or Refused for what is no command, is too long, or holds a secret.
    """
    line = words.parsed(typed, verbs)
    if len(typed) > values.LONGEST_WORDING:
        raise NotUnderstood(
            f"That is {len(typed)} characters long, and I keep commands of at most {values.LONGEST_WORDING}."
            " Shorten it."
        )
    if kit.redact(typed) != typed:
        raise Refused("That looks like it holds a token or another secret, so I do not keep it. Revoke it.")
    if line.verb is None:
        raise _no_command(kit, verbs, line, person, place)
    if asides.overrides(line):
        raise Refused("An override is for one time and has its own reason, so it is not kept. Leave it out.")
    if line.project is not None and projects.path_of(kit, person.team, line.project) is None:
        raise NotUnderstood(
            f"I know no project `{line.project}`. Name it by its short name or its full path, or leave it out."
        )
    return line


def written_out(kit: Kit, verbs: Collection[str], person: Person, place: Place, typed: str) -> Line:
    """Return a command that is to be kept for later, an own word in it written out; raises as `checked` does."""
    line = expanded(kit, verbs, words.parsed(typed, verbs), person, place)
    return checked(kit, verbs, person, place, line.text)


def _no_command(kit: Kit, verbs: Collection[str], line: Line, person: Person, place: Place) -> NotUnderstood:
    found = used(kit, line, person, place)
    if found:
        own = found[1]
        return NotUnderstood(
            f"`{own.name}` is a word for `{own.line}`, and a word cannot stand for another one. Write the command out."
        )
    first = line.words[0].text if line.words else ""
    near = words.nearest(first, verbs) if first else ()
    hint = f" Did you mean {' or '.join(f'`{one}`' for one in near)}?" if near else ""
    return NotUnderstood(f"`{line.text}` does not begin with a command of mine.{hint}")
