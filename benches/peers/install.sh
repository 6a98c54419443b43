#!/usr/bin/env bash
# Builds and installs the other clients in `target`, for `just bench --peers`.
set -euo pipefail
cd "$(dirname "$0")"

cargo build --release --locked

python3 -m venv target/python
target/python/bin/pip install --quiet --disable-pip-version-check openai==3.57.0 saturate==0.2

# With a separate Node, because this client needs a newer one than many systems have.
npm install --prefix target/node --no-audit --no-fund --loglevel error openai@7.57.0 node@24.9.0
target/node/node_modules/.bin/node --version >/dev/null
