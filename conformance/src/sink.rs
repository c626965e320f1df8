//! Where the cases of a run go, one after another.

use std::panic::{self, AssertUnwindSafe};

use crate::case::{Case, Observed, Record};

/// Collects cases. A panic while one is judged becomes [`Observed::Crashed`]: it would otherwise look like a refusal.
#[derive(Debug, Default)]
pub struct Sink {
    records: Vec<Record>,
}

impl Sink {
    /// An empty collection.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Judges one case.
    pub fn judge(&mut self, case: Case, judge: impl FnOnce() -> Observed) {
        let observed = panic::catch_unwind(AssertUnwindSafe(judge)).unwrap_or_else(|payload| {
            let text = payload.downcast_ref::<&str>().map(|text| (*text).to_owned());
            let text = text.or_else(|| payload.downcast_ref::<String>().cloned());
            Observed::Crashed(text.unwrap_or_else(|| "a panic without a message".to_owned()))
        });
        self.records.push(Record { case, observed });
    }

    /// Tells a case that is not run, and why.
    pub fn skip(&mut self, case: Case, because: impl Into<String>) {
        self.records.push(Record { case, observed: Observed::Skipped(because.into()) });
    }

    /// Everything told, in order.
    #[must_use]
    pub fn into_records(self) -> Vec<Record> {
        self.records
    }
}

#[cfg(test)]
mod tests {
    use super::{Case, Observed, Sink};
    use crate::case::{Expected, Reasons};

    #[test]
    fn a_panic_is_told_as_a_crash() {
        let mut sink = Sink::new();
        sink.judge(Case::new("a", Expected::Reject(Reasons::Any)), || panic!("index {}", 3));
        assert_eq!(sink.into_records()[0].observed, Observed::Crashed("index 3".into()));
    }
}
