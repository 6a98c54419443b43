//! The endpoints of a sandbox, the faults of their requests, and the requests to the endpoints themselves.

use std::collections::VecDeque;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use super::clock::SandboxClock;
use super::endpoint::{Endpoint, State};
use super::fault::{Effect, EndpointFault, Target};
use crate::access::Access;
use crate::error_response;
use crate::http::Request;
use crate::script::Script;

/// The endpoints of a sandbox. Their states follow from its clock.
#[derive(Debug, Default)]
pub(crate) struct Endpoints {
    clock: SandboxClock,
    state: Mutex<Inner>,
}

#[derive(Debug, Default)]
struct Inner {
    endpoints: Vec<Endpoint>,
    faults: VecDeque<EndpointFault>,
    origin: String,
}

/// The path of requests to endpoints.
const ENDPOINTS: &str = "/endpoints/";

/// The outcome of a request to an endpoint.
pub(crate) enum Served {
    /// A response of the service in front of the server.
    Response(Script),
    /// The request for the server, with the path there.
    Forward(Request),
}

impl Endpoints {
    pub(crate) fn new(clock: SandboxClock, faults: Vec<EndpointFault>) -> Self {
        let inner = Inner { faults: faults.into(), ..Inner::default() };
        Self { clock, state: Mutex::new(inner) }
    }

    pub(crate) fn set_origin(&self, origin: &str) {
        origin.clone_into(&mut self.state().origin);
    }

    /// Adds a fault for the next request that it affects.
    pub(crate) fn inject(&self, fault: EndpointFault) {
        self.state().faults.push_back(fault);
    }

    /// Returns the next fault if it affects requests of this kind, and removes it.
    pub(super) fn take_fault(&self, target: Target) -> Option<EndpointFault> {
        let mut state = self.state();
        state.faults.front().filter(|fault| fault.target() == target)?;
        state.faults.pop_front()
    }

    pub(super) fn now(&self) -> Duration {
        self.clock.now()
    }

    /// Calls `act` with all endpoints and the origin of the sandbox.
    pub(super) fn with<T>(&self, act: impl FnOnce(&mut Vec<Endpoint>, &str) -> T) -> T {
        let mut state = self.state();
        let Inner { endpoints, origin, .. } = &mut *state;
        act(endpoints, origin)
    }

    /// Returns the outcome of a request to an endpoint, or `None` for other paths.
    pub(crate) fn serve(&self, access: &Access, request: &Request) -> Option<Served> {
        let rest = request.target.strip_prefix(ENDPOINTS)?;
        let mut parts = rest.splitn(3, '/');
        let (namespace, name) = (parts.next()?, parts.next()?);
        let path = format!("/{}", parts.next().unwrap_or_default());
        let now = self.now();
        let found = self.with(|endpoints, _| {
            let endpoint = endpoints
                .iter_mut()
                .find(|endpoint| (&*endpoint.namespace, endpoint.name()) == (namespace, name))?;
            let is_open = endpoint.word("/type") == "public";
            let is_allowed = is_open || (request.bearer().is_some() && access.check(request).is_ok());
            // A request without a token does not wake an endpoint.
            let state = is_allowed.then(|| endpoint.receive(now));
            Some((state, endpoint.clone()))
        });
        let unavailable = || Script::text(503, "text/plain", "503 Service Unavailable");
        Some(match found {
            None => Served::Response(error_response::plain(404, "Not Found")),
            Some((None, _)) => Served::Response(error_response::unauthorized()),
            Some((Some(State::Paused), _)) => {
                Served::Response(error_response::plain(400, "Bad Request: Invalid state"))
            }
            Some((Some(State::Running | State::Updating), endpoint)) => {
                if endpoint.fault == Some(Effect::Unhealthy) {
                    return Some(Served::Response(unavailable()));
                }
                let is_health = path == "/health" || path == endpoint.word("/healthRoute");
                if is_health {
                    return Some(Served::Response(Script::text(200, "text/plain", "")));
                }
                Served::Forward(forwarded(request, &path, &endpoint))
            }
            Some(_) => Served::Response(unavailable()),
        })
    }

    fn state(&self) -> MutexGuard<'_, Inner> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Returns the request for the server of an endpoint. The root belongs to the task of the model.
fn forwarded(request: &Request, path: &str, endpoint: &Endpoint) -> Request {
    let target = match path {
        "/" => format!("/hf-inference/models/{}", endpoint.word("/model/repository")),
        path => path.to_owned(),
    };
    let mut headers = request.headers.clone();
    if request.bearer().is_none() {
        // A public endpoint needs no token.
        headers.push(("authorization".to_owned(), format!("Bearer {}", crate::keys::TOKEN)));
    }
    Request {
        method: request.method.clone(),
        target,
        headers,
        body: request.body.clone(),
        is_http_1_0: request.is_http_1_0,
    }
}
