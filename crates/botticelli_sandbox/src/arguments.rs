//! Command line of the program.

use std::fmt;

use botticelli_sandbox::{Dialect, Fault, Sandbox, UnknownDialect, UnknownFault};

pub(crate) const HELP: &str = "\
An offline Hugging Face router on loopback. Point a client at the base URL that it prints.

Usage: botticelli_sandbox [--port PORT] [--dialect DIALECT] [--token TOKEN] [--open]
                          [--fault NAME[=N]]... [--then-answer] [--verbose]

  --port PORT        port on 127.0.0.1 (default: 0, any free port)
  --dialect DIALECT  router, tgi2, tgi3, together or cerebras (default: router)
  --token TOKEN      accepted token (default: hf_sandbox)
  --open             also accept calls without a token
  --fault NAME[=N]   respond to chat calls with this fault; several form a queue, the last repeats
  --then-answer      send default responses after the last fault
  --list-faults      list all faults
  --verbose          print each request and its response status on standard error
  --help             print this help

Without --fault, a call requests one with its model name: fault/NAME, or fault/NAME*2 for two calls.
";

/// Action that the command line selects.
#[derive(Debug)]
pub(crate) enum Command {
    Help,
    ListFaults,
    Run(Arguments),
}

/// Options for running the sandbox.
pub(crate) struct Arguments {
    pub(crate) port: u16,
    pub(crate) dialect: Dialect,
    pub(crate) token: String,
    pub(crate) is_open: bool,
    pub(crate) faults: Vec<Fault>,
    pub(crate) then_answers: bool,
    pub(crate) is_verbose: bool,
}

impl fmt::Debug for Arguments {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Omits the token: it may be a real one.
        formatter
            .debug_struct("Arguments")
            .field("port", &self.port)
            .field("dialect", &self.dialect)
            .field("is_open", &self.is_open)
            .field("faults", &self.faults)
            .field("then_answers", &self.then_answers)
            .field("is_verbose", &self.is_verbose)
            .finish_non_exhaustive()
    }
}

/// Invalid command line. The message is one line.
#[derive(Debug)]
pub(crate) enum UsageError {
    Unknown(String),
    Missing(&'static str),
    Port(String),
    Dialect(UnknownDialect),
    Fault(UnknownFault),
    ThenAnswerWithoutFault,
}

impl fmt::Display for UsageError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unknown(argument) => write!(formatter, "unknown argument `{argument}`")?,
            Self::Missing(option) => write!(formatter, "`{option}` needs a value")?,
            Self::Port(value) => write!(formatter, "`--port {value}`: a port is a number from 0 to 65535")?,
            Self::Dialect(unknown) => unknown.fmt(formatter)?,
            Self::Fault(unknown) => unknown.fmt(formatter)?,
            Self::ThenAnswerWithoutFault => formatter.write_str("`--then-answer` comes after a `--fault`")?,
        }
        formatter.write_str("; --help lists what there is")
    }
}

/// Parses the arguments without the program name. Accepts `--name value` and `--name=value`.
pub(crate) fn read(arguments: impl Iterator<Item = String>) -> Result<Command, UsageError> {
    let mut read = Arguments {
        port: 0,
        dialect: Dialect::default(),
        token: Sandbox::TOKEN.to_owned(),
        is_open: false,
        faults: Vec::new(),
        then_answers: false,
        is_verbose: false,
    };
    // Splits only at the first `=`, because a fault may contain another one.
    let mut words = arguments.flat_map(|argument| match argument.split_once('=') {
        Some((name, value)) if name.starts_with("--") => vec![name.to_owned(), value.to_owned()],
        _ => vec![argument],
    });
    while let Some(word) = words.next() {
        let mut value = |option| words.next().ok_or(UsageError::Missing(option));
        match word.as_str() {
            "--port" => {
                let value = value("--port")?;
                read.port = value.parse().map_err(|_| UsageError::Port(value))?;
            }
            "--dialect" => {
                read.dialect = value("--dialect")?.parse().map_err(UsageError::Dialect)?;
            }
            "--token" => read.token = value("--token")?,
            "--open" => read.is_open = true,
            "--fault" => read.faults.push(value("--fault")?.parse().map_err(UsageError::Fault)?),
            "--then-answer" => read.then_answers = true,
            "--verbose" => read.is_verbose = true,
            "--list-faults" => return Ok(Command::ListFaults),
            "--help" | "-h" => return Ok(Command::Help),
            _ => return Err(UsageError::Unknown(word)),
        }
    }
    if read.then_answers && read.faults.is_empty() {
        return Err(UsageError::ThenAnswerWithoutFault);
    }
    Ok(Command::Run(read))
}
