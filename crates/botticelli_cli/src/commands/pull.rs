//! `pull`, `models local` and `models rm`: models on this machine.

use crate::Exit;
use crate::failure::{Failure, Outcome};
use crate::output::{Console, columns};
use botticelli::{Environment, Hub};

fn hub(environment: &Environment) -> Outcome<Hub> {
    Ok(Hub::builder().with_environment(environment.clone()).build()?)
}

/// Downloads a model, and prints the path of its file.
pub(crate) async fn pull(model: &str, environment: &Environment, console: &mut Console) -> Outcome<Exit> {
    let path = super::local::download(model, environment, console).await?;
    console.print_line(&path.display().to_string())?;
    Ok(Exit::Complete)
}

/// Lists the repositories in the cache of the Hub.
pub(crate) fn list(environment: &Environment, console: &mut Console) -> Outcome<Exit> {
    let hub = hub(environment)?;
    let rows: Vec<Vec<String>> = hub
        .list()?
        .iter()
        .map(|found| {
            let megabytes = format!("{} MB", found.size().div_ceil(1_000_000));
            vec![found.id().to_owned(), found.kind().as_str().trim_end_matches('s').to_owned(), megabytes]
        })
        .collect();
    if rows.is_empty() {
        console.note(&format!("There is no model in {}", hub.cache().display()));
    }
    console.print(&columns(&rows, None))?;
    Ok(Exit::Complete)
}

/// Removes a repository from the cache of the Hub.
pub(crate) fn remove(name: &str, environment: &Environment, console: &Console) -> Outcome<Exit> {
    let hub = hub(environment)?;
    let repository = name.split(':').next().unwrap_or(name);
    if hub.remove(repository)? {
        console.note(&format!("Removed {repository}"));
        return Ok(Exit::Complete);
    }
    Err(Failure::new(
        Exit::Failed,
        format!(
            "{repository} is not in {}. `botticelli models local` lists the models there.",
            hub.cache().display()
        ),
    ))
}
