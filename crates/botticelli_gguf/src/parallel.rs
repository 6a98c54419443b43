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
pub(crate) fn for_each_chunk(
    numbers: &mut [f32],
    size: usize,
    is_parallel: bool,
    work: impl Fn(usize, &mut [f32]) + Sync,
) {
    let size = size.max(1);
    // A thread outside a pool must not start the one that the whole process shares.
    if is_parallel && rayon::current_thread_index().is_some() && rayon::current_num_threads() > 1 {
        numbers.par_chunks_mut(size).enumerate().for_each(|(at, chunk)| work(at, chunk));
        return;
    }
    for (at, chunk) in numbers.chunks_mut(size).enumerate() {
        work(at, chunk);
    }
}
