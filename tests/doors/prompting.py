"""What the tests of what Slack waits for share: a feature with a select and a form, behind an intake."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from blocks import voice
from bot.command import Command, Form, Letters, Request
from bot.doors.router import Router
from bot.edges.store import Store
from bot.errors import StillReading
from bot.kit import Kit
from bot.model import Message, Option
from bot.policy import Policy
from tests.doors.accepting import Door
from tests.doors.asking import BOT, Bench, bench
from tests.fixtures.slack_samples import sample

MANY = [Option(f"acme/project-{number}", str(number), hint="a project") for number in range(300)]


class Feature:
    """A command with a select and a form, and what was asked of it."""

    def __init__(self) -> None:
        self.letters: list[Letters] = []
        self.forms: list[Form] = []
        self.wrong: Mapping[str, str] = {}
        self.found: list[Option] = MANY
        self.reading = False

    def find(self, letters: Letters, _: Kit) -> list[Option]:
        self.letters.append(letters)
        if self.reading:
            raise StillReading
        return [one for one in self.found if letters.typed in one.label]

    def check(self, form: Form, _: Kit) -> Mapping[str, str]:
        self.forms.append(form)
        return self.wrong

    def command(self) -> Command:
        def run(_request: Request, _kit: Kit) -> Message | None:
            return None

        return Command(
            "thing", "thing", "Do a thing.", ("thing",), run, options={"pick.thing": self.find},
            checks={"thing.form": self.check}, forms={"thing.form": lambda form, kit: None},
        )  # fmt: skip


@contextmanager
def prompting(store: Store, feature: Feature, policy: Policy | None = None) -> Iterator[tuple[Bench, Door]]:
    """A desk with that feature, behind an intake."""
    with bench(store, policy=policy) as (desk, _):
        desk.router = Router(desk.router.kit, [feature.command()], voice, BOT)
        door = Door(store)
        door.intake.seal = lambda text, owner: desk.router.kit.vault.seal(text, about=owner)
        door.intake.told = desk.router.prompt.told
        door.intake.is_checked = desk.router.prompt.is_checked
        yield desk, door


def typing(typed: str, action: str = "pick.thing", **more: Any) -> dict[str, Any]:
    envelope = sample("interactive/block_suggestion_message")
    envelope["payload"] |= {"action_id": action, "value": typed, **more}
    return envelope


def filled_in(view: str = "V1") -> dict[str, Any]:
    envelope = sample("interactive/view_submission")
    state = {"values": {"title": {"value": {"type": "plain_text_input", "value": "A title"}}}}
    more = {"callback_id": "thing.form", "private_metadata": "sheet1 C0OPS00001 ", "id": view, "state": state}
    envelope["payload"]["view"] |= more
    return envelope


def offered(ack: dict[str, Any] | None) -> list[str]:
    assert ack is not None
    return [one["text"]["text"] for one in ack["payload"]["options"]]
