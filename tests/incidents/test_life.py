"""An incident changes by one function: once for each source, with all that follows, whoever asks."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

import blocks.incident as draw
from bot.errors import Refused
from bot.incident import BOT, GITLAB, Change, State, Who
from bot.incident_work import Due
from bot.incidents import life
from tests.incidents.stage import ID, Stage

MINUTE = 60_000


def test_a_change_is_told_once_with_all_that_follows(stage: Stage) -> None:
    """A move sets its time, tells the room, the log and the audit trail, and asks GitLab for what it lacks."""
    stage.begin()
    after = stage.change("state", "monitoring", reason="rolled back 1.9")
    assert (after.state, after.mitigated_at) == (State.MONITORING, stage.floor.clock())
    assert stage.said() == ["bob set it to Monitoring: rolled back 1.9"]
    (event,) = stage.events("state")
    assert (event.who.name, event.text, event.tag, event.shown) == (
        "bob", "bob set it to Monitoring: rolled back 1.9", "Impact mitigated", True,
    )  # fmt: skip
    assert stage.decisions()[-1] == "state"
    errand = stage.errand("state")
    assert errand is not None
    assert (errand.person, errand.priority) == (stage.person("bob"), 1)


def test_a_source_counts_once(stage: Stage) -> None:
    """The same request, delivered again, changes nothing and raises nothing."""
    stage.begin()
    first = stage.change("state", "fixing", source="slack:key1:state")
    again = stage.change("state", "monitoring", source="slack:key1:state")
    assert again == first
    assert len(stage.said()) == 1


def test_two_at_once_make_one_move(stage: Stage) -> None:
    """Of two who press the same at the same instant one moves it, and the other hears who was faster."""
    before = stage.begin()
    stage.change("state", "monitoring", version=before.version)
    stage.floor.clock.pass_(12)
    mitigated = stage.incident.mitigated_at
    with pytest.raises(Refused, match="It is already Monitoring, set by bob 12 s ago"):
        stage.change("state", "monitoring", name="alice", version=before.version)
    assert stage.incident.mitigated_at == mitigated
    assert len(stage.events("state")) == len(stage.said()) == 1


def test_what_was_read_long_ago_does_not_decide(stage: Stage) -> None:
    """A change is decided by what the incident is now, not by what whoever asks has read of it."""
    old = stage.begin()
    stage.change("state", "resolved")
    stage.change("state", "closed")
    change = Change(
        "state", "fixing", Who("bob", stage.person("bob")), 1, "slack", "slack:late", version=old.version
    )
    with stage.kit.store.write() as tx, pytest.raises(Refused, match="It is Closed"):
        life.apply(tx, stage.kit, draw, old, change)


def test_a_stale_click_counts_if_it_is_still_a_move(stage: Stage) -> None:
    """What was pressed on an older card is done if it leads on from where the incident is by now."""
    old = stage.begin()
    stage.change("state", "fixing")
    assert stage.change("state", "monitoring", name="alice", version=old.version).state is State.MONITORING


def test_what_is_no_move_is_refused_with_those_that_are(stage: Stage) -> None:
    """From Triage it is accepted, declined, called off or merged; the refusal says so."""
    stage.begin(State.TRIAGE)
    with pytest.raises(
        Refused, match=r"It is Triage\. From there it can become Investigating, Declined, Canceled"
    ):
        stage.change("state", "resolved")


@pytest.mark.parametrize(
    ("state", "words"), [("declined", "incident decline"), ("canceled", "incident cancel")]
)
def test_to_call_it_off_takes_a_reason(stage: Stage, state: str, words: str) -> None:
    """Whoever declines or cancels says why."""
    stage.begin(State.TRIAGE)
    with pytest.raises(Refused, match=words):
        stage.change("state", state, reason=" ")
    after = stage.change("state", state, reason="only a test")
    assert (after.state.value, after.escalation, after.closed_at) == (state, "RESOLVED", stage.floor.clock())
    assert after.resolved_at is None


def test_reopening_takes_a_reason_and_keeps_the_first_episode(stage: Stage) -> None:
    """A short reason is refused; with one it burns again, its clock runs, and the earlier times are kept."""
    stage.begin()
    stage.change("state", "resolved")
    resolved = stage.incident.resolved_at
    stage.floor.clock.pass_(3_600)
    for short in ("", "again", "123456789"):
        with pytest.raises(Refused, match="at least 10"):
            stage.change("state", "investigating", reason=short)
    after = stage.change("state", "investigating", reason="errors are back")
    assert (after.state, after.episodes, after.escalation) == (State.INVESTIGATING, 2, "TRIGGERED")
    assert (after.resolved_at, after.closed_at, after.mitigated_at) == (None, None, None)
    kept = json.loads(stage.fact("episode.1") or "")
    assert (kept["resolved_at"], kept["state"], kept["reopened_at"]) == (
        resolved,
        "resolved",
        stage.floor.clock(),
    )
    due = stage.reads(lambda tx: tx.dues.of(ID, "update"))
    assert (due.state, due.due_at) == ("armed", stage.floor.clock() + 15 * MINUTE)


def test_the_clock_of_updates_follows(stage: Stage) -> None:
    """It is set anew by state and severity, and stands still once it is over."""
    stage.begin()
    for what, value, minutes in (("severity", "1", 10), ("state", "monitoring", 30), ("severity", "4", 120)):
        stage.floor.clock.pass_(60)
        after = stage.change(what, value)
        assert after.next_update == stage.floor.clock() + minutes * MINUTE
    after = stage.change("state", "resolved")
    due: Due = stage.reads(lambda tx: tx.dues.of(ID, "update"))
    assert (after.next_update, due.state) == (None, "off")


def test_severity_rises_and_falls(stage: Stage) -> None:
    """It goes from 1 to 4, in words that say which way; anything else is refused."""
    stage.begin(severity=3)
    stage.change("severity", "1", reason="all shops are down")
    stage.change("severity", "4")
    assert stage.said() == [
        "bob raised the severity from 3 to 1: all shops are down", "bob lowered the severity from 1 to 4",
    ]  # fmt: skip
    for wrong in ("0", "5", "-1", "high", ""):
        with pytest.raises(Refused, match="from 1, the worst, to 4"):
            stage.change("severity", wrong)
    with pytest.raises(Refused, match="already of severity 4, set by bob 0 s ago"):
        stage.change("severity", "4")


def test_there_is_one_commander(stage: Stage) -> None:
    """Whoever takes command releases who had it; the first acknowledges the incident."""
    stage.begin()
    bob, alice = stage.person("bob"), stage.person("alice")
    first = stage.change("commander", f"{bob.team}/{bob.id}")
    assert (first.commander, first.commander_name, first.escalation) == (bob, "bob", "ACKNOWLEDGED")
    acked = first.acked_at
    stage.floor.clock.pass_(60)
    second = stage.change("commander", f"{alice.team}/{alice.id}/Alice Archer")
    assert (second.commander, second.commander_name, second.acked_at) == (alice, "Alice Archer", acked)
    holders = stage.reads(lambda tx: tx.holders.of(ID))
    assert [(one.person, one.how, one.ended_at is None) for one in holders] == [
        (bob, "taken", False), (alice, "handed", True),
    ]  # fmt: skip
    nobody = stage.change("commander", "")
    assert (nobody.commander, nobody.commander_name) == (None, "")
    assert stage.reads(lambda tx: tx.holders.now(ID, "commander")) is None
    assert stage.said() == [
        "bob took command", "bob made Alice Archer commander", "bob left it without a commander",
    ]  # fmt: skip


def test_times_stay_in_their_order(stage: Stage) -> None:
    """A time that would run backwards is refused in words; one that fits is on the timeline at that time."""
    stage.begin()
    now = stage.floor.clock()
    stage.change("detected_at", str(now - 10 * MINUTE))
    with pytest.raises(Refused, match="its impact began then: it was detected before that"):
        stage.change("started_at", str(now - 5 * MINUTE))
    stage.change("started_at", str(now - 20 * MINUTE))
    with pytest.raises(Refused, match="cannot lie in the future"):
        stage.change("mitigated_at", str(now + 5 * MINUTE))
    with pytest.raises(Refused, match="not resolved yet"):
        stage.change("resolved_at", str(now))
    events = stage.events("time")
    assert [(one.at, one.tag, one.shown) for one in events] == [
        (now - 20 * MINUTE, "Start time", True), (now - 10 * MINUTE, "Impact detected", True),
    ]  # fmt: skip


def test_what_gitlab_tells_by_itself_is_not_told_twice(stage: Stage) -> None:
    """Severity, status and whatever closes or opens the issue are on GitLab's timeline already; a label is not."""
    stage.begin()
    stage.change("severity", "1")
    stage.change("state", "fixing")
    stage.change("state", "monitoring")
    stage.change("state", "resolved")
    stage.change("state", "investigating", reason="not over at all")
    shown = [(one.kind, one.shown) for one in stage.events()]
    assert [is_shown for _, is_shown in shown] == [False, True, True, False, False]


def test_private_goes_first_and_changes_the_policy(stage: Stage) -> None:
    """What becomes private is asked for before all else, its talk stays internal, and its commander is warned."""
    stage.begin(announced_in="C0OPS00001", policy="full")
    after = stage.change("private", "on")
    errand = stage.errand("private")
    assert errand is not None
    assert (after.private, after.policy, errand.priority) == (True, "full-internal", 0)
    with stage.kit.store.read() as tx:
        letter = tx.outbox.get(f"inc.{ID}.exposed.slack:0:private:on")
    assert letter is not None
    assert letter.person == stage.person("alice").id
    with pytest.raises(Refused, match="already private"):
        stage.change("private", "on")
    with pytest.raises(Refused, match="on or off"):
        stage.change("private", "perhaps")


def test_those_who_follow_the_announcement_hear_of_moves(stage: Stage) -> None:
    """State and severity are told below the announcement as well, but for a private incident."""
    stage.begin(announced_in="C0OPS00001")
    stage.change("severity", "1", source="one")
    stage.change("commander", "T0ACME0001/U0BOB00001", source="two")
    stage.change("private", "on", source="three")
    stage.change("state", "fixing", source="four")
    with stage.kit.store.read() as tx:
        letters = [tx.outbox.get(f"inc.{ID}.twin.{source}") for source in ("one", "two", "three", "four")]
    assert [one is not None for one in letters] == [True, False, False, False]
    assert letters[0] is not None
    assert letters[0].under == f"inc.{ID}.twin"


def test_what_has_no_rule_is_a_mistake_of_ours(stage: Stage) -> None:
    """Nobody can ask for a change that is none."""
    stage.begin()
    with pytest.raises(ValueError, match="no rule for a change of colour"):
        stage.change("colour", "red")


def test_secrets_are_kept_out(stage: Stage) -> None:
    """A token that somebody types as a reason is in no line, no event and no row."""
    stage.begin()
    token = stage.kit.config.gitlab.token
    stage.change("state", "fixing", reason=f"because of {token}")
    stage.change("fix", f"revoked {token}", source="slack:key1:fix")
    for what in (stage.said(), stage.events(), stage.incident, stage.trail()):
        assert token not in repr(what)


def test_a_duplicate_is_merged_into_what_is_open(stage: Stage) -> None:
    """It ends as Merged and names the other; into what is closed, and into itself, nothing is merged."""
    one = stage.begin()
    other = replace(one, id="inc0002", number=2, source="key2", iid=99, channel="", state=State.CLOSED)
    with stage.kit.store.write() as tx:
        tx.incidents.put(other)
    for wrong, words in ((ID, "name another"), ("nothing", "name another"), (other.id, "Reopen it first")):
        with pytest.raises(Refused, match=words):
            stage.change("merged", wrong)
    with stage.kit.store.write() as tx:
        tx.incidents.note(other.id, state=State.FIXING)
    after = stage.change("merged", other.id)
    assert (after.state, after.merged_into, after.escalation) == (State.MERGED, other.id, "RESOLVED")
    assert stage.said()[-1] == "bob marked it as a duplicate of acme/shop#99"


def test_what_only_the_bot_notices_is_no_event(stage: Stage) -> None:
    """Trouble and a muted room are on the card, and nowhere else."""
    stage.begin()
    after = stage.change("trouble", "GitLab does not answer.", origin=BOT)
    assert after.trouble == "GitLab does not answer."
    assert stage.change("trouble", "GitLab does not answer.", origin=BOT) == after
    assert (stage.events(), stage.said()) == ([], [])


def test_gitlab_is_not_asked_for_what_came_from_there(stage: Stage) -> None:
    """A change that was made in GitLab leaves no errand to make it there."""
    stage.begin()
    stage.change("state", "monitoring", origin=GITLAB, who=Who("carol", None, "carol"))
    assert stage.said() == ["carol set it to Monitoring in GitLab"]
    assert stage.errand("state") is None
    assert stage.change("state", "monitoring", origin=GITLAB).state is State.MONITORING
