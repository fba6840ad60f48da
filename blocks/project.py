"""How a project looks: its card, the word that one was made, and the form that makes one."""

from __future__ import annotations

from blocks import forms, parts
from blocks.answers import said
from bot.model import OFFER, Block, Message, Millis, Option, Place
from bot.namespaces import VISIBILITIES, Facts, Plan
from bot.text import code, escape, inert, one_line, plural

CREATE = "project.create"
DESCRIPTION_SHOWN, NAME_LIMIT, DESCRIPTION_LIMIT = 400, 255, 2_000
#: Who may see it, in words; the reader need not know GitLab's.
_SEEN = {
    "private": "its members", "internal": "everybody who is signed in to GitLab", "public": "everybody",
}  # fmt: skip
README = "readme"


def card(facts: Facts, now: Millis, use: str) -> Message:
    """Return what is told of a project; `use` is the id of the kept command that makes it the place's."""
    title = f"*<{facts.url}|{escape(facts.path)}>*{' · archived' if facts.archived else ''}"
    body = [parts.section(title)]
    if facts.description:
        body.append(parts.section(inert(one_line(facts.description, DESCRIPTION_SHOWN))))
    body.append(parts.context(" · ".join(_facts(facts, now))))
    body.append(parts.actions(parts.link_button("Open in GitLab", facts.url), _use(use)))
    return Message(f"{escape(facts.path)} in GitLab", tuple(body))


def _facts(facts: Facts, now: Millis) -> list[str]:
    told = [f"{facts.visibility}: seen by {_SEEN[facts.visibility]}"] if facts.visibility in _SEEN else []
    branch = f"branch {code(facts.default_branch)}" if facts.default_branch else "no commit yet"
    issues = [plural(facts.open_issues, "open issue", "open issues")] if facts.open_issues is not None else []
    return [*told, branch, *issues, f"active {parts.moment(facts.active_at, now=now)}"]


def created(facts: Facts, by: str, use: str) -> Message:
    """Return what everybody in the place hears of a new project; `use` as in `card`."""
    text = f"{escape(by)} made the project {escape(facts.path)}"
    seen = f" Seen by {_SEEN[facts.visibility]}." if facts.visibility in _SEEN else ""
    body = (
        parts.section(
            f":white_check_mark: {escape(by)} made the project <{facts.url}|{escape(facts.path)}>.{seen}"
        ),
        parts.actions(parts.link_button("Open in GitLab", facts.url), _use(use)),
    )
    return Message(text, body)


def found(facts: Facts) -> Message:
    """Return what the asker hears whose project was made although GitLab's answer was lost."""
    return said(f"GitLab has made <{facts.url}|{escape(facts.path)}> after all.")


def not_created(name: str) -> Message:
    """Return what the asker hears whose project was not made, as it turned out later."""
    return said(f"GitLab has not made the project {code(name)}. Nothing was done; ask for it again.")


def _use(offer: str) -> Block:
    return parts.button("Use it here", OFFER, offer)


# The form ---------------------------------------------------------------------------------------------------


def offer(sheet: str, prefix: str, line: str) -> Message:
    """Return what somebody reads who cannot be shown a form at once: a button for it, and what to type instead."""
    button = parts.button("Fill in the form", CREATE, sheet, style="primary")
    typed = f"Or type all of it: {code(prefix + line)}"
    text = "Who may see the new project? Say so in the form, or behind its name."
    return Message(text, (parts.section(text), parts.actions(button), parts.context(typed)))


def refused(sentence: str, sheet: str) -> Message:
    """Return GitLab's refusal of what was filled in, with a button that opens the form again."""
    button = parts.button("Open the form again", CREATE, sheet, style="primary")
    return Message(escape(sentence), (parts.section(escape(sentence)), parts.actions(button)))


def form(sheet: str, place: Place, plan: Plan, *, own: str, line: str) -> Block:
    """Return the form that makes a project; `own` is the person's own namespace, `line` what could be typed."""
    name = forms.text("name", "Name", most=NAME_LIMIT, placeholder="The new shop")
    chosen = Option(plan.group, plan.group) if plan.group else None
    group = forms.typeahead(
        "group", "Group", "pick.group", chosen=chosen, hint=f"Without one it is yours: {own}/…"
    )
    seen = [Option(f"{one.capitalize()}: {_SEEN[one]}", one) for one in VISIBILITIES]
    described = forms.text("description", "Description", lines=True, most=DESCRIPTION_LIMIT)
    readme = forms.boxes(
        "readme",
        "Repository",
        [Option("Begin with a README", README)],
        chosen=[README] if plan.readme else [],
    )
    body = [
        forms.filled(name, plan.name), forms.optional(group),
        forms.choice("visibility", "Who may see it", seen, chosen=plan.visibility or VISIBILITIES[0]),
        forms.optional(forms.filled(described, plan.description)), readme,
        parts.plain_context(f"The same as: {line}"),
    ]  # fmt: skip
    return forms.modal(CREATE, sheet, place, title="New project", submit="Make it", body=body)
