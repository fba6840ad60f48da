"""Takes files that were shared in a room into the incident's project, each once; what cannot be taken stays a link."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping

from bot import markdown
from bot.edges.slack_history import SlackFile
from bot.edges.store import Tx
from bot.errors import BotError, SlackBusy, SlackError, SlackUnreachable
from bot.incident import Incident
from bot.incident_work import Errand, Mirrored
from bot.incidents import errands
from bot.incidents.errands import Kind, NotYet, Result
from bot.incidents.outward import queueing, sources, wanted, writers
from bot.issues.files import ANY_KIND, plain_name
from bot.kit import Kit
from bot.model import Millis, Person

log = logging.getLogger(__name__)

#: Bytes of one file: it is held in memory, and GitLab takes 100 MB at most (gitlab-api.md 4.1).
LARGEST = 50_000_000
#: How an image begins, by its media type (the formats' own specifications): a page to sign in at does not.
BEGINNINGS: Mapping[str, Callable[[bytes], bool]] = {
    "image/png": lambda data: data.startswith(b"\x89PNG\r\n\x1a\n"),
    "image/jpeg": lambda data: data.startswith(b"\xff\xd8\xff"),
    "image/gif": lambda data: data.startswith((b"GIF87a", b"GIF89a")),
    "image/webp": lambda data: data[:4] == b"RIFF" and data[8:12] == b"WEBP",
}
#: How a page begins.
PAGES = (b"<!doctype html", b"<html")
NOT_A_FILE = "not_a_file"
#: How often Slack is asked again for a file in whose place it sent a page, and how long it is waited before.
MOST_TRIES, AGAIN_MS = 5, 10_000
#: How often what people say waits for a file that Slack does not hand out at this moment.
PATIENCE = 3
REMOVED, NOT_HELD, NOT_GIVEN, NOT_KNOWN = (
    "file removed", "Slack does not hold it", "Slack did not hand it out", "GitLab did not say whether it took it",
)  # fmt: skip
MB = 1_000_000


def kind() -> Kind:
    """Return how a file is brought into GitLab."""
    return Kind(_act, _lost, _settled, _refused)


def _act(kit: Kit, errand: Errand, incident: Incident) -> Result:
    """Return Markdown for a file; with `again` also when it is to be tried once more."""
    if incident.iid == 0:
        raise NotYet("The incident has no issue yet.")
    if not _is_wanted(kit, errand, incident):
        return {"markdown": ""}
    file, tried = _file(errand), int(errands.payload(errand).get("tried", 0))
    try:
        file = kit.slack.file(file.id) if file.unseen else file
        why = _stays(file)
        if why:
            return {"markdown": _link(file, why)}
        return {"markdown": _taken(kit, errand, incident, file)}
    except SlackError as error:
        passes = isinstance(error, SlackBusy | SlackUnreachable)
        if passes and errand.tries < PATIENCE:  # Nothing was sent to GitLab yet.
            raise SlackUnreachable(error.sentence, sent=False) from error
        log.info("the file %s stays in Slack for now: %s", file.id, error)
        again = (passes or error.code == NOT_A_FILE) and tried < MOST_TRIES
        return {"markdown": _link(file, NOT_GIVEN), "again": tried + 1 if again else 0}


def _is_wanted(kit: Kit, errand: Errand, incident: Incident) -> bool:
    """Whether any copy that goes across has it, or a link in its place, as the incident is now."""
    with kit.store.read() as tx:
        known = tx.incident_facts.get(incident.id, wanted.FILE + errand.subject)
        rows = _rows(tx, incident, errand.subject) + (_rows(tx, incident, known) if known else [])
        return any(wanted.goes(incident, row) for row in rows)


def _rows(tx: Tx, incident: Incident, words: str) -> list[Mirrored]:
    """Return the rows in which something stands, such as the id of a file while they are not drawn."""
    return tx.mirror.where(
        "incident = ? AND state <> ? AND instr(wanted, ?) > 0", incident.id, wanted.GONE, words
    )


def _file(errand: Errand) -> SlackFile:
    return sources.file_of(errands.payload(errand)["file"])


def _stays(file: SlackFile) -> str:
    """Return why a file is not taken; empty if it is."""
    if file.is_gone:
        return REMOVED
    if file.size > LARGEST:
        return f"{file.size / MB:.0f} MB: too large to be copied, the most is {LARGEST // MB} MB"
    return "" if file.url else NOT_HELD


def _link(file: SlackFile, why: str) -> str:
    if why == REMOVED:
        return markdown.file_link(REMOVED, "", "")
    return markdown.file_link(file.name, file.permalink, why)


def _taken(kit: Kit, errand: Errand, incident: Incident, file: SlackFile) -> str:
    """Put a file into the project as its author, or as the keeper, and return GitLab's Markdown of it."""
    data = kit.slack.download(file, LARGEST)
    check(file, data)
    name = plain_name(file).replace("@", "-")

    def upload(one: writers.Writer) -> str:
        return one.gitlab.upload(incident.project_id, name, data, file.kind or ANY_KIND)

    taken = writers.tried(writers.writers(kit, incident, errand.person), upload)
    return taken or _link(file, NOT_KNOWN)


def check(file: SlackFile, data: bytes) -> None:
    """Raise SlackError with not_a_file for an image that is none, such as a page to sign in at."""
    begins = BEGINNINGS.get(file.kind)
    is_page = file.kind != "text/html" and data[:64].lstrip().lower().startswith(PAGES)
    if is_page or (begins is not None and not begins(data)):
        raise SlackError(f"Slack sent something else in place of {file.name}.", code=NOT_A_FILE)


def _lost(_kit: Kit, errand: Errand, _incident: Incident) -> Result:
    """GitLab lists uploads to Maintainers alone, so nobody looks for one, and nothing is sent twice."""
    return {"markdown": _link(_file(errand), NOT_KNOWN)}


def _settled(tx: Tx, kit: Kit, errand: Errand, incident: Incident, result: Result) -> None:
    """Keep its Markdown, in place of what stands for the file in copies that are drawn already."""
    text = str(result["markdown"])
    if not text:
        return
    name = wanted.FILE + errand.subject
    before = tx.incident_facts.get(incident.id, name)
    tx.incident_facts.put(incident.id, name, text)
    for row in _rows(tx, incident, before) if before and before != text else []:
        if row.state == wanted.LIVE:
            body = row.wanted.replace(before or "", text)
            tx.mirror.change("id = ?", (row.id,), wanted=body, wanted_hash=wanted.hash_of(body))
            queueing.again(tx, kit, incident, row, Person(incident.team, row.author))
    if result.get("again"):
        _later(tx, kit, errand, incident, int(result["again"]))


def _later(tx: Tx, kit: Kit, errand: Errand, incident: Incident, tried: int) -> None:
    """Ask for it once more, behind what people say: no word of theirs waits for a picture."""
    wait: Millis = AGAIN_MS << (tried - 1)
    errands.write(tx, errands.new(
        kit, incident, queueing.FILE, f"file.{errand.subject}.{tried}", queueing.NICE_PRIORITY,
        subject=errand.subject, person=errand.person, not_before=kit.now() + wait,
        payload=errands.packed(**errands.payload(errand) | {"tried": tried}),
    ))  # fmt: skip


def _refused(tx: Tx, kit: Kit, errand: Errand, incident: Incident, error: BotError) -> None:
    log.info("GitLab does not take the file %s: %s", errand.subject, error)
    _settled(tx, kit, errand, incident, {"markdown": _link(_file(errand), "GitLab did not take it")})
