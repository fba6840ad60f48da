"""What `audit` shows, and to whom."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from bot.access.people import check_admin
from bot.errors import Refused
from bot.ledger import Entry
from bot.model import Place
from bot.policy import Policy
from commands.audit import COMMAND
from tests.jobs.seen import shown
from tests.jobs.stage import OPS, PEOPLE, Stage, stage_at


@pytest.fixture
def stage(tmp_path: Path) -> Iterator[Stage]:
    """A bot whose only admin is alice."""
    with stage_at(tmp_path, "http://127.0.0.1:9") as stage:
        yield with_policy(stage, Policy(admins=("leads",), groups={"leads": (PEOPLE["alice"].id,)}))


def with_policy(stage: Stage, policy: Policy) -> Stage:
    return stage.with_kit(config=replace(stage.kit.config, policy=policy))


def note(stage: Stage, **changes: object) -> None:
    entry = Entry(
        at=stage.clock.now, person=PEOPLE["bob"], name="bob", gitlab_id=3, username="bob.b", place=Place(OPS),
        command="run", decision="started", project="acme/shop", subject="deploy@main", environment="production",
    )  # fmt: skip
    with stage.store.write() as tx:
        tx.audit.add(replace(entry, **changes))  # type: ignore[arg-type]  # fields by their names


def test_an_admin_reads_the_newest_first(stage: Stage) -> None:
    """Each entry says when, who in Slack and in GitLab, what, to what, and what decided."""
    note(stage, rule="prod", by="alice", pipeline=77, detail="hotfix <@U1>")
    note(
        stage, person=PEOPLE["dave"], name="dave", username="", gitlab_id=0, command="lock", decision="denied"
    )
    said = shown(stage.say("audit"))
    assert "The last 2 entries of the audit trail" in said
    assert (
        "*bob* (@bob.b) `run` started · acme/shop · deploy@main · to production · rule prod · by alice"
        in said
    )
    assert "pipeline 77 · hotfix &lt;@U1&gt;" in said
    assert "*dave* (no GitLab account) `lock` denied" in said
    assert said.index("*dave*") < said.index("*bob*")
    assert f"<!date^{stage.clock.now // 1000}^" in said


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("audit BOB", "13"),
        ("audit bob.b", "13"),
        ("audit @bob", "13"),
        ("audit <@U0BOB00001|bob>", "13"),
        ("audit lock", "2"),
        ("audit infra", "3"),
        ("audit staging", "2"),
        ("audit deploy", ""),
        ("audit 1", "3"),
        ("audit bob 1", "3"),
        ("audit 0", "3"),
        ("audit 99999999999999999999", "123"),
    ],
)
def test_entries_are_looked_for(stage: Stage, typed: str, found: str) -> None:
    """A filter is part of a person, command, project or environment; a number says how many are shown."""
    note(stage)
    note(stage, person=PEOPLE["dave"], name="dave", username="dd", command="lock", environment="staging")
    note(stage, project="acme/infra")
    said = shown(stage.say(typed))
    assert {str(seq) for seq in (1, 2, 3) if f"{seq} <!date" in said} == set(found)
    assert found or "The audit trail holds nothing with `deploy`." in said


def test_nobody_else_reads_it(stage: Stage) -> None:
    """It is for admins, whom the door lets in; others hear who they are."""
    assert COMMAND.for_admins
    with pytest.raises(
        Refused, match=r"`audit` is for those named in `access\.admins` of my configuration: leads\."
    ):
        check_admin(stage.kit, PEOPLE["bob"], COMMAND.name)
    check_admin(stage.kit, PEOPLE["alice"], COMMAND.name)
    with pytest.raises(Refused, match="nobody is so far"):
        check_admin(with_policy(stage, Policy()).kit, PEOPLE["alice"], COMMAND.name)


def test_it_says_how_far_it_looked(stage: Stage) -> None:
    """A filter is not looked for in the whole of a long trail, and the answer says so."""
    with stage.store.write() as tx:
        entry = Entry(
            at=1, person=PEOPLE["bob"], name="bob", gitlab_id=3, username="bob.b", place=Place(OPS), command="run",
            decision="started",
        )  # fmt: skip
        for _ in range(5_001):
            tx.audit.add(entry)
    assert "nothing with `zoe` among the newest 5000; older ones were not looked at" in shown(
        stage.say("audit zoe")
    )
    assert "not looked at" not in shown(stage.say("audit bob"))


def test_hostile_words_stay_words(stage: Stage) -> None:
    """Nothing in a name, a job or a reason is read by Slack, and no line is made by one."""
    note(stage, name="*x*\n<!channel>", subject="`<@U1>`", detail="a\nb <https://evil|ok>" + "y" * 5_000)
    said = shown(stage.say("audit"))
    assert "<!channel>" not in said
    assert "<@U1>" not in said
    assert "<https" not in said
    assert "a b &lt;https" in said
    assert "y" * 200 not in said
