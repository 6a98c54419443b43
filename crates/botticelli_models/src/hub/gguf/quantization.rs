//! The quantization in the name of a file.

/// Returns the quantization in the name of a GGUF file, in capitals: `Q4_K_M`. `None` if the name has none.
///
/// The last one in the name counts, and the folder if the name has none: `Q8_0/model-00001-of-00002.gguf`.
pub(in crate::hub) fn quantization(file: &str) -> Option<String> {
    file.rsplit('/').find_map(in_name)
}

fn in_name(name: &str) -> Option<String> {
    let stem = name.strip_suffix(".gguf").unwrap_or(name).to_ascii_uppercase();
    stem.rsplit(['-', '.']).find_map(in_word)
}

/// Returns the quantization at the end of a word whose parts are separated by underscores: `MODEL_Q4_K_M`.
fn in_word(word: &str) -> Option<String> {
    let starts = std::iter::once(0).chain(word.match_indices('_').map(|(at, _)| at + 1));
    starts.filter_map(|at| word.get(at..)).find(|rest| is_quantization(rest)).map(str::to_owned)
}

/// Returns whether a text in capitals is the name of a quantization.
pub(in crate::hub) fn is_quantization(text: &str) -> bool {
    if ["F16", "F32", "BF16", "FP16", "FP32"].contains(&text) {
        return true;
    }
    let Some((_, rest)) =
        ["IQ", "TQ", "MXFP", "NVFP", "Q"].iter().find_map(|kind| Some((kind, text.strip_prefix(kind)?)))
    else {
        return false;
    };
    let mut parts = rest.split('_');
    let is_bits = parts.next().is_some_and(|bits| matches!(bits.as_bytes(), [b'1'..=b'8']));
    let is_part = |part: &str| {
        let words = ["K", "S", "M", "L", "XS", "XL", "XXS", "XXL", "NL", "MOE"];
        words.contains(&part) || (!part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit()))
    };
    is_bits && parts.all(is_part)
}

/// Returns whether a quantization is a format of full precision, which is never chosen by size.
pub(in crate::hub) fn is_full_precision(name: &str) -> bool {
    ["F32", "FP32"].contains(&name)
}
