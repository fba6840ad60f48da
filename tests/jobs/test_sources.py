"""What is to be deployed is told by what there is, and said plainly where that is not enough."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot import words
from bot.errors import NotUnderstood, Refused
from bot.jobs import sources
from bot.jobs.sources import Said, Source
from tests.jobs.stage import Shop

KNOWN = ("production", "staging")
#: Names as git and GitLab let people choose them.
NAMES = st.from_regex(r"[a-z0-9][a-z0-9._/-]{0,20}", fullmatch=True)


def parsed(text: str) -> Said | None:
    return sources.parsed(words.split(text))


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("", Said()),
        ("staging", Said("staging")),
        ("staging production", Said("staging", "production")),
        ("staging to production", Said("staging", "production")),
        ("staging TO production", Said("staging", "production")),
        ("to production", Said("to", "production")),
        ("staging to", Said("staging", "to")),
        ("to to to", Said("to", "to")),
        ("to to production", Said("to", "production")),
        ("a to b to c", Said("a to b", "c")),
        ("my branch to production eu", Said("my branch", "production eu")),
        ('"my branch" "production eu"', Said("my branch", "production eu")),
        ("'to' to production", Said("to", "production")),
        ('a "to"', Said("a", "to")),
        ("a b job:deploy-eu", Said("a", "b", "deploy-eu")),
        ("job:deploy-eu a to b", Said("a", "b", "deploy-eu")),
        ('a b "job:deploy eu"', Said("a", "b", "deploy eu")),
        ("review/feature-x review/y", Said("review/feature-x", "review/y")),
        ("a b c", None),
        ('a "to" c', None),
    ],
)
def test_what_is_typed(typed: str, said: Said | None) -> None:
    """Two names, or two names with the last `to` between them that has words on both sides (GitLab's own rule)."""
    assert parsed(typed) == said


@given(NAMES, NAMES, st.sampled_from(["", "deploy-eu", "deploy eu"]))
def test_a_line_says_what_it_was_made_of(what: str, where: str, job: str) -> None:
    """Whatever is suggested is read as it was meant."""
    said = Said(what, where, job)
    line = words.read(said.line("acme/shop"), {"deploy"})
    assert (line.project, line.verb) == ("acme/shop", "deploy")
    assert sources.parsed(line.words) == said
    assert words.read(said.line(None), {"deploy"}).project is None


def found(shop: Shop, typed: str, known: tuple[str, ...] = KNOWN) -> Source:
    """What the words of a `deploy` mean in the shop."""
    request = shop.request(f"deploy {typed}")
    project = shop.kit.gitlab.project("acme/shop")
    return sources.find(shop.kit, request, project, sources.read(shop.kit, request), known)


def test_a_tag_a_branch_and_a_commit(shop: Shop) -> None:
    """Each by its name, and each with its kind before it."""
    head = shop.kit.gitlab.head(42, "main").sha
    tag = shop.kit.gitlab.head(42, "v8.10.0").sha
    assert found(shop, "main staging") == Source("branch", "main", "main", head)
    assert found(shop, "branch:main staging").sha == head
    assert found(shop, "refs/heads/main staging").kind == "branch"
    assert found(shop, "v8.10.0 staging") == Source("tag", "v8.10.0", "v8.10.0", tag)
    assert found(shop, "Tag:v8.10.0 staging").kind == "tag"
    assert found(shop, f"{head[:8]} staging") == Source("commit", head[:8], "", head)
    assert found(shop, f"{head.upper()} staging").sha == head
    assert found(shop, f"commit:{head[:8]} staging").typed == f"commit:{head[:8]}"


def test_what_runs_on_an_environment(shop: Shop) -> None:
    """It is the last deployment there that succeeded."""
    with pytest.raises(Refused, match="Nothing was ever deployed to staging of acme/shop"):
        found(shop, "staging production")
    shop.say("run deploy-staging")
    run = shop.ended()
    source = found(shop, "staging production")
    assert (source.kind, source.environment, source.ref, source.sha) == (
        "environment", "staging", "main", run.sha,
    )  # fmt: skip
    assert source.deployment is not None
    assert source.deployment.job == run.job_id
    assert found(shop, "STAGING production").name == "staging"
    assert found(shop, "env:staging production").typed == "env:staging"
    assert found(shop, "main production").environment == ""


def test_an_environment_that_is_stopped_runs_nothing(shop: Shop) -> None:
    """What ran there last is told, with the line that deploys it."""
    shop.say("run deploy-staging")
    run = shop.ended()
    shop.act("stop staging shop force=yes")
    with pytest.raises(NotUnderstood, match="staging is stopped, so nothing runs there") as caught:
        found(shop, "staging production")
    assert caught.value.suggestions == ("deploy branch:main production",)
    assert run.sha[:8] in caught.value.sentence


def test_two_things_of_one_name(shop: Shop) -> None:
    """Which is meant is asked, each with the line that says it."""
    shop.say("run deploy-staging")
    shop.ended()
    shop.act("push staging shop")
    shop.act("tag staging shop")
    with pytest.raises(NotUnderstood, match="`staging` is an environment and a tag and a branch") as caught:
        found(shop, "staging production")
    assert caught.value.suggestions == (
        "deploy env:staging production", "deploy tag:staging production", "deploy branch:staging production",
    )  # fmt: skip
    # GitLab makes no pipeline for a name that is both, unless it is told which.
    assert found(shop, "tag:staging production").ref == "refs/tags/staging"
    assert found(shop, "branch:staging production").ref == "refs/heads/staging"
    # An environment cannot be deployed to itself, so that the branch is meant.
    shop.act("push production shop")
    assert found(shop, "production production").kind == "branch"


def test_an_environment_to_itself(shop: Shop) -> None:
    """That is nothing."""
    with pytest.raises(NotUnderstood, match="What runs on staging runs there already"):
        found(shop, "staging staging")


@pytest.mark.parametrize(
    ("typed", "near"),
    [
        ("mian staging", ("deploy main staging",)),
        ("stagin production", ("deploy staging production",)),
        ("v8.10 production", ("deploy v8.10.0 production", "deploy v8.9.0 production")),
        ("tag:main production", ("deploy main production",)),
        ("..", ()),
        ("0000000 staging", ()),
        ("commit:main staging", ("deploy main staging",)),
    ],
)
def test_what_there_is_not(shop: Shop, typed: str, near: tuple[str, ...]) -> None:
    """What is near is suggested as a whole command."""
    with pytest.raises(NotUnderstood, match="has no environment, tag or branch") as caught:
        found(shop, typed)
    assert caught.value.suggestions == near


def test_too_many_words(shop: Shop) -> None:
    """It is said how names with blanks are typed, and where a project stands."""
    with pytest.raises(NotUnderstood, match='`/gitlab deploy a "b c"`'):
        sources.read(shop.kit, shop.request("deploy a b c"))
    with pytest.raises(NotUnderstood, match="A project stands before the command") as caught:
        sources.read(shop.kit, shop.request("deploy shop main staging"))
    assert caught.value.suggestions == ("shop deploy main staging",)
