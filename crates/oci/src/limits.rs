//! How much of an image is read.

/// How much of an image is read. Sizes are bytes, the rest are counts; each is the largest value that is still accepted,
/// and is looked at before anything is read or fetched.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Limits {
    /// Bytes of one manifest or index. Default 4 MiB, which the distribution spec asks registries to take at least.
    pub manifest_bytes: u64,
    /// Bytes of one attestation. Default 16 MiB, as for any attestation.
    pub attestation_bytes: u64,
    /// Bytes of all attestations of one image together. Default 256 MiB.
    pub total_bytes: u64,
    /// Manifests in one index, and manifests that are looked into for one image. Default 10,000.
    pub manifests: usize,
    /// Layers of one manifest. Default 1,024: cosign adds one for each attestation.
    pub layers: usize,
    /// Levels of indexes within indexes, the outermost being the first. Default 4.
    pub depth: usize,
    /// Pages of one list of referrers. Default 100.
    pub pages: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            manifest_bytes: 4 << 20,
            attestation_bytes: 16 << 20,
            total_bytes: 256 << 20,
            manifests: 10_000,
            layers: 1024,
            depth: 4,
            pages: 100,
        }
    }
}
