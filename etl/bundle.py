"""The program itself as one archive, for a machine without a network: `make bundle`.

Holds the tracked files (browser assets among them), one wheel a line of the lock, and every wheel's licence texts. On the
other machine `make run` finds the folder `wheels/` and asks no index.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import tarfile
import tomllib
import zipfile
from pathlib import Path

from data.errors import JingweiError

LICENCE_WORDS = ("licen", "copying", "notice", "authors")


def bundle(root: Path, out: Path) -> Path:
    """Write `jingwei-VERSION-bundle.tar.gz` into `out` and return its path.

    root: a checkout with git. Raises JingweiError when git or a wheel is missing.
    """
    version = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))["project"]["version"]
    name = f"jingwei-{version}"
    folder = out / "unpacked" / name
    shutil.rmtree(out / "unpacked", ignore_errors=True)
    folder.mkdir(parents=True)
    copy_tracked(root, folder)
    download_wheels(root / "requirements.txt", folder / "wheels")
    collect_licences(folder / "wheels", folder / "licences")
    archive = out / f"{name}-bundle.tar.gz"
    with tarfile.open(archive, "w:gz", compresslevel=1) as tar:  # wheels are compressed already
        tar.add(folder, arcname=name)
    shutil.rmtree(out / "unpacked")
    return archive


def copy_tracked(root: Path, folder: Path) -> None:
    """Copy the files git tracks, as they are in the working tree."""
    listing = subprocess.run(["git", "ls-files", "-z"], cwd=root, capture_output=True, text=True, check=False)
    if listing.returncode:
        raise JingweiError(
            "The bundle is made from a git checkout.", where=str(root), todo="Clone the repository first."
        )
    for relative in filter(None, listing.stdout.split("\0")):
        source, target = root / relative, folder / relative
        if source.is_file():
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(source, target)


def download_wheels(lock: Path, folder: Path) -> None:
    """Fetch the wheel of every line of the lock for this Python and platform, hashes checked."""
    pip = [sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check", "--no-deps"]
    pip += ["--require-hashes", "--only-binary", ":all:", "-r", str(lock), "-d", str(folder)]
    done = subprocess.run(pip, capture_output=True, text=True, check=False)
    if done.returncode:
        raise JingweiError("Not every wheel could be had.", where=str(lock), todo=done.stderr.strip()[-800:])


def collect_licences(wheels: Path, folder: Path) -> None:
    """Put each wheel's licence texts beside one another: licences/PACKAGE/FILE."""
    for wheel in sorted(wheels.glob("*.whl")):
        with zipfile.ZipFile(wheel) as archive:
            for member in archive.namelist():
                part = Path(member)
                if ".dist-info" in member and any(word in part.name.lower() for word in LICENCE_WORDS):
                    target = folder / wheel.name.split("-")[0] / part.name
                    target.parent.mkdir(parents=True, exist_ok=True)
                    target.write_bytes(archive.read(member))


if __name__ == "__main__":
    project = Path(__file__).resolve().parents[1]
    try:
        written = bundle(project, project / "dist")
    except JingweiError as error:
        sys.exit(str(error))
    print(f"{written.relative_to(project)}  {written.stat().st_size / 1e6:.0f} MB")
