//! `stella keys generate`.

use stella_crypto_providers::{Scheme, SigningKey};
use stella_vocabulary::Code;

use super::{activate, view};
use crate::arguments::GenerateKeyArguments;
use crate::complaint::Complaint;
use crate::context::Context;
use crate::duration;
use crate::exit::Answer;
use crate::key_ring::{KeyRing, NewKey};
use crate::near_miss;
use crate::private_key;
use crate::render::Page;

/// Names without a hash, which is then the usual one.
const SHORT: [(&str, Scheme); 4] = [
    ("ecdsa-p256", Scheme::EcdsaP256Sha256),
    ("ecdsa-p384", Scheme::EcdsaP384Sha384),
    ("ecdsa-p521", Scheme::EcdsaP521Sha512),
    ("ed25519", Scheme::Ed25519),
];

pub(super) fn run(said: &GenerateKeyArguments, context: &Context) -> Result<Answer, Complaint> {
    let scheme = scheme(&said.algorithm)?;
    let validity = duration::parse(&said.validity).map_err(|complaint| complaint.place("--validity"))?;
    let until = context.now.checked_add(validity).ok_or_else(|| {
        Complaint::new(Code::UsageDateInvalid, "no key lasts this long")
            .place("--validity")
            .found(&said.validity)
            .remedy("say 365d")
    })?;
    let mut ring = KeyRing::open(context)?;
    let passphrase = match said.no_passphrase {
        true => None,
        false => Some(private_key::new_passphrase(said.passphrase_file.as_deref())?),
    };
    let new = NewKey { name: said.name.clone(), scheme, from: context.now, until };
    let key = ring.generate(new, passphrase.as_ref().map(|passphrase| passphrase.as_slice()), context)?;
    if said.activate {
        activate::activate(&key.name, context)?;
        ring = ring.with_active(&key.name);
    }
    if context.format.is_json() {
        return Ok(Answer::done(view::documents(std::iter::once(&key), &ring, context.now).line()));
    }
    let mut page = Page::new(context);
    page.field("generated", &key.name);
    view::fields(&mut page, &key, &ring, context.now);
    if said.no_passphrase {
        page.field("warning", "the private key is not encrypted: whoever can read the file can sign");
    }
    page.block(&key.key.to_pem());
    page.field("next", format!("stella keys show {} --public > {}.pub", key.name, key.name));
    page.field(
        "next",
        format!("stella trust-anchors add-key --key {}.pub --name {} --expires {}", key.name, key.name, key.until),
    );
    if !said.activate {
        page.field("next", format!("stella keys activate {}", key.name));
    }
    Ok(Answer::done(page.finish()))
}

fn scheme(name: &str) -> Result<Scheme, Complaint> {
    let short = SHORT.iter().find(|(short, _)| *short == name).map(|(_, scheme)| *scheme);
    let known = short.or_else(|| Scheme::from_name(name));
    if let Some(scheme) = known.filter(|scheme| SigningKey::SCHEMES.contains(scheme)) {
        return Ok(scheme);
    }
    let names: Vec<&str> = SHORT.iter().map(|(short, _)| *short).collect();
    let code = if known.is_some() { Code::CryptoAlgorithmUnavailable } else { Code::SigAlgorithmUnsupported };
    let complaint = Complaint::new(code, "no key is made for this algorithm").place("--algorithm").found(name);
    let all = SigningKey::SCHEMES.iter().map(|scheme| scheme.name()).chain(names.iter().copied());
    Err(match near_miss::closest(name, all).filter(|_| known.is_none()) {
        Some(meant) => complaint.expected(meant),
        None => complaint.expected(format!("one of {}", names.join(", "))),
    }
    .remedy("stella crypto providers list --algorithms"))
}
