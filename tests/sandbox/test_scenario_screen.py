"""What a person sees of a message: mrkdwn, rich text, blocks, buttons, files."""

from __future__ import annotations

import io
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console

from sandbox.drawing import card
from sandbox.mrkdwn import mrkdwn
from sandbox.screen import Button, buttons, parts, words
from sandbox.settings import merged, toml

NAMES = {"U0ALICE001": "alice", "C0OPS00001": "ops"}

MRKDWN = {
    "a &lt;b&gt; &amp; c": "a <b> & c",
    "&amp;lt;": "&lt;",
    "&quot;": "&quot;",
    "*bold* and _italic_ and ~gone~": "bold and italic and gone",
    "*bold _both_*": "bold both",
    "snake_case_name 2*3*4 a*": "snake_case_name 2*3*4 a*",
    "`*code*` x": "*code* x",
    "```\na *b*\n<https://x.example|y>\n```": "a *b*\ny",
    "<@U0ALICE001> <@U0NOBODY01|bob> <@U0NOBODY01>": "@alice @bob @U0NOBODY01",
    "<#C0OPS00001> <#C0X0000001|dev>": "#ops #dev",
    "<!channel> <!here|here> <!subteam^S1|@team>": "@channel here @team",
    "<!date^1763600000^{date}|20 Nov>": "20 Nov",
    "<https://x.example/a&amp;b|here>": "here",
    "<https://x.example/a&amp;b>": "https://x.example/a&b",
    "<mailto:a@x.example>": "a@x.example",
    "&gt; quoted\nnot": "▏quoted\nnot",
    ":tada: done": ":tada: done",
    "bell \x07 escape \x1b[31m": "bell ␇ escape ␛[31m",
}


@pytest.mark.parametrize(("source", "shown"), MRKDWN.items())
def test_mrkdwn(source: str, shown: str) -> None:
    """Slack's marks and entities are read as its clients read them."""
    assert mrkdwn(source, NAMES)[0].plain == shown


def test_urls_are_kept() -> None:
    """The address behind a label is not shown, but can be looked for."""
    part = parts({"text": "<https://x.example/a&amp;b|here>"}, NAMES)
    assert part[0].words == "here"
    assert words(part) == "here\nhttps://x.example/a&b"


@given(st.text())
def test_any_text_is_printable(source: str) -> None:
    """Whatever a message holds, no terminal finds an order in it."""
    console = Console(file=io.StringIO(), markup=False)
    shown = mrkdwn(source, NAMES)[0]
    console.print(shown)
    assert not set(shown.plain) & set(map(chr, [*range(9), *range(11, 32), *range(127, 160)]))


@given(st.text(st.characters(exclude_categories=["C"], exclude_characters="*_~`<>&")))
def test_plain_text_is_kept(source: str) -> None:
    """Text without marks is shown as it is."""
    assert mrkdwn(source, NAMES)[0].plain == source


def button(label: str, **rest: Any) -> dict[str, Any]:
    """A button element."""
    return {
        "type": "button",
        "text": {"type": "plain_text", "text": label},
        "action_id": label.lower(),
        **rest,
    }


BLOCKS: list[dict[str, Any]] = [
    {"type": "header", "text": {"type": "plain_text", "text": "Run *7*"}},
    {"type": "section", "text": {"type": "mrkdwn", "text": "*say* passed"}, "accessory": button("Open")},
    {
        "type": "section",
        "fields": [{"type": "mrkdwn", "text": "*Ref*"}, {"type": "plain_text", "text": "main"}],
    },
    {"type": "divider"},
    {"type": "context", "elements": [{"type": "mrkdwn", "text": "by <@U0ALICE001>"}]},
    {
        "type": "rich_text",
        "elements": [
            {
                "type": "rich_text_section",
                "elements": [
                    {"type": "text", "text": "see <b> ", "style": {"bold": True}},
                    {"type": "link", "url": "https://x.example", "text": "here"},
                    {"type": "user", "user_id": "U0ALICE001"},
                    {"type": "emoji", "name": "tada"},
                ],
            },
            {"type": "rich_text_preformatted", "elements": [{"type": "text", "text": "&lt;raw&gt;\nline"}]},
            {
                "type": "rich_text_list",
                "style": "ordered",
                "elements": [{"type": "rich_text_section", "elements": [{"type": "text", "text": "one"}]}],
            },
        ],
    },
    {
        "type": "actions",
        "block_id": "b7",
        "elements": [
            button("Cancel", confirm={"title": {}}),
            {
                "type": "static_select",
                "action_id": "pick",
                "placeholder": {"type": "plain_text", "text": "Which job"},
            },
        ],
    },
]


def test_blocks() -> None:
    """Every text of a message's blocks is visible, in order; its fallback text is not."""
    assert words(parts({"text": "fallback", "blocks": BLOCKS}, NAMES)).splitlines() == [
        "Run *7*",
        "say passed",
        "[Open]",
        "Ref",
        "main",
        "by @alice",
        "see <b> here@alice:tada:",
        "&lt;raw&gt;",
        "line",
        "1. one",
        "[Cancel] [Which job ▾]",
        "https://x.example",
    ]


def plain_option(label: str, **more: Any) -> dict[str, Any]:
    return {"text": {"type": "plain_text", "text": label}, "value": label.lower(), **more}


def test_everything_that_can_be_picked() -> None:
    """Selects show what they stand at, else their placeholder; options are below each other with their marks."""
    yes, no = plain_option("Yes"), plain_option("No", description={"type": "plain_text", "text": "not now"})
    elements = [
        {"type": "static_select", "options": [yes, no], "initial_option": no},
        {"type": "users_select", "initial_user": "U0ALICE001"},
        {"type": "datepicker", "initial_date": "2026-03-02"},
        {"type": "timepicker", "placeholder": {"type": "plain_text", "text": "When"}},
        {"type": "overflow", "options": [yes]},
        {"type": "radio_buttons", "options": [yes, no], "initial_option": yes},
        {"type": "checkboxes", "options": [yes, no], "initial_options": [no]},
    ]
    assert words(parts({"blocks": [{"type": "actions", "elements": elements}]}, NAMES)).splitlines() == [
        "[No ▾] [@alice ▾] [2026-03-02] [When] [⋯]",
        "(•) Yes",
        "( ) No · not now",
        "[ ] Yes",
        "[x] No · not now",
    ]


def test_an_open_menu() -> None:
    """The letters typed into it and what it offers for them stand below its row; without an option it says so."""
    groups = [{"label": {"text": "Mine"}, "options": [plain_option("acme/shop")]}]
    one = {"type": "external_select", "menu": {"letters": "a&b", "option_groups": groups}}
    two = {"type": "external_select", "menu": {"letters": "", "options": []}}
    shown = words(parts({"blocks": [{"type": "actions", "elements": [one, two]}]}, NAMES))
    assert shown.splitlines() == [
        "[… ▾] [… ▾]",
        "▾ a&b",
        "  Mine:",
        "  • acme/shop",
        "▾",
        "  No results",
    ]


def test_rare_blocks() -> None:
    """Tables have columns, images their words, quotes a bar before every line."""
    cells = [{"type": "raw_text", "text": "Job"}, {"type": "raw_text", "text": "State"}]
    quoted = {"type": "rich_text_quote", "elements": [{"type": "text", "text": "one\ntwo"}]}
    item = {"type": "rich_text_section", "elements": [{"type": "text", "text": "deep"}]}
    row = [{"type": "raw_text", "text": "deploy"}, {"type": "rich_text", "elements": [item]}]
    dot = {"type": "image", "alt_text": "dot"}
    nested = {"type": "rich_text_list", "style": "bullet", "indent": 1, "elements": [item]}
    blocks: list[dict[str, Any]] = [
        {"type": "table", "rows": [cells, row]},
        {"type": "image", "alt_text": "a graph", "title": {"type": "plain_text", "text": "Load"}},
        {"type": "rich_text", "elements": [quoted, nested]},
        {"type": "section", "text": {"type": "plain_text", "text": "x"}, "accessory": dot},
        {"type": "video"},
    ]
    assert words(parts({"blocks": blocks}, NAMES)).splitlines() == [
        "Job    │ State", "deploy │ deep", "Load", "[image: a graph]", "▏one", "▏two", "  • deep", "x", "[image: dot]",
        "[video block]",
    ]  # fmt: skip


def test_a_card_is_readable_at_eighty_columns() -> None:
    """Fields stand in two columns, and no button is torn in two."""
    fields = [{"type": "mrkdwn", "text": f"*Field {number}*"} for number in range(4)]
    many = [button(f"Button number {number}") for number in range(9)]
    blocks = [{"type": "section", "fields": fields}, {"type": "actions", "elements": many}]
    screen = io.StringIO()
    Console(file=screen, width=80).print(card(parts({"blocks": blocks}, NAMES), None), markup=False)
    lines = screen.getvalue().splitlines()
    assert all(len(line) <= 80 for line in lines)
    assert "Field 0" in lines[1]
    assert "Field 1" in lines[1]
    assert sum(line.count("[Button number ") for line in lines) == sum(line.count("]") for line in lines) == 9


def test_buttons() -> None:
    """Buttons are found with what a click needs."""
    assert buttons({"blocks": BLOCKS}) == (
        Button("Open", "open", None),
        Button("Cancel", "cancel", "b7", confirm=True),
    )


def test_rest_of_a_message() -> None:
    """Attachments, files with what they hold, and reactions are visible too."""
    message = {
        "text": "look",
        "attachments": [{"fallback": "old style"}],
        "files": [{"name": "log.txt", "content": b"caf\xc3\xa9 \xff\nend"}],
        "reactions": [{"name": "eyes", "users": ["U1"], "count": 1}],
    }
    expected = ["look", "old style", "📄 log.txt", "café \N{REPLACEMENT CHARACTER}", "end", ":eyes: 1"]
    assert words(parts(message, NAMES)).splitlines() == expected


def test_settings() -> None:
    """Settings go over the sandbox's own table by table, and are written as TOML."""
    base = {"bot": {"workers": 2, "tick_seconds": 0.5}, "projects": {"acme/shop": {"aliases": ["shop"]}}}
    both = merged(base, {"bot": {"workers": 1}, "projects": {"acme/shop": {"start": "chat"}}})
    lines = ["[bot]", "workers = 1", "tick_seconds = 0.5", "[projects]"]
    lines += ['[projects."acme/shop"]', 'aliases = ["shop"]', 'start = "chat"']
    assert toml(both).splitlines() == ["", *lines][1:]
