# The recipes of CI and of daily work. `just` alone lists them.

# The TOML files that taplo formats
manifests := "Cargo.toml clippy.toml deny.toml rustfmt.toml crates/*/Cargo.toml examples/Cargo.toml examples/*/Cargo.toml fuzz/Cargo.toml benches/*.toml benches/*/Cargo.toml benches/*/*/Cargo.toml"

# Lists the recipes
default:
    @just --list

# Runs every check that needs no network, token or engine
check-all: check-format check-prose check-layers check-api check-dependencies check-lints build-tests
    #!/usr/bin/env bash
    set -euo pipefail
    # The tests leave a processor partly idle, so the checks that mostly compile run next to them, with the lowest priority. They have their
    # own process group, so that none of them survives a failed test. Their output follows that of the tests.
    set -m
    output=$(mktemp)
    nice -n 19 "{{ just_executable() }}" check-features check-instructions check-docs >"$output" 2>&1 &
    checks=$!
    set +m
    trap 'kill -- "-$checks" 2>/dev/null || true; rm -f "$output"' EXIT
    "{{ just_executable() }}" test test-features examples
    status=0
    wait "$checks" || status=$?
    cat "$output"
    exit "$status"

# Checks formatting, spelling, and the job files of the examples
check-format:
    cargo fmt --all --check
    cargo fmt --manifest-path fuzz/Cargo.toml --check
    cargo fmt --manifest-path benches/Cargo.toml --all --check
    cargo fmt --manifest-path benches/peers/Cargo.toml --all --check
    cargo fmt --manifest-path benches/layers/Cargo.toml --check
    cargo fmt --manifest-path benches/batch/Cargo.toml --check
    cargo fmt --manifest-path benches/embeddings/Cargo.toml --check
    cargo fmt --manifest-path benches/gguf/Cargo.toml --check
    taplo fmt --check --diff {{ manifests }}
    typos
    python3 scripts/check_jobs.py

# Checks that clippy has no warning with all features. `just check-features` checks the other combinations
check-lints:
    cargo clippy --workspace --lib --bins --examples --tests --all-features --locked -- -D warnings

# Checks which crate, folder and file uses which
check-layers:
    python3 scripts/check_layers.py

# Compares the public API of each crate with its listing in api/
check-api:
    python3 scripts/public_api.py --check

# Rejects banned words and noun-clause summaries in comments and Markdown
check-prose:
    python3 scripts/check_prose.py

# Checks the reason, the use, the Rust version, the license and the source of every dependency (ARCHITECTURE.md, deny.toml)
check-dependencies:
    python3 scripts/check_dependencies.py

# Checks deny.toml and known vulnerabilities with cargo-deny, which needs a database from the network
check-deny:
    cargo deny --locked check

# Checks the combinations of up to two features, and each feature of the facade alone. `just check-lints` checks all of them together
check-features:
    # `default` and `api` enable `huggingface` and nothing else. The three encodings only select features of reqwest: the facade checks each.
    cargo hack clippy --package botticelli --package botticelli_models --feature-powerset --depth 2 --exclude-all-features --exclude-features default,local,api,batch,brotli,budget,cache,cassette,csv,endpoints,fallback,gguf,grammar,gzip,hub,mock,parquet,rate-limit,redis,sqlite,tasks,trace,zstd --lib --bins --locked -- -D warnings
    cargo hack clippy --package botticelli_core --package botticelli_error --package botticelli_interface --package botticelli_sandbox --feature-powerset --depth 2 --lib --bins --locked -- -D warnings
    # Pairs of layers, in their own crate. The facade only re-exports them.
    cargo hack clippy --package botticelli_layers --feature-powerset --depth 2 --exclude-all-features --exclude-features redis,trace --lib --locked -- -D warnings
    # The facade enables `signal`.
    cargo hack clippy --package botticelli_batch --each-feature --exclude-all-features --exclude-features parquet,signal --lib --locked -- -D warnings
    # Clippy also checks the crates that a feature of the facade enables, such as `hub` of botticelli_models. Large
    # dependencies (`gguf`, `parquet`, `redis`) are built once, by `just test`, and checked once, by `just check-lints`.
    cargo hack clippy --package botticelli --each-feature --exclude-all-features --exclude-features default,api,local,gguf,grammar,parquet,redis --lib --locked -- -D warnings

# Checks the fuzz targets without their C++; a separate build, so not part of `just check-all`
check-fuzz:
    CUSTOM_LIBFUZZER_PATH=./none CARGO_TARGET_DIR=target/fuzz RUSTFLAGS="-D warnings --cfg fuzzing" cargo check --manifest-path fuzz/Cargo.toml --locked

# Builds the documentation without a warning
check-docs:
    # With an example, the dependencies have the same features as in `just check-lints` and are not checked again.
    RUSTDOCFLAGS="-D warnings" cargo doc --workspace --lib --example quickstart --no-deps --all-features --locked

# Builds what `just test` runs
build-tests:
    cargo test --workspace --no-run

# Runs the tests with the README's own command; live tests and tests against an engine are ignored
test:
    @grep -qx 'cargo test --workspace' README.md || { echo 'README.md has no line `cargo test --workspace`'; exit 1; }
    cargo test --workspace

# Runs the tests of compressed responses, and those of the facade without a provider
test-features:
    # With --workspace, the dependencies have the same features as in `just test` and are not built again.
    cargo test --workspace --features botticelli_models/gzip,botticelli_models/brotli,botticelli_models/zstd --test compression --locked
    # Every feature but those of Hugging Face, for the same reason. crates/botticelli/Cargo.toml has the rest of the reason.
    BOTTICELLI_WITHOUT_PROVIDER=1 cargo test --workspace --exclude botticelli_cli --exclude botticelli_examples --exclude botticelli_local_example --exclude botticelli_optional_examples --no-default-features --features botticelli/models,botticelli/gguf,botticelli/grammar,botticelli/redis,botticelli/parquet --config profile.dev.package.botticelli_gguf.opt-level=0 --test config --test conformance --test stored --locked

# Runs every example offline
examples:
    python3 scripts/run_examples.py

# Prints the fault table: the result of the driver for every fault of the sandbox
faults:
    cargo test -p botticelli_models --features huggingface --test failures faults:: -- --nocapture

# Runs the conformance tests and the command line against any server with chat completions (see CONTRIBUTING.md)
test-engine:
    cargo test -p botticelli_models --features huggingface --test engine -- --ignored --nocapture --test-threads 1
    # A model file that the server has too, with weights of 32 bits: the driver for local models writes the same texts.
    test -z "${BOTTICELLI_ENGINE_FILE:-}" || cargo test --workspace --test gguf -- --ignored --nocapture --test-threads 1 engine

# Fuzzes server responses and model files, each target for the given time; needs cargo-fuzz, but no nightly toolchain
fuzz seconds="60" targets="events answers tasks gguf":
    #!/usr/bin/env bash
    set -euo pipefail
    for target in {{ targets }}; do
        # New inputs go to the first folder, which git ignores.
        mkdir -p "fuzz/corpus/found/$target"
        RUSTC_BOOTSTRAP=1 cargo fuzz run "$target" "fuzz/corpus/found/$target" "fuzz/corpus/$target" -- \
            -max_total_time={{ seconds }} -max_len=16384 -dict=fuzz/words.dict -print_final_stats=1
    done

# Measures CPU time relative to a hand-written client; `just bench --help` lists the options
bench *options:
    cargo build --release --locked --manifest-path benches/Cargo.toml --workspace
    python3 benches/bench.py {{ options }}

# Measures the overhead of the layers, a cache hit, and a ledger in a file; needs valgrind
bench-layers *options:
    cargo build --release --locked --manifest-path benches/Cargo.toml
    cargo build --release --locked --manifest-path benches/layers/Cargo.toml
    python3 benches/layers.py {{ options }}

# Compares embeddings with a client written by hand
bench-embeddings *options:
    cargo build --release --locked --manifest-path benches/embeddings/Cargo.toml
    python3 benches/embeddings.py {{ options }}

# Compares a batch run with a loop written by hand, and with saturate if it is installed
bench-batch *options:
    cargo build --release --locked --manifest-path benches/Cargo.toml
    cargo build --release --locked --manifest-path benches/batch/Cargo.toml
    cargo build --release --locked --package botticelli_sandbox
    python3 benches/batch.py {{ options }}

# Builds and installs the other clients for `just bench --peers`; needs Python and npm
bench-install:
    benches/peers/install.sh

# Compares local inference with llama.cpp's server: a GGUF file, and programs of llama-server (see BENCHMARKS.md)
bench-gguf model *servers:
    cargo build --release --locked --manifest-path benches/gguf/Cargo.toml
    python3 benches/gguf.py {{ model }} {{ servers }}

# Checks the instruction counts against benches/limits.json, and the benchmarks for warnings; needs valgrind
check-instructions:
    # In the folder of the workspace, which has most of the dependencies already.
    CARGO_TARGET_DIR=target cargo clippy --locked --manifest-path benches/Cargo.toml --workspace --all-targets -- -D warnings
    CARGO_TARGET_DIR=target cargo build --config benches/instructions.toml --locked --manifest-path benches/Cargo.toml
    BENCH_FOLDER=target/debug python3 benches/instructions.py --check

# Measures instructions, which do not depend on the load of the machine; needs valgrind
bench-instructions *options:
    cargo build --release --locked --manifest-path benches/Cargo.toml --workspace
    python3 benches/instructions.py {{ options }}

# Runs the live tests against the real router; they need a token and spend real credits
test-api:
    cargo test -p botticelli_models --features api --test huggingface_api -- --nocapture

# Regenerates the listings of the public API
api:
    python3 scripts/public_api.py

# Formats everything
format:
    cargo fmt --all
    cargo fmt --manifest-path fuzz/Cargo.toml
    cargo fmt --manifest-path benches/Cargo.toml --all
    cargo fmt --manifest-path benches/layers/Cargo.toml
    cargo fmt --manifest-path benches/batch/Cargo.toml
    cargo fmt --manifest-path benches/embeddings/Cargo.toml
    cargo fmt --manifest-path benches/gguf/Cargo.toml
    cargo fmt --manifest-path benches/peers/Cargo.toml --all
    taplo fmt {{ manifests }}
