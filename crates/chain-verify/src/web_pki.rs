//! What the Baseline Requirements of the CA/Browser Forum add for servers of the public web, as far as a verifier sees it.

use alloc::string::ToString;
use alloc::vec::Vec;
use core::net::{Ipv4Addr, Ipv6Addr};

use stella_crypto_providers::KeyType;

use crate::certificate::Certificate;
use crate::chain_error::{ChainError, ProfileRule};
use crate::general_name::GeneralName;
use crate::rules::{ANY_EXTENDED_KEY_USAGE, EXTENDED_KEY_USAGE};

const ALTERNATIVE_NAME: &str = "subjectAltName";

/// §7.1.2.7, subscriber certificates.
pub(crate) fn judge_leaf(leaf: &Certificate, findings: &mut Vec<ChainError>) {
    let mut broken = |rule| findings.push(ChainError::ProfileViolation { cert: 0, rule });
    match leaf.purposes() {
        None => broken(ProfileRule::ExtensionMissing(EXTENDED_KEY_USAGE)),
        Some(mut purposes) => {
            if is_critical(leaf, EXTENDED_KEY_USAGE) {
                broken(ProfileRule::ExtensionCritical(EXTENDED_KEY_USAGE));
            }
            // §7.1.2.7.10 leaves no room for it.
            if purposes.any(|purpose| purpose.is(&ANY_EXTENDED_KEY_USAGE)) {
                broken(ProfileRule::AnyExtendedKeyUsage);
            }
        }
    }
    if leaf.subject_alt_names().is_empty() {
        broken(ProfileRule::ExtensionMissing(ALTERNATIVE_NAME));
    } else if is_critical(leaf, ALTERNATIVE_NAME) && !leaf.subject().is_empty() {
        broken(ProfileRule::ExtensionCritical(ALTERNATIVE_NAME));
    }
    if leaf.subject().common_names().any(|common_name| !is_alternative(leaf, &common_name)) {
        broken(ProfileRule::CommonNameNotAlternative);
    }
    if leaf.is_authority() {
        findings.push(ChainError::LeafIsAuthority);
    }
}

/// §7.1.2.1, root certificates. `cert` is the index of the anchor.
pub(crate) fn judge_root(root: &Certificate, cert: usize, findings: &mut Vec<ChainError>) {
    let mut broken = |rule| findings.push(ChainError::ProfileViolation { cert, rule });
    if root.purposes().is_some() {
        broken(ProfileRule::ExtensionInRoot(EXTENDED_KEY_USAGE));
    }
    let has_authority_key = root.extension_slots().iter().any(|slot| slot.is("authorityKeyIdentifier"));
    let names_itself = root.authority_key_identifier().is_some_and(|key| root.subject_key_identifier() == Some(key));
    if has_authority_key && (!names_itself || root.known().authority_certificate) {
        broken(ProfileRule::KeyIdentifierOfRoot);
    }
}

/// §6.1.5 beyond what is asked of every key.
pub(crate) fn judge_key(certificate: &Certificate, cert: usize, findings: &mut Vec<ChainError>) {
    let odd =
        |key: &stella_crypto_providers::PublicKey| key.key_type() == KeyType::Rsa && !key.bits().is_multiple_of(8);
    if certificate.key().as_ref().is_ok_and(odd) {
        findings.push(ChainError::ProfileViolation { cert, rule: ProfileRule::ModulusLength });
    }
}

/// §7.1.4.3: "a character-for-character copy of the dNSName entry value", or the one text of an address. The domain of a wildcard passes as
/// well, as x509-limbo has it: nobody is identified by the common name.
fn is_alternative(leaf: &Certificate, common_name: &str) -> bool {
    leaf.subject_alt_names().iter().any(|name| match name {
        GeneralName::DnsName(host) => host.strip_prefix("*.").unwrap_or(host) == common_name || host == common_name,
        GeneralName::IpAddress(address) => match (<[u8; 4]>::try_from(&**address), <[u8; 16]>::try_from(&**address)) {
            (Ok(address), _) => Ipv4Addr::from(address).to_string() == common_name,
            (_, Ok(address)) => Ipv6Addr::from(address).to_string() == common_name,
            _ => false,
        },
        _ => false,
    })
}

fn is_critical(certificate: &Certificate, name: &str) -> bool {
    certificate.extension_slots().iter().any(|slot| slot.critical && slot.is(name))
}
