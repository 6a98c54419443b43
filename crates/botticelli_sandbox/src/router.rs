//! Which request gets which answer.

use std::collections::HashMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};

use crate::access::Access;
use crate::catalog;
use crate::chat::{self, Form, Site, Way};
use crate::dialects::Dialect;
use crate::error_response;
use crate::faults::{Call, Fault, Order};
use crate::fingerprint::Fingerprint;
use crate::http::Request;
use crate::hub;
use crate::json::encode;
use crate::route::{Native, Route};
use crate::script::Script;
use crate::text;
use crate::turn::Turn;

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

/// A call of a model, and where it came in.
struct Called {
    site: Site,
    what: What,
}

/// What the model is to do.
#[derive(Clone, Copy)]
enum What {
    Chat,
    Text,
    Generate(Native),
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
        let Some(route) = Route::of(request.path(), self.dialect) else {
            return error_response::no_route().into();
        };
        let wanted = match route {
            Route::Chat(_) | Route::Text(_) | Route::Generate(..) => "POST",
            Route::Models | Route::Model(_) | Route::HubModels | Route::HubModel(_) => "GET",
        };
        if request.method != wanted {
            return error_response::method_not_allowed(wanted).into();
        }
        match route {
            Route::Chat(site) => return self.model(request, &Called { site, what: What::Chat }),
            Route::Text(site) => return self.model(request, &Called { site, what: What::Text }),
            Route::Generate(site, native) => {
                return self.model(request, &Called { site, what: What::Generate(native) });
            }
            Route::Models => Script::json(200, encode(&catalog::list())),
            Route::Model(id) => match catalog::find(id) {
                Some(entry) => Script::json(200, encode(entry)),
                None => error_response::no_such_entry(id),
            },
            Route::HubModels => self.hub(request, hub::models),
            Route::HubModel(id) => self.hub(request, |request| hub::model(id, request)),
        }
        .into()
    }

    fn hub(&self, request: &Request, answer: impl Fn(&Request) -> Script) -> Script {
        self.access.check_hub(request).map_or_else(|refusal| refusal, |()| answer(request))
    }

    fn model(&self, request: &Request, called: &Called) -> Reply {
        match self.next_turn() {
            Some(Turn::Script(script)) => script.clone().into(),
            Some(Turn::Fault(fault)) => self.faulty(*fault, request, called),
            Some(Turn::Answer) | None => self.by_itself(request, called),
        }
    }

    /// The sandbox's own answer, unless the model that is asked for orders a fault.
    fn by_itself(&self, request: &Request, called: &Called) -> Reply {
        let order = Order::of(&request.body);
        if let (Some(order), Ok(())) = (order, self.admit(request, &called.site)) {
            match order {
                Ok(order) if self.is_due(&order) => return self.faulty(order.fault, request, called),
                Ok(_) => {}
                Err(unknown) => return error_response::unknown_fault(&unknown).into(),
            }
        }
        self.own(request, called, Form::AsAsked).into()
    }

    fn faulty(&self, fault: Fault, request: &Request, called: &Called) -> Reply {
        let script = fault.script(Call::new(request, &|form| self.own(request, called, form)));
        Reply { script, fault: Some(fault) }
    }

    fn own(&self, request: &Request, called: &Called, form: Form) -> Script {
        let (body, site) = (request.body.as_slice(), &called.site);
        let fingerprint = Fingerprint::of(body);
        let instead = Order::of(&request.body).map(|_| Order::SERVED_BY);
        let script = self
            .admit(request, site)
            .and_then(|()| match called.what {
                What::Chat => chat::complete(body, fingerprint, site, instead, form),
                What::Text => text::complete(body, fingerprint, site, instead, form),
                What::Generate(native) => text::generate(body, fingerprint, site, native, form),
            })
            .unwrap_or_else(|refusal| refusal);
        identified(script, fingerprint, site)
    }

    fn admit(&self, request: &Request, site: &Site) -> Result<(), Script> {
        match site.way {
            Way::By { is_direct: true, .. } => Access::check_direct(request)?,
            _ => self.access.check(request)?,
        }
        media_type(request)?;
        if site.provider() == Some("zai-org") {
            for (name, value) in [("accept-language", "en-US,en"), ("x-source-channel", "hugging_face")] {
                if request.header(name) != Some(value) {
                    return Err(error_response::header_missing(name));
                }
            }
        }
        Ok(())
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

/// A server that is called without the router in between adds no such header.
fn identified(script: Script, fingerprint: Fingerprint, site: &Site) -> Script {
    match site.dialect {
        Dialect::Router => script.header("x-request-id", format!("sandbox-{}", fingerprint.hex())),
        _ => script,
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
            Err(error_response::not_json())
        }
        _ => Ok(()),
    }
}
