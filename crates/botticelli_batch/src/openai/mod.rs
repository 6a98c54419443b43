//! OpenAI's batch files.
//!
//! | file | responsibility |
//! | --- | --- |
//! | `request` | the request of a line |
//! | `response` | a response in the format of a line of output |
//! | `logprobs` | log probabilities in that format |

mod logprobs;
mod request;
mod response;

pub(crate) use request::{COLUMNS, ID, is_request, request_of};
pub(crate) use response::{answer_columns, response_of};
