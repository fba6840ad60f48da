"""Projects are made a channel's default and given short names."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.errors import NotUnderstood
from tests.jobs.seen import shown
from tests.jobs.stage import DEV, OPS, TEAM, Shop, shop_at


def test_project_use_sets_the_channel_s_default(shop: Shop) -> None:
    """`project use` makes a project this channel's; other channels keep theirs."""
    said = shown(shop.say("project use acme/infra"))
    assert f"<{shop.gitlab.fake.url}/acme/infra|acme/infra>" in said
    assert "acme/infra on" in shown(shop.say("jobs"))
    assert "Commands here are about" in shown(shop.say("project"))
    assert "|acme/infra>" in shown(shop.say("project show"))
    assert "|acme/shop>" in shown(shop.say("project show", channel=DEV))


def test_project_alias_is_for_the_workspace(shop: Shop) -> None:
    """`project alias` makes a short name that everybody can use at once."""
    said = shown(shop.say("project alias machines acme/infra"))
    assert "`machines` now stands for" in said
    assert "`/gitlab machines jobs`" in said
    assert "acme/infra on" in shown(shop.say("machines jobs", name="bob", channel=DEV))
    listed = shown(shop.say("project show"))
    assert "`machines` stands for acme/infra" in listed
    assert "`shop` stands for acme/shop" in listed


def test_project_keeps_the_project_s_own_name_for_it(shop: Shop) -> None:
    """A default is kept by its path, however it was named."""
    shop.say("project use shop")
    with shop.store.read() as tx:
        assert tx.places.get_default(TEAM, OPS) == "acme/shop"


@pytest.mark.parametrize("name", ["run", "JOBS", "stop", "a", "x" * 51, "a/b", "<!channel>", "a b"])
def test_names_that_cannot_be_short_names(shop: Shop, name: str) -> None:
    """A verb, a path, a mention or a name of another length is refused."""
    typed = f'"{name}"' if " " in name else name
    with pytest.raises(NotUnderstood, match="cannot be a short name"):
        shop.say(f"project alias {typed} acme/shop")
    with shop.store.read() as tx:
        assert tx.places.aliases(TEAM) == {}


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("project frobnicate", "`project frobnicate` is nothing I know"),
        ("project use", "Which project?"),
        ("project alias", "Type it as"),
        ("project alias shop", "Type it as"),
        ("project use acme/nothing", "I find no project"),
        ("project alias nothing acme/nothing", "I find no project"),
    ],
)
def test_what_project_does_not_understand(shop: Shop, typed: str, said: str) -> None:
    """Each mistake is answered with the form that works."""
    with pytest.raises(NotUnderstood, match=said):
        shop.say(typed)


def test_project_show_without_any(tmp_path: Path) -> None:
    """A place without a project says so, and how to give it one."""
    with shop_at(tmp_path, {}) as shop:
        said = shown(shop.say("project show", channel=DEV))
        assert "This place has no project yet." in said
        assert "`/gitlab project use group/project`" in said
