# Each target does its own set-up in .venv; a second run skips what has not changed.
PYTHON ?= $(firstword $(foreach v,python3.13 python3.12 python3.11 python3,$(if $(shell $(v) -c "import sys; sys.exit(sys.version_info < (3, 11))" 2>/dev/null && command -v $(v)),$(v))))
VENV := .venv
RUN := $(VENV)/bin
OUT ?= report

.PHONY: reproduce test lint bench clean

reproduce: $(VENV)/.installed $(VENV)/.kernels
	$(RUN)/softsample report --out $(OUT)

test: $(VENV)/.installed-dev $(VENV)/.kernels
	$(RUN)/python -m pytest -q

lint: $(VENV)/.installed-dev
	$(RUN)/ruff check .
	$(RUN)/ruff format --check .
	$(RUN)/mypy

bench: $(VENV)/.installed-dev $(VENV)/.kernels
	$(RUN)/softsample bench
	for script in tests/benchmarks/bench_*.py; do $(RUN)/python $$script || exit 1; done

clean:
	rm -rf $(VENV) $(OUT) dist build
	find . -name __pycache__ -prune -exec rm -rf {} +

$(VENV)/bin/python:
	@test -n "$(PYTHON)" || { echo "softsample needs Python 3.11 or newer on the PATH (or make PYTHON=/path/to/python)"; exit 2; }
	$(PYTHON) -m venv $(VENV)

$(VENV)/.installed: $(VENV)/bin/python pyproject.toml constraints.txt
	$(RUN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e .
	@touch $@

$(VENV)/.installed-dev: $(VENV)/bin/python pyproject.toml constraints.txt
	$(RUN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e ".[dev]"
	@touch $@ $(VENV)/.installed

# Numba's cache watches the file of a kernel but not those of the functions it calls.
$(VENV)/.kernels: $(shell find softsample_theory simulations -name '*.py')
	@find softsample_theory simulations -name '*.nb[ic]' -delete
	@touch $@
