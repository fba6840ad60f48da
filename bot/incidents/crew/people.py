"""Who takes part in an incident and in which part: one commander at most, who is no app, no guest and not gone."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from bot.edges.slack_people import SlackPerson
from bot.edges.store import Tx
from bot.errors import Refused, SlackError
from bot.incident import BOT, SLACK, Change, Incident, Who
from bot.incident_work import Due, Holder
from bot.incidents import acting, cards, errands, hiding, life, which
from bot.incidents.crew import descriptions
from bot.incidents.drawing import Drawing
from bot.issues.acting import By
from bot.kit import Kit
from bot.model import Millis, Person

COMMANDER, COMMS, OPS, SCRIBE, RESPONDER = "commander", "comms", "ops", "scribe", "responder"
#: Parts that people are given, by the words for them; what each is called in sentences.
ROLES: Mapping[str, str] = {
    "commander": COMMANDER, "ic": COMMANDER, "comms": COMMS, "ops": OPS, "scribe": SCRIBE,
}  # fmt: skip
NAMES: Mapping[str, str] = {
    COMMANDER: "commander", COMMS: "communications lead", OPS: "operations lead", SCRIBE: "scribe",
}  # fmt: skip
#: The block of the description that names them.
BLOCK = "roles"
#: Kinds of what is due: a word on an incident that nobody commands any more, and a look whether its commander is
#: still with the company.
GONE, PRESENCE = "commander", "presence"
GONE_MS: Millis = 120_000
PRESENCE_MS: Millis = 60_000
#: The fact that says whom this part has seen in command last.
SEEN = "people.commander"


# Who may ----------------------------------------------------------------------------------------------------


def checked(kit: Kit, person_id: str) -> SlackPerson:
    """Return somebody who may have a part. Raises Refused for apps, guests and who has left (incidents.md 2.6)."""
    try:
        about = kit.people.about(person_id)
    except SlackError as error:
        raise Refused(f"Slack does not tell me who that is. {error.sentence}") from error
    why = (
        "an app" if about.is_bot
        else "deactivated" if about.is_gone
        else "of another company" if about.is_stranger
        else "a guest" if about.is_guest
        else ""
    )  # fmt: skip
    if why:
        raise Refused(f"{about.name} is {why}, and cannot have a part in an incident. Name somebody else.")
    return about


# Who is there -----------------------------------------------------------------------------------------------


def is_here(tx: Tx, incident: Incident, person: Person) -> bool:
    """Tell whether somebody has any part in it at this moment."""
    return tx.holders.one("incident = ? AND person = ? AND ended_at IS NULL", incident.id, person) is not None


def spoke(tx: Tx, kit: Kit, incident: Incident, person: Person, name: str) -> None:
    """Let somebody who says something in the room take part; nothing if they do already."""
    if not is_here(tx, incident, person):
        _begin(tx, kit, incident, RESPONDER, (person, name), by=name, how="spoke")


def joined(tx: Tx, kit: Kit, incident: Incident, person: Person, name: str) -> bool:
    """Write down that somebody takes part; False if they do already."""
    if is_here(tx, incident, person):
        return False
    _begin(tx, kit, incident, RESPONDER, (person, name), by=name, how="joined")
    return True


def bring_in(kit: Kit, incident: Incident, person_id: str) -> None:
    """Let somebody into the room. Raises Refused where there is none, or where Slack does not."""
    if not incident.channel:
        raise Refused(f"inc {incident.number} has no room yet. Try again in a moment.")
    if incident.thread:
        return
    try:
        left = kit.slack.invite(incident.channel, [person_id])
    except SlackError as error:
        raise Refused(f"I cannot let you into its room. {error.sentence}") from error
    if left:
        raise Refused(f"Slack does not let me bring you in ({left[0][1]}). Ask somebody who is there.")


def left(kit: Kit, draw: Drawing, incident: Incident, person: Person, name: str, source: str) -> None:
    """
    Somebody has left the room, or was removed from it: their parts end, and what they commanded has no commander.

    Of a private incident they are shown nothing more, also what they follow.
    """
    with kit.store.write() as tx:
        now = tx.incidents.get(incident.id) or incident
        tx.incident_facts.put(now.id, which.gone(person), "")
        if now.private:
            errands.write(tx, errands.new(kit, now, hiding.FOLLOWERS, "followers", 0), again=True)
        if now.is_burning and now.commander == person:
            reason = "they left the room"
            lay_down(
                tx, kit, draw, now, Change(COMMANDER, "", Who(name, person), kit.now(), SLACK, source, reason)
            )
        parts = [one for one in tx.holders.present(incident.id) if one.person == person]
        for one in parts:
            if one.role != COMMANDER:
                tx.holders.end(one.id, kit.now())
        if any(one.role != RESPONDER for one in parts):
            reconcile(tx, kit, tx.incidents.get(incident.id) or now)
            cards.redraw(tx, kit, draw, now)
    kit.deliver()


def lay_down(tx: Tx, kit: Kit, draw: Drawing, incident: Incident, change: Change) -> Incident:
    """Leave an incident without a commander, by a change that says who and why."""
    after = life.apply(tx, kit, draw, incident, change)
    reconcile(tx, kit, after)
    return after


# Parts ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Given:
    """A part besides command, and who has it from now on."""

    role: str
    person: Person | None = None
    """None for nobody."""
    name: str = ""


def give(tx: Tx, kit: Kit, draw: Drawing, incident: Incident, by: By, given: Given) -> None:
    """
    Give one of the parts besides command to somebody; whoever had it has it no longer.

    Raises Refused if that is so already.
    """
    source = f"slack:{by.key}:role"
    if tx.incident_events.of_source(incident.id, source) is not None:
        return
    known = tx.holders.now(incident.id, given.role)
    if (known.person if known else None) == given.person:
        raise Refused(f"The {NAMES[given.role]} is {known.name if known else 'nobody'} already.")
    if known is not None:
        tx.holders.end(known.id, kit.now())
    if given.person is not None:
        how = "taken" if given.person == by.person else "given"
        _begin(tx, kit, incident, given.role, (given.person, given.name), by=by.name, how=how)
    said = f"{by.name} {_did(given, by)}"
    life.record(tx, kit, incident, "role", acting.who(by), said, source=source, origin=SLACK, shown=False)
    acting.note(tx, kit, by, incident, "role", said)
    cards.say(tx, kit, draw, incident, source, said)
    reconcile(tx, kit, incident)
    cards.redraw(tx, kit, draw, incident)


def _did(given: Given, by: By) -> str:
    name = NAMES[given.role]
    if given.person is None:
        return f"left it without a {name}"
    return f"became {name}" if given.person == by.person else f"made {given.name} {name}"


def _begin(
    tx: Tx, kit: Kit, incident: Incident, role: str, whom: tuple[Person, str], *, by: str, how: str
) -> None:
    person, name = whom
    tx.incident_facts.drop(incident.id, which.gone(person))
    tx.holders.put(Holder(kit.new_id(), incident.id, role, person, name, kit.now(), by=by, how=how))


# What follows from who commands -----------------------------------------------------------------------------


def reconcile(tx: Tx, kit: Kit, incident: Incident) -> None:
    """
    Bring about what follows from who has which part, however it came to be so.

    The description names them; of who stopped commanding without another, the room is reminded; the commander is
    looked after.
    """
    now = _signature(incident)
    before = tx.incident_facts.get(incident.id, SEEN)
    tx.incident_facts.put(incident.id, SEEN, now)
    descriptions.want(tx, kit, incident, BLOCK, written(incident, tx.holders.present(incident.id)))
    if now:
        tx.dues.off(incident.id, GONE)
        _look_after(tx, kit, incident)
    elif before:
        tx.dues.arm(Due(incident.id, GONE, kit.now() + GONE_MS, about="{}"))


def _look_after(tx: Tx, kit: Kit, incident: Incident) -> None:
    known = tx.dues.of(incident.id, PRESENCE)
    if known is None or known.state != "armed":
        tx.dues.arm(Due(incident.id, PRESENCE, kit.now() + PRESENCE_MS, about="{}"))


def _signature(incident: Incident) -> str:
    return (
        f"{incident.commander.team}/{incident.commander.id}"
        if incident.commander
        else incident.commander_name
    )


def written(incident: Incident, holders: list[Holder]) -> str:
    """Return who has which part, as the Markdown of a block; empty if nobody has any."""
    names = {one.role: one.name for one in holders if one.role in NAMES}
    names |= {COMMANDER: incident.commander_name} if incident.commander_name else {}
    rows = [
        f"- {NAMES[role].capitalize()}: {descriptions.plain(names[role])}" for role in NAMES if role in names
    ]
    return "\n".join(["**Roles**", "", *rows]) if rows else ""


def tick(kit: Kit) -> None:
    """Notice where somebody else commands by now, for instance since they were assigned in GitLab; on every tick."""
    with kit.store.read() as tx:
        burning = tx.incidents.open_ones(burning=True)
        moved = [one for one in burning if (tx.incident_facts.get(one.id, SEEN) or "") != _signature(one)]
    for one in moved:
        with kit.store.write() as tx:
            reconcile(tx, kit, tx.incidents.get(one.id) or one)


def look(kit: Kit, draw: Drawing, due: Due, incident: Incident) -> None:
    """Look whether the commander is still with the company; of one who is not, the room is told."""
    commander = incident.commander
    gone = commander is not None and kit.people.about(commander.id).is_gone
    with kit.store.write() as tx:
        now = tx.incidents.get(incident.id) or incident
        if not tx.dues.claim(due) or not now.is_burning or now.commander is None:
            return
        if gone and now.commander == commander:
            source, why = f"bot:gone:{now.version}", "their Slack account is deactivated"
            change = Change(COMMANDER, "", Who(now.commander_name), kit.now(), BOT, source, why)
            lay_down(tx, kit, draw, now, change)
        else:
            tx.dues.arm(replace(due, due_at=kit.now() + PRESENCE_MS, state="armed"))
