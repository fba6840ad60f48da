"""What went wrong in others' bots, each by its id, does not go wrong here (reliability.md 4.1)."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from bot.edges.oauth import OAuth
from bot.incident import Incident
from bot.model import RunState
from sandbox.slack.people import User
from tests.edges import wire
from tests.evidence.floor import OPS, Floor, dm, floor_at, known_commands
from tests.evidence.plays_run import ALL as PLAYS
from tests.evidence.scenes import POLICY, Scene, scene_at


@pytest.fixture
def floor(tmp_path: Path) -> Iterator[Floor]:
    with floor_at(tmp_path) as floor:
        yield floor


@pytest.fixture(scope="module")
def scene(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scene]:
    """A floor with a run that waits for an approval, for tests that change no account."""
    with scene_at(tmp_path_factory.mktemp("cves"), POLICY) as scene:
        yield scene


# CVE-2023-5356: GitLab ran slash commands as another user, whose id it took from another workspace ------------


def test_cve_2023_5356_another_team_is_another_person(floor: Floor) -> None:
    """GitLab did not look at the team: the same user id there acted as somebody here. Ours are told apart."""
    before = floor.pipelines()
    floor.slash("alice", "shop run hello", team_id="T0OTHER0001")
    assert "only from members of my own workspace" in str(floor.voice.problems[-1])
    # In a grid the other workspace is of the same company, and its people may be let in; they are others still.
    key = floor.slash("alice", "shop run hello", team_id="T0OTHER0001", enterprise_id="E0ACME0001")
    assert floor.voice.unlinked == 1
    assert "Connect your GitLab account" in floor.told(key)
    assert floor.pipelines() == before
    floor.slash("alice", "shop run hello")
    assert floor.pipelines() == before + 1, "the real one may"


@pytest.mark.parametrize(
    "text",
    ["shop run hello as alice", "<@U0ALICE001> shop run hello", "shop run hello user=U0ALICE001 GITLAB_USER_ID=7",
     "alice: shop run hello", "shop run hello\nuser_id=U0ALICE001&team_id=T0ACME0001"],
)  # fmt: skip
def test_cve_2023_5356_words_name_nobody(floor: Floor, text: str) -> None:
    """Identity is the envelope's: what is typed never makes somebody somebody else."""
    before = floor.pipelines()
    floor.slash("nina", text)
    floor.say("nina", text)
    floor.say("nina", f"<@U0OPSBOT01> {text}", way="mention")
    assert floor.pipelines() == before
    assert floor.account("nina") is None


def test_cve_2023_5356_names_and_addresses_name_nobody(floor: Floor) -> None:
    """Somebody with Alice's names and, in another workspace, her address is nobody but themselves."""
    twin = User("U0NINA0001", "alice", "Alice Anders", display="alice")
    floor.slack.slack.workspace.users[twin.id] = twin
    assert twin.email == "alice@acme.example"
    before = floor.pipelines()
    floor.slash("U0NINA0001", "shop run hello", user_name="alice")
    payload = floor.click_payload("U0NINA0001", "offer.try", "x")
    payload["user"] |= {"name": "alice", "username": "alice", "profile": {"email": twin.email}}
    floor.send("interactive", payload)
    key = floor.slash("U0NINA0001", "whoami")
    assert "You are not connected to GitLab" in floor.told(key)
    assert floor.pipelines() == before
    assert floor.voice.unlinked == 1


# GHSA-qj8w-vx7m-776m: GitLab let blocked accounts go on through chat ------------------------------------------

#: All that would change something, and what needs a token to be read.
VERBS = frozenset({"run", "again", "cancel", "retry", "log", "jobs", "lock", "queue", "issue"})
#: Of incidents: what GitLab would be told of, in somebody else's name if it had blocked who asks.
TOLD = frozenset({
    "incident declare", "incident status monitoring", "incident severity", "incident policy", "incident title",
    "incident summary", "incident private on", "incident close", "incident cancel", "incident duplicate",
    "incident doctor", "incident fix", "incident review", "incident role comms", "incident role commander",
    "incident task", "incident task done", "incident followup", "incident timeline add", "incident update",
    "[incident.state]", "[incident.take]", "[incident.accept] (own)", "[incident.suspect]", "[incident.archive]",
    "[incident.nothing_new]", "[incident.snooze]", "{incident.declare}", "{incident.edit}", "{incident.resolve}",
    "{incident.hand_over}", "{incident.override}", "{incident.timeline}", "{incident.update}",
})  # fmt: skip
NEEDING = [row for row in PLAYS if row.split()[0] in VERBS and row not in {"queue", "queue leave staging"}]  # fmt: skip
NEEDING += ["[run.again]", "[cancel.press]", "[retry.press]", "[log.press]", "[approvals.approve]",
            "[lock.extend] (own)", "[lock.give] (own)", "[lock.keep] (own)", "[lock.take]", "[lock.queue]",
            "[offer.try]", "{approvals.rejected}", "[issue.close]", "[issue.assign]",
            "{issue.create}", "{issue.comment}", "{issue.label}", "{run.form}", *sorted(TOLD)]  # fmt: skip


@pytest.mark.parametrize("row", NEEDING)
def test_ghsa_qj8w_vx7m_776m_a_blocked_account_does_nothing(scene: Scene, row: str) -> None:
    """GitLab took chat commands of accounts its admin had blocked. Here GitLab is asked as them, at that moment."""
    floor = scene.floor
    scene.clear()
    act = PLAYS[row](scene, "alice", OPS)
    floor.gitlab.act("block alice", "root")
    try:
        before = floor.state()
        floor.voice.forget()
        key = act()
        assert floor.state() == before, floor.told(key)
        said = "has blocked this account" in floor.told(key)
        assert said or floor.voice.problems or floor.voice.unlinked or _refused(floor, key), floor.told(key)
    finally:
        floor.gitlab.act("unblock alice", "root")


@pytest.mark.parametrize("row", ["[access.hour]", "[access.day]", "[access.decline]", "audit"])
def test_ghsa_qj8w_vx7m_776m_a_blocked_admin_decides_nothing(scene: Scene, row: str) -> None:
    """What GitLab has no part in needs an account all the same that GitLab accepts at that moment."""
    floor = scene.floor
    scene.clear()
    act = PLAYS[row](scene, "anna", OPS)
    floor.gitlab.act("block dave", "root")
    try:
        before = floor.state()
        floor.voice.forget()
        key = act()
        assert floor.state() == before, floor.told(key)
        assert floor.voice.problems or floor.voice.unlinked, floor.told(key)
    finally:
        floor.gitlab.act("unblock dave", "root")


def test_ghsa_qj8w_vx7m_776m_a_gitlab_that_hangs_keeps_nobody_from_an_incident(scene: Scene) -> None:
    """Whether it still lets somebody in is asked for two seconds and no longer: it may be what burns."""
    floor = scene.floor
    floor.gitlab.loop.ask(lambda: floor.gitlab.fake.break_("slow", arg=8))
    began, known = time.monotonic(), len(_incidents(floor))
    try:
        line = "incident declare sev2 GitLab does not answer"
        floor.router.do(floor.accept("slash_commands", floor.slash_payload("alice", line))[0])
    finally:
        floor.gitlab.loop.ask(floor.gitlab.fake.mend)
        floor.asides.clear()
    assert len(_incidents(floor)) == known + 1
    assert time.monotonic() - began < 10


def _incidents(floor: Floor) -> list[Incident]:
    with floor.store.read() as tx:
        return tx.incidents.where("1 = 1")


def _refused(floor: Floor, key: str) -> bool:
    with floor.store.read() as tx:
        run = tx.runs.by_source(key)
    return run is not None and run.state is RunState.REFUSED


# CVE-2018-17451: whoever got somebody to open a link connected that one's Slack to their own account -----------


def test_cve_2018_17451_the_code_is_shown_to_its_owner_alone(floor: Floor) -> None:
    """GitLab's Slack link could be completed by another. Our code is told to one person, the device code to none."""
    key = floor.slash("nina", "shop run hello")
    codes = floor.asks(lambda state: [(one.user_code, one.device_code) for one in state.oauth.grants])
    (user_code, device_code), told = codes[0], floor.told(key)
    assert user_code in told
    assert "whoever agrees there connects" in told
    for letter in _letters(floor):
        assert device_code not in letter["body"]
        if user_code in letter["body"]:
            assert letter["kind"] == "whisper" or letter["channel"] == dm(floor.user("nina"))
            assert letter["person"] == floor.person("nina").id


def test_cve_2018_17451_a_grant_links_whom_it_was_made_for(floor: Floor) -> None:
    """Of two codes that wait, the one that is completed connects its own person, and nobody else."""
    floor.slash("nina", "link")
    nina = floor.asks(lambda state: state.oauth.pending()[-1].user_code)
    floor.slash("dave", "link")
    floor.gitlab.act(f"authorize {nina}", "bob")
    floor.poll()
    found = floor.account("nina")
    assert found is not None
    assert found.username == "bob"
    assert floor.account("dave") is None


def test_cve_2018_17451_a_button_of_somebody_elses_invitation_invites_who_pressed(floor: Floor) -> None:
    """Pressed by another, the button under an invitation makes one of their own; the first is as it was."""
    floor.slash("nina", "link")
    first = floor.asks(lambda state: state.oauth.pending()[-1].user_code)
    with floor.store.read() as tx:
        waiting = tx.devices.due(floor.clock() + 60_000, 10)
    key = floor.click("dave", "link.new", waiting[0].id)
    second = floor.asks(lambda state: state.oauth.pending()[-1].user_code)
    assert first != second
    assert first not in floor.told(key)
    floor.gitlab.act(f"authorize {second}", "bob")
    floor.poll()
    assert floor.account("nina") is None


def test_cve_2018_17451_a_page_elsewhere_is_refused(floor: Floor) -> None:
    """An authorization server that names a page of another origin is not believed."""
    body = {
        "device_code": "d" * 40, "user_code": "EVIL2345", "expires_in": 300, "interval": 5,
        "verification_uri": "https://evil.example/oauth/device",
        "verification_uri_complete": "https://evil.example/oauth/device?user_code=EVIL2345",
    }  # fmt: skip
    with wire.serve(lambda seen: wire.data(body)) as server:
        oauth = OAuth(server.url, "app", now=floor.clock)
        evil = replace(floor.kit, oauth=oauth)
        other = Floor(evil, floor.clock, floor.slack, floor.gitlab, floor.identities, floor.voice, floor.inbox,
                      floor.asides)  # fmt: skip
        key = other.slash("nina", "link")
        oauth.close()
    assert "/oauth/device" not in floor.told(key), "its origin is named, its page is not"
    assert "EVIL2345" not in floor.told(key)
    assert floor.voice.problems
    with floor.store.read() as tx:
        assert tx.devices.due(floor.clock() + 600_000, 10) == []


def _letters(floor: Floor) -> list[dict[str, Any]]:
    """All that is to be said, with where and to whom."""
    import sqlite3
    from contextlib import closing

    with closing(sqlite3.connect(floor.kit.config.store.path)) as sql:
        sql.row_factory = sqlite3.Row
        return [dict(row) for row in sql.execute("SELECT * FROM outbox")]


# CVE-2026-28732, GHSA-4m3v-q747-pc6h: revoked tokens were honoured, and commands taken over --------------------


def test_cve_2026_28732_a_revoked_token_does_nothing_from_then_on(floor: Floor) -> None:
    """Mattermost's plugin used a revoked token until its next renewal. Here the very next call meets the end of it."""
    floor.slash("alice", "shop run hello")
    started = floor.pipelines()
    floor.gitlab.act("revoke alice", "alice")
    for line in ("shop run hello", "shop jobs", "again", "shop lock staging"):
        before = floor.voice.unlinked
        floor.slash("alice", line)
        assert floor.voice.unlinked == before + 1, line
    found = floor.account("alice")
    assert found is not None
    assert found.state == "dead"
    assert floor.pipelines() == started


def test_cve_2026_28732_after_unlink_nothing_is_done_with_the_old_token(floor: Floor) -> None:
    """Parting ends it here at once, and at GitLab as well for tokens of the device grant."""
    floor.slash("nina", "link")
    floor.agree("bob")
    floor.poll()
    floor.slash("nina", "unlink")
    floor.slash("nina", "shop run hello")
    assert floor.voice.unlinked == 1
    assert floor.pipelines() == 0
    assert floor.asks(lambda state: all(one.revoked for one in state.oauth.tokens))


@pytest.mark.parametrize("name", sorted(known_commands()))
def test_ghsa_4m3v_q747_pc6h_no_short_name_takes_a_command_over(scene: Scene, name: str) -> None:
    """A command of another could be taken over by a name. Here no short name may be a verb, in any case of letters."""
    for written in (name, name.upper(), name.title()):
        scene.floor.voice.forget()
        scene.floor.slash("alice", f"project alias {written} acme/infra")
        assert scene.floor.voice.problems, written
    with scene.floor.store.read() as tx:
        assert tx.places.aliases("T0ACME0001") == {}


def test_ghsa_4m3v_q747_pc6h_every_name_is_one_commands() -> None:
    """No two commands share a name, a button or a form: none can take what was meant for another."""
    import commands

    every = [name for one in commands.load() for name in (one.name, *one.aliases)]
    actions = [
        action
        for one in commands.load()
        for action in (*one.buttons, *(f"form {name}" for name in one.forms))
    ]
    assert len(every) == len(set(every))
    assert len(actions) == len(set(actions))
    owners = {action: one.name for one in commands.load() for action in (*one.buttons, *one.forms)}
    assert {action: name for action, name in owners.items() if action.split(".")[0] != name} == {}
