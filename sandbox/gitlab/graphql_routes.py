"""`POST /api/graphql`: checks a query against the schema and GitLab's limits, and answers it."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from dataclasses import field as dataclass_field
from typing import Any

from aiohttp import web

from sandbox.gitlab.answers import payload
from sandbox.gitlab.desk import Desk
from sandbox.gitlab.graphql import Field, Operation, QueryError, bind, parse
from sandbox.gitlab.graphql_inputs import input_problems
from sandbox.gitlab.graphql_schema import TYPES
from sandbox.gitlab.graphql_types import LARGEST_PAGE, Asker, Definition, NotAvailable, number_of
from sandbox.gitlab.people import Token

#: gitlab-api.md 5.1: `GitlabSchema`.
LONGEST_QUERY = 10_000
COMPLEXITY = 250
DEPTH = 20
ROOTS = {"query": "Query", "mutation": "Mutation"}
#: What an id that is of another model is said not to be; others are named as they are.
MODELS = {"Ci::Build": "CommitStatus"}


@dataclass(frozen=True, slots=True)
class GraphqlRoutes:
    desk: Desk

    def routes(self) -> list[web.RouteDef]:
        return [web.post("/api/graphql", self.execute)]

    async def execute(self, request: web.Request) -> web.Response:
        """Nearly every error is answered with HTTP 200; only who asks can be a 401 or 403."""
        token = self.desk.token(request)
        if self.desk.carries_token(request) and not self._works(token):
            return web.json_response({"errors": [{"message": "Invalid token"}]}, status=401)
        if token is not None and token.person.username in self.desk.state.blocked:
            return web.json_response({"errors": [{"message": "API not accessible for user"}]}, status=403)
        body = await payload(request)
        writes = token is not None and "api" in token.scopes
        asker = Asker(self.desk.state, token.person if token else None, writes)
        return web.json_response(run(str(body.get("query") or ""), body.get("variables") or {}, asker))

    def _works(self, token: Token | None) -> bool:
        """Queries want `api` or `read_api` (gitlab-api.md 8)."""
        if token is None or token.revoked or token.expired(self.desk.state.clock()):
            return False
        return bool({"api", "read_api"} & set(token.scopes))


def run(query: str, variables: Mapping[str, Any], asker: Asker) -> dict[str, Any]:
    """The whole answer to a query: `data`, or `errors` alone when it is refused."""
    try:
        operation = _read(query)
    except QueryError as error:
        return {"errors": [{"message": str(error)}]}
    root, known = ROOTS[operation.kind], {**operation.defaults, **variables}
    errors = list(problems(operation.fields, root, [operation.kind]))
    errors = errors or list(input_problems(operation.fields, TYPES["Mutation"], known))
    score = 0 if errors else complexity(operation.fields, root, known)
    if score > COMPLEXITY:
        errors = [
            {"message": f"Query has complexity of {score}, which exceeds max complexity of {COMPLEXITY}"}
        ]
    if errors:
        return {"errors": errors}
    answers = _Answers(known, asker, score)
    data = answers.select(operation.fields, root, None)
    return {"data": data} | ({"errors": answers.errors} if answers.errors else {})


def _read(query: str) -> Operation:
    """The operation, if GitLab takes it at all. Raises QueryError."""
    if len(query) > LONGEST_QUERY:
        raise QueryError("Query too large")
    operation = parse(query)
    if operation.kind not in ROOTS:
        raise QueryError(f"Schema is not configured for {operation.kind}s")
    deep = depth(operation.fields)
    if deep > DEPTH:
        raise QueryError(f"Query has depth of {deep}, which exceeds max depth of {DEPTH}")
    return operation


def problems(fields: tuple[Field, ...], kind: str, path: list[str]) -> Iterator[dict[str, Any]]:
    """What a query asks for that does not exist, in graphql-ruby's words."""
    for field in fields:
        here = [*path, field.alias]
        if field.name == "__typename":
            continue
        definition = TYPES[kind].get(field.name)
        if definition is None:
            why, code = f"Field '{field.name}' doesn't exist on type '{kind}'", "undefinedField"
            extensions = {"code": code, "typeName": kind, "fieldName": field.name}
            yield {"message": why, "path": here, "extensions": extensions}
            continue
        yield from _argument_problems(field, definition, here)
        if (definition.type is None) is bool(field.fields):
            yield {"message": f"Field '{field.name}' has wrong selections", "path": here}
        elif definition.type is not None:
            yield from _inner_problems(field, definition, here)


def _argument_problems(field: Field, definition: Definition, path: list[str]) -> Iterator[dict[str, Any]]:
    for name in field.arguments:
        if name not in definition.arguments:
            yield {"message": f"Field '{field.name}' doesn't accept argument '{name}'", "path": [*path, name]}
    for name, required in definition.arguments.items():
        if required and name not in field.arguments:
            yield {"message": f"Field '{field.name}' is missing required arguments: {name}", "path": path}
    given = field.arguments.get("id")
    if definition.ids and isinstance(given, str) and number_of(given, *definition.ids) is None:
        model = MODELS.get(definition.ids[0], definition.ids[0])
        yield {"message": f'"{given}" does not represent an instance of {model}', "path": [*path, "id"]}


def _inner_problems(field: Field, definition: Definition, path: list[str]) -> Iterator[dict[str, Any]]:
    kind = str(definition.type)
    if not definition.connection:
        yield from problems(field.fields, kind, path)
        return
    for inner in field.fields:
        if inner.name == "nodes":
            yield from problems(inner.fields, kind, [*path, inner.alias])
        elif inner.name == "pageInfo":
            yield from problems(inner.fields, "PageInfo", [*path, inner.alias])
        elif inner.name not in ("count", "__typename"):
            yield {"message": f"Field '{inner.name}' doesn't exist on type '{kind}Connection'", "path": path}


def complexity(fields: tuple[Field, ...], kind: str, variables: Mapping[str, Any]) -> int:
    """The score of a selection (gitlab-api.md 5.1): 1 a field, and a connection multiplies what it holds."""
    return sum(_cost(field, TYPES[kind].get(field.name), variables) for field in fields)


def _cost(field: Field, definition: Definition | None, variables: Mapping[str, Any]) -> int:
    if definition is None or definition.type is None:
        return 1
    if not definition.connection:
        return 1 + complexity(field.fields, definition.type, variables)
    kinds = {"pageInfo": "PageInfo"}
    inner = sum(
        1 + complexity(one.fields, kinds.get(one.name, definition.type), variables) for one in field.fields
    )
    first = bind(field.arguments.get("first"), variables) or LARGEST_PAGE
    return int((inner + 1 + definition.gitaly) * (1 + 0.01 * min(int(first), LARGEST_PAGE)))


def depth(fields: tuple[Field, ...]) -> int:
    return 1 + max((depth(field.fields) for field in fields if field.fields), default=0)


@dataclass(frozen=True, slots=True)
class _Answers:
    variables: Mapping[str, Any]
    asker: Asker
    score: int
    errors: list[dict[str, Any]] = dataclass_field(default_factory=list)
    """What was not to be had; such a field is null."""

    def select(self, fields: tuple[Field, ...], kind: str, parent: Any) -> dict[str, Any]:
        return {field.alias: self._value(field, kind, parent) for field in fields}

    def _value(self, field: Field, kind: str, parent: Any) -> Any:
        if field.name == "__typename":
            return kind
        if kind == "QueryComplexity":
            return {"score": self.score, "limit": COMPLEXITY}[field.name]
        definition = TYPES[kind][field.name]
        arguments = bind(dict(field.arguments), self.variables)
        try:
            found = definition.resolve(parent, arguments, self.asker)
        except NotAvailable as why:
            where = [{"line": field.line, "column": field.column}]
            self.errors.append({"message": str(why), "locations": where, "path": [field.alias]})
            return None
        if definition.type is None or found is None:
            return found
        if definition.connection:
            return self._connection(field, definition, found, arguments)
        return self.select(field.fields, definition.type, found)

    def _connection(
        self, field: Field, definition: Definition, rows: list[Any], arguments: Mapping[str, Any]
    ) -> Any:
        start, size = _after(arguments), min(int(arguments.get("first") or LARGEST_PAGE), LARGEST_PAGE)
        shown = rows[start : start + size]
        answer: dict[str, Any] = {}
        more = {
            "hasNextPage": len(rows) > start + size,
            "endCursor": _cursor(start + len(shown)) if shown else None,
        }
        for inner in field.fields:
            if inner.name == "pageInfo":
                answer[inner.alias] = self.select(inner.fields, "PageInfo", more)
            elif inner.name == "nodes":
                answer[inner.alias] = [self.select(inner.fields, str(definition.type), row) for row in shown]
            else:
                answer[inner.alias] = len(rows)
        return answer


def _cursor(place: int) -> str:
    return base64.urlsafe_b64encode(json.dumps({"id": str(place)}).encode()).decode()


def _after(arguments: Mapping[str, Any]) -> int:
    """How many rows lie before the page; none for a cursor that is no number of ours."""
    given = arguments.get("after")
    try:
        return int(json.loads(base64.urlsafe_b64decode(str(given)))["id"]) if given else 0
    except (ValueError, KeyError, TypeError):
        return 0
