"""What a shell completes: sourced in bash, and asked for what fits."""

import shutil
import subprocess

import pytest

from salesanalysis import cli, text
from salesanalysis.formats import FORMATS

bash = pytest.mark.skipif(not shutil.which("bash"), reason="bash is not there")

_ASK = """\
source ./completion.bash
COMP_WORDS=(salesanalysis "$@"); COMP_CWORD=$#
_shtab_salesanalysis
printf '%s\\n' "${COMPREPLY[@]}"
"""


@pytest.fixture
def completed(tmp_path, monkeypatch, capsys):
    """What bash offers for the last of some words."""
    monkeypatch.chdir(tmp_path)
    assert cli.main(["completion", "bash"]) == 0
    (tmp_path / "completion.bash").write_text(capsys.readouterr().out, encoding="utf-8")
    (tmp_path / "export.csv").touch()
    (tmp_path / "exports").mkdir()

    def ask(*words: str) -> list[str]:
        done = subprocess.run(
            ["bash", "--norc", "-c", _ASK, "ask", *words],
            capture_output=True,
            encoding="utf-8",
            timeout=60,
        )
        assert (done.returncode, done.stderr) == (0, "")
        return done.stdout.split()

    return ask


@bash
def test_bash_offers_what_fits(completed):
    assert completed("comp") == ["completion"]
    assert completed("run", "f") == ["forecast", "forgetting", "funnel"]
    assert "workshop" not in completed("run", "")  # it is no report
    assert completed("check", "--for", "inc") == ["incentive"]
    assert completed("run", "funnel", "--format", "") == list(FORMATS)
    assert completed("run", "funnel", "--lang", "") == list(text.LANGUAGES)
    assert completed("check", "x.csv", "--table", "st") == ["stage_history", "stream_targets"]
    assert "--template" in completed("run", "funnel", "--te")
    assert sorted(completed("check", "expor")) == ["export.csv", "exports"]
    assert completed("run", "funnel", "--out", "expor") == ["exports"]


@pytest.mark.parametrize("shell", ["zsh", "tcsh"])
def test_other_shells_are_told_every_command_and_format(shell, capsys):
    assert cli.main(["completion", shell]) == 0
    said = capsys.readouterr().out
    assert all(name in said for name in [*cli.parser().commands, *FORMATS])


def test_a_shell_that_is_not_known_is_refused(capsys):
    with pytest.raises(SystemExit, match="2"):
        cli.main(["completion", "fish"])
    assert "invalid choice: 'fish'" in capsys.readouterr().err
