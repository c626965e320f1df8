//! Pages of `crypto.` and `sig.`: providers, algorithms and bare signatures.

use super::{Page, run};
use crate::Code;

pub(super) const PAGES: &[(Code, Page)] = &[
    (
        Code::CryptoAlgorithmUnavailable,
        Page {
            meaning: "No provider in this program can compute the algorithm. Nothing was judged: another build, with \
                 another provider, may be able to.",
            example: "error[crypto.algorithm_unavailable]: no provider for the algorithm in certificate 0: found \
                 rsa-pss-sha512, expected an algorithm of a registered provider; try: stella crypto providers list \
                 --algorithms",
            causes: &[
                "This build was made without the provider that knows the algorithm.",
                "The algorithm is national, new or rare.",
            ],
            remedies: &[
                run("See which provider knows which algorithm.", "stella crypto providers list --algorithms"),
                run(
                    "Use a build that includes the provider. It accepts nothing new by itself: keys and profile still \
                         decide.",
                    "stella version -o json",
                ),
            ],
            clause: None,
        },
    ),
    (
        Code::CryptoLoginRefused,
        Page {
            meaning: "The token that holds the key did not let the user in: no PIN, a wrong one, or one that is \
                 locked, too old or not set. A wrong PIN is tried once and never again by itself, since tokens lock \
                 themselves after a few.",
            example: "error[crypto.login_refused]: the login failed in token release: found a wrong PIN, expected the \
                 PIN of the token's user; try: check STELLA_PKCS11_PIN or the file with the PIN",
            causes: &[
                "The PIN in the environment or in the file is that of another token, or was changed.",
                "Somebody gave wrong PINs until the token locked itself.",
                "The key asks for the PIN at each signature (CKA_ALWAYS_AUTHENTICATE), which is not supported.",
            ],
            remedies: &[
                run("See which token the key is in.", "stella keys show KEY-ID --details"),
                run(
                    "Give the right PIN: at the prompt, in STELLA_PKCS11_PIN, or in a file that only you can read.",
                    "stella keys verify KEY-ID --operation sign --passphrase-file FILE",
                ),
            ],
            clause: None,
        },
    ),
    (
        Code::CryptoProviderConflict,
        Page {
            meaning: "The configuration of providers contradicts itself: two of one name or for one algorithm, or a \
                 name that no provider has. Which one would compute is open, so none does.",
            example: "error[crypto.provider_conflict]: two providers for one algorithm in provider `hsm`: found \
                 ed25519 already provided by `rustcrypto`, expected one provider for each algorithm; try: stella \
                 crypto providers list",
            causes: &[
                "A second provider was registered without naming the one it replaces.",
                "The name of a provider is misspelt in the configuration.",
            ],
            remedies: &[run(
                "See which are registered, and correct the configuration.",
                "stella crypto providers list --algorithms",
            )],
            clause: None,
        },
    ),
    (
        Code::CryptoProviderDisagreement,
        Page {
            meaning: "Two providers gave different answers to the same test. One of them is wrong, so none of them is \
                 used until it is known which.",
            example: "error[crypto.provider_disagreement]: providers disagree in ed25519, vector 3: found accept by \
                 `a` and reject by `b`, expected one answer; try: stella self-test",
            causes: &[
                "A provider is faulty, too old, or was built wrongly.",
                "The memory or processor of this machine is faulty.",
            ],
            remedies: &[
                run("Run the known-answer tests.", "stella self-test"),
                run(
                    "Use a build without the provider that fails, and report it to its makers.",
                    "stella version -o json",
                ),
            ],
            clause: None,
        },
    ),
    (
        Code::CryptoProviderFailed,
        Page {
            meaning: "A provider could not finish: it crashed, hung, or gave an answer that makes no sense. That is \
                 neither a good nor a bad signature.",
            example: "error[crypto.provider_failed]: the provider failed in provider `hsm`: found no answer, expected \
                 accept or reject; try: stella self-test",
            causes: &[
                "A hardware module or its driver is not reachable.",
                "The provider has a defect that this input triggers.",
            ],
            remedies: &[
                run("Run the known-answer tests.", "stella self-test"),
                run("Check the provider; the health checks name it.", "stella doctor --quick"),
            ],
            clause: None,
        },
    ),
    (
        Code::SigAlgorithmUnsupported,
        Page {
            meaning: "The signature or key uses an algorithm that is not permitted, whoever could compute it: `none`, \
                 an HMAC, MD5, SHA-1, or one that the crypto profile leaves out.",
            example: "error[sig.algorithm_unsupported]: the algorithm is not permitted in certificate 0: found \
                 ecdsa-with-SHA1, expected an algorithm of the profile `international`; try: stella crypto profile \
                 show",
            causes: &[
                "The signer uses an algorithm of the past.",
                "The profile in force, such as `fips`, permits less than the signer used.",
            ],
            remedies: &[
                run("See what the profile permits.", "stella crypto profile show"),
                run("Have the signer sign with a permitted algorithm.", "stella attest resign X --key ID"),
                run(
                    "Another profile newly accepts every signature of the algorithms it adds, by every key.",
                    "stella crypto profile set NAME",
                ),
            ],
            clause: None,
        },
    ),
    (
        Code::SigInvalid,
        Page {
            meaning: "The signature is well formed, but does not fit the message and the key. Something was changed, \
                 or another key signed.",
            example: "error[sig.invalid]: the signature does not fit in signature 0: found no match with key \
                 sha256:41d7…, expected a signature by that key; try: stella attest integrity-check 3f2a91c4",
            causes: &[
                "The signed bytes were changed after signing.",
                "Another key signed, or the signer used other parameters, such as another salt length.",
            ],
            remedies: &[
                run("See whether the stored copy is still what arrived.", "stella attest integrity-check X"),
                run("Compare with the keys that are trusted.", "stella keys list --type signing"),
            ],
            clause: Some("FIPS 186-5; RFC 8017 §8.1.2, §8.2.2; RFC 8032 §5.1.7"),
        },
    ),
    (
        Code::SigMalformed,
        Page {
            meaning: "The signature has not the form of its algorithm: DER where fixed-width numbers are due or the \
                 reverse, wrong length, or bytes to spare. Encodings are never guessed.",
            example: "error[sig.malformed]: the signature is malformed in signature 0: found 71 bytes of DER, expected \
                 64 bytes; try: stella attest show 3f2a91c4 --details",
            causes: &[
                "The signing tool writes the other of the two ECDSA encodings.",
                "The signature was cut or padded on its way.",
            ],
            remedies: &[run(
                "Have the signer write the encoding the format prescribes: DER in DSSE and Sigstore, fixed width \
                         in JWS.",
                "stella attest resign X --key ID",
            )],
            clause: Some("RFC 3279 §2.2.3; RFC 8017 §8.2.2; RFC 8032 §5.1.7"),
        },
    ),
    (
        Code::SigMalleable,
        Page {
            meaning: "An Ed25519 signature whose second half is not reduced. Anybody can make such a second signature \
                 from a good one, so only the reduced form counts.",
            example: "error[sig.malleable]: the signature is not reduced in signature 0: found S of at least L, \
                 expected S less than L; try: fetch the attestation again",
            causes: &["A library that does not reduce, or somebody altered the signature to change its bytes."],
            remedies: &[run("Fetch the original signature.", "stella attest import FILE")],
            clause: Some("RFC 8032 §5.1.7"),
        },
    ),
    (
        Code::SigOutOfRange,
        Page {
            meaning: "A number of an ECDSA signature is zero, negative, or not below the order of the curve. Verifiers \
                 that skip this check have accepted such signatures for every message.",
            example: "error[sig.out_of_range]: a signature value is out of range in signature 0: found r = 0, expected \
                 1 to n-1; try: treat the attestation as forged",
            causes: &["The signature was made up; no correct signer produces it."],
            remedies: &[run(
                "Do not use the artifact before you know where the attestation came from.",
                "stella attest show X --details",
            )],
            clause: Some("FIPS 186-5 §6.4.2"),
        },
    ),
    (
        Code::SigSmallOrder,
        Page {
            meaning: "An Ed25519 signature whose first half is a point of small order. With such a point one signature \
                 can fit several messages, and libraries disagree about it.",
            example: "error[sig.small_order]: a point of small order in signature 0: found R of order 8 or less, \
                 expected R of full order; try: treat the attestation as forged",
            causes: &["The signature was made up; no correct signer produces it."],
            remedies: &[run(
                "Do not use the artifact before you know where the attestation came from.",
                "stella attest show X --details",
            )],
            clause: None,
        },
    ),
];
