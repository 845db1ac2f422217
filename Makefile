# The course's commands. `make help` lists them. The first call builds .venv; later ones start at once.
.DEFAULT_GOAL := help
.PHONY: help setup lab run test test-all notebooks figures drawn-weights lint check site site-tools audit
.PHONY: test-first-half test-second-half constraints release matrix matrix-3.11 matrix-3.13 matrix-colab clean

# Any Python 3 will do here: it only looks for the right one. PYTHON=... chooses another.
ANY_PYTHON := $(firstword $(foreach name,$(PYTHON) python3 python3.13 python3.12 python3.11 python,\
	$(shell command -v $(name) 2>/dev/null)))
BIN := .venv/bin
UNIT_TESTS = $(BIN)/python -m pytest -q -n 2 --dist loadfile tests
NBVAL = COURSE_DATA=drawn_faces $(BIN)/python -m pytest -q --nbval-lax --nbval-current-env \
	--nbval-cell-timeout=600
# Two halves at a time. Lesson 04 saves the network that 05, 06 and 09 load, so these stay together.
FIRST_HALF = $(sort $(wildcard notebooks/0[124569]_*.ipynb))
SECOND_HALF = $(filter-out $(FIRST_HALF),$(sort $(wildcard notebooks/*.ipynb)))
NOTEBOOK_TESTS = @$(MAKE) --no-print-directory --jobs 2 test-first-half test-second-half
COMPILE = $(BIN)/python -m uv pip compile --quiet --universal --python-version 3.11 --no-header \
	--no-annotate --upgrade

help:  ## list the commands
	@awk -F ':.*  ## ' '/^[a-z.-]+:.*  ## / { printf "make %-14s %s\n", $$1, $$2 }' Makefile

setup:  ## build .venv, with the course in it
	@$(if $(ANY_PYTHON),,$(error No Python found. Install Python 3.13, then type the same command again))
	@$(ANY_PYTHON) tools/setup_environment.py

# Without the folder JupyterLab shows notebooks/ alone, and no link leads out of it.
lab: setup  ## open JupyterLab on lesson 01; FLAGS="--no-browser" and the like are Jupyter's
	$(BIN)/python -m jupyterlab --notebook-dir=. $(FLAGS) notebooks/01_dataset_exploration.ipynb

run: setup  ## run every notebook, without a screen, into runs/notebooks/
	@$(BIN)/python tools/run_notebooks.py

test: setup  ## run the unit tests that are not slow, then the notebooks on the drawn faces
	$(UNIT_TESTS) -m "not slow"
	$(NOTEBOOK_TESTS)

test-all: setup  ## as make test, with the slow tests
	$(UNIT_TESTS)
	$(NOTEBOOK_TESTS)

test-first-half:
	$(NBVAL) $(FIRST_HALF)

test-second-half:
	$(NBVAL) $(SECOND_HALF)

notebooks: setup  ## run every notebook on the drawn faces and save it, outputs normalised
	@$(BIN)/python tools/run_notebooks.py --in-place

figures: setup  ## make the pictures in figures/ anew
	@$(BIN)/python tools/make_figures.py

drawn-weights:  ## train the network for drawn faces that ships; minutes, goes on where it stopped
	$(ANY_PYTHON) tools/setup_environment.py --python 3.13 --folder .venv-colab \
		--constraints constraints-colab.txt
	PYTHON=.venv-colab/bin/python research/runs/compact_drawn_faces.sh

lint: setup  ## check style, types and layers, then what `make check` checks
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-cache --no-logo
	@$(MAKE) --no-print-directory check

check: setup  ## check the rules for notebooks and pages, links, figures, photographs and spelling
	$(BIN)/python tools/notebook_rules.py
	$(BIN)/python tools/page_rules.py
	$(BIN)/python tools/photograph_rules.py
	$(BIN)/codespell
	$(BIN)/check-jsonschema --quiet --builtin-schema vendor.github-workflows .github/workflows/*.yml

site-tools: setup
	@$(BIN)/python -m uv pip install --quiet --group site --constraint constraints-site.txt

site: site-tools  ## build the web site into runs/site/, from the notebooks and pages as they are
	$(BIN)/python -m sphinx --quiet --nitpicky --fail-on-warning --keep-going \
		-c docs -d runs/site-doctrees . runs/site
	@echo "Open runs/site/index.html"

audit: site  ## open every page of the site in Chromium and look for barriers with axe-core
	$(BIN)/python tools/audit_site.py

constraints: setup  ## write the newest exact versions into constraints.txt
	$(COMPILE) pyproject.toml --extra train --extra lab --group dev -o constraints.txt
	$(COMPILE) --group site --constraint constraints.txt -o constraints-site.txt

release: setup  ## make this a release, as in: make release VERSION=0.2.0
	@$(BIN)/python tools/release.py "$(VERSION)"

matrix: matrix-3.11 matrix-3.13 matrix-colab  ## all tests and notebooks on the three environments

matrix-3.11 matrix-3.13: matrix-%:
	$(ANY_PYTHON) tools/setup_environment.py --python $* --folder .venv-$*
	.venv-$*/bin/python -m pytest -q -n 2 --dist loadfile tests
	.venv-$*/bin/python tools/run_notebooks.py --output runs/notebooks-$*

matrix-colab:
	$(ANY_PYTHON) tools/setup_environment.py --python 3.13 --folder .venv-colab \
		--constraints constraints-colab.txt
	.venv-colab/bin/python -m pytest -q -n 2 --dist loadfile tests
	.venv-colab/bin/python tools/run_notebooks.py --output runs/notebooks-colab

clean:  ## remove the environments, executed notebooks, drawn images and caches
	rm -rf .venv .venv-* runs/notebooks* runs/site* data/drawn_faces build dist *.egg-info
	rm -rf .pytest_cache .ruff_cache .mypy_cache
