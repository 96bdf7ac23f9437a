"""The folders of a project: specs, generated clients, contract suite."""

from __future__ import annotations

from pathlib import Path

import attrs

from driftline.errors import UsageError


@attrs.frozen
class Project:
    """A folder with `specs/`, `generated/` and `contract_tests/`."""

    root: Path

    @classmethod
    def find(cls, start: Path | None = None) -> Project:
        """Return the project that contains `start` (default: the current folder).

        Raises:
            UsageError: neither the folder nor one above it has `specs/`.
        """
        start = (start or Path.cwd()).resolve()
        for folder in (start, *start.parents):
            if (folder / "specs").is_dir():
                return cls(folder)
        hint = "Run driftline in a project, or add an API with driftline add."
        raise UsageError(f"no specs/ directory in {start} or its parents", hint)

    @property
    def specs(self) -> Path:
        return self.root / "specs"

    @property
    def generated(self) -> Path:
        return self.root / "generated"

    @property
    def suite(self) -> Path:
        """The project's own contract suite, or else that of driftline."""
        package = Path(__file__).parents[1]
        # In a checkout of driftline itself, the suite stands beside src/, not in the package.
        folders = (self.root, package.parents[1])
        candidates = [folder / "contract_tests" for folder in folders]
        candidates.insert(1, package / "suite" / "contract_tests")
        return next(
            (candidate for candidate in candidates if (candidate / "conftest.py").is_file()),
            candidates[1],
        )
