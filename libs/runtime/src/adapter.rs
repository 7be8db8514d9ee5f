//! Between axum and the bridge: a service's routes as what answers there, and an answer from there as HTTP's.

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::Request as HttpRequest;
use axum::http::{HeaderName, HeaderValue, Uri};
use axum::response::{IntoResponse as _, Response as HttpResponse};
use futures::future::BoxFuture;
use mz_bus::bridge::{BODY_BYTES_MAX, Handler, Request, Response};
use mz_http::{Problem, codes};
use tower::ServiceExt as _;

/// Routes that answer requests from the bridge.
pub(crate) struct Routes(pub(crate) Router);

impl Handler for Routes {
    fn handle(&self, request: Request) -> BoxFuture<'static, Response> {
        let router = self.0.clone();
        Box::pin(async move {
            let response = match http_request(request) {
                Some(request) => router
                    .oneshot(request)
                    .await
                    .unwrap_or_else(|never| match never {}),
                None => Problem::malformed(codes::INVALID, "The request line or a header cannot be read.")
                    .into_response(),
            };
            bridge_response(response).await
        })
    }
}

fn http_request(request: Request) -> Option<HttpRequest> {
    let mut builder = HttpRequest::builder()
        .method(request.method.as_bytes())
        .uri(request.path.parse::<Uri>().ok()?);
    for (name, value) in request.headers {
        builder = builder.header(name, value);
    }
    builder.body(Body::from(request.body)).ok()
}

async fn bridge_response(response: HttpResponse) -> Response {
    let (parts, body) = response.into_parts();
    let headers = parts
        .headers
        .iter()
        .filter_map(|(name, value)| Some((name.as_str().to_owned(), value.to_str().ok()?.to_owned())))
        .collect();
    match to_bytes(body, BODY_BYTES_MAX).await {
        Ok(body) => Response {
            status: parts.status.as_u16(),
            headers,
            body,
        },
        Err(_) => Response {
            status: 500,
            headers: Vec::new(),
            body: bytes::Bytes::new(),
        },
    }
}

/// An answer from the bridge, unchanged, for whoever asked over HTTP.
pub(crate) fn http_response(answer: Response) -> HttpResponse {
    let mut response = HttpResponse::new(Body::from(answer.body));
    *response.status_mut() = axum::http::StatusCode::from_u16(answer.status).unwrap_or_default();
    for (name, value) in answer.headers {
        if name == "content-length" {
            continue;
        }
        if let (Ok(name), Ok(value)) = (name.parse::<HeaderName>(), value.parse::<HeaderValue>()) {
            response.headers_mut().append(name, value);
        }
    }
    response
}
