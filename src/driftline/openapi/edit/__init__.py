"""Edits YAML and JSON files and changes no other line."""

from driftline.openapi.edit.edit import EditError, TextEdit, edit_data, edit_text
from driftline.openapi.edit.yaml_dump import dump_yaml
