"""What GitLab held before it was told of something undoes nothing, however late the watcher comes with it."""

from __future__ import annotations

from dataclasses import replace

import pytest

import blocks.incident as draw
from bot.incidents.held import inbound
from bot.tracker import LabelEvent, StateEvent
from tests.evidence.floor import SHOP, SHOP_ID
from tests.incidents.stage import Stage


@pytest.mark.parametrize(
    ("what", "value"),
    [
        ("commander", "{bob}"), ("severity", "1"), ("title", "Checkout and basket"), ("private", "on"),
        ("state", "monitoring"), ("state", "canceled"),
    ],
)  # fmt: skip
def test_a_look_that_began_before(stage: Stage, what: str, value: str) -> None:
    """GitLab was asked, then told of a change, and only then its answer is taken in: the change stays."""
    stage.begin()
    stage.look()
    gitlab, began = stage.kit.gitlab, stage.kit.now()
    old, facts = gitlab.issue(SHOP_ID, stage.iid), gitlab.incident_facts(SHOP, [stage.iid])[stage.iid]
    facts = replace(facts, asked=began)
    stage.floor.clock.pass_(0.1)
    bob = stage.person("bob")
    stage.change(what, value.format(bob=f"{bob.team}/{bob.id}"), reason="It was a test")
    stage.settle(0)
    events: list[LabelEvent | StateEvent] = [
        *gitlab.label_events(SHOP_ID, stage.iid),
        *gitlab.state_events(SHOP_ID, stage.iid),
    ]
    before, held = stage.incident, stage.in_gitlab().updated_at
    with stage.kit.store.write() as tx:
        after = inbound.from_gitlab(tx, stage.kit, draw, before, old, facts, events)
    assert after == before
    stage.settle(70)
    assert stage.look() == before
    assert stage.in_gitlab().updated_at == held


def test_what_somebody_does_after_that_counts(stage: Stage) -> None:
    """The next look begins later."""
    stage.begin()
    stage.change("severity", "1")
    stage.settle()
    assert stage.in_pages("severity S3").severity == 3
