//! Grammars of tool calls, in the language of llguidance (a variant of Lark).

use crate::output::ToolDialect;
use botticelli_core::ToolDefinition;
use serde_json::{Value, json};
use std::fmt::Write;

/// Maximum number of calls in one response.
const MAX_CALLS: usize = 8;

/// The texts that a response with tools may consist of.
#[derive(Clone, Copy, Debug)]
pub(super) struct ToolGrammar<'a> {
    pub(super) dialect: ToolDialect,
    /// The tools that may be called, at least one.
    pub(super) tools: &'a [&'a ToolDefinition],
    /// `true` if several calls may follow each other.
    pub(super) allows_several: bool,
    /// The schema of an answer in place of the calls; `None` if a call is required.
    pub(super) answer: Option<&'a Value>,
}

impl ToolGrammar<'_> {
    /// Returns the text of the grammar.
    pub(super) fn to_lark(self) -> String {
        let mut lark = String::from(match self.answer {
            Some(_) => "start: calls | answer\n",
            None => "start: calls\n",
        });
        let (open, arguments, close) = frame(self.dialect);
        let (before, between, after) = frame_of_list(self.dialect);
        let begin = [before, open].concat();
        let end = [close, after].concat();
        lark.push_str("calls:");
        push_literal(&mut lark, &begin);
        lark.push_str(" call");
        if self.allows_several {
            lark.push_str(" (");
            push_literal(&mut lark, &[close, between, open].concat());
            let _ = write!(lark, " call){{0,{}}}", MAX_CALLS - 1);
        }
        push_literal(&mut lark, &end);
        lark.push('\n');
        let arguments = Value::from(arguments).to_string();
        let names: Vec<String> = (0..self.tools.len()).map(|at| format!("call_{at}")).collect();
        let _ = writeln!(lark, "call: {}", names.join(" | "));
        for (at, tool) in self.tools.iter().enumerate() {
            let _ = write!(lark, "call_{at}:");
            // The words of JSON, as in the grammar of an answer. A longer word would hide an answer that begins with the same letters.
            for word in ["{", "\"name\"", ": ", &Value::from(tool.name()).to_string(), ", ", &arguments, ": "]
            {
                push_literal(&mut lark, word);
            }
            let schema = with_layout(tool.parameters());
            let _ = writeln!(lark, " arguments_{at} \"}}\"\narguments_{at}: %json {schema}");
        }
        if let Some(schema) = self.answer {
            let _ = writeln!(lark, "answer: %json {}", with_layout(schema));
        }
        lark
    }
}

/// Returns a schema with the layout of the JSON.
///
/// If white space were free, a model could write nothing but white space. The separators are those of Python, as in the training data.
pub(super) fn with_layout(schema: &Value) -> Value {
    let mut schema = schema.clone();
    if let Value::Object(fields) = &mut schema {
        let layout = json!({"whitespace_flexible": false, "key_separator": ": ", "item_separator": ", "});
        fields.insert("x-guidance".to_owned(), layout);
    }
    schema
}

/// Appends a space and a string literal. The language has no empty literal.
fn push_literal(lark: &mut String, text: &str) {
    if !text.is_empty() {
        let _ = write!(lark, " {}", Value::from(text));
    }
}

/// Returns the text before a call, the key of its arguments, and the text after the call, as the models are trained to write them.
const fn frame(dialect: ToolDialect) -> (&'static str, &'static str, &'static str) {
    match dialect {
        ToolDialect::Tagged => ("<tool_call>\n", "arguments", "\n</tool_call>"),
        ToolDialect::List => ("", "arguments", ""),
        ToolDialect::Whole => ("", "parameters", ""),
    }
}

/// Returns the text before all calls, between two calls, and after all calls.
const fn frame_of_list(dialect: ToolDialect) -> (&'static str, &'static str, &'static str) {
    match dialect {
        ToolDialect::Tagged => ("", "\n", ""),
        ToolDialect::List => ("[TOOL_CALLS][", ", ", "]"),
        ToolDialect::Whole => ("", "; ", ""),
    }
}
