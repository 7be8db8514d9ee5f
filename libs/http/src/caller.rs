//! Who asks, and what they may.

use crate::token::{TokenError, TokenVerifier};
use crate::{Problem, codes};
use axum::extract::{FromRef, FromRequestParts};
use axum::http::header::AUTHORIZATION;
use axum::http::request::Parts;
use mz_contracts::Actor;
use mz_kernel::{DivisionCode, OfficerId, Stamp, SystemClock};
use serde::{Deserialize, Serialize};
use std::fmt;
use std::sync::Arc;

/// The account that a request comes from: an officer, an administrator or an agency. As a handler's argument it
/// admits nobody without a token that holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Caller {
    /// The account.
    pub officer: OfficerId,
    /// The name to show; not an identity.
    pub name: String,
    /// What the account may do.
    pub roles: Vec<Role>,
    /// The divisions that it works for, each with all that lies in it. None means that it sees no record.
    pub divisions: Vec<DivisionCode>,
    /// From this instant on the token no longer holds. Whole seconds.
    pub expires: Stamp,
    /// Why personal fields are read in the clear; recorded with every such read (D8).
    pub purpose: Option<String>,
}

/// What an account may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Role {
    /// 乡镇经办: takes in and investigates; the maker of a case.
    TownshipOfficer,
    /// 局审核: decides; the checker of a case.
    BureauOfficer,
    /// 管理员: accounts, configuration, parked events. Sees no case by this role.
    Administrator,
    /// 外部单位: a program of an agency.
    Agency,
}

/// Who takes in, proposes and reads records: officers, and no administrator or agency.
pub const OFFICERS: [Role; 2] = [Role::TownshipOfficer, Role::BureauOfficer];

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::TownshipOfficer => "township-officer",
            Self::BureauOfficer => "bureau-officer",
            Self::Administrator => "administrator",
            Self::Agency => "agency",
        })
    }
}

impl Caller {
    /// 403 unless the caller has the role.
    pub fn require(&self, role: Role) -> Result<(), Problem> {
        self.require_any(&[role])
    }

    /// 403 unless the caller has one of the roles.
    pub fn require_any(&self, roles: &[Role]) -> Result<(), Problem> {
        if roles.iter().any(|role| self.roles.contains(role)) {
            return Ok(());
        }
        let names: Vec<_> = roles.iter().map(ToString::to_string).collect();
        let detail = format!("This needs the role {}.", names.join(" or "));
        Err(Problem::forbidden(codes::ROLE, detail))
    }

    /// 403 unless the division is one that the caller works for, or lies in one.
    pub fn may_see(&self, division: &DivisionCode) -> Result<(), Problem> {
        if self.divisions.iter().any(|own| own.contains(division)) {
            return Ok(());
        }
        let detail = format!("Your account does not work for division {division}.");
        Err(Problem::forbidden(codes::DIVISION, detail))
    }

    /// The division that is read: the one asked for if the caller may see it, else the caller's only one.
    pub fn reading(&self, asked: Option<DivisionCode>) -> Result<DivisionCode, Problem> {
        match (asked, self.divisions.as_slice()) {
            (Some(division), _) => self.may_see(&division).map(|()| division),
            (None, [only]) => Ok(*only),
            (None, _) => Err(Problem::invalid(
                "division",
                "Say which of your divisions is meant.",
            )),
        }
    }

    /// The caller as the actor of an event.
    pub fn actor(&self) -> Actor {
        Actor::Officer(self.officer)
    }
}

/// How a service recognises its callers; part of the state of its router.
#[derive(Clone)]
pub struct Access {
    /// Whose signatures are believed.
    pub verifier: TokenVerifier,
    /// When tokens expire.
    pub clock: Arc<dyn SystemClock>,
}

impl fmt::Debug for Access {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Access")
            .field("verifier", &self.verifier)
            .finish_non_exhaustive()
    }
}

impl<S> FromRequestParts<S> for Caller
where
    S: Send + Sync,
    Access: FromRef<S>,
{
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let header = parts
            .headers
            .get(AUTHORIZATION)
            .and_then(|value| value.to_str().ok());
        let token = header.and_then(bearer).ok_or_else(|| {
            Problem::unauthenticated("Send the token of a caller as `Authorization: Bearer <token>`.")
        })?;
        let access = Access::from_ref(state);
        access
            .verifier
            .verify(token, access.clock.now())
            .map_err(|error| {
                Problem::unauthenticated(match error {
                    TokenError::Expired => "The token has expired. Sign in again.",
                    TokenError::Invalid => "The token is not one of ours. Sign in again.",
                })
            })
    }
}

/// The scheme's name is taken in any case (RFC 9110 §11.1).
fn bearer(header: &str) -> Option<&str> {
    let (scheme, token) = header.split_once(' ')?;
    scheme
        .eq_ignore_ascii_case("bearer")
        .then_some(token.trim_start())
}
