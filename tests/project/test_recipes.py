"""ARCHITECTURE.md and CONTRIBUTING.md name existing files, and recipes name all files."""

from __future__ import annotations

import re
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path

import pytest

from driftline.changes.release.changelog import insert_release, list_versions
from driftline.checks import CHECKS
from driftline.media import TRAITS
from project.test_imports import LAYERS, SOURCE, list_modules

ROOT = Path(__file__).parents[2]
ARCHITECTURE = (ROOT / "ARCHITECTURE.md").read_text()
CONTRIBUTING = (ROOT / "CONTRIBUTING.md").read_text()
PACKAGES = {path.name for path in SOURCE.iterdir() if (path / "__init__.py").is_file()}
COLUMN = 40
"""The column where the descriptions beside the picture of the layers begin."""
FILES = re.compile(r"`((?:src|tests|scripts|docs)/[\w./-]*|[\w.]+\.txt)`")


def find_recipe(title: str) -> str:
    """Return the text of a recipe."""
    return CONTRIBUTING.partition(f"### {title}\n")[2].partition("\n### ")[0]


def list_files(title: str) -> set[str]:
    return set(FILES.findall(find_recipe(title)))


def find_sources(pattern: str) -> Iterator[str]:
    """Yield the source files that contain the pattern."""
    for path in list_modules():
        if re.search(pattern, path.read_text()):
            yield path.relative_to(ROOT).as_posix()


def is_covered(file: str, covered_paths: set[str]) -> bool:
    return any(
        file == name or (name.endswith("/") and file.startswith(name)) for name in covered_paths
    )


def is_there(name: str) -> bool:
    """Whether a dotted name below driftline is a package, a module or an attribute of a module."""
    if SOURCE.joinpath(*name.split(".")).is_dir():
        return True
    if SOURCE.joinpath(*name.split(".")).with_suffix(".py").is_file():
        return True
    holder, _, attribute = name.rpartition(".")
    return hasattr(import_module(f"driftline.{holder}"), attribute)


@pytest.mark.parametrize("page", ["ARCHITECTURE.md", "CONTRIBUTING.md"])
def test_every_path_exists(page: str) -> None:
    """Every file, folder and script that a page names exists."""
    page_text = (ROOT / page).read_text()
    named_paths = {*FILES.findall(page_text), *re.findall(r"\bscripts/[\w-]+", page_text)}
    assert named_paths
    assert [name for name in sorted(named_paths) if not (ROOT / name).exists()] == []


def test_every_module_of_the_architecture_exists() -> None:
    """Every dotted name in ARCHITECTURE.md is an existing module or attribute."""
    tops = {*PACKAGES, *(path.stem for path in SOURCE.glob("*.py"))}
    module_names = {
        name
        for name in re.findall(r"`([a-z_]+(?:\.\w+)+)`", ARCHITECTURE)
        if name.partition(".")[0] in tops
    }
    assert len(module_names) > 30
    assert [name for name in sorted(module_names) if not is_there(name)] == []


def test_every_folder_of_the_table_exists() -> None:
    """Every folder that the row of a package names exists."""
    for package, description in re.findall(r"^\| `(\w+)` \| (.*) \|$", ARCHITECTURE, re.MULTILINE):
        for name in re.findall(r"`(\w+)/`", description):
            assert (SOURCE / package / name).is_dir(), f"{package}/{name}"


def test_every_package_is_in_the_table() -> None:
    """The table has one row for each existing package."""
    table = ARCHITECTURE.partition("| package |")[2].partition("\n\n")[0]
    assert sorted(re.findall(r"^\| `(\w+)`", table, re.MULTILINE)) == sorted(PACKAGES)


def test_the_picture_shows_the_layers_of_the_import_tests() -> None:
    """The picture shows the layers of the import tests in the same order."""
    (picture,) = re.findall(r"```text\n(.*?)```", ARCHITECTURE, re.DOTALL)
    drawn_layers = [set(line[:COLUMN].split()) for line in picture.splitlines()]
    tested_layers = [layer for layer in reversed(LAYERS) if layer != {"__main__"}]
    assert drawn_layers[:-1] == tested_layers[:-1]
    assert drawn_layers[-1] < tested_layers[-1]


@pytest.mark.parametrize(
    ("title", "max_steps"),
    [
        ("Add a check", 3),
        ("Add a body kind", 5),
        ("Add a page style", 5),
        ("Add or change a retry policy", 1),
        ("Add a report format", 1),
    ],
)
def test_a_recipe_has_few_steps(title: str, max_steps: int) -> None:
    """A recipe has few steps in the source, and others begin with "Only if" or "Only for"."""
    assert len(re.findall(r"^\d\. `src/", find_recipe(title), re.MULTILINE)) <= max_steps
    conditions = " ".join(find_recipe(title).partition("\nOnly ")[2].partition("\n\n")[0].split())
    assert all(part.startswith(("if ", "for ")) for part in conditions.split("Only ") if part)


def test_every_name_of_a_recipe_is_defined_in_its_file() -> None:
    """A function, class or table that a step names is defined in the step's file."""
    recipes = CONTRIBUTING.partition("## Recipes")[2]
    named_functions = re.findall(r"`(src/[\w./]+\.py)`,\s+`(\w+)`(?: and `(\w+)`)?", recipes)
    assert len(named_functions) > 10
    for file, *names in named_functions:
        for name in filter(None, names):
            pattern = rf"^\s*(?:async )?(?:def|class) {name}\b|^{name}\b(?::.*)? = "
            assert re.search(pattern, (ROOT / file).read_text(), re.MULTILINE), f"{file}: {name}"


def test_the_recipe_of_a_check_names_the_files_of_checks() -> None:
    """The recipe of a check names the files of the registry, examinations and mutants."""
    named_files = list_files("Add a check")
    for check in CHECKS:
        module = str(check.examination).partition(":")[0].replace(".", "/")
        if not module.startswith("fuzzing/"):  # what schemathesis sends, for all checks of it
            assert is_covered(f"src/driftline/suite/{module}.py", named_files), module
    for file in find_sources(r"(?m)^    (CatalogueEntry|RegisteredCheck)\("):
        assert is_covered(file, named_files), file
    for file in find_sources(r"(?m)^@(listing_)?operator$"):
        assert is_covered(file, named_files), file


def test_the_recipe_of_a_body_kind_names_every_file_that_branches() -> None:
    """The recipe of a body kind names every file that branches on a kind, not on its traits.

    A kind whose name has other meanings counts only in files with two of them.
    """
    named_files = list_files("Add a body kind")
    assert "src/driftline/media.py" in named_files
    ambiguous_kinds = {"form", "xml"}
    kinds = TRAITS.keys() - {"json", "text", "binary"} - ambiguous_kinds
    branching_files: set[str] = set()
    for file in find_sources("find_body_kind|BodyKind|TRAITS|_KINDS|media.kind"):
        source = (ROOT / file).read_text()
        is_clear = any(f'"{kind}"' in source for kind in kinds)
        if is_clear or all(f'"{kind}"' in source for kind in ambiguous_kinds):
            branching_files.add(file)
    assert len(branching_files) > 5
    assert [file for file in sorted(branching_files) if not is_covered(file, named_files)] == []


def test_the_recipe_of_a_page_style_names_every_file_of_styles() -> None:
    """The recipe of a page style names every file with a class of a style, and no other compares
    styles.
    """
    named_files = list_files("Add a page style")
    assert [
        file for file in find_sources(r"class \w+(Style|Paging)\(") if file not in named_files
    ] == []
    comparing_files = set(find_sources(r"page\w*\.(style|name) (==|!=|in|not in)"))
    assert comparing_files == set()


def test_retries_are_decided_in_one_file() -> None:
    """Only the retries module of the runtime decides about retries, and the recipe names it."""
    deciding_files = set(
        find_sources(r"def (wait_after_(status|failure)|retry_after|limit_attempts)")
    )
    assert deciding_files == {"src/driftline/runtime/retries.py"}
    assert deciding_files < list_files("Add or change a retry policy")


def test_the_recipe_of_a_format_names_the_registry() -> None:
    """The recipe of a report format names the folder of formats, and no other file imports one."""
    assert "src/driftline/report/formats/" in list_files("Add a report format")
    assert set(find_sources(r"report\.formats\.\w")) == set()


def test_the_changelog_can_be_released() -> None:
    """`driftline release` finds the entries under Unreleased, and moves them under a version."""
    changelog = (ROOT / "CHANGELOG.md").read_text()
    lines = changelog.partition("## Unreleased\n")[2].split()
    released_changelog = insert_release(changelog, {}, "9.9.9", "2030-01-01")
    assert list_versions(released_changelog)[0] == "9.9.9"
    assert released_changelog.partition("## [9.9.9] - 2030-01-01\n")[2].split() == lines
