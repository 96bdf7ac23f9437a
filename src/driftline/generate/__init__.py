"""Typed clients from specs, by openapi-python-client with our templates."""

from __future__ import annotations

from typing import TYPE_CHECKING

from driftline.faces import load_later
from driftline.generate.packaging import (
    PROJECT_FILES as PROJECT_FILES,
    keep_project_files as keep_project_files,
)
from driftline.generate.trees import (
    Changed as Changed,
    Difference as Difference,
    compare as compare,
    generate as generate,
    name_package as name_package,
)

if TYPE_CHECKING:
    from driftline.generate.prepare.discriminators import (
        Literals as Literals,
        collect_literals as collect_literals,
    )
    from driftline.generate.prepare.nodes import ReferenceResolver as ReferenceResolver
    from driftline.generate.statuses import describe_status as describe_status

if not TYPE_CHECKING:  # without this, a type checker takes any name for an export
    __getattr__ = load_later(__name__)
