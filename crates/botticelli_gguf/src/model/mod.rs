//! The decoder of the Llama family.

mod activation;
mod attention;
mod exponential;
mod kv_cache;
mod layer;
mod linear;
mod norm;
mod parameters;
mod rope;
mod row;
mod transformer;

pub(crate) use kv_cache::KvCache;
pub(crate) use parameters::Parameters;
pub(crate) use row::Row;
pub(crate) use transformer::Transformer;
