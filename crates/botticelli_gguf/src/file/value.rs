//! Values of the metadata.

use super::reader::Reader;
use crate::numbers::to_f32;
use botticelli_error::BotticelliError;

/// A value of the metadata. Integers of all sizes are one variant, and so are floats.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Value {
    Integer(i128),
    Float(f64),
    Bool(bool),
    Text(String),
    Integers(Vec<i64>),
    Floats(Vec<f32>),
    Bools(Vec<bool>),
    Texts(Vec<String>),
}

impl Value {
    /// Returns the type, for messages.
    pub(crate) const fn type_name(&self) -> &'static str {
        match self {
            Self::Integer(_) => "an integer",
            Self::Float(_) => "a float",
            Self::Bool(_) => "a boolean",
            Self::Text(_) => "a string",
            Self::Integers(_) => "an array of integers",
            Self::Floats(_) => "an array of floats",
            Self::Bools(_) => "an array of booleans",
            Self::Texts(_) => "an array of strings",
        }
    }

    pub(super) fn read(reader: &mut Reader) -> Result<Self, BotticelliError> {
        let kind = reader.u32()?;
        Ok(match kind {
            6 => Self::Float(reader.f32()?.into()),
            12 => Self::Float(reader.f64()?),
            7 => Self::Bool(reader.u8()? != 0),
            8 => Self::Text(reader.string()?),
            9 => Self::read_array(reader)?,
            kind => Self::Integer(integer(reader, kind)?),
        })
    }

    fn read_array(reader: &mut Reader) -> Result<Self, BotticelliError> {
        let kind = reader.u32()?;
        let length = reader.u64()?;
        // The smallest element of each type. A string has its length before it.
        let size = match kind {
            0 | 1 | 7 => 1,
            2 | 3 => 2,
            4..=6 => 4,
            8 | 10..=12 => 8,
            9 => return Err(reader.damaged("an array contains arrays")),
            kind => return Err(reader.damaged(format!("{kind} is not a type of values"))),
        };
        let count = reader.count(length, size)?;
        Ok(match kind {
            6 => Self::Floats(collect(count, || reader.f32())?),
            7 => Self::Bools(collect(count, || Ok(reader.u8()? != 0))?),
            8 => Self::Texts(collect(count, || reader.string())?),
            12 => Self::Floats(collect(count, || Ok(to_f32(reader.f64()?)))?),
            kind => Self::Integers(collect(count, || {
                let value = integer(reader, kind)?;
                i64::try_from(value).map_err(|_| reader.damaged(format!("{value} is out of range")))
            })?),
        })
    }
}

fn collect<T>(
    count: usize,
    mut read: impl FnMut() -> Result<T, BotticelliError>,
) -> Result<Vec<T>, BotticelliError> {
    let mut items = Vec::with_capacity(count.min(1 << 16));
    for _ in 0..count {
        items.push(read()?);
    }
    Ok(items)
}

fn integer(reader: &mut Reader, kind: u32) -> Result<i128, BotticelliError> {
    Ok(match kind {
        0 => reader.u8()?.into(),
        1 => reader.i8()?.into(),
        2 => reader.u16()?.into(),
        3 => reader.i16()?.into(),
        4 => reader.u32()?.into(),
        5 => reader.i32()?.into(),
        10 => reader.u64()?.into(),
        11 => reader.i64()?.into(),
        kind => return Err(reader.damaged(format!("{kind} is not a type of values"))),
    })
}
