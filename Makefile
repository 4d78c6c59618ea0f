# `make book` builds the book, `make test` runs every check; each makes .venv first if it must.

PYTHON ?= python3
BIN := .venv/bin
HTML := _build/html
TOOLS := tests/tools
COMPILE := $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --no-header --no-annotate \
  --no-emit-index-url --no-emit-find-links
DATA := $(sort $(wildcard lib/lowdim/*/data/make*.py))
MATHS_THREADS := OMP_NUM_THREADS=1 OPENBLAS_NUM_THREADS=1 MKL_NUM_THREADS=1

# What a user sets for other work must not reach this; `tests/tools/surroundings.py` shields the pages too.
export PYTHONUTF8 := 1
export PYTHONNOUSERSITE := 1
unexport PYTHONPATH PYTHONHOME PYTHONSTARTUP MPLBACKEND MATPLOTLIBRC VIRTUAL_ENV

# Goals are made one after the other in the order they are given, also with -j: `book` before `test`.
.NOTPARALLEL:

.PHONY: help book pdf lab test test-kernels notebooks sensitivity data bench bench-store test-twice coverage mutants package peers peers-store repeat env measures-env peers-env lock lock-newest lock-oldest clean

help:
	@echo 'make book       build the book into $(HTML)/index.html'
	@echo 'make pdf        print the built book into _build/pdf/lowdim.pdf, by Chromium'
	@echo 'make lab        open the pages as notebooks in JupyterLab'
	@echo 'make test       run every check: style, units, doctests, pages against their twins, web'
	@echo 'make notebooks  write the executed twins of the pages that changed'
	@echo 'make sensitivity  find which verdicts notice a fault in which solver, and store it (PAGES=... for some)'
	@echo 'make data       make the stored data again (CLUSTER=ADDRESS of a dask scheduler: there)'
	@echo 'make bench      time the solvers beside their peers (ONLY=dot for one of them)'
	@echo 'make bench-store  ... and store the tables that the book shows'
	@echo 'make test-kernels  run every page against its twin as old and new processors would, and compare the claims'
	@echo '                (PAGES=... for some, KERNELS=... for some of Prescott Haswell SkylakeX; goes on where it stopped)'
	@echo 'make test-twice build the book twice from the same outputs and compare every file'
	@echo 'make coverage   find the lines and branches of the package that its tests do not run'
	@echo 'make mutants    break a sample of lines one by one and see that a test fails (FULL=1 for all, MODULES=...)'
	@echo 'make package    install the package with all extras in an empty environment and run its examples there'
	@echo 'make peers      install the independent codes and compare the solvers with them'
	@echo 'make peers-store  ... and store how well they agreed, for the book'
	@echo 'make repeat     make the stored runs of GPAW again and compare them with what is stored (hours)'
	@echo 'make lock       add to constraints.txt what the requirements ask for and it lacks'
	@echo 'make lock-newest  ... with the newest versions of everything'
	@echo 'make lock-oldest  ... with the oldest numpy, scipy, ... that the package allows'
	@echo 'make clean      remove everything that was built'

book: env
	@$(BIN)/python $(TOOLS)/book.py

pdf: book
	@$(BIN)/python $(TOOLS)/pdf.py

# The text notebooks open as notebooks by a setting of their own, not in the user's.
lab: export JUPYTER_CONFIG_DIR := $(CURDIR)/.venv/etc/jupyter
lab:
	@$(PYTHON) $(TOOLS)/environment.py requirements-lab.txt
	@$(BIN)/jupytext-config set-default-viewer
	$(BIN)/jupyter lab $(if $(filter 0,$(shell id -u)),--allow-root) --ServerApp.root_dir=. $(LAB) book/connections.md

test: env
	$(BIN)/ruff check .
	$(BIN)/codespell
	$(MATHS_THREADS) $(BIN)/python -m pytest -q -n logical --maxprocesses 8 -rs --ignore=tests/peers

notebooks: env
	$(BIN)/python $(TOOLS)/twins.py

sensitivity: env
	$(BIN)/python $(TOOLS)/sensitivity.py $(if $(PAGES),--page $(PAGES))

data: measures-env
	@$(BIN)/python $(TOOLS)/debian.py elk-lapw gpaw gpaw-data
	@status=0; for script in $(DATA); do echo "== $$script"; \
	  $(BIN)/python $(TOOLS)/data.py $(if $(CLUSTER),--cluster $(CLUSTER)) "$$script" || status=1; done; exit $$status

coverage: measures-env
	$(BIN)/python $(TOOLS)/covered.py

mutants: measures-env
	$(BIN)/python $(TOOLS)/mutants.py $(if $(FULL),--full) $(if $(SEED),--seed $(SEED)) $(MODULES)

bench: env
	$(BIN)/python $(TOOLS)/bench.py $(ONLY)

bench-store: env
	$(BIN)/python $(TOOLS)/bench.py --store $(ONLY)

test-kernels: env
	@$(MATHS_THREADS) $(BIN)/python $(TOOLS)/kernels.py $(if $(KERNELS),--kernels $(KERNELS) --) $(PAGES)

test-twice: env
	@$(BIN)/python $(TOOLS)/twice.py

package: env
	@$(BIN)/python $(TOOLS)/package.py

peers: peers-env
	$(BIN)/python -m pytest -q -rs tests/peers

repeat: env
	@$(BIN)/python $(TOOLS)/debian.py gpaw gpaw-data
	$(MATHS_THREADS) $(BIN)/python lib/lowdim/spinorbit/data/make.py --repeat --codes gpaw

peers-store: peers-env
	$(BIN)/python -m pytest -q -rs tests/peers --store

env:
	@command -v $(PYTHON) >/dev/null || { echo 'Python is missing: on Debian or Ubuntu run `apt install python3 python3-venv`.'; exit 1; }
	@$(PYTHON) $(TOOLS)/environment.py

measures-env:
	@$(PYTHON) $(TOOLS)/environment.py $(TOOLS)/requirements.txt

peers-env:
	@$(PYTHON) $(TOOLS)/environment.py tests/peers/requirements.txt
	@$(BIN)/python $(TOOLS)/peer_environment.py treams qmeq quspin
	@$(BIN)/python $(TOOLS)/debian.py elk-lapw gpaw gpaw-data

lock: env
	sed '/^-/d;/^#/d' requirements.txt requirements-lab.txt tests/requirements.txt $(TOOLS)/requirements.txt \
	  tests/peers/requirements.txt | \
	  $(COMPILE) --fork-strategy fewest $(UPGRADE) $(if $(OLDEST),-c $(OLDEST)) -o constraints.txt - lib/pyproject.toml
	sed '/^-/d;/^#/d' requirements.txt tests/requirements.txt | \
	  $(COMPILE) --fork-strategy fewest --generate-hashes -c constraints.txt -o .ci/hashes.txt - lib/pyproject.toml

lock-newest:
	$(MAKE) lock UPGRADE=--upgrade

lock-oldest: env
	mkdir -p _build
	$(COMPILE) --no-deps --resolution lowest-direct --extra figures --extra derivations --extra book \
	  -o _build/oldest.txt lib/pyproject.toml
	$(MAKE) lock UPGRADE=--upgrade OLDEST=_build/oldest.txt

clean:
	rm -rf .venv _build .pytest_cache .ruff_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
