"""How an environment's earlier deployments look: newest first, each with what going back to it would undo."""

from __future__ import annotations

from collections.abc import Sequence

from blocks import change, parts
from bot.changes import History, Target
from bot.model import OFFER, Block, Message, Millis
from bot.text import code, escape, one_line
from bot.words import quote

NAME_SHOWN = 80


def listed(found: History, ids: Sequence[str], prefix: str, now: Millis) -> Message:
    """
    Return what an environment can be taken back to, each with its button.

    `ids` are those of the kept commands, in the order of the deployments; `prefix` is what is typed before a verb.
    """
    where, project = _name(found.environment), _name(found.project.path)
    title = f"*{where}* of {project} runs {change.running(found.runs)}."
    body = [parts.section(title), *_failed(found, now)]
    rows = enumerate(zip(found.targets, ids, strict=False))
    body += [_row(found, one, offer, n, now) for n, (one, offer) in rows]
    if found.more:
        body.append(parts.context(f"… and {found.more} older, by their commits or tags."))
    for first in found.targets[:1]:
        sha = first.deployment.sha[: change.SHA_SHOWN]
        line = code(f"{prefix}rollback {quote(found.environment)} {sha}")
        body.append(parts.context(f"{line} does what the first button does."))
    return Message(f"What {where} of {project} can be taken back to", tuple(body))


def _failed(found: History, now: Millis) -> list[Block]:
    one = found.failed
    if one is None:
        return []
    what = f"{_name(one.ref)} ({change.sha(one.sha)})"
    ended = parts.linked(one.url, escape(one.status))
    since = change.since(one, now)
    return [
        parts.section(f":warning: {what} was deployed after it and {ended}, {since}: it may be half there.")
    ]


def _row(found: History, one: Target, offer: str, number: int, now: Millis) -> Block:
    ref, who = _name(one.deployment.ref), _name(one.deployment.username or "somebody")
    head = f"*{ref}* ({change.sha(one.deployment.sha)}), {change.since(one.deployment, now)}, by {who}"
    text = "\n".join([head, *_undone(found, one)])
    return parts.section(text) | {"accessory": parts.button("Roll back to this", f"{OFFER}.{number}", offer)}


def _undone(found: History, one: Target) -> list[str]:
    if one.deployment.sha == found.runs.sha:
        return ["The last that succeeded: it would be deployed once more."]
    if one.undoes is None:
        return ["GitLab does not tell what this would undo: a commit of it is gone."]
    if not one.undoes.commits:
        return ["It would undo nothing: all that runs there is in it."]
    return [f"It would undo {change.counted(one.undoes)}:", *change.lines(one.undoes, one.merged)]


def _name(text: str) -> str:
    return escape(one_line(text, NAME_SHOWN))
