//! DSSE envelopes, in-toto statements, predicates and Sigstore bundles as typed, bounded, unverified documents
