"""Incidents that are born in GitLab get their room, card and announcement: once, and only those that are news."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.edges.store import Store
from bot.incident import GITLAB, SLACK, Incident, State
from bot.incidents.room import issuing
from bot.incidents.watching import born
from bot.model import Person
from tests.evidence.floor import OPS, SHOP, SHOP_ID
from tests.incidents.below import Below, below


@pytest.fixture
def here(tmp_path: Path) -> Iterator[Below]:
    with below(tmp_path, announce=OPS) as stage:
        stage.follow()
        yield stage


def _all(store: Store) -> list[Incident]:
    with store.read() as tx:
        return tx.incidents.where("born = ? ORDER BY number", GITLAB)


def _settle(here: Below) -> None:
    for _ in range(4):
        here.follow()


def test_page(here: Below) -> None:
    """One that somebody made on GitLab's pages has a room of its own, a card there, and who made it is invited."""
    here.act("incident Payments are slow severity=S2\n\nSince ten o'clock, all of them.", "bob")
    _settle(here)
    (one,) = _all(here.kit.store)
    assert (one.title, one.severity, one.state) == ("Payments are slow", 2, State.TRIAGE)
    assert one.declarer == here.floor.person("bob")
    assert one.summary == "Since ten o'clock, all of them."
    assert one.channel_name == f"inc-{one.number}-payments-are-slow"
    workspace = here.floor.slack.slack.workspace
    assert here.floor.user("bob").id in workspace.channels[one.channel].members
    with here.kit.store.read() as tx:
        assert tx.cards.get(f"inc.{one.id}.card") is not None
        twin = tx.cards.get(f"inc.{one.id}.twin")
    assert twin is not None
    assert twin.place.channel == OPS
    assert one.channel in here.floor.gitlab.project(SHOP, "root").issues.get(one.iid).description


def test_once(here: Below) -> None:
    """However often GitLab is looked at, it is begun with once."""
    here.act("incident Payments are slow")
    for _ in range(5):
        here.follow(20)
    assert len(_all(here.kit.store)) == 1


def test_comments_before_the_room(here: Below) -> None:
    """What was written before there was a room stands in it afterwards."""
    here.act("incident Payments are slow")
    here.act("comment #2 It began at ten")
    _settle(here)
    (one,) = _all(here.kit.store)
    assert here.texts(one.channel) == ["Bob Baker in GitLab: It began at ten"]


def test_alert(here: Below) -> None:
    """One that an alert made has nobody for a declarer until somebody joins."""
    here.act("alert Disk is full severity=critical")
    _settle(here)
    (one,) = _all(here.kit.store)
    assert (one.declarer, one.declarer_name, one.severity) == (Person("", ""), "alert-bot", 1)
    assert one.team == here.floor.person("alice").team
    assert one.channel


def test_author_without_account(here: Below) -> None:
    """Whoever has connected no account is named as GitLab does."""
    here.act("incident Search is down", "carol")
    with here.kit.store.write() as tx:
        tx.accounts.drop(here.floor.person("carol"))
    _settle(here)
    (one,) = _all(here.kit.store)
    assert (one.declarer, one.declarer_name) == (Person("", ""), "carol")


def test_confidential(here: Below) -> None:
    """A confidential one gets a private channel, and is announced nowhere."""
    here.act("incident Leak")
    here.act("confidential #2", "alice")
    _settle(here)
    (one,) = _all(here.kit.store)
    assert one.private
    assert here.floor.slack.slack.workspace.channels[one.channel].kind == "group"
    with here.kit.store.read() as tx:
        assert tx.cards.get(f"inc.{one.id}.twin") is None


def test_older_than_our_watch(tmp_path: Path) -> None:
    """One that was there before the project was watched is nobody's news."""
    with below(tmp_path, announce=OPS) as here:
        here.act("incident Long ago")
        here.floor.clock.pass_(3_600)
        _settle(here)
        assert _all(here.kit.store) == []


def test_closed_already(here: Below) -> None:
    """One that is closed when it is seen first needs no room."""
    here.act("incident Short")
    here.act("close #2", "alice")
    _settle(here)
    assert _all(here.kit.store) == []


def test_plain_issue(here: Below) -> None:
    """An issue that is no incident gets none."""
    here.act("issue Nicer buttons")
    _settle(here)
    assert _all(here.kit.store) == []


def test_declared_in_slack(here: Below) -> None:
    """One that was declared in Slack, whose answer from GitLab is on its way, is not born a second time."""
    alice = here.floor.person("alice")
    mine = Incident(
        "fresh1", 7, "key7", alice.team, "Mine", 2, State.INVESTIGATING, SHOP, alice, "alice", here.kit.now(),
        channel="C0NOWHERE1",
    )  # fmt: skip
    with here.kit.store.write() as tx:
        tx.incidents.put(mine)
    here.act(f"incident Mine\nText\n\n<!-- signalbox {issuing.mark(mine)} -->", "alice")
    _settle(here)
    assert _all(here.kit.store) == []
    with here.kit.store.write() as tx:
        tx.incidents.note(mine.id, iid=2, project_id=SHOP_ID)
    _settle(here)
    assert _all(here.kit.store) == []


def test_copied_mark(here: Below) -> None:
    """A mark that somebody copied into another issue hides nothing."""
    here.act(f"incident Copy\nText\n\n<!-- signalbox {issuing.mark(here.incident)} -->", "alice")
    _settle(here)
    assert [one.title for one in _all(here.kit.store)] == ["Copy"]


def test_watch_only(tmp_path: Path) -> None:
    """One of a project that is only watched has a card among the announcements, and is talked of below that."""
    with below(tmp_path, announce=OPS, watch_only=("acme/infra",)) as here:
        here.follow()
        here.act("incident Router is down project=acme/infra", "alice")
        for _ in range(8):
            here.follow(310)
        (one,) = _all(here.kit.store)
        with here.kit.store.read() as tx:
            card = tx.cards.get(f"inc.{one.id}.card")
        assert card is not None
        assert (one.channel, one.thread, card.place.channel) == (OPS, card.ts, OPS)
        channels = here.floor.slack.slack.workspace.channels.values()
        assert not any("router" in channel.name for channel in channels)


def test_configured_project(tmp_path: Path) -> None:
    """The project of the configuration is watched although nothing was ever declared there."""
    with below(tmp_path, announce=OPS, project="acme/infra") as here:
        here.follow()
        here.act("incident Router is down project=acme/infra", "alice")
        for _ in range(6):
            here.follow(310)
        (one,) = _all(here.kit.store)
        assert (one.project, one.born) == ("acme/infra", GITLAB)
        assert here.incident.born == SLACK


def test_hostile_title(here: Below) -> None:
    """A title calls nobody, and makes no name that Slack refuses."""
    here.act("incident <!channel> @here " + "x" * 200)
    _settle(here)
    (one,) = _all(here.kit.store)
    assert one.channel
    posts = here.floor.slack.slack.workspace.posts
    assert not any(post.fired for channel in (OPS, one.channel) for post in posts[channel].values())


def test_summary_is_plain() -> None:
    """The limit of a summary is that of the card."""
    assert born.SUMMARY_LIMIT == 300
