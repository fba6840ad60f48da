"""Words for whole commands are made, told and taken away."""

from __future__ import annotations

from dataclasses import replace
from types import MappingProxyType

import pytest

from bot.deeds import Halted
from bot.errors import NotUnderstood, Refused
from bot.model import Place
from bot.personal.own_words import MOST
from bot.policy import DENY, Policy, Rule
from tests.jobs.seen import shown
from tests.jobs.stage import OPS, PEOPLE, TEAM, Shop

DM = "D0ALICEBOT"


def kept(shop: Shop, scope: str = "person", owner: str = PEOPLE["alice"].id) -> dict[str, str]:
    with shop.store.read() as tx:
        return {one.name: one.line for one in tx.own_words.of(TEAM, scope, owner)}


@pytest.mark.parametrize(
    ("typed", "line"),
    [
        ("alias d = run deploy-staging", "run deploy-staging"),
        ("alias D=run deploy-staging", "run deploy-staging"),
        ('alias d = "run deploy-staging"', "run deploy-staging"),
        ("alias d='run deploy-staging'", "run deploy-staging"),
        ('alias d = run "my job" x=1', 'run "my job" x=1'),
        ("alias d = shop run ls", "shop run ls"),
        ("alias d = acme/other run ls --dry-run", "acme/other run ls --dry-run"),
        ("alias d = run say one\ntwo", "run say one\ntwo"),
    ],
)
def test_a_word_is_made(shop: Shop, typed: str, line: str) -> None:
    """What stands behind the sign is kept as it was typed, without quotes around all of it."""
    said = shown(shop.say(typed))
    assert said.startswith("`d` is ")
    assert "now, a word of yours." in said
    assert "Type `/gitlab d`" in said
    assert kept(shop) == {"d": line}


def test_a_word_is_told_changed_and_taken_away(shop: Shop) -> None:
    """Each answer says what it stood for before."""
    shop.say("alias d = run hello")
    assert shown(shop.say("alias d")) == "`d` is `run hello`, a word of yours."
    assert "Before, it was `run hello`." in shown(shop.say("alias d = run ls"))
    assert "it was `run ls`." in shown(shop.say("alias d -"))
    assert "`d` was no word of yours." in shown(shop.say("alias -d"))
    assert kept(shop) == {}


@pytest.mark.parametrize("here", ["", "here "])
def test_no_override_is_kept(shop: Shop, here: str) -> None:
    """It is for one time and has a reason of its own; nobody overrides by saying a word that others have made."""
    with pytest.raises(Refused, match="An override is for one time"):
        shop.say(f'alias {here}d = run deploy-production --override "It cannot wait."')
    shop.say(f'alias {here}d = run say "--override" -- --override')
    assert "d" in (kept(shop, "channel", OPS) if here else kept(shop))


@pytest.mark.parametrize("name", ["rnu", "runn", "hlep", "cancl", "unlokc"])
def test_a_word_of_the_channel_catches_no_slip(shop: Shop, name: str) -> None:
    """Whoever mistypes a command hears so, and does nothing that somebody else has thought out; of one's own it may."""
    with pytest.raises(NotUnderstood, match="is too near to"):
        shop.say(f"alias here {name} = run deploy-production")
    shop.say(f"alias {name} = run deploy-production")
    assert kept(shop, "channel", OPS) == {}


@pytest.mark.parametrize("line", ["unlink", "every hour run hello", "alias x = run hello", "link", "access"])
def test_a_word_of_the_channel_is_about_the_channel(shop: Shop, line: str) -> None:
    """Nobody parts from their account, or has something recur, by saying a word that others have made."""
    with pytest.raises(NotUnderstood, match="about whoever types it"):
        shop.say(f"alias here w = {line}")


def test_everybody_reads_all_of_it(shop: Shop) -> None:
    """Nothing of a word of the channel is hidden behind its beginning."""
    line = f"run say {'x' * 300} --reason hidden"
    shop.say(f"alias here w = {line}", key="one")
    told = shop.letter("one.told")
    assert told is not None
    assert line in told.text
    assert line in shown(shop.say("alias w"))


def test_a_word_of_the_channel(shop: Shop) -> None:
    """`alias here` makes one for everybody in the channel, who are told, with what it meant before."""
    shop.say("alias here n = run hello", key="one")
    told = shop.letter("one.told")
    assert told is not None
    assert told.text == "alice made `n` mean `run hello` in this channel."
    with shop.store.read() as tx:
        letter = tx.outbox.get("one.told")
    assert letter is not None
    assert (letter.kind, letter.place) == ("post", Place(OPS))
    shop.say("alias here n = run hello", key="same")
    assert shop.letter("same.told") is None, "nothing has changed"
    assert "a word of this channel" in shown(shop.say("alias n", name="bob"))
    assert "It is one of this channel: `/gitlab alias here n -`." in shown(shop.say("alias n -", name="bob"))
    shop.say("alias here n -", key="gone", name="bob")
    told = shop.letter("gone.told")
    assert told is not None
    assert told.text == "bob took the word `n` of this channel away; before it meant `run hello`."
    assert kept(shop, "channel", OPS) == {}


def test_no_channel_in_direct_messages(shop: Shop) -> None:
    """There `here` would mean nobody else."""
    with pytest.raises(NotUnderstood, match="`here` means a channel"):
        shop.say("alias here d = run hello", channel=DM)


def test_which_word_counts_is_told(shop: Shop) -> None:
    """Whoever makes a channel's word and has one of their own hears that theirs goes first; the list says it, too."""
    shop.say("alias d = run hello")
    said = shown(shop.say("alias here d = run ls"))
    assert "For you `d` is `run hello` still: a word of yours goes first." in said
    listed = shown(shop.say("alias"))
    assert "• `d` is `run ls` (yours goes first)" in listed
    assert "Now `d` is `run ls`, a word of this channel." in shown(shop.say("alias -d"))


def test_words_of_the_configuration(shop: Shop) -> None:
    """They are listed, told, and not changed from chat; one's own goes before them."""
    stage = shop.with_kit(config=replace(shop.kit.config, aliases=MappingProxyType({"s": "run hello"})))
    assert "for everybody, from my configuration" in shown(stage.say("alias s"))
    with pytest.raises(Refused, match="which nobody changes from chat"):
        stage.say("alias -s")
    stage.say("alias s = run ls")
    listed = shown(stage.say("alias"))
    assert "• `s` is `run hello` (yours goes first)" in listed
    assert "*For everybody*" in listed


def test_a_word_that_became_a_project(shop: Shop) -> None:
    """The list says that a short name of a project goes first."""
    shop.say("alias machines = run hello")
    shop.say("project alias machines acme/infra")
    assert "it is the short name of a project by now" in shown(shop.say("alias"))


def test_no_word_yet(shop: Shop) -> None:
    """The empty list says how to make one, and where the names of projects are."""
    listed = shown(shop.say("alias"))
    assert "`/gitlab alias d = run deploy-staging` makes one." in listed
    assert "`/gitlab project show`" in listed


@pytest.mark.parametrize(
    "name", ["run", "HELP", "!!", "a b", "-a", "x" * 51, "a/b", "<!channel>", "é", "here", '"d"']
)
def test_what_cannot_be_a_word(shop: Shop, name: str) -> None:
    """A verb, a path, a mention, `here` and what is no word are refused; nothing is kept."""
    with pytest.raises(NotUnderstood):
        shop.say(f"alias {name} = run hello")
    assert kept(shop) == {}


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("rnu hello", "`rnu hello` does not begin with a command of mine. Did you mean `run`"),
        ("shop", "does not begin with a command of mine"),
        ("not run hello", "I know no project `not`"),
        ("e x", "`e` is a word for `run hello`, and a word cannot stand for another one"),
        ("run " + "x" * 500, "That is 504 characters long"),
    ],
)
def test_what_no_word_can_stand_for(shop: Shop, line: str, said: str) -> None:
    """What is no command, another word or too long is refused."""
    shop.say("alias e = run hello")
    with pytest.raises(NotUnderstood, match=said):
        shop.say(f"alias d = {line}")
    assert kept(shop) == {"e": "run hello"}


def test_a_project_s_short_name_is_no_word(shop: Shop) -> None:
    """It stands for its project already."""
    with pytest.raises(NotUnderstood, match="`shop` is the short name of the project acme/shop"):
        shop.say("alias shop = run hello")


def test_a_secret_is_not_kept(shop: Shop) -> None:
    """What looks like a token is not written down."""
    with pytest.raises(Refused, match="holds a token"):
        shop.say("alias d = run login canary")
    assert kept(shop) == {}


@pytest.mark.parametrize(
    ("typed", "suggested"),
    [
        ("alias d run hello", "alias d = run hello"),
        ("alias here d run x=1", "alias here d = run x=1"),
        ("alias d hello", None),
        ("alias d =", None),
        ("alias - d", None),
        ("alias -", None),
        ("alias gone", None),
    ],
)
def test_what_is_not_understood(shop: Shop, typed: str, suggested: str | None) -> None:
    """A sign that is missing is suggested; the rest is answered with the form."""
    with pytest.raises(NotUnderstood) as caught:
        shop.say(typed)
    assert caught.value.suggestions == ((suggested,) if suggested else ())


def test_a_near_word_is_suggested(shop: Shop) -> None:
    """Whoever asks for a word that is nearly one is offered that."""
    shop.say("alias nightly = run hello")
    with pytest.raises(NotUnderstood) as caught:
        shop.say("alias nigthly")
    assert caught.value.suggestions == ("alias nightly",)


def test_there_is_an_end(shop: Shop) -> None:
    """Nobody keeps more words than anybody remembers; one that is there can still be changed."""
    for number in range(MOST):
        shop.say(f"alias w{number} = run hello")
    with pytest.raises(Refused, match=f"There are {MOST} words already"):
        shop.say("alias more = run hello")
    shop.say("alias w0 = run ls")
    assert kept(shop)["w0"] == "run ls"


def test_the_rules_are_asked_for_a_channel_s_word(shop: Shop) -> None:
    """A rule that denies `alias` stops a channel's word."""
    denied = shop.under(Policy(rules=(Rule("no", DENY, commands=("alias",)),)))
    with pytest.raises(Halted):
        denied.say("alias here d = run hello")


def test_help_knows_own_words(shop: Shop) -> None:
    """They are listed below the commands, and `help` of one says what it is."""
    shop.say("alias nightly = run hello")
    said = shown(shop.say("help"))
    assert "*Own words*, kept with `/gitlab alias`" in said
    assert "• `nightly` is `run hello`" in said
    assert "`nightly` is `run hello`, a word of yours." in shown(shop.say("help Nightly"))
    with pytest.raises(NotUnderstood) as caught:
        shop.say("help nigthly")
    assert caught.value.suggestions == ("help nightly",)
