//! GGUF files: metadata, the table of tensors, and their data.
//!
//! A model file is untrusted. Every size is compared with the size of the file before memory is reserved, and every value is
//! checked before it is used.

mod metadata;
mod model_file;
mod reader;
mod tensor_info;
mod value;

pub(crate) use metadata::Metadata;
pub(crate) use model_file::ModelFile;
