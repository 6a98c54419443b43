# What CI runs, so that you can too. `just` without a name lists the recipes.

# Every TOML file that is ours, configurations of examples and tests apart
manifests := "Cargo.toml clippy.toml deny.toml rustfmt.toml crates/*/Cargo.toml examples/Cargo.toml fuzz/Cargo.toml benches/Cargo.toml benches/*/Cargo.toml benches/*/*/Cargo.toml"

# The list of recipes
default:
    @just --list

# Everything that needs no network, no token and no engine
check-all: check-format check-lints check-layers check-dependencies check-features check-docs test examples check-instructions

# Formatting and spelling
check-format:
    cargo fmt --all --check
    cargo fmt --manifest-path fuzz/Cargo.toml --check
    cargo fmt --manifest-path benches/Cargo.toml --all --check
    cargo fmt --manifest-path benches/peers/Cargo.toml --all --check
    taplo fmt --check --diff {{ manifests }}
    typos

# Clippy, without a warning
check-lints:
    cargo clippy --workspace --all-targets --locked -- -D warnings

# Who may know whom; fails with the name of the leak
check-layers:
    python3 scripts/check_layers.py

# Every direct dependency has its reason, none needs a newer Rust than we promise, and all may come in (deny.toml)
check-dependencies:
    python3 scripts/check_dependencies.py
    cargo machete
    cargo deny --locked check licenses bans sources

# Every combination of up to two features, all of them, and the fuzz targets (without their C++) build without a warning
check-features:
    CARGO_TARGET_DIR=target/features RUSTFLAGS="-D warnings" cargo hack check --workspace --exclude botticelli_examples --feature-powerset --depth 2 --lib --bins --locked
    CARGO_TARGET_DIR=target/features RUSTFLAGS="-D warnings" cargo check --workspace --all-features --all-targets --locked
    cargo test -p botticelli --no-default-features --features models --tests --locked
    CUSTOM_LIBFUZZER_PATH=./none CARGO_TARGET_DIR=target/fuzz RUSTFLAGS="-D warnings --cfg fuzzing" cargo check --manifest-path fuzz/Cargo.toml --locked
    cargo test -p botticelli_models --features huggingface,gzip,brotli,zstd --test compression --locked

# The documentation builds without a warning
check-docs:
    RUSTDOCFLAGS="-D warnings" cargo doc --workspace --no-deps --all-features --locked

# The tests; live ones and those against an engine are ignored
test:
    cargo test --workspace

# Every example, offline
examples:
    python3 scripts/run_examples.py

# The fault table: every fault of the sandbox, plain and streamed, and what comes of it
faults:
    cargo test -p botticelli_models --features huggingface --test failures faults:: -- --nocapture

# The conformance list against any server that speaks chat completions (see HUGGINGFACE.md)
test-engine:
    cargo test -p botticelli_models --features huggingface --test engine -- --ignored --nocapture --test-threads 1

# Fuzzes what a server may send, each target for so many seconds; needs cargo-fuzz, and no nightly
fuzz seconds="60" targets="events answers":
    #!/usr/bin/env bash
    set -euo pipefail
    for target in {{ targets }}; do
        # What is found goes into the first folder, which git does not know.
        mkdir -p "fuzz/corpus/found/$target"
        RUSTC_BOOTSTRAP=1 cargo fuzz run "$target" "fuzz/corpus/found/$target" "fuzz/corpus/$target" -- \
            -max_total_time={{ seconds }} -max_len=16384 -dict=fuzz/words.dict -print_final_stats=1
    done

# What Botticelli costs beside a client written by hand: CPU time, from runs that take turns; `just bench --help` lists options
bench *options:
    cargo build --release --locked --manifest-path benches/Cargo.toml
    python3 benches/bench.py {{ options }}

# Builds and installs the other clients that `just bench --peers` measures Botticelli beside; needs Python and npm
bench-install:
    benches/peers/install.sh

# Botticelli takes no more instructions than benches/limits.json allows, and its benchmarks build without a warning
check-instructions:
    cargo build --release --locked --manifest-path benches/Cargo.toml
    cargo clippy --release --locked --manifest-path benches/Cargo.toml --all-targets -- -D warnings
    python3 benches/instructions.py --check

# The same in instructions, which do not depend on what else the machine does; needs valgrind
bench-instructions *options:
    cargo build --release --locked --manifest-path benches/Cargo.toml
    python3 benches/instructions.py {{ options }}

# Live tests against the real router: they need a token and spend real credits
test-api:
    cargo test -p botticelli_models --features api --test huggingface_api -- --nocapture

# Formats everything
format:
    cargo fmt --all
    cargo fmt --manifest-path fuzz/Cargo.toml
    cargo fmt --manifest-path benches/Cargo.toml --all
    cargo fmt --manifest-path benches/peers/Cargo.toml --all
    taplo fmt {{ manifests }}
