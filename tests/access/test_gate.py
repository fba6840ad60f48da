"""Whether an open incident holds an environment back: the step of the ladder."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.access import gate
from bot.deeds import Mark, Step
from bot.environments import Incident
from bot.incident import Incident as Room
from bot.incident import State
from tests.access.guarded import Guarded, answered, deed, guarded_at
from tests.edges import wire
from tests.edges.gitlab_calls import sample


@pytest.fixture(scope="module")
def open_shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Guarded]:
    """The sandbox's GitLab."""
    with guarded_at(tmp_path_factory.mktemp("shop")) as stage:
        yield stage


@pytest.fixture
def shop(open_shop: Guarded) -> Iterator[Guarded]:
    """The sandbox's GitLab; the incidents it is given are closed afterwards."""
    yield open_shop
    for one in open_shop.shop.kit.gitlab.incidents(42):
        open_shop.shop.act(f"close #{one.number}")


def number_of(told: str) -> int:
    """The number of the incident in what the sandbox says of it: `alice declared acme/shop#3 (…)`."""
    return int(told.partition("#")[2].partition(" ")[0])


def test_a_grave_incident_stops_production(shop: Guarded) -> None:
    """Number, severity and title are told, and that it may be overridden."""
    number = number_of(shop.shop.act("incident Checkout is down severity=critical"))
    said = f"Incident #{number} (critical), “Checkout is down”, is open and concerns production."
    assert gate.step(shop.kit(), deed()) == Step("incidents", Mark.STOP, said, remedy="override")


def test_an_incident_without_a_label_leaves_other_tiers_alone(shop: Guarded) -> None:
    """Staging may be deployed to while production is in trouble."""
    shop.shop.act("incident Checkout is down severity=critical")
    step = gate.step(shop.kit(), deed("staging"))
    assert step == Step("incidents", Mark.FINE, "No open incident holds staging back.")


def test_an_incident_that_is_over_holds_nothing_back(shop: Guarded) -> None:
    """The step is fine as soon as the incident is closed."""
    number = number_of(shop.shop.act("incident Checkout is down severity=critical"))
    shop.shop.act(f"close #{number}")
    assert gate.step(shop.kit(), deed()).mark is Mark.FINE


def test_its_own_rollback_is_not_held_back(shop: Guarded) -> None:
    """What is rolled back in the room of an incident is remarked upon; other rooms, incidents and commands are held."""
    number = number_of(shop.shop.act("incident Checkout is down severity=critical"))
    room, kit = "C0INC00001", shop.kit()
    person = deed().person
    one = Room(
        "i1", 1, "key1", person.team, "Checkout is down", 1, State.FIXING, "acme/shop", person, "alice", 1,
        project_id=42, iid=number, channel=room,
    )  # fmt: skip
    with kit.store.write() as tx:
        tx.incidents.put(one)
    back = replace(deed(), commands=("rollback", "run"), channel=room)
    assert gate.step(kit, back).mark is Mark.WARN
    assert "takes back what may have caused it" in gate.step(kit, back).said
    assert gate.step(kit, replace(back, channel="C0OPS00001")).mark is Mark.STOP
    assert gate.step(kit, replace(back, commands=("deploy", "run"))).mark is Mark.STOP
    other = number_of(shop.shop.act("incident Search is down severity=critical"))
    assert gate.step(shop.kit(), back).said == (
        f"Incident #{other} (critical), “Search is down”, is open and concerns production."
    )


def test_the_worst_of_several_incidents_is_told_first(shop: Guarded) -> None:
    """The others are counted."""
    shop.shop.act("incident Slow severity=high")
    number = number_of(shop.shop.act("incident Down severity=critical"))
    shop.shop.act("incident Slower severity=high")
    assert gate.step(shop.kit(), deed()).said == (
        f"Incident #{number} (critical), “Down”, is open and concerns production. So are 2 other incidents."
    )


@pytest.mark.parametrize(
    ("severity", "policy", "mark"),
    [
        ("high", ("critical", "high"), Mark.STOP),
        ("medium", ("critical", "high"), Mark.FINE),
        ("unknown", ("critical", "high"), Mark.FINE),
        ("unknown", ("unknown",), Mark.STOP),
        ("critical", (), Mark.FINE),
    ],
)
def test_only_severities_that_the_policy_names_stop(
    shop: Guarded, severity: str, policy: tuple[str, ...], mark: Mark
) -> None:
    """An empty gate lets everything through."""
    shop.shop.act(f"incident Slow severity={severity}")
    assert gate.step(shop.kit(gate=policy), deed()).mark is mark


@pytest.mark.parametrize(
    ("labels", "environment", "tier", "about"),
    [
        ((), "production", "production", True),
        ((), "staging", "staging", False),
        (("incident", "service::shop"), "eu-1", "production", True),
        (("environment::staging",), "staging", "staging", True),
        (("environment::staging",), "production", "production", False),
        (("environment:staging",), "staging", "staging", True),
        (("env:staging",), "staging", "staging", True),
        (("env::staging",), "staging", "staging", True),
        (("Environment:: Staging ",), "staging", "staging", True),
        (("env:staging", "env:production"), "production", "production", True),
        (("env:",), "production", "production", True),
        (("environmental:staging",), "staging", "staging", False),
        (("env:staging",), "$TARGET", "other", True),
        (("env:staging",), "review/$X", "development", False),
    ],
)
def test_labels_say_which_environment_an_incident_is_about(
    labels: tuple[str, ...], environment: str, tier: str, about: bool
) -> None:
    """A label that names none counts as none; capitals do not matter."""
    incident = Incident(1, "Down", "high", "", labels)
    assert gate.concerns(incident, environment, tier) is about


def _incidents(**changes: Any) -> wire.Script:
    return wire.always(wire.data([sample("issues_list")[0] | changes]))


def test_the_title_of_a_confidential_incident_is_not_repeated(tmp_path: Path) -> None:
    """The number has to do: cards are read by all of a channel."""
    with answered(tmp_path, _incidents(title="The key leaked", confidential=True)) as kit:
        said = gate.step(kit, deed(tier="production")).said
    assert said == "Incident #17 (high), confidential, is open and concerns production."


@pytest.mark.parametrize("status", [403, 404])
def test_incidents_that_gitlab_does_not_show_are_a_warning(tmp_path: Path, status: int) -> None:
    """A bot that may not read issues says so."""
    with answered(tmp_path, wire.always(wire.data({"message": "no"}, status))) as kit:
        step = gate.step(kit, deed(tier="production"))
    assert step.mark is Mark.WARN
    assert step.said == "GitLab does not show me the incidents of acme/shop: look for one yourself."


@pytest.mark.parametrize("status", [401, 429, 500])
def test_where_gitlab_does_not_answer_nothing_is_done(tmp_path: Path, status: int) -> None:
    """Not to know of an incident is no leave."""
    with answered(tmp_path, wire.always(wire.data({"message": "no"}, status))) as kit:
        step = gate.step(kit, deed(tier="production"))
    assert (step.mark, step.remedy) == (Mark.STOP, "")
    assert step.said.startswith("I could not ask GitLab for incidents on production. ")


@given(title=st.text(), severity=st.text(min_size=1), labels=st.lists(st.text()).map(tuple))
def test_any_text_of_an_incident_is_ranked_and_told(
    title: str, severity: str, labels: tuple[str, ...]
) -> None:
    """Titles, labels and severities that nobody has thought of neither break a line nor the order."""
    incident = Incident(3, title, severity, "", labels)
    said = gate.sentence("production", [incident, incident])
    assert "\n" not in said
    assert said.startswith("Incident #3 (")
    assert len(said) < 300
    assert isinstance(gate.concerns(incident, "production", "production"), bool)
