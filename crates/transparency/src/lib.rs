//! What third parties attest about a signature: log inclusion, checkpoints, SETs, SCTs, RFC 3161 timestamps
