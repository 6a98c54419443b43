//! Commands of this machine as tools of a model.

use crate::Exit;
use crate::confirm::ask_user;
use crate::failure::{Failure, Outcome};
use crate::prompt::read_text;
use botticelli::{Approval, BotticelliError, Tool, ToolCall, ToolDefinition, Tools};
use serde::Deserialize;
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;
use std::io::Read;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::time::Duration;

/// Time that a command may take by default, in seconds.
const SECONDS: u64 = 30;
/// Maximum number of output bytes that are read.
const OUTPUT: u64 = 1_000_000;

/// A tool in the file.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct CommandTool {
    #[serde(skip)]
    name: String,
    description: Option<String>,
    /// Program and arguments. `{name}` is the value of a parameter. No shell reads them.
    command: Vec<String>,
    /// The JSON Schema of each parameter. All are required.
    #[serde(default)]
    parameters: BTreeMap<String, Value>,
    #[serde(default = "default_seconds")]
    timeout_seconds: u64,
}

fn default_seconds() -> u64 {
    SECONDS
}

/// Reads the tools of a file. Each call asks the user first, unless `is_confirmed` is set.
pub(crate) fn tools(path: &Path, is_confirmed: bool) -> Outcome<Arc<Tools>> {
    let name = path.display().to_string();
    let text = read_text(path)?;
    let commands: BTreeMap<String, CommandTool> = toml::from_str(&text).map_err(|error| {
        let example =
            "Write [name], command = [\"program\", \"{city}\"] and parameters.city = { type = \"string\" }.";
        let before = error.span().and_then(|span| text.get(..span.start)).unwrap_or_default();
        let line = before.matches('\n').count().saturating_add(1);
        Failure::new(Exit::Configuration, format!("{name}, line {line}: {}. {example}", error.message()))
    })?;
    if commands.is_empty() {
        return Err(Failure::new(
            Exit::Configuration,
            format!("{name} has no tool. Add a table, such as [weather]."),
        ));
    }
    let mut tools = Tools::new();
    for (tool_name, mut tool) in commands {
        tool.name = tool_name;
        if tool.command.is_empty() {
            let line =
                format!("{name}: the tool `{}` has no command. Write command = [\"program\"].", tool.name);
            return Err(Failure::new(Exit::Configuration, line));
        }
        tools = tools.with_tool(tool);
    }
    if !is_confirmed {
        tools = tools.with_approval(confirm);
    }
    Ok(Arc::new(tools))
}

/// Asks the user at the terminal, even if standard input is a pipe.
async fn confirm(call: ToolCall) -> Approval {
    let asked = tokio::task::spawn_blocking(move || {
        ask_user(&format!("Run {}({})?", call.name(), call.arguments_text()))
    });
    match asked.await {
        Ok(Some(true)) => Approval::Run,
        Ok(Some(false)) => Approval::refuse("the user does not allow this call"),
        _ => Approval::refuse("there is no terminal to ask the user; --yes allows all calls"),
    }
}

impl Tool for CommandTool {
    type Arguments = Map<String, Value>;
    type Output = String;
    type Error = String;

    fn definition(&self) -> Result<ToolDefinition, BotticelliError> {
        let required: Vec<&String> = self.parameters.keys().collect();
        let schema = json!({
            "type": "object",
            "properties": self.parameters,
            "required": required,
            "additionalProperties": false,
        });
        let definition = ToolDefinition::new(&self.name, schema)?;
        Ok(match &self.description {
            Some(description) => definition.with_description(description),
            None => definition,
        })
    }

    async fn call(&self, arguments: Map<String, Value>) -> Result<String, String> {
        let words: Vec<String> = self.command.iter().map(|word| filled(word, &arguments)).collect();
        let (program, rest) = words.split_first().ok_or("the tool has no command")?;
        let mut child = Command::new(program)
            .args(rest)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .map_err(|error| format!("{program}: {error}"))?;
        let outputs = (child.stdout.take(), child.stderr.take());
        let reading = tokio::task::spawn_blocking(move || {
            // The other output is read at the same time, so that a full pipe does not stop the command.
            let errors = std::thread::spawn(move || outputs.1.map(read_some).unwrap_or_default());
            let text = outputs.0.map(read_some).unwrap_or_default();
            (text, errors.join().unwrap_or_default())
        });
        let limit = Duration::from_secs(self.timeout_seconds);
        let Ok(read) = tokio::time::timeout(limit, reading).await else {
            end(&mut child);
            return Err(format!("{program} took longer than {} s", self.timeout_seconds));
        };
        let (text, errors) = read.map_err(|error| error.to_string())?;
        let status = child.wait().map_err(|error| format!("{program}: {error}"))?;
        if status.success() { Ok(text) } else { Err(format!("{program} failed ({status}): {errors}")) }
    }
}

/// Kills a command.
fn end(child: &mut Child) {
    // Fails only if the command has just ended by itself.
    let _ = child.kill();
    let _ = child.wait();
}

fn read_some(output: impl Read) -> String {
    let mut bytes = Vec::new();
    // If reading fails, the bytes so far are the output.
    let _ = output.take(OUTPUT).read_to_end(&mut bytes);
    String::from_utf8_lossy(&bytes).into_owned()
}

/// Replaces each `{name}` with the value of the parameter.
fn filled(word: &str, arguments: &Map<String, Value>) -> String {
    let mut text = String::new();
    let mut rest = word;
    while let Some((before, after)) = rest.split_once('{') {
        text.push_str(before);
        let found = after.split_once('}').and_then(|(name, end)| Some((arguments.get(name)?, end)));
        if let Some((value, end)) = found {
            text.push_str(&value.as_str().map_or_else(|| value.to_string(), str::to_owned));
            rest = end;
        } else {
            text.push('{');
            rest = after;
        }
    }
    text.push_str(rest);
    text
}
