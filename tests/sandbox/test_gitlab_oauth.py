"""The sandbox's OAuth answers as GitLab's does: the device grant, and tokens that rotate."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.sandbox.gitlab_stage import GitLabStage, sample
from tests.sandbox.oauth_stage import GRANT, Clock, device, linked, poll, read, refresh, said


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def stage(clock: Clock) -> Iterator[GitLabStage]:
    with GitLabStage(clock=clock) as stage:
        yield stage


def test_a_device_request_has_the_shape_of_the_sample(stage: GitLabStage) -> None:
    """The codes, the address with the user code in it, five minutes and five seconds."""
    body, wanted = device(stage), sample("oauth_authorize_device")
    assert set(body) == set(wanted)
    assert (body["expires_in"], body["interval"]) == (wanted["expires_in"], wanted["interval"])
    assert body["verification_uri"] == f"{stage.fake.url}/oauth/device"
    assert body["verification_uri_complete"].endswith(f"?user_code={body['user_code']}")
    assert len(body["user_code"]) == 8
    assert body["user_code"] == body["user_code"].upper()


@pytest.mark.parametrize("path", ["authorize_device", "token"])
@pytest.mark.parametrize("wrong", [{"client_id": "nobody"}, {"client_secret": "guessed"}])
def test_another_client_is_refused(stage: GitLabStage, path: str, wrong: dict[str, str]) -> None:
    """An unknown client, and a secret for an application that has none, are 401."""
    code = device(stage)["device_code"]
    answer = stage.oauth(path, grant_type=GRANT, device_code=code, **wrong)
    assert said(answer) == (401, sample("oauth_token_invalid_client"))


def test_a_scope_the_application_lacks_is_refused(stage: GitLabStage) -> None:
    """Scopes have to be among those of the application, and refreshing cannot widen them."""
    answer = stage.oauth("authorize_device", scope="api sudo")
    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_scope")
    narrow = linked(stage, scope="read_user")
    wider = refresh(stage, narrow["refresh_token"], scope="api")
    assert (wider.status_code, wider.json()["error"]) == (400, "invalid_scope")


def test_linking_goes_from_pending_to_a_token(stage: GitLabStage, clock: Clock) -> None:
    """Pending until somebody authorises the code; then one pair of tokens for that person, once."""
    code = device(stage)
    pending = poll(stage, code["device_code"])
    assert said(pending) == (400, sample("oauth_token_device_authorization_pending"))
    assert stage.act(f"authorize {code['user_code']}", "bob").startswith("bob authorised")
    clock.now += 5
    made = poll(stage, code["device_code"])
    body = made.json()
    assert (made.status_code, set(body)) == (200, set(sample("oauth_token_device_success")))
    assert (body["expires_in"], body["token_type"]) == (7200, "Bearer")
    assert (body["scope"], body["created_at"]) == ("read_user api", int(clock.now))
    assert read(stage, body["access_token"]).json()["username"] == "bob"
    again = poll(stage, code["device_code"])
    assert said(again) == (400, sample("oauth_token_device_invalid_grant"))


def test_the_page_for_devices_says_what_to_type(stage: GitLabStage) -> None:
    """Whoever follows the link learns the line that authorises the code; it is plain text."""
    code = device(stage)
    page = stage.session.get(code["verification_uri_complete"], timeout=5)
    assert page.headers["Content-Type"].startswith("text/plain")
    assert f":gitlab authorize {code['user_code']}\n" in page.text


def test_polling_too_fast_is_slowed_down(stage: GitLabStage, clock: Clock) -> None:
    """Only a poll that counted starts the five seconds anew; an authorised code has to wait for them too."""
    code = device(stage)
    poll(stage, code["device_code"])
    clock.now += 4
    assert said(poll(stage, code["device_code"])) == (400, sample("oauth_token_device_slow_down"))
    stage.act("authorize newest")
    assert poll(stage, code["device_code"]).json()["error"] == "slow_down"
    clock.now += 1
    assert poll(stage, code["device_code"]).status_code == 200


def test_an_expired_code_says_so_once(stage: GitLabStage, clock: Clock) -> None:
    """After five minutes a code answers `expired_token`, and is unknown from then on."""
    code = device(stage)["device_code"]
    clock.now += 301
    assert said(poll(stage, code)) == (400, sample("oauth_token_device_expired_token"))
    assert poll(stage, code).json()["error"] == "invalid_grant"


def test_a_later_device_request_purges_what_has_expired(stage: GitLabStage) -> None:
    """Whoever asks for a code next takes expired ones away: they answer `invalid_grant`."""
    code = device(stage)
    stage.act("expire-codes")
    with pytest.raises(ValueError, match=r"has expired\.$"):
        stage.act(f"authorize {code['user_code']}")
    device(stage)
    assert said(poll(stage, code["device_code"])) == (400, sample("oauth_token_device_invalid_grant"))


def test_an_older_gitlab_has_no_device_grant(stage: GitLabStage) -> None:
    """Without the grant the address is no page at all, and its grant type is unknown."""
    stage.act("device-grant off")
    answer = stage.oauth("authorize_device", scope="api")
    assert (answer.status_code, answer.headers["Content-Type"].partition(";")[0]) == (404, "text/html")
    assert poll(stage, "x").json()["error"] == "unsupported_grant_type"
    assert stage.session.get(f"{stage.fake.url}/oauth/device", timeout=5).status_code == 404
    stage.act("device-grant on")
    assert "device_code" in device(stage)


def test_refreshing_rotates_the_pair(stage: GitLabStage) -> None:
    """A refresh ends both old tokens at once; the old refresh token is good for nothing."""
    old = linked(stage)
    made = refresh(stage, old["refresh_token"])
    assert (made.status_code, set(made.json())) == (200, set(sample("oauth_token_refresh")))
    assert read(stage, old["access_token"]).status_code == 401
    assert said(refresh(stage, old["refresh_token"])) == (400, sample("oauth_token_device_invalid_grant"))
    assert read(stage, made.json()["access_token"]).json()["username"] == "alice"
    assert refresh(stage, made.json()["refresh_token"], client_id="").json()["error"] == "invalid_grant"


def test_access_tokens_end_after_two_hours(stage: GitLabStage, clock: Clock) -> None:
    """An expired access token has a 401 of its own, and its refresh token still works."""
    pair = linked(stage)
    clock.now += 7199
    assert read(stage, pair["access_token"]).status_code == 200
    clock.now += 1
    assert said(read(stage, pair["access_token"])) == (401, sample("error_401_expired"))
    fresh = refresh(stage, pair["refresh_token"]).json()
    stage.act("expire alice")
    assert said(read(stage, fresh["access_token"])) == (401, sample("error_401_expired"))
    assert stage.client("alice").projects.get("acme/shop").name == "shop"


def test_token_info_names_the_owner(stage: GitLabStage, clock: Clock) -> None:
    """`/oauth/token/info` tells whose token it is and how long it lives; a personal token is none."""
    pair = linked(stage)
    clock.now += 358
    answer = stage.session.get(
        f"{stage.fake.url}/oauth/token/info",
        headers={"Authorization": f"Bearer {pair['access_token']}"},
        timeout=5,
    )
    body = answer.json()
    assert (set(body), body["resource_owner_id"]) == (set(sample("oauth_token_info")), 7)
    assert (body["expires_in"], body["scope"]) == (6842, ["read_user", "api"])
    assert body["application"] == {"uid": stage.fake.application_id}
    personal = {"Authorization": f"Bearer {stage.fake.tokens['alice']}"}
    refused = stage.session.get(f"{stage.fake.url}/oauth/token/info", headers=personal, timeout=5)
    assert (refused.status_code, refused.json()["error"]) == (401, "invalid_token")


@pytest.mark.parametrize("half", ["access_token", "refresh_token"])
def test_revoking_either_half_ends_the_pair(stage: GitLabStage, half: str) -> None:
    """Revocation answers `{}` whatever the text was, and refuses another client."""
    pair = linked(stage)
    assert stage.oauth("revoke", token=pair[half], client_id="nobody").status_code == 403
    assert said(stage.oauth("revoke", token=pair[half])) == (200, sample("oauth_revoke"))
    assert said(stage.oauth("revoke", token="unknown")) == (200, {})
    assert "revoked" in read(stage, pair["access_token"]).json()["error_description"]
    assert refresh(stage, pair["refresh_token"]).json()["error"] == "invalid_grant"


def test_calls_of_oauth_are_counted_by_their_path(stage: GitLabStage) -> None:
    """`calls` knows OAuth's endpoints by their own names, and every token that was issued is known."""
    pair = linked(stage)
    assert stage.fake.calls == {"POST /oauth/authorize_device": 1, "POST /oauth/token": 1}
    assert stage.fake.oauth_tokens == [pair["access_token"], pair["refresh_token"]]
    missing = stage.oauth("token")
    assert (missing.status_code, missing.json()["error"]) == (400, "invalid_request")
