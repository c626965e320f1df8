//! Timestamps: no token is accepted that the pinned authority did not make.
#![no_main]

use std::sync::OnceLock;

use libfuzzer_sys::fuzz_target;
use stella_chain_verify::Certificate;
use stella_crypto_providers::{PublicKey, Registry};
use stella_fuzz::{check_reason, check_shown, evidence::timestamps};
use stella_transparency::TimestampToken;
use stella_vocabulary::UnixTime;

struct Pinned {
    registry: Registry,
    certificate: Vec<u8>,
    key: PublicKey,
    /// All that the authority ever said.
    said: Vec<Facts>,
}

type Facts = (UnixTime, Vec<u8>, Vec<u8>, String, Option<Vec<u8>>);

fn pinned() -> &'static Pinned {
    static PINNED: OnceLock<Pinned> = OnceLock::new();
    PINNED.get_or_init(|| {
        let (authority, responses) = timestamps();
        let pinned = Pinned {
            registry: Registry::rustcrypto(),
            certificate: authority.certificate().to_vec(),
            key: authority.key().public_key().clone(),
            said: responses.iter().map(|der| facts(&TimestampToken::parse(der).expect("a token"))).collect(),
        };
        for response in &responses {
            let token = TimestampToken::parse(response).expect("a token");
            token.verify_signature(&pinned.registry, &pinned.certificate, &pinned.key).expect("made by the authority");
        }
        pinned
    })
}

fn facts(token: &TimestampToken) -> Facts {
    let nonce = token.nonce().map(<[u8]>::to_vec);
    (token.gen_time(), token.imprint().to_vec(), token.serial().to_vec(), token.policy().to_owned(), nonce)
}

fuzz_target!(|data: &[u8]| {
    let pinned = pinned();
    let token = match TimestampToken::parse(data) {
        Ok(token) => token,
        Err(error) => return check_reason(&error),
    };
    check_shown(token.policy());
    if let Err(error) = token.verify_imprint(b"message") {
        check_reason(&error);
    }
    match token.verify_signature(&pinned.registry, &pinned.certificate, &pinned.key) {
        Ok(_) => assert!(pinned.said.contains(&facts(&token)), "the authority never said that"),
        Err(error) => check_reason(&error),
    }
    // Signed by a certificate that travels with it, a token is judged without a panic.
    for der in token.embedded_certificates() {
        let key = Certificate::from_der(der).map(|certificate| certificate.public_key());
        if let Ok(Ok(key)) = key
            && let Err(error) = token.verify_signature(&pinned.registry, der, &key)
        {
            check_reason(&error);
        }
    }
});
