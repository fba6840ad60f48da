"""Words of the file that stand for whole commands: what each may be called, and what it may stand for."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bot import values
from bot.config.reading import Reading, shown
from bot.config.sections import ProjectConfig

WHERE = "aliases"


def own_words(reading: Reading, table: Any, projects: Mapping[str, ProjectConfig]) -> dict[str, str]:
    """
    Return the commands by the words that stand for them, in small letters; mistakes go to the problems.

    Whether a command is one, and no word is a command, is looked at once the commands are loaded (verbs.py).
    """
    if not isinstance(table, dict):
        reading.problem(
            (WHERE,), 'is not a value: write a section [aliases] with d = "deploy staging production".'
        )
        return {}
    names = {alias.casefold(): path for path, each in projects.items() for alias in each.aliases}
    read: dict[str, str] = {}
    for word, line in table.items():
        wrong = _of_word(word, names, read) or _of_line(line)
        if wrong:
            reading.problem((WHERE, word), wrong)
        else:
            read[word.casefold()] = line.strip()
    return read


def _of_word(word: str, names: Mapping[str, str], read: Mapping[str, str]) -> str:
    """What is wrong with a word; nothing if it will do."""
    if not values.WORD.fullmatch(word):
        return f"cannot be a word for a command. Write {values.WORD_RULE}."
    if word.casefold() in names:
        return f'is the short name of projects."{names[word.casefold()]}". Choose another word.'
    return (
        "stands there twice, but for capital letters. Take one of them out."
        if word.casefold() in read
        else ""
    )


def _of_line(line: Any) -> str:
    if not isinstance(line, str) or not line.strip() or not line.isprintable():
        return f"is {shown(line)}. Write a command in quotes, on one line, without the slash."
    if len(line) > values.LONGEST_WORDING:
        return f"is {len(line)} characters long. Write a command of at most {values.LONGEST_WORDING}."
    return ""
