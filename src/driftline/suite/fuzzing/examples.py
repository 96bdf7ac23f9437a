"""Failing requests, kept in a directory or in Redis, where other machines find them.

The stores are Hypothesis' example databases, used as key-value stores. A stored example has no
credentials; a damaged one is dropped.
"""

# redis is only partly typed.
# pyright: reportUnknownMemberType=false
from __future__ import annotations

import base64
import errno
import json
import uuid
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Self
from urllib.parse import unquote_plus, urlsplit

import attrs
from hypothesis.database import DirectoryBasedExampleDatabase, ExampleDatabase

from driftline.checks import KINDS, Outgoing
from driftline.cookies import format_cookies, parse_cookies
from driftline.errors import TargetError, UsageError
from driftline.faces import suggest_extra
from driftline.files import make_folder
from driftline.openapi import MISSING, Operation, Spec, follow
from driftline.suite.fuzzing.verdict import Verdict

VERSION = 1


@attrs.frozen
class Example:
    """A request without credentials, and the verdict, if it is about the request itself.

    `target` distinguishes servers without naming them.
    """

    request: Outgoing
    verdict: Verdict | None = None
    target: str = ""

    def to_bytes(self) -> bytes:
        """Serialize the example; `from_bytes` is the inverse."""
        fields = attrs.asdict(self)
        fields["request"]["body"] = base64.b64encode(self.request.body).decode()
        return json.dumps({"version": VERSION, **fields}, sort_keys=True).encode()

    @classmethod
    def from_bytes(cls, data: bytes) -> Self | None:
        """Return the example, or None if it is damaged or of another version."""
        try:
            fields = json.loads(data)
            if fields.pop("version") != VERSION:
                return None
            request_fields, verdict_fields = fields["request"], fields["verdict"]
            request_fields["body"] = base64.b64decode(request_fields["body"], validate=True)
            request_fields["headers"] = tuple(
                (name, value) for name, value in request_fields["headers"]
            )
            request = Outgoing(**request_fields)
            verdict = None if verdict_fields is None else Verdict(**verdict_fields)
            example = cls(request, verdict, fields["target"])
        except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
            return None
        return example if _is_text(example) else None


def _is_text(example: Example) -> bool:
    """Return whether all strings are strings, and the kind is known."""
    request, verdict = example.request, example.verdict
    strings: list[Any] = [request.method, request.path, request.query, example.target]
    strings += [string for pair in request.headers for string in pair]
    strings += attrs.astuple(verdict) if verdict else ()
    return all(isinstance(string, str) for string in strings) and (
        not verdict or verdict.kind in KINDS
    )


class Examples:
    """The examples in one store, by API and operation."""

    def __init__(self, database: ExampleDatabase, address: str) -> None:
        self._database = database
        self._address = address

    @classmethod
    def open(cls, address: str) -> Self:
        """Open a directory, which is created if missing, or a store at redis://….

        Raises:
            UsageError: it cannot be read, or not be written.
        """
        scheme, host = _parse_address(address)
        redacted_address = f"{scheme}://{host}" if scheme else address
        try:
            examples = cls(
                _open_redis(address) if scheme else _open_directory(address), redacted_address
            )
            examples._try()
        except ModuleNotFoundError:
            message = f"--examples {redacted_address} needs redis, which is not installed"
            raise UsageError(message, suggest_extra("redis")) from None
        except (OSError, ValueError, TargetError) as error:
            why = getattr(error, "strerror", None) or type(error).__name__
            message = f"--examples {redacted_address}: could not read and write: {why}"
            raise UsageError(message, "Pass a directory, or redis://HOST:PORT/DB.") from None
        return examples

    def _try(self) -> None:
        """Check that the directory can be written: Hypothesis ignores failures."""
        key, value = b"driftline", uuid.uuid4().bytes
        with self._guard_store():
            self._database.save(key, value)
            is_stored = value in set(self._database.fetch(key))
            self._database.delete(key, value)
        if not is_stored:
            raise OSError

    def list_for(self, spec: Spec, operation: Operation) -> list[Example]:
        """Return the examples of an operation, in a stable order.

        Damaged ones are left out.
        """
        key, examples = _build_key(spec, operation), list[Example]()
        with self._guard_store():
            for data in sorted(self._database.fetch(key)):
                example = Example.from_bytes(data)
                if example is not None and _is_about(spec, operation, example):
                    examples.append(example)
                else:
                    self._database.delete(key, data)
        return examples

    def save(self, spec: Spec, operation: Operation, example: Example) -> None:
        """Keep an example."""
        with self._guard_store():
            self._database.save(_build_key(spec, operation), example.to_bytes())

    def drop(self, spec: Spec, operation: Operation, example: Example) -> None:
        """Remove an example."""
        with self._guard_store():
            self._database.delete(_build_key(spec, operation), example.to_bytes())

    @contextmanager
    def _guard_store(self) -> Generator[None]:
        """Replace errors of the store's library, whose messages may contain a password."""
        try:
            yield
        except Exception as error:
            message = f"could not reach the examples: {type(error).__name__}"
            raise TargetError(self._address, message, "Check --examples.") from None


def _build_key(spec: Spec, operation: Operation) -> bytes:
    return f"driftline {spec.name} {operation.id}".encode()


def _is_about(spec: Spec, operation: Operation, example: Example) -> bool:
    """Return whether it is for this operation and server, and its clause is still in the spec."""
    request, verdict = example.request, example.verdict
    # Appended to a URL, a path without a leading slash would change its host.
    is_same_operation = request.method == operation.method and request.path.startswith("/")
    return is_same_operation and (
        verdict is None or follow(spec.document, verdict.pointer) is not MISSING
    )


def _parse_address(address: str) -> tuple[str, str]:
    """Return scheme and host of a URL, without user and password; "" for a directory."""
    if "://" not in address:
        return "", ""
    try:
        parts = urlsplit(address)
        scheme, host, port = parts.scheme, parts.hostname or "", parts.port
    except ValueError:
        scheme, host, port = "", "", None
    if scheme not in {"redis", "rediss"} or not host:
        raise UsageError("--examples: invalid URL", "Pass a directory, or redis://HOST:PORT/DB.")
    return scheme, f"{host}:{port}" if port else host


def _open_directory(address: str) -> ExampleDatabase:
    folder = Path(address)
    make_folder(folder)
    if folder.is_symlink() or any(path.is_symlink() for path in folder.iterdir()):
        raise OSError(errno.ELOOP, "a symbolic link")
    return DirectoryBasedExampleDatabase(address)


def _open_redis(address: str) -> ExampleDatabase:
    import redis  # noqa: PLC0415 - an extra of its own
    from hypothesis.extra.redis import RedisExampleDatabase  # noqa: PLC0415

    client: Any = redis.Redis.from_url(address)
    return RedisExampleDatabase(client)


def remove_credentials(spec: Spec, request: Outgoing) -> Outgoing:
    """Return the request without credentials."""
    credential_names: dict[str, set[str]] = {
        "query": set(),
        "cookie": set(),
        "header": {"authorization"},
    }
    for scheme in spec.security_schemes.values():
        name = scheme.wire_name if scheme.kind == "query" else scheme.wire_name.lower()
        credential_names.get(scheme.kind, credential_names["header"]).add(name)
    pairs = request.query.split("&")
    query = "&".join(
        p for p in pairs if unquote_plus(p.partition("=")[0]) not in credential_names["query"]
    )
    kept_headers = [
        (n, v) for n, v in request.headers if n.lower() not in credential_names["header"]
    ]
    headers = (
        (n, _remove_cookies(v, credential_names["cookie"]) if n.lower() == "cookie" else v)
        for n, v in kept_headers
    )
    return attrs.evolve(request, query=query, headers=tuple((n, v) for n, v in headers if v))


def _remove_cookies(header_value: str, names: set[str]) -> str:
    return format_cookies(p for p in parse_cookies(header_value) if p[0].lower() not in names)
