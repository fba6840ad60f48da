"""Forms: modal views, their fields, and selects in messages, kept within Slack's limits (slack-platform.md 2.1)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from blocks import parts
from bot.model import MOST_OPTIONS, Block, Millis, Option, Place
from bot.text import clip

TITLE_LIMIT = 24  # title, submit and close of a view
LABEL_LIMIT, HINT_LIMIT = 2_000, 2_000
PLACEHOLDER_LIMIT = 150
MOST_TYPED = 3_000  # characters of one text field
OPTION_LABEL, OPTION_VALUE, OPTION_HINT = 75, 150, 75
#: Most options shown as radio buttons or checkboxes; more of them become a select.
MOST_SHOWN = 10
#: Letters before Slack asks for what fits: from the first on.
FIRST_LETTER = 0
#: The one element of every field that is no typeahead: what was filled in is found by the id of its block.
FIELD = "value"
CLOSE = "Leave it"
TYPE_LETTERS = "Type a few letters"


def modal(
    callback: str, value: str, place: Place, *, title: str, submit: str, body: Sequence[Block]
) -> Block:
    """
    Return a view that comes back as a Form of `callback` with this value and place.

    Without `submit` it can only be closed. Raises ValueError if the title or the button is too long: cut, they would
    be no words.
    """
    if len(title) > TITLE_LIMIT or len(submit) > TITLE_LIMIT:
        raise ValueError(f"A form's title and button hold {TITLE_LIMIT} characters: {title}, {submit}")
    where = " ".join((value, place.channel, place.thread or ""))
    sends = {"submit": _plain(submit)} if submit else {}
    return {
        "type": "modal", "callback_id": callback, "private_metadata": where,
        "title": _plain(title), **sends, "close": _plain(CLOSE), "blocks": list(body),
    }  # fmt: skip


def loading(callback: str, place: Place, *, title: str) -> Block:
    """Return a form that says that it is being filled in: opened at once, while its trigger lives."""
    body = [parts.plain_context("I am asking GitLab …")]
    return modal(callback, "-", place, title=title, submit="", body=body)


def trouble(callback: str, place: Place, sentence: str, *, title: str) -> Block:
    """Return a form that could not be filled in, and why; `sentence` is plain text."""
    return modal(callback, "-", place, title=title, submit="", body=[parts.plain_section(sentence)])


# Fields -----------------------------------------------------------------------------------------------------


def text(
    field: str, label: str, *, hint: str = "", placeholder: str = "", lines: bool = False, least: int = 0,
    most: int = MOST_TYPED,
) -> Block:  # fmt: skip
    """Return a field for text of at least and at most so many characters; `lines` for more than one line."""
    element: Block = {"type": "plain_text_input", "action_id": FIELD, "multiline": lines, "max_length": most}
    element |= {"min_length": min(least, most)} if least else {}
    element |= {"placeholder": _plain(clip(placeholder, PLACEHOLDER_LIMIT))} if placeholder else {}
    return _input(field, label, element, hint)


def number(field: str, label: str, *, hint: str = "", decimal: bool = True) -> Block:
    """Return a field for a number."""
    element: Block = {"type": "number_input", "action_id": FIELD, "is_decimal_allowed": decimal}
    return _input(field, label, element, hint)


def moment(field: str, label: str, *, at: Millis | None = None, hint: str = "") -> Block:
    """Return a field for a moment, to the minute, in the zone of whoever fills it in; seconds come back."""
    element: Block = {"type": "datetimepicker", "action_id": FIELD}
    element |= {"initial_date_time": at // 60_000 * 60} if at else {}
    return _input(field, label, element, hint)


def choice(field: str, label: str, options: Sequence[Option], *, chosen: str = "", hint: str = "") -> Block:
    """Return a field in which one of at most a hundred options is picked: radio buttons, or a select for many."""
    fitting = _fitting(options)
    if len(fitting) <= MOST_SHOWN and not any(one.hint for one in fitting):
        picks = {"type": "radio_buttons", "action_id": FIELD, "options": _options(fitting)}
        first = next((_option(one) for one in fitting if one.value == chosen), None)
        element = picks | ({"initial_option": first} if first else {})
    else:
        element = static(FIELD, fitting, "Pick one", chosen=chosen)
    return _input(field, label, element, hint)


def boxes(
    field: str, label: str, options: Sequence[Option], *, chosen: Iterable[str] = (), hint: str = ""
) -> Block:
    """Return checkboxes: what is ticked comes back one a line, nothing if none is."""
    wanted, fitting = set(chosen), _fitting(options)
    ticked = [_option(one) for one in fitting if one.value in wanted]
    element: Block = {"type": "checkboxes", "action_id": FIELD, "options": _options(fitting)}
    element |= {"initial_options": ticked} if ticked else {}
    return optional(_input(field, label, element, hint))


def typeahead(
    field: str, label: str, action: str, *, chosen: Option | None = None, hint: str = "",
    placeholder: str = TYPE_LETTERS,
) -> Block:  # fmt: skip
    """Return a field whose options are found while somebody types; `action` is a key of a command's `options`."""
    return _input(field, label, external(action, placeholder, chosen=chosen), hint)


def many(
    field: str, label: str, action: str, *, chosen: Sequence[Option] = (), hint: str = "",
    placeholder: str = TYPE_LETTERS,
) -> Block:  # fmt: skip
    """Return a field like `typeahead` in which several are picked; they come back one a line, nothing if none is."""
    element: Block = {"type": "multi_external_select", "action_id": action, "min_query_length": FIRST_LETTER}
    element |= {"placeholder": _plain(clip(placeholder, PLACEHOLDER_LIMIT))}
    fitting = _fitting(chosen)
    element |= {"initial_options": _options(fitting)} if fitting else {}
    return optional(_input(field, label, element, hint))


def person(field: str, label: str, *, chosen: str = "", hint: str = "") -> Block:
    """Return a field in which somebody in Slack is picked; `chosen` is the id of who is picked already."""
    element: Block = {"type": "users_select", "action_id": FIELD} | (
        {"initial_user": chosen} if chosen else {}
    )
    return _input(field, label, element, hint)


def people(field: str, label: str, *, hint: str = "") -> Block:
    """Return a field in which people in Slack are picked; their ids come back one a line, nothing if none is."""
    return optional(_input(field, label, {"type": "multi_users_select", "action_id": FIELD}, hint))


def optional(made: Block) -> Block:
    """Return a field that may be left empty."""
    return made | {"optional": True}


def filled(made: Block, value: str) -> Block:
    """Return a field of text or of a number with something in it already, as long as it may be."""
    most = made["element"].get("max_length", MOST_TYPED)
    return made | {"element": made["element"] | {"initial_value": value[:most]}} if value else made


def telling(made: Block, action: str = "") -> Block:
    """
    Return a field that comes back as a Click at every change, so that the form can be drawn anew; a text when Enter
    is pressed in it (docs.slack.dev, dispatch action configuration).

    `action` is the button it counts as, for fields that are no typeahead.
    """
    element = made["element"] | ({"action_id": action} if action else {})
    if element["type"] in {
        "plain_text_input",
        "number_input",
    }:  # Or Slack tells of them when Enter is pressed.
        element |= {"dispatch_action_config": {"trigger_actions_on": ["on_character_entered"]}}
    return made | {"dispatch_action": True, "element": element}


def _input(field: str, label: str, element: Block, hint: str) -> Block:
    """Return a field around an element; `field` is the id by which its value comes back."""
    made: Block = {
        "type": "input",
        "block_id": field,
        "label": _plain(clip(label, LABEL_LIMIT) or field),
        "element": element,
    }
    return made | ({"hint": _plain(clip(hint, HINT_LIMIT))} if hint else {})


# Selects, in messages as well -------------------------------------------------------------------------------


def static(action: str, options: Sequence[Option], placeholder: str, *, chosen: str = "") -> Block:
    """Return a select of at most a hundred options."""
    fitting = _fitting(options)
    first = next((_option(one) for one in fitting if one.value == chosen), None)
    made: Block = {"type": "static_select", "action_id": action, "options": _options(fitting)}
    made |= {"placeholder": _plain(clip(placeholder, PLACEHOLDER_LIMIT))}
    return made | ({"initial_option": first} if first else {})


def external(action: str, placeholder: str, *, chosen: Option | None = None) -> Block:
    """Return a select that asks us for what fits the letters somebody types."""
    made: Block = {"type": "external_select", "action_id": action, "min_query_length": FIRST_LETTER}
    made |= {"placeholder": _plain(clip(placeholder, PLACEHOLDER_LIMIT))}
    return made | ({"initial_option": _option(chosen)} if chosen and _fits(chosen) else {})


def options(found: Sequence[Option]) -> Block:
    """Return what Slack is told of what fits typed letters; what it would refuse is left out."""
    return {"options": _options(_fitting(found))}


def _options(found: Sequence[Option]) -> list[Block]:
    return [_option(one) for one in found]


def _option(one: Option) -> Block:
    hint = {"description": _plain(clip(one.hint, OPTION_HINT))} if one.hint else {}
    return {"text": _plain(clip(one.label, OPTION_LABEL)), "value": one.value, **hint}


def _fitting(found: Sequence[Option]) -> list[Option]:
    """Return what Slack takes of the options: each value once, and no more of them than a select holds."""
    known: dict[str, Option] = {}
    for one in found:
        if _fits(one):
            known.setdefault(one.value, one)
    return list(known.values())[:MOST_OPTIONS]


def _fits(one: Option) -> bool:
    """Cut, a value would mean something else."""
    return 0 < len(one.value) <= OPTION_VALUE and bool(one.label.strip())


def _plain(words: str) -> Block:
    return {"type": "plain_text", "text": words, "emoji": False}
