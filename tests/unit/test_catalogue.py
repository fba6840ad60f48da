"""The catalogue: which jobs chat may start, which rule hides the others, and what would help."""

from __future__ import annotations

import json
from collections.abc import Mapping
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import yaml

from bot.catalogues import Catalogue, ChatJob, Input, Lint
from bot.edges.gitlab import GitLab
from bot.edges.store import Store
from bot.errors import BotError, NotUnderstood
from bot.jobs.catalogue import FORM, build, catalogue_for, dumps, find, loads
from bot.model import Project
from tests.edges.wire import Reply, Seen, Server, data, plain, serve

SHOP = Project(7, "acme/shop", "https://gitlab.example.com/acme/shop", "main")
SAMPLE = Path(__file__).parents[1] / "fixtures" / "gitlab" / "ci_lint_project.json"


def lint(jobs: Mapping[str, Any], **top: Any) -> Lint:
    """What GitLab's lint says of these jobs."""
    listed = tuple({"name": name, "stage": job.get("stage", "test")} for name, job in jobs.items())
    return Lint(True, (), (), yaml.safe_dump({**top, **jobs}, sort_keys=False), listed)


def catalogue(
    jobs: Mapping[str, Any],
    source: str = "",
    start: str = "api",
    ref: str = "main",
    tag: bool | None = False,
    **top: Any,
) -> Catalogue:
    return build(SHOP, ref, "c0ffee", lint(jobs, **top), source, start=start, tag=tag)


def one(job: Mapping[str, Any], **more: Any) -> ChatJob:
    """The entry of a job called `hello` with these keywords."""
    return catalogue({"hello": {"script": ["true"], **job}}, **more).jobs[0]


def test_a_sample_of_gitlab_is_read() -> None:
    """A job that GitLab's own sample marks `only: [chat]` needs a chat pipeline."""
    data = json.loads(SAMPLE.read_text())
    answer = Lint(data["valid"], (), (), data["merged_yaml"], tuple(data["jobs"]))
    by_api, by_chat = (build(SHOP, "main", "c0ffee", answer, None, start=start) for start in ("api", "chat"))
    assert [(job.name, job.stage, job.hidden_by) for job in by_api.jobs] == [
        ("restart-workers", "chatops", "only: [chat]")
    ]
    assert by_chat.jobs[0].startable


def test_a_workflow_hides_every_job() -> None:
    """Rules of the workflow count for all jobs, and their remedy is one for the workflow."""
    workflow = {"rules": [{"if": "$CI_MERGE_REQUEST_IID"}, {"if": "$CI_COMMIT_TAG"}]}
    shown = one({}, workflow=workflow)
    assert shown.hidden_by == "workflow:rules: [{if: $CI_MERGE_REQUEST_IID}, {if: $CI_COMMIT_TAG}]"
    assert shown.remedy is not None
    mended = yaml.safe_load(shown.remedy)["workflow"]
    assert one({}, workflow=mended).startable
    assert one({}, workflow=mended, start="chat").startable


def test_names_and_places() -> None:
    """Hidden jobs are left out; stage, environment and the comment right above a job are kept."""
    jobs = {
        ".base": {"script": ["true"]},
        "deploy": {
            "script": ["true"],
            "stage": "deploy",
            "environment": {"name": "production", "url": "https://x"},
        },
        "test": {"script": ["true"], "environment": "staging"},
        "odd:name (1)": {"script": ["true"]},
    }
    source = "# Old\n\n# ---- Brings it to the customers. ----\ndeploy:\n  a: 1\n# ####\ntest:\n"
    source += '# Odd but fine\n"odd:name (1)":\n'
    made = catalogue(jobs, source)
    assert tuple(replace(job, definition="") for job in made.jobs) == (
        ChatJob("deploy", "deploy", "Brings it to the customers.", "production", joins=("*",)),
        ChatJob("test", "test", "", "staging", joins=("*",)),
        ChatJob("odd:name (1)", "test", "Odd but fine"),
    )


def test_an_older_gitlab_lists_no_jobs() -> None:
    """Where the lint lists no jobs, the merged configuration is read for them."""
    answer = replace(
        lint({"hello": {"script": ["true"], "stage": "chat"}}, stages=["chat"], default={"image": "x"}),
        jobs=(),
    )
    assert [(job.name, job.stage) for job in build(SHOP, "main", "c", answer, None, start="api").jobs] == [
        ("hello", "chat")
    ]


HEADER = """
spec:
  inputs:
    service:
      description: Which one
      options: [web, worker]
    replicas: {type: number, default: 2}
    dry_run: {type: boolean, default: true}
    note: {regex: '^[a-z]*$', default: null}
    list: {type: array, default: [1, a]}
    free:
---
scale:
  rules: [{if: '"$[[ inputs.service ]]" == "web"'}]
  script: [true]
"""


def test_inputs_are_read_from_the_header() -> None:
    """Every declared input is known with all that is said of it; one without a default is required."""
    made = catalogue({"scale": {"rules": [{"if": '"worker" == "web"'}]}}, HEADER)
    assert made.inputs == (
        Input("service", "string", "Which one", ("web", "worker"), None, None, True),
        Input("replicas", "number", default=2),
        Input("dry_run", "boolean", default=True),
        Input("note", regex="^[a-z]*$"),
        Input("list", "array", default=(1, "a")),
        Input("free", required=True),
    )


def test_rules_over_inputs_stay_open() -> None:
    """A rule with an input in it is not judged by the input's default."""
    assert catalogue({"scale": {"rules": [{"if": '"worker" == "web"'}]}}, HEADER).jobs[0].startable


def test_required_inputs_make_a_configuration_no_worse() -> None:
    """GitLab finds a configuration invalid whose inputs have no values yet: it is read as it was written."""
    answer = Lint(False, ("`service` input: required value has not been provided",), (), "", ())
    assert [job.name for job in build(SHOP, "main", "c", answer, HEADER, start="api").jobs] == ["scale"]


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (
            Lint(False, ("jobs:hello config\n should be a hash.", "other"), (), "", ()),
            "an error in .gitlab-ci.yml of acme/shop at `main`: jobs:hello config should be a hash. Correct",
        ),
        (Lint(False, (), (), "", ()), "it does not say why"),
        (Lint(True, (), (), "stages: [a]", ()), "acme/shop has no jobs in .gitlab-ci.yml at `main`. Add one"),
        (Lint(True, (), (), ".base: {script: [x]}", ()), "has no jobs"),
    ],
)
def test_wrong_configurations_end_in_a_sentence(answer: Lint, words: str) -> None:
    """A configuration that is wrong or holds no job ends in a sentence with GitLab's first error."""
    with pytest.raises(BotError) as raised:
        build(SHOP, "main", "c0ffee", answer, None, start="api")
    assert words in raised.value.sentence


def test_find() -> None:
    """A job is found by its name, also one that is hidden; a near miss suggests names that can be started."""
    made = catalogue({"hello-world": {}, "help-only": {"only": ["chat"]}, "ls": {}})
    assert find(made, "help-only").hidden_by == "only: [chat]"
    with pytest.raises(NotUnderstood, match="acme/shop has no job `helo-world` at `main`") as raised:
        find(made, "helo-world")
    assert raised.value.suggestions == ("hello-world",)


def test_a_catalogue_comes_back_from_the_store() -> None:
    """What was written as text is read as the same catalogue; any other text is none."""
    made = catalogue({"scale": {}, "chat": {"only": ["chat"]}}, HEADER)
    assert loads(dumps(made)) == made
    for other in (
        "",
        "null",
        "[]",
        "{",
        '{"form": 0}',
        '{"form": 1}',
        dumps(made).replace(f'"form": {FORM}', '"form": 9'),
    ):
        assert loads(other) is None


# With GitLab and the store ----------------------------------------------------------------------------------

SHA = "1a2b3c4d5e6f7a8b9c0d1a2b3c4d5e6f7a8b9c0d"


def gitlab_of_shop(seen: Seen) -> Reply:
    """What a GitLab answers that has acme/shop with the branch main and one job."""
    if seen.path.endswith("/repository/commits/main"):
        return data({"id": SHA, "title": "Add hello"})
    if seen.path.endswith("/ci/lint"):
        merged = {"hello": {"script": ["echo hello"], "stage": "chatops"}}
        return data({"valid": True, "errors": [], "warnings": [], "merged_yaml": yaml.safe_dump(merged)})
    if seen.path.endswith("/repository/files/.gitlab-ci.yml/raw"):
        return plain("# Says hello\nhello:\n  script: [echo hello]\n")
    if seen.path.startswith("/api/v4/projects/7/repository/branches"):
        return data([{"name": "main"}, {"name": "feature/x"}])
    if seen.path.startswith("/api/v4/projects/7/repository/tags"):
        return data([{"name": "v8.10.0"}])
    return data({"message": "404 Not Found"}, 404)


def looked_up(server: Server, path: Path, project: Project = SHOP, ref: str = "main") -> Catalogue:
    gitlab, store = GitLab(server.url, "glpat-test", now=lambda: 0), Store(path)
    with closing(gitlab), closing(store):
        return catalogue_for(gitlab, store, project, ref, start="api", now=1)


def test_a_catalogue_is_fetched_once_a_commit(tmp_path: Path) -> None:
    """The first look asks GitLab for the jobs; a later one at that commit asks only for the head."""
    with serve(gitlab_of_shop) as server:
        first = looked_up(server, tmp_path / "store")
        asked = len(server.seen)
        moved = replace(SHOP, path="acme/renamed")
        again = looked_up(server, tmp_path / "store", moved)
        assert [seen.query.get("content_ref", SHA) for seen in server.seen] == [SHA] * 4
    assert [replace(job, definition="") for job in first.jobs] == [ChatJob("hello", "chatops", "Says hello")]
    assert first.jobs[0].definition
    assert (first.sha, first.ref) == (SHA, "main")
    assert again == replace(first, project=moved)
    assert (asked, len(server.seen)) == (3, 4)


def test_a_stored_catalogue_is_made_anew_on_demand(tmp_path: Path) -> None:
    """Whoever looks at the stored one may want it anew; one that was just made is new, and the head is asked once."""
    with serve(gitlab_of_shop) as server, closing(Store(tmp_path / "store")) as store:
        gitlab, offered = GitLab(server.url, "glpat-test", now=lambda: 0), list[Catalogue]()

        def look(kept: Catalogue) -> bool:
            offered.append(kept)
            return True

        with closing(gitlab):
            made = [
                catalogue_for(gitlab, store, SHOP, "main", start="api", now=1, fresh=look) for _ in range(2)
            ]
        heads = [path for path in server.paths() if "/commits/" in path]
        assert (len(heads), len(server.seen)) == (2, 6)
    assert offered == [made[0]]


def test_a_configuration_elsewhere_is_not_fetched(tmp_path: Path) -> None:
    """A configuration in another project has no header here; its jobs come from the lint."""
    elsewhere = replace(SHOP, config_path="ci.yml@acme/templates")
    with serve(gitlab_of_shop) as server:
        assert [job.name for job in looked_up(server, tmp_path / "store", elsewhere).jobs] == ["hello"]
        assert not any("/files/" in path for path in server.paths())


def test_no_such_ref_and_an_empty_repository(tmp_path: Path) -> None:
    """A ref that does not exist and a repository without commits each end in a sentence of their own."""
    with serve(gitlab_of_shop) as server:
        with pytest.raises(NotUnderstood, match="acme/shop has no branch or tag `mian`") as refused:
            looked_up(server, tmp_path / "store", ref="mian")
        assert refused.value.suggestions == ("main",)
        with pytest.raises(BotError, match="The repository of acme/shop is empty"):
            looked_up(server, tmp_path / "store", replace(SHOP, default_branch=None))


@pytest.mark.parametrize(
    ("job", "joins", "may_join"),
    [
        ({}, ("*",), ()),
        ({"rules": [{"if": '$CHATOPS_JOB == "deploy"'}]}, (), ()),
        ({"rules": [{"if": "$CHATOPS_JOB =~ /^hel/"}]}, ("hello",), ()),
        ({"rules": [{"if": '$CI_PIPELINE_SOURCE == "api"'}]}, ("*",), ()),
        ({"rules": [{"if": '$CI_PIPELINE_SOURCE == "api"', "when": "manual"}]}, (), ()),
        ({"rules": [{"if": '$CI_PIPELINE_SOURCE == "push"'}]}, (), ()),
        ({"rules": [{"if": '$OURS == "yes"'}]}, (), ("*",)),
        ({"when": "manual"}, (), ()),
        ({"when": "on_failure"}, (), ()),
        ({"only": ["chat"]}, (), ()),
        ({"except": ["api"]}, (), ()),
    ],
)
def test_what_starts_along(job: dict[str, Any], joins: tuple[str, ...], may_join: tuple[str, ...]) -> None:
    """A job that deploys and starts by itself with others is known as such, and with which."""
    defined = {
        "deploy": {"script": ["true"], "environment": "production", **job},
        "hello": {"script": ["true"]},
    }
    first = catalogue(defined).jobs[0]
    assert (first.joins, first.may_join) == (joins, may_join)
    assert loads(dumps(catalogue(defined))) == catalogue(defined)


DESCRIBED = {
    "WHERE": {"description": "Where to", "value": "here", "options": ["here", "there"]},
    "OTHER": "x",
}


def test_variables_are_for_pipelines_without_inputs() -> None:
    """And for those that the API starts: GitLab's own slash command hands none on."""
    job = {"hello": {"script": ["true"]}}
    assert [one.name for one in catalogue(job, variables=DESCRIBED).variables] == ["WHERE"]
    assert catalogue(job, variables=DESCRIBED, start="chat").variables == ()
    assert catalogue(job, HEADER, variables=DESCRIBED).variables == ()


def test_what_a_job_asks_is_known() -> None:
    """Its `manual_confirmation`, if that is a text."""
    assert one({"manual_confirmation": "Are you sure?"}).asks == "Are you sure?"
    assert one({}).asks == one({"manual_confirmation": ["no"]}).asks == ""


def test_a_catalogue_with_rules_and_variables_is_kept() -> None:
    """What is read from the store is what was written there."""
    header = "spec:\n  inputs:\n    x: {rules: [{if: a, options: [b], default: b}, {default: [1]}]}\n---\n"
    made = (catalogue({"hello": {"script": ["true"]}}, variables=DESCRIBED), catalogue({"hello": {}}, header))
    for each in made:
        assert loads(dumps(each)) == each
    assert made[1].inputs[0].rules[1].default == (1,)
