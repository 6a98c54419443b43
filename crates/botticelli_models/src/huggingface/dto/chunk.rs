//! An event of a streamed answer.

use super::HuggingFaceResponse;

/// An event of a streamed answer: the same shape as a plain one, with a `delta` where that has a `message`.
///
/// Keep-alives lack everything; a chunk that only brings the usage has no choices. Usage comes never, in the last
/// chunk, in a chunk of its own after it, as null until then, or cumulative on every chunk: the last one counts.
pub type HuggingFaceChunk = HuggingFaceResponse;
