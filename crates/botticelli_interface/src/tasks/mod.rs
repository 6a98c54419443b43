//! The traits of tasks other than text generation, one for each family of tasks.

mod driver;
mod embedding;
mod forward;
mod rerank;
mod similarity;

pub use driver::TaskDriver;
pub use embedding::EmbeddingDriver;
pub use rerank::RerankDriver;
pub use similarity::SimilarityDriver;
