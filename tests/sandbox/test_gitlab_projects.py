"""The sandbox's projects and groups are listed, searched and made as GitLab's are."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import gitlab
import pytest

from tests.sandbox.gitlab_stage import GitLabStage, sample

TAKEN = ["has already been taken"]


@pytest.fixture
def stage() -> Iterator[GitLabStage]:
    with GitLabStage() as stage:
        yield stage


def paths(stage: GitLabStage, query: str = "", name: str = "bot") -> list[str]:
    found = stage.send("GET", f"/projects?simple=true&{query}", name=name).json()
    return [one["path_with_namespace"] for one in found]


def group(stage: GitLabStage, path: str = "acme") -> int:
    return int(stage.client("alice").groups.get(path).id)


def created(stage: GitLabStage, body: dict[str, Any], name: str = "bob") -> tuple[int, Any]:
    answer = stage.send("POST", "/projects", body, name=name)
    return answer.status_code, answer.json()


def test_a_new_project_is_there_for_its_group(stage: GitLabStage) -> None:
    """Its path is made from its name; the members of the group see it, the bot too; others do not."""
    status, made = created(
        stage,
        {
            "name": "My Shop Två",
            "namespace_id": group(stage),
            "description": "Sells",
            "initialize_with_readme": True,
        },
    )
    assert (status, made["path_with_namespace"], made["name"]) == (201, "acme/my-shop-tva", "My Shop Två")
    assert (made["name_with_namespace"], made["visibility"], made["default_branch"]) == (
        "Acme / My Shop Två",
        "private",
        "main",
    )
    assert set(made) <= set(sample("project_get"))
    assert made["permissions"]["project_access"]["access_level"] == 30
    seen = stage.project("acme/my-shop-tva")
    assert seen.files.raw("README.md", ref="main") == "# My Shop Två\n".encode()
    assert seen.members_all.get(7).access_level == 40
    status, empty = created(stage, {"path": "tools", "namespace_id": group(stage)})
    assert (status, empty["name"], empty["default_branch"], empty["empty_repo"]) == (201, "tools", None, True)
    assert created(stage, {"name": "Shop2", "namespace_id": group(stage)})[1]["path"] == "Shop2"
    assert stage.project("acme/shop2").path == "Shop2"


def test_a_project_of_ones_own_is_in_ones_own_namespace(stage: GitLabStage) -> None:
    """Without a namespace; nobody else sees it, unless it is public; the bot may have none."""
    status, made = created(stage, {"name": "notes"})
    assert (status, made["path_with_namespace"], made["namespace"]["kind"]) == (201, "bob/notes", "user")
    assert made["permissions"]["project_access"]["access_level"] == 50
    with pytest.raises(gitlab.GitlabGetError, match="404 Project Not Found"):
        stage.project("bob/notes")
    created(stage, {"name": "dotfiles", "visibility": "public"})
    assert stage.project("bob/dotfiles", "carol").attributes["permissions"]["project_access"] is None
    assert paths(stage, "membership=true&search=dotfiles", "carol") == []
    assert paths(stage, "search=dotfiles", "carol") == ["bob/dotfiles"]
    issue = stage.project("bob/dotfiles", "carol").issues.create({"title": "Broken", "labels": ["bug"]})
    assert (issue.iid, issue.labels) == (1, [])
    assert created(stage, {"name": "mine"}, "bot")[0] == 403


@pytest.mark.parametrize(
    ("wish", "message"),
    [
        ({"name": "foo&bar"}, {"name"}),
        ({"name": "-start"}, {"name"}),
        ({"name": ""}, {"name", "path"}),
        ({"name": "🚀"}, {"path"}),
        ({"name": "x", "path": "a b"}, {"path", "project_namespace.path"}),
        ({"name": "x", "path": "shop.git"}, {"path", "project_namespace.path"}),
        ({"name": "x", "path": "_shop"}, {"path", "project_namespace.path"}),
        ({"path": "wikis"}, {"path"}),
        ({"name": "x" * 256, "path": "long"}, {"name"}),
        ({"name": "x", "description": "x" * 2001}, {"description"}),
        ({"name": "x", "visibility": "public"}, {"visibility_level"}),
        ({"name": "shop"}, {"name", "path", "project_namespace.name"}),
        ({"name": "Shop", "path": "other"}, {"name", "project_namespace.name"}),
        ({"name": "Other", "path": "SHOP"}, {"path"}),
        ({"name": "Other", "path": "labs"}, {"path"}),
    ],
)
def test_a_bad_project_is_refused_by_what_is_wrong(
    stage: GitLabStage, wish: dict[str, str], message: set[str]
) -> None:
    """400, each wrong field with its sentence; nothing is made."""
    before = paths(stage)
    status, body = created(stage, wish | {"namespace_id": group(stage)})
    assert (status, set(body["message"])) == (400, message)
    assert paths(stage) == before


def test_what_is_taken_is_said_so(stage: GitLabStage) -> None:
    """With the three keys that GitLab has for it; a second try is refused the same way."""
    body = {"name": "tools", "namespace_id": group(stage)}
    assert created(stage, body)[0] == 201
    assert created(stage, body) == (
        400,
        {"message": {"project_namespace.name": TAKEN, "name": TAKEN, "path": TAKEN}},
    )


@pytest.mark.parametrize("how", ["502-after", "cut-after"])
def test_a_project_may_be_there_although_its_answer_is_lost(stage: GitLabStage, how: str) -> None:
    """The work is done, and the one who asked is not told."""
    stage.loop.ask(lambda: stage.fake.break_(how))
    with pytest.raises((gitlab.GitlabError, OSError)):
        stage.client("bob").projects.create({"name": "tools", "namespace_id": group(stage)})
    assert stage.project("acme/tools").name == "tools"


@pytest.mark.parametrize(
    ("body", "answer"),
    [
        ({}, {"error": "name, path are missing, at least one parameter must be provided"}),
        ({"name": "x", "visibility": "secret"}, {"error": "visibility does not have a valid value"}),
        ({"name": "x", "namespace_id": "acme"}, {"error": "namespace_id is invalid"}),
        ({"name": "x", "namespace_id": 999}, {"message": {"namespace": ["is not valid"]}}),
        ({"name": "x", "namespace_id": 207}, {"message": {"namespace": ["is not valid"]}}),
    ],
)
def test_bad_parameters_are_refused_one_by_one(
    stage: GitLabStage, body: dict[str, Any], answer: dict[str, Any]
) -> None:
    """400 as Grape says it; another's namespace is as good as none."""
    assert created(stage, body) == (400, answer)


def test_who_may_make_projects_is_the_groups_to_say(stage: GitLabStage) -> None:
    """Developers in most groups, Maintainers in some; a Reporter nowhere; roles come from above."""
    not_valid = (400, {"message": {"namespace": ["is not valid"]}})
    assert created(stage, {"name": "x", "namespace_id": group(stage)}, "carol") == not_valid
    labs = group(stage, "acme/labs")
    assert created(stage, {"name": "x", "namespace_id": labs}, "bob") == not_valid
    assert created(stage, {"name": "x", "namespace_id": labs}, "alice")[0] == 201
    stage.act("group-role bob maintainer acme/labs")
    assert created(stage, {"name": "y", "namespace_id": labs}, "bob")[0] == 201
    stage.act("group-role bob reporter guild")
    assert created(stage, {"name": "x", "namespace_id": group(stage, "guild")}, "bob") == not_valid


def test_a_group_without_the_bot_hides_its_projects_from_it(stage: GitLabStage) -> None:
    """Its creator sees the project, the bot gets 404 for it and for the group."""
    assert created(stage, {"name": "secret", "namespace_id": group(stage, "guild")}, "alice")[0] == 201
    assert stage.project("guild/secret", "bob").path == "secret"
    with pytest.raises(gitlab.GitlabGetError, match="404 Project Not Found"):
        stage.project("guild/secret")
    with pytest.raises(gitlab.GitlabGetError, match="404 Group Not Found"):
        stage.client().groups.get("guild")


def test_groups_have_the_shape_of_the_sample(stage: GitLabStage) -> None:
    """By name, as far as one is in them; by role and by words; one with its projects."""
    groups = stage.client("alice").groups
    found = groups.list(get_all=True)
    assert set(found[0].attributes) == set(sample("groups_list")[0])
    assert [one.full_path for one in found] == ["acme", "guild", "acme/labs"]
    assert [one.full_path for one in groups.list(get_all=True, min_access_level=50)] == ["guild"]
    assert [one.full_path for one in groups.list(get_all=True, search="LAB")] == ["acme/labs"]
    assert [one.full_path for one in groups.list(get_all=True, top_level_only=True)] == ["acme", "guild"]
    assert [one.full_path for one in stage.client().groups.list(get_all=True, sort="desc")] == [
        "acme/labs",
        "acme",
    ]
    one = groups.get("acme/labs")
    assert (one.full_name, one.parent_id, one.attributes["projects"]) == ("Acme / Labs", group(stage), [])
    created(stage, {"name": "x", "namespace_id": one.id}, "alice")
    deep = stage.send(
        "GET", "/groups/acme/projects?include_subgroups=true&search=labs&search_namespaces=true"
    ).json()
    assert [row["path_with_namespace"] for row in deep] == ["acme/labs/x"]
    assert stage.send("GET", "/groups/acme/projects?search=labs&search_namespaces=true").json() == []
    assert stage.send("GET", "/groups?min_access_level=35").status_code == 400


def test_namespaces_are_ones_own_and_ones_groups(stage: GitLabStage) -> None:
    """What a project may be made in, as far as the role allows it."""
    found = stage.client("bob").namespaces.list(get_all=True)
    assert [(one.full_path, one.kind) for one in found][:2] == [("bob", "user"), ("acme", "group")]
    assert [one.full_path for one in stage.client("bob").namespaces.list(search="labs", get_all=True)] == [
        "acme/labs"
    ]
    assert stage.client("bob").namespaces.get(found[0].id).path == "bob"
    with pytest.raises(gitlab.GitlabGetError, match="404 Namespace Not Found"):
        stage.client("bob").namespaces.get("alice")
