"""Notifications about changes of a run: content, channels, signatures and failures."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from collections.abc import Generator, Sequence
from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy
from pathlib import Path
from typing import Any, Literal

import attrs
import pytest
from hypothesis import given, strategies as st

from driftline.ci import (
    NightlyRun,
    Notification,
    build_notice,
    list_channels,
    notify_channels,
    read_notify_settings,
    send_notice,
)
from driftline.ci.notify.notice import list_until
from driftline.ci.notify.send import build_message
from driftline.ci.notify.settings import EmailSettings, NotifySettings, WebhookSettings
from driftline.errors import FileError
from driftline.history import RunEntry, TrackedClause, append_run, read_deliveries, read_runs
from driftline.project import load_configuration

from .receivers import Inbox, Mailbox, make_certificate, serve_mail, serve_webhook

START = datetime(2030, 1, 1, tzinfo=UTC)
SECRET = base64.b64encode(b"s" * 32).decode()
ENVIRON = {
    "SHOP_SLACK": "",
    "SHOP_HOOK": "",
    "SHOP_SECRET": f"whsec_{SECRET}",
    "SHOP_SMTP": "correct",
}
SLACK = WebhookSettings(url_env="SHOP_SLACK")
HOOK = WebhookSettings(url_env="SHOP_HOOK", secret_env="SHOP_SECRET")
CLAUSE = TrackedClause(
    fingerprint="a1",
    id="response.enum.undocumented",
    severity="breaking",
    api="shop",
    operation="order.list",
    where="orders[].state",
    pointer="",
    file="specs/shop.yaml",
    line=87,
    counts=True,
)


def make_run(day: int, *clauses: TrackedClause, is_settled: bool = True) -> RunEntry:
    return RunEntry(
        time=START + timedelta(days=day),
        version="1",
        exit_code=0,
        targets={"shop": "https://shop.example.com"},
        settled=frozenset({"shop"} if is_settled else ()),
        findings=clauses,
    )


def make_night(run: RunEntry) -> NightlyRun:
    start_time = run.time.isoformat(timespec="seconds")
    return NightlyRun(
        started=start_time, version="1", findings={}, settled=frozenset(), targets=run.targets
    )


def tell(runs: Sequence[RunEntry], run: RunEntry, missed_count: int = 0) -> Notification | None:
    """Return the notification after a run to a channel that missed this many messages."""
    unsent_runs = list_until(runs, make_night(run))
    known_count = max(len(unsent_runs) - 1 - missed_count, 0)
    return build_notice(unsent_runs, known_count, report="https://ci.example.com/7")


def list_changes(runs: Sequence[RunEntry]) -> list[dict[str, Any] | None]:
    """Return the counts of changes in each night's message, or None without a message."""
    change_counts: list[dict[str, Any] | None] = []
    for run in runs:
        notice = tell(runs, run)
        data = None if notice is None else notice.to_dict()["data"]
        kinds = ("new", "back", "gone", "accepted", "unchecked", "checked")
        change_counts.append(data and {kind: len(data[kind]) for kind in kinds if data[kind]})
    return change_counts


def test_a_message_is_sent_only_for_changes() -> None:
    """A message is sent only for new, returned, resolved, accepted and unchecked findings."""
    nights = [
        make_run(0),
        make_run(1, CLAUSE),
        make_run(2, CLAUSE),
        make_run(3, is_settled=False),
        make_run(4, is_settled=False),
        make_run(5),
        make_run(6, CLAUSE),
        make_run(7, attrs.evolve(CLAUSE, counts=False)),
        make_run(8, attrs.evolve(CLAUSE, counts=False)),
    ]
    assert list_changes(nights) == [
        None, {"new": 1}, None, {"unchecked": 1}, None, {"gone": 1, "checked": 1}, {"back": 1},
        {"accepted": 1}, None,
    ]  # fmt: skip


NIGHTS = st.lists(st.tuples(st.sets(st.sampled_from("abc")), st.booleans()), max_size=8)


@given(NIGHTS)
def test_all_messages_together_give_the_open_findings(nights: list[tuple[set[str], bool]]) -> None:
    """All messages together give the open findings without repetition, and a repeated message has
    the same id.
    """
    runs = [
        make_run(
            n,
            *(
                attrs.evolve(CLAUSE, fingerprint=fingerprint)
                for fingerprint in sorted(fingerprints)
            ),
            is_settled=is_settled,
        )
        for n, (fingerprints, is_settled) in enumerate(nights)
    ]
    open_: set[str] = set()
    for number, run in enumerate(runs):
        notice = tell(runs, run)
        if notice is None:
            continue
        new_fingerprints = {clause.fingerprint for clause in (*notice.new, *notice.back)}
        gone_fingerprints = {clause.fingerprint for clause in notice.gone}
        assert not new_fingerprints & open_
        assert gone_fingerprints <= open_
        open_ = open_ - gone_fingerprints | new_fingerprints
        assert notice.open == len(open_)
        second_notice = tell(runs[: number + 1], run)
        assert second_notice is not None
        assert second_notice.id == notice.id
    expected: set[str] = set()
    for fingerprints, is_settled in nights:
        expected = fingerprints if is_settled else expected | fingerprints
    assert open_ == expected


@given(NIGHTS, st.integers(1, 3))
def test_the_message_after_missed_ones_has_the_difference(
    nights: list[tuple[set[str], bool]], missed_count: int
) -> None:
    """The message after missed ones has the difference between the known and the open findings."""
    runs = [
        make_run(
            n,
            *(
                attrs.evolve(CLAUSE, fingerprint=fingerprint)
                for fingerprint in sorted(fingerprints)
            ),
            is_settled=is_settled,
        )
        for n, (fingerprints, is_settled) in enumerate(nights)
    ]
    open_fingerprints: list[set[str]] = [set()]
    for fingerprints, is_settled in nights:
        open_fingerprints.append(
            fingerprints if is_settled else open_fingerprints[-1] | fingerprints
        )
    for number, run in enumerate(runs):
        notice = tell(runs, run, missed_count)
        before, after = (
            open_fingerprints[max(number - missed_count, 0)],
            open_fingerprints[number + 1],
        )
        new_fingerprints = (
            {clause.fingerprint for clause in (*notice.new, *notice.back)} if notice else set[str]()
        )
        gone_fingerprints = {clause.fingerprint for clause in notice.gone} if notice else set[str]()
        assert (new_fingerprints, gone_fingerprints) == (after - before, before - after)


@pytest.fixture
def inbox() -> Generator[Inbox]:
    with serve_webhook() as inbox:
        yield inbox


@pytest.fixture
def mailbox(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Generator[Mailbox]:
    """Serve a mailbox whose certificate is trusted."""
    certificate = make_certificate(tmp_path)
    monkeypatch.setenv("SSL_CERT_FILE", f"{certificate}.crt")
    with serve_mail(certificate) as mailbox:
        yield mailbox


def notify(settings: NotifySettings, *clauses: TrackedClause, **environ: str) -> list[str]:
    runs = [make_run(0), make_run(1, *(clauses or (CLAUSE,)))]
    notice = tell(runs, runs[1])
    assert notice is not None
    sends = list_channels(settings, ENVIRON | environ)
    messages = [send_notice(channel, send, notice)[1] for channel, send in sends]
    return [*filter(None, messages)]


@pytest.mark.parametrize("secret", [f"whsec_{SECRET}", SECRET.rstrip("=")])
def test_a_webhook_is_signed_by_standard_webhooks(inbox: Inbox, secret: str) -> None:
    """A webhook is signed by Standard Webhooks: HMAC-SHA256 of id, time and body."""
    settings = NotifySettings(webhook=HOOK)
    assert notify(settings, SHOP_HOOK=inbox.url, SHOP_SECRET=secret) == []
    (headers,), (body,) = inbox.headers, inbox.bodies
    signed_content = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + body
    digest = hmac.new(b"s" * 32, signed_content, hashlib.sha256).digest()
    assert headers["webhook-signature"] == f"v1,{base64.b64encode(digest).decode()}"
    age = datetime.now(UTC).timestamp() - int(headers["webhook-timestamp"])
    assert 0 <= age < 300
    message = json.loads(body)
    assert message["type"] == "drift.changed"
    assert [clause["id"] for clause in message["data"]["new"]] == ["response.enum.undocumented"]
    assert message["data"]["report"] == "https://ci.example.com/7"


def test_markup_in_names_is_escaped_for_slack(inbox: Inbox) -> None:
    """A Slack message has the finding, its line and a link, and escapes markup in names."""
    evil = attrs.evolve(CLAUSE, operation="<!channel> *now* <https://evil.example|here>")
    assert notify(NotifySettings(slack=SLACK), evil, SHOP_SLACK=inbox.url) == []
    (message,) = inbox.messages
    assert message.keys() == {"text"}
    assert "1 new, 1 finding open" in message["text"]
    assert "specs/shop.yaml:87" in message["text"]
    assert "<https://ci.example.com/7|Report>" in message["text"]
    assert message["text"].count("<") == 1
    assert "*now*" not in message["text"]


@pytest.mark.parametrize(
    "string",
    ["a\r\nBcc: x@evil.example\r\n\r\nb", "=?utf-8?q?=0d=0aBcc:x?=", "\ud800", "\u2028\x1b[2J"],
)
def test_no_name_in_a_history_changes_a_message(string: str, inbox: Inbox, tmp_path: Path) -> None:
    """Names of APIs and clauses in a history add no header and no line to an e-mail."""
    values: dict[str, Any] = {
        name: string for name, value in attrs.asdict(CLAUSE).items() if isinstance(value, str)
    } | {"severity": CLAUSE.severity}
    first, second = (attrs.evolve(make_run(day), targets={string: "url"}) for day in (1, 2))
    clause = attrs.evolve(CLAUSE, **values)
    history = tmp_path / "history.jsonl"
    append_run(history, first)
    append_run(history, attrs.evolve(second, findings=(clause,)))
    notice = build_notice(read_runs(history), 1, published=[string])
    assert notice is not None
    settings = EmailSettings(server="x:1", sender="drift@example.com", to=["ada@example.com"])
    sent_message = build_message(settings, notice)
    received_message = message_from_bytes(bytes(sent_message), policy=policy.default)
    assert received_message.keys() == sent_message.keys()
    assert "Bcc" not in received_message
    headings = [
        line for line in received_message.get_content().splitlines() if not line.startswith("- ")
    ]
    assert headings == ["New:", "", "Published:"]
    environ = ENVIRON | {"SHOP_SLACK": inbox.url, "SHOP_HOOK": inbox.url}
    for channel, send in list_channels(NotifySettings(slack=SLACK, webhook=HOOK), environ):
        assert send_notice(channel, send, notice) == (True, "")


@pytest.mark.parametrize("security", ["starttls", "tls"])
def test_an_email_is_sent_over_tls(mailbox: Mailbox, security: Literal["starttls", "tls"]) -> None:
    """An e-mail is sent to all recipients with the password after TLS starts and a one-line
    subject.
    """
    mailbox.is_tls = security == "tls"
    settings = EmailSettings(
        security=security,
        server=mailbox.server,
        sender="drift@example.com",
        to=["ada@example.com", "bob@example.com"],
        user="drift",
        password_env="SHOP_SMTP",
    )
    evil = attrs.evolve(CLAUSE, api="shop", operation="a\r\nBcc: eve@example.com")
    assert notify(NotifySettings(email=settings), evil) == []
    assert mailbox.users == [("drift", "correct")]
    assert len(mailbox.envelopes[0][1]) == 2
    (message,) = mailbox.messages
    assert message["Subject"] == "Drift in shop: 1 new, 1 finding open"
    assert message["Bcc"] is None
    content = message.get_content()
    assert "response.enum.undocumented" in content
    assert "Report: https://ci.example.com/7" in content


@pytest.mark.parametrize(
    ("change", "expected_message"),
    [
        ({"offers_tls": False}, "SMTPNotSupportedError"),
        ({"rejected_recipient": "bob"}, "1 of 2 recipients rejected"),
        ({"rejected_recipient": "example"}, "SMTPRecipientsRefused"),
    ],
)
def test_a_failed_email_reports_its_reason(
    mailbox: Mailbox, change: dict[str, Any], expected_message: str
) -> None:
    """An e-mail without TLS fails, and rejected recipients are reported."""
    for name, value in change.items():
        setattr(mailbox, name, value)
    settings = EmailSettings(
        server=mailbox.server, sender="a@example.com", to=["ada@example.com", "bob@example.com"]
    )
    (failure,) = notify(NotifySettings(email=settings))
    assert expected_message in failure


def test_an_untrusted_certificate_fails_before_the_password(
    mailbox: Mailbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An untrusted certificate fails the notification before the password is sent."""
    monkeypatch.delenv("SSL_CERT_FILE")
    settings = EmailSettings(
        server=mailbox.server, sender="a@b", to=["c@d"], user="drift", password_env="SHOP_SMTP"
    )
    (failure,) = notify(NotifySettings(email=settings))
    assert "SSLCertVerificationError" in failure
    assert mailbox.users == []


def test_a_failed_channel_does_not_stop_the_others(inbox: Inbox) -> None:
    """If one channel fails, the other is notified, and the error has no URL or secret."""
    settings = NotifySettings(slack=SLACK, webhook=HOOK)
    environ = {"SHOP_SLACK": "https://user:hunter2@[/hunter2", "SHOP_HOOK": f"{inbox.url}/hunter2"}
    (failure,) = notify(settings, **environ)
    assert failure.startswith("notification to slack failed: ")
    assert len(inbox.bodies) == 1
    inbox.status = 307
    slack, webhook = notify(settings, **environ)
    assert "the server responded 307" in webhook
    assert len(inbox.bodies) == 2
    assert "hunter2" not in slack + webhook


def test_missed_changes_are_sent_once_with_the_next_run(inbox: Inbox, tmp_path: Path) -> None:
    """A channel gets missed changes once, in the next successful message, with the same id for the
    same changes; findings that came and went are omitted.
    """
    history, settings = tmp_path / "history.jsonl", NotifySettings(slack=SLACK, webhook=HOOK)

    def run_night(
        run: RunEntry, *published_links: str, status: int = 200, slack: bool = True
    ) -> int:
        append_run(history, run)
        inbox.status = status
        inbox.bodies.clear()
        urls = {"SHOP_HOOK": inbox.url, "SHOP_SLACK": inbox.url if slack else ""}
        failures = notify_channels(
            settings, history, make_night(run), published=published_links, environ=ENVIRON | urls
        )
        return len(failures)

    other_clause = attrs.evolve(CLAUSE, fingerprint="b2")
    assert run_night(make_run(0)) == 0
    assert run_night(make_run(1, CLAUSE), "Opened pull request 2.", status=500) == 2
    first = inbox.headers[-1]["webhook-id"]
    assert run_night(make_run(2, CLAUSE, other_clause), status=503, slack=False) == 2
    assert run_night(make_run(3, CLAUSE), slack=False) == 1  # `other_clause` came and went
    (message,) = inbox.messages
    assert [clause["fingerprint"] for clause in message["data"]["new"]] == ["a1"]
    assert message["data"]["published"] == ["Opened pull request 2."]
    assert inbox.headers[-1]["webhook-id"] == first
    assert run_night(make_run(4, CLAUSE)) == 0
    (message,) = inbox.messages
    assert "1 new, 1 finding open" in message["text"]
    assert "Opened pull request 2." in message["text"]
    assert run_night(make_run(5, CLAUSE)) == 0
    assert inbox.bodies == []
    assert [delivery.is_sent for delivery in read_deliveries(history)] == [False] * 5 + [True] * 2


def test_changes_of_a_stopped_job_are_sent_by_the_next(inbox: Inbox, tmp_path: Path) -> None:
    """The changes of a job that was stopped before its message are reported by the next job; a
    repeated job sends nothing.
    """
    history, settings = tmp_path / "history.jsonl", NotifySettings(webhook=HOOK)
    environ = ENVIRON | {"SHOP_HOOK": inbox.url}
    other_clause = attrs.evolve(CLAUSE, fingerprint="b2")
    first_run, stopped_run = make_run(0, CLAUSE), make_run(1, CLAUSE, other_clause)
    next_run = make_run(2, CLAUSE, other_clause)
    append_run(history, first_run)
    assert notify_channels(settings, history, make_night(first_run), environ=environ) == []
    append_run(history, stopped_run)
    append_run(history, next_run)
    for _ in range(2):
        assert notify_channels(settings, history, make_night(next_run), environ=environ) == []
    assert [message["data"]["title"] for message in inbox.messages] == [
        "Drift in shop: 1 new, 1 finding open",
        "Drift in shop: 1 new, 2 findings open",
    ]


def test_an_email_with_a_rejected_recipient_is_not_sent_again(
    mailbox: Mailbox, tmp_path: Path
) -> None:
    """A rejected recipient causes a warning, and the e-mail is not sent again."""
    mailbox.rejected_recipient = "bob"
    history = tmp_path / "history.jsonl"
    settings = EmailSettings(
        server=mailbox.server, sender="a@example.com", to=["ada@example.com", "bob@example.com"]
    )
    for run, failure_count in ((make_run(0, CLAUSE), 1), (make_run(1, CLAUSE), 0)):
        append_run(history, run)
        failures = notify_channels(NotifySettings(email=settings), history, make_night(run))
        assert len(failures) == failure_count
    assert len(mailbox.contents) == 1


@pytest.mark.parametrize(
    ("environ", "expected_message"),
    [
        ({}, "SHOP_HOOK is not set"),
        ({"SHOP_HOOK": "http://hooks.example.com"}, "does not begin with https://"),
        ({"SHOP_HOOK": "ftp://127.0.0.1"}, "does not begin with https://"),
        ({"SHOP_HOOK": "http://127.0.0.1:1"}, "no response: ConnectError"),
        ({"SHOP_SECRET": "c2hvcnQ="}, "24 to 64 bytes"),
        ({"SHOP_SECRET": "no base64"}, "24 to 64 bytes"),
    ],
)
def test_an_invalid_variable_fails_its_channel_with_a_message(
    environ: dict[str, str], expected_message: str
) -> None:
    """An invalid variable fails the channel with a message that names the problem."""
    (failure,) = notify(NotifySettings(webhook=HOOK), **environ)
    assert expected_message in failure


CONFIGURATION = """
[notify]
report = "https://ci.example.com/report.html"
[notify.slack]
url-env = "SHOP_SLACK"
[notify.webhook]
url-env = "SHOP_HOOK"
secret-env = "SHOP_SECRET"
[notify.email]
server = "smtp.example.com:587"
from = "drift@example.com"
to = ["ada@example.com"]
user = "drift"
password-env = "SHOP_SMTP"
"""


def test_every_channel_can_be_configured(tmp_path: Path) -> None:
    """Each table of driftline.toml is read into settings; without one, nothing is sent."""
    assert read_notify_settings(load_configuration(tmp_path)) is None
    (tmp_path / "driftline.toml").write_text(CONFIGURATION)
    settings = read_notify_settings(load_configuration(tmp_path))
    assert settings is not None
    assert (settings.slack, settings.webhook) == (SLACK, HOOK)
    assert settings.report == "https://ci.example.com/report.html"
    assert settings.email is not None
    assert (settings.email.sender, settings.email.security) == ("drift@example.com", "starttls")


@pytest.mark.parametrize(
    ("before", "after", "line"),
    [
        ('"SHOP_HOOK"', '"GITHUB_TOKEN"', 7),
        ('"SHOP_HOOK"', '"https://hooks.example.com"', 7),
        ('secret-env = "SHOP_SECRET"', "", 6),
        ('user = "drift"', "", 9),
        ('user = "drift"', 'user = "drift"\nsecurity = "none"', 13),
        ('"ada@example.com"', '"ada@example.com\\nBcc: eve@example.com"', 12),
        ('"smtp.example.com:587"', '"smtp.example.com"', 10),
    ],
)
def test_a_mistake_in_the_settings_has_a_line(
    tmp_path: Path, before: str, after: str, line: int
) -> None:
    """A reserved variable, a URL instead of a variable, and a password without TLS are errors with
    lines.
    """
    (tmp_path / "driftline.toml").write_text(CONFIGURATION.replace(before, after, 1))
    with pytest.raises(FileError) as error:
        read_notify_settings(load_configuration(tmp_path))
    assert {problem.id for problem in error.value.problems} <= {"configuration.invalid"}
    assert line in {problem.location.line for problem in error.value.problems}
