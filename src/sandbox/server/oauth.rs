//! The token endpoint and what Google tells about a token. OAuth has error bodies of its own.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use serde_json::{Value, json};

use super::call::Call;
use crate::sandbox::world::World;

/// How long a fresh token is said to live, in seconds.
const LIFETIME: u32 = 3599;

/// Answers a call of the OAuth endpoints, with its HTTP status; nothing when the path is none of theirs.
pub(super) fn answer(world: &World, call: &Call) -> Option<(u16, Value)> {
    match (call.ask(), call.parts().as_slice()) {
        (("POST", ""), ["token"] | ["oauth2", "v4", "token"]) => Some(token(call)),
        (("GET" | "POST", ""), ["oauth2", "v1" | "v2" | "v3", "userinfo"]) => {
            Some(userinfo(world, call))
        }
        (("GET" | "POST", ""), ["tokeninfo"] | ["oauth2", "v1" | "v2" | "v3", "tokeninfo"]) => {
            Some(tokeninfo(world, call))
        }
        _ => None,
    }
}

/// A refresh token that begins with `expired`, `revoked` or `rapt` gets the refusal that its name promises.
fn token(call: &Call) -> (u16, Value) {
    let field = |name: &str| call.body.get(name).and_then(Value::as_str);
    let access_token = match field("grant_type") {
        Some("refresh_token") => match field("refresh_token") {
            Some(token) if token.starts_with("rapt") => {
                return refused("invalid_grant", "reauth related error (invalid_rapt)");
            }
            Some(token) if token.starts_with("expired") || token.starts_with("revoked") => {
                return refused("invalid_grant", "Token has been expired or revoked.");
            }
            Some(token) if token.starts_with("user:") => token.to_owned(),
            Some(_) => "sandbox-token".to_owned(),
            None => {
                return refused(
                    "invalid_request",
                    "Missing required parameter: refresh_token",
                );
            }
        },
        Some("urn:ietf:params:oauth:grant-type:jwt-bearer") => {
            let issuer = field("assertion").and_then(issuer);
            issuer.map_or_else(
                || "sandbox-token".to_owned(),
                |issuer| format!("user:{issuer}"),
            )
        }
        _ => return refused("unsupported_grant_type", "Invalid grant_type"),
    };
    let answer = json!({
        "access_token": access_token, "expires_in": LIFETIME, "token_type": "Bearer",
        "scope": "https://www.googleapis.com/auth/cloud-platform openid https://www.googleapis.com/auth/userinfo.email",
    });
    (200, answer)
}

/// The service account that signed an assertion; the sandbox believes it.
fn issuer(assertion: &str) -> Option<String> {
    let claims = assertion.split('.').nth(1)?;
    let claims: Value = serde_json::from_slice(&URL_SAFE_NO_PAD.decode(claims).ok()?).ok()?;
    claims.get("iss")?.as_str().map(str::to_owned)
}

fn userinfo(world: &World, call: &Call) -> (u16, Value) {
    let Some(Ok(who)) = call
        .token
        .as_deref()
        .map(|token| world.principal(Some(token)))
    else {
        return (
            401,
            json!({ "error": "invalid_request", "error_description": "Invalid Credentials" }),
        );
    };
    (
        200,
        json!({ "sub": who.subject, "id": who.subject, "name": who.name, "email": who.email, "email_verified": true }),
    )
}

fn tokeninfo(world: &World, call: &Call) -> (u16, Value) {
    let named = call.param("access_token").or(call.text("/access_token"));
    let token = named.or(call.token.as_deref());
    let Some(Ok(who)) = token.map(|token| world.principal(Some(token))) else {
        return (
            400,
            json!({ "error": "invalid_token", "error_description": "Invalid Value" }),
        );
    };
    let answer = json!({
        "azp": "sandbox.apps.googleusercontent.com", "aud": "sandbox.apps.googleusercontent.com",
        "sub": who.subject, "scope": "https://www.googleapis.com/auth/cloud-platform",
        "expires_in": LIFETIME.to_string(), "email": who.email, "email_verified": "true",
        "access_type": "offline",
    });
    (200, answer)
}

fn refused(error: &str, description: &str) -> (u16, Value) {
    let mut body = json!({ "error": error, "error_description": description });
    if description.contains("invalid_rapt") {
        body["error_subtype"] = "invalid_rapt".into();
    }
    (400, body)
}
