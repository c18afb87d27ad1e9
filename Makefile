# make demo    train a network on handwritten digits and look at its graph (pictures in out/)
# make test    prove every gradient
# make lint    ruff and mypy
# make bench   measure against PyTorch, JAX, HIPS autograd, MyGrad and micrograd
# make peer    compare layers, losses, optimisers and linear algebra with PyTorch, anew
# Each target makes its own virtual environment, .venv-<name>, and needs only Python 3.10+ and pip.

PYTHON ?= python3
PIP = bin/python -m pip --disable-pip-version-check install --quiet

.PHONY: demo test lint bench peer clean

demo: .venv-demo/ready
	.venv-demo/bin/python examples/train_digits.py --out out

test: .venv-test/ready
	.venv-test/bin/python -m pytest -n auto

lint: .venv-lint/ready
	.venv-lint/bin/ruff check .
	.venv-lint/bin/mypy

bench: .venv-bench/ready
	.venv-bench/bin/python -m benchmarks

peer: .venv-peer/ready
	.venv-peer/bin/python -m tests.peer.run
	.venv-peer/bin/python tests/peer/optim.py
	.venv-peer/bin/python tests/peer/linalg.py

.venv-demo/ready: EXTRAS = train,plot
.venv-test/ready: EXTRAS = test,train,plot,files,draw,fast
.venv-lint/ready: EXTRAS = lint
.venv-bench/ready: EXTRAS = train,plot,fast
.venv-peer/ready: EXTRAS = test
.venv-peer/ready: PEERS = torch==2.13.0

.venv-%/ready: pyproject.toml
	$(PYTHON) -m venv .venv-$*
	.venv-$*/$(PIP) -e ".[$(EXTRAS)]" $(PEERS)
	touch $@

clean:
	rm -rf .venv-* out .pytest_cache .mypy_cache .ruff_cache .hypothesis
