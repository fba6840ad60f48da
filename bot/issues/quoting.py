"""Writes what was said in Slack into GitLab: with a new issue, or as comments on one, in as many parts as it takes."""

from __future__ import annotations

from dataclasses import replace

from bot.issues import commenting, files, making, talk
from bot.issues.acting import Actor
from bot.issues.cards import Drawing
from bot.issues.commenting import Words
from bot.issues.making import Plan
from bot.issues.meant import Found
from bot.issues.talk import Talk
from bot.kit import Kit
from bot.model import Message
from bot.text import plural
from bot.tracker import Subject


def create(kit: Kit, draw: Drawing, who: Actor, plan: Plan, said: Talk | None) -> Message | None:
    """
    Make an issue whose ladder has been climbed, with what was said below its description.

    What only the asker sees comes back. What does not fit follows as comments, each written once.
    """
    texts = _texts(kit, who, Subject(plan.project.id, plan.project.path, 0), said)
    if said and texts:
        new = replace(plan.new, description=talk.below(plan.new.description, texts[0]))
        plan = replace(plan, new=new, remark=f" with {said.in_words}{_files(said, texts)}{plan.remark}")
    issue = making.make(kit, draw, who, plan)
    _rest(kit, draw, who, Found(issue), texts)
    return making.answer(kit, draw, who, issue, plan)


def add(kit: Kit, draw: Drawing, who: Actor, one: Found, said: Talk, words: str = "") -> Message | None:
    """Add what was said to an issue whose ladder has been climbed, below `words`, which are Markdown."""
    texts = _texts(kit, who, one.subject, said)
    remark = f"Added {said.in_words}{_files(said, texts)}"
    answer = commenting.write_one(kit, draw, who, one, Words(talk.below(words, texts[0]), remark))
    _rest(kit, draw, who, one, texts)
    return answer


def _texts(kit: Kit, who: Actor, project: Subject, said: Talk | None) -> list[str]:
    if said is None:
        return []
    return talk.parts(kit, said, files.taken(kit, who, project, said.files))


def _rest(kit: Kit, draw: Drawing, who: Actor, one: Found, texts: list[str]) -> None:
    for number, text in enumerate(texts[1:], 2):
        commenting.write_one(kit, draw, who, one, Words(text, part=f".{number}", quiet=True))


def _files(said: Talk, texts: list[str]) -> str:
    """What is told of files that stayed where they are: their links are in the text."""
    left = sum(1 for file in said.files if file.permalink and any(file.permalink in text for text in texts))
    return f"; {plural(left, 'file')} stay{'s' if left == 1 else ''} in Slack, as a link" if left else ""
