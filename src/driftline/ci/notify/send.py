"""Send one message to every channel; a channel that fails does not keep it from the others."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from functools import partial

from driftline.ci.notify.mail import send_email
from driftline.ci.notify.notice import Notice
from driftline.ci.notify.settings import NotifySettings
from driftline.ci.notify.webhooks import send_slack, send_webhook
from driftline.errors import UsageError


def send_notice(
    settings: NotifySettings, notice: Notice, environ: Mapping[str, str] = os.environ
) -> list[str]:
    """Send the message to each channel; return why some failed."""
    sends: dict[str, Callable[[], None]] = {}
    if settings.slack is not None:
        sends["slack"] = partial(send_slack, settings.slack, notice, environ)
    if settings.webhook is not None:
        sends["webhook"] = partial(send_webhook, settings.webhook, notice, environ)
    if settings.email is not None:
        sends["email"] = partial(send_email, settings.email, notice, environ)
    failures: list[str] = []
    for channel, send in sends.items():
        try:
            send()
        except UsageError as error:
            failures.append(f"notification to {channel} failed: {error}")
    return failures
