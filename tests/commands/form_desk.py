"""Forms of jobs in a Slack that opens them: what is drawn, what is picked in them, what is sent in."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any

from blocks.run_form import FORM
from bot.command import Click, Form, Letters, Shortcut
from bot.edges.slack import Slack
from bot.model import Message, Place
from commands import run
from sandbox.slack.fields import Field, every_field, held, value_of
from tests.jobs.stage import OPS, PEOPLE, VERBS, Shop
from tests.sandbox.slack_stage import Stage as Office


@dataclass(slots=True)
class Desk:
    """A shop whose Slack is the sandbox's, and the form that is open before alice."""

    shop: Shop
    office: Office

    def trigger(self) -> str:
        """What opens one form."""
        slack = self.office.slack

        async def made() -> str:
            return slack.views.trigger(PEOPLE["alice"].id, slack.workspace.clock())

        return self.office.run(made())

    def type(self, text: str, **how: Any) -> Message | None:
        """Type a slash command."""
        request = replace(self.shop.request(text, **how), trigger=self.trigger())
        return VERBS[request.verb].run(request, self.shop.kit)

    def press(self, value: str, **how: Any) -> Message | None:
        """Press a button that opens a form."""
        key = f"press-{next(self.shop.numbers)}"
        click = Click(key, PEOPLE["alice"], "alice", Place(OPS), value, trigger=self.trigger(), **how)
        return run.press_form(click, self.shop.kit)

    def shortcut(self) -> Message | None:
        used = Shortcut("used", PEOPLE["alice"], "alice", Place("D0ALICEBOT"), self.trigger())
        return run.use_shortcut(used, self.shop.kit)

    # The form ---------------------------------------------------------------------------------------------

    @property
    def view(self) -> Mapping[str, Any]:
        """The form that was opened last."""
        stack = self.office.slack.views.stacks[PEOPLE["alice"].id]
        return stack[-1]

    @property
    def sheet(self) -> str:
        return str(self.view["private_metadata"]).split(" ")[0]

    def fields(self) -> dict[str, Field]:
        """Its fields by their labels."""
        return {one.labels[0]: one for one in every_field(list(self.view["blocks"]))}

    def texts(self) -> str:
        """All that a reader sees of it."""
        return str(self.view["blocks"])

    def values(self, **changes: str) -> dict[str, str]:
        """What is in it by the ids of its blocks, with changes by label (`_` for a blank)."""
        found = {}
        for label, field in self.fields().items():
            state = value_of(held(field.element))
            many = [one["value"] for one in state] if isinstance(state, list) else None
            one = state["value"] if isinstance(state, dict) else state or ""
            found[field.block] = changes.pop(
                label.replace(" ", "_"), "\n".join(many) if many is not None else one
            )
        assert not changes, f"no such fields: {changes}"
        return found

    def pick(self, label: str, value: str, **others: str) -> None:
        """Pick something that other fields hang on."""
        values = self.values(**{label: value, **others})
        block = self.fields()[label.replace("_", " ")].block
        key = f"pick-{next(self.shop.numbers)}"
        click = Click(key, PEOPLE["alice"], "alice", Place(OPS), value, block=block, view=str(self.view["id"]),
                      about=self.sheet, values=values)  # fmt: skip
        run.press_form(click, self.shop.kit)

    def form(self, **changes: str) -> Form:
        """What is sent in."""
        key = f"view:{next(self.shop.numbers)}"
        return Form(key, PEOPLE["alice"], "alice", Place(OPS), self.sheet, self.values(**changes))

    def mistakes(self, **changes: str) -> dict[str, str]:
        """What is said beside the fields, by their labels."""
        found = run.check_form(self.form(**changes), self.shop.kit)
        labels = {field.block: label for label, field in self.fields().items()}
        return {labels[block]: said for block, said in found.items()}

    def send(self, **changes: str) -> Message | None:
        """Send it in; nothing may be wrong with it."""
        assert self.mistakes(**changes) == {}
        return run.send_form(self.form(**changes), self.shop.kit)

    def offered(self, label: str, letters: str, name: str = "alice") -> list[str]:
        """What a select offers for some letters."""
        typed = Letters(PEOPLE[name], Place(OPS), letters, self.sheet, self.fields()[label].block)
        return [one.value for one in run.COMMAND.options[FORM](typed, self.shop.kit)]


@contextmanager
def desk_at(shop: Shop) -> Iterator[Desk]:
    """A desk for this shop."""
    with Office() as office:
        slack = Slack(office.slack.bot_token, office.slack.api_url)
        yield Desk(Shop(replace(shop.kit, slack=slack), shop.clock, shop.numbers, gitlab=shop.gitlab), office)
