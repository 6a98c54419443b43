//! The order of an output.

/// The order of the rows of an output.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum OutputOrder {
    /// The order of the input. The run writes the output at its end, with the same bytes after any interruption.
    #[default]
    Input,
    /// The order of completion: the run writes each row when its answer arrives, to the file `labels.partial.jsonl`. At the end, it
    /// renames the file to `labels.jsonl`.
    ///
    /// A run that continues an earlier one writes the file again, first the rows that the journal answers. Therefore no row is missing or
    /// double. Readers of a Parquet file find its rows only at the end, because the format has its index there.
    Completion,
}
