//! An event of a streamed response.

use super::HuggingFaceResponse;

/// An event of a streamed response. A chunk has the format of a plain response, with `delta` instead of `message`.
///
/// Keep-alives have no fields at all, and a chunk with only the usage has no choices. Depending on the server, usage is missing, in the
/// last chunk, in a separate chunk after it, null until then, or cumulative in every chunk. The last one counts.
pub type HuggingFaceChunk = HuggingFaceResponse;
