"""The card of a run in every state: what it says, what can be pressed, and that nothing in it is alive."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from blocks import job, parts
from blocks.spans import ago
from bot.model import ENDED, WAITING, Reply, Run, RunState
from tests.blocks.looks import HOME, check, hostile, run
from tests.jobs.seen import buttons, shown

NOW = 66_000
HAS = {
    "pipeline": 1203, "pipeline_url": f"{HOME}/pipelines/1203", "job_id": 5501, "job_url": f"{HOME}/jobs/5501",
    "sha": "4be1c0f1a9d34d7a2f0f5be2f0b8f6a1c7d9e013",
}  # fmt: skip
LINKS = (f"{HOME}/pipelines/1203", f"{HOME}/jobs/5501")
UNTIL = parts.moment(90_000_000)[1:-1]
NOT_IN_GITLAB = {RunState.HELD, RunState.ASKED, RunState.CALLING, RunState.REFUSED}
STATES: list[tuple[str, dict[str, Any], str, list[str]]] = [
    ("asked", {"state": RunState.ASKED}, "*hello* queued · 1 m 05 s", []),
    ("calling", {"state": RunState.CALLING}, "*hello* queued · 1 m 05 s", []),
    ("started", {"state": RunState.RUNNING}, "*hello* queued", ["Cancel"]),
    ("pending", {"state": RunState.RUNNING, "status": "pending"}, "*hello* queued", ["Cancel"]),
    ("manual", {"state": RunState.RUNNING, "status": "manual"}, "*hello* queued", ["Cancel"]),
    (
        "running", {"state": RunState.RUNNING, "status": "running", "started_at": 24_000},
        "*hello* running · 42 s", ["Cancel", "Full log"],
    ),
    (
        "canceling", {"state": RunState.RUNNING, "status": "running", "started_at": 24_000, "cancelled_by": "bob"},
        "*hello* canceling · 42 s", ["Full log"],
    ),
    (
        "called off", {"state": RunState.RUNNING, "status": "pending", "cancelled_by": "bob"},
        "*hello* queued", ["Cancel"],
    ),
    (
        "reading", {"state": RunState.REPLYING, "status": "success", "started_at": 24_000, "finished_at": 27_000},
        "*hello* passed in 3 s", [],
    ),
    (
        "passed", {"state": RunState.DONE, "status": "success", "started_at": 24_000, "finished_at": 27_000},
        "*hello* passed in 3 s", ["Run again", "Full log"],
    ),
    (
        "failed",
        {"state": RunState.DONE, "status": "failed", "failure_reason": "script_failure", "started_at": 1_000,
         "finished_at": 66_000},
        "*hello* failed in 1 m 05 s", ["Retry", "Run again", "Full log", "Declare incident"],
    ),
    (
        "canceled", {"state": RunState.DONE, "status": "canceled", "cancelled_by": "bob"},
        "*hello* canceled", ["Retry", "Run again", "Full log"],
    ),
    (
        "failed with inputs", {"state": RunState.DONE, "status": "failed", "inputs": {"service": "web"}},
        "*hello* failed", ["Retry", "Retry with changes", "Run again", "Full log", "Declare incident"],
    ),
    (
        "failed with variables", {"state": RunState.DONE, "status": "failed", "variables": {"SHOP": "a"}},
        "*hello* failed", ["Retry", "Retry with changes", "Run again", "Full log", "Declare incident"],
    ),
    ("skipped", {"state": RunState.DONE, "status": "skipped"}, "*hello* skipped", ["Run again", "Full log"]),
    (
        "held",
        {"state": RunState.HELD, "hold": "approval", "hold_said": "Needs 1 of leads.", "hold_until": 90_000_000},
        "*hello* waiting for approval · 1 m 05 s", ["Approve", "Reject", "Withdraw"],
    ),
    (
        "locked out", {"state": RunState.HELD, "hold": "lock", "hold_said": "staging is bob's."},
        "*hello* waiting for the lock · 1 m 05 s", ["Withdraw"],
    ),
    (
        "approved, and looked at again", {"state": RunState.HELD, "hold": "approval", "approved_by": "bob"},
        "*hello* waiting for approval · 1 m 05 s", ["Withdraw"],
    ),
    ("refused", {"state": RunState.REFUSED, "problem": "No."}, "*hello* not started", ["Run again"]),
    ("unknown", {"state": RunState.UNKNOWN, "problem": "Who knows."}, "*hello* not known", ["Run again"]),
]  # fmt: skip


@pytest.mark.parametrize(
    ("changes", "title", "pressed"), [one[1:] for one in STATES], ids=[one[0] for one in STATES]
)
def test_the_card_in_each_state(changes: dict[str, Any], title: str, pressed: list[str]) -> None:
    """Each state is told in words beside its emoji, with the buttons that are legal in it."""
    has = {} if changes["state"] in NOT_IN_GITLAB else HAS
    message = job.card(run(**has, **changes), NOW)
    assert title in shown(message)
    assert buttons(message) == pressed
    assert message.text.startswith("hello ")
    check(message, links=(*LINKS, UNTIL.split("|")[0]))


def test_every_state_has_its_card() -> None:
    """The list above leaves out no state of a run."""
    assert {changes["state"] for _, changes, _, _ in STATES} == set(RunState)


@pytest.mark.parametrize(
    "status", sorted(ENDED | WAITING | {"running", "manual", "canceling", "never heard of"})
)
@pytest.mark.parametrize("state", list(RunState))
def test_any_status_in_any_state(state: RunState, status: str) -> None:
    """Whatever GitLab says, the card can be shown, with a word for it."""
    one = run(state=state, status=status, **HAS)
    check(job.card(one, NOW), links=LINKS)
    assert job.word(one)


def test_what_the_card_tells() -> None:
    """Project, ref, short sha, pipeline, asker, arguments, last line and other jobs are on it."""
    said = shown(
        job.card(
            run(state=RunState.RUNNING, status="running", started_at=1_000, arguments="to  the\nWorld", others=2,
                progress="Step 3 of 20", **HAS),
            NOW,
        )
    )  # fmt: skip
    assert f"acme/shop · main · `4be1c0f1` · <{HOME}/pipelines/1203|pipeline #1203>" in said
    assert "|pipeline #1203> · asked by alice" in said
    assert "Arguments: to the World" in said
    assert "› Step 3 of 20" in said
    assert "The pipeline holds 2 other jobs as well." in said


def test_what_a_held_card_tells() -> None:
    """What it waits for and until when, where it would deploy, and who overrode what or approved it."""
    one = run(state=RunState.HELD, hold="approval", hold_said="Needs 1 of leads.", hold_until=90_000_000,
              environment="production", overridden="alice overrides freeze: hot fix")  # fmt: skip
    said = shown(job.card(one, NOW))
    assert "Needs 1 of leads. Until <!date^90000^" in said
    assert "asked by alice · environment production" in said
    assert "alice overrides freeze: hot fix" in said
    begun = run(state=RunState.RUNNING, approved_by="bob, carol", **HAS)
    assert "Approved by bob, carol" in shown(job.card(begun, NOW))


@pytest.mark.parametrize(
    ("status", "said"),
    [
        ("manual", "waiting for approval in GitLab"),
        ("pending", "queued"),
        ("running", "running"),
        ("success", "passed"),
    ],
)
def test_what_gitlab_holds_back(status: str, said: str) -> None:
    """A deployment that GitLab itself wants approved is told as that until GitLab lets it go."""
    assert job.word(run(state=RunState.RUNNING, hold="gitlab", status=status, **HAS)) == said


def test_what_a_failed_card_tells() -> None:
    """Why it failed, and who cancelled it, is on the card; the last line is not any more."""
    said = shown(
        job.card(
            run(state=RunState.DONE, status="failed", failure_reason="script_failure", progress="Step 3"), NOW
        )
    )
    assert "Step 3" not in said
    assert "Reason: its script failed" in said
    assert "Canceled by bob" in shown(
        job.card(run(state=RunState.DONE, status="canceled", cancelled_by="bob"), NOW)
    )


@pytest.mark.parametrize(
    ("state", "status", "said"),
    [
        (RunState.RUNNING, "running", "Cancel asked by bob"),
        (RunState.RUNNING, "pending", "Cancel asked by bob"),
        (RunState.DONE, "canceled", "Canceled by bob"),
        (RunState.DONE, "success", ""),
        (RunState.DONE, "failed", ""),
    ],
)
def test_who_canceled(state: RunState, status: str, said: str) -> None:
    """Asked for, it is told as asked; done, as done; a job that ended all the same was not canceled."""
    card = shown(job.card(run(state=state, status=status, cancelled_by="bob", **HAS), NOW))
    assert said in card
    assert said or "bob" not in card


def test_the_log_is_as_it_is_now_only_while_it_grows() -> None:
    """Of a job that has ended the log is whole."""
    assert "as it is now" in shown(job.log_file(run(state=RunState.RUNNING, status="running", **HAS)))
    assert "as it is now" not in shown(job.log_file(run(state=RunState.DONE, status="failed", **HAS)))


def test_buttons_carry_only_the_run() -> None:
    """A button's value is the id of the run; Cancel asks first, and says which job."""
    message = job.card(run(state=RunState.RUNNING, status="running", **HAS), NOW)
    elements = message.blocks[-1]["elements"]
    assert {one["value"] for one in elements} == {"3f9a1c"}
    assert [one["action_id"] for one in elements] == [job.CANCEL, job.LOG]
    assert elements[0]["confirm"]["text"]["text"] == "hello in acme/shop is stopped where it is."
    assert "confirm" not in elements[1]


def test_the_same_run_looks_the_same() -> None:
    """Nothing on a card that has ended changes with time, so that it is not edited for nothing."""
    one = run(state=RunState.DONE, status="success", started_at=24_000, finished_at=27_000, **HAS)
    assert job.card(one, NOW) == job.card(one, NOW + 86_400_000)


def test_a_line_of_a_list() -> None:
    """A run on one line: state, time, project, ref and a link to its job."""
    one = run(state=RunState.DONE, status="success", started_at=24_000, finished_at=27_000, **HAS)
    said = job.line(one, NOW)
    assert "*hello* passed in 3 s · acme/shop at main" in said
    assert f"<{HOME}/jobs/5501|" in said
    assert "<http" not in job.line(run(state=RunState.REFUSED), NOW)
    assert "ago" not in said
    assert job.line(one, 27_000 + 5 * 60_000, aged=True).endswith(" · 5 m ago")


@pytest.mark.parametrize(
    ("milliseconds", "said"),
    [
        (-5, "just now"),
        (59_999, "just now"),
        (60_000, "1 m ago"),
        (7_200_000, "2 h ago"),
        (90_000_000, "1 d ago"),
    ],
)
def test_how_long_ago(milliseconds: int, said: str) -> None:
    """In one unit: nobody counts seconds of what is over."""
    assert ago(milliseconds) == said


def test_card_and_thread_tell_the_same_time() -> None:
    """However short a job was, card and reply say that it took a second."""
    one = run(state=RunState.DONE, status="failed", started_at=24_000, finished_at=24_300, **HAS)
    assert "failed in 1 s" in shown(job.card(one, NOW))
    assert "failed in 1 s" in shown(job.reply(one, Reply("", complete=True), mention=False))


runs = st.builds(
    run,
    job=hostile, ref=hostile, project=hostile, arguments=hostile, problem=hostile, asker=hostile, progress=hostile,
    failure_reason=hostile, cancelled_by=hostile, sha=hostile, environment=hostile, tier=hostile, hold_said=hostile,
    hold=st.sampled_from(["", "approval", "lock", "gitlab"]) | hostile, approved_by=hostile, overridden=hostile,
    hold_until=st.none() | st.integers(0, 2**40),
    state=st.sampled_from(list(RunState)),
    status=st.sampled_from(sorted(ENDED | WAITING | {"running", "manual", ""})) | hostile,
    others=st.integers(0, 9),
    started_at=st.none() | st.integers(0, 2**40), finished_at=st.none() | st.integers(0, 2**40),
    pipeline=st.just(1203), pipeline_url=st.just(HAS["pipeline_url"]),
    job_id=st.just(5501), job_url=st.just(HAS["job_url"]),
)  # fmt: skip


@given(runs, st.integers(0, 2**41))
def test_nothing_from_outside_is_alive(one: Run, now: int) -> None:
    """Whatever stands in names, refs, arguments and problems, nobody is called and no link is made of it."""
    until = [parts.moment(one.hold_until)[1:].split("|")[0]] if one.hold_until is not None else []
    check(job.card(one, now), links=(*LINKS, *until))
    check(job.log_file(one), links=LINKS)
