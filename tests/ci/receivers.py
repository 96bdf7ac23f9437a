"""Servers on this machine that receive messages: a webhook, and a mail server with TLS."""

from __future__ import annotations

import base64
import json
import socketserver
import ssl
import subprocess
import threading
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from email import message_from_bytes, policy
from email.message import EmailMessage
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import attrs

__all__ = ["Inbox", "Mailbox", "make_certificate", "serve_mail", "serve_webhook"]


@attrs.define
class Inbox:
    """The received requests of a webhook that responds with `status`."""

    url: str = ""
    status: int = 200
    headers: list[dict[str, str]] = attrs.Factory(list[dict[str, str]])
    bodies: list[bytes] = attrs.Factory(list[bytes])

    @property
    def messages(self) -> list[Any]:
        return [json.loads(body) for body in self.bodies]


@contextmanager
def serve_webhook() -> Generator[Inbox]:
    """Serve a webhook that accepts any POST request."""
    inbox = Inbox()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            inbox.headers.append({name.lower(): value for name, value in self.headers.items()})
            inbox.bodies.append(body)
            self.send_response(inbox.status)
            self.send_header("Location", f"{inbox.url}/elsewhere")
            self.end_headers()

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - its name there
            pass

    with run_server(ThreadingHTTPServer(("127.0.0.1", 0), Handler)) as port:
        inbox.url = f"http://127.0.0.1:{port}"
        yield inbox


@attrs.define
class Mailbox:
    """The received messages of a mail server, which starts TLS with STARTTLS, or at once with
    `is_tls`.
    """

    server: str = ""
    users: list[tuple[str, str]] = attrs.Factory(list[tuple[str, str]])
    envelopes: list[tuple[str, list[str]]] = attrs.Factory(list[tuple[str, list[str]]])
    contents: list[bytes] = attrs.Factory(list[bytes])
    offers_tls: bool = True
    is_tls: bool = False
    rejected_recipient: str = ""

    @property
    def messages(self) -> list[EmailMessage]:
        return [message_from_bytes(content, policy=policy.default) for content in self.contents]


class _MailHandler(socketserver.StreamRequestHandler):
    """The parts of RFC 5321, 3207 and 4954 that a sender needs."""

    mailbox: Mailbox
    context: ssl.SSLContext

    def handle(self) -> None:
        self.is_safe = self.mailbox.is_tls and self.start_tls()
        self.reply("220 localhost")
        for line in self.read_lines():
            verb, _, argument = line.partition(" ")
            respond = getattr(self, f"do_{verb.lower()}", None)
            if respond is None:
                self.reply("502 not implemented")
            elif not respond(argument):
                return

    def finish(self) -> None:
        super().finish()
        self.request.close()

    def read_lines(self) -> Iterator[str]:
        while line := self.rfile.readline():
            yield line.decode().rstrip("\r\n")

    def reply(self, *lines: str) -> bool:
        self.wfile.write("".join(f"{line}\r\n" for line in lines).encode())
        return True

    def do_ehlo(self, argument: str) -> bool:
        offers = ["250-AUTH PLAIN"] if self.is_safe else []
        offers += ["250-STARTTLS"] if self.mailbox.offers_tls and not self.is_safe else []
        return self.reply("250-localhost", *offers, "250 8BITMIME")

    def do_starttls(self, argument: str) -> bool:
        self.reply("220 go ahead")
        self.is_safe = self.start_tls()
        return self.is_safe

    def start_tls(self) -> bool:
        try:
            self.request = self.context.wrap_socket(self.request, server_side=True)
        except ssl.SSLError:
            return False
        self.setup()
        return True

    def do_auth(self, argument: str) -> bool:
        _, user, password = base64.b64decode(argument.split()[1]).decode().split("\0")
        self.mailbox.users.append((user, password))
        return self.reply("235 ok" if password == "correct" else "535 no")

    def do_mail(self, argument: str) -> bool:
        self.mailbox.envelopes.append((argument, []))
        return self.reply("250 ok")

    def do_rcpt(self, argument: str) -> bool:
        if self.mailbox.rejected_recipient and self.mailbox.rejected_recipient in argument:
            return self.reply("550 no such user")
        self.mailbox.envelopes[-1][1].append(argument)
        return self.reply("250 ok")

    def do_data(self, argument: str) -> bool:
        self.reply("354 go on")
        lines = [*iter(self.read_lines().__next__, ".")]
        self.mailbox.contents.append("\r\n".join(lines).encode())
        return self.reply("250 ok")

    def do_rset(self, argument: str) -> bool:
        return self.reply("250 ok")

    def do_quit(self, argument: str) -> bool:
        return not self.reply("221 bye")


@contextmanager
def serve_mail(certificate: Path) -> Generator[Mailbox]:
    """Serve a mailbox with this certificate."""
    mailbox = Mailbox()
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(certificate)
    handler = type("Handler", (_MailHandler,), {"mailbox": mailbox, "context": context})
    with run_server(socketserver.ThreadingTCPServer(("127.0.0.1", 0), handler)) as port:
        mailbox.server = f"localhost:{port}"
        yield mailbox


@contextmanager
def run_server(server: socketserver.TCPServer) -> Generator[int]:
    with server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        try:
            yield server.server_address[1]
        finally:
            server.shutdown()
            thread.join()


def make_certificate(folder: Path) -> Path:
    """Return a file with a key and a self-signed certificate for localhost."""
    path = folder / "localhost.pem"
    options = "req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2"
    names = ["-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost"]
    subprocess.run(
        ["openssl", *options.split(), *names, "-keyout", str(path), "-out", f"{path}.crt"],  # noqa: S607 - that of the PATH
        check=True,
        capture_output=True,
    )
    path.write_text(path.read_text() + Path(f"{path}.crt").read_text())
    return path
