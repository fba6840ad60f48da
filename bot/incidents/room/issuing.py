"""Makes the GitLab issue of an incident: once, as whoever declared it, and found again if GitLab's answer is lost."""

from __future__ import annotations

import re
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial

from bot import markdown
from bot.deeds import digest
from bot.edges.gitlab import GitLab
from bot.edges.slack_history import permalink
from bot.edges.store import Tx
from bot.errors import BotError, GitLabSaidNo, SlackError
from bot.incident import Incident
from bot.incident_work import Errand
from bot.incidents import cards, errands, late, life, states
from bot.incidents.crew import blocks_of, descriptions, summaries
from bot.incidents.drawing import Drawing
from bot.incidents.errands import Kind, Result
from bot.incidents.held import holding
from bot.incidents.room import heading, telling
from bot.issues import texts
from bot.kit import Kit
from bot.model import Millis, Project
from bot.text import one_line
from bot.tracker import INCIDENT, OPENED, PLAIN, Issue, NewIssue

ISSUE, LINKS = "gitlab.issue", "slack.links"
#: GitLab's clock and ours may differ by this much.
CLOCKS_APART: Millis = 300_000
#: What GitLab says to a kind of issue that it does not know (incidents.md 4.6).
BAD_REQUEST, FORBIDDEN = 400, 403
#: Says what an issue is where GitLab has no kind for it.
PLAIN_LABEL = "incident"
#: Characters of the hash in a mark; with the incident in it nobody has it by chance.
HASH_LENGTH = 8
NAME_SHOWN = 80
#: How the trouble on the card begins that tells why there is no issue.
NO_ISSUE = "There is no issue in GitLab: "
#: Name of the managed block that links to Slack.
BLOCK = "links"
PUBLIC = "public"
_MARKED = re.compile(r"i=(?P<incident>\S+) m=issue h=(?P<hash>\w+)")


def want(tx: Tx, kit: Kit, incident: Incident) -> None:
    """Want the issue of an incident; one that was given up is tried again."""
    errands.write(tx, errands.new(kit, incident, ISSUE, "issue", 0, person=incident.declarer), again=True)


def want_links(tx: Tx, kit: Kit, incident: Incident) -> None:
    """Want the issue to link to where people talk about it; an issue that is not made yet will do so by itself."""
    if incident.iid and incident.channel:
        errands.write(tx, errands.new(kit, incident, LINKS, "links", 1), again=True)


def kinds(draw: Drawing) -> Mapping[str, Kind]:
    """Return how the issue is made, and how it is told where the room is."""
    return {
        ISSUE: Kind(_make, _find, partial(_made, draw), partial(_refused, draw)),
        LINKS: Kind(_link, _link, _linked),
    }  # fmt: skip


def incident_of(tx: Tx, description: str) -> Incident | None:
    """Return the incident for which an issue was made by us, by the mark it carries, if it has no issue so far."""
    found = _MARKED.fullmatch(markdown.mark_of(description) or "")
    one = tx.incidents.get(found["incident"]) if found else None
    return one if one is not None and not one.iid and found and mark(one).endswith(found["hash"]) else None


def mark(incident: Incident) -> str:
    """Return the hidden line by which an issue is known for the one of this incident."""
    return f"i={incident.id} m=issue h={digest(incident.id, 'issue')[:HASH_LENGTH]}"


# Making it --------------------------------------------------------------------------------------------------


def _make(kit: Kit, errand: Errand, incident: Incident) -> Result:
    if incident.iid:
        return {}
    with errands.before_asking():
        gitlab = errands.gitlab(kit, errand, incident)
        project = _project(gitlab, incident)
    made = created(gitlab, project, _new(kit, incident, project))
    return {**_kept(made, project), "summary": incident.summary}


def _project(gitlab: GitLab, incident: Incident) -> Project:
    return gitlab.project(incident.project_id or incident.project)


def created(gitlab: GitLab, project: Project, new: NewIssue) -> Issue:
    """Make an incident; where GitLab knows none, an ordinary issue with a label that says so."""
    try:
        return gitlab.create_issue(project.id, new)
    except GitLabSaidNo as error:
        if error.status != BAD_REQUEST:
            raise
    plain = replace(new, kind=PLAIN, labels=(*new.labels, PLAIN_LABEL))
    return gitlab.create_issue(project.id, plain)


def _new(kit: Kit, incident: Incident, project: Project) -> NewIssue:
    severity = f"{holding.SEVERITY_LABEL}{incident.severity}"
    labels = states.label(kit.config.incidents.label_prefix, incident.state), severity
    return NewIssue(
        holding.title(incident), _description(kit, incident, project), labels if incident.severity else labels[:1],
        confidential=incident.private, kind=INCIDENT,
    )  # fmt: skip


def _description(kit: Kit, incident: Incident, project: Project) -> str:
    """What it is about, who declared it when, where people talk about it, and the mark."""
    when = datetime.fromtimestamp(incident.declared_at / 1000, UTC)
    name = texts.filled(one_line(incident.declarer_name, NAME_SHOWN), project.url)
    summary = blocks_of.put("", summaries.BLOCK, summaries.text(kit, incident.summary, project.url))
    parts = [summary, f"Declared by {name} in Slack, {when:%Y-%m-%d %H:%M} UTC."]
    text = blocks_of.put("\n\n".join(part for part in parts if part), BLOCK, links(kit, incident))
    return markdown.marked(text, mark(incident))


def links(kit: Kit, incident: Incident) -> str:
    """Return where people talk about an incident, as Markdown; empty if there is no room."""
    if not incident.channel:
        return ""
    address = room_link(kit, incident)
    name = f"#{incident.channel_name}" if incident.channel_name else "a thread"
    return f"Discussion in Slack: [{name}]({address})" if address else ""


def room_link(kit: Kit, incident: Incident) -> str:
    """Return the address of the room; empty while Slack does not say where the workspace is."""
    with suppress(SlackError):
        home = kit.people.us().url
        if incident.thread:
            return permalink(home, incident.channel, incident.thread)
        return f"{home.rstrip('/')}/archives/{incident.channel}" if home else ""
    return ""


def _find(kit: Kit, errand: Errand, incident: Incident) -> Result | None:
    """Look for the issue with our mark among those that whoever asked for it has made since."""
    if incident.iid:
        return {}
    gitlab = errands.gitlab(kit, errand, incident)
    project = _project(gitlab, incident)
    since = (errand.since or errand.at) - CLOCKS_APART
    made = gitlab.issues_by(project.id, gitlab.me().id, since)
    found = next((one for one in made if markdown.mark_of(one.description) == mark(incident)), None)
    return _kept(found, project) if found is not None else None


def _kept(issue: Issue, project: Project) -> Result:
    block = blocks_of.get(issue.description, BLOCK)
    return {
        "project_id": issue.project_id, "project": project.path, "visibility": project.visibility, "iid": issue.iid,
        "issue_id": issue.id, "url": issue.url, "labels": list(issue.labels), "title": issue.title,
        "confidential": issue.confidential, "kind": issue.kind, "links": block.body if block else "",
    }  # fmt: skip


def _made(draw: Drawing, tx: Tx, kit: Kit, _errand: Errand, incident: Incident, result: Result) -> None:
    if not result or incident.iid:
        return
    columns = {name: result[name] for name in ("project_id", "project", "iid", "issue_id", "url")}
    is_over = incident.trouble.startswith(NO_ISSUE) or incident.trouble in late.PASSING
    tx.incidents.note(
        incident.id, **columns, policy=_policy(kit, incident, str(result["visibility"])),
        trouble="" if is_over else incident.trouble,
    )  # fmt: skip
    _seen(tx, kit, incident, result)
    now = tx.incidents.get(incident.id) or incident
    _follow(tx, kit, now, result)
    cards.redraw(tx, kit, draw, now)
    heading.want(tx, kit, now)
    telling.declared(tx, kit, draw, now)


def _policy(kit: Kit, incident: Incident, visibility: str) -> str:
    """What of the talk reaches the issue: by who can read the project, unless somebody has said it meanwhile."""
    settings = kit.config.incidents
    if incident.private or incident.policy != settings.policy_public:
        return incident.policy
    return settings.policy_public if visibility in {PUBLIC, ""} else settings.policy_private


def _seen(tx: Tx, kit: Kit, incident: Incident, result: Result) -> None:
    """What GitLab is known to hold from now on, as `holding` writes it."""
    known, unset = states.labels(kit.config.incidents.label_prefix), replace(incident, severity=0)
    facts = {
        "state": OPENED, "labels": ",".join(sorted(known & set(result["labels"]))), "title": str(result["title"]),
        "confidential": str(bool(result["confidential"])), "severity": holding.severity_name(unset),
    }  # fmt: skip
    for name, held in facts.items():
        tx.incident_facts.put(incident.id, f"{holding.SEEN}{name}", held)


def _follow(tx: Tx, kit: Kit, now: Incident, result: Result) -> None:
    """Have GitLab brought to what only another request can set, and to what changed while it was being made."""
    person = now.declarer
    if result["kind"] == INCIDENT:
        life.want(tx, kit, now, "severity", person=person)
    if result["title"] not in {now.title, holding.title(now)}:
        life.want(tx, kit, now, "title", 2, person=person)
    if bool(result["confidential"]) is not now.private:
        life.want(tx, kit, now, "private", 0, person=person)
    if states.label(kit.config.incidents.label_prefix, now.state) not in result["labels"]:
        life.want(tx, kit, now, "state", person=person)
    if now.commander is not None:
        life.want(tx, kit, now, "assignee", 2)
    descriptions.hold(tx, now, BLOCK, str(result["links"]))
    summaries.wrote(
        tx, now, str(result.get("summary", ""))
    )  # Of one that was found it is looked at once more.
    want_links(tx, kit, now)


def _refused(draw: Drawing, tx: Tx, kit: Kit, errand: Errand, incident: Incident, error: BotError) -> None:
    sentence = error.sentence
    if incident.private and isinstance(error, GitLabSaidNo) and error.status == FORBIDDEN:
        sentence = (
            f"GitLab does not let {incident.declarer_name} make a confidential issue in {incident.project}. Name"
            " another project with Edit, or make the incident public."
        )
    tx.incidents.note(incident.id, trouble=f"{NO_ISSUE}{sentence}")
    cards.redraw(tx, kit, draw, incident)
    telling.refused(tx, kit, draw, incident, f"{errand.id}.refused.{errand.tries}", sentence)


def elsewhere(tx: Tx, kit: Kit, draw: Drawing, incident: Incident, project: str) -> None:
    """Make the issue in another project, named by its full path; nothing once there is an issue."""
    if not incident.iid:
        tx.incidents.note(incident.id, project=project, project_id=0, trouble="")
        want(tx, kit, incident)
        cards.redraw(tx, kit, draw, incident)


# The way back -----------------------------------------------------------------------------------------------


def _link(kit: Kit, _errand: Errand, incident: Incident) -> Result:
    """Ask Slack where the room is."""
    return {"links": links(kit, incident), "room": [incident.channel, incident.channel_name, incident.thread]}


def _linked(tx: Tx, kit: Kit, _errand: Errand, incident: Incident, result: Result) -> None:
    """Have the description say so; the room may be another one by now."""
    if result["room"] != [incident.channel, incident.channel_name, incident.thread]:
        want_links(tx, kit, incident)
    elif incident.iid:
        descriptions.want(tx, kit, incident, BLOCK, str(result["links"]))
