"""What is written down before the cells about forms of jobs are played; and the plays of all rows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from types import MappingProxyType

from bot.command import Form
from bot.jobs import forming, sheet, wishes
from bot.jobs.wishes import Wish
from bot.model import Place
from tests.evidence import plays_incident, plays_issue
from tests.evidence.floor import SHOP
from tests.evidence.scenes import Play, Scene, done, pressed, sent


def open_form(scene: Scene, name: str, channel: str) -> str:
    """The form of `hello` is open before somebody, made as alice would see it: GitLab is asked anew when it is sent."""
    kit, alice, place = scene.floor.kit, scene.floor.person("alice"), Place(channel)
    project = kit.gitlab_as(alice).project(SHOP)
    wish = Wish("made", alice, "alice", place, project, "hello", "main", "", (), "/gitlab ")
    who = Form("made", alice, "alice", place, "", {})
    made = forming.of_wish(kit, who, wish, wishes.look(kit, wish))
    return sheet.keep(kit, scene.floor.person(name), replace(made, id=scene.fresh())).id


RUN: Mapping[str, Play] = {
    "[run.form]": pressed("run.form", done),
    "{run.form}": sent("run.form", open_form, text="hello"),
}
ALL: Mapping[str, Play] = MappingProxyType({**plays_issue.ALL, **RUN, **plays_incident.INCIDENT})
