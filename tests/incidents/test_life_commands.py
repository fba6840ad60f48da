"""People move an incident by words, by its card and by forms; whoever cannot hears why, and what is possible."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from bot.incident import State
from bot.incidents import asking
from bot.policy import Rule
from commands.incident import life
from tests.evidence.floor import OPS, SHOP
from tests.incidents.forms import form_of
from tests.incidents.stage import ID, ROOM, Stage

MINUTE = 60_000


def minutes_ago(stage: Stage, minutes: int) -> str:
    """A moment as a form sends it."""
    return str((stage.floor.clock() - minutes * MINUTE) // 1000)


def test_a_state_is_typed_and_everybody_reads_it(stage: Stage) -> None:
    """In the room the line says it all; elsewhere whoever asked is told as well."""
    stage.begin()
    assert stage.type("status monitoring rolled back 1.9") == ""
    assert stage.said() == ["bob set it to Monitoring: rolled back 1.9"]
    assert "is Fixing, severity 2" in stage.type("status inc-1 fixing", channel=OPS)


def test_status_alone_shows_the_card_to_whoever_asks(stage: Stage) -> None:
    """Nobody else sees it, and nothing changes."""
    before = stage.begin()
    told = stage.type("status")
    assert "Investigating" in told
    assert "Checkout" in told
    assert (stage.incident, stage.said()) == (before, [])


def test_a_word_that_is_no_state_is_answered_with_those_that_are(stage: Stage) -> None:
    """So is a state that cannot follow."""
    stage.begin()
    assert "`bananas` is no state. From here it can become fixing, monitoring" in stage.type("status bananas")
    assert "It is Investigating. From there it can become Fixing" in stage.type("status review")
    assert stage.incident.state is State.INVESTIGATING


@pytest.mark.parametrize(
    ("typed", "number"), [("1", 1), ("sev3", 3), ("S1", 1), ("critical", 1), ("Low only one customer", 4)]
)
def test_a_severity_is_typed_as_people_call_it(stage: Stage, typed: str, number: int) -> None:
    """By number, as sev or S, or by GitLab's word; what follows is the reason."""
    stage.begin()
    stage.type(f"severity {typed}")
    assert stage.incident.severity == number


def test_other_severities_are_refused(stage: Stage) -> None:
    """Nothing changes, and the answer says what there is."""
    stage.begin()
    for typed in ("5", "sev0", "urgent"):
        assert "is no severity" in stage.type(f"severity {typed}")
    assert "already of severity 2" in stage.type("severity 2")
    assert stage.incident.version == 1


def test_scenario_19_two_click_and_one_comes_late(stage: Stage) -> None:
    """Two press Mitigated, then one on a card that is an hour old: one move, one time, ephemerals for the others."""
    old = stage.begin().version
    assert stage.pick("monitoring", "bob", old) == ""
    mitigated = stage.incident.mitigated_at
    stage.floor.clock.pass_(0.05)
    assert "already Monitoring, set by bob" in stage.pick("monitoring", "alice", old)
    stage.floor.clock.pass_(3_600)
    assert "set by bob 1 h 00 m ago" in stage.pick("monitoring", "carol", old)
    assert (stage.incident.mitigated_at, stage.said()) == (mitigated, ["bob set it to Monitoring"])
    assert len(stage.events("state")) == 1


def test_scenario_21_reopening_takes_a_reason(stage: Stage) -> None:
    """A short one is refused; with one both sides are open, nudges are armed, and the first episode is kept."""
    stage.begin(severity=3)
    stage.change("state", "resolved")
    stage.settle()
    assert "in at least 10" in stage.type("reopen short")
    assert (stage.in_gitlab().state, stage.incident.state) == ("closed", State.RESOLVED)
    assert stage.type("reopen errors are back since noon") == ""
    stage.settle(1)
    assert (stage.in_gitlab().state, stage.incident.state) == ("opened", State.INVESTIGATING)
    assert stage.reads(lambda tx: tx.dues.of(ID, "update")).state == "armed"
    assert "resolved_at" in (stage.fact("episode.1") or "")


def test_a_button_that_takes_a_reason_asks_for_it(stage: Stage) -> None:
    """The select on the card opens a form, which comes back with the state and the reason."""
    stage.begin(State.TRIAGE)
    assert stage.pick("declined") == ""
    form = stage.form()
    assert (form["callback_id"], form["title"]["text"]) == ("incident.reason", "Decline incident")
    about = str(form["private_metadata"]).split(" ")[0]
    assert stage.send("reason", about=about, why="only a test") == ""
    assert stage.incident.state is State.DECLINED
    assert stage.said() == ["bob set it to Declined: only a test"]


def test_what_was_over_within_a_minute_lasted_as_long_as_it_did(stage: Stage) -> None:
    """A form knows minutes; what it calls the minute of now is the moment at which it is sent in."""
    stage.begin(severity=3)
    stage.floor.clock.pass_(20)
    minute = str(stage.floor.clock() // MINUTE * 60)
    stage.send("resolve", fix="Rolled back", mitigated_at=minute, resolved_at=minute)
    one = stage.incident
    assert (one.resolved_at or 0) - one.declared_at >= 20_000


@pytest.mark.parametrize(("severity", "is_due"), [(2, True), (3, False)])
def test_a_review_that_is_due_stands_on_the_card(stage: Stage, severity: int, is_due: bool) -> None:
    """With a button that begins it, once it is over."""
    stage.begin(severity=severity)
    stage.send("resolve", fix="Rolled back", cause="A bad deployment")
    with stage.kit.store.read() as tx:
        card = tx.cards.get(f"inc.{ID}.card")
    assert card is not None
    assert ("a review is due" in card.wanted, "Write review" in card.wanted) == (is_due, is_due)


def test_resolve_asks_what_fixed_it(stage: Stage) -> None:
    """The form begins with what is known and likely, lists open tasks, and needs a cause only for a review."""
    stage.begin(severity=2)
    stage.floor.clock.pass_(600)
    stage.type("resolve Rolled back 1.9")
    form = stage.form()
    labels = {one["block_id"]: one.get("optional", False) for one in form["blocks"] if one["type"] == "input"}
    assert labels == {
        "fix": False, "started_at": True, "detected_at": True, "mitigated_at": True, "resolved_at": True,
        "cause": False,
    }  # fmt: skip
    declared = stage.incident.declared_at // MINUTE * 60
    assert (stage.begins_with("fix"), stage.begins_with("started_at")) == ("Rolled back 1.9", declared)
    assert stage.begins_with("resolved_at") == stage.floor.clock() // MINUTE * 60


def test_the_form_resolves_it(stage: Stage) -> None:
    """What was filled in is true then, each time where it belongs, and GitLab is told."""
    stage.begin(severity=2, detected_at=None)
    stage.floor.clock.pass_(1_800)
    told = stage.send(
        "resolve", fix="Rolled back 1.9", cause="A missing index", started_at=minutes_ago(stage, 40),
        detected_at=minutes_ago(stage, 35), mitigated_at=minutes_ago(stage, 10), resolved_at=minutes_ago(stage, 2),
    )  # fmt: skip
    assert told == ""
    one, now = stage.incident, stage.floor.clock()
    assert (one.state, one.fix, one.cause) == (State.RESOLVED, "Rolled back 1.9", "A missing index")
    times = (one.started_at, one.detected_at, one.mitigated_at, one.resolved_at)
    assert [(now - at) // MINUTE for at in times if at] == [40, 35, 10, 2]
    assert stage.said() == ["bob set it to Resolved: Rolled back 1.9"]
    stage.settle()
    assert (stage.labels(), stage.in_gitlab().state) == (["Incident::Resolved"], "opened")


def test_a_form_that_says_what_cannot_be_stays_open(stage: Stage) -> None:
    """Each field is told what is wrong with it, and nothing of the form is done."""
    stage.begin(severity=1)
    now = stage.floor.clock()
    bad = {
        "fix": " ", "cause": "", "started_at": str(now // 1000 - 60), "detected_at": str(now // 1000 - 600),
        "resolved_at": str(now // 1000 + 3_600),
    }  # fmt: skip

    problems = life.check_resolve(form_of(stage, "resolve", **bad), stage.kit)
    assert set(problems) == {"fix", "cause", "detected_at", "resolved_at"}
    assert problems["detected_at"] == "That is before its impact began. Correct one of both."


def test_times_can_all_be_moved_at_once(stage: Stage) -> None:
    """All of them later, or all of them earlier than what was known: no order on the way is wrong."""
    now = stage.floor.clock()
    known: dict[str, Any] = {
        "started_at": now - 50 * MINUTE,
        "detected_at": now - 40 * MINUTE,
        "mitigated_at": now - 30 * MINUTE,
    }
    stage.begin(severity=4, **known)
    for shift in (25, 80, 5):
        times = {name: minutes_ago(stage, shift - number) for number, name in enumerate(known)}
        stage.send("resolve", fix=f"try {shift}", **times)
        one = stage.incident
        found = [one.started_at, one.detected_at, one.mitigated_at]
        assert [(stage.floor.clock() - (at or 0)) // MINUTE for at in found] == [shift, shift - 1, shift - 2]


def test_to_close_it_takes_what_it_lacks(stage: Stage) -> None:
    """What has to have a review is not closed without its cause; what burns is not closed at all."""
    stage.begin(severity=1)
    assert "It is Investigating. From there" in stage.type("close")
    stage.change("state", "resolved")
    told = stage.type("close")
    assert "Before it is closed, say what fixed it and its root cause." in told
    assert "Fill it in" in told
    stage.send("resolve", fix="Rolled back", cause="A missing index")
    assert stage.type("close") == ""
    assert stage.incident.state is State.CLOSED


def test_title_summary_and_private_are_set(stage: Stage) -> None:
    """Each is said with the word and what it shall be; what is so already is said, too."""
    stage.begin()
    stage.type("title Checkout and login are down")
    stage.type("summary Nobody can pay since noon")
    stage.type("private on")
    one = stage.incident
    assert (one.title, one.summary, one.private) == (
        "Checkout and login are down", "Nobody can pay since noon", True,
    )  # fmt: skip
    stage.type(f"title Ask <@{stage.person('alice').id}> about @all")
    assert stage.incident.title == "Ask @alice about @all"
    stage.type(f"summary Ask <@{stage.person('alice').id}>")
    assert stage.incident.summary == "Ask @alice"
    assert "already private" in stage.type("private on", "alice")
    assert "Say on or off: `/gitlab incident private on`." in stage.type("private maybe", "alice")
    assert "has a title" in stage.type("title", "alice")


@pytest.mark.parametrize("what", ["summary", "impact", "cause", "fix"])
def test_texts_are_typed_and_taken_away(stage: Stage, what: str) -> None:
    """Without a text nothing is lost: what can be typed is said."""
    stage.begin()
    stage.type(f"{what} Nobody can pay")
    assert getattr(stage.incident, what) == "Nobody can pay"
    assert f"`/gitlab incident {what} &lt;text&gt;`" in stage.type(what)
    assert getattr(stage.incident, what) == "Nobody can pay"
    stage.type(f"{what} -")
    assert getattr(stage.incident, what) == ""


def test_a_hint_is_what_can_be_typed_there(stage: Stage) -> None:
    """With the words that somebody has begun with: another slash command, or none in direct messages."""
    stage.begin()
    floor = stage.floor
    assert "`/gitlab incident cancel &lt;reason&gt;`" in stage.type("cancel")
    assert "`/incident cancel &lt;reason&gt;`" in floor.told(
        floor.slash("bob", "cancel", ROOM, command="/incident")
    )
    assert "`incident cancel &lt;reason&gt;`" in floor.told(floor.say("bob", "incident cancel inc-1"))


def test_who_may_not_show_it_to_everybody_is_refused(stage: Stage) -> None:
    """Whoever is a guest in GitLab does not open a confidential issue by the rights of the commander."""
    stage.begin(name="bob", private=True)
    stage.act(f"role bob guest {SHOP}", "alice")
    assert "no right to show a confidential issue" in stage.type("private off")
    assert stage.incident.private is True


def test_a_private_incident_is_nothing_to_others(stage: Stage) -> None:
    """Whoever takes no part in it is told of no such incident, whatever they press or type."""
    stage.begin(private=True)
    assert "no such incident" in stage.pick("fixing", "carol")
    assert "no such incident" in stage.type("status fixing", "carol")
    assert stage.incident.state is State.INVESTIGATING


def test_all_talk_of_a_room_in_a_public_issue_takes_a_reason(stage: Stage) -> None:
    """In a project that anybody can read the policy `full` is refused without one."""
    stage.begin()
    stage.floor.asks(lambda state: setattr(state.project(SHOP), "visibility", "public"))
    assert "is public" in stage.type("policy full", "alice")
    assert stage.incident.policy == "curated"
    stage.type('policy full --reason "a public incident"', "alice")
    assert stage.incident.policy == "full"
    stage.type("policy internal", "alice")
    assert stage.incident.policy == "full-internal"
    assert "The policy is curated" in stage.type("policy everything", "alice")


def test_scenario_15_somebody_without_an_account_changes_nothing(stage: Stage) -> None:
    """They are asked to connect one, and the incident stays as it is."""
    before = stage.begin()
    with stage.kit.store.write() as tx:
        tx.accounts.drop(stage.person("bob"))
    acts: tuple[Callable[[], str], ...] = (
        lambda: stage.type("status fixing"), lambda: stage.pick("fixing"), lambda: stage.send("resolve"),
    )  # fmt: skip
    for act in acts:
        stage.floor.voice.forget()
        act()
        assert stage.floor.voice.unlinked == 1
    assert stage.incident == before


def test_a_card_of_an_incident_that_is_forgotten_says_so(stage: Stage) -> None:
    """An old button, or one that somebody made up, changes nothing."""
    stage.begin()
    told = stage.floor.told(stage.floor.click("bob", "incident.state", "nothing:1:fixing", ROOM))
    assert "too old" in told
    told = stage.floor.told(stage.floor.click("bob", "incident.state", f"{ID}:1:bananas", ROOM))
    assert "too old" in told
    assert "too old" in stage.send("reason", about=f"{ID}:1:bananas", why="because it is so")


@pytest.mark.parametrize(
    ("text", "found"), [("sev2 ", (2, "")), ("S1: all down", (1, "all down")), ("3 because", (3, "because"))]
)
def test_what_follows_a_severity_is_the_reason(text: str, found: tuple[int, str]) -> None:
    """The first word is the severity."""
    assert asking.severity(text) == found


# Forms that other things open ----------------------------------------------------------------------------------


def test_more_opens_severity_and_who_may_see_it(stage: Stage) -> None:
    """Both forms come back as what was picked in them."""
    stage.begin(severity=3)
    stage.floor.click("bob", "incident.more", f"{ID}:1:severity", ROOM)
    assert stage.form()["title"]["text"] == "Severity"
    stage.send("severity", level="1", why="all shops are down")
    assert stage.said() == ["bob raised the severity from 3 to 1: all shops are down"]
    stage.floor.click("bob", "incident.more", f"{ID}:2:private", ROOM)
    about = str(stage.form()["private_metadata"]).split(" ")[0]
    assert about.endswith(":on")
    stage.send("private", about=about)
    assert stage.incident.private is True


def test_severity_alone_opens_its_form(stage: Stage) -> None:
    """With what it is now picked already."""
    stage.begin(severity=3)
    stage.type("severity")
    picks = next(one["element"] for one in stage.form()["blocks"] if one["block_id"] == "level")
    assert picks["initial_option"]["value"] == "3"


def test_buttons_open_the_forms_of_what_is_over(stage: Stage) -> None:
    """What is missing is filled in by the same form that resolves, and reopening asks why."""
    stage.begin(severity=1)
    stage.in_pages("close")
    stage.press("resolve")
    assert (stage.form()["callback_id"], stage.form()["submit"]["text"]) == ("incident.resolve", "Save")
    stage.press("reopen")
    form = stage.form()
    assert (form["callback_id"], form["blocks"][0]["element"]["min_length"]) == ("incident.reason", 10)


def test_what_cannot_be_resolved_says_so(stage: Stage) -> None:
    """A declined incident has nothing to resolve."""
    stage.begin(State.DECLINED)
    assert "It is Declined. From there it can become Investigating" in stage.type("resolve")


def test_what_nobody_has_accepted_opens_no_form(stage: Stage) -> None:
    """From Triage there is no way to Resolved: that is said before anybody has filled in a form."""
    stage.begin(State.TRIAGE)
    told = stage.type("resolve rolled back")
    assert "It is Triage. From there it can become Investigating, Declined, Canceled or Merged" in told
    assert stage.person("bob").id not in stage.floor.slack.slack.views.stacks


def test_what_burns_is_not_reopened(stage: Stage) -> None:
    """To reopen is no other word for Investigating; an issue that a bot has closed is opened again by it."""
    stage.begin(State.FIXING)
    assert "It is Fixing: only what is over can be reopened." in stage.type("reopen it is slow again")
    assert stage.incident.state is State.FIXING
    with stage.kit.store.write() as tx:
        tx.incident_facts.put(ID, "proposal.closed", "project_42_bot")
    assert stage.type("reopen it burns") == ""
    assert stage.said() == ["bob had the issue opened again"]


def test_where_no_form_opens_a_button_does(stage: Stage) -> None:
    """What is said in a message has no trigger: the answer holds the button that opens the form."""
    stage.begin()
    told = stage.floor.told(stage.floor.say("bob", "incident resolve inc-1"))
    assert "What fixed it, and when?" in told
    assert "Resolve incident" in told


def test_keep_closed_is_no_way_round_the_moves(stage: Stage) -> None:
    """A button of a question that nobody asked closes nothing."""
    stage.begin()
    assert "answered that already" in stage.press("keep_closed")
    assert "answered that already" in stage.press("reopen")
    assert stage.incident.state is State.INVESTIGATING


def test_keep_closed_is_no_way_round_what_is_missing(stage: Stage) -> None:
    """An old question closes nothing that was resolved meanwhile and has to have a review."""
    stage.begin(State.RESOLVED, severity=1)
    assert "answered that already" in stage.press("keep_closed")
    assert stage.incident.state is State.RESOLVED


def test_everybody_in_the_room_reads_what_was_changed(stage: Stage) -> None:
    """Name, summary, who sees it and what reaches GitLab are a line each; below the announcement none of them is."""
    stage.begin(announced_in=OPS)
    for typed in ("title Login is down", "summary Since noon", "policy internal", "private on"):
        assert stage.type(typed) == ""
    assert stage.said() == [
        "bob renamed it: Login is down", "bob changed the summary: Since noon",
        "bob set the policy of the discussion to full-internal", "bob made it private",
    ]  # fmt: skip
    stage.settle()
    stage.in_pages("title Checkout is slow")
    assert stage.said()[-1] == "somebody renamed it in GitLab: Checkout is slow"


def test_rules_are_asked_by_what_is_typed(stage: Stage) -> None:
    """A move is `status` for a rule about arguments, whether it was typed, pressed or filled in."""
    stage.begin()
    rule = Rule("only up", "deny", commands=("incident",), arguments={"text": ("status monitoring*",)})
    policy = replace(stage.kit.config.policy, rules=(rule,))
    stage.floor.kit = replace(stage.kit, config=replace(stage.kit.config, policy=policy))
    stage.floor.__post_init__()
    assert "only up" in stage.type("status monitoring")
    assert "only up" in stage.pick("monitoring")
    assert stage.incident.state is State.INVESTIGATING
