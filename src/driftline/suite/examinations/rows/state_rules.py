"""States of a row in which an operation is described to fail: "Only drafts can be changed."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise
from typing import Final

import attrs

from driftline.openapi import (
    Operation,
    Response,
    Spec,
    find_schema_at,
    join,
    list_branches,
    list_choices,
)
from driftline.suite.samples import list_operations_about

_MOST_CHARACTERS: Final = 300
_SENTENCES: Final = re.compile(r"[.;:](?:\s|$)|\n")
_NAMES: Final = re.compile(r"(.*_)?(state|status)|.*(State|Status)")
_REJECTS: Final = re.compile(r"\b(409|reject\w*|conflicts?|fails?|cannot)\b")
_PERMITS: Final = re.compile(r"\b(can|may|must|allowed)\b")
_VERB: Final = re.compile(r" (?:cannot|can|may|must) ")
_CANNOT: Final = re.compile(r"\b(can not|can't|may not|must not)\b")
_SEPARATORS: Final = re.compile(r"[`'\"*_\-]")
_FILLER: Final = (
    r"(?:\W+(?:an?|the|in|is|are|it|its|they|be|still|yet|currently|either|already|state|status"
    r"|if|when|while|for|from|as long as|one of|(?:the|an?|this|that) [a-z]+ (?:is|are)))*"
)
_ALLOWED: Final = re.compile(rf"\b(?:not|only|unless|except|isn't|no longer){_FILLER}\W*$")
_ALLOWED_WHILE: Final = re.compile(
    rf"\bonly(?: be)? [a-z]+(?: [a-z]+)? (?:if|when|while|in|as long as|from){_FILLER}\W*$"
)
_FORBIDDEN: Final = re.compile(
    rf"(?:^|\b(?:is|are|was|been|already|if|when|once|state|status|in|an?)){_FILLER}\W*$"
)
_LIMITS: Final = re.compile(r"\b(not|only|unless|except|no longer|without|of|before|until)\b")
_CONNECTOR: Final = re.compile(r"\W*(?:or|and|nor)?(?:\W+(?:an?|the|in|is|it|already))*\W*")
_SUBJECT: Final = re.compile(
    r"\b(?:the|an?|this|that) (?!stat(?:e|us)\b)([a-z]+) (?:is|are|was|has been)\b"
)
_FOLLOWING: Final = re.compile(
    r"\W*$|[.,;:)(]|\W+(can|may|cannot|must|is|are|be|or|and|state|status|when|if)\b"
)


@attrs.frozen
class StateRule:
    """The states of a field that a conflict rejects."""

    field: str
    states: frozenset[str]


def find_forbidden_states(spec: Spec, operation: Operation, conflict: Response) -> StateRule | None:
    """Return the states in which an operation is said to be a conflict, if they are unambiguous."""
    field, choices = _find_state_field(spec, operation)
    remarks = (operation.summary, operation.description)
    sentences = [(sentence, False) for text in remarks for sentence in _SENTENCES.split(text)]
    sentences += [(sentence, True) for sentence in _SENTENCES.split(conflict.description)]
    noun = _find_noun(operation)
    states = {state for s in sentences for state in _read_sentence(*s, choices, noun)}
    return StateRule(field, frozenset(states)) if states else None


def _find_noun(operation: Operation) -> str:
    """Return the first letters of the noun of a row: `entr` for `/entries/{id}`."""
    path = operation.path.rpartition("/{")[0]
    return re.split(r"[/_-]", path)[-1].lower()[:4]


def _find_state_field(spec: Spec, operation: Operation) -> tuple[str, Sequence[str]]:
    """Return the only field of a row that is called its state, with its choices."""
    effect = operation.effect
    readers = list_operations_about(spec, effect, "read") if effect else []
    for reader in readers:
        success = reader.success
        media, item = (success.json if success else None), reader.effect and reader.effect.item
        if media is None or item is None:
            continue
        row = find_schema_at(spec, media.schema_pointer, item) if item else media.schema_pointer
        fields = [
            (name, list_choices(spec, pointer + join("properties", name)))
            for pointer, schema in (list_branches(spec, row) if row else ())
            for name in schema.get("properties", {})
        ]
        states = [(n, c) for n, c in fields if _NAMES.fullmatch(n) and c and len(c) > 1]
        if len(states) == 1:
            name, choices = states[0]
            return name, [choice for choice in choices or () if isinstance(choice, str)]
    return "", ()


def _read_sentence(
    sentence: str, is_rejection: bool, choices: Sequence[str], noun: str
) -> set[str]:
    """Return the states that a sentence forbids; none if it says anything else, too."""
    text = re.sub(r"\s+", " ", _SEPARATORS.sub(" ", sentence)).strip().lower()
    text = _CANNOT.sub("cannot", text)
    choice_by_name = {_SEPARATORS.sub(" ", choice).lower(): choice for choice in choices}
    if not choice_by_name or len(text) > _MOST_CHARACTERS:
        return set()
    is_rejection = is_rejection or _REJECTS.search(text) is not None
    is_limit = is_rejection or _PERMITS.search(text) is not None
    names = "|".join(sorted(map(re.escape, choice_by_name), key=len, reverse=True))
    state = re.compile(rf"\b({names})s?\b")
    subject = _VERB.split(text)[0]
    text = subject if state.search(subject) else text
    mentions = [*state.finditer(text)]
    gaps = [text[first.end() : second.start()] for first, second in pairwise(mentions)]
    if not mentions or not all(map(_CONNECTOR.fullmatch, gaps)):
        return set()
    lead, rest = text[: mentions[0].start()], text[mentions[-1].end() :]
    if not _is_about_row(lead, rest, noun):
        return set()
    named_states = {choice_by_name[mention[1]] for mention in mentions}
    if _ALLOWED.search(lead) or _ALLOWED_WHILE.search(lead):
        return {*choices} - named_states if is_limit else set()
    is_forbidden = _FORBIDDEN.search(lead) and not _LIMITS.search(lead)
    return named_states if is_rejection and is_forbidden else set()


def _is_about_row(lead: str, rest: str, noun: str) -> bool:
    """Return whether the words around a state are about the row, not about another one."""
    is_followed = _FOLLOWING.match(rest) is not None or rest.strip().startswith(noun)
    return is_followed and all(name.startswith(noun) for name in _SUBJECT.findall(lead))
