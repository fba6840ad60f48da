"""Slash commands that GitLab itself takes: Mattermost's per project, and the GitLab for Slack app's."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from aiohttp import web

from sandbox.gitlab.answers import missing, not_found, payload
from sandbox.gitlab.creation import PipelineRefused, Wish, create_pipeline
from sandbox.gitlab.desk import Desk
from sandbox.gitlab.nouns import Person, Pipeline, Project
from sandbox.gitlab.people import CHAT_NAMES, DEVELOPER, TEAM, level, person_named
from sandbox.gitlab.state import SLACK_APP_TOKEN

#: `Gitlab::SlashCommands::Run`: the job is one word, what follows is its input (gitlab-chatops.md 2.1).
RUN = re.compile(r"run\s+(?P<job>\S+)(?:\s+(?P<arguments>.*))?", re.DOTALL)
SLACK_ANSWERS = "https://hooks.slack.com/"
UNKNOWN_PROJECT = "GitLab error: project or alias not found"
UNIDENTIFIED = "Couldn't identify you, nor can I authorize you!"
NOT_ALLOWED = (
    "Whoops! This action is not allowed. You may not have access to the project of this integration:"
)
IDENTITY = ("team_id", "team_domain", "user_id", "user_name")


@dataclass(frozen=True, slots=True)
class ChatRoutes:
    desk: Desk

    def routes(self) -> list[web.RouteDef]:
        project = "/api/v4/projects/{id}"
        return [
            web.post(f"{project}/integrations/mattermost_slash_commands/trigger", self.mattermost),
            web.post(f"{project}/services/mattermost_slash_commands/trigger", self.mattermost),
            web.post("/api/v4/slack/trigger", self.slack_app),
        ]

    async def mattermost(self, request: web.Request) -> web.Response:
        """Known by the integration's own token; no account is signed in (lib/api/integrations.rb)."""
        form = await payload(request)
        if "token" not in form:
            raise missing("token")
        project = self.desk.state.project(request.match_info["id"])
        if project is None or form["token"] != project.chat_token:
            raise not_found("Integration")
        return web.json_response(self._answer(project, form, str(form.get("text", ""))))

    async def slack_app(self, request: web.Request) -> web.Response:
        """The text begins with a project's path or alias; one word alone goes to the team's first project."""
        form = await payload(request)
        if "text" not in form:
            raise missing("text")
        if form.get("token") != SLACK_APP_TOKEN:
            raise not_found("")
        name, _, text = str(form["text"]).strip().partition(" ")
        path = (
            self.desk.state.aliases.get(name, name) if text else next(iter(self.desk.state.aliases.values()))
        )
        project = self.desk.state.project(path)
        if project is None:
            return web.json_response(ephemeral(UNKNOWN_PROJECT))
        return web.json_response(self._answer(project, form, text or name))

    def _answer(self, project: Project, form: Mapping[str, Any], text: str) -> dict[str, Any]:
        if not all(form.get(name) for name in IDENTITY):
            return ephemeral(UNIDENTIFIED)
        linked = CHAT_NAMES.get(str(form["user_id"])) if form["team_id"] == TEAM else None
        if linked is None:
            return ephemeral(self._connect(form))
        wanted = RUN.fullmatch(text)
        if wanted is None:
            return ephemeral(_help(text))
        person = person_named(linked)
        if level(person, project) < DEVELOPER:
            return ephemeral(f"{NOT_ALLOWED} {self.desk.state.url}/{project.path}")
        return self._run(project, person, form, wanted)

    def _connect(self, form: Mapping[str, Any]) -> str:
        query = urlencode({name: form[name] for name in IDENTITY})
        link = f"{self.desk.state.url}/-/profile/chat_names/new?{query}"
        return f":wave: Hi there! Before I do anything for you, please [connect your GitLab account]({link})."

    def _run(
        self, project: Project, person: Person, form: Mapping[str, Any], wanted: re.Match[str]
    ) -> dict[str, Any]:
        """Make the chat pipeline of one job. Every reason not to has the same words."""
        job, url = wanted["job"], str(form.get("response_url") or "")
        variables = {"CHAT_INPUT": wanted["arguments"] or "", "CHAT_CHANNEL": str(form.get("channel_id", ""))}
        variables["CHAT_USER_ID"] = str(form["user_id"])
        wish = Wish(project, person, project.default_branch or "", "chat", variables, chat_job=job)
        try:
            made = create_pipeline(self.desk.state, wish) if url else None
        except PipelineRefused:
            made = None
        if made is None:
            return ephemeral(
                "The command could not be scheduled. Make sure that your project has a .gitlab-ci.yml "
                f'that defines a job with the name "{job}"'
            )
        self.desk.runner.advance_soon(made)
        if url.startswith(SLACK_ANSWERS):
            return {"response_type": "in_channel", "status": 200, "text": ""}
        return ephemeral(self._scheduled(made))

    def _scheduled(self, pipeline: Pipeline) -> str:
        """Mattermost's words hold the id of the job (gitlab-chatops.md 1.2)."""
        job, home = pipeline.jobs[0], f"{self.desk.state.url}/{pipeline.project.path}"
        return f"Your ChatOps job [#{job.id}]({home}/-/jobs/{job.id}) has been created!"


def ephemeral(text: str) -> dict[str, Any]:
    return {"response_type": "ephemeral", "status": 200, "text": text}


def _help(text: str) -> str:
    lead = "Available commands" if text.strip() in ("", "help") else "Unknown command"
    return f"{lead}:\n  run <job name> <arguments>"
