"""``/api/<method>`` over HTTP: arguments, tokens, scopes, limits, faults. Beside it uploads and response URLs."""

import asyncio
import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from starlette.applications import Starlette
from starlette.datastructures import UploadFile
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from integrations.sandbox.slack import chat, directory, surfaces
from integrations.sandbox.slack.desk import Desk, Refused
from integrations.sandbox.slack.faults import Faults, Limits
from integrations.sandbox.slack.replies import answer_response_url

Json = dict[str, Any]
BOT_TOKEN, APP_TOKEN = "xoxb-rehearsal-not-a-secret", "xapp-rehearsal-not-a-secret"


@dataclass(frozen=True)
class Method:
    run: Callable[[Desk, Json], Json]
    tier: int
    scopes: tuple[str, ...] = ()


_HISTORY = ("channels:history", "groups:history", "im:history", "mpim:history")
_READ = ("channels:read", "groups:read", "im:read", "mpim:read")
METHODS = {
    "apps.connections.open": Method(directory.open_socket, 0),
    "auth.test": Method(directory.auth_test, 0),
    "chat.postMessage": Method(chat.post_message, 0, ("chat:write",)),
    "chat.update": Method(chat.update, 3, ("chat:write",)),
    "chat.delete": Method(chat.delete, 3, ("chat:write",)),
    "chat.postEphemeral": Method(chat.post_ephemeral, 4, ("chat:write",)),
    "chat.getPermalink": Method(chat.permalink, 0),
    "reactions.add": Method(chat.add_reaction, 3, ("reactions:write",)),
    "reactions.remove": Method(chat.remove_reaction, 2, ("reactions:write",)),
    "assistant.threads.setStatus": Method(chat.set_status, 0, ("chat:write", "assistant:write")),
    "assistant.threads.setSuggestedPrompts": Method(chat.set_prompts, 4, ("assistant:write",)),
    "conversations.open": Method(directory.open_conversation, 3, ("im:write", "mpim:write")),
    "conversations.info": Method(directory.info, 3, _READ),
    "conversations.list": Method(directory.list_conversations, 2, _READ),
    "conversations.members": Method(directory.members, 4, _READ),
    "conversations.replies": Method(directory.replies, 3, _HISTORY),
    "conversations.history": Method(directory.history, 3, _HISTORY),
    "conversations.join": Method(directory.join, 3, ("channels:join",)),
    "users.info": Method(directory.user_info, 4, ("users:read",)),
    "users.list": Method(directory.list_users, 2, ("users:read",)),
    "users.lookupByEmail": Method(directory.by_email, 3, ("users:read.email",)),
    "users.conversations": Method(directory.of_user, 3, _READ),
    "usergroups.list": Method(directory.list_groups, 2, ("usergroups:read",)),
    "usergroups.users.list": Method(directory.group_users, 2, ("usergroups:read",)),
    "views.open": Method(surfaces.open_view, 4),
    "views.push": Method(surfaces.push_view, 4),
    "views.update": Method(surfaces.update_view, 4),
    "views.publish": Method(surfaces.publish_view, 4),
    "files.getUploadURLExternal": Method(surfaces.upload_url, 4, ("files:write",)),
    "files.completeUploadExternal": Method(surfaces.complete_upload, 4, ("files:write",)),
    "bots.info": Method(directory.bot_info, 3, ("users:read",)),
    "team.info": Method(directory.team_info, 3, ("team:read", "users:read")),
}


@dataclass
class WebApi:
    """``calls`` logs every call as (method, arguments). ``cut(peer)`` ends a TCP connection without a word."""

    desk: Desk
    faults: Faults
    limits: Limits
    cut: Callable[[tuple[str, int]], None]
    calls: list[tuple[str, Json]]

    def app(self) -> Starlette:
        return Starlette(
            routes=[
                Route("/api/{method}", self._call, methods=["GET", "POST"]),
                Route("/upload/{file_id}", self._upload, methods=["POST"]),
                Route("/response/{name}", self._respond, methods=["POST"]),
            ]
        )

    async def _call(self, request: Request) -> Response:
        name = request.path_params["method"]
        args = await arguments(request)
        fault = self.faults.take(name)
        if fault == "cut":
            return self._hang_up(request)
        if fault == "hang":
            await asyncio.sleep(self.faults.hang_seconds)
        elif fault == "html":
            return HTMLResponse("<html><body>Service trouble</body></html>", 200)
        elif isinstance(fault, int):
            wait = {"Retry-After": "1"} if fault == 429 else {}
            return JSONResponse({"ok": False, "error": "internal_error"}, fault, headers=wait)
        self.calls.append((name, args if isinstance(args, dict) else {}))
        response = self._answer(name, args, request)
        return self._hang_up(request) if fault == "lost" else response

    def _answer(self, name: str, args: Json | str, request: Request) -> Response:
        headers = {"x-oauth-scopes": ",".join(sorted(self.desk.scopes))}
        try:
            if isinstance(args, str):
                raise Refused(args)
            method = METHODS.get(name)
            if method is None:
                raise Refused("unknown_method", req_method=name)
            token = request.headers.get("authorization", "").removeprefix("Bearer ").strip() or str(
                args.get("token", "")
            )
            self._authorise(token, app_token=name == "apps.connections.open")
            wait = self.limits.retry_after(name, method.tier, str(args.get("channel", "")), self.desk.workspace.now())
            if wait:
                limited = {"ok": False, "error": "ratelimited"}
                return JSONResponse(limited, 429, headers=headers | {"Retry-After": str(wait)})
            self.desk.need(*method.scopes)
            return JSONResponse(method.run(self.desk, args), headers=headers)
        except Refused as refused:
            return JSONResponse(refused.body, headers=headers)

    def _authorise(self, token: str, app_token: bool) -> None:
        if not token:
            raise Refused("not_authed")
        if token not in (BOT_TOKEN, APP_TOKEN):
            raise Refused("invalid_auth")
        if (token == APP_TOKEN) != app_token:
            raise Refused("not_allowed_token_type")
        if self.faults.revoked:
            raise Refused("token_revoked")

    def _hang_up(self, request: Request) -> Response:
        if request.client:
            self.cut((request.client.host, request.client.port))
        return PlainTextResponse("")

    async def _upload(self, request: Request) -> Response:
        file = self.desk.workspace.files.get(request.path_params["file_id"])
        body = await request.body()
        if file is None:
            return PlainTextResponse("no such file", 404)
        file["content"] = body
        return PlainTextResponse(f"OK - {len(body)}")

    async def _respond(self, request: Request) -> Response:
        try:
            body = json.loads(await request.body())
        except ValueError:
            return PlainTextResponse("invalid_payload", 400)
        code, text = answer_response_url(self.desk, request.path_params["name"], body)
        return PlainTextResponse(text, code)


async def arguments(request: Request) -> Json | str:
    """The arguments from query string, form, multipart or JSON, or Slack's error code."""
    args: Json = dict(request.query_params)
    kind = request.headers.get("content-type", "")
    if kind.startswith("application/json"):
        body = await request.body()
        if not body.strip():
            return args
        try:
            found = json.loads(body)
        except ValueError:
            return "invalid_json"
        return args | found if isinstance(found, dict) else "json_not_object"
    if request.method == "POST" and kind.startswith(("application/x-www-form-urlencoded", "multipart/form-data")):
        async with request.form() as form:
            args |= {key: value for key, value in form.items() if not isinstance(value, UploadFile)}
    return args
