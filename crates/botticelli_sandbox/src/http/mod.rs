//! HTTP/1.1 by hand: requests are read, scripts are played.
//!
//! By hand, because a server library takes care that answers are whole, and the sandbox exists
//! to send answers that are not: cut, stalled or garbled at any byte.

mod body;
mod connection;
mod head;
mod reason;
mod request;
mod request_error;
mod send;
mod wire;

pub(crate) use connection::Connection;
pub(crate) use request::{Request, read_request};
pub(crate) use request_error::RequestError;
pub(crate) use send::{AfterResponse, send_script};
pub(crate) use wire::head;
