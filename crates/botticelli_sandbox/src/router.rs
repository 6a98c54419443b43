//! Selection of the response to each request.

use std::cell::Cell;
use std::collections::HashMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};

use crate::access::Access;
use crate::bill::BillEntry;
use crate::catalog;
use crate::chat::{self, Endpoint, ModelLookup, ResponseForm};
use crate::dialects::Dialect;
use crate::endpoints::{self, Endpoints, Served};
use crate::error_response;
use crate::faults::{Call, Fault, RequestedFault};
use crate::fingerprint::Fingerprint;
use crate::http::Request;
use crate::hub;
use crate::json::encode;
use crate::random_faults::RandomFaults;
use crate::repositories::{self, Repositories};
use crate::route::{NativeForm, Route};
use crate::script::Script;
use crate::tasks::{self, Jobs, TaskEndpoint};
use crate::text;
use crate::turn::Turn;

/// Finds the response to a request. Independent of connections.
#[derive(Debug)]
pub(crate) struct Router {
    access: Access,
    dialect: Dialect,
    turns: Vec<Turn>,
    /// Number of calls that a turn has answered.
    turns_taken: AtomicUsize,
    random_faults: Option<RandomFaults>,
    /// Number of calls for each model name that requests a fault.
    fault_counts: Mutex<HashMap<String, usize>>,
    repositories: Repositories,
    endpoints: Endpoints,
    jobs: Jobs,
}

/// A call of a model and the endpoint it arrived at.
struct ModelCall {
    endpoint: Endpoint,
    operation: Operation,
}

/// Operation that the call requests.
enum Operation {
    Chat,
    Text,
    Generate(NativeForm),
    Task(TaskEndpoint),
}

impl ModelCall {
    fn of_task(task: TaskEndpoint) -> Self {
        let dialect = if task.is_routed() { Dialect::Router } else { Dialect::Tgi3 };
        let endpoint = Endpoint { dialect, lookup: ModelLookup::HubId };
        Self { endpoint, operation: Operation::Task(task) }
    }
}

/// A script and the fault it contains.
pub(crate) struct Reply {
    pub(crate) script: Script,
    pub(crate) fault: Option<Fault>,
    /// Charge for the response.
    pub(crate) bill: Option<BillEntry>,
}

impl From<Script> for Reply {
    fn from(script: Script) -> Self {
        let bill = script.charge().and_then(|charge| BillEntry::new(charge, &script, true, true));
        Self { script, fault: None, bill }
    }
}

impl Router {
    pub(crate) fn new(
        access: Access,
        dialect: Dialect,
        turns: Vec<Turn>,
        random_faults: Option<RandomFaults>,
        (repositories, endpoints, jobs): (Repositories, Endpoints, Jobs),
    ) -> Self {
        Self {
            access,
            dialect,
            turns,
            turns_taken: AtomicUsize::new(0),
            random_faults,
            fault_counts: Mutex::default(),
            repositories,
            endpoints,
            jobs,
        }
    }

    pub(crate) fn repositories(&self) -> &Repositories {
        &self.repositories
    }

    pub(crate) fn jobs(&self) -> &Jobs {
        &self.jobs
    }

    pub(crate) fn endpoints(&self) -> &Endpoints {
        &self.endpoints
    }

    pub(crate) fn respond(&self, request: &Request) -> Reply {
        match self.endpoints.serve(&self.access, request) {
            Some(Served::Response(script)) => return script.into(),
            // Not `respond`: an endpoint does not serve endpoints.
            Some(Served::Forward(request)) => return self.respond_as_router(&request),
            None => {}
        }
        if endpoints::is_management(request.path()) {
            return endpoints::manage(&self.endpoints, &self.access, request).into();
        }
        self.respond_as_router(request)
    }

    fn respond_as_router(&self, request: &Request) -> Reply {
        if let Some(script) = repositories::respond(&self.repositories, &self.access, request) {
            return script.into();
        }
        if let Some(script) = tasks::result(request.path(), request, &self.jobs) {
            return script.into();
        }
        if let Some((name, is_direct, path)) = tasks::media_provider(request.path()) {
            let access = if is_direct { Access::check_direct(request) } else { self.access.check(request) };
            return access
                .map_or_else(|error| error, |()| tasks::respond_as_provider(name, path, request, &self.jobs))
                .into();
        }
        let Some(route) = Route::parse(request.path(), self.dialect) else {
            return error_response::no_route().into();
        };
        let method = match route {
            Route::Chat(_) | Route::Text(_) | Route::Generate(..) | Route::Task(_) => "POST",
            Route::Models | Route::Model(_) | Route::HubModels | Route::HubModel(_) => "GET",
        };
        if request.method != method {
            return error_response::method_not_allowed(method).into();
        }
        match route {
            Route::Chat(endpoint) => {
                return self.respond_to_call(request, &ModelCall { endpoint, operation: Operation::Chat });
            }
            Route::Text(endpoint) => {
                return self.respond_to_call(request, &ModelCall { endpoint, operation: Operation::Text });
            }
            Route::Generate(endpoint, native) => {
                return self.respond_to_call(
                    request,
                    &ModelCall { endpoint, operation: Operation::Generate(native) },
                );
            }
            Route::Task(task) => {
                return self.respond_to_call(request, &ModelCall::of_task(task));
            }
            Route::Models => Script::json(200, encode(&catalog::list())),
            Route::Model(id) => match catalog::find(id) {
                Some(entry) => Script::json(200, encode(entry)),
                None => error_response::no_such_model(id),
            },
            Route::HubModels => self.respond_as_hub(request, hub::models),
            Route::HubModel(id) => self.respond_as_hub(request, |request| hub::model(id, request)),
        }
        .into()
    }

    fn respond_as_hub(&self, request: &Request, respond: impl Fn(&Request) -> Script) -> Script {
        self.access.check_hub(request).map_or_else(|error| error, |()| respond(request))
    }

    fn respond_to_call(&self, request: &Request, call: &ModelCall) -> Reply {
        if let Some(fault) = self.random_faults.as_ref().and_then(RandomFaults::draw) {
            return self.respond_with_fault(fault, request, call);
        }
        match self.next_turn() {
            Some(Turn::Script(script)) => script.clone().into(),
            Some(Turn::Fault(fault)) => self.respond_with_fault(*fault, request, call),
            Some(Turn::Default) | None => self.respond_without_turn(request, call),
        }
    }

    /// Returns the default response, or the fault that the model name requests.
    fn respond_without_turn(&self, request: &Request, call: &ModelCall) -> Reply {
        let requested = RequestedFault::parse(&request.body);
        if let (Some(requested), Ok(())) = (requested, self.check_access(request, call)) {
            match requested {
                Ok(requested) if self.is_due(&requested) => {
                    return self.respond_with_fault(requested.fault, request, call);
                }
                Ok(_) => {}
                Err(unknown) => return error_response::unknown_fault(&unknown.to_string()).into(),
            }
        }
        self.default_response(request, call, ResponseForm::AsRequested).into()
    }

    fn respond_with_fault(&self, fault: Fault, request: &Request, call: &ModelCall) -> Reply {
        // The fault alters the default response, which was generated all the same.
        let charge = Cell::new(None);
        let respond = |form| {
            let script = self.default_response(request, call, form);
            charge.set(charge.get().or(script.charge()));
            script
        };
        let script = fault.script(Call::new(request, &respond));
        let bill =
            charge.get().and_then(|charge| BillEntry::new(charge, &script, false, fault.is_harmless()));
        Reply { script, fault: Some(fault), bill }
    }

    fn default_response(&self, request: &Request, call: &ModelCall, form: ResponseForm) -> Script {
        let (body, endpoint) = (request.body.as_slice(), &call.endpoint);
        let fingerprint = Fingerprint::of(body);
        let model_override = RequestedFault::parse(&request.body).map(|_| RequestedFault::MODEL);
        let script = self
            .check_access(request, call)
            .and_then(|()| match &call.operation {
                Operation::Chat => chat::respond(body, fingerprint, endpoint, model_override, form),
                Operation::Text => text::complete(body, fingerprint, endpoint, model_override, form),
                Operation::Generate(native) => text::generate(body, fingerprint, endpoint, *native, form),
                Operation::Task(task) => {
                    tasks::respond(task, request).map(|script| tasks::damaged(script, &self.jobs))
                }
            })
            .unwrap_or_else(|error| error);
        with_request_id(script, fingerprint, endpoint)
    }

    fn check_access(&self, request: &Request, call: &ModelCall) -> Result<(), Script> {
        let endpoint = &call.endpoint;
        let is_direct = match &call.operation {
            Operation::Task(task) => task.is_direct(),
            _ => matches!(endpoint.lookup, ModelLookup::ProviderId { is_direct: true, .. }),
        };
        if is_direct {
            Access::check_direct(request)?;
        } else {
            self.access.check(request)?;
        }
        // Tasks also take images and audio.
        if !matches!(call.operation, Operation::Task(_)) {
            check_media_type(request)?;
        }
        if endpoint.provider() == Some("zai-org") {
            for (name, value) in [("accept-language", "en-US,en"), ("x-source-channel", "hugging_face")] {
                if request.header(name) != Some(value) {
                    return Err(error_response::header_missing(name));
                }
            }
        }
        Ok(())
    }

    /// Returns the next turn, or the last one if all are used.
    fn next_turn(&self) -> Option<&Turn> {
        let last = self.turns.len().checked_sub(1)?;
        let index = self.turns_taken.fetch_add(1, Ordering::Relaxed);
        self.turns.get(index.min(last))
    }

    /// Counts the call and returns whether the requested fault applies to it.
    fn is_due(&self, requested: &RequestedFault) -> bool {
        let mut counts = self.fault_counts.lock().unwrap_or_else(PoisonError::into_inner);
        let count = counts.entry(requested.model.clone()).or_default();
        *count = count.saturating_add(1);
        requested.times.is_none_or(|times| *count <= times)
    }
}

/// Adds the `x-request-id` header of the router. Other servers do not send it.
fn with_request_id(script: Script, fingerprint: Fingerprint, endpoint: &Endpoint) -> Script {
    match endpoint.dialect {
        Dialect::Router => script.header("x-request-id", format!("sandbox-{}", fingerprint.hex())),
        _ => script,
    }
}

/// Rejects a content type other than JSON. Parameters and a missing header are accepted.
fn check_media_type(request: &Request) -> Result<(), Script> {
    match request.header("content-type") {
        Some(value)
            if !value
                .split(';')
                .next()
                .is_some_and(|kind| kind.trim().eq_ignore_ascii_case("application/json")) =>
        {
            Err(error_response::unsupported_media_type())
        }
        _ => Ok(()),
    }
}
