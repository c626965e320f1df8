//! Names signature schemes, dispatches each to exactly one provider, ships RustCrypto-backed built-ins
