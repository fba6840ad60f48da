"""What the copies of a room's talk in GitLab shall hold, and who may read them."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass

from bot import markdown
from bot.access import accounts
from bot.deeds import digest
from bot.edges.slack_history import permalink
from bot.edges.store import Tx
from bot.errors import NotLinked, SlackBusy, SlackError, SlackUnreachable
from bot.incident import CURATED, FULL, FULL_INTERNAL, SLACK, Incident
from bot.incident_work import Mirrored
from bot.incidents.errands import NotYet
from bot.incidents.outward import sources
from bot.incidents.outward.sources import Source
from bot.issues.people import Names
from bot.kit import Kit
from bot.model import Millis, Person

#: Kinds of copies: what policy brings across, and what somebody marked for all, or for members, to read.
TALK, MARK, STAR = "talk", "mark", "star"
MARKS = (MARK, STAR)
#: States of a row: its copy is still to be drawn, is drawn, is taken back, or cannot be written.
CLAIMED, LIVE, GONE, FAILED = "claimed", "live", "gone", "failed"
#: What is said of somebody without a GitLab account that counts.
IN_SLACK = "(Slack)"
#: Name of the facts that hold Markdown of a file, behind which stands its id.
FILE = "file."
#: Stands in the id of a card that is the copy of a note, before the id of its row.
OF_ROW = ".m."
#: Characters of the hash in a mark.
HASH_LENGTH = 8


def policy_of(incident: Incident) -> str:
    """Return which policy counts now: of a private incident nothing is written for all to read."""
    return FULL_INTERNAL if incident.private and incident.policy == FULL else incident.policy


def goes(incident: Incident, row: Mirrored) -> bool:
    """Tell whether a row's words belong into GitLab, as the incident is now."""
    return row.kind in MARKS or policy_of(incident) != CURATED


def is_internal(incident: Incident, row: Mirrored, root: Mirrored | None = None) -> bool:
    """
    Tell whether a new copy is for members alone.

    What was said to them stays so, whoever may read what is said by now; so does what answers an internal note, unless
    it was marked for all.
    """
    answers = root is not None and root.note_id != 0 and root.internal and row.kind != MARK
    return row.internal or answers or is_for_members(incident, row.kind)


def is_for_members(incident: Incident, kind: str) -> bool:
    """Tell whether what is said, or marked, now is for members alone."""
    if kind == STAR or incident.private:
        return True
    return kind != MARK and policy_of(incident) == FULL_INTERNAL


def is_due(incident: Incident, row: Mirrored) -> bool:
    """Tell whether a copy is not what it shall be, so that something has to be done about it."""
    if row.born != SLACK or row.state == FAILED:
        return False
    if row.note_id == 0:
        return row.state != GONE and goes(incident, row)
    return row.state == CLAIMED or row.wanted_hash != row.shown_hash


def hash_of(body: str) -> str:
    """Return what tells two texts of a note apart; its mark does not count, nor blanks at its end."""
    plain = body.replace("\r\n", "\n").rstrip()
    return digest(plain.rpartition("\n")[0].rstrip() if markdown.mark_of(plain) else plain)


def mark_of(row: Mirrored) -> str:
    """Return the mark of a row's note: which incident, which row, and a hash of both."""
    return f"i={row.incident} m={row.id} h={digest(row.incident, row.id)[:HASH_LENGTH]}"


# Drawing ----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Drawn:
    """A copy as it was drawn."""

    text: str
    """Markdown, without the mark."""
    name: str
    """How its author is called in Slack."""


@dataclass(frozen=True, slots=True)
class Author:
    """Who said something, as far as it matters for the copy."""

    name: str
    handle: str = ""
    """In GitLab; empty for who has no account that counts, has left, or belongs to another company."""

    @property
    def shown(self) -> str:
        return f"{self.name} {IN_SLACK}"


def author_of(kit: Kit, person: Person) -> Author:
    """Return who somebody is on both sides. Raises NotYet while nobody can say how they are called."""
    handle = accounts.account(kit, person).username if counts(kit, person) else ""
    try:
        return Author(kit.people.about(person.id).name, handle)
    except (SlackBusy, SlackUnreachable) as error:
        if not handle:
            raise NotYet("Slack does not say now who that is.") from error
    except SlackError:
        pass
    return Author(person.id, handle)


def counts(kit: Kit, person: Person) -> bool:
    """Tell whether somebody may write in GitLab by themselves: connected, not deactivated, of this company."""
    with suppress(NotLinked):
        accounts.account(kit, person)
        with suppress(SlackError):
            about = kit.people.about(person.id)
            return not (about.is_gone or about.is_stranger or about.is_bot)
        return True  # Slack does not say now; the account is theirs.
    return False


def drawn(kit: Kit, source: Source, files: Mapping[str, str]) -> Drawn:
    """
    Return a message's copy; `files` has Markdown of those that GitLab has by now, by their id.

    Slack is asked for names, so this is never called within a transaction.
    """
    author = author_of(kit, source.who)
    said = source.said(link_to(kit, source.channel, source.ts, source.thread))
    names = Names(kit, source.channel)
    body = markdown.copied(said, author.shown, author.handle, names=names)
    links = {one.id: markdown.file_link(one.name, one.permalink, "") for one in source.files}
    return Drawn(kit.redact(markdown.with_files(body, {**links, **files})), author.name)


def link_to(kit: Kit, channel: str, ts: str, thread: str = "") -> str:
    """Return the address of a message; empty while Slack does not say where the workspace is."""
    with suppress(SlackError):
        return permalink(kit.people.us().url, channel, ts, thread or None)
    return ""


def answering(text: str, url: str) -> str:
    """Return a copy that stands by itself with a line below its first that says which comment it answers."""
    head, _, rest = text.partition("\n")
    return f"{head}\n\n{markdown.answering('An answer to this comment', url)}\n{rest}"


def tombstone(author: Author, at: Millis, what: str, now: Millis) -> str:
    """Return what is left of a copy: who and when, and that it was deleted, with no word of it."""
    head = markdown.heading(author.shown, author.handle, at, "")
    return f"{head}\n\n{markdown.remark(f'{what} at {markdown.moment(now)}')}"


def files_of(tx: Tx, incident_id: str, source: Source) -> dict[str, str]:
    """Return Markdown of the files of a message, by their id, as far as it is known."""
    known = {one.id: tx.incident_facts.get(incident_id, FILE + one.id) for one in source.files}
    return {file_id: text for file_id, text in known.items() if text}


def source_of(row: Mirrored) -> Source | None:
    """Return what a row's copy is still to be drawn of; None if it is drawn."""
    return sources.unpacked(row.wanted) if row.state == CLAIMED else None
