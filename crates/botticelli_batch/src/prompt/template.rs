//! Templates over the columns of a row.

use botticelli_error::{BotticelliError, DataError, DataErrorKind};
use minijinja::value::{Value, ValueKind};
use minijinja::{Environment, Error, ErrorKind, Output, State, UndefinedBehavior};
use serde_json::Map;
use std::sync::Arc;

/// Maximum number of template instructions per row. It ends accidental endless loops.
const FUEL: u64 = 10_000_000;

/// The variable with all columns of the row, for names that are not words: `{{ row["Review text"] }}`. A column of this name replaces it.
const ROW: &str = "row";

/// A template over the columns of a row.
///
/// An undefined column is an error. Null prints as the empty string, lists and objects as JSON.
#[derive(Clone, Debug)]
pub(crate) struct PromptTemplate {
    role: &'static str,
    source: Arc<str>,
    environment: Arc<Environment<'static>>,
    reads_all: bool,
}

impl PromptTemplate {
    /// Parses a template. `role` names it in errors: `prompt`, `system`.
    pub(crate) fn parse(role: &'static str, source: &str) -> Result<Self, BotticelliError> {
        let mut environment = Environment::new();
        environment.set_undefined_behavior(UndefinedBehavior::Strict);
        environment.set_auto_escape_callback(|_| minijinja::AutoEscape::None);
        environment.set_formatter(print);
        environment.set_fuel(Some(FUEL));
        // It prints all variables, of which the first pass reads only those of the template.
        environment.remove_global("debug");
        environment
            .add_template_owned(role, source.to_owned())
            .map_err(|error| template_error(role, &error))?;
        let mut template =
            Self { role, source: source.into(), environment: Arc::new(environment), reads_all: false };
        template.reads_all = template.variables().iter().any(|name| name == ROW);
        Ok(template)
    }

    /// Returns the text of the template.
    pub(crate) fn source(&self) -> &str {
        &self.source
    }

    /// Returns the names that the template reads from the row, sorted. A row may have them, or the template has a default.
    pub(crate) fn columns(&self) -> Vec<String> {
        let mut names = self.variables();
        names.retain(|name| *name != ROW && !self.environment.globals().any(|(global, _)| global == name));
        names.sort();
        names
    }

    /// Returns every word of the template. No other column can change the prompt, unless the template uses [`ROW`].
    ///
    /// A column may have the name of a function, or of a variable that the template sets in one of several cases.
    pub(crate) fn words(&self) -> Vec<String> {
        let words = self.source.split(|c: char| !c.is_alphanumeric() && c != '_');
        words.filter(|word| !word.is_empty()).map(str::to_owned).collect()
    }

    /// Returns whether the template uses [`ROW`], and may read any column.
    pub(crate) fn reads_all(&self) -> bool {
        self.reads_all
    }

    fn variables(&self) -> Vec<String> {
        let names = self.environment.get_template(self.role).map(|found| found.undeclared_variables(false));
        names.unwrap_or_default().into_iter().collect()
    }

    /// Renders the template for a row.
    pub(crate) fn render(&self, columns: &Map<String, serde_json::Value>) -> Result<String, RenderError> {
        let rendered = self.environment.get_template(self.role).and_then(|template| {
            if self.reads_all && !columns.contains_key(ROW) {
                let columns = Value::from(minijinja::value::Serde(columns));
                return template.render(minijinja::context! { row => columns.clone(), ..columns });
            }
            template.render(minijinja::value::Serde(columns))
        });
        rendered.map_err(|error| {
            let hint = if self.reads_all && columns.contains_key(ROW) {
                "; the column `row` hides the variable `row`, so rename the column to use the variable"
            } else {
                ""
            };
            RenderError {
                is_unknown: matches!(
                    error.kind(),
                    ErrorKind::UndefinedError
                        | ErrorKind::UnknownFilter
                        | ErrorKind::UnknownFunction
                        | ErrorKind::UnknownMethod
                        | ErrorKind::UnknownTest
                ),
                reason: format!("{}{hint}", reason(self.role, &error)),
            }
        })
    }
}

/// A row that does not fit a template.
#[derive(Clone, Debug)]
pub(crate) struct RenderError {
    /// `true` if the template names a value, a filter or a function that does not exist: the name may be misspelt.
    pub(crate) is_unknown: bool,
    /// The reason, with the line of the template.
    pub(crate) reason: String,
}

/// Writes a value into the prompt.
fn print(out: &mut Output<'_>, state: &mut State<'_, '_>, value: &Value) -> Result<(), Error> {
    match value.kind() {
        ValueKind::None => Ok(()),
        ValueKind::Seq | ValueKind::Map => {
            let text = serde_json::to_string(value)
                .map_err(|error| Error::new(ErrorKind::BadSerialization, error.to_string()))?;
            out.write_str(&text).map_err(|_| Error::new(ErrorKind::WriteFailure, "the prompt cannot grow"))
        }
        _ => minijinja::escape_formatter(out, state, value),
    }
}

fn reason(role: &str, error: &Error) -> String {
    let detail = error.detail().map(|detail| format!(": {detail}")).unwrap_or_default();
    let line = error.line().map(|line| format!(", line {line} of the {role}")).unwrap_or_default();
    format!("{}{detail}{line}", error.kind())
}

fn template_error(role: &'static str, error: &Error) -> BotticelliError {
    let hint = match error.kind() {
        ErrorKind::SyntaxError => "; a column whose name is not a word is `row[\"Review text\"]`",
        _ => "",
    };
    let kind = DataErrorKind::Template { reason: format!("{}{hint}", reason(role, error)) };
    DataError::new("template", role, kind).into()
}
