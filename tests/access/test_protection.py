"""Whether GitLab lets a person deploy to an environment: the step of the ladder."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

from bot.access import protection
from bot.deeds import Mark, Step
from bot.errors import GitLabUnreachable, NotLinked
from tests.access.guarded import Guarded, answered, deed, guarded_at
from tests.edges import wire
from tests.edges.gitlab_calls import sample
from tests.edges.wire import Reply

UNDECIDED = "GitLab will decide whether you may deploy to production."


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Guarded]:
    """The sandbox's GitLab, where production is for Maintainers."""
    with guarded_at(tmp_path_factory.mktemp("shop")) as stage:
        stage.shop.act("protect-environment production maintainer")
        yield stage


def test_a_maintainer_may_deploy(shop: Guarded) -> None:
    """GitLab shows alice the protection, and it lets her in."""
    step = protection.step(shop.kit(), deed())
    assert step == Step("protection", Mark.FINE, "GitLab lets you deploy to production.")


def test_what_is_not_protected_is_said_to_be_so(shop: Guarded) -> None:
    """Nothing is known against staging."""
    step = protection.step(shop.kit(), deed("staging"))
    assert step == Step("protection", Mark.FINE, "I see no protection of staging in GitLab.")


def test_a_developer_whom_gitlab_shows_nothing_is_left_to_gitlab(shop: Guarded) -> None:
    """Neither bob nor the bot sees the protection, so nothing is claimed."""
    assert protection.step(shop.kit(), deed(name="bob")) == Step("protection", Mark.FINE, UNDECIDED)


def test_a_bot_that_is_a_maintainer_tells_a_developer_why_not(shop: Guarded) -> None:
    """What bob is not shown the bot sees for him; nothing but GitLab could let him in."""
    bot = shop.shop.kit.gitlab.me().username
    shop.shop.act(f"role {bot} maintainer")
    try:
        step = protection.step(shop.kit(), deed(name="bob"))
    finally:
        shop.shop.act(f"role {bot} developer")
    assert step == Step("protection", Mark.STOP, "GitLab lets only Maintainers deploy to production.")


def test_somebody_without_an_account_is_left_to_gitlab(shop: Guarded) -> None:
    """The step about accounts is another one."""
    assert protection.step(shop.kit(), deed(name="dave")).said == UNDECIDED


# Answers that the sandbox does not give ----------------------------------------------------------


def _script(
    levels: Sequence[Mapping[str, Any]], *, approvals: int = 0, role: int = 30, admin: bool = False
) -> wire.Script:
    """A GitLab with these rows of who may deploy, where I am user 7."""
    about = {"deploy_access_levels": levels, "approval_rules": [], "required_approval_count": approvals}
    answers = {
        "user": sample("user_current") | ({"is_admin": True} if admin else {}),
        "7": sample("project_members_all_get") | {"access_level": role},
        "production": sample("protected_environments_list")[0] | about,
    }

    def script(request: wire.Seen) -> Reply:
        return wire.data(answers[request.path.rpartition("/")[2]])

    return script


MAINTAINERS = {"access_level": 40, "access_level_description": "Maintainers"}
ME = {"access_level": 40, "user_id": 7, "access_level_description": "Dana Reyes"}
SAM = {"access_level": 40, "user_id": 8, "access_level_description": "Sam Ito"}
SRE = {"access_level": None, "group_id": 134, "access_level_description": "sre"}


@pytest.mark.parametrize(
    ("levels", "role", "mark", "said"),
    [
        ([MAINTAINERS], 30, Mark.STOP, "GitLab lets only Maintainers deploy to production."),
        ([MAINTAINERS], 50, Mark.FINE, "GitLab lets you deploy to production."),
        ([MAINTAINERS, ME], 30, Mark.FINE, "GitLab lets you deploy to production."),
        ([MAINTAINERS, SAM], 30, Mark.STOP, "GitLab lets only Maintainers, Sam Ito deploy to production."),
        ([SAM], 50, Mark.STOP, "GitLab lets only Sam Ito deploy to production."),
        ([SAM, SRE], 50, Mark.FINE, UNDECIDED),
        ([], 50, Mark.FINE, UNDECIDED),
    ],
)
def test_roles_people_and_groups_are_told_apart(
    tmp_path: Path, levels: Sequence[Mapping[str, Any]], role: int, mark: Mark, said: str
) -> None:
    """Only what is sure stops: who is in a group is not known here."""
    with answered(tmp_path, _script(levels, role=role)) as kit:
        step = protection.step(kit, deed())
    assert (step.mark, step.said, step.remedy) == (mark, said, "")


def test_an_administrator_may_always_deploy(tmp_path: Path) -> None:
    """Their role in the project does not matter."""
    with answered(tmp_path, _script([SAM], role=0, admin=True)) as kit:
        assert protection.step(kit, deed()).said == "GitLab lets you deploy to production."


def test_approvals_that_gitlab_wants_are_told(tmp_path: Path) -> None:
    """The sentence has how many, and so has whoever leaves approvals to GitLab."""
    with answered(tmp_path, _script([ME], approvals=2)) as kit:
        assert protection.step(kit, deed()).said == (
            "GitLab lets you deploy to production. It asks for 2 approvals there."
        )
        assert protection.approvals_in_gitlab(kit, deed()) == 2
        assert protection.approvals_in_gitlab(kit, deed("")) is None


def test_names_of_people_stay_on_one_line_and_short(tmp_path: Path) -> None:
    """Descriptions are anybody's text, and there may be many."""
    many = [SAM | {"access_level_description": f"Sam\n{'x' * 500}"} for _ in range(50)]
    with answered(tmp_path, _script(many)) as kit:
        said = protection.step(kit, deed()).said
    assert "\n" not in said
    assert len(said) < 500


@pytest.mark.parametrize("status", [401, 429, 500])
def test_where_gitlab_does_not_answer_it_is_left_to_gitlab(tmp_path: Path, status: int) -> None:
    """GitLab is asked with the person's own token anyhow; but nobody is told that nothing is asked for."""
    with answered(tmp_path, wire.always(wire.data({"message": "no"}, status))) as kit:
        assert protection.step(kit, deed()) == Step("protection", Mark.FINE, UNDECIDED)


def test_approvals_are_not_taken_for_none_where_gitlab_does_not_answer(tmp_path: Path, shop: Guarded) -> None:
    """Its errors, and those of an account, are told as they are; no protection is None."""
    down = wire.always(wire.data({"message": "no"}, 500))
    with answered(tmp_path, down) as kit, pytest.raises(GitLabUnreachable):
        protection.approvals_in_gitlab(kit, deed())
    with pytest.raises(NotLinked):
        protection.approvals_in_gitlab(shop.kit(), deed(name="dave"))
    assert protection.approvals_in_gitlab(shop.kit(), deed("staging")) is None
    assert protection.approvals_in_gitlab(shop.kit(), deed(name="bob")) is None
