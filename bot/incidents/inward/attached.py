"""Brings the files of a note in GitLab to Slack: into the thread of its copy, as files."""

from __future__ import annotations

import logging
import re
from urllib.parse import unquote

from bot.deeds import digest
from bot.delivery import letters
from bot.edges.store import Tx
from bot.errors import GitLabSaidNo
from bot.incident import Incident
from bot.incident_work import Errand, Mirrored
from bot.incidents import errands
from bot.incidents.errands import Kind, Result
from bot.incidents.inward import mapped
from bot.incidents.outward.wanted import GONE
from bot.kit import Kit
from bot.model import Attachment
from bot.text import one_line

log = logging.getLogger(__name__)

FILES = "slack.files"
#: Bytes of one file, and files of one note; what is more stays a link in the copy.
LARGEST, MOST = 10_000_000, 5
NAME_LENGTH = 120
#: Uploads as GitLab's own Markdown names them (doc/api/project_markdown_uploads.md).
_UPLOAD = re.compile(r"(?:/-/project/\d+)?/uploads/[0-9a-f]{32}/[^\s()<>\[\]\"'`?#|\\]+")
#: Digits of the hash of a path that make its letter its own.
_OWN = 12


def paths_of(markdown: str) -> tuple[str, ...]:
    """
    Return the paths of the files that a text shows or links, each once, as many as are carried.

    >>> paths_of("See ![graph](/uploads/0123456789abcdef0123456789abcdef/graph.png)")
    ('/uploads/0123456789abcdef0123456789abcdef/graph.png',)
    """
    return tuple(dict.fromkeys(_UPLOAD.findall(markdown)))[:MOST]


def want(tx: Tx, kit: Kit, incident: Incident, row: Mirrored) -> None:
    """Have the files of a note brought into the thread of its copy, which is wanted; those of before not again."""
    paths = paths_of(row.wanted)
    if not paths:
        return
    key = f"files.{row.id}.{digest(*paths)[:_OWN]}"
    errand = errands.new(kit, incident, FILES, key, 4, subject=row.id, payload=errands.packed(paths=paths))
    errands.write(tx, errand)


def _act(kit: Kit, errand: Errand, incident: Incident) -> Result:
    found: dict[str, bytes] = {}
    for path in errands.payload(errand)["paths"]:
        try:
            found[path] = kit.gitlab.download(incident.project_id, path, LARGEST)
        except GitLabSaidNo as error:
            log.info("the file %s stays in GitLab: %s", path, error)
    return {"files": found}


def _settled(tx: Tx, kit: Kit, errand: Errand, incident: Incident, result: Result) -> None:
    row = tx.mirror.get(errand.subject)
    if row is None or row.state == GONE or not row.wanted:
        return  # It was deleted, or hidden, while its files were fetched.
    for path, data in result["files"].items():
        if data:
            file = Attachment(name_of(path), data=data)
            letter, card = f"{mapped.card_id(row)}.{digest(path)[:_OWN]}", mapped.card_id(row)
            letters.file_under(tx, letter, card, incident.room, file, kit.now())


def name_of(path: str) -> str:
    """Return what a file is called, from its path."""
    return one_line(unquote(path.rpartition("/")[2]), NAME_LENGTH) or "file"


#: Reading changes nothing, so that what was not answered is simply read again.
KIND = Kind(_act, _act, _settled)
