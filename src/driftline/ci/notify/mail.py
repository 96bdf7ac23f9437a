"""Notifications by e-mail."""

from __future__ import annotations

import smtplib
import ssl
from collections.abc import Mapping
from email.message import EmailMessage
from typing import Final

from driftline.ci.notify.notice import Notice
from driftline.ci.notify.settings import EmailSettings
from driftline.ci.notify.webhooks import TIMEOUT, read_variable
from driftline.errors import UsageError

_HINT: Final = "Check the table notify.email of driftline.toml."


class RecipientsRejectedError(UsageError):
    """Only some recipients received the message, and must not receive it again."""


def send_email(settings: EmailSettings, notice: Notice, environ: Mapping[str, str]) -> None:
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
            rejected = server.send_message(_build_message(settings, notice))
    except smtplib.SMTPResponseException as error:
        raise UsageError(f"the server responded {error.smtp_code}", _HINT) from None
    except (OSError, smtplib.SMTPException) as error:
        raise UsageError(f"not sent: {type(error).__name__}", _HINT) from None
    if rejected:
        message = f"{len(rejected)} of {len(settings.to)} recipients rejected"
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


def _build_message(settings: EmailSettings, notice: Notice) -> EmailMessage:
    message = EmailMessage()
    message["From"] = settings.sender
    message["To"] = ", ".join(settings.to)
    message["Subject"] = notice.title
    message["Date"] = notice.time
    message["Message-ID"] = f"<{notice.id}@{settings.sender.rpartition('@')[2]}>"
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(notice.format_text())
    return message
