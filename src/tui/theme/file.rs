//! The file form of a theme: a palette, and roles that name its colours.

use std::collections::BTreeMap;

use ratatui::style::{Color, Modifier, Style};
use serde::Deserialize;

use super::{BUILT_IN, Colours, Role, Theme};

/// Why a theme file cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ThemeError {
    /// It is not TOML of the right form.
    #[error("{0}")]
    Form(String),
    /// A role that there is not.
    #[error("there is no role `{0}`")]
    Role(String),
    /// A colour that the palette does not have.
    #[error("the palette has no colour `{0}`")]
    Colour(String),
    /// Not a colour of 24 bits.
    #[error("`{0}` is not a colour like `#7ab7ff`")]
    Rgb(String),
    /// Not one of the sixteen.
    #[error("`{0}` is not one of the sixteen terminal colours")]
    Ansi(String),
    /// Not a modifier.
    #[error("`{0}` is not one of bold, dim, italic, underline, reverse")]
    Modifier(String),
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[serde(default)]
    palette: BTreeMap<String, Paint>,
    #[serde(default)]
    roles: BTreeMap<String, RoleStyle>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Paint {
    rgb: String,
    ansi: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RoleStyle {
    fg: Option<String>,
    bg: Option<String>,
    #[serde(default)]
    mods: Vec<String>,
    #[serde(default)]
    plain: Vec<String>,
}

pub(super) fn parse(text: &str, colours: Colours) -> Result<Theme, ThemeError> {
    let mut theme = Theme::default();
    let dark = BUILT_IN[0].1;
    for part in [dark, text] {
        apply(&mut theme, part, colours)?;
    }
    Ok(theme)
}

fn apply(theme: &mut Theme, text: &str, colours: Colours) -> Result<(), ThemeError> {
    let file: File = toml::from_str(text).map_err(|e| ThemeError::Form(e.to_string()))?;
    let palette = file
        .palette
        .iter()
        .map(|(name, paint)| Ok((name.as_str(), colour(paint, colours)?)))
        .collect::<Result<BTreeMap<_, _>, ThemeError>>()?;
    for (name, style) in &file.roles {
        let role = Role::ALL
            .into_iter()
            .find(|role| role.word() == name)
            .ok_or_else(|| ThemeError::Role(name.clone()))?;
        theme.styles[role as usize] = resolve(style, &palette, colours)?;
    }
    Ok(())
}

fn resolve(
    role: &RoleStyle,
    palette: &BTreeMap<&str, Option<Color>>,
    colours: Colours,
) -> Result<Style, ThemeError> {
    let named = |name: &Option<String>| match name {
        None => Ok(None),
        Some(name) => palette
            .get(name.as_str())
            .copied()
            .ok_or_else(|| ThemeError::Colour(name.clone())),
    };
    let mut style = Style::new();
    style.fg = named(&role.fg)?;
    style.bg = named(&role.bg)?;
    for word in &role.mods {
        style = style.add_modifier(modifier(word)?);
    }
    for word in &role.plain {
        let stand_in = modifier(word)?;
        if colours == Colours::None {
            style = style.add_modifier(stand_in);
        }
    }
    Ok(style)
}

fn colour(paint: &Paint, colours: Colours) -> Result<Option<Color>, ThemeError> {
    let (rgb, ansi) = (rgb(&paint.rgb)?, ansi(&paint.ansi)?);
    Ok(match colours {
        Colours::None => None,
        Colours::Sixteen => Some(ansi),
        Colours::True => Some(rgb),
    })
}

fn rgb(text: &str) -> Result<Color, ThemeError> {
    let wrong = || ThemeError::Rgb(text.to_owned());
    let digits = text.strip_prefix('#').ok_or_else(wrong)?;
    if digits.len() != 6 || !digits.is_ascii() {
        return Err(wrong());
    }
    let value = u32::from_str_radix(digits, 16).map_err(|_| wrong())?;
    Ok(Color::from_u32(value))
}

fn ansi(name: &str) -> Result<Color, ThemeError> {
    Ok(match name {
        "black" => Color::Black,
        "red" => Color::Red,
        "green" => Color::Green,
        "yellow" => Color::Yellow,
        "blue" => Color::Blue,
        "magenta" => Color::Magenta,
        "cyan" => Color::Cyan,
        "white" => Color::Gray,
        "bright-black" => Color::DarkGray,
        "bright-red" => Color::LightRed,
        "bright-green" => Color::LightGreen,
        "bright-yellow" => Color::LightYellow,
        "bright-blue" => Color::LightBlue,
        "bright-magenta" => Color::LightMagenta,
        "bright-cyan" => Color::LightCyan,
        "bright-white" => Color::White,
        _ => return Err(ThemeError::Ansi(name.to_owned())),
    })
}

fn modifier(word: &str) -> Result<Modifier, ThemeError> {
    Ok(match word {
        "bold" => Modifier::BOLD,
        "dim" => Modifier::DIM,
        "italic" => Modifier::ITALIC,
        "underline" => Modifier::UNDERLINED,
        "reverse" => Modifier::REVERSED,
        _ => return Err(ThemeError::Modifier(word.to_owned())),
    })
}
