//! Audit of reads (D8): whoever is answered about a person through the door is noted before the answer goes out.

use crate::commands::note_read::NoteRead;
use crate::door::Door;
use crate::purpose::Purpose;
use axum::body::{Body, to_bytes};
use axum::http::header::AUTHORIZATION;
use axum::http::{HeaderMap, Method, Uri};
use axum::response::{IntoResponse as _, Response};
use mz_http::{Caller, Problem};
use mz_kernel::PersonId;
use mz_runtime::Failure;
use serde::Deserialize;

/// A program says in this header why it reads, in one of the purposes' words.
const PURPOSE_HEADER: &str = "x-purpose";

/// What is asked of a service at `/api/<service>/…`, as far as its audit needs to know.
pub(crate) struct Question {
    service: String,
    /// The person whom the address names.
    person: Option<PersonId>,
    caller: Caller,
    purpose: Option<Purpose>,
}

impl Question {
    /// None where nothing about a person can come back: another address, a command, or nobody who is known.
    pub(crate) fn of(door: &Door, method: &Method, uri: &Uri, headers: &HeaderMap) -> Option<Question> {
        let rest = uri.path().strip_prefix("/api/")?;
        let (service, path) = rest.split_once('/')?;
        if !method.is_safe() && path != "persons/lookup" {
            return None;
        }
        let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
        let token = text(AUTHORIZATION.as_str())?.split_once(' ')?.1;
        let now = door.app.db.surroundings().system.now();
        Some(Question {
            service: service.to_owned(),
            person: person_of(path, uri.query().unwrap_or_default()),
            caller: door.app.access.verifier.verify(token.trim(), now).ok()?,
            purpose: text(PURPOSE_HEADER).and_then(|word| word.parse().ok()),
        })
    }

    /// The answer, once it is noted that it was given.
    pub(crate) async fn noted(self, door: &Door, answer: Response) -> Response {
        if !answer.status().is_success() {
            return answer;
        }
        let (parts, body) = answer.into_parts();
        let (person, body) = match self.person {
            Some(person) => (Some(person), body),
            None => match named(body).await {
                Ok(read) => read,
                Err(problem) => return problem.into_response(),
            },
        };
        let answer = Response::from_parts(parts, body);
        let Some(person) = person else {
            return answer;
        };
        let note = NoteRead {
            officer: self.caller.officer,
            person,
            purpose: self.purpose,
            what: self.service,
        };
        match door.app.db.write(note).await {
            Ok(()) => answer,
            Err(failure) => failure.into_response(),
        }
    }
}

/// The person in an address: `persons/per_…`, or `?person=per_…`.
fn person_of(path: &str, query: &str) -> Option<PersonId> {
    let mut segments = path.split('/');
    let in_path = segments.find_map(|segment| segment.parse().ok());
    let mut fields = form_urlencoded::parse(query.as_bytes());
    in_path.or_else(|| fields.find_map(|(name, value)| (name == "person").then(|| value.parse().ok())?))
}

#[derive(Deserialize)]
struct About {
    person: Option<PersonId>,
}

/// Whom an answer is about by its field `person`, such as a case or a recovery, and its body once more. The door has
/// the whole of it in its hands already.
async fn named(body: Body) -> Result<(Option<PersonId>, Body), Problem> {
    let body = to_bytes(body, usize::MAX).await.map_err(Problem::internal)?;
    let about = serde_json::from_slice::<About>(&body).ok();
    Ok((about.and_then(|about| about.person), Body::from(body)))
}

/// Notes that a page about a person was shown.
pub(crate) async fn page(
    door: &Door,
    caller: &Caller,
    person: PersonId,
    purpose: Purpose,
) -> Result<(), Failure> {
    let note = NoteRead {
        officer: caller.officer,
        person,
        purpose: Some(purpose),
        what: "console".to_owned(),
    };
    door.app.db.write(note).await
}
