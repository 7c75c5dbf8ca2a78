"""Environments that hold the repository, or a wheel of it, with exactly the extras asked for."""

import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

from documented import ROOT

#: Where those of the repository are kept.
HOME = ROOT / ".environments"


class Fault(Exception):
    """A command that did not do what is shown."""


def python_of(folder: Path) -> Path:
    """The Python of an environment."""
    return folder / ("Scripts/python.exe" if os.name == "nt" else "bin/python")


def install(folder: Path, *what: str) -> None:
    """Install into an environment, made where it is missing: by uv, or else by pip."""
    constrained = ["-c", str(ROOT / "constraints.txt"), *what]
    uv = [sys.executable, "-m", "uv"]
    try:
        if not folder.exists():
            quietly(*uv, "venv", "--quiet", "--python", sys.executable, str(folder))
        quietly(*uv, "pip", "install", "--quiet", "--python", str(python_of(folder)), *constrained)
    except Fault as without:
        print(f"Without uv, with pip ({str(without).splitlines()[-1]})", flush=True)
        shutil.rmtree(folder, ignore_errors=True)
        quietly(sys.executable, "-m", "venv", str(folder))
        pip = [str(python_of(folder)), "-m", "pip", "install", "--disable-pip-version-check"]
        quietly(*pip, "--quiet", *constrained)


def quietly(*words: str) -> None:
    """Run a command of the set-up."""
    done = subprocess.run(words, cwd=ROOT, capture_output=True, text=True)
    if done.returncode:
        raise Fault(done.stderr or f"{words[0]}: exit code {done.returncode}")


def environment(name: str, extra: str) -> Path:
    """The Python of an environment of the repository, made once for what it is made from."""
    folder, stamp = HOME / name, HOME / name / "made-for"
    facts = [str(ROOT), sys.version, extra]
    facts += [(ROOT / file).read_text("utf-8") for file in ("pyproject.toml", "constraints.txt")]
    made_for = hashlib.sha256("\n".join(facts).encode()).hexdigest()
    if not stamp.is_file() or stamp.read_text() != made_for:
        shutil.rmtree(folder, ignore_errors=True)
        install(folder, "-e", f".[{extra}]" if extra else ".")
        stamp.write_text(made_for)
    return python_of(folder)


def build_wheel(folder: Path) -> Path:
    """The wheel, built from the source distribution, so that this is whole too."""
    try:
        quietly(sys.executable, "-m", "uv", "build", "--quiet", "--out-dir", str(folder), str(ROOT))
    except Fault as without:
        print(f"Without uv, with pip ({str(without).splitlines()[-1]})", flush=True)
        quietly(sys.executable, "-m", "pip", "wheel", "--no-deps", "-w", str(folder), str(ROOT))
    (wheel,) = folder.glob("*.whl")
    return wheel
