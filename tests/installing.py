"""The built wheel in an environment of its own, for tests of what a user installs."""

from __future__ import annotations

import os
import subprocess
import sys
import sysconfig
import venv
from pathlib import Path

__all__ = ["install_in", "run"]

ROOT = Path(__file__).parents[1]


def run(
    *command: str | Path, cwd: Path = ROOT, **variables: str
) -> subprocess.CompletedProcess[str]:
    """Runs a command without what this run of pytest has set; `variables` are for its process."""
    inherited = {
        k: v for k, v in os.environ.items() if not k.startswith(("PYTEST_", "PYTHON", "COV_"))
    }
    arguments = [str(part) for part in command]
    return subprocess.run(
        arguments, cwd=cwd, env=inherited | variables, capture_output=True, text=True, check=False
    )


def install_in(folder: Path, *clients: str) -> Path:
    """The Python of a new environment with the wheel, and what this one has but for driftline.

    `clients` are APIs of which the client's own wheel is installed as well.
    """
    for source in (ROOT, *(ROOT / "generated" / f"{name}_client" for name in clients)):
        # -P: a client has a module types.py, which is not to be Python's own.
        build = ("-P", "-m", "hatchling", "build", "-t", "wheel", "-d", folder)
        build_process = run(sys.executable, *build, cwd=source)
        assert build_process.returncode == 0, build_process.stdout + build_process.stderr
    wheels = sorted(folder.glob("*.whl"))
    assert len(wheels) == 1 + len(clients)
    venv.create(folder / "env", with_pip=False, symlinks=True)
    python = folder / "env/bin/python"
    python_process = run(python, "-c", "import sysconfig; print(sysconfig.get_path('purelib'))")
    site_packages = python_process.stdout.strip()
    # The other's own .pth files, by which an editable install is found, are not read by this.
    Path(site_packages, "others.pth").write_text(sysconfig.get_path("purelib") + "\n")
    pip = ("-m", "pip", "install", "-q", "--no-deps", "--no-index", "--no-compile")
    install_process = run(sys.executable, *pip, "--target", site_packages, *wheels)
    assert install_process.returncode == 0, install_process.stdout + install_process.stderr
    return python
