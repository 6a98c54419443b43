//! Callback for completed requests.

use std::fmt;
use std::sync::Arc;

use crate::received::ReceivedRequest;

/// A callback that receives each request after its response ends.
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
        formatter.write_str("Observer")
    }
}
