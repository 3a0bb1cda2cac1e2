# Two commands matter: `make demo` and `make test`. Everything else is their parts.
PYTHON := .venv/bin/python
export PATH := $(CURDIR)/.venv/bin:$(PATH)

.PHONY: help demo demo-down test test-quick test-lab test-long check bench pictures docs lock prepare clean

help: ## list the targets
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 14

demo: ## set up, build a lab of real machines, provision the example customer's box, write its report
	@python3 tools/prepare.py demo
	@$(PYTHON) -m dure.lab.demo up

demo-down: ## take the demonstration's lab down
	@$(PYTHON) -m dure.lab.demo down

prepare:
	@python3 tools/prepare.py test

test: prepare check test-quick test-lab ## everything CI needs

test-quick:
	$(PYTHON) -m pytest tests -m "not lab and not long" -n 2

test-lab:
	$(PYTHON) -m pytest tests -m "lab and not long" -n 2 --dist loadscope

test-long: prepare ## the full fault and kill matrices, and many more examples
	HYPOTHESIS_PROFILE=long $(PYTHON) -m pytest tests

check: ## linters, types, layers, playbooks, links
	ruff check .
	ruff format --check .
	mypy
	lint-imports
	$(PYTHON) tools/check_playbooks.py
	$(PYTHON) tools/check_links.py

bench: prepare ## measure, and write docs/performance.md
	$(PYTHON) -m tests.bench

pictures: prepare ## draw the example report for docs/pictures
	$(PYTHON) -m tests.pictures

docs: ## write the generated pages again
	operator schema --markdown > docs/workspace.md
	$(PYTHON) -m dure.configure.role_readme playbooks/roles
	$(PYTHON) -m dure.cloud.cloud_page stacks > docs/cloud.md
	$(PYTHON) -m dure.policy.page > docs/policy-and-cost.md

LOCK := .venv/bin/uv pip compile --upgrade --generate-hashes --no-emit-index-url --no-emit-find-links --no-header -q
lock: ## resolve the dependencies of pyproject.toml to hashed locks
	$(LOCK) pyproject.toml -o requirements.lock
	$(LOCK) pyproject.toml --extra dev -o requirements-dev.lock
	echo uv | $(LOCK) - -o requirements-setup.lock

clean: ## remove what set-up made in this directory
	rm -rf .venv .cache .mypy_cache .ruff_cache .pytest_cache build dist
