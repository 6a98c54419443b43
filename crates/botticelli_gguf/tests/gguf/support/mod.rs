//! Tiny models, written by the tests.

mod gguf_file;
mod tiny_model;

pub(crate) use gguf_file::{GgufFile, Value};
pub(crate) use tiny_model::TinyModel;

use botticelli_gguf::{GgufConfig, GgufDriver, InstructionSet};
use std::path::PathBuf;
use tempfile::TempDir;

/// A model file in a temporary folder.
pub(crate) struct ModelPath {
    _folder: TempDir,
    pub(crate) path: PathBuf,
}

pub(crate) fn write(bytes: &[u8]) -> ModelPath {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("tiny.gguf");
    std::fs::write(&path, bytes).unwrap();
    ModelPath { _folder: folder, path }
}

pub(crate) fn open(model: &TinyModel) -> GgufDriver {
    open_with(model, GgufConfig::default())
}

pub(crate) fn open_with(model: &TinyModel, config: GgufConfig) -> GgufDriver {
    let file = write(&model.file().bytes());
    GgufDriver::open_with(&file.path, config).unwrap()
}

/// Returns the error of a file that must be rejected.
pub(crate) fn rejection(bytes: &[u8]) -> botticelli_error::BotticelliError {
    let file = write(bytes);
    GgufDriver::open(&file.path).expect_err("the file was accepted")
}

/// Returns the sets of instructions that this machine has, the smallest first.
pub(crate) fn instruction_sets() -> Vec<InstructionSet> {
    let model = TinyModel::noise("llama");
    let all = [InstructionSet::Portable, InstructionSet::Avx2, InstructionSet::Avx512];
    let used =
        all.map(|set| open_with(&model, GgufConfig::default().with_instruction_set(set)).instruction_set());
    all.into_iter().zip(used).filter_map(|(set, used)| (set == used).then_some(set)).collect()
}
