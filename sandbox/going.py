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
    own = session.channel == session.dm() or session.at_home
    if own and people[act.name].is_bot:
        raise NotHeld(NO_DM)
    session.person = act.name
    if session.at_home:
        return open_home(session, acts.OpenHome())
    if own:
        go_dm(session, acts.GoDM())
    return ""


def go_channel(session: Session, act: acts.GoChannel) -> str:
    """
    Go to a channel, as soon as it is there; whoever is not in a public one joins it by that.

    Raises NotHeld for one that is not there, ValueError for one they cannot join.
    """
    session.soon(lambda: session.finds_named(act.channel))
    channel = session.channel_id(act.channel)
    said = session.world.call(session.world.slack.acts.visit(session.person, channel))
    _enter(session, channel, None)
    return said


def _enter(session: Session, channel: str, thread: str | None) -> None:
    session.channel, session.thread, session.at_home = channel, thread, False


def go_dm(session: Session, _: acts.GoDM) -> str:
    """Go to the direct messages with the bot."""
    if session.world.slack.people[session.person].is_bot:
        raise NotHeld(NO_DM)
    _enter(session, session.dm(), None)
    session.world.call(session.world.slack.home.open(session.person, "messages"))
    return ""


def go_thread(session: Session, act: acts.GoThread) -> str:
    """Open a thread."""
    _enter(session, *session.thread_at(act.number, act.on))
    return ""


def leave(session: Session, _: acts.Leave) -> str:
    """Leave the Home for where one was before, else a thread for its channel."""
    if session.at_home:
        session.at_home = False
    else:
        session.thread = None
    return ""


def open_home(session: Session, _: acts.OpenHome) -> str:
    """Open the App Home, and look at it until one goes elsewhere."""
    session.world.call(session.world.slack.home.open(session.person))
    session.at_home = True
    return ""
