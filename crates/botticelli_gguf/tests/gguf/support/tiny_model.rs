//! Tiny models: noise, or a script that greedy decoding always follows.

use super::gguf_file::{GgufFile, Q8_0, Value, rounded};

const HEADS: u64 = 4;
const KV_HEADS: u64 = 2;
const LAYERS: u64 = 2;

/// The shape of a model.
#[derive(Clone, Copy)]
struct Shape {
    width: u64,
    head: u64,
    hidden: u64,
}

const SMALL: Shape = Shape { width: 64, head: 16, hidden: 96 };
/// All rows have a multiple of 256 numbers.
const WIDE: Shape = Shape { width: 256, head: 64, hidden: 512 };

/// Chat template in the style of `ChatML`.
const TEMPLATE: &str = "{%- for message in messages %}\n{{- '<|im_start|>' + message.role + '\\n' + message.content + '<|im_end|>\\n' }}\n{%- endfor %}\n{%- if add_generation_prompt %}\n{{- '<|im_start|>assistant\\n' }}\n{%- endif %}\n";

const CONTROL: [&str; 3] = ["<|endoftext|>", "<|im_start|>", "<|im_end|>"];

/// A tiny model.
pub(crate) struct TinyModel {
    architecture: &'static str,
    script: Vec<&'static str>,
    template: Option<String>,
    context: u32,
    /// Format of matrices that are rounded to 8 bits.
    rounding: Option<u32>,
    shape: Shape,
}

impl TinyModel {
    /// A model with random weights.
    pub(crate) fn noise(architecture: &'static str) -> Self {
        Self {
            architecture,
            script: Vec::new(),
            template: Some(TEMPLATE.to_owned()),
            context: 256,
            rounding: None,
            shape: SMALL,
        }
    }

    /// A model that always writes these texts, each as one token, and ends. A text must not repeat.
    pub(crate) fn script(script: &[&'static str]) -> Self {
        Self { script: script.to_vec(), ..Self::noise("qwen2") }
    }

    pub(crate) fn with_template(mut self, template: Option<&str>) -> Self {
        self.template = template.map(str::to_owned);
        self
    }

    pub(crate) fn with_context(mut self, context: u32) -> Self {
        self.context = context;
        self
    }

    /// Makes all rows of weights a multiple of 256 numbers long.
    pub(crate) fn wide(mut self) -> Self {
        self.shape = WIDE;
        self
    }

    /// Rounds the matrices to 8 bits, and writes them as `F32` or as `Q8_0`.
    pub(crate) fn rounded(mut self, is_quantized: bool) -> Self {
        self.rounding = Some(if is_quantized { Q8_0 } else { 0 });
        self
    }

    /// Returns the texts of all tokens, with their kinds.
    fn tokens(&self) -> Vec<(String, i32)> {
        let bytes = (0..=255).map(|byte| (byte_character(byte).to_string(), 1));
        let merged = ["th", "the", "\u{120}the", "in"].map(|text| (text.to_owned(), 1));
        let control = CONTROL.map(|text| (text.to_owned(), 3));
        let script =
            self.script.iter().filter(|text| text.chars().count() > 1).map(|text| ((*text).to_owned(), 4));
        bytes.chain(merged).chain(control).chain(script).collect()
    }

    pub(crate) fn file(&self) -> GgufFile {
        let mut file = GgufFile::default();
        let tokens = self.tokens();
        let id =
            |text: &str| u32::try_from(tokens.iter().position(|(token, _)| token == text).unwrap()).unwrap();
        let name = self.architecture;
        let Shape { width, head, hidden } = self.shape;
        file.set("general.architecture", name);
        let sizes = [
            ("embedding_length", width),
            ("block_count", LAYERS),
            ("feed_forward_length", hidden),
            ("attention.head_count", HEADS),
            ("attention.head_count_kv", KV_HEADS),
            ("attention.key_length", head),
            ("attention.value_length", head),
        ];
        for (key, size) in sizes {
            file.set(&format!("{name}.{key}"), u32::try_from(size).unwrap());
        }
        file.set(&format!("{name}.context_length"), self.context);
        file.set(&format!("{name}.attention.layer_norm_rms_epsilon"), 1e-5_f32);
        file.set(&format!("{name}.rope.freq_base"), 10_000.0_f32);
        if name == "gemma3" {
            file.set("gemma3.attention.sliding_window", 8);
        }
        file.set("tokenizer.ggml.model", "gpt2");
        file.set("tokenizer.ggml.pre", "gpt-2");
        file.set("tokenizer.ggml.add_bos_token", Value::Bool(false));
        file.set("tokenizer.ggml.eos_token_id", id("<|im_end|>"));
        file.set("tokenizer.ggml.bos_token_id", id("<|endoftext|>"));
        file.set(
            "tokenizer.ggml.tokens",
            Value::Texts(tokens.iter().map(|(text, _)| text.clone()).collect()),
        );
        file.set("tokenizer.ggml.token_type", Value::I32s(tokens.iter().map(|(_, kind)| *kind).collect()));
        let merges = ["t h", "th e", "\u{120} the", "i n"];
        file.set("tokenizer.ggml.merges", Value::Texts(merges.map(str::to_owned).to_vec()));
        if let Some(template) = &self.template {
            file.set("tokenizer.chat_template", template.as_str());
        }
        self.weights(&mut file, &tokens);
        if let Some(kind) = self.rounding {
            for tensor in file.tensors.iter_mut().filter(|tensor| tensor.dimensions.len() > 1) {
                tensor.kind = kind;
                tensor.numbers.iter_mut().for_each(|number| *number = rounded(*number));
            }
        }
        file
    }

    fn weights(&self, file: &mut GgufFile, tokens: &[(String, i32)]) {
        let count = u64::try_from(tokens.len()).unwrap();
        let Shape { width, head, hidden } = self.shape;
        let (query, key) = (HEADS * head, KV_HEADS * head);
        let mut noise = Noise(20);
        let is_script = !self.script.is_empty();
        let mut matrix = |file: &mut GgufFile, name: &str, inputs: u64, outputs: u64| {
            // Small embeddings, so that the layers decide.
            let scale = if is_script {
                0.0
            } else if name.starts_with("token") {
                0.2
            } else {
                1.0
            };
            let numbers = (0..inputs * outputs).map(|_| noise.next() * scale).collect();
            file.tensor(name, &[inputs, outputs], numbers);
        };
        matrix(file, "token_embd.weight", width, count);
        matrix(file, "output.weight", width, count);
        let ones = |length: u64| vec![1.0; usize::try_from(length).unwrap()];
        file.tensor("output_norm.weight", &[width], ones(width));
        for layer in 0..LAYERS {
            let name = |part: &str| format!("blk.{layer}.{part}.weight");
            for (part, inputs, outputs) in [
                ("attn_q", width, query),
                ("attn_k", width, key),
                ("attn_v", width, key),
                ("attn_output", query, width),
                ("ffn_gate", width, hidden),
                ("ffn_up", width, hidden),
                ("ffn_down", hidden, width),
            ] {
                matrix(file, &name(part), inputs, outputs);
            }
            let mut norms = vec![("attn_norm", width), ("ffn_norm", width)];
            match self.architecture {
                "qwen3" => norms.extend([("attn_q_norm", head), ("attn_k_norm", head)]),
                "gemma3" => norms.extend([
                    ("attn_q_norm", head),
                    ("attn_k_norm", head),
                    ("post_attention_norm", width),
                    ("post_ffw_norm", width),
                ]),
                _ => {}
            }
            for (part, length) in norms {
                file.tensor(&name(part), &[length], ones(length));
            }
            if self.architecture == "qwen2" {
                for (part, length) in [("attn_q", query), ("attn_k", key), ("attn_v", key)] {
                    let numbers = ones(length).into_iter().map(|one| if is_script { 0.0 } else { one / 8.0 });
                    file.tensor(&format!("blk.{layer}.{part}.bias"), &[length], numbers.collect());
                }
            }
        }
        if is_script {
            self.write_script(file, tokens);
        }
    }

    /// Makes the head a table: a line break, then each text of the script, then the end.
    fn write_script(&self, file: &mut GgufFile, tokens: &[(String, i32)]) {
        let id = |text: &str| tokens.iter().position(|(token, _)| token == text).unwrap();
        let line_break = "\u{10a}";
        let texts: Vec<&str> =
            [line_break].into_iter().chain(self.script.iter().copied()).chain(["<|im_end|>"]).collect();
        let width = usize::try_from(self.shape.width).unwrap();
        for (slot, pair) in texts.windows(2).enumerate() {
            file.tensors[0].numbers[id(pair[0]) * width + slot] = 1.0;
            file.tensors[1].numbers[id(pair[1]) * width + slot] = 4.0;
        }
    }
}

/// Numbers between -0.5 and 0.5, always the same.
struct Noise(u64);

impl Noise {
    fn next(&mut self) -> f32 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        f32::from(u16::try_from(self.0 >> 48).unwrap()) / 65_536.0 - 0.5
    }
}

/// Returns the character of a byte in byte-level vocabularies.
fn byte_character(byte: u32) -> char {
    let printable = |code: u32| matches!(code, 33..=126 | 161..=172 | 174..=255);
    let code = if printable(byte) {
        byte
    } else {
        256 + u32::try_from((0..byte).filter(|code| !printable(*code)).count()).unwrap()
    };
    char::from_u32(code).unwrap()
}
