//! Pages of `fetch.`: fetching an issuer's keys, and what a registry has.

use super::{Page, run};
use crate::Code;

pub(super) const PAGES: &[(Code, Page)] = &[
    (
        Code::FetchAddressRefused,
        Page {
            meaning: "The host resolves to an address that is not public, such as loopback, a private network or a \
                 cloud metadata service. Following it would let an outside name reach inside services.",
            example: "error[fetch.address_refused]: the address is not allowed in keys.example: found 169.254.169.254, \
                 expected a public address; try: stella issuer show ID",
            causes: &[
                "The name points to an internal service, a registry sends somewhere inside, or the resolver answers differently inside of the network.",
                "Somebody changed the name to point inside.",
            ],
            remedies: &[
                run("Check the URL of the issuer, and what the name resolves to.", "stella issuer show ID"),
                run(
                    "If the issuer really is internal, allow its address in the configuration. Keys from there are \
                         then newly accepted for staging.",
                    "stella config set fetch_allow_addresses 10.20.0.0/16",
                ),
            ],
            clause: None,
        },
    ),
    (
        Code::FetchDns,
        Page {
            meaning: "The name of the host could not be resolved. No connection was made.",
            example: "error[fetch.dns]: the host was not found in https://keys.example/jwks.json: found no address, \
                 expected an answer of the resolver; try: stella issuer show ID",
            causes: &["The name is misspelt, or no longer exists.", "This machine has no resolver, or no network."],
            remedies: &[
                run("Check the URL of the issuer.", "stella issuer show ID"),
                run(
                    "Verification does not need the network; only fetching does.",
                    "stella verify attestation --attestation X --offline",
                ),
            ],
            clause: None,
        },
    ),
    (
        Code::FetchIncomplete,
        Page {
            meaning: "The answer ended before it was complete. Nothing of it was staged.",
            example: "error[fetch.incomplete]: the answer is incomplete in https://keys.example/jwks.json: found 812 \
                 bytes, expected 2048 bytes; try: stella issuer keys fetch ID",
            causes: &["The connection broke, or a proxy cut the answer."],
            remedies: &[run("Try again.", "stella issuer keys fetch ID")],
            clause: None,
        },
    ),
    (
        Code::FetchIssuerMismatch,
        Page {
            meaning: "The document that was fetched says it belongs to another issuer than the one it was fetched for. \
                 Its keys are not staged.",
            example: "error[fetch.issuer_mismatch]: the document is of another issuer in issuer: found \
                 `https://other.example`, expected `https://ci.example`; try: stella issuer show ID",
            causes: &[
                "The configured URL is of another environment.",
                "A hosting provider serves the document of another customer.",
            ],
            remedies: &[run("Compare the configured issuer with the document.", "stella issuer show ID")],
            clause: Some("OpenID Connect Discovery 1.0 §4.3"),
        },
    ),
    (
        Code::FetchKeysMalformed,
        Page {
            meaning: "The answer is not a set of public keys that can be used: a web page, an empty set, far too many \
                 keys, two keys under one id, or keys with a private or symmetric part.",
            example: "error[fetch.keys_malformed]: no usable key set in https://keys.example/jwks.json: found HTML, \
                 expected a JWK set or PEM public keys; try: stella issuer show ID",
            causes: &[
                "A login page or an error page was answered with status 200.",
                "The URL names the discovery document and not the key set.",
                "The issuer published a private key by mistake; it is not stored here. Tell the issuer.",
            ],
            remedies: &[run("Open the URL yourself and correct it.", "stella issuer show ID")],
            clause: Some("RFC 7517"),
        },
    ),
    (
        Code::FetchRedirectRefused,
        Page {
            meaning: "The server answered with a redirect. Keys are fetched from the URL that was configured and from \
                 no other; no credentials are ever sent. A registry may redirect a few times, over HTTPS only and never \
                 together with a password.",
            example: "error[fetch.redirect_refused]: a redirect was refused in https://keys.example/jwks.json: found a \
                 redirect to https://cdn.example/jwks.json, expected the key set; try: stella issuer show ID",
            causes: &["The issuer moved the key set.", "A captive portal or proxy answers in place of the issuer."],
            remedies: &[run(
                "Confirm the new URL with the issuer on another way, then configure it. Keys from there are then \
                         newly accepted for staging.",
                "stella issuer show ID",
            )],
            clause: None,
        },
    ),
    (
        Code::FetchStatus,
        Page {
            meaning: "The server answered with an error status. It was asked at most three times, within the total \
                 time.",
            example: "error[fetch.status]: the server refused in https://keys.example/jwks.json: found status 503, \
                 expected 200; try: stella issuer keys fetch ID",
            causes: &[
                "The server is overloaded or being maintained.",
                "The path is wrong, or needs authentication; key sets must be public.",
            ],
            remedies: &[
                run("Try again later.", "stella issuer keys fetch ID"),
                run("Check the URL of the issuer.", "stella issuer show ID"),
            ],
            clause: None,
        },
    ),
    (
        Code::FetchTimeout,
        Page {
            meaning: "The fetch did not finish within its total time of 15 seconds (30 for each answer of a registry). The message names the phase that \
                 took too long.",
            example: "error[fetch.timeout]: no answer in time in https://keys.example/jwks.json: found 15 s in TLS \
                 handshake, expected at most 15 s; try: stella issuer keys fetch ID",
            causes: &["A firewall drops packets silently.", "The server or the resolver is overloaded."],
            remedies: &[run(
                "Try again; if it stays so, ask for the route from this machine to the host.",
                "stella issuer keys fetch ID",
            )],
            clause: None,
        },
    ),
    (
        Code::FetchTls,
        Page {
            meaning: "The TLS connection could not be trusted: an expired or self-signed certificate, another host \
                 name, an unknown authority or an old protocol. There is no option to skip this.",
            example: "error[fetch.tls]: TLS failed in https://keys.example/jwks.json: found a certificate for \
                 `other.example`, expected `keys.example`; try: stella issuer show ID",
            causes: &[
                "The certificate of the server has expired, or is for another name.",
                "A proxy intercepts the connection with an authority of its own.",
                "The clock of this machine is wrong.",
            ],
            remedies: &[run(
                "Have the server mended, or get the keys on another way and add them by hand. This newly accepts \
                         everything signed with them in the window given.",
                "stella trust-anchors add-key --key FILE --expires DATE",
            )],
            clause: None,
        },
    ),
    (
        Code::FetchTooLarge,
        Page {
            meaning: "The answer is larger than 1 MiB, or its headers than 16 KiB; of a registry, larger than what was \
                 asked for may be. Reading stopped there, and nothing \
                 was staged.",
            example: "error[fetch.too_large]: the answer is too large in https://keys.example/jwks.json: found more \
                 than 1048576 bytes, expected at most 1048576 bytes; try: stella issuer show ID",
            causes: &[
                "The URL names a download and not a key set.",
                "The server compresses, though it was asked not to: how large the answer is could only be told by expanding it.",
                "The server tries to fill memory or disk.",
            ],
            remedies: &[run("Check the URL of the issuer.", "stella issuer show ID")],
            clause: None,
        },
    ),
    (
        Code::FetchUnauthorized,
        Page {
            meaning: "The registry answered with status 401 or 403: it wants a name and password, does not accept the \
                 ones it was given, or they do not permit what was asked. Nothing was read or written.",
            example: "error[fetch.unauthorized]: the registry refused in https://registry.example/v2/app/manifests/1: \
                 found status 401, expected permission to pull; try: set STELLA_REGISTRY_USER and \
                 STELLA_REGISTRY_PASSWORD",
            causes: &[
                "The image is private, and neither STELLA_REGISTRY_USER and STELLA_REGISTRY_PASSWORD nor a docker \
                 configuration has a password for this registry.",
                "The password has expired, or permits reading only.",
                "The image does not exist; some registries answer the same then.",
            ],
            remedies: &[run(
                "Set STELLA_REGISTRY_USER and STELLA_REGISTRY_PASSWORD, or name a docker configuration, and try again.",
                "stella attest import --image REF --registry-config FILE",
            )],
            clause: Some("OCI distribution spec v1.1"),
        },
    ),
    (
        Code::FetchUrlRefused,
        Page {
            meaning: "The URL may not be fetched: not HTTPS, with user information in it, or of a host that is not \
                 configured. Hosts are compared whole, never by how they begin. In offline mode no URL is.",
            example: "error[fetch.url_refused]: the URL is not allowed in issuer `ci`: found \
                 `http://keys.example/jwks.json`, expected an https URL of a configured host; try: stella issuer show \
                 ID",
            causes: &[
                "The URL starts with `http:`, names a file, or its host only looks like the configured one, such as \
                 `ci.example.evil.example`.",
                "A discovery document names a key set on another host; add a URL of that host to the issuer.",
                "The network is switched off: `--offline`, `STELLA_OFFLINE`, or the setting `offline`.",
            ],
            remedies: &[
                run("Correct the URL of the issuer.", "stella issuer show ID"),
                run(
                    "A registry speaks HTTPS. One that does not, outside of this machine, is only spoken to where that \
                         is said aloud.",
                    "stella attest import --image REF --danger-plain-http",
                ),
            ],
            clause: None,
        },
    ),
];
