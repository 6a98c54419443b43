//! Somebody who wants to know of every request.

use std::fmt;
use std::sync::Arc;

use crate::received::ReceivedRequest;

/// Called with each request once its answer is over.
#[derive(Clone)]
pub(crate) struct Observer(Arc<dyn Fn(&ReceivedRequest) + Send + Sync>);

impl Observer {
    pub(crate) fn new(observer: impl Fn(&ReceivedRequest) + Send + Sync + 'static) -> Self {
        Self(Arc::new(observer))
    }

    pub(crate) fn notify(&self, request: &ReceivedRequest) {
        (self.0)(request);
    }
}

impl fmt::Debug for Observer {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Watch")
    }
}
