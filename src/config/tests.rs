//! What a config says, and what is said about a wrong one.

use proptest::prelude::*;

use super::*;
use crate::domain::environment::{ProbeKind, Tier};
use crate::domain::operation::Risk;
use crate::domain::policy::{Confirm, ReasonRule};

const WHOLE: &str = r#"
project = "waooaw-oauth"
region  = "asia-south1"

[migrations]
path = "src/Plant/BackEnd"

[google.endpoints]
run = "http://127.0.0.1:8080"

[environments.prod]
tier         = "production"
job          = "plant-db-migrations-prod"
sql_instance = "plant-sql-prod"
database     = "plant"
secret       = "prod-plant-database-url"
services     = ["waooaw-plant-backend-prod"]
probes       = ["data-api", "logs", "job", "direct"]

[environments.demo]
tier = "development"
job = "plant-db-migrations-demo"
region = "europe-west1"

[operations.seed]
args = ["python", "database/seed_data.py"]
risk = "change"

[tiers.production]
ticket      = "^[A-Z]+-[0-9]+"
promote_from = "demo"
backup_within = "30m"
freeze      = [{ from = "fri 16:00", to = "mon 08:00", zone = "Asia/Kolkata" }]

[preflight]
timeout = "off"
"#;

fn read(text: &str) -> Result<Settings, ConfigErrors> {
    parse(
        text,
        "portcullis.toml",
        Path::new("/project"),
        &Fallback::default(),
    )
}

#[track_caller]
fn only_error(text: &str) -> ConfigError {
    let ConfigErrors(errors) = read(text).unwrap_err();
    assert_eq!(errors.len(), 1, "{errors:?}");
    errors[0].clone()
}

#[test]
fn everything_is_read_and_the_defaults_are_safe() {
    let settings = read(WHOLE).unwrap();
    let names: Vec<_> = settings
        .environments
        .iter()
        .map(|e| e.name.as_str())
        .collect();
    assert_eq!(names, ["prod", "demo"]);
    assert_eq!(settings.environments[0].probes.len(), 4);
    assert_eq!(
        settings.environments[1].probes,
        [ProbeKind::DataApi, ProbeKind::Logs]
    );
    assert_eq!(settings.environments[1].region, "europe-west1");
    assert_eq!(
        settings.migrations.unwrap(),
        Path::new("/project/src/Plant/BackEnd")
    );
    let production = settings.policies.of(Tier::Production);
    assert!(production.read_only);
    assert_eq!(production.confirm, Confirm::TypeTarget);
    assert_eq!(production.reason, ReasonRule::Required);
    assert_eq!(production.freeze[0].from, 4 * 1440 + 960);
    assert_eq!(settings.policies.preflight["timeout"], None);
    assert_eq!(settings.operations["seed"].risk, Risk::Change);
}

#[test]
fn the_built_in_operations_are_sound() {
    let settings = read(WHOLE).unwrap();
    for name in ["current", "history", "upgrade", "downgrade", "stamp", "sql"] {
        assert!(settings.operations.contains_key(name), "{name}");
    }
    assert_eq!(settings.operations["stamp"].risk, Risk::Destructive);
    assert_eq!(settings.operations["downgrade"].risk, Risk::Destructive);
}

#[test]
fn a_misspelt_key_is_shown_where_it_stands_with_the_right_name() {
    let error = only_error(&WHOLE.replace("sql_instance =", "sql_instanse ="));
    assert_eq!((error.line, error.column), (14, 1));
    assert_eq!(
        error.message,
        "unknown key `environments.prod.sql_instanse`"
    );
    assert_eq!(error.hint, "Did you mean `sql_instance`?");
}

#[test]
fn wrong_values_are_named_with_what_is_right() {
    for (right, wrong, says) in [
        (
            "\"production\"",
            "\"producton\"",
            "`environments.prod.tier` cannot be `producton`",
        ),
        (
            "\"30m\"",
            "\"soon\"",
            "`tiers.production.backup_within` must be a duration",
        ),
        (
            "\"plant\"",
            "5",
            "`environments.prod.database` must be a text",
        ),
        ("\"direct\"]", "\"dirct\"]", "there is no probe `dirct`"),
        ("\"off\"", "\"no\"", "`preflight.timeout` cannot be `no`"),
        (
            "\"Asia/Kolkata\"",
            "\"Asia/Nowhere\"",
            "`tiers.production.freeze[0].zone` must be an IANA time zone",
        ),
        (
            "\"fri 16:00\"",
            "\"friday\"",
            "`tiers.production.freeze[0].from` must be a time of the week",
        ),
        ("timeout =", "timout =", "unknown key `preflight.timout`"),
        (
            "\"^[A-Z]+-[0-9]+\"",
            "\"([\"",
            "`tiers.production.ticket` must be a regular expression",
        ),
        (
            "= \"demo\"",
            "= \"dmo\"",
            "`tiers.production.promote_from` names no environment",
        ),
        (
            "seed_data.py\"",
            "{what}\"",
            "`{what}` in `operations.seed.args` has no parameter",
        ),
    ] {
        let text = WHOLE.replace(right, wrong);
        assert_ne!(text, WHOLE, "{right}");
        let error = only_error(&text);
        assert!(error.message.starts_with(says), "{}", error.message);
        assert!(error.line > 1, "{error:?}");
    }
}

#[test]
fn what_is_not_toml_is_shown_where_it_breaks() {
    let error = only_error("project = \n");
    assert_eq!(error.line, 1);
    assert!(!error.message.is_empty());
}

#[test]
fn several_faults_are_told_at_once() {
    let ConfigErrors(errors) = read("projct = 1\n[environments.a]\njbo = 2\n").unwrap_err();
    assert!(errors.len() >= 4, "{errors:?}");
}

#[test]
fn gcloud_fills_in_what_the_file_leaves_out() {
    let fallback = Fallback {
        project: Some("p".into()),
        region: Some("r".into()),
    };
    let text = "[environments.a]\ntier = 'staging'\njob = 'j'\n";
    assert!(read(text).is_err());
    let settings = parse(text, "f", Path::new("."), &fallback).unwrap();
    assert_eq!(settings.environments[0].project, "p");
}

#[test]
fn the_nearest_file_upwards_counts_first() {
    let found = candidates(Path::new("/a/b"), Some(Path::new("/home/c")));
    let names: Vec<_> = found.iter().map(|p| p.to_str().unwrap()).collect();
    assert_eq!(
        names,
        [
            "/a/b/portcullis.toml",
            "/a/portcullis.toml",
            "/portcullis.toml",
            "/home/c/portcullis/config.toml"
        ]
    );
}

#[test]
fn an_override_keeps_what_it_does_not_say() {
    let text =
        format!("{WHOLE}\n[operations.upgrade]\nargs = ['alembic', 'upgrade', '{{target}}']\n");
    let operations = read(&text).unwrap().operations;
    assert_eq!(operations["upgrade"].args[0], "alembic");
    assert_eq!(operations["upgrade"].risk, Risk::Change);
    assert_eq!(
        operations["upgrade"].params["target"].default.as_deref(),
        Some("head")
    );
}

#[test]
fn a_new_operation_says_its_risk_and_its_types() {
    let with = |text: &str| only_error(&format!("{WHOLE}\n[operations.new]\n{text}")).message;
    assert!(with("args = ['x']").starts_with("`operations.new.risk` must be said"));
    assert!(with("risk = 'read'").starts_with("`operations.new.args` is missing"));
    assert!(with("risk = 'read'\nargs = []").starts_with("`operations.new.args` must be a list"));
    let typed = |param: &str| {
        with(&format!(
            "risk = 'read'\nargs = ['{{n}}']\nparams = {{ n = {param} }}"
        ))
    };
    assert!(typed("{ kind = 'integer', default = 'many' }").contains("is not a whole number"));
    assert!(typed("{ kind = 'revision', default = '--sql' }").contains("is not a revision"));
    assert!(typed("{ default = 1 }").contains("`operations.new.params.n.kind` is missing"));
    let good = format!(
        "{WHOLE}\n[operations.new]\nrisk = 'read'\nargs = ['{{n}}']\nparams = {{ n = {{ kind = 'integer', default = 3 }} }}"
    );
    assert_eq!(
        read(&good).unwrap().operations["new"].params["n"]
            .default
            .as_deref(),
        Some("3")
    );
}

/// The words behind `Finding::found(` and `Finding::pass(` in a source file.
fn codes_in(source: &str) -> Vec<&str> {
    let calls = source
        .split("Finding::found(")
        .skip(1)
        .chain(source.split("Finding::pass(").skip(1));
    calls
        .filter_map(|rest| rest.trim_start().strip_prefix('"')?.split('"').next())
        .collect()
}

#[test]
fn what_keeps_a_run_from_working_or_doubles_it_cannot_be_weakened() {
    use crate::domain::preflight::FIRM;
    for code in FIRM {
        for word in ["off", "warn"] {
            let error =
                only_error(&WHOLE.replace("timeout = \"off\"", &format!("{code} = \"{word}\"")));
            assert!(
                error
                    .message
                    .starts_with(&format!("`preflight.{code}` cannot be weakened")),
                "{error:?}"
            );
        }
        assert!(read(&WHOLE.replace("timeout = \"off\"", &format!("{code} = \"block\""))).is_ok());
    }
}

#[test]
fn every_check_that_is_made_has_a_name_in_the_config() {
    use crate::domain::preflight::CODES;
    let sources = [
        include_str!("../ops/preflight.rs"),
        include_str!("../ops/policy_checks.rs"),
        include_str!("../ops/doubts.rs"),
        include_str!("../ops/job_checks.rs"),
        include_str!("../ops/permission_checks.rs"),
        include_str!("../ops/database_checks.rs"),
    ];
    let used: Vec<_> = sources.iter().flat_map(|source| codes_in(source)).collect();
    assert!(used.len() > 20, "{used:?}");
    for code in used {
        assert!(
            CODES.contains(&code),
            "domain::preflight::CODES lacks `{code}`"
        );
    }
}

proptest! {
    #[test]
    fn no_text_makes_it_panic(text in any::<String>()) {
        let _ = read(&text);
    }

    #[test]
    fn no_damage_to_a_good_file_makes_it_panic(
        at in any::<prop::sample::Index>(), length in 0_usize..40, insert in ".{0,6}",
    ) {
        let mut chars: Vec<char> = WHOLE.chars().collect();
        let at = at.index(chars.len());
        let end = (at + length).min(chars.len());
        chars.splice(at..end, insert.chars());
        let _ = read(&chars.into_iter().collect::<String>());
    }
}

#[test]
fn a_place_for_the_direct_probe_is_read_and_checked() {
    let text = |direct: &str| {
        format!(
            "project = \"p\"\nregion = \"r\"\n[environments.x]\ntier = \"staging\"\njob = \"j\"\n[environments.x.direct]\n{direct}\n"
        )
    };
    let settings = read(&text("host = \"127.0.0.1\"\nport = 5433")).unwrap();
    let direct = settings.environments[0].direct.clone().unwrap();
    assert_eq!(
        (direct.host.as_deref(), direct.port),
        (Some("127.0.0.1"), Some(5433))
    );
    for (wrong, line, column) in [
        ("hots = \"x\"", 7, 1),
        ("port = 0", 7, 8),
        ("port = 65536", 7, 8),
        ("socket = \"run/x\"", 7, 10),
        ("host = \"x\"\nsocket = \"/x\"", 8, 10),
    ] {
        let error = only_error(&text(wrong));
        assert_eq!((error.line, error.column), (line, column), "{error}");
    }
}

/// Three environments, and what is said about tiers.
fn with_tiers(tiers: &str) -> String {
    let one = |(name, tier)| format!("[environments.{name}]\ntier = \"{tier}\"\njob = \"j\"\n");
    let environments = [
        ("demo", "development"),
        ("uat", "staging"),
        ("prod", "production"),
    ]
    .map(one)
    .concat();
    format!("project = \"p\"\nregion = \"r\"\n{environments}{tiers}\n")
}

#[test]
fn the_keys_of_the_second_person_are_read() {
    let settings = read(&with_tiers(
        "[tiers.production]\napprovals = 2\napproval_expires = \"2h\"\napproval_lasts = \"10m\"\narmed_for = \"90s\"\nbreak_glass = false",
    ))
    .unwrap();
    let policy = settings.policies.of(Tier::Production);
    assert_eq!(policy.approvals, 2);
    assert_eq!(policy.approval_expires, jiff::SignedDuration::from_hours(2));
    assert_eq!(policy.approval_lasts, jiff::SignedDuration::from_mins(10));
    assert_eq!(policy.armed_for, jiff::SignedDuration::from_secs(90));
    assert!(!policy.break_glass);
    let default = read(&with_tiers("")).unwrap().policies.of(Tier::Production);
    assert_eq!(
        default.approval_expires,
        jiff::SignedDuration::from_hours(1)
    );
    assert!(default.break_glass);
}

#[test]
fn a_policy_that_nobody_can_meet_is_an_error_with_its_place() {
    let week = |windows: &str| format!("[tiers.production]\nfreeze = [{windows}]");
    let cases = [
        (
            "[tiers.staging]\nticket = \"^OPS\"",
            (13, 10),
            "nobody is asked for the reason",
        ),
        (
            "[tiers.production]\napprovals = 10",
            (13, 13),
            "so many people",
        ),
        (
            "[tiers.production]\napproval_lasts = \"8d\"",
            (13, 18),
            "too long",
        ),
        (
            "[tiers.production]\narmed_for = \"25h\"",
            (13, 13),
            "too long",
        ),
        (
            "[tiers.production]\npromote_from = \"prod\"",
            (13, 16),
            "itself production",
        ),
    ];
    for (tiers, place, words) in cases {
        let error = only_error(&with_tiers(tiers));
        assert_eq!((error.line, error.column), place, "{error}");
        assert!(error.message.contains(words), "{error}");
        assert!(!error.hint.is_empty(), "{error}");
    }
    let never = "{ from = \"fri 16:00\", to = \"fri 16:00\", zone = \"UTC\" }";
    let error = only_error(&with_tiers(&week(never)));
    assert!(error.message.contains("never ends"), "{error}");
}

#[test]
fn a_promotion_in_a_circle_is_told_at_both_its_ends() {
    let circle =
        "[tiers.staging]\npromote_from = \"prod\"\n[tiers.production]\npromote_from = \"uat\"";
    let ConfigErrors(errors) = read(&with_tiers(circle)).unwrap_err();
    assert_eq!(errors.len(), 2, "{errors:?}");
    assert!(errors[0].message.contains("prod before uat"), "{errors:?}");
    assert!(read(&with_tiers("[tiers.production]\npromote_from = \"uat\"")).is_ok());
}

#[test]
fn windows_that_leave_no_minute_of_the_week_are_an_error_also_in_several_zones() {
    let window = |from: &str, to: &str, zone: &str| {
        format!("{{ from = \"{from}\", to = \"{to}\", zone = \"{zone}\" }}")
    };
    let freeze = |windows: &[String]| {
        with_tiers(&format!(
            "[tiers.production]\nfreeze = [{}]",
            windows.join(", ")
        ))
    };
    let utc = |from, to| window(from, to, "UTC");
    let covered = [
        vec![utc("mon 00:00", "thu 00:00"), utc("thu 00:00", "mon 00:00")],
        vec![utc("mon 00:00", "thu 12:00"), utc("wed 00:00", "tue 00:00")],
        // 05:30 ahead: Kolkata's Thursday begins on Wednesday, 18:30.
        vec![
            utc("mon 00:00", "wed 18:30"),
            window("thu 00:00", "mon 05:30", "Asia/Kolkata"),
        ],
        // Summer time moves the seam, and the windows overlap by more than that.
        vec![
            window("mon 00:00", "thu 00:00", "Europe/Berlin"),
            window("wed 12:00", "mon 00:00", "America/New_York"),
        ],
    ];
    for windows in covered {
        let error = only_error(&freeze(&windows));
        assert!(error.message.contains("the whole week"), "{error}");
    }
    let open = [
        vec![utc("mon 00:00", "sun 23:59")],
        vec![utc("mon 00:00", "thu 00:00"), utc("thu 00:01", "mon 00:00")],
        // Half an hour is left between Berlin's end and New York's begin, in summer or in winter.
        vec![
            window("mon 06:00", "thu 00:00", "Europe/Berlin"),
            window("wed 18:30", "mon 00:00", "America/New_York"),
        ],
        vec![
            utc("fri 16:00", "mon 08:00"),
            window("fri 16:00", "mon 08:00", "Asia/Kolkata"),
        ],
    ];
    for windows in open {
        assert!(read(&freeze(&windows)).is_ok(), "{windows:?}");
    }
}
