"""Compares base URLs and credentials; the names of schemes do not matter."""

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
    description: str

    def is_met_by(self, credentials: _CredentialSet) -> bool:
        """Return whether the sender is authorized here."""
        return all(
            name in credentials.schemes and scopes <= credentials.schemes[name]
            for name, scopes in self.schemes.items()
        )


def compare_security(sides: DocumentSides, old: Node, new: Node, use: Use) -> None:
    """Compare the credentials of one operation."""
    requirements = _find_requirement(old), _find_requirement(new)
    before, after = (_list_needed(requirement) for requirement in requirements)
    nodes = requirements[0] or old, requirements[1] or new
    was_open, is_open = (
        not alternatives or any(not n.schemes for n in alternatives)
        for alternatives in (before, after)
    )
    if was_open and is_open:
        return
    if was_open:
        credentials = " or ".join(alternative.description for alternative in after)
        sides.add(
            "security.required.added", f"credentials are now required: {credentials}", nodes, use
        )
        return
    if is_open:
        sides.add("security.required.removed", "credentials are no longer required", nodes, use)
        return
    _compare_alternatives(sides, before, after, nodes, use)


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
            message = f"{before.description} is no longer accepted"
            sides.add("security.alternative.removed", message, spots, use)
            continue
        for scope in _list_added_scopes(same, before):
            message = f"{before.description} now needs the scope {scope!r}"
            sides.add("security.scope.added", message, spots, use, after=scope)
    for after in new:
        if any(before.is_met_by(after) for before in old):
            continue
        same = _find_counterpart(after, old)
        if same is None:
            sides.add(
                "security.alternative.added", f"{after.description} is now accepted", spots, use
            )
            continue
        for scope in _list_added_scopes(same, after):
            message = f"{after.description} no longer needs the scope {scope!r}"
            sides.add("security.scope.removed", message, spots, use, before=scope)


def _find_counterpart(
    credentials: _CredentialSet, candidates: list[_CredentialSet]
) -> _CredentialSet | None:
    """Return the alternative with the same schemes and the fewest additional scopes."""
    alike = [
        candidate
        for candidate in candidates
        if candidate.schemes.keys() == credentials.schemes.keys()
    ]
    return min(
        alike, key=lambda candidate: len(_list_added_scopes(candidate, credentials)), default=None
    )


def _list_added_scopes(credentials: _CredentialSet, reference: _CredentialSet) -> list[str]:
    """Return the additional scopes."""
    pairs = ((scopes, reference.schemes[name]) for name, scopes in credentials.schemes.items())
    return sorted(
        scope for scopes, reference_scopes in pairs for scope in scopes - reference_scopes
    )


def _find_requirement(operation: Node) -> Node:
    requirement = operation.get("security")
    return requirement or operation.document.root.get("security")


def _list_needed(requirement: Node) -> list[_CredentialSet]:
    alternatives: list[_CredentialSet] = []
    for entry in requirement.list_items():
        schemes: dict[str, frozenset[str]] = {}
        for name, scopes in entry.list_members():
            scheme = _get_schemes(requirement.document).get(name)
            scope_names = frozenset(str(scope.value) for scope in scopes.list_items())
            schemes[_describe_scheme(name, scheme)] = scope_names
        alternatives.append(_CredentialSet(schemes, " with ".join(schemes) or "nothing"))
    return alternatives


def _describe_scheme(name: str, scheme: Node) -> str:
    """Return what a client sends; equal for schemes that require the same."""
    if not scheme:
        return name
    scheme = scheme.resolve()
    kind = scheme.get_string("type")
    if kind == "apiKey":
        location, key_name = scheme.get_string("in"), scheme.get_string("name")
        return f"{location} {key_name.lower() if location == 'header' else key_name}"
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
            nodes = old.get("x-prefix") or old, new.get("x-prefix") or new
            sides.add("prefix.changed", message, nodes, use)
        _compare_urls(sides, old, new, use)


def _compare_urls(sides: DocumentSides, old: Node, new: Node, use: Use) -> None:
    before, after = _list_urls(old), _list_urls(new)
    for name in before.keys() & after.keys():
        if before[name].value != after[name].value:
            message = f"the {name} was {before[name].value} and is now {after[name].value}"
            nodes = before[name], after[name]
            values = {"before": nodes[0].value, "after": nodes[1].value}
            sides.add("security.url.changed", message, nodes, use, **values)


def _list_urls(scheme: Node) -> dict[str, Node]:
    urls = {"openIdConnectUrl": scheme.get("openIdConnectUrl")}
    for flow, node in scheme.get("flows").list_members():
        if is_object(node.value):
            urls |= {f"{keyword} of {flow}": node.get(keyword) for keyword in _URLS}
    return {name: node for name, node in urls.items() if node}


def list_base_urls(document: Document) -> set[str]:
    """Return the base URLs of a document with the defaults of their variables; "" by default."""
    return set(map(_expand, document.root.get("servers").list_items())) or {""}


def compare_all_servers(sides: DocumentSides) -> None:
    """Compare the servers of the document."""
    old, new = (document.root.get("servers") for document in (sides.old, sides.new))
    anchors = old or sides.old.root, new or sides.new.root
    _compare(sides, old, new, anchors, Use("", "servers"))


def compare_servers(sides: DocumentSides, old: Node | None, new: Node | None, use: Use) -> None:
    """Compare the servers of one operation, if it has its own."""
    if old is None and new is None:
        return
    before, after = (
        servers if servers is not None else document.root.get("servers")
        for servers, document in ((old, sides.old), (new, sides.new))
    )
    anchors = before or sides.old.root, after or sides.new.root
    _compare(sides, before, after, anchors, Use(use.operation, "servers"))


def _compare(
    sides: DocumentSides, old: Node, new: Node, anchors: tuple[Node, Node], use: Use
) -> None:
    before, after = _index_by_url(old), _index_by_url(new)
    for urls, other_urls in ((before, after), (after, before)):
        if not other_urls:
            urls.pop("", None)  # a document without servers is served at "/"
    expanded = {_expand(node): url for url, node in after.items()}
    for url, node in before.items():
        new_url = url if url in after else expanded.get(_expand(node))
        if new_url is None:
            message = f"the base URL {node.get_string('url')} was removed"
            sides.add(
                "server.removed", message, (node, anchors[1]), use, before=node.get_string("url")
            )
            continue
        new_server = after.pop(new_url, None)
        if new_server is not None:
            compare_env(sides, node, new_server, use)
            _compare_variables(sides, node, new_server, use)
    for node in after.values():
        message = f"the base URL {node.get_string('url')} was added"
        sides.add("server.added", message, (anchors[0], node), use, after=node.get_string("url"))


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
            message = f"the server variable {name!r} was {was} by default and is now {now}"
            nodes = before[name].get("default"), after[name].get("default")
            sides.add("server.variable.changed", message, nodes, use, before=was, after=now)
        tables = [
            {str(n.value): n for n in v[name].get("enum").list_items()} for v in (before, after)
        ]
        for value in tables[0].keys() - tables[1].keys() if tables[1] else ():
            message = f"the server variable {name!r} may no longer be {value!r}"
            nodes = tables[0][value], after[name]
            sides.add("server.variable.changed", message, nodes, use, before=value)
        for value in tables[1].keys() - tables[0].keys() if tables[0] else ():
            message = f"the server variable {name!r} may now be {value!r}"
            nodes = before[name], tables[1][value]
            sides.add("server.variable.added", message, nodes, use, after=value)
