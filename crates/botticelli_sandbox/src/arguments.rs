//! Command line of the program.

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use botticelli_sandbox::{Capacity, Dialect, Fault, Sandbox, UnknownDialect, UnknownFault};

pub(crate) const HELP: &str = "\
An offline Hugging Face router on loopback. Point a client at the base URL that it prints.

Usage: botticelli_sandbox [--port PORT] [--dialect DIALECT] [--token TOKEN] [--open]
                          [--fault NAME[=N]]... [--then-answer] [--slots N [--queue N] [--latency MS]]
                          [--verbose]

  --port PORT        port on 127.0.0.1 (default: 0, any free port)
  --dialect DIALECT  router, tgi2, tgi3, together or cerebras (default: router)
  --token TOKEN      accepted token (default: hf_sandbox)
  --open             also accept calls without a token
  --fault NAME[=N]   respond to chat calls with this fault; several form a queue, the last repeats
  --then-answer      send default responses after the last fault
  --slots N          process at most this many calls at the same time, and reject all others with 429
  --queue N          let this many calls wait for a slot (default: 0)
  --latency MS       milliseconds for which a call takes its slot (default: 0)
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
    pub(crate) slots: Option<usize>,
    pub(crate) queue: Option<usize>,
    pub(crate) latency: Option<u64>,
    pub(crate) is_verbose: bool,
}

impl Arguments {
    /// Returns the capacity, if it is limited.
    pub(crate) fn capacity(&self) -> Option<Capacity> {
        let latency = Duration::from_millis(self.latency.unwrap_or(0));
        Some(Capacity::new(self.slots?, latency).with_queue(self.queue.unwrap_or(0)))
    }
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
            .field("slots", &self.slots)
            .field("queue", &self.queue)
            .field("latency", &self.latency)
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
    Number(&'static str, String),
    Dialect(UnknownDialect),
    Fault(UnknownFault),
    ThenAnswerWithoutFault,
    WithoutSlots,
}

impl fmt::Display for UsageError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unknown(argument) => write!(formatter, "unknown argument `{argument}`")?,
            Self::Missing(option) => write!(formatter, "`{option}` needs a value")?,
            Self::Port(value) => write!(formatter, "`--port {value}`: a port is a number from 0 to 65535")?,
            Self::Number(option, value) => {
                write!(formatter, "`{option} {value}`: the value is a whole number")?;
            }
            Self::WithoutSlots => formatter.write_str("`--queue` and `--latency` need `--slots`")?,
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
        slots: None,
        queue: None,
        latency: None,
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
            "--slots" => read.slots = Some(number("--slots", value("--slots")?)?),
            "--queue" => read.queue = Some(number("--queue", value("--queue")?)?),
            "--latency" => read.latency = Some(number("--latency", value("--latency")?)?),
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
    if read.slots.is_none() && (read.queue.is_some() || read.latency.is_some()) {
        return Err(UsageError::WithoutSlots);
    }
    Ok(Command::Run(read))
}

fn number<N: FromStr>(option: &'static str, value: String) -> Result<N, UsageError> {
    value.parse().map_err(|_| UsageError::Number(option, value))
}
