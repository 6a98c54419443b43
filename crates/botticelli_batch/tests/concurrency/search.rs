//! The search for the best limit.

use crate::server::Server;
use crate::{batch, run};

/// Returns the delivered rows per second of virtual time.
async fn speed(server: &Server, fixed: Option<usize>, rows: usize) -> f64 {
    let batch = match fixed {
        Some(calls) => batch(server).with_concurrency(calls),
        None => batch(server),
    };
    let report = run(&batch, rows).await;
    assert_eq!(report.answered, u64::try_from(rows).unwrap());
    f64::from(u32::try_from(rows).unwrap()) / report.elapsed.as_secs_f64()
}

/// Compares the adaptive number with the best of several fixed ones.
async fn compare(capacity: usize, knee: f64, rows: usize) {
    let mut best = (0, 0.0);
    for part in [80, 90, 100, 110] {
        let calls = (capacity * part / 100).max(1);
        let speed = speed(&Server::new(capacity, knee), Some(calls), rows).await;
        println!("capacity {capacity}, knee {knee}: {calls} calls: {speed:.1} rows/s");
        if speed > best.1 {
            best = (calls, speed);
        }
    }
    let server = Server::new(capacity, knee);
    let adaptive = speed(&server, None, rows).await;
    println!(
        "adaptive: {adaptive:.1} rows/s, {:.3} of the best ({}), peak {}, {} rejected",
        adaptive / best.1,
        best.0,
        server.peak(),
        server.rejected()
    );
    assert!(adaptive >= 0.9 * best.1, "{adaptive} against {} with {} calls", best.1, best.0);
    assert!(server.rejected() < rows / 10, "{} rejections", server.rejected());
}

#[tokio::test(start_paused = true)]
async fn a_small_capacity_is_used() {
    compare(8, 32.0, 1500).await;
}

#[tokio::test(start_paused = true)]
async fn a_middle_capacity_is_used() {
    compare(50, 100.0, 4000).await;
}

#[tokio::test(start_paused = true)]
async fn a_large_capacity_is_used() {
    compare(200, 150.0, 12_000).await;
}

#[tokio::test(start_paused = true)]
async fn a_server_that_only_becomes_slower_is_used_up_to_its_plateau() {
    let server = Server::new(usize::MAX, 10.0);
    let most = speed(&Server::new(usize::MAX, 10.0), Some(200), 4000).await;
    let adaptive = speed(&server, None, 4000).await;
    println!("adaptive: {adaptive:.1} of {most:.1} rows/s, peak {}", server.peak());
    assert!(adaptive >= 0.85 * most, "{adaptive} against {most}");
}

#[tokio::test(start_paused = true)]
async fn the_maximum_and_the_fixed_number_hold() {
    let server = Server::new(usize::MAX, 1000.0);
    let report = run(&batch(&server).with_max_concurrency(10), 1000).await;
    assert_eq!((report.answered, server.peak()), (1000, 10));
    let server = Server::new(usize::MAX, 1000.0);
    let report = run(&batch(&server).with_concurrency(3), 100).await;
    assert_eq!((report.answered, server.peak()), (100, 3));
}

#[tokio::test(start_paused = true)]
async fn a_server_that_loses_capacity_is_followed() {
    let mut server = Server::new(100, 100.0);
    server.shrink_after(3000, 20);
    let report = run(&batch(&server), 5000).await;
    println!("{} rejected, {} calls", server.rejected(), server.calls());
    assert_eq!(report.answered, 5000);
    assert!(server.rejected() < 500, "{}", server.rejected());
}
