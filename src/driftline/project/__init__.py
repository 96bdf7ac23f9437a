"""A project: where its specs, clients and tests are, and what driftline.toml says of its APIs."""

from driftline.project.configuration import (
    FILE as FILE,
    ApiSettings as ApiSettings,
    ProjectConfiguration as ProjectConfiguration,
    SeverityRule as SeverityRule,
    load_configuration as load_configuration,
)
from driftline.project.layout import Project as Project
