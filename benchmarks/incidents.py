"""Incidents: how long a word takes to the other side, what watching asks of GitLab, and a very long discussion.

The real bot runs between the sandbox's two services, which know all that incidents are made of, on this machine.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, field, replace
from functools import partial
from statistics import median, quantiles
from typing import Any

import requests

import blocks.incident as draw
import blocks.incident_talk as talk
from benchmarks.figures import AT_MOST, CouldNotRun, Figure, ratio, spread
from bot.config import load
from bot.edges.gitlab import GitLab
from bot.edges.gitlab_seen import Seen
from bot.edges.oauth import OAuth
from bot.edges.slack import Slack
from bot.edges.slack_people import People
from bot.edges.store import Store
from bot.incident import FULL, GITLAB, Incident, State
from bot.incident_work import Mirrored
from bot.incidents.watching import watch
from bot.kit import Kit
from bot.model import Person
from bot.vault import Vault
from sandbox.slack.people import Channel
from sandbox.world import KEY_FILE, World

PROJECTS = ("acme/shop", "acme/infra", "acme/lab", "acme/site", "acme/gate")
INCIDENTS = 20
#: Somebody writes every so many seconds: each incident hears a word about every ten.
EVERY_S = 0.5
#: How long is waited for the last words.
PATIENCE_S = 40.0
GLANCE_S = 0.01
#: Messages of the long discussion, and how often each round of it is measured.
LONG, ROUNDS = 10_000, 30


def measure(quick: bool) -> Iterator[Figure]:
    """Both ways at once, as in a bad night; then one discussion that has gone on for long."""
    yield from _both_ways(20 if quick else 60)
    yield from _long(8 if quick else ROUNDS)


# There and back ---------------------------------------------------------------------------------------------


@dataclass(slots=True)
class _Words:
    """Words that were said on one side, and when each was there on the other."""

    is_there: Callable[[Incident, str], bool]
    open: dict[str, tuple[Incident, float]] = field(default_factory=dict)
    took: list[float] = field(default_factory=list)

    def said(self, incident: Incident, word: str) -> None:
        self.open[word] = (incident, time.monotonic())

    def look(self) -> None:
        for word, (incident, since) in list(self.open.items()):
            if self.is_there(incident, word):
                self.took.append(time.monotonic() - since)
                del self.open[word]

    @property
    def p95(self) -> float:
        return quantiles(self.took, n=20)[-1]

    def told(self) -> str:
        return f"{len(self.took)} words, {spread(self.took)} s"


def _both_ways(count: int) -> Iterator[Figure]:
    with World(bot=False) as world:
        incidents = _declared(world, INCIDENTS)
        bare = _bare(world)
        world.start_bot()
        world.wait_until(lambda: False, 3)  # The first look at each incident is no part of it.
        began, before = time.monotonic(), sum(world.gitlab.calls.values())
        inward, outward = _talk(world, incidents, count)
        seconds = time.monotonic() - began
        asked = sum(world.gitlab.calls.values()) - before - count
        world.bot.check()
    if inward.open or outward.open:
        raise CouldNotRun(f"{len(inward.open)} and {len(outward.open)} words never arrived.")
    name = f"{INCIDENTS} incidents in {len(PROJECTS)} projects"
    yield Figure("GitLab to Slack: median", median(inward.took), "s", AT_MOST, 5, f"{name}: {inward.told()}")
    yield Figure("GitLab to Slack: p95", inward.p95, "s", AT_MOST, 12)
    times = ratio(median(outward.took), bare)
    detail = f"{outward.told()}; {times:.0f} times a bare comment, which takes {bare * 1000:.1f} ms"
    yield Figure("Slack to GitLab: median", median(outward.took), "s", AT_MOST, 1.5, detail)
    detail = f"{asked} requests in {seconds:.0f} s, those for the words of Slack too"
    yield Figure("GitLab requests a second", asked / seconds, "", AT_MOST, 5, detail)


def _talk(world: World, incidents: Sequence[Incident], count: int) -> tuple[_Words, _Words]:
    """Somebody says a word on either side in turn; the words that came over, with how long each took."""
    inward, outward = _Words(partial(_in_slack, world)), _Words(partial(_in_gitlab, world))
    end = time.monotonic() + count * EVERY_S + PATIENCE_S
    for number in range(count):
        one, word = incidents[number * 7 % len(incidents)], f"word{number}x"
        if number % 2:
            outward.said(one, word)
            world.call(world.slack.say("alice", one.channel, word))
        else:
            inward.said(one, word)
            world.call(world.gitlab.act("bob", "comment", f"{one.project}#{one.iid} {word}"))
        _wait(inward, outward, time.monotonic() + EVERY_S)
    _wait(inward, outward, end, until_all=True)
    return inward, outward


def _wait(inward: _Words, outward: _Words, end: float, *, until_all: bool = False) -> None:
    while time.monotonic() < end:
        inward.look()
        outward.look()
        if until_all and not (inward.open or outward.open):
            return
        time.sleep(GLANCE_S)


def _in_slack(world: World, one: Incident, word: str) -> bool:
    posts = world.slack.workspace.posts[one.channel]
    return world.ask(lambda: any(word in post.body["text"] for post in posts.values()))


def _in_gitlab(world: World, one: Incident, word: str) -> bool:
    return world.ask(lambda: any(word in note.body for note in _issue(world, one.project, one.iid).notes))


def _issue(world: World, project: str, iid: int) -> Any:
    """An issue as GitLab holds it; looking at it this way is no request."""
    tracker = world.gitlab._state.tracker
    return next(one for one in tracker.issues.values() if (one.project.path, one.iid) == (project, iid))


def _bare(world: World) -> float:
    """Seconds that a comment takes which is simply written, as alice, below an issue that is nobody's incident."""
    iid = world.call(world.gitlab.act("alice", "issue", "Bare")).partition("#")[2].partition(":")[0]
    address = f"{world.gitlab.url}/api/v4/projects/{PROJECTS[0].replace('/', '%2F')}/issues/{iid}/notes"
    token = {"PRIVATE-TOKEN": world.gitlab.tokens["alice"]}
    took = []
    for _ in range(20):
        began = time.monotonic()
        requests.post(address, {"body": "bare"}, headers=token, timeout=10).raise_for_status()
        took.append(time.monotonic() - began)
    return median(took)


def _declared(world: World, count: int) -> list[Incident]:
    """Incidents that burn, each with its issue and its room, in the bot's store."""
    alice = world.slack.people["alice"]
    person, now = Person(world.slack.team, alice.id), round(world.now() * 1000)
    found = []
    for number in range(1, count + 1):
        project = PROJECTS[number % len(PROJECTS)]
        said = world.call(world.gitlab.act("alice", "incident", f"Number {number} project={project}"))
        iid = int(said.partition("#")[2].split()[0])
        channel = Channel(f"C0INC{number:05d}", f"inc-{number}", "channel", [alice.id, world.slack.bot_user])
        world.ask(lambda one=channel: _open(world, one))  # type: ignore[misc]  # bound at once
        issue = world.ask(lambda path=project, at=iid: _issue(world, path, at))  # type: ignore[misc]
        found.append(
            Incident(
                f"i{number}", number, f"key{number}", person.team, f"Number {number}", 2, State.FIXING, project,
                person, "alice", now, policy=FULL, project_id=issue.project.id, iid=iid, issue_id=issue.id,
                url=f"{world.gitlab.url}/{project}/-/issues/{iid}", channel=channel.id, commander=person,
            )
        )  # fmt: skip
    with closing(Store(world.store)) as store, store.write() as tx:
        for one in found:
            tx.incidents.put(one)
    return found


def _open(world: World, channel: Channel) -> None:
    world.slack.workspace.channels[channel.id] = channel
    world.slack.workspace.posts[channel.id] = {}


# A long discussion ------------------------------------------------------------------------------------------


def _long(rounds: int) -> Iterator[Figure]:
    """One round in which a comment is new, in a discussion that has just begun and in one of 10,000 messages."""
    with World(bot=False) as world:
        short, long = _declared(world, 2)
        with closing(Store(world.store)) as store, closing(_gitlab(world)) as gitlab:
            _fill(store, long)
            kit = _kit(world, store, gitlab)
            _round(world, kit, short)
            _round(world, kit, long)
            times = [(_round(world, kit, short), _round(world, kit, long)) for _ in range(rounds)]
    few, many = median(one for one, _ in times), median(one for _, one in times)
    detail = f"{many * 1000:.1f} ms against {few * 1000:.1f} ms, requests to GitLab and all"
    yield Figure(
        f"a new comment among {LONG} messages / the first ones", ratio(many, few), "x", AT_MOST, 1.2, detail
    )


def _round(world: World, kit: Kit, one: Incident) -> float:
    """Seconds of one round that finds a new comment, until its copy is wanted."""
    world.call(world.gitlab.act("bob", "comment", f"{one.project}#{one.iid} Hello"))
    with kit.store.write() as tx:
        tx.watched.moved(one.project, next_look=0)
        for path in PROJECTS:
            if path != one.project:
                tx.watched.moved(path, next_look=2 * kit.now())
        tx.incidents.note(one.id, swept_at=kit.now())
    began = time.monotonic()
    watch.tick(kit, draw, talk)
    took = time.monotonic() - began
    with kit.store.write() as tx:
        for row in tx.mirror.unposted(one.id):
            card = f"inc.{one.id}.m.{row.id}"
            tx.cards.claim(card)
            tx.cards.shown(card, f"{row.at / 1000:.6f}", "shown", 0)
    return took


def _fill(store: Store, one: Incident) -> None:
    """Half of the messages were said in Slack, and half written in GitLab."""
    row = Mirrored("", one.id, "", "talk", one.channel, "", "", one.declared_at, "bob", "Bob Baker")
    for start in range(0, LONG, 1_000):
        with store.write() as tx:
            for number in range(start, start + 1_000):
                born = GITLAB if number % 2 else "slack"
                made = replace(
                    row, id=f"m{number}", born=born, ts=f"17000{number:05d}.000100", note_id=5_000_000 + number,
                    discussion=f"{number:040x}", wanted="Hello", at=one.declared_at - LONG + number,
                )  # fmt: skip
                tx.mirror.put(made)


def _gitlab(world: World) -> GitLab:
    return GitLab(world.gitlab.url, world.gitlab.bot_token, now=lambda: round(world.now() * 1000))


def _now(_name: str, act: Callable[[], object]) -> None:
    act()


def _kit(world: World, store: Store, gitlab: GitLab) -> Kit:
    """A kit that does at once, on this thread, what is to be done apart."""
    config = load(world.config, os.environ)
    slack, now = Slack(config.slack.bot_token, config.slack.api_url), lambda: round(world.now() * 1000)
    ids = iter(range(1, 1_000_000))
    key = (world.directory / KEY_FILE).read_text().strip()
    return Kit(
        config=config, store=store, people=People(slack, now), slack=slack, gitlab=gitlab, seen=Seen(gitlab, now),
        gitlab_as=lambda _: gitlab, oauth=OAuth(config.gitlab.url, config.gitlab.application_id, now=now),
        vault=Vault((key,)), now=now, new_id=lambda: f"id{next(ids):010x}", deliver=lambda: None,
        take_up=lambda: None, apart=_now, redact=str,
    )  # fmt: skip
