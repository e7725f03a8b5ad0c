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
    /// Reads `run.jobs.run=jobs/x-prod, runner@p.iam secretmanager.versions.access`: permissions with
    /// the part of the resources that they are taken away on, each after whose it was.
    pub fn parse(text: &str) -> Result<Vec<Self>, String> {
        let words = text.split(',').map(str::trim);
        let words = words.filter(|word| !word.is_empty());
        words.map(Self::parse_one).collect()
    }

    fn parse_one(word: &str) -> Result<Self, String> {
        let (email, rest) = match word.split_once(' ') {
            Some((email, rest)) => (Some(email.to_owned()), rest.trim()),
            None => (None, word),
        };
        let (permission, resource) = rest.split_once('=').unwrap_or((rest, ""));
        if !permission.contains('.') && permission != "*" {
            return Err(format!("`{permission}` is no permission"));
        }
        Ok(Self {
            email,
            permission: permission.to_owned(),
            resource: resource.to_owned(),
        })
    }

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
        self.allows_account(&who.email, permission, resource)
    }

    /// The same for an account by its address, such as a job's.
    pub fn allows_account(&self, email: &str, permission: &str, resource: &str) -> bool {
        !self
            .denials
            .iter()
            .any(|denial| denial.covers(email, permission, resource))
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
    fn denials_are_read_with_their_resource_and_their_owner() {
        let read =
            Denial::parse("run.jobs.run=-prod, mia@example.com secretmanager.*").expect("valid");
        let denial = |email: Option<&str>, permission: &str, resource: &str| Denial {
            email: email.map(str::to_owned),
            permission: permission.to_owned(),
            resource: resource.to_owned(),
        };
        assert_eq!(
            read,
            [
                denial(None, "run.jobs.run", "-prod"),
                denial(Some("mia@example.com"), "secretmanager.*", "")
            ]
        );
        assert!(Denial::parse("everything").is_err());
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
