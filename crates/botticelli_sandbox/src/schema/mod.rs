//! JSON Schema: values that fit one, and whether one is strict.

mod generator;
mod scalars;
mod strict;

pub(crate) use generator::InstanceGenerator;
pub(crate) use strict::strict_violation;
