//! Work on the threads of a model.

use rayon::prelude::*;
use rayon::{ThreadPool, ThreadPoolBuildError, ThreadPoolBuilder};

/// Name of the threads. Linux shows no more than 15 characters of a name.
const NAME: &str = "botticelli-gguf";

/// Returns the number of threads if the caller sets none: one for each core, and not for each of the two threads of a core.
pub(crate) fn default_threads() -> usize {
    candle_core::utils::get_num_threads().clamp(1, cores())
}

/// Returns the number of cores that this process may use.
pub(crate) fn cores() -> usize {
    std::thread::available_parallelism().map_or(1, usize::from)
}

/// Starts the threads of a model. The thread that decodes is one of them.
pub(crate) fn pool(threads: usize) -> Result<ThreadPool, ThreadPoolBuildError> {
    ThreadPoolBuilder::new().num_threads(threads).thread_name(|_| NAME.to_owned()).build()
}

/// Calls `work` for each chunk of `numbers`, if `is_parallel` on all threads of the pool that this thread belongs to. The first
/// argument is the index of the chunk.
pub(crate) fn for_each_chunk<T: Send>(
    numbers: &mut [T],
    size: usize,
    is_parallel: bool,
    work: impl Fn(usize, &mut [T]) + Sync,
) {
    let size = size.max(1);
    if is_parallel && has_threads() {
        numbers.par_chunks_mut(size).enumerate().for_each(|(at, chunk)| work(at, chunk));
        return;
    }
    for (at, chunk) in numbers.chunks_mut(size).enumerate() {
        work(at, chunk);
    }
}

/// Rows that a thread must have at least, so that it reads weights rarely enough.
const SHARE: usize = 16;

/// Returns the number of rows of a share: a part for each thread, in whole tiles, or all rows if the parts would be small.
pub(crate) fn share(rows: usize, tile: usize) -> usize {
    let threads = if has_threads() { rayon::current_num_threads() } else { 1 };
    let share = rows.div_ceil(threads).next_multiple_of(tile);
    if share < SHARE { rows.max(1) } else { share }
}

/// Calls `work` for each item, on all threads of the pool that this thread belongs to.
pub(crate) fn for_each<T: Send, E: Send>(
    items: &mut [T],
    work: impl Fn(&mut T) -> Result<(), E> + Send + Sync,
) -> Result<(), E> {
    if items.len() > 1 && has_threads() {
        return items.par_iter_mut().try_for_each(work);
    }
    items.iter_mut().try_for_each(work)
}

/// Returns the results of `work` for all items, computed as in [`for_each_chunk`].
#[cfg(target_arch = "x86_64")]
pub(crate) fn map<T: Sync, R: Send>(
    items: &[T],
    is_parallel: bool,
    work: impl Fn(&T) -> R + Send + Sync,
) -> Vec<R> {
    if is_parallel && has_threads() {
        return items.par_iter().map(work).collect();
    }
    items.iter().map(work).collect()
}

/// Returns whether this thread has others to share work with. A thread outside a pool must not start the one that the whole process
/// shares.
fn has_threads() -> bool {
    rayon::current_thread_index().is_some() && rayon::current_num_threads() > 1
}
