//! Responses of the Hub about repositories, and of the second server.

use serde_json::{Value, json};

use super::content::{content, status};
use super::fault::{HubEffect, HubFault, HubFaultTarget};
use super::repository::{HubFile, Repository, RepositoryAccess};
use super::store::Repositories;
use crate::access::Access;
use crate::error_response;
use crate::http::Request;
use crate::hub::fields;
use crate::script::Script;

/// Path of the second server.
const STORAGE: &str = "/storage/";

/// Returns the response to a request about a repository, or `None` for other paths.
pub(crate) fn respond(store: &Repositories, access: &Access, request: &Request) -> Option<Script> {
    let path = request.path().to_owned();
    if let Some(checksum) = path.strip_prefix(STORAGE) {
        return Some(storage(store, checksum, request));
    }
    let (repository, rest) = find(store, &path)?;
    if let Some(fault) = store.take_fault_of_all() {
        return Some(status(fault.number()));
    }
    if let Some(name) = &repository.renamed_to {
        let target = path.replacen(&repository.id, name, 1);
        return Some(Script::text(307, "text/plain", "").header("location", target));
    }
    if let Err(refusal) = check_access(&repository, access, request) {
        return Some(refusal);
    }
    let commit = repository.commit();
    let is_known =
        |revision: &str| revision == commit || repository.references.iter().any(|name| name == revision);
    match rest {
        Rest::Revision(revision) if is_known(&revision) => Some(Script::json(
            200,
            json!({"id": repository.id, "sha": commit, "private": false,
                   "siblings": repository.files.keys().map(|name| json!({"rfilename": name})).collect::<Vec<_>>()}),
        )),
        Rest::Tree(revision) if is_known(&revision) => Some(tree(store, &repository, request)),
        Rest::Parquet => Some(parquet(&repository)),
        Rest::ParquetFile(name) => Some(parquet_file(&repository, &name)),
        Rest::File(revision, name) if is_known(&revision) => Some(file(store, &repository, &name, request)),
        _ => Some(coded(404, "RevisionNotFound", "Invalid rev id")),
    }
}

/// The part of a path after the name of the repository.
enum Rest {
    Revision(String),
    Tree(String),
    Parquet,
    ParquetFile(String),
    File(String, String),
}

/// Returns the repository of a path, and the rest of the path.
fn find(store: &Repositories, path: &str) -> Option<(Repository, Rest)> {
    let decoded = |text: &str| crate::hub::decoded(&text.replace('+', "%2B"));
    let path = path.trim_start_matches('/');
    if let Some(api) = path.strip_prefix("api/") {
        let (kind, rest) = api.split_once('/')?;
        for (at, _) in rest.match_indices('/') {
            let (id, rest) = rest.split_at_checked(at)?;
            if let Some(repository) = store.find(kind, id) {
                let rest = rest.trim_start_matches('/');
                let (api, value) = rest.split_once('/').unwrap_or((rest, ""));
                let rest = match (api, value) {
                    ("revision", revision) => Rest::Revision(decoded(revision)),
                    ("tree", revision) => Rest::Tree(decoded(revision)),
                    ("parquet", "") => Rest::Parquet,
                    ("parquet", file) => Rest::ParquetFile(file.to_owned()),
                    _ => return None,
                };
                return Some((repository, rest));
            }
        }
        return None;
    }
    let (name, file) = path.split_once("/resolve/")?;
    let (revision, file) = file.split_once('/')?;
    let (kind, id) = match name.strip_prefix("datasets/") {
        Some(id) => ("datasets", id),
        None => ("models", name),
    };
    Some((store.find(kind, id)?, Rest::File(decoded(revision), decoded(file))))
}

fn check_access(repository: &Repository, access: &Access, request: &Request) -> Result<(), Script> {
    access.check_hub(request)?;
    let has_token = request.bearer().is_some();
    match repository.access {
        RepositoryAccess::Private if !has_token => {
            Err(coded(401, "RepoNotFound", "Invalid username or password."))
        }
        RepositoryAccess::Gated => {
            let message =
                format!("Access to model {} is restricted. You must have access to it.", repository.id);
            Err(coded(if has_token { 403 } else { 401 }, "GatedRepo", &message))
        }
        RepositoryAccess::Private | RepositoryAccess::Public => Ok(()),
    }
}

fn coded(status: u16, code: &str, message: &str) -> Script {
    error_response::plain(status, message).header("x-error-code", code).header("x-error-message", message)
}

/// Returns a page of the list of files.
fn tree(store: &Repositories, repository: &Repository, request: &Request) -> Script {
    let fields = fields(&request.target);
    let number = |name: &str| {
        fields.iter().find(|(key, _)| key == name).and_then(|(_, value)| value.parse::<usize>().ok())
    };
    let (start, limit) = (number("cursor").unwrap_or(0), number("limit").unwrap_or(50));
    let mut entries: Vec<Value> = repository.files.iter().map(|(name, file)| entry(name, file)).collect();
    if store.take_fault(HubFaultTarget::List).is_some() {
        entries.push(json!({"type": "file", "path": "../../outside.txt", "oid": "0".repeat(40), "size": 1}));
    }
    entries.push(json!({"type": "directory", "path": "folder", "oid": "1".repeat(40), "size": 0}));
    let page: Vec<Value> = entries.iter().skip(start).take(limit).cloned().collect();
    let script = Script::json(200, json!(page));
    let next = start.saturating_add(limit);
    if next >= entries.len() {
        return script;
    }
    let host = request.header("host").unwrap_or("localhost");
    script.header(
        "link",
        format!("<http://{host}{}?recursive=true&expand=false&cursor={next}>; rel=\"next\"", request.path()),
    )
}

fn entry(name: &str, file: &HubFile) -> Value {
    if file.is_large {
        json!({"type": "file", "path": name, "oid": "2".repeat(40), "size": file.size,
               "lfs": {"oid": file.checksum, "size": file.size, "pointerSize": 135}})
    } else {
        json!({"type": "file", "path": name, "oid": file.checksum, "size": file.size})
    }
}

/// Returns the list of the Parquet files, with addresses on the real Hub, as a mirror returns it.
fn parquet(repository: &Repository) -> Script {
    let mut configs = serde_json::Map::new();
    for (config, splits) in &repository.splits {
        let mut listed = serde_json::Map::new();
        for (split, files) in splits {
            let address = |number| {
                let id = &repository.id;
                format!("https://huggingface.co/api/datasets/{id}/parquet/{config}/{split}/{number}.parquet")
            };
            listed.insert(split.clone(), (0..files.len()).map(address).collect());
        }
        configs.insert(config.clone(), Value::Object(listed));
    }
    Script::json(200, Value::Object(configs))
}

/// Redirects from an address of the list to the file on its branch.
fn parquet_file(repository: &Repository, name: &str) -> Script {
    let found = name.strip_suffix(".parquet").and_then(|name| {
        let (folder, number) = name.rsplit_once('/')?;
        Some((folder, number.parse::<usize>().ok()?))
    });
    match found {
        Some((folder, number)) => {
            let target = format!(
                "/datasets/{}/resolve/refs%2Fconvert%2Fparquet/{folder}/{number:04}.parquet",
                repository.id
            );
            Script::text(302, "text/plain", "").header("location", target)
        }
        None => coded(404, "EntryNotFound", "Entry not found"),
    }
}

/// Returns a small file, or the redirect to a large one.
fn file(store: &Repositories, repository: &Repository, name: &str, request: &Request) -> Script {
    let commit = repository.commit();
    let Some(file) = repository.files.get(name) else {
        return coded(404, "EntryNotFound", "Entry not found").header("x-repo-commit", commit);
    };
    let fault = store.take_fault(HubFaultTarget::Metadata);
    let effect = fault.map(|fault: HubFault| fault.definition.effect);
    let tag = match effect {
        Some(HubEffect::BadTag) => "\"../../../outside\"".to_owned(),
        _ => format!("\"{}\"", file.checksum),
    };
    let mut headers = Vec::new();
    if effect != Some(HubEffect::NoCommit) {
        headers.push(("x-repo-commit", commit));
    }
    match effect {
        Some(HubEffect::RedirectLoop) => {
            return Script::text(307, "text/plain", "").header("location", request.target.clone());
        }
        Some(HubEffect::PlainRedirect) => {
            let target = "http://storage.example/file";
            let script = Script::text(302, "text/plain", "").header("location", target);
            return headers
                .iter()
                .fold(script, |script, (name, value)| script.header(*name, value))
                .header("x-linked-etag", tag);
        }
        _ => {}
    }
    if !file.is_large {
        let fault = if request.method == "GET" { store.take_fault(HubFaultTarget::Content) } else { None };
        let script = content(request, &file.content, &tag, &headers, fault);
        return if effect == Some(HubEffect::NoTag) { script.header("etag", "") } else { script };
    }
    if effect != Some(HubEffect::NoTag) {
        headers.push(("x-linked-etag", tag));
    }
    headers.push(("x-linked-size", file.size.to_string()));
    let target = format!("{}{STORAGE}{}?signature=sandbox", store.storage(), file.checksum);
    let script = Script::text(302, "text/plain", format!("Found. Redirecting to {target}"));
    headers
        .iter()
        .fold(script, |script, (name, value)| script.header(*name, value))
        .header("location", target)
}

/// Returns the response of the second server. It refuses every token.
fn storage(store: &Repositories, checksum: &str, request: &Request) -> Script {
    if request.header("authorization").is_some() {
        return error_response::plain(400, "Only one auth mechanism allowed");
    }
    let Some(file) = store.stored(checksum) else { return error_response::plain(404, "NoSuchKey") };
    // The second server has other entity tags than the Hub.
    let tag = format!("\"storage-{}\"", checksum.get(..16).unwrap_or_default());
    let fault = if request.method == "GET" { store.take_fault(HubFaultTarget::Content) } else { None };
    content(request, &file.content, &tag, &[], fault)
}
