//! Which request gets which answer.

use std::collections::HashMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};

use crate::access::Access;
use crate::catalog;
use crate::chat::{self, Form, Site, Way};
use crate::dialects::Dialect;
use crate::faults::{Call, Fault, Order};
use crate::fingerprint::Fingerprint;
use crate::http::Request;
use crate::json::encode;
use crate::refusal;
use crate::script::Script;
use crate::turn::Turn;

const CHAT: &str = "/v1/chat/completions";
const MODELS: &str = "/v1/models";

/// Finds the answer to a request. It knows nothing of connections.
#[derive(Debug)]
pub(crate) struct Router {
    access: Access,
    dialect: Dialect,
    turns: Vec<Turn>,
    /// How many chat calls were answered by a turn.
    taken: AtomicUsize,
    /// How many calls each model that orders a fault has had.
    ordered: Mutex<HashMap<String, usize>>,
}

/// What goes onto the wire, and the fault that is in it.
pub(crate) struct Reply {
    pub(crate) script: Script,
    pub(crate) fault: Option<Fault>,
}

impl From<Script> for Reply {
    fn from(script: Script) -> Self {
        Self { script, fault: None }
    }
}

impl Router {
    pub(crate) fn new(access: Access, dialect: Dialect, turns: Vec<Turn>) -> Self {
        Self { access, dialect, turns, taken: AtomicUsize::new(0), ordered: Mutex::default() }
    }

    pub(crate) fn answer(&self, request: &Request) -> Reply {
        let entry = request.path().strip_prefix(MODELS).and_then(|rest| rest.strip_prefix('/'));
        match (request.path(), entry, request.method.as_str()) {
            (CHAT, _, "POST") => return self.chat(request),
            (CHAT, _, _) => refusal::method_not_allowed("POST"),
            (MODELS, _, "GET") => Script::json(200, encode(&catalog::list())),
            (_, Some(model), "GET") => match catalog::find(model) {
                Some(entry) => Script::json(200, encode(entry)),
                None => refusal::no_such_entry(model),
            },
            (MODELS, _, _) | (_, Some(_), _) => refusal::method_not_allowed("GET"),
            _ => refusal::no_route(),
        }
        .into()
    }

    fn chat(&self, request: &Request) -> Reply {
        match self.next_turn() {
            Some(Turn::Script(script)) => script.clone().into(),
            Some(Turn::Fault(fault)) => self.faulty(*fault, request),
            Some(Turn::Answer) | None => self.by_itself(request),
        }
    }

    /// The sandbox's own answer, unless the model that is asked for orders a fault.
    fn by_itself(&self, request: &Request) -> Reply {
        let order = Order::of(&request.body);
        if let (Some(order), Ok(())) = (order, self.admit(request)) {
            match order {
                Ok(order) if self.is_due(&order) => return self.faulty(order.fault, request),
                Ok(_) => {}
                Err(unknown) => return refusal::unknown_fault(&unknown).into(),
            }
        }
        self.own(request, Form::AsAsked).into()
    }

    fn faulty(&self, fault: Fault, request: &Request) -> Reply {
        let script = fault.script(Call::new(request, &|form| self.own(request, form)));
        Reply { script, fault: Some(fault) }
    }

    fn own(&self, request: &Request, form: Form) -> Script {
        let fingerprint = Fingerprint::of(&request.body);
        let site = Site { dialect: self.dialect, way: Way::Chosen };
        let instead = Order::of(&request.body).map(|_| Order::SERVED_BY);
        let script = self
            .admit(request)
            .and_then(|()| chat::complete(&request.body, fingerprint, &site, instead, form))
            .unwrap_or_else(|refusal| refusal);
        match self.dialect {
            // A server that is called without the router in between adds no such header.
            Dialect::Router => script.header("x-request-id", format!("sandbox-{}", fingerprint.hex())),
            _ => script,
        }
    }

    fn admit(&self, request: &Request) -> Result<(), Script> {
        self.access.check(request).and_then(|()| media_type(request))
    }

    /// The first turn for the first call, and so on; the last one over and over.
    fn next_turn(&self) -> Option<&Turn> {
        let last = self.turns.len().checked_sub(1)?;
        let call = self.taken.fetch_add(1, Ordering::Relaxed);
        self.turns.get(call.min(last))
    }

    /// Counts the call, and says whether the fault was ordered for it.
    fn is_due(&self, order: &Order) -> bool {
        let mut counts = self.ordered.lock().unwrap_or_else(PoisonError::into_inner);
        let count = counts.entry(order.model.clone()).or_default();
        *count = count.saturating_add(1);
        order.times.is_none_or(|times| *count <= times)
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
