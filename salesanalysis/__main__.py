"""``python -m salesanalysis``: the command line."""

import sys

from salesanalysis.cli import main

if __name__ == "__main__":
    sys.exit(main())
