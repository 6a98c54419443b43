//! What the program was told on its command line.

use std::fmt;

use botticelli_sandbox::{Dialect, Sandbox, UnknownDialect};

pub(crate) const HELP: &str = "\
An offline Hugging Face router on loopback. Point any client at the base URL it prints.

Usage: botticelli_sandbox [--port PORT] [--dialect DIALECT] [--token TOKEN] [--open]

  --port PORT        the port on 127.0.0.1 (default: 0, any free one)
  --dialect DIALECT  router, tgi2, tgi3, together or cerebras (default: router)
  --token TOKEN      the token that is accepted (default: hf_sandbox)
  --open             answer calls without a token, too
  --help             say this
";

/// What to do.
#[derive(Debug)]
pub(crate) enum Order {
    Help,
    Run(Arguments),
}

/// With which choices.
pub(crate) struct Arguments {
    pub(crate) port: u16,
    pub(crate) dialect: Dialect,
    pub(crate) token: String,
    pub(crate) is_open: bool,
}

impl fmt::Debug for Arguments {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Without the token: it may be a real one.
        formatter
            .debug_struct("Arguments")
            .field("port", &self.port)
            .field("dialect", &self.dialect)
            .field("is_open", &self.is_open)
            .finish_non_exhaustive()
    }
}

/// Why they make no sense, in one line.
#[derive(Debug)]
pub(crate) enum Misunderstood {
    Unknown(String),
    Missing(&'static str),
    Port(String),
    Dialect(UnknownDialect),
}

impl fmt::Display for Misunderstood {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unknown(argument) => write!(formatter, "unknown argument `{argument}`")?,
            Self::Missing(option) => write!(formatter, "`{option}` needs a value")?,
            Self::Port(value) => write!(formatter, "`--port {value}`: a port is a number from 0 to 65535")?,
            Self::Dialect(unknown) => unknown.fmt(formatter)?,
        }
        formatter.write_str("; --help lists what there is")
    }
}

/// Reads the arguments, without the program's own name. `--name=value` is understood as well.
pub(crate) fn read(arguments: impl Iterator<Item = String>) -> Result<Order, Misunderstood> {
    let mut read =
        Arguments { port: 0, dialect: Dialect::default(), token: Sandbox::TOKEN.to_owned(), is_open: false };
    let mut words = arguments.flat_map(|argument| match argument.split_once('=') {
        Some((name, value)) if name.starts_with("--") => vec![name.to_owned(), value.to_owned()],
        _ => vec![argument],
    });
    while let Some(word) = words.next() {
        let mut value = |option| words.next().ok_or(Misunderstood::Missing(option));
        match word.as_str() {
            "--port" => {
                let value = value("--port")?;
                read.port = value.parse().map_err(|_| Misunderstood::Port(value))?;
            }
            "--dialect" => {
                read.dialect = value("--dialect")?.parse().map_err(Misunderstood::Dialect)?;
            }
            "--token" => read.token = value("--token")?,
            "--open" => read.is_open = true,
            "--help" | "-h" => return Ok(Order::Help),
            _ => return Err(Misunderstood::Unknown(word)),
        }
    }
    Ok(Order::Run(read))
}
