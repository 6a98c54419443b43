//! A writer of GGUF files.

/// A value of the metadata.
#[derive(Clone)]
pub(crate) enum Value {
    U32(u32),
    F32(f32),
    Bool(bool),
    Text(String),
    Texts(Vec<String>),
    I32s(Vec<i32>),
}

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl From<u32> for Value {
    fn from(number: u32) -> Self {
        Self::U32(number)
    }
}

impl From<f32> for Value {
    fn from(number: f32) -> Self {
        Self::F32(number)
    }
}

/// The number of a format with 8 bits for a number, and one scale for 32 of them.
pub(crate) const Q8_0: u32 = 8;
/// The scale of all numbers in this format, 1/256.
const SCALE: f32 = 0.003_906_25;

/// A GGUF file in memory. Its fields are public, so that tests can damage it.
#[derive(Clone, Default)]
pub(crate) struct GgufFile {
    pub(crate) metadata: Vec<(String, Value)>,
    pub(crate) tensors: Vec<Tensor>,
}

#[derive(Clone)]
pub(crate) struct Tensor {
    pub(crate) name: String,
    /// The inner dimension first, as in files.
    pub(crate) dimensions: Vec<u64>,
    pub(crate) kind: u32,
    pub(crate) numbers: Vec<f32>,
    /// Replaces the offset in the table.
    pub(crate) offset: Option<u64>,
    /// Replaces the numbers.
    pub(crate) raw: Option<Vec<u8>>,
}

impl GgufFile {
    pub(crate) fn set(&mut self, key: &str, value: impl Into<Value>) {
        self.metadata.retain(|(name, _)| name != key);
        self.metadata.push((key.to_owned(), value.into()));
    }

    pub(crate) fn remove(&mut self, key: &str) {
        self.metadata.retain(|(name, _)| name != key);
    }

    pub(crate) fn tensor(&mut self, name: &str, dimensions: &[u64], numbers: Vec<f32>) {
        let (name, dimensions) = (name.to_owned(), dimensions.to_vec());
        self.tensors.push(Tensor { name, dimensions, kind: 0, numbers, offset: None, raw: None });
    }

    pub(crate) fn bytes(&self) -> Vec<u8> {
        let mut bytes = b"GGUF".to_vec();
        bytes.extend(3_u32.to_le_bytes());
        bytes.extend(u64::try_from(self.tensors.len()).unwrap().to_le_bytes());
        bytes.extend(u64::try_from(self.metadata.len()).unwrap().to_le_bytes());
        for (key, value) in &self.metadata {
            text(&mut bytes, key);
            match value {
                Value::U32(number) => pair(&mut bytes, 4, &number.to_le_bytes()),
                Value::F32(number) => pair(&mut bytes, 6, &number.to_le_bytes()),
                Value::Bool(is_set) => pair(&mut bytes, 7, &[u8::from(*is_set)]),
                Value::Text(value) => {
                    bytes.extend(8_u32.to_le_bytes());
                    text(&mut bytes, value);
                }
                Value::Texts(values) => {
                    array(&mut bytes, 8, values.len());
                    for value in values {
                        text(&mut bytes, value);
                    }
                }
                Value::I32s(values) => {
                    array(&mut bytes, 5, values.len());
                    for value in values {
                        bytes.extend(value.to_le_bytes());
                    }
                }
            }
        }
        let mut data: Vec<u8> = Vec::new();
        for tensor in &self.tensors {
            data.resize(data.len().next_multiple_of(32), 0);
            text(&mut bytes, &tensor.name);
            bytes.extend(u32::try_from(tensor.dimensions.len()).unwrap().to_le_bytes());
            for length in &tensor.dimensions {
                bytes.extend(length.to_le_bytes());
            }
            bytes.extend(tensor.kind.to_le_bytes());
            let offset = tensor.offset.unwrap_or(u64::try_from(data.len()).unwrap());
            bytes.extend(offset.to_le_bytes());
            match tensor.kind {
                _ if tensor.raw.is_some() => data.extend(tensor.raw.iter().flatten()),
                Q8_0 => eight_bits(&tensor.numbers, &mut data),
                _ => data.extend(tensor.numbers.iter().flat_map(|number| number.to_le_bytes())),
            }
        }
        bytes.resize(bytes.len().next_multiple_of(32), 0);
        bytes.extend(data);
        bytes
    }
}

/// Returns the nearest number that 8 bits can represent.
pub(crate) fn rounded(number: f32) -> f32 {
    (number / SCALE).round().clamp(-127.0, 127.0) * SCALE
}

fn eight_bits(numbers: &[f32], data: &mut Vec<u8>) {
    let integers: Vec<i8> = (-127..=127).collect();
    for block in numbers.chunks(32) {
        // 1/256 as a float of 16 bits.
        data.extend(0x1c00_u16.to_le_bytes());
        data.extend(block.iter().map(|number| {
            let at = integers
                .binary_search_by(|integer| (f32::from(*integer) * SCALE).total_cmp(&rounded(*number)));
            // Zero has two signs.
            at.map_or(0, |at| integers[at]).to_le_bytes()[0]
        }));
    }
}

fn text(bytes: &mut Vec<u8>, text: &str) {
    bytes.extend(u64::try_from(text.len()).unwrap().to_le_bytes());
    bytes.extend(text.as_bytes());
}

fn pair(bytes: &mut Vec<u8>, kind: u32, value: &[u8]) {
    bytes.extend(kind.to_le_bytes());
    bytes.extend(value);
}

fn array(bytes: &mut Vec<u8>, kind: u32, length: usize) {
    bytes.extend(9_u32.to_le_bytes());
    bytes.extend(kind.to_le_bytes());
    bytes.extend(u64::try_from(length).unwrap().to_le_bytes());
}
