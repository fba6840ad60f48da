"""Who may use the bot at all: full members of its own workspace, in channels that nobody else reads."""

from __future__ import annotations

from bot.access import accounts, facts
from bot.edges.slack_people import People, SlackPerson
from bot.errors import Refused, SlackBusy, SlackError, SlackUnreachable
from bot.kit import Kit
from bot.model import Person, Place
from bot.policy import Policy

#: What is heard of somebody whom Slack cannot tell of at this moment.
NOT_NOW = "Slack does not tell me just now who you are, so I do nothing. Try again in a minute."
_ASK = "Whoever runs me can change that with `access.let_in`."


def refusal(kit: Kit, person: Person, place: Place) -> str | None:
    """
    Return why somebody may not use the bot here, in plain text; None if they may (reliability.md 4.2).

    While Slack cannot tell who they are, nobody is let in.
    """
    policy = kit.config.policy
    try:
        return _of_person(policy, kit.people.about(person.id)) or _of_channel(kit, policy, place)
    except (SlackBusy, SlackUnreachable):
        return NOT_NOW
    except SlackError as error:
        return f"I cannot make sure who you are, so I do nothing. {error.sentence}"


def _of_person(policy: Policy, who: SlackPerson) -> str | None:
    if who.is_gone:  # Nobody is there to be let in.
        return "That Slack account is deactivated, so I do nothing for it. An admin of the workspace can switch it on."
    if {who.id, who.team} & set(policy.let_in):
        return None
    if who.is_bot:
        return f"I take commands only from people, and you are an app. {_ASK}"
    if who.is_stranger:
        return f"I take commands only from members of my own workspace, and you belong to another. {_ASK}"
    if who.is_guest:
        return f"I take commands only from full members, and you are a guest of this workspace. {_ASK}"
    return None


def _of_channel(kit: Kit, policy: Policy, place: Place) -> str | None:
    if not place.channel:
        return None  # The Home, which is in no channel.
    if kit.people.is_archived(place.channel):
        return "This channel is archived, so I do nothing in it."
    if place.channel in policy.shared_channels or not kit.people.is_shared(place.channel):
        return None
    return (
        "This channel is shared with another company, so I take no commands here. Use one of your own channels;"
        " whoever runs me can allow this one with `access.shared_channels`."
    )


def is_let_in(policy: Policy, who: SlackPerson) -> bool:
    """Tell whether somebody is one of those who may ask for anything at all, as far as that hangs on them."""
    return _of_person(policy, who) is None


def check_admin(kit: Kit, person: Person, command: str) -> None:
    """Raise Refused unless somebody is one of those who administer the bot; a link that is there has to be good."""
    admins = kit.config.policy.admins
    if not facts.is_one_of(kit, person, admins):
        who = (
            f": {', '.join(admins)}. Ask one of them"
            if admins
            else ", and nobody is so far. Ask whoever runs me"
        )
        raise Refused(f"`{command}` is for those named in `access.admins` of my configuration{who}.")
    with kit.store.read() as tx:
        linked = tx.accounts.get(person)
    if linked is not None and accounts.confirmed(kit, person).username != linked.username:
        check_admin(kit, person, command)  # They may have been one by the username they had.


def is_open(policy: Policy, people: People, channel: str) -> bool:
    """
    Tell whether what is said in a channel stays in the house, or may be read by its guests all the same.

    Asked before anything is posted, since a channel may have been shared meanwhile. Raises what Slack raises.
    """
    return channel in policy.shared_channels or not people.is_shared(channel)
