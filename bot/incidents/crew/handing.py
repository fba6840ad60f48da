"""Hands over command: one asks, the other accepts, until then nothing changes; or somebody takes it and says why."""

from __future__ import annotations

from contextlib import suppress

from bot.delivery import letters
from bot.edges.store import Tx
from bot.errors import Refused
from bot.incident import SLACK, Incident
from bot.incident_work import Due
from bot.incidents import acting, cards, life
from bot.incidents.acting import Actor
from bot.incidents.crew import briefing, handovers, people
from bot.incidents.crew.brief import Section
from bot.incidents.crew.handover import Handover
from bot.incidents.crew.handovers import ACCEPTED, DECLINED, IGNORED, NOTE_KEPT, OVERTAKEN, Desk
from bot.model import Person
from bot.text import one_line

# Asking -----------------------------------------------------------------------------------------------------


def ask(desk: Desk, who: Actor, incident: Incident, to: str, note: str) -> Handover:
    """
    Ask somebody to take command. Raises Refused unless who asks commands it, or nobody does, and for who cannot.

    The one who is asked hears it in direct messages, and so does everybody in the thread of the card, with the brief.
    """
    kit, by = desk.kit, who.by
    acting.climb(kit, who, incident.project, f"role commander inc {incident.number}")
    about = people.checked(kit, to)
    rooms = handovers.dm(kit, to), handovers.dm(kit, by.person.id)
    questions = briefing.unanswered(kit, incident)
    with kit.store.write() as tx:
        now = tx.incidents.get(incident.id) or incident
        known = handovers.pending(tx, now)
        if known is not None and tx.incident_events.of_source(now.id, _source(who)) is not None:
            return known
        _check(now, who, to, about.name)
        if known is not None:
            handovers.end(tx, desk, now, known, OVERTAKEN, f"{by.name} asked {about.name} instead.")
        sections = briefing.gathered(tx, kit, now, questions)
        one = Handover(
            handovers.next_number(tx, now), to, about.name, by.person.id, by.name, now.led_by,
            one_line(kit.redact(note), NOTE_KEPT), *rooms, tuple((each.title, each.rows) for each in sections),
        )  # fmt: skip
        handovers.keep(tx, kit, now, one)
        if now.private:  # Whoever is asked may see it from now on.
            people.joined(tx, kit, now, Person(now.team, to), about.name)
        said = f"{by.name} asked {about.name} to take command"
        life.record(
            tx, kit, now, "handover", acting.who(by), said, source=_source(who), origin=SLACK, shown=False
        )
        acting.note(tx, kit, by, now, "handover", said)
        handovers.show(tx, desk, now, one, "")
    kit.deliver()
    return one


def _check(incident: Incident, who: Actor, to: str, name: str) -> None:
    if incident.commander is not None and incident.commander.id == to:
        raise Refused(f"{name} commands it already.")
    if incident.led_by and incident.commander != who.person:
        raise Refused(
            f"{incident.commander_name} commands it, and hands it over. If they cannot be reached, take command and say"
            " why: `/incident role commander me <reason>`."
        )


def _source(who: Actor) -> str:
    return f"slack:{who.by.key}:handover"


# Answering --------------------------------------------------------------------------------------------------


def accept(desk: Desk, who: Actor, incident: Incident, number: int) -> Incident:
    """Take command as one was asked to. Raises Refused for somebody else, and if it was answered or overtaken."""
    kit = desk.kit
    acting.climb(kit, who, incident.project, f"role commander inc {incident.number}")
    people.checked(kit, who.person.id)
    with kit.store.write() as tx:
        now = tx.incidents.get(incident.id) or incident
        one = _mine(tx, now, who, number)
        if now.led_by != one.before:
            raise Refused(
                f"{now.commander_name or 'Nobody'} commands it by now, so there is nothing to accept."
            )
        by = "" if one.before == one.by else f" by {one.by_name}"
        after = _command(tx, desk, now, who, f"handed over{by}")
        handovers.end(tx, desk, after, one, ACCEPTED, f"{one.to_name} has taken command.")
        handovers.file(tx, kit, after, one.number, one.sections)
    kit.deliver()
    _bring_in(desk, after, who)
    return after


def decline(desk: Desk, who: Actor, incident: Incident, number: int) -> None:
    """Say no; whoever asked hears of it."""
    kit = desk.kit
    with kit.store.write() as tx:
        one = _mine(tx, incident, who, number)
        said = f"{one.to_name} declined to take command."
        life.record(
            tx, kit, incident, "handover", acting.who(who.by), said.rstrip("."), source=f"slack:{who.by.key}:declined",
            origin=SLACK, shown=False,
        )  # fmt: skip
        handovers.end(tx, desk, incident, one, DECLINED, said)
        acting.note(tx, kit, who.by, incident, "handover declined", said)
    kit.deliver()


def _mine(tx: Tx, incident: Incident, who: Actor, number: int) -> Handover:
    """Return the handover that this person answers, which nobody else can answer any more."""
    one = handovers.pending(tx, incident)
    if one is None or one.number != number:
        holder = incident.commander_name or "Nobody"
        raise Refused(f"That is over: it was answered, or nobody answered in time. {holder} commands it now.")
    if one.to != who.person.id:
        raise Refused(f"{one.to_name} was asked, not you.")
    return one


# Taking -----------------------------------------------------------------------------------------------------


def take(
    desk: Desk, who: Actor, incident: Incident, reason: str, *, instead_of: str | None = None
) -> Incident:
    """
    Take command: of an incident that nobody commands, or with a reason from a commander who cannot be reached.

    `instead_of` is the Slack id of who commanded when that was asked for, if it was seen. Raises Refused if somebody
    else commands by now, or without a reason.
    """
    kit, by = desk.kit, who.by
    acting.climb(kit, who, incident.project, f"role commander inc {incident.number}")
    about = people.checked(kit, who.person.id)
    questions = briefing.unanswered(kit, incident)
    with kit.store.write() as tx:
        now = tx.incidents.get(incident.id) or incident
        before = now.commander
        if tx.incident_events.of_source(now.id, f"slack:{by.key}:commander") is not None:
            return now
        _check_taking(now, who, incident.led_by if instead_of is None else instead_of, reason)
        had = any(one.role == people.COMMANDER for one in tx.holders.of(now.id))
        one = handovers.pending(tx, now)
        after = _command(tx, desk, now, who, reason)
        if one is not None:
            why = f": {one_line(kit.redact(reason), NOTE_KEPT)}" if reason else "."
            handovers.end(tx, desk, after, one, OVERTAKEN, f"{about.name} has taken command{why}")
            handovers.file(tx, kit, after, one.number, one.sections)
        elif had:
            _post(tx, desk, after, briefing.gathered(tx, kit, after, questions))
    kit.deliver()
    _bring_in(desk, after, who)
    if before is not None and (one is None or one.by != before.id):
        tell_before(
            desk, after, before, f"{about.name} has taken command of {after.reference} from you: {reason}"
        )
    return after


def _check_taking(now: Incident, who: Actor, instead_of: str, reason: str) -> None:
    if now.commander is not None and now.commander == who.person:
        raise Refused("You command it already.")
    if now.led_by != instead_of:
        raise Refused(f"{now.commander_name or 'Nobody'} commands it by now: somebody was faster than you.")
    if now.led_by and not reason.strip():
        raise Refused(
            f"{now.commander_name} commands it. If they cannot be reached, say why you take over:"
            " `/incident role commander me <reason>`."
        )


def _command(tx: Tx, desk: Desk, incident: Incident, who: Actor, reason: str) -> Incident:
    """Make somebody commander, in the transaction in which it was decided that they may."""
    tx.dues.off(incident.id, handovers.DUE)
    value = f"{who.person.team}/{who.person.id}/{who.by.name}"
    change = acting.change(desk.kit, who.by, people.COMMANDER, value, reason=reason)
    after = life.apply(tx, desk.kit, desk.draw, incident, change)
    people.reconcile(tx, desk.kit, after)
    return after


def _bring_in(desk: Desk, incident: Incident, who: Actor) -> None:
    """Let a commander into the room, who may have been asked or have taken it elsewhere; they command it anyway."""
    with suppress(Refused):
        people.bring_in(desk.kit, incident, who.person.id)


def _post(tx: Tx, desk: Desk, incident: Incident, sections: list[Section]) -> None:
    """Show a brief that no request has shown."""
    number = handovers.next_number(tx, incident)
    tx.incident_facts.put(incident.id, handovers.COUNT, str(number))
    if incident.channel:
        message, card = desk.showing.brief(incident, sections), cards.card_id(tx, incident)
        letters.under(tx, f"inc.{incident.id}.brief.{number}", card, incident.room, message, desk.kit.now())
    handovers.file(tx, desk.kit, incident, number, sections)


def tell_before(desk: Desk, incident: Incident, before: Person, said: str) -> None:
    """Tell whoever commanded, in a direct message, that they do no more."""
    room = handovers.dm(desk.kit, before.id)
    if room:
        with desk.kit.store.write() as tx:
            handovers.tell(tx, desk, incident, f"taken.{incident.version}", room, said)
        desk.kit.deliver()


# What everybody sees of it ----------------------------------------------------------------------------------


def expire(desk: Desk, due: Due, incident: Incident) -> None:
    """Nobody has answered: both are told, and nothing changes."""
    with desk.kit.store.write() as tx:
        if tx.dues.claim(due):
            one = handovers.read(due)
            said = f"{one.to_name} has not answered in five minutes. {_still(incident)}"
            handovers.end(tx, desk, incident, one, IGNORED, said)


def _still(incident: Incident) -> str:
    name = incident.commander_name
    return f"{name} still commands it." if name else "Nobody commands it."
