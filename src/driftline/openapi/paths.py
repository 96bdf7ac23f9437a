"""Path templates: `/orders/{id}`, their parameters, and the paths that match one."""

from __future__ import annotations

import re
from functools import cached_property
from typing import Final

import attrs

_PARAMETER: Final = re.compile(r"\{([^{}]*)\}")


@attrs.frozen
class PathTemplate:
    """The path of an operation, as a document writes it."""

    text: str

    @cached_property
    def names(self) -> tuple[str, ...]:
        """Return the names of the parameters, in order."""
        return tuple(_PARAMETER.findall(self.text))

    @cached_property
    def literals(self) -> tuple[str, ...]:
        """Return the literal text before, between and after the parameters."""
        return tuple(_PARAMETER.split(self.text)[::2])

    @property
    def shape(self) -> str:
        """Return the template without names: templates of one shape match the same paths."""
        return "{}".join(self.literals)

    def build_pattern(self, value: str = "([^/]+)") -> str:
        """Return a regular expression for matching paths, with `value` for each parameter."""
        return value.join(map(re.escape, self.literals))

    @cached_property
    def _pattern(self) -> re.Pattern[str]:
        return re.compile(self.build_pattern())

    def match(self, path: str) -> dict[str, str] | None:
        """Return the values of the parameters in `path`, undecoded; None if it does not match.

        A value is one non-empty segment or a part of one.
        """
        found = self._pattern.fullmatch(path)
        return None if found is None else dict(zip(self.names, found.groups(), strict=True))
