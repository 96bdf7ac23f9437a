"""Notifications by HTTP: a webhook signed as in Standard Webhooks, and Slack.

https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import json
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Final

import httpx

from driftline.ci.exchange import send_request
from driftline.ci.notify.notice import Notification
from driftline.ci.notify.settings import WebhookSettings
from driftline.errors import UsageError
from driftline.mock import is_loopback

TIMEOUT: Final = 10.0
_PREFIX: Final = "whsec_"
_HINT: Final = "Correct the variable that driftline.toml names."
_STYLE: Final = re.compile(r"[*~`]|(?<!\w)_|_(?!\w)", re.ASCII)


def send_webhook(
    settings: WebhookSettings, notice: Notification, environ: Mapping[str, str]
) -> None:
    """Post the message as JSON, signed with the current time.

    Raises:
        UsageError: a variable is not set or not valid, or the server did not accept the message.
    """
    secret = _decode_secret(read_variable(settings.secret_env, environ))
    body = json.dumps(notice.to_dict(), ensure_ascii=False).encode()
    timestamp = int(datetime.now(UTC).timestamp())
    headers = {
        "webhook-id": notice.id,
        "webhook-timestamp": str(timestamp),
        "webhook-signature": sign(secret, notice.id, timestamp, body),
    }
    _post(read_variable(settings.url_env, environ), body, headers)


def sign(secret: bytes, message: str, timestamp: int, body: bytes) -> str:
    """Return the signature `v1,...` of a message: HMAC-SHA256 of id, time and body."""
    digest = hmac.new(secret, f"{message}.{timestamp}.".encode() + body, hashlib.sha256).digest()
    return f"v1,{base64.b64encode(digest).decode()}"


def send_slack(settings: WebhookSettings, notice: Notification, environ: Mapping[str, str]) -> None:
    """Post the message to an incoming webhook of Slack, Mattermost or Rocket.Chat.

    Raises:
        UsageError: the variable is not set or not valid, or the server did not accept the message.
    """
    lines = [f"*{_escape(notice.title)}*"]
    for heading, some in notice.list_sections():
        if some:
            lines += [f"*{heading}*", *(f"• {_escape(line)}" for line in some)]
    if notice.report:
        lines.append(f"<{_escape(notice.report)}|Report>")
    body = json.dumps({"text": "\n".join(lines)}, ensure_ascii=False).encode()
    _post(read_variable(settings.url_env, environ), body, {})


def read_variable(name: str, environ: Mapping[str, str]) -> str:
    """Return the value of a variable.

    Raises:
        UsageError: it is not set.
    """
    value = environ.get(name, "")
    if not value:
        raise UsageError(f"{name} is not set", "Set it to a secret of the job.")
    return value


def _escape(string: str) -> str:
    """Escape mentions, links and styles of Slack."""
    for char, entity in {"&": "&amp;", "<": "&lt;", ">": "&gt;"}.items():
        string = string.replace(char, entity)
    # A zero-width space disables the styles; `_` within a word is not a style.
    return _STYLE.sub("\u200b\\g<0>\u200b", string)


def _decode_secret(value: str) -> bytes:
    packed = value.removeprefix(_PREFIX)
    try:
        secret = base64.b64decode(packed + "=" * (-len(packed) % 4), validate=True)
    except binascii.Error:
        secret = b""
    if not 24 <= len(secret) <= 64:
        message = "the secret is not 24 to 64 bytes in base64"
        raise UsageError(message, "Generate one with: openssl rand -base64 32")
    return secret


def _post(url: str, body: bytes, headers: Mapping[str, str]) -> None:
    """Post JSON; errors do not contain the URL, which is a secret."""
    try:
        parsed_url = httpx.URL(url)
    except httpx.InvalidURL:
        raise UsageError("the URL is not valid", _HINT) from None
    if parsed_url.scheme != "https" and not (parsed_url.scheme == "http" and is_loopback(url)):
        raise UsageError("the URL does not begin with https://", _HINT)
    kind = {"content-type": "application/json"}
    try:
        all_headers = {**kind, **headers}
        with send_request("POST", parsed_url, all_headers, body, seconds=TIMEOUT) as reply:
            status = reply.response.status_code
    except httpx.HTTPError as error:
        name = type(error).__name__
        raise UsageError(f"no response: {name}", "Check the URL and the network.") from None
    if not 200 <= status < 300:
        raise UsageError(f"the server responded {status}", _HINT)
