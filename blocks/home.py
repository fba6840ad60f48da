"""The App Home: what waits for somebody, what they have going, and how their environments are."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice

from blocks import connect, favourite, incident, job, lock, merge_request, parts, recurring, settings
from blocks.incident import name
from blocks.recurring import Row
from bot.environments import Incident, Standing
from bot.incident import Incident as Burning
from bot.ledger import Account, Approval, Lock
from bot.merge_requests import Review
from bot.model import Block, Message, Millis, Person, Run, RunState
from bot.own import Favourite
from bot.text import clip, code, escape, inert, one_line

#: Action ids.
REFRESH, UNLINK = "home.refresh", "unlink.press"
#: What a button carries that means who presses it.
MINE = "-"
#: A Home may have this many blocks (slack-platform.md 2.1); the foot is always shown.
BLOCKS_LIMIT, FOOT = 100, 6
#: Rows of one part of the Home; what is left out is counted.
MOST_ROWS, MOST_ENVIRONMENTS = 8, 20
NAME_SHOWN, REASON_SHOWN, SHA_SHOWN = 80, 150, 8


@dataclass(frozen=True, slots=True)
class Frozen:
    """A freeze that is in force on an environment."""

    until: Millis | None
    """None for one that never ends by itself."""


@dataclass(frozen=True, slots=True)
class Place:
    """A project of somebody's, with its environments as they were last seen."""

    path: str
    environments: Sequence[Standing] = ()
    locks: Mapping[str, Lock] = field(default_factory=dict)
    """By environment."""
    freezes: Mapping[str, Frozen] = field(default_factory=dict)
    incidents: Sequence[Incident] = ()


@dataclass(frozen=True, slots=True)
class Shown:
    """All that somebody's Home shows; what is empty is left out."""

    person: Person
    account: Account | None = None
    approvals: Sequence[tuple[Approval, Run]] = ()
    """Those that they may give."""
    held: Sequence[Run] = ()
    """Theirs, which wait for others."""
    reviews: Sequence[Review] = ()
    running: Sequence[Run] = ()
    ended: Sequence[Run] = ()
    favourites: Sequence[Favourite] = ()
    places: Sequence[Place] = ()
    locks: Sequence[Lock] = ()
    recurring: Sequence[Row] = ()
    settings: str = ""
    """In mrkdwn."""
    remark: str = ""
    """What to know about the environments, in plain text."""
    incidents: Sequence[Burning] = ()
    """Those that burn and are for them, the worst first."""


def view(one: Shown, now: Millis) -> Block:
    """Return the Home as Slack takes it."""
    return {"type": "home", "blocks": _blocks(one, now, BLOCKS_LIMIT)}


def message(one: Shown, now: Millis) -> Message:
    """Return the same for somebody who types `home`."""
    below = parts.context("The same stands in my Home: press my name, then *Home*.")
    return Message("Your Home", (*_blocks(one, now, parts.BLOCKS_LIMIT - 1), below))


def nothing(why: str) -> Block:
    """Return the Home of somebody for whom nothing is done; `why` is plain text."""
    return {"type": "home", "blocks": [parts.plain_section(f"There is nothing here for you. {why}")]}


def _blocks(one: Shown, now: Millis, most: int) -> list[Block]:
    foot = _foot(one)
    body = [block for part in _parts(one, now) for block in part]
    if len(body) + len(foot) > most:
        body = [*body[: most - len(foot) - 1], parts.context("… and more, which is left out here.")]
    return [*body, *foot]


def _parts(one: Shown, now: Millis) -> Iterator[list[Block]]:
    yield _part("Waiting for you", [*(_approval(*each, now) for each in one.approvals), *map(_review, one.reviews)],
                nothing="Nothing waits for you.")  # fmt: skip
    yield _part("Waiting for others", [_held(run) for run in one.held])
    yield _part("Your runs", [*map(_running, one.running), *(_ended(run, now) for run in one.ended)])
    yield _favourites(one.favourites)
    yield from (_environments(place, one.person, now) for place in islice(one.places, MOST_ROWS))
    yield _remark(one.remark)
    yield _part("Locks you hold", [_lock(each, now) for each in one.locks])
    yield _part("Open incidents", [*map(incident.row, one.incidents), *_incidents_of_projects(one)])
    yield _part("Recurring", [_recurring(row, one.person, now) for row in one.recurring])


def _part(title: str, rows: Sequence[Block], *, nothing: str = "") -> list[Block]:
    if not rows:
        return [parts.header(title), parts.context(nothing)] if nothing else []
    left_out = len(rows) - MOST_ROWS
    more = [parts.context(f"… and {left_out} more")] if left_out > 0 else []
    return [parts.header(title), *rows[:MOST_ROWS], *more]


# Rows -------------------------------------------------------------------------------------------------------


def _approval(approval: Approval, run: Run, now: Millis) -> Block:
    where = f" to {name(run.environment)}" if run.environment else ""
    asker = name(run.asker or run.person.id)
    text = (
        f":raised_hand: *{name(run.job)}*{where} · {_where(run)} · asked by {asker}:"
        f" {escape(one_line(approval.reason, REASON_SHOWN))} · until {parts.moment(approval.expires_at, now=now)}"
    )
    what = f"{run.job} of {run.project} at {run.ref} {run.sha[:SHA_SHOWN]}, arguments: {run.arguments or 'none'}."
    sure = parts.confirm("Approve it?", what, "Approve", "Leave it")
    return parts.row(text, parts.button("Approve", job.APPROVE, run.id, style="primary", confirm=sure))


def _review(one: Review) -> Block:
    draft = "draft · " if one.draft else ""
    title = f":eyes: <{one.url}|{name(one.project)}!{one.iid}> {inert(one_line(one.title, REASON_SHOWN))}"
    text = f"{title} · {draft}by @{name(one.author)}"
    return parts.row(text, parts.button("Show", merge_request.SHOW, one.reference.text))


def _held(run: Run) -> Block:
    text = f"{_title(run)} · {_where(run)} · {escape(run.hold_said)}"
    return parts.row(text, parts.button("Withdraw", job.CANCEL, run.id))


def _running(run: Run) -> Block:
    since = f" · since {parts.moment(run.started_at)}" if run.started_at else ""
    can = run.state is RunState.RUNNING and not run.cancelled_by
    sure = parts.confirm(
        "Cancel this job?", f"{run.job} in {run.project} is stopped.", "Cancel it", "Keep it"
    )
    cancel = parts.button("Cancel", job.CANCEL, run.id, style="danger", confirm=sure) if can else None
    return parts.row(f"{_title(run)} · {_where(run)}{since}", cancel)


def _ended(run: Run, now: Millis) -> Block:
    when = parts.moment(run.finished_at or run.asked_at, now=now)
    return parts.row(f"{_title(run)} · {_where(run)} · {when}", parts.button("Run again", job.AGAIN, run.id))


def _title(run: Run) -> str:
    """What runs and how it is, without what passes by itself, so that a Home is not drawn anew for it."""
    state = job.word(run)
    title = f"<{run.job_url}|{name(run.job)}>" if run.job_url else name(run.job)
    return f"{job.emoji(run)} *{title}* {escape(state)}"


def _where(run: Run) -> str:
    return f"{name(run.project)} at {name(run.ref)}"


def _favourites(found: Sequence[Favourite]) -> list[Block]:
    """Each is a button that does it, with those that change it beside."""
    if not found:
        return []
    rows = [
        parts.actions(
            parts.button(one.line, favourite.DO, one.id, style="primary"),
            parts.button("Edit", favourite.EDIT, one.id), parts.button("Remove", favourite.REMOVE, one.id),
        )
        for one in found
    ]  # fmt: skip
    return [parts.header("Favourites"), *rows]


def _environments(place: Place, reader: Person, now: Millis) -> list[Block]:
    found = [one for one in place.environments if one.state == "available"]
    rows = [_environment(one, place, reader, now) for one in found[:MOST_ENVIRONMENTS]]
    left_out = len(found) - len(rows)
    more = [parts.context(f"… and {left_out} more")] if left_out else []
    return [parts.header(f"Environments of {one_line(place.path, NAME_SHOWN)}"), *rows, *more] if rows else []


def _environment(one: Standing, place: Place, reader: Person, now: Millis) -> Block:
    held, frozen = place.locks.get(one.name), place.freezes.get(one.name)
    facts = [f"*{name(one.name)}*", *_version(one, now)]
    if one.failed_at is not None:
        facts.append(f":x: {name(one.failed_ref)} failed {parts.moment(one.failed_at, now=now)}")
    if held is not None:
        until = f" until {parts.moment(held.until, now=now)}" if held.until is not None else ""
        facts.append(f":lock: {'yours' if held.person == reader else name(held.name)}{until}")
    if frozen is not None:
        facts.append(
            f":snowflake: frozen{f' until {parts.moment(frozen.until, now=now)}' if frozen.until else ''}"
        )
    return parts.row(" · ".join(facts), _action(one, held, reader))


def _version(one: Standing, now: Millis) -> list[str]:
    if not one.ref:
        return ["nothing was deployed yet"]
    sha = f" {code(one.sha[:SHA_SHOWN])}" if one.sha else ""
    version = f"<{one.job_url}|{name(one.ref)}>" if one.job_url else name(one.ref)
    since = [f"since {parts.moment(one.since, now=now)}"] if one.since is not None else []
    return [f"{version}{sha}", *since, *([f"by @{name(one.by)}"] if one.by else [])]


def _action(one: Standing, held: Lock | None, reader: Person) -> Block | None:
    if held is not None and held.person == reader:
        return parts.button("Release", lock.RELEASE, held.id)
    if held is not None:
        return parts.button("Queue up", lock.QUEUE, held.id)
    return parts.link_button("Open", one.url) if one.url.startswith(("https://", "http://")) else None


def _lock(one: Lock, now: Millis) -> Block:
    until = (
        f"until {parts.moment(one.until, now=now)}" if one.until is not None else "while its deployment lasts"
    )
    why = f" · {escape(one_line(one.reason, REASON_SHOWN))}" if one.reason else ""
    text = f":lock: *{name(one.environment)}* of {name(one.project)} {until}{why}"
    return parts.row(text, parts.button("Release", lock.RELEASE, one.id))


def _incidents_of_projects(one: Shown) -> list[Block]:
    """Those of their projects that are not among those that burn here."""
    here = {(each.project, each.iid) for each in one.incidents}
    found = [(place.path, each) for place in one.places for each in place.incidents]
    return [_incident(path, each) for path, each in found if (path, each.number) not in here]


def _incident(path: str, one: Incident) -> Block:
    title = (
        f":rotating_light: *#{one.number}* {name(one.severity)} · {escape(one_line(one.title, REASON_SHOWN))}"
    )
    return parts.row(f"{title} · {name(path)}", parts.link_button("Open", one.url))


def _recurring(row: Row, reader: Person, now: Millis) -> Block:
    goes = ("Pause", recurring.PAUSE) if row.one.state == "on" else ("Resume", recurring.RESUME)
    return parts.row(recurring.line(row, reader, now), parts.button(*goes, row.one.id))


# The foot ---------------------------------------------------------------------------------------------------


def _remark(text: str) -> list[Block]:
    return [parts.plain_context(clip(text, REASON_SHOWN))] if text else []


def _foot(one: Shown) -> list[Block]:
    """Who somebody is to GitLab, what they have set, and what helps: never more than FOOT blocks."""
    buttons = [
        parts.button("New favourite", favourite.EDIT, favourite.NEW),
        parts.button("Declare incident", incident.DECLARE, incident.NEW),
        parts.button("Refresh", REFRESH, MINE),
    ]
    help_ = "Write `help` in *Messages* to see all I can do; `favourite run hello` keeps a command here."
    set_ = (
        [parts.row(one.settings, parts.button("Settings", settings.EDIT, settings.MINE))]
        if one.settings
        else []
    )
    return [parts.divider(), *set_, _account(one.account), parts.actions(*buttons), parts.context(help_)]


def _account(account: Account | None) -> Block:
    if account is None:
        anew = parts.button("Connect", connect.NEW, connect.NOTHING, style="primary")
        return parts.row("You are not connected to GitLab, so I change nothing for you there.", anew)
    named = f"*@{name(account.username)}* since {parts.moment(account.linked_at)}"
    if account.state != "live":
        anew = parts.button("Connect", connect.NEW, connect.NOTHING, style="primary")
        return parts.row(f"GitLab no longer accepts the connection to {named}.", anew)
    sure = parts.confirm(
        "Disconnect?", "I forget your tokens, and start nothing more for you.", "Disconnect", "Stay"
    )
    return parts.row(f"In GitLab you are {named}.", parts.button("Unlink", UNLINK, MINE, confirm=sure))
