"""Closes, reopens, assigns and labels issues: each sets a state, so that asking for it twice does it once.

Such a change is no `writing.once`: it makes nothing, and GitLab is told what shall be, not what to add. When its
answer is lost the issue itself tells whether it was done, and whoever asks again changes nothing more.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from bot.errors import GitLabError, GitLabUnreachable, NotUnderstood, Refused
from bot.issues import cards
from bot.issues.acting import Actor, climb
from bot.issues.cards import Done, Drawing
from bot.issues.meant import Found, near_labels
from bot.kit import Kit
from bot.model import GitLabUser, Message
from bot.text import code
from bot.tracker import Issue

#: What GitLab takes for nobody (doc/api/issues.md, assignee_ids).
NOBODY = 0
#: What is told of an issue that has moved since.
FOLLOWED = "{} was moved to {}. "
_TURNS = {"close": ("closed", False), "reopen": ("reopened", True)}
Holds = Callable[[Issue], bool]


def turn(kit: Kit, draw: Drawing, who: Actor, one: Found, event: str) -> Message | None:
    """Close or reopen an issue; `event` is close or reopen. What only the asker sees comes back."""
    decision, is_open = _TURNS[event]
    _climb(kit, who, one.issue, f"{event} #{one.issue.iid}", f"PUT issue #{one.issue.iid}, {event}")
    if one.issue.is_open is is_open:
        return _as_it_was(kit, draw, who, one, f"is {'open' if is_open else 'closed'} already.")
    issue = reopen(who, one.issue) if is_open else close(who, one.issue)
    return _done(kit, draw, who, one, Done(issue, decision, f"{decision.capitalize()} by {who.by.name}"))


def close(who: Actor, issue: Issue) -> Issue:
    """Close an issue in GitLab, whose ladder has been climbed, and return it."""
    return _set(who, issue, {"state_event": "close"}, lambda found: not found.is_open)


def reopen(who: Actor, issue: Issue) -> Issue:
    """Open one again in GitLab, and return it."""
    return _set(who, issue, {"state_event": "reopen"}, lambda found: found.is_open)


def assign(kit: Kit, draw: Drawing, who: Actor, one: Found, whom: GitLabUser | None) -> Message | None:
    """Assign an issue to somebody, or to nobody. Where GitLab lets several have it (Premium), the others stay."""
    name = f"@{whom.username}" if whom else "nobody"
    _climb(kit, who, one.issue, f"assign #{one.issue.iid} {name}", f"PUT issue #{one.issue.iid}, {name}")
    have = {person.id for person in one.issue.assignees}
    if (whom.id in have) if whom else not have:
        return _as_it_was(kit, draw, who, one, f"is assigned to {code(name)} already.")
    # On Free the first one counts, so whoever is new comes first.
    wanted = [whom.id, *sorted(have)] if whom else [NOBODY]
    issue = _set(who, one.issue, {"assignee_ids": wanted}, lambda found: _has(found, whom))
    mine = whom is not None and whom.id == who.by.gitlab_id
    how = "Taken" if mine else f"Assigned to {whom.name or name}" if whom else "Assigned to nobody"
    return _done(kit, draw, who, one, Done(issue, "assigned", f"{how} by {who.by.name}", detail=name))


def _has(issue: Issue, whom: GitLabUser | None) -> bool:
    people = {person.id for person in issue.assignees}
    return whom.id in people if whom else not people


def label(
    kit: Kit, draw: Drawing, who: Actor, one: Found, on: tuple[str, ...], off: tuple[str, ...]
) -> Message | None:
    """
    Put labels on an issue and take some off.

    Raises NotUnderstood, naming all of them, for labels that the project does not have: GitLab would make them.
    """
    words = " ".join([*(f"+{name}" for name in on), *(f"-{name}" for name in off)])
    _climb(
        kit, who, one.issue, f"label #{one.issue.iid} {words}", f"PUT issue #{one.issue.iid}, labels {words}"
    )
    on, off = _known(who, one.issue, on, off)
    has = set(one.issue.labels)
    if set(on) <= has and not set(off) & has:
        return _as_it_was(kit, draw, who, one, "has just these labels already.")
    changes = {"add_labels": ",".join(on), "remove_labels": ",".join(off)}
    issue = _set(
        who, one.issue, {name: value for name, value in changes.items() if value},
        lambda found: set(on) <= set(found.labels) and not set(off) & set(found.labels),
    )  # fmt: skip
    parts = [f"labelled {', '.join(on)}"] if on else []
    parts += [f"no longer labelled {', '.join(off)}"] if off else []
    said = " and ".join(parts)
    remark = f"{said[:1].upper()}{said[1:]} by {who.by.name}"
    return _done(kit, draw, who, one, Done(issue, "labelled", remark, detail=words))


def _known(
    who: Actor, issue: Issue, on: tuple[str, ...], off: tuple[str, ...]
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return labels as GitLab spells them."""
    known = tuple(one.name for one in who.gitlab.labels(issue.project_id))
    spelled = {name.casefold(): name for name in (*known, *issue.labels)} | {name: name for name in known}
    unknown = tuple(name for name in (*on, *off) if name not in spelled and name.casefold() not in spelled)
    if unknown:
        named = ", ".join(f"`{name}`" for name in unknown)
        raise NotUnderstood(
            f"{issue.project} has no label {named}.{near_labels(unknown, known)} Labels are made in GitLab."
        )

    def spell(names: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(spelled.get(name) or spelled[name.casefold()] for name in names)

    return spell(on), spell(off)


# Setting and telling ----------------------------------------------------------------------------------------


def _climb(kit: Kit, who: Actor, issue: Issue, what: str, call: str) -> None:
    climb(kit, who, (issue.project_id, issue.project), what, call=call)


def _set(who: Actor, issue: Issue, changes: Mapping[str, Any], holds: Holds) -> Issue:
    """
    Set what `changes` says and return the issue, for which `holds` is true then.

    Raises Refused if GitLab left it as it was, which it does without a word for who may not change that.
    """
    try:
        changed = who.gitlab.change_issue(issue.project_id, issue.iid, changes)
    except GitLabUnreachable as error:
        if not error.sent:
            raise
        changed = _looked_at(who, issue, holds, error)
    if not holds(changed):
        raise Refused(
            f"GitLab left #{issue.iid} as it is: @{who.by.username} may not change that in {issue.project}. Ask"
            " somebody with the role Planner or above there."
        )
    return changed


def _looked_at(who: Actor, issue: Issue, holds: Holds, error: GitLabUnreachable) -> Issue:
    """Return the issue after a lost answer if it is as it shall be; raises GitLabUnreachable otherwise."""
    try:
        found = who.gitlab.issue(issue.project_id, issue.iid)
    except GitLabError:
        raise error from None
    if not holds(found):
        raise GitLabUnreachable(
            f"GitLab did not answer, and #{issue.iid} is as it was. Ask for it again in a minute: it cannot be done"
            " twice."
        ) from error
    return found


def _done(kit: Kit, draw: Drawing, who: Actor, one: Found, done: Done) -> Message | None:
    """Show it where it was asked and on all cards; return what only the asker sees."""
    last = cards.last_comment(who.gitlab, done.issue)
    told = replace(done, remark=followed(one) + done.remark, last=last)
    with kit.store.write() as tx:
        cards.show(tx, kit, draw, who.by, told)
    kit.deliver()
    return cards.answer(kit, draw, who.by, told)


def _as_it_was(kit: Kit, draw: Drawing, who: Actor, one: Found, text: str) -> Message:
    """Say that nothing was to be done; the cards show how it is."""
    cards.refresh(kit, draw, one, cards.last_comment(who.gitlab, one.issue))
    return draw.told(
        one.issue, text + (f" {code(one.moved_from)} was moved there." if one.moved_from else "")
    )


def followed(one: Found) -> str:
    """Return the word that an issue has moved since, as the beginning of a remark; empty if it has not."""
    return FOLLOWED.format(one.moved_from, one.issue.reference) if one.moved_from else ""
