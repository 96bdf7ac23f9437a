"""Edits YAML and JSON files and changes no other line."""

from driftline.openapi.edit.edit import (
    EditError as EditError,
    TextEdit as TextEdit,
    edit_data as edit_data,
    edit_text as edit_text,
)
from driftline.openapi.edit.yaml_dump import dump_yaml as dump_yaml
