"""What somebody who may see everything finds at a path of the API, for `:expect-gitlab`."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

import aiohttp
from yarl import URL

from sandbox.gitlab.answers import LARGEST_PAGE

TIMELINE = re.compile(r"timeline/(?P<iid>\d+)")
#: What the lines of a scenario call shorter than GitLab does.
SHORT: Mapping[str, str] = {"label_events": "resource_label_events", "state_events": "resource_state_events"}
INCIDENT = (
    "query($path: ID!, $iid: String){project(fullPath: $path){issue(iid: $iid)"
    "{id severity escalationStatus}}}"
)
EVENTS = (
    "query($path: ID!, $id: IssueID!){project(fullPath: $path){incidentManagementTimelineEvents(incidentId: $id)"
    "{nodes{id note action occurredAt editable author{username} timelineEventTags{nodes{name}}}}}}"
)


@dataclass(frozen=True, slots=True)
class Look:
    """`url` and `token` are GitLab's; `project` is the one that paths are meant in."""

    url: str
    token: str
    project: str

    async def at(self, path: str) -> Any:
        """JSON, or text; of a list as much as one page holds. Absolute paths begin with a slash."""
        headers = {"Authorization": f"Bearer {self.token}"}
        timeline = TIMELINE.fullmatch(path)
        async with aiohttp.ClientSession(headers=headers) as session:
            if timeline is not None:
                return await self._timeline(session, timeline["iid"])
            before, slash, last = path.rpartition("/")
            whole = f"{before}{slash}{SHORT.get(last, last)}"
            whole += "" if "?" in whole else f"?per_page={LARGEST_PAGE}"
            own = f"/projects/{quote(self.project, safe='')}/{whole}"
            address = URL(f"{self.url}/api/v4{whole if path.startswith('/') else own}", encoded=True)
            async with session.get(address) as response:
                is_json = "json" in response.content_type
                return await (response.json() if is_json else response.text(errors="replace"))

    async def _timeline(self, session: aiohttp.ClientSession, iid: str) -> Any:
        """An incident's status and severity with the lines of its timeline, or what GitLab says instead."""
        found = await self._asked(session, INCIDENT, {"iid": iid})
        issue = ((found.get("data") or {}).get("project") or {}).get("issue")
        if issue is None:
            return found
        events = await self._asked(session, EVENTS, {"id": issue["id"]})
        return issue | {"timeline": events["data"]["project"]["incidentManagementTimelineEvents"]["nodes"]}

    async def _asked(self, session: aiohttp.ClientSession, query: str, more: Mapping[str, str]) -> Any:
        body = {"query": query, "variables": {"path": self.project, **more}}
        async with session.post(f"{self.url}/api/graphql", json=body) as response:
            return await response.json()
