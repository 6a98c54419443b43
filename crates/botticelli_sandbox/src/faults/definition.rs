//! What a named fault is made of.

use super::call::Call;
use super::group::FaultGroup;
use super::response::{Own, Plain, Stream};
use crate::script::Script;

/// One line of the catalog.
#[derive(Debug)]
pub(super) struct Definition {
    pub(super) name: &'static str,
    pub(super) group: FaultGroup,
    pub(super) description: &'static str,
    pub(super) is_harmless: bool,
    /// For faults that take one.
    pub(super) number: Option<Number>,
    way: Way,
}

/// The number of a fault that takes one.
#[derive(Clone, Copy, Debug)]
pub(super) struct Number {
    pub(super) default: u64,
    pub(super) least: u64,
    pub(super) most: u64,
}

/// From a call to what is said instead of the answer.
#[derive(Debug)]
enum Way {
    /// A script that does not look at the sandbox's own answer.
    Whole(fn(&Call<'_>) -> Script),
    /// The own answer bent, plain even where a stream was asked for.
    Plain(fn(&Call<'_>, Plain) -> Script),
    /// The own answer bent, plain or streamed as it was asked for.
    Bent(fn(&Call<'_>, Stream) -> Script, fn(&Call<'_>, Plain) -> Script),
}

impl Definition {
    pub(super) const fn whole(
        group: FaultGroup,
        name: &'static str,
        description: &'static str,
        script: fn(&Call<'_>) -> Script,
    ) -> Self {
        Self::new(group, name, description, Way::Whole(script))
    }

    pub(super) const fn plain(
        group: FaultGroup,
        name: &'static str,
        description: &'static str,
        bend: fn(&Call<'_>, Plain) -> Script,
    ) -> Self {
        Self::new(group, name, description, Way::Plain(bend))
    }

    pub(super) const fn bent(
        group: FaultGroup,
        name: &'static str,
        description: &'static str,
        stream: fn(&Call<'_>, Stream) -> Script,
        plain: fn(&Call<'_>, Plain) -> Script,
    ) -> Self {
        Self::new(group, name, description, Way::Bent(stream, plain))
    }

    const fn new(group: FaultGroup, name: &'static str, description: &'static str, way: Way) -> Self {
        Self { name, group, description, is_harmless: false, number: None, way }
    }

    pub(super) const fn harmless(mut self) -> Self {
        self.is_harmless = true;
        self
    }

    pub(super) const fn number(mut self, default: u64, least: u64, most: u64) -> Self {
        self.number = Some(Number { default, least, most });
        self
    }

    /// What is sent. A call that the sandbox itself would refuse is refused, unless the fault is
    /// an answer of its own: there is nothing to bend.
    pub(super) fn script(&self, call: &Call<'_>) -> Script {
        match self.way {
            Way::Whole(script) => script(call),
            Way::Plain(bend) => match call.plain() {
                Ok(plain) => bend(call, plain),
                Err(refusal) => refusal,
            },
            Way::Bent(of_stream, of_plain) => match call.as_asked() {
                Ok(Own::Stream(stream)) => of_stream(call, stream),
                Ok(Own::Plain(plain)) => of_plain(call, plain),
                Err(refusal) => refusal,
            },
        }
    }
}
