"""An incident is declared once, by a line or a form, and has its room before GitLab has answered."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from bot.incident import State
from bot.incidents.drawing import Draft
from bot.incidents.room import sheets
from bot.model import Place, Run, RunState
from bot.policy import Rule
from tests.incidents.front import NEWS, OPS, SHOP, SHOP_ID, Desk, desk_at, dm


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    with desk_at(tmp_path) as made:
        yield made


def test_a_line_declares_at_once(desk: Desk) -> None:
    """Severity and title are enough: room, issue, card, topic and announcement follow, each once."""
    assert desk.type("declare sev2 Checkout 500s") == ""
    desk.settle()
    one = desk.incident()
    assert desk.rooms() == ["inc-1-checkout-500s"]
    (issue,) = desk.issues()
    assert (issue.title, issue.issue_type, issue.author["username"]) == ("Checkout 500s", "incident", "alice")
    assert sorted(issue.labels) == ["Incident::Active", "severity::2"]
    assert desk.facts().severity == "high"
    assert one.url in desk.room().topic.value
    assert len(desk.room().topic.value) <= 250
    assert "S2 High · Checkout 500s" in desk.seen()
    assert desk.room().pins
    assert [each["link"] for each in desk.room().bookmarks.values()] == [one.url]
    assert desk.twin() is not None
    assert len(desk.posts(NEWS)) == 1
    assert "inc-1-checkout-500s" in issue.description
    told = desk.told()
    assert one.channel in told
    assert one.url in told
    assert "Edit" in told


def test_what_follows_is_written_down(desk: Desk) -> None:
    """Who declared it takes part, the next word is due, and the audit trail tells of it."""
    desk.type("declare sev1 Checkout is down")
    one = desk.incident()
    assert one.next_update == one.declared_at + 10 * 60_000
    assert desk.reads(lambda tx: tx.dues.of(one.id, "update")).due_at == one.next_update
    assert desk.reads(lambda tx: tx.holders.is_known(one.id, desk.floor.person("alice")))
    assert "declared" in desk.floor.decisions()


def test_one_line_stands_where_it_was_declared(desk: Desk) -> None:
    """It leads to the room, and is said to everybody there."""
    desk.type("declare sev2 Checkout 500s", channel=OPS)
    desk.settle()
    (line,) = [post for post in desk.posts(OPS) if "declared an incident" in post]
    assert f"<#{desk.incident().channel}>" in line


def test_a_request_that_comes_twice_declares_one(desk: Desk) -> None:
    """Done again after a crash it is the same incident, and the answer links it."""
    new = desk.floor.accept(
        "slash_commands", desk.floor.slash_payload("alice", "incident declare sev2 Checkout")
    )
    desk.floor.do(new)
    desk.settle()
    with desk.kit.store.write() as tx:
        tx.inbox.give_back(new[0].key)
    desk.floor.do(new)
    desk.settle()
    assert desk.count() == 1
    assert len(desk.issues()) == 1
    assert len(desk.rooms()) == 1
    assert len(desk.posts(NEWS)) == 1


def test_hostile_titles_stay_text(desk: Desk) -> None:
    """No quick action fires, nobody is called, and names and topics keep within Slack's limits."""
    title = "/close <!channel> @alice مرحبا 🎉 " + "x" * 300
    desk.type(f"declare sev1 {title}")
    desk.settle()
    (issue,) = desk.issues()
    assert issue.state == "opened"
    assert len(issue.title) <= 255
    assert desk.floor.asks(lambda state: [one.notified for one in state.tracker.notices]) == []
    (name,) = desk.rooms()
    assert len(name) <= 80
    assert name == name.lower()
    assert len(desk.room().topic.value) <= 250
    assert "<!channel>" not in desk.room().topic.value
    assert "<!channel>" not in desk.card().text


def test_a_name_that_is_taken_gets_a_number(desk: Desk) -> None:
    """Another channel of that name stays another's."""
    desk.floor.slack.web.conversations_create(name="inc-1-checkout-500s")
    channels = desk.floor.slack.slack.workspace.channels
    for channel in channels.values():
        if channel.name == "inc-1-checkout-500s":
            channel.creator = "U0ALICE001"
    desk.type("declare sev2 Checkout 500s")
    desk.settle()
    assert desk.room().name == "inc-1-checkout-500s-2"


def test_a_secret_is_kept_nowhere(desk: Desk) -> None:
    """What looks like a token is taken out before anything is stored."""
    token = "glpat-" + "a1B2" * 5
    desk.type(f"declare sev2 Checkout {token}")
    desk.settle()
    assert token not in desk.incident().title
    assert token not in desk.issues()[0].title


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("declare sev7 Checkout", "There is no severity sev7"),
        ("declare sev2 Checkout --project", "Which project?"),
        ("declare sev2 Checkout --project no-such", "I find no project `no-such`"),
        ("declare sev2 ...", ""),
    ],
)
def test_what_is_not_understood_is_said(desk: Desk, line: str, said: str) -> None:
    """With what to type instead; nothing is declared for it."""
    assert said in desk.type(line)
    assert desk.count() == (0 if said else 1)


def test_options_stand_anywhere(desk: Desk) -> None:
    """Private, and in another project, which is looked up as the person."""
    desk.type("declare S1 --private Payments --project acme/infra fail")
    desk.settle()
    one = desk.incident()
    assert (one.severity, one.title, one.private, one.project) == (1, "Payments fail", True, "acme/infra")
    (issue,) = desk.issues("acme/infra")
    assert issue.confidential


def test_what_stands_below_the_title_is_the_summary(desk: Desk) -> None:
    """People are named in it, and nothing in it acts in GitLab."""
    desk.type("declare sev2 Checkout\nAsk <@U0BOB00001>.\n/close")
    desk.settle()
    assert desk.incident().summary == "Ask @bob.\n/close"
    (issue,) = desk.issues()
    assert issue.state == "opened"
    assert "Ask @\u2060bob" in issue.description


def test_a_private_incident_is_told_of_nowhere(desk: Desk) -> None:
    """Its channel is private, nothing is announced, and outsiders are told nothing, not even that it is there."""
    desk.type("declare sev1 Keys leaked --private")
    desk.settle()
    assert desk.room().kind == "group"
    assert desk.twin() is None
    assert not any("Keys" in post for post in desk.posts(NEWS) + desk.posts(OPS))
    assert "Keys" not in desk.type("", name="bob")
    assert "I know no such incident" in desk.press("join", f"{desk.incident().id}:1", name="bob")


def test_no_account_no_incident(desk: Desk) -> None:
    """Whoever is not connected is told how, and the request goes on after that."""
    assert "Connect" in desk.type("declare sev2 Checkout", name="dave")
    assert desk.count() == 0


# The menu, and joining --------------------------------------------------------------------------------------


def test_the_menu(desk: Desk) -> None:
    """`incident` alone offers to declare one, and to join those that are open."""
    assert "No incident is open." in desk.type("")
    desk.type("declare sev2 Checkout 500s")
    desk.settle()
    said = desk.type("", name="bob")
    assert "1 open incident" in said
    assert "Join" in said
    assert "Declare incident" in said


def test_the_menu_in_a_room(desk: Desk) -> None:
    """There the others are counted, below its own card."""
    desk.type("declare sev2 Checkout 500s")
    desk.settle()
    said = desk.type("", channel=desk.incident().channel)
    assert "No other incident is open." in said


def test_joining(desk: Desk) -> None:
    """Whoever presses is brought into the room, and takes part from then on."""
    desk.type("declare sev2 Checkout 500s")
    desk.settle()
    one = desk.incident()
    said = desk.press("join", f"{one.id}:{one.version}", name="bob")
    assert f"<#{one.channel}>" in said
    assert desk.floor.user("bob").id in desk.room().members
    assert desk.reads(lambda tx: tx.holders.is_known(one.id, desk.floor.person("bob")))


# By its form ------------------------------------------------------------------------------------------------


def sheet(desk: Desk, name: str = "alice", **more: object) -> str:
    return sheets.keep(desk.kit, desk.floor.person(name), Draft(project=SHOP, **more))  # type: ignore[arg-type]


def test_a_form_that_is_sent(desk: Desk) -> None:
    """Triage, summary, visibility and people come from it."""
    bob = desk.floor.user("bob").id
    fields = {
        "title": "Checkout",
        "severity": "3",
        "begin": "triage",
        "summary": "It is slow.",
        "visibility": "open",
    }
    assert desk.send("declare", sheet(desk), **fields, invite=bob) == ""
    desk.settle()
    one = desk.incident()
    assert (one.state, one.severity, one.summary, one.private) == (State.TRIAGE, 3, "It is slow.", False)
    assert bob in desk.room().members
    assert "It is slow." in desk.seen()
    assert "Incident::Triage" in desk.issues()[0].labels


def test_a_form_that_is_sent_twice_declares_one(desk: Desk) -> None:
    """The second answer links the first."""
    about = sheet(desk)
    desk.send("declare", about, title="Checkout", severity="2")
    desk.settle()
    assert "That is declared already" in desk.send("declare", about, title="Checkout", severity="2")
    assert (desk.count(), len(desk.issues()), len(desk.rooms())) == (1, 1, 1)


def test_a_form_opens_where_something_was_left_out(desk: Desk) -> None:
    """It has what was typed, and shows what it may be the same as."""
    desk.type("declare sev2 Checkout 500s")
    desk.settle()
    assert desk.type("declare Checkout answers 500s", name="bob") == ""
    assert "Is it one of these?" in desk.form()
    assert "Checkout answers 500s" in desk.form()


def test_no_form_without_a_trigger(desk: Desk) -> None:
    """In a message a button opens it, and the line that could be typed stands below."""
    key = desk.floor.say("alice", "incident declare Checkout")
    told = desk.floor.told(key)
    assert "Declare incident" in told
    assert "incident declare sev2 Checkout" in told


def test_a_failed_run_is_declared_from_its_card(desk: Desk) -> None:
    """The form names the job and the ref."""
    person = desk.floor.person("alice")
    run = Run(
        "run1", "key1", person, "alice", Place(OPS), SHOP, SHOP_ID, "smoke", "main", "", state=RunState.DONE,
        status="failed", job_url="https://gitlab.example/job/1",
    )  # fmt: skip
    with desk.kit.store.write() as tx:
        tx.runs.add(run)
    assert desk.press("declare_from", "run1") == ""
    assert "smoke failed on main" in desk.form()


def test_in_direct_messages(desk: Desk) -> None:
    """The way to the room is told there; nobody else reads it."""
    key = desk.floor.say("alice", "incident declare sev2 Checkout 500s")
    desk.settle()
    assert desk.floor.told(key) == ""
    assert desk.incident().channel in desk.told()
    assert desk.incident().origin == Place(dm(desk.floor.user("alice")))


@pytest.mark.parametrize("said", ["S1: all down", "sev-1 all down", "critical: all down"])
def test_a_severity_is_read_as_everywhere(desk: Desk, said: str) -> None:
    """With a colon behind it, or a dash within."""
    desk.type(f"declare {said}")
    assert (desk.incident().severity, desk.incident().title) == (1, "all down")


def test_declare_is_enough_in_direct_messages(desk: Desk) -> None:
    """Or behind the bot's name: with a project before it, or with nothing behind it, too."""
    say = desk.floor.say
    say("alice", "declare sev2 Checkout 500s --project acme/shop")
    assert (desk.incident().title, desk.incident().project) == ("Checkout 500s", SHOP)
    say("alice", "acme/shop Declare S1 Payments fail\nfor all")
    one = desk.incident(2)
    assert (one.severity, one.title, one.summary, one.project) == (1, "Payments fail", "for all", SHOP)
    assert "What is wrong?" in desk.floor.told(say("alice", "declare"))


# Editing ----------------------------------------------------------------------------------------------------


def test_editing(desk: Desk) -> None:
    """Title, severity and summary change on both sides; what is the same stays untouched."""
    desk.type("declare sev2 Checkout 500s")
    desk.settle()
    one = desk.incident()
    told = desk.send(
        "edit", f"{one.id}:{one.version}", title="Checkout fails", severity="1", summary="All of it."
    )
    assert "inc 1 is changed." in told
    desk.settle()
    now = desk.incident()
    assert (now.title, now.severity, now.summary) == ("Checkout fails", 1, "All of it.")
    (issue,) = desk.issues()
    assert issue.title == "Checkout fails"
    assert "\nAll of it.\n<!-- signalbox end summary -->" in issue.description
    assert desk.facts().severity == "critical"
    assert "S1 Critical · 🔥 Investigating · Checkout fails" in desk.room().topic.value


def test_what_the_rules_keep_from_a_project_is_not_edited_into_it(tmp_path: Path) -> None:
    """Naming another project for the issue is to declare it there: rules and GitLab are asked about that one."""
    with desk_at(tmp_path) as desk:
        with desk.kit.store.write() as tx:
            tx.places.set_default(desk.floor.person("alice").team, OPS, "acme/gone")
        desk.type("declare sev2 Checkout 500s")
        desk.settle()
        one = desk.incident()
        fields = {"title": one.title, "severity": "2", "summary": ""}
        about = f"{one.id}:{one.version}"
        desk.send("edit", about, project="acme/nowhere", **fields)
        assert desk.incident().project == "acme/gone"
        policy = replace(desk.kit.config.policy, rules=(Rule("not here", "deny", projects=(SHOP,)),))
        desk.floor.kit = replace(desk.kit, config=replace(desk.kit.config, policy=policy))
        desk.floor.__post_init__()
        assert "not here" in desk.send("edit", about, project=SHOP, **fields)
        assert (desk.incident().project, desk.issues()) == ("acme/gone", [])
