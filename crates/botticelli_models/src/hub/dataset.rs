//! The Parquet files of a data set.

use crate::hub::cache::folder::files;
use crate::hub::cache::splits::{self, CachedSplit};
use crate::hub::file::{download_from, is_unreachable};
use crate::hub::listing::{parse, unusable};
use crate::hub::repository::{Repository, check_file, invalid, path_problem};
use crate::hub::settings::HubSettings;
use botticelli_error::{BotticelliError, HubErrorKind};
use futures::{StreamExt, TryStreamExt, stream};
use reqwest::Url;
use std::collections::BTreeMap;
use std::path::PathBuf;

/// Branch to which the Hub converts data sets.
const PARQUET: &str = "refs/convert/parquet";

/// The addresses of the Parquet files by configuration and split.
type Listed = BTreeMap<String, BTreeMap<String, Vec<String>>>;

/// Returns the paths of the Parquet files of a split, and downloads those that the cache does not have.
///
/// `split` is `split` or `config/split`.
pub(in crate::hub) async fn dataset(
    settings: &HubSettings,
    name: &str,
    split: &str,
) -> Result<Vec<PathBuf>, BotticelliError> {
    let repository = Repository::dataset(name, settings.revision.as_deref())?;
    if let Some(reason) = path_problem(split) {
        return Err(invalid("split", split, reason));
    }
    let converted = repository.at(PARQUET);
    if let Some(offline) = &settings.offline {
        return cached(settings, &converted, split, offline);
    }
    let url = settings.client.url(&repository.api_path("parquet"));
    let listed: Listed = match settings.client.lookup(&url, &repository).await {
        Ok((body, _)) => parse(&body, &repository)?,
        Err(error) if is_unreachable(&error) => {
            return cached(settings, &converted, split, "the unreachable Hub").map_err(|_| error);
        }
        Err(error) => return Err(error),
    };
    let (named, (config, split, addresses)) = (split, find(&listed, split, &repository)?);
    // Collected, because a closure in the stream would make the future of this function not `Send`.
    let downloads = addresses.iter().enumerate().map(|(number, address)| {
        let (converted, repository) = (&converted, &repository);
        async move {
            let url = own_address(settings, repository, address)?;
            // The name on the branch; the address in the list counts from 0.
            let name = format!("{config}/{split}/{number:04}.parquet");
            check_file(&name)?;
            download_from(settings, converted, &name, &url).await
        }
    });
    let downloads: Vec<_> = downloads.collect();
    let downloads = stream::iter(downloads).buffered(settings.concurrency.max(1));
    let paths: Vec<PathBuf> = downloads.try_collect().await?;
    if paths.is_empty() {
        return Err(repository.error(HubErrorKind::NoSplit { available: names(&listed) }).into());
    }
    let folder = settings.folder(&converted);
    if let Some(commit) = folder.commit(PARQUET) {
        let split = CachedSplit { folder: format!("{config}/{split}"), files: paths.len() };
        splits::record(&folder, &commit, named, &split);
    }
    Ok(paths)
}

/// Returns the configuration, the split and its addresses. Without a configuration, the only one counts, or the one named `default`.
fn find<'a>(
    listed: &'a Listed,
    wanted: &'a str,
    repository: &Repository,
) -> Result<(&'a str, &'a str, &'a [String]), BotticelliError> {
    let of = |config: &str, split: &str| {
        let (config, splits) = listed.get_key_value(config)?;
        let (split, files) = splits.get_key_value(split)?;
        Some((config.as_str(), split.as_str(), files.as_slice()))
    };
    let exact = wanted.rsplit_once('/').and_then(|(config, split)| of(config, split));
    let only = || match listed.keys().collect::<Vec<_>>().as_slice() {
        [only] => of(only, wanted),
        _ => of("default", wanted),
    };
    exact
        .or_else(only)
        .ok_or_else(|| repository.error(HubErrorKind::NoSplit { available: names(listed) }).into())
}

fn names(listed: &Listed) -> Vec<String> {
    let of = |(config, splits): (&String, &BTreeMap<String, Vec<String>>)| {
        splits.keys().map(|split| format!("{config}/{split}")).collect::<Vec<_>>()
    };
    listed.iter().flat_map(of).collect()
}

/// Returns the address of a listed file on the endpoint. The file must belong to the data set, whatever host the list names.
fn own_address(
    settings: &HubSettings,
    repository: &Repository,
    address: &str,
) -> Result<Url, BotticelliError> {
    let foreign = || unusable(repository, "the list of Parquet files names another repository".to_owned());
    let url = Url::parse(address).map_err(|_| foreign())?;
    let path = url.path().trim_start_matches('/');
    let id = &repository.id;
    let is_ours = [format!("api/datasets/{id}/parquet/"), format!("datasets/{id}/resolve/")]
        .iter()
        .any(|start| path.starts_with(start.as_str()));
    let is_plain = !path.split('/').any(|part| part == ".." || part == ".");
    if is_ours && is_plain { Ok(settings.client.url(path)) } else { Err(foreign()) }
}

/// Returns the Parquet files of a split in the cache, if the split was downloaded completely.
fn cached(
    settings: &HubSettings,
    converted: &Repository,
    split: &str,
    offline: &str,
) -> Result<Vec<PathBuf>, BotticelliError> {
    let folder = settings.folder(converted);
    let missing = || -> BotticelliError {
        let kind = HubErrorKind::Offline { setting: offline.to_owned(), missing: Vec::new() };
        converted.error(kind).with_file(split).into()
    };
    let commit = folder.commit(&converted.revision).ok_or_else(missing)?;
    let split = splits::find(&folder, &commit, split).ok_or_else(missing)?;
    let snapshot = folder.snapshot(&commit);
    let (names, prefix) = (files(&snapshot).unwrap_or_default(), format!("{}/", split.folder));
    let paths: Vec<PathBuf> =
        names.iter().filter(|name| name.starts_with(&prefix)).map(|name| snapshot.join(name)).collect();
    if paths.len() == split.files { Ok(paths) } else { Err(missing()) }
}
