//! The table of tensors.

use super::reader::Reader;
use botticelli_error::BotticelliError;
use candle_core::quantized::GgmlDType;

/// Maximum number of tensors. The largest models have a few thousand.
const MAX_TENSORS: u64 = 1 << 17;
/// Maximum length of a name, in bytes.
const MAX_NAME: usize = 256;

/// An entry of the table of tensors.
#[derive(Clone, Debug)]
pub(super) struct TensorInfo {
    pub(super) name: String,
    /// Dimensions, the outer one first. GGUF has them in the reverse order.
    pub(super) dimensions: Vec<usize>,
    /// Number of the type in GGUF.
    pub(super) type_id: u32,
    /// Offset from the beginning of the data, in bytes.
    pub(super) offset: u64,
}

impl TensorInfo {
    pub(super) fn read_table(reader: &mut Reader, tensors: u64) -> Result<Vec<Self>, BotticelliError> {
        if tensors > MAX_TENSORS {
            return Err(reader.damaged(format!("{tensors} tensors are too many")));
        }
        let mut table = Vec::new();
        for _ in 0..tensors {
            table.push(Self::read(reader)?);
        }
        Ok(table)
    }

    fn read(reader: &mut Reader) -> Result<Self, BotticelliError> {
        let name = reader.string()?;
        if name.len() > MAX_NAME {
            return Err(reader.damaged(format!("the name of a tensor has {} bytes", name.len())));
        }
        let rank = reader.u32()?;
        if !(1..=4).contains(&rank) {
            return Err(reader.damaged(format!("the tensor `{name}` has {rank} dimensions")));
        }
        let mut dimensions = Vec::new();
        for _ in 0..rank {
            let length = reader.u64()?;
            let length = usize::try_from(length).ok().filter(|length| (1..=1 << 40).contains(length));
            dimensions.push(length.ok_or_else(|| {
                reader.damaged(format!("a dimension of the tensor `{name}` is out of range"))
            })?);
        }
        dimensions.reverse();
        Ok(Self { name, dimensions, type_id: reader.u32()?, offset: reader.u64()? })
    }

    /// Returns the format of the numbers. `None` if the kernels do not support it.
    pub(super) fn dtype(&self) -> Option<GgmlDType> {
        Some(match self.type_id {
            0 => GgmlDType::F32,
            1 => GgmlDType::F16,
            2 => GgmlDType::Q4_0,
            3 => GgmlDType::Q4_1,
            6 => GgmlDType::Q5_0,
            7 => GgmlDType::Q5_1,
            8 => GgmlDType::Q8_0,
            10 => GgmlDType::Q2K,
            11 => GgmlDType::Q3K,
            12 => GgmlDType::Q4K,
            13 => GgmlDType::Q5K,
            14 => GgmlDType::Q6K,
            30 => GgmlDType::BF16,
            _ => return None,
        })
    }

    /// Returns the size of the data, in bytes. `None` if a row is not a whole number of blocks, or if the size overflows.
    pub(super) fn bytes(&self, dtype: GgmlDType) -> Option<u64> {
        let row = *self.dimensions.last()?;
        if !row.is_multiple_of(dtype.block_size()) {
            return None;
        }
        let elements = self.dimensions.iter().try_fold(1_usize, |size, length| size.checked_mul(*length))?;
        let bytes = (elements / dtype.block_size()).checked_mul(dtype.type_size())?;
        u64::try_from(bytes).ok()
    }
}
