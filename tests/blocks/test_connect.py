"""How connecting an account looks: what is offered, what is compared, and that names from outside stay names."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from hypothesis import given

from blocks import connect
from bot.errors import LinkLost, NotLinked
from bot.ledger import Account, Invitation
from bot.model import Message, Person, Place
from sandbox.slack.blockkit import problems_of
from tests.blocks.looks import check, hostile

GITLAB = "https://gitlab.example.com"
PAGE = f"{GITLAB}/oauth/device?user_code=0A44L90H"
INVITATION = Invitation(PAGE, "0A44L90H", 5, True)
NOW, DAY = 1_795_168_800_000, 86_400_000
ACCOUNT = Account(Person("T1", "U1"), 7, "alice", "Alice Archer", "device", "a", "r", None, NOW)


def buttons(message: Message) -> list[Any]:
    return [one for block in message.blocks if block["type"] == "actions" for one in block["elements"]]


def words(message: Message) -> str:
    return str(message.blocks)


def test_a_lost_connection_is_told_as_one() -> None:
    """Somebody whose connection was revoked is not told that they never had one."""
    message = connect.connect(LinkLost(), INVITATION)
    check(message)
    assert message.text == "GitLab no longer accepts the connection to your account. Connect it again."


def test_an_invitation_leads_to_gitlab() -> None:
    """A link to GitLab's page with the code to compare, how long it is good, and that the request is kept."""
    message = connect.connect(NotLinked(), INVITATION)
    check(message)
    first, second = buttons(message)
    assert (first["url"], first["action_id"], first["style"]) == (PAGE, "link.open", "primary")
    assert second["action_id"] == "link.token"
    assert message.text == "Connect your GitLab account first."
    for said in (
        "`0A44L90H`, good for 5 minutes",
        "kept for 10 minutes",
        "whoever agrees there connects *their*",
    ):
        assert said in words(message)


def test_an_invitation_without_a_page() -> None:
    """Where GitLab has no device grant, a token is asked for; nothing is compared and nothing kept unless it is."""
    message = connect.connect(LinkLost(), Invitation())
    check(message)
    assert [one["action_id"] for one in buttons(message)] == ["link.token"]
    assert "kept" not in words(message)
    assert "personal access token with the scope `api`" in words(message)
    assert "no longer accepts" in message.text


def test_whoever_asks_for_it_is_invited() -> None:
    """`link` invites without a word about an error."""
    assert connect.invited(INVITATION).text == "Connect your GitLab account."


def test_a_token_that_ends_soon_is_told() -> None:
    """Two weeks before a pasted token ends its owner hears when, in their own time; else nothing."""
    pasted = replace(ACCOUNT, method="token", expires_at=NOW + 13 * DAY)
    assert "Your token ends <!date^" in connect.linked(pasted, 0, NOW).text
    assert "ends" not in connect.linked(replace(pasted, expires_at=NOW + 15 * DAY), 0, NOW).text
    assert "ends" not in connect.linked(replace(pasted, expires_at=None), 0, NOW).text
    assert "ends <!date^" in words(connect.already(pasted, NOW))


def test_what_was_kept_is_told() -> None:
    """How many requests go on now, in whole words."""
    assert connect.linked(ACCOUNT, 0, NOW).text == "You are now connected as *@alice* (Alice Archer)."
    assert connect.linked(ACCOUNT, 1, NOW).text.endswith(" What you asked for goes on now.")
    assert connect.linked(ACCOUNT, 2, NOW).text.endswith(" The 2 things you asked for go on now.")


def test_who_is_connected_sees_as_whom() -> None:
    """Username, name, way and time, and how to change it."""
    message = connect.already(ACCOUNT, NOW)
    assert [one["action_id"] for one in buttons(message)] == ["link.new"]
    assert "*@alice* (Alice Archer), by GitLab's own page, since <!date^1795168800^" in words(message)
    assert "by a personal access token" in words(connect.already(replace(ACCOUNT, method="token"), NOW))


def test_every_end_offers_a_beginning() -> None:
    """Expired, failed or lost: each says what happened, and one press begins again."""
    for message in (connect.expired("d1"), connect.failed("It <broke>.", "d1"), connect.lost(ACCOUNT)):
        check(message)
        assert [one["action_id"] for one in buttons(message)] == ["link.new"]
    assert connect.failed("It <broke>.", "d1").text == "It &lt;broke&gt;."


def test_parting_says_what_is_left() -> None:
    """What GitLab still holds, with its page, and what goes on here."""
    applications = f"{GITLAB}/-/user_settings/applications"
    tokens = f"{GITLAB}/-/user_settings/personal_access_tokens"
    done = connect.unlinked(ACCOUNT, ended=True, runs=0, gitlab=GITLAB)
    check(done)
    assert done.text.endswith("I have forgotten your tokens. GitLab has ended them, too.")
    left = connect.unlinked(ACCOUNT, ended=False, runs=1, gitlab=GITLAB)
    check(left, links=[applications])
    assert "1 run of yours goes on" in left.text
    pasted = connect.unlinked(replace(ACCOUNT, method="token"), ended=False, runs=2, gitlab=GITLAB)
    check(pasted, links=[tokens])
    assert "2 runs of yours go on" in pasted.text


def test_the_form_for_a_token() -> None:
    """A view with one field, which remembers where it was opened and leads to GitLab's page for tokens."""
    view = connect.token_form("x1", Place("C1", "1.2"), GITLAB)
    assert (view["callback_id"], view["private_metadata"]) == ("link.token", "x1 C1 1.2")
    assert [block["block_id"] for block in view["blocks"] if block["type"] == "input"] == ["token"]
    assert f"{GITLAB}/-/user_settings/personal_access_tokens?name=Signalbox&scopes=api" in str(view)
    assert problems_of([block for block in view["blocks"] if block["type"] != "input"]) == []


@given(hostile, hostile)
def test_names_from_outside_stay_names(username: str, name: str) -> None:
    """Whatever somebody calls themselves in GitLab calls nobody in Slack."""
    account = replace(ACCOUNT, username=username, name=name)
    for message in (
        connect.linked(account, 1, NOW), connect.lost(account), connect.failed(f"It broke: {name}", "d1"),
        connect.unlinked(account, ended=True, runs=0, gitlab=GITLAB),
        connect.connect(NotLinked(f"Connect: {name}"), replace(INVITATION, code=username)),
    ):  # fmt: skip
        check(message)
