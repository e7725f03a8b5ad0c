//! Draws the screens as a terminal would get them, to be looked at by a person:
//! `cargo test --test screens -- --ignored pictures` writes them below `target/tmp/screens`.

use std::fmt::Write as _;

use jiff::SignedDuration;
use portcullis::tui::theme::{Colours, Theme};
use ratatui::buffer::Buffer;
use ratatui::style::{Color, Modifier};

use crate::stage::{Fate, Stage};

const SIZES: [(u16, u16); 3] = [(80, 24), (120, 36), (200, 60)];

type Scene = (&'static str, fn(&mut Stage));

const SCENES: &[Scene] = &[
    ("fleet", |_| {}),
    ("overview", |s| s.press("enter")),
    ("migrations", |s| s.press("m j j")),
    ("graph", |s| s.press("m t")),
    ("revision", |s| s.press("m enter")),
    ("comparison", |s| s.press("c")),
    ("secrets", |s| s.press("s")),
    ("executions", |s| s.press("e j")),
    ("operations", |s| s.press("r j")),
    ("gate-blocked", |s| s.press("u")),
    ("gate-readonly", |s| {
        s.world.nothing_blocks();
        s.press("ctrl-r u");
    }),
    ("gate-prod", |s| {
        s.world.nothing_blocks();
        s.press("ctrl-r u a");
        s.type_text("OPS-412 audit logs for the gateway");
        s.press("tab");
        s.type_text("prod 007_gat");
    }),
    ("gate-uat", |s| s.press("/ u a t enter u")),
    ("gate-uat-again", |s| s.press("/ u a t enter u x")),
    ("gate-secret", |s| s.press("s E a")),
    ("live", |s| {
        s.fate = Fate::Waits;
        s.press("/ u a t enter u x y");
        let id = s.model.runs[0].id;
        let now = s.now;
        s.happens(portcullis::app::event::Event::Run {
            id,
            event: portcullis::app::event::RunEvent::Lines(vec![
                crate::world::line(now, "INFO  [alembic.runtime.migration] Context impl PostgresqlImpl."),
                crate::world::line(now, "INFO  [alembic.runtime.migration] Running upgrade 003_remaining_entities -> 004_indexes, Indexes"),
                crate::world::line(now, "INFO  [alembic.runtime.migration] Running upgrade 004_indexes -> 005_rls_policies, Row level security"),
                crate::world::line(now, "NOTICE: relation \"trial\" exists, skipping 日本語のテキスト"),
            ]),
        });
        s.wait(SignedDuration::from_secs(14));
        s.settle();
    }),
    ("applied", |s| s.press("/ u a t enter u x y")),
    ("failed", |s| {
        s.fate = Fate::Lies;
        s.press("/ u a t enter u x y");
    }),
    ("log", |s| s.press("l")),
    ("help", |s| s.press("?")),
    ("palette", |s| s.press(":")),
    ("stale", |s| {
        s.model.focused = false;
        s.now = s
            .now
            .checked_add(SignedDuration::from_mins(20))
            .expect("a test");
        s.draw();
    }),
    ("broken", |s| {
        use portcullis::app::effect::Part;
        use portcullis::domain::failure::{Failure, FailureKind};
        let denied = Failure::new(
            FailureKind::Denied,
            "reading the versions of prod-plant-database-url was denied",
            "ask for roles/secretmanager.viewer on the secret",
        );
        let gone = Failure::new(
            FailureKind::Unreachable,
            "sqladmin did not answer within 5s",
            "check the network",
        );
        s.world.identity = Err(Failure::new(
            FailureKind::SignedOut,
            "the sign-in has expired",
            "gcloud auth application-default login",
        ));
        s.world.site_mut("uat").broken = vec![(Part::Secret, denied)];
        s.world.site_mut("demo").broken =
            vec![(Part::Instance, gone.clone()), (Part::Reading, gone)];
        s.model = portcullis::app::model::Model::new(s.model.setup.clone());
        s.open();
    }),
];

#[test]
#[ignore = "for the eye, not for the machine"]
fn pictures() {
    let folder = std::path::Path::new(env!("CARGO_TARGET_TMPDIR")).join("screens");
    #[expect(clippy::disallowed_methods, reason = "this is what it is for")]
    std::fs::create_dir_all(&folder).expect("a test");
    for (theme, colours) in [
        ("dark", Colours::True),
        ("light", Colours::True),
        ("dark", Colours::None),
        ("dark", Colours::Sixteen),
    ] {
        for (name, scene) in SCENES {
            for (width, height) in SIZES {
                let mut stage = Stage::dark(width, height);
                stage.theme = Theme::named(theme, colours).expect("a test");
                stage.open();
                scene(&mut stage);
                let file = format!("{name}-{width}x{height}-{theme}-{colours:?}.ans");
                #[expect(clippy::disallowed_methods, reason = "this is what it is for")]
                std::fs::write(folder.join(file), ansi(stage.buffer())).expect("a test");
            }
        }
    }
}

fn ansi(buffer: &Buffer) -> String {
    let mut out = String::new();
    for y in 0..buffer.area.height {
        let _ = write!(out, "\x1b[{};1H", y + 1);
        let mut skip = 0;
        for x in 0..buffer.area.width {
            if skip > 0 {
                skip -= 1;
                continue;
            }
            let cell = &buffer[(x, y)];
            out.push_str("\x1b[0");
            for (modifier, code) in [
                (Modifier::BOLD, 1),
                (Modifier::DIM, 2),
                (Modifier::ITALIC, 3),
                (Modifier::UNDERLINED, 4),
                (Modifier::REVERSED, 7),
            ] {
                if cell.modifier.contains(modifier) {
                    let _ = write!(out, ";{code}");
                }
            }
            for (color, base) in [(cell.fg, 30), (cell.bg, 40)] {
                let _ = match color {
                    Color::Reset => Ok(()),
                    Color::Rgb(r, g, b) => write!(out, ";{};2;{r};{g};{b}", base + 8),
                    other => write!(out, ";{}", base + sixteen(other)),
                };
            }
            out.push('m');
            out.push_str(cell.symbol());
            skip = unicode_width::UnicodeWidthStr::width(cell.symbol()).saturating_sub(1);
        }
    }
    out
}

fn sixteen(color: Color) -> u8 {
    match color {
        Color::Black => 0,
        Color::Red => 1,
        Color::Green => 2,
        Color::Yellow => 3,
        Color::Blue => 4,
        Color::Magenta => 5,
        Color::Cyan => 6,
        Color::Gray => 7,
        Color::DarkGray => 60,
        Color::LightRed => 61,
        Color::LightGreen => 62,
        Color::LightYellow => 63,
        Color::LightBlue => 64,
        Color::LightMagenta => 65,
        Color::LightCyan => 66,
        _ => 67,
    }
}
