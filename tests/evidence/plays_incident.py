"""What plays the cells about incidents."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType

from bot.incident import State
from bot.incidents.drawing import Draft
from bot.incidents.room import sheets
from bot.incidents.values import value
from tests.evidence.floor import SHOP
from tests.evidence.scenes import Play, Scene, nothing, pressed, sent, typed
from tests.evidence.scenes_incident import (
    MINUTE,
    Of,
    being,
    carried,
    commanded,
    declared,
    event,
    follower,
    held,
    other,
    private,
    proposal,
    request,
    suspect,
    task,
    with_,
)

WHY = "It burns once more"
triage, closed = being(state=State.TRIAGE), being(state=State.CLOSED)
#: One that lacks nothing to be closed, one whose next update is due, and one that another has taken the place of.
fixed = being(state=State.RESOLVED, severity=4, fix="Rolled back", cause="A bad query")
late = being(next_update=MINUTE)
merged = being(state=State.MERGED, merged_into="another")


def about(line: str, of: Of = declared) -> Play:
    """Somebody types this line about an incident, whose number stands for N."""

    def play(scene: Scene, name: str, channel: str) -> Callable[[], str]:
        number = of(scene, name, channel).number
        text = line.replace(" N", f" inc-{number}")
        return lambda: scene.floor.slash(name, f"incident {text}", channel)

    return play


def button(action: str, of: Of = declared, picked: str = "") -> Play:
    """Somebody presses a button on its card."""
    return pressed(f"incident.{action}", carried(of, picked))


def form(action: str, of: Of = declared, picked: str = "", /, **fields: str) -> Play:
    """Somebody sends a form about it in."""
    return sent(f"incident.{action}", carried(of, picked), **fields)


def deployed(scene: Scene, name: str, channel: str) -> str:
    """Something was deployed, and is among what changed; what the button carries that takes it back."""
    scene.deployed(name, channel)
    return carried(with_(suspect), "deployment 1")(scene, name, channel)


def declaring(scene: Scene, name: str, channel: str) -> str:
    """The form that declares one is open before somebody."""
    return sheets.keep(scene.floor.kit, scene.floor.person(name), Draft("It burns", 2, project=SHOP))


def doubled(line: str) -> Play:
    """Somebody types this line about two incidents, whose numbers stand for N and M."""

    def play(scene: Scene, name: str, channel: str) -> Callable[[], str]:
        one = declared(scene, name, channel)
        text = line.replace(" N", f" inc-{one.number}").replace(" M", f" inc-{other(scene).number}")
        return lambda: scene.floor.slash(name, f"incident {text}", channel)

    return play


def beside(scene: Scene, name: str, channel: str) -> str:
    """There is another open incident; what a button on the card of the first carries."""
    one = declared(scene, name, channel)
    other(scene)
    return value(one)


def picking(scene: Scene, name: str, channel: str) -> Callable[[], str]:
    """Somebody picks in the form of which incident it is a duplicate."""
    one = declared(scene, name, channel)
    number = f"inc-{other(scene).number}"
    return lambda: scene.floor.form(name, "incident.duplicate", value(one), channel, other=number)


#: By what is typed; each is about an incident that is not private, or of which the one who acts is a part.
TYPED: Mapping[str, Play] = {
    "incident": typed("incident", declared),
    "incident declare": typed(f"incident declare sev2 It burns --project {SHOP}"),
    "incident list": typed("incident list all", declared),
    "incident metrics": typed("incident metrics", declared),
    "incident show": about("show N"),
    "incident export": about("export N"),
    "incident status": about("status N"),
    "incident status monitoring": about("status N monitoring"),
    "incident severity": about("severity N sev1"),
    "incident policy": about("policy N full-internal"),
    "incident title": about("title N Basket fails"),
    "incident summary": about("summary N It is slow"),
    "incident impact": about("impact N Half of all orders fail"),
    "incident cause": about("cause N A bad query"),
    "incident fix": about("fix N Rolled back"),
    "incident private on": about("private N on"),
    "incident private off": about("private N off", private),
    "incident resolve": about("resolve N"),
    "incident reopen": about(f"reopen N {WHY}", closed),
    "incident close": about("close N", fixed),
    "incident cancel": about("cancel N False alarm"),
    "incident decline": about("decline N No incident", triage),
    "incident duplicate": doubled("duplicate N of M"),
    "incident dup": doubled("dup N of M"),
    "incident doctor": about("doctor N"),
    "incident changes": about("changes N"),
    "incident review": about("review N"),
    "incident role": about("role N"),
    "incident role comms": about("role N comms me"),
    "incident role commander": about("role N commander me"),
    "incident role (another's)": about(f"role N commander me {WHY}", commanded("rita")),
    "incident join": about("join N"),
    "incident leave": about("leave N", held),
    "incident task": about("task N Restart the workers"),
    "incident task done": about("task N done 1", with_(task)),
    "incident tasks": about("tasks N"),
    "incident followup": about("followup N Test the failover"),
    "incident timeline": about("timeline N"),
    "incident timeline add": about("timeline N It burns"),
    "incident update": about("update N We roll back"),
    "incident follow": about("follow N"),
    "incident unfollow": about("unfollow N", with_(follower)),
}
PRESSED: Mapping[str, Play] = {
    "[incident.declare]": pressed("incident.declare", nothing),
    "[incident.declare_from]": pressed("incident.declare_from", Scene.failed),
    "[incident.edit]": button("edit"),
    "[incident.join]": button("join"),
    "[incident.update]": button("update"),
    "[incident.state]": button("state", declared, "monitoring"),
    "[incident.take]": button("take"),
    "[incident.hand_over]": button("hand_over", commanded()),
    "[incident.more]": button("more", declared, "follow"),
    "[incident.resolve]": button("resolve"),
    "[incident.reopen]": button("reopen", closed),
    "[incident.keep_closed]": button(
        "keep_closed", with_(proposal, severity=4, fix="Rolled back", cause="A bad query")
    ),
    "[incident.reason]": button("reason", declared, "canceled"),
    "[incident.severity]": button("severity"),
    "[incident.private]": button("private"),
    "[incident.duplicate]": pressed("incident.duplicate", beside),
    "[incident.archive]": button("archive", merged),
    "[incident.accept] (own)": button("accept", with_(request()), "1"),
    "[incident.accept] (another's)": button("accept", with_(request("dave")), "1"),
    "[incident.decline] (own)": button("decline", with_(request()), "1"),
    "[incident.decline] (another's)": button("decline", with_(request("dave")), "1"),
    "[incident.suspect]": button("suspect", with_(suspect), "deployment 1"),
    "[incident.rule_out]": button("rule_out", with_(suspect), "deployment 1"),
    "[incident.back]": pressed("incident.back", deployed),
    "[incident.review]": button("review", fixed),
    "[incident.review_refresh]": button("review_refresh"),
    "[incident.review_publish]": button("review_publish", fixed),
    "[incident.task]": button("task"),
    "[incident.task_done]": button("task_done", with_(task), "1"),
    "[incident.task_take]": button("task_take", with_(task), "1"),
    "[incident.task_drop]": button("task_drop", with_(task), "1"),
    "[incident.timeline]": button("timeline", declared, "n"),
    "[incident.timeline_edit] (own)": button("timeline_edit", with_(event()), "{}e"),
    "[incident.timeline_edit] (another's)": button("timeline_edit", with_(event("rita")), "{}e"),
    "[incident.timeline_undo] (own)": button("timeline_undo", with_(event()), "{}e"),
    "[incident.timeline_undo] (another's)": button("timeline_undo", with_(event("rita")), "{}e"),
    "[incident.snooze]": button("snooze", late),
    "[incident.snooze_more]": button("snooze_more", late),
    "[incident.nothing_new]": button("nothing_new", late),
    "[incident.request_update]": button("request_update"),
    "[incident.follow]": button("follow"),
    "[incident.unfollow]": button("unfollow", with_(follower)),
}
SENT: Mapping[str, Play] = {
    "{incident.declare}": sent("incident.declare", declaring, title="It burns", severity="2"),
    "{incident.declare_from}": sent("incident.declare_from", declaring, title="It burns", severity="2"),
    "{incident.edit}": form("edit", declared, title="Basket fails", severity="1", summary="It is slow"),
    "{incident.resolve}": form("resolve", declared, fix="Rolled back", cause="A bad query"),
    "{incident.reason}": form("reason", declared, "canceled", why="False alarm"),
    "{incident.severity}": form("severity", declared, level="1"),
    "{incident.private}": form("private", declared, "on"),
    "{incident.duplicate}": picking,
    "{incident.hand_over}": form("hand_over", commanded(), to="U0RITA0001"),
    "{incident.override}": form("override", commanded("rita"), "U0RITA0001", reason=WHY),
    "{incident.task_add}": form("task_add", declared, text="Restart the workers"),
    "{incident.timeline}": form("timeline", declared, "n", text="It burns"),
    "{incident.update}": form("update", declared, changed="We roll back"),
}
INCIDENT: Mapping[str, Play] = MappingProxyType({**TYPED, **PRESSED, **SENT})
#: Rows that only tell something.
TELLING = frozenset(
    {"incident", "incident list", "incident metrics", "incident show", "incident export", "incident status"}
    | {"incident changes", "incident role", "incident tasks", "incident timeline", "[incident.back]"}
)
