//! Database URLs of jobs, mapped to where the databases really are.

use std::path::Path;

/// The name in the cluster for a database of an instance: all instances share one cluster.
pub(super) fn database_of(environment: &str, database: &str) -> String {
    if database == "postgres" {
        database.to_owned()
    } else {
        format!("{database}_{environment}")
    }
}

/// A URL that goes through `/cloudsql/P:R:I` led to the cluster's socket; anything else stays as it is.
pub(super) fn mapped(value: &str, socket: &Path) -> String {
    let through = |value: &str| {
        let (before, query) = value.split_once('?')?;
        let (server, database) = before.rsplit_once('/')?;
        let from = query.find("/cloudsql/")?;
        let rest = &query[from..];
        let to = rest.find('&').unwrap_or(rest.len());
        let environment = rest[..to].rsplit_once("plant-sql-")?.1;
        let database = database_of(environment, database);
        Some(format!(
            "{server}/{database}?{}{}{}",
            &query[..from],
            socket.display(),
            &rest[to..]
        ))
    };
    let is_url = value.starts_with("postgres");
    through(value)
        .filter(|_| is_url)
        .unwrap_or_else(|| value.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_documents_url_is_led_to_the_socket() {
        let url = "postgresql+asyncpg://plant_app:pw@/plant?host=/cloudsql/waooaw-oauth:asia-south1:plant-sql-demo";
        let mapped = mapped(url, Path::new("/tmp/s"));
        assert_eq!(
            mapped,
            "postgresql+asyncpg://plant_app:pw@/plant_demo?host=/tmp/s"
        );
    }

    #[test]
    fn other_parameters_and_other_values_stay() {
        let url = "postgresql://u:p@/plant?a=1&host=/cloudsql/p:r:plant-sql-uat&b=2";
        assert_eq!(
            mapped(url, Path::new("/s")),
            "postgresql://u:p@/plant_uat?a=1&host=/s&b=2"
        );
        assert_eq!(mapped("uat", Path::new("/s")), "uat");
        assert_eq!(
            mapped("postgresql://u@h/db", Path::new("/s")),
            "postgresql://u@h/db"
        );
    }
}
