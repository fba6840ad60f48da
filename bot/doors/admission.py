"""Who is let in: how much one may ask for, who one has to be, and what the rules say of a command as such."""

from __future__ import annotations

from dataclasses import dataclass

from bot.access import ladder, people
from bot.access.decide import kinds
from bot.command import Command
from bot.deeds import Deed, Halted
from bot.doors.asked import Asked
from bot.doors.brake import Brake
from bot.errors import Refused
from bot.jobs import projects
from bot.kit import Kit

STRANGER = "I take commands only from members of my own workspace. Ask one of them to type it for you."


@dataclass(slots=True)
class Admission:
    """Looks at everything that was asked before a command sees it."""

    kit: Kit
    brake: Brake

    def person(self, one: Asked) -> None:
        """Raise Refused unless this person may ask for something, here and now."""
        policy = self.kit.config.policy
        if one.body.get("stranger") and not {one.person.id, one.person.team} & set(policy.let_in):
            raise Refused(STRANGER)
        refusal = people.refusal(self.kit, one.person, one.place)
        if refusal:
            raise Refused(refusal)

    def command(self, one: Asked, command: Command, project: str | None) -> None:
        """
        Raise Halted if the rules take a command away that looks at nothing more than its name and project.

        What changes something climbs the whole ladder by itself, with all it knows by then; here only what is
        refused whatever it would be about.
        """
        if command.for_admins:
            people.check_admin(self.kit, one.person, command.name)
        if command.always:
            return
        if command.changes:
            self._not_at_all(one, command)
            return
        if project is None:
            path = projects.of_place(self.kit, one.person, one.place)
        else:
            path = projects.path_of(self.kit, one.person.team, project)
        ladder.require(self.kit, Deed((command.name,), one.person, one.place.channel, project=path or ""))

    def _not_at_all(self, one: Asked, command: Command) -> None:
        deed = Deed(kinds(command.name), one.person, one.place.channel)
        refusal = ladder.refused_anyway(self.kit, deed)
        if refusal is not None:
            raise Halted(refusal)
