//! The table `[llm.cache]`.

use botticelli_layers::cache::{Cache, CacheConfig};
use serde_json::{Value, json};
use std::time::Duration;

fn cache(table: Value) -> Result<Cache, String> {
    let config: CacheConfig = serde_json::from_value(table).map_err(|error| error.to_string())?;
    Cache::from_config(&config).map_err(|error| error.to_string())
}

#[test]
fn an_empty_table_is_a_cache_in_memory() {
    let cache = cache(json!({})).unwrap();
    assert!(format!("{cache:?}").contains("memory"));
    assert_eq!((cache.time_to_live(), cache.max_bytes(), cache.is_sampled()), (None, 64 << 20, false));
}

#[test]
fn all_keys_are_read() {
    let table = json!({"store": "memory", "time_to_live": "30 days", "max_bytes": 1000, "sampled": true});
    let cache = cache(table).unwrap();
    assert_eq!(cache.time_to_live(), Some(Duration::from_secs(30 * 86_400)));
    assert_eq!((cache.max_bytes(), cache.is_sampled()), (1000, true));
}

#[test]
fn times_have_units() {
    for (time, seconds) in [
        (json!("90 s"), 90.0),
        (json!("90s"), 90.0),
        (json!(" 1  second "), 1.0),
        (json!("15 min"), 900.0),
        (json!("12 h"), 43_200.0),
        (json!("1 day"), 86_400.0),
        (json!("2 weeks"), 1_209_600.0),
        (json!("1.5 h"), 5_400.0),
        (json!("60"), 60.0),
        (json!(60), 60.0),
        (json!(0.5), 0.5),
    ] {
        let cache = cache(json!({"time_to_live": time})).unwrap();
        assert_eq!(cache.time_to_live(), Some(Duration::from_secs_f64(seconds)), "{time}");
        let config: CacheConfig = serde_json::from_value(json!({"time_to_live": time})).unwrap();
        let again = serde_json::from_value(serde_json::to_value(&config).unwrap()).unwrap();
        assert_eq!(config, again);
    }
}

#[test]
fn impossible_times_are_refused_with_an_example() {
    for time in [
        json!("0 s"),
        json!("-5 s"),
        json!(-5),
        json!(0),
        json!(0.0),
        json!(-0.5),
        json!(1e300),
        json!("5 parsecs"),
        json!("5 m"),
        json!("days"),
        json!(""),
        json!("99999999999999999999 s"),
        json!("18446744073709551615 weeks"),
        json!("５ s"),
        json!(true),
        json!(null),
    ] {
        // A missing value is fine, as for every optional key.
        if time.is_null() {
            continue;
        }
        let error = cache(json!({"time_to_live": time})).unwrap_err();
        assert!(error.contains("30 days"), "{time}: {error}");
    }
}

#[test]
fn impossible_settings_are_refused_with_a_remedy() {
    for (table, expected) in [
        (json!({"max_bytes": 0}), "max_bytes"),
        (json!({"max_bytes": -1}), "-1"),
        (json!({"ttl": "1 h"}), "time_to_live"),
        (json!({"store": ""}), "empty"),
        (json!({"store": " "}), "empty"),
        (json!({"store": "mysql://host"}), "mysql"),
        (json!({"store": "rediss://user:pass@host"}), "rediss://host"),
    ] {
        let error = cache(table).unwrap_err();
        assert!(error.contains(expected), "{error}");
        assert!(!error.contains("pass"), "{error}");
    }
}

#[cfg(feature = "redis")]
#[test]
fn a_size_that_the_server_decides_is_refused() {
    let address = "redis://127.0.0.1:6379";
    let error = cache(json!({"store": address, "max_bytes": 1000})).unwrap_err();
    assert!(error.contains("`max_bytes`") && error.contains("maxmemory"), "{error}");
    assert!(Cache::redis(address).unwrap().with_max_bytes(1000).validate().is_err());
    cache(json!({"store": address})).unwrap().validate().unwrap();
}

#[tokio::test]
async fn settings_that_a_table_refuses_are_refused_in_code() {
    use crate::common::{Service, ask};
    use botticelli_interface::BotticelliDriver;
    use botticelli_layers::LayerExt;

    for (cache, field) in [
        (Cache::memory().with_max_bytes(0), "`max_bytes`"),
        (Cache::memory().with_time_to_live(Duration::ZERO), "`time_to_live`"),
    ] {
        assert!(cache.validate().unwrap_err().to_string().contains(field));
        let driver = Service::counting().with_cache(cache);
        assert!(driver.generate(ask("Hi")).await.unwrap_err().to_string().contains(field));
        assert!(driver.generate_stream(ask("Hi")).await.err().unwrap().to_string().contains(field));
        assert_eq!(driver.inner().calls(), 0);
    }
}

#[cfg(feature = "redis")]
#[test]
fn the_password_of_a_server_is_hidden() {
    let config: CacheConfig =
        serde_json::from_value(json!({"store": "redis://user:secret@host?password=secret"})).unwrap();
    let shown = format!("{config:?} {config:#?}");
    assert!(shown.contains("redis://host") && !shown.contains("secret"), "{shown}");
    assert!(serde_json::to_string(&config).unwrap().contains("user:secret@host"));
}

#[cfg(feature = "sqlite")]
#[test]
fn a_path_is_a_file() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("new/cache.sqlite");
    let cache = cache(json!({"store": path})).unwrap();
    assert!(path.is_file());
    assert_eq!(cache.max_bytes(), 1 << 30);
    let error = Cache::open(folder.path().to_str().unwrap()).unwrap_err().to_string();
    assert!(error.contains("folder"), "{error}");
}

#[cfg(not(feature = "sqlite"))]
#[test]
fn a_path_needs_the_feature() {
    assert!(cache(json!({"store": "/tmp/cache"})).unwrap_err().contains("`sqlite`"));
}
