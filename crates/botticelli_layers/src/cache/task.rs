//! A driver of tasks with a cache: each request has an entry.

use super::cached::Cached;
use super::entry::json_entry;
use super::key::task_lookup;
use super::mode::CacheMode;
use super::responses::{NEVER, SEND};
use crate::tasks::{Sampled, TaskRequest, TaskResponse, TaskVerb, implement_tasks, other_tasks};
use crate::total_limit::{Deadline, TotalLimit};
use crate::verb::{Request, Response};
use botticelli_core::{Cost, Timings};
use botticelli_error::BotticelliError;
use botticelli_interface::tasks::TaskDriver;

/// The part of a cache that one entry may take, as a divisor.
const PART: u64 = 8;

/// The largest entry, in bytes.
const MOST: u64 = 64 << 20;

impl<D: TaskDriver> Cached<D> {
    async fn task<V: TaskVerb<D>>(&self, request: V::Request) -> Result<V::Response, BotticelliError>
    where
        V::Request: Sampled,
    {
        let cache = self.cache();
        cache.validate()?;
        request.check()?;
        if request.is_sampled() && !cache.is_sampled {
            if cache.mode == CacheMode::Only {
                return Err(cache.no_response(NEVER));
            }
            return V::send(self.inner(), request).await;
        }
        let model = request.model().unwrap_or(self.model_name()).to_owned();
        let named = V::Request::clone(&request).with_options(request.options().clone().with_model(&*model));
        let Some(lookup) = task_lookup(V::NAME, [&self.server(), &model], &named) else {
            return V::send(self.inner(), request).await;
        };
        drop(named);
        let clock = &*cache.clock;
        let begin = clock.now();
        let deadline = Deadline::of(TotalLimit::Plain, &request, clock);
        let is_only = cache.mode == CacheMode::Only;
        let found = if is_only {
            Some(cache.require(&lookup, &deadline).await?)
        } else {
            cache.find(&lookup, &deadline).await
        };
        let found = found.and_then(|entry| serde_json::from_str::<V::Response>(&entry.text()).ok());
        if let Some(response) = found {
            let metadata = response.metadata().clone().without_call_details().with_cached(true);
            let usage = metadata.usage().copied();
            let elapsed = Timings::new(None, Some(clock.now().saturating_duration_since(begin)));
            return Ok(
                response.with_metadata(metadata.with_usage(usage, Cost::reported(0)).with_timings(elapsed))
            );
        }
        if is_only {
            return Err(cache.no_response(SEND));
        }
        let response = V::send(self.inner(), deadline.on(request, clock)).await?;
        let stored = response.metadata().clone().without_call_details();
        let most = MOST.min(cache.max_bytes / PART);
        let Some(entry) =
            json_entry(&response.clone().with_metadata(stored), response.metadata().model(), most)
        else {
            return Ok(response);
        };
        let kept = cache.keep(&lookup, entry, &deadline).await;
        Ok(kept.warnings().iter().fold(response, |response, warning| response.with_warning(warning.clone())))
    }

    /// Returns the server in the form of a key, or the name of the provider.
    pub(super) fn server(&self) -> String {
        match self.canonical_server() {
            Some(server) => String::from_utf8_lossy(&server).into_owned(),
            None => self.provider_name().to_owned(),
        }
    }
}

crate::tasks::forward_tasks!(@driver Cached);
other_tasks!(implement_tasks, { Cached task },);
