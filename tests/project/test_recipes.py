"""ARCHITECTURE.md and CONTRIBUTING.md: what they name exists, and no recipe forgets a file."""

from __future__ import annotations

import re
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path

import pytest

from driftline.changes.release.changelog import insert_release, list_versions
from driftline.checks import CHECKS
from driftline.media import TRAITS
from project.test_imports import LAYERS, SOURCE, modules

ROOT = Path(__file__).parents[2]
ARCHITECTURE = (ROOT / "ARCHITECTURE.md").read_text()
CONTRIBUTING = (ROOT / "CONTRIBUTING.md").read_text()
PACKAGES = {path.name for path in SOURCE.iterdir() if (path / "__init__.py").is_file()}
COLUMN = 40
"""Where the words beside the picture of the layers begin."""
FILES = re.compile(r"`((?:src|tests|scripts|docs)/[\w./-]*|[\w.]+\.txt)`")


def recipe(title: str) -> str:
    """The text of a recipe."""
    return CONTRIBUTING.partition(f"### {title}\n")[2].partition("\n### ")[0]


def files_of(title: str) -> set[str]:
    return set(FILES.findall(recipe(title)))


def sources(pattern: str) -> Iterator[str]:
    """The files of the source that have a line with it."""
    for path in modules():
        if re.search(pattern, path.read_text()):
            yield path.relative_to(ROOT).as_posix()


def is_covered(file: str, named: set[str]) -> bool:
    return any(file == name or (name.endswith("/") and file.startswith(name)) for name in named)


def is_there(name: str) -> bool:
    """Whether a dotted name below driftline is a package, a module or what a module holds."""
    if SOURCE.joinpath(*name.split(".")).is_dir():
        return True
    if SOURCE.joinpath(*name.split(".")).with_suffix(".py").is_file():
        return True
    holder, _, attribute = name.rpartition(".")
    return hasattr(import_module(f"driftline.{holder}"), attribute)


@pytest.mark.parametrize("page", ["ARCHITECTURE.md", "CONTRIBUTING.md"])
def test_every_path_exists(page: str) -> None:
    """Each file and folder, scripts with their arguments included."""
    text = (ROOT / page).read_text()
    named = {*FILES.findall(text), *re.findall(r"\bscripts/[\w-]+", text)}
    assert named
    assert [name for name in sorted(named) if not (ROOT / name).exists()] == []


def test_every_module_of_the_architecture_exists() -> None:
    """Each dotted name that begins with a package or module of driftline."""
    tops = {*PACKAGES, *(path.stem for path in SOURCE.glob("*.py"))}
    named = {
        name
        for name in re.findall(r"`([a-z_]+(?:\.\w+)+)`", ARCHITECTURE)
        if name.partition(".")[0] in tops
    }
    assert len(named) > 30
    assert [name for name in sorted(named) if not is_there(name)] == []


def test_every_folder_of_the_table_exists() -> None:
    """The subpackages and modules that the row of a package names."""
    for package, text in re.findall(r"^\| `(\w+)` \| (.*) \|$", ARCHITECTURE, re.MULTILINE):
        for name in re.findall(r"`(\w+)/`", text):
            assert (SOURCE / package / name).is_dir(), f"{package}/{name}"


def test_every_package_is_in_the_table() -> None:
    """One row each, and none of a package that is gone."""
    table = ARCHITECTURE.partition("| package |")[2].partition("\n\n")[0]
    assert sorted(re.findall(r"^\| `(\w+)`", table, re.MULTILINE)) == sorted(PACKAGES)


def test_the_picture_shows_the_layers_that_are_tested() -> None:
    """Line by line from the top; the lowest one names some of its modules."""
    (picture,) = re.findall(r"```text\n(.*?)```", ARCHITECTURE, re.DOTALL)
    drawn = [set(line[:COLUMN].split()) for line in picture.splitlines()]
    held = [layer for layer in reversed(LAYERS) if layer != {"__main__"}]
    assert drawn[:-1] == held[:-1]
    assert drawn[-1] < held[-1]


@pytest.mark.parametrize(
    ("title", "most"),
    [
        ("Add a check", 3),
        ("Add a body kind", 5),
        ("Add a page style", 5),
        ("Add or change a retry policy", 1),
        ("Add a report format", 1),
    ],
)
def test_a_recipe_stays_short(title: str, most: int) -> None:
    """So many steps change the source; what most changes do without begins with "Only"."""
    assert len(re.findall(r"^\d\. `src/", recipe(title), re.MULTILINE)) <= most
    only = " ".join(recipe(title).partition("\nOnly ")[2].partition("\n\n")[0].split())
    assert all(part.startswith(("if ", "for ")) for part in only.split("Only ") if part)


def test_every_name_of_a_recipe_is_in_its_file() -> None:
    """A function, class or table that stands behind the file of a step is defined in there."""
    text = CONTRIBUTING.partition("## Recipes")[2]
    named = re.findall(r"`(src/[\w./]+\.py)`,\s+`(\w+)`(?: and `(\w+)`)?", text)
    assert len(named) > 10
    for file, *names in named:
        for name in filter(None, names):
            pattern = rf"^\s*(?:async )?(?:def|class) {name}\b|^{name}\b(?::.*)? = "
            assert re.search(pattern, (ROOT / file).read_text(), re.MULTILINE), f"{file}: {name}"


def test_the_recipe_of_a_check_names_where_checks_are() -> None:
    """What is known of them and their findings, what they do, and their mutants."""
    named = files_of("Add a check")
    for check in CHECKS:
        module = str(check.examination).partition(":")[0].replace(".", "/")
        if not module.startswith("fuzzing/"):  # what schemathesis sends, for all checks of it
            assert is_covered(f"src/driftline/suite/{module}.py", named), module
    for file in sources(r"(?m)^    (CatalogueEntry|RegisteredCheck)\("):
        assert is_covered(file, named), file
    for file in sources(r"(?m)^@(listing_)?operator$"):
        assert is_covered(file, named), file


def test_the_recipe_of_a_body_kind_names_all_that_branch_on_one() -> None:
    """Every file that has two kinds or more but JSON, as strings; the rest asks the traits."""
    named = files_of("Add a body kind")
    assert "src/driftline/media.py" in named
    kinds = TRAITS.keys() - {"json", "text", "binary"}
    several = {
        file
        for file in sources("find_body_kind|BodyKind|TRAITS|_KINDS|media.kind")
        if sum(f'"{kind}"' in (ROOT / file).read_text() for kind in kinds) > 1
    }
    assert len(several) > 5
    assert [file for file in sorted(several) if not is_covered(file, named)] == []


def test_the_recipe_of_a_page_style_names_all_that_knows_one() -> None:
    """Each file with a class or a word of every style; the rest asks the objects."""
    named = files_of("Add a page style")
    assert [file for file in sources(r"class \w+(Style|Paging)\(") if file not in named] == []
    compared = set(sources(r"page\w*\.(style|name) (==|!=|in|not in)"))
    assert compared == set()


def test_retries_are_decided_in_one_file() -> None:
    """Which responses are sent again, and after how long: in no other file of the runtime."""
    decided = set(sources(r"def (wait_after_(status|failure)|retry_after|limit_attempts)"))
    assert decided == {"src/driftline/runtime/retries.py"}
    assert decided < files_of("Add or change a retry policy")


def test_the_recipe_of_a_format_names_the_registry() -> None:
    """Every format is a module of the folder, and no other file names one."""
    assert "src/driftline/report/formats/" in files_of("Add a report format")
    assert set(sources(r"report\.formats\.\w")) == set()


def test_the_changelog_can_be_released() -> None:
    """`driftline release` finds the entries under Unreleased, and moves them under a version."""
    text = (ROOT / "CHANGELOG.md").read_text()
    lines = text.partition("## Unreleased\n")[2].split()
    released = insert_release(text, {}, "9.9.9", "2030-01-01")
    assert list_versions(released)[0] == "9.9.9"
    assert released.partition("## [9.9.9] - 2030-01-01\n")[2].split() == lines
