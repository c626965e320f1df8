//! `stella keys add`: a key that is in a token already.

use stella_crypto_providers::Signer as _;
use stella_vocabulary::Code;

use super::{activate, algorithm, generate, view};
use crate::arguments::AddKeyToRingArguments;
use crate::complaint::Complaint;
use crate::context::{self, Context};
use crate::exit::Answer;
use crate::key_ring::{KeyRing, NewKey};
use crate::token;
use crate::trial::try_it;

pub(super) fn run(said: &AddKeyToRingArguments, context: &Context) -> Result<Answer, Complaint> {
    let until = match (&said.expires, &said.validity) {
        (Some(expires), _) => context::instant(expires, "--expires")?,
        (None, Some(validity)) => generate::end(validity, context)?,
        (None, None) => context.now,
    };
    if until <= context.now {
        return Err(Complaint::new(Code::UsageDateInvalid, "the window of this key would be over already")
            .place("--expires")
            .found(until.to_string())
            .expected(format!("later than {}", context.now))
            .remedy("say when it is to sign no more: --expires TIME, or --validity 365d"));
    }
    let uri = token::read_uri(&said.key, "--key")?;
    let mut ring = KeyRing::open(context)?;
    ring.check_free(&said.name)?;
    let scheme = said.algorithm.as_deref().map(algorithm::for_token).transpose()?;
    let mut key = token::key(&uri, said.passphrase_file.as_deref(), context)?;
    if let Some(scheme) = scheme {
        key = key.with_scheme(scheme).map_err(|error| token::complaint(&error))?;
    }
    // What the token says its public key is has to be what its signatures verify under.
    try_it(&key, &said.name)?;
    let new = NewKey { name: said.name.clone(), scheme: key.scheme(), from: context.now, until };
    let key = ring.add(new, &key, &uri, context)?;
    if said.activate {
        activate::activate(&key.name, context)?;
        ring = ring.with_active(&key.name);
    }
    view::made("added", &key, &ring, said.activate, context)
}
