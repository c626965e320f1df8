//! x509-limbo: path validation, each namespace under its own profile.

use crate::files;
use crate::limbo::Limbo;
use crate::sink::Sink;
use crate::suite::{Input, Suite, SuiteError};

/// Path validation testcases.
#[derive(Debug)]
pub(crate) struct X509Limbo;

impl Suite for X509Limbo {
    fn name(&self) -> &'static str {
        "limbo"
    }

    fn about(&self) -> &'static str {
        "x509-limbo: certificate paths, webpki::* as servers of the public web, the rest as RFC 5280"
    }

    fn run(&self, input: &Input<'_>, sink: &mut Sink) -> Result<(), SuiteError> {
        let is_suite = |name: &str| name.starts_with("limbo") && name.contains(".json") && !name.contains("schema");
        for file in files::list(input.path, is_suite)? {
            for testcase in files::read_json::<Limbo>(&file)?.testcases {
                testcase.run(input, sink);
            }
        }
        Ok(())
    }
}
