//! What servers of one protocol want differently.

/// Whose spelling of chat completions a server wants, where they differ.
///
/// The router takes OpenAI's for every provider behind it. It matters for a provider's own route and for a server of
/// one's own.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Dialect {
    /// OpenAI's, as the router, vLLM, llama.cpp and most providers want it.
    #[default]
    OpenAi,
    /// text-generation-inference: another form of a schema, which it does not take beside tools; and no text beside the
    /// tool calls of a turn. A text is gone on with by its own API, `/generate`.
    Tgi,
    /// cohere and fireworks-ai: another form of a schema.
    SchemaInObject,
    /// together: another form of a schema.
    Together,
}
