"""`:gitlab` lines about incidents: their status, severity and timeline, and what automations do with them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from sandbox.gitlab.act_words import require, word
from sandbox.gitlab.acts_issues import ROLE, IssueActs, issue_named, severity_named
from sandbox.gitlab.desk import Desk
from sandbox.gitlab.incidents import FEATURES, is_incident
from sandbox.gitlab.issue_changes import update_issue
from sandbox.gitlab.issue_rights import may_edit
from sandbox.gitlab.issues import STATUSES, Issue
from sandbox.gitlab.nouns import LEVELS, Person
from sandbox.gitlab.people import ALERT_BOT, EVERYONE, level, project_bot
from sandbox.gitlab.timeline import Moment, NotKept, keep, may_keep

SURE = "critical"


@dataclass(frozen=True, slots=True)
class IncidentActs:
    desk: Desk

    def table(self) -> Mapping[str, Callable[[Person, str], str]]:
        """Each is handed the rest of its line as it is written, line feeds and all."""
        return {
            "status": self.status,
            "severity": self.severity,
            "timeline": self.timeline,
            "duplicate": self.duplicate,
            "alert": self.alert,
            "bot": self.bot,
            "feature": self.feature,
            "note-limit": self.note_limit,
        }

    def status(self, person: Person, rest: str) -> str:
        """`status #N triggered|acknowledged|resolved|ignored`."""
        issue, wanted = self._incident(person, rest, "developer"), word(rest.split(), 1, "a status").upper()
        if wanted not in STATUSES:
            raise ValueError(f"{wanted.lower()} is no status; there are {', '.join(STATUSES).lower()}.")
        update_issue(self.desk.state, issue, person, {"escalation_status": wanted})
        return f"{issue.reference} is {wanted.lower()}."

    def severity(self, person: Person, rest: str) -> str:
        """`severity #N S1|S2|S3|S4|unknown`, or critical, high, medium, low."""
        issue = self._incident(person, rest, ROLE)
        wanted = severity_named([word(rest.split(), 1, "a severity")])
        update_issue(self.desk.state, issue, person, {"severity": wanted})
        return f"{issue.reference} is {wanted.lower()}."

    def timeline(self, person: Person, rest: str) -> str:
        """`timeline #N TEXT`: a line of the timeline, of now."""
        issue, state = self._incident(person, rest, "developer"), self.desk.state
        text = word(rest.split(maxsplit=1), 1, "a text")
        if not may_keep(state, issue, person):
            raise ValueError(f"GitLab lets {person.username} write no timeline in {issue.project.path}.")
        try:
            made = keep(state, issue, person, Moment(text.strip(), state.clock()))
        except NotKept as why:
            raise ValueError(f"GitLab refuses that line: {why}.") from why
        return f"{person.username} wrote event {made.id} on the timeline of {issue.reference}."

    def duplicate(self, person: Person, rest: str) -> str:
        """`duplicate #N of #M`: closes the first, and links the two."""
        words = [one for one in rest.split() if one != "of"]
        issue = issue_named(self.desk, person, words[:1])
        other = issue_named(self.desk, person, [word(words, 1, "the other issue")])
        require(person, issue.project, ROLE)
        if other is issue:
            raise ValueError(f"{issue.reference} cannot be a duplicate of itself.")
        update_issue(self.desk.state, issue, person, {"canonical_issue_id": other.id})
        return f"{person.username} closed {issue.reference} as a duplicate of {other.reference}."

    def alert(self, person: Person, rest: str) -> str:
        """`alert TITLE [severity=LEVEL] [project=PATH] [⏎ DESCRIPTION]`: GitLab's alert bot declares an incident."""
        first, feed, description = rest.partition("\n")
        severity = "" if "severity=" in first else f" severity={SURE}"
        return IssueActs(self.desk).incident(ALERT_BOT, f"{first}{severity}{feed}{description}")

    def bot(self, person: Person, rest: str) -> str:
        """`bot close|reopen #N [PROJECT]`: an automation does it, with a project's access token."""
        words = rest.split()
        wanted = {"close": "closed", "reopen": "opened"}.get(word(words, 0, "what the bot does"))
        if wanted is None:
            raise ValueError(f"An automation can close and reopen, not {words[0]}.")
        issue = issue_named(self.desk, next(one for one in EVERYONE if one.admin), words[1:])
        if issue.state == wanted:
            raise ValueError(f"{issue.reference} is {issue.state} already.")
        who = project_bot(issue.project)
        update_issue(self.desk.state, issue, who, {"state_event": words[0]})
        return f"{who.username} {'closed' if wanted == 'closed' else 'reopened'} {issue.reference}."

    def feature(self, person: Person, rest: str) -> str:
        """`feature NAME [off]`: a switch of GitLab's that is off by default."""
        words = rest.split()
        name, features = word(words, 0, "the name of a feature"), self.desk.state.features
        if name not in FEATURES:
            raise ValueError(f"{name} is no feature; there are {', '.join(FEATURES)}.")
        (features.discard if words[1:] == ["off"] else features.add)(name)
        return f"{name} is {'on' if name in features else 'off'}."

    def note_limit(self, person: Person, rest: str) -> str:
        """`note-limit N`: how many comments a minute GitLab takes of one person."""
        if not rest.strip().isdigit():
            raise ValueError("The line lacks a number.")
        self.desk.state.notes_limit.most = int(rest)
        return f"GitLab takes {int(rest)} comments a minute."

    def _incident(self, person: Person, rest: str, role: str) -> Issue:
        """The incident of the line, if the person may do so much there. Raises ValueError."""
        issue = issue_named(self.desk, person, rest.split()[:1])
        if not is_incident(issue):
            raise ValueError(f"{issue.reference} is no incident.")
        if level(person, issue.project) < LEVELS[role] or not may_edit(person, issue):
            raise ValueError(f"{person.username} may not do that in {issue.project.path}: it wants {role}.")
        return issue
