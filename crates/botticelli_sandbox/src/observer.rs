//! Somebody who wants to know of every request.

use std::fmt;
use std::sync::Arc;

use crate::received::ReceivedRequest;

/// Called with each request once its answer is over.
#[derive(Clone)]
pub(crate) struct Watch(Arc<dyn Fn(&ReceivedRequest) + Send + Sync>);

impl Watch {
    pub(crate) fn new(watch: impl Fn(&ReceivedRequest) + Send + Sync + 'static) -> Self {
        Self(Arc::new(watch))
    }

    pub(crate) fn tell(&self, request: &ReceivedRequest) {
        (self.0)(request);
    }
}

impl fmt::Debug for Watch {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Watch")
    }
}
