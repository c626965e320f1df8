//! One thing that is wrong with an infrastructure, and what has to come of it.

use stella_testkit::certificate::{CertificateBuilder, Extension, name};
use stella_testkit::{der, oid};
use stella_vocabulary::UnixTime;

use super::pki::{AT, Drafts, constraints, dns, ip, names};
use super::random::Random;

/// One kind of fault.
pub(crate) struct Fault {
    pub(crate) name: &'static str,
    /// The code of our refusal, or two with `|` between them where it depends on what is beside the path; `None` if it is no fault by RFC 5280.
    pub(crate) code: Option<&'static str>,
    pub(crate) apply: fn(&mut Drafts<'_>, &mut Random),
}

const fn fault(name: &'static str, code: &'static str, apply: fn(&mut Drafts<'_>, &mut Random)) -> Fault {
    Fault { name, code: Some(code), apply }
}

const fn none(name: &'static str, apply: fn(&mut Drafts<'_>, &mut Random)) -> Fault {
    Fault { name, code: None, apply }
}

const UNKNOWN: &str = "1.3.6.1.4.1.99999.1";
const CLIENT_AUTH: &str = "1.3.6.1.5.5.7.3.2";
const POLICIES: &str = "2.5.29.32";
const POLICY_CONSTRAINTS: &str = "2.5.29.36";

fn seconds(offset: i64) -> UnixTime {
    UnixTime::from_seconds(AT.seconds() + offset)
}

fn criticality(builder: &mut CertificateBuilder, oid: &str, critical: bool) {
    builder.extensions.iter_mut().filter(|one| one.oid == oid).for_each(|one| one.critical = critical);
}

fn leaf(drafts: &mut Drafts<'_>, edit: impl FnOnce(CertificateBuilder) -> CertificateBuilder) {
    drafts.edit(0, edit);
}

/// An issuer of `bases`, and a leaf of `alternative` beside the host.
fn violate(drafts: &mut Drafts<'_>, at: usize, permitted: &[Vec<u8>], excluded: &[Vec<u8>], alternative: Vec<u8>) {
    let (permitted, excluded) = (permitted.to_vec(), excluded.to_vec());
    drafts.edit(at, |issuer| issuer.extension(constraints(&permitted, &excluded)));
    drafts.host = "host.ci.example".to_owned();
    leaf(drafts, |leaf| leaf.extension(names(&[dns("host.ci.example"), alternative])));
}

/// Everything that can be wrong.
pub(crate) const FAULTS: &[Fault] = &[
    none("none", |_, _| {}),
    fault("leaf expired a second ago", "x509.expired", |drafts, _| {
        leaf(drafts, |leaf| leaf.validity(seconds(-100), seconds(-1)));
    }),
    fault("issuer expired a second ago", "x509.expired", |drafts, random| {
        let at = drafts.between(random);
        drafts.edit(at, |issuer| issuer.validity(seconds(-100), seconds(-1)));
    }),
    fault("leaf valid in a second", "x509.not_yet_valid", |drafts, _| {
        leaf(drafts, |leaf| leaf.validity(seconds(1), seconds(100)));
    }),
    none("validity of one second, this one", |drafts, random| {
        let at = drafts.below(random);
        drafts.edit(at, |builder| builder.validity(seconds(0), seconds(0)));
    }),
    fault("validity inverted", "x509.validity_inverted", |drafts, random| {
        let at = drafts.below(random);
        drafts.edit(at, |mut builder| {
            core::mem::swap(&mut builder.not_before, &mut builder.not_after);
            builder
        });
    }),
    fault("a date before 2050 as GeneralizedTime", "x509.time_malformed", |drafts, random| {
        let at = drafts.below(random);
        drafts.edit(at, |mut builder| {
            builder.not_before = der::generalized_time(seconds(-100));
            builder
        });
    }),
    fault("cA not set in an issuer", "x509.not_a_ca", |drafts, random| {
        let at = drafts.between(random);
        let constraints = Extension::critical(oid::BASIC_CONSTRAINTS, der::sequence::<&[u8]>([]));
        drafts.edit(at, |issuer| {
            issuer.extension(constraints).without_extension(oid::KEY_USAGE).without_extension(oid::NAME_CONSTRAINTS)
        });
    }),
    fault("no basicConstraints in an issuer", "x509.not_a_ca", |drafts, random| {
        let at = drafts.between(random);
        drafts.edit(at, |issuer| {
            let issuer = issuer.without_extension(oid::BASIC_CONSTRAINTS).without_extension(oid::KEY_USAGE);
            issuer.without_extension(oid::NAME_CONSTRAINTS)
        });
    }),
    fault("no keyCertSign in an issuer", "x509.key_usage", |drafts, random| {
        let at = drafts.between(random);
        let usage = Extension::critical(oid::KEY_USAGE, der::named_bits(&[0b1000_0010], 1));
        drafts.edit(at, |issuer| issuer.extension(usage));
    }),
    fault("path length exceeded", "x509.path_len_exceeded", |drafts, _| {
        // The topmost of two or more; with one intermediate the anchor.
        let at = drafts.top();
        drafts.edit(at, |issuer| issuer.extension(Extension::authority(Some(0))));
    }),
    fault("leaf for clients only", "x509.eku_missing", |drafts, _| {
        leaf(drafts, |leaf| leaf.extension(Extension::extended_key_usage(&[CLIENT_AUTH])));
    }),
    none("leaf for any purpose", |drafts, _| {
        leaf(drafts, |leaf| leaf.extension(Extension::extended_key_usage(&["2.5.29.37.0"])));
    }),
    none("leaf without purposes", |drafts, _| {
        leaf(drafts, |leaf| leaf.without_extension(oid::EXTENDED_KEY_USAGE));
    }),
    fault("issuer for clients only", "x509.eku_missing", |drafts, random| {
        let at = drafts.between(random);
        drafts.edit(at, |issuer| issuer.extension(Extension::extended_key_usage(&[CLIENT_AUTH])));
    }),
    fault("anchor for clients only", "x509.eku_missing", |drafts, _| {
        let at = drafts.top();
        drafts.edit(at, |issuer| issuer.extension(Extension::extended_key_usage(&[CLIENT_AUTH])));
    }),
    fault("a bit of the signature", "x509.signature_invalid", |drafts, random| {
        let at = drafts.below(random);
        if let Some(draft) = drafts.path.get_mut(at) {
            draft.after = Some(|mut der| {
                if let Some(last) = der.last_mut() {
                    *last ^= 1;
                }
                der
            });
        }
    }),
    fault("a bit of the serial number", "x509.signature_invalid", |drafts, random| {
        let at = drafts.below(random);
        drafts.edit(at, |mut builder| {
            builder.serial = der::element(2, &[0x55, 0x66, 0x77, 0x33]);
            builder
        });
        if let Some(draft) = drafts.path.get_mut(at) {
            draft.after = Some(|mut der| {
                if let Some(at) = der.windows(4).position(|window| window == [0x55, 0x66, 0x77, 0x33]) {
                    der[at + 3] ^= 1;
                }
                der
            });
        }
    }),
    fault("signed by another key", "x509.signature_invalid|x509.unknown_issuer", |drafts, random| {
        let at = drafts.below(random);
        let stranger = drafts.stranger;
        if let Some(draft) = drafts.path.get_mut(at) {
            // Of the same algorithm, so that only the key is another one.
            draft.builder.raw_inner_algorithm = Some(stranger.signature_algorithm());
            draft.forger = Some(stranger);
        }
    }),
    fault("critical extension that nobody knows", "x509.unknown_critical_extension", |drafts, random| {
        let at = drafts.below(random);
        drafts.edit(at, |builder| builder.extension(Extension::critical(UNKNOWN, der::null())));
    }),
    fault("critical extension that nobody knows in the anchor", "x509.unknown_critical_extension", |drafts, _| {
        let at = drafts.top();
        drafts.edit(at, |builder| builder.extension(Extension::critical(UNKNOWN, der::null())));
    }),
    none("extension that nobody knows", |drafts, random| {
        let at = drafts.below(random);
        drafts.edit(at, |builder| builder.extension(Extension::plain(UNKNOWN, der::null())));
    }),
    fault("unknown qualifier of a critical policy", "x509.unknown_critical_extension", |drafts, _| {
        let qualifier = der::sequence([der::object_identifier(UNKNOWN), der::null()]);
        let policy = der::sequence([der::object_identifier("1.2.3"), der::sequence([qualifier])]);
        leaf(drafts, |leaf| leaf.extension(Extension::critical(POLICIES, der::sequence([policy]))));
    }),
    fault("host outside of what is permitted", "x509.name_constraint_violation", |drafts, random| {
        let at = drafts.between(random);
        violate(drafts, at, &[dns("ci.example")], &[], dns("host.evil.example"));
    }),
    fault("host outside of what the anchor permits", "x509.name_constraint_violation", |drafts, _| {
        let at = drafts.top();
        violate(drafts, at, &[dns("ci.example")], &[], dns("host.evil.example"));
    }),
    fault("host that is excluded", "x509.name_constraint_violation", |drafts, random| {
        let at = drafts.between(random);
        violate(drafts, at, &[], &[dns("evil.ci.example")], dns("a.EVIL.ci.example"));
    }),
    fault("wildcard that reaches what is excluded", "x509.name_constraint_violation", |drafts, random| {
        let at = drafts.between(random);
        violate(drafts, at, &[], &[dns("evil.ci.example")], dns("*.ci.example"));
    }),
    fault("wildcard wider than what is permitted", "x509.name_constraint_violation", |drafts, random| {
        let at = drafts.between(random);
        violate(drafts, at, &[dns("host.ci.example"), dns("a.w.example")], &[], dns("*.w.example"));
    }),
    fault("address outside of what is permitted", "x509.name_constraint_violation", |drafts, random| {
        let at = drafts.between(random);
        violate(drafts, at, &[ip(&[10, 0, 0, 0, 255, 0, 0, 0])], &[], ip(&[192, 0, 2, 1]));
    }),
    fault("mailbox outside of what is permitted", "x509.name_constraint_violation", |drafts, random| {
        let at = drafts.between(random);
        let mailbox = |text: &str| der::context_primitive(1, text.as_bytes());
        violate(drafts, at, &[mailbox("ci.example")], &[], mailbox("a@evil.example"));
    }),
    fault("URI outside of what is permitted", "x509.name_constraint_violation", |drafts, random| {
        let at = drafts.between(random);
        let uri = |text: &str| der::context_primitive(6, text.as_bytes());
        violate(drafts, at, &[uri(".ci.example")], &[], uri("https://a.evil.example/"));
    }),
    fault("subject outside of what is permitted", "x509.name_constraint_violation", |drafts, random| {
        let at = drafts.between(random);
        let base = der::context(4, [name("somebody else TEST KEY")]);
        drafts.edit(at, |issuer| issuer.extension(constraints(&[base], &[])));
    }),
    fault("address and mask that are no network", "x509.name_malformed", |drafts, random| {
        let at = drafts.between(random);
        violate(drafts, at, &[ip(&[10, 0, 0, 0, 255, 0, 255, 0])], &[], ip(&[10, 0, 0, 1]));
    }),
    fault("registered name below a constraint on such", "x509.name_constraint_unsupported", |drafts, random| {
        let at = drafts.between(random);
        let registered = der::context_primitive(8, &[0x2a, 3]);
        violate(drafts, at, core::slice::from_ref(&registered), &[], registered.clone());
    }),
    fault("an extension twice", "x509.duplicate_extension", |drafts, random| {
        let at = drafts.below(random);
        drafts.edit(at, |mut builder| {
            builder.extensions.extend([1, 2].map(|_| Extension::plain(UNKNOWN, der::null())));
            builder
        });
    }),
    fault("another algorithm inside", "x509.signature_algorithm_mismatch", |drafts, random| {
        let at = drafts.below(random);
        drafts.edit(at, |mut builder| {
            builder.raw_inner_algorithm = Some(der::algorithm("1.2.840.10045.4.3.3"));
            builder
        });
    }),
    fault("serial number zero", "x509.serial_invalid", |drafts, random| {
        let at = drafts.below(random);
        drafts.edit(at, |builder| builder.serial(0));
    }),
    fault("serial number negative", "x509.serial_invalid", |drafts, random| {
        let at = drafts.below(random);
        drafts.edit(at, |mut builder| {
            builder.serial = der::element(2, &[0x80, 1]);
            builder
        });
    }),
    fault("serial number of 21 octets", "x509.serial_invalid", |drafts, random| {
        let at = drafts.below(random);
        drafts.edit(at, |mut builder| {
            builder.serial = der::element(2, &[0x7f; 21]);
            builder
        });
    }),
    fault("serial number not minimal", "x509.der_malformed", |drafts, random| {
        let at = drafts.below(random);
        drafts.edit(at, |mut builder| {
            builder.serial = der::element(2, &[0, 0, 7]);
            builder
        });
    }),
    fault("an issuer left out", "x509.signature_invalid|x509.unknown_issuer", |drafts, random| {
        drafts.left_out = Some(drafts.between(random));
    }),
    fault("another anchor", "x509.signature_invalid|x509.unknown_issuer", |drafts, _| drafts.other_anchor = true),
    fault("name of the issuer differs", "x509.unknown_issuer", |drafts, random| {
        let at = drafts.below(random);
        drafts.edit(at, |builder| builder.issuer(name("nobody TEST KEY")));
    }),
    none("name of the issuer in other letters and another string type", |drafts, random| {
        let at = drafts.below(random);
        drafts.edit(at, |mut builder| {
            let upper = builder.issuer.iter().map(|byte| if byte.is_ascii_lowercase() { byte - 32 } else { *byte });
            let mut issuer: Vec<u8> = upper.collect();
            // What is a tag is no small letter: 0x0c, 0x06, 0x30 and 0x31.
            for at in 0..issuer.len() {
                if issuer[at] == 0x0c && issuer.get(at + 1).is_some_and(|length| usize::from(*length) > 10) {
                    issuer[at] = 0x13;
                }
            }
            builder.issuer = issuer;
            builder
        });
    }),
    fault("leaf of version 1", "x509.version_unsupported", |drafts, _| {
        leaf(drafts, |mut leaf| {
            leaf.version = None;
            leaf.extensions.clear();
            leaf
        });
    }),
    fault("issuer of version 1", "x509.version_unsupported", |drafts, random| {
        let at = drafts.between(random);
        drafts.edit(at, |mut issuer| {
            issuer.version = None;
            issuer.extensions.clear();
            issuer
        });
    }),
    fault("basicConstraints that do not decode", "x509.extension_malformed", |drafts, random| {
        let at = drafts.below(random);
        drafts.edit(at, |builder| builder.extension(Extension::critical(oid::BASIC_CONSTRAINTS, der::null())));
    }),
    fault("alternative names that do not decode", "x509.extension_malformed", |drafts, _| {
        leaf(drafts, |leaf| leaf.extension(Extension::plain(oid::SUBJECT_ALT_NAME, der::null())));
    }),
    fault("authorityInfoAccess that does not decode", "x509.extension_malformed", |drafts, random| {
        let at = drafts.below(random);
        drafts.edit(at, |builder| builder.extension(Extension::plain("1.3.6.1.5.5.7.1.1", der::null())));
    }),
    fault("no purpose in extKeyUsage", "x509.extension_malformed", |drafts, _| {
        leaf(drafts, |leaf| leaf.extension(Extension::extended_key_usage(&[])));
    }),
    fault("no bit in keyUsage", "x509.extension_malformed", |drafts, _| {
        leaf(drafts, |leaf| leaf.extension(Extension::critical(oid::KEY_USAGE, der::named_bits(&[0], 7))));
    }),
    fault("path length in an end entity", "x509.profile_violation", |drafts, _| {
        let value = der::sequence([der::integer(0)]);
        leaf(drafts, |leaf| leaf.extension(Extension::critical(oid::BASIC_CONSTRAINTS, value)));
    }),
    fault("another host", "identity.mismatch", |drafts, _| drafts.host = "evil.ci.example".to_owned()),
    fault("the host in the common name only", "identity.mismatch", |drafts, _| {
        drafts.host = "host.ci.example".to_owned();
        leaf(drafts, |mut leaf| {
            leaf.subject = name("host.ci.example");
            leaf.extension(names(&[dns("other.ci.example")]))
        });
    }),
    fault("an underscore in a host name", "x509.name_malformed", |drafts, _| {
        drafts.host = "host.ci.example".to_owned();
        leaf(drafts, |leaf| leaf.extension(names(&[dns("host.ci.example"), dns("a_b.ci.example")])));
    }),
    fault("an address as host name", "x509.name_malformed", |drafts, _| {
        drafts.host = "host.ci.example".to_owned();
        leaf(drafts, |leaf| leaf.extension(names(&[dns("host.ci.example"), dns("10.1.2.3")])));
    }),
    fault("NUL in a host name", "x509.name_malformed", |drafts, _| {
        drafts.host = "host.ci.example".to_owned();
        leaf(drafts, |leaf| leaf.extension(names(&[dns("host.ci.example"), dns("a.ci.example\0.evil.example")])));
    }),
    fault("wildcard for two labels", "identity.mismatch", |drafts, _| {
        drafts.host = "a.b.w.ci.example".to_owned();
        leaf(drafts, |leaf| leaf.extension(names(&[dns("*.w.ci.example")])));
    }),
    fault("issuer empty", "x509.unknown_issuer", |drafts, random| {
        let at = drafts.below(random);
        drafts.edit(at, |builder| builder.issuer(der::sequence::<&[u8]>([])));
    }),
    fault("basicConstraints not critical in an issuer", "x509.profile_violation", |drafts, random| {
        let at = drafts.between(random);
        drafts.edit(at, |mut issuer| {
            criticality(&mut issuer, oid::BASIC_CONSTRAINTS, false);
            issuer
        });
    }),
    fault("nameConstraints not critical", "x509.profile_violation", |drafts, random| {
        let at = drafts.between(random);
        drafts.edit(at, |issuer| {
            let mut issuer = issuer.extension(constraints(&[dns("ci.example")], &[]));
            criticality(&mut issuer, oid::NAME_CONSTRAINTS, false);
            issuer
        });
    }),
    fault("nameConstraints in a leaf", "x509.profile_violation", |drafts, _| {
        leaf(drafts, |leaf| leaf.extension(constraints(&[dns("ci.example")], &[])));
    }),
    fault("keyCertSign in a leaf", "x509.profile_violation", |drafts, _| {
        let usage = Extension::critical(oid::KEY_USAGE, der::named_bits(&[0b1000_0100], 2));
        leaf(drafts, |leaf| leaf.extension(usage));
    }),
    fault("authorityKeyIdentifier critical", "x509.profile_violation", |drafts, random| {
        let at = drafts.below(random);
        let key = drafts.path.get(at + 1).map_or(drafts.stranger, |above| above.key);
        drafts.edit(at, |builder| {
            builder.extension(Extension { critical: true, ..Extension::authority_key_identifier(key) })
        });
    }),
    none("an authority as leaf", |drafts, _| {
        leaf(drafts, |leaf| leaf.extension(Extension::authority(None)));
    }),
    none("no key identifiers", |drafts, _| {
        for at in 0..drafts.path.len() {
            drafts.edit(at, |builder| {
                builder.without_extension(oid::SUBJECT_KEY_IDENTIFIER).without_extension(oid::AUTHORITY_KEY_IDENTIFIER)
            });
        }
    }),
    none("key identifiers that fit nothing", |drafts, random| {
        let at = drafts.below(random);
        let stranger = drafts.stranger;
        drafts.edit(at, |builder| builder.extension(Extension::authority_key_identifier(stranger)));
    }),
    fault("anchor expired", "trust.anchor_not_valid", |drafts, _| {
        let at = drafts.top();
        drafts.edit(at, |builder| builder.validity(seconds(-100), seconds(-1)));
    }),
    fault("a policy required and none there", "x509.policy_unsupported", |drafts, random| {
        let at = drafts.between(random);
        let required = der::sequence([der::context_primitive(0, &[0])]);
        drafts.edit(at, |issuer| issuer.extension(Extension::critical(POLICY_CONSTRAINTS, required)));
    }),
    fault("bytes after the certificate", "x509.der_trailing_data", |drafts, random| {
        let at = drafts.below(random);
        if let Some(draft) = drafts.path.get_mut(at) {
            draft.after = Some(|der| [der, vec![0]].concat());
        }
    }),
    fault("an element after the signature", "x509.der_trailing_data", |drafts, random| {
        let at = drafts.below(random);
        drafts.edit(at, |mut builder| {
            builder.trailing = der::null();
            builder
        });
    }),
    fault("TRUE written as 01", "x509.der_malformed", |drafts, random| {
        let at = drafts.between(random);
        if let Some(draft) = drafts.path.get_mut(at) {
            draft.builder = draft.builder.clone().extension(Extension::authority_key_usage());
            draft.after = Some(|mut der| {
                if let Some(at) = der.windows(4).position(|window| window == [0x01, 0x01, 0xff, 0x04]) {
                    der[at + 2] = 1;
                }
                der
            });
        }
    }),
];
