"""What a deployment would change, what can be gone back to, and what runs where, as people see it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from blocks import change, environments, ladder, rollback
from blocks.environments import Row
from bot.changes import Change, Comparison, History, Merged, Preview, Target
from bot.deeds import Deed, Mark, Step, Verdict
from bot.environments import Deployment, Standing
from bot.ledger import Lock, Waiter
from bot.model import Message, Person, Place, Project
from tests.blocks.looks import HOME, check
from tests.jobs.seen import buttons, shown

NOW, HOUR = 90_000_000, 3_600_000
PROJECT = Project(42, "acme/shop", HOME, "main")
ALICE = Person("T0ACME0001", "U0ALICE001")
RUNS = Deployment(
    9,
    "production",
    "v8.9.0",
    "a" * 40,
    "success",
    "dana",
    7,
    NOW - HOUR,
    finished_at=NOW - HOUR,
    url=f"{HOME}/jobs/9",
)
DIFF = f"{HOME}/compare/a...b"
#: What Slack shows of a moment, without its brackets.
SINCE = f"!date^{(NOW - HOUR) // 1000}^{{date_short_pretty}} {{time}}"


def commits(number: int, author: str = "Bob Baker") -> Comparison:
    return Comparison(
        tuple(Change(f"{n:040x}", f"Commit {n}", author, NOW) for n in range(number, 0, -1)), DIFF
    )


NEW = Preview(
    "production", "v8.10.0", "b" * 40, RUNS, comes=commits(2),
    merged=(Merged(12, "Round <prices>", "bob", f"{HOME}/merge_requests/12", (f"{1:040x}",)),),
    checks="success", checks_url=f"{HOME}/pipelines/7", how="starts `deploy-production` of pipeline #7",
    typed="deploy tag:v8.10.0 production",
)  # fmt: skip


def drawn(preview: Preview) -> str:
    """All that is shown of a change."""
    message = Message("-", (*change.preview(preview), *change.typed(preview)))
    links = (DIFF, f"{HOME}/merge_requests/12", f"{HOME}/pipelines/7", SINCE)
    check(message, links=links)
    return shown(message)


# A change -----------------------------------------------------------------------------------------------------


def test_from_what_to_what() -> None:
    """What runs, since when and by whom; what would run; the commits between, who wrote them, and what was merged."""
    text = drawn(NEW)
    assert "*production* runs v8.9.0 (`aaaaaaaa`) since <" in text
    assert "by dana.\n:arrow_right: It would run v8.10.0 (`bbbbbbbb`)." in text
    assert f"*<{DIFF}|2 commits>* would come:\n• `00000000` Commit 2 — Bob Baker" in text
    assert f"Merged: <{HOME}/merge_requests/12|!12> Round &lt;prices&gt; (bob)" in text
    assert (
        f"By Bob Baker · Pipeline: <{HOME}/pipelines/7|passed> · It starts `deploy-production` of pipeline #7"
        in text
    )
    assert "`/gitlab deploy tag:v8.10.0 production` asks for the same." in text


def test_from_an_environment_onto_nothing() -> None:
    """Where it is taken from is told, and that nothing runs there yet."""
    text = drawn(
        replace(NEW, runs=None, source="staging", comes=Comparison(()), merged=(), checks="", typed="")
    )
    assert (
        "*production* runs nothing yet.\n:arrow_right: It would run v8.10.0 (`bbbbbbbb`), which staging runs."
        in text
    )
    assert "Pipeline: <" not in replaced(text)
    assert "would come" not in text
    assert "asks for the same" not in text


def replaced(text: str) -> str:
    return text.replace(f"<{HOME}/pipelines/7|none>", "none")


def test_what_would_be_taken_back() -> None:
    """It stands apart from what would come; the newest are named and the rest counted, authors too."""
    many = Comparison(
        tuple(Change(f"{n:040x}", f"Commit {n}", f"Author {n}", NOW) for n in range(9, 0, -1)), DIFF
    )
    text = drawn(replace(NEW, comes=many, goes=commits(1)))
    assert "*<" in text
    assert "|9 commits>* would come:" in text
    assert "… and 4 more" in text
    assert "Author 4 and 3 more" in text
    assert "|1 commit>* would be taken back:\n• `00000000` Commit 1 — Bob Baker" in text


def test_many_merge_requests() -> None:
    """The newest are named."""
    found = tuple(Merged(n, f"Request {n}", "bob", "", (f"{1:040x}",)) for n in range(8))
    assert "!4 Request 4 (bob) and 3 more" in drawn(replace(NEW, merged=found))


def test_what_is_not_known() -> None:
    """Nothing is said of commits that GitLab does not compare; a stopped environment is called so."""
    text = drawn(replace(NEW, comes=None, goes=None, state="stopped"))
    assert "*production* is stopped; it ran v8.9.0" in text
    assert "would come" not in text


def test_the_question_shows_it() -> None:
    """A deployment that waits for its asker tells what it would change, and what is pressed."""
    deed = Deed(
        ("deploy", "run"),
        ALICE,
        "C1",
        "acme/shop",
        42,
        "deploy-production",
        "v8.10.0",
        "production",
        "production",
    )
    steps = (Step("change", Mark.FINE, "2 commits would come."), Step("confirmation", Mark.ASK, "Sure?"))
    verdict = Verdict(deed, steps, call="POST /x", preview=NEW)
    message = ladder.halted(verdict, "k1", dry_run=False)
    assert message.text.startswith("deploy v8.10.0 at bbbbbbbb to production in acme/shop waits for you.")
    assert buttons(message) == ["Deploy it", "Leave it"]
    assert "2 commits" in shown(message)
    back = replace(verdict, deed=replace(deed, commands=("rollback", "deploy", "run")))
    asked = ladder.halted(back, "k1", dry_run=False)
    assert asked.text.startswith("rollback of production to v8.10.0 at bbbbbbbb in acme/shop waits for you.")
    assert buttons(asked) == ["Roll back", "Leave it"]


# Going back -----------------------------------------------------------------------------------------------------

OLD = replace(RUNS, id=5, ref="v8.8.0", sha="c" * 40)
HISTORY = History(PROJECT, "production", RUNS, (Target(OLD, commits(2)),))


def back(history: History) -> str:
    message = rollback.listed(history, ["o1", "o2", "o3"], "/gitlab shop ", NOW)
    check(message, links=(DIFF, SINCE, f"{HOME}/jobs/9"))
    return shown(message)


def test_what_going_back_would_undo() -> None:
    """Each deployment with its commits, its age, who made it, and a button."""
    text = back(HISTORY)
    assert "*production* of acme/shop runs v8.9.0 (`aaaaaaaa`)" in text
    assert (
        f"*v8.8.0* (`cccccccc`), 1 h ago, by dana\nIt would undo <{DIFF}|2 commits>:\n• `00000000` Commit 2"
        in text
    )
    assert "Roll back to this" in text
    assert "`/gitlab shop rollback production cccccccc` does what the first button does." in text


@pytest.mark.parametrize(
    ("target", "said"),
    [
        (Target(OLD, None), "GitLab does not tell what this would undo: a commit of it is gone."),
        (Target(OLD, Comparison(())), "It would undo nothing: all that runs there is in it."),
        (Target(RUNS, Comparison(())), "The last that succeeded: it would be deployed once more."),
        (Target(replace(OLD, username=""), commits(1)), "1 h ago, by somebody"),
    ],
)
def test_what_else_is_said_of_one(target: Target, said: str) -> None:
    """Where there is nothing to undo, or nobody knows."""
    assert said in back(replace(HISTORY, targets=(target,)))


def test_what_failed_since_and_what_is_older() -> None:
    """It may be half there; older ones are counted."""
    text = back(replace(HISTORY, failed=replace(RUNS, status="failed", ref="v9"), more=3))
    assert (
        f":warning: v9 (`aaaaaaaa`) was deployed after it and <{HOME}/jobs/9|failed>, 1 h ago: it may be half there."
        in text
    )
    assert "… and 3 older" in text


# Environments ---------------------------------------------------------------------------------------------------

STAGING = Standing(
    42,
    "acme/shop",
    "staging",
    "staging",
    "available",
    "main",
    "d" * 40,
    NOW - HOUR,
    "bob",
    "https://s.example.com",
)
LOCK = Lock("l", 42, "acme/shop", "staging", ALICE, "alice", 7, NOW, NOW + HOUR, "", Place("C1"))
WAITER = Waiter("w", 42, "staging", ALICE, "carol", 9, Place("C1"), NOW)
FROZEN = Step("freeze", Mark.STOP, "staging is frozen by “weekend”.", until=NOW + HOUR)


def said(row: Row) -> str:
    return "\n".join(environments.lines(row, NOW))


def test_what_runs_on_an_environment() -> None:
    """Its ref, its commit, since when and by whom, linked to where it can be seen."""
    assert said(Row(STAGING)) == "*<https://s.example.com|staging>*: runs main (`dddddddd`), 1 h ago by bob"
    bare = replace(STAGING, url="javascript:alert(1)", name="eu", by="", since=None)
    assert said(Row(bare)) == "*eu* · staging tier: runs main (`dddddddd`)"


def test_nothing_runs_there() -> None:
    """Nothing was deployed, or it is stopped."""
    new = replace(STAGING, sha="", ref="", since=None, by="", url="")
    assert said(Row(new)) == "*staging*: nothing was deployed yet"
    assert said(Row(replace(new, state="stopped"))) == "*staging* · stopped: nothing runs there"
    assert "stopped: ran last main" in said(Row(replace(STAGING, state="stopped")))


def test_what_holds_it_back() -> None:
    """Its lock and who waits, a freeze with its end, and what failed since."""
    failed = replace(
        STAGING, failed_ref="v9", failed_sha="e" * 40, failed_at=NOW - 120_000, failed_url=f"{HOME}/jobs/8"
    )
    text = said(Row(failed, LOCK, (WAITER,), FROZEN))
    assert f":x: v9 (`eeeeeeee`) <{HOME}/jobs/8|failed> 2 m ago" in text
    assert ":lock: *staging* is locked by alice" in text
    assert "waiting: carol" in text
    assert ":snowflake: staging is frozen by “weekend”. Until <!date" in text


def test_all_environments_of_a_project() -> None:
    """A row and its buttons each; of many the first have buttons, and the last are counted."""
    rows = [Row(replace(STAGING, name=f"env-{n}")) for n in range(environments.MOST_SHOWN + 2)]
    ids = {row.standing.name: ("d", "r") for row in rows}
    message = environments.listed("acme/shop", rows, ids, NOW, footer="`/gitlab deploy staging`")
    check(message, links=("https://s.example.com",))
    assert buttons(message) == ["Deploy", "Roll back"] * environments.WITH_BUTTONS
    assert "… and 2 more; name one to see it." in shown(message)
    assert message.text == "Environments of acme/shop"
    none = environments.listed("acme/shop", [], {}, NOW, footer="`x`")
    assert none.text == "acme/shop has no environment yet."


def test_one_environment() -> None:
    """With its last deployments; nothing that was never deployed is rolled back."""
    message = environments.single(Row(STAGING), [RUNS], ("d", "r"), NOW, footer="`x`")
    check(message, links=("https://s.example.com", f"{HOME}/jobs/9"))
    assert f"• v8.9.0 (`aaaaaaaa`) <{HOME}/jobs/9|success>, 1 h ago, by dana" in shown(message)
    assert buttons(message) == ["Deploy", "Roll back"]
    new = environments.single(Row(replace(STAGING, sha="")), [], ("d", "r"), NOW, footer="`x`")
    assert buttons(new) == ["Deploy"]
