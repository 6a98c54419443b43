//! An open model file.

use super::metadata::Metadata;
use super::reader::Reader;
use super::tensor_info::TensorInfo;
use crate::simd::Level;
use crate::weights::{self, WeightMatrix};
use botticelli_error::{BotticelliError, ModelFileError, ModelFileErrorKind};
use candle_core::Device;
use candle_core::quantized::{GgmlDType, QStorage, QTensor};
use std::borrow::Cow;
use std::collections::HashMap;
use std::path::Path;

const MAGIC: &[u8] = b"GGUF";
/// Quantizations with kernels, for messages.
const FORMATS: &str =
    "use a file with F32, F16, BF16, Q4_0, Q4_1, Q5_0, Q5_1, Q8_0, Q2_K, Q3_K, Q4_K, Q5_K or Q6_K";

/// An open model file: its metadata, and access to its tensors.
#[derive(Debug)]
pub(crate) struct ModelFile {
    reader: Reader,
    metadata: Metadata,
    tensors: HashMap<String, TensorInfo>,
    data: u64,
    level: Level,
}

impl ModelFile {
    /// Opens a file, and checks everything but the data of the tensors. Its matrices compute with the instructions of `level`.
    pub(crate) fn open(path: &Path, level: Level) -> Result<Self, BotticelliError> {
        let mut reader = Reader::open(path)?;
        if reader.size() < 4 || reader.bytes(4)? != MAGIC {
            return Err(ModelFileError::new(reader.path(), ModelFileErrorKind::NotGguf).into());
        }
        let version = reader.u32()?;
        if !matches!(version, 2 | 3) {
            let what = format!("version {version} of the GGUF format");
            let remedy = "convert the file to version 3 in little-endian order";
            return Err(ModelFileError::unsupported(reader.path(), what, remedy).into());
        }
        let (tensors, keys) = (reader.u64()?, reader.u64()?);
        let metadata = Metadata::read(&mut reader, keys)?;
        let table = TensorInfo::read_table(&mut reader, tensors)?;
        let alignment = metadata.size("general.alignment")?.unwrap_or(32);
        let alignment = u64::try_from(alignment).unwrap_or_default();
        if !alignment.is_power_of_two() || alignment > 1 << 20 {
            return Err(reader.damaged(format!("`general.alignment` is {alignment}")));
        }
        let data = reader.position().next_multiple_of(alignment);
        check_places(&reader, &table, data, alignment)?;
        let mut tensors = HashMap::with_capacity(table.len());
        for info in table {
            if let Some(info) = tensors.insert(info.name.clone(), info) {
                return Err(reader.damaged(format!("the tensor `{}` is repeated", info.name)));
            }
        }
        Ok(Self { reader, metadata, tensors, data, level })
    }

    pub(crate) const fn level(&self) -> Level {
        self.level
    }

    pub(crate) fn metadata(&self) -> &Metadata {
        &self.metadata
    }

    /// Returns the size of the file, in bytes.
    pub(crate) fn size(&self) -> u64 {
        self.reader.size()
    }

    /// Returns the memory of all tensors after they are loaded, in bytes.
    pub(crate) fn memory(&self) -> u64 {
        let memory = |info: &TensorInfo| {
            let dtype = info.dtype()?;
            Some(weights::memory(info.bytes(dtype)?, dtype, self.level))
        };
        self.tensors.values().filter_map(memory).fold(0, u64::saturating_add)
    }

    /// Returns a checksum of the table of tensors, which distinguishes files.
    pub(crate) fn checksum(&self) -> u64 {
        let mut names: Vec<&TensorInfo> = self.tensors.values().collect();
        names.sort_unstable_by(|first, second| first.name.cmp(&second.name));
        // FNV-1a.
        let hash = |hash: u64, bytes: &[u8]| {
            bytes.iter().fold(hash, |hash, byte| (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3))
        };
        names.into_iter().fold(0xcbf2_9ce4_8422_2325, |sum, info| {
            let sum = hash(sum, info.name.as_bytes());
            hash(hash(sum, &info.type_id.to_le_bytes()), &info.offset.to_le_bytes())
        })
    }

    pub(crate) fn has(&self, name: &str) -> bool {
        self.tensors.contains_key(name)
    }

    /// Returns the dimensions of a tensor, the outer one first.
    pub(crate) fn dimensions(&self, name: &str) -> Option<&[usize]> {
        Some(self.tensors.get(name)?.dimensions.as_slice())
    }

    /// Reads a matrix of `rows` rows and `columns` columns.
    pub(crate) fn matrix(
        &mut self,
        name: &str,
        rows: usize,
        columns: usize,
    ) -> Result<Box<dyn WeightMatrix>, BotticelliError> {
        let (dtype, bytes) = self.read(name, &[rows, columns])?;
        weights::read(&bytes, dtype, rows, columns, self.level).map_err(|error| self.unusable(name, &error))
    }

    /// Reads a vector of `length` numbers.
    pub(crate) fn vector(&mut self, name: &str, length: usize) -> Result<Vec<f32>, BotticelliError> {
        let (dtype, bytes) = self.read(name, &[length])?;
        let storage = QStorage::from_data(Cow::Owned(bytes), &Device::Cpu, dtype);
        let numbers = storage
            .and_then(|storage| QTensor::new(storage, length))
            .and_then(|tensor| tensor.dequantize(&Device::Cpu))
            .and_then(|tensor| tensor.to_vec1::<f32>());
        numbers.map_err(|error| self.unusable(name, &error))
    }

    /// Returns the names of all tensors.
    pub(crate) fn names(&self) -> impl Iterator<Item = &str> {
        self.tensors.keys().map(String::as_str)
    }

    fn unusable(&self, name: &str, error: &candle_core::Error) -> BotticelliError {
        self.reader.damaged(format!("the tensor `{name}` is unusable ({error})"))
    }

    fn read(&mut self, name: &str, expected: &[usize]) -> Result<(GgmlDType, Vec<u8>), BotticelliError> {
        let Some(info) = self.tensors.get(name) else {
            return Err(self.reader.damaged(format!("the tensor `{name}` is missing")));
        };
        if info.dimensions != expected {
            let found = &info.dimensions;
            let reason = format!("the tensor `{name}` has the dimensions {found:?} instead of {expected:?}");
            return Err(self.reader.damaged(reason));
        }
        let Some(dtype) = info.dtype() else {
            let what = format!("the quantization of the tensor `{name}` (type {})", info.type_id);
            return Err(ModelFileError::unsupported(self.reader.path(), what, FORMATS).into());
        };
        let Some(length) = info.bytes(dtype) else {
            return Err(self.reader.damaged(format!("the rows of the tensor `{name}` are not whole blocks")));
        };
        let place = self.data.saturating_add(info.offset);
        self.reader.seek(place)?;
        Ok((dtype, self.reader.bytes(length)?))
    }
}

/// Checks that the data of all tensors is inside the file, aligned, and does not overlap.
fn check_places(
    reader: &Reader,
    table: &[TensorInfo],
    data: u64,
    alignment: u64,
) -> Result<(), BotticelliError> {
    let mut places = Vec::with_capacity(table.len());
    for info in table {
        if !info.offset.is_multiple_of(alignment) {
            return Err(reader.damaged(format!("the tensor `{}` is not aligned", info.name)));
        }
        // The size of an unsupported format is unknown. Reading it is an error, if the model needs it.
        let Some(dtype) = info.dtype() else { continue };
        let Some(bytes) = info.bytes(dtype) else {
            return Err(
                reader.damaged(format!("the rows of the tensor `{}` are not whole blocks", info.name))
            );
        };
        let end = data.checked_add(info.offset).and_then(|begin| begin.checked_add(bytes));
        match end {
            Some(end) if end <= reader.size() => places.push((info.offset, bytes, &info.name)),
            end => {
                let (expected, found) = (end.unwrap_or(u64::MAX), reader.size());
                let kind = ModelFileErrorKind::Truncated { expected, found };
                return Err(ModelFileError::new(reader.path(), kind).into());
            }
        }
    }
    places.sort_unstable();
    for ((begin, bytes, first), (next, _, second)) in places.iter().zip(places.iter().skip(1)) {
        if begin.saturating_add(*bytes) > *next {
            return Err(reader.damaged(format!("the tensors `{first}` and `{second}` overlap")));
        }
    }
    Ok(())
}
