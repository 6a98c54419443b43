//! Accepts connections, and answers one request after the other on each.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::net::TcpListener;
use tokio::task::JoinSet;

use crate::activity::Activity;
use crate::arrivals::Arrivals;
use crate::error_response;
use crate::http::{After, Connection, Request, Unreadable, play, read_request};
use crate::observer::Watch;
use crate::received::ReceivedRequest;
use crate::router::{Reply, Router};

/// What the connections of one sandbox share.
#[derive(Clone, Debug)]
pub(crate) struct Server {
    shared: Arc<Shared>,
}

#[derive(Debug)]
struct Shared {
    router: Router,
    activity: Activity,
    remembers: bool,
    watch: Option<Watch>,
    log: Mutex<Log>,
}

/// What came in so far.
#[derive(Debug)]
struct Log {
    arrivals: Arrivals,
    received: Vec<ReceivedRequest>,
}

/// Where a request was noted, until its answer is over.
struct Noted {
    place: Option<usize>,
    watched: Option<ReceivedRequest>,
}

impl Server {
    pub(crate) fn new(router: Router, remembers: bool, watch: Option<Watch>) -> Self {
        Self {
            shared: Arc::new(Shared {
                router,
                activity: Activity::new(),
                remembers,
                watch,
                log: Mutex::new(Log { arrivals: Arrivals::new(), received: Vec::new() }),
            }),
        }
    }

    pub(crate) fn activity(&self) -> &Activity {
        &self.shared.activity
    }

    pub(crate) fn requests(&self) -> Vec<ReceivedRequest> {
        self.log().received.clone()
    }

    fn log(&self) -> MutexGuard<'_, Log> {
        // Nothing can be half-written in lists that are only added to: a poisoned lock is fine.
        self.shared.log.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Notes a request before it is answered, so that no client sees an answer to a request that
    /// is not in the list yet.
    fn arrived(&self, request: &Request, reply: &Reply) -> Noted {
        let mut log = self.log();
        let mut noted = Noted { place: None, watched: None };
        if self.shared.remembers || self.shared.watch.is_some() {
            let arrival = log.arrivals.note(request);
            let received = ReceivedRequest::new(request, reply, arrival);
            if self.shared.watch.is_some() {
                noted.watched = Some(received.clone());
            }
            if self.shared.remembers {
                noted.place = Some(log.received.len());
                log.received.push(received);
            }
        }
        drop(log);
        self.activity().note_received();
        noted
    }

    fn answered(&self, noted: Noted, hung_up: bool) {
        if hung_up
            && let Some(place) = noted.place
            && let Some(received) = self.log().received.get_mut(place)
        {
            received.note_hung_up();
        }
        if let (Some(watch), Some(mut received)) = (&self.shared.watch, noted.watched) {
            if hung_up {
                received.note_hung_up();
            }
            watch.tell(&received);
        }
    }

    async fn converse(self, mut connection: Connection) {
        loop {
            let request = match read_request(&mut connection).await {
                Ok(Some(request)) => request,
                Ok(None) => return,
                Err(unreadable) => return refuse(&unreadable, connection).await,
            };
            let reply = self.shared.router.answer(&request);
            let noted = self.arrived(&request, &reply);
            // A client that left in the middle of its answer is no failure of anyone here.
            let after = play(&reply.script, &request, &mut connection).await.unwrap_or(After::HungUp);
            self.answered(noted, after == After::HungUp);
            match after {
                After::NextRequest => connection.rest(),
                After::Stale => {
                    connection.rest();
                    return connection.turn_stale().await;
                }
                After::Close | After::HungUp => return,
            }
        }
    }
}

/// Says why a request could not be read. What remains of it is still drained, because closing a
/// socket on unread bytes resets it, and the client would never see the answer.
async fn refuse(unreadable: &Unreadable, mut connection: Connection) {
    if let Some(script) = error_response::unreadable(unreadable)
        && play(&script, &Request::unread(), &mut connection).await.is_ok()
    {
        connection.linger().await;
    }
}

/// Runs until the task is aborted.
pub(crate) async fn serve(listener: TcpListener, server: Server) {
    let mut connections = JoinSet::new();
    // Declared after the connections, hence dropped before them: once a client sees its
    // connection end, no new one can be made either.
    let listener = listener;
    loop {
        tokio::select! {
            accepted = listener.accept() => match accepted {
                Ok((stream, _)) => {
                    let connection = Connection::new(stream, server.activity());
                    connections.spawn(server.clone().converse(connection));
                }
                // Out of file descriptors, or a client that left while it waited: the listener
                // itself is well. The pause keeps the former from becoming a busy loop.
                Err(_) => tokio::time::sleep(Duration::from_millis(10)).await,
            },
            Some(_) = connections.join_next() => {}
        }
    }
}
