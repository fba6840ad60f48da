"""The forms that declare an incident, and that change what it was declared with."""

from __future__ import annotations

from collections.abc import Sequence

from blocks import forms, parts
from blocks.incident_said import row
from blocks.incident_words import EDIT, severities
from bot.incident import Incident
from bot.incidents.drawing import Draft
from bot.model import Block, Option, Place
from bot.text import code

#: Ids of the fields.
TITLE, SEVERITY, BEGIN, PROJECT, SUMMARY, VISIBILITY, INVITE = (
    "title", "severity", "begin", "project", "summary", "visibility", "invite",
)  # fmt: skip
ACTIVE, TRIAGE = "active", "triage"
OPEN, PRIVATE = "open", "private"
#: Characters of a title that people still read; GitLab takes 255.
TITLE_MOST = 150
_BEGIN = (
    Option("Active: people work on it now", ACTIVE), Option("Triage: perhaps it is none", TRIAGE),
)  # fmt: skip
#: Who will see what, in plain words (incidents.md 2.1).
_VISIBILITY = (
    Option("Open: everybody here may join", OPEN, "It is announced; the issue is for all who see the project"),
    Option("Private: for those invited alone", PRIVATE, "Private channel, confidential issue, no announcement"),
)  # fmt: skip


def declare(
    callback: str, value: str, place: Place, draft: Draft, *, near: Sequence[Incident], line: str
) -> Block:
    """
    Return the form that declares an incident; `near` is what it may be the same as, `line` what one may type instead.
    """
    seen = PRIVATE if draft.private else OPEN
    body = [
        *_near(near),
        *([parts.plain_context(draft.about)] if draft.about else []),
        _title(draft.title),
        _severity(draft.severity),
        forms.choice(BEGIN, "Start as", _BEGIN, chosen=TRIAGE if draft.triage else ACTIVE),
        _project(draft.project),
        _summary(draft.summary),
        forms.choice(VISIBILITY, "Who sees it", _VISIBILITY, chosen=seen),
        forms.people(INVITE, "Bring in", hint="Whoever declares it is there anyway."),
        parts.context(f"The same, typed: {code(line)}"),
    ]
    return forms.modal(callback, value, place, title="Declare incident", submit="Declare", body=body)


def edit(value: str, place: Place, one: Incident) -> Block:
    """Return the form that changes title, severity and summary, and the project while GitLab has no issue."""
    project = [_project(one.project)] if not one.iid else []
    body = [_title(one.title), _severity(one.severity), _summary(one.summary), *project]
    return forms.modal(EDIT, value, place, title="Edit incident", submit="Save", body=body)


def _near(near: Sequence[Incident]) -> list[Block]:
    """Joining one that is open comes first; it is never in the way of another."""
    if not near:
        return []
    return [
        parts.context("Is it one of these? Then join it."),
        *(row(one) for one in near),
        parts.divider(),
    ]


def _title(text: str) -> Block:
    return forms.filled(
        forms.text(TITLE, "Title", placeholder="What is wrong, in a few words", most=TITLE_MOST), text
    )


def _severity(number: int) -> Block:
    return forms.choice(SEVERITY, "Severity", severities(), chosen=str(number or ""))


def _project(path: str) -> Block:
    chosen = Option(path, path) if path else None
    return forms.typeahead(PROJECT, "Project", "pick.project", chosen=chosen, hint="Where its issue is made.")


def _summary(text: str) -> Block:
    field = forms.text(
        SUMMARY, "Summary", lines=True, hint="What is known so far; a card shows 300 characters."
    )
    return forms.optional(forms.filled(field, text))
