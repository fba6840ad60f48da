"""Block Kit's interactive elements and their limits (slack-platform.md 2.1)."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from sandbox.slack import checks
from sandbox.slack.checks import SHORT_ID, Problems

OPTIONS = 100
SELECTS = frozenset(
    f"{many}{kind}_select"
    for many in ("", "multi_")
    for kind in ("static", "external", "users", "conversations", "channels")
)
PICKERS = frozenset({"datepicker", "timepicker", "datetimepicker"})
CHOICES = frozenset({"radio_buttons", "checkboxes"})
INPUTS = frozenset(
    {
        "plain_text_input",
        "number_input",
        "email_text_input",
        "url_text_input",
        "file_input",
        "rich_text_input",
    }
)
IN_ACTIONS = SELECTS | PICKERS | CHOICES | {"button", "overflow", "workflow_button"}
IN_SECTION = IN_ACTIONS | {"image"}
IN_INPUT = SELECTS | PICKERS | CHOICES | INPUTS
COMMON = "action_id confirm focus_on_load placeholder"
MAY = {
    "button": "action_id url value style confirm accessibility_label",
    "static_select": f"{COMMON} options option_groups initial_option",
    "multi_static_select": f"{COMMON} options option_groups initial_options max_selected_items",
    "external_select": f"{COMMON} initial_option min_query_length",
    "multi_external_select": f"{COMMON} initial_options min_query_length max_selected_items",
    "users_select": f"{COMMON} initial_user",
    "multi_users_select": f"{COMMON} initial_users max_selected_items",
    "conversations_select": f"{COMMON} initial_conversation default_to_current_conversation filter "
    "response_url_enabled",
    "multi_conversations_select": f"{COMMON} initial_conversations default_to_current_conversation filter "
    "max_selected_items",
    "channels_select": f"{COMMON} initial_channel response_url_enabled",
    "multi_channels_select": f"{COMMON} initial_channels max_selected_items",
    "overflow": "action_id confirm",
    "datepicker": f"{COMMON} initial_date",
    "timepicker": f"{COMMON} initial_time timezone",
    "datetimepicker": "action_id confirm focus_on_load initial_date_time",
    "radio_buttons": "action_id initial_option confirm focus_on_load",
    "checkboxes": "action_id initial_options confirm focus_on_load",
    "plain_text_input": f"{COMMON} initial_value multiline min_length max_length dispatch_action_config",
    "number_input": f"{COMMON} initial_value min_value max_value dispatch_action_config",
    "email_text_input": f"{COMMON} initial_value dispatch_action_config",
    "url_text_input": f"{COMMON} initial_value dispatch_action_config",
    "rich_text_input": f"{COMMON} initial_value dispatch_action_config",
    "file_input": "action_id filetypes max_files",
    "image": "image_url slack_file",
    "workflow_button": "action_id style accessibility_label",
}
NEED = {
    "button": "text",
    "overflow": "options",
    "radio_buttons": "options",
    "checkboxes": "options",
    "number_input": "is_decimal_allowed",
    "image": "alt_text",
    "workflow_button": "text workflow",
}
MOST_OPTIONS = {"overflow": 5, "radio_buttons": 10, "checkboxes": 10}


def check(element: Any, path: str, problems: Problems, allowed: frozenset[str], used: set[str]) -> None:
    """Note what is wrong with one element. `allowed`: types this block takes; `used`: its action_ids."""
    if not checks.is_object(element, path, problems):
        return
    kind = checks.kind_of(element)
    if kind not in allowed:
        problems.note(f"unsupported type: {kind}", f"{path}/type")
        return
    checks.keys(element, path, problems, need=NEED.get(kind, ""), may=MAY[kind])
    _common(element, path, problems, used)
    if (special := SPECIAL.get(kind)) is not None:
        special(element, path, problems)


def _common(element: Mapping[str, Any], path: str, problems: Problems, used: set[str]) -> None:
    checks.strings(element, path, problems, action_id=SHORT_ID)
    checks.text(element.get("placeholder"), f"{path}/placeholder", problems, 150)
    confirm(element.get("confirm"), f"{path}/confirm", problems)
    action = element.get("action_id")
    if isinstance(action, str):
        if action in used:
            problems.note(f"`action_id` already exists: {action}", f"{path}/action_id")
        used.add(action)


def _choices(element: Mapping[str, Any], path: str, problems: Problems) -> None:
    kind = checks.kind_of(element)
    options(element.get("options"), f"{path}/options", problems, MOST_OPTIONS[kind], kind)
    _initial(element, path, problems)


def _typed(element: Mapping[str, Any], path: str, problems: Problems) -> None:
    checks.whole(element.get("min_length"), f"{path}/min_length", problems, 0, 3_000)
    checks.whole(element.get("max_length"), f"{path}/max_length", problems, 1, 3_000)


def _files(element: Mapping[str, Any], path: str, problems: Problems) -> None:
    checks.whole(element.get("max_files"), f"{path}/max_files", problems, 1, 10)


def _button(element: Mapping[str, Any], path: str, problems: Problems) -> None:
    checks.text(element.get("text"), f"{path}/text", problems, 75)
    checks.strings(element, path, problems, value=2_000, accessibility_label=75)
    checks.web_url(element.get("url"), f"{path}/url", problems)
    checks.one_of(element.get("style"), f"{path}/style", problems, ("primary", "danger"))


def _static(element: Mapping[str, Any], path: str, problems: Problems) -> None:
    groups, single = element.get("option_groups"), element.get("options")
    if (groups is None) is (single is None):
        problems.note("must provide either options or option_groups", path)
        return
    if single is not None:
        options(single, f"{path}/options", problems, OPTIONS)
    else:
        for number, group in enumerate(checks.items(groups, f"{path}/option_groups", problems, OPTIONS)):
            _group(group, f"{path}/option_groups/{number}", problems)
    _initial(element, path, problems)


def _external(element: Mapping[str, Any], path: str, problems: Problems) -> None:
    checks.whole(element.get("min_query_length"), f"{path}/min_query_length", problems, 0, 3_000)
    if (one := element.get("initial_option")) is not None and checks.is_object(one, path, problems):
        _option(one, f"{path}/initial_option", problems, plain=True, linked=False)
    if (many := element.get("initial_options")) is not None:
        options(many, f"{path}/initial_options", problems, OPTIONS)


def _picker(element: Mapping[str, Any], path: str, problems: Problems) -> None:
    """Dates are YYYY-MM-DD, times HH:mm, moments ten digits (docs.slack.dev, datetimepicker element)."""
    key, form = {
        "datepicker": ("initial_date", r"\d{4}-\d{2}-\d{2}"),
        "timepicker": ("initial_time", r"([01]\d|2[0-3]):[0-5]\d"),
        "datetimepicker": ("initial_date_time", r"\d{10}"),
    }[checks.kind_of(element)]
    if (value := element.get(key)) is not None and not re.fullmatch(form, str(value)):
        problems.note(f"invalid {key}", f"{path}/{key}")


def _group(group: Any, path: str, problems: Problems) -> None:
    if checks.is_object(group, path, problems) and checks.keys(group, path, problems, need="label options"):
        checks.text(group["label"], f"{path}/label", problems, 75)
        options(group["options"], f"{path}/options", problems, OPTIONS)


def suggested(answer: Mapping[str, Any], problems: Problems) -> None:
    """Note what is wrong with an app's answer to block_suggestion; it may hold no option, but must say so."""
    checks.keys(answer, "", problems, may="options option_groups")
    groups, single = answer.get("option_groups"), answer.get("options")
    if (groups is None) is (single is None):
        problems.note("must provide either options or option_groups", "")
    elif single is not None:
        options(single, "/options", problems, OPTIONS, least=0)
    else:
        for number, group in enumerate(checks.items(groups, "/option_groups", problems, OPTIONS, 0)):
            _group(group, f"/option_groups/{number}", problems)


def options(value: Any, path: str, problems: Problems, most: int, kind: str = "", least: int = 1) -> None:
    """Note what is wrong with a list of options; radio buttons and checkboxes may use mrkdwn."""
    values: set[Any] = set()
    for number, option in enumerate(checks.items(value, path, problems, most, least)):
        here = f"{path}/{number}"
        if checks.is_object(option, here, problems):
            _option(option, here, problems, plain=kind not in CHOICES, linked=kind == "overflow")
            if str(option.get("value")) in values:
                problems.note("option values must be unique", here)
            values.add(str(option.get("value")))


def _option(option: Mapping[str, Any], path: str, problems: Problems, plain: bool, linked: bool) -> None:
    checks.keys(option, path, problems, need="text value", may="description url" if linked else "description")
    checks.text(option.get("text"), f"{path}/text", problems, 75, plain=plain)
    checks.text(option.get("description"), f"{path}/description", problems, 75, plain=plain)
    checks.string(option.get("value"), f"{path}/value", problems, 150)
    checks.web_url(option.get("url"), f"{path}/url", problems)


def _initial(element: Mapping[str, Any], path: str, problems: Problems) -> None:
    one = element.get("initial_option")
    chosen = [*_list(element.get("initial_options")), *([one] if one else [])]
    groups = [element, *(each for each in _list(element.get("option_groups")) if isinstance(each, Mapping))]
    known = [option for group in groups for option in _list(group.get("options"))]
    if any(option not in known for option in chosen):
        problems.note("initial option must be one of the options", path)


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def confirm(value: Any, path: str, problems: Problems) -> None:
    """Note what is wrong with a confirmation dialog. None is passed over."""
    if value is None or not checks.is_object(value, path, problems):
        return
    checks.keys(value, path, problems, need="title text confirm deny", may="style")
    checks.text(value.get("title"), f"{path}/title", problems, 100)
    checks.text(value.get("text"), f"{path}/text", problems, 300, plain=False)
    checks.text(value.get("confirm"), f"{path}/confirm", problems, 30)
    checks.text(value.get("deny"), f"{path}/deny", problems, 30)
    checks.one_of(value.get("style"), f"{path}/style", problems, ("primary", "danger"))


def image(value: Mapping[str, Any], path: str, problems: Problems) -> None:
    """Note what is wrong with the source and the words of an image."""
    if (value.get("image_url") is None) is (value.get("slack_file") is None):
        problems.note("must provide either image_url or slack_file", path)
    checks.web_url(value.get("image_url"), f"{path}/image_url", problems)
    checks.string(value.get("alt_text"), f"{path}/alt_text", problems, 2_000)


SPECIAL: Mapping[str, Callable[[Mapping[str, Any], str, Problems], None]] = {
    **dict.fromkeys(("button", "workflow_button"), _button),
    **dict.fromkeys(("static_select", "multi_static_select"), _static),
    **dict.fromkeys(("external_select", "multi_external_select"), _external),
    **dict.fromkeys(MOST_OPTIONS, _choices),
    **dict.fromkeys(PICKERS, _picker),
    "plain_text_input": _typed,
    "file_input": _files,
    "image": image,
}
