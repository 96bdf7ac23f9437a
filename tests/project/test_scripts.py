"""The scripts are short, listed and usable from any folder, and install pinned packages."""

from __future__ import annotations

import re
import shutil
import stat
import subprocess
import tomllib
from collections.abc import Callable
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "scripts"
SCRIPTS = sorted(path for path in FOLDER.iterdir() if path.suffix != ".md")
SHELL = [path for path in SCRIPTS if not path.suffix]


def test_the_readme_lists_each_script() -> None:
    """The README has one line for each script."""
    listed_scripts = re.findall(
        r"^- `([^`]+)`: \S", (FOLDER / "README.md").read_text(), re.MULTILINE
    )
    assert sorted(listed_scripts) == [path.name for path in SCRIPTS]


@pytest.mark.parametrize("path", SHELL, ids=lambda path: path.name)
def test_a_script_is_short_and_begins_with_a_comment(path: Path) -> None:
    """A script is POSIX sh with `set -eu`, at most 15 lines, and begins with a comment."""
    lines = path.read_text().splitlines()
    assert len(lines) <= 15
    assert lines[0] == "#!/bin/sh"
    assert lines[1].startswith("# ")
    assert lines[2] == "set -eu"
    assert path.stat().st_mode & stat.S_IXUSR
    assert subprocess.run(["sh", "-n", path], check=False).returncode == 0  # noqa: S607


def test_every_folder_that_a_script_names_exists() -> None:
    """Every folder of the source and tests that a script names exists."""
    for path in SHELL:
        for name in re.findall(r"\b(?:src|tests)/[\w/.-]+", path.read_text()):
            assert (ROOT / name).exists(), f"{path.name}: {name}"


def test_the_fast_tests_need_no_downloads() -> None:
    """scripts/test downloads a browser and the vendors' packages only for the slow tests."""
    script = (FOLDER / "test").read_text()
    fetching_part, _, _ = script.partition('case "$*" in *"not slow"*) ;; *)')[2].partition("esac")
    assert "scripts/vendor-sdks" in fetching_part
    assert "scripts/browser" in fetching_part
    assert script.count("scripts/browser") == script.count("scripts/vendor-sdks") == 1


def test_ci_only_calls_scripts() -> None:
    """.ci/run calls the check, drift and test scripts in this order, and nothing else."""
    lines = (ROOT / ".ci" / "run").read_text().splitlines()
    assert [line for line in lines if line and not line.startswith("#")] == [
        "set -eu",
        'cd "$(dirname "$0")/.."',
        "scripts/check",
        "scripts/drift",
        "scripts/test",
    ]


PINS = ("constraints.txt", "constraints-contract.txt")


def _read_pins(name: str) -> dict[str, str]:
    """Return the pin of each package with its version, condition and hashes."""
    constraints = (ROOT / name).read_text()
    blocks = re.split(r"\n(?=\w)", "\n" + re.sub(r"^#.*\n", "", constraints, flags=re.MULTILINE))[
        1:
    ]
    return {block.partition("==")[0]: block.strip() for block in blocks}


@pytest.mark.parametrize("name", PINS)
def test_constraints_pin_exactly_and_name_no_index(name: str) -> None:
    """Every package has an exact version and hashes, and no index or folder is named."""
    pins = _read_pins(name)
    assert len(pins) > 50
    pin_pattern = r"[\w.-]+==[\w.+!]+( ; [^\n]+)? \\(\n    --hash=sha256:[0-9a-f]{64}( \\)?)+"
    assert [block for block in pins.values() if not re.fullmatch(pin_pattern, block)] == []


def test_both_constraints_pin_the_same_files() -> None:
    """The smaller constraints pin the same versions and hashes as the larger ones."""
    all_pins, contract = (
        {package: re.sub(r" ; .*(?= \\)", "", pin) for package, pin in _read_pins(name).items()}
        for name in PINS
    )
    assert {name: all_pins.get(name) for name in contract} == contract


def test_each_dependency_is_pinned() -> None:
    """Every dependency is pinned, including those that build the wheel."""
    data = tomllib.loads((ROOT / "pyproject.toml").read_text())
    extras = data["project"]["optional-dependencies"]
    all_pins, contract = map(_read_pins, PINS)
    requirements = [*data["project"]["dependencies"], *data["build-system"]["requires"]]
    requirements += [*extras["spec"], *extras["generate"], *extras["mock"], *extras["contract"]]
    assert {_normalize(requirement) for requirement in requirements} - {"driftline"} <= set(
        contract
    )
    assert {_normalize(e) for extra in extras.values() for e in extra} - {"driftline"} <= set(
        all_pins
    )


def _normalize(requirement: str) -> str:
    name = re.match(r"[\w.-]+", requirement)
    return re.sub(r"[-_.]+", "-", name[0]).lower() if name else ""


PIP = """#!/bin/sh
# Stands in for a Python: notes what it was asked, makes what `venv` makes.
echo "$@" >> "$NOTES"
case "$*" in
  *ensurepip*) exit 0 ;;
  *"-m venv"*) mkdir -p .venv/bin; cp "$0" .venv/bin/python ;;
  *"pip install"*) [ -z "${BROKEN:-}" ] || exit 1; cp "$0" .venv/bin/driftline ;;
esac
"""


@pytest.fixture
def environment(tmp_path: Path) -> Callable[..., tuple[int, list[str], str]]:
    """Return a function that runs scripts/environment with a fake Python."""
    for name in ("pyproject.toml", *PINS):
        shutil.copy(ROOT / name, tmp_path)
    (tmp_path / "scripts").mkdir()
    for name in ("environment", "python"):
        shutil.copy(FOLDER / name, tmp_path / "scripts")
    bin_folder = tmp_path / "bin"
    bin_folder.mkdir()
    for tool in ("sh", "cat", "cksum", "dirname", "mkdir", "cp"):
        (bin_folder / tool).symlink_to(str(shutil.which(tool)))
    notes = tmp_path / "notes"

    def run(
        *arguments: str, python: str = "python3.12", **variables: str
    ) -> tuple[int, list[str], str]:
        for old in bin_folder.glob("python*"):
            old.unlink()
        (bin_folder / python).write_text(PIP)
        (bin_folder / python).chmod(0o755)
        notes.write_text("")
        process = subprocess.run(
            [tmp_path / "scripts" / "environment", *arguments],
            cwd="/",
            env={"PATH": str(bin_folder), "NOTES": str(notes), **variables},
            capture_output=True,
            text=True,
            check=False,
        )
        return process.returncode, notes.read_text().splitlines(), process.stderr

    return run


def list_installed_pins(calls: list[str]) -> list[str]:
    """Return the pins that were installed, each with hashes and followed by driftline itself."""
    install_calls = [call for call in calls if "pip install" in call]
    own_install = "-m pip install --quiet --no-deps --no-build-isolation -e ."
    assert install_calls[1::2] == [own_install] * len(install_calls[1::2])
    assert all("--require-hashes" in call for call in install_calls[::2])
    return [call.rpartition(" ")[2] for call in install_calls[::2]]


def test_an_environment_is_created_once(
    environment: Callable[..., tuple[int, list[str], str]],
) -> None:
    """The first run creates and fills the environment, and the second one installs nothing."""
    code, calls, _ = environment("contract")
    assert code == 0
    assert any("venv --clear .venv" in call for call in calls)
    assert list_installed_pins(calls) == ["constraints-contract.txt"]
    assert environment("contract")[:2] == (0, ["--version"])


def test_an_environment_with_dev_installs_no_smaller_extra(
    environment: Callable[..., tuple[int, list[str], str]],
) -> None:
    """An environment with [dev] installs no smaller extra."""
    environment("dev")
    assert list_installed_pins(environment("contract")[1]) == []
    assert list_installed_pins(environment()[1]) == []


def test_a_changed_pin_is_installed(
    environment: Callable[..., tuple[int, list[str], str]], tmp_path: Path
) -> None:
    """A changed pin is installed without creating the environment again."""
    environment("dev")
    with (tmp_path / "constraints.txt").open("a") as file:
        file.write("zzz==1\n")
    _, calls, _ = environment("dev")
    assert list_installed_pins(calls) == ["constraints.txt"]
    assert not any("venv --clear" in call for call in calls)


def test_an_incomplete_environment_is_repaired(
    environment: Callable[..., tuple[int, list[str], str]], tmp_path: Path
) -> None:
    """An environment whose installation failed or whose files are missing is repaired."""
    assert environment("dev", BROKEN="1")[0] != 0
    assert list_installed_pins(environment("dev")[1]) == ["constraints.txt"]
    (tmp_path / ".venv" / "bin" / "driftline").unlink()
    assert list_installed_pins(environment("dev")[1]) == ["constraints.txt"]
    (tmp_path / ".venv" / "bin" / "driftline").unlink()
    (tmp_path / ".venv" / "bin" / "python").unlink()
    assert any("venv --clear" in call for call in environment("dev")[1])


@pytest.mark.parametrize("python", ["python3.13", "python3.12", "python3.11", "python3"])
def test_any_supported_python_is_used(
    python: str, environment: Callable[..., tuple[int, list[str], str]]
) -> None:
    """The script uses any supported Python and prints which."""
    code, _, errors = environment("dev", python=python)
    assert code == 0
    assert errors == f"Setting up .venv with {python} for [dev] ...\n"


def test_only_the_python_of_the_variable_is_used(
    environment: Callable[..., tuple[int, list[str], str]],
) -> None:
    """If `PYTHON` is set, no other Python is used."""
    assert environment("dev", python="python3.12", PYTHON="python3.13")[0] == 2
    assert environment("dev", python="python3.12", PYTHON="python3.12")[0] == 0


def test_a_missing_python_is_one_error(
    environment: Callable[..., tuple[int, list[str], str]],
) -> None:
    """Without a supported Python, the script exits with 2 and a message."""
    code, _, errors = environment("dev", python="python2")
    assert (code, errors) == (2, "error: no Python 3.11 or later with venv is on the PATH\n")
