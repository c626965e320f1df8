//! `stella approvals …` and `stella approvers …`.

use std::path::PathBuf;

use clap::{Args, Subcommand};

use super::trust_anchors::Cause;
use crate::arguments::ChangeOptions;
use crate::private_key::PrivateKeyOptions;

#[derive(Debug, Subcommand)]
pub(crate) enum ApprovalsCommand {
    /// List the changes that wait for approval.
    #[command(after_help = "Examples:\n  stella approvals list\n  stella approvals list --all -o json")]
    List(ListApprovalsArguments),
    /// Show what a request asks for, who has agreed, and what is missing.
    #[command(after_help = "Examples:\n  stella approvals show r-12\n  \
                            stella approvals show r-12 --envelope > r-12.json      to sign on another machine")]
    Show(ShowApprovalArguments),
    /// Agree to a request with your key. The last agreement that is needed makes the change.
    #[command(after_help = "Examples:\n  stella approvals approve r-12 --key alice.pem\n  \
                            stella approvals approve r-12 --envelope r-12.signed.json      signed elsewhere")]
    Approve(ApproveArguments),
    /// Sign the envelope of a request, on a machine without the store. Prints the envelope with one signature more.
    #[command(after_help = "Example:\n  stella approvals sign r-12.json --key alice.pem > r-12.signed.json")]
    Sign(SignArguments),
    /// Refuse a request, or take the own one back. One refusal is enough.
    #[command(after_help = "Example:\n  stella approvals reject r-12 --key bob.pem --reason \"not this vendor\"")]
    Reject(RejectArguments),
    /// Make a change that enough persons have agreed to, where the last agreement could not.
    #[command(after_help = "Example:\n  stella approvals execute r-12")]
    Execute(ExecuteArguments),
}

#[derive(Args, Debug)]
pub(crate) struct ListApprovalsArguments {
    /// Also those that were made, refused, or are over.
    #[arg(long)]
    pub(crate) all: bool,
}

#[derive(Args, Debug)]
pub(crate) struct ShowApprovalArguments {
    /// The id of the request, such as r-12.
    #[arg(value_name = "ID")]
    pub(crate) id: String,
    /// Print the DSSE envelope instead: what approvers sign, with the signatures so far.
    #[arg(long)]
    pub(crate) envelope: bool,
}

#[derive(Args, Debug)]
pub(crate) struct ApproveArguments {
    /// The id of the request, such as r-12.
    #[arg(value_name = "ID")]
    pub(crate) id: String,
    /// The envelope of the request, signed on another machine.
    #[arg(long, value_name = "FILE", conflicts_with = "key")]
    pub(crate) envelope: Option<PathBuf>,
    /// Why: one line for the trust log.
    #[arg(long, value_name = "TEXT")]
    pub(crate) reason: Option<String>,
    #[command(flatten)]
    pub(crate) key: PrivateKeyOptions,
}

#[derive(Args, Debug)]
pub(crate) struct SignArguments {
    /// The envelope, as `stella approvals show ID --envelope` prints it.
    #[arg(value_name = "FILE")]
    pub(crate) envelope: PathBuf,
    #[command(flatten)]
    pub(crate) key: PrivateKeyOptions,
}

#[derive(Args, Debug)]
pub(crate) struct RejectArguments {
    /// The id of the request, such as r-12.
    #[arg(value_name = "ID")]
    pub(crate) id: String,
    /// Why: one line for the trust log.
    #[arg(long, value_name = "TEXT")]
    pub(crate) reason: Option<String>,
    #[command(flatten)]
    pub(crate) key: PrivateKeyOptions,
}

#[derive(Args, Debug)]
pub(crate) struct ExecuteArguments {
    /// The id of the request, such as r-12.
    #[arg(value_name = "ID")]
    pub(crate) id: String,
    /// Why: one line for the trust log.
    #[arg(long, value_name = "TEXT")]
    pub(crate) reason: Option<String>,
}

#[derive(Debug, Subcommand)]
pub(crate) enum ApproversCommand {
    /// List who may approve changes, and how many have to agree.
    #[command(after_help = "Examples:\n  stella approvers list\n  stella approvers list -o json")]
    List,
    /// Let a person approve changes, by their public key. A person counts once, however many keys they have.
    #[command(after_help = "Examples:\n  stella approvers add alice --key alice.pub\n  \
                            stella approvers add alice@example.org --key laptop.pub --id alice-laptop")]
    Add(Box<AddApproverArguments>),
    /// Take an approver's key out of use.
    #[command(after_help = "Example:\n  stella approvers remove alice-laptop --reason \"new laptop\"")]
    Remove(RemoveApproverArguments),
    /// Revoke an approver's key. One person may do this, so that a stolen key is stopped at once.
    #[command(after_help = "Example:\n  stella approvers revoke alice-laptop --cause compromised --reason INC-4711")]
    Revoke(RevokeApproverArguments),
    /// Change how many distinct persons have to agree, whoever asks included.
    #[command(after_help = "Example:\n  stella approvers quorum 3 --reason \"audit finding 7\"")]
    Quorum(QuorumArguments),
}

#[derive(Args, Debug)]
pub(crate) struct AddApproverArguments {
    /// The person, in small letters: a name or mail address.
    #[arg(value_name = "PERSON")]
    pub(crate) person: String,
    /// Their public key: PEM, JWK or a line of OpenSSH; Ed25519, or ECDSA with P-256, P-384 or P-521. Not needed for a key that was removed
    /// and that --id names.
    #[arg(long, value_name = "FILE", required_unless_present = "id")]
    pub(crate) key: Option<PathBuf>,
    /// The id of the key, in small letters; else made of the person and the key.
    #[arg(long, value_name = "ID")]
    pub(crate) id: Option<String>,
    #[command(flatten)]
    pub(crate) change: ChangeOptions,
}

#[derive(Args, Debug)]
pub(crate) struct RemoveApproverArguments {
    /// The person, if they have one key; else the id of the key, its key id, or a unique beginning of that.
    #[arg(value_name = "ID")]
    pub(crate) id: String,
    #[command(flatten)]
    pub(crate) change: ChangeOptions,
}

#[derive(Args, Debug)]
pub(crate) struct RevokeApproverArguments {
    /// The person, if they have one key; else the id of the key, its key id, or a unique beginning of that.
    #[arg(value_name = "ID")]
    pub(crate) id: String,
    /// Why, in one word.
    #[arg(long, value_enum, default_value = "compromised")]
    pub(crate) cause: Cause,
    /// From when on somebody else may have used it.
    #[arg(long, value_name = "TIME")]
    pub(crate) compromised_since: Option<String>,
    #[command(flatten)]
    pub(crate) change: ChangeOptions,
}

#[derive(Args, Debug)]
pub(crate) struct QuorumArguments {
    /// How many; at least 2.
    #[arg(value_name = "N")]
    pub(crate) quorum: u8,
    #[command(flatten)]
    pub(crate) change: ChangeOptions,
}
