"""Files that were uploaded to a project, and how Markdown names them (app/uploaders/file_uploader.rb)."""

from __future__ import annotations

import hashlib
import mimetypes
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from sandbox.gitlab.answers import moment
from sandbox.gitlab.bodies import user_basic
from sandbox.gitlab.nouns import Person, Project

FIRST_UPLOAD_ID = 500
#: `max_attachment_size`, an administrator's setting; this is its value on GitLab.com (gitlab-api.md 4.1).
LARGEST = 100 * 1024 * 1024
#: What Markdown shows in place (lib/gitlab/file_type_detection.rb); the last part of a name decides.
SHOWN = frozenset(
    {
        "png",
        "jpg",
        "jpeg",
        "gif",
        "bmp",
        "tiff",
        "ico",
        "webp",
        "mp4",
        "m4v",
        "mov",
        "webm",
        "ogv",
        "mp3",
        "oga",
        "ogg",
    }
    | {"spx", "wav"}
)


@dataclass(frozen=True, slots=True)
class Upload:
    """One file; its secret is in its address, so that nobody guesses it."""

    id: int
    project: Project
    secret: str
    name: str
    content: bytes
    person: Person
    created_at: float

    @property
    def content_type(self) -> str:
        return mimetypes.guess_type(self.name)[0] or "application/octet-stream"


class Uploads:
    """All files of all projects."""

    def __init__(self) -> None:
        self.held: list[Upload] = []
        self.largest = LARGEST

    def add(self, project: Project, name: str, content: bytes, person: Person, now: float) -> Upload:
        number = FIRST_UPLOAD_ID + len(self.held) + 1
        secret = hashlib.sha256(f"upload {number}".encode()).hexdigest()[:32]
        made = Upload(number, project, secret, safe(name), content, person, now)
        self.held.append(made)
        return made

    def of(self, project: Project) -> list[Upload]:
        """Newest first."""
        return [one for one in reversed(self.held) if one.project is project]

    def found(self, project: Project, *key: str) -> Upload | None:
        """By its number, or by its secret and its name."""
        return next(
            (one for one in self.of(project) if key in ((str(one.id),), (one.secret, one.name))), None
        )


def safe(name: str) -> str:
    """A file name as CarrierWave keeps it: the last part of a path, and nothing but plain letters and `.-+_`."""
    last = name.replace("\\", "/").rpartition("/")[2]
    plain = "".join(letter if letter.isalnum() or letter in ".-+_" else "_" for letter in last)
    return f"_{plain}" if plain.strip(".") == "" else plain


def upload_body(upload: Upload) -> dict[str, Any]:
    """samples/gitlab/project_upload.json; images and films are shown in place, and named without their ending."""
    stem, _, ending = upload.name.rpartition(".")
    shown = ending.lower() in SHOWN and bool(stem)
    alt = stem if shown else upload.name
    url = f"/uploads/{upload.secret}/{quote(upload.name)}"
    escaped = alt.replace("[", "\\[").replace("]", "\\]")
    return {
        "id": upload.id,
        "alt": alt,
        "url": url,
        "full_path": f"/-/project/{upload.project.id}{url}",
        "markdown": f"{'!' if shown else ''}[{escaped}]({url})",
    }


def upload_listed(upload: Upload, url: str) -> dict[str, Any]:
    """A file of the list that Maintainers see (doc/api/project_markdown_uploads.md)."""
    return {
        "id": upload.id,
        "size": len(upload.content),
        "filename": upload.name,
        "created_at": moment(upload.created_at),
        "uploaded_by": {key: user_basic(upload.person, url)[key] for key in ("id", "name", "username")},
    }
