"""Settings in driftline.toml are validated with lines and applied."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import attrs
import pytest
from hypothesis import given, settings, strategies as st

from driftline.errors import FileError
from driftline.project import ApiSettings, load_configuration
from driftline.project.configuration import find_line

SCHEMA = Path(__file__).parents[2] / "src/driftline/project/driftline.schema.json"
KEYS = st.from_regex(r"[a-z][a-z0-9-]{0,6}", fullmatch=True)


def write(folder: Path, content: str, name: str = "driftline.toml") -> Path:
    """Write the file into a folder and return the folder."""
    (folder / name).write_text(content)
    return folder


def test_every_setting_is_read(tmp_path: Path) -> None:
    """Each property of the schema is read into a field with the same name."""
    properties = json.loads(SCHEMA.read_text())["$defs"]["api"]["properties"]
    fields = {field.name.replace("_", "-") for field in attrs.fields(ApiSettings)}
    assert set(properties) == fields
    content = """
        [api.shop]
        url = "https://shop.example.com"
        headers = { X-Tenant = "acme" }
        allow-writes = ["order.*"]
        max-requests = 500
        own = true
        [api.shop.values]
        customer = 7
        [severity]
        "response.field.undocumented" = "off"
    """
    configuration = load_configuration(write(tmp_path, content))
    shop = configuration.get_api("shop")
    assert (shop.url, shop.max_requests, shop.own) == ("https://shop.example.com", 500, True)
    assert (shop.values, shop.allow_writes) == ({"customer": 7}, ["order.*"])
    assert configuration.severities == {"response.field.undocumented": "off"}
    assert configuration.get_api("other") == ApiSettings()
    assert configuration.locate("api", "shop", "values", "customer").line == 9


def test_a_project_without_the_file_has_defaults(tmp_path: Path) -> None:
    """Without driftline.toml, or with a pyproject.toml without the table, all settings are
    defaults.
    """
    assert load_configuration(tmp_path).apis == {}
    assert load_configuration(write(tmp_path, "[project]\n", "pyproject.toml")).apis == {}


def test_settings_are_read_from_pyproject_too(tmp_path: Path) -> None:
    """The table tool.driftline in pyproject.toml is read, and settings have its lines."""
    content = "[project]\nname = 'x'\n[tool.driftline.api.shop]\nrate = 3\n"
    configuration = load_configuration(write(tmp_path, content, "pyproject.toml"))
    assert configuration.get_api("shop").rate == 3
    assert configuration.locate("api", "shop", "rate").line == 4


@pytest.mark.parametrize(
    ("content", "line", "kind"),
    [
        ("[api.shop]\n\nratee = 3\n", 3, "configuration.unknown"),
        ("[api.shop]\nrate = 0\n", 2, "configuration.invalid"),
        ("[api.shop]\nurl = 'ftp://x'\n", 2, "configuration.invalid"),
        ("[severity]\n'a.b' = 'loud'\n", 2, "configuration.invalid"),
        ("api = 3\n", 1, "configuration.invalid"),
        ("[severity\n", 1, "configuration.toml"),
    ],
)
def test_a_configuration_mistake_has_an_id_and_a_line(
    tmp_path: Path, content: str, line: int, kind: str
) -> None:
    """Every mistake in the file is a problem with an id and a line."""
    with pytest.raises(FileError) as raised:
        load_configuration(write(tmp_path, content))
    (problem,) = raised.value.problems
    assert (problem.id, problem.location.line) == (kind, line)


def test_no_message_repeats_a_value(tmp_path: Path) -> None:
    """A message about a value does not contain it, since it may be a password or token."""
    content = (
        "[api.a]\nurl = 'https://me:hunter2@x'\nheaders = { A = 2718 }\ncredentials = 'hunter2'\n"
    )
    with pytest.raises(FileError) as raised:
        load_configuration(write(tmp_path, content))
    assert len(raised.value.problems) == 3
    assert "hunter2" not in str(raised.value)
    assert "2718" not in str(raised.value)


@settings(deadline=None)
@given(
    st.dictionaries(
        KEYS, st.dictionaries(KEYS, st.integers(), min_size=1, max_size=3), min_size=1, max_size=3
    )
)
def test_each_key_is_found_at_its_line(tables: dict[str, dict[str, Any]]) -> None:
    """`find_line` returns the line of each key in any tables."""
    content, lines = "", dict[tuple[str, str], int]()
    for table, keys in tables.items():
        content += f"# {table} = 1\n[{table}]\n"
        for key, value in keys.items():
            content += f"{key} = {value}\n"
            lines[table, key] = content.count("\n")
    assert {path: find_line(content, path) for path in lines} == lines
