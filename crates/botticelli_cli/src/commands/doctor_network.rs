//! The network checks of `doctor`: proxy, connection, certificate and clock.

use super::doctor_report::Report;
use crate::Exit;
use crate::failure::{Failure, Outcome};
use botticelli::{BotticelliError, BotticelliErrorKind, CertificateProblem, Environment, HttpErrorKind};
use std::net::{TcpStream, ToSocketAddrs};
use std::time::{Duration, SystemTime};

/// Variables with the proxy of https requests, the first one first. Plain http uses no proxy.
const PROXIES: [&str; 4] = ["HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"];

/// Time for a connection to a proxy.
const PROXY_TIMEOUT: Duration = Duration::from_secs(3);

/// Difference of two clocks that matters. Certificates and signed addresses allow about as much.
const SKEW: Duration = Duration::from_secs(300);

/// Prints the lines of a request that succeeded or failed. Returns whether the server answered.
pub(super) fn check_network(
    error: Option<&BotticelliError>,
    is_secure: bool,
    environment: &Environment,
    report: &mut Report<'_>,
) -> Outcome<bool> {
    let kind = error.and_then(|error| match error.kind() {
        BotticelliErrorKind::Http(http) => Some(http.kind()),
        _ => None,
    });
    let is_connected = !matches!(kind, Some(HttpErrorKind::Connect | HttpErrorKind::Timeout { .. }));
    check_proxy(is_secure, is_connected, environment, report)?;
    let (Some(error), Some(kind)) = (error, kind) else {
        report.good("network", "the server answers")?;
        if is_secure {
            report.good("certificates", "the server's certificate is trusted")?;
        } else {
            report.note("certificates", "not used by http://")?;
        }
        return Ok(true);
    };
    if let HttpErrorKind::UntrustedCertificate { problem } = kind {
        report.good("network", "the server accepts connections")?;
        let mut failure = Failure::from(error.clone());
        if *problem == CertificateProblem::Time {
            failure = failure.with_line("A wrong clock of this machine has the same effect: check its date.");
        }
        report.bad("certificates", &failure)?;
    } else {
        report.bad("network", &Failure::from(error.clone()))?;
        report.note("certificates", "not checked")?;
    }
    Ok(false)
}

fn check_proxy(
    is_secure: bool,
    is_connected: bool,
    environment: &Environment,
    report: &mut Report<'_>,
) -> Outcome<()> {
    let found = PROXIES.iter().find_map(|name| Some((name, environment.variable(name)?)));
    let Some((name, proxy)) = found else { return report.good("proxy", "none") };
    if !is_secure {
        return report.note("proxy", &format!("{name} is set, but http:// does not use it"));
    }
    let address = host_and_port(&proxy);
    if is_connected || is_reachable(&address) {
        return report.good("proxy", &format!("{address} from {name}"));
    }
    report.bad(
        "proxy",
        &Failure::new(
            Exit::Failed,
            format!(
                "{name} names {address}, which accepts no connection. Correct the variable, or unset it. NO_PROXY \
                 lists hosts that need no proxy."
            ),
        ),
    )
}

/// Returns the host and the port of a proxy, without its user and password.
fn host_and_port(proxy: &str) -> String {
    let (scheme, rest) = proxy.split_once("://").unwrap_or(("http", proxy));
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    let host = authority.rsplit('@').next().unwrap_or_default();
    let has_port = host
        .rsplit_once(':')
        .is_some_and(|(_, port)| !port.is_empty() && port.chars().all(|digit| digit.is_ascii_digit()));
    let port = match scheme {
        _ if has_port => return host.to_owned(),
        "https" => 443,
        scheme if scheme.starts_with("socks") => 1080,
        _ => 80,
    };
    format!("{}:{port}", host.trim_end_matches(':'))
}

fn is_reachable(address: &str) -> bool {
    let addresses = address.to_socket_addrs().into_iter().flatten();
    addresses.into_iter().any(|address| TcpStream::connect_timeout(&address, PROXY_TIMEOUT).is_ok())
}

/// Compares the clock of this machine with that of the server.
pub(super) fn check_clock(
    server: Option<SystemTime>,
    now: SystemTime,
    report: &mut Report<'_>,
) -> Outcome<()> {
    let Some(server) = server else { return report.note("clock", "the server states no time") };
    let (difference, word) = match now.duration_since(server) {
        Ok(ahead) => (ahead, "ahead of"),
        Err(behind) => (behind.duration(), "behind"),
    };
    if difference <= SKEW {
        return report.good("clock", "as the server's");
    }
    report.bad(
        "clock",
        &Failure::new(
            Exit::Failed,
            format!(
                "the clock of this machine is {} {word} the server's. Set it, or let the system do so (`timedatectl \
                 set-ntp true`): with a wrong clock, certificates fail, and budgets count in the wrong period.",
                rough(difference)
            ),
        ),
    )
}

/// Returns a duration in its largest unit.
fn rough(duration: Duration) -> String {
    let minutes = duration.as_secs() / 60;
    match minutes {
        0..120 => format!("{minutes} minutes"),
        120..2880 => format!("{} hours", minutes / 60),
        _ => format!("{} days", minutes / 1440),
    }
}
