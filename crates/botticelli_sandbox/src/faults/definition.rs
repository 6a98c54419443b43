//! Definitions of named faults.

use super::call::Call;
use super::group::FaultGroup;
use super::response::{Plain, Response, Stream};
use crate::script::Script;

/// One entry of the catalog.
#[derive(Debug)]
pub(super) struct Definition {
    pub(super) name: &'static str,
    pub(super) group: FaultGroup,
    pub(super) description: &'static str,
    pub(super) is_harmless: bool,
    /// Present for faults with a number.
    pub(super) number: Option<Number>,
    effect: Effect,
}

/// Default and range of a fault's number.
#[derive(Clone, Copy, Debug)]
pub(super) struct Number {
    pub(super) default: u64,
    pub(super) least: u64,
    pub(super) most: u64,
}

/// Effect of a fault on a call.
#[derive(Debug)]
enum Effect {
    /// Replaces the response. The default response is not generated.
    Replace(fn(&Call<'_>) -> Script),
    /// Alters the plain default response, even for a streaming call.
    AlterPlain(fn(&Call<'_>, Plain) -> Script),
    /// Alters the default response, streamed or plain as requested.
    Alter(fn(&Call<'_>, Stream) -> Script, fn(&Call<'_>, Plain) -> Script),
}

impl Definition {
    pub(super) const fn replace(
        group: FaultGroup,
        name: &'static str,
        description: &'static str,
        script: fn(&Call<'_>) -> Script,
    ) -> Self {
        Self::new(group, name, description, Effect::Replace(script))
    }

    pub(super) const fn alter_plain(
        group: FaultGroup,
        name: &'static str,
        description: &'static str,
        alter: fn(&Call<'_>, Plain) -> Script,
    ) -> Self {
        Self::new(group, name, description, Effect::AlterPlain(alter))
    }

    pub(super) const fn alter(
        group: FaultGroup,
        name: &'static str,
        description: &'static str,
        stream: fn(&Call<'_>, Stream) -> Script,
        plain: fn(&Call<'_>, Plain) -> Script,
    ) -> Self {
        Self::new(group, name, description, Effect::Alter(stream, plain))
    }

    const fn new(group: FaultGroup, name: &'static str, description: &'static str, effect: Effect) -> Self {
        Self { name, group, description, is_harmless: false, number: None, effect }
    }

    pub(super) const fn harmless(mut self) -> Self {
        self.is_harmless = true;
        self
    }

    pub(super) const fn number(mut self, default: u64, least: u64, most: u64) -> Self {
        self.number = Some(Number { default, least, most });
        self
    }

    /// Returns the response with this fault. A call that the sandbox would reject is rejected,
    /// unless the fault replaces the response.
    pub(super) fn script(&self, call: &Call<'_>) -> Script {
        match self.effect {
            Effect::Replace(script) => script(call),
            Effect::AlterPlain(alter) => match call.plain() {
                Ok(plain) => alter(call, plain),
                Err(error) => error,
            },
            Effect::Alter(alter_stream, alter_plain) => match call.response() {
                Ok(Response::Stream(stream)) => alter_stream(call, stream),
                Ok(Response::Plain(plain)) => alter_plain(call, plain),
                Err(error) => error,
            },
        }
    }
}
