"""The steps of the ladder that tell what a deployment would change."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.access import change
from bot.changes import Change, Comparison, Preview
from bot.deeds import Deed, Mark, Step
from bot.environments import Deployment
from bot.model import Person

DEED = Deed(("deploy", "run"), Person("T1", "U1"), "C1", environment="production")
BACK = replace(DEED, commands=("rollback", "deploy", "run"))
RUNS = Deployment(1, "production", "v1", "a" * 40, "success", "alice", 7, 0)
ONE = Comparison((Change("b" * 40, "One", "Bob", 0),))
TWO = Comparison((*ONE.commits, Change("c" * 40, "Two", "Bob", 0)))
NONE = Comparison(())
NEW = Preview("production", "v2", "b" * 40, RUNS, comes=ONE, checks="success")


def steps(
    preview: Preview | None, deed: Deed = DEED, *, confirmed: bool = False, wants: bool = False
) -> list[Step]:
    return list(change.steps(deed, preview, confirmed=confirmed, wants=wants))


@pytest.mark.parametrize(
    ("preview", "mark", "said"),
    [
        (NEW, Mark.FINE, "1 commit would come."),
        (replace(NEW, comes=TWO), Mark.FINE, "2 commits would come."),
        (replace(NEW, goes=TWO), Mark.WARN, "1 commit would come, and 2 commits that run there would be taken back."),
        (replace(NEW, goes=ONE, comes=TWO), Mark.WARN,
         "2 commits would come, and 1 commit that runs there would be taken back."),
        (replace(NEW, comes=NONE, goes=TWO), Mark.ASK,
         "That goes back: 2 commits that run on production would be taken back."),
        (replace(NEW, sha="a" * 40), Mark.ASK,
         "That commit runs on production already, so nothing would change. Deploy it again?"),
        (replace(NEW, comes=None), Mark.WARN, "GitLab does not tell what would change: a commit of it is gone."),
        (replace(NEW, goes=None), Mark.WARN, "GitLab does not tell what would change: a commit of it is gone."),
        (replace(NEW, runs=None), Mark.FINE, "Nothing runs on production yet."),
        (replace(NEW, runs=None, state=""), Mark.FINE,
         "Nothing runs on production yet. It does not exist yet; its first deployment makes it."),
        (replace(NEW, state="stopped"), Mark.ASK,
         "production is stopped; a deployment opens it again. Deploy all the same?"),
    ],
)  # fmt: skip
def test_what_would_change(preview: Preview, mark: Mark, said: str) -> None:
    """What changes nothing, only takes back, or opens what was stopped is asked about."""
    assert steps(preview)[0] == Step("change", mark, said)


def test_a_rollback_is_always_asked_about() -> None:
    """It is told what it takes back, or that it goes to an earlier deployment."""
    goes_back = steps(replace(NEW, comes=NONE, goes=ONE), BACK)[0]
    assert (goes_back.mark, "1 commit that runs on production would be taken back" in goes_back.said) == (
        Mark.ASK,
        True,
    )
    aside = steps(NEW, BACK)[0]
    assert (aside.mark, aside.said) == (Mark.ASK, "That takes production back to an earlier deployment.")


def test_who_has_agreed_is_not_asked_again() -> None:
    """Nor is anybody asked where others approve it."""
    same = replace(NEW, sha="a" * 40)
    assert steps(same, confirmed=True)[0].mark is Mark.FINE
    assert steps(same, wants=True)[0].mark is Mark.WARN


@pytest.mark.parametrize(
    ("status", "mark", "said"),
    [
        ("success", Mark.FINE, "The pipeline of this commit passed."),
        ("manual", Mark.FINE, "The pipeline of this commit has come as far as it comes by itself."),
        ("failed", Mark.WARN, "The pipeline of this commit failed."),
        ("canceled", Mark.WARN, "The pipeline of this commit was canceled."),
        ("running", Mark.WARN, "The pipeline of this commit is still under way."),
        ("", Mark.WARN, "No pipeline has checked this commit."),
    ],
)
def test_what_its_checks_say(status: str, mark: Mark, said: str) -> None:
    """A pipeline that did not pass is told, and hinders nothing."""
    assert steps(replace(NEW, checks=status))[1] == Step("checks", mark, said)


def test_what_is_no_deployment() -> None:
    """There is nothing to say of it."""
    assert steps(None) == []
    assert steps(NEW, replace(DEED, commands=("run",))) == []
