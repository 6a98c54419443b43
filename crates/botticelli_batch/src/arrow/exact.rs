//! Values that JSON has no exact form for.

use arrow_array::cast::AsArray;
use arrow_array::types::{
    TimestampMicrosecondType, TimestampMillisecondType, TimestampNanosecondType, TimestampSecondType,
};
use arrow_array::{Array, ArrayRef, RecordBatch};
use arrow_json::writer::{LineDelimited, NullableEncoder};
use arrow_json::{Encoder, EncoderFactory, EncoderOptions, WriterBuilder};
use arrow_schema::{ArrowError, DataType, FieldRef, TimeUnit};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use std::sync::Arc;

/// Digits that a floating-point number keeps.
const EXACT_DIGITS: u8 = 15;

/// Writes values that JSON has no exact form for.
///
/// Bytes become base64. Long decimals become text, so that they keep their digits. Times of a named zone are converted to UTC, because
/// the names of zones are not built in.
#[derive(Debug)]
pub(super) struct ExactText;

impl EncoderFactory for ExactText {
    fn make_default_encoder<'a>(
        &self,
        _field: &'a FieldRef,
        array: &'a dyn Array,
        _options: &'a EncoderOptions,
    ) -> Result<Option<NullableEncoder<'a>>, ArrowError> {
        let values = match array.data_type() {
            DataType::Decimal32(digits, _)
            | DataType::Decimal64(digits, _)
            | DataType::Decimal128(digits, _)
            | DataType::Decimal256(digits, _)
                if *digits > EXACT_DIGITS =>
            {
                let texts = json_values(array.slice(0, array.len()))?;
                texts.into_iter().map(|number| format!("\"{number}\"")).collect()
            }
            DataType::Binary => base64_values(array.as_binary::<i32>().iter()),
            DataType::LargeBinary => base64_values(array.as_binary::<i64>().iter()),
            DataType::BinaryView => base64_values(array.as_binary_view().iter()),
            DataType::FixedSizeBinary(_) => base64_values(array.as_fixed_size_binary().iter()),
            DataType::Timestamp(unit, Some(zone)) if !is_offset(zone) => json_values(in_utc(array, *unit))?,
            _ => return Ok(None),
        };
        Ok(Some(NullableEncoder::new(Box::new(Values(values)), array.nulls().cloned())))
    }
}

/// Values as JSON, one for each row.
struct Values(Vec<String>);

impl Encoder for Values {
    fn encode(&mut self, index: usize, out: &mut Vec<u8>) {
        out.extend_from_slice(self.0.get(index).map_or("null", String::as_str).as_bytes());
    }
}

/// Returns the JSON of each value, as Arrow writes it.
fn json_values(array: ArrayRef) -> Result<Vec<String>, ArrowError> {
    let batch = RecordBatch::try_from_iter_with_nullable([("", array, true)])?;
    let mut lines = Vec::new();
    let mut writer = WriterBuilder::new().with_explicit_nulls(true).build::<_, LineDelimited>(&mut lines);
    writer.write(&batch)?;
    writer.finish()?;
    drop(writer);
    let text = String::from_utf8_lossy(&lines);
    let value = |line: &str| {
        let value = line.strip_prefix("{\"\":").and_then(|rest| rest.strip_suffix('}'));
        value.unwrap_or("null").to_owned()
    };
    Ok(text.lines().map(value).collect())
}

fn base64_values<'a>(values: impl Iterator<Item = Option<&'a [u8]>>) -> Vec<String> {
    values.map(|bytes| format!("\"{}\"", STANDARD.encode(bytes.unwrap_or_default()))).collect()
}

fn in_utc(array: &dyn Array, unit: TimeUnit) -> ArrayRef {
    const UTC: &str = "+00:00";
    match unit {
        TimeUnit::Second => Arc::new(array.as_primitive::<TimestampSecondType>().clone().with_timezone(UTC)),
        TimeUnit::Millisecond => {
            Arc::new(array.as_primitive::<TimestampMillisecondType>().clone().with_timezone(UTC))
        }
        TimeUnit::Microsecond => {
            Arc::new(array.as_primitive::<TimestampMicrosecondType>().clone().with_timezone(UTC))
        }
        TimeUnit::Nanosecond => {
            Arc::new(array.as_primitive::<TimestampNanosecondType>().clone().with_timezone(UTC))
        }
    }
}

fn is_offset(zone: &str) -> bool {
    zone.starts_with(['+', '-'])
}
