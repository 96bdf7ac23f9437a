"""Makes a generated client a distribution.

`pyproject.toml` is in the folder of the client, which is the package itself. It is written once and
belongs to the project from then on, like README, changelog and license: regenerating keeps them.
"""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Final

from driftline import __version__
from driftline.openapi import Spec

PROJECT_FILES: Final = ("pyproject.toml", "README.md", "CHANGELOG.md", "LICENSE")
"""Files of a client's folder that are not generated from its spec."""
_FIRST_VERSION: Final = "0.1.0"


def name_distribution(spec: Spec) -> str:
    """Return the name of the client's distribution: `pet-store-client` for `pet-store`."""
    return f"{spec.name}-client"


def keep_project_files(old: Path, new: Path) -> None:
    """Copy the project's own files of a client to its regenerated folder."""
    for name in PROJECT_FILES:
        if (old / name).is_file() and not (old / name).is_symlink():
            shutil.copyfile(old / name, new / name)


def write_project_file(spec: Spec, folder: Path) -> None:
    """Write pyproject.toml to a client's folder, unless it has one."""
    path = folder / PROJECT_FILES[0]
    if not path.exists():
        path.write_text(_build_document(spec), encoding="utf-8")


def _build_document(spec: Spec) -> str:
    import tomlkit  # noqa: PLC0415 - to generate without it, it is not needed

    document = tomlkit.document()
    document["build-system"] = {
        "requires": ["hatchling>=1.27,<2"],
        "build-backend": "hatchling.build",
    }
    document["project"] = {
        "name": name_distribution(spec),
        "version": _FIRST_VERSION,
        "description": f"Typed client for {spec.client_class}.",
        "requires-python": ">=3.11",
        "dependencies": [f"driftline>={_format_series()},<{_format_next_series()}"],
        "classifiers": ["Typing :: Typed"],
    }
    # This folder is the package, so its files get the package's name in the wheel.
    document["tool"] = {
        "hatch": {
            "build": {
                "targets": {
                    "wheel": {
                        "include": ["/**/*.py", "/py.typed", "/spec.json"],
                        "sources": {"": spec.client_package},
                    }
                }
            }
        }
    }
    return tomlkit.dumps(document)


def _format_series() -> str:
    """Return the release series of the runtime that a client works with: 0.1 for 0.1.4."""
    major, minor, *_ = __version__.split(".")
    return f"{major}.{minor}" if major == "0" else major


def _format_next_series() -> str:
    *front, last = _format_series().split(".")
    return ".".join([*front, str(int(last) + 1)])
