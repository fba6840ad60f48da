"""How replies look, and the pieces all messages are built of."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from blocks import parts
from blocks import reply as drawing
from bot.model import Message, Person, Place, Reply, Run

RUN = Run(
    id="r1", source="s1", person=Person("T0ACME0001", "U0ALICE001"), asker="alice",
    place=Place("C0OPS00001"), project="acme/shop",
    project_id=1, job="hello", ref="main", arguments="", status="success", job_id=77, started_at=1_000,
    finished_at=66_000, job_url="https://gitlab.example/acme/shop/-/jobs/77",
)  # fmt: skip


def ended(status: str, reason: str = "") -> Run:
    return Run(
        **{**{name: getattr(RUN, name) for name in RUN.__slots__}, "status": status, "failure_reason": reason}
    )


def elements(message: Message) -> list[Any]:
    """Return every innermost rich-text element of a message."""
    rich = [block for block in message.blocks if block["type"] == "rich_text"]
    return [one for block in rich for element in block["elements"] for one in element["elements"]]


def shown(message: Message) -> str:
    """Return all that a reader sees, a line for each element of rich text."""
    lines = []
    for block in message.blocks:
        for element in block["elements"]:
            inner = element.get("elements", [element])
            lines.append("".join(one.get("text", f"<@{one.get('user_id')}>") for one in inner))
    return "\n".join(lines)


def test_a_reply_is_shown_as_the_job_printed_it() -> None:
    """A short reply is one preformatted block, and nobody is mentioned."""
    message = drawing.reply(RUN, Reply("Hello\n  World", complete=True), mention=False)
    assert message.blocks == (
        {"type": "rich_text", "elements": [
            {"type": "rich_text_preformatted", "elements": [{"type": "text", "text": "Hello\n  World"}]}
        ]},
    )  # fmt: skip
    assert message.text == "hello passed in 1 m 05 s. Hello World"
    assert message.file is None


def test_the_asker_is_mentioned_when_wanted() -> None:
    """With a mention, the asker stands first, then how the job ended."""
    message = drawing.reply(RUN, Reply("ok", complete=True), mention=True)
    assert elements(message)[0] == {"type": "user", "user_id": "U0ALICE001"}
    assert shown(message) == "<@U0ALICE001> hello passed in 1 m 05 s.\nok"


def test_the_authors_links_work() -> None:
    """A link the job's author wrote is a link; a mention beside it is text."""
    message = drawing.reply(
        RUN, Reply("<!channel> get <https://x.example/a|it>", complete=True), mention=False
    )
    assert elements(message) == [
        {"type": "text", "text": "<!channel> get "},
        {"type": "link", "url": "https://x.example/a", "text": "it"},
    ]


@pytest.mark.parametrize("text", [None, ""])
def test_a_silent_job_is_said_to_be_silent(text: str | None) -> None:
    """A job that passed and printed nothing gets a sentence; so does one whose log never came."""
    assert shown(drawing.reply(RUN, Reply(text, complete=True), mention=False)) == drawing.NOTHING
    lost = shown(drawing.reply(RUN, Reply(text, complete=False), mention=False))
    assert lost == f"{drawing.UNREAD}\n{drawing.NOT_WHOLE}"


def test_a_long_reply_is_a_file_with_an_excerpt() -> None:
    """Over the limit the whole is a file, and its first and last lines are in the message."""
    lines = [f"line {number} {'x' * 30}" for number in range(200)]
    message = drawing.reply(RUN, Reply("\n".join(lines), complete=True), mention=False)
    assert message.file is not None
    assert (message.file.name, message.file.text) == ("hello-77.txt", "\n".join(lines))
    head, gap, tail = (
        shown(message).split("\n… ")[0],
        "180 more lines in the file",
        shown(message).split("…\n")[-1],
    )
    assert (head, tail) == ("\n".join(lines[:5]), "\n".join(lines[-15:]))
    assert gap in shown(message)


def test_a_reply_whose_middle_is_lost_says_so() -> None:
    """If the parser kept only both ends, the reader is told."""
    message = drawing.reply(
        RUN, Reply("a\n… 9 bytes left out …\nb", complete=True, clipped=True), mention=False
    )
    assert drawing.CLIPPED in shown(message)


@pytest.mark.parametrize(
    ("reason", "said"),
    [
        ("script_failure", "its script failed"),
        ("brand_new_reason", "brand_new_reason"),
        ("", "GitLab does not say why"),
    ],
)
def test_a_failed_job_says_why(reason: str, said: str) -> None:
    """The reason is a sentence; one that is not known stands as GitLab gives it."""
    message = drawing.reply(ended("failed", reason), Reply(None, complete=True), mention=False)
    assert shown(message) == f"hello failed in 1 m 05 s: {said}."


def test_a_failed_job_shows_its_reply_and_its_tail() -> None:
    """What a failed job said and the end of its log are both shown, the one not repeated in the other."""
    failed = ended("failed", "script_failure")
    tail = ("$ make", "boom", "no rule")

    def after_headline(text: str | None) -> str:
        reply = Reply(text, complete=True, tail=tail)
        return shown(drawing.reply(failed, reply, mention=False)).split("\n", 1)[1]

    end = f"{drawing.TAIL}\n" + "\n".join(tail)
    assert after_headline("half done") == f"half done\n{end}"
    assert after_headline(None) == end
    assert after_headline("boom\nno rule") == end
    links = Reply(
        "<https://x.example/|log>", complete=True, answered=True, tail=("$ make", "<https://x.example/|log>")
    )
    assert [one["type"] for one in elements(drawing.reply(failed, links, mention=False))].count("link") == 2
    assert after_headline("first\nboom\nno rule") == "first\nboom\nno rule"


@pytest.mark.parametrize(
    ("status", "said"),
    [("canceled", "was canceled in 1 m 05 s."), ("skipped", "ended in 1 m 05 s: skipped.")],
)
def test_other_ends_are_told(status: str, said: str) -> None:
    """A canceled job, or one in a state nobody knows yet, is told as such, with what it said."""
    message = drawing.reply(ended(status), Reply("so far", complete=False), mention=False)
    assert shown(message) == f"hello {said}\nso far"


ODD = st.lists(
    st.sampled_from(["<!channel>", "<@U0ALICE001>", "@here", "<https://a.example/x|gitlab.com>", "\n", "```"])
    | st.sampled_from(["&", "x" * 400])
    | st.text(max_size=8),
    max_size=30,
).map("".join)  # fmt: skip


@given(
    text=ODD | st.none(),
    tail=st.lists(ODD, max_size=15).map(tuple),
    status=st.sampled_from(["success", "failed", "canceled", "<!here>"]),
    job=ODD,
    mention=st.booleans(),
)
def test_a_reply_keeps_to_slacks_rules(
    text: str | None, tail: tuple[str, ...], status: str, job: str, mention: bool
) -> None:
    """Whatever the job printed: no active mention but the asker's, no empty element, nothing too long."""
    run = Run(**{**{name: getattr(RUN, name) for name in RUN.__slots__}, "status": status, "job": job or "j"})
    message = drawing.reply(run, Reply(text, complete=True, tail=tail), mention=mention)
    assert message.text
    assert len(message.text) <= 4000
    assert not re.search("[<>]|@(?:channel|here|everyone)", message.text, re.IGNORECASE)
    assert [one["user_id"] for one in elements(message) if one["type"] == "user"] == ["U0ALICE001"] * mention
    assert {one["type"] for one in elements(message)} <= {"text", "link", "user"}
    assert all(one["text"] for one in elements(message) if one["type"] != "user")
    assert "mrkdwn" not in json.dumps([block["type"] for block in message.blocks])
    for block in message.blocks:
        size = sum(
            len(one.get("text", "")) for element in block["elements"] for one in element.get("elements", ())
        )
        assert size <= parts.RICH_TEXT_LIMIT


# In a terminal ----------------------------------------------------------------------------------------------


def test_a_terminal_shows_what_slack_would() -> None:
    """Links show their address, a long reply its two ends, and nothing is None."""
    assert (
        drawing.terminal(Reply("a <https://x.example/|b> <!here>", complete=True))
        == "a b <https://x.example/> <!here>"
    )
    long = drawing.terminal(Reply("line\n" * 1000, complete=True))
    assert long is not None
    assert "… 981 more lines in the file …" in long
    assert long.endswith("Slack gets the whole reply as a file, too: 5000 characters.")
    assert drawing.terminal(Reply(None, complete=True)) is drawing.terminal(Reply("", complete=True)) is None


def test_a_terminal_shows_the_end_of_a_failed_log() -> None:
    """A log that ends with an exit code is one that failed: its last lines stand below the reply, or alone."""
    both = drawing.terminal(
        Reply("It broke.", complete=True, answered=True, exit_code=1, tail=("Part 1", "Part 2"))
    )
    assert both == f"It broke.\n\n{drawing.TAIL}\nPart 1\nPart 2"
    alone = drawing.terminal(Reply(None, complete=True, exit_code=1, tail=("Part 1",)))
    assert alone == f"{drawing.TAIL}\nPart 1"
    assert drawing.terminal(Reply("Fine.", complete=True, answered=True, tail=("Part 1",))) == "Fine."


def test_a_log_without_a_reply_has_its_sentence() -> None:
    """No place to look, an empty section, a silent script: each is told, with what Slack would show."""
    assert "no chat_reply section" in drawing.nothing(Reply(None, complete=True))
    assert "Its chat_reply section is empty" in drawing.nothing(Reply("", complete=True, answered=True))
    said = drawing.nothing(Reply("", complete=True))
    assert said.endswith(f"Its script printed nothing; Slack would show: {drawing.NOTHING}")


# Parts ------------------------------------------------------------------------------------------------------


def test_mrkdwn_is_never_parsed_for_names() -> None:
    """Every mrkdwn text is verbatim."""
    assert parts.section("*a*")["text"] == {"type": "mrkdwn", "text": "*a*", "verbatim": True}
    assert all(one["verbatim"] for one in parts.context("a", "b")["elements"])


@given(st.lists(st.sampled_from(["a", " ", "&amp;", "&lt;", "<https://x.example/abc|label>"]), max_size=40))
def test_a_long_section_is_cut_between_its_marks(words: list[str]) -> None:
    """A text over Slack's limit is cut, but never inside an entity or a link."""
    text = parts.section("".join(words) * 200)["text"]["text"]
    assert 1 <= len(text) <= parts.TEXT_LIMIT
    assert not re.search(r"<[^>]*\Z|&[a-z]*…?\Z", text)


def test_buttons_keep_to_the_limits() -> None:
    """Labels are cut; an id or a value that does not fit is refused: cut, it would mean another thing."""
    made = parts.button(
        "x" * 100, "run.again", "r1", style="danger", confirm=parts.confirm("t" * 200, "u" * 400, "y", "n")
    )
    assert len(made["text"]["text"]) == parts.LABEL_LIMIT
    assert (len(made["confirm"]["title"]["text"]), len(made["confirm"]["text"]["text"])) == (100, 300)
    assert len(parts.actions(*[made] * 30)["elements"]) == parts.ACTIONS_LIMIT
    with pytest.raises(ValueError, match="cannot carry that much"):
        parts.button("x", "run.again", "v" * 2001)


def test_nothing_is_ever_empty() -> None:
    """Slack refuses empty texts: a blank stands in."""
    texts = [
        parts.section("")["text"],
        parts.header("")["text"],
        parts.plain_context("")["elements"][0],
        parts.words(""),
    ]
    assert [one["text"] for one in texts] == [" "] * 4
    assert parts.divider() == {"type": "divider"}
    assert parts.words("x", code=True)["style"] == {"code": True}


def test_a_failed_job_says_its_own_reply_before_the_tail() -> None:
    """A chat_reply is shown by itself even when the tail of the log holds it, and the tail without it."""
    tail = ("part 40", "$ printf 'section_start:%s:chat_reply'", "Part 41 is missing.", "$ exit 3")
    reply = Reply("Part 41 is missing.", complete=True, answered=True, exit_code=3, tail=tail)
    said = shown(drawing.reply(ended("failed", "script_failure"), reply, mention=False))
    assert said.endswith(f"with exit code 3.\nPart 41 is missing.\n{drawing.TAIL}\npart 40\n$ exit 3")
