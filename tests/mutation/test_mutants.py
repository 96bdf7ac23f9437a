"""Mutants: wrong where they claim, correct elsewhere, and deterministic."""

from __future__ import annotations

from pathlib import Path

import pytest

from driftline import openapi as specs
from driftline.mock import HttpRequest, HttpResponse, Mock
from driftline.mutation.clauses import generate_mutants
from driftline.mutation.mutants import Mutant
from driftline.openapi import Spec

ROOT = Path(__file__).resolve().parents[2]
REVOX = specs.load(ROOT / "specs" / "revox.yaml")
MOCK = Mock(REVOX, rows=90)
AUTHORIZATION = (("Authorization", f"Bearer {MOCK.credentials['apiKey']}"),)
PAGES = tuple(
    HttpRequest("GET", "/call", f"page={page}&page_size=40", AUTHORIZATION) for page in (1, 2, 3, 4)
)
WRONG_REQUESTS = (
    HttpRequest("GET", "/call", "page=0&page_size=4", AUTHORIZATION),
    HttpRequest("GET", "/call", "page=1&page_size=4"),
    HttpRequest("GET", "/elsewhere"),
)


def index_mutants(spec: Spec) -> dict[str, Mutant]:
    return {mutant.id.removeprefix(f"{spec.name}/"): mutant for mutant in generate_mutants(spec)}


def get_responses(mutant: Mutant | None, requests: tuple[HttpRequest, ...]) -> list[HttpResponse]:
    MOCK.reset()
    handle = mutant.handle(MOCK) if mutant else MOCK.handle
    return [handle(request) for request in requests]


RIGHT_RESPONSES = get_responses(None, (*PAGES, *WRONG_REQUESTS))


def test_mutant_ids_are_unique_and_stable() -> None:
    """Mutant IDs are unique, and the same after reloading the spec."""
    reloaded_spec = specs.load(ROOT / "specs" / "revox.yaml")
    names = [mutant.id for mutant in generate_mutants(REVOX)]
    assert len(set(names)) == len(names)
    assert names == [mutant.id for mutant in generate_mutants(reloaded_spec)]


@pytest.mark.parametrize("name", list(index_mutants(REVOX))[::5])
def test_a_mutant_responds_the_same_to_the_same_requests(name: str) -> None:
    """A mutant gives the same responses to the same requests."""
    mutant = index_mutants(REVOX)[name]
    assert get_responses(mutant, (*PAGES, *WRONG_REQUESTS)) == get_responses(
        mutant, (*PAGES, *WRONG_REQUESTS)
    )


@pytest.mark.parametrize(
    ("name", "differs"),
    [
        ("call.list/response.required/calls[].status", [1, 1, 1, 0, 0, 0, 0]),
        ("call.list/response.401.required/message", [0, 0, 0, 0, 0, 1, 0]),
        ("call.list/response.400.status/500", [0, 0, 0, 0, 1, 0, 0]),
        ("call.list/parameter.minimum.accepted/page", [0, 0, 0, 0, 1, 0, 0]),
        ("call.list/security.accepted/apiKey/missing", [0, 0, 0, 0, 0, 1, 0]),
        ("call.list/listing.page/first-row-lost", [0, 1, 1, 0, 0, 0, 0]),
        ("call.list/response.429.required/message", [1, 0, 0, 0, 0, 0, 0]),
    ],
)
def test_a_mutant_changes_only_the_responses_that_it_names(name: str, differs: list[int]) -> None:
    """A mutant changes only the responses that its ID names, of pages and invalid requests."""
    responses = get_responses(index_mutants(REVOX)[name], (*PAGES, *WRONG_REQUESTS))
    assert [
        int(response != right_response)
        for response, right_response in zip(responses, RIGHT_RESPONSES, strict=True)
    ] == differs


def test_every_equivalent_has_a_reason() -> None:
    """Each equivalent mutant has a reason, and they are at most 2 % of all mutants."""
    mutants = [m for path in specs.find(ROOT / "specs") for m in generate_mutants(specs.load(path))]
    equivalent = [mutant for mutant in mutants if mutant.equivalent]
    assert all(len(mutant.equivalent.split()) >= 4 for mutant in equivalent)
    assert len(equivalent) <= 0.02 * len(mutants)
