//! The traits of tasks other than text generation, one for each family of tasks.
//!
//! Each trait is object safe, and is implemented for references, `Box` and `Arc`.
//!
//! | trait | tasks |
//! | --- | --- |
//! | [`EmbeddingDriver`] | embeddings |
//! | [`SparseEmbeddingDriver`] | sparse embeddings |
//! | [`SimilarityDriver`] | sentence similarity |
//! | [`RerankDriver`] | reranking |
//! | [`ClassificationDriver`] | text classification, zero-shot classification, token classification |
//! | [`QuestionAnsweringDriver`] | answers from a text or a table |
//! | [`TextTaskDriver`] | fill mask, summarization, translation |
//! | [`ImageTaskDriver`] | labels, objects, segments and text of images, and questions about them |
//! | [`AudioTaskDriver`] | transcription, labels of audio, audio to audio |
//! | [`MediaGenerationDriver`] | images, speech, music and video |
//! | [`TabularDriver`] | tabular classification and regression |
//! | [`EveryTaskDriver`] | all of them |

mod audio;
mod classification;
mod driver;
mod embedding;
mod every_task;
mod forward;
mod generation;
mod image;
mod question_answering;
mod rerank;
mod similarity;
mod sparse_embedding;
mod tabular;
mod text;

pub use audio::AudioTaskDriver;
pub use classification::ClassificationDriver;
pub use driver::TaskDriver;
pub use embedding::EmbeddingDriver;
pub use every_task::EveryTaskDriver;
pub use generation::MediaGenerationDriver;
pub use image::ImageTaskDriver;
pub use question_answering::QuestionAnsweringDriver;
pub use rerank::RerankDriver;
pub use similarity::SimilarityDriver;
pub use sparse_embedding::SparseEmbeddingDriver;
pub use tabular::TabularDriver;
pub use text::TextTaskDriver;
