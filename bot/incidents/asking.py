"""What somebody asks for an incident in Slack: they climb the ladder before it, and it becomes true or is refused."""

from __future__ import annotations

from collections.abc import Callable

from bot.edges.store import Tx
from bot.errors import NotUnderstood, Refused
from bot.incident import CURATED, FULL, FULL_INTERNAL, SLACK, Incident
from bot.incidents import acting, cards, life, states
from bot.incidents.acting import Actor
from bot.incidents.drawing import Drawing
from bot.incidents.life import PROPOSAL
from bot.incidents.outward.writers import PLANNER
from bot.incidents.rules import OFF
from bot.incidents.which import Found
from bot.issues import texts
from bot.issues.people import MENTION, Names
from bot.kit import Kit
from bot.text import one_line

#: How policies may be typed.
_POLICIES = {CURATED: CURATED, FULL_INTERNAL: FULL_INTERNAL, "internal": FULL_INTERNAL, FULL: FULL}
#: What is typed for what is changed, where that has another name; rules about arguments are asked about it.
TYPED = {"state": "status", "closed": "close"}
PUBLIC = "public"
#: Keeps GitLab from reading a title; here it is in nobody's way.
JOINER = "\u2060"
SHOWN = 60


def make(
    kit: Kit, draw: Drawing, who: Actor, one: Found, what: str, value: str, *, reason: str = ""
) -> Incident:
    """Make something true of an incident, and return it. Raises as the ladder does, and Refused."""
    typed = f"{TYPED.get(what, what)} {value} inc {one.incident.number}".replace("  ", " ")
    acting.climb(kit, who, one.incident.project, typed)
    if (what, value) == ("private", OFF) and one.incident.private:
        _check_may_show(who, one.incident, "a confidential issue")
    change = acting.change(kit, who.by, what, value, reason=reason, version=one.version)
    return within(kit, draw, one, lambda tx: life.apply(tx, kit, draw, one.incident, change))


def _check_may_show(who: Actor, incident: Incident, what: str) -> None:
    """Raise Refused for somebody whom GitLab would not let show to everybody what only some see."""
    gitlab = who.gitlab
    project_id = incident.project_id or gitlab.project(incident.project).id
    if gitlab.role(project_id, who.by.gitlab_id) < PLANNER:
        raise Refused(
            f"In {incident.project} you have no right to show {what} to everybody. Ask somebody there who is at least a"
            " Planner."
        )


def within(kit: Kit, draw: Drawing, one: Found, act: Callable[[Tx], Incident]) -> Incident:
    """Do something with an incident in one transaction; who is refused sees on the card how it is by now."""
    try:
        with kit.store.write() as tx:
            after = act(tx)
    except Refused:
        with kit.store.write() as tx:
            cards.redraw(tx, kit, draw, tx.incidents.get(one.incident.id) or one.incident)
        raise
    finally:
        kit.deliver()
    return after


def keep_open(kit: Kit, draw: Drawing, who: Actor, one: Found) -> Incident:
    """Have an issue opened again that a bot closed while its incident burns. Raises Refused if that is decided."""
    incident = one.incident
    acting.climb(kit, who, incident.project, f"reopen inc {incident.number}")
    said = f"{who.by.name} had the issue opened again"

    def act(tx: Tx) -> Incident:
        if not tx.incident_facts.drop(incident.id, PROPOSAL):
            raise Refused("Somebody has answered that already: the card shows how it is.")
        source = f"slack:{who.by.key}:keep_open"
        life.record(
            tx, kit, incident, "proposal", acting.who(who.by), said, source=source, origin=SLACK, shown=False
        )
        life.want(tx, kit, incident, "state", person=who.person)
        acting.note(tx, kit, who.by, incident, "reopened", said)
        cards.say(tx, kit, draw, incident, source, draw.line(said))
        return incident

    return within(kit, draw, one, act)


def is_proposed(kit: Kit, incident: Incident) -> bool:
    """Tell whether people are asked if an issue that a bot has closed shall stay closed."""
    with kit.store.read() as tx:
        return tx.incident_facts.get(incident.id, PROPOSAL) is not None


# What is typed ----------------------------------------------------------------------------------------------


def severity(text: str) -> tuple[int, str]:
    """Return the severity somebody typed, and the reason behind it. Raises NotUnderstood for none."""
    word, _, reason = text.strip().partition(" ")
    number = states.graded(word)
    if number is None or not 1 <= number <= states.LEAST_SEVERE:
        raise NotUnderstood(
            f"`{one_line(word, SHOWN).replace('`', chr(39))}` is no severity. It goes from 1, the worst, to 4:"
            " `/incident severity sev2`."
        )
    return number, reason.strip()


def title(kit: Kit, text: str) -> str:
    """Return a typed title in plain text, with the names of those it mentions."""
    return " ".join(texts.title(kit, text)[0].replace(JOINER, "").split())


def plain(kit: Kit, text: str) -> str:
    """Return a typed text in plain text, with the names of those it mentions. Slack is asked, so in no transaction."""
    names = Names(kit)
    return MENTION.sub(lambda found: f"@{names.person(found['id']) or found['id']}", text)


def policy(who: Actor, incident: Incident, text: str, reason: str) -> str:
    """
    Return the policy somebody typed. Raises NotUnderstood for none, Refused for telling everything to everybody.

    Whoever wants all talk of a room in an issue that anybody on the network can read says why (incidents.md 2.3).
    """
    wanted = _POLICIES.get(text.strip().lower())
    if wanted is None:
        raise NotUnderstood(
            f"The policy is {CURATED} (what is marked), {FULL_INTERNAL} (all, as internal notes) or {FULL} (all):"
            f" `/incident policy {CURATED}`."
        )
    if wanted == FULL and not incident.private:
        _check_may_show(who, incident, "what is said here")
    if wanted == FULL and not incident.private and not reason:
        visibility = who.gitlab.project(incident.project_id or incident.project).visibility
        if visibility in {PUBLIC, ""}:
            raise Refused(
                f"{incident.project} is public: with this policy anybody could read all that is said here. If that is"
                ' meant, say why: `/incident policy full --reason "…"`.'
            )
    return wanted
