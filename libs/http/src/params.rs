//! Parameters of the path and of the query, and pages of lists.

use crate::Problem;
use crate::json::misfit;
use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

/// Parameters of the path. A value that is no id of its kind names nothing, so it is answered by 404.
#[derive(Debug, Clone, Copy)]
pub struct Path<T>(pub T);

impl<S, T> FromRequestParts<S> for Path<T>
where
    S: Send + Sync,
    T: DeserializeOwned + Send,
{
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let path = axum::extract::Path::from_request_parts(parts, state).await;
        path.map(|axum::extract::Path(value)| Self(value)).map_err(|_| {
            Problem::not_found(
                "A part of the path is no id of the kind that stands there; nothing has this address.",
            )
        })
    }
}

/// Parameters of the query. Their values never appear in the log.
#[derive(Debug, Clone, Copy, Default)]
pub struct Query<T>(pub T);

impl<S, T> FromRequestParts<S> for Query<T>
where
    S: Send + Sync,
    T: DeserializeOwned,
{
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        let pairs = form_urlencoded::parse(parts.uri.query().unwrap_or_default().as_bytes());
        let query = serde_path_to_error::deserialize(serde_urlencoded::Deserializer::new(pairs));
        query
            .map(Self)
            .map_err(|error| misfit(&error.path().to_string(), &error.inner().to_string()))
    }
}

/// Which part of a list is asked for: `?after=<next of the page before>&limit=<how many>`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page {
    /// Where the page before ended; none for the first page.
    pub after: Option<String>,
    /// How many items at most, 1 to [`Page::LIMIT_MAX`].
    pub limit: u16,
}

impl Page {
    /// The largest page.
    pub const LIMIT_MAX: u16 = 500;
    /// The page of a caller who does not say.
    pub const LIMIT_DEFAULT: u16 = 50;
}

#[derive(Deserialize)]
struct PageQuery {
    after: Option<String>,
    limit: Option<u16>,
}

impl<S: Send + Sync> FromRequestParts<S> for Page {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let Query(PageQuery { after, limit }) = Query::from_request_parts(parts, state).await?;
        let limit = limit.unwrap_or(Self::LIMIT_DEFAULT);
        if (1..=Self::LIMIT_MAX).contains(&limit) {
            Ok(Self { after, limit })
        } else {
            Err(Problem::invalid(
                "limit",
                format!("A page has 1 to {} items.", Self::LIMIT_MAX),
            ))
        }
    }
}

/// One page of a list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, schemars::JsonSchema)]
#[schemars(rename = "{T}Page")]
pub struct Paged<T> {
    /// The items, in the order of the list.
    pub items: Vec<T>,
    /// What to send as `after` for the next page; none on the last one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next: Option<String>,
}

impl<T> Paged<T> {
    /// The page made of `rows`, which were read one beyond the page's limit to learn whether more follow. `cursor`
    /// gives the place of an item in the list's order.
    pub fn new(page: &Page, mut rows: Vec<T>, cursor: impl FnOnce(&T) -> String) -> Self {
        let limit = usize::from(page.limit);
        let more = rows.len() > limit;
        rows.truncate(limit);
        let next = rows.last().filter(|_| more).map(cursor);
        Self { items: rows, next }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_names_the_next_one_only_when_there_is_more() {
        let page = Page {
            after: None,
            limit: 2,
        };
        let full = Paged::new(&page, vec![1, 2, 3], ToString::to_string);
        assert_eq!(
            full,
            Paged {
                items: vec![1, 2],
                next: Some("2".to_owned())
            }
        );
        let last = Paged::new(&page, vec![4, 5], ToString::to_string);
        assert_eq!(
            last,
            Paged {
                items: vec![4, 5],
                next: None
            }
        );
    }
}
