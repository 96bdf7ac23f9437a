"""A project: its folders, and the settings in driftline.toml."""

from driftline.project.configuration import (
    FILE as FILE,
    ApiSettings as ApiSettings,
    ProjectConfiguration as ProjectConfiguration,
    SeverityRule as SeverityRule,
    load_configuration as load_configuration,
)
from driftline.project.layout import Project as Project
