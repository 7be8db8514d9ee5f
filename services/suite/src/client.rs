//! Talking to the running suite of a data folder.

use crate::suite::{token, where_file};
use mz_http::Role;
use mz_kernel::DivisionCode;
use mz_runtime::{Secrets, SecretsError};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use std::path::Path;

/// The suite cannot be asked.
#[derive(Debug, thiserror::Error)]
pub enum ClientError {
    /// It is not running.
    #[error("no suite is running on {folder}; start it with `minzheng up`")]
    NotRunning {
        /// The data folder.
        folder: String,
    },
    /// The keys of the data folder.
    #[error("the keys cannot be used")]
    Secrets(#[from] SecretsError),
    /// The connection.
    #[error("the suite does not answer")]
    Http(#[from] reqwest::Error),
    /// What it said.
    #[error("the suite refused: {code}: {detail}")]
    Refused {
        /// The problem's code.
        code: String,
        /// The problem's detail.
        detail: String,
    },
}

#[derive(Deserialize)]
struct Where {
    address: String,
}

#[derive(Deserialize)]
struct ProblemBody {
    code: String,
    detail: String,
}

/// A client of a running suite.
pub struct Client {
    http: reqwest::Client,
    address: String,
    token: String,
}

impl Client {
    /// An administrator's client of the suite that runs on a data folder.
    pub fn of(data: &Path, county: DivisionCode) -> Result<Self, ClientError> {
        Self::in_role(data, county, Role::Administrator)
    }

    /// A client in another role.
    pub fn in_role(data: &Path, division: DivisionCode, role: Role) -> Result<Self, ClientError> {
        let not_running = || ClientError::NotRunning {
            folder: data.display().to_string(),
        };
        let note = std::fs::read(where_file(data)).map_err(|_| not_running())?;
        let Where { address } = serde_json::from_slice(&note).map_err(|_| not_running())?;
        let secrets = Secrets::open(&data.join("secrets"))?;
        let token = token(&secrets.signer(), "administrator", role, &[division]);
        Ok(Self {
            http: reqwest::Client::new(),
            address,
            token,
        })
    }

    /// Where the suite listens.
    pub fn address(&self) -> &str {
        &self.address
    }

    /// Reads.
    pub async fn get<T: DeserializeOwned>(&self, path: &str) -> Result<T, ClientError> {
        self.answer(self.http.get(format!("{}{path}", self.address)))
            .await
    }

    /// Orders.
    pub async fn post<T: DeserializeOwned>(
        &self,
        path: &str,
        body: &serde_json::Value,
    ) -> Result<T, ClientError> {
        self.answer(self.http.post(format!("{}{path}", self.address)).json(body))
            .await
    }

    /// Orders what is done once for a key, however often it is sent.
    pub async fn post_once<T: DeserializeOwned>(
        &self,
        path: &str,
        key: &str,
        body: &serde_json::Value,
    ) -> Result<T, ClientError> {
        let request = self.http.post(format!("{}{path}", self.address));
        self.answer(request.header("idempotency-key", key).json(body))
            .await
    }

    async fn answer<T: DeserializeOwned>(&self, request: reqwest::RequestBuilder) -> Result<T, ClientError> {
        let answer = request.bearer_auth(&self.token).send().await?;
        // Health answers 503 with a page when something waits.
        if answer.status().is_success()
            || answer
                .headers()
                .get("content-type")
                .is_some_and(|t| t == "application/json")
        {
            let body = answer.bytes().await?;
            let body: &[u8] = if body.is_empty() { b"null" } else { &body };
            return serde_json::from_slice(body).map_err(|error| ClientError::Refused {
                code: "answer".to_owned(),
                detail: error.to_string(),
            });
        }
        let problem: ProblemBody = answer.json().await?;
        Err(ClientError::Refused {
            code: problem.code,
            detail: problem.detail,
        })
    }
}
