//! From the name of a host to addresses: once for each URL, within the total time.

use alloc::string::{String, ToString};
use alloc::sync::Arc;
use alloc::vec::Vec;
use core::net::IpAddr;
use std::net::ToSocketAddrs as _;
use std::sync::mpsc::{RecvTimeoutError, sync_channel};

use super::address::{self, AddressRange};
use super::deadline::{Deadline, Phase};
use super::error::FetchError;
use super::url::{FetchUrl, Host};

/// Knows the addresses of hosts.
pub trait Resolver: Send + Sync {
    /// All addresses of `host`, a name in small letters. May take as long as it likes: who asks does not wait for ever.
    ///
    /// # Errors
    /// [`NotResolved`].
    fn addresses(&self, host: &str) -> Result<Vec<IpAddr>, NotResolved>;
}

/// The resolver knows no address, or gave no answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NotResolved;

/// The resolver of the operating system.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemResolver;

impl Resolver for SystemResolver {
    fn addresses(&self, host: &str) -> Result<Vec<IpAddr>, NotResolved> {
        let found = (host, 443).to_socket_addrs().map_err(|_| NotResolved)?;
        Ok(found.map(|address| address.ip()).collect())
    }
}

/// The addresses of the host of `url`, if each of them may be connected to.
///
/// One bad address refuses all: an answer that mixes inside and outside is an attack or a mistake, and picking the good ones
/// would leave it to chance which of the two is used the next time.
pub(super) fn resolve(
    url: &FetchUrl,
    resolver: &Arc<dyn Resolver>,
    allowed: &[AddressRange],
    deadline: &Deadline<'_>,
) -> Result<Vec<IpAddr>, FetchError> {
    let addresses = match &url.origin.host {
        Host::Address(address) => Vec::from([*address]),
        Host::Name(name) => ask(url, name, resolver, deadline)?,
    };
    if addresses.is_empty() {
        return Err(not_resolved(url));
    }
    for address in &addresses {
        if let Some(flaw) = address::flaw(*address).filter(|_| !allowed.iter().any(|range| range.contains(*address))) {
            let host = url.origin.host.to_string();
            return Err(FetchError::AddressRefused { host, found: address.to_string(), flaw });
        }
    }
    Ok(addresses)
}

/// Resolvers know no time limit, so one is asked on a thread of its own, which is left behind if it takes too long.
fn ask(
    url: &FetchUrl,
    name: &str,
    resolver: &Arc<dyn Resolver>,
    deadline: &Deadline<'_>,
) -> Result<Vec<IpAddr>, FetchError> {
    let overdue = || FetchError::Timeout { url: url.to_string(), phase: Phase::Resolving };
    let left = deadline.left().ok_or_else(overdue)?;
    let (sender, receiver) = sync_channel(1);
    let (resolver, name) = (Arc::clone(resolver), String::from(name));
    let asked = std::thread::Builder::new().name("resolver".into()).spawn(move || {
        // Nobody listens any more if it took too long.
        let _ = sender.send(resolver.addresses(&name));
    });
    if asked.is_err() {
        return Err(not_resolved(url));
    }
    match receiver.recv_timeout(left) {
        Ok(answer) => answer.map_err(|NotResolved| not_resolved(url)),
        Err(RecvTimeoutError::Timeout) => Err(overdue()),
        Err(RecvTimeoutError::Disconnected) => Err(not_resolved(url)),
    }
}

fn not_resolved(url: &FetchUrl) -> FetchError {
    FetchError::NotResolved { url: url.to_string() }
}
