"""Puts what lies beside the package into a wheel: notebooks, reports.yml, plans, guides.

In git they lie at the top of the repository, once, where people look for them. A wheel has no such
place, so they are packed where ``salesanalysis.reports.project`` looks for them; an editable
installation uses the repository itself.
"""

from pathlib import Path

from setuptools import setup
from setuptools.command.build_py import build_py

PROJECT = Path("salesanalysis", "reports", "project")


def shipped() -> list[str]:
    """The files that the patterns of shipped.txt name, relative to the repository."""
    patterns = (PROJECT / "shipped.txt").read_text(encoding="utf-8").split()
    found = {pattern: sorted(map(str, Path().glob(pattern))) for pattern in patterns}
    missing = [pattern for pattern, paths in found.items() if not paths]
    if missing:
        raise FileNotFoundError(f"nothing to ship for {', '.join(missing)}")
    return [path for paths in found.values() for path in paths]


class BuildWithProject(build_py):
    """Copies the package, then what a project begins with."""

    def run(self):
        super().run()
        for source, target in self._to_ship().items():
            self.mkpath(str(Path(target).parent))
            self.copy_file(source, target)

    def get_outputs(self, include_bytecode=True):
        return [*super().get_outputs(include_bytecode), *self._to_ship().values()]

    def get_source_files(self):
        return [*super().get_source_files(), *shipped()]  # these go into an sdist

    def _to_ship(self) -> dict[str, str]:
        if self.editable_mode:
            return {}
        return {path: str(Path(self.build_lib, PROJECT, "shipped", path)) for path in shipped()}


setup(cmdclass={"build_py": BuildWithProject})
