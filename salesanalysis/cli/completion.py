"""``salesanalysis completion``: what a shell needs to complete the command's words."""

HELP = "what a shell completes these commands with"

#: Those that shtab can write for; it is not imported for it, which every command would pay.
SHELLS = ("bash", "zsh", "tcsh")

DESCRIPTION = """\
Prints what makes a shell complete commands, options, notebooks, tables, formats and languages at
Tab. Put it where your shell looks, once for each version of the package.
"""

EPILOG = """\
examples:
  salesanalysis completion bash > ~/.local/share/bash-completion/completions/salesanalysis
  salesanalysis completion zsh > ~/.zfunc/_salesanalysis      # a folder of your fpath
  salesanalysis completion tcsh > ~/.salesanalysis.tcsh       # and `source` it in ~/.tcshrc
"""

#: What an argument takes, by how the help calls it.
_FILES, _FOLDERS, _NOTEBOOKS = ("FILE", "YAML"), ("DIR", "FOLDER"), ("NOTEBOOK", "REPORT")


def add_arguments(command) -> None:
    """Add the arguments of ``completion`` to its parser."""
    command.add_argument("shell", choices=SHELLS)


def run(arguments) -> int:
    """Print the completion of a shell; the exit code."""
    import shtab

    from salesanalysis.cli import parser
    from salesanalysis.formats import FORMATS
    from salesanalysis.reports import project
    from salesanalysis.reports.job import is_report

    whole = parser()
    reports = [name for name, path in project.notebooks().items() if is_report(path)]
    for command in whole.commands.values():
        for action in command._actions:
            if action.metavar in _FILES:
                action.complete = shtab.FILE
            elif action.metavar in _FOLDERS:
                action.complete = shtab.DIRECTORY
            elif action.metavar in _NOTEBOOKS:
                action.choices = reports
            elif action.dest == "formats":
                action.choices = list(FORMATS)
    print(shtab.complete(whole, shell=arguments.shell))
    return 0
