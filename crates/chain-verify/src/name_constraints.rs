//! Whether the names of one certificate lie where an authority above it may issue. RFC 5280 §4.2.1.10, RFC 5937 for anchors.

use alloc::string::ToString;

use stella_vocabulary::text::Bounded;

use crate::budget::{Account, Work};
use crate::certificate::Certificate;
use crate::chain_error::ChainError;
use crate::extension::name_constraints::{Bases, COMPARED_AT_ONCE, Form, NameConstraints, of_form};
use crate::general_name::GeneralName;
use crate::name::Name;
use crate::name_syntax::{is_host, mailbox, network, uri_host};

/// One name of a certificate, borrowed from wherever it stands.
#[derive(Clone, Copy)]
enum Subject<'a> {
    Alternative(&'a GeneralName),
    Directory(&'a Name),
    Email(&'a str),
}

/// Which list a constraint stands in.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Subtree {
    /// The name lies in an excluded subtree.
    Excluded,
    /// The name lies in none of the permitted subtrees of its form.
    Permitted,
}

/// How a name stands to a subtree.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Fit {
    /// Every name it stands for is inside.
    Inside,
    /// A wildcard that stands for names inside and outside.
    Partly,
    Outside,
}

/// Checks all names of `certificate` (index `cert`) against `constraints` of the certificate with index `by`: its subject, its
/// alternative names, and the e-mail addresses in its subject. Leaving out what is self-issued and not the leaf is for the caller.
///
/// # Errors
/// The first name that is not permitted; constraints of a form that is not implemented, if a name of that form occurs; the budget.
pub(crate) fn check(
    certificate: &Certificate,
    cert: usize,
    constraints: &NameConstraints,
    by: usize,
    account: &mut Account,
) -> Result<(), ChainError> {
    let subject = certificate.subject();
    let directory = (!subject.is_empty()).then_some(Subject::Directory(subject));
    let alternatives = certificate.subject_alt_names().iter().map(Subject::Alternative);
    // §4.2.1.10 asks for it where there is no alternative name; an address that is not permitted is not better beside one.
    let emails = subject.email_addresses().map(Subject::Email);
    for name in directory.into_iter().chain(alternatives).chain(emails) {
        check_name(name, cert, constraints, by, account)?;
    }
    Ok(())
}

fn check_name(
    name: Subject<'_>,
    cert: usize,
    constraints: &NameConstraints,
    by: usize,
    account: &mut Account,
) -> Result<(), ChainError> {
    let forms = name.comparable_forms();
    for form in forms {
        let Bases { count, long } = constraints.bases(*form);
        let long = (name.length() / COMPARED_AT_ONCE).saturating_mul(count).saturating_add(long);
        account.take(Work::NameConstraintComparisons, count.saturating_add(long))?;
    }
    let unsupported = || ChainError::NameConstraintUnsupported { cert, by, form: name.form() };
    let violation = |subtree: Subtree, base: &GeneralName| ChainError::NameConstraintViolation {
        cert,
        by,
        form: name.form(),
        name: name.to_text(),
        subtree,
        constraint: base.to_string(),
    };
    for base in forms.iter().flat_map(|form| of_form(&constraints.excluded, *form)) {
        match name.fit(base, Subtree::Excluded) {
            None => {}
            Some(Err(Unsupported)) => return Err(unsupported()),
            Some(Ok(Fit::Outside)) => {}
            Some(Ok(Fit::Inside | Fit::Partly)) => return Err(violation(Subtree::Excluded, base)),
        }
    }
    let mut constraint = None;
    for base in forms.iter().flat_map(|form| of_form(&constraints.permitted, *form)) {
        match name.fit(base, Subtree::Permitted) {
            None => {}
            Some(Err(Unsupported)) => return Err(unsupported()),
            Some(Ok(Fit::Inside)) => return Ok(()),
            Some(Ok(Fit::Outside | Fit::Partly)) => constraint = constraint.or(Some(base)),
        }
    }
    // Forms without a permitted subtree are unconstrained.
    constraint.map_or(Ok(()), |base| Err(violation(Subtree::Permitted, base)))
}

/// A constraint of this form is not implemented.
struct Unsupported;

impl Subject<'_> {
    fn form(&self) -> &'static str {
        match self {
            Self::Alternative(name) => name.form(),
            Self::Directory(_) => "directoryName",
            Self::Email(_) => "rfc822Name",
        }
    }

    /// The forms of the bases that it is compared with.
    fn comparable_forms(&self) -> &'static [Form] {
        match self {
            // An address may stand in another name (RFC 9598).
            Self::Alternative(GeneralName::OtherName { .. }) => &[Form::Other, Form::Email],
            Self::Alternative(name) => Form::of(name).alone(),
            Self::Directory(_) => &[Form::Directory],
            Self::Email(_) => &[Form::Email],
        }
    }

    /// Bytes, as far as a comparison may have to look at them.
    fn length(&self) -> usize {
        match self {
            Self::Alternative(name) => name.length(),
            Self::Directory(name) => name.der().len(),
            Self::Email(address) => address.len(),
        }
    }

    fn to_text(self) -> alloc::string::String {
        match self {
            Self::Alternative(name) => name.to_string(),
            Self::Directory(name) => Bounded(&name.beginning(), 200).to_string(),
            Self::Email(address) => Bounded(address, 200).to_string(),
        }
    }

    /// `None` if the constraint is about another form. Names that cannot be read are outside of what is permitted and inside of
    /// what is excluded.
    fn fit(&self, base: &GeneralName, subtree: Subtree) -> Option<Result<Fit, Unsupported>> {
        use GeneralName::{DirectoryName, DnsName, IpAddress, OtherName, RegisteredId, Rfc822Name, Uri};
        let unreadable = match subtree {
            Subtree::Excluded => Fit::Inside,
            Subtree::Permitted => Fit::Outside,
        };
        let fit = match (self, base) {
            (Self::Directory(name), DirectoryName(base)) => inside(name.is_within(base)),
            (Self::Email(address), Rfc822Name(base)) => email_fit(address, base, subtree).unwrap_or(unreadable),
            (Self::Alternative(name), base) => match (name, base) {
                (DirectoryName(name), DirectoryName(base)) => inside(name.is_within(base)),
                (DnsName(name), DnsName(base)) => dns_fit(name, base),
                (IpAddress(address), IpAddress(base)) => ip_fit(address, base).unwrap_or(unreadable),
                (Rfc822Name(address), Rfc822Name(base)) => email_fit(address, base, subtree).unwrap_or(unreadable),
                // "If a constraint is imposed on URIs and the name has no host, the application MUST reject the certificate."
                (Uri(uri), Uri(base)) => {
                    uri_host(uri).map_or(unreadable, |host| inside(host_in_constraint(host, base)))
                }
                // Otherwise an address that is not permitted could be had by writing it in the other form. RFC 9598 §6.
                (OtherName { .. }, Rfc822Name(base)) => match name.utf8_mailbox()? {
                    Some(address) => utf8_email_fit(address, base, subtree).unwrap_or(unreadable),
                    None => unreadable,
                },
                (OtherName { .. }, OtherName { .. }) | (RegisteredId(_), RegisteredId(_)) => {
                    return Some(Err(Unsupported));
                }
                (GeneralName::Unsupported { tag }, GeneralName::Unsupported { tag: other }) if tag == other => {
                    return Some(Err(Unsupported));
                }
                _ => return None,
            },
            _ => return None,
        };
        Some(Ok(fit))
    }
}

fn inside(is: bool) -> Fit {
    if is { Fit::Inside } else { Fit::Outside }
}

/// "Any DNS name that can be constructed by simply adding zero or more labels to the left-hand side of the name satisfies the name
/// constraint." A wildcard stands for every name with one more label.
fn dns_fit(name: &str, base: &str) -> Fit {
    if base.is_empty() || is_domain_or_below(name, base) {
        return Fit::Inside;
    }
    let wildcard_reaches_in = name.strip_prefix("*.").is_some_and(|parent| {
        base.split_once('.').is_some_and(|(_, base_parent)| base_parent.eq_ignore_ascii_case(parent))
    });
    if wildcard_reaches_in { Fit::Partly } else { Fit::Outside }
}

/// Whether `name` is `domain` or ends with `.` and `domain`.
fn is_domain_or_below(name: &str, domain: &str) -> bool {
    let Some(split) = name.len().checked_sub(domain.len()) else { return false };
    let (Some(head), Some(tail)) = (name.get(..split), name.get(split..)) else { return false };
    tail.eq_ignore_ascii_case(domain) && (head.is_empty() || head.ends_with('.'))
}

/// A host constraint of e-mail addresses and URIs: `.domain` for everything below it, `host` for that host alone.
fn host_in_constraint(host: &str, base: &str) -> bool {
    match base.strip_prefix('.') {
        Some(domain) => host.len() > domain.len() && is_domain_or_below(host, domain),
        None => host.eq_ignore_ascii_case(base),
    }
}

/// A mailbox constraint is for that mailbox alone. The local part keeps its case (RFC 5321 §2.4), except that an exclusion is
/// not evaded by another case of it.
fn email_fit(address: &str, base: &str, subtree: Subtree) -> Option<Fit> {
    let (local, host) = mailbox(address)?;
    Some(mailbox_fit(local, host, base, subtree))
}

/// As [`email_fit`] for an address with a local part in UTF-8; its host is in A-labels all the same. RFC 9598 §3.
fn utf8_email_fit(address: &str, base: &str, subtree: Subtree) -> Option<Fit> {
    let (local, host) = address.rsplit_once('@')?;
    (!local.is_empty() && is_host(host)).then(|| mailbox_fit(local, host, base, subtree))
}

fn mailbox_fit(local: &str, host: &str, base: &str, subtree: Subtree) -> Fit {
    let Some((base_local, base_host)) = base.split_once('@') else {
        return inside(host_in_constraint(host, base));
    };
    let same_local = match subtree {
        Subtree::Excluded => local.eq_ignore_ascii_case(base_local),
        Subtree::Permitted => local == base_local,
    };
    inside(same_local && host.eq_ignore_ascii_case(base_host))
}

fn ip_fit(address: &[u8], base: &[u8]) -> Option<Fit> {
    if !matches!(address.len(), 4 | 16) {
        return None;
    }
    let (network, mask) = network(base)?;
    let same = network.len() == address.len()
        && address.iter().zip(network).zip(mask).all(|((ours, theirs), mask)| ours & mask == theirs & mask);
    Some(inside(same))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_dns_constraint_covers_the_host_and_everything_below() {
        assert_eq!(dns_fit("example.com", "example.com"), Fit::Inside);
        assert_eq!(dns_fit("a.b.EXAMPLE.com", "example.com"), Fit::Inside);
        assert_eq!(dns_fit("not-example.com", "example.com"), Fit::Outside);
        assert_eq!(dns_fit("com", "example.com"), Fit::Outside);
        assert_eq!(dns_fit("anything.test", ""), Fit::Inside);
    }

    #[test]
    fn a_wildcard_reaches_into_a_subtree_one_label_down() {
        assert_eq!(dns_fit("*.example.com", "example.com"), Fit::Inside);
        assert_eq!(dns_fit("*.example.com", "BAR.example.COM"), Fit::Partly);
        assert_eq!(dns_fit("*.example.com", "a.bar.example.com"), Fit::Outside);
    }

    #[test]
    fn an_email_constraint_is_a_mailbox_a_host_or_a_domain() {
        let fit = |address, base| email_fit(address, base, Subtree::Permitted);
        assert_eq!(fit("a@example.com", "example.com"), Some(Fit::Inside));
        assert_eq!(fit("a@sub.example.com", "example.com"), Some(Fit::Outside));
        assert_eq!(fit("a@sub.example.com", ".example.com"), Some(Fit::Inside));
        assert_eq!(fit("a@example.com", ".example.com"), Some(Fit::Outside));
        assert_eq!(fit("a@example.com", "a@EXAMPLE.com"), Some(Fit::Inside));
        assert_eq!(fit("A@example.com", "a@example.com"), Some(Fit::Outside));
        assert_eq!(fit("user@example.com", "*@example.com"), Some(Fit::Outside));
        assert_eq!(fit("a@b@example.com", "example.com"), None);
        assert_eq!(email_fit("A@example.com", "a@example.com", Subtree::Excluded), Some(Fit::Inside));
    }

    #[test]
    fn an_address_in_utf_8_is_held_to_the_same_constraints() {
        let fit = |address, base| utf8_email_fit(address, base, Subtree::Permitted);
        assert_eq!(fit("señor@example.com", "example.com"), Some(Fit::Inside));
        assert_eq!(fit("señor@evil.example", "example.com"), Some(Fit::Outside));
        assert_eq!(fit("señor@sub.example.com", ".example.com"), Some(Fit::Inside));
        assert_eq!(fit("señor@example.com", "senor@example.com"), Some(Fit::Outside));
        assert_eq!(fit("señor@exámple.com", "example.com"), None);
    }

    #[test]
    fn an_address_constraint_is_a_network_of_the_same_family() {
        assert_eq!(ip_fit(&[192, 0, 2, 7], &[192, 0, 2, 0, 255, 255, 255, 0]), Some(Fit::Inside));
        assert_eq!(ip_fit(&[192, 0, 3, 7], &[192, 0, 2, 0, 255, 255, 255, 0]), Some(Fit::Outside));
        assert_eq!(ip_fit(&[0; 16], &[0; 8]), Some(Fit::Outside));
        assert_eq!(ip_fit(&[192, 0, 2, 0, 255, 255, 255, 0], &[192, 0, 2, 0, 255, 255, 255, 0]), None);
    }

    #[test]
    fn a_uri_constraint_is_a_host_or_a_domain() {
        assert!(host_in_constraint("host.example.com", ".example.com"));
        assert!(!host_in_constraint("example.com", ".example.com"));
        assert!(!host_in_constraint("host.example.com", "example.com"));
        assert!(host_in_constraint("Example.com", "example.com"));
        assert!(!host_in_constraint("evilexample.com", ".example.com"));
    }
}
