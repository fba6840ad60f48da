"""What a person does with the form that is open before them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sandbox.slack import clicks, fields, views
from sandbox.slack.delivery import OK
from sandbox.slack.fields import Field
from sandbox.slack.methods import Desk
from sandbox.slack.people import Body, User
from sandbox.slack.refusal import Refusal
from sandbox.slack.sheet import Sheet
from sandbox.slack.sockets import Sockets
from sandbox.slack.suggestions import Suggestions

TROUBLE = "We had some trouble connecting. Try again?"
"""What Slack's client says beside a form whose submission was not answered in time, or not well."""
SENT, CHANGED, PUSHED = "The form is sent.", "The form has changed.", "Another form is on top."
REFUSED, UNSENT = "The app has refused the form.", "The form is not sent"


class Forms:
    """The acts of people on forms. Each answers a remark, and raises ValueError for what cannot be done."""

    def __init__(self, desk: Desk, sockets: Sockets) -> None:
        self.desk = desk
        self.workspace = desk.workspace
        self.views = desk.views
        self.sockets = sockets
        self.suggestions = Suggestions(desk.workspace, sockets)

    def seen(self, name: str) -> Body | None:
        """The open form as that person sees it, with `errors` (by block_id) and `said`; None for none."""
        stack = self.views.stacks.get(self.workspace.person(name).id)
        return self._sheet(stack[-1]).seen(stack[-1]) if stack else None

    def _top(self, name: str) -> tuple[User, Body]:
        user = self.workspace.person(name)
        stack = self.views.stacks.get(user.id)
        if not stack:
            raise ValueError(f"No form is open before {user.name}.")
        return user, stack[-1]

    def _sheet(self, view: Body) -> Sheet:
        return self.views.sheets[view["id"]]

    async def fill(self, name: str, label: str, text: str) -> str:
        """Type into a field."""
        user, view = self._top(name)
        field = self._field(view, label)
        return await self._enter(user, view, field, fields.written(field, text, user.tz))

    async def choose(self, name: str, label: str, option: str) -> str:
        """Pick in a select, radio buttons or checkboxes; several options are parted by commas."""
        user, view = self._top(name)
        field = self._field(view, label)
        where = {"container": {"type": "view", "view_id": view["id"]}, "view": view}
        return await self._enter(user, view, field, await self.suggestions.picked(user, field, option, where))

    def _field(self, view: Body, label: str) -> Field:
        known = [each for each in fields.every_field(view["blocks"]) if each.kind in fields.HELD]
        if (found := fields.named(known, label)) is None:
            there = ", ".join(each.labels[0] for each in known if each.labels) or "none"
            raise ValueError(f"The form has no field {label}; there are: {there}.")
        return found

    async def _enter(self, user: User, view: Body, field: Field, value: Any) -> str:
        sheet = self._sheet(view)
        entry = sheet.entered[field.key] = fields.holding(field.kind, value)
        sheet.errors.pop(field.block, None)
        self.workspace.touched()
        if not field.dispatches:
            return ""
        element = field.element
        placeholder = {"placeholder": element["placeholder"]} if "placeholder" in element else {}
        return await self._tell(user, view, {**entry, **_ids(field), **placeholder})

    async def click(self, name: str, label: str) -> str:
        """Press a button inside the form."""
        user, view = self._top(name)
        known = [each for each in fields.every_field(view["blocks"]) if each.kind == "button"]
        field = fields.named(known, label)
        if field is None:
            there = ", ".join(each.labels[0] for each in known) or "none"
            raise ValueError(f"The form has no button {label}; there are: {there}.")
        action = clicks.action_of(field.block, field.element, None, self.workspace.next_ts())
        return await self._tell(user, view, action)

    async def _tell(self, user: User, view: Body, action: Body) -> str:
        """Send block_actions (samples/slack/interactive/block_actions_modal.json)."""
        payload = {
            **clicks.interaction("block_actions", user),
            "container": {"type": "view", "view_id": view["id"]},
            "trigger_id": self.views.trigger(user.id, self.workspace.clock()),
            "view": {**view, "state": self._sheet(view).state()},
            "actions": [{**action, "action_ts": self.workspace.next_ts()}],
        }
        outcome = await self.sockets.delivery.ask("interactive", payload)
        return "" if outcome.result == OK else self._say(view, TROUBLE)

    def _say(self, view: Body, text: str) -> str:
        if (sheet := self.views.sheets.get(view["id"])) is not None:
            sheet.said = text
        self.workspace.touched()
        return f"Slack says: {text}"

    async def submit(self, name: str) -> str:
        """Send the form, if Slack's client lets it go (samples/slack/interactive/view_submission.json)."""
        user, view = self._top(name)
        sheet = self._sheet(view)
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
            return self._say(view, TROUBLE)
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
            self._say(view, TROUBLE)
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
                self._sheet(view).errors = _errors(view, answer.get("errors"))
                return REFUSED
        raise ValueError(f"{dict(answer)} is no answer to a form.")

    async def cancel(self, name: str) -> str:
        """Close the form, or the whole stack where it says clear_on_close."""
        user, view = self._top(name)
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


def _ids(field: Field) -> Body:
    return {"block_id": field.block, "action_id": field.key[1]}


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
