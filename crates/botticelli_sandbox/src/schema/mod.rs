//! JSON Schema: generation of matching values and checks for strict mode.

mod generator;
mod scalars;
mod strict;

pub(crate) use generator::InstanceGenerator;
pub(crate) use strict::strict_violation;
