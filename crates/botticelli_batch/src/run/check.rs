//! The columns, before anything is sent.

use super::plan::SharedPlan;
use super::rows::PlannedRows;
use botticelli_error::{BotticelliError, DataError, DataErrorKind};

/// Number of rows that are checked. Rows of JSON lines may differ.
const ROWS: usize = 256;

/// Checks the first rows: at least one exists, the template can be rendered for one, and none has a column of the answer. Blocks on files.
pub(crate) fn check_columns(plan: &SharedPlan) -> Result<(), BotticelliError> {
    let mut rows = PlannedRows::whole(plan.clone())?;
    let mut names: Vec<String> = Vec::new();
    let (mut count, mut reason) = (0, None);
    while count < ROWS {
        let Some(planned) = rows.next().transpose()? else { break };
        count += 1;
        match planned.rendered {
            Ok(_) => return check_rest(rows, ROWS - count),
            Err(failure) if planned.row.is_some() => reason = reason.or(Some(failure)),
            Err(_) => {}
        }
        let columns = planned.row.iter().flat_map(|row| row.columns().keys());
        for name in columns {
            if !names.contains(name) {
                names.push(name.clone());
            }
        }
    }
    let place = place_of(plan);
    if count == 0 && plan.shard.is_none() && plan.limit != Some(0) {
        return Err(DataError::new("input", place, DataErrorKind::Empty).into());
    }
    let Some(failure) = reason.filter(|_| !plan.prompt.has_requests) else { return Ok(()) };
    let unknown = plan.prompt.columns().into_iter().find(|column| !names.contains(column));
    let kind = match unknown {
        Some(column) => {
            let nearest = nearest(&column, &names);
            DataErrorKind::UnknownColumn { column, nearest }
        }
        None if failure.is_unknown => DataErrorKind::Template { reason: failure.cause },
        None => return Ok(()),
    };
    Err(DataError::new("input", place, kind).into())
}

/// Reads further rows, which fail if they have a column of the answer.
fn check_rest(mut rows: PlannedRows, count: usize) -> Result<(), BotticelliError> {
    for _ in 0..count {
        if rows.next().transpose()?.is_none() {
            break;
        }
    }
    Ok(())
}

fn nearest(column: &str, names: &[String]) -> Option<String> {
    let near = |name: &&String| strsim::damerau_levenshtein(&name.to_lowercase(), &column.to_lowercase());
    let found = names.iter().min_by_key(near)?;
    (near(&found) <= 1 + column.chars().count() / 3).then(|| found.clone())
}

fn place_of(plan: &SharedPlan) -> String {
    match plan.table.files() {
        [one] => one.display().to_string(),
        [first, rest @ ..] => format!("{} and {} more", first.display(), rest.len()),
        [] => String::new(),
    }
}
