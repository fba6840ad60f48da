"""How an issue looks: its card, the lines said under it, what a search found, and what became of a lost answer."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from blocks import markdown, parts
from blocks.answers import said
from blocks.spans import ago
from bot.markdown import to_slack
from bot.model import Block, Message, Millis
from bot.text import code, escape, inert, one_line, plural
from bot.tracker import Comment, Issue, Subject

COMMENT, ASSIGN, LABEL, CLOSE, REOPEN = (
    "issue.comment", "issue.assign", "issue.label", "issue.close", "issue.reopen",
)  # fmt: skip
SHOW, CREATE, ADD = "issue.show", "issue.create", "issue.add"
#: State in words, and the emoji beside it; the word alone says it all.
_LOOKS = {"opened": (":large_green_circle:", "open"), "closed": (":white_check_mark:", "closed")}
NAME_SHOWN, TITLE_SHOWN, COMMENT_SHOWN, REMARK_SHOWN = 80, 255, 500, 200
#: Labels and assignees that a card names; the rest are counted.
MOST_NAMED = 8
#: Found issues that have a button each.
MOST_BUTTONS = 5


# The card ---------------------------------------------------------------------------------------------------


def card(issue: Issue, last: Comment | None, card_id: str, now: Millis, *, remark: str = "") -> Message:
    """Return the card of an issue; `last` is the comment to show, `remark` what was done to it last, in plain text."""
    title = parts.link(issue.url, one_line(f"#{issue.iid} {issue.title}", TITLE_SHOWN), bold=True)
    body = [parts.rich_text(parts.paragraph(title)), parts.context(_facts(issue))]
    if last is not None:
        body += _comment(issue, last, now)
    if remark:
        body.append(parts.plain_context(one_line(remark, REMARK_SHOWN)))
    body.append(parts.actions(*_buttons(issue, card_id)))
    return Message(f"{_name(f'#{issue.iid} {issue.title}')}: {_state(issue)[1]}", tuple(body))


def _facts(issue: Issue) -> str:
    emoji, word = _state(issue)
    kind = f" {_name(issue.kind)}" if issue.kind not in {"", "issue"} else ""
    facts = [f"{emoji} {word}{kind}", _name(issue.project)]
    facts += [f"labels: {_listed(issue.labels)}"] if issue.labels else []
    people = [one.name or one.username for one in issue.assignees]
    facts.append(f"assigned to {_listed(people)}" if people else "assigned to nobody")
    facts += [f"due {_day(issue.due)}"] if issue.due else []
    facts += [":lock: confidential"] if issue.confidential else []
    return " · ".join(facts)


def _state(issue: Issue) -> tuple[str, str]:
    return _LOOKS.get(issue.state, (":grey_question:", _name(issue.state)))


def _listed(names: Sequence[str]) -> str:
    more = len(names) - MOST_NAMED
    return ", ".join(_name(one) for one in names[:MOST_NAMED]) + (f" and {more} more" if more > 0 else "")


def _day(text: str) -> str:
    """A day in words; GitLab's own text if it is none."""
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return _name(text)
    return f"{day.day} {day:%B %Y}"


def _comment(issue: Issue, last: Comment, now: Millis) -> list[Block]:
    who, when = last.name or last.author or "somebody", ago(max(now - last.created_at, 0))
    return [parts.context(f"{_name(who)}, {when}:"), *_shown(issue, last.body)]


def _shown(issue: Issue, text: str) -> tuple[Block, ...]:
    """A text of an issue as Slack shows it."""
    return markdown.rich(to_slack(text, base=issue.home, limit=COMMENT_SHOWN))


def _buttons(issue: Issue, card_id: str) -> list[Block]:
    """What can be done with it; whether this person may, GitLab says when they press."""
    about = f"#{issue.iid} {issue.title}"
    sure = parts.confirm("Close this issue?", about, "Close it", "Leave it open")
    turn = (
        parts.button("Close", CLOSE, card_id, confirm=sure)
        if issue.is_open
        else parts.button("Reopen", REOPEN, card_id)
    )
    mine = [parts.button("Assign me", ASSIGN, card_id)] if issue.is_open else []
    return [
        parts.button("Comment", COMMENT, card_id), *mine, parts.button("Label", LABEL, card_id), turn,
        parts.link_button("Open in GitLab", issue.url),
    ]  # fmt: skip


def withdrawn(subject: Subject, why: str) -> Message:
    """Return what is left of a card that shows no more; `why` is a sentence of ours."""
    number = f"#{subject.iid}"
    text = f"{number} in {_name(subject.project)}: {escape(why)}"
    return Message(text, (parts.context(text),))


# Under the card, and to the one who asked -------------------------------------------------------------------


def line(remark: str, issue: Issue, words: str = "") -> Message:
    """Return what is said under a card when something was done, in plain text, and in which words, in Markdown."""
    body = [parts.plain_context(one_line(remark, REMARK_SHOWN)), *_shown(issue, words)]
    return Message(inert(one_line(remark, REMARK_SHOWN)), tuple(body))


def told(issue: Issue, text: str) -> Message:
    """Return a word to the one who asked: the issue as a link, and what became of it, in mrkdwn."""
    return said(f"<{issue.url}|{escape(issue.reference)}> {text}")


def found(project: str, words: str, issues: Sequence[tuple[Issue, str]], *, prefix: str) -> Message:
    """Return what a search found, each with the id of its button, or that it found nothing."""
    about = f"with {code(words)} in {_name(project)}"
    if not issues:
        text = f"No issue {about} that you may see."
        return Message(text, (parts.section(text), parts.context(f"`{prefix}issue create Title` makes one.")))
    title = f"{plural(len(issues), 'issue', 'issues')} {about}"
    lines = [f"• {_state(one)[0]} <{one.url}|#{one.iid}> {inert(one_line(one.title, NAME_SHOWN))}{_more(one)}"
             for one, _ in issues]  # fmt: skip
    buttons = [parts.button(f"#{one.iid}", f"{SHOW}.{n}", card_id)
               for n, (one, card_id) in enumerate(issues[:MOST_BUTTONS])]  # fmt: skip
    return Message(title, (parts.section(title), parts.section("\n".join(lines)), parts.actions(*buttons)))


def _more(issue: Issue) -> str:
    facts = [*([] if issue.is_open else ["closed"]), *issue.labels[:MOST_NAMED]]
    return f" ({_listed(facts)})" if facts else ""


def no_subject(*, was: bool, dm: bool) -> Message:
    """Return what is said when a place is about no issue any more."""
    here = "conversation" if dm else "channel"
    return said(f"This {here} is about no issue any more." if was else f"This {here} was about no issue.")


def offer(sentence: str, label: str, action: str, value: str, line: str) -> Message:
    """Return a button that opens a form where nothing else can; `line` is what one may type instead."""
    button = parts.button(label, action, value, style="primary")
    body = [parts.section(escape(sentence)), parts.actions(button)]
    body += [parts.context(f"Or type {code(line)}.")] if line else []
    return Message(escape(sentence), tuple(body))


def lost(what: str, url: str) -> Message:
    """Return what the asker hears whose answer was lost: `url` is the page of what there is, or empty for nothing."""
    if url:
        return said(f"GitLab has done it after all: <{url}|{escape(what)}>.")
    return said(f"GitLab has not done it: {escape(what)}. Nothing was made; ask for it again.")


def _name(text: str) -> str:
    return escape(one_line(text, NAME_SHOWN))
