//! Responses of the management API.

use std::time::Duration;

use serde_json::{Map, Value, json};

use super::endpoint::{Endpoint, State};
use super::fault::{Effect, Target};
use super::prices;
use super::store::Endpoints;
use crate::access::Access;
use crate::error_response;
use crate::http::Request;
use crate::hub::fields;
use crate::keys;
use crate::script::Script;

const MANAGEMENT: &str = "/v2/";

/// The namespaces of the token: its owner, and an organization.
const NAMESPACES: [&str; 2] = [keys::OWNER, "sandbox-org"];

const WHO_AM_I: &str = "/api/whoami-v2";

/// Returns whether a path belongs to the management API, or asks for the owner of a token.
pub(crate) fn is_management(path: &str) -> bool {
    path == WHO_AM_I
        || path
            .strip_prefix(MANAGEMENT)
            .is_some_and(|rest| rest.starts_with("endpoint/") || rest.starts_with("provider/"))
}

/// Returns the owner of the token. The Hub sends more, which no client needs.
fn who_am_i() -> Value {
    json!({
        "type": "user",
        "name": keys::OWNER,
        "orgs": [{ "name": "sandbox-org" }],
        "auth": { "type": "access_token", "accessToken": {
            "displayName": "sandbox",
            "role": "fineGrained",
            "fineGrained": { "global": [], "scoped": [{
                "entity": { "type": "user", "name": keys::OWNER },
                "permissions": ["inference.serverless.write", "inference.endpoints.write", "inference.endpoints.infer.write"],
            }] },
        } },
    })
}

/// Returns the response to a request of the management API.
pub(crate) fn manage(store: &Endpoints, access: &Access, request: &Request) -> Script {
    if request.path() == WHO_AM_I {
        return match access.check_hub(request) {
            Ok(()) if request.bearer().is_some() => Script::json(200, who_am_i()),
            _ => error_response::invalid_hub_token(),
        };
    }
    let fault = store.take_fault(Target::Any);
    match fault.map(|fault| (fault.effect(), fault.number())) {
        Some((Effect::Status, status)) => return error_response::plain(status, "Injected fault"),
        Some((Effect::NotJson, _)) => {
            return Script::text(200, "text/html", "<html><body>Hello</body></html>");
        }
        Some((Effect::Unrelated, _)) => return Script::json(200, json!({ "hello": "world" })),
        _ => {}
    }
    let is_change = request.method != "GET";
    let is_lost = is_change && store.take_fault(Target::Change).is_some();
    let script = respond(store, access, request).unwrap_or_else(|error| error);
    if is_lost { Script::close() } else { script }
}

fn respond(store: &Endpoints, access: &Access, request: &Request) -> Result<Script, Script> {
    let path = request.path().trim_start_matches(MANAGEMENT);
    let parts: Vec<&str> = path.split('/').collect();
    let namespace = parts.get(1).copied().unwrap_or_default();
    check_access(access, request, namespace)?;
    match (request.method.as_str(), parts.as_slice()) {
        ("GET", ["provider", _]) => {
            let has_prices = store.take_fault(Target::Prices).is_none();
            Ok(Script::json(200, prices::list(has_prices)))
        }
        ("GET", ["endpoint", _]) => {
            let now = store.now();
            let items: Vec<Value> = store.with(|endpoints, origin| {
                let own = endpoints.iter_mut().filter(|endpoint| endpoint.namespace == namespace);
                own.map(|endpoint| endpoint.describe(origin, now)).collect()
            });
            Ok(Script::json(200, json!({ "items": items })))
        }
        ("POST", ["endpoint", _]) => create(store, namespace, request),
        (method, ["endpoint", _, name, rest @ ..]) => {
            let action = rest.first().copied().unwrap_or_default();
            if action.is_empty() && method == "DELETE" {
                return store.with(|endpoints, _| {
                    let at = position(endpoints, namespace, name)?;
                    endpoints.remove(at);
                    Ok(Script::json(200, json!({ "message": "Endpoint deleted" })))
                });
            }
            let now = store.now();
            store.with(|endpoints, origin| {
                let at = position(endpoints, namespace, name)?;
                let endpoint = endpoints.get_mut(at).ok_or_else(error_response::no_route)?;
                match (method, action) {
                    ("GET", "logs") => return Ok(logs(endpoint, request, now)),
                    ("GET", "open-metrics") => return Ok(metrics(endpoint, now)),
                    ("GET", "") => {}
                    ("PUT", "") => change(endpoint, request, now)?,
                    ("POST", action) => act(endpoint, action, now)?,
                    _ => return Err(error_response::method_not_allowed("GET, POST, PUT, DELETE")),
                }
                Ok(Script::json(200, endpoint.describe(origin, now)))
            })
        }
        _ => Err(error_response::no_route()),
    }
}

fn check_access(access: &Access, request: &Request, namespace: &str) -> Result<(), Script> {
    match request.bearer() {
        Some(keys::TOKEN_WITHOUT_PERMISSION) => {}
        Some(keys::TOKEN_WITHOUT_CREDITS) if request.method != "POST" => return Ok(()),
        Some(keys::TOKEN_WITHOUT_CREDITS) => {
            return Err(error_response::plain(402, "A payment method is required"));
        }
        Some(_) if NAMESPACES.contains(&namespace) => return access.check(request),
        Some(_) => access.check(request)?,
        None => return Err(error_response::plain(401, "Unauthorized")),
    }
    Err(error_response::plain(403, &format!("Forbidden: no access to {namespace}")))
}

fn position(endpoints: &[Endpoint], namespace: &str, name: &str) -> Result<usize, Script> {
    endpoints
        .iter()
        .position(|endpoint| (&*endpoint.namespace, endpoint.name()) == (namespace, name))
        .ok_or_else(|| error_response::plain(404, "Endpoint not found"))
}

fn create(store: &Endpoints, namespace: &str, request: &Request) -> Result<Script, Script> {
    let invalid = |message: &str| error_response::plain(400, message);
    let settings: Value = serde_json::from_slice(&request.body).map_err(|_| invalid("invalid JSON"))?;
    let fault = store.take_fault(Target::Create).map(|fault| fault.effect());
    match fault {
        Some(Effect::Quota) => return Err(error_response::plain(400, "Quota exceeded for this instance")),
        Some(Effect::RepeatsBody) => {
            let body = String::from_utf8_lossy(&request.body);
            let token = request.bearer().unwrap_or_default();
            return Err(error_response::plain(400, &format!("cannot read {body} of {token}")));
        }
        _ => {}
    }
    for field in [
        "/name",
        "/type",
        "/provider/vendor",
        "/provider/region",
        "/compute/accelerator",
        "/compute/instanceType",
        "/compute/instanceSize",
        "/model/repository",
        "/model/framework",
    ] {
        if settings.pointer(field).and_then(Value::as_str).is_none_or(str::is_empty) {
            return Err(error_response::plain(422, &format!("missing field {field}")));
        }
    }
    if !settings.pointer("/model/image").is_some_and(Value::is_object) {
        return Err(error_response::plain(422, "missing field /model/image"));
    }
    check_compute(&settings)?;
    let now = store.now();
    store.with(|endpoints, origin| {
        let mut endpoint = Endpoint::new(namespace, settings, fault, now);
        if position(endpoints, namespace, endpoint.name()).is_ok() {
            return Err(error_response::plain(409, "An endpoint with this name already exists"));
        }
        let body = endpoint.describe(origin, now);
        endpoints.push(endpoint);
        Ok(Script::json(200, body))
    })
}

/// Checks the instance and the replicas.
fn check_compute(settings: &Value) -> Result<(), Script> {
    let word = |field: &str| settings.pointer(field).and_then(Value::as_str).unwrap_or_default();
    let accelerator = prices::accelerator(
        word("/provider/vendor"),
        word("/provider/region"),
        word("/compute/instanceType"),
        word("/compute/instanceSize"),
    );
    if accelerator != Some(word("/compute/accelerator")) {
        return Err(error_response::plain(400, "Compute not available"));
    }
    let number = |field: &str| settings.pointer(field).and_then(Value::as_u64);
    match (number("/compute/scaling/minReplica"), number("/compute/scaling/maxReplica")) {
        (Some(minimum), Some(maximum)) if minimum <= maximum && maximum > 0 => Ok(()),
        _ => Err(error_response::plain(400, "Invalid scaling")),
    }
}

fn change(endpoint: &mut Endpoint, request: &Request, now: Duration) -> Result<(), Script> {
    let invalid = || error_response::plain(400, "invalid JSON");
    let change: Map<String, Value> = serde_json::from_slice(&request.body).map_err(|_| invalid())?;
    let mut settings = endpoint.settings.clone();
    merge(&mut settings, &Value::Object(change));
    check_compute(&settings)?;
    endpoint.settings = settings;
    endpoint.update(now);
    Ok(())
}

/// Replaces the values of an object. Images, variables and secrets are replaced as a whole.
fn merge(target: &mut Value, change: &Value) {
    match (target, change) {
        (Value::Object(target), Value::Object(change)) => {
            for (field, value) in change {
                if ["image", "env", "secrets"].contains(&field.as_str()) {
                    target.insert(field.clone(), value.clone());
                } else {
                    merge(target.entry(field).or_insert(Value::Null), value);
                }
            }
        }
        (target, change) => *target = change.clone(),
    }
}

fn act(endpoint: &mut Endpoint, action: &str, now: Duration) -> Result<(), Script> {
    let refused = |message: &str| Err(error_response::plain(400, message));
    match (action, endpoint.state(now)) {
        ("pause", State::Paused) => return refused("Endpoint is already paused"),
        ("pause", _) => endpoint.pause(),
        ("resume", State::Paused | State::Failed | State::ScaledToZero) => endpoint.start(now),
        ("resume", _) => return refused("Endpoint is already running"),
        ("scale-to-zero", State::Running | State::Updating) => endpoint.scale_to_zero(),
        ("scale-to-zero", _) => return refused("Invalid state"),
        _ => return Err(error_response::no_route()),
    }
    Ok(())
}

fn logs(endpoint: &mut Endpoint, request: &Request, now: Duration) -> Script {
    let mut lines = vec![
        "- 2025-01-01T00:00:00.000+00:00 Starting the container".to_owned(),
        format!("- 2025-01-01T00:00:05.000+00:00 Loading {}", endpoint.word("/model/repository")),
    ];
    match endpoint.state(now) {
        State::Running | State::Updating => {
            lines.push("- 2025-01-01T00:00:25.000+00:00 [INFO] Ready".to_owned());
        }
        State::Failed => lines.push("- 2025-01-01T00:00:25.000+00:00 [ERROR] Out of memory".to_owned()),
        _ => {}
    }
    let fields = fields(&request.target);
    let tail = fields.iter().find(|(name, _)| name == "tail").and_then(|(_, count)| count.parse().ok());
    let skipped = tail.map_or(0, |tail: usize| lines.len().saturating_sub(tail));
    let text: String = lines.iter().skip(skipped).flat_map(|line| [line.as_str(), "\n"]).collect();
    Script::text(200, "text/plain; charset=utf-8", text)
}

fn metrics(endpoint: &mut Endpoint, now: Duration) -> Script {
    let ready = u8::from(endpoint.state(now) == State::Running);
    let text = format!("# TYPE running_replicas gauge\nrunning_replicas {ready}\n# EOF\n");
    Script::text(200, "application/openmetrics-text; version=1.0.0", text)
}
