"""The documentation site: complete navigation and working links."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from bench.site import PAGES, ROOT, move_links, stage


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the directory of the staged pages."""
    folder = tmp_path_factory.mktemp("site") / ".cache" / "site"
    stage(folder)
    return folder


def test_every_page_is_in_the_navigation_once(pages: Path) -> None:
    """Every page is in the navigation once, and the navigation lists no missing page."""
    configuration = (ROOT / "mkdocs.yml").read_text(encoding="utf-8")
    linked_pages = re.findall(r": ([\w/-]+\.md)$", configuration, re.MULTILINE)
    staged_pages = {path.relative_to(pages).as_posix() for path in pages.rglob("*.md")}
    assert len(linked_pages) == len(set(linked_pages))
    assert set(linked_pages) == staged_pages
    assert yaml.safe_load(configuration)["strict"] is True


def test_a_page_has_the_title_of_its_link(pages: Path) -> None:
    """The heading of a page equals its title in the navigation."""
    configuration = (ROOT / "mkdocs.yml").read_text(encoding="utf-8")
    for title, name in re.findall(r"- ([\w' -]+): ([\w/-]+\.md)$", configuration, re.MULTILINE):
        heading = (pages / name).read_text(encoding="utf-8").partition("\n")[0]
        assert heading == f"# {'driftline' if name == 'index.md' else title}"


def test_links_are_adapted_to_the_site() -> None:
    """Links to pages are adapted, links to files become text, and code is unchanged."""
    names = {**PAGES, "docs/mock.md": "mock.md", "docs/tutorials/a.md": "tutorials/a.md"}
    markdown = "[m](../mock.md#x) [i](../../README.md) [s](../../src/a.py) [w](https://a.example)\n"
    moved_markdown = "[m](../mock.md#x) [i](../index.md) s [w](https://a.example)\n"
    fence = "```text\n[m](../../README.md)\n```"
    assert move_links(markdown + fence, "docs/tutorials/a.md", names) == moved_markdown + fence
    assert move_links("[m](docs/mock.md)", "README.md", names) == "[m](mock.md)"


def test_the_site_is_built_without_a_warning(pages: Path) -> None:
    """The site builds in strict mode, with the commands and the Python reference."""
    settings = (ROOT / "mkdocs.yml").read_text(encoding="utf-8")
    settings = settings.replace("[src]", f"[{ROOT / 'src'}]")
    folder = pages.parents[1]
    (folder / "mkdocs.yml").write_text(settings, encoding="utf-8")
    command = [str(Path(sys.executable).with_name("zensical")), "build", "--strict"]
    process = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    assert process.returncode == 0, process.stdout + process.stderr
    assert "--fail-on" in (folder / "site/commands/index.html").read_text(encoding="utf-8")
    assert "CallOptions" in (folder / "site/api/index.html").read_text(encoding="utf-8")
    assert (folder / "site/search.json").is_file()
