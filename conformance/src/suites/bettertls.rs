//! BetterTLS in the form x509-limbo gives it: path building, and name constraints of servers.

use std::collections::BTreeMap;

use serde::Deserialize;

use crate::files;
use crate::limbo::Limbo;
use crate::sink::Sink;
use crate::suite::{Input, Suite, SuiteError};

/// Path building and name constraints.
#[derive(Debug)]
pub(crate) struct BetterTls;

/// What BetterTLS itself says of a case beyond its outcome.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Meta {
    failure_is_warning: bool,
}

impl Suite for BetterTls {
    fn name(&self) -> &'static str {
        "bettertls"
    }

    fn about(&self) -> &'static str {
        "BetterTLS: path building and name constraints; where it only warns of a failure, counted apart"
    }

    fn run(&self, input: &Input<'_>, sink: &mut Sink) -> Result<(), SuiteError> {
        let is_of_suite = |name: &str| name.starts_with("bettertls") && name.contains(".json");
        let listed =
            |is_meta: bool| files::list(input.path, |name| is_of_suite(name) && name.contains("-meta.") == is_meta);
        let mut meta: BTreeMap<String, Meta> = BTreeMap::new();
        if input.path.is_dir() {
            for file in listed(true)? {
                meta.extend(files::read_json::<BTreeMap<String, Meta>>(&file)?);
            }
        }
        for file in listed(false)? {
            for testcase in files::read_json::<Limbo>(&file)?.testcases {
                let namespace = testcase.id.split("::").nth(1).unwrap_or("all");
                let warns = meta.get(&testcase.id).is_some_and(|meta| meta.failure_is_warning);
                let group = if warns { format!("{namespace}, a failure is a warning") } else { namespace.to_owned() };
                testcase.run_in_group(&group, input, sink);
            }
        }
        Ok(())
    }
}
