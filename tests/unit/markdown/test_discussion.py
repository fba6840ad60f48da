"""Messages from Slack as a quoted discussion in GitLab."""

from __future__ import annotations

import pytest

from bot.markdown import NOTE_LIMIT, Said, SharedFile, mark_of, marked, quote
from bot.markdown.letters import JOINER
from tests.unit.markdown import gitlab_eyes
from tests.unit.markdown.company import NAMES

LINK = "https://acme-dev.slack.com/archives/C0OPS00001/p1763649000000500"
ROOT = Said("1763649000.000500", "U0ALICE001", "prod is on fire <@U0BOB00001>", permalink=LINK)
REPLY = Said("1763649300.000800", "U0BOB00001", "rolling back\n```/close```", thread=ROOT.ts)
ALERT = Said("1763649100.000100", "", "", attachments=({"title": "HighLatency"},), app="alertmanager")


def told(*messages: Said, limit: int = NOTE_LIMIT, uploads: dict[str, str] | None = None) -> str:
    return quote(messages, names=NAMES, uploads=uploads, limit=limit).replace(JOINER, "·")


def test_each_message_has_who_when_and_what() -> None:
    """Name, time in UTC with a link to Slack, and the words as a quote; a reply stands below its message."""
    assert told(REPLY, ALERT, ROOT).split("\n") == [
        f"**Alice Ito** · [2025-11-20 14:30 UTC]({LINK})",
        "",
        "> prod is on fire @·bob",
        "",
        "- **bob** · 2025-11-20 14:35 UTC",
        "",
        "  > rolling back",
        "  >",
        "  >  ```",
        "  >  /close",
        "  >  ```",
        "",
        "**alertmanager** · 2025-11-20 14:31 UTC",
        "",
        "> **HighLatency**",
    ]


def test_a_reply_without_its_message_stands_for_itself() -> None:
    """Of a thread whose beginning was not asked for, the replies are told one after another."""
    assert told(REPLY).startswith("**bob** · ")


def test_files_are_uploads_or_links() -> None:
    """GitLab's own Markdown stands for a file that was uploaded, else its name, as a link if there is one."""
    files = (
        SharedFile("F1", "graph.png"),
        SharedFile("F2", "a [log].txt\n/close", "https://acme-dev.slack.com/files/U1/F2/a.txt"),
        SharedFile("F3", "", "nowhere"),
    )
    shared = Said("1763649000.000500", "U0ALICE001", "", files=files)
    assert told(shared, uploads={"F1": "![graph](/uploads/1f/graph.png)"}).split("\n")[2:] == [
        "> ![graph](/uploads/1f/graph.png)\\",
        "> 📎 [a \\[log\\].txt /close](https://acme-dev.slack.com/files/U1/F2/a.txt)\\",
        "> 📎 a file",
    ]


def test_words_and_files_are_apart() -> None:
    """Files come after the words of their message; a message with neither says so."""
    shared = Said("1763649000.000500", "U0ALICE001", "see", files=(SharedFile("F1", "x.log"),))
    assert told(shared).split("\n")[2:] == ["> see", ">", "> 📎 x.log"]
    assert told(Said("1763649000.000500", "U0ALICE001", "")).endswith("> *(no text)*")


def test_nobody_is_called_by_a_name() -> None:
    """A display name that is a mention, a quick action and markup is shown and does nothing."""
    body = quote([Said("x", "U0EVE00001", "hi"), Said("1", "", "hi")], names=NAMES)
    assert body.replace(JOINER, "·").startswith("**@·all /close \\*x\\*** · 1970-01-01 00:00 UTC")
    assert "**Somebody** · 1970-01-01 00:00 UTC" in body
    assert gitlab_eyes.mentions(body) == gitlab_eyes.quick_actions(body) == []


def test_too_long_a_discussion_loses_its_beginning() -> None:
    """The newest messages stay, and a sentence says how many are left out."""
    many = [Said(f"{1763649000 + n}.000001", "U0BOB00001", f"word {n} " * 20) for n in range(30)]
    body = told(*many, limit=1500)
    assert len(body) <= 1500
    assert body.startswith("*23 earlier messages left out: GitLab takes no longer text.*\n\n**bob**")
    assert "word 29" in body


def test_too_long_a_message_is_cut_whole() -> None:
    """One message that is too long is cut between its parts, so that its code block still ends."""
    body = told(Said("1763649000.000500", "U0BOB00001", "first\n```" + "x_\n" * 2000 + "```last"), limit=2000)
    assert len(body) <= 2000
    assert body.endswith("more characters in Slack)*")
    assert gitlab_eyes.kinds(body) >= {"fence"}
    assert "earlier" not in body


def test_the_time_is_taken_from_slack() -> None:
    """A moment has milliseconds; what is no time of Slack's is the beginning of all."""
    assert ROOT.at == 1763649000000
    assert Said("1763649000.123456", "", "").at == 1763649000123
    assert [Said(ts, "", "").at for ts in ("", "x", "1.2.3", "-1")] == [0, 0, 0, 0]


def test_a_marked_text_is_known_again() -> None:
    """The mark is the last line, shows nothing, and only there it counts."""
    body = marked("words\n", "v1 m=c0ffee-12 h=ab/cd")
    assert body == "words\n\n<!-- signalbox v1 m=c0ffee-12 h=ab/cd -->"
    assert mark_of(body) == mark_of(body + "\n ") == "v1 m=c0ffee-12 h=ab/cd"
    assert mark_of(f"{body}\nmore") is None
    assert mark_of("words") is mark_of("") is None


@pytest.mark.parametrize("mark", ["", "a-->b", "a--b", "<b>", "a\nb", "x" * 400])
def test_a_mark_that_would_end_early_is_refused(mark: str) -> None:
    """What cannot be read back is not written."""
    with pytest.raises(ValueError, match="cannot be a mark"):
        marked("words", mark)
