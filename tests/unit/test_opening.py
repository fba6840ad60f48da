"""A form is opened at once and filled in later; what cannot be opened, or filled in, is said."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from blocks import forms
from bot import opening
from bot.command import Click
from bot.config import parse
from bot.edges.gitlab import GitLab
from bot.edges.slack import Slack
from bot.edges.store import Store
from bot.errors import GitLabUnreachable, NotLinked, Refused, SlackError
from bot.model import Block, Person, Place
from tests.doors.asking import CONFIG
from tests.edges import wire
from tests.kits import kit_of

PLACE = Place("C0OPS00001", "17.1")
CLICK = Click("k1", Person("T1", "U1"), "alice", PLACE, "v", trigger="7.1")


def filled() -> Block:
    return forms.modal(
        "thing.form", "v", PLACE, title="A thing", submit="Do it", body=[forms.text("title", "Title")]
    )


def opened(
    store: Store, fill: Callable[[], Block], click: Click = CLICK, **answers: Any
) -> tuple[bool | BaseException, list[tuple[str, Any]]]:
    """Open a form; how that went, and what was asked of Slack: the method and the view."""
    seen: list[tuple[str, Any]] = []

    def slack(asked: wire.Seen) -> wire.Reply:
        method = asked.path.rpartition("/")[2]
        body = asked.json
        seen.append((method, body["view"]))
        return wire.data(answers.get(method.replace(".", "_"), {"ok": True, "view": {"id": "V1"}}))

    with wire.serve(slack) as server:
        gitlab = GitLab(server.url, "glpat-canary", now=lambda: 1)
        kit = kit_of(
            parse(CONFIG, {}, Path("/")), store, Slack("xoxb-1", f"{server.url}/api/"), gitlab, lambda: 1,
            new_id=lambda: "id", redact=lambda text: text.replace("secret", "[redacted]"),
        )  # fmt: skip
        try:
            return opening.show(kit, forms, click, "thing.form", "A thing", fill), seen
        except (NotLinked, SlackError) as error:
            return error, seen
        finally:
            gitlab.close()


def words_of(view: Any) -> str:
    return str(view["blocks"])


def test_it_is_opened_before_anything_is_asked(store: Store) -> None:
    """What it holds is found out while it says so, and then put in its place."""
    order: list[str] = []

    def fill() -> Block:
        order.append("asked")
        return filled()

    went, seen = opened(store, fill)
    assert went is True
    assert [method for method, _ in seen] == ["views.open", "views.update"]
    assert "asking GitLab" in words_of(seen[0][1])
    assert "submit" not in seen[0][1]
    assert seen[1][1]["submit"]
    assert order == ["asked"]


def test_without_a_trigger_nothing_is_opened_or_asked(store: Store) -> None:
    """The caller offers a button instead."""
    went, seen = opened(store, filled, Click("k1", CLICK.person, "alice", PLACE, "v"))
    assert (went, seen) == (False, [])


@pytest.mark.parametrize("code", ["expired_trigger_id", "exchanged_trigger_id", "trigger_expired"])
def test_a_trigger_that_is_too_old_opens_nothing(store: Store, code: str) -> None:
    """Nothing was asked of GitLab for it, and it is no error: there is a button for it."""
    went, seen = opened(store, filled, views_open={"ok": False, "error": code})
    assert went is False
    assert len(seen) == 1


def test_what_goes_wrong_stands_in_the_form(store: Store) -> None:
    """In a sentence without secrets, and it can only be closed; nobody is told twice."""

    def fill() -> Block:
        raise Refused("You may not see secret things.")

    went, seen = opened(store, fill)
    assert went is True
    assert "may not see [redacted] things" in words_of(seen[1][1])
    assert "submit" not in seen[1][1]


def test_who_has_to_connect_an_account_is_told_how(store: Store) -> None:
    """The form says so, and the request is kept as any other."""

    def fill() -> Block:
        raise NotLinked

    went, seen = opened(store, fill)
    assert isinstance(went, NotLinked)
    assert "Connect your GitLab account" in words_of(seen[1][1])


def test_a_form_that_was_closed_meanwhile_is_fine(store: Store) -> None:
    """Whoever closed it does not want it any more."""
    went, _ = opened(store, filled, views_update={"ok": False, "error": "not_found"})
    assert went is True


def test_a_gitlab_that_is_away_is_said_in_the_form(store: Store) -> None:
    """It does not stay empty."""

    def fill() -> Block:
        raise GitLabUnreachable

    _, seen = opened(store, fill)
    assert "did not answer" in words_of(seen[1][1])


def test_a_view_slack_refuses_is_an_error(store: Store) -> None:
    """That is a bug of ours, and not kept quiet."""
    went, _ = opened(store, filled, views_open={"ok": False, "error": "invalid_arguments"})
    assert isinstance(went, SlackError)
