"""Projects are made a channel's default and given short names."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.errors import NotUnderstood, Refused
from bot.model import Place
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


def test_everybody_is_told_of_the_channel_s_project(shop: Shop) -> None:
    """A project made a channel's is told there for all to see, with the one before; in a direct message it is not."""
    shop.say("project use acme/infra", key="one")
    told = shop.letter("one.told")
    assert told is not None
    assert told.text == "alice made acme/infra the project of this channel; before it was acme/shop."
    with shop.store.read() as tx:
        letter = tx.outbox.get("one.told")
    assert letter is not None
    assert (letter.kind, letter.place) == ("post", Place(OPS))
    shop.say("project use acme/infra", key="same")
    assert shop.letter("same.told") is None, "nothing has changed"
    shop.say("project use acme/infra", key="dm", channel="D0ALICEBOT")
    assert shop.letter("dm.told") is None


def test_project_use_nothing_takes_the_default_away(shop: Shop) -> None:
    """`project use -` gives the place back to the configuration."""
    shop.say("project use acme/infra")
    assert "has no project of its own any more" in shown(shop.say("project use -", key="two"))
    told = shop.letter("two.told")
    assert told is not None
    assert told.text == "alice took this channel's project away; before it was acme/infra."
    assert "|acme/shop>" in shown(shop.say("project show"))
    assert "had none" in shown(shop.say("project use -"))


def test_project_show_says_why(shop: Shop) -> None:
    """What made it this project is told: the name, the channel, the configuration, the last run."""
    assert "my configuration names it for this channel" in shown(shop.say("project show"))
    assert "you named it" in shown(shop.say("acme/infra project show"))
    assert "it is the only one in my configuration" in shown(shop.say("project show", channel=DEV))
    shop.say("project use acme/infra")
    assert "set it for this channel with `project use`" in shown(shop.say("project show"))
    run = shop.intend("hello")
    shop.posted(run, "1700.9")
    assert "this thread is about a run of it" in shown(shop.say("project show", thread="1700.9"))


def test_project_show_needs_no_gitlab(shop: Shop) -> None:
    """While GitLab is away, what is meant here can still be asked."""
    shop.break_("down")
    assert f"<{shop.gitlab.fake.url}/acme/shop|acme/shop>" in shown(shop.say("project show"))


@pytest.mark.parametrize("text", ["don't project use acme/infra", "not project alias x1 acme/infra"])
def test_an_ordinary_sentence_sets_nothing(shop: Shop, text: str) -> None:
    """A word before `project` that is no project keeps it from acting."""
    with pytest.raises(NotUnderstood, match="I know no project"):
        shop.say(text)


def test_a_short_name_of_the_configuration_stays(shop: Shop) -> None:
    """What the configuration says is not changed from chat."""
    for text in ("project alias shop acme/infra", "project alias shop -"):
        with pytest.raises(Refused, match="`shop` stands for acme/shop in my configuration"):
            shop.say(text)


def test_a_short_name_is_given_anew_and_taken_away(shop: Shop) -> None:
    """Whoever changes a short name hears what it stood for; `-` removes it."""
    shop.say("project alias machines acme/infra")
    assert "Before, it stood for acme/infra." in shown(shop.say("project alias machines acme/shop"))
    said = shown(shop.say("project alias machines -"))
    assert "`machines` stands for nothing any more. Before, it stood for acme/shop." in said
    assert "`machines` stood for nothing." in shown(shop.say("project alias machines -"))
    with shop.store.read() as tx:
        assert tx.places.aliases(TEAM) == {}


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


@pytest.mark.parametrize(
    "name", ["run", "JOBS", "stop", "a", "x" * 51, "a/b", "<!channel>", "a b", "-a", "é1"]
)
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
        (
            "project alias web",
            "Which project[?] Pick it, or type its path: `project alias web group/project`",
        ),
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
