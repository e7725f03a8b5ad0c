//! `[environments.NAME]`.

use std::path::PathBuf;

use crate::domain::environment::{Direct, Environment, EnvironmentName, ProbeKind, Tier};

use super::reader::{Problems, Section, nearest, required};

const KEYS: &[&str] = &[
    "tier",
    "job",
    "sql_instance",
    "database",
    "secret",
    "services",
    "probes",
    "project",
    "region",
    "labels",
    "direct",
];

/// Reads all environments, in the order of the file.
pub(super) fn read(
    section: Option<Section<'_>>,
    defaults: (&str, &str),
    problems: &mut Problems<'_>,
) -> Vec<Environment> {
    let Some(section) = section else {
        let hint = "Add an [environments.NAME] for each deployment target.".to_owned();
        problems.add(None, "there are no environments".to_owned(), hint);
        return Vec::new();
    };
    let environments = section.sections(problems);
    environments
        .iter()
        .filter_map(|(name, s)| environment(name, s, defaults, problems))
        .collect()
}

fn environment(
    name: &str,
    section: &Section<'_>,
    (project, region): (&str, &str),
    problems: &mut Problems<'_>,
) -> Option<Environment> {
    section.known(KEYS, problems);
    let tiers = Tier::ALL.map(|tier| (tier.word(), tier));
    let tier = required(section, "tier", problems, |s, p| s.word("tier", &tiers, p));
    let job = required(section, "job", problems, |s, p| s.text("job", p));
    let project = or_default(section, "project", project, problems);
    let region = or_default(section, "region", region, problems);
    Some(Environment {
        name: EnvironmentName::new(name),
        sql_instance: section.text("sql_instance", problems),
        database: section.text("database", problems),
        secret: section.text("secret", problems),
        services: section.texts("services", problems).unwrap_or_default(),
        probes: probes(section, problems),
        direct: direct(section, problems),
        labels: labels(section, problems),
        tier: tier?,
        job: job?,
        project: project?,
        region: region?,
    })
}

fn or_default(
    section: &Section<'_>,
    key: &str,
    default: &str,
    problems: &mut Problems<'_>,
) -> Option<String> {
    if section.value(key).is_none() && !default.is_empty() {
        return Some(default.to_owned());
    }
    required(section, key, problems, |s, p| s.text(key, p))
}

/// The probes in their order; without any the passive ones, which ask nothing of anybody.
fn probes(section: &Section<'_>, problems: &mut Problems<'_>) -> Vec<ProbeKind> {
    let Some(words) = section.texts("probes", problems) else {
        return vec![ProbeKind::DataApi, ProbeKind::Logs];
    };
    let known: Vec<_> = ProbeKind::ALL.iter().map(|probe| probe.word()).collect();
    let mut probes = Vec::new();
    for word in words {
        match ProbeKind::ALL.iter().find(|probe| probe.word() == word) {
            Some(probe) => probes.push(*probe),
            None => problems.add(
                Some(section.place("probes")),
                format!("there is no probe `{word}`"),
                nearest(&word, &known),
            ),
        }
    }
    probes
}

/// Where this machine finds the database; a socket has no host, and a port is one.
fn direct(section: &Section<'_>, problems: &mut Problems<'_>) -> Option<Direct> {
    let direct = section.section("direct", problems)?;
    direct.known(&["host", "port", "socket"], problems);
    let host = direct.text("host", problems);
    let socket = direct.text("socket", problems).map(PathBuf::from);
    if let (Some(_), Some(_)) = (&host, &socket) {
        let message = format!(
            "`{}` and `{}` exclude each other",
            direct.path("host"),
            direct.path("socket")
        );
        let hint = "Keep the one that leads to the database.".to_owned();
        problems.add(Some(direct.place("socket")), message, hint);
    }
    if socket
        .as_deref()
        .is_some_and(|folder| !folder.is_absolute())
    {
        direct.wrong("socket", "an absolute path of a folder", problems);
    }
    let port = direct.count("port", problems).and_then(|number| {
        let port = u16::try_from(number).ok().filter(|port| *port > 0);
        if port.is_none() {
            direct.wrong("port", "a port from 1 to 65535", problems);
        }
        port
    });
    Some(Direct { host, port, socket })
}

fn labels(
    section: &Section<'_>,
    problems: &mut Problems<'_>,
) -> std::collections::BTreeMap<String, String> {
    let Some(labels) = section.section("labels", problems) else {
        return std::collections::BTreeMap::new();
    };
    let keys = labels.keys();
    keys.iter()
        .filter_map(|(key, _)| Some(((*key).to_owned(), labels.text(key, problems)?)))
        .collect()
}
