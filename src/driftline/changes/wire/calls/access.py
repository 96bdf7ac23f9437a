"""Compares base URLs and credentials, whatever the schemes are called."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import attrs

from driftline.changes.wire.calls.extensions import compare_env
from driftline.changes.wire.sides import DocumentSides
from driftline.changes.wire.source.document import Document, Node
from driftline.changes.wire.uses import Use
from driftline.openapi import is_object

_URLS: Final = ("authorizationUrl", "tokenUrl", "refreshUrl", "deviceAuthorizationUrl")


@attrs.frozen
class _CredentialSet:
    """Credentials that are needed together: each on the wire, with its scopes."""

    schemes: Mapping[str, frozenset[str]]
    described: str

    def is_met_by(self, sent: _CredentialSet) -> bool:
        """Return whether the sender is authorized here."""
        return all(
            name in sent.schemes and scopes <= sent.schemes[name]
            for name, scopes in self.schemes.items()
        )


def compare_security(sides: DocumentSides, old: Node, new: Node, use: Use) -> None:
    """Compare the credentials of one operation."""
    places = _find_requirement(old), _find_requirement(new)
    before, after = (_list_needed(place) for place in places)
    spots = places[0] or old, places[1] or new
    was_open, is_open = (not each or any(not n.schemes for n in each) for each in (before, after))
    if was_open and is_open:
        return
    if was_open:
        told = " or ".join(each.described for each in after)
        sides.add("security.required.added", f"credentials are now required: {told}", spots, use)
        return
    if is_open:
        sides.add("security.required.removed", "credentials are no longer required", spots, use)
        return
    _compare_alternatives(sides, before, after, spots, use)


def _compare_alternatives(
    sides: DocumentSides,
    old: list[_CredentialSet],
    new: list[_CredentialSet],
    spots: tuple[Node, Node],
    use: Use,
) -> None:
    for before in old:
        if any(after.is_met_by(before) for after in new):
            continue
        same = _find_counterpart(before, new)
        if same is None:
            message = f"{before.described} is no longer accepted"
            sides.add("security.alternative.removed", message, spots, use)
            continue
        for scope in _list_added_scopes(same, before):
            message = f"{before.described} now needs the scope {scope!r}"
            sides.add("security.scope.added", message, spots, use, after=scope)
    for after in new:
        if any(before.is_met_by(after) for before in old):
            continue
        same = _find_counterpart(after, old)
        if same is None:
            sides.add(
                "security.alternative.added", f"{after.described} is now accepted", spots, use
            )
            continue
        for scope in _list_added_scopes(same, after):
            message = f"{after.described} no longer needs the scope {scope!r}"
            sides.add("security.scope.removed", message, spots, use, before=scope)


def _find_counterpart(
    wanted: _CredentialSet, others: list[_CredentialSet]
) -> _CredentialSet | None:
    """Return the alternative with the same schemes and the fewest additional scopes."""
    alike = [each for each in others if each.schemes.keys() == wanted.schemes.keys()]
    return min(alike, key=lambda each: len(_list_added_scopes(each, wanted)), default=None)


def _list_added_scopes(one: _CredentialSet, other: _CredentialSet) -> list[str]:
    """Return the additional scopes."""
    pairs = ((scopes, other.schemes[name]) for name, scopes in one.schemes.items())
    return sorted(scope for scopes, others in pairs for scope in scopes - others)


def _find_requirement(operation: Node) -> Node:
    own = operation.get("security")
    return own or operation.document.root.get("security")


def _list_needed(place: Node) -> list[_CredentialSet]:
    found: list[_CredentialSet] = []
    for entry in place.list_items():
        schemes: dict[str, frozenset[str]] = {}
        for name, scopes in entry.list_members():
            scheme = _get_schemes(place.document).get(name)
            listed = frozenset(str(scope.value) for scope in scopes.list_items())
            schemes[_describe_scheme(name, scheme)] = listed
        found.append(_CredentialSet(schemes, " with ".join(schemes) or "nothing"))
    return found


def _describe_scheme(name: str, scheme: Node) -> str:
    """Return what a client sends; equal for schemes that require the same."""
    if not scheme:
        return name
    scheme = scheme.resolve()
    kind = scheme.get_string("type")
    if kind == "apiKey":
        place, wanted = scheme.get_string("in"), scheme.get_string("name")
        return f"{place} {wanted.lower() if place == 'header' else wanted}"
    if kind == "http":
        return f"HTTP {scheme.get_string('scheme').lower()}"
    return f"{kind} {name}"


def _get_schemes(document: Document) -> Node:
    return document.root.get("components").get("securitySchemes")


def compare_schemes(sides: DocumentSides) -> None:
    """Compare the schemes themselves by name."""
    before, after = (
        {name: node.resolve() for name, node in _get_schemes(document).list_members()}
        for document in (sides.old, sides.new)
    )
    for name in before.keys() & after.keys():
        old, new = before[name], after[name]
        use = Use("", f"credential {name}")
        compare_env(sides, old, new, use)
        if old.get_string("x-prefix") != new.get_string("x-prefix"):
            message = "the prefix of the credential changed"
            places = old.get("x-prefix") or old, new.get("x-prefix") or new
            sides.add("prefix.changed", message, places, use)
        _compare_urls(sides, old, new, use)


def _compare_urls(sides: DocumentSides, old: Node, new: Node, use: Use) -> None:
    before, after = _list_urls(old), _list_urls(new)
    for name in before.keys() & after.keys():
        if before[name].value != after[name].value:
            message = f"the {name} was {before[name].value} and is now {after[name].value}"
            places = before[name], after[name]
            told = {"before": places[0].value, "after": places[1].value}
            sides.add("security.url.changed", message, places, use, **told)


def _list_urls(scheme: Node) -> dict[str, Node]:
    found = {"openIdConnectUrl": scheme.get("openIdConnectUrl")}
    for flow, node in scheme.get("flows").list_members():
        if is_object(node.value):
            found |= {f"{word} of {flow}": node.get(word) for word in _URLS}
    return {name: node for name, node in found.items() if node}


def list_base_urls(document: Document) -> set[str]:
    """Return the base URLs of a document with the defaults of their variables; "" by default."""
    return set(map(_expand, document.root.get("servers").list_items())) or {""}


def compare_all_servers(sides: DocumentSides) -> None:
    """Compare the servers of the document."""
    old, new = (document.root.get("servers") for document in (sides.old, sides.new))
    near = old or sides.old.root, new or sides.new.root
    _compare(sides, old, new, near, Use("", "servers"))


def compare_servers(sides: DocumentSides, old: Node | None, new: Node | None, use: Use) -> None:
    """Compare the servers of one operation, if it has its own."""
    if old is None and new is None:
        return
    before, after = (
        own if own is not None else document.root.get("servers")
        for own, document in ((old, sides.old), (new, sides.new))
    )
    near = before or sides.old.root, after or sides.new.root
    _compare(sides, before, after, near, Use(use.operation, "servers"))


def _compare(sides: DocumentSides, old: Node, new: Node, near: tuple[Node, Node], use: Use) -> None:
    before, after = _index_by_url(old), _index_by_url(new)
    for urls, others in ((before, after), (after, before)):
        if not others:
            urls.pop("", None)  # a document without servers is served at "/"
    expanded = {_expand(node): url for url, node in after.items()}
    for url, node in before.items():
        found = url if url in after else expanded.get(_expand(node))
        if found is None:
            message = f"the base URL {node.get_string('url')} was removed"
            sides.add(
                "server.removed", message, (node, near[1]), use, before=node.get_string("url")
            )
            continue
        other = after.pop(found, None)
        if other is not None:
            compare_env(sides, node, other, use)
            _compare_variables(sides, node, other, use)
    for node in after.values():
        message = f"the base URL {node.get_string('url')} was added"
        sides.add("server.added", message, (near[0], node), use, after=node.get_string("url"))


def _index_by_url(servers: Node) -> dict[str, Node]:
    return {node.get_string("url").rstrip("/"): node for node in servers.list_items()}


def _expand(server: Node) -> str:
    url = server.get_string("url").rstrip("/")
    for name, variable in server.get("variables").list_members():
        url = url.replace("{" + name + "}", str(variable.get("default").value))
    return url


def _compare_variables(sides: DocumentSides, old: Node, new: Node, use: Use) -> None:
    before, after = (
        dict(old.get("variables").list_members()),
        dict(new.get("variables").list_members()),
    )
    for name in before.keys() & after.keys():
        was, now = before[name].get("default").value, after[name].get("default").value
        if was != now:
            message = f"the part {name!r} of the base URL was {was} by default and is now {now}"
            places = before[name].get("default"), after[name].get("default")
            sides.add("server.variable.changed", message, places, use, before=was, after=now)
        tables = [
            {str(n.value): n for n in v[name].get("enum").list_items()} for v in (before, after)
        ]
        for value in tables[0].keys() - tables[1].keys() if tables[1] else ():
            message = f"the part {name!r} of the base URL may no longer be {value!r}"
            places = tables[0][value], after[name]
            sides.add("server.variable.changed", message, places, use, before=value)
        for value in tables[1].keys() - tables[0].keys() if tables[0] else ():
            message = f"the part {name!r} of the base URL may now be {value!r}"
            places = before[name], tables[1][value]
            sides.add("server.variable.added", message, places, use, after=value)
