"""Which project is meant: the one named, else the thread's, the channel's, the configured, the last, the only one."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from bot.config import ProjectConfig
from bot.errors import LeftOut, NotUnderstood, TokenRejected
from bot.jobs import projects
from bot.model import Place
from tests.jobs.stage import DEV, OPS, PEOPLE, TEAM, Shop, shop_at

NONE: dict[str, ProjectConfig] = {}


def meant(shop: Shop, text: str = "jobs", **how: Any) -> str:
    return projects.resolve(shop.kit, shop.request(text, **how)).path


def test_what_decides_one_after_the_other(tmp_path: Path) -> None:
    """Each of the six ways to know the project counts only where those before it say nothing."""
    only = {"acme/vault": ProjectConfig(channels=(OPS,))}
    with shop_at(tmp_path, only) as shop:
        shop.act("role bot developer acme/vault")
        assert meant(shop, channel=DEV) == "acme/vault", "the only one"
        with shop.store.write() as tx:
            tx.places.set_last(PEOPLE["alice"], "acme/infra")
        assert meant(shop, channel=DEV) == "acme/infra", "the last one"
        assert meant(shop, channel=DEV, name="bob") == "acme/vault", "the last one of somebody else"
        assert meant(shop, channel=OPS) == "acme/vault", "the configured one"
        with shop.store.write() as tx:
            tx.places.set_default(TEAM, OPS, "acme/infra")
        assert meant(shop, channel=OPS) == "acme/infra", "the channel's"
        shop.intend("hello", place=Place(OPS, "1700.1"), project="acme/shop")
        assert meant(shop, channel=OPS, thread="1700.1") == "acme/shop", "the thread's"
        assert meant(shop, "acme/vault jobs", channel=OPS, thread="1700.1") == "acme/vault", "the one named"


def test_the_thread_of_a_card_is_about_its_project(shop: Shop) -> None:
    """In the thread under a card, commands are about the card's project."""
    run = shop.intend("scale", project="acme/infra")
    shop.posted(run, "1700.5")
    assert meant(shop, thread="1700.5") == "acme/infra"
    assert meant(shop) == "acme/shop"


def test_nothing_known(tmp_path: Path) -> None:
    """Where no project is known, it is asked for, with how to name one and which short names there are."""
    two = {"acme/shop": ProjectConfig(aliases=("shop",)), "acme/infra": ProjectConfig()}
    with shop_at(tmp_path, two) as shop:
        with pytest.raises(NotUnderstood) as caught:
            meant(shop, channel=DEV)
        said = caught.value.sentence
        assert "`/gitlab group/project jobs …`" in said
        assert "`/gitlab project use group/project`" in said
        assert "Short names I know: `shop`." in said
        assert isinstance(caught.value, LeftOut)
        assert (caught.value.before, caught.value.after, caught.value.source) == ("", "jobs", "project")
        with pytest.raises(NotUnderstood) as caught:
            meant(shop, "run hello World", channel="D0ALICEBOT", prefix="")
        assert "for this conversation with `project use group/project`" in caught.value.sentence
        assert isinstance(caught.value, LeftOut)
        assert caught.value.after == "run hello World"
        with pytest.raises(NotUnderstood) as caught:
            meant(shop, "run hello", channel=DEV, prefix="/")
        assert "`/gitlab group/project run …`" in caught.value.sentence, (
            "the short slash command takes no project"
        )


def test_short_names(tmp_path: Path) -> None:
    """Short names come from the configuration and from chat; the configuration wins."""
    two = {"acme/shop": ProjectConfig(aliases=("shop", "web"))}
    with shop_at(tmp_path, two) as shop:
        with shop.store.write() as tx:
            tx.places.set_alias(TEAM, "web", "acme/infra")
            tx.places.set_alias(TEAM, "machines", "acme/infra")
        everything = {"shop": "acme/shop", "web": "acme/shop", "machines": "acme/infra"}
        assert projects.aliases(shop.kit, TEAM) == everything
        assert meant(shop, "shop jobs") == "acme/shop"
        assert meant(shop, "web jobs") == "acme/shop"
        assert meant(shop, "machines jobs") == "acme/infra"


@pytest.mark.parametrize("typed", ["please", "42", "don't", ".."])
def test_a_word_that_is_no_project(shop: Shop, typed: str) -> None:
    """A word without a slash that is no short name is no project; the command without it is offered."""
    with pytest.raises(NotUnderstood) as caught:
        meant(shop, f"{typed} run hello World")
    assert f"I don't know `{typed}`: it is no command, and I find no project" in caught.value.sentence
    assert "Did you mean `/gitlab run hello World`?" in caught.value.sentence
    assert caught.value.suggestions == ("run hello World",)


@pytest.mark.parametrize("page", ["", "/", ".git", "/-/pipelines/12", "/-/jobs/5#L3", "?tab=a"])
def test_a_pasted_address(shop: Shop, page: str) -> None:
    """The address of a project, or of one of its pages, names the project; Slack's marks around it do not count."""
    home = shop.gitlab.fake.url
    assert meant(shop, f"{home}/acme/infra{page} jobs") == "acme/infra"
    assert meant(shop, f"<{home}/acme/infra{page}> jobs") == "acme/infra"
    assert meant(shop, f"{home.partition('://')[2]}/acme/infra{page} jobs") == "acme/infra"


def test_a_pasted_address_of_somewhere_else(shop: Shop) -> None:
    """An address that is not in my GitLab is no project of it."""
    with pytest.raises(NotUnderstood, match="I find no project `https:"):
        meant(shop, "https://example.com/acme/shop jobs")


@pytest.mark.parametrize("typed", ["acme/shpo", "acme/shopp", "acm/shop", "shpo", "Shop"])
def test_a_mistyped_project(shop: Shop, typed: str) -> None:
    """A project that is not found is answered with near ones that the bot can see."""
    with pytest.raises(NotUnderstood) as caught:
        meant(shop, f"{typed} jobs")
    assert f"I find no project `{typed}`" in caught.value.sentence
    assert "`acme/shop`" in caught.value.sentence or "`shop`" in caught.value.sentence
    assert {"acme/shop jobs", "shop jobs"} & set(caught.value.suggestions)


def test_a_project_that_is_not_shown_is_not_named(shop: Shop) -> None:
    """A project the bot may not see is answered as one that does not exist."""
    for typed in ("acme/vault", "acme/vautl"):
        with pytest.raises(NotUnderstood) as caught:
            meant(shop, f"{typed} jobs")
        assert "acme/vault" not in caught.value.sentence.replace(f"`{typed}`", "")


@pytest.mark.parametrize("typed", ["acme/../shop", "a/b/c", "acme/%2e%2e", "42/43", "é/ü"])
def test_a_strange_project_is_only_not_found(shop: Shop, typed: str) -> None:
    """Whatever is typed as a project ends in a sentence, and is never another path of GitLab."""
    with pytest.raises(NotUnderstood, match="I find no project"):
        meant(shop, f"{typed} jobs")


def test_a_revoked_token_is_not_a_missing_project(shop: Shop) -> None:
    """What keeps GitLab from answering is told as it is."""
    shop.act("revoke bot")
    with pytest.raises(TokenRejected):
        meant(shop)


def test_a_run_is_remembered_as_the_last_project(shop: Shop) -> None:
    """After a run its project is the asker's last, in channels without one."""
    shop.say("acme/infra run scale --defaults", name="bob")
    with shop.store.read() as tx:
        assert tx.places.last_project(PEOPLE["bob"]) == "acme/infra"
    assert meant(shop, channel=DEV, name="bob") == "acme/infra"
