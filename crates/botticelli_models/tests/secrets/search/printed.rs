//! All texts of a value, by the traits that it implements.

use serde::Serialize;
use std::error::Error;
use std::fmt::{Debug, Display};

/// A value to print. The traits below are picked by autoref: the one for what can be printed is tried first, so that a
/// trait which a type gets one day is looked at from that day on.
pub(crate) struct Printed<'a, T: ?Sized>(pub(crate) &'a T);

pub(crate) trait ByDebug {
    fn debug(&self) -> Vec<String>;
}

impl<T: Debug + ?Sized> ByDebug for Printed<'_, T> {
    fn debug(&self) -> Vec<String> {
        vec![format!("{:?}", self.0), format!("{:#?}", self.0)]
    }
}

pub(crate) trait ByDisplay {
    fn display(&self) -> Vec<String>;
}

impl<T: Display + ?Sized> ByDisplay for Printed<'_, T> {
    fn display(&self) -> Vec<String> {
        vec![format!("{}", self.0)]
    }
}

pub(crate) trait ByError {
    fn causes(&self) -> Vec<String>;
}

impl<T: Error> ByError for Printed<'_, T> {
    fn causes(&self) -> Vec<String> {
        let causes = std::iter::successors(self.0.source(), |error| (*error).source());
        causes.map(|error| format!("{error} {error:?} {error:#?}")).collect()
    }
}

pub(crate) trait BySerialize {
    fn serialized(&self) -> Vec<String>;
}

impl<T: Serialize> BySerialize for Printed<'_, T> {
    fn serialized(&self) -> Vec<String> {
        vec![serde_json::to_string(self.0).unwrap_or_else(|error| error.to_string())]
    }
}

/// Types without such a trait.
pub(crate) trait Silent {
    fn debug(&self) -> Vec<String> {
        Vec::new()
    }
    fn display(&self) -> Vec<String> {
        Vec::new()
    }
    fn causes(&self) -> Vec<String> {
        Vec::new()
    }
    fn serialized(&self) -> Vec<String> {
        Vec::new()
    }
}

impl<T: ?Sized> Silent for &Printed<'_, T> {}

/// Returns all texts of the reference `$value`.
#[allow(unused_macros, reason = "each test file uses a part of it")]
macro_rules! printed {
    ($value:expr) => {{
        #[allow(unused_imports, reason = "not every type has every trait")]
        use $crate::search::printed::{ByDebug, ByDisplay, ByError, BySerialize, Printed, Silent};
        let printed = Printed($value);
        [(&printed).debug(), (&printed).display(), (&printed).causes(), (&printed).serialized()].concat()
    }};
}
#[allow(unused_imports, reason = "each test file uses a part of it")]
pub(crate) use printed;
