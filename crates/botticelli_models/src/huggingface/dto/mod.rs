//! The service's JSON, as its documentation and its servers write it. Serde only: these types know none of ours.
//!
//! What is sent never holds a null. What is read may lack anything, or hold it as another type: only a part that
//! can be understood is taken, and nothing that is not needed is looked at.

mod choice;
mod chunk;
mod completion;
mod format;
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

pub(in crate::huggingface) use choice::Said;
pub use choice::{
    HuggingFaceChoice, HuggingFaceChoiceBuilder, HuggingFaceContentText, HuggingFaceDelta,
    HuggingFaceDeltaBuilder,
};
pub use chunk::HuggingFaceChunk;
pub use completion::{HuggingFaceCompletionRequest, HuggingFaceCompletionRequestBuilder};
pub use format::{
    HuggingFaceJsonSchema, HuggingFaceJsonSchemaBuilder, HuggingFaceResponseFormat,
    HuggingFaceResponseFormatBuilder,
};
pub(in crate::huggingface) use generation::Generated;
pub use generation::{
    HuggingFaceGenerateParameters, HuggingFaceGenerateParametersBuilder, HuggingFaceGenerateRequest,
    HuggingFaceGenerateRequestBuilder, HuggingFaceGeneratedToken, HuggingFaceGeneration,
    HuggingFaceGenerationDetails, HuggingFaceGenerations,
};
pub use hub::{HuggingFaceHubModel, HuggingFaceMapping};
pub(in crate::huggingface) use lenient::ErrorBody;
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
