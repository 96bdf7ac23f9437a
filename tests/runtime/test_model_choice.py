"""Model decoding beyond fields: unions, read-only and write-only fields, and typed maps."""

from __future__ import annotations

import json
import pickle
from collections.abc import Mapping
from typing import Any, ClassVar, Literal

import attrs
import pytest

from driftline.runtime import ABSENT, Model, read_json
from driftline.runtime.decode.fields import optional, required
from driftline.runtime.encode.values import encode_request
from driftline.runtime.telemetry.drift import DecodingContext, DriftEvent

frozen = attrs.frozen(kw_only=True, repr=False, eq=False)


@frozen
class Cat(Model):
    """A union member with one discriminator value."""

    kind: Literal["cat"] = attrs.field(metadata=required("kind"))
    lives: int | None = attrs.field(default=ABSENT, metadata=optional("lives"))


@frozen
class Dog(Model):
    """A union member with two discriminator values, as two mapping entries may name one schema."""

    kind: Literal["dog", "hound"] = attrs.field(metadata=required("kind"))
    owner: Cat | Dog | None = attrs.field(default=ABSENT, metadata=optional("owner", nullable=True))


@frozen
class Card(Model):
    """A union member that overlaps with `Wire`, without a discriminator."""

    number: str = attrs.field(metadata=required("number"))
    holder: str | None = attrs.field(default=ABSENT, metadata=optional("holder"))


@frozen
class Wire(Model):
    """A union member that overlaps with `Card`, without a discriminator."""

    number: str = attrs.field(metadata=required("number"))
    bank: str = attrs.field(metadata=required("bank"))


@frozen
class Point(Model):
    """A union member that differs from `Line` only in the depth of its array."""

    at: list[float] = attrs.field(metadata=required("at"))


@frozen
class Line(Model):
    """A union member that differs from `Point` only in the depth of its array."""

    at: list[list[float]] = attrs.field(metadata=required("at"))


@frozen
class Query(Model):
    """The type of `ByQuery.values`."""

    query: str | None = attrs.field(default=ABSENT, metadata=optional("query"))


@frozen
class ByQuery(Model):
    """A union member that differs from `ByName` only in what its object documents."""

    values: Query | None = attrs.field(default=ABSENT, metadata=optional("values"))


@frozen
class ByName(Model):
    """A union member that differs from `ByQuery` only in what its object documents."""

    values: Mapping[str, str] | None = attrs.field(default=ABSENT, metadata=optional("values"))


@frozen
class Account(Model):
    """A model with read-only and write-only fields."""

    id: str = attrs.field(default=ABSENT, metadata=required("id", read_only=True))
    name: str = attrs.field(metadata=required("name"))
    password: str | None = attrs.field(metadata=required("password", write_only=True))
    pin: str | None = attrs.field(default=ABSENT, metadata=optional("pin", write_only=True))
    seen: int | None = attrs.field(default=ABSENT, metadata=optional("seen", read_only=True))
    inner: Account | None = attrs.field(default=ABSENT, metadata=optional("inner"))


@frozen
class Health(Model):
    """A model with typed additional properties."""

    _additional: ClassVar[Mapping[str, Card]]

    status: str = attrs.field(metadata=required("status"))


def read_value(hint: Any, value: Any) -> tuple[Any, list[DriftEvent]]:
    """Return the decoded JSON value and its drift events."""
    events: list[DriftEvent] = []
    result = read_json(hint, json.dumps(value).encode(), DecodingContext("x", events.append))
    return result, events


@pytest.mark.parametrize(("kind", "model"), [("cat", Cat), ("dog", Dog), ("hound", Dog)], ids=str)
def test_a_discriminator_selects_a_member_with_drift(kind: str, model: type[Model]) -> None:
    """The discriminator alone selects the member, which reports its own drift."""
    animal, events = read_value(Cat | Dog, {"kind": kind, "lives": "nine", "owner": 1})
    assert type(animal) is model
    assert {event.kind for event in events} == {"field.undocumented", "type.mismatch"}


def test_a_discriminator_works_within_models_and_arrays() -> None:
    """Discriminators are resolved at any depth, in arrays and in recursive models."""
    dog = {"kind": "dog", "owner": {"kind": "hound", "owner": {"kind": "cat", "lives": 9}}}
    animals, events = read_value(list[Cat | Dog], [dog, {"kind": "cat"}])
    assert events == []
    assert type(animals[0].owner.owner) is Cat
    assert [animal.to_dict() for animal in animals] == [dog, {"kind": "cat"}]


@pytest.mark.parametrize(
    ("value", "kind"),
    [("bird", "enum.undocumented"), (None, "field.null"), (1, "enum.undocumented")],
)
def test_an_object_with_an_unknown_discriminator_is_kept(value: Any, kind: str) -> None:
    """An object with an unknown discriminator is kept
    as it is, with one event at the discriminator.
    """
    raw = {"kind": value, "lives": 9}
    unknown_animal, events = read_value(Cat | Dog, raw)
    assert unknown_animal == raw
    assert [(event.kind, event.pointer) for event in events] == [(kind, "/kind")]


def test_a_missing_discriminator_selects_the_best_match() -> None:
    """Without the discriminator the best-matching
    member is used, and the missing field is reported.
    """
    animal, events = read_value(Cat | Dog, {"lives": 9})
    assert type(animal) is Cat
    assert [(event.kind, event.pointer) for event in events] == [("field.missing", "/kind")]


CHOICES: list[tuple[dict[str, Any], type[Model]]] = [
    ({"number": "1"}, Card),
    ({"number": "1", "bank": "b"}, Wire),
    ({"number": "1", "holder": "h"}, Card),
    ({"number": "1", "bank": 2, "holder": "h"}, Card),
    ({"bank": "b"}, Wire),
]


@pytest.mark.parametrize(("value", "model"), CHOICES)
def test_overlapping_members_are_selected_by_best_match(
    value: dict[str, Any], model: type[Model]
) -> None:
    """The best match is used: required fields, then
    matching types, then known fields, then order.
    """
    assert type(read_value(Card | Wire, value)[0]) is model
    assert type(read_value(Wire | Card, value)[0]) is model


def test_a_matching_literal_is_preferred_to_a_string() -> None:
    """A member whose literal matches the value is preferred to one with a plain string."""

    @frozen
    class PlainModel(Model):
        kind: str = attrs.field(metadata=required("kind"))

    assert type(read_value(PlainModel | Cat, {"kind": "cat"})[0]) is Cat
    assert type(read_value(PlainModel | Cat, {"kind": "dog"})[0]) is PlainModel


@pytest.mark.parametrize(("coordinates", "model"), [([1, 2], Point), ([[1, 2], [3, 4]], Line)])
def test_members_are_selected_by_array_depth(coordinates: list[Any], model: type[Model]) -> None:
    """The member whose array depth matches is used, whichever is listed first."""
    for hint in (Point | Line, Line | Point):
        shape, events = read_value(hint, {"at": coordinates})
        assert type(shape) is model
        assert not events


def test_an_object_that_matches_no_model_is_a_mapping() -> None:
    """An object that fully matches a model is decoded as that model, any other as the mapping."""
    hint = Card | Mapping[str, str]
    assert type(read_value(hint, {"number": "1"})[0]) is Card
    assert read_value(hint, {"other": "1"}) == ({"other": "1"}, [])


def test_a_mapping_documents_the_other_fields_of_a_model() -> None:
    """Additional fields that the mapping allows are not reported as drift of the model."""
    hint = Card | Mapping[str, str]
    value, events = read_value(list[hint], [{"number": "1", "more": "2"}])
    assert (type(value[0]), value[0].extra, events) == (Card, {"more": "2"}, [])
    events = read_value(hint, {"number": "1", "more": 2})[1]
    assert [(event.kind, event.pointer) for event in events] == [("field.undocumented", "/more")]


def test_a_mapping_documents_no_fields_at_other_depths() -> None:
    """An undocumented field of an inner object is
    reported although the mapping allows any field.
    """

    @frozen
    class Safe(Model):
        card: Card = attrs.field(metadata=required("card"))

    raw = {"card": {"number": "1", "more": "2"}, "other": {}}
    value, events = read_value(Safe | Mapping[str, Any], raw)
    assert (type(value), value.to_dict()) == (Safe, raw)
    assert [(event.kind, event.pointer) for event in events] == [
        ("field.undocumented", "/card/more")
    ]


@pytest.mark.parametrize(
    ("hint", "entry", "pointers"),
    [
        (list[Card] | list[Any], {"number": "1", "more": 2}, []),
        (list[Card] | list[Mapping[str, str]], {"number": "1", "more": "2"}, []),
        (list[Card] | list[Mapping[str, str]], {"number": "1", "more": 2}, ["/0/more"]),
        (Card | Any, [{"number": "1", "more": 2}], []),
        (list[Card | Any], {"number": "1", "more": 2}, []),
    ],
    ids=["list of anything", "list of mappings", "unfitting", "anything", "in a list"],
)
def test_an_alternative_of_anything_documents_the_other_fields(
    hint: Any, entry: Any, pointers: list[str]
) -> None:
    """Fields that an alternative of any type allows, in a list too, are not reported as drift."""
    value, events = read_value(hint, [entry])
    assert [event.pointer for event in events] == pointers
    assert [type(item) for item in value] == [Card if isinstance(entry, dict) else list]


@pytest.mark.parametrize(
    ("hint", "raw"),
    [
        (list[Card] | list[Any], [5]),
        (list[Card] | list[Any], [{"number": 1}]),
        (Card | Any, {"number": 1}),
        (list[str] | list[Any], ["a", 1]),
    ],
    ids=["number", "object", "anything", "mixed"],
)
def test_what_only_an_alternative_of_anything_allows_is_not_drift(hint: Any, raw: Any) -> None:
    """A value that fits only an alternative of any type is kept unchanged, without drift."""
    assert read_value(hint, raw) == (raw, [])


def test_write_only_fields_are_not_expected_in_a_response() -> None:
    """Missing write-only fields are not reported in
    a response, but missing read-only fields are.
    """
    raw = {"id": "1", "name": "n"}
    account, events = read_value(Account, raw)
    assert events == []
    assert account.password is None
    assert not account.is_set("password")
    assert account.to_dict() == raw
    assert [event.pointer for event in read_value(Account, {"name": "n"})[1]] == ["/id"]


@pytest.mark.parametrize(
    ("raw", "expected", "drift"),
    [
        ({"values": {"query": "q"}}, ByQuery, []),
        ({"values": {"a": "1"}}, ByName, []),
        ({"values": {"query": "q", "a": "1"}}, ByName, []),
        ({"values": {"query": "q", "a": 1}}, ByQuery, ["/values/a"]),
        ({"values": {}}, ByQuery, []),
    ],
    ids=["model", "mapping", "both", "neither", "empty"],
)
def test_a_union_member_that_documents_all_inner_fields_is_preferred(
    raw: dict[str, Any], expected: type[Model], drift: list[str]
) -> None:
    """The member chosen documents all fields of an inner object, if one does."""
    value, events = read_value(ByQuery | ByName, raw)
    assert type(value) is expected
    assert [event.pointer for event in events] == drift
    assert value.to_dict() == raw


def test_read_only_fields_are_neither_needed_nor_sent_in_a_request() -> None:
    """Read-only fields are optional in a request and omitted at any depth; `to_dict` keeps them."""
    account = Account(name="n", password="p")
    assert account.to_dict() == {"name": "n", "password": "p"}
    assert account == pickle.loads(pickle.dumps(account))  # noqa: S301 - our own
    assert not account.is_set("id")
    inner, _ = read_value(Account, {"id": "2", "name": "i", "seen": 3})
    whole_account = Account(id="1", name="n", password="p", inner=inner)
    assert encode_request([whole_account]) == [
        {"name": "n", "password": "p", "inner": {"name": "i"}}
    ]
    assert whole_account.to_dict()["inner"] == {"id": "2", "name": "i", "seen": 3}


def test_typed_additional_properties_are_decoded() -> None:
    """Typed additional properties are decoded without
    drift, and errors within them are reported.
    """
    raw = {"status": "up", "db": {"number": "1"}, "cache": {"number": 2}}
    health, events = read_value(Health, raw)
    assert isinstance(health.extra["db"], Card)
    assert [(event.kind, event.pointer) for event in events] == [("type.mismatch", "/cache/number")]
    assert health.to_dict() == raw
    assert encode_request(health) == raw
    assert health == Health.from_dict(raw) == pickle.loads(pickle.dumps(health))  # noqa: S301
    health, events = read_value(list[Health], [{"status": "up", "db": {"number": "1", "odd": 1}}])
    assert [(event.kind, event.pointer) for event in events] == [
        ("field.undocumented", "/0/db/odd")
    ]


def test_numbers_and_strings_in_a_union_keep_their_type() -> None:
    """Numbers and strings in a union keep their type and value."""
    hint = list[int | str | float]
    values = [1, "1", 1.5, "1.50", 12345678901234567890]
    numbers, events = read_value(hint, values)
    assert [(type(number), number) for number in numbers] == [
        (type(value), value) for value in values
    ]
    assert events == []
