"""The forms about issues: make one, write on one, add what was said, and change its labels."""

from __future__ import annotations

from blocks import forms, parts
from blocks.issue import ADD, COMMENT, CREATE, LABEL
from bot.model import Block, Option, Place
from bot.text import code, one_line
from bot.tracker import TITLE_LIMIT, Draft, Issue

#: Ids of the fields. That of the project is an action, too: a change of it is told at once.
PROJECT, ISSUE, TITLE, TEXT, LABELS, MORE, LAST = (
    "issue.project", "issue", "title", "text", "labels", "more", "last",
)  # fmt: skip
#: What can be ticked.
MINE, CONFIDENTIAL = "mine", "confidential"
SHOWN = 120
MARKDOWN = "In Markdown; nobody is called by it."


def create(value: str, place: Place, draft: Draft, *, line: str, quotes: bool) -> Block:
    """
    Return the form that makes an issue; `line` is what one may type instead, `quotes` whether what was said in the
    place can be quoted.
    """
    ticks = [Option("Assign it to me", MINE), Option("Confidential: for members alone", CONFIDENTIAL)]
    body = [
        _project(draft.project),
        forms.filled(forms.text(TITLE, "Title", most=TITLE_LIMIT), draft.title),
        forms.optional(forms.filled(forms.text(TEXT, "Description", lines=True, hint=MARKDOWN), draft.text)),
        forms.many(LABELS, "Labels", "pick.label", chosen=[Option(one, one) for one in draft.labels]),
        forms.boxes(MORE, "More", ticks),
    ]
    if quotes:
        hint = "So many of the last messages here, with names, links and files."
        body.append(forms.optional(forms.number(LAST, "Quote the last messages", hint=hint, decimal=False)))
    body += [parts.plain_context(draft.about)] if draft.about else []
    body.append(parts.context(f"The same, typed: {code(line)}"))
    return forms.modal(CREATE, value, place, title="New issue", submit="Create", body=body)


def add(value: str, place: Place, draft: Draft, *, issue: Option | None, line: str) -> Block:
    """Return the form that adds a message to an issue, with a word beside it; `issue` is picked already."""
    body = [
        _project(draft.project),
        forms.typeahead(
            ISSUE, "Issue", "pick.issue", chosen=issue, hint="Its number, or words of its title."
        ),
        forms.optional(forms.text(TEXT, "What do you say to it?", lines=True)),
        parts.plain_context(draft.about),
        parts.context(f"Typed, for the last messages: {code(line)}"),
    ]
    return forms.modal(ADD, value, place, title="Add to issue", submit="Add", body=body)


def comment(value: str, place: Place, issue: Issue, text: str, line: str) -> Block:
    """Return the form that writes a comment, with `text` in it already."""
    body = [
        parts.plain_section(_titled(issue)),
        forms.filled(forms.text(TEXT, "Comment", lines=True, hint=MARKDOWN), text),
        parts.context(f"The same, typed: {code(line)}"),
    ]
    return forms.modal(COMMENT, value, place, title="Comment", submit="Comment", body=body)


def label(value: str, place: Place, issue: Issue, _text: str, line: str) -> Block:
    """Return the form in which the labels of an issue are picked."""
    body = [
        parts.plain_section(_titled(issue)),
        forms.many(LABELS, "Labels", "pick.label", chosen=[Option(one, one) for one in issue.labels]),
        parts.context(f"The same, typed: {code(line)}"),
    ]
    return forms.modal(LABEL, value, place, title="Labels", submit="Save", body=body)


def _project(path: str) -> Block:
    chosen = Option(path, path) if path else None
    return forms.telling(forms.typeahead(PROJECT, "Project", "pick.project", chosen=chosen))


def _titled(issue: Issue) -> str:
    return one_line(f"{issue.reference} {issue.title}", SHOWN)
