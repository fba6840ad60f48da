"""Issues, labels and members are picked while somebody types, from what their own token has read."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import pytest

from bot.command import Click, Letters
from bot.errors import StillReading
from bot.issues import picks, sheets
from bot.issues.acting import actor
from bot.issues.sheets import Sheet
from bot.kit import Kit
from bot.model import Option, Place
from tests.evidence.floor import OPS, SHOP, SHOP_ID
from tests.issues.stage import Stage

INFRA_ID = 43

Find = Callable[[Letters, Kit], Sequence[Option]]


def typed(stage: Stage, letters: str, name: str = "bob", about: str = str(SHOP_ID)) -> list[str]:
    """What `pick.issue` offers; what it has read meanwhile counts the next time."""
    return values(stage, picks.issues, Letters(stage.floor.person(name), Place(OPS), letters, about))


def values(stage: Stage, find: Find, letters: Letters) -> list[str]:
    """What is offered by then; nothing while it was never read."""
    try:
        return [one.value for one in find(letters, stage.kit)]
    except StillReading:
        return []
    finally:
        stage.floor.do([])


def test_what_was_read_is_offered(stage: Stage) -> None:
    """At first nothing, since Slack waits for it; the next letters find what was read meanwhile."""
    first, second = stage.issue("Basket loses items"), stage.issue("Pay later")
    assert typed(stage, "") == []
    assert typed(stage, "") == [f"#{second}", f"#{first}"]
    assert typed(stage, "basket LOSES") == [f"#{first}"]


def test_what_was_read_long_ago_is_read_anew(stage: Stage) -> None:
    """Once in a minute; what is older than a quarter of an hour is not shown."""
    first = stage.issue()
    typed(stage, "")
    calls = stage.calls("GET /projects/:id/issues")
    assert typed(stage, "") == [f"#{first}"]
    assert stage.calls("GET /projects/:id/issues") == calls
    stage.floor.clock.pass_(61)
    second = stage.issue("Later")
    assert typed(stage, "") == [f"#{first}"]
    assert typed(stage, "") == [f"#{second}", f"#{first}"]
    stage.floor.clock.pass_(901)
    assert typed(stage, "") == []


def test_letters_find_what_was_not_read_ahead(stage: Stage) -> None:
    """A closed one by its number, an old one by its words."""
    number = stage.issue("Ancient thing")
    stage.act(f"close #{number}")
    typed(stage, "")
    assert typed(stage, f"#{number}") == []
    assert typed(stage, f"#{number}") == [f"#{number}"]
    other = stage.issue("Forgotten words")
    typed(stage, "forgotten")
    assert typed(stage, "forgotten") == [f"#{other}"]


def test_everybody_is_offered_what_they_may_see(stage: Stage) -> None:
    """Each by what their own account has read; somebody who is not connected nothing."""
    number = stage.issue()
    stage.act(f"confidential #{number}")
    stage.act("role carol guest acme/shop", "root")
    for name in ("bob", "carol", "nina"):
        typed(stage, "", name)
    assert [typed(stage, "", name) for name in ("bob", "carol", "nina")] == [[f"#{number}"], [], []]
    stage.type("unlink", "bob")
    assert typed(stage, "", "bob") == []


def test_a_form_is_about_its_project(stage: Stage) -> None:
    """That of its sheet, and another once it is picked; a sheet of somebody else is about none."""
    stage.act("issue Scale project=acme/infra")
    person = stage.floor.person("bob")
    about = sheets.keep(stage.kit, person, Sheet(SHOP_ID, SHOP))
    typed(stage, "", about=about)
    assert typed(stage, "", about=about) == []
    sheets.keep(stage.kit, person, Sheet(INFRA_ID, "acme/infra"), about)
    typed(stage, "", about=about)
    assert typed(stage, "", about=about) == ["#1"]
    assert typed(stage, "", "alice", about) == []


def test_labels_and_members(stage: Stage) -> None:
    """Names as they are typed."""
    person = stage.floor.person("bob")
    for noun, find in ((picks.LABEL, picks.labels), (picks.MEMBER, picks.members)):
        letters = Letters(person, Place(OPS), "b", str(SHOP_ID))
        assert values(stage, find, letters) == []
        assert {picks.LABEL: "bug", picks.MEMBER: "bob"}[noun] in values(stage, find, letters)


def test_an_issue_that_was_just_made_is_offered(stage: Stage) -> None:
    """Its maker finds it at once."""
    typed(stage, "")
    stage.type("issue create Brand new")
    assert typed(stage, "brand") == ["#1"]


def test_a_question_has_what_can_be_picked(stage: Stage) -> None:
    """It is read before it is asked, and goes on with what was typed."""
    number = stage.issue()
    said = stage.type("issue comment Look here")
    assert "Which issue of acme/shop?" in said
    assert typed(stage, "") == [f"#{number}"]
    key = stage.keys[-1]
    picked: dict[str, Any] = {
        "actions": [{
            "action_id": "pick.issue", "block_id": f"{key}.pick", "type": "external_select",
            "selected_option": {"value": f"#{number}"},
        }],
    }  # fmt: skip
    for _ in range(2):
        stage.floor.click("bob", "pick.issue", "", **picked)
    assert [one.partition("\n")[0] for one in stage.notes(number)] == ["Look here"], "picked twice, done once"


@pytest.mark.parametrize(("act", "said"), [("reopen", "no closed issue"), ("close", "no open issue")])
def test_nothing_to_pick(stage: Stage, act: str, said: str) -> None:
    """Is said, with what makes an issue."""
    assert said in stage.type(f"issue {act}")


def test_closed_ones_are_offered_to_be_opened(stage: Stage) -> None:
    """Along with the question, since nobody reads them ahead."""
    number = stage.issue("Old thing")
    stage.act(f"close #{number}")
    said = stage.type("issue reopen")
    assert "Which issue shall be opened again?" in said
    assert f"#{number} Old thing" in said


def test_reading_for_a_form_waits_for_nobody(stage: Stage) -> None:
    """While GitLab is away there is less to pick, and the form opens all the same."""
    who = actor(stage.kit, Click("k", stage.floor.person("bob"), "bob", Place(OPS), ""))
    number = stage.issue()
    stage.break_("down", seconds=30)
    picks.ready(stage.kit, who, SHOP_ID, picks.ISSUE)
    assert typed(stage, "") == []
    stage.mend()
    picks.ready(stage.kit, who, SHOP_ID, picks.ISSUE)
    assert typed(stage, "") == [f"#{number}"]
