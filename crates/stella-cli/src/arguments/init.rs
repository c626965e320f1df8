//! `stella init`.

use clap::Args;

#[derive(Args, Debug)]
pub(crate) struct InitArguments {
    /// The id of the store, in small letters; else one is made up.
    #[arg(long, value_name = "ID")]
    pub(crate) name: Option<String>,
    /// A first approver: the person, and a file with their public key. At least as many persons as the quorum.
    #[arg(long, value_name = "PERSON=KEYFILE")]
    pub(crate) approver: Vec<String>,
    /// How many distinct persons have to agree to more trust, whoever asks for it included.
    #[arg(long, value_name = "N", default_value_t = 2)]
    pub(crate) quorum: u8,
    /// Begin without the trusted roots that are built in.
    #[arg(long)]
    pub(crate) empty: bool,
    /// Why: one line for the trust log.
    #[arg(long, value_name = "TEXT")]
    pub(crate) reason: Option<String>,
}
