"""What somebody may have meant whose words hold no command: suggestions that keep all they typed."""

from __future__ import annotations

import re
from collections.abc import Iterable

from bot import words
from bot.errors import NotUnderstood
from bot.jobs import projects
from bot.kit import Kit
from bot.model import Person, Place
from bot.personal import own_words
from bot.words import Line

#: Verbs that end something: suggested only for a slip of the fingers, so that `shop` never offers `stop`.
CAUTIOUS = frozenset({"cancel", "stop"})
#: How many runs of the place and of the person are looked through for a job of that name.
LOOKED_THROUGH = 50
#: The verb that starts a job, and those that help.
RUN, JOBS, HELP = "run", "jobs", "help"
#: What people put between the bot's name and what they want of it.
_OPENING = re.compile(r"(?:\s|[,:;]|[-–—](?=\s))+")


def opened(text: str) -> str:
    """Return what follows a mention, without the comma, colon or dash behind the name."""
    found = _OPENING.match(text)
    return text[found.end() :] if found else text


def unknown(
    kit: Kit, verbs: Iterable[str], line: Line, prefix: str, *, person: Person, place: Place
) -> NotUnderstood:
    """Return what to say to words without a verb: which word is not known, and what is near it."""
    lines: tuple[str, ...]
    own = [one.name for one in own_words.all_of(kit, person, place)]
    known = projects.aliases(kit, person.team)
    project, rest = _parts(line, frozenset(known) | kit.config.projects.keys())
    ask = f"{words.longhand(prefix)}{HELP}"
    if rest is None and project is None:
        lines, said = (), "I read no words in that."
    elif rest is None:
        lines = tuple(f"{project} {verb}" for verb in (JOBS,) if verb in verbs)
        said = f"What shall I do with the project `{project}`?"
    else:
        word = line.words[rest].text
        job = _job(kit, word, project, person, place) if RUN in verbs else None
        lines, said = _lines([*verbs, *own], line, rest, project, job), f"I don't know `{word}`."
    hint = " Did you mean " + " or ".join(f"`{prefix}{one}`" for one in lines) + "?" if lines else ""
    return NotUnderstood(f"{said}{hint} Type `{ask}` to see what I can do.", suggestions=lines)


def _parts(line: Line, known: frozenset[str]) -> tuple[str | None, int | None]:
    """Return the project that was named, and which word stands where the verb should; None if none does."""
    project, at = line.project, 0
    if project is None and line.words and line.words[0].text in known:
        project, at = line.words[0].text, 1
    return project, at if at < len(line.words) else None


def _lines(
    known: Iterable[str], line: Line, at: int, project: str | None, job: str | None
) -> tuple[str, ...]:
    """Return whole commands, the project in front: to run that job if it is one, else with what is `known` and near."""
    word, rest = line.words[at].text, line.after(at + 1)
    if job is not None:
        return (_typed(job, RUN, words.quote(word), rest),)
    return tuple(_typed(project, verb, rest) for verb in near_verbs(word, known))


def _typed(*parts: str | None) -> str:
    return " ".join(part for part in parts if part)


def near_verbs(word: str, verbs: Iterable[str]) -> tuple[str, ...]:
    """Return the verbs that may be meant by a word, the nearest first."""
    near = words.nearest(word, verbs)
    return tuple(verb for verb in near if verb not in CAUTIOUS or words.is_slip(word.casefold(), verb))


def _job(kit: Kit, word: str, project: str | None, person: Person, place: Place) -> str | None:
    """Return what to type before `run` for a job of that name that ran here lately: its project, or nothing."""
    path = projects.path_of(kit, person.team, project) if project else None
    with kit.store.read() as tx:
        here = tx.runs.recent(None, channel=place.channel, project=path, limit=LOOKED_THROUGH)
        mine = tx.runs.recent(person, project=path, limit=LOOKED_THROUGH)
    found = next((run.project for run in [*here, *mine] if run.job == word), None)
    if found is None or project:
        return project if found else None
    return "" if found == projects.of_place(kit, person, place) else found
