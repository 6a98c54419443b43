//! Work on the threads of the kernels.

use candle_core::utils::barrier_pool;
use std::sync::{Mutex, PoisonError};

/// Calls `work` for each chunk of `numbers`, on all threads if `is_parallel`. The first argument is the index of the chunk.
pub(crate) fn for_each_chunk(
    numbers: &mut [f32],
    size: usize,
    is_parallel: bool,
    work: impl Fn(usize, &mut [f32]) + Sync,
) {
    let size = size.max(1);
    if !is_parallel {
        for (at, chunk) in numbers.chunks_mut(size).enumerate() {
            work(at, chunk);
        }
        return;
    }
    // Each chunk is locked once, by the thread that works on it.
    let chunks: Vec<Mutex<&mut [f32]>> = numbers.chunks_mut(size).map(Mutex::new).collect();
    barrier_pool().execute_chunked(chunks.len(), |range| {
        for at in range {
            if let Some(chunk) = chunks.get(at) {
                work(at, &mut chunk.lock().unwrap_or_else(PoisonError::into_inner));
            }
        }
    });
}
