"""How a merge request looks: its card, the lines said under it, and the lists of those that wait."""

from __future__ import annotations

from collections.abc import Sequence

from blocks import forms, lists, looks, parts
from blocks.answers import said
from blocks.spans import ago
from bot.merge_requests import MERGEABLE, MergeRequest, Reference, Review, Sighting, state_word
from bot.model import Block, Message, Millis, Option
from bot.text import escape, inert, one_line, plural

APPROVE, UNAPPROVE, MERGE, LATER = "mr.approve", "mr.unapprove", "mr.merge", "mr.later"
SHARE, SHOW = "mr.share", "mr.show"
#: State in words, and the emoji beside it; the word alone says it all.
_LOOKS = {
    "open": ":large_green_circle:", "draft": ":pencil2:", "merged": ":white_check_mark:", "closed": ":no_entry_sign:",
    "being merged": ":hourglass_flowing_sand:",
}  # fmt: skip
TITLE_SHOWN, NAME_SHOWN, REMARK_SHOWN, LISTED_TITLE, CONFIRM_SHOWN = 255, 80, 200, 90, 120
#: People, labels and jobs that are named; the rest are counted.
MOST_NAMED = 6
SHA_SHOWN = 8
#: Merge requests of one list that are shown.
MOST_LISTED = 10


# The card ---------------------------------------------------------------------------------------------------


def card(seen: Sighting, aim: str, now: Millis, *, remark: str = "", personal: bool, shared: bool) -> Message:
    """
    Return the card of a merge request; `aim` is what its buttons carry, `remark` what was done last, in plain text.

    What only one person reads (`personal`) has buttons for what they may do; what is not `shared` can be.
    """
    one = seen.one
    body = [*_head(one, now), parts.section("\n".join(_lines(seen)))]
    if remark:
        body.append(parts.plain_context(one_line(remark, REMARK_SHOWN)))
    body.append(parts.actions(*_buttons(seen, aim, personal=personal, shared=shared)))
    return Message(f"{_name(_title(one))}: {state_word(one)}", tuple(body))


def _head(one: MergeRequest, now: Millis) -> list[Block]:
    link = parts.link(one.url, one_line(_title(one), TITLE_SHOWN))
    return [parts.rich_text(parts.paragraph(link)), parts.context(" · ".join(_facts(one, now)))]


def _title(one: MergeRequest) -> str:
    return f"!{one.iid} {one.title}"


def _facts(one: MergeRequest, now: Millis) -> list[str]:
    word = state_word(one)
    facts = [f"{_LOOKS.get(word, looks.UNKNOWN)} {_name(word)}", _name(one.project)]
    facts += [f"{_name(one.source)} → {_name(one.target)}", f"by {_name(one.author or 'nobody')}"]
    facts += [f"`{escape(one.sha[:SHA_SHOWN])}`"] if one.sha else []
    return [*facts, f"opened {ago(now - one.created_at)}"] if one.created_at else facts


def _lines(seen: Sighting) -> list[str]:
    """What is to be known before somebody decides, a line each."""
    one = seen.one
    found = [_pipeline(seen), _approved(seen)]
    found += [f":label: {_listed(one.labels)}"] if one.labels else []
    if one.is_open:
        found += [":speech_balloon: Threads are not resolved yet."] if one.threads_open else []
        found.append(_standing(one))
    return found


def _pipeline(seen: Sighting) -> str:
    ran = seen.one.pipeline
    if ran is None:
        return ":white_circle: No pipeline"
    word = looks.word(ran.status)
    why = f": {_listed(seen.failed)}" if seen.failed else ""
    return f"{looks.look(word)} Pipeline <{ran.url}|#{ran.id}> {escape(word)}{why}"


def _approved(seen: Sighting) -> str:
    given, reviewers = seen.approvals, seen.one.reviewers
    if given is None:
        return ":grey_question: GitLab does not tell who approved it"
    missing = [one for one in reviewers if one not in given.by]
    asked = f" · asked: {_listed(missing)}" if missing and seen.one.is_open else ""
    by = f" by {_listed(given.by)}" if given.by else ""
    if given.wanted:
        mark = ":white_check_mark:" if given.approved else ":hourglass_flowing_sand:"
        return f"{mark} {len(given.by)} of {plural(given.wanted, 'approval')}{by}{asked}"
    if not given.by:
        return f":white_circle: Not approved yet{asked}"
    return f":white_check_mark: Approved{by}{asked}"


def _standing(one: MergeRequest) -> str:
    if one.auto:
        who = f", set by {_name(one.merge_user)}" if one.merge_user else ""
        now = "" if one.status == MERGEABLE else f" {escape(one.standing)}"
        return f":repeat: GitLab merges it by itself once nothing is in the way{who}.{now}"
    mark = ":white_check_mark:" if one.status == MERGEABLE else ":no_entry:"
    failed = f" GitLab's last try failed: {inert(one_line(one.error, REMARK_SHOWN))}." if one.error else ""
    return f"{mark if one.status else looks.UNKNOWN} {escape(one.standing)}{failed}"


def _buttons(seen: Sighting, aim: str, *, personal: bool, shared: bool) -> list[Block]:
    one, given = seen.one, seen.approvals
    made = []
    if one.is_open and (given is None or not personal or given.may):
        made.append(parts.button("Approve", APPROVE, aim))
    if one.is_open and given is not None and (given.mine if personal else bool(given.by)):
        made.append(parts.button("Take approval back", UNAPPROVE, aim))
    if one.is_open and not (personal and one.may_merge is False):
        made += _merge(one, aim)
    made += [] if shared else [parts.button("Share", SHARE, aim)]
    return [*made, parts.link_button("Open in GitLab", one.url)]


def _merge(one: MergeRequest, aim: str) -> list[Block]:
    """The button that merges: at once, or while its pipeline runs, once that has passed."""
    if one.auto or not (one.waits or one.can_be_tried):
        return []
    label, action = ("Merge when it passes", LATER) if one.waits else ("Merge", MERGE)
    text = f"{one_line(_title(one), CONFIRM_SHOWN)} goes into {one.target} at {one.sha[:SHA_SHOWN]}, as you."
    sure = parts.confirm("Merge it?", text, label, "Not now")
    return [parts.button(label, action, aim, style="primary", confirm=sure)]


def _listed(names: Sequence[str]) -> str:
    more = len(names) - MOST_NAMED
    return ", ".join(_name(one) for one in names[:MOST_NAMED]) + (f" and {more} more" if more > 0 else "")


def _name(text: str) -> str:
    return inert(one_line(text, NAME_SHOWN))


# What is said of one ----------------------------------------------------------------------------------------


def line(remark: str) -> Message:
    """Return what is said under a card when something was done; `remark` is plain text."""
    return said(f"{inert(one_line(remark, REMARK_SHOWN))}.")


def moved(seen: Sighting, aim: str, now: Millis, what: str) -> Message:
    """Return the card anew for somebody whose press was about another head; `what` is a sentence in plain text."""
    fresh = card(seen, aim, now, personal=True, shared=False)
    return Message(escape(what), (parts.section(f":warning: {escape(what)}"), *fresh.blocks))


def outcome(about: Reference, url: str, what: str) -> Message:
    """Return what is told later of a change whose answer was lost; `what` goes on behind its name, in plain text."""
    name = f"<{url}|{escape(about.text)}>" if url else escape(about.text)
    return said(f"{name} {inert(what)}")


def dropped(seen: Sighting, people: Sequence[str]) -> Message:
    """Return what is told when GitLab will not merge one by itself after all; `people` are mentioned."""
    why = f"!{seen.one.iid} is not merged by itself any more. {_why_dropped(seen)}"
    called = [piece for one in people for piece in (parts.user(one), parts.words(" "))]
    return Message(escape(why), (parts.rich_text(parts.paragraph(*called, parts.words(why))),))


def _why_dropped(seen: Sighting) -> str:
    ran = seen.one.pipeline
    if ran is not None and ran.status in {"failed", "canceled"}:
        jobs = f": {', '.join(seen.failed)}" if seen.failed else ""
        return f"Its pipeline #{ran.id} {ran.status}{jobs}."
    return "Somebody pushed to it, or called it off." if seen.one.status == MERGEABLE else seen.one.standing


# Lists ------------------------------------------------------------------------------------------------------


def waiting(
    review: Sequence[Review], mine: Sequence[Review], now: Millis, *, prefix: str, about: str = ""
) -> Message:
    """Return what waits for somebody's review, and what is theirs; `about` are the words that were looked for."""
    fits = f" with “{escape(about)}” in the title" if about else ""
    body = [*_list(f"Waiting for your review{fits}", review, now), *_list(f"Yours{fits}", mine, now)]
    hint = parts.context(f"`{prefix}mr show !7` shows one; `{prefix}mr list all` those of the project.")
    return Message("Your merge requests", (*body, *_pick([*review, *mine]), hint))


def listed(title: str, found: Sequence[Review], now: Millis, *, footer: str) -> Message:
    """Return one list of merge requests under a title in mrkdwn."""
    return Message(title, (*_list(title, found, now), *_pick(found), parts.context(footer)))


def _list(title: str, found: Sequence[Review], now: Millis) -> list[Block]:
    if not found:
        return [parts.section(f"*{title}*: nothing.")]
    more = [f"… and {len(found) - MOST_LISTED} more"] if len(found) > MOST_LISTED else []
    return list(lists.listed(f"*{title}*", [*(_row(one, now) for one in found[:MOST_LISTED]), *more]).blocks)


def _row(one: Review, now: Millis) -> str:
    facts = [_name(one.project), *(["draft"] if one.draft else []), ago(now - one.updated_at)]
    if one.pipeline:
        word = looks.word(one.pipeline)
        facts.append(f"{looks.look(word)} {escape(word)}")
    facts += [plural(one.approvals, "approval")] if one.approvals else []
    title = inert(one_line(one.title, LISTED_TITLE))
    return f"• <{one.url}|!{one.iid}> {title} ({', '.join(facts)})"


def _pick(found: Sequence[Review]) -> list[Block]:
    """A select that shows one of them; its value is what one would type."""
    options = {one.reference.text: _option(one) for one in found}
    select = forms.static(SHOW, list(options.values()), "Show one")
    return [parts.actions(select)] if select["options"] else []


def _option(one: Review) -> Option:
    return Option(f"!{one.iid} {one_line(one.title, NAME_SHOWN)}", one.reference.text, one.project)
