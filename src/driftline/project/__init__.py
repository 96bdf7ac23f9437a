"""A project: its folders, and the settings in driftline.toml."""

from driftline.project.configuration import (
    FILE,
    ApiSettings,
    ProjectConfiguration,
    SeverityRule,
    load_configuration,
)
from driftline.project.layout import Project
