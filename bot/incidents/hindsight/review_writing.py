"""Writes a review into GitLab: one issue, blocks of it that are ours, and comments for what does not fit.

Each write brings GitLab to what is wanted by then, and looks first at what is there: done again, it changes nothing.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from bot import markdown
from bot.deeds import digest
from bot.edges.gitlab import GitLab
from bot.errors import GitLabSaidNo
from bot.incident import Incident
from bot.incident_work import Errand
from bot.incidents import folding
from bot.incidents.crew import blocks_of
from bot.incidents.crew.blocks_of import Edited
from bot.incidents.hindsight import review_material, review_text
from bot.incidents.hindsight.review_text import Section
from bot.incidents.outward import writers
from bot.incidents.told import Outcome
from bot.issues import texts
from bot.kit import Kit
from bot.text import clip
from bot.tracker import Issue, NewIssue

#: Prefix of the facts that keep the hash of each block, and number and hash of each comment that goes on with one.
BLOCK, NOTE = "block.review.", "note.review."
#: What the mark of the review says it is about.
ABOUT = "review"
#: Title until it is sure who can read it; that of a private incident tells nothing.
BEGUN = "Review of an incident"
WRITING = "This review is being written."
#: Lines, and characters of one, that are shown of what would have changed.
DIFF_LINES, DIFF_WIDTH = 12, 160
#: Blocks without which a review is none.
_NEEDED = ("summary", "impact")


def write(kit: Kit, errand: Errand, incident: Incident, gitlab: GitLab) -> Outcome:
    """Make the review if it is not there, and bring what of it is ours to what is known by now."""
    issue, made = _issue(kit, errand, incident, gitlab)
    issue = _closed_to_others(incident, gitlab, issue)
    outcome = Outcome(issue.iid, issue.url, made)
    material = review_material.gather(kit, incident, confidential=issue.confidential)
    sections = review_text.sections(kit, material)
    with kit.store.read() as tx:
        known = tx.incident_facts.begin(incident.id, BLOCK)
        notes = tx.incident_facts.begin(incident.id, NOTE)
    text, further = _blocks(outcome, issue.description, sections, known)
    _describe(kit, incident, gitlab, issue, text)
    if not any(one.issue.id == incident.issue_id for one in gitlab.links(incident.project_id, issue.iid)):
        gitlab.link_issues(incident.project_id, issue.iid, incident.project_id, incident.iid)
    _comments(kit, incident, gitlab, outcome, further, notes)
    outcome.empty = list(_empty(incident, text))
    return outcome


# The issue --------------------------------------------------------------------------------------------------


def _issue(kit: Kit, errand: Errand, incident: Incident, gitlab: GitLab) -> tuple[Issue, bool]:
    """Return the review, and whether it was made just now; what an unanswered request has made is found by its mark."""
    if incident.review_iid:
        return gitlab.issue(incident.project_id, incident.review_iid), False
    mark = folding.mark(incident, ABOUT)
    since = max(errand.at - folding.CLOCKS_APART_MS, 0)
    mine = gitlab.issues_by(incident.project_id, gitlab.me().id, since)
    found = next((one for one in mine if folding.has_mark(one.description, mark)), None)
    if found is None:
        description = markdown.marked(WRITING, mark)
        new = NewIssue(BEGUN, description, confidential=_is_closed(incident, gitlab))
        found = gitlab.create_issue(incident.project_id, new)
    with kit.store.write() as tx:
        tx.incidents.note(incident.id, review_iid=found.iid, review_url=found.url)
    return found, True


def _is_closed(incident: Incident, gitlab: GitLab) -> bool:
    """Tell whether a review has to be confidential: if its incident is, on either side."""
    return incident.private or gitlab.issue(incident.project_id, incident.iid).confidential


def _closed_to_others(incident: Incident, gitlab: GitLab, issue: Issue) -> Issue:
    """
    Return the review, which no more people can read than the incident; nothing was written into it before.

    Raises GitLabSaidNo if GitLab does not hide it. One that is hidden already is never opened again.
    """
    if issue.confidential or not _is_closed(incident, gitlab):
        return issue
    hidden = gitlab.change_issue(incident.project_id, issue.iid, {"confidential": True})
    if not hidden.confidential:
        raise GitLabSaidNo(
            "GitLab would show the review of a private incident to everybody, so I have written nothing into it. Have"
            " somebody ask for it who may hide issues there."
        )
    return hidden


def _describe(kit: Kit, incident: Incident, gitlab: GitLab, issue: Issue, text: str) -> None:
    """Write title and description, if they are not as they shall be."""
    # Whoever's words stand between the blocks, it is another who writes them anew: nothing in them may act as they.
    changes: dict[str, Any] = {"description": blocks_of.disarmed(text)} if text != issue.description else {}
    if issue.title == BEGUN:
        changes["title"] = texts.title(kit, f"Review: {kit.redact(incident.title)}")[0]
    if changes:
        gitlab.change_issue(incident.project_id, issue.iid, changes)


# Its blocks -------------------------------------------------------------------------------------------------


def _blocks(
    outcome: Outcome, before: str, sections: Sequence[Section], known: Mapping[str, str]
) -> tuple[str, dict[str, str]]:
    """Return the description with our blocks as they shall be, and what goes on below it, by its name."""
    text, further = _begun(before), dict[str, str]()
    for section in sections:
        first, *rest = section.parts()
        standing = blocks_of.get(text, section.name)
        if standing is None and section.name in known:
            outcome.removed.append(section.title)
            continue
        try:
            text = blocks_of.put(text, section.name, first)
        except Edited:
            outcome.edited.append((section.title, _difference(standing.body if standing else "", first)))
            continue
        outcome.facts[f"{BLOCK}{section.name}"] = blocks_of.hash_of(blocks_of.harmless(first))
        further |= {f"{section.name}.{number}": part for number, part in enumerate(rest, 2)}
    return text, further


def _begun(text: str) -> str:
    """Take away the sentence that stood there until something was written."""
    return text.removeprefix(WRITING).lstrip("\n") if text.startswith(WRITING) else text


def _difference(standing: str, wanted: str) -> str:
    """Return what would have changed in a block, line by line."""
    lines = list(
        difflib.unified_diff(standing.splitlines(), blocks_of.harmless(wanted).splitlines(), n=0, lineterm="")
    )
    changed = [clip(line, DIFF_WIDTH) for line in lines[2:] if not line.startswith("@@")]
    more = [f"… and {len(changed) - DIFF_LINES} more lines"] if len(changed) > DIFF_LINES else []
    return "\n".join([*changed[:DIFF_LINES], *more])


def _empty(incident: Incident, text: str) -> Iterator[str]:
    """Yield the needed parts in which nobody has said anything, in Slack or in the review itself."""
    for name in _NEEDED:
        block = blocks_of.get(text, name)
        if not getattr(incident, name) and block is not None and not block.is_edited:
            yield name


# Comments that go on with a block ---------------------------------------------------------------------------


def _comments(
    kit: Kit,
    incident: Incident,
    gitlab: GitLab,
    outcome: Outcome,
    wanted: Mapping[str, str],
    known: Mapping[str, str],
) -> None:
    """Bring the comments below the review to what goes on there; what somebody has changed in one stays theirs."""
    found = _written(kit, incident, gitlab, outcome.iid) if wanted or known else {}
    for name, part in wanted.items():
        body = markdown.marked(blocks_of.harmless(part), folding.mark(incident, name))
        outcome.facts[f"{NOTE}{name}"] = _comment(
            incident, gitlab, outcome, (name, body), found.get(name), known
        )
    for name in known.keys() - wanted.keys():
        note = found.get(name)
        if note is not None and digest(note[1]) == known[name]:
            gitlab.drop_note(incident.project_id, outcome.iid, note[0])


def _written(kit: Kit, incident: Incident, gitlab: GitLab, iid: int) -> dict[str, tuple[int, str]]:
    """Return number and text of our comments below the review, by what they go on with."""
    found: dict[str, tuple[int, str]] = {}
    notes = gitlab.notes_changed(incident.project_id, iid, 0)
    with kit.store.read() as tx:
        ours = [note for note in notes if writers.is_of_ours(tx, note)]
    for note in ours:
        mark = markdown.mark_of(note.body) or ""
        name = next((part[2:] for part in mark.split() if part.startswith("f=")), "")
        if name and mark == folding.mark(incident, name):
            found[name] = (note.id, note.body)
    return found


def _comment(
    incident: Incident, gitlab: GitLab, outcome: Outcome, part: tuple[str, str], standing: tuple[int, str] | None,
    known: Mapping[str, str],
) -> str:  # fmt: skip
    """Write one comment, or change it; return the hash of what we know it to hold."""
    name, body = part
    if standing is None:
        return digest(gitlab.write_note(incident.project_id, outcome.iid, body).body)
    number, text = standing
    if text == body:
        return digest(text)
    if name in known and digest(text) != known[name]:
        outcome.edited.append((name, _difference(text, body)))
        return known[name]
    return digest(gitlab.change_note(incident.project_id, outcome.iid, number, body).body)
