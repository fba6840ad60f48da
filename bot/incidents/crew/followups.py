"""Follow-ups: issues of their own for what has to be done after an incident, nagged about until they are closed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from typing import Protocol

from bot import markdown
from bot.deeds import digest
from bot.delivery import letters
from bot.edges.store import Tx
from bot.errors import BotError, GitLabError, SlackBusy, SlackError, SlackUnreachable
from bot.incident import SLACK, Incident, Who
from bot.incident_work import FOLLOW_UP, Due, Errand, Task
from bot.incidents import cards, errands, life
from bot.incidents.crew import descriptions
from bot.incidents.crew.tasks import DONE, DROPPED, TEXT_KEPT
from bot.incidents.drawing import Drawing
from bot.incidents.errands import Kind, NotYet, Result
from bot.incidents.told import FollowUp
from bot.issues import texts
from bot.issues.acting import By
from bot.kit import Kit
from bot.model import Message, Millis, Person, Place
from bot.text import one_line
from bot.tracker import Issue, NewIssue

MAKE, LINK = "gitlab.follow_up", "gitlab.follow_up_link"
#: Kind of what is due: a word to the owners of follow-ups that are still open.
NAG = "follow_ups"
LABEL = "incident-follow-up"
_DAY: Millis = 86_400_000
WEEK_MS: Millis = 7 * _DAY
#: Days for a follow-up of an incident of severity 1 or 2, and of others.
SOON_DAYS, LATER_DAYS, SOON = 14, 30, frozenset({1, 2})
#: GitLab's clock and ours may differ by this much.
CLOCKS_APART: Millis = 300_000
HASH_LENGTH = 8


class Showing(Protocol):
    """How a reminder looks."""

    def follow_ups(self, found: Sequence[FollowUp]) -> Message: ...


def want(tx: Tx, kit: Kit, incident: Incident, by: By, text: str, *, owner: Person | None, name: str) -> Task:
    """Want an issue made of a text, which is plain; the same request makes one."""
    source = f"{FOLLOW_UP}{by.key}"
    known = tx.tasks.one("incident = ? AND source = ?", incident.id, source)
    if known is not None:
        return known
    days = SOON_DAYS if incident.severity in SOON else LATER_DAYS
    task = Task(
        kit.new_id(), incident.id, tx.tasks.next_number(incident.id), one_line(kit.redact(text), TEXT_KEPT), owner,
        name, at=kit.now(), by=by.name, due=kit.now() + days * _DAY, source=source,
    )  # fmt: skip
    tx.tasks.put(task)
    errands.write(
        tx, errands.new(kit, incident, MAKE, f"follow_up.{task.id}", 2, subject=task.id, person=by.person)
    )
    return task


def of(tx: Tx, incident: Incident) -> list[Task]:
    """Return the follow-ups of an incident."""
    return [one for one in tx.tasks.of(incident.id) if one.is_follow_up]


def kinds(draw: Drawing) -> Mapping[str, Kind]:
    """Return how an issue is made of one, and tied to that of the incident."""
    return {
        MAKE: Kind(_make, _find, partial(_made, draw), partial(_refused, draw)),
        LINK: Kind(_link, _linked),
    }  # fmt: skip


# Making it --------------------------------------------------------------------------------------------------


def _make(kit: Kit, errand: Errand, incident: Incident) -> Result:
    task = _task(kit, errand, incident)
    gitlab = errands.gitlab(kit, errand, incident)
    with kit.store.read() as tx:
        account = tx.accounts.get(task.owner) if task.owner else None
    new = NewIssue(
        texts.filled_title(task.text), _description(incident, task), (LABEL,), account.gitlab_id if account else None,
        confidential=incident.private, due=_day(task.due or kit.now()),
    )  # fmt: skip
    return _kept(gitlab.create_issue(incident.project_id, new))


def _task(kit: Kit, errand: Errand, incident: Incident) -> Task:
    if not incident.iid:
        raise NotYet("GitLab has not made the issue of the incident yet.")
    with kit.store.read() as tx:
        task = tx.tasks.get(errand.subject)
    if task is None:
        raise BotError("That follow-up is forgotten.")
    return task


def _description(incident: Incident, task: Task) -> str:
    said = f"{descriptions.plain(task.text)}\n\nA follow-up of the incident [{incident.reference}]({incident.url})."
    return markdown.marked(said, _mark(task))


def _mark(task: Task) -> str:
    return f"i={task.incident} f={task.id} h={digest(task.incident, task.id)[:HASH_LENGTH]}"


def _day(when: Millis) -> str:
    return f"{datetime.fromtimestamp(when / 1000, UTC):%Y-%m-%d}"


def _kept(issue: Issue) -> Result:
    return {"iid": issue.iid, "url": issue.url, "reference": issue.reference}


def _find(kit: Kit, errand: Errand, incident: Incident) -> Result | None:
    task = _task(kit, errand, incident)
    gitlab = errands.gitlab(kit, errand, incident)
    since = (errand.since or errand.at) - CLOCKS_APART
    made = gitlab.issues_by(incident.project_id, gitlab.me().id, since)
    found = next((one for one in made if markdown.mark_of(one.description) == _mark(task)), None)
    return _kept(found) if found else None


def _made(draw: Drawing, tx: Tx, kit: Kit, errand: Errand, incident: Incident, result: Result) -> None:
    tx.tasks.change("id = ?", (errand.subject,), follow_up=result["iid"], follow_up_url=result["url"])
    task = tx.tasks.get(errand.subject)
    if task is None:
        return
    errands.write(
        tx, errands.new(kit, incident, LINK, f"link.{task.id}", 2, subject=task.id, person=errand.person)
    )
    said = f"{task.by} made a follow-up: {result['reference']} {task.text}"
    life.record(
        tx, kit, incident, "follow_up", Who(task.by, errand.person), said, source=task.source, origin=SLACK,
        shown=False, link=str(result["url"]),
    )  # fmt: skip
    cards.say(tx, kit, draw, incident, f"follow_up.{task.id}", said)
    known = tx.dues.of(incident.id, NAG)
    if known is None or known.state != "armed":
        tx.dues.arm(Due(incident.id, NAG, kit.now() + WEEK_MS, about="{}"))


def _refused(draw: Drawing, tx: Tx, kit: Kit, errand: Errand, incident: Incident, error: BotError) -> None:
    task = tx.tasks.get(errand.subject)
    if task is not None:
        tx.tasks.move(task, DROPPED)
        said = f"GitLab made no issue of the follow-up “{task.text}”. {error.sentence}"
        cards.say(tx, kit, draw, incident, f"follow_up.{task.id}.refused", said)


def _link(kit: Kit, errand: Errand, incident: Incident) -> Result:
    """Tie it to the issue of the incident; GitLab takes it once."""
    task = _task(kit, errand, incident)
    gitlab = errands.gitlab(kit, errand, incident)
    gitlab.link_issues(incident.project_id, incident.iid, incident.project_id, task.follow_up)
    return {}


def _linked(kit: Kit, errand: Errand, incident: Incident) -> Result | None:
    task = _task(kit, errand, incident)
    gitlab = errands.gitlab(kit, errand, incident)
    found = gitlab.links(incident.project_id, incident.iid)
    return {} if any(one.issue.iid == task.follow_up for one in found) else None


# Nagging ----------------------------------------------------------------------------------------------------


def nag(kit: Kit, showing: Showing, due: Due, incident: Incident) -> None:
    """
    Remind who has follow-ups of this incident of all they have, each in one message; weekly, until they are closed.

    Those of other incidents that it names are not spoken of again before a week has passed either.
    """
    with kit.store.read() as tx:
        still = tx.tasks.where("source LIKE ? AND state = 'open' AND follow_up <> 0", f"{FOLLOW_UP}%")
        of_which = {one.incident: tx.incidents.get(one.incident) or incident for one in still}
    owners = {one.owner for one in still if one.incident == incident.id and one.owner}
    theirs = [one for one in still if one.owner in owners or one.incident == incident.id]
    closed = [one for one in theirs if _is_closed(kit, of_which[one.incident], one)]
    left = [one for one in theirs if one not in closed]
    to_tell = dict.fromkeys(one.owner for one in left if one.owner)
    rooms = {owner: room for owner in to_tell if (room := _dm(kit, owner))}
    with kit.store.write() as tx:
        if not tx.dues.claim(due):
            return
        for one in closed:
            tx.tasks.move(one, DONE, done_at=kit.now(), done_by="GitLab")
        for owner, place in rooms.items():
            mine = [one for one in left if one.owner == owner]
            key = f"follow_ups.{incident.id}.{due.due_at}.{owner.team}.{owner.id}"
            letters.say(tx, key, showing.follow_ups(_lines(kit, mine, of_which)), place, kit.now())
        for incident_id in {one.incident for one in left}:
            tx.dues.arm(replace(due, incident=incident_id, due_at=kit.now() + WEEK_MS, state="armed"))


def _dm(kit: Kit, owner: Person) -> Place | None:
    """Return where an owner is reminded; None for who has left, and for whom Slack does not let us write to."""
    try:
        return Place(kit.people.dm(owner.id))
    except (SlackBusy, SlackUnreachable):
        raise
    except SlackError:
        return None


def _lines(kit: Kit, those: Iterable[Task], of_which: Mapping[str, Incident]) -> list[FollowUp]:
    return [
        FollowUp(
            f"{of_which[one.incident].project}#{one.follow_up} {kit.redact(one.text)}", one.follow_up_url,
            f", due {_day(one.due)}{' (late)' if one.due < kit.now() else ''}" if one.due else "",
        )
        for one in those
    ]  # fmt: skip


def _is_closed(kit: Kit, incident: Incident, task: Task) -> bool:
    """Tell whether it is done in GitLab; what cannot be asked now is still to be done."""
    with suppress(GitLabError):
        return not kit.gitlab.issue(incident.project_id, task.follow_up).is_open
    return False
