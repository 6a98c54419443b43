//! Minimal HTTP/1.1 server.
//!
//! A server library guarantees complete responses. The sandbox must also send responses that are
//! cut, stalled or corrupted at any byte, so it writes HTTP itself.

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
