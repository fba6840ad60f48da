"""What Slack's error codes and the network's failures mean, in our errors and in sentences."""

from __future__ import annotations

import errno
import http.client
import socket
import ssl
from collections.abc import Callable, Mapping
from typing import Any, TypeVar
from urllib.error import HTTPError, URLError

from slack_sdk.errors import SlackApiError, SlackClientError

from bot.edges import retry_after
from bot.errors import SlackBusy, SlackError, SlackUnreachable

Answer = TypeVar("Answer")

#: Wait when Slack's 429 names no time (slack-platform.md 2.2: limits count by the minute).
BUSY_SECONDS = 30.0
#: What the SDK puts where the code should be when the body is no JSON.
_NO_JSON = "Received a response in a non-JSON format"
#: Codes of Slack's own failures: the call may have worked all the same (docs.slack.dev, chat.postMessage).
_OWN_FAILURES = frozenset({"internal_error", "fatal_error", "service_unavailable", "request_timeout"})
_BUSY_CODES = frozenset({"ratelimited", "rate_limited"})
#: Failures of the system's connect(), before a byte is sent.
_NO_ROUTE = frozenset({errno.ECONNREFUSED, errno.EHOSTUNREACH, errno.ENETUNREACH, errno.EHOSTDOWN})

_RENEW = "Whoever runs me has to set a new `slack.bot_token`."
_INVITE = "Invite me there with `/invite`, then try again."

#: A sentence for each code that people meet (slack-platform.md 2; docs.slack.dev).
SENTENCES: Mapping[str, str] = {
    "not_in_channel": f"I am not in that channel. {_INVITE}",
    "channel_not_found": f"I cannot see that channel. {_INVITE}",
    "is_archived": "That channel is archived, so I cannot write there. Unarchive it or use another.",
    "restricted_action": "This workspace does not let me write in that channel. Ask its owners.",
    "user_not_in_channel": "That person is not in that channel, so I cannot show them anything there.",
    "user_not_found": "Slack knows no such person. Check who is meant.",
    "messages_tab_disabled": "Direct messages to me are off. The app needs its Messages tab switched on.",
    "thread_not_found": "That thread does not exist any more. Start again in the channel.",
    "message_not_found": "That message does not exist any more, so I cannot change it.",
    "cant_update_message": "That message is not mine, so I cannot change it.",
    "edit_window_closed": "This workspace does not let me change messages as old as that one.",
    "msg_too_long": "The message is too long for Slack. Ask for less, or for a file.",
    "msg_blocks_too_long": "The message is too long for Slack. Ask for less, or for a file.",
    "invalid_blocks": "Slack does not accept the layout of my message. That is my fault: please report it.",
    "invalid_auth": f"Slack does not accept my token. {_RENEW}",
    "not_authed": f"Slack got no token from me. {_RENEW}",
    "token_revoked": f"My Slack token was revoked. {_RENEW}",
    "token_expired": f"My Slack token has expired. {_RENEW}",
    "account_inactive": f"My account in Slack was switched off, or I was uninstalled. {_RENEW}",
    "not_allowed_token_type": "`slack.bot_token` is a token of another kind. A bot token begins with xoxb-.",
    "file_uploads_disabled": "This workspace does not allow files. Ask its owners.",
    "storage_limit_reached": "This workspace has no room for files. Ask its owners.",
    "name_taken": "There is a channel of that name, perhaps an archived one. Take another name.",
    **dict.fromkeys(
        ("invalid_name", "invalid_name_specials", "invalid_name_punctuation"),
        "Slack takes lower-case letters, digits, `-` and `_` in a channel's name. Take another name.",
    ),
    "invalid_name_maxlength": "A channel's name has at most 80 characters. Take a shorter one.",
    "invalid_name_required": "A channel needs a name. Give it one.",
    "not_authorized": "Slack lets only others rename that channel. Ask whoever made it, or an owner.",
    "too_long": "A channel's topic has at most 250 characters. Say it more shortly.",
    "cant_archive_general": "The general channel of a workspace cannot be archived.",
    "cant_archive_required": "That channel cannot be archived: everybody has to be in it.",
    "too_many_pins": "Slack pins no more messages in that channel. Unpin one first.",
    "too_many_bookmarks": "That channel has no room for another bookmark. Remove one first.",
    "cant_delete_message": "That message is not mine, so I cannot delete it.",
}

#: The same for the app-level token, which is another one.
SOCKET_SENTENCES: Mapping[str, str] = {
    **dict.fromkeys(
        ("invalid_auth", "not_authed", "token_revoked", "token_expired", "account_inactive"),
        "Slack does not accept `slack.app_token`. Set an app-level token: it begins with xapp-.",
    ),
    "not_allowed_token_type": "`slack.app_token` is no app-level token. Such a token begins with xapp-.",
    "forbidden_team": "This workspace does not let the app connect. Install it there again.",
}


def call(method: Callable[..., Answer], where: str, /, **arguments: Any) -> Answer:
    """Calls the SDK once; `where` is the address it calls, for the sentences.

    Raises SlackBusy, SlackUnreachable (`sent` False only if nothing can have arrived) or SlackError.
    """
    try:
        return method(**arguments)
    except SlackApiError as error:
        raise refusal(error, where) from error
    except SlackClientError as error:
        raise SlackError(f"Slack cannot be asked that: {error}.", code="invalid_request") from error
    except (OSError, http.client.HTTPException, UnicodeError) as error:
        raise failure(error, where) from error


def refusal(error: SlackApiError, where: str, sentences: Mapping[str, str] = SENTENCES) -> SlackError:
    """What an answer other than `ok` means."""
    response = error.response
    data = response.data if isinstance(response.data, dict) else {}
    code, status = str(data.get("error") or ""), int(response.status_code)
    if status == 429 or code in _BUSY_CODES:
        return SlackBusy(
            retry_after=retry_after.seconds(header(response.headers, "Retry-After"), BUSY_SECONDS)
        )
    if status >= 500 or code in _OWN_FAILURES:
        return SlackUnreachable(
            f"Slack had a problem of its own ({_code_or(status, code)}). Try again in a moment."
        )
    if not code or code.startswith(_NO_JSON):
        return SlackUnreachable(
            f"{where} answered with a page instead of data (status {status}). Check `slack.api_url`."
        )
    return SlackError(sentence(code, data, sentences), code=code)


def sentence(code: str, data: Mapping[str, Any], sentences: Mapping[str, str] = SENTENCES) -> str:
    """The sentence for a code; one that nobody foresaw is named."""
    if code == "missing_scope":
        needed = data.get("needed") or "another one"
        return f"My Slack app lacks the scope `{needed}`. Add it to the app and install the app again."
    messages = "; ".join((data.get("response_metadata") or {}).get("messages") or ())
    said = f"{code}: {messages}" if messages else code
    return sentences.get(code) or f"Slack refused that ({said}). Please tell whoever runs me."


def body(error: SlackError) -> Mapping[str, Any]:
    """What Slack answered where it refused, for what a code alone does not say; empty if it did not answer."""
    cause = error.__cause__
    data = cause.response.data if isinstance(cause, SlackApiError) else None
    return data if isinstance(data, dict) else {}


def by_person(answer: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Whom an invitation was refused for, and the code (slack-platform.md 2.4)."""
    listed = answer.get("errors") or ()
    return [(str(one["user"]), str(one.get("error") or "")) for one in listed if one.get("user")]


def failure(error: Exception, where: str) -> SlackUnreachable:
    """What a failure of the network means: refused and unknown hosts got nothing, any other may have."""
    if isinstance(error, HTTPError):
        error.close()
        return SlackUnreachable(
            f"Slack had a problem of its own (status {error.code}). Try again in a moment."
        )
    cause = error.reason if isinstance(error, URLError) else error
    if isinstance(cause, ssl.SSLCertVerificationError):
        return SlackUnreachable(f"The certificate of {where} is not valid here.", sent=False)
    if isinstance(cause, socket.gaierror):
        return SlackUnreachable(f"The name in {where} is not known here. Check `slack.api_url`.", sent=False)
    if isinstance(error, URLError) and isinstance(cause, OSError) and cause.errno in _NO_ROUTE:
        return SlackUnreachable(f"{where} does not accept connections. Try again in a moment.", sent=False)
    if isinstance(cause, TimeoutError):
        return SlackUnreachable("Slack took too long to answer. Try again in a moment.")
    return SlackUnreachable("The connection to Slack broke. Try again in a moment.")


def header(headers: Mapping[str, Any], name: str) -> str | None:
    """A header whatever its case, as servers and proxies differ."""
    for key, value in headers.items():
        if key.lower() == name.lower():
            return str(value[0] if isinstance(value, list) and value else value)
    return None


def _code_or(status: int, code: str) -> str:
    """What to call a failure: Slack's code if it has one, else the status."""
    return code if code and not code.startswith(_NO_JSON) else f"status {status}"
