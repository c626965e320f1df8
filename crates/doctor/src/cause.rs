//! Why something is wrong, and what mends it.

use stella_vocabulary::Code;

/// How sure it is that this is the cause.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub enum Confidence {
    /// It fits, and other things would fit as well.
    Possible,
    /// It fits, and nothing else that was looked at does.
    Likely,
    /// It was computed or read, and follows.
    Certain,
}

impl Confidence {
    /// The name: `possible`, `likely`, `certain`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Possible => "possible",
            Self::Likely => "likely",
            Self::Certain => "certain",
        }
    }
}

/// The likely cause of a finding. Two findings whose causes have the same code and subject are about one thing.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Cause {
    /// The code, where the registry has one.
    pub code: Option<Code>,
    /// What it is about, such as `signing key release-2026` or `intermediate CN=…`.
    pub subject: String,
    /// One sentence.
    pub summary: String,
    /// How sure that is.
    pub confidence: Confidence,
}

impl Cause {
    /// Whether both are about the same thing.
    #[must_use]
    pub fn is_that_of(&self, other: &Self) -> bool {
        self.code == other.code && self.subject == other.subject
    }
}

/// What mends it: the least that helps.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Mending {
    /// One sentence.
    pub summary: String,
    /// Commands in their order, each as its words. A word in capitals stands for something only the reader knows.
    pub commands: Vec<Vec<String>>,
    /// What they would newly accept; `None` if they do not loosen trust.
    pub accepts: Option<String>,
}

impl Mending {
    /// Words, and no command yet.
    #[must_use]
    pub fn new(summary: impl Into<String>) -> Self {
        Self { summary: summary.into(), ..Self::default() }
    }

    /// One more command.
    #[must_use]
    pub fn command(mut self, words: &[&str]) -> Self {
        self.commands.push(words.iter().map(ToString::to_string).collect());
        self
    }

    /// What the commands would newly accept.
    #[must_use]
    pub fn accepting(mut self, what: impl Into<String>) -> Self {
        self.accepts = Some(what.into());
        self
    }
}
