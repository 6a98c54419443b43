//! The choice among the models of a repository.

use crate::hub::gguf::candidate::{Candidate, candidates, check_parts};
use crate::hub::gguf::quantization::is_full_precision;
use crate::hub::listing::Listing;
use crate::hub::repository::Repository;
use botticelli_error::{BotticelliError, HubErrorKind};

/// The quantizations that are chosen without a name and without a memory limit, the first one first. llama.cpp begins with the same.
const COMMON: [&str; 6] = ["Q4_K_M", "Q4_K_S", "Q4_0", "Q4_1", "Q5_K_M", "Q8_0"];

/// Returns the model with the quantization or the file name `wanted`, or else the best one that fits `memory_limit`.
pub(in crate::hub) fn select(
    listing: &Listing,
    repository: &Repository,
    wanted: Option<&str>,
    memory_limit: Option<u64>,
) -> Result<Candidate, BotticelliError> {
    let mut found = candidates(&listing.files);
    if found.is_empty() {
        return Err(repository.error(HubErrorKind::NoGguf).into());
    }
    found.sort_by_key(|candidate| candidate.size);
    let chosen = match (wanted, memory_limit) {
        (Some(wanted), _) => named(&found, wanted, repository)?,
        (None, Some(limit)) => largest_within(&found, limit, repository)?,
        (None, None) => common(&found, repository)?,
    };
    check_parts(&chosen, repository)?;
    Ok(chosen)
}

fn named(found: &[Candidate], wanted: &str, repository: &Repository) -> Result<Candidate, BotticelliError> {
    let is_file = |candidate: &&Candidate| {
        let base = candidate.name().rsplit('/').next().unwrap_or_default();
        [candidate.name(), base].iter().any(|name| name.eq_ignore_ascii_case(wanted))
    };
    if let Some(file) = found.iter().find(is_file) {
        return Ok(file.clone());
    }
    let has_quantization = |candidate: &&Candidate| {
        candidate.quantization.as_deref().is_some_and(|name| name.eq_ignore_ascii_case(wanted))
    };
    let matches: Vec<&Candidate> = found.iter().filter(has_quantization).collect();
    // `UD-Q4_K_XL` names a variant of `Q4_K_XL`.
    let words = format!("-{}.", wanted.to_ascii_uppercase());
    let has_words = |candidate: &&Candidate| candidate.name().to_ascii_uppercase().contains(&words);
    match matches.as_slice() {
        [one] => return Ok((*one).clone()),
        [] => {}
        several => {
            let files = several.iter().map(|candidate| candidate.name().to_owned()).collect();
            let kind = HubErrorKind::AmbiguousQuantization { wanted: wanted.to_owned(), files };
            return Err(repository.error(kind).into());
        }
    }
    let mut variants = found.iter().filter(has_words);
    if let (Some(one), None) = (variants.next(), variants.next()) {
        return Ok(one.clone());
    }
    let kind = HubErrorKind::NoQuantization { wanted: Some(wanted.to_owned()), available: labels(found) };
    Err(repository.error(kind).into())
}

/// Returns the largest model that fits. A larger file of the same model has a higher precision.
fn largest_within(
    found: &[Candidate],
    limit: u64,
    repository: &Repository,
) -> Result<Candidate, BotticelliError> {
    let is_usual = |candidate: &&Candidate| !candidate.quantization.as_deref().is_some_and(is_full_precision);
    let fitting = found.iter().rev().find(|candidate| is_usual(candidate) && candidate.size <= limit);
    fitting.cloned().ok_or_else(|| {
        let smallest = found.first();
        let (name, size) = smallest.map(|smallest| (smallest.label(), smallest.size)).unwrap_or_default();
        repository.error(HubErrorKind::NothingFits { limit, smallest: name, size }).into()
    })
}

fn common(found: &[Candidate], repository: &Repository) -> Result<Candidate, BotticelliError> {
    if let [only] = found {
        return Ok(only.clone());
    }
    let of = |name: &str| found.iter().find(|candidate| candidate.quantization.as_deref() == Some(name));
    COMMON.iter().find_map(|name| of(name)).cloned().ok_or_else(|| {
        repository.error(HubErrorKind::NoQuantization { wanted: None, available: labels(found) }).into()
    })
}

fn labels(found: &[Candidate]) -> Vec<String> {
    let mut labels: Vec<String> = Vec::new();
    for candidate in found {
        let label = candidate.label();
        if !labels.contains(&label) {
            labels.push(label);
        }
    }
    labels
}
