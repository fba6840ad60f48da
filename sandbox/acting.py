"""The lines that act: what a person does in Slack and GitLab, and what happens to the bot."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from sandbox import acts, filling, going, holding, looking, picking, picture
from sandbox.process import ROOT
from sandbox.session import NotHeld, Session
from sandbox.slack import postacts

Doing = Callable[[Session, Any], str]
"""Does what the act asks and answers a remark for the transcript, or nothing to say."""


def perform(session: Session, act: acts.Act) -> str:
    """Do what a line asks. Raises NotHeld if it cannot be done or does not hold, BotDied if the bot ended."""
    try:
        return DOING[type(act)](session, act)
    except ValueError as error:  # the servers' own sentence for what they cannot do
        raise NotHeld(str(error)) from error


# Slack ------------------------------------------------------------------------------------------------------


def slash(session: Session, act: acts.Slash) -> str:
    _needs_a_box(session)
    if session.thread is not None:
        raise NotHeld(
            "Slack allows no slash commands in threads. Mention the bot instead: `@Signalbox run …`."
        )
    slack = session.world.slack
    return picking.told(
        session.world.call(slack.slash(session.person, session.channel, act.command, act.text))
    )


def _needs_a_box(session: Session) -> None:
    """Raises NotHeld where Slack has no box to type into."""
    if session.at_home:
        raise NotHeld("The Home has no box to type into: go to a channel with `:in #CHANNEL`, or `:leave`.")


def say(session: Session, act: acts.Say) -> str:
    _needs_a_box(session)
    slack = session.world.slack
    session.world.call(slack.say(session.person, session.channel, act.text, session.thread))
    return ""


def react(session: Session, act: acts.React) -> str:
    what = f'"{act.on}" in it' if act.on else "text to react to"
    shown = session.message(
        act.number, lambda one: not one.seen.ephemeral and act.on in str(one.seen.message.get("text")), what
    )
    slack = session.world.slack
    do = slack.unreact if act.removes else slack.react
    session.world.call(do(session.person, shown.channel, shown.seen.ts, act.emoji))
    return ""


def _own(session: Session, number: int | None) -> tuple[str, str]:
    """Message N, or without N the newest here that this person has written."""
    if number is not None:
        return session.numbers.place(number)
    me = session.world.slack.workspace.person(session.person).id
    newest = session.message(None, lambda one: one.seen.message.get("user") == me, "words of yours")
    return newest.channel, newest.seen.ts


def edit(session: Session, act: acts.Edit) -> str:
    channel, ts = _own(session, act.number)
    session.world.call(session.world.slack.edit(session.person, channel, ts, act.text))
    return ""


def delete(session: Session, act: acts.Delete) -> str:
    channel, ts = _own(session, act.number)
    session.world.call(session.world.slack.delete(session.person, channel, ts))
    return "The message is deleted." if act.number is None else f"Message {act.number} is deleted."


def broadcast(session: Session, act: acts.Broadcast) -> str:
    _needs_a_box(session)
    if session.thread is None:
        raise NotHeld("Only a reply can be sent to the channel too: go to a thread with `:thread`.")
    slack = session.world.slack
    session.world.call(slack.broadcast(session.person, session.channel, act.text, session.thread))
    return ""


def upload(session: Session, act: acts.Upload) -> str:
    """A path is meant from here, else from the root of the repository."""
    _needs_a_box(session)
    path = Path(act.path).expanduser()
    found = next((each for each in (path, ROOT / path) if each.is_file()), None)
    if found is None:
        raise NotHeld(f"There is no file {path}.")
    slack = session.world.slack
    session.world.call(slack.upload(session.person, session.channel, found, session.thread, act.text))
    return ""


# GitLab, and the world around the bot -----------------------------------------------------------------------


def in_gitlab(session: Session, act: acts.InGitLab) -> str:
    return session.world.call(session.world.gitlab.act(session.person, act.what, act.rest))


def in_slack(session: Session, act: acts.InSlack) -> str:
    """A line about a message means message N, or the newest that says so; others may mean the channel one is in."""
    slack = session.world.slack
    if act.what in postacts.LINES:
        channel, ts = _named(session, act)
        return session.world.call(slack.acts.on_post(session.person, act.what, channel, ts))
    name = session.world.names().get(session.channel, "")
    said = session.world.call(slack.acts.act(session.person, act.what, act.rest, session.channel))
    if session.channel not in slack.workspace.channels:
        session.channel, session.thread = slack.channels.get(name, slack.channels["ops"]).id, None
    return said


def _named(session: Session, act: acts.InSlack) -> tuple[str, str]:
    """The message that the line names: `3`, or `on WORDS`."""
    word, _, words = act.rest.strip().partition(" ")
    if word == "on" and words:
        found = session.message(None, lambda one: words in one.words, f'"{words}" in it')
        return found.channel, found.seen.ts
    if not act.rest.strip().isdecimal():
        raise NotHeld(f"Say which message: `:slack {act.what} 3`, or `:slack {act.what} on WORDS`.")
    return session.numbers.place(int(act.rest))


def break_side(session: Session, act: acts.Break) -> str:
    world = session.world
    side = world.slack if act.side == "slack" else world.gitlab
    world.ask(lambda: side.break_(act.how, seconds=act.seconds, times=act.times, arg=act.arg))
    return ""


def mend(session: Session, _: acts.Mend) -> str:
    session.world.ask(session.world.slack.mend)
    session.world.ask(session.world.gitlab.mend)
    return ""


def move_clock(session: Session, act: acts.MoveClock) -> str:
    session.world.move_clock(act.seconds)
    return ""


def bot(session: Session, act: acts.Bot) -> str:
    world = session.world
    if act.what == "start":
        world.start_bot()
        return "The bot is connected."
    if act.what == "kill":
        world.kill_bot()
        return "The bot is gone."
    code = world.stop_bot()
    if code != 0:
        raise NotHeld(f"The bot left with exit code {code} after SIGTERM.\n{world.bot.tail()}")
    return "The bot has left in order."


def wait(session: Session, act: acts.Wait) -> str:
    deadline = time.monotonic() + act.seconds
    while (left := deadline - time.monotonic()) > 0:
        session.world.bot.check()
        time.sleep(min(left, 0.2))
    return ""


def _looked(look: Callable[[Session, Any], None]) -> Doing:
    def doing(session: Session, act: acts.Act) -> str:
        look(session, act)
        return ""

    return doing


def _nothing(_session: Session, _act: acts.Act) -> str:
    """Lines that only the one who prints the transcript deals with."""
    return ""


DOING: Mapping[type, Doing] = {
    acts.Slash: slash,
    acts.Say: say,
    acts.Broadcast: broadcast,
    acts.Be: going.be,
    acts.GoChannel: going.go_channel,
    acts.GoDM: going.go_dm,
    acts.GoThread: going.go_thread,
    acts.Leave: going.leave,
    acts.Press: picking.press,
    acts.Choose: picking.choose,
    acts.Letters: picking.letters,
    acts.Fill: filling.fill,
    acts.Submit: filling.submit,
    acts.Dismiss: filling.dismiss,
    acts.Shortcut: picking.shortcut,
    acts.React: react,
    acts.Edit: edit,
    acts.Delete: delete,
    acts.Upload: upload,
    acts.OpenHome: going.open_home,
    acts.InGitLab: in_gitlab,
    acts.InSlack: in_slack,
    acts.Break: break_side,
    acts.Mend: mend,
    acts.MoveClock: move_clock,
    acts.Bot: bot,
    acts.Wait: wait,
    acts.Expect: _looked(looking.expect),
    acts.Refuse: _looked(looking.refuse),
    acts.ExpectGitLab: _looked(looking.expect_gitlab),
    acts.ExpectSlack: _looked(holding.expect_slack),
    acts.Count: _looked(looking.count),
    acts.Show: _nothing,
    acts.Picture: picture.take,
    acts.Narrate: _nothing,
    acts.Help: _nothing,
    acts.Quit: _nothing,
}
