"""The method name of an operation: list, create, get, update, delete, or its own verb."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Final

import attrs

from driftline.add.naming.phrases import is_item_path, list_fixed_segments, split_words

_GET: Final = frozenset(
    {"get", "read", "retrieve", "fetch", "show", "find", "view", "detail", "details", "describe"}
)
_LIST: Final = frozenset({"list", "index", "all", "browse"})
_CREATE: Final = frozenset({"create", "add", "new", "insert", "store", "post"})
_UPDATE: Final = frozenset({"update", "edit", "modify", "put", "patch"})
_DELETE: Final = frozenset({"delete", "remove", "destroy", "del"})
_VERBS: Final = _GET | _LIST | _CREATE | _UPDATE | _DELETE | {"replace", "search", "upsert"}
_AFTER_NOUNS: Final = frozenset(
    {"list", "create", "read", "retrieve", "update", "destroy", "delete", "get", "post", "put"}
)
PREPOSITIONS: Final = frozenset({"by", "for", "from", "in", "of", "on", "to", "with"})
_ONE_OF_MANY: Final = frozenset(
    {"analytics", "news", "preferences", "series", "settings", "statistics", "stats"}
)
"""Plurals of which there is one."""
_ARTICLES: Final = frozenset({"a", "an", "the"})
_MOST_WORDS: Final = 6
"""A name of more words is a sentence, which the path may say in fewer."""
_KEYS: Final = frozenset({"id", "ids", "uuid", "key", "pk"})


@attrs.frozen
class Route:
    """A method at a path, and the other methods at that path."""

    method: str
    path: str
    methods: Collection[str]
    has_items: bool
    """Whether another path is that of one row below this one."""

    @property
    def is_item(self) -> bool:
        return is_item_path(self.path)

    @property
    def is_collection(self) -> bool:
        segments = list_fixed_segments(self.path)
        if self.is_item or not segments:
            return self.has_items and not self.is_item
        last = split_words(segments[-1])
        return self.has_items or (bool(last) and _is_plural(last[-1]))

    @property
    def parameters(self) -> frozenset[str]:
        """The words of the names in braces."""
        names = [part.partition("}")[0] for part in self.path.split("{")[1:]]
        return frozenset(word for name in names for word in split_words(name))


def propose_method_names(
    route: Route, words: tuple[str, ...], resource: Sequence[str]
) -> list[tuple[str, ...]]:
    """Return candidate names for an operation, the best first and the one by path last."""
    by_path = _name_by_path(route, resource)
    if len(short_name := _strip_resource(by_path, tuple(resource)[-1:])) == 1:
        by_path = short_name
    own_words = tuple(word for word in _strip_method(words, route) if word not in _ARTICLES)
    for size in dict.fromkeys((len(resource), 1)):
        own_words = _strip_resource(own_words, tuple(resource)[-size:])
    own_words = _strip_parents(own_words, route, resource)
    if len(own_words) == 2 and own_words[0] not in _VERBS and own_words[1] in resource:
        own_words = own_words[:1]  # `start_stream` of the resource `stream_audio`
    best = _canonicalize(_strip_key(own_words, route), route, by_path)
    names = [best, _put_verb_first(own_words), by_path]
    if len(own_words) > _MOST_WORDS and len(by_path) < len(own_words):
        names = [by_path, best, by_path]
    if _is_path_spelled(own_words, route):
        names.pop(1)
    usable = [name for name in names if name and name[0][0].isalpha()]
    return usable if len(usable) > 1 else [by_path, by_path]


def to_singular(word: str) -> str:
    """Return the singular of an English noun, by rules of spelling."""
    if word.endswith("ies") and len(word) > 4:
        return word[:-3] + "y"
    if word.endswith(("sses", "shes", "ches", "xes", "zes")):
        return word[:-2]
    return word[:-1] if _is_plural(word) else word


def pluralize(word: str) -> str:
    """Return the plural of an English noun, by rules of spelling."""
    if _is_plural(word):
        return word
    return word[:-1] + "ies" if word.endswith("y") and word[-2:-1] not in "aeiou" else word + "s"


def list_word_forms(word: str) -> frozenset[str]:
    """Return a noun with its singular and plural."""
    singular = to_singular(word)
    return frozenset({word, singular, pluralize(singular), singular + "es"})


def _is_plural(word: str) -> bool:
    is_plural = len(word) > 3 and word.endswith("s") and not word.endswith(("ss", "us", "is"))
    return is_plural and word not in _ONE_OF_MANY


def _strip_method(words: Sequence[str], route: Route) -> tuple[str, ...]:
    """Remove an HTTP method before another verb: `get_list_tickets`."""
    rest = tuple(words[1:])
    is_verb = not _VERBS.isdisjoint(rest[:1]) or not _AFTER_NOUNS.isdisjoint(rest[1:2])
    if words and words[0] == route.method and is_verb:
        return rest
    return tuple(words)


def _strip_resource(words: tuple[str, ...], resource: Sequence[str]) -> tuple[str, ...]:
    """Remove the resource at the beginning, after the verb, or at the end unless it is a phrase."""
    size = len(resource)
    resource_forms = [list_word_forms(word) for word in resource]
    kept_words: list[str] = []
    index = 0
    while index < len(words):
        part = words[index : index + size]
        is_resource = len(part) == size and all(
            list_word_forms(word) & forms for word, forms in zip(part, resource_forms, strict=True)
        )
        is_near = not kept_words or kept_words[-1] in _VERBS or index + size == len(words)
        is_verb = index == 0 and words[0] in _VERBS  # of `list_lists`
        if size and is_resource and is_near and not is_verb and not PREPOSITIONS & set(kept_words):
            index += size
        else:
            kept_words.append(words[index])
            index += 1
    return tuple(kept_words)


def _strip_parents(
    words: tuple[str, ...], route: Route, resource: Sequence[str]
) -> tuple[str, ...]:
    """Remove the words for what a resource is part of, which its path has before its own segment.

    `list_room_participant` at `/rooms/{id}/participants` lists participants.
    """
    segments = [split_words(part) for part in list_fixed_segments(route.path)]
    last = segments[-1] if segments else ()
    ends = tuple(resource)[-len(last) :]
    is_own = len(last) == len(ends) and all(
        list_word_forms(a) & list_word_forms(b) for a, b in zip(last, ends, strict=True)
    )
    known_forms = {form for part in segments for word in part for form in list_word_forms(word)}
    is_verb = words[:1] and words[0] in _VERBS
    return words[:1] if is_own and is_verb and known_forms.issuperset(words[1:]) else words


def _strip_key(words: tuple[str, ...], route: Route) -> tuple[str, ...]:
    """Remove the words for the row's key, which the path has: `get_by_id`, `find_one`."""
    if "by" in words[1:] and route.is_item:
        at = words.index("by", 1)
        if set(words[at + 1 :]) <= route.parameters | _KEYS:
            words = words[:at]
    return words[:-1] if len(words) == 2 and words[1] in {"one", "single"} else words


def _canonicalize(
    words: tuple[str, ...], route: Route, by_path: tuple[str, ...]
) -> tuple[str, ...]:
    """Return list, create, get, update or delete if the words mean exactly that here."""
    if not words:
        return by_path
    if _is_path_spelled(words, route):
        if len(words) < len(by_path):  # `get_sql_database`, at a path of twelve words
            return _put_verb_first(words)
        return words if _is_many_at_item(words, route) else by_path
    if words[-1:] == ("all",) and set(words[:-1]) <= _GET | _LIST and route.method == "get":
        return ("list",)
    if len(words) > 1:
        return _put_verb_first(words)
    return _canonicalize_verb("".join(words), route, by_path)


def _canonicalize_verb(word: str, route: Route, by_path: tuple[str, ...]) -> tuple[str, ...]:
    method = route.method
    if method == "get" and word in _LIST:
        return ("list",)
    if method == "get" and word in _GET:
        return ("list",) if route.is_collection else ("get",)
    if method == "post" and word in _CREATE and not route.is_item:
        return by_path if word == "post" else ("create",)
    if method in {"put", "patch"} and word in _UPDATE:
        return by_path[:1] if word == method else ("update",)
    if method == "delete" and word in _DELETE:
        return ("delete",)
    return (word,)


def _is_many_at_item(words: tuple[str, ...], route: Route) -> bool:
    """Return whether one path selects several rows, according to the operationId.

    `/peers/{ids}`, `getPeers`.
    """
    is_many = len(words) == 2 and words[0] == "get" and _is_plural(words[1])
    return is_many and route.is_item and not set(words) & (route.parameters | {"id"})


def _is_path_spelled(words: tuple[str, ...], route: Route) -> bool:
    """Return whether the words are only the method and the path."""
    if len(words) < 2 or route.method not in words:
        return False
    path_words = {word for part in list_fixed_segments(route.path) for word in split_words(part)}
    known_words = (
        {form for word in path_words for form in list_word_forms(word)} | route.parameters | {"id"}
    )
    return all(word in known_words or word == route.method for word in words)


def _put_verb_first(words: tuple[str, ...]) -> tuple[str, ...]:
    """Return `list_comments` for `comments_list`."""
    if len(words) > 1 and words[-2:] == ("partial", "update"):
        return (*words[-2:], *words[:-2])
    if len(words) > 1 and words[-1] in _AFTER_NOUNS and words[0] not in _VERBS:
        return (words[-1], *words[:-1])
    return words


def _name_by_path(route: Route, resource: Sequence[str]) -> tuple[str, ...]:
    """Return the name by method and path: `GET /pets` lists, `GET /pets/{id}` gets."""
    segments = [split_words(part) for part in list_fixed_segments(route.path)]
    nouns = [word for part in _list_below(segments, resource) for word in part]
    verb = route.path.rpartition("}:")[2]
    if verb != route.path and "/" not in verb:
        return split_words(verb)
    if route.method == "post" and nouns and _is_action(route, segments[-1]):
        return tuple(segments[-1])
    if nouns and (route.is_item or route.method == "post"):
        nouns[-1] = to_singular(nouns[-1])
    return (_choose_verb_by_path(route), *nouns)


def _list_below(segments: list[tuple[str, ...]], resource: Sequence[str]) -> list[tuple[str, ...]]:
    """Return the segments after that of the resource, or after the first one."""
    indexes = [index for index, words in enumerate(segments) if words == tuple(resource)]
    return segments[(indexes[0] if indexes else 0) + 1 :]


def _is_action(route: Route, last: tuple[str, ...]) -> bool:
    """Return whether a POST acts on a row instead of creating one.

    `/tickets/{id}/close`.
    """
    is_alone = set(route.methods) == {"post"} and not route.has_items and not route.is_item
    return is_alone and bool(last) and not _is_plural(last[-1])


def _choose_verb_by_path(route: Route) -> str:
    match route.method:
        case "get":
            return "list" if route.is_collection else "get"
        case "post":
            return "create"
        case "put":
            return "replace" if "patch" in route.methods else "update"
        case "patch":
            return "update"
        case "delete" if route.has_items and not route.is_item:
            return "delete_all"
        case other:
            return other
