"""What `[notify]` of driftline.toml says: where messages go. Every secret is in the environment."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Literal

import attrs

from driftline.errors import FileError, Problem
from driftline.openapi import is_allowed_env_name
from driftline.project import ProjectConfiguration


@attrs.frozen(kw_only=True)
class WebhookSettings:
    """The environment variables of a URL, and of the secret that its messages are signed with."""

    url_env: str
    secret_env: str = ""


@attrs.frozen(kw_only=True)
class EmailSettings:
    """An SMTP server as HOST:PORT, and who writes to whom."""

    server: str
    sender: str
    to: Sequence[str]
    security: Literal["starttls", "tls", "none"] = "starttls"
    user: str = ""
    password_env: str = ""


@attrs.frozen(kw_only=True)
class NotifySettings:
    """The channels that are configured, and the URL of the report that messages link to."""

    slack: WebhookSettings | None = None
    webhook: WebhookSettings | None = None
    email: EmailSettings | None = None
    report: str = ""


def read_notify_settings(configuration: ProjectConfiguration) -> NotifySettings | None:
    """Return the settings; None if no channel is configured.

    Raises:
        FileError: a variable is one that systems and tools use themselves.
    """
    table: Mapping[str, Any] = configuration.sections.get("notify", {})
    problems = tuple(_list_problems(configuration, table))
    if problems:
        raise FileError(problems)
    channels: dict[str, Any] = {}
    for name in ("slack", "webhook", "email"):
        if name in table:
            words = {key.replace("-", "_"): value for key, value in table[name].items()}
            sender = {"sender": words.pop("from")} if name == "email" else {}
            kind = EmailSettings if name == "email" else WebhookSettings
            channels[name] = kind(**words, **sender)
    return NotifySettings(**channels, report=table.get("report", "")) if channels else None


def _list_problems(
    configuration: ProjectConfiguration, table: Mapping[str, Any]
) -> Iterator[Problem]:
    for channel in ("slack", "webhook", "email"):
        for key, value in table.get(channel, {}).items():
            if key.endswith("-env") and not is_allowed_env_name(value):
                what = f"environment variable {value!r} is not allowed"
                hint = "Use a name of two words that no system or tool uses, such as SHOP_WEBHOOK."
                keys = ("notify", channel, key)
                yield configuration.build_problem("configuration.invalid", keys, what, hint)
