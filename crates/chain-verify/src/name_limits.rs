//! Name constraints that the owner of an anchor sets, where its certificate has none. RFC 5280 §4.2.1.10, RFC 5937.

use alloc::string::{String, ToString};
use alloc::vec::Vec;
use core::fmt;
use core::net::IpAddr;

use stella_vocabulary::text::Bounded;
use stella_vocabulary::{Code, Reason};

use crate::budget::{Account, Budget};
use crate::chain_error::ChainError;
use crate::extension::name_constraints::NameConstraints;
use crate::general_name::GeneralName;
use crate::name_constraints;
use crate::name_syntax::{is_email_constraint, is_host, is_uri_constraint};
use crate::outcome::VerifiedChain;

/// Subtrees of names that certificates below an anchor may have, and subtrees that they may not have.
///
/// Each is a form and a base, written as text: `dns:example.com` for the host and everything below it; `email:user@example.com` for that
/// mailbox, `email:example.com` for the mailboxes of that host, `email:.example.com` for those of every host below it;
/// `uri:host.example.com` and `uri:.example.com` likewise for the host in a URI; `ip:192.0.2.0/24` and `ip:2001:db8::/32`.
///
/// They mean what the extension of a certificate means: a name of a form for which something is permitted has to lie in one of the
/// permitted subtrees, and none may lie in an excluded one. A form of which no subtree is permitted is not limited.
#[derive(Clone, Debug)]
pub struct NameLimits(NameConstraints);

/// A text that is no constraint on names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NameLimitError {
    text: String,
}

impl NameLimits {
    /// Reads the subtrees.
    ///
    /// # Errors
    /// [`NameLimitError`] for the first text that is none. What cannot be read is never passed over: it may have been an exclusion.
    pub fn new<T: AsRef<str>>(permitted: &[T], excluded: &[T]) -> Result<Self, NameLimitError> {
        let read = |texts: &[T]| texts.iter().map(|text| base(text.as_ref())).collect::<Result<Vec<_>, _>>();
        Ok(Self(NameConstraints::new(read(permitted)?, read(excluded)?)))
    }

    /// Checks every certificate of `chain` below its anchor, self-issued ones between anchor and leaf excepted.
    ///
    /// # Errors
    /// The first name that may not be there, or the budget of one search for comparisons of names. `by` is the index of the anchor.
    pub fn check(&self, chain: &VerifiedChain) -> Result<(), ChainError> {
        let mut account = Account::new(Budget::default());
        let by = chain.certificates().len().saturating_sub(1);
        for (cert, certificate) in chain.certificates().iter().enumerate().take(by) {
            if cert == 0 || !certificate.is_self_issued() {
                name_constraints::check(certificate, cert, &self.0, by, &mut account)?;
            }
        }
        Ok(())
    }
}

fn base(text: &str) -> Result<GeneralName, NameLimitError> {
    let read = || {
        let (form, base) = text.split_once(':')?;
        match form {
            "dns" if is_host(base) => Some(GeneralName::DnsName(base.to_string())),
            "email" if is_email_constraint(base) => Some(GeneralName::Rfc822Name(base.to_string())),
            "ip" => network(base).map(GeneralName::IpAddress),
            "uri" if is_uri_constraint(base) => Some(GeneralName::Uri(base.to_string())),
            _ => None,
        }
    };
    read().ok_or_else(|| NameLimitError { text: text.to_string() })
}

/// Address and mask of a network in CIDR notation, with all bits behind the prefix zero.
fn network(text: &str) -> Option<Vec<u8>> {
    let (address, prefix) = text.split_once('/')?;
    let mut bytes = match address.parse().ok()? {
        IpAddr::V4(address) => address.octets().to_vec(),
        IpAddr::V6(address) => address.octets().to_vec(),
    };
    let bits = bytes.len().checked_mul(8)?;
    let prefix: usize = prefix.parse().ok().filter(|prefix| *prefix <= bits)?;
    let mask = (0..bytes.len()).map(|index| {
        let ones = prefix.saturating_sub(index.saturating_mul(8)).min(8);
        // The highest `ones` bits of a byte.
        u8::try_from(0xff00_u32.checked_shr(u32::try_from(ones).unwrap_or(8)).unwrap_or(0xff) & 0xff).unwrap_or(0xff)
    });
    let mask: Vec<u8> = mask.collect();
    let within = bytes.iter().zip(&mask).all(|(byte, mask)| byte & !mask == 0);
    bytes.extend(mask);
    within.then_some(bytes)
}

impl fmt::Display for NameLimitError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} is no constraint on names", Bounded(&self.text, 200))
    }
}

impl core::error::Error for NameLimitError {}

impl Reason for NameLimitError {
    fn code(&self) -> Code {
        Code::ConfigInvalid
    }

    fn found(&self) -> Option<String> {
        Some(Bounded(&self.text, 200).to_string())
    }

    fn expected(&self) -> Option<String> {
        Some("dns:HOST, email:ADDRESS, ip:NETWORK/BITS or uri:HOST".to_string())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn constraints_are_a_form_and_a_base() {
        for good in [
            "dns:example.com",
            "email:user@example.com",
            "email:example.com",
            "email:.example.com",
            "uri:host.example.com",
            "uri:.example.com",
            "ip:192.0.2.0/24",
            "ip:0.0.0.0/0",
            "ip:2001:db8::/32",
        ] {
            assert!(NameLimits::new(&[good], &[]).is_ok(), "{good}");
            assert!(NameLimits::new(&[], &[good]).is_ok(), "{good}");
        }
        for bad in [
            "example.com",
            "DNS:example.com",
            "dns:",
            "dns:*.example.com",
            "dns:.example.com",
            "email:@example.com",
            "uri:https://example.com",
            "ip:192.0.2.1",
            "ip:192.0.2.1/24",
            "ip:192.0.2.0/33",
            "ip:192.0.2.0/-1",
            "dn:CN=x",
            "",
        ] {
            assert_eq!(NameLimits::new(&[], &[bad]).unwrap_err().code(), Code::ConfigInvalid, "{bad}");
        }
    }

    #[test]
    fn a_network_is_an_address_and_a_mask() {
        assert_eq!(network("192.0.2.0/24"), Some([192, 0, 2, 0, 255, 255, 255, 0].to_vec()));
        assert_eq!(network("10.128.0.0/9"), Some([10, 128, 0, 0, 255, 128, 0, 0].to_vec()));
        assert_eq!(network("192.0.2.7/32"), Some([192, 0, 2, 7, 255, 255, 255, 255].to_vec()));
    }
}
