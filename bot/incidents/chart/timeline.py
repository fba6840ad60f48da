"""The timeline of an incident: what happened, written down once, corrected, taken back, and read from GitLab's own.

The rows are ours; GitLab's timeline is brought to what they say by an errand for each (charting.py).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from bot.deeds import digest
from bot.edges.gitlab_incidents import TIMELINE_MOST
from bot.edges.store import Tx
from bot.incident import GITLAB, SLACK, Event, Incident, Who
from bot.incidents import errands, life
from bot.incidents.chart import chart_words
from bot.incidents.chart.lines import BY_HAND, REVISION, TIMELINE, root_of
from bot.kit import Kit
from bot.model import Millis, Person
from bot.text import one_line
from bot.tracker import TimelineEvent

#: The errand that brings GitLab's timeline to what an event says; `life.record` writes it for what is shown.
ERRAND = "gitlab.timeline"
PRIORITY = 3
#: Characters that are kept of what somebody says has happened.
TEXT_KEPT = 3_000
#: What GitLab calls a line that somebody wrote; every other action is its own (gitlab-api.md 4.3).
WRITTEN = "comment"
#: Begins the fact that an event of ours was not on GitLab's timeline when it was read last.
MISSING = "missing."


def add(  # noqa: PLR0913 -- the fields of an event
    tx: Tx, kit: Kit, incident: Incident, who: Who, text: str, *, source: str, at: Millis, kind: str = TIMELINE,
    channel: str = "", ts: str = "", link: str = "", tag: str = "", shown: bool = True, origin: str = SLACK,
) -> Event | None:  # fmt: skip
    """
    Write down what happened `at` a moment, once for each source; None if it is there already.

    `text` is plain; it is kept on one line. Where it is `shown`, GitLab's timeline has it soon.
    """
    return life.record(
        tx, kit, incident, kind, who, one_line(text, TEXT_KEPT), source=source, at=at, origin=origin, shown=shown,
        channel=channel, ts=ts, link=link, tag=tag,
    )  # fmt: skip


def take_back(tx: Tx, kit: Kit, incident: Incident, event: Event, by: Person | None) -> bool:
    """Take an event off the timeline, as `by` if GitLab lets them; False if it was off already."""
    if not tx.incident_events.retract(event.id, kit.now()):
        return False
    want(tx, kit, incident, event, by)
    return True


def correct(  # noqa: PLR0913 -- what may be other than it was
    tx: Tx, kit: Kit, incident: Incident, event: Event, who: Who, text: str, *, at: Millis, tag: str,
    by_hand: bool = False,
) -> Event | None:  # fmt: skip
    """
    Put another event in the place of one, with other words, moment or tag; None if that one does not count any more.

    What happened is never changed. What somebody has put into words themselves is corrected `by_hand`.
    """
    if not take_back(tx, kit, incident, event, who.person):
        return None
    return add(
        tx, kit, incident, who, text, source=_next_source(tx, event, by_hand=by_hand), at=at, kind=event.kind,
        channel=event.channel, ts=event.ts, link=event.link, tag=tag, shown=event.shown, origin=event.origin,
    )  # fmt: skip


def _next_source(tx: Tx, event: Event, *, by_hand: bool) -> str:
    begins = f"{root_of(event)}{REVISION}"
    earlier = tx.incident_events.begin(event.incident, begins)
    return f"{begins}{len(earlier) + 1}{BY_HAND if by_hand else ''}"


def want(tx: Tx, kit: Kit, incident: Incident, event: Event, person: Person | None = None) -> None:
    """Have GitLab's timeline brought to what an event says by then, as `person` or as who did it."""
    errand = errands.new(
        kit, incident, ERRAND, f"timeline.{event.id}", PRIORITY, subject=event.id,
        person=person or event.who.person,
    )  # fmt: skip
    errands.write(tx, errand, again=True)


# From GitLab ------------------------------------------------------------------------------------------------


def from_gitlab(tx: Tx, kit: Kit, incident: Incident, events: Sequence[TimelineEvent]) -> list[Event]:
    """
    Take in what people wrote on GitLab's own timeline; what is new to us or was changed there comes back.

    `events` are all that GitLab shows, as read a moment ago. What is gone twice in a row is taken back here, too; not
    where there may be more than was read, nor where nothing is shown: GitLab answers so to who may not see it, and
    has a line of its own for every incident.
    """
    known = {one.timeline: one for one in tx.incident_events.of(incident.id, retracted=True) if one.timeline}
    taken = [_taken(tx, kit, incident, known, one) for one in events if one.action == WRITTEN]
    if 0 < len(events) < TIMELINE_MOST:
        _miss(tx, kit, incident, known, frozenset(one.gid for one in events))
    return [one for one in taken if one is not None]


def _taken(
    tx: Tx, kit: Kit, incident: Incident, known: Mapping[str, Event], theirs: TimelineEvent
) -> Event | None:
    ours = known.get(theirs.gid)
    if ours is None:
        own = _own(tx, incident, theirs)
        if own is not None:  # Its answer was lost, or is on its way.
            tx.incident_events.change("id = ? AND timeline = ''", (own.id,), timeline=theirs.gid)
            return None
        return _write(tx, kit, incident, theirs)
    if ours.origin != GITLAB or ours.retracted_at is not None or _says(incident, ours, theirs):
        return None
    tx.incident_events.retract(ours.id, kit.now())
    tx.incident_events.change("id = ?", (ours.id,), timeline="")
    return _write(tx, kit, incident, theirs)


def _own(tx: Tx, incident: Incident, theirs: TimelineEvent) -> Event | None:
    """Return the event of ours that a line is, of which nobody has told us yet that GitLab has it."""
    waiting = tx.incident_events.where(
        "incident = ? AND timeline = '' AND shown = 1 AND origin <> ?", incident.id, GITLAB
    )
    return next((one for one in waiting if chart_words.is_line(one, incident, theirs)), None)


def _says(incident: Incident, ours: Event, theirs: TimelineEvent) -> bool:
    said = chart_words.read(theirs.text, incident)
    return (ours.text, ours.at, ours.tag) == (one_line(said, TEXT_KEPT), theirs.at, _tag(theirs))


def _write(tx: Tx, kit: Kit, incident: Incident, theirs: TimelineEvent) -> Event | None:
    """Write down a line of GitLab's; it is known by its id, so that it is not sent back."""
    account = next(
        (one for one in tx.accounts.known_as(theirs.author) if one.username == theirs.author), None
    )
    who = Who(theirs.author, account.person if account else None, theirs.author)
    made = add(
        tx, kit, incident, who, chart_words.read(theirs.text, incident), at=theirs.at, tag=_tag(theirs), origin=GITLAB,
        source=f"gitlab:{theirs.gid}:{theirs.updated_at}:{digest(theirs.text, theirs.at, theirs.tags)[:8]}",
    )  # fmt: skip
    if made is not None:
        tx.incident_events.change("id = ?", (made.id,), timeline=theirs.gid)
    return made


def _tag(theirs: TimelineEvent) -> str:
    return next(iter(theirs.tags), "")


def _miss(tx: Tx, kit: Kit, incident: Incident, known: Mapping[str, Event], there: frozenset[str]) -> None:
    """Take back what somebody took off in GitLab: it is gone at a second look, so that it was not just written."""
    for gid, event in known.items():
        name = f"{MISSING}{event.id}"
        if gid in there or event.retracted_at is not None:
            tx.incident_facts.drop(incident.id, name)
        elif not tx.incident_facts.claim(incident.id, name):
            tx.incident_events.retract(event.id, kit.now())
