"""How something gets onto an environment: a job that waits there, one that ran before, or a new pipeline."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.errors import LeftOut, NotUnderstood, Refused
from bot.jobs import routes, sources
from bot.jobs.routes import Errand, Route
from bot.model import PLAIN, PLAY, RETRY
from tests.jobs.deploys import WEB, deployed, pushed
from tests.jobs.routed import ruled
from tests.jobs.stage import SHOP, Shop, shop_at


@pytest.fixture
def rules(tmp_path: Path) -> Iterator[Shop]:
    with shop_at(tmp_path, SHOP, folder=ruled(tmp_path)) as stage:
        yield stage


def route(shop: Shop, typed: str, path: str = WEB, *, fresh: bool = False) -> Route:
    """The way that the words of a `deploy` find."""
    request = shop.request(f"deploy {typed}")
    gitlab = shop.kit.gitlab
    project = gitlab.project(path)
    said = sources.read(shop.kit, request)
    known = ("production", "staging", "qa", "live", "edge")
    source = sources.find(shop.kit, request, project, said, known)
    return routes.find(shop.kit, gitlab, Errand(project, source, said.where, said, None, fresh))


def test_a_manual_job_that_waits_is_started(shop: Shop) -> None:
    """In the newest pipeline of the commit; what else waits there does not start along with it."""
    pipeline = pushed(shop)
    found = route(shop, "main staging")
    assert (found.start, found.pipeline) == (PLAY, pipeline)
    assert found.job is not None
    assert (found.job.name, found.job.status) == ("deploy-staging", "manual")
    what = found.what
    assert (what.environment, what.ref, what.along, what.perhaps) == ("staging", "main", (), ())
    assert what.sha == shop.kit.gitlab.head(what.project.id, "main").sha
    assert found.how == f"starts `deploy-staging` of pipeline #{pipeline}"


def test_from_one_environment_to_another(shop: Shop) -> None:
    """The manual job of the pipeline that deployed there, though the branch has moved on (gitlab-api.md 2.7)."""
    first = pushed(shop)
    deployed(shop)
    pushed(shop)
    found = route(shop, "staging production")
    assert (found.start, found.pipeline) == (PLAY, first)


def test_a_job_of_a_pipeline_that_is_under_way(shop: Shop) -> None:
    """It is started once its pipeline gets there."""
    shop.act("push main web")
    found = route(shop, "main production")
    assert found.start == PLAY
    assert found.job is not None
    assert found.job.status in {"created", "manual"}


def test_a_job_that_ran_before_runs_again(shop: Shop) -> None:
    """If it deployed just there; a new pipeline is made where no old one will do."""
    pushed(shop)
    run = deployed(shop)
    found = route(shop, "main staging")
    assert (found.start, found.pipeline) == (RETRY, run.pipeline)
    assert found.how == f"runs again `deploy-staging` of pipeline #{run.pipeline}"
    assert route(shop, "main staging", fresh=True).start == PLAIN


def test_two_jobs_would_do(shop: Shop) -> None:
    """It is asked which, unless one is named, or is called like the environment."""
    pushed(shop, "two-regions")
    with pytest.raises(LeftOut, match="2 jobs would deploy two-regions to production") as caught:
        route(shop, "two-regions production")
    assert caught.value.before == "deploy two-regions production"
    assert [one.value for one in caught.value.options] == ["job:deploy-us", "job:deploy-eu"]
    found = route(shop, "two-regions production job:deploy-eu")
    assert found.job is not None
    assert found.job.name == "deploy-eu"
    with pytest.raises(NotUnderstood, match="`deploy-e` does not deploy two-regions to production") as wrong:
        route(shop, "two-regions production job:deploy-e")
    assert wrong.value.suggestions[0] == "deploy two-regions production job:deploy-eu"


def test_a_job_called_like_the_environment(shop: Shop) -> None:
    """GitLab's own rule where several would do (gitlab-chatops.md 3)."""
    gitlab = shop.kit.gitlab
    project = gitlab.project(WEB)
    said = sources.Said("main", "production")
    source = sources.Source("branch", "main", "main", "c0ffee")
    errand = Errand(project, source, "production", said)
    assert routes.choose(errand, ["deploy", "production"]) == "production"
    assert routes.choose(errand, ["deploy", "deploy"]) == "deploy"


def test_somebody_deploys_it_already(shop: Shop) -> None:
    """A second time at once would only be in the way; what is started there is told."""
    shop.act("push main site")
    shop.say("acme/site run deploy-staging 20")
    run = shop.until(None, "running")
    with pytest.raises(
        Refused, match=f"`deploy-staging` of pipeline #{run.pipeline} is deploying main to staging"
    ):
        route(shop, "main staging", "acme/site")


def test_a_new_pipeline(shop: Shop) -> None:
    """Of a commit that has none with such a job: told which job is meant where the project's rules want that."""
    found = route(shop, "main staging", "acme/shop")
    assert (found.start, found.job, found.pipeline) == ("api", None, None)
    assert (found.what.job.name, found.what.ref) == ("deploy-staging", "main")
    assert found.how == "makes a new pipeline on main and starts `deploy-staging`"


def test_a_plain_pipeline(rules: Shop) -> None:
    """Where a job is left out of pipelines that name one; of rules that ask for tags it is known what is one."""
    assert route(rules, "main staging", "acme/ruled").start == PLAIN
    with pytest.raises(
        Refused, match=r"`to-staging` deploys to staging of acme/ruled, but no pipeline of v8.10.0 has it"
    ):
        route(rules, "v8.10.0 staging", "acme/ruled")
    # With either, it is the pipeline that deploys the least besides.
    assert route(rules, "main live", "acme/ruled").start == "api"
    assert route(rules, "v8.10.0 live", "acme/ruled").start == "api"


def test_only_in_pipelines_of_pushes(rules: Shop) -> None:
    """A job that no new pipeline would have is named with the rule, and what to add."""
    with pytest.raises(Refused, match="to-qa` deploys to qa") as caught:
        route(rules, "main qa", "acme/ruled")
    assert "in a new one it is left out: rules:" in caught.value.sentence
    assert "$CHATOPS_JOB" in caught.value.sentence
    rules.act("push main ruled")
    found = rules.pipelines("push", "acme/ruled")[0]
    rules.gitlab.status(found, "success", "manual")
    assert route(rules, "main qa", "acme/ruled").start == RETRY


def test_no_job_deploys_there(rules: Shop) -> None:
    """That is said, and which job may."""
    with pytest.raises(Refused, match=r"No job of acme/ruled at main deploys to production. `anywhere` may"):
        route(rules, "main production", "acme/ruled")


def test_no_job_at_all_deploys_there(shop: Shop) -> None:
    """Nothing may."""
    with pytest.raises(Refused, match=r"No job of acme/shop at main deploys to qa\.$"):
        route(shop, "main qa", "acme/shop")


def test_a_commit_without_a_pipeline(shop: Shop) -> None:
    """GitLab makes pipelines for branches and tags only."""
    pipeline = pushed(shop)
    sha = shop.kit.gitlab.head(shop.kit.gitlab.project(WEB).id, "main").sha
    found = route(shop, f"{sha[:8]} staging")
    assert (found.start, found.pipeline, found.what.ref) == (PLAY, pipeline, "main")
    old = shop.kit.gitlab.head(42, "v8.9.0").sha
    with pytest.raises(Refused, match=f"No pipeline of {old[:8]} has a job"):
        route(shop, f"{old[:8]} staging", "acme/shop")


def test_a_branch_that_has_moved_on(shop: Shop) -> None:
    """What runs on an environment has no job left, and a new pipeline would deploy something else."""
    shop.say("run deploy-staging")
    run = shop.ended()
    assert route(shop, "staging production", "acme/shop").start == "api"
    shop.act("push main shop")
    with pytest.raises(
        NotUnderstood, match=f"staging runs main at {run.sha[:8]}. No pipeline of that"
    ) as caught:
        route(shop, "staging production", "acme/shop")
    assert caught.value.suggestions == ("deploy branch:main production",)
    shop.act("push gone shop")
    shop.say("run deploy-staging@gone")
    shop.ended()
    shop.act("delete-branch gone shop")
    with pytest.raises(NotUnderstood, match="gone is gone, so a new pipeline") as caught:
        route(shop, "staging production", "acme/shop")
    assert caught.value.suggestions == ()


def test_a_pipeline_that_was_deleted(shop: Shop) -> None:
    """What runs on an environment whose pipeline is gone goes the way of its branch."""
    shop.act("record-deployment staging main shop")
    assert route(shop, "staging production", "acme/shop").start == "api"


def test_what_follows_in_the_pipeline(tmp_path: Path) -> None:
    """Jobs behind a manual one that holds the others up start by themselves after it."""
    folder = tmp_path / "projects" / "acme" / "chain"
    folder.mkdir(parents=True)
    (folder / ".gitlab-ci.yml").write_text(CHAIN)
    with shop_at(tmp_path, SHOP, folder=tmp_path / "projects") as stage:
        stage.act("push main chain")
        found = stage.pipelines("push", "acme/chain")[0]
        stage.gitlab.status(found, "manual")
        way = route(stage, "main staging", "acme/chain")
        assert [(one.name, one.environment) for one in way.what.along] == [("to-production", "production")]


CHAIN = """
stages: [one, two]
to-staging:
  stage: one
  environment: staging
  when: manual
  allow_failure: false
  script: [echo deployed]
to-production:
  stage: two
  environment: production
  script: [echo deployed]
"""
