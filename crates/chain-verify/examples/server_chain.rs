//! What `rustls-webpki` is asked by a TLS client: `cargo run --example server_chain -- HOST INSTANT ROOT.pem CHAIN.pem`.
#![allow(clippy::print_stdout, reason = "an example")]

use std::sync::Arc;

use stella_chain_verify::{Anchor, Certificate, ChainBuilder, PeerName, Pool, Profile, Purpose};
use stella_crypto_providers::Registry;
use stella_vocabulary::UnixTime;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let said: Vec<String> = std::env::args().skip(1).collect();
    let [host, instant, roots, chain] = said.as_slice() else { return Err("HOST INSTANT ROOT.pem CHAIN.pem".into()) };
    // Once, at the start.
    let anchors = Certificate::from_pem_all(&std::fs::read(roots)?)?.into_iter().map(Anchor::new).collect();
    let anchors = Arc::new(Pool::new(&Registry::rustcrypto(), anchors, vec![]));
    let servers = ChainBuilder::new(anchors, Purpose::server_auth()).with_profile(Profile::WebPki);
    // For each server.
    let sent: Vec<_> = Certificate::from_pem_all(&std::fs::read(chain)?)?
        .iter()
        .map(|certificate| certificate.der().to_vec())
        .collect();
    let verified = servers.build_for(&PeerName::dns(host)?, &sent, UnixTime::parse_rfc3339(instant)?)?;
    println!("{host}: {} certificates, to {}", verified.certificates().len(), verified.anchor().subject());
    Ok(())
}
