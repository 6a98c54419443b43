//! Dedicated endpoints: the management API of Hugging Face Inference Endpoints.
//!
//! | file | task |
//! | --- | --- |
//! | [`endpoints`](Endpoints), [`builder`](EndpointsBuilder), `settings`, `driver_settings` | the client and its settings |
//! | [`spec`](EndpointSpec), [`image`](EndpointImage), [`update`](EndpointUpdate), `values` | what is created and changed, and the checks of its values |
//! | [`endpoint`](InferenceEndpoint), [`access`](EndpointAccess), [`state`](EndpointState) | an endpoint, and the drivers for its URL |
//! | [`instance`](EndpointInstance), `prices` | the price list, and the limit of the caller |
//! | `actions` | pause, resume, scale to zero, delete |
//! | [`owner`](TokenOwner) | the owner and the permissions of the token |
//! | `wait`, [`progress`](EndpointProgress) | waits until an endpoint is running |
//! | `call`, `client`, `refusal`, `json` | requests, the meaning of unsuccessful responses, and the fields of responses |

mod access;
mod actions;
mod builder;
mod call;
mod client;
mod driver_settings;
mod endpoint;
#[allow(clippy::module_inception, reason = "the file has the name of its type")]
mod endpoints;
mod image;
mod instance;
mod json;
mod owner;
mod prices;
mod progress;
mod refusal;
mod settings;
mod spec;
mod state;
mod update;
mod values;
mod wait;

pub use access::EndpointAccess;
pub use builder::EndpointsBuilder;
pub use endpoint::InferenceEndpoint;
pub use endpoints::Endpoints;
pub use image::EndpointImage;
pub use instance::{EndpointInstance, EndpointPrice};
pub use owner::TokenOwner;
pub use progress::{EndpointObserver, EndpointProgress};
pub use spec::EndpointSpec;
pub use state::EndpointState;
pub use update::EndpointUpdate;
