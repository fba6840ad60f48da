"""Which run is meant: the one named, else the thread's, else the asker's last one here, else anywhere."""

from __future__ import annotations

from typing import Any

import pytest

from bot.errors import NotUnderstood
from bot.jobs import which
from bot.model import Place, Run
from tests.jobs.stage import DEV, OPS, PEOPLE, Shop


def meant(shop: Shop, text: str = "cancel", **how: Any) -> Run:
    return which.meant(shop.kit, shop.request(text, **how))


def test_without_a_name(shop: Shop) -> None:
    """The thread's run comes first, then the asker's last one in the channel, then their last one anywhere."""
    with pytest.raises(
        NotUnderstood, match=r"You have no run to cancel\. For somebody else's, press Cancel on"
    ):
        meant(shop)
    elsewhere = shop.intend("hello", place=Place(DEV))
    assert meant(shop).id == elsewhere.id
    here = shop.intend("say")
    shop.intend("ls", place=Place(DEV))
    assert meant(shop).id == here.id
    bobs = shop.intend("fail", person=PEOPLE["bob"], place=Place(OPS, "1700.1"))
    assert meant(shop).id == here.id, "what others run is theirs"
    assert meant(shop, thread="1700.1").id == bobs.id, "in a thread it is the thread's"


def test_the_thread_of_a_card(shop: Shop) -> None:
    """In the thread under a card its run is meant, whoever asks."""
    run = shop.intend("say")
    shop.intend("hello")
    shop.posted(run, "1700.2")
    assert meant(shop, thread="1700.2", name="bob").id == run.id


def test_by_name(shop: Shop) -> None:
    """A run is named by its job, with blanks in quotes, or by the number of its pipeline, with or without `#`."""
    say = shop.intend("say", pipeline=1201)
    both = shop.intend("build all", pipeline=1202)
    shop.intend("hello", pipeline=1203)
    assert meant(shop, "cancel say").id == say.id
    assert meant(shop, 'cancel "build all"').id == both.id
    assert meant(shop, "cancel 1201").id == say.id
    assert meant(shop, "cancel #1202").id == both.id


def test_by_name_the_newest_here_comes_first(shop: Shop) -> None:
    """Of runs of one job the newest in this channel is meant, and one elsewhere only if there is none here."""
    here = shop.intend("say")
    elsewhere = shop.intend("say", place=Place(DEV))
    only_there = shop.intend("ls", place=Place(DEV))
    assert meant(shop, "cancel say").id == here.id
    assert meant(shop, "cancel say", channel=DEV).id == elsewhere.id
    assert meant(shop, "cancel ls").id == only_there.id


def test_a_name_that_nothing_has(shop: Shop) -> None:
    """An unknown name is answered with where to look; somebody else's run is not found by its job."""
    shop.intend("say", person=PEOPLE["bob"])
    with pytest.raises(NotUnderstood) as caught:
        meant(shop, "log say")
    assert caught.value.sentence.startswith("I know no run `say` of yours whose log I could send.")
    assert "`/gitlab runs`" in caught.value.sentence


def test_a_number_finds_anybody_s_run_of_the_channel(shop: Shop) -> None:
    """The number on somebody else's card is enough, where that card is seen."""
    run = shop.intend("say", person=PEOPLE["bob"], pipeline=1204)
    assert meant(shop, "cancel 1204").id == run.id
    assert meant(shop, "log #1204").id == run.id
    with pytest.raises(NotUnderstood, match="I know no run `1204`"):
        meant(shop, "cancel 1204", channel=DEV)


@pytest.mark.parametrize("text", ["not again", "don't cancel", "never stop", "please retry", "the log"])
def test_an_ordinary_sentence_is_no_command(shop: Shop, text: str) -> None:
    """A word before the verb that is no project keeps it from acting on the last run."""
    shop.intend("say", pipeline=1205)
    with pytest.raises(NotUnderstood, match=f"I know no project `{text.split(maxsplit=1)[0]}`"):
        meant(shop, text)


def test_a_project_before_the_verb(shop: Shop) -> None:
    """Only runs of the project that was named are meant, in a thread, too; a near name is offered."""
    here = shop.intend("say", place=Place(OPS, "1700.3"))
    shop.intend("scale", project="acme/infra", place=Place(OPS, "1700.3"))
    assert meant(shop, "shop cancel").id == here.id
    assert meant(shop, "acme/shop log", thread="1700.3").id == here.id
    with pytest.raises(NotUnderstood, match="You have no run in acme/other to cancel"):
        meant(shop, "acme/other cancel")
    with pytest.raises(NotUnderstood) as caught:
        meant(shop, "shpo cancel say")
    assert caught.value.suggestions == ("shop cancel say",)
