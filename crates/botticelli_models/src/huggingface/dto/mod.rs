//! The service's JSON, as documented and as servers really write it. These types do not depend on `botticelli_core`.
//!
//! Requests leave unset fields out, except that the content of a message may be null next to tool calls. Responses may lack any
//! field, or contain a value of another type. Such values are skipped, and unknown fields are ignored.

mod choice;
mod chunk;
mod completion;
mod content_text;
mod format;
mod generated_token;
mod generation;
mod hub;
mod lenient;
mod logprobs;
mod message;
mod model;
mod request;
mod response;
mod tool;
mod tool_call;
mod usage;
mod vendor;

pub(in crate::huggingface) use choice::DeltaParts;
pub use choice::{HuggingFaceChoice, HuggingFaceChoiceBuilder, HuggingFaceDelta, HuggingFaceDeltaBuilder};
pub use chunk::HuggingFaceChunk;
pub use completion::{HuggingFaceCompletionRequest, HuggingFaceCompletionRequestBuilder};
pub use content_text::HuggingFaceContentText;
pub use format::{
    HuggingFaceJsonSchema, HuggingFaceJsonSchemaBuilder, HuggingFaceResponseFormat,
    HuggingFaceResponseFormatBuilder,
};
pub use generated_token::HuggingFaceGeneratedToken;
pub(in crate::huggingface) use generation::Generated;
pub use generation::{
    HuggingFaceGenerateParameters, HuggingFaceGenerateParametersBuilder, HuggingFaceGenerateRequest,
    HuggingFaceGenerateRequestBuilder, HuggingFaceGeneration, HuggingFaceGenerationDetails,
    HuggingFaceGenerations,
};
pub use hub::{HuggingFaceHubModel, HuggingFaceMapping};
pub(in crate::huggingface) use lenient::{ErrorBody, ReadFields, fill};
pub use logprobs::{HuggingFaceLogprobs, HuggingFaceTokenLogprob};
pub use message::{
    HuggingFaceAudio, HuggingFaceContent, HuggingFaceFile, HuggingFaceImageUrl, HuggingFaceMessage,
    HuggingFaceMessageBuilder, HuggingFacePart,
};
pub use model::{
    HuggingFaceArchitecture, HuggingFaceModel, HuggingFaceModelList, HuggingFaceModelProvider,
    HuggingFacePricing,
};
pub use request::{HuggingFaceRequest, HuggingFaceRequestBuilder, HuggingFaceStreamOptions};
pub use response::{HuggingFaceResponse, HuggingFaceResponseBuilder};
pub use tool::{
    HuggingFaceChosenFunction, HuggingFaceTool, HuggingFaceToolBuilder, HuggingFaceToolChoice,
    HuggingFaceToolFunction, HuggingFaceToolFunctionBuilder,
};
pub use tool_call::{
    HuggingFaceFunction, HuggingFaceFunctionBuilder, HuggingFaceToolCall, HuggingFaceToolCallBuilder,
};
pub use usage::{HuggingFaceTokenDetails, HuggingFaceUsage, HuggingFaceUsageBuilder};
pub use vendor::HuggingFaceVendorFields;
