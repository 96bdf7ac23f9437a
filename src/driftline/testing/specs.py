"""The specs of a test: from the project's folders, or those of installed clients."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from importlib.util import find_spec
from pathlib import Path

import attrs

from driftline.errors import UsageError
from driftline.openapi import CLIENT_DOCUMENT, Spec, find, load, name_client_package


def load_named(names: Sequence[str], folders: Sequence[Path]) -> list[Spec]:
    """Load the specs of these names; without a name, all of the folders.

    A spec comes from the first folder that has it, or else from the installed client of the API,
    which contains the document that it was generated from.

    Raises:
        UsageError: a folder or spec does not exist.
        SpecError: a spec is invalid.
    """
    own = {path.stem: path for folder in reversed(folders) for path in find(folder)}
    if not names and not own:
        raise UsageError(
            "no API selected for driftline_mock",
            'Write @pytest.mark.driftline("NAME"), or driftline_apis = NAME in pytest\'s settings.',
        )
    return [
        _load(own.get(name) or _find_document(name, own), name) for name in names or sorted(own)
    ]


def _find_document(name: str, own: Mapping[str, Path]) -> Path:
    package = name_client_package(name)
    module = find_spec(package) if package.isidentifier() else None
    for folder in (module.submodule_search_locations or ()) if module else ():
        path = Path(folder, CLIENT_DOCUMENT)
        if path.is_file():
            return path
    known = f"Use one of: {', '.join(sorted(own))}; or install" if own else "Install"
    raise UsageError(
        f"unknown API {name!r}", f"{known} the package {package}, or set driftline_specs."
    )


@cache
def _load(path: Path, name: str) -> Spec:
    return attrs.evolve(load(path), name=name)
