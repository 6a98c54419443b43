//! Accepts connections, and answers one request after the other on each.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::net::TcpListener;
use tokio::task::JoinSet;

use crate::activity::Activity;
use crate::http::{After, Connection, Request, Unreadable, play, read_request};
use crate::received::ReceivedRequest;
use crate::refusal;
use crate::router::Router;

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
    received: Mutex<Vec<ReceivedRequest>>,
}

impl Server {
    pub(crate) fn new(router: Router, remembers: bool) -> Self {
        Self {
            shared: Arc::new(Shared {
                router,
                activity: Activity::new(),
                remembers,
                received: Mutex::default(),
            }),
        }
    }

    pub(crate) fn activity(&self) -> &Activity {
        &self.shared.activity
    }

    pub(crate) fn requests(&self) -> Vec<ReceivedRequest> {
        // Nothing can be half-written in a list that is only pushed to: a poisoned lock is fine.
        self.shared.received.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn remember(&self, request: &Request) {
        if self.shared.remembers {
            self.shared
                .received
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .push(ReceivedRequest::new(request));
        }
    }

    async fn converse(self, mut connection: Connection) {
        loop {
            let request = match read_request(&mut connection).await {
                Ok(Some(request)) => request,
                Ok(None) => return,
                Err(unreadable) => return refuse(&unreadable, connection).await,
            };
            self.remember(&request);
            let script = self.shared.router.answer(&request);
            match play(&script, &request, &mut connection).await {
                Ok(After::NextRequest) => {}
                // A client that left in the middle of its answer is no news to anyone.
                Ok(After::Close) | Err(_) => return,
            }
        }
    }
}

/// Says why a request could not be read. What remains of it is still drained, because closing a
/// socket on unread bytes resets it, and the client would never see the answer.
async fn refuse(unreadable: &Unreadable, mut connection: Connection) {
    if let Some(script) = refusal::unreadable(unreadable)
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
