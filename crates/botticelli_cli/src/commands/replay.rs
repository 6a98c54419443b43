//! `replay`: answers from a cassette.

use super::ask::ask;
use crate::Exit;
use crate::cli::ReplayArgs;
use crate::failure::{Failure, Outcome};
use crate::output::Console;
use crate::settings::{Origin, Settings};
use botticelli::Environment;

/// Answers a prompt from a cassette. Nothing is sent.
pub(crate) async fn replay(
    arguments: &ReplayArgs,
    mut settings: Settings,
    environment: &Environment,
    console: &mut Console,
) -> Outcome<Exit> {
    let Some(path) = arguments.cassette.to_str() else {
        return Err(Failure::usage("the path of the cassette is not UTF-8"));
    };
    settings.set("cassette.path", path, Origin::option("replay"));
    settings.set("cassette.mode", "replay", Origin::option("replay"));
    // The order of layers in the file may lack the cassette.
    settings.remove("layers");
    ask(&arguments.ask, settings, environment, console).await
}
