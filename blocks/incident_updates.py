"""How words on an incident look: an update in its room, what asks for one, the form, and what followers see."""

from __future__ import annotations

from collections.abc import Sequence

from blocks import forms, incident_words, parts
from blocks.incident import FOLLOW, JOIN, REQUEST, UPDATE, severity, state, state_word
from bot.incident import BURNING, Incident, State
from bot.incidents.crew.update import Nudge, Update
from bot.incidents.drawing import Shown
from bot.incidents.values import value
from bot.model import Block, Message, Millis, Option, Place
from bot.text import duration, inert, one_line

NOTHING, UNFOLLOW = "incident.nothing_new", "incident.unfollow"
#: Minutes by which an update is put off, by the button.
SNOOZES = {"incident.snooze": 15, "incident.snooze_more": 30}
#: Ids of the fields.
CHANGED, IMPACT, NEXT, STATE, SEVERITY, MINUTES, AUDIENCE = (
    "changed", "impact", "next", "state", "severity", "minutes", "audience",
)  # fmt: skip
#: What can be ticked, and what stands for the time that severity and state ask for.
FOLLOWERS, ANNOUNCE, PUBLIC, USUAL = "followers", "announce", "public", "usual"
_MINUTES = (10, 15, 30, 60, 120, 240)
TEXT_SHOWN, TITLE_SHOWN, MOST_TYPED = 1_000, 140, 1_000
_MINUTE: Millis = 60_000


def update(incident: Incident, name: str, said: Update, now: Millis) -> Message:
    """Return an update as the room sees it."""
    rows = [inert(said.text)]
    rows += [f"*Impact now:* {inert(said.impact)}"] if said.impact else []
    rows += [f"*Next step:* {inert(said.next_step)}"] if said.next_step else []
    due = (
        f" · next update {parts.moment(incident.next_update, now=now)}"
        if incident.next_update is not None
        else ""
    )
    head = f"Update by {incident_words.name(name)}"
    footer = f"{state(incident.state)} · {severity(incident.severity)}{due}"
    body = (parts.section("\n".join([f"*{head}*", *rows])), parts.context(footer))
    return Message(f"{head}: {inert(one_line(said.text, TEXT_SHOWN))}", body)


# What asks for one ------------------------------------------------------------------------------------------


def nudge(incident: Incident, one: Nudge, now: Millis) -> Message:
    """Return the message that asks for an update: to whom, since when it is due, and what may be pressed."""
    late = now - one.due
    about = f"{incident_words.name(incident.reference)} {inert(one_line(incident.title, TITLE_SHOWN))}"
    since = f"It was due {parts.moment(one.due, now=now)}"
    since += f" and is {duration(late)} overdue." if late >= _MINUTE else "."
    if one.outcome:
        over = f"An update on {about} was due. {inert(one.outcome)}"
        return Message(over, (parts.context(over),))
    whom = [parts.user(one.whom), parts.words(": ")] if one.whom else []
    words = "an update is overdue." if one.stage else "an update is due."
    text = [*whom, parts.words(words if whom else words.capitalize())]
    buttons = _nudge_buttons(incident)
    body = (
        parts.rich_text(parts.paragraph(*text)),
        parts.context(f"{about} · {since}"),
        parts.actions(*buttons),
    )
    fallback = f"An update on {about} is due" + (f", {duration(late)} overdue" if late >= _MINUTE else "")
    return Message(fallback, body)


def _nudge_buttons(incident: Incident) -> list[Block]:
    about = value(incident)
    snoozes = [parts.button(f"+{minutes} m", action, about) for action, minutes in SNOOZES.items()]
    first = parts.button("Post update", UPDATE, about, style="primary")
    return [first, *snoozes, parts.button("Nothing new", NOTHING, about)]


# The form ---------------------------------------------------------------------------------------------------


def form(incident: Incident, place: Place, moves: Sequence[State], *, public: bool) -> Block:
    """Return the form of an update; `moves` are the states it may go to, `public` whether all may read it as a rule."""
    states = [Option(state_word(one), one.value) for one in _states(incident, moves)]
    severities = [Option(severity(number), str(number)) for number in (1, 2, 3, 4)]
    waits = [
        Option("As severity and state ask for", USUAL),
        *(Option(f"{one} min", str(one)) for one in _MINUTES),
    ]
    options, chosen = _audience(incident, public=public)
    body = [
        forms.text(CHANGED, "What has changed?", lines=True, most=MOST_TYPED),
        forms.optional(
            forms.filled(forms.text(IMPACT, "Impact now", lines=True, most=MOST_TYPED), incident.impact)
        ),
        forms.optional(forms.text(NEXT, "Next step", lines=True, most=MOST_TYPED)),
        *([forms.choice(STATE, "State", states, chosen=incident.state)] if len(states) > 1 else []),
        forms.choice(SEVERITY, "Severity", severities, chosen=str(incident.severity)),
        forms.choice(MINUTES, "Next update in", waits, chosen=USUAL),
        forms.boxes(AUDIENCE, "Who else hears it?", options, chosen=chosen),
    ]
    if incident.latest:
        body.insert(1, parts.plain_context(f"Last: {one_line(incident.latest, TEXT_SHOWN)}"))
    return forms.modal(UPDATE, value(incident), place, title="Update", submit="Post", body=body)


def _states(incident: Incident, moves: Sequence[State]) -> list[State]:
    """In which it may burn after the update: where it is, and where it may go."""
    return [one for one in dict.fromkeys((incident.state, *moves)) if one in BURNING]


def _audience(incident: Incident, *, public: bool) -> tuple[list[Option], list[str]]:
    """What may be ticked, and what is."""
    options = [Option("Those who follow", FOLLOWERS)]
    if incident.private:
        return options, [FOLLOWERS]
    options += [Option("Below the announcement", ANNOUNCE)] if incident.announced_in else []
    options.append(Option("Everybody who can read the issue, not only members", PUBLIC))
    chosen = [FOLLOWERS, *([ANNOUNCE] if incident.announced_in else []), *([PUBLIC] if public else [])]
    return options, chosen


def offer(incident: Incident) -> Message:
    """Return the button that opens the form, where none could be opened."""
    text = "What has changed?"
    return Message(
        text, (parts.section(text), parts.actions(parts.button("Post update", UPDATE, value(incident))))
    )


# Followers --------------------------------------------------------------------------------------------------


def followed(shown: Shown, now: Millis) -> Message:
    """Return the living message of somebody who follows."""
    incident = shown.incident
    head = one_line(f"{severity(incident.severity)} · {incident.title}", parts.HEADER_LIMIT)
    facts = [
        f"*Status*\n{state(incident.state)}",
        f"*Commander*\n{incident_words.name(incident.commander_name or 'nobody yet')}",
    ]
    if incident.next_update is not None and incident.is_burning:
        facts.append(f"*Next update due*\n{parts.moment(incident.next_update, now=now)}")
    body = [parts.header(head), parts.fields(*facts)]
    if incident.latest:
        when = f" {parts.moment(incident.latest_at, now=now)}" if incident.latest_at else ""
        body.append(parts.section(f"*Latest word*{when}: {inert(one_line(incident.latest, TEXT_SHOWN))}"))
    body.append(parts.actions(*_follow_buttons(incident)))
    return Message(
        f"You follow {incident_words.name(incident.reference)}: {inert(one_line(incident.latest, TITLE_SHOWN))}",
        tuple(body),
    )


def _follow_buttons(incident: Incident) -> list[Block]:
    about = value(incident)
    join = [parts.button("Join", JOIN, about)] if incident.channel and incident.is_open else []
    ask = [parts.button("Request update", REQUEST, about)] if incident.is_burning else []
    return [*join, *ask, parts.button("Stop following", UNFOLLOW, about)]


def unfollowed(incident: Incident) -> Message:
    """Return what is left of the message of somebody who follows no more."""
    text = f"You do not follow {incident_words.name(incident.reference)} any more."
    return Message(
        text, (parts.context(text), parts.actions(parts.button("Follow", FOLLOW, value(incident))))
    )
