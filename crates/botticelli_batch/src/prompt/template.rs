//! Templates over the columns of a row.

use botticelli_error::{BotticelliError, DataError, DataErrorKind};
use minijinja::value::{Value, ValueKind};
use minijinja::{Environment, Error, ErrorKind, Output, State, UndefinedBehavior};
use serde_json::Map;
use std::sync::Arc;

/// Maximum number of template instructions per row. It ends accidental endless loops.
const FUEL: u64 = 10_000_000;

/// A template over the columns of a row.
///
/// An undefined column is an error. Null prints as the empty string, lists and objects as JSON.
#[derive(Clone, Debug)]
pub(crate) struct PromptTemplate {
    role: &'static str,
    source: Arc<str>,
    environment: Arc<Environment<'static>>,
}

impl PromptTemplate {
    /// Parses a template. `role` names it in errors: `prompt`, `system`.
    pub(crate) fn parse(role: &'static str, source: &str) -> Result<Self, BotticelliError> {
        let mut environment = Environment::new();
        environment.set_undefined_behavior(UndefinedBehavior::Strict);
        environment.set_auto_escape_callback(|_| minijinja::AutoEscape::None);
        environment.set_formatter(print);
        environment.set_fuel(Some(FUEL));
        environment
            .add_template_owned(role, source.to_owned())
            .map_err(|error| template_error(role, &error))?;
        Ok(Self { role, source: source.into(), environment: Arc::new(environment) })
    }

    /// Returns the text of the template.
    pub(crate) fn source(&self) -> &str {
        &self.source
    }

    /// Returns the names that the template reads from the row, sorted.
    pub(crate) fn columns(&self) -> Vec<String> {
        let names = self.environment.get_template(self.role).map(|found| found.undeclared_variables(false));
        let mut names: Vec<_> = names.unwrap_or_default().into_iter().collect();
        names.retain(|name| !self.environment.globals().any(|(global, _)| global == name));
        names.sort();
        names
    }

    /// Renders the template for a row.
    pub(crate) fn render(&self, columns: &Map<String, serde_json::Value>) -> Result<String, RenderError> {
        let rendered = self
            .environment
            .get_template(self.role)
            .and_then(|template| template.render(minijinja::value::Serde(columns)));
        rendered.map_err(|error| RenderError {
            is_undefined: error.kind() == ErrorKind::UndefinedError,
            reason: reason(self.role, &error),
        })
    }
}

/// A row that does not fit a template.
#[derive(Clone, Debug)]
pub(crate) struct RenderError {
    /// `true` if a value is undefined: the column may be misspelt.
    pub(crate) is_undefined: bool,
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
    let kind = DataErrorKind::Template { reason: reason(role, error) };
    DataError::new("template", role, kind).into()
}
