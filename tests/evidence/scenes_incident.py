"""The incidents that are written down before a cell about one is played, and what takes them away again."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import closing
from typing import Any

import blocks.incident_updates
from bot.edges.store import Tx
from bot.incident import SLACK, Event, Incident, State, Who
from bot.incident_work import Holder, Suspect, Task
from bot.incidents.crew import followers
from bot.incidents.crew.handover import Handover
from bot.incidents.crew.handovers import keep
from bot.incidents.life import PROPOSAL
from bot.incidents.values import value
from sandbox.slack.people import BOT_USER, TEAM, Channel
from tests.evidence.floor import INCIDENTS, SHOP, SHOP_ID, dm
from tests.evidence.scenes import Scene

ROOM, MINUTE = "C0INC00001", 60_000
#: Writes down an incident for somebody in a channel.
Of = Callable[[Scene, str, str], Incident]


def wipe(scene: Scene) -> None:
    """Take away the incidents of the cell before, and all that waits for them."""
    with closing(sqlite3.connect(scene.floor.kit.config.store.path)) as sql, sql:
        for table in (*INCIDENTS, "errands"):
            sql.execute(f"DELETE FROM {table}")


def declared(scene: Scene, name: str, channel: str, **more: Any) -> Incident:
    """Rita has declared an incident; it has an issue in GitLab and a room elsewhere, in which nobody is yet."""
    wipe(scene)
    floor = scene.floor
    _room(scene)
    answer = floor.gitlab.act("incident Checkout fails severity=high", "alice")
    iid = int(answer.partition("#")[2].split()[0].rstrip(":"))
    issue_id = floor.asks(
        lambda state: next(key for key, one in state.tracker.issues.items() if one.iid == iid)
    )
    known: dict[str, Any] = {
        "severity": 2, "state": State.INVESTIGATING, "declarer": floor.person("rita"), "declarer_name": "rita",
        "channel": ROOM, "channel_name": "inc-1-checkout", "next_update": floor.clock() + 30 * MINUTE,
    }  # fmt: skip
    one = scene.fresh()
    made = Incident(
        id=one, number=scene.number, source=one, team=TEAM, title="Checkout fails", project=SHOP, project_id=SHOP_ID,
        iid=iid, issue_id=issue_id, url=f"{floor.gitlab.fake.url}/{SHOP}/-/issues/{iid}", declared_at=floor.clock(),
        **known | more,
    )  # fmt: skip
    with floor.store.write() as tx:
        assert tx.incidents.put(made)
    return made


def _room(scene: Scene) -> None:
    workspace = scene.floor.slack.slack.workspace
    workspace.channels[ROOM] = Channel(ROOM, "inc-1-checkout", "channel", [BOT_USER])
    workspace.posts[ROOM] = {}


def other(scene: Scene) -> Incident:
    """One more that is open."""
    one, floor = scene.fresh(), scene.floor
    made = Incident(
        one, scene.number, one, TEAM, "Basket is slow", 3, State.INVESTIGATING, SHOP, floor.person("rita"), "rita",
        floor.clock(), project_id=SHOP_ID,
    )  # fmt: skip
    with floor.store.write() as tx:
        assert tx.incidents.put(made)
    return made


def with_(write: Callable[[Tx, Scene, str, Incident], object], **more: Any) -> Of:
    """The same, with more that is written down about it."""

    def made(scene: Scene, name: str, channel: str) -> Incident:
        one = declared(scene, name, channel, **more)
        with scene.floor.store.write() as tx:
            write(tx, scene, name, one)
        return one

    return made


def being(**more: Any) -> Of:
    """One of which this is so."""
    return lambda scene, name, channel: declared(scene, name, channel, **more)


def commanded(whose: str = "") -> Of:
    """One that somebody commands; without a name the one who acts."""

    def made(scene: Scene, name: str, channel: str) -> Incident:
        who = whose or name
        return declared(scene, name, channel, commander=scene.floor.person(who), commander_name=who)

    return made


def held(scene: Scene, name: str, channel: str) -> Incident:
    """One in which the one who acts takes part."""
    one = declared(scene, name, channel)
    holder = Holder(f"{one.id}h", one.id, "responder", scene.floor.person(name), name, scene.floor.clock())
    with scene.floor.store.write() as tx:
        assert tx.holders.put(holder)
    return one


def private(scene: Scene, name: str, channel: str) -> Incident:
    """A private one in which the one who acts takes part."""
    one = held(scene, name, channel)
    with scene.floor.store.write() as tx:
        tx.incidents.note(one.id, private=1)
    return one


def hide(scene: Scene, title: str) -> None:
    """Make every incident there is a private one of Rita's, in which nobody else takes part."""
    floor, rita = scene.floor, scene.floor.person("rita")
    with closing(sqlite3.connect(floor.kit.config.store.path)) as sql, sql:
        sql.execute("DELETE FROM incident_holders")
    with floor.store.write() as tx:
        for one in tx.incidents.where("1 = 1"):
            tx.incidents.note(
                one.id, private=1, title=title, declarer=rita, commander=rita, commander_name="rita"
            )


# What belongs to one ----------------------------------------------------------------------------------------


def task(tx: Tx, scene: Scene, name: str, one: Incident) -> None:
    """A task that is nobody's."""
    assert tx.tasks.put(Task(f"{one.id}t", one.id, 1, "Restart the workers"))


def suspect(tx: Tx, scene: Scene, name: str, one: Incident) -> None:
    """A deployment that was shown among what changed."""
    row = Suspect(
        f"{one.id}s", one.id, "deployment", "v1.9", one.url, one.declared_at, "deployment 1", "staging"
    )
    assert tx.suspects.put(row)


def event(whose: str = "") -> Callable[[Tx, Scene, str, Incident], None]:
    """Somebody has put something on the timeline; without a name the one who acts."""

    def write(tx: Tx, scene: Scene, name: str, one: Incident) -> None:
        who = whose or name
        at, by = one.declared_at, Who(who, scene.floor.person(who))
        assert tx.incident_events.put(
            Event(f"{one.id}e", one.id, at, at, "timeline", by, SLACK, "It burns", "test:e")
        )

    return write


def request(to: str = "") -> Callable[[Tx, Scene, str, Incident], None]:
    """Rita asks somebody to take command; without a name the one who acts."""

    def write(tx: Tx, scene: Scene, name: str, one: Incident) -> None:
        who = scene.floor.user(to or name)
        asked = Handover(1, who.id, who.name, scene.floor.user("rita").id, "rita", "", "", dm(who), "", ())
        keep(tx, scene.floor.kit, one, asked)

    return write


def proposal(tx: Tx, _scene: Scene, _name: str, one: Incident) -> None:
    """A bot has closed its issue, and nobody has said yet whether it shall stay closed."""
    tx.incident_facts.put(one.id, PROPOSAL, "project_42_bot")


def follower(tx: Tx, scene: Scene, name: str, one: Incident) -> None:
    """The one who acts follows it."""
    who = (scene.floor.person(name), name, dm(scene.floor.user(name)))
    assert followers.follow(tx, scene.floor.kit, blocks.incident_updates, one, who)


def carried(of: Of, picked: str = "") -> Callable[[Scene, str, str], str]:
    """What a button on its card carries; `{}` in what is picked is its id."""
    return lambda scene, name, channel: _carried(of(scene, name, channel), picked)


def _carried(one: Incident, picked: str) -> str:
    return value(one, picked.format(one.id))
