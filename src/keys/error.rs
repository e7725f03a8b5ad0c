//! What can be wrong with a key map.

/// A key map that cannot be used, with its line.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("line {line}: {problem}")]
pub struct KeysError {
    /// Line in the file, from 1.
    pub line: usize,
    /// What is wrong there.
    pub problem: Problem,
}

/// What is wrong with an entry of a key map.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Problem {
    /// It is no TOML, or not of the form `[layer] key = "command"`.
    #[error("{0}")]
    Form(String),
    /// No layer has this name.
    #[error("there is no place `{0}`{1}")]
    Layer(String, Nearest),
    /// No key has this name.
    #[error("`{0}` is no key: write `q`, `G`, `ctrl-x`, `alt-enter`, `f5`, `pageup`")]
    Key(String),
    /// No command has this id.
    #[error("there is no command `{0}`{1}")]
    Command(String, Nearest),
    /// The same key twice in one layer, perhaps in two spellings.
    #[error("`{0}` stands here twice")]
    Duplicate(String),
    /// The key types a character where text is typed.
    #[error("`{key}` is typed into a text in `{layer}`, so it cannot be a command there")]
    TypesText {
        /// The key.
        key: String,
        /// The layer.
        layer: String,
    },
    /// A key that a tired hand presses by itself must not approve anything.
    #[error("`{0}` cannot be a key of `gate.approve`: it is pressed without a thought")]
    TooEasy(String),
}

/// The name that was probably meant.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Nearest(Option<&'static str>);

impl Nearest {
    /// The nearest of these names, if one is near.
    pub(super) fn to(name: &str, known: impl Iterator<Item = &'static str>) -> Self {
        let near = known
            .map(|word| (strsim::damerau_levenshtein(word, name), word))
            .min()
            .filter(|(distance, word)| *distance <= 1 + word.len() / 4);
        Self(near.map(|(_, word)| word))
    }
}

impl std::fmt::Display for Nearest {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.0 {
            Some(word) => write!(f, "; did you mean `{word}`?"),
            None => Ok(()),
        }
    }
}
