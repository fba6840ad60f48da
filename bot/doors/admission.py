"""Who is let in: how much one may ask for, who one has to be, and what the rules say of a command as such."""

from __future__ import annotations

from dataclasses import dataclass, replace

from bot.access import audit, ladder, people
from bot.access.decide import kinds
from bot.command import Command
from bot.deeds import Deed, Halted
from bot.doors.asked import Asked
from bot.doors.brake import Brake
from bot.errors import NotLinked, Refused
from bot.jobs import projects
from bot.kit import Kit

STRANGER = "I take commands only from members of my own workspace. Ask one of them to type it for you."


@dataclass(slots=True)
class Admission:
    """Looks at everything that was asked before a command sees it."""

    kit: Kit
    brake: Brake

    def person(self, one: Asked, command: str) -> None:
        """Raise Refused unless this person may ask for something, here and now; `command` names it in the trail."""
        refusal = self.refusal(one)
        if refusal:
            self._write_down(one, Deed((command,), one.person, one.place.channel), refusal)
            raise Refused(refusal)

    def refusal(self, one: Asked) -> str | None:
        """Return why this person may ask for nothing, here and now; None if they may."""
        policy = self.kit.config.policy
        if one.body.get("stranger") and not {one.person.id, one.person.team} & set(policy.let_in):
            return STRANGER
        return people.refusal(self.kit, one.person, one.place)

    def command(self, one: Asked, command: Command, project: str | None) -> None:
        """
        Raise Halted if the rules take a command away that looks at nothing more than its name and project.

        What changes something climbs the whole ladder by itself, with all it knows by then; here only what is
        refused whatever it would be about.
        """
        deed = Deed(kinds(command.name), one.person, one.place.channel)
        try:
            if command.for_admins:
                people.check_admin(self.kit, one.person, command.name)
            if not command.always:
                self._by_the_rules(one, command, project, deed)
        except Halted as halted:
            step = halted.verdict.stopped
            self._write_down(one, halted.verdict.deed, halted.sentence, step.rule if step else "")
            raise
        except NotLinked:
            raise  # Nobody said no: it takes an account.
        except Refused as refused:
            self._write_down(one, deed, refused.sentence)
            raise

    def _by_the_rules(self, one: Asked, command: Command, project: str | None, deed: Deed) -> None:
        if command.changes:
            refusal = ladder.refused_anyway(self.kit, deed)
            if refusal is not None:
                raise Halted(refusal)
            return
        if project is None:
            path = projects.of_place(self.kit, one.person, one.place)
        else:
            path = projects.path_of(self.kit, one.person.team, project)
        ladder.require(self.kit, replace(deed, commands=(command.name,), project=path or ""))

    def _write_down(self, one: Asked, deed: Deed, why: str, rule: str = "") -> None:
        """Leave a line of a refusal; what the brake skips comes by no door and leaves none."""
        name = str(one.body.get("name") or "")
        with self.kit.store.write() as tx:
            account = tx.accounts.get(one.person)
            line = audit.entry(
                self.kit, deed, "denied", name=name, place=one.place, account=account, rule=rule, detail=why
            )
            audit.note(tx, line)
