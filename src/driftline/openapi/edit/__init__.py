"""Edits the text of a YAML or JSON file, and changes no line that it need not."""

from driftline.openapi.edit.edit import EditError, TextEdit, edit_data, edit_text
from driftline.openapi.edit.yaml_dump import dump_yaml

__all__ = ["EditError", "TextEdit", "dump_yaml", "edit_data", "edit_text"]
