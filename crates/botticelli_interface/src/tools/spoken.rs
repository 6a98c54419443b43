//! A value, as the model is told it.

use serde::ser::{Serialize, Serializer};
use serde_json::ser::{CompactFormatter, Compound};

/// A text as it is, anything else as JSON; the `Err` of a `Result` as an error.
pub(super) fn spoken<T: Serialize + ?Sized>(value: &T) -> Result<String, String> {
    let mut json = Vec::new();
    let mut found = Found::Json;
    let listener =
        Listener { json: &mut serde_json::Serializer::new(&mut json), found: &mut found, failed: false };
    let written = value.serialize(listener).map_err(|error| error.to_string());
    let json = written.and_then(|()| String::from_utf8(json).map_err(|error| error.to_string()));
    let json = json.map_err(|error| format!("what it gave back cannot be written as JSON ({error})"))?;
    match found {
        Found::Json => Ok(json),
        Found::Text(text) => Ok(text),
        Found::Failure(None) => Err(json),
        Found::Failure(Some(text)) => Err(text),
    }
}

/// What the outermost value was.
enum Found {
    Json,
    Text(String),
    Failure(Option<String>),
}

type Json<'a> = serde_json::Serializer<&'a mut Vec<u8>>;

/// Writes JSON, and looks at the outermost value on the way: serde tells a `Result` as an enum of that name. A bound could not
/// tell it apart: where its error can be written, so can the `Result`.
struct Listener<'a, 'b> {
    json: &'a mut Json<'b>,
    found: &'a mut Found,
    failed: bool,
}

macro_rules! as_json {
    ($($method:ident($($name:ident: $kind:ty),*) -> $result:ty;)*) => {$(
        fn $method(self, $($name: $kind),*) -> Result<$result, Self::Error> {
            if self.failed {
                *self.found = Found::Failure(None);
            }
            self.json.$method($($name),*)
        }
    )*};
}

type Parts<'a, 'b> = Compound<'a, &'b mut Vec<u8>, CompactFormatter>;

impl<'a, 'b> Serializer for Listener<'a, 'b> {
    type Ok = ();
    type Error = serde_json::Error;
    type SerializeSeq = Parts<'a, 'b>;
    type SerializeTuple = Parts<'a, 'b>;
    type SerializeTupleStruct = Parts<'a, 'b>;
    type SerializeTupleVariant = Parts<'a, 'b>;
    type SerializeMap = Parts<'a, 'b>;
    type SerializeStruct = Parts<'a, 'b>;
    type SerializeStructVariant = Parts<'a, 'b>;

    as_json! {
        serialize_bool(value: bool) -> ();
        serialize_i8(value: i8) -> ();
        serialize_i16(value: i16) -> ();
        serialize_i32(value: i32) -> ();
        serialize_i64(value: i64) -> ();
        serialize_i128(value: i128) -> ();
        serialize_u8(value: u8) -> ();
        serialize_u16(value: u16) -> ();
        serialize_u32(value: u32) -> ();
        serialize_u64(value: u64) -> ();
        serialize_u128(value: u128) -> ();
        serialize_f32(value: f32) -> ();
        serialize_f64(value: f64) -> ();
        serialize_bytes(value: &[u8]) -> ();
        serialize_none() -> ();
        serialize_unit() -> ();
        serialize_unit_struct(name: &'static str) -> ();
        serialize_seq(length: Option<usize>) -> Self::SerializeSeq;
        serialize_tuple(length: usize) -> Self::SerializeTuple;
        serialize_tuple_struct(name: &'static str, length: usize) -> Self::SerializeTupleStruct;
        serialize_tuple_variant(name: &'static str, index: u32, variant: &'static str, length: usize)
            -> Self::SerializeTupleVariant;
        serialize_map(length: Option<usize>) -> Self::SerializeMap;
        serialize_struct(name: &'static str, length: usize) -> Self::SerializeStruct;
        serialize_struct_variant(name: &'static str, index: u32, variant: &'static str, length: usize)
            -> Self::SerializeStructVariant;
    }

    fn serialize_str(self, value: &str) -> Result<(), Self::Error> {
        let text = value.to_owned();
        *self.found = if self.failed { Found::Failure(Some(text)) } else { Found::Text(text) };
        Ok(())
    }

    fn serialize_char(self, value: char) -> Result<(), Self::Error> {
        self.serialize_str(value.encode_utf8(&mut [0; 4]))
    }

    fn serialize_unit_variant(
        self,
        _name: &'static str,
        _index: u32,
        variant: &'static str,
    ) -> Result<(), Self::Error> {
        self.serialize_str(variant)
    }

    fn serialize_some<T: Serialize + ?Sized>(self, value: &T) -> Result<(), Self::Error> {
        value.serialize(self)
    }

    fn serialize_newtype_struct<T: Serialize + ?Sized>(
        self,
        _name: &'static str,
        value: &T,
    ) -> Result<(), Self::Error> {
        value.serialize(self)
    }

    fn serialize_newtype_variant<T: Serialize + ?Sized>(
        mut self,
        name: &'static str,
        index: u32,
        variant: &'static str,
        value: &T,
    ) -> Result<(), Self::Error> {
        match (name, variant) {
            ("Result", "Ok") => value.serialize(self),
            ("Result", "Err") => {
                self.failed = true;
                value.serialize(self)
            }
            _ => {
                if self.failed {
                    *self.found = Found::Failure(None);
                }
                self.json.serialize_newtype_variant(name, index, variant, value)
            }
        }
    }
}
