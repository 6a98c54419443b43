//! Objects with repeated keys.

use serde_json::Value;

/// Merges the value of a repeated key into the earlier one.
///
/// RFC 8259 leaves this to the reader, and most readers keep the last value. This reader also keeps the last value, except that a
/// null or empty value never replaces another.
pub(in crate::huggingface::dto) trait Merge {
    fn merge(&mut self, next: Self);
}

impl Merge for Option<String> {
    fn merge(&mut self, next: Self) {
        let is_better = next.as_ref().is_some_and(|next| self.is_none() || !next.is_empty());
        if is_better {
            *self = next;
        }
    }
}

impl<T> Merge for Vec<T> {
    fn merge(&mut self, next: Self) {
        if !next.is_empty() {
            *self = next;
        }
    }
}

/// Implements [`Merge`] for optional values that are never empty.
macro_rules! merge_present {
    ($($value:ty),* $(,)?) => {$(
        impl $crate::huggingface::dto::lenient::Merge for Option<$value> {
            fn merge(&mut self, next: Self) {
                if next.is_some() {
                    *self = next;
                }
            }
        }
    )*};
}

merge_present!(f64, bool, Value, Box<Value>);

/// Zero never replaces a count: some servers send it when they have not counted.
impl Merge for Option<u64> {
    fn merge(&mut self, next: Self) {
        if next.is_some_and(|next| self.is_none() || next != 0) {
            *self = next;
        }
    }
}

impl<T> Merge for Option<Vec<T>> {
    fn merge(&mut self, next: Self) {
        if next.as_ref().is_some_and(|next| self.is_none() || !next.is_empty()) {
            *self = next;
        }
    }
}

/// Implements `Deserialize` for a struct with a default: unknown keys are skipped, and repeated ones are merged.
///
/// serde's derive rejects an object with a repeated key, and would lose the whole response.
macro_rules! read_object {
    (
        $object:ident {
            $($field:ident: $value:ty = $read:path, $key:literal $(| $alias:literal)*;)+
        }
        $(prefix $prefix:literal => $prefixed:ident)?
    ) => {
        impl<'de> serde::Deserialize<'de> for $object {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let mut object = Self::default();
                $crate::huggingface::dto::lenient::fill(&mut object, deserializer)?;
                Ok(object)
            }
        }

        impl $crate::huggingface::dto::lenient::ReadFields for $object {
            fn read_fields<'de, A: serde::de::MapAccess<'de>>(&mut self, mut map: A) -> Result<(), A::Error> {
                #[allow(non_camel_case_types, reason = "named after the fields")]
                #[derive(Clone, Copy)]
                enum Key {
                    $($field,)+
                    Unknown,
                }

                struct Keys;

                impl serde::de::Visitor<'_> for Keys {
                    type Value = Key;

                    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                        f.write_str("a key")
                    }

                    fn visit_str<E: serde::de::Error>(self, key: &str) -> Result<Key, E> {
                        Ok(match key {
                            $($key $(| $alias)* => Key::$field,)+
                            $(key if key.starts_with($prefix) => Key::$prefixed,)?
                            _ => Key::Unknown,
                        })
                    }
                }

                impl<'de> serde::de::DeserializeSeed<'de> for Keys {
                    type Value = Key;

                    fn deserialize<D: serde::Deserializer<'de>>(self, deserializer: D) -> Result<Key, D::Error> {
                        deserializer.deserialize_identifier(self)
                    }
                }

                while let Some(key) = map.next_key_seed(Keys)? {
                    match key {
                        $(Key::$field => {
                            struct Field($value);

                            impl<'de> serde::Deserialize<'de> for Field {
                                fn deserialize<D: serde::Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
                                    $read(d).map(Self)
                                }
                            }

                            let Field(value) = map.next_value()?;
                            $crate::huggingface::dto::lenient::Merge::merge(&mut self.$field, value);
                        })+
                        Key::Unknown => {
                            map.next_value::<serde::de::IgnoredAny>()?;
                        }
                    }
                }
                Ok(())
            }
        }

        $crate::huggingface::dto::lenient::merge_present!($object, Box<$object>);
    };
}

pub(in crate::huggingface::dto) use {merge_present, read_object};
