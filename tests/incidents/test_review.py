"""A review is one issue of blocks that are ours: refreshed without touching human words, and never read by too many."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from bot.incident import State
from bot.incident_work import Holder, Mirrored, Suspect, Task
from bot.incidents.crew import blocks_of
from bot.incidents.hindsight import review_text
from bot.incidents.hindsight.review_text import Section
from tests.evidence.floor import SHOP, SHOP_ID
from tests.incidents.back import Back
from tests.incidents.stage import ID, ROOM


def row(name: str, minutes: int, text: str, **more: Any) -> Mirrored:
    fresh = Mirrored(
        name, ID, "gitlab", "talk", ROOM, f"17.{minutes}", "", minutes, "carol", "Carol", wanted=text
    )
    return replace(fresh, **{"note_id": 900 + minutes, **more})


def resolved(back: Back) -> None:
    """An incident with something of everything is resolved."""
    back.happened("declared", 0, "declared", "alice declared it", link="https://x.slack.com/archives/C1/p1")
    back.happened("pinned", 3, text="errors | rise", link="https://x.slack.com/archives/C1/p3", note_id=31)
    back.happened("decided", 5, "decision", "roll back", link="https://x.slack.com/archives/C1/p5")
    with back.kit.store.write() as tx:
        tx.holders.put(Holder("h1", ID, "commander", back.person("bob"), "bob", back.incident.declared_at))
        tx.tasks.put(Task("t1", ID, 1, "Restart it", source="t1", state="done"))
        tx.suspects.put(
            Suspect("s1", ID, "merge", "!7 Faster", "https://gitlab/1", 5, "merge 7", state="suspect")
        )
        tx.suspects.put(
            Suspect("s2", ID, "merge", "!8 Slower", "https://gitlab/2", 6, "merge 8", state="out")
        )
        tx.mirror.put(row("m1", 1, "It burns"))
        tx.mirror.put(row("m2", 2, "Where? /close @all", root="m1"))
        tx.mirror.put(row("m3", 3, "only for members", internal=True))
        tx.mirror.put(row("m4", 4, "", state="gone"))
    back.floor.clock.pass_(40 * 60)
    back.change("state", "resolved")
    back.work()


def review(back: Back) -> Any:
    return back.floor.gitlab.project(SHOP, "root").issues.get(back.incident.review_iid)


def block(back: Back, name: str) -> str:
    found = blocks_of.get(review(back).description, name)
    assert found is not None
    return found.body


def write_there(back: Back, change: Any) -> None:
    """Somebody edits the description of the review in GitLab's own pages."""
    issue = back.floor.gitlab.project(SHOP, "carol").issues.get(back.incident.review_iid)
    issue.description = change(issue.description)
    issue.save()


def reviews(back: Back) -> list[Any]:
    issues = back.floor.gitlab.project(SHOP, "root").issues.list(get_all=True)
    return [one for one in issues if one.title.startswith("Review")]


def test_a_review_holds_all_that_is_known(back: Back) -> None:
    """Every section is there, and every line leads to Slack and to the note."""
    resolved(back)
    back.type("review")
    back.work()
    made = review(back)
    assert (made.title, made.author["username"], made.confidential) == ("Review: Checkout", "bob", False)
    timeline = block(back, "timeline")
    assert "errors \\| rise" in timeline
    assert f"[Slack](https://x.slack.com/archives/C1/p3) · [note]({back.incident.url}#note_31)" in timeline
    assert "roll back" in block(back, "decisions")
    assert "Suspected" in block(back, "changes")
    assert "~~[!8 Slower]" in block(back, "changes").replace("\\", "")
    assert "| commander | bob |" in block(back, "people")
    assert "- [x] Restart it" in block(back, "actions")
    assert "Taken up" in block(back, "times")
    assert "Nobody has written a summary yet" in block(back, "summary")


def test_what_was_said_is_grouped_and_harmless(back: Back) -> None:
    """A reply stands below what it answers, as a quote; nothing in it acts or calls anybody."""
    resolved(back)
    back.type("review")
    back.work()
    said = block(back, "discussion")
    assert said.index("It burns") < said.index("> Where?")
    assert "@all" not in said
    assert review(back).state == "opened"


def test_what_is_internal_stays_out_of_what_all_can_read(back: Back) -> None:
    """It is counted among the gaps, as are deleted messages and silences."""
    resolved(back)
    back.type("review")
    back.work()
    assert "only for members" not in review(back).description
    gaps = block(back, "gaps")
    assert "1 internal text left out" in gaps
    assert "1 message deleted" in gaps
    assert "40 min without an update" in gaps


def test_an_update_for_members_alone_stays_out_of_what_all_can_read(back: Back) -> None:
    """It is an internal note, so a review that more people can read only counts it."""
    with back.kit.store.write() as tx:
        tx.incidents.alter(back.incident, policy="full-internal")
    back.type("update the customer is Acme")
    back.work()
    resolved(back)
    back.type("review")
    back.work()
    assert "the customer is Acme" not in review(back).description
    assert "2 internal texts left out" in block(back, "gaps")


def test_the_review_of_a_private_incident_is_confidential(back: Back) -> None:
    """Then it holds what is internal as well; its title tells nothing before it is hidden."""
    with back.kit.store.write() as tx:
        tx.incidents.alter(back.incident, private=True)
    resolved(back)
    back.type("review", "alice")
    back.work()
    made = review(back)
    assert made.confidential
    assert "only for members" in made.description
    assert "internal text" not in block(back, "gaps")


def test_a_review_is_hidden_before_more_is_written(back: Back) -> None:
    """The incident became private after its review was begun: it is hidden first, and stays so."""
    resolved(back)
    back.type("review")
    back.work()
    assert not review(back).confidential
    with back.kit.store.write() as tx:
        tx.incidents.alter(back.incident, private=True)
    back.type("review refresh", "alice")
    back.work()
    assert review(back).confidential
    assert "only for members" in review(back).description


def test_it_is_told_once_and_the_incident_is_in_review(back: Back) -> None:
    """With the link on the card; again it is only brought up to date."""
    resolved(back)
    back.type("review")
    back.work()
    back.type("review refresh")
    back.work()
    assert back.incident.state is State.REVIEW
    assert len([one for one in back.said() if "set it to Review: acme/shop#" in one]) == 1
    with back.kit.store.read() as tx:
        card = tx.cards.get(f"inc.{ID}.card")
    assert card is not None
    assert back.incident.review_url in card.wanted
    assert [one.issue.iid for one in back.kit.gitlab.links(SHOP_ID, back.iid)] == [back.incident.review_iid]


def test_two_refreshes_at_once_make_one_review(back: Back) -> None:
    """Of whomever they are (scenario 24)."""
    resolved(back)
    for name in ("alice", "bob", "alice"):
        back.floor.slash(name, "incident review", ROOM)
    back.work()
    back.work()
    assert len(reviews(back)) == 1


def test_a_lost_answer_makes_no_second_review(back: Back) -> None:
    """GitLab made it and did not say so: it is found by its mark."""
    resolved(back)
    gitlab = back.floor.gitlab
    gitlab.loop.ask(lambda: gitlab.fake.break_("cut-after", times=1))
    back.type("review")
    for _ in range(3):
        back.work(seconds=70)
    assert len(reviews(back)) == 1
    assert back.incident.review_iid == reviews(back)[0].iid
    assert "errors" in review(back).description


def test_human_words_are_not_touched(back: Back) -> None:
    """An edited block and text between blocks stay; the others go on, and the thread says what was left (24)."""
    resolved(back)
    back.type("review")
    back.work()
    mine = "Nobody has written a summary yet"
    write_there(
        back,
        lambda text: text.replace(mine, "We lost the basket").replace(
            "<!-- signalbox begin gaps", "My own words.\n\n<!-- signalbox begin gaps"
        ),
    )
    back.change("summary", "The basket was empty")
    for n in range(5):
        back.happened(f"later{n}", 60 + n, text=f"later {n}")
    back.type("review refresh")
    back.work()
    text = review(back).description
    assert "We lost the basket" in text
    assert "The basket was empty" not in block(back, "summary")
    assert "My own words." in text
    assert "later 4" in block(back, "timeline")
    (told,) = [one for one in back.lines(ID) if "human edited, not touched" in one]
    assert "The basket was empty" in told


def test_a_block_that_somebody_took_away_stays_away(back: Back) -> None:
    """It is not put back at the end, and the thread says so."""
    resolved(back)
    back.type("review")
    back.work()

    def without(text: str) -> str:
        found = blocks_of.get(text, "people")
        assert found is not None
        return text[: found.start] + text[found.end :]

    write_there(back, without)
    back.type("review refresh")
    back.work()
    assert blocks_of.get(review(back).description, "people") is None
    assert any("Taken out of" in one and "People and roles" in one for one in back.lines(ID))


def test_a_refresh_without_news_changes_nothing(back: Back) -> None:
    """Not even when it was updated."""
    resolved(back)
    back.type("review")
    back.work()
    back.type("review refresh")
    back.work()
    calls = back.floor.gitlab.fake.calls
    before = dict(calls)
    back.type("review refresh")
    back.work()
    changed = {
        name for name in calls if calls[name] != before.get(name, 0) and name.startswith(("PUT", "POST"))
    }
    assert changed <= {"POST /graphql"}


def test_what_does_not_fit_goes_on_in_comments(back: Back) -> None:
    """Each is brought up to date by itself, and taken away when it is not needed any more."""
    resolved(back)
    with back.kit.store.write() as tx:
        for n in range(30):
            tx.mirror.put(row(f"long{n}", 100 + n, f"{n} " + "word " * 1_000))
    back.type("review")
    back.work()
    notes = back.notes_of(back.incident.review_iid)
    assert len(notes) >= 2
    assert all(len(one.body) < 50_000 for one in notes)
    assert "It goes on in" in block(back, "discussion")
    ids = [one.id for one in notes]
    back.type("review refresh")
    back.work()
    assert [one.id for one in back.notes_of(back.incident.review_iid)] == ids
    with back.kit.store.write() as tx:
        tx.mirror.change("id LIKE ?", ("long%",), state="gone")
    back.type("review refresh")
    back.work()
    assert back.notes_of(back.incident.review_iid) == []


def test_parts_hold_whole_lines() -> None:
    """No line is cut in two, and each part has the head of its table."""
    section = Section(
        "timeline", "Timeline", [f"| {n} |" + "x" * 1_000 for n in range(100)], head="| n |\n| --- |"
    )
    parts = section.parts()
    assert all(len(one) < 50_000 for one in parts)
    assert all("| n |\n| --- |" in one for one in parts)
    assert sum(line.startswith("| ") and "x" in line for one in parts for line in one.split("\n")) == 100
    assert review_text.PART_LIMIT < 50_000


# Publishing -------------------------------------------------------------------------------------------------


def test_a_review_is_not_published_while_something_is_missing(back: Back) -> None:
    """What is known to be missing is said at once, and nothing is written."""
    resolved(back)
    assert "what fixed it and its root cause" in back.type("review publish")
    assert back.incident.review_iid == 0


def test_what_only_the_review_shows_is_missing_is_said_after_it_is_written(back: Back) -> None:
    """Nobody has said what the impact was, in Slack or in the review."""
    resolved(back)
    back.change("fix", "restarted")
    back.change("cause", "no memory")
    back.type("review publish")
    key = back.keys[-1]
    back.work()
    assert back.incident.state is State.REVIEW
    (told,) = back.letters(f"{key}.review")
    assert "what the impact was" in told.text
    assert "`/incident impact …`" in told.text


def test_a_whole_review_closes_the_incident(back: Back) -> None:
    """What people wrote into the review itself counts."""
    resolved(back)
    for what in ("fix", "cause", "summary"):
        back.change(what, f"about the {what}")
    back.type("review")
    back.work()
    write_there(back, lambda text: text.replace("Nobody has described the impact yet", "500 orders lost"))
    back.type("review publish")
    back.work()
    assert back.incident.state is State.CLOSED
    back.work()
    assert back.in_gitlab().state == "closed"
    assert "500 orders lost" in review(back).description


def test_an_incident_that_burns_has_only_a_draft(back: Back) -> None:
    """It can be written, and not published."""
    assert "Resolve it first" in back.type("review publish")
    back.type("review draft")
    back.work()
    assert back.incident.state is State.INVESTIGATING
    assert len(reviews(back)) == 1


def test_another_word_is_refused(back: Back) -> None:
    """With what can be typed."""
    assert "incident review publish" in back.type("review burn")


def test_figures_in_the_review_are_those_worked_out_by_hand(back: Back) -> None:
    """Declared, resolved after 40 minutes, reopened 10 later, resolved again after 20: 60 in all."""
    resolved(back)
    back.floor.clock.pass_(10 * 60)
    back.change("state", "investigating", reason="it burns again there")
    back.floor.clock.pass_(20 * 60)
    back.change("state", "resolved")
    back.work()
    back.type("review")
    back.work()
    times = block(back, "times")
    assert "| To resolve | 1 h 00 m" in times
    assert "2 episodes summed" in times
    assert "| To detect | unknown" in times
    assert "Opened again (episode 2)" in times
