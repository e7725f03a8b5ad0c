//! Who acts: whether a name in the ledger is a person's, and whether two are the same one's.

/// Whether this is the address of somebody. A sign-in that does not tell its e-mail is nobody
/// in particular: it can neither ask others nor agree.
pub fn is_known(actor: &str) -> bool {
    let plain = !actor
        .chars()
        .any(|c| c.is_whitespace() || c.is_control() || c == '/' || c == ':');
    plain
        && actor
            .split_once('@')
            .is_some_and(|(name, host)| !name.is_empty() && host.contains('.'))
}

/// Whether this is a known person. A service account is not: whoever may act as one would be
/// a second person to himself.
pub fn is_person(actor: &str) -> bool {
    is_known(actor)
        && !actor
            .trim()
            .to_lowercase()
            .ends_with(".gserviceaccount.com")
}

/// Whether two names are the same somebody's; addresses differ in more than their case.
pub fn is_same(one: &str, other: &str) -> bool {
    one.trim().to_lowercase() == other.trim().to_lowercase()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_an_address_is_somebody() {
        assert!(is_known("mia@example.com"));
        assert!(is_known("deploy@p.iam.gserviceaccount.com"));
        for nobody in [
            "",
            "unknown",
            "the token in CLOUDSDK_AUTH_ACCESS_TOKEN",
            "@example.com",
            "mia@",
            "mia@localhost",
            "local:mia@laptop.example.com",
            "mia @example.com",
        ] {
            assert!(!is_known(nobody), "{nobody}");
        }
    }

    #[test]
    fn a_service_account_is_no_person() {
        assert!(is_person("mia@example.com"));
        assert!(!is_person("deploy@p.iam.gserviceaccount.com"));
        assert!(!is_person("Deploy@P.iam.GServiceAccount.com"));
    }

    #[test]
    fn case_makes_no_second_person() {
        assert!(is_same("Mia@Example.com", "mia@example.com "));
        assert!(!is_same("mia@example.com", "ravi@example.com"));
    }
}
