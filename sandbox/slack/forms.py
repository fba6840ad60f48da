"""What a person does with the form that is open before them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sandbox.slack import clicks, fields, views
from sandbox.slack.delivery import OK
from sandbox.slack.people import Body, User
from sandbox.slack.refusal import Refusal
from sandbox.slack.sheet import Sheet
from sandbox.slack.surface import TROUBLE, Surface

SENT, CHANGED, PUSHED = "The form is sent.", "The form has changed.", "Another form is on top."
REFUSED, UNSENT = "The app has refused the form.", "The form is not sent"


class Forms(Surface):
    """The acts of people on forms."""

    noun = "form"

    def view_of(self, user: User) -> Body | None:
        """The form on top of the others."""
        stack = self.views.stacks.get(user.id)
        return stack[-1] if stack else None

    def missing(self, user: User) -> str:
        return f"No form is open before {user.name}."

    async def submit(self, name: str) -> str:
        """Send the form, if Slack's client lets it go (samples/slack/interactive/view_submission.json)."""
        user, view = self.before(name)
        sheet = self.sheet(view)
        if view["submit"] is None and not _inputs(view):
            raise ValueError("The form has nothing to send; close it with `:cancel`.")
        if wrong := self._wrong(view, sheet):
            return wrong
        payload = {
            **clicks.interaction("view_submission", user),
            "trigger_id": self.views.trigger(user.id, self.workspace.clock()),
            "view": {**view, "state": sheet.state()},
            "response_urls": [],
        }
        outcome = await self.sockets.delivery.ask("interactive", payload, accepts_response=True)
        if outcome.result != OK:
            return self.say(view, TROUBLE)
        return self._answered(user, view, outcome.payload or {})

    def _wrong(self, view: Body, sheet: Sheet) -> str:
        """What Slack's client itself has against the form; noted beside the fields."""
        sheet.said, sheet.errors = "", {}
        lines = []
        for each in fields.every_field(_inputs(view)):
            if text := fields.problem(each, sheet.entered[each.key]):
                sheet.errors[each.block] = text
                lines.append(f"{each.labels[0]}: {text}")
        self.workspace.touched()
        return " ".join([f"{UNSENT}.", *lines]) if lines else ""

    def _answered(self, user: User, view: Body, answer: Mapping[str, Any]) -> str:
        """Do what the app's ack asks for (samples/slack/socket/ack_forms.json)."""
        stack = self.views.stacks.get(user.id, [])
        try:
            return self._obey(stack, view, answer)
        except (Refusal, ValueError) as error:
            reason = error.body() if isinstance(error, Refusal) else error
            self.say(view, TROUBLE)
            raise ValueError(f"Slack refuses the app's answer to the form: {reason}") from error
        finally:
            self.workspace.touched()

    def _obey(self, stack: list[Body], view: Body, answer: Mapping[str, Any]) -> str:
        match answer.get("response_action"):
            case None if not answer:
                self.views.close(stack, view)
                return SENT
            case "clear":
                self.views.close(stack, *stack)
                return SENT
            case "update":
                views.renew(self.desk, view, views.checked(self.desk, answer.get("view"), "modal", view))
                return CHANGED
            case "push":
                views.pushed(self.desk, stack, views.checked(self.desk, answer.get("view"), "modal"))
                return PUSHED
            case "errors":
                self.sheet(view).errors = _errors(view, answer.get("errors"))
                return REFUSED
        raise ValueError(f"{dict(answer)} is no answer to a form.")

    async def cancel(self, name: str) -> str:
        """Close the form, or the whole stack where it says clear_on_close."""
        user, view = self.before(name)
        stack = self.views.stacks[user.id]
        gone = list(stack) if view["clear_on_close"] else [view]
        self.views.close(stack, *gone)
        self.workspace.touched()
        for each in gone:
            if each["notify_on_close"]:
                closed = {"view": each, "is_cleared": view["clear_on_close"]}
                payload = {**clicks.interaction("view_closed", user), **closed}
                await self.sockets.delivery.ask("interactive", payload)
        return "The form is closed."


def _inputs(view: Body) -> list[Body]:
    return [block for block in view["blocks"] if block["type"] == "input"]


def _errors(view: Body, errors: Any) -> dict[str, str]:
    """The errors an app answers with. Raises ValueError unless each names an input of the view."""
    known = [block["block_id"] for block in _inputs(view)]
    if (
        not isinstance(errors, dict)
        or not errors
        or not all(isinstance(each, str) for each in errors.values())
    ):
        raise ValueError("`errors` must hold a sentence for at least one block_id.")
    if unknown := [each for each in errors if each not in known]:
        raise ValueError(
            f"`errors` names {', '.join(unknown)}, but the inputs of the view are {', '.join(known)}."
        )
    return errors
