//! The table of the search: a row for each public type.

use std::any::type_name;
use std::collections::BTreeMap;

/// The result of the search for a public type.
pub(crate) enum Row {
    /// Texts of values with the token in every field that can contain one.
    Shown(Vec<String>),
    /// It can be printed by no trait.
    Silent,
    /// The type contains only content of the caller, the response of the service, or numbers, for this reason.
    HoldsNone(&'static str),
}

/// The rows by the path of the type.
#[derive(Default)]
pub(crate) struct Table(pub(crate) BTreeMap<String, Row>);

impl Table {
    pub(crate) fn shown<T: ?Sized>(&mut self, mut printed_texts: Vec<String>) {
        let row = self.0.entry(path_of::<T>()).or_insert_with(|| Row::Shown(Vec::new()));
        match row {
            Row::Shown(all) => all.append(&mut printed_texts),
            _ => panic!("{} has two rows", path_of::<T>()),
        }
    }

    pub(crate) fn silent<T: ?Sized>(&mut self, printed_texts: &[String]) {
        assert!(printed_texts.is_empty(), "{} can be printed: {printed_texts:?}", path_of::<T>());
        self.add(path_of::<T>(), Row::Silent);
    }

    pub(crate) fn holds_none<T: ?Sized>(&mut self, reason: &'static str) {
        self.add(path_of::<T>(), Row::HoldsNone(reason));
    }

    pub(crate) fn add(&mut self, path: impl Into<String>, row: Row) {
        let path = path.into();
        assert!(!self.0.contains_key(&path), "{path} has two rows");
        self.0.insert(path, row);
    }

    /// Returns the texts of the values of a type.
    pub(crate) fn printed_texts<T>(&self) -> &[String] {
        match &self.0[&path_of::<T>()] {
            Row::Shown(printed_texts) => printed_texts,
            _ => panic!("{} is not shown", path_of::<T>()),
        }
    }
}

/// The path of a type, as its source has it.
pub(crate) fn path_of<T: ?Sized>() -> String {
    let name = type_name::<T>().trim_start_matches("dyn ");
    name.split('<').next().unwrap().to_owned()
}

macro_rules! shown {
    ($table:ident, $($type:ty => $value:expr),+ $(,)?) => {{
        $({ let value: &$type = &$value; $table.shown::<$type>(printed!(value)); })+
    }};
}

macro_rules! silent {
    ($table:ident, $($type:ty),+ $(,)?) => {
        $({ let value = <$type>::default(); $table.silent::<$type>(&printed!(&value)); })+
    };
}

macro_rules! holds_none {
    ($table:ident, $reason:literal: $($type:ty),+ $(,)?) => {
        $($table.holds_none::<$type>($reason);)+
    };
}

pub(crate) use {holds_none, shown, silent};
