//! Which addresses may be connected to.
//!
//! The registry is one that somebody named, and it may well be in a network of their own. What it sends elsewhere to, by a redirect or
//! for a token, was named by nobody: it must be public, unless the registry itself is not.

use std::fmt;
use std::net::IpAddr;
use std::sync::Mutex;

use stella_trust_store::fetch::{AddressFlaw, AddressRange};

use super::failure::FetchFailure;
use super::url::Origin;

/// Kinds of networks, as far as they matter here.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Reach {
    ThisMachine,
    OwnNetwork,
    Everybody,
}

/// The rules of one registry.
pub(super) struct Addresses {
    registry: Origin,
    /// Whether the registry must be this machine, because nothing protects what goes there.
    only_loopback: bool,
    allowed: Vec<AddressRange>,
    /// Where the registry turned out to be.
    reach: Mutex<Option<Reach>>,
}

impl fmt::Debug for Addresses {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Addresses").field("registry", &self.registry).finish_non_exhaustive()
    }
}

impl Addresses {
    pub(super) fn new(registry: Origin, only_loopback: bool, allowed: Vec<AddressRange>) -> Self {
        Self { registry, only_loopback, allowed, reach: Mutex::new(None) }
    }

    /// Whether all of the addresses that a host has may be connected to. One that may not refuses all: picking the others would leave
    /// it to chance.
    ///
    /// # Errors
    /// `fetch.address_refused`.
    pub(super) fn admit(&self, host: &Origin, addresses: &[IpAddr]) -> Result<(), FetchFailure> {
        let refused = |address: &IpAddr, expected| FetchFailure::AddressRefused {
            host: host.to_string(),
            found: address.to_string(),
            flaw: AddressFlaw::of(*address),
            expected,
        };
        let is_registry = host.host == self.registry.host && host.port == self.registry.port;
        let mut registry = self.reach.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        let mut found: Option<Reach> = None;
        for address in addresses {
            let reach = match reach_of(*address) {
                Some(reach) => reach,
                None if self.allowed.iter().any(|range| range.contains(*address)) => Reach::OwnNetwork,
                None => return Err(refused(address, "an address that a server can have")),
            };
            if is_registry {
                if self.only_loopback && reach != Reach::ThisMachine {
                    return Err(refused(address, "this machine, since nothing protects plain HTTP"));
                }
                if found.is_some_and(|found| found != reach) {
                    return Err(refused(address, "addresses that are all public, or none"));
                }
            } else {
                let allowed = reach == Reach::Everybody
                    || *registry == Some(reach)
                    || self.allowed.iter().any(|range| range.contains(*address));
                if !allowed {
                    return Err(refused(address, "a public address: the registry sends there, and nobody named it"));
                }
            }
            found = Some(reach);
        }
        if is_registry {
            *registry = found;
        }
        Ok(())
    }
}

fn reach_of(address: IpAddr) -> Option<Reach> {
    match AddressFlaw::of(address) {
        None => Some(Reach::Everybody),
        Some(AddressFlaw::Loopback) => Some(Reach::ThisMachine),
        Some(AddressFlaw::Private | AddressFlaw::Shared | AddressFlaw::UniqueLocal) => Some(Reach::OwnNetwork),
        // Link-local addresses and metadata services among them, whoever named the host.
        Some(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::super::url::Scheme;
    use super::*;

    fn origin(host: &str) -> Origin {
        Origin::parse(Scheme::Https, host).unwrap()
    }

    fn admit(rules: &Addresses, host: &str, addresses: &[&str]) -> bool {
        let addresses: Vec<IpAddr> = addresses.iter().map(|address| address.parse().unwrap()).collect();
        rules.admit(&origin(host), &addresses).is_ok()
    }

    fn rules(only_loopback: bool) -> Addresses {
        Addresses::new(origin("reg.example"), only_loopback, Vec::new())
    }

    #[test]
    fn the_registry_may_be_anywhere_a_server_can_be_but_in_one_network_only() {
        for good in [&["8.8.8.8", "1.1.1.1"][..], &["10.0.0.1", "192.168.0.1"], &["127.0.0.1", "::1"], &["fd00::1"]] {
            assert!(admit(&rules(false), "reg.example", good), "{good:?}");
        }
        for bad in [
            &["169.254.169.254"][..],
            &["0.0.0.0"],
            &["224.0.0.1"],
            &["::ffff:127.0.0.1"],
            &["168.63.129.16"],
            &["8.8.8.8", "10.0.0.1"],
            &["127.0.0.1", "10.0.0.1"],
        ] {
            assert!(!admit(&rules(false), "reg.example", bad), "{bad:?}");
        }
        assert!(admit(&rules(true), "reg.example", &["127.0.0.1"]));
        assert!(!admit(&rules(true), "reg.example", &["10.0.0.1"]));
        assert!(!admit(&rules(true), "reg.example", &["8.8.8.8"]));
    }

    #[test]
    fn elsewhere_must_be_public_unless_the_registry_is_not() {
        for (registry, public, private, loopback) in
            [("8.8.8.8", true, false, false), ("10.0.0.1", true, true, false), ("127.0.0.1", true, false, true)]
        {
            let rules = rules(false);
            assert!(!admit(&rules, "cdn.example", &["10.9.9.9"]), "before anybody knows where the registry is");
            assert!(admit(&rules, "reg.example", &[registry]));
            assert_eq!(admit(&rules, "cdn.example", &["1.1.1.1"]), public);
            assert_eq!(admit(&rules, "cdn.example", &["10.9.9.9"]), private, "{registry}");
            assert_eq!(admit(&rules, "cdn.example", &["127.0.0.1"]), loopback, "{registry}");
            assert!(!admit(&rules, "cdn.example", &["169.254.169.254"]));
        }
        let allowed = Addresses::new(origin("reg.example"), false, vec![AddressRange::parse("10.9.0.0/16").unwrap()]);
        assert!(admit(&allowed, "reg.example", &["8.8.8.8"]) && admit(&allowed, "cdn.example", &["10.9.9.9"]));
        assert!(!admit(&allowed, "cdn.example", &["10.8.9.9"]));
    }
}
