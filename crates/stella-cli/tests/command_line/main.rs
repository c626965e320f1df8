//! The command line as a user meets it: arguments, files, standard output, standard error, exit status.

mod artifact;
mod attestation;
mod certificate;
mod everywhere;
mod harness;
mod hostile;
mod input;
mod output;
mod reference;
mod show;
mod usage;
