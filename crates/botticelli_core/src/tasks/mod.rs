//! Requests and responses of tasks other than text generation: embeddings, similarity, reranking, and others.
//!
//! Every request has a builder, which validates it, and `with_*` methods. Only settings that are set are sent. Every response has
//! the facts of its call ([`TaskMetadata`]): provider, request id, retries, usage, cost.

mod accessors;
mod check;
mod embedding;
mod metadata;
mod options;
mod rerank;
mod similarity;

pub use embedding::{
    Embedding, EmbeddingEncoding, EmbeddingRequest, EmbeddingRequestBuilder, EmbeddingResponse,
    TruncationDirection,
};
pub use metadata::{TaskMetadata, TaskMetadataBuilder};
pub use options::TaskOptions;
pub use rerank::{RankedDocument, RerankRequest, RerankRequestBuilder, RerankResponse};
pub use similarity::{SimilarityRequest, SimilarityRequestBuilder, SimilarityResponse};
