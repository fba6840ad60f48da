"""GitLab is brought to what an incident is: by whoever asked, once, and to what is wanted by then."""

from __future__ import annotations

import pytest

from bot.errors import GitLabSaidNo
from bot.incident import State
from bot.incidents import life, rules
from tests.evidence.floor import SHOP, SHOP_ID
from tests.incidents.stage import ID, Stage

PUT = "PUT issue"


def author_of_last_label(stage: Stage) -> str:
    events = stage.kit.gitlab.label_events(stage.incident.project_id, stage.iid)
    return events[-1].author


@pytest.mark.parametrize(
    ("state", "severity", "label", "issue", "status"),
    [
        ("fixing", 2, "Active", "opened", "acknowledged"), ("monitoring", 2, "Mitigated", "opened", "acknowledged"),
        ("resolved", 2, "Resolved", "opened", "resolved"), ("resolved", 3, "Resolved", "closed", "resolved"),
        ("canceled", 1, "Canceled", "closed", "resolved"),
    ],
)  # fmt: skip
def test_a_state_shows_in_gitlab(
    stage: Stage, state: str, severity: int, label: str, issue: str, status: str
) -> None:  # fmt: skip
    """One label says it, the status follows, and the issue is open while it burns or has to have a review."""
    stage.begin(severity=severity)
    stage.change("state", state, reason="because it is so")
    stage.settle()
    assert stage.labels() == [f"Incident::{label}"]
    assert stage.in_gitlab().state == issue
    assert stage.facts()[1] == status
    if state != "fixing":  # Which has the label of what was before.
        assert (stage.fact("seen.labels"), stage.fact("seen.state")) == (f"Incident::{label}", issue)


def test_it_is_done_as_whoever_asked(stage: Stage) -> None:
    """The label is bob's act in GitLab, not the bot's."""
    stage.begin()
    stage.change("state", "monitoring")
    stage.settle()
    assert author_of_last_label(stage) == "bob"


def test_reopening_opens_the_issue(stage: Stage) -> None:
    """What burns again is open and active, and not resolved any more."""
    stage.begin(severity=3)
    stage.change("state", "resolved")
    stage.settle()
    stage.change("state", "investigating", reason="errors are back")
    stage.settle(1)
    assert (stage.in_gitlab().state, stage.labels(), stage.facts()[1]) == (
        "opened", ["Incident::Active"], "triggered",
    )  # fmt: skip


def test_severity_is_a_field_and_a_label(stage: Stage) -> None:
    """GitLab's own field holds it, and a label for tools that do not know the field."""
    stage.begin(severity=3)
    stage.change("severity", "1")
    stage.settle()
    assert stage.facts()[0] == "critical"
    assert "severity::1" in stage.in_gitlab().labels
    stage.change("severity", "4")
    stage.settle(1)
    labels = stage.in_gitlab().labels
    assert ("severity::1" in labels, "severity::4" in labels, stage.facts()[0]) == (False, True, "low")


def test_the_commander_is_the_assignee(stage: Stage) -> None:
    """Whoever commands is assigned; somebody without an account leaves the issue to nobody."""
    stage.begin()
    for name in ("bob", "carol"):
        person = stage.person(name)
        stage.change("commander", f"{person.team}/{person.id}", name=name)
        stage.settle(1)
        assert stage.assignees() == [name]
    nina = stage.person("nina")
    stage.change("commander", f"{nina.team}/{nina.id}/Nina")
    stage.settle(1)
    assert (stage.assignees(), stage.incident.commander_name) == ([], "Nina")


def test_title_and_confidentiality_follow(stage: Stage) -> None:
    """A new title acts on nothing in GitLab, and what is private is confidential there."""
    stage.begin()
    stage.change("title", "Checkout is down for @all")
    stage.change("private", "on")
    stage.settle()
    issue = stage.in_gitlab()
    assert issue.confidential is True
    assert issue.title == "Checkout is down for @\u2060all"
    calls = stage.floor.gitlab.fake.calls.copy()
    stage.look()
    assert stage.incident.title == "Checkout is down for @all"
    assert stage.floor.gitlab.fake.calls[PUT] == calls[PUT]


def test_what_is_so_already_is_not_asked_for(stage: Stage) -> None:
    """An errand for what GitLab holds changes nothing there, however often it is done."""
    stage.begin()
    stage.change("state", "monitoring")
    stage.settle()
    before = stage.in_gitlab().updated_at
    for _ in range(3):
        with stage.kit.store.write() as tx:
            life.want(tx, stage.kit, stage.incident, "state")
        stage.settle(1)
    assert stage.in_gitlab().updated_at == before


def test_what_changed_meanwhile_is_asked_for_again(stage: Stage) -> None:
    """Of two wishes for the same the last is what GitLab holds in the end, in as many requests as it takes."""
    stage.begin()
    for state, name in (("fixing", "alice"), ("monitoring", "alice"), ("resolved", "bob")):
        stage.change("state", state, name=name)
    stage.settle()
    assert author_of_last_label(stage) == "bob"
    assert stage.labels() == ["Incident::Resolved"]
    events = stage.kit.gitlab.label_events(stage.incident.project_id, stage.iid)
    assert [one.label for one in events if one.added] == ["Incident::Active", "Incident::Resolved"]


def test_what_changes_while_it_is_being_sent_is_sent_as_well(stage: Stage) -> None:
    """A wish that comes while GitLab is told of the one before is not lost, and is the act of who asked last."""
    stage.begin()
    stage.change("state", "monitoring", name="alice")
    errand = stage.errand("state")
    assert errand is not None
    kind = stage.kinds["gitlab.state"]
    with stage.kit.store.write() as tx:
        assert tx.errands.claim(errand, stage.floor.clock())
    result = kind.act(stage.kit, errand, stage.incident)
    stage.change("state", "fixing", name="bob")
    assert stage.look().state is State.FIXING
    with stage.kit.store.write() as tx:
        assert tx.errands.settle(errand, "done")
        kind.settled(tx, stage.kit, errand, stage.incident, result)
    stage.settle(1)
    assert (stage.labels(), author_of_last_label(stage)) == (["Incident::Active"], "bob")
    assert stage.look().state is State.FIXING


def test_an_answer_that_was_lost_is_looked_for(stage: Stage) -> None:
    """After a change that GitLab made without saying so, what it holds tells that it is done; it is asked once."""
    stage.begin()
    stage.change("state", "monitoring")
    gitlab = stage.floor.gitlab
    gitlab.loop.ask(lambda: gitlab.fake.break_("cut-after"))
    stage.settle()
    gitlab.loop.ask(gitlab.fake.mend)
    stage.settle(2)
    errand = stage.errand("state")
    assert errand is not None
    assert (errand.state, stage.labels()) == ("done", ["Incident::Mitigated"])


def test_who_may_not_is_told_of_once(stage: Stage) -> None:
    """Where GitLab leaves out what somebody may not do, the keeper does it, and the room hears so once."""
    stage.begin()
    stage.act(f"role bob guest {SHOP}", "alice")
    stage.change("severity", "1")
    stage.change("state", "monitoring")
    stage.settle()
    assert (stage.facts()[0], stage.labels()) == ("critical", ["Incident::Mitigated"])
    told = [one for one in stage.said() if "did not let" in one]
    assert told == [
        "GitLab did not let bob set the severity. It was set as alice, who may.",
        "GitLab did not let bob set its state. It was set as alice, who may.",
    ]  # fmt: skip
    stage.change("severity", "2")
    stage.settle(1)
    assert [one for one in stage.said() if "did not let" in one] == told


def test_what_is_hidden_is_shown_by_nobody_elses_rights(stage: Stage) -> None:
    """Whom GitLab does not let show an issue to everybody leaves it confidential, and private here as well."""
    stage.begin()
    stage.change("private", "on", name="alice")
    stage.settle()
    stage.act(f"role bob guest {SHOP}", "alice")
    stage.change("private", "off", name="bob")
    stage.settle()
    assert stage.in_gitlab().confidential is True
    assert stage.incident.private is True
    stage.settle(2)
    assert (stage.in_gitlab().confidential, stage.fact("lacks.private")) == (True, None)


def test_where_nobody_may_the_room_hears_it(stage: Stage) -> None:
    """If not even the keeper may, that is said, and nothing is asked for ever."""
    stage.begin(name="bob")
    stage.act(f"role bob guest {SHOP}", "alice")
    stage.change("severity", "1")
    stage.settle()
    assert stage.said()[-1] == (
        "GitLab did not let bob set the severity. Somebody who may has to set it there."
    )  # fmt: skip
    errand = stage.errand("severity")
    assert errand is not None
    assert (errand.state, stage.fact("lacks.severity")) == ("done", "")


def test_a_status_that_nobody_may_set_is_no_news(stage: Stage) -> None:
    """A Reporter cannot set the status: the label says it alone, and nobody is bothered."""
    stage.begin(name="carol")
    stage.change("state", "monitoring", name="carol")
    stage.settle()
    assert (stage.labels(), stage.facts()[1]) == (["Incident::Mitigated"], "triggered")
    assert stage.fact(life.LACKS_STATUS) == ""
    assert stage.said() == ["carol set it to Monitoring"]


def test_an_issue_that_is_no_incident_has_no_status(stage: Stage) -> None:
    """Where GitLab has incidents switched off an ordinary issue serves: its label says the state alone."""
    stage.begin(kind="issue")
    stage.change("state", "monitoring")
    stage.settle()
    assert (stage.labels(), stage.said()) == (["Incident::Mitigated"], ["bob set it to Monitoring"])
    assert stage.fact(life.LACKS_STATUS) == ""


def test_another_refusal_is_said(stage: Stage) -> None:
    """What GitLab refuses for another reason than who asked is said in the room, but for the status."""
    stage.begin()
    stage.change("state", "monitoring")
    for about in ("state", "status"):
        errand = stage.errand(about)
        assert errand is not None
        with stage.kit.store.write() as tx:
            refused = stage.kinds[f"gitlab.{about}"].refused
            refused(tx, stage.kit, errand, stage.incident, GitLabSaidNo("The project is moved.", status=400))
    assert stage.said()[1:] == ["GitLab did not take its state: The project is moved."]
    assert stage.fact(life.LACKS_STATUS) == "The project is moved."


def test_nobody_with_an_account_means_later(stage: Stage) -> None:
    """While nobody who takes part has connected an account it waits, and is done once somebody has."""
    stage.begin()
    stage.change("state", "monitoring")
    kept = {name: stage.floor.account(name) for name in ("alice", "bob")}
    with stage.kit.store.write() as tx:
        for name in kept:
            tx.accounts.drop(stage.person(name))
    stage.settle()
    assert stage.labels() == ["Incident::Active"]
    stage.floor.link("bob", "bob")
    stage.settle(2)
    assert (stage.labels(), author_of_last_label(stage)) == (["Incident::Mitigated"], "bob")


def test_while_there_is_no_issue_it_waits(stage: Stage) -> None:
    """An incident whose issue GitLab has not made yet is brought there once it is."""
    incident = stage.begin()
    with stage.kit.store.write() as tx:
        tx.incidents.note(ID, iid=0)
    stage.change("state", "monitoring")
    stage.settle()
    assert stage.labels() == ["Incident::Active"]
    with stage.kit.store.write() as tx:
        tx.incidents.note(ID, iid=incident.iid)
    stage.settle(2)
    assert stage.labels() == ["Incident::Mitigated"]


def test_a_stranger_who_was_assigned_there_stays(stage: Stage) -> None:
    """Somebody without an account here, assigned in GitLab, is not unassigned by us."""
    stage.begin(commander_name=f"{rules.STRANGER}dave")
    stage.act(f"assign #{stage.iid} dave")
    with stage.kit.store.write() as tx:
        life.want(tx, stage.kit, stage.incident, "assignee")
    stage.settle()
    assert stage.assignees() == ["dave"]
    assert stage.incident.state is State.INVESTIGATING


def test_a_lost_answer_to_somebody_who_was_thrown_out_since(stage: Stage) -> None:
    """The keeper looks for what came of it, and does it if nothing did."""
    stage.begin()
    stage.change("state", "monitoring")
    stage.floor.gitlab.loop.ask(lambda: stage.floor.gitlab.fake.break_("503", times=2))
    stage.settle()
    stage.floor.asks(lambda state: state.projects[SHOP_ID].members.pop("bob"))
    for _ in range(8):
        stage.settle(20)
    assert (stage.labels(), author_of_last_label(stage)) == (["Incident::Mitigated"], "alice")
