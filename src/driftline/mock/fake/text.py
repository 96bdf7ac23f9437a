"""Plausible strings by format and field name; by Faker where it has a provider."""

from __future__ import annotations

import datetime
import random
import re
from base64 import b64encode
from collections.abc import Callable
from functools import cache, lru_cache
from typing import Any
from uuid import UUID

from faker import Faker

_EARLIEST = datetime.datetime(2026, 1, 1, tzinfo=datetime.UTC)
_STATES = ("PENDING", "ACTIVE", "CLOSED")
_TOPICS = ("billing", "an order", "a refund", "an appointment", "a password", "a delivery")


@cache
def _load_faker() -> Any:
    # Only the used providers: searching for all of them takes as long as the rest.
    providers = ["faker.providers.lorem", "faker.providers.person"]
    return Faker("en_US", providers=providers, use_weighting=False)


class Text:
    """Makes strings; the same for the same source of randomness."""

    def __init__(self, source: random.Random) -> None:
        self.random = source
        self._seed = source.getrandbits(64)
        self._faker: Any = None

    @property
    def faker(self) -> Any:
        if self._faker is None:
            self._faker = _load_faker()
            self._faker.seed_instance(self._seed)
        return self._faker

    def make(self, name: str, format_: str | None) -> str:
        """Return a string for a field called `name`, in the format `format_` if given."""
        return _choose_maker(name, format_ or "")(self)

    def make_timestamp(self) -> str:
        """Return a time in UTC, to the second."""
        seconds = datetime.timedelta(seconds=self.random.randrange(20_000_000))
        return (_EARLIEST + seconds).isoformat().replace("+00:00", "Z")

    def make_uuid(self) -> str:
        return str(UUID(int=self.random.getrandbits(128), version=4))

    def make_token(self) -> str:
        return f"{self.random.getrandbits(48):012x}"

    def make_phone(self) -> str:
        """Return a number in E.164 form, from the range reserved for fiction."""
        return f"+1{self.random.randrange(201, 989)}55501{self.random.randrange(100):02d}"

    def make_url(self) -> str:
        return f"https://example.com/{self.make_token()}"

    def make_email(self) -> str:
        return f"{self.make_token()}@example.com"

    def make_topic(self) -> str:
        return self.random.choice(_TOPICS)

    def make_title(self) -> str:
        return f"{self.faker.first_name()} about {self.make_topic()}"

    def make_sentence(self) -> str:
        return str(self.faker.sentence(nb_words=5))

    def make_summary(self) -> str:
        return f"{self.faker.first_name()} asked about {self.make_topic()}. {self.make_sentence()}"

    def name(self) -> str:
        return str(self.faker.name())


_Make = Callable[[Text], str]
_FORMATS: dict[str, _Make] = {
    "uuid": Text.make_uuid,
    "date-time": Text.make_timestamp,
    "date": lambda maker: maker.make_timestamp()[:10],
    "time": lambda maker: maker.make_timestamp()[11:],
    "duration": lambda maker: f"PT{maker.random.randrange(1, 3600)}S",
    "uri": Text.make_url,
    "iri": Text.make_url,
    "url": Text.make_url,
    "uri-reference": Text.make_url,
    "email": Text.make_email,
    "idn-email": Text.make_email,
    "iri-reference": Text.make_url,
    "uri-template": lambda maker: f"https://example.com/{maker.make_token()}/{{id}}",
    "json-pointer": lambda maker: f"/{maker.make_token()}",
    "relative-json-pointer": lambda maker: f"{maker.random.randrange(10)}/{maker.make_token()}",
    "regex": lambda maker: f"^{maker.make_token()}$",
    "byte": lambda maker: b64encode(maker.make_token().encode()).decode(),
    "e164": Text.make_phone,
    "phone": Text.make_phone,
    "idn-hostname": lambda maker: f"h{maker.make_token()}.example.com",
    "hostname": lambda maker: f"h{maker.make_token()}.example.com",
    "ipv4": lambda maker: f"192.0.2.{maker.random.randrange(1, 255)}",
    "ipv6": lambda maker: f"2001:db8::{maker.random.randrange(1, 65535):x}",
}
_HINTS: tuple[tuple[frozenset[str], _Make], ...] = (
    (frozenset({"phone", "number", "mobile"}), Text.make_phone),
    (frozenset({"url", "uri", "link"}), Text.make_url),
    (frozenset({"email", "mail"}), Text.make_email),
    (frozenset({"id", "sid", "uuid", "key", "chip", "cursor"}), Text.make_token),
    (frozenset({"title", "subject"}), Text.make_title),
    (frozenset({"summary", "description", "message", "detail", "notes"}), Text.make_summary),
    (frozenset({"name", "label", "author", "authors"}), Text.name),
    (frozenset({"status", "state"}), lambda maker: maker.random.choice(_STATES)),
    (frozenset({"at", "date", "time"}), Text.make_timestamp),
)


@lru_cache(maxsize=4096)
def _choose_maker(name: str, format_: str) -> _Make:
    """Return the function that makes a field's strings."""
    format_maker = _FORMATS.get(format_)
    if format_maker is not None:
        return format_maker
    words = set(re.findall(r"[a-z0-9]+", re.sub(r"([a-z])([A-Z])", r"\1 \2", name).lower()))
    return next((make for hints, make in _HINTS if words & hints), Text.make_sentence)
