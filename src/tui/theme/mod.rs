//! Themes: roles, and the styles that a palette gives them. Views name roles, never colours.

mod file;

use ratatui::style::Style;

pub use file::ThemeError;

/// What a piece of the screen is, for its style.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Role {
    /// Ordinary text.
    Text,
    /// Text of less weight.
    Dim,
    /// Text of more weight.
    Strong,
    /// The program's own name.
    Brand,
    /// Heads of columns and sections.
    Heading,
    /// Lines between parts.
    Rule,
    /// Names of keys.
    Key,
    /// What is worth a look, without being good or bad.
    Accent,
    /// As it should be.
    Good,
    /// Look at it.
    Warn,
    /// Wrong.
    Bad,
    /// Older than it should be.
    Stale,
    /// The row of the cursor.
    Selected,
    /// An environment of the tier production.
    Production,
    /// An environment of the tier staging.
    Staging,
    /// An environment of the tier development.
    Development,
    /// What must not be overlooked.
    Alarm,
    /// A match of a search.
    Match,
    /// The current match of a search.
    Hit,
    /// Text that is being typed.
    Input,
    /// Bars and sparklines.
    Bar,
    /// Lines of a drawn graph.
    Lane,
    /// Words of SQL.
    SqlKeyword,
    /// Types of SQL.
    SqlType,
    /// Text in quotes in SQL.
    SqlText,
    /// Numbers in SQL.
    SqlNumber,
    /// Remarks in SQL.
    SqlComment,
    /// Brackets and operators of SQL.
    SqlMark,
}

impl Role {
    /// All roles.
    pub const ALL: [Self; 28] = [
        Self::Text,
        Self::Dim,
        Self::Strong,
        Self::Brand,
        Self::Heading,
        Self::Rule,
        Self::Key,
        Self::Accent,
        Self::Good,
        Self::Warn,
        Self::Bad,
        Self::Stale,
        Self::Selected,
        Self::Production,
        Self::Staging,
        Self::Development,
        Self::Alarm,
        Self::Match,
        Self::Hit,
        Self::Input,
        Self::Bar,
        Self::Lane,
        Self::SqlKeyword,
        Self::SqlType,
        Self::SqlText,
        Self::SqlNumber,
        Self::SqlComment,
        Self::SqlMark,
    ];

    /// Its name in a theme file.
    pub fn word(self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::Dim => "dim",
            Self::Strong => "strong",
            Self::Brand => "brand",
            Self::Heading => "heading",
            Self::Rule => "rule",
            Self::Key => "key",
            Self::Accent => "accent",
            Self::Good => "good",
            Self::Warn => "warn",
            Self::Bad => "bad",
            Self::Stale => "stale",
            Self::Selected => "selected",
            Self::Production => "production",
            Self::Staging => "staging",
            Self::Development => "development",
            Self::Alarm => "alarm",
            Self::Match => "match",
            Self::Hit => "hit",
            Self::Input => "input",
            Self::Bar => "bar",
            Self::Lane => "lane",
            Self::SqlKeyword => "sql-keyword",
            Self::SqlType => "sql-type",
            Self::SqlText => "sql-text",
            Self::SqlNumber => "sql-number",
            Self::SqlComment => "sql-comment",
            Self::SqlMark => "sql-mark",
        }
    }
}

/// What the terminal can show.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Colours {
    /// None: `NO_COLOR`, or a terminal without colours.
    None,
    /// The sixteen of the terminal's own palette.
    Sixteen,
    /// 24 bits.
    True,
}

/// The styles of all roles.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Theme {
    styles: [Style; Role::ALL.len()],
}

/// The themes that are built in.
const BUILT_IN: [(&str, &str); 2] = [
    ("dark", include_str!("../../../themes/dark.toml")),
    ("light", include_str!("../../../themes/light.toml")),
];

impl Theme {
    /// The built-in theme of this name (`dark`, `light`) for what the terminal can show.
    pub fn named(name: &str, colours: Colours) -> Option<Self> {
        let (_, text) = BUILT_IN.iter().find(|(known, _)| *known == name)?;
        Self::parse(text, colours).ok()
    }

    /// The names of the built-in themes.
    pub fn names() -> impl Iterator<Item = &'static str> {
        BUILT_IN.iter().map(|(name, _)| *name)
    }

    /// A theme from its file's text; roles that the file leaves out are those of the built-in dark theme.
    pub fn parse(text: &str, colours: Colours) -> Result<Self, ThemeError> {
        file::parse(text, colours)
    }

    /// The style of a role.
    pub fn style(&self, role: Role) -> Style {
        self.styles[role as usize]
    }
}

impl Default for Theme {
    fn default() -> Self {
        Self {
            styles: [Style::new(); Role::ALL.len()],
        }
    }
}

#[cfg(test)]
mod tests {
    use ratatui::style::Modifier;

    use super::*;

    #[test]
    fn the_built_in_themes_are_whole() {
        for name in Theme::names() {
            for colours in [Colours::None, Colours::Sixteen, Colours::True] {
                let text = BUILT_IN.iter().find(|(known, _)| *known == name).unwrap().1;
                Theme::parse(text, colours).unwrap();
                for role in Role::ALL {
                    assert!(
                        text.contains(&format!("\n{} ", role.word())),
                        "{name}: {role:?}"
                    );
                }
            }
        }
        assert_eq!(Theme::named("none such", Colours::True), None);
    }

    #[test]
    fn without_colours_modifiers_stand_in() {
        let theme = Theme::named("dark", Colours::None).unwrap();
        for role in Role::ALL {
            let style = theme.style(role);
            assert_eq!((style.fg, style.bg), (None, None), "{role:?}");
        }
        assert!(
            theme
                .style(Role::Selected)
                .add_modifier
                .contains(Modifier::REVERSED)
        );
        assert!(
            theme
                .style(Role::Production)
                .add_modifier
                .contains(Modifier::BOLD)
        );
    }

    #[test]
    fn a_wrong_theme_says_what_is_wrong() {
        for (text, word) in [
            ("[roles]\ntext = { fg = \"mauve\" }", "mauve"),
            ("[roles]\ntextt = { }", "textt"),
            ("[palette]\nx = { rgb = \"red\", ansi = \"red\" }", "red"),
            (
                "[palette]\nx = { rgb = \"#ff0000\", ansi = \"mauve\" }",
                "mauve",
            ),
            ("[roles]\ntext = { mods = [\"loud\"] }", "loud"),
        ] {
            let error = Theme::parse(text, Colours::True).unwrap_err().to_string();
            assert!(error.contains(word), "{error}");
        }
    }
}
