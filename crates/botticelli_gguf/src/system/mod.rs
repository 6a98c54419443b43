//! The system: time, randomness, memory.

mod available_memory;
mod clock;
mod random;

pub(crate) use available_memory::available_memory;
pub(crate) use clock::SystemClock;
pub(crate) use random::SystemRandom;
