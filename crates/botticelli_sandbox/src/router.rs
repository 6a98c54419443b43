//! Which request gets which answer.

use std::sync::atomic::{AtomicUsize, Ordering};

use crate::access::Access;
use crate::catalog;
use crate::chat;
use crate::dialects::Dialect;
use crate::fingerprint::Fingerprint;
use crate::http::Request;
use crate::json::encode;
use crate::refusal;
use crate::script::Script;

const CHAT: &str = "/v1/chat/completions";
const MODELS: &str = "/v1/models";

/// Finds the answer to a request. It knows nothing of connections.
#[derive(Debug)]
pub(crate) struct Router {
    access: Access,
    dialect: Dialect,
    scripts: Vec<Script>,
    /// How many chat calls were answered by a script.
    played: AtomicUsize,
}

impl Router {
    pub(crate) fn new(access: Access, dialect: Dialect, scripts: Vec<Script>) -> Self {
        Self { access, dialect, scripts, played: AtomicUsize::new(0) }
    }

    pub(crate) fn answer(&self, request: &Request) -> Script {
        let entry = request.path().strip_prefix(MODELS).and_then(|rest| rest.strip_prefix('/'));
        match (request.path(), entry, request.method.as_str()) {
            (CHAT, _, "POST") => self.chat(request),
            (CHAT, _, _) => refusal::method_not_allowed("POST"),
            (MODELS, _, "GET") => Script::json(200, encode(&catalog::list())),
            (_, Some(model), "GET") => match catalog::find(model) {
                Some(entry) => Script::json(200, encode(entry)),
                None => refusal::no_such_entry(model),
            },
            (MODELS, _, _) | (_, Some(_), _) => refusal::method_not_allowed("GET"),
            _ => refusal::no_route(),
        }
    }

    fn chat(&self, request: &Request) -> Script {
        if let Some(script) = self.next_script() {
            return script;
        }
        let fingerprint = Fingerprint::of(&request.body);
        let script = self
            .access
            .check(request)
            .and_then(|()| media_type(request))
            .and_then(|()| chat::complete(&request.body, fingerprint, self.dialect))
            .unwrap_or_else(|refusal| refusal);
        match self.dialect {
            // A server that is called without the router in between adds no such header.
            Dialect::Router => script.header("x-request-id", format!("sandbox-{}", fingerprint.hex())),
            _ => script,
        }
    }

    /// The first script for the first call, and so on; the last one over and over.
    fn next_script(&self) -> Option<Script> {
        let last = self.scripts.len().checked_sub(1)?;
        let turn = self.played.fetch_add(1, Ordering::Relaxed);
        self.scripts.get(turn.min(last)).cloned()
    }
}

/// A content type that is named must be the right one, with or without parameters.
fn media_type(request: &Request) -> Result<(), Script> {
    match request.header("content-type") {
        Some(value)
            if !value
                .split(';')
                .next()
                .is_some_and(|kind| kind.trim().eq_ignore_ascii_case("application/json")) =>
        {
            Err(refusal::not_json())
        }
        _ => Ok(()),
    }
}
