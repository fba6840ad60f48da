"""Takes files that were shared in Slack into a GitLab project, once; what cannot be taken stays a link."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from functools import partial

from bot import writing
from bot.edges.gitlab import GitLab
from bot.edges.slack import Slack
from bot.edges.slack_history import SlackFile
from bot.errors import BotError, GitLabUnreachable
from bot.issues.acting import Actor
from bot.kit import Kit
from bot.ledger import Write
from bot.text import one_line
from bot.tracker import Subject
from bot.writing import Kind, Result

log = logging.getLogger(__name__)

FILES = "issue.files"
#: Bytes of one file, and of all of one discussion: they are held in memory; GitLab takes 100 MB (gitlab-api.md 4.1).
LARGEST, ALL_TOGETHER = 25_000_000, 100_000_000
MOST_FILES = 30
NAME_LENGTH = 120
ANY_KIND = "application/octet-stream"


def taken(kit: Kit, who: Actor, project: Subject, files: Sequence[SlackFile]) -> dict[str, str]:
    """
    Put files into a project, as the person; return GitLab's Markdown for each that was taken, by Slack's id.

    Nothing is sent twice: a file whose upload was not answered stays a link to Slack, as one does that is too large,
    gone, or not Slack's own. The same request asked again gets what it got before.
    """
    if not files:
        return {}
    by = who.by
    write = Write(
        f"{by.key}.files", FILES, by.person, by.name, by.place, project.project_id, project.project, "{}"
    )
    try:
        result = writing.once(kit, write, replace(KIND, act=partial(_act, kit.slack, files)))
    except GitLabUnreachable as error:  # A process died in between: what it has sent nobody knows.
        log.info("files of %s stay in Slack: %s", write.id, error)
        return {}
    return dict(result["files"])


def _act(slack: Slack, files: Sequence[SlackFile], gitlab: GitLab, write: Write) -> Result:
    found: dict[str, str] = {}
    room = ALL_TOGETHER
    for file in _fitting(files):
        if file.size > room:
            continue
        try:
            data = slack.download(file, LARGEST)
            room -= len(data)
            found[file.id] = gitlab.upload(write.project_id, plain_name(file), data, file.kind or ANY_KIND)
        except BotError as error:
            log.info("the file %s stays in Slack: %s", file.id, error)
    return {"files": found}


def _fitting(files: Iterable[SlackFile]) -> list[SlackFile]:
    """Each file once, and no more of them than one discussion may bring along."""
    once = {file.id: file for file in files if file.url and 0 < file.size <= LARGEST}
    return list(once.values())[:MOST_FILES]


def plain_name(file: SlackFile) -> str:
    """A name that is one word of a path: GitLab shows it as it comes."""
    return one_line(file.name.replace("/", "-").replace("\\", "-"), NAME_LENGTH) or "file"


def _nothing(_gitlab: GitLab, _write: Write) -> Mapping[str, Mapping[str, str]]:
    """GitLab lists uploads to Maintainers alone, so nobody looks for one: it counts as not taken."""
    return {"files": {}}


def _never(_gitlab: GitLab, _write: Write) -> Result:
    raise AssertionError("only who asks for files knows which")


KIND = Kind(_never, _nothing, lambda *_: None, lambda *_: None)
