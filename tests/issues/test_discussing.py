"""Comments, and what was said in Slack: quoted in GitLab once, with names, links and files, and without bots."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.edges.slack_history import SlackFile, SlackMessage
from bot.edges.slack_people import Us
from bot.issues import files, sheets, talk
from bot.issues.sheets import Sheet
from bot.issues.talk import PART_LIMIT, Talk
from sandbox.process import ROOT
from tests.evidence.floor import OPS, SHOP, SHOP_ID, dm
from tests.evidence.plays_issue import MESSAGE
from tests.issues.stage import Stage

US = Us("U0OPSBOT01", "T1", "", "https://acme.slack.com/")
FILES = ROOT / "sandbox" / "files"


# Comments ---------------------------------------------------------------------------------------------------


def test_a_comment_and_its_card(stage: Stage) -> None:
    """It is written once, as the person; the card shows it, and so does its thread."""
    number = stage.issue()
    stage.type(f"issue open {number}")
    assert stage.type(f"issue comment #{number} It happens on *Fridays*.") == ""
    (note,) = stage.notes(number)
    assert note.startswith("It happens on **Fridays**.\n\n<!-- signalbox ")
    assert "Bob Baker, just now:" in stage.seen(number)
    assert "Fridays" in stage.seen(number)
    assert "signalbox" not in stage.seen(number)
    assert "Commented by bob" in stage.line(".comment")
    assert "Fridays" in stage.line(".comment")
    assert [one.decision for one in stage.trail()] == ["commented"]


@pytest.mark.parametrize("how", ["502-after", "cut-after"])
def test_a_comment_whose_answer_is_lost(stage: Stage, how: str) -> None:
    """It is found by its mark, and told."""
    number = stage.issue()
    stage.break_(how, times=1)
    assert "I am looking" in stage.type(f"issue comment {number}\nLook")
    stage.tick(2)
    assert "Commented by bob" in stage.seen(number)
    told = stage.floor.told(f"{stage.keys[-1]}.comment.found")
    assert f"the comment on acme/shop#{number}" in told
    assert len(stage.notes(number)) == 1


def test_an_internal_note_is_not_shown(stage: Stage) -> None:
    """The last one that everybody may read is."""
    number = stage.issue()
    stage.act(f"comment #{number} For all")
    stage.act(f"internal-note #{number} For members")
    seen = stage.type(f"issue show {number}")
    assert "For all" in seen
    assert "For members" not in seen


def test_a_number_that_may_belong_to_the_words(stage: Stage) -> None:
    """Is asked about where another issue may be meant, and nowhere else."""
    first, other = stage.issue("One"), stage.issue("Two")
    stage.type(f"issue comment {other} people told me")
    assert len(stage.notes(other)) == 1
    stage.type(f"issue open {first}")
    said = stage.type(f"issue comment {other} people told me")
    assert f"Is {other} the issue, or does your comment on #{first} begin with it?" in said
    stage.type(f"issue comment {first} people told me")
    assert len(stage.notes(first)) == 1
    assert len(stage.notes(other)) == 1


def test_a_comment_by_its_form(stage: Stage) -> None:
    """In Markdown, whose mentions call nobody."""
    number = stage.issue()
    about = sheets.keep(stage.kit, stage.floor.person("bob"), Sheet(SHOP_ID, SHOP, number))
    assert stage.send("comment", about, text="## Look\n\n- [x] @alice") == ""
    (note,) = stage.notes(number)
    assert note.startswith("**Look**")
    assert "@\u2060alice" in note


# What is quoted ---------------------------------------------------------------------------------------------


def test_the_last_messages_become_the_discussion(stage: Stage) -> None:
    """Those of people, oldest first, as the API tells them; commands, joins and bots are left out."""
    stage.say("too old")
    stage.say("The basket, see https://shop.example.com/x")
    stage.say("@Signalbox issue show", "bob")
    stage.say("`x = 1` *really*", "bob")
    slack = stage.floor.slack
    slack.run(slack.slack.acts.act("alice", "kick", "carol #ops"))
    slack.run(slack.slack.acts.act("alice", "invite", "carol #ops"))
    stage.type("issue create Basket from last 2", "carol")
    told = stage.in_gitlab(1).description
    assert "### Discussion in Slack" in told
    assert "too old" not in told
    assert told.index("**alice**") < told.index("**bob**")
    assert "<https://shop.example.com/x>" in told
    assert "`x = 1` **really**" in told
    assert "/archives/C0OPS00001/p" in told
    assert "Created by carol with the last 2 messages" in stage.seen(1)


def message(text: str = "hi", **more: object) -> SlackMessage:
    return SlackMessage(**{"ts": "1763650000.000100", "user": "U0BOB00001", "text": text} | more)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("one", "is_talk"),
    [
        (message(), True), (message(subtype="file_share"), True), (message(subtype="thread_broadcast"), True),
        (message(subtype="me_message"), True), (message(subtype="channel_join"), False),
        (message(subtype="bot_message"), False), (message(bot="B1"), False), (message(user=""), False),
        (message(user="U0OPSBOT01"), False), (message("<@U0OPSBOT01> issue add"), False),
        (message("  <@U0OPSBOT01>, help"), False), (message("please <@U0OPSBOT01> issue add last 3"), False),
        (message("please <@U0OPSBOT01> shop issue add"), False), (message("ask <@U0OPSBOT01> later"), True),
        (message("<@U0ALICE001> issue add"), True),
    ],
)  # fmt: skip
def test_what_people_say_to_one_another(one: SlackMessage, is_talk: bool) -> None:
    """Is talk; what the workspace, an app or a command says is none."""
    assert talk.is_talk(one, US) is is_talk


@pytest.mark.parametrize("who", ["<@U0BOB00001>", "@bob", "@BOB"])
def test_messages_of_one_person(stage: Stage, who: str) -> None:
    """By a mention, or by the name as it is shown."""
    number = stage.issue()
    for text, name in (("one", "bob"), ("two", "alice"), ("three", "bob")):
        stage.say(text, name)
    stage.type(f"issue add #{number} from {who} last 2", "carol")
    (note,) = stage.notes(number)
    assert "> one" in note
    assert "> three" in note
    assert "two" not in note
    assert "I find nothing of dave here to quote" in stage.type(
        f"issue add #{number} from <@U0DAVE0001> last 2"
    )


def test_a_thread_is_quoted_as_a_whole(stage: Stage) -> None:
    """Its first message and all replies, unless somebody says how many."""
    number = stage.issue()
    root = stage.say("The basket is empty")
    stage.say("Since when?", "bob", thread=root)
    stage.say("Since noon", "carol", thread=root)
    mention = {"way": "mention", "thread_ts": root, "ts": "1799999999.000100"}
    stage.floor.say("bob", f"<@U0OPSBOT01> issue add #{number}", **mention)
    (note,) = stage.notes(number)
    assert all(words in note for words in ("The basket is empty", "Since when?", "Since noon"))
    assert f"?thread_ts={root}&cid=C0OPS00001" in note
    stage.floor.say("bob", "<@U0OPSBOT01> issue add last 1", **mention)
    assert "Since noon" in stage.notes(number)[1]
    assert "Since when?" not in stage.notes(number)[1]


def test_in_a_channel_it_is_asked_how_many(stage: Stage) -> None:
    """And in direct messages there is nothing to quote."""
    number = stage.issue()
    assert "How many of the last messages?" in stage.type(f"issue add {number}")
    channel = dm(stage.floor.user("bob"))
    assert "Here is nothing to quote" in stage.type(f"shop issue add {number} last 2", channel=channel)


def test_a_channel_the_bot_is_not_in(stage: Stage) -> None:
    """Is said plainly, before anything is made."""
    said = stage.type("shop issue create Basket from last 2", channel="C0LOBBY001")
    assert "I am not in that channel. Invite me there with `/invite`" in said
    assert stage.calls("POST /projects/:id/issues") == 0


def talk_of(*texts: str) -> Talk:
    said = tuple(message(text, ts=f"17636500{n:02}.000100") for n, text in enumerate(texts))
    return Talk(said, OPS, US.url, len(texts))


def test_a_long_discussion_is_parted(stage: Stage) -> None:
    """No part is longer than GitLab takes, no message is lost, and they keep their order."""
    long = talk_of(*(f"{n} " + "word " * 15_000 for n in range(10)))
    found = talk.parts(stage.kit, long, {})
    assert len(found) > 3
    assert all(len(part.encode()) < 1_000_000 and len(part) <= PART_LIMIT for part in found)
    assert [n for n in range(10) if f"> {n} word" in "\n".join(found)] == list(range(10))
    assert "left out" not in "".join(found)


def test_a_long_discussion_is_written_in_parts(stage: Stage) -> None:
    """The first with the issue, the others as comments, each once; they are told of once."""
    for n in range(9):
        stage.say(f"{n} " + "word " * 7_500)
    stage.type("issue create Basket from last 9")
    assert "> 0 word" in stage.in_gitlab(1).description
    notes = stage.notes(1)
    assert len(notes) >= 2
    assert "> 8 word" in notes[-1]
    assert [one.decision for one in stage.trail()] == ["created"]
    assert len(stage.cards(1)) == 1


@pytest.mark.parametrize(
    ("said", "wanted", "words"),
    [
        (1, 1, "the last message"), (5, 5, "the last 5 messages"), (3, 5, "3 messages, all there are"),
        (1, None, "the last message"), (4, None, "the last 4 messages"),
    ],
)  # fmt: skip
def test_how_many_are_told(said: int, wanted: int | None, words: str) -> None:
    """Fewer than were asked for is said."""
    assert Talk((message(),) * said, OPS, "", wanted).in_words == words


# Files ------------------------------------------------------------------------------------------------------


def test_files_come_along(stage: Stage) -> None:
    """Images are shown, others linked; what was sent once is not sent again."""
    number = stage.issue()
    stage.upload(FILES / "graph.png")
    stage.upload(FILES / "notes.txt")
    stage.type(f"issue add #{number} last 2")
    (note,) = stage.notes(number)
    assert "![graph](/uploads/" in note
    assert "[notes.txt](/uploads/" in note
    assert stage.calls("POST /projects/:id/uploads") == 2
    assert "Added the last 2 messages by bob" in stage.seen(number)


@pytest.mark.parametrize("how", ["502-after", "cut-after"])
def test_a_file_whose_upload_is_not_answered_stays_a_link(stage: Stage, how: str) -> None:
    """It may be in GitLab, and is not sent again."""
    number = stage.issue()
    stage.upload(FILES / "graph.png")
    stage.break_(how, times=1)
    stage.type(f"issue add #{number} last 1")
    (note,) = stage.notes(number)
    assert "📎 [graph.png](https://acme-dev.slack.com/files/" in note
    assert "1 file stays in Slack, as a link" in stage.seen(number)
    assert stage.calls("POST /projects/:id/uploads") == 1


def test_files_that_cannot_be_had_stay_links(stage: Stage, tmp_path: Path) -> None:
    """Without the scope Slack leads to a page to sign in at, which is no file; GitLab may refuse a size."""
    number = stage.issue()
    stage.upload(FILES / "graph.png")
    stage.floor.slack.slack.desk.scopes.discard("files:read")
    stage.type(f"issue add #{number} last 1")
    stage.floor.slack.slack.desk.scopes.add("files:read")
    large = tmp_path / "large.bin"
    large.write_bytes(b"\0" * 1_500_000)
    stage.act("attachment-limit 1", "root")
    stage.upload(large)
    stage.type(f"issue add #{number} last 1")
    first, second = stage.notes(number)
    assert "<html" not in first.lower()
    assert "📎 [graph.png](https://" in first
    assert "📎 [large.bin](https://" in second


def shared(number: int, **more: object) -> SlackFile:
    kept = {
        "id": f"F{number}",
        "name": "a.png",
        "kind": "image/png",
        "size": 5,
        "url": "https://x",
        "permalink": "p",
    }
    return SlackFile(**kept | more)  # type: ignore[arg-type]


def test_how_many_files_are_carried() -> None:
    """Each once, none that is too large, empty or elsewhere, and no more than one discussion may bring."""
    many = [shared(n) for n in range(files.MOST_FILES + 5)]
    assert len(files._fitting([*many, many[0]])) == files.MOST_FILES
    assert files._fitting([shared(1, size=0), shared(2, url=""), shared(3, size=files.LARGEST + 1)]) == []


# By a message shortcut --------------------------------------------------------------------------------------


def kept(stage: Stage, number: int = 0, **more: object) -> str:
    message = {**MESSAGE, **more}
    return sheets.keep(stage.kit, stage.floor.person("bob"), Sheet(SHOP_ID, SHOP, number, message=message))


def test_a_message_becomes_an_issue(stage: Stage) -> None:
    """Words that nobody changed are quoted as they were written; others stand above them."""
    about = kept(stage, text="It *burns* &lt;b&gt;", words="It *burns* <b>")
    stage.send("create", about, title="Fire", text="It *burns* <b>", **{"issue.project": SHOP})
    told = stage.in_gitlab(1).description
    assert told.count("burns") == 1
    assert "> It **burns** \\<b>" in told
    stage.send("create", kept(stage), title="Fire", text="Look at this", **{"issue.project": SHOP})
    told = stage.in_gitlab(2).description
    assert told.index("Look at this") < told.index("> It burns")


def test_a_message_of_an_app_is_quoted(stage: Stage) -> None:
    """What somebody points at is quoted, whoever wrote it."""
    stage.send("create", kept(stage, user="", bot_id="B1"), title="Fire", **{"issue.project": SHOP})
    assert "**an app**" in stage.in_gitlab(1).description


def test_a_message_is_added_to_an_issue(stage: Stage) -> None:
    """To the one that was picked, below what somebody says to it."""
    number = stage.issue()
    picked = {"issue": f"#{number}", "issue.project": SHOP}
    assert stage.send("add", kept(stage), text="Look", **picked) == ""
    (note,) = stage.notes(number)
    assert note.startswith("Look\n\n### Discussion in Slack")
    assert "> It burns" in note
    assert "is no number of an issue" in stage.send(
        "add", kept(stage), **{"issue": "x", "issue.project": SHOP}
    )


def test_the_sheet_of_a_message_is_sealed(stage: Stage) -> None:
    """Nothing of it can be read in the store."""
    kept(stage, text="wombat-4711")
    path = stage.kit.config.store.path
    assert b"wombat-4711" not in b"".join(one.read_bytes() for one in path.parent.glob(f"{path.name}*"))
