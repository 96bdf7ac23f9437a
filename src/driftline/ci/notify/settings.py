"""The settings `[notify]` of driftline.toml. Secrets are in environment variables."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Literal

import attrs

from driftline.errors import FileError, Problem
from driftline.openapi import is_allowed_env_name
from driftline.project import ProjectConfiguration


@attrs.frozen(kw_only=True)
class WebhookSettings:
    """The environment variables of a URL, and of the secret for signatures."""

    url_env: str
    secret_env: str = ""


@attrs.frozen(kw_only=True)
class EmailSettings:
    """An SMTP server as HOST:PORT, sender and recipients."""

    server: str
    sender: str
    to: Sequence[str]
    security: Literal["starttls", "tls", "none"] = "starttls"
    user: str = ""
    password_env: str = ""


@attrs.frozen(kw_only=True)
class NotifySettings:
    """The configured channels, and the URL of the report for links."""

    slack: WebhookSettings | None = None
    webhook: WebhookSettings | None = None
    email: EmailSettings | None = None
    report: str = ""


def read_notify_settings(configuration: ProjectConfiguration) -> NotifySettings | None:
    """Return the settings; None if no channel is configured.

    Raises:
        FileError: a variable is reserved for a system or tool.
    """
    table: Mapping[str, Any] = configuration.sections.get("notify", {})
    problems = tuple(_list_problems(configuration, table))
    if problems:
        raise FileError(problems)
    channels: dict[str, Any] = {}
    for name in ("slack", "webhook", "email"):
        if name in table:
            options = {key.replace("-", "_"): value for key, value in table[name].items()}
            sender = {"sender": options.pop("from")} if name == "email" else {}
            kind = EmailSettings if name == "email" else WebhookSettings
            channels[name] = kind(**options, **sender)
    return NotifySettings(**channels, report=table.get("report", "")) if channels else None


def _list_problems(
    configuration: ProjectConfiguration, table: Mapping[str, Any]
) -> Iterator[Problem]:
    for channel in ("slack", "webhook", "email"):
        for key, value in table.get(channel, {}).items():
            if key.endswith("-env") and not is_allowed_env_name(value):
                message = f"environment variable {value!r} is not allowed"
                hint = "Use a name of two words that no system or tool uses, such as SHOP_WEBHOOK."
                keys = ("notify", channel, key)
                yield configuration.build_problem("configuration.invalid", keys, message, hint)
