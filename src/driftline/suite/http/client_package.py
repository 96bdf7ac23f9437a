"""Imports the generated client beside a spec, even if another package has its name."""

from __future__ import annotations

import hashlib
import importlib.util
import os
import sys
from pathlib import Path
from types import ModuleType

from driftline.errors import UsageError
from driftline.openapi import Spec


def import_client(spec: Spec) -> ModuleType:
    """Return the package in generated/, imported under another name than an installed one.

    Raises:
        UsageError: the client is not generated.
    """
    name = spec.client_package
    folder = spec.path.resolve().parent.parent / "generated" / name
    if not (folder / "__init__.py").is_file():
        hint = f"Run: driftline generate {spec.name}"
        raise UsageError(f"no generated client {name} in {folder.parent}", hint)
    alias = f"_driftline_{_compute_digest(folder)}_{name}"
    if alias not in sys.modules:
        module_spec = importlib.util.spec_from_file_location(
            alias, folder / "__init__.py", submodule_search_locations=[str(folder)]
        )
        if module_spec is None or module_spec.loader is None:
            raise UsageError(f"could not import {folder}", "Regenerate it with driftline generate.")
        module = sys.modules[alias] = importlib.util.module_from_spec(module_spec)
        try:
            module_spec.loader.exec_module(module)
        except BaseException:
            del sys.modules[alias]
            raise
    return sys.modules[alias]


def _compute_digest(folder: Path) -> str:
    """Return a digest of the files: a regenerated client is another client.

    Their times are enough; reading hundreds of files for each operation takes longer than a check.
    """
    digest = hashlib.sha256(str(folder).encode())
    for root, _, names in os.walk(folder):
        for path in (os.path.join(root, name) for name in sorted(names) if name.endswith(".py")):  # noqa: PTH118
            status = os.stat(path)  # noqa: PTH116 (pathlib takes three times as long)
            digest.update(f"{path} {status.st_mtime_ns} {status.st_size}\n".encode())
    return digest.hexdigest()[:12]
