"""A project outside of this repository adds its API with the built wheel and finds its drift."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from installing import install_in, run

ROOT = Path(__file__).parents[2]
SHOP_FOLDER = Path(__file__).parent / "outside"
MAIN = "from driftline.cli import main; main()"
ORDERS = """
import sys
sys.path.insert(0, "generated")
import driftline
from driftline.mock import Mock, MockTransport
from driftline.openapi import load
from pathlib import Path
from shop_client import Shop

assert Path(driftline.__file__).is_relative_to(sys.prefix)
mock = Mock(load(Path("specs/shop.yaml")))
with Shop(key=mock.credentials["key"], transport=MockTransport(mock.handle)) as shop:
    made = shop.orders.create(item="a bell")
    assert shop.orders.get(made.id).item == "a bell"
    assert made.id in {order.id for order in shop.orders.list(limit=50)}
"""


@pytest.fixture(scope="module")
def python(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Create an environment with the wheel and this environment's packages but driftline."""
    return install_in(tmp_path_factory.mktemp("wheel"))


@contextmanager
def serve_shop(folder: Path, flaw: str) -> Iterator[str]:
    """Run the application's own server and yield its URL."""
    command = [sys.executable, str(folder / "server.py"), flaw]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        yield f"http://127.0.0.1:{process.stdout.readline().strip()}"
        process.terminate()


def test_add_and_check_name_the_line_of_each_flaw(python: Path, tmp_path: Path) -> None:
    """`add` creates client and mock from a document, and `check` names the line of each flaw."""
    shop = shutil.copytree(
        SHOP_FOLDER, tmp_path / "shop", ignore=shutil.ignore_patterns("__pycache__")
    )
    before = (shop / "shop.json").read_bytes()
    driftline = (python, "-c", MAIN)
    add_process = run(*driftline, "add", "shop.json", "--name", "shop", cwd=shop)
    assert add_process.returncode == 0, add_process.stdout + add_process.stderr
    assert "no drift." in add_process.stdout
    assert "left out" not in add_process.stdout
    assert (shop / "specs/sources/shop.json").read_bytes() == before
    orders_process = run(python, "-c", ORDERS, cwd=shop)
    assert orders_process.returncode == 0, orders_process.stderr
    with serve_shop(shop, "flaw") as url:
        live = ("check", "shop", "--url", f"shop={url}", "--format", "json", "--rate", "1000")
        check_process = run(*driftline, *live, "--fail-on", "assumed", cwd=shop, SHOP_KEY="secret")
    assert check_process.returncode == 1
    report = json.loads(check_process.stdout)
    sites = {
        (f["id"], Path(f["location"]["file"]).name, f["location"]["line"])
        for f in report["findings"]
    }
    required_line = find_line(
        shop / "specs/sources/shop.json", '"required": ["id", "item", "note"]'
    )
    assert ("response.required.missing", "shop.json", required_line) in sites
    assert ("listing.page.repeats", "shop.yaml") in {(name, file) for name, file, _ in sites}


def find_line(path: Path, part: str) -> int:
    lines = path.read_text().splitlines()
    return next(number for number, line in enumerate(lines, 1) if part in line)
