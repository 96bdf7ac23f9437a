"""Plausible text, chosen by the format and the name of a field; Faker's where it has words."""

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

__all__ = ["Text"]

_EARLIEST = datetime.datetime(2026, 1, 1, tzinfo=datetime.UTC)
_TOPICS = ("billing", "an order", "a refund", "an appointment", "a password", "a delivery")
_REASONS = ("user_hangup", "agent_hangup", "voicemail", "transfer", "silence")


@cache
def _faker() -> Any:
    # Only what is used of it: it would take as long as the rest to look for all providers.
    return Faker("en_US", providers=["faker.providers.lorem", "faker.providers.person"])


class Text:
    """Makes texts: the same ones for the same source of random numbers."""

    def __init__(self, source: random.Random) -> None:
        self.random = source
        self._seed = source.getrandbits(64)
        self._faker: Any = None

    @property
    def faker(self) -> Any:
        if self._faker is None:
            self._faker = _faker()
            self._faker.seed_instance(self._seed)
        return self._faker

    def make(self, name: str, format_: str | None) -> str:
        """A text for a field called `name`, in the JSON Schema format `format_` if it has one."""
        return _making(name, format_ or "")(self)

    def moment(self) -> str:
        """A time in UTC, to the second."""
        seconds = datetime.timedelta(seconds=self.random.randrange(20_000_000))
        return (_EARLIEST + seconds).isoformat().replace("+00:00", "Z")

    def uuid(self) -> str:
        return str(UUID(int=self.random.getrandbits(128), version=4))

    def token(self) -> str:
        return f"{self.random.getrandbits(48):012x}"

    def phone(self) -> str:
        """A number in E.164 form, from the range that is kept for fiction."""
        return f"+1{self.random.randrange(201, 989)}55501{self.random.randrange(100):02d}"

    def url(self) -> str:
        return f"https://media.example.com/{self.token()}.wav"

    def email(self) -> str:
        return f"{self.token()}@example.com"

    def topic(self) -> str:
        return self.random.choice(_TOPICS)

    def title(self) -> str:
        return f"{self.faker.first_name()} about {self.topic()}"

    def sentence(self) -> str:
        return str(self.faker.sentence(nb_words=5))

    def summary(self) -> str:
        return f"{self.faker.first_name()} asked about {self.topic()}. {self.sentence()}"

    def conversation(self) -> str:
        return f"Hello, I'm calling about {self.topic()}. {self.sentence()} Thank you!"

    def name(self) -> str:
        return str(self.faker.name())

    def pick(self, *choices: str) -> str:
        return self.random.choice(choices)


_Make = Callable[[Text], str]
_FORMATS: dict[str, _Make] = {
    "uuid": Text.uuid,
    "date-time": Text.moment,
    "date": lambda text: text.moment()[:10],
    "time": lambda text: text.moment()[11:],
    "duration": lambda text: f"PT{text.random.randrange(1, 3600)}S",
    "uri": Text.url,
    "iri": Text.url,
    "url": Text.url,
    "uri-reference": Text.url,
    "email": Text.email,
    "idn-email": Text.email,
    "iri-reference": Text.url,
    "uri-template": lambda text: f"https://media.example.com/{text.token()}/{{id}}",
    "json-pointer": lambda text: f"/{text.token()}",
    "relative-json-pointer": lambda text: f"{text.random.randrange(10)}/{text.token()}",
    "regex": lambda text: f"^{text.token()}$",
    "byte": lambda text: b64encode(text.token().encode()).decode(),
    "e164": Text.phone,
    "phone": Text.phone,
    "idn-hostname": lambda text: f"h{text.token()}.example.com",
    "hostname": lambda text: f"h{text.token()}.example.com",
    "ipv4": lambda text: f"192.0.2.{text.random.randrange(1, 255)}",
    "ipv6": lambda text: f"2001:db8::{text.random.randrange(1, 65535):x}",
}
_HINTS: tuple[tuple[frozenset[str], _Make], ...] = (
    (frozenset({"phone", "number", "mobile"}), Text.phone),
    (frozenset({"url", "uri", "link"}), Text.url),
    (frozenset({"email", "mail"}), Text.email),
    (frozenset({"id", "sid", "uuid", "key", "chip", "cursor"}), Text.token),
    (frozenset({"title", "subject"}), Text.title),
    (frozenset({"transcript", "conversation"}), Text.conversation),
    (frozenset({"summary", "description", "message", "detail", "notes"}), Text.summary),
    (frozenset({"reason"}), lambda text: text.pick(*_REASONS)),
    (frozenset({"sentiment", "mood"}), lambda text: text.pick("Positive", "Neutral", "Negative")),
    (frozenset({"name", "label", "author", "authors"}), Text.name),
    (frozenset({"status", "state"}), lambda text: text.pick("ENDED", "IN_PROGRESS", "PENDING")),
    (frozenset({"direction"}), lambda text: text.pick("INBOUND", "OUTBOUND")),
    (frozenset({"environment"}), lambda text: text.pick("Production", "Staging")),
    (frozenset({"role"}), lambda text: text.pick("AGENT", "CUSTOMER")),
    (frozenset({"at", "date", "time"}), Text.moment),
)


@lru_cache(maxsize=4096)
def _making(name: str, format_: str) -> _Make:
    """What makes the texts of a field."""
    formatted = _FORMATS.get(format_)
    if formatted is not None:
        return formatted
    words = set(re.findall(r"[a-z0-9]+", re.sub(r"([a-z])([A-Z])", r"\1 \2", name).lower()))
    return next((make for hints, make in _HINTS if words & hints), Text.sentence)
