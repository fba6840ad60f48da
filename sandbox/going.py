"""The lines that say who somebody is and where they go."""

from __future__ import annotations

from sandbox import acts
from sandbox.session import NotHeld, Session

NO_DM = "Apps have no direct messages with each other."


def be(session: Session, act: acts.Be) -> str:
    """Be another person in the same place; one's own place with the bot is theirs then."""
    people = session.world.slack.people
    if act.name not in people:
        raise NotHeld(f"Nobody is called {act.name}. There are {', '.join(people)}.")
    own = session.channel == session.dm()
    if own and people[act.name].is_bot:
        raise NotHeld(NO_DM)
    session.person = act.name
    if own:
        go_dm(session, acts.GoDM())
    return ""


def go_channel(session: Session, act: acts.GoChannel) -> str:
    """Go to a channel."""
    session.channel, session.thread = session.channel_id(act.channel), None
    return ""


def go_dm(session: Session, _: acts.GoDM) -> str:
    """Go to the direct messages with the bot."""
    if session.world.slack.people[session.person].is_bot:
        raise NotHeld(NO_DM)
    session.channel, session.thread = session.dm(), None
    return ""


def go_thread(session: Session, act: acts.GoThread) -> str:
    """Open a thread."""
    session.channel, session.thread = session.thread_at(act.number)
    return ""


def leave(session: Session, _: acts.Leave) -> str:
    """Go back to the channel of a thread."""
    session.thread = None
    return ""
