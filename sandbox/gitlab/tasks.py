"""The boxes of a description that can be ticked (doc/user/markdown.md, task lists)."""

from __future__ import annotations

import re

#: A task of a list, done or not, and its text.
TASK = re.compile(
    r"^(?P<lead>\s*(?:[-*+]|\d+[.)])\s+\[)(?P<mark>[ xX])(?P<end>\]\s+)(?P<text>\S[^\n]*)", re.MULTILINE
)


def changed_tasks(before: str, after: str) -> list[tuple[str, bool]]:
    """Tasks with the same text at the same place whose box is another, and whether it is ticked now (Taskable)."""
    pairs = zip(TASK.finditer(before), TASK.finditer(after), strict=False)
    return [
        (new["text"].rstrip(), new["mark"] != " ")
        for old, new in pairs
        if old["text"] == new["text"] and (old["mark"] == " ") is not (new["mark"] == " ")
    ]


def ticked(description: str, words: str, *, done: bool) -> str | None:
    """The description with the box of the first task that has these words set; None when none has."""
    for task in TASK.finditer(description):
        if words.lower() in task["text"].lower() and (task["mark"] != " ") is not done:
            at = task.end("lead")
            return description[:at] + ("x" if done else " ") + description[at + 1 :]
    return None


def counted(description: str) -> tuple[int, int]:
    """How many tasks there are, and how many of them are done."""
    marks = [task["mark"] for task in TASK.finditer(description)]
    return len(marks), sum(mark != " " for mark in marks)
