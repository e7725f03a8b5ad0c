//! Proxies from the environment, which must not come between us and this machine.
//!
//! The official clients take `HTTP_PROXY` and its like from the environment, and offer
//! no way to say otherwise. So the environment has to be right before they are made.

use std::ffi::OsString;

use super::variables::Variables;

/// The variables that send plain HTTP through a proxy.
const PROXIES: [&str; 4] = ["http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"];

/// What stands for this machine.
const HERE: [&str; 3] = ["127.0.0.1", "localhost", "::1"];

/// What `NO_PROXY` has to be so that no proxy comes between us and this machine;
/// `None` when it is right as it is.
pub fn no_proxy_needed(variables: &Variables) -> Option<String> {
    PROXIES.iter().find_map(|name| variables.get(name))?;
    // The same order as that of the HTTP client.
    let present = variables
        .get("NO_PROXY")
        .or_else(|| variables.get("no_proxy"))
        .unwrap_or_default();
    let entries: Vec<_> = present
        .split(',')
        .map(str::trim)
        .filter(|entry| !entry.is_empty())
        .collect();
    if entries.contains(&"*") || HERE.iter().all(|here| entries.contains(here)) {
        return None;
    }
    Some(
        entries
            .into_iter()
            .chain(HERE)
            .collect::<Vec<_>>()
            .join(","),
    )
}

/// Starts this program again in its own place with the right `NO_PROXY`, when endpoints
/// on this machine would be asked through a proxy. Returns when there is nothing to do;
/// to be called first thing, before any thread or file.
pub fn step_aside(variables: &Variables) -> std::io::Result<()> {
    use std::os::unix::process::CommandExt as _;
    let Some(no_proxy) = no_proxy_needed(variables) else {
        return Ok(());
    };
    let arguments: Vec<OsString> = std::env::args_os().collect();
    let (name, rest) = arguments
        .split_first()
        .ok_or(std::io::ErrorKind::InvalidInput)?;
    let error = std::process::Command::new(std::env::current_exe()?)
        .arg0(name)
        .args(rest)
        .env("NO_PROXY", &no_proxy)
        .env("no_proxy", &no_proxy)
        .exec();
    Err(error)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn needed(pairs: &[(&str, &str)]) -> Option<String> {
        no_proxy_needed(&Variables::new(pairs.iter().copied()))
    }

    #[test]
    fn without_a_proxy_nothing_is_needed() {
        assert_eq!(needed(&[]), None);
        assert_eq!(needed(&[("HTTPS_PROXY", "http://p:1")]), None);
    }

    #[test]
    fn this_machine_is_added_to_what_is_there() {
        let all = needed(&[
            ("HTTP_PROXY", "http://p:1"),
            ("NO_PROXY", "corp.example, localhost"),
        ]);
        assert_eq!(
            all.as_deref(),
            Some("corp.example,localhost,127.0.0.1,localhost,::1")
        );
        assert!(needed(&[("all_proxy", "socks5://p:1")]).is_some());
    }

    #[test]
    fn what_is_right_stays_so_and_a_second_start_does_not_follow() {
        let first = needed(&[("HTTP_PROXY", "http://p:1")]).unwrap();
        assert_eq!(
            needed(&[("HTTP_PROXY", "http://p:1"), ("NO_PROXY", &first)]),
            None
        );
        assert_eq!(
            needed(&[("HTTP_PROXY", "http://p:1"), ("no_proxy", "*")]),
            None
        );
    }
}
