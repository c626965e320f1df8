//! `stella keys generate`: in a file of the home, or in a token.

use stella_vocabulary::UnixTime;

use super::{activate, algorithm, view};
use crate::arguments::GenerateKeyArguments;
use crate::complaint::Complaint;
use crate::context::Context;
use crate::duration;
use crate::exit::Answer;
use crate::key_ring::{KeyRing, NewKey};
use crate::private_key;
use crate::token;

pub(super) fn run(said: &GenerateKeyArguments, context: &Context) -> Result<Answer, Complaint> {
    let scheme = match said.pkcs11 {
        Some(_) => algorithm::for_token(&said.algorithm)?,
        None => algorithm::for_file(&said.algorithm)?,
    };
    let until = end(&said.validity, context)?;
    let uri = said.pkcs11.as_deref().map(|uri| token::read_uri(uri, "--pkcs11")).transpose()?;
    let mut ring = KeyRing::open(context)?;
    let new = NewKey { name: said.name.clone(), scheme, from: context.now, until };
    let key = match uri {
        Some(uri) => ring.generate_in_token(new, &uri, said.passphrase_file.as_deref(), context)?,
        None => {
            let passphrase = match said.no_passphrase {
                true => None,
                false => Some(private_key::new_passphrase(said.passphrase_file.as_deref())?),
            };
            ring.generate(new, passphrase.as_ref().map(|passphrase| passphrase.as_slice()), context)?
        }
    };
    if said.activate {
        activate::activate(&key.name, context)?;
        ring = ring.with_active(&key.name);
    }
    view::made("generated", &key, &ring, said.activate, context)
}

/// The end of a window that begins now.
///
/// # Errors
/// `usage.date_invalid`.
pub(super) fn end(validity: &str, context: &Context) -> Result<UnixTime, Complaint> {
    duration::after(validity, context.now).map_err(|complaint| complaint.place("--validity"))
}
