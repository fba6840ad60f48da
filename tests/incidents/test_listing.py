"""Lists tell each person what they may see; figures leave out what is unknown; a duplicate folds once."""

from __future__ import annotations

import blocks.incident
import blocks.incident_talk
from blocks import incident_updates
from bot.incident import FULL_INTERNAL, State
from bot.incidents.crew import followers
from bot.incidents.watching import looking
from tests.evidence.floor import DEV, OPS, SHOP, SHOP_ID
from tests.incidents.back import MINUTE, Back
from tests.incidents.stage import ID


def test_the_list_has_the_worst_first(back: Back) -> None:
    """Open ones by severity; each with its state and who commands."""
    back.another(2, "Login", issue=False, severity=1)
    back.another(3, "Old", issue=False, state=State.CLOSED, closed_at=5)
    told = back.asked("list")
    assert told.index("Login") < told.index("Checkout")
    assert "Old" not in told
    assert "2 open incidents" in told


def test_the_list_can_be_narrowed(back: Back) -> None:
    """By what is over, and by severity."""
    back.another(2, "Login", issue=False, severity=1)
    back.another(3, "Old", issue=False, state=State.CLOSED, closed_at=5)
    closed, worst, everything = back.asked("list closed"), back.asked("list sev1"), back.asked("list all s2")
    assert ("Old" in closed, "Login" in closed) == (True, False)
    assert ("Login" in worst, "Checkout" in worst) == (True, False)
    assert ("Old" in everything, "Checkout" in everything, "Login" in everything) == (True, True, False)


def test_a_list_is_narrowed_by_gitlab_s_words_too(back: Back) -> None:
    """A severity is read as it is where one is set."""
    assert "1 open incident of severity 2" in back.asked("list high")


def test_a_word_that_says_nothing_is_refused(back: Back) -> None:
    """With what can be typed instead."""
    assert "behind it may stand `all`, `closed`" in back.asked("list yesterday")


def test_a_private_one_is_listed_for_who_takes_part(back: Back) -> None:
    """Nobody else learns of it: not from the list, not by name, not from figures or the file (scenario 13)."""
    back.another(2, "Secret breach", private=True)
    assert "Secret" in back.asked("list", "alice")
    for line in (
        "list",
        "list all",
        "show inc-2",
        "export inc-2",
        "metrics inc-2",
        "duplicate inc-2 of inc-1",
    ):
        assert "Secret" not in back.asked(line, "bob")
    assert back.letters("%.export%") == []


def test_show_gives_the_card_elsewhere(back: Back) -> None:
    """As it is now, for who asks alone."""
    assert "Checkout" in back.asked("show inc-1")


def test_figures_of_a_span_leave_out_what_is_unknown(back: Back) -> None:
    """One of two was never said to be detected: the mean is that of the other."""
    now = back.floor.clock()
    both = {"state": State.CLOSED, "closed_at": now, "resolved_at": now, "started_at": now - 30 * MINUTE}
    back.another(2, "A", issue=False, **both, detected_at=now - 20 * MINUTE)
    back.another(3, "B", issue=False, **both)
    told = back.asked("metrics 30d")
    assert "2 incidents" in told
    assert "To detect: 10 m 00 s on average, 10 m 00 s median, of 1, unknown for 1" in told.replace("*", "")
    assert "To acknowledge: unknown for all 2" in told.replace("*", "")


def test_figures_of_private_ones_are_for_who_takes_part(back: Back) -> None:
    """They are not even counted for others."""
    back.another(2, "A", issue=False, private=True, state=State.CLOSED, closed_at=back.floor.clock())
    assert "No incident was closed since" in back.asked("metrics", "bob")
    assert "1 incident" in back.asked("metrics", "alice")


def test_the_figures_of_one_name_their_events(back: Back) -> None:
    """Each span with the two events it comes from."""
    back.happened("declared", 0, "declared", "alice declared it")
    back.floor.clock.pass_(60)
    back.type("status fixing", "alice")
    told = back.asked("metrics inc-1")
    assert "alice declared it" in told
    assert "set it to Fixing" in told
    assert "To mitigate: unknown" in told.replace("*", "")


def test_a_span_that_is_none_is_refused(back: Back) -> None:
    """Also one that is longer than a year."""
    for text in ("metrics 5y", "metrics 900d"):
        assert "I cannot measure" in back.asked(text) or "Which incident" in back.asked(text)


# Duplicates -------------------------------------------------------------------------------------------------


def merged(back: Back) -> tuple[str, str]:
    """Bob says in the room of the first that it is a duplicate of another."""
    back.another(2, "Basket", channel=OPS, channel_name="inc-2-basket")
    with back.kit.store.write() as tx:
        followers.follow(tx, back.kit, incident_updates, back.incident, (back.person("carol"), "carol", "D1"))
    back.happened("pinned", 1, text="errors | rise at /close", link="https://x.slack.com/archives/C1/p1")
    return back.type("duplicate inc-2"), "inc0002"


def test_a_duplicate_is_closed_and_folded_once(back: Back) -> None:
    """Its issue is closed and tied, its timeline stands in one note of the survivor, and its room says where to go."""
    _, survivor = merged(back)
    for _ in range(3):
        back.work(ID, survivor, seconds=5)
    assert back.incident.state is State.MERGED
    assert back.incident.merged_into == survivor
    assert back.in_gitlab().state == "closed"
    folded = [one for one in back.notes_of(back.now(survivor).iid) if "<details>" in one.body]
    assert len(folded) == 1
    assert "errors \\| rise at /close" in folded[0].body
    assert "[Slack](https://x.slack.com/archives/C1/p1)" in folded[0].body
    assert back.floor.gitlab.project(SHOP, "root").issues.get(back.now(survivor).iid).state == "opened"
    assert any("Go on there in #inc-2-basket" in one for one in back.lines(ID))
    links = back.kit.gitlab.links(SHOP_ID, back.iid)
    assert [one.issue.iid for one in links] == [back.now(survivor).iid]


def test_the_form_asks_of_which_it_is_a_duplicate(back: Back) -> None:
    """From the card: the other open incidents that one may see, and what is picked counts."""
    back.another(2, "Basket")
    back.another(3, "Secret", private=True)
    opened = back.floor.slack.slack.calls["views.open"]
    back.press("duplicate")
    assert back.floor.slack.slack.calls["views.open"] == opened + 1
    back.send("duplicate", other="inc-3")
    assert back.incident.state is State.INVESTIGATING
    back.send("duplicate", other="inc-2")
    assert back.incident.merged_into == "inc0002"


def test_followers_go_along(back: Back) -> None:
    """Whoever followed the duplicate follows the survivor, and sees of the other what became of it."""
    _, survivor = merged(back)
    back.work(ID, survivor)
    carol = back.person("carol")
    with back.kit.store.read() as tx:
        found = [tx.cards.get(f"inc.{one}.follow.{carol.team}.{carol.id}") for one in (ID, survivor)]
    seen = [one.wanted for one in found if one]
    assert "Merged" in seen[0]
    assert "Basket" in seen[1]


def test_followers_learn_nothing_of_a_private_survivor(back: Back) -> None:
    """They follow nothing then, unless they take part in it."""
    back.another(2, "Secret", private=True, channel=OPS, channel_name="inc-2-secret")
    carol = back.person("carol")
    with back.kit.store.write() as tx:
        followers.follow(tx, back.kit, incident_updates, back.incident, (carol, "carol", "D1"))
    back.type("duplicate inc-2", "alice")
    assert back.incident.state is State.MERGED
    assert back.reads(lambda tx: tx.incident_facts.begin("inc0002", "follows.")) == {}
    back.work(ID)
    said = [*back.lines(ID), *(one.text for one in back.events())]
    hidden = "inc-2-secret", "Secret", back.now("inc0002").reference
    assert not any(words in one for words in hidden for one in said)
    assert any("is a duplicate of another incident, which is for those alone" in one for one in said)


def test_the_timeline_of_a_private_one_is_folded_internally(back: Back) -> None:
    """Its lines are for members alone below an issue that all can read."""
    back.another(2, "Basket")
    back.happened("pinned", 1, text="the leak")
    with back.kit.store.write() as tx:
        tx.incidents.alter(back.incident, private=True, policy=FULL_INTERNAL)
    back.type("duplicate inc-2", "alice")
    back.work(ID, "inc0002")
    (note,) = [one for one in back.notes_of(back.now("inc0002").iid) if "<details>" in one.body]
    assert note.internal
    told = back.reads(lambda tx: tx.incident_events.of("inc0002", kinds=("merged",)))
    assert [one.text for one in told] == ["Another incident is a duplicate of this"]


def test_merging_into_an_ended_one_is_refused(back: Back) -> None:
    """Nothing happens on either side (scenario 21)."""
    back.another(2, "Basket", state=State.CLOSED)
    assert "nothing can be merged into it" in back.type("duplicate inc-2")
    assert back.incident.state is State.INVESTIGATING
    assert back.errand("duplicate.1") is None


def test_an_incident_is_no_duplicate_of_itself(back: Back) -> None:
    """Nor of its own duplicate."""
    assert "no duplicate of itself" in back.asked("duplicate inc-1 of inc-1")
    merged(back)
    assert "is a duplicate of" in back.asked("duplicate inc-2 of inc-1")
    assert back.now("inc0002").state is State.INVESTIGATING


def test_what_gitlab_says_of_it_changes_nothing_more(back: Back) -> None:
    """GitLab closes the issue and tells of it itself: there is no loop, and no second note."""
    _, survivor = merged(back)
    back.work(ID, survivor)
    back.floor.clock.pass_(5)
    before = len(back.events("state"))
    back.look()
    back.work(ID, survivor)
    assert back.incident.state is State.MERGED
    assert len(back.events("state")) == before
    assert len([one for one in back.notes_of(back.now(survivor).iid) if "<details>" in one.body]) == 1


def test_a_duplicate_that_is_marked_in_gitlab_folds_as_well(back: Back) -> None:
    """Its room hears where to go on, its timeline is folded once, and GitLab is told nothing it said itself."""
    back.another(2, "Basket", channel=OPS, channel_name="inc-2-basket")
    back.floor.clock.pass_(5)
    back.act(f"duplicate #{back.iid} of #{back.now('inc0002').iid}", "carol")
    back.floor.clock.pass_(5)
    watched(back)
    back.work(ID, "inc0002")
    assert (back.incident.state, back.incident.merged_into) == (State.MERGED, "inc0002")
    assert back.errand("duplicate.1") is None
    assert any("Carol" in one and "duplicate of" in one for one in back.said())
    watched(back)
    back.work(ID, "inc0002")
    assert len([one for one in back.notes_of(back.now("inc0002").iid) if "<details>" in one.body]) == 1


def watched(back: Back) -> None:
    """The bot looks at the issue of the first incident."""
    issue = back.kit.gitlab.issue(SHOP_ID, back.iid)
    facts = back.kit.gitlab.incident_facts(SHOP, [back.iid]).get(back.iid)
    looking.stand(back.kit, blocks.incident, blocks.incident_talk, looking.Seen(back.incident, issue, facts))


def test_the_note_is_found_after_an_answer_was_lost(back: Back) -> None:
    """The note is there although the answer was not: it is not written twice."""
    back.another(2, "Basket")
    gitlab = back.floor.gitlab
    gitlab.loop.ask(lambda: gitlab.fake.break_("cut-after", times=5))
    back.type("duplicate inc-2")
    gitlab.loop.ask(gitlab.fake.mend)
    for _ in range(4):
        back.work(ID, "inc0002", seconds=70)
    assert len([one for one in back.notes_of(back.now("inc0002").iid) if "<details>" in one.body]) == 1
    assert len(back.kit.gitlab.links(SHOP_ID, back.iid)) == 1


def test_the_room_is_archived_only_after_somebody_agrees(back: Back) -> None:
    """The question stands in the room; what archives it is asked for by the button."""
    merged(back)
    back.work(ID)
    assert any("Archive this channel" in one for one in back.lines(ID))
    assert back.errand("archive.1") is None
    with back.kit.store.write() as tx:
        tx.incidents.note("inc0002", channel=DEV)
    back.press("archive")
    assert back.errand("archive.1") is not None
