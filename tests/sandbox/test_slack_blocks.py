"""Block Kit as the sandbox's Slack checks it: every limit by its edge, and what the check never does."""

from __future__ import annotations

import copy
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from slack_sdk.errors import SlackApiError

from sandbox.slack.blockkit import problems_of, stored
from sandbox.slack.chat import SPLIT_AT, split
from sandbox.slack.mentions import fired
from tests.sandbox.slack_stage import OPS, Stage, button


def plain(text: str) -> dict[str, Any]:
    return {"type": "plain_text", "text": text}


def mrkdwn(text: str) -> dict[str, Any]:
    return {"type": "mrkdwn", "text": text}


def section(text: str = "a", **more: Any) -> dict[str, Any]:
    return {"type": "section", "text": mrkdwn(text), **more}


def rich(*elements: dict[str, Any], kind: str = "rich_text_section") -> dict[str, Any]:
    return {"type": "rich_text", "elements": [{"type": kind, "elements": list(elements)}]}


def options(count: int) -> list[dict[str, Any]]:
    return [{"text": plain(str(each)), "value": str(each)} for each in range(count)]


def actions(*elements: dict[str, Any]) -> dict[str, Any]:
    return {"type": "actions", "elements": list(elements)}


def select(count: int, **more: Any) -> dict[str, Any]:
    return {"type": "static_select", "action_id": "s", "options": options(count), **more}


def pressed(number: int = 0, **more: Any) -> dict[str, Any]:
    return {"type": "button", "action_id": f"b{number}", "text": plain("Go"), **more}


CONFIRM = {"title": plain("Sure?"), "text": mrkdwn("It stops."), "confirm": plain("Yes"), "deny": plain("No")}
GOOD: list[list[dict[str, Any]]] = [
    [],
    [section("a" * 3_000)],
    [{"type": "section", "fields": [mrkdwn("f" * 2_000)] * 10}],
    [{"type": "header", "text": plain("h" * 150)}, {"type": "divider"}],
    [{"type": "context", "elements": [mrkdwn("c")] * 10}],
    [actions(*(pressed(each) for each in range(25)))],
    [actions(pressed(value="v" * 2_000, style="danger", confirm=CONFIRM, url="https://x.example"))],
    [actions(select(100, placeholder=plain("p" * 150), initial_option=options(1)[0]))],
    [actions({"type": "overflow", "action_id": "o", "options": options(5)})],
    [section(accessory=pressed())],
    [rich({"type": "text", "text": "x" * 3_000, "style": {"code": True}}, kind="rich_text_preformatted")],
    [
        rich(
            {"type": "text", "text": "x"},
            {"type": "user", "user_id": "U0ALICE001"},
            {"type": "link", "url": "http://x"},
        )
    ],
    [{"type": "markdown", "text": "m" * 12_000}],
    [{"type": "table", "rows": [[{"type": "raw_text", "text": "cell"}] * 20] * 100}],
    [{"type": "image", "image_url": "https://x.example/a.png", "alt_text": "a"}],
    [section(block_id="b" * 255)] + [section()] * 49,
]
BAD: list[tuple[list[dict[str, Any]], str]] = [
    ([section()] * 51, "/blocks]"),
    ([{"type": "foo"}], "unsupported type: foo [json-pointer:/blocks/0/type]"),
    ([{"type": "card"}], "unsupported type: card"),
    ([section("a" * 3_001)], "less than 3001 characters [json-pointer:/blocks/0/text/text]"),
    ([section("")], "/blocks/0/text/text"),
    ([{"type": "section"}], "text or fields"),
    ([section(colour="red")], "additional property: colour"),
    ([{"type": "section", "fields": [mrkdwn("f")] * 11}], "/blocks/0/fields"),
    ([{"type": "section", "fields": [mrkdwn("f" * 2_001)]}], "/blocks/0/fields/0/text"),
    ([{"type": "header", "text": plain("h" * 151)}], "/blocks/0/text/text"),
    ([{"type": "header", "text": mrkdwn("h")}], "unsupported type: mrkdwn"),
    ([{"type": "context", "elements": [mrkdwn("c")] * 11}], "/blocks/0/elements"),
    ([actions(*(pressed(each) for each in range(26)))], "/blocks/0/elements"),
    ([actions()], "/blocks/0/elements"),
    ([actions(pressed(), pressed())], "`action_id` already exists: b0"),
    ([actions(pressed(text=plain("t" * 76)))], "/blocks/0/elements/0/text/text"),
    ([actions(pressed(value="v" * 2_001))], "/blocks/0/elements/0/value"),
    ([actions(pressed(style="blue"))], "must be one of: danger, primary"),
    ([actions(pressed(url="javascript:alert(1)"))], "valid url"),
    ([actions(pressed(confirm={"title": plain("Sure?")}))], "missing required field: text"),
    ([actions(pressed(confirm={**CONFIRM, "text": mrkdwn("t" * 301)}))], "/confirm/text/text"),
    ([actions(pressed(action_id="a" * 256))], "/action_id"),
    ([actions({"type": "plain_text_input", "action_id": "i"})], "unsupported type: plain_text_input"),
    ([actions(select(101))], "/blocks/0/elements/0/options"),
    ([actions(select(0))], "/blocks/0/elements/0/options"),
    ([actions(select(1, initial_option=options(2)[1]))], "initial option"),
    ([actions({**select(1), "option_groups": []})], "either options or option_groups"),
    ([actions({"type": "overflow", "action_id": "o", "options": options(6)})], "options"),
    ([actions({"type": "checkboxes", "action_id": "c", "options": options(11)})], "options"),
    ([section(accessory=select(101))], "/blocks/0/accessory/options"),
    ([section(block_id="b" * 256)], "/blocks/0/block_id"),
    ([section(block_id="b"), section(block_id="b")], "`block_id` already exists: b"),
    ([{"type": "markdown", "text": "m" * 6_001}] * 2, "in total"),
    ([{"type": "table", "rows": [[{"type": "raw_text", "text": "c"}]]}] * 2, "only_one_table_allowed"),
    ([{"type": "table", "rows": [[{"type": "raw_text", "text": "c"}] * 21]}], "/blocks/0/rows/0"),
    ([{"type": "image", "image_url": "https://x.example/a.png"}], "missing required field: alt_text"),
    ([{"type": "input", "label": plain("L"), "element": pressed()}], "unsupported type: button"),
    ([rich({"type": "text", "text": ""})], "/blocks/0/elements/0/elements/0/text"),
    ([rich({"type": "user", "user_id": "U1"}, kind="rich_text_preformatted")], "unsupported type: user"),
    ([rich({"type": "text", "text": "a", "style": {"big": True}})], "invalid style"),
    ([rich({"type": "broadcast", "range": "world"})], "must be one of"),
    (
        [
            {
                "type": "rich_text",
                "elements": [{"type": "rich_text_list", "style": "bullet", "indent": 9, "elements": []}],
            }
        ],
        "/indent",
    ),
]


@pytest.mark.parametrize("blocks", GOOD)
def test_what_keeps_the_limits_passes(blocks: list[dict[str, Any]]) -> None:
    """Blocks at the very edge of a limit are accepted."""
    assert problems_of(blocks) == []


@pytest.mark.parametrize(("blocks", "problem"), BAD)
def test_what_breaks_a_limit_is_named(blocks: list[dict[str, Any]], problem: str) -> None:
    """Blocks beyond a limit are refused, with what is wrong and where."""
    assert any(problem in each for each in problems_of(blocks)), problems_of(blocks)


def test_the_web_api_refuses_with_slacks_words() -> None:
    """chat.postMessage answers invalid_blocks with its reasons, invalid_blocks_format for what is no list."""
    with Stage() as stage:
        with pytest.raises(SlackApiError) as raised:
            stage.web.chat_postMessage(channel=OPS, text="a", blocks=[{"type": "foo"}])
        assert raised.value.response["error"] == "invalid_blocks"
        messages = raised.value.response["response_metadata"]["messages"]
        assert messages == ["[ERROR] unsupported type: foo [json-pointer:/blocks/0/type]"]
        call = {"channel": OPS, "text": "a", "blocks": {"type": "divider"}}
        assert (
            stage.refusal(lambda: stage.web.api_call("chat.postMessage", json=call))
            == "invalid_blocks_format"
        )
        assert stage.slack.visible("alice", "ops") == []


def test_stored_blocks_are_complete() -> None:
    """Slack adds the ids and the defaults that were left out, and leaves the given blocks alone."""
    given_blocks = [section(), actions({"type": "button", "text": plain("Go")})]
    kept = stored(given_blocks)
    assert all(block["block_id"] for block in kept)
    assert kept[0]["text"]["verbatim"] is False
    assert kept[1]["elements"][0]["text"]["emoji"] is True
    assert kept[1]["elements"][0]["action_id"]
    assert "block_id" not in given_blocks[0]


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=3) | st.sampled_from(["mrkdwn", "button"]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["type", "text", "elements", "options"]), inner, max_size=3)
    ),
    max_leaves=6,
)


@st.composite
def damaged(draw: st.DrawFn) -> Any:
    """Good blocks with anything at all put into one place of them."""
    blocks = copy.deepcopy(draw(st.sampled_from(GOOD[1:])))
    part: Any = blocks
    while True:
        keys = list(part) if isinstance(part, dict) else list(range(min(len(part), 3)))
        key = draw(st.sampled_from(keys))
        if not isinstance(part[key], (dict, list)) or not part[key] or draw(st.booleans()):
            part[key] = draw(JSON)
            return blocks
        part = part[key]


@given(JSON | damaged())
def test_any_json_is_judged(blocks: Any) -> None:
    """Whatever is sent as blocks, the check answers with problems and never fails; what passes is kept."""
    if not problems_of(blocks):
        stored(blocks)
        fired({"text": "", "blocks": blocks})


@given(st.text(min_size=1, max_size=50).map(lambda part: part * 400))
def test_a_split_text_loses_nothing(text: str) -> None:
    """The parts of a long text joined are the text again, and none is longer than Slack makes them."""
    parts = split(text, whole=False)
    assert "".join(parts) == text
    assert len(parts) == 1 or all(len(part) <= SPLIT_AT for part in parts)


def test_a_button_helper_is_valid() -> None:
    """The block these tests press is one Slack accepts."""
    assert problems_of([button()]) == []
