"""The ladder as a checklist, with the buttons that help; and the form that asks for a reason."""

from __future__ import annotations

from collections.abc import Sequence

from blocks import change, forms, lists, parts
from bot.deeds import AGREE, Deed, Mark, Step, Verdict
from bot.model import Block, Message, Place
from bot.text import escape, one_line

#: What is pressed to ask for access (commands/access.py).
ACCESS = "access.ask"
_MARKS = {
    Mark.FINE: ":white_check_mark:",
    Mark.WARN: ":warning:",
    Mark.ASK: ":raised_hand:",
    Mark.STOP: ":no_entry:",
}
#: The mark in words as well: a reader may not see colours or pictures.
_WORDS = {Mark.FINE: "fine", Mark.WARN: "mind", Mark.ASK: "needed", Mark.STOP: "in the way"}
ARGUMENTS_SHOWN, SAID_SHOWN = 200, 500
REASON = "reason"
#: Characters of a reason: it stands on a card.
REASON_LIMIT, REASON_LEAST = 500, 3


def halted(verdict: Verdict, kept: str, *, dry_run: bool) -> Message:
    """
    Return what the asker sees of a deed that was not done: all of its ladder for a dry run, else what is in the way
    or worth knowing. `kept` is the value of every button.
    """
    stopped, asks = verdict.stopped, verdict.asks
    title = _title(verdict, dry_run)
    quiet = {Mark.FINE, Mark.ASK} if stopped else {Mark.FINE}  # What is refused needs nobody's agreement.
    steps = verdict.steps if dry_run else tuple(one for one in verdict.steps if one.mark not in quiet)
    seen = verdict.preview
    body = [parts.section(title), *(change.preview(seen) if seen else ())]
    body.append(parts.section("\n".join(_line(step) for step in steps)))
    body += [parts.context(_fine(verdict))] if not stopped and not dry_run else []
    if verdict.call and (dry_run or not stopped):
        body.append(parts.plain_context(f"It would ask GitLab for: {verdict.call}, as you."))
    body += change.typed(seen) if seen else []
    if dry_run:
        body.append(parts.context("A dry run: nothing was done."))
    buttons = [] if dry_run else _buttons(verdict, kept)
    if buttons:
        body.append(parts.actions(*buttons))
    step = stopped or asks
    return Message(f"{title} {_said(step) if step else ''}".replace("*", "").strip(), tuple(body))


def findings(title: str, steps: Sequence[Step], *, footer: str) -> Message:
    """Return a checklist that is about no deed; `title` and `footer` are ours, in mrkdwn."""
    body = [parts.section(title), *lists.paged([_line(step) for step in steps]), parts.context(footer)]
    return Message(title, tuple(body))


def reason(action: str, kept: str, place: Place) -> Block:
    """Return the form that asks why, for those who approve, or for everybody when something is overridden."""
    if action == AGREE.override:
        field = _why(
            "Why does it have to be done now?",
            "It stands on the card, for everybody to read, and in the audit trail.",
        )
        return forms.modal(action, kept, place, title="Override", submit="Override", body=[field])
    field = _why("Why should it be done?", "Those who approve read it; so does everybody on the card.")
    return forms.modal(action, kept, place, title="Ask for approval", submit="Ask", body=[field])


def _why(label: str, hint: str) -> Block:
    return forms.text(REASON, label, hint=hint, lines=True, most=REASON_LIMIT, least=REASON_LEAST)


def _title(verdict: Verdict, dry_run: bool) -> str:
    what = _what_changes(verdict) if verdict.preview else _what(verdict.deed)
    if verdict.stopped:
        return f"*{what}* would be refused." if dry_run else f"*{what}* was not done."
    if dry_run:
        return (
            f"*{what}* would wait for somebody."
            if verdict.asks or verdict.wants
            else f"*{what}* would be done."
        )
    return f"*{what}* waits for you."


def _what_changes(verdict: Verdict) -> str:
    deed, preview = verdict.deed, verdict.preview
    ref = f"{deed.ref} at {preview.sha[: change.SHA_SHOWN]}" if preview else deed.ref
    back = deed.command == "rollback"
    said = f"rollback of {deed.environment} to {ref}" if back else f"deploy {ref} to {deed.environment}"
    return escape(f"{said} in {deed.project}")


def _what(deed: Deed) -> str:
    at = f"@{deed.ref}" if deed.ref else ""
    subject = f" {deed.job}{at}" if deed.job else f" {deed.environment}" if deed.environment else ""
    arguments = f" {one_line(deed.arguments, ARGUMENTS_SHOWN)}" if deed.arguments and deed.job else ""
    project = f" in {deed.project}" if deed.project else ""
    tier = f" ({deed.tier} tier)" if deed.tier not in {"", deed.environment} else ""
    environment = f", environment {deed.environment}{tier}" if deed.environment and deed.job else ""
    return escape(f"{deed.command}{subject}{arguments}{project}{environment}")


def _fine(verdict: Verdict) -> str:
    names = [step.name for step in verdict.steps if step.mark is Mark.FINE]
    return f"{_MARKS[Mark.FINE]} Checked and fine: {', '.join(names)}."


def _line(step: Step) -> str:
    return f"{_MARKS[step.mark]} {step.name}, {_WORDS[step.mark]}: {_said(step)}"


def _said(step: Step) -> str:
    until = f" Until {parts.moment(step.until)}." if step.until else ""
    return f"{escape(one_line(step.said, SAID_SHOWN))}{until}"


def _buttons(verdict: Verdict, kept: str) -> list[Block]:
    step = verdict.stopped
    if step is not None:
        made = {
            "access": parts.button("Request access", ACCESS, kept),
            "queue": parts.button("Queue it", AGREE.queue, kept),
            "override": parts.button("Override", AGREE.override, kept, style="danger"),
        }
        helps = [made[remedy] for remedy in step.remedy.split() if remedy in made]
        return [*helps, parts.button("Leave it", AGREE.leave, kept)] if helps else []
    if any(one.mark is Mark.ASK and one.remedy == "approval" for one in verdict.steps):
        first = parts.button("Ask for approval", AGREE.approval, kept, style="primary")
    else:
        first = parts.button(_yes(verdict.deed), AGREE.go, kept, style="danger")
    return [first, parts.button("Leave it", AGREE.leave, kept)]


def _yes(deed: Deed) -> str:
    return {
        "run": "Run it", "again": "Run it", "retry": "Retry it", "cancel": "Cancel it", "deploy": "Deploy it",
        "rollback": "Roll back",
    }.get(deed.command, "Do it")  # fmt: skip
