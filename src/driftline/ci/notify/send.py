"""Sends the changes of a run to every channel, with those that a channel missed.

A failing channel does not affect the others. The history records each message and whether it was
received; the next one has all changes since the last that was.
"""

from __future__ import annotations

import os
import smtplib
import ssl
from collections.abc import Callable, Iterator, Mapping, Sequence
from email.message import EmailMessage
from functools import partial
from pathlib import Path
from typing import Final

from driftline.ci.nightly_run import NightlyRun
from driftline.ci.notify.notice import Notification, build_notice, list_until
from driftline.ci.notify.settings import EmailSettings, NotifySettings
from driftline.ci.notify.webhooks import TIMEOUT, read_variable, send_slack, send_webhook
from driftline.errors import UsageError
from driftline.history import MessageDelivery, RunEntry, append_delivery, read_deliveries, read_runs

Send = Callable[[Notification], None]


def notify_channels(
    settings: NotifySettings,
    history: Path,
    night: NightlyRun,
    *,
    published: Sequence[str] = (),
    report: str = "",
    environ: Mapping[str, str] = os.environ,
) -> list[str]:
    """Send the message of a run to each channel, at most one to each; return why some failed.

    Raises:
        FileError: the history cannot be read or written.
    """
    runs = list_until(read_runs(history), night)
    if not runs:
        return []
    last = {entry.channel: entry for entry in read_deliveries(history)}
    failures: list[str] = []
    for channel, send in list_channels(settings, environ):
        delivery = last.get(channel)
        if delivery is not None and delivery.time >= runs[-1].time:
            delivery = None  # a later job was faster, or this one runs again
        missed_news = () if delivery is None else delivery.published
        news = tuple(dict.fromkeys([*missed_news, *published]))
        known_count = _count_known(runs, delivery)
        notice = build_notice(runs, known_count, published=news, report=report)
        is_sent, failure = (True, "") if notice is None else send_notice(channel, send, notice)
        failures += [failure] if failure else []
        is_missed = delivery is not None and not delivery.is_sent
        if notice is not None or is_missed:
            record = MessageDelivery(
                channel=channel,
                time=runs[-1].time,
                is_sent=is_sent,
                last_reported=runs[known_count - 1].time if known_count and not is_sent else None,
                published=() if is_sent else news,
            )
            append_delivery(history, record)
    return failures


def _count_known(runs: Sequence[RunEntry], delivery: MessageDelivery | None) -> int:
    """Return how many runs were reported to a channel; without a delivery, all but the last.

    A run whose job was stopped before its message was sent is reported with the next one.
    """
    if delivery is None:
        return len(runs) - 1
    reported_until = delivery.time if delivery.is_sent else delivery.last_reported
    return sum(reported_until is not None and run.time <= reported_until for run in runs)


def list_channels(
    settings: NotifySettings, environ: Mapping[str, str] = os.environ
) -> Iterator[tuple[str, Send]]:
    """Yield the name of each configured channel, and the function that sends to it."""
    if settings.slack is not None:
        yield "slack", partial(send_slack, settings.slack, environ=environ)
    if settings.webhook is not None:
        yield "webhook", partial(send_webhook, settings.webhook, environ=environ)
    if settings.email is not None:
        yield "email", partial(send_email, settings.email, environ=environ)


def send_notice(channel: str, send: Send, notice: Notification) -> tuple[bool, str]:
    """Send the message; return whether it was received, and the error or ""."""
    try:
        send(notice)
    except UsageError as error:
        is_sent = isinstance(error, RecipientsRejectedError)
        return is_sent, f"notification to {channel} failed: {error}"
    return True, ""


_HINT: Final = "Check the table notify.email of driftline.toml."


class RecipientsRejectedError(UsageError):
    """Only some recipients received the message, and must not receive it again."""


def send_email(settings: EmailSettings, notice: Notification, environ: Mapping[str, str]) -> None:
    """Send the message to all recipients.

    Raises:
        RecipientsRejectedError: some recipients were rejected.
        UsageError: the password is not set, or the server did not accept the message.
    """
    password = read_variable(settings.password_env, environ) if settings.user else ""
    try:
        with _connect(settings) as server:
            if settings.user:
                server.login(settings.user, password)
            rejected_recipients = server.send_message(build_message(settings, notice))
    except smtplib.SMTPResponseException as error:
        raise UsageError(f"the server responded {error.smtp_code}", _HINT) from None
    except (OSError, smtplib.SMTPException) as error:
        raise UsageError(f"not sent: {type(error).__name__}", _HINT) from None
    if rejected_recipients:
        message = f"{len(rejected_recipients)} of {len(settings.to)} recipients rejected"
        raise RecipientsRejectedError(message, _HINT)


def _connect(settings: EmailSettings) -> smtplib.SMTP:
    host, _, port = settings.server.rpartition(":")
    if settings.security == "tls":
        context = ssl.create_default_context()
        return smtplib.SMTP_SSL(host, int(port), timeout=TIMEOUT, context=context)
    server = smtplib.SMTP(host, int(port), timeout=TIMEOUT)
    if settings.security == "starttls":
        try:
            server.starttls(context=ssl.create_default_context())
        except BaseException:
            server.close()
            raise
    return server


def build_message(settings: EmailSettings, notice: Notification) -> EmailMessage:
    message = EmailMessage()
    message["From"] = settings.sender
    message["To"] = ", ".join(settings.to)
    # An encoded word would be decoded, with the line breaks in it.
    message["Subject"] = notice.title.replace("=?", "= ?")
    message["Date"] = notice.time
    message["Message-ID"] = f"<{notice.id}@{settings.sender.rpartition('@')[2]}>"
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(notice.format_text())
    return message
