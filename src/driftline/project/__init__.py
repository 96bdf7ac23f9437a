"""A project: where its specs, clients and tests are, and what driftline.toml says of its APIs."""

from driftline.project.configuration import (
    FILE,
    ApiSettings,
    ProjectConfiguration,
    SeverityRule,
    load_configuration,
)
from driftline.project.layout import Project

__all__ = [
    "FILE",
    "ApiSettings",
    "Project",
    "ProjectConfiguration",
    "SeverityRule",
    "load_configuration",
]
