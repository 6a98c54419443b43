//! Tables on this machine and on the Hub.

use botticelli_batch::Table;
use botticelli_error::{BotticelliError, BuilderError};
use botticelli_models::hub::Hub;
use std::path::Path;

const SCHEME: &str = "hf://";
const FORM: &str = "write hf://datasets/org/name/split, hf://datasets/org/name/config/split, or the path of a file after the name";

/// Opens a table: files on this machine, or a data set of the Hugging Face Hub.
///
/// | address | table |
/// | --- | --- |
/// | `data/*.jsonl` | as for [`Table::open`] |
/// | `hf://datasets/org/name/train`, `hf://datasets/org/name/config/train` | the Parquet files of a split (feature `parquet`) |
/// | `hf://datasets/org/name/data/reviews.csv` | one file of the repository |
///
/// `name@v1.0` selects a revision of a file. Files of the Hub are downloaded once, and then read from the cache of the Hub. The Hub has
/// the settings of the environment.
///
/// ```no_run
/// # async fn example() -> botticelli::Result<()> {
/// let table = botticelli::open_table("hf://datasets/stanfordnlp/imdb/train").await?;
/// # Ok(())
/// # }
/// ```
///
/// # Errors
///
/// A [`DataError`](botticelli_error::DataError) as for [`Table::open`], a [`BuilderError`] for an invalid address, a
/// [`HubError`](botticelli_error::HubError) or a failed connection.
pub async fn open_table(address: impl AsRef<Path> + Send) -> Result<Table, BotticelliError> {
    match data_set(address.as_ref()) {
        None => Table::open(address),
        Some(_) => open_table_with(&Hub::from_env()?, address).await,
    }
}

/// Opens a table as [`open_table`] does. A data set comes from this Hub.
///
/// # Errors
///
/// As [`open_table`].
pub async fn open_table_with(hub: &Hub, address: impl AsRef<Path> + Send) -> Result<Table, BotticelliError> {
    let Some(data_set) = data_set(address.as_ref()) else { return Table::open(address) };
    let DataSet { name, place } = data_set?;
    if Path::new(&place).extension().is_some() {
        return Table::open(hub.download(&format!("datasets/{name}"), &place).await?);
    }
    Table::open_all(hub.dataset(&name, &place).await?)
}

/// A part of a data set.
struct DataSet {
    /// `org/name`, or with a revision.
    name: String,
    /// A split, a configuration and a split, or the path of a file.
    place: String,
}

/// Returns the data set that an address names, or `None` for files on this machine.
fn data_set(address: &Path) -> Option<Result<DataSet, BotticelliError>> {
    let rest = address.to_str()?.strip_prefix(SCHEME)?;
    let refused = |reason: &'static str| {
        let value = address.display().to_string();
        Err(BuilderError::refused("open_table", "address", value, reason, FORM).into())
    };
    let Some(rest) = rest.strip_prefix("datasets/") else {
        return Some(refused("it names no data set"));
    };
    let mut parts = rest.splitn(3, '/').map(str::to_owned);
    Some(match (parts.next(), parts.next(), parts.next().filter(|place| !place.is_empty())) {
        (Some(owner), Some(name), Some(place)) if !owner.is_empty() && !name.is_empty() => {
            Ok(DataSet { name: format!("{owner}/{name}"), place })
        }
        _ => refused("it lacks the name of the data set, or its split"),
    })
}
