//! JSON Schema: values that fit one, and whether one is strict.

mod generator;
mod scalars;
mod strict;

pub(crate) use generator::Maker;
pub(crate) use strict::looseness;
