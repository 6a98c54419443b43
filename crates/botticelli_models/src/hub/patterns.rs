//! Patterns of file names.

/// The files of a snapshot: all, or those that match patterns.
///
/// A pattern matches the whole name of a file. `*` matches any text, also a slash, `?` one character, and a pattern that ends in
/// `/` everything in a folder.
///
/// ```
/// use botticelli_models::hub::FileFilter;
///
/// let filter = FileFilter::matching(["*.json", "onnx/"]).without(["onnx/*_fp16.onnx"]);
/// assert!(filter.includes("config.json"));
/// assert!(filter.includes("onnx/model.onnx"));
/// assert!(!filter.includes("onnx/model_fp16.onnx"));
/// assert!(FileFilter::all().includes("README.md"));
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FileFilter {
    included: Option<Vec<String>>,
    excluded: Vec<String>,
}

impl FileFilter {
    /// Returns a filter that includes all files.
    pub fn all() -> Self {
        Self::default()
    }

    /// Returns a filter that includes the files that match one of the patterns.
    pub fn matching<P: Into<String>>(patterns: impl IntoIterator<Item = P>) -> Self {
        Self { included: Some(patterns.into_iter().map(Into::into).collect()), excluded: Vec::new() }
    }

    /// Excludes the files that match one of the patterns.
    pub fn without<P: Into<String>>(mut self, patterns: impl IntoIterator<Item = P>) -> Self {
        self.excluded.extend(patterns.into_iter().map(Into::into));
        self
    }

    /// Returns whether the filter includes a file.
    pub fn includes(&self, file: &str) -> bool {
        let is_one_of = |patterns: &[String]| patterns.iter().any(|pattern| is_match(pattern, file));
        self.included.as_deref().is_none_or(is_one_of) && !is_one_of(&self.excluded)
    }
}

fn is_match(pattern: &str, name: &str) -> bool {
    if let Some(folder) = pattern.strip_suffix('/') {
        return name.strip_prefix(folder).is_some_and(|rest| rest.starts_with('/'));
    }
    let (pattern, name): (Vec<char>, Vec<char>) = (pattern.chars().collect(), name.chars().collect());
    let (mut p, mut n) = (0, 0);
    // Position after the last `*`, and the end of the text that the star matches so far.
    let mut star: Option<(usize, usize)> = None;
    while n < name.len() {
        match (pattern.get(p), star) {
            (Some('*'), _) => {
                p += 1;
                star = Some((p, n));
            }
            (Some(c), _) if *c == '?' || name.get(n) == Some(c) => (p, n) = (p + 1, n + 1),
            (_, Some((after, matched))) => {
                (p, n) = (after, matched + 1);
                star = Some((after, matched + 1));
            }
            (_, None) => return false,
        }
    }
    pattern.get(p..).unwrap_or_default().iter().all(|c| *c == '*')
}
