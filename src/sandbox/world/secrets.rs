//! Secret Manager's rules.

use super::{
    Code, Refusal, World,
    model::{Payload, Secret, SecretVersion, VersionState},
    state::State,
};

impl World {
    /// All secrets, by name. Versions come along; payloads stay inside of [`Payload`].
    pub fn secrets(&self) -> Vec<Secret> {
        self.state().secrets.clone()
    }

    /// One secret.
    pub fn secret(&self, id: &str) -> Result<Secret, Refusal> {
        find(&self.state(), id).cloned()
    }

    /// One version by number, alias or `latest`, whatever its state.
    pub fn secret_version(&self, id: &str, version: &str) -> Result<SecretVersion, Refusal> {
        resolve(&self.state(), id, version).cloned()
    }

    /// `versions.access`: a version that may be read, with its payload.
    pub fn access_secret(&self, id: &str, version: &str) -> Result<SecretVersion, Refusal> {
        let state = self.state();
        let found = resolve(&state, id, version)?;
        if found.state == VersionState::Enabled {
            return Ok(found.clone());
        }
        let name = version_name(&state, id, found.number);
        let condition = found.state.name();
        Err(Refusal::precondition(format!(
            "Secret Version [{name}] is in {condition} state."
        )))
    }

    /// `secrets.addVersion`: the new version is enabled and becomes `latest`.
    pub fn add_secret_version(
        &self,
        id: &str,
        payload: Payload,
        checksum: Option<i64>,
    ) -> Result<SecretVersion, Refusal> {
        if checksum.is_some_and(|given| given != payload.crc32c()) {
            return Err(Refusal::invalid(
                "The payload data_crc32c checksum does not match the payload data.",
            ));
        }
        let now = self.now();
        self.try_change(|state| {
            let (etag, version_etag) = (state.dice.etag(), state.dice.etag());
            let secret = find_mut(state, id)?;
            let version = SecretVersion {
                number: secret.versions.len() as u64 + 1,
                state: VersionState::Enabled,
                created_at: now,
                destroyed_at: None,
                etag: version_etag,
                payload,
                checksum_given: checksum.is_some(),
            };
            secret.etag = etag;
            secret.versions.push(version.clone());
            Ok(version)
        })
    }

    /// `versions.enable`.
    pub fn enable_secret_version(
        &self,
        id: &str,
        version: &str,
        etag: Option<&str>,
    ) -> Result<SecretVersion, Refusal> {
        self.set_version_state(id, version, etag, VersionState::Enabled)
    }

    /// `versions.disable`.
    pub fn disable_secret_version(
        &self,
        id: &str,
        version: &str,
        etag: Option<&str>,
    ) -> Result<SecretVersion, Refusal> {
        self.set_version_state(id, version, etag, VersionState::Disabled)
    }

    /// `versions.destroy`: the payload is gone for good.
    pub fn destroy_secret_version(
        &self,
        id: &str,
        version: &str,
        etag: Option<&str>,
    ) -> Result<SecretVersion, Refusal> {
        self.set_version_state(id, version, etag, VersionState::Destroyed)
    }

    fn set_version_state(
        &self,
        id: &str,
        version: &str,
        etag: Option<&str>,
        wanted: VersionState,
    ) -> Result<SecretVersion, Refusal> {
        let now = self.now();
        self.try_change(|state| {
            let number = resolve(state, id, version)?.number;
            let name = version_name(state, id, number);
            let new_etag = state.dice.etag();
            let secret = find_mut(state, id)?;
            let found = secret
                .versions
                .iter_mut()
                .find(|found| found.number == number);
            let found = found.ok_or_else(|| Refusal::not_found(name.clone()))?;
            if etag.is_some_and(|etag| !etag.is_empty() && etag != found.etag) {
                return Err(Refusal::stale_etag(&name));
            }
            if found.state == VersionState::Destroyed {
                return Err(Refusal::precondition(format!(
                    "Secret Version [{name}] is in DESTROYED state."
                )));
            }
            if found.state != wanted {
                found.state = wanted;
                found.etag = new_etag;
            }
            if wanted == VersionState::Destroyed {
                found.payload = Payload::new(Vec::new());
                found.destroyed_at = Some(now);
            }
            Ok(found.clone())
        })
    }
}

fn find<'a>(state: &'a State, id: &str) -> Result<&'a Secret, Refusal> {
    state
        .secrets
        .iter()
        .find(|secret| secret.id == id)
        .ok_or_else(|| missing(state, id))
}

fn find_mut<'a>(state: &'a mut State, id: &str) -> Result<&'a mut Secret, Refusal> {
    let missing = missing(state, id);
    state
        .secrets
        .iter_mut()
        .find(|secret| secret.id == id)
        .ok_or(missing)
}

fn missing(state: &State, id: &str) -> Refusal {
    let number = state.project.number;
    Refusal::new(
        Code::NotFound,
        format!("Secret [projects/{number}/secrets/{id}] not found."),
    )
}

fn version_name(state: &State, id: &str, version: impl std::fmt::Display) -> String {
    format!(
        "projects/{}/secrets/{id}/versions/{version}",
        state.project.number
    )
}

fn resolve<'a>(state: &'a State, id: &str, version: &str) -> Result<&'a SecretVersion, Refusal> {
    let secret = find(state, id)?;
    let found = if version == "latest" {
        secret.latest()
    } else {
        let number = secret
            .aliases
            .get(version)
            .copied()
            .or_else(|| version.parse().ok());
        number.and_then(|number| secret.versions.iter().find(|found| found.number == number))
    };
    found.ok_or_else(|| {
        let name = version_name(state, id, version);
        Refusal::not_found(format!("Secret Version [{name}] not found."))
    })
}
