//! Accepts connections and serves the requests of each in sequence.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::net::TcpListener;
use tokio::task::JoinSet;

use crate::activity::Activity;
use crate::arrivals::Arrivals;
use crate::bill::{Bill, BillEntry};
use crate::capacity::{Capacity, METRICS, Slots};
use crate::endpoints::Endpoints;
use crate::error_response;
use crate::http::{AfterResponse, Connection, Request, RequestError, read_request, send_script};
use crate::json::encode;
use crate::observer::Observer;
use crate::received::ReceivedRequest;
use crate::repositories::Repositories;
use crate::router::{Reply, Router};
use crate::script::Script;
use crate::tasks::Jobs;

/// Path of the bill.
const BILL: &str = "/bill";

/// State shared by all connections of one sandbox.
#[derive(Clone, Debug)]
pub(crate) struct Server {
    shared: Arc<Shared>,
}

#[derive(Debug)]
struct Shared {
    router: Router,
    slots: Option<Slots>,
    activity: Activity,
    remembers: bool,
    observer: Option<Observer>,
    log: Mutex<Log>,
    bill: Mutex<Bill>,
}

/// Requests received so far.
#[derive(Debug)]
struct Log {
    arrivals: Arrivals,
    received: Vec<ReceivedRequest>,
}

/// Record of a request until its response ends.
struct LogEntry {
    index: Option<usize>,
    observed: Option<ReceivedRequest>,
}

impl Server {
    pub(crate) fn new(
        router: Router,
        capacity: Option<Capacity>,
        remembers: bool,
        observer: Option<Observer>,
    ) -> Self {
        Self {
            shared: Arc::new(Shared {
                router,
                slots: capacity.map(Slots::new),
                activity: Activity::new(),
                remembers,
                observer,
                log: Mutex::new(Log { arrivals: Arrivals::new(), received: Vec::new() }),
                bill: Mutex::default(),
            }),
        }
    }

    pub(crate) fn activity(&self) -> &Activity {
        &self.shared.activity
    }

    pub(crate) fn repositories(&self) -> &Repositories {
        self.shared.router.repositories()
    }

    pub(crate) fn jobs(&self) -> &Jobs {
        self.shared.router.jobs()
    }

    pub(crate) fn endpoints(&self) -> &Endpoints {
        self.shared.router.endpoints()
    }

    pub(crate) fn requests(&self) -> Vec<ReceivedRequest> {
        self.log().received.clone()
    }

    pub(crate) fn bill(&self) -> Bill {
        self.shared.bill.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn charge(&self, entry: BillEntry) {
        self.shared.bill.lock().unwrap_or_else(PoisonError::into_inner).push(entry);
    }

    fn log(&self) -> MutexGuard<'_, Log> {
        // A poisoned lock is safe: the lists only grow, so they are never half-written.
        self.shared.log.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Records a request before the response starts, so that a client never sees a response to an
    /// unrecorded request.
    fn record_request(&self, request: &Request, reply: &Reply) -> LogEntry {
        let mut log = self.log();
        let mut entry = LogEntry { index: None, observed: None };
        if self.shared.remembers || self.shared.observer.is_some() {
            let arrival = log.arrivals.record(request);
            let received = ReceivedRequest::new(request, reply, arrival);
            if self.shared.observer.is_some() {
                entry.observed = Some(received.clone());
            }
            if self.shared.remembers {
                entry.index = Some(log.received.len());
                log.received.push(received);
            }
        }
        drop(log);
        self.activity().note_received();
        entry
    }

    fn finish_request(&self, entry: LogEntry, is_aborted: bool) {
        if is_aborted
            && let Some(index) = entry.index
            && let Some(received) = self.log().received.get_mut(index)
        {
            received.set_aborted();
        }
        if let (Some(observer), Some(mut received)) = (&self.shared.observer, entry.observed) {
            if is_aborted {
                received.set_aborted();
            }
            observer.notify(&received);
        }
    }

    /// Returns the response to a request for the bill or the gauges, which is not recorded.
    fn unrecorded_response(&self, request: &Request) -> Option<Script> {
        match (request.method.as_str(), request.path(), &self.shared.slots) {
            ("GET", BILL, _) => Some(Script::json(200, encode(&self.bill()))),
            ("GET", METRICS, Some(slots)) => Some(slots.metrics()),
            _ => None,
        }
    }

    /// Returns the response of the router, after the wait for a slot if the capacity is limited.
    async fn respond(&self, request: &Request) -> Reply {
        match &self.shared.slots {
            Some(slots) if request.method == "POST" => match slots.process().await {
                Ok(()) => self.shared.router.respond(request),
                Err(rejection) => rejection.into(),
            },
            _ => self.shared.router.respond(request),
        }
    }

    async fn serve_connection(self, mut connection: Connection) {
        loop {
            let request = match read_request(&mut connection).await {
                Ok(Some(request)) => request,
                Ok(None) => return,
                Err(error) => return send_error(&error, connection).await,
            };
            if let Some(script) = self.unrecorded_response(&request) {
                match send_script(&script, &request, &mut connection).await {
                    Ok(AfterResponse::NextRequest) => connection.mark_idle(),
                    _ => return,
                }
                continue;
            }
            let reply = self.respond(&request).await;
            if let Some(entry) = reply.bill.clone() {
                self.charge(entry);
            }
            let entry = self.record_request(&request, &reply);
            // A client that disconnects during a response is not an error of the sandbox.
            let after =
                send_script(&reply.script, &request, &mut connection).await.unwrap_or(AfterResponse::HungUp);
            self.finish_request(entry, after == AfterResponse::HungUp);
            match after {
                AfterResponse::NextRequest => connection.mark_idle(),
                AfterResponse::Stale => {
                    connection.mark_idle();
                    return connection.reset_on_next_request().await;
                }
                AfterResponse::Close | AfterResponse::HungUp => return,
            }
        }
    }
}

/// Sends an error response to a malformed request and reads the remaining bytes. Closing a socket
/// with unread bytes would reset it, and the client would miss the response.
async fn send_error(error: &RequestError, mut connection: Connection) {
    if let Some(script) = error_response::for_request_error(error)
        && send_script(&script, &Request::unread(), &mut connection).await.is_ok()
    {
        connection.drain().await;
    }
}

/// Serves connections until the task is aborted.
pub(crate) async fn serve(listener: TcpListener, server: Server) {
    let mut connections = JoinSet::new();
    // Declared after the connections, so it is dropped before them: when a client sees its
    // connection end, it cannot open a new one.
    let listener = listener;
    loop {
        tokio::select! {
            accepted = listener.accept() => match accepted {
                Ok((stream, _)) => {
                    let connection = Connection::new(stream, server.activity());
                    connections.spawn(server.clone().serve_connection(connection));
                }
                // The process is out of file descriptors, or a waiting client disconnected. The
                // listener itself still works. The pause prevents a busy loop in the first case.
                Err(_) => tokio::time::sleep(Duration::from_millis(10)).await,
            },
            Some(_) = connections.join_next() => {}
        }
    }
}
