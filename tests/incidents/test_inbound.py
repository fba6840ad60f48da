"""What people do to an incident in GitLab becomes a change of it here, once, in their name, and never fights them."""

from __future__ import annotations

from dataclasses import replace

import pytest

import blocks.incident as draw
from bot.incident import State
from bot.incidents import life, rules
from bot.incidents.gates import CLOSED_THERE
from bot.incidents.held import following, inbound
from tests.evidence.floor import SHOP, SHOP_ID
from tests.incidents.stage import Stage


@pytest.mark.parametrize(
    ("label", "state"),
    [
        ("Mitigated", State.MONITORING), ("Resolved", State.RESOLVED), ("Canceled", State.CANCELED),
    ],
)  # fmt: skip
def test_a_label_moves_it(stage: Stage, label: str, state: State) -> None:
    """Whoever puts another label on moves the incident; the old label goes, and the room hears who it was."""
    stage.begin()
    after = stage.in_pages(f"label +Incident::{label}")
    assert after.state is state
    assert stage.said()[0] == f"carol set it to {state.value.capitalize()} in GitLab"
    (event,) = stage.events("state")
    assert (event.who.username, event.who.person, event.source) == (
        "carol", stage.person("carol"), f"gitlab:label:{stage.kit.gitlab.label_events(42, stage.iid)[-1].id}",
    )  # fmt: skip
    stage.settle()
    assert stage.labels() == [f"Incident::{label}"]
    assert (stage.look().version, len(stage.events())) == (after.version, 1)


def test_of_two_labels_the_last_counts(stage: Stage) -> None:
    """Where two labels contradict, the one that was put on last wins, and the other is taken off."""
    stage.begin()
    stage.act(f"label #{stage.iid} +Incident::Resolved")
    stage.floor.clock.pass_(2)
    after = stage.in_pages("label +Incident::Mitigated", "bob")
    assert (after.state, stage.events("state")[0].who.name) == (State.MONITORING, "bob")
    stage.settle()
    assert stage.labels() == ["Incident::Mitigated"]


def test_a_label_without_a_move_is_put_right(stage: Stage) -> None:
    """A label that leads nowhere from here is taken off again, and the room hears what would be possible."""
    stage.begin()
    after = stage.in_pages("label +Incident::Declined -Incident::Active")
    assert after.state is State.INVESTIGATING
    assert stage.said()[0].startswith("carol labelled it Declined in GitLab. It is Investigating. From there")
    stage.settle()
    assert stage.labels() == ["Incident::Active"]
    stage.look()
    assert len(stage.said()) == 1


def test_triage_is_accepted_by_a_label_that_leads_further(stage: Stage) -> None:
    """Who labels it Mitigated in Triage has accepted it, too."""
    stage.begin(State.TRIAGE)
    stage.act(f"label #{stage.iid} +Incident::Triage -Incident::Active", "alice")
    stage.look()
    after = stage.in_pages("label +Incident::Mitigated -Incident::Triage")
    assert after.state is State.MONITORING
    assert len(stage.events("state")) == 2


def test_a_missing_label_is_no_change(stage: Stage) -> None:
    """Who takes the label off says nothing about the state, and is not corrected."""
    stage.begin()
    after = stage.in_pages("label -Incident::Active")
    stage.settle()
    assert (after.version, stage.labels(), stage.said()) == (1, [], [])


def test_what_we_did_is_nobody_elses(stage: Stage) -> None:
    """What the bot has asked for in GitLab comes back as no change at all."""
    stage.begin()
    stage.change("state", "monitoring")
    stage.change("severity", "1")
    person = stage.person("bob")
    stage.change("commander", f"{person.team}/{person.id}")
    before = stage.incident
    stage.look()
    stage.settle(1)
    assert stage.look() == stage.incident == before


def test_a_wish_on_its_way_wins_over_what_is_older(stage: Stage) -> None:
    """What somebody set in GitLab before we were asked does not undo what we were asked for later."""
    stage.begin()
    stage.act(f"label #{stage.iid} +Incident::Mitigated", "carol")
    stage.floor.clock.pass_(10)
    stage.change("state", "resolved")
    assert stage.look().state is State.RESOLVED
    stage.settle()
    assert stage.labels() == ["Incident::Resolved"]
    assert stage.look().state is State.RESOLVED


def test_what_is_newer_there_wins_over_a_wish_on_its_way(stage: Stage) -> None:
    """What somebody set in GitLab after we were asked is what counts."""
    stage.begin()
    stage.change("state", "monitoring")
    after = stage.in_pages("label +Incident::Resolved")
    assert after.state is State.RESOLVED
    stage.settle()
    assert stage.labels() == ["Incident::Resolved"]


@pytest.mark.parametrize(("what", "value"), [("severity", "1"), ("state", "fixing")])
def test_what_was_read_before_a_wish_came_true_is_over(stage: Stage, what: str, value: str) -> None:
    """GitLab was read a moment before it was told of severity or status: nobody there has set what it was then."""
    stage.begin(severity=3)
    issue, facts = (
        stage.kit.gitlab.issue(SHOP_ID, stage.iid),
        stage.kit.gitlab.incident_facts(SHOP, [stage.iid]),
    )
    stage.floor.clock.pass_(1)
    wanted = stage.change(what, value)
    stage.settle()
    with stage.kit.store.write() as tx:
        after = inbound.from_gitlab(tx, stage.kit, draw, stage.incident, issue, facts.get(stage.iid), ())
    assert (after.severity, after.state, after.escalation) == (
        wanted.severity,
        wanted.state,
        wanted.escalation,
    )
    assert not any("in GitLab" in one for one in stage.said())


def test_severity_title_assignee_and_status_follow(stage: Stage) -> None:
    """Each is a change of its own, told as somebody's in GitLab."""
    stage.begin(severity=3)
    assert stage.in_pages("severity S1").severity == 1
    assert stage.in_pages("title Checkout and login are down").title == "Checkout and login are down"
    after = stage.in_pages("assign bob", "alice")
    assert (after.commander, after.escalation) == (stage.person("bob"), "ACKNOWLEDGED")
    assert stage.in_pages("unassign", "alice").commander is None
    assert stage.said() == [
        "somebody raised the severity from 3 to 1 in GitLab",
        "somebody renamed it in GitLab: Checkout and login are down", "somebody made Bob commander in GitLab",
        "somebody left it without a commander in GitLab",
    ]  # fmt: skip
    stage.settle()
    assert "severity::1" in stage.in_gitlab().labels


def test_a_stranger_may_be_assigned(stage: Stage) -> None:
    """Somebody whose account is connected to nobody here is named, and stays assigned."""
    with stage.kit.store.write() as tx:
        tx.accounts.drop(stage.person("anna"))
    stage.begin()
    after = stage.in_pages("assign dave", "alice")
    assert (after.commander, after.commander_name) == (None, f"{rules.STRANGER}dave")
    stage.settle()
    assert stage.assignees() == ["dave"]
    assert stage.look() == after


def test_a_status_there_is_a_status_here(stage: Stage) -> None:
    """Acknowledged there is acknowledged here; resolved there while the issue is open resolves the incident."""
    stage.begin()
    after = stage.in_pages("status acknowledged", "bob")
    assert (after.escalation, after.acked_at is not None, after.state) == (
        "ACKNOWLEDGED",
        True,
        State.INVESTIGATING,
    )
    assert stage.in_pages("status resolved", "bob").state is State.RESOLVED
    stage.settle()
    assert (stage.labels(), stage.in_gitlab().state) == (["Incident::Resolved"], "opened")


def test_confidential_there_is_private_here(stage: Stage) -> None:
    """An issue that turns confidential makes its incident private, at once."""
    stage.begin(policy="full")
    after = stage.in_pages("confidential", "alice")
    assert (after.private, after.policy) == (True, "full-internal")
    assert stage.in_pages("confidential off", "alice").private is False


# Closed and opened ------------------------------------------------------------------------------------------


def test_scenario_20_who_closes_it_there_has_closed_it(stage: Stage) -> None:
    """A person closes an S1 without a root cause; it stays closed, and the room is asked for the rest."""
    stage.begin(severity=1)
    after = stage.in_pages("close")
    assert (after.state, after.escalation) == (State.CLOSED, "RESOLVED")
    assert after.trouble == f"{CLOSED_THERE}what fixed it and its root cause."
    assert stage.said() == [
        "carol closed it in GitLab",
        "It was ended in GitLab, and stays so. Still missing: what fixed it and its root cause.",
    ]
    stage.settle()
    assert (stage.in_gitlab().state, stage.labels(), stage.facts()[1]) == (
        "closed", ["Incident::Resolved"], "resolved",
    )  # fmt: skip
    assert stage.look() == after
    told = stage.send("resolve", fix="Rolled back", cause="A missing index")
    assert told == ""
    assert (stage.incident.state, stage.incident.trouble) == (State.CLOSED, "")


def test_what_lacks_nothing_is_just_closed(stage: Stage) -> None:
    """An incident that needs no review is closed, and nobody is asked for anything."""
    stage.begin(severity=4)
    after = stage.in_pages("close")
    assert (after.state, after.trouble, stage.said()) == (State.CLOSED, "", ["carol closed it in GitLab"])


def test_an_issue_that_is_moved_away(stage: Stage) -> None:
    """Is closed by that, and the room hears that the incident does not follow it."""
    stage.begin(severity=4)
    after = stage.in_pages("move acme/infra", "alice")
    assert after.state is State.CLOSED
    assert stage.said() == ["alice closed it in GitLab", following.MOVED]


def _closed_by_a_bot(stage: Stage) -> None:
    stage.begin()
    stage.floor.clock.pass_(1)
    stage.act(f"bot close #{stage.iid}", "alice")
    stage.floor.clock.pass_(5)


def test_scenario_20_what_a_bot_closes_while_it_burns_is_a_question(stage: Stage) -> None:
    """The incident burns on, the room is asked once, and nothing opens the issue by itself."""
    _closed_by_a_bot(stage)
    assert stage.look().state is State.INVESTIGATING
    stage.change("severity", "1")
    with stage.kit.store.write() as tx:
        life.want(tx, stage.kit, stage.incident, "state")
    stage.settle(1)
    stage.look()
    assert stage.in_gitlab().state == "closed"
    assert len([one for one in stage.said() if "Shall it stay closed" in one]) == 1


def test_keep_closed_closes_it(stage: Stage) -> None:
    """Whoever keeps it closed has closed the incident; whoever presses after that hears so."""
    _closed_by_a_bot(stage)
    stage.look()
    assert stage.press("keep_closed") == ""
    assert stage.incident.state is State.CLOSED
    assert "already Closed, set by bob" in stage.press("keep_closed", "alice")
    stage.settle()
    assert stage.in_gitlab().state == "closed"


def test_reopen_opens_the_issue_again(stage: Stage) -> None:
    """Whoever reopens it has the issue opened as themselves; the incident never stopped burning."""
    _closed_by_a_bot(stage)
    stage.look()
    stage.press("reopen")
    stage.settle()
    assert (stage.in_gitlab().state, stage.incident.state, stage.incident.episodes) == (
        "opened", State.INVESTIGATING, 1,
    )  # fmt: skip
    assert "answered that already" in stage.press("keep_closed", "alice")
    assert stage.look().state is State.INVESTIGATING


def test_who_opens_it_there_has_reopened_it(stage: Stage) -> None:
    """An issue that is opened again burns again, in the name of whoever opened it."""
    stage.begin(severity=4)
    stage.in_pages("close")
    stage.settle()
    after = stage.in_pages("reopen", "bob")
    assert (after.state, after.episodes, after.escalation) == (State.INVESTIGATING, 2, "TRIGGERED")
    assert stage.said()[-1] == "bob reopened it in GitLab"
    stage.settle()
    assert (stage.labels(), stage.facts()[1]) == (["Incident::Active"], "triggered")
    assert stage.look().version == after.version


def test_what_is_being_sent_is_looked_at_later(stage: Stage) -> None:
    """While GitLab is told of a move, what it holds says nothing about what people want."""
    stage.begin()
    stage.change("state", "monitoring")
    errand = stage.errand("state")
    assert errand is not None
    with stage.kit.store.write() as tx:
        assert tx.errands.claim(errand, stage.floor.clock())
    stage.floor.clock.pass_(1)
    stage.act(f"label #{stage.iid} +Incident::Resolved")
    assert stage.look().state is State.MONITORING
    with stage.kit.store.write() as tx:
        tx.errands.settle(errand, "done")
    assert stage.look().state is State.RESOLVED


def test_without_the_field_the_label_says_the_severity(stage: Stage) -> None:
    """Where GitLab tells no severity, a label `severity::1` does; where it says nothing, nothing changes."""
    stage.begin(severity=3)
    stage.act(f"label #{stage.iid} +severity::1")
    issue = replace(stage.kit.gitlab.issue(stage.incident.project_id, stage.iid), severity="")
    for labels, severity in ((issue.labels, 1), ((), 1)):
        with stage.kit.store.write() as tx:
            seen = replace(issue, labels=labels)
            after = inbound.from_gitlab(tx, stage.kit, draw, stage.incident, seen, None, ())
        assert after.severity == severity


def test_who_did_it_may_be_unknown(stage: Stage) -> None:
    """Without GitLab's events it was somebody, and it counts once all the same."""
    stage.begin(severity=4)
    stage.act(f"close #{stage.iid}")
    issue = stage.kit.gitlab.issue(stage.incident.project_id, stage.iid)
    for _ in range(2):
        with stage.kit.store.write() as tx:
            inbound.from_gitlab(tx, stage.kit, draw, stage.incident, issue, None, ())
    assert (stage.incident.state, stage.said()) == (State.CLOSED, ["somebody closed it in GitLab"])
