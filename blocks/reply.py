"""How the reply of a job that has ended looks in the thread of its card."""

from __future__ import annotations

import re

from blocks import parts
from blocks.reasons import reason
from blocks.spans import took
from bot.model import Attachment, Block, Message, Reply, Run
from bot.text import Link, author_links, head_and_tail, inert, one_line, plain, plural

#: Longer replies become a file with an excerpt (chatops-and-notifications.md 2.3).
SHOWN = 2800
_EXCERPT = 2700
#: GitLab's limit on the name of a job.
NAME_SHOWN = 255
_HEAD_LINES, _TAIL_LINES = 5, 15
_FALLBACK = 500
_FILE_NAME = 60

NOTHING = "Done, and the job printed nothing."
UNREAD = "Done, but I could not read what the job printed."
NOT_WHOLE = "The log was not complete when I read it last. What is missing is in GitLab."
CLIPPED = "The reply is longer than I keep: its middle is left out."
TAIL = "The end of its log:"


def reply(run: Run, reply: Reply, *, mention: bool) -> Message:
    """
    Return what goes into the thread of a run that has ended.

    `mention` puts the asker in front, for real; nothing the job printed ever mentions anybody. A long reply
    comes as a file with its first and last lines.
    """
    text, tail = _what(reply, failed=run.status == "failed")
    silent = run.status == "success" and not text
    said = (NOTHING if reply.complete else UNREAD) if silent else _sentence(run, reply.exit_code)
    blocks: list[Block] = []
    if mention or run.status != "success" or silent:
        asker = [parts.user(run.person.id), parts.words(" ")] if mention else []
        name = [] if silent else [_name(run), parts.words(" ")]
        blocks.append(parts.rich_text(parts.paragraph(*asker, *name, parts.words(said))))
    if text:
        blocks.append(parts.rich_text(*_body(text)))
    if tail:
        blocks.append(parts.rich_text(parts.paragraph(parts.words(TAIL)), _end(tail)))
    blocks += [parts.plain_context(remark) for remark in _remarks(run, reply)]
    file = Attachment(_file_name(run), text) if len(text) > SHOWN else None
    return Message(_fallback(run, said, text), tuple(blocks), file)


def terminal(reply: Reply) -> str | None:
    """
    Return what Slack would show of a reply, for a terminal; None if there is nothing to show.

    A log that ends with an exit code is that of a job that failed: its end is shown, too.
    """
    text, tail = _what(reply, failed=reply.exit_code is not None)
    shown = ["\n".join(_as_text(element) for element in _body(text))] if text else []
    if tail:
        shown.append(f"{TAIL}\n{_as_text(_end(tail))}")
    if len(text) > SHOWN:
        shown.append(f"Slack gets the whole reply as a file, too: {len(text)} characters.")
    return "\n\n".join(shown) or None


def nothing(reply: Reply) -> str:
    """Return the sentence for a log of which there is nothing to show."""
    if reply.text is None:
        return "This log holds nothing to reply with: no chat_reply section, and no script output."
    what = "Its chat_reply section is empty" if reply.answered else "Its script printed nothing"
    said = NOTHING if reply.complete else UNREAD
    return f"This log holds nothing to reply with. {what}; Slack would show: {said}"


# What is said -----------------------------------------------------------------------------------------------


def _what(reply: Reply, *, failed: bool) -> tuple[str, tuple[str, ...]]:
    """Return the text and the last lines to show: for a job that failed both, unless they tell the same."""
    text = plain(reply.text or "")
    if not failed or not reply.tail:
        return text, ()
    printed = {line.rstrip() for line in text.split("\n") if line.strip()}
    others = tuple(line for line in reply.tail if line not in printed and "section_start" not in line)
    told = not any(not line.startswith("$ ") for line in others)
    if reply.answered and text:
        return text, () if told else others
    # The reply is the script's own output: its tail, with the commands between, says more.
    return ("", reply.tail) if printed <= set(reply.tail) else (text, () if told else reply.tail)


def _sentence(run: Run, exit_code: int | None) -> str:
    """Return how the job ended, to be read after its name."""
    after = f" in {took(run)}" if took(run) else ""
    if run.status == "success":
        return f"passed{after}."
    if run.status == "failed":
        code = f" with exit code {exit_code}" if exit_code and run.failure_reason == "script_failure" else ""
        return f"failed{after}: {reason(run.failure_reason)}{code}."
    if run.status == "canceled":
        return f"was canceled{after}."
    return f"ended{after}: {one_line(run.status, NAME_SHOWN) or 'GitLab does not say how'}."


def _name(run: Run) -> Block:
    """Return the job's name, as a link to it if there is one."""
    linked = run.job_url.startswith(("https://", "http://"))
    name = one_line(run.job, NAME_SHOWN)
    return parts.link(run.job_url, name) if linked else parts.words(name, bold=True)


def _remarks(run: Run, reply: Reply) -> list[str]:
    """Return what the reader should know about the reading itself."""
    unfinished = not reply.complete and run.status in {"success", "failed"}
    return [NOT_WHOLE] * unfinished + [CLIPPED] * reply.clipped


def _fallback(run: Run, said: str, text: str) -> str:
    """Return the text for notifications and screen readers, in which nothing is active."""
    return inert(
        " ".join([one_line(run.job, NAME_SHOWN), said, *([one_line(text, _FALLBACK)] if text else [])])
    )


def _file_name(run: Run) -> str:
    job = re.sub(r"[^A-Za-z0-9_.-]+", "-", run.job).strip("-.")[:_FILE_NAME] or "job"
    return f"{job}-{run.job_id or run.id}.txt"


# How it is shown --------------------------------------------------------------------------------------------


def _body(text: str) -> list[Block]:
    """Return the reply as elements of rich text: all of it, or its two ends."""
    if len(text) <= SHOWN:
        return [_preformatted(text)]
    ends = head_and_tail(text, head=_HEAD_LINES, tail=_TAIL_LINES, limit=_EXCERPT)
    gap = (
        f"… {plural(ends.left_out, 'more line')} in the file …"
        if ends.left_out
        else "… all of it in the file …"
    )
    shown = [_preformatted(ends.head)] if ends.head else []
    return [*shown, parts.paragraph(parts.words(gap)), *([_preformatted(ends.tail)] if ends.tail else [])]


def _end(tail: tuple[str, ...]) -> Block:
    """Return the last lines of a log; links in them are text, since nobody wrote them for Slack."""
    lines = head_and_tail("\n".join(tail), head=0, tail=_TAIL_LINES, limit=_EXCERPT)
    return parts.preformatted(parts.words(plain(lines.tail)))


def _preformatted(text: str) -> Block:
    """Return text of one width in which the author's links work, and nothing else does."""
    return parts.preformatted(*(_element(piece) for piece in author_links(text) or [""]))


def _element(piece: str | Link) -> Block:
    return parts.link(piece.url, piece.label) if isinstance(piece, Link) else parts.words(piece)


def _as_text(element: Block) -> str:
    return "".join(_words_of(one) for one in element["elements"])


def _words_of(one: Block) -> str:
    if one["type"] == "link" and one["text"] != one["url"]:
        return f"{one['text']} <{one['url']}>"
    return str(one["text"])
