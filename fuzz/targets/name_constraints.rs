//! Name constraints of an anchor against the names of a leaf: the verdict is that of a reference written from the sets of names that
//! RFC 5280 §4.2.1.10 describes, and one more excluded subtree never turns a refusal into acceptance.
#![no_main]

use libfuzzer_sys::fuzz_target;
use stella_chain_verify::{Anchor, Certificate, ChainPolicy, Pool, Purpose};
use stella_crypto_providers::Registry;
use stella_fuzz::{Input, check_reason};
use stella_testkit::{
    authority::{AUTHORITY_FROM, AUTHORITY_UNTIL},
    certificate::{CertificateBuilder, Extension, name},
    der,
    key::TestKey,
    oid,
};
use stella_vocabulary::Code;
use stella_vocabulary::Reason as _;

const EMAIL: u8 = 1;
const DNS: u8 = 2;
const URI: u8 = 6;
const IP: u8 = 7;
const LABELS: [&str; 6] = ["a", "b", "example", "com", "EXAMPLE", "b-c"];
const LOCALS: [&str; 3] = ["a", "A", "b"];

thread_local! {
    static KEYS: (TestKey, TestKey, Registry) =
        (TestKey::ed25519("fuzz constraints"), TestKey::ed25519("fuzz constrained"), Registry::rustcrypto());
}

/// A name, or the base of a subtree: its form and its text. `meant` is what the reference reads; raw bytes have none.
#[derive(Clone, Debug)]
struct Named {
    form: u8,
    bytes: Vec<u8>,
    meant: Option<Meant>,
}

#[derive(Clone, Debug)]
struct Meant {
    local: Option<&'static str>,
    /// A wildcard of a name, a leading period of a base.
    below: bool,
    /// From the left.
    labels: Vec<String>,
    address: [u8; 4],
    prefix: u32,
}

fuzz_target!(|data: &[u8]| {
    let mut input = Input::new(data);
    let names: Vec<Named> = (0..1 + input.below(3)).map(|_| Named::name(&mut input)).collect();
    let permitted: Vec<Named> = (0..input.below(4)).map(|_| Named::base(&mut input)).collect();
    let mut excluded: Vec<Named> = (0..input.below(3)).map(|_| Named::base(&mut input)).collect();
    let one_more = Named::base(&mut input);
    KEYS.with(|(authority, signer, registry)| {
        let Ok(leaf) = leaf(&names, authority, signer) else { return };
        let judge = |permitted: &[Named], excluded: &[Named]| {
            let anchor = anchor(permitted, excluded, authority).ok()?;
            let pool = Pool::new(registry, vec![Anchor::new(anchor)], Vec::new());
            let at = AUTHORITY_FROM.checked_add(1).expect("an instant");
            let found = pool.search(&leaf, &[], &[at], &ChainPolicy::new(Purpose::any())).into_result();
            let refused = found.err();
            if let Some(refused) = &refused {
                check_reason(refused);
            }
            Some(refused.map(|refused| refused.code()))
        };
        let Some(verdict) = judge(&permitted, &excluded) else { return };
        if let Some(expected) = expected(&names, &permitted, &excluded) {
            let code = (!expected).then_some(Code::X509NameConstraintViolation);
            assert_eq!(verdict, code, "{names:?}\npermitted {permitted:?}\nexcluded {excluded:?}");
        }
        excluded.push(one_more);
        let narrower = judge(&permitted, &excluded);
        assert!(verdict.is_none() || narrower.flatten().is_some() || anchor(&permitted, &excluded, authority).is_err());
    });
});

impl Named {
    fn name(input: &mut Input<'_>) -> Self {
        let form = *input.pick(&[DNS, DNS, EMAIL, URI, IP]);
        let mut meant = Meant::new(input);
        let host = meant.labels.join(".");
        let text = match form {
            DNS if meant.below => format!("*.{host}"),
            DNS => host,
            EMAIL => {
                meant.local = Some(*input.pick(&LOCALS));
                format!("{}@{host}", meant.local.unwrap_or_default())
            }
            _ => {
                let (user, port) = (*input.pick(&["", "a@", "b:c@"]), *input.pick(&["", ":443"]));
                let path = *input.pick(&["", "/", "/@com", "?example.com", "#@b"]);
                format!("https://{user}{host}{port}{path}")
            }
        };
        let bytes = if form == IP { meant.address.to_vec() } else { text.into_bytes() };
        Self { form, bytes, meant: Some(meant) }.perhaps_raw(input)
    }

    fn base(input: &mut Input<'_>) -> Self {
        let form = *input.pick(&[DNS, DNS, EMAIL, URI, IP]);
        let mut meant = Meant::new(input);
        let host = meant.labels.join(".");
        let text = match form {
            DNS => {
                meant.below = false;
                if input.below(8) == 7 {
                    meant.labels.clear();
                }
                meant.labels.join(".")
            }
            EMAIL if input.flag() => {
                meant.below = false;
                meant.local = Some(*input.pick(&LOCALS));
                format!("{}@{host}", meant.local.unwrap_or_default())
            }
            _ if meant.below => format!(".{host}"),
            _ => host,
        };
        let mask = u32::MAX.checked_shl(32 - meant.prefix).unwrap_or(0);
        let bytes = if form == IP { [meant.address, mask.to_be_bytes()].concat() } else { text.into_bytes() };
        Self { form, bytes, meant: Some(meant) }.perhaps_raw(input)
    }

    /// Sometimes any bytes at all.
    fn perhaps_raw(self, input: &mut Input<'_>) -> Self {
        if input.below(12) < 11 { self } else { Self { bytes: input.bytes(24).to_vec(), meant: None, ..self } }
    }

    fn to_der(&self) -> Vec<u8> {
        der::context_primitive(self.form, &self.bytes)
    }
}

impl Meant {
    fn new(input: &mut Input<'_>) -> Self {
        let labels = (0..1 + input.below(4)).map(|_| (*input.pick(&LABELS)).to_owned()).collect();
        let address = [*input.pick(&[10, 192]), 0, *input.pick(&[0, 2, 3]), input.byte()];
        Self { local: None, below: input.flag(), labels, address, prefix: input.below(33) as u32 }
    }

    fn labels(&self) -> Vec<String> {
        self.labels.iter().map(|label| label.to_ascii_lowercase()).collect()
    }
}

/// Whether every name is permitted; `None` where some text has no meaning here.
fn expected(names: &[Named], permitted: &[Named], excluded: &[Named]) -> Option<bool> {
    let all = names.iter().chain(permitted).chain(excluded);
    if !all.clone().all(|named| named.meant.is_some()) {
        return None;
    }
    Some(names.iter().all(|name| {
        let of_form = |list: &[Named]| list.iter().filter(|base| base.form == name.form).cloned().collect::<Vec<_>>();
        let (permitted, excluded) = (of_form(permitted), of_form(excluded));
        let outside = excluded.iter().all(|base| !overlap(name, base, true).0);
        let inside = permitted.is_empty() || permitted.iter().any(|base| overlap(name, base, false).1);
        outside && inside
    }))
}

/// Whether some, and whether all of the names that `name` stands for are in the subtree.
fn overlap(name: &Named, base: &Named, excluded: bool) -> (bool, bool) {
    let (Some(meant), Some(base)) = (&name.meant, &base.meant) else { return (false, false) };
    let (labels, wanted) = (meant.labels(), base.labels());
    // A host constraint is that host; with a period in front, everything below it.
    let host = if base.below { labels.len() > wanted.len() && labels.ends_with(&wanted) } else { labels == wanted };
    let one = match name.form {
        DNS if meant.below => {
            let all = labels.ends_with(&wanted);
            return (all || wanted.len() == labels.len() + 1 && wanted.ends_with(&labels), all);
        }
        DNS => labels.ends_with(&wanted),
        EMAIL => match (meant.local, base.local) {
            (Some(ours), Some(theirs)) => {
                labels == wanted && (ours == theirs || excluded && ours.eq_ignore_ascii_case(theirs))
            }
            _ => host,
        },
        URI => host,
        _ => {
            let mask = u32::MAX.checked_shl(32 - base.prefix).unwrap_or(0);
            (u32::from_be_bytes(meant.address) ^ u32::from_be_bytes(base.address)) & mask == 0
        }
    };
    (one, one)
}

fn leaf(names: &[Named], authority: &TestKey, signer: &TestKey) -> Result<Certificate, ()> {
    let names = Extension::plain(oid::SUBJECT_ALT_NAME, der::sequence(names.iter().map(Named::to_der)));
    let builder = CertificateBuilder::new(name("leaf"), signer, AUTHORITY_FROM, AUTHORITY_UNTIL)
        .issuer(name("anchor"))
        .extension(names);
    Certificate::from_der(&builder.sign(authority)).map_err(|error| check_reason(&error))
}

fn anchor(permitted: &[Named], excluded: &[Named], key: &TestKey) -> Result<Certificate, ()> {
    let mut builder = CertificateBuilder::new(name("anchor"), key, AUTHORITY_FROM, AUTHORITY_UNTIL)
        .extension(Extension::authority(None))
        .extension(Extension::authority_key_usage());
    let lists: Vec<Vec<u8>> = [(0, permitted), (1, excluded)]
        .into_iter()
        .filter(|(_, list)| !list.is_empty())
        .map(|(number, list)| der::context(number, list.iter().map(|base| der::sequence([base.to_der()]))))
        .collect();
    if !lists.is_empty() {
        builder = builder.extension(Extension::critical(oid::NAME_CONSTRAINTS, der::sequence(lists)));
    }
    // Nobody looks at the signature of an anchor.
    builder.raw_signature = Some(vec![0; 64]);
    Certificate::from_der(&builder.sign(key)).map_err(|error| check_reason(&error))
}
