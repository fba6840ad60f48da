"""What somebody writes into a form stands nowhere in the store for all to read, nor do tokens pasted by mistake."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing

import pytest

from tests.evidence.floor import Floor, floor_at

CANARY = "glpat-Canary0Canary0Canary"


@pytest.fixture(scope="module")
def floor(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Floor]:
    with floor_at(tmp_path_factory.mktemp("rest")) as made:
        yield made


def written_down(floor: Floor) -> str:
    """All that the store holds, as text."""
    with closing(sqlite3.connect(floor.kit.config.store.path)) as sql:
        return "\n".join(sql.iterdump())


@pytest.mark.parametrize("line", ["project create depot in acme", "project create depot in acme private"])
def test_a_project_s_description_is_not_kept(floor: Floor, line: str) -> None:
    """Neither with the form that it waits for, nor with the change in GitLab that it is a part of."""
    floor.slash("alice", f"{line}\nThe token is {CANARY}")
    assert CANARY not in written_down(floor)


def test_what_a_form_holds_is_not_kept(floor: Floor) -> None:
    """Neither when it is sent in, nor when GitLab refuses it and it has to be opened again."""
    filled = {"name": "depot2", "group": "acme", "visibility": "private", "description": f"It is {CANARY}"}
    keys = [floor.form("alice", "project.create", "sheet", **filled) for _ in range(2)]
    assert "Open the form again" in floor.told(keys[-1])
    assert CANARY not in written_down(floor)
