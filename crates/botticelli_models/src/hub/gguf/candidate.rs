//! The models among the GGUF files of a repository.

use crate::hub::cache::tree::Tree;
use crate::hub::gguf::quantization::quantization;
use crate::hub::repository::Repository;
use botticelli_error::{BotticelliError, HubErrorKind};
use std::collections::BTreeMap;

/// Words in the names of files that are not models: projectors for images, importance matrices, adapters.
const NOT_MODELS: [&str; 4] = ["mmproj", "imatrix", "adapter", "-lora"];

/// A model: one file, or all parts of a split file.
#[derive(Clone, Debug)]
pub(in crate::hub) struct Candidate {
    /// Files in order.
    pub(in crate::hub) files: Vec<String>,
    /// Quantization; `None` if the name has none.
    pub(in crate::hub) quantization: Option<String>,
    /// Size in bytes.
    pub(in crate::hub) size: u64,
}

impl Candidate {
    /// Returns the first file.
    pub(in crate::hub) fn name(&self) -> &str {
        self.files.first().map(String::as_str).unwrap_or_default()
    }

    /// Returns the name of the quantization, or of the file if it has none.
    pub(in crate::hub) fn label(&self) -> String {
        self.quantization.clone().unwrap_or_else(|| self.name().to_owned())
    }
}

/// Returns the models among the files of a repository. An incomplete split file is returned with the parts that exist.
pub(in crate::hub) fn candidates(files: &Tree) -> Vec<Candidate> {
    let mut groups: BTreeMap<String, Candidate> = BTreeMap::new();
    for (name, entry) in files {
        let lower = name.to_ascii_lowercase();
        let base = lower.rsplit('/').next().unwrap_or_default();
        if !is_gguf(name) || NOT_MODELS.iter().any(|word| base.contains(word)) {
            continue;
        }
        let key =
            split(name).map_or_else(|| name.clone(), |split| format!("{}-of-{}", split.stem, split.count));
        let group = groups.entry(key).or_insert_with(|| Candidate {
            files: Vec::new(),
            quantization: quantization(split(name).map_or(name, |split| split.stem)),
            size: 0,
        });
        group.files.push(name.clone());
        group.size = group.size.saturating_add(entry.content_size());
    }
    groups.into_values().collect()
}

/// Returns whether a file is a GGUF file, by its name.
pub(in crate::hub) fn is_gguf(name: &str) -> bool {
    name.rsplit_once('.').is_some_and(|(_, extension)| extension.eq_ignore_ascii_case("gguf"))
}

/// Rejects a split file without all its parts.
pub(in crate::hub) fn check_parts(
    candidate: &Candidate,
    repository: &Repository,
) -> Result<(), BotticelliError> {
    let Some(first) = split(candidate.name()) else { return Ok(()) };
    for number in 1..=first.count {
        let name = format!("{}-{number:05}-of-{:05}.gguf", first.stem, first.count);
        let index = usize::try_from(number.saturating_sub(1)).unwrap_or(usize::MAX);
        if candidate.files.get(index) != Some(&name) {
            return Err(repository.error(HubErrorKind::MissingPart { name }).into());
        }
    }
    Ok(())
}

/// The name of a part of a split file: `model-00001-of-00003.gguf`.
#[derive(Clone, Copy, Debug)]
struct Split<'a> {
    stem: &'a str,
    count: u32,
}

fn split(name: &str) -> Option<Split<'_>> {
    let is_number = |text: &str| text.len() == 5 && text.bytes().all(|byte| byte.is_ascii_digit());
    let (start, count) = name.strip_suffix(".gguf")?.rsplit_once("-of-")?;
    let (stem, number) = start.rsplit_once('-')?;
    let is_split = is_number(count) && is_number(number);
    is_split.then(|| Some(Split { stem, count: count.parse().ok()? }))?
}
