"""What follows when an incident is declared: its room, its card, who is brought there, and who hears of it.

Each is an errand that does nothing if it is done already, so that a crash at any line leaves nothing twice.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from functools import partial

from bot.edges.slack_rooms import NAME_LIMIT
from bot.edges.store import Tx
from bot.errors import BotError, Refused, SlackError
from bot.incident import Incident
from bot.incident_work import Errand
from bot.incidents import cards, errands, hiding
from bot.incidents.cards import ROOT
from bot.incidents.drawing import Drawing
from bot.incidents.errands import Kind, NotYet, Result
from bot.incidents.inward import copies
from bot.incidents.room import heading, inviting, issuing, telling
from bot.kit import Kit
from bot.model import Millis, Place

CHANNEL, THREAD = cards.CHANNEL, "slack.root"
#: Names that are tried when one is taken: with a number behind it from the second on.
MOST_NAMES = 5
#: Slack's clock and ours may differ by this much.
CLOCKS_APART: Millis = 300_000
TAKEN = "name_taken"
#: What Slack says of a bot that may not make channels (conversations.create).
NO_RIGHT = frozenset(
    {"restricted_action", "missing_scope", "no_permission", "user_is_restricted", "user_is_ultra_restricted"}
)
#: Severities that live in a thread where `incidents.threads` is `low`.
LOW = frozenset({3, 4})
_NOT_IN_NAME = re.compile(r"[^a-z0-9]+")


def begin(tx: Tx, kit: Kit, draw: Drawing, incident: Incident, invited: tuple[str, ...] = ()) -> None:
    """Want all that an incident needs, in the transaction that declares it; `invited` are Slack ids."""
    del draw  # The card is drawn as soon as there is a room for it.
    want_channel(tx, kit, incident)
    if invited:
        inviting.choose(tx, incident, invited)
    issuing.want(tx, kit, incident)


def want_channel(tx: Tx, kit: Kit, incident: Incident, *, anew: str = "") -> None:
    """Want a room, also one that was given up before; `anew` is what makes it another one than the room before."""
    errands.write(tx, errands.new(kit, incident, CHANNEL, f"channel{anew}", 0), again=True)


def kinds(draw: Drawing) -> Mapping[str, Kind]:
    """Return how the errands of this module, and of those it sends on, are done."""
    root = partial(_have_root, draw)
    return {
        CHANNEL: Kind(_make, _find, partial(_have_channel, draw), partial(_no_channel, draw)),
        THREAD: Kind(_look_for_root, _look_for_root, root),
        cards.SAY: cards.SAYING,
        hiding.BELOW: hiding.DELETING,
        **heading.kinds(draw), **inviting.kinds(draw), **issuing.kinds(draw),
    }  # fmt: skip


# The name ---------------------------------------------------------------------------------------------------


def name_of(prefix: str, incident: Incident) -> str:
    """Return what its channel is called, such as `inc-7-checkout-answers-with-errors` (incidents.md 2.1)."""
    plain = unicodedata.normalize("NFKD", incident.title).encode("ascii", "ignore").decode().casefold()
    slug = _NOT_IN_NAME.sub("-", plain).strip("-")
    return f"{prefix}-{incident.number}-{slug}"[:NAME_LIMIT].strip("-")


def _names(kit: Kit, incident: Incident) -> list[str]:
    """The names that are tried, one after the other."""
    first = name_of(kit.config.incidents.prefix, incident)
    more = (f"-{number}" for number in range(2, MOST_NAMES + 1))
    return [first, *(f"{first[: NAME_LIMIT - len(end)].strip('-')}{end}" for end in more)]


# The channel ------------------------------------------------------------------------------------------------


def _make(kit: Kit, errand: Errand, incident: Incident) -> Result:
    """Make the channel; where it is to be a thread, or may be nothing else, say below which message."""
    if incident.channel:
        return {}
    if lives_in_thread(kit, incident):
        return {"root": _root(kit, incident)}
    try:
        return _first_free(kit, errand, incident)
    except SlackError as error:
        if error.code not in NO_RIGHT:
            raise
        root = "" if incident.private else _root(kit, incident)
        if not root:
            raise _no_place(error, incident) from error
        return {"root": root}


def lives_in_thread(kit: Kit, incident: Incident) -> bool:
    """Tell whether an incident shall have no channel of its own; a private one always has."""
    settings = kit.config.incidents
    if incident.private or not settings.announce:
        return False
    low = settings.threads == "low" and incident.severity in LOW
    return settings.threads == "always" or low or incident.project in settings.watch_only


def _root(kit: Kit, incident: Incident) -> str:
    """The channel in which the card stands whose thread is the room: of the announcements, or of the declaration."""
    return kit.config.incidents.announce or (incident.origin.channel if incident.origin else "")


def _no_place(error: SlackError, incident: Incident) -> Refused:
    if incident.private:
        return Refused(
            f"{error.sentence} A private incident has no other place. Type `/incident doctor` once I may make channels."
        )
    return Refused(f"{error.sentence} I know no other place for it. Set `incidents.announce`.")


def _first_free(kit: Kit, errand: Errand, incident: Incident) -> Result:
    for name in _names(kit, incident):
        try:
            return {"channel": kit.slack.create_channel(name, private=incident.private), "name": name}
        except SlackError as error:
            if error.code != TAKEN:
                raise
        with errands.before_asking():  # Slack has said no to this name: nothing was made.
            mine = _mine(kit, errand, incident, name)
        if mine is not None:
            return mine
    raise Refused("Every name for its channel is taken. Set another `incidents.prefix`.")


def _mine(kit: Kit, errand: Errand, incident: Incident, name: str) -> Result | None:
    """The channel of that name that this errand has made before without hearing of it; a closed one is another's."""
    room = kit.slack.my_channel(name)
    if room is None or room.is_archived or room.created < errand.at - CLOCKS_APART:
        return None
    if incident.private and not room.is_private:  # It was made before the incident became private.
        return None
    with kit.store.read() as tx:
        is_free = not tx.incidents.in_channel(room.id)
    return {"channel": room.id, "name": name} if is_free else None


def _find(kit: Kit, errand: Errand, incident: Incident) -> Result | None:
    """The first of the names that nobody has tells that no channel was made."""
    if incident.channel:
        return {}
    found = (_mine(kit, errand, incident, name) for name in _names(kit, incident))
    return next((one for one in found if one is not None), None)


def _have_channel(
    draw: Drawing, tx: Tx, kit: Kit, _errand: Errand, incident: Incident, result: Result
) -> None:
    if "channel" in result:
        if not incident.private:  # It may take the place of one that was.
            copies.conceal(tx, incident)
        tx.incidents.note(incident.id, channel=result["channel"], channel_name=result["name"], thread="")
        arrived(tx, kit, draw, incident)
    elif "root" in result and incident.private:  # It became so at this moment.
        want_channel(tx, kit, incident, anew=f".private.{incident.version}")
    elif "root" in result:
        tx.incident_facts.put(incident.id, ROOT, str(result["root"]))
        cards.redraw(tx, kit, draw, incident)
        errands.write(tx, errands.new(kit, incident, THREAD, "root", 0), again=True)


def _no_channel(draw: Drawing, tx: Tx, kit: Kit, errand: Errand, incident: Incident, error: BotError) -> None:
    """Tell whoever declared it; of a room that was to take the place of another one, whoever leads it."""
    tx.incidents.note(incident.id, trouble=kit.redact(error.sentence))
    before = tx.incident_facts.get(incident.id, cards.BEFORE)
    leads = (incident.commander or incident.declarer, Place(before)) if before else None
    telling.refused(tx, kit, draw, incident, f"{errand.id}.refused", error.sentence, whom=leads)


# The thread -------------------------------------------------------------------------------------------------


def _look_for_root(kit: Kit, _errand: Errand, incident: Incident) -> Result:
    """Where the card stands below which people will talk; the courier posts it. Nowhere once it is private."""
    with kit.store.read() as tx:
        if tx.incident_facts.get(incident.id, ROOT) is None:
            return {}
        card = tx.cards.get(cards.card_id(tx, incident))
    if card is None or card.ts is None:
        raise NotYet("Its card is not posted yet.")
    return {"channel": card.place.channel, "ts": card.ts}


def _have_root(draw: Drawing, tx: Tx, kit: Kit, _errand: Errand, incident: Incident, result: Result) -> None:
    if not result or incident.private:
        return
    tx.incidents.note(incident.id, channel=result["channel"], thread=result["ts"])
    arrived(tx, kit, draw, incident)


# Once there is a room ---------------------------------------------------------------------------------------


def arrived(tx: Tx, kit: Kit, draw: Drawing, incident: Incident) -> None:
    """There is a room: listen there, show the card, bring people in, and tell where it was declared."""
    now = tx.incidents.get(incident.id) or incident
    kit.rooms.add(now.channel)
    if not now.private and not now.thread and kit.config.incidents.announce:
        tx.incidents.note(now.id, announced_in=kit.config.incidents.announce)
        now = tx.incidents.get(now.id) or now
    cards.redraw(tx, kit, draw, now)
    heading.want(tx, kit, now)
    inviting.want(tx, kit, now)
    issuing.want_links(tx, kit, now)
    _tell_there(tx, kit, draw, now)
    telling.declared(tx, kit, draw, now)


def _tell_there(tx: Tx, kit: Kit, draw: Drawing, incident: Incident) -> None:
    """One line where it was declared, with the way to its room; a private incident is told of nowhere."""
    origin = incident.origin
    is_told = origin is None or origin.is_dm or origin.channel in {incident.channel, incident.announced_in}
    if origin is not None and not is_told and not incident.private:
        cards.point(tx, kit, draw, incident, origin)
