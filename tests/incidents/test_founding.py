"""Every step of founding an incident happens once, in spite of outages, lost answers and crashes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

import blocks.incident as draw
from bot.errors import GitLabSaidNo
from bot.incident import Incident, State
from bot.incidents import errands
from bot.incidents.late import NO_ANSWER
from bot.incidents.room import founding, issuing
from bot.model import Person, Project
from bot.tracker import INCIDENT, NewIssue
from commands import incident as command
from tests.edges import wire
from tests.edges.conftest import connect
from tests.edges.gitlab_calls import Connect, sample
from tests.incidents.front import NEWS, OPS, SHOP, Desk, desk_at

__all__ = ["connect"]

SHORT = "declare sev2 Checkout 500s"


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    with desk_at(tmp_path) as made:
        yield made


# GitLab is away ---------------------------------------------------------------------------------------------


def test_the_room_exists_while_gitlab_is_down(desk: Desk) -> None:
    """The card says so, and is mended without a new message when GitLab answers: the issue is made once."""
    desk.break_gitlab("503")
    desk.type(SHORT)
    desk.settle()
    one = desk.incident()
    assert one.channel
    assert NO_ANSWER in desk.seen()
    assert "GitLab's issue follows" in desk.told(issue=False)
    desk.floor.clock.pass_(1_200)
    desk.settle(2)
    assert desk.posted("POST /projects/:id/issues") == 0
    desk.mend()
    desk.floor.clock.pass_(61)
    desk.settle(4)
    (issue,) = desk.issues()
    assert desk.incident().trouble == ""
    assert NO_ANSWER not in desk.seen()
    assert len([post for post in desk.posts(one.channel) if "incident.state" in post]) == 1
    assert f"{_at(one.declared_at)} UTC" in issue.description
    assert issue.web_url in desk.told()


def _at(moment: int) -> str:
    return f"{datetime.fromtimestamp(moment / 1000, UTC):%Y-%m-%d %H:%M}"


@pytest.mark.parametrize("how", ["502-after", "cut-after"])
def test_a_lost_issue_is_found_by_its_mark(desk: Desk, how: str) -> None:
    """GitLab has made it and nobody heard: it is looked for, and not made twice."""
    desk.type("declare sev2 First")
    desk.settle()
    desk.break_gitlab(how, times=1)
    desk.type("declare sev2 Second")
    desk.settle(5)
    desk.floor.clock.pass_(70)
    desk.settle(5)
    assert desk.posted("POST /projects/:id/issues") == len(desk.issues()) == 2
    assert desk.incident(2).iid


def test_an_ordinary_issue_where_gitlab_knows_no_incidents(connect: Connect) -> None:
    """It has a label that says what it is."""
    refused = wire.data({"error": "issue_type does not have a valid value"}, 400)
    with wire.serve(wire.in_turn(refused, wire.data(sample("issue_get"), 201))) as server:
        project = Project(42, SHOP, "https://gitlab.example/acme/shop", "main")
        issuing.created(
            connect(server), project, NewIssue("Checkout", labels=("Incident::Active",), kind=INCIDENT)
        )
    first, second = (one.json for one in server.seen)
    assert first["issue_type"] == "incident"
    assert "issue_type" not in second
    assert second["labels"] == "Incident::Active,incident"


def test_what_gitlab_does_not_let_be_confidential_is_said(desk: Desk) -> None:
    """The card says so and what to do; whoever declared it is told."""
    desk.break_gitlab("503")
    desk.type(f"{SHORT} --private")
    one = desk.incident()
    kind = issuing.kinds(draw)[issuing.ISSUE]
    with desk.kit.store.write() as tx:
        errand = tx.errands.get(f"{one.id}.issue")
        assert errand is not None
        kind.refused(tx, desk.kit, errand, one, GitLabSaidNo("No.", status=403))
    assert "does not let alice make a confidential issue in acme/shop" in desk.incident().trouble


def test_a_project_that_is_none_is_told(desk: Desk) -> None:
    """The room stays; with the form another project is named, and the issue is made there."""
    with desk.kit.store.write() as tx:
        tx.places.set_default(desk.floor.person("alice").team, OPS, "acme/gone")
    desk.type(SHORT)
    desk.settle()
    one = desk.incident()
    assert one.channel
    assert "There is no issue in GitLab" in desk.seen()
    fields = {"title": one.title, "severity": "2", "summary": "", "project": "acme/shop"}
    desk.send("edit", f"{one.id}:{one.version}", **fields)
    desk.settle()
    assert desk.incident().project == "acme/shop"
    assert len(desk.issues()) == 1
    assert "There is no issue" not in desk.seen()


# Slack ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("how", ["502-after", "cut-after"])
def test_a_lost_channel_is_found(desk: Desk, how: str) -> None:
    """Slack has made it and nobody heard: it is looked for, and not made twice."""
    desk.break_slack(how, times=1)
    desk.type(SHORT)
    desk.settle(5)
    desk.floor.clock.pass_(70)
    desk.settle(5)
    assert desk.rooms() == ["inc-1-checkout-500s"]
    assert desk.incident().channel


def test_slack_is_down(desk: Desk) -> None:
    """Everything is done when it answers again."""
    asked(desk)
    desk.break_slack("500", times=4)
    desk.settle(3)
    desk.floor.clock.pass_(70)
    desk.settle(10)
    desk.floor.clock.pass_(70)
    desk.settle(10)
    assert desk.rooms() == ["inc-1-checkout-500s"]
    assert desk.room().pins


def test_in_a_thread_where_nothing_else_is_allowed(tmp_path: Path) -> None:
    """The card in the announcement channel is the root, and its thread the room."""
    with desk_at(tmp_path, threads="always") as desk:
        desk.type(SHORT)
        desk.settle(4)
        one = desk.incident()
        assert (one.channel, bool(one.thread)) == (NEWS, True)
        assert desk.rooms() == []
        assert len(desk.posts(NEWS)) == 1
        assert desk.twin() is None
        assert "in Slack: [a thread]" in desk.issues()[0].description
        assert "the thread below its card" in desk.told()


def test_no_right_to_make_channels(desk: Desk) -> None:
    """Then its room is a thread, too."""
    _forbid(desk)
    desk.type(SHORT)
    desk.settle(4)
    assert desk.incident().thread
    assert desk.rooms() == []


def test_a_private_incident_without_a_place(desk: Desk) -> None:
    """It is never put where others read: whoever declared it is told what to do."""
    _forbid(desk)
    desk.type(f"{SHORT} --private")
    desk.settle(4)
    one = desk.incident()
    assert (one.channel, one.thread) == ("", "")
    assert "A private incident has no other place." in one.trouble
    assert not any("Checkout" in post for post in desk.posts(NEWS))


def _forbid(desk: Desk) -> None:
    """The token has lost the scopes for channels."""
    slack = desk.floor.slack.slack
    slack.scopes -= {"channels:manage", "groups:write"}


def test_a_private_incident_is_in_no_log(desk: Desk, caplog: pytest.LogCaptureFixture) -> None:
    """Whatever goes wrong: neither its title, nor what it is said to be about."""
    caplog.set_level("DEBUG")
    desk.break_gitlab("503", times=2)
    desk.break_slack("cut-after", times=1)
    desk.type("declare sev1 Umbrella keys leaked --private")
    desk.settle(5)
    desk.floor.clock.pass_(70)
    desk.settle(5)
    assert desk.incident().iid
    desk.floor.gitlab.act(f"close #{desk.incident().iid}", "alice")
    desk.settle(3)
    assert caplog.records
    assert (
        "umbrella"
        not in " ".join(one.getMessage() for one in caplog.records if one.name.startswith("bot")).lower()
    )


def test_those_who_always_come(tmp_path: Path) -> None:
    """People and user groups of the configuration are brought in; who cannot be is named."""
    with desk_at(tmp_path, invite=("U0BOB00001", "U0ZOE00001")) as desk:
        desk.type(SHORT)
        desk.settle()
        assert {"U0ALICE001", "U0BOB00001"} <= set(desk.room().members)
        assert any("I could not bring in" in post for post in desk.posts(desk.room().id))


def asked(desk: Desk) -> None:
    """It is declared, and nothing is done for it so far."""
    new = desk.floor.accept("slash_commands", desk.floor.slash_payload("alice", f"incident {SHORT}"))
    desk.floor.router.do(new[0])
    desk.floor.asides.clear()


# Crashes ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("steps", range(1, 9))
def test_a_crash_between_any_two_steps(desk: Desk, steps: int) -> None:
    """Killed after so many errands, and with one that was begun, everything is there once after the next start."""
    asked(desk)
    one = desk.incident()
    for _ in range(steps):
        for target in ("slack", "gitlab"):
            _one_step(desk, one.id, target)
    with desk.kit.store.write() as tx:
        begun = tx.errands.next(one.id, "slack", desk.kit.now())
        if begun is not None:
            tx.errands.claim(begun, desk.kit.now())
        tx.errands.recover()
    desk.floor.clock.pass_(70)
    desk.settle(8)
    assert desk.rooms() == ["inc-1-checkout-500s"]
    assert len(desk.issues()) == 1
    assert len(desk.posts(NEWS)) == 1
    assert len(desk.room().pins) == 1
    assert len(desk.room().bookmarks) == 1


def _one_step(desk: Desk, incident: str, target: str) -> None:
    """Does what is next in a lane, and nothing more."""
    with desk.kit.store.read() as tx:
        errand, row = tx.errands.next(incident, target, desk.kit.now()), tx.incidents.get(incident)
    if errand is not None and row is not None:
        errands._do(desk.kit, command.WHOLE.kinds[errand.kind], errand, row)


def test_names_of_channels() -> None:
    """Letters of other alphabets are left out, marks are taken off, and long titles are cut."""
    one = Incident("i", 7, "s", "T", "", 2, State.TRIAGE, "acme/shop", Person("T", "U"), "alice", 0)
    names = {
        "Café brûle!": "inc-7-cafe-brule",
        "مرحبا": "inc-7",
        "-- ": "inc-7",
        "x" * 200: "inc-7-" + "x" * 74,
    }
    for title, name in names.items():
        assert founding.name_of("inc", replace(one, title=title)) == name
