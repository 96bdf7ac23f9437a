"""Edits the text of a YAML or JSON file, and changes no line that it need not."""

from driftline.openapi.edit.edit import (
    EditError as EditError,
    TextEdit as TextEdit,
    edit_data as edit_data,
    edit_text as edit_text,
)
from driftline.openapi.edit.yaml_dump import dump_yaml as dump_yaml
