use stella_chain_verify::{Anchor, Budget, Certificate, ChainError, ChainPolicy, KeyIdentifiers, Pool, Purpose, Work};
use stella_crypto_providers::{Registry, Scheme, Signer, SigningKey};
use stella_vocabulary::{Code, Reason, Window};

use crate::builder::*;

#[test]
fn a_chain_to_an_anchor_is_verified() {
    let verified = Chain::new().judge().unwrap();
    let subjects: Vec<_> =
        verified.certificates().iter().map(|certificate| certificate.subject().to_string()).collect();
    assert_eq!(subjects, ["CN=Signer", "CN=Issuing CA", "CN=Root CA"]);
    assert_eq!(verified.anchor_index(), 0);
    assert_eq!(verified.issuer_of_leaf().subject().to_string(), "CN=Issuing CA");
    assert_eq!(verified.leaf_public_key().spki_der(), key(3).public_key().spki_der());
}

#[test]
fn an_intermediate_may_come_from_the_pool_or_be_the_anchor() {
    let chain = Chain::new();
    let (leaf, intermediate, root) =
        (chain.leaf.sign(&key(2)), chain.intermediate.sign(&key(1)), chain.root.sign(&key(1)));
    assert!(search(&pool(vec![root.clone()], vec![intermediate.clone()]), &leaf, &[]).is_ok());
    let short = search(&pool(vec![intermediate.clone()], vec![root]), &leaf, &[intermediate]).unwrap();
    assert_eq!(short.certificates().len(), 2);
}

#[test]
fn ecdsa_chains_are_verified_as_well() {
    let signer = |number| SigningKey::from_secret_bytes(Scheme::EcdsaP256Sha256, &[number; 32]).unwrap();
    let (root_key, leaf_key) = (signer(1), signer(2));
    let ecdsa = |mut draft: Draft| {
        draft.algorithm = tlv(SEQUENCE, &oid("1.2.840.10045.4.3.2"));
        draft.sign(&root_key)
    };
    let root = ecdsa(Draft::authority("Root CA", &root_key, "Root CA"));
    assert!(search(&pool(vec![root], vec![]), &ecdsa(Draft::leaf("Signer", &leaf_key, "Root CA")), &[]).is_ok());
}

#[test]
fn validity_includes_its_first_and_last_second_and_nothing_else() {
    let chain = Chain::new();
    let code =
        |instant| chain.judge_for(Purpose::code_signing(), &[at(instant)]).map(drop).map_err(|refused| refused.code());
    assert_eq!(code("2025-01-01T00:00:00Z"), Ok(()));
    assert_eq!(code("2025-12-31T23:59:59Z"), Ok(()));
    assert_eq!(code("2024-12-31T23:59:59Z"), Err(Code::X509NotYetValid));
    assert_eq!(code("2026-01-01T00:00:00Z"), Err(Code::X509Expired));
}

#[test]
fn every_instant_must_fit_every_certificate() {
    let mut chain = Chain::new();
    chain.intermediate = chain.intermediate.valid("250101000000Z", "250615120000Z");
    let inside = [at("2025-01-01T00:00:00Z"), at(NOON)];
    assert!(chain.judge_for(Purpose::code_signing(), &inside).is_ok());
    let outside = [at("2025-01-01T00:00:00Z"), at("2025-06-15T12:00:01Z")];
    let refused = chain.judge_for(Purpose::code_signing(), &outside).unwrap_err();
    assert_eq!((refused.code(), refused.certificate()), (Code::X509Expired, Some(1)));
}

#[test]
fn without_an_instant_nothing_is_verified() {
    assert_eq!(Chain::new().judge_for(Purpose::any(), &[]).unwrap_err().code(), Code::TimeNoTrustedTime);
}

#[test]
fn the_dates_of_an_anchor_and_its_window_both_count() {
    let mut chain = Chain::new();
    chain.root = chain.root.valid("250101000000Z", "250615115959Z");
    assert_eq!(chain.code(), (Code::TrustAnchorNotValid, Some(2)));

    let chain = Chain::new();
    let judge = |window| {
        let pool = Pool::new(
            &Registry::rustcrypto(),
            vec![chain.anchor().with_window(window)],
            vec![chain.intermediate.sign(&key(1))],
        );
        search(&pool, &chain.leaf.sign(&key(2)), &[]).map(drop).map_err(|refused| refused.code())
    };
    assert_eq!(judge(Window::half_open(Some(at(NOON)), None)), Ok(()));
    assert_eq!(judge(Window::half_open(None, Some(at(NOON)))), Err(Code::TrustAnchorNotValid));
    assert_eq!(judge(Window::closed(None, Some(at(NOON)))), Ok(()));
}

#[test]
fn an_issuer_must_be_an_authority() {
    let mut chain = Chain::new();
    chain.intermediate = chain.intermediate.without(BASIC_CONSTRAINTS).with(KEY_USAGE, true, tlv(0x03, &[7, 0x80]));
    assert_eq!(chain.code(), (Code::X509NotACa, Some(1)));
    chain.intermediate = chain.intermediate.with(BASIC_CONSTRAINTS, true, tlv(SEQUENCE, &[]));
    assert_eq!(chain.code(), (Code::X509NotACa, Some(1)));
    let mut chain = Chain::new();
    chain.root = chain.root.without(BASIC_CONSTRAINTS);
    assert_eq!(chain.code(), (Code::X509NotACa, Some(2)));
}

#[test]
fn an_issuer_needs_the_key_usage_for_certificates_if_it_has_any() {
    let mut chain = Chain::new();
    chain.intermediate = chain.intermediate.with(KEY_USAGE, true, tlv(0x03, &[1, 0x02]));
    assert_eq!(chain.code(), (Code::X509KeyUsage, Some(1)));
    chain.intermediate = chain.intermediate.without(KEY_USAGE);
    assert!(chain.judge().is_ok());
}

#[test]
fn a_signer_is_an_end_entity_with_digital_signature() {
    let mut chain = Chain::new();
    chain.leaf = chain.leaf.with(KEY_USAGE, true, tlv(0x03, &[5, 0x20]));
    assert_eq!(chain.code(), (Code::X509KeyUsage, Some(0)));
    let mut chain = Chain::new();
    chain.leaf = chain.leaf.with(BASIC_CONSTRAINTS, true, tlv(SEQUENCE, &tlv(0x01, &[0xff])));
    assert_eq!(chain.refusal(), ChainError::LeafIsAuthority);
    assert!(chain.judge_for(Purpose::any(), &[at(NOON)]).is_ok());
}

#[test]
fn the_purpose_must_be_named_by_the_leaf_and_not_denied_above() {
    let usage = |oids: &[&str]| tlv(SEQUENCE, &oids.iter().flat_map(|usage| oid(usage)).collect::<Vec<_>>());
    for found in [&[SERVER_AUTH][..], &["2.5.29.37.0"]] {
        let mut chain = Chain::new();
        chain.leaf = chain.leaf.with(EXTENDED_KEY_USAGE, false, usage(found));
        assert_eq!(chain.code(), (Code::X509EkuMissing, Some(0)));
        assert_eq!(chain.refusal().found().unwrap(), found[0]);
    }
    let mut chain = Chain::new();
    chain.leaf = chain.leaf.without(EXTENDED_KEY_USAGE);
    assert_eq!(chain.code(), (Code::X509EkuMissing, Some(0)));

    let mut chain = Chain::new();
    for good in [&[CODE_SIGNING, SERVER_AUTH][..], &["2.5.29.37.0"]] {
        chain.intermediate = chain.intermediate.with(EXTENDED_KEY_USAGE, false, usage(good));
        assert!(chain.judge().is_ok());
    }
    chain.intermediate = chain.intermediate.with(EXTENDED_KEY_USAGE, false, usage(&[SERVER_AUTH]));
    assert_eq!(chain.code(), (Code::X509EkuMissing, Some(1)));
}

#[test]
fn a_timestamp_signer_names_its_purpose_alone_and_critically() {
    let judge = |critical, usages: &[&str]| {
        let mut chain = Chain::new();
        let usages: Vec<u8> = usages.iter().flat_map(|usage| oid(usage)).collect();
        chain.leaf = chain.leaf.with(EXTENDED_KEY_USAGE, critical, tlv(SEQUENCE, &usages));
        chain.judge_for(Purpose::time_stamping(), &[at(NOON)]).map(drop).map_err(|refused| refused.code())
    };
    assert_eq!(judge(true, &[TIME_STAMPING]), Ok(()));
    assert_eq!(judge(false, &[TIME_STAMPING]), Err(Code::X509EkuMissing));
    assert_eq!(judge(true, &[TIME_STAMPING, CODE_SIGNING]), Err(Code::X509EkuMissing));
    assert_eq!(judge(true, &[CODE_SIGNING]), Err(Code::X509EkuMissing));
}

#[test]
fn the_path_length_counts_intermediates_that_are_not_self_issued() {
    let root = Draft::authority("Root CA", &key(1), "Root CA");
    let upper = Draft::authority("Upper CA", &key(4), "Root CA").sign(&key(1));
    let lower = Draft::authority("Issuing CA", &key(2), "Upper CA").sign(&key(4));
    let leaf = Chain::new().leaf.sign(&key(2));
    let judge = |root: Draft, extra: &[Certificate]| {
        search(&pool(vec![root.sign(&key(1))], vec![]), &leaf, extra).map(drop).map_err(|refused| refused.best)
    };
    assert_eq!(judge(root.clone().path_length(2), &[upper.clone(), lower.clone()]), Ok(()));
    let exceeded = ChainError::PathLengthExceeded { cert: 3, limit: 1, found: 2 };
    assert_eq!(judge(root.clone().path_length(1), &[upper, lower]), Err(exceeded));

    // A key rollover of the issuing authority: one more certificate, self-issued.
    let old = Draft::authority("Issuing CA", &key(5), "Root CA").path_length(0).sign(&key(1));
    let new_with_old = Draft::authority("Issuing CA", &key(2), "Issuing CA").sign(&key(5));
    assert_eq!(judge(root.clone().path_length(1), &[old.clone(), new_with_old.clone()]), Ok(()));
    assert!(judge(root.path_length(0), &[old, new_with_old]).is_err());
}

#[test]
fn versions_serials_and_inverted_dates_are_refused_in_the_path() {
    let mut chain = Chain::new();
    chain.intermediate.version = None;
    chain.intermediate.extensions.clear();
    assert_eq!(chain.code(), (Code::X509VersionUnsupported, Some(1)));

    for serial in [vec![0], vec![0x80], vec![1; 21]] {
        let mut chain = Chain::new();
        chain.leaf.serial = serial.clone();
        assert_eq!(chain.code(), (Code::X509SerialInvalid, Some(0)));
        let mut chain = Chain::new();
        chain.root.serial = serial;
        assert!(chain.judge().is_ok());
    }
    let mut chain = Chain::new();
    chain.leaf.serial = vec![1; 20];
    assert!(chain.judge().is_ok());

    let mut chain = Chain::new();
    chain.leaf = chain.leaf.valid("250615120001Z", "250615120000Z");
    assert_eq!(chain.code(), (Code::X509ValidityInverted, Some(0)));
    chain.leaf = chain.leaf.valid("250615120000Z", "250615120000Z");
    assert!(chain.judge().is_ok());
}

#[test]
fn the_two_signature_algorithms_must_agree_and_be_strong() {
    let mut chain = Chain::new();
    chain.leaf.algorithm = tlv(SEQUENCE, &[oid("1.3.101.112"), vec![5, 0]].concat());
    chain.leaf.outer_algorithm = Some(tlv(SEQUENCE, &oid("1.3.101.112")));
    assert_eq!(chain.code(), (Code::X509SignatureAlgorithmMismatch, Some(0)));
    for weak in ["1.2.840.113549.1.1.5", "1.2.840.113549.1.1.4", "1.2.840.10045.4.1"] {
        let mut chain = Chain::new();
        chain.leaf.algorithm = tlv(SEQUENCE, &oid(weak));
        assert_eq!(chain.code(), (Code::X509SignatureAlgorithmWeak, Some(0)), "{weak}");
    }
    let mut chain = Chain::new();
    chain.leaf.algorithm = tlv(SEQUENCE, &oid("1.2.3.4"));
    assert_eq!(chain.code(), (Code::SigAlgorithmUnsupported, Some(0)));
}

#[test]
fn critical_extensions_nobody_knows_refuse_the_path_they_are_in_and_no_other() {
    for cert in 0..3 {
        let mut chain = Chain::new();
        let draft = [&mut chain.leaf, &mut chain.intermediate, &mut chain.root].into_iter().nth(cert).unwrap();
        *draft = draft.clone().with("1.2.3.4", false, vec![5, 0]);
        assert!(chain.judge().is_ok());
        let draft = [&mut chain.leaf, &mut chain.intermediate, &mut chain.root].into_iter().nth(cert).unwrap();
        *draft = draft.clone().with("1.2.3.4", true, vec![5, 0]);
        assert_eq!(chain.refusal(), ChainError::UnknownCriticalExtension { cert, oid: "1.2.3.4".into() });
    }
    let chain = Chain::new();
    let unrelated = Draft::authority("Other CA", &key(7), "Root CA").with("1.2.3.4", true, vec![5, 0]).sign(&key(1));
    let (leaf, intermediate, root) =
        (chain.leaf.sign(&key(2)), chain.intermediate.sign(&key(1)), chain.root.sign(&key(1)));
    assert!(search(&pool(vec![root, unrelated.clone()], vec![]), &leaf, &[unrelated, intermediate]).is_ok());
}

#[test]
fn the_profile_of_rfc_5280_is_required_where_it_says_must() {
    let violated = |change: fn(&mut Chain)| {
        let mut chain = Chain::new();
        change(&mut chain);
        chain.code()
    };
    let profile = |cert| (Code::X509ProfileViolation, Some(cert));
    assert_eq!(violated(|chain| chain.leaf = chain.leaf.clone().with(SUBJECT_KEY, true, tlv(0x04, &[1]))), profile(0));
    assert_eq!(
        violated(|chain| chain.leaf = chain.leaf.clone().with(AUTHORITY_KEY, true, tlv(SEQUENCE, &[]))),
        profile(0)
    );
    assert_eq!(violated(|chain| chain.leaf = chain.leaf.clone().constrain(&[tlv(0x82, b"a.b")], &[])), profile(0));
    assert_eq!(
        violated(|chain| {
            let value = tlv(SEQUENCE, &tlv(0x01, &[0xff]));
            chain.intermediate = chain.intermediate.clone().with(BASIC_CONSTRAINTS, false, value);
        }),
        profile(1)
    );
    assert_eq!(violated(|chain| chain.leaf.subject = name("")), profile(0), "the alternative name is not critical");
    assert_eq!(
        violated(|chain| chain.leaf = chain.leaf.clone().with(KEY_USAGE, true, tlv(0x03, &[2, 0x84]))),
        profile(0)
    );

    let mut chain = Chain::new();
    chain.leaf.subject = name("");
    chain.leaf = chain.leaf.with(ALT_NAME, true, tlv(SEQUENCE, &tlv(0x86, b"https://ci.example/builder")));
    assert!(chain.judge().is_ok(), "as Fulcio writes it");
}

#[test]
fn key_identifiers_are_required_only_on_request() {
    let chain = Chain::new();
    let policy = ChainPolicy::new(Purpose::code_signing()).with_key_identifiers(KeyIdentifiers::Required);
    let judge = |intermediate: Draft, root: Draft| {
        let pool = pool(vec![root.sign(&key(1))], vec![intermediate.sign(&key(1))]);
        pool.search(&chain.leaf.clone().key_ids(3, 2).sign(&key(2)), &[], &[at(NOON)], &policy)
            .into_result()
            .map(drop)
            .map_err(|refused| refused.code())
    };
    assert_eq!(judge(chain.intermediate.clone(), chain.root.clone()), Err(Code::X509ProfileViolation));
    let root = chain.root.clone().with(SUBJECT_KEY, false, tlv(0x04, &[1; 20]));
    assert_eq!(judge(chain.intermediate.clone().key_ids(2, 1), root), Ok(()));
}

#[test]
fn a_required_certificate_policy_is_refused_as_unsupported() {
    let require = |skip: u8| tlv(SEQUENCE, &tlv(0x80, &[skip]));
    let mut chain = Chain::new();
    chain.root = chain.root.with(POLICY_CONSTRAINTS, true, require(2));
    assert_eq!(chain.code(), (Code::X509PolicyUnsupported, Some(2)));
    chain.root = chain.root.with(POLICY_CONSTRAINTS, true, require(3));
    assert!(chain.judge().is_ok(), "the requirement begins below the leaf");
}

#[test]
fn keys_are_judged_on_every_certificate_also_where_they_sign_nothing() {
    // RSA with a modulus of 1,024 bits.
    let modulus = [vec![0, 0xc1], vec![0x55; 126], vec![0x5b]].concat();
    let rsa = tlv(SEQUENCE, &[tlv(0x02, &modulus), tlv(0x02, &[1, 0, 1])].concat());
    let weak = tlv(
        SEQUENCE,
        &[tlv(SEQUENCE, &[oid("1.2.840.113549.1.1.1"), vec![5, 0]].concat()), tlv(0x03, &[vec![0], rsa].concat())]
            .concat(),
    );
    let mut chain = Chain::new();
    chain.leaf.spki = weak;
    assert_eq!(chain.code(), (Code::KeyTooWeak, Some(0)));
    let p192 = tlv(SEQUENCE, &[oid("1.2.840.10045.2.1"), oid("1.2.840.10045.3.1.1")].concat());
    let p192 = tlv(SEQUENCE, &[p192, tlv(0x03, &[vec![0, 4], vec![1; 48]].concat())].concat());
    chain.leaf.spki = p192;
    assert_eq!(chain.code(), (Code::KeyCurveUnsupported, Some(0)));
}

#[test]
fn the_right_one_of_two_issuers_with_one_name_is_found() {
    let chain = Chain::new();
    let (leaf, good, root) = (chain.leaf.sign(&key(2)), chain.intermediate.sign(&key(1)), chain.root.sign(&key(1)));
    let other_key = Draft::authority("Issuing CA", &key(8), "Root CA").sign(&key(1));
    let expired = chain.intermediate.clone().valid("240101000000Z", "241231235959Z").sign(&key(1));
    let pool = pool(vec![root], vec![]);
    assert!(search(&pool, &leaf, &[other_key, expired, good]).is_ok());
}

#[test]
fn cross_signs_lead_to_whichever_root_is_trusted() {
    let leaf = Chain::new().leaf.sign(&key(2));
    let by_old = Draft::authority("Issuing CA", &key(2), "Old Root").sign(&key(5));
    let by_new = Draft::authority("Issuing CA", &key(2), "New Root").sign(&key(6));
    let cross = Draft::authority("New Root", &key(6), "Old Root").sign(&key(5));
    let old = Draft::authority("Old Root", &key(5), "Old Root").sign(&key(5));
    let new = Draft::authority("New Root", &key(6), "New Root").sign(&key(6));
    let extra = [cross, by_new, by_old];
    for trusted in [&old, &new] {
        assert!(search(&pool(vec![trusted.clone()], vec![]), &leaf, &extra).is_ok());
    }
    let detour = search(&pool(vec![old], vec![]), &leaf, &extra[..2]).unwrap();
    assert_eq!(detour.certificates().len(), 4);
}

#[test]
fn a_link_of_the_pool_is_verified_once_in_its_life() {
    let chain = Chain::new();
    let pool = pool(vec![chain.root.sign(&key(1))], vec![chain.intermediate.sign(&key(1))]);
    let policy = ChainPolicy::new(Purpose::code_signing());
    let leaf = chain.leaf.sign(&key(2));
    let spent = || pool.search(&leaf, &[], &[at(NOON)], &policy).spent.signature_checks;
    assert_eq!((spent(), spent()), (2, 1));
}

/// leaf ← CA 1 ← … ← CA n ← root; `n + 2` certificates.
fn long_chain(intermediates: u8) -> (Certificate, Vec<Certificate>, Certificate) {
    let title = |number: u8| if number == intermediates { "Root CA".to_string() } else { format!("CA {number}") };
    let signer = |number: u8| key(100 + number);
    let leaf = Draft::leaf("Signer", &key(3), &title(0)).sign(&signer(0));
    let authority =
        |number| Draft::authority(&title(number), &signer(number), &title(number + 1)).sign(&signer(number + 1));
    let root = Draft::authority("Root CA", &signer(intermediates), "Root CA").sign(&signer(intermediates));
    (leaf, (0..intermediates).map(authority).collect(), root)
}

#[test]
fn a_path_has_at_most_eight_certificates() {
    let (leaf, extra, root) = long_chain(6);
    assert_eq!(search(&pool(vec![root], vec![]), &leaf, &extra).unwrap().certificates().len(), 8);
    let (leaf, extra, root) = long_chain(7);
    let pool = pool(vec![root], vec![]);
    assert_eq!(search(&pool, &leaf, &extra).unwrap_err().best, ChainError::PathTooDeep { limit: 8 });
    let deeper = ChainPolicy::new(Purpose::any()).with_budget(Budget { path_depth: 9, ..Budget::default() });
    assert!(pool.search(&leaf, &extra, &[at(NOON)], &deeper).verified.is_some());
}

#[test]
fn a_hundred_authorities_of_one_name_that_lead_nowhere_are_refused_without_a_signature_spent_on_finding_out() {
    let twin = |number: u8, number_above: u8| Draft::authority("Twin", &key(number), "Twin").sign(&key(number_above));
    let leaf = Draft::leaf("Signer", &key(3), "Twin").sign(&key(100));
    let distinct: Vec<_> = (100..200).map(|number| twin(number, number + 1)).collect();
    let pool = pool(vec![Chain::new().root.sign(&key(1))], vec![]);
    let found = pool.search(&leaf, &distinct, &[at(NOON)], &ChainPolicy::new(Purpose::code_signing()));
    assert!(found.spent.signature_checks <= 64, "only those of the explanation");
    assert_eq!(found.into_result().unwrap_err().code(), Code::X509UnknownIssuer);
}

#[test]
fn a_budget_of_just_enough_checks_is_enough() {
    let chain = Chain::new();
    let judge = |signature_checks| {
        let pool = pool(vec![chain.root.sign(&key(1))], vec![chain.intermediate.sign(&key(1))]);
        let policy = ChainPolicy::new(Purpose::any()).with_budget(Budget { signature_checks, ..Budget::default() });
        pool.search(&chain.leaf.sign(&key(2)), &[], &[at(NOON)], &policy)
            .into_result()
            .map(drop)
            .map_err(|refused| refused.best)
    };
    assert_eq!(judge(2), Ok(()));
    assert_eq!(judge(1), Err(ChainError::BudgetExceeded { work: Work::SignatureChecks, limit: 1 }));
}

#[test]
fn without_a_provider_the_verdict_is_that_nothing_was_judged() {
    let chain = Chain::new();
    let pool = Pool::new(
        &Registry::empty(),
        vec![Anchor::new(chain.root.sign(&key(1)))],
        vec![chain.intermediate.sign(&key(1))],
    );
    assert_eq!(search(&pool, &chain.leaf.sign(&key(2)), &[]).unwrap_err().code(), Code::CryptoAlgorithmUnavailable);
}
