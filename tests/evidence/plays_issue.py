"""What is written down before the cells about issues are played, and what plays them; and the plays of all rows."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

from bot.issues import sheets
from bot.issues.sheets import Sheet
from bot.model import Place
from bot.tracker import IssueCard, Subject
from tests.evidence.floor import SHOP, SHOP_ID
from tests.evidence.scenes import PLAYS, Play, Scene, pressed, sent

#: A message in Slack as the form of a shortcut keeps it.
MESSAGE: Mapping[str, Any] = {
    "channel": "C0OPS00001", "ts": "1763650000.000100", "thread_ts": None, "user": "U0ALICE001", "text": "It burns",
    "blocks": [], "files": [], "bot_id": "", "words": "It burns",
}  # fmt: skip


def issue(scene: Scene, *, closed: bool = False) -> int:
    """A new issue of Alice's; its number. Somebody has said something in every channel, too."""
    opened = scene.floor.gitlab.act(f"issue {scene.fresh()}", "alice")
    number = int(opened.partition("#")[2].partition(":")[0])
    if closed:
        scene.floor.gitlab.act(f"close #{number}", "alice")
    return number


def about(line: str, *, closed: bool = False) -> Play:
    """Somebody types this line about a new issue, whose number stands for N."""

    def play(scene: Scene, name: str, channel: str) -> Callable[[], str]:
        number = issue(scene, closed=closed)
        return lambda: scene.floor.slash(name, f"shop {line.replace('N', str(number))}", channel)

    return play


def adding(scene: Scene, name: str, channel: str) -> Callable[[], str]:
    """Somebody quotes what was said in a channel."""
    number = issue(scene)
    slack = scene.floor.slack
    if not channel.startswith("D"):
        slack.run(slack.slack.say("alice", channel, "It burns"))
    return lambda: scene.floor.slash(name, f"shop issue add #{number} last 1", channel)


def card(scene: Scene, name: str, channel: str, *, closed: bool = False) -> str:
    """The card of a new issue stands in a channel; its id."""
    subject, person = Subject(SHOP_ID, SHOP, issue(scene, closed=closed)), scene.floor.person("alice")
    made = IssueCard(scene.fresh(), person, Place(channel), subject, living=True, at=scene.floor.clock())
    with scene.floor.store.write() as tx:
        tx.issues.put_card(made)
    return made.id


def card_of_closed(scene: Scene, name: str, channel: str) -> str:
    return card(scene, name, channel, closed=True)


def sheet(scene: Scene, name: str, channel: str) -> str:
    """A form that somebody has open, on a message and on an issue."""
    kept = Sheet(SHOP_ID, SHOP, issue(scene), message=MESSAGE)
    return sheets.keep(scene.floor.kit, scene.floor.person(name), kept)


def empty(scene: Scene, name: str, channel: str) -> str:
    """A form that somebody has open, on nothing but a project."""
    return sheets.keep(scene.floor.kit, scene.floor.person(name), Sheet(SHOP_ID, SHOP))


def picked(scene: Scene, name: str, channel: str) -> Callable[[], str]:
    """Somebody picks another project in an open form."""
    about, field = (
        empty(scene, name, channel),
        {"type": "external_select", "selected_option": {"value": SHOP}},
    )
    view = {
        "id": scene.fresh(), "type": "modal", "callback_id": "issue.create", "private_metadata": f"{about} {channel} ",
        "state": {"values": {"issue.project": {"pick.project": field}}},
    }  # fmt: skip
    actions = [{"action_id": "pick.project", "block_id": "issue.project", **field}]
    container = {"type": "view", "view_id": view["id"]}
    return lambda: scene.floor.click(
        name, "pick.project", "", channel, view=view, actions=actions, container=container
    )


ISSUE: Mapping[str, Play] = MappingProxyType(
    {
        "issue create": about("issue create It burns"),
        "issue add": adding,
        "issue open": about("issue open #N"),
        "issue show": about("issue show #N"),
        "issue search": about("issue search burns"),
        "issue close": about("issue close #N"),
        "issue reopen": about("issue reopen #N", closed=True),
        "issue comment": about("issue comment #N It burns"),
        "issue move": about("issue move #N to acme/infra"),
        "issue assign": about("issue assign #N alice"),
        "issue label": about("issue label #N +bug"),
        "[issue.show]": pressed("issue.show", card),
        "[issue.close]": pressed("issue.close", card),
        "[issue.reopen]": pressed("issue.reopen", card_of_closed),
        "[issue.assign]": pressed("issue.assign", card),
        "[issue.comment]": pressed("issue.comment", card),
        "[issue.label]": pressed("issue.label", card),
        "[issue.create]": pressed("issue.create", empty),
        "[issue.add]": pressed("issue.add", sheet),
        "[issue.project]": picked,
        "{issue.create}": sent("issue.create", empty, title="It burns", **{"issue.project": SHOP}),
        "{issue.add}": sent("issue.add", sheet, text="Look"),
        "{issue.comment}": sent("issue.comment", sheet, text="It burns"),
        "{issue.label}": sent("issue.label", sheet, labels="bug"),
    }
)
#: The plays of all rows.
ALL: Mapping[str, Play] = MappingProxyType({**PLAYS, **ISSUE})
