//! Attestation + subject + trust + policy + time to a report: one pure function, and the one dependency of an embedder
