//! Who asks, and what they may do.

use serde::{Deserialize, Serialize};

use super::refusal::{Code, Refusal};

/// Who is signed in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Principal {
    /// The address, such as `ravi@example.com`.
    pub email: String,
    /// The id that `userinfo` gives.
    pub subject: String,
    /// The name for people.
    pub name: String,
}

/// A permission that is taken away.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Denial {
    /// Whose; everybody's when absent.
    pub email: Option<String>,
    /// Which permission, such as `run.jobs.run`; a trailing `*` stands for the rest.
    pub permission: String,
    /// A part of the names of the resources; empty for all.
    pub resource: String,
}

impl Denial {
    fn covers(&self, email: &str, permission: &str, resource: &str) -> bool {
        let permission_fits = match self.permission.strip_suffix('*') {
            Some(stem) => permission.starts_with(stem),
            None => self.permission == permission,
        };
        permission_fits
            && self.email.as_deref().is_none_or(|whose| whose == email)
            && resource.contains(&self.resource)
    }
}

/// The people of the world and what is denied to them; everything else is granted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Access {
    /// Who any token stands for that names nobody else.
    pub operator: Principal,
    /// What is taken away.
    pub denials: Vec<Denial>,
}

impl Access {
    /// Whose token this is: `expired…` is nobody's any more, `user:ADDRESS` is that person's, any other the operator's.
    pub fn principal(&self, token: Option<&str>) -> Result<Principal, Refusal> {
        match token {
            Some(token) if token.starts_with("expired") => Err(Refusal::new(
                Code::Unauthenticated,
                "Request had invalid authentication credentials. Expected OAuth 2 access token, login cookie or other \
                 valid authentication credential. See https://developers.google.com/identity/sign-in/web/devconsole-project.",
            )),
            Some(token) if token.starts_with("user:") => {
                let email = token.trim_start_matches("user:").to_owned();
                let name = email.split('@').next().unwrap_or_default().to_owned();
                Ok(Principal {
                    subject: format!("10{}", crc32c::crc32c(email.as_bytes())),
                    name,
                    email,
                })
            }
            _ => Ok(self.operator.clone()),
        }
    }

    /// Whether somebody has a permission on a resource.
    pub fn allows(&self, who: &Principal, permission: &str, resource: &str) -> bool {
        !self
            .denials
            .iter()
            .any(|denial| denial.covers(&who.email, permission, resource))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn access() -> Access {
        let operator = Principal {
            email: "ravi@example.com".into(),
            subject: "1".into(),
            name: "Ravi".into(),
        };
        let denials = vec![Denial {
            email: None,
            permission: "run.jobs.*".into(),
            resource: "-prod".into(),
        }];
        Access { operator, denials }
    }

    #[test]
    fn a_denial_covers_its_resource_and_no_other() {
        let access = access();
        assert!(!access.allows(
            &access.operator,
            "run.jobs.run",
            "jobs/plant-db-migrations-prod"
        ));
        assert!(access.allows(
            &access.operator,
            "run.jobs.run",
            "jobs/plant-db-migrations-uat"
        ));
        assert!(access.allows(
            &access.operator,
            "run.executions.get",
            "jobs/plant-db-migrations-prod"
        ));
    }

    #[test]
    fn an_expired_token_is_nobodys() {
        let refusal = access()
            .principal(Some("expired-yesterday"))
            .expect_err("expired");
        assert_eq!(refusal.code, Code::Unauthenticated);
        assert_eq!(
            access()
                .principal(Some("user:mia@example.com"))
                .expect("mia")
                .email,
            "mia@example.com"
        );
    }
}
