//! A file as the body of a command.

use crate::json::read;
use crate::keyed::CommandBody;
use crate::openapi::{Operation, Reads};
use crate::{IdempotencyKey, Keyed, Problem};
use axum::body::Bytes;
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::json;

/// What a file of rows is sent as.
const CSV: &str = "text/csv";

/// A file, byte for byte: a `text/csv` body as it is, or the text in JSON `{"file": "…"}`. What its bytes mean is for its
/// reader to find out: the charset that a request declares is not believed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct File(pub Bytes);

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "FileText")]
struct Envelope {
    /// The whole text of the file.
    file: String,
}

impl CommandBody for File {
    fn read(media_type: &str, body: Bytes) -> Result<Self, Problem> {
        let essence = media_type.split(';').next().unwrap_or_default().trim();
        if essence.eq_ignore_ascii_case(CSV) {
            return Ok(Self(body));
        }
        read::<Envelope>(&body).map(|Envelope { file }| Self(file.into()))
    }
}

impl Reads for Keyed<File> {
    fn describe(operation: &mut Operation<'_>) {
        IdempotencyKey::describe(operation);
        operation.json_body::<Envelope>();
        operation.also_taken(CSV, &json!({ "type": "string" }));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(media_type: &str, body: &'static [u8]) -> Result<Vec<u8>, &'static str> {
        let file = File::read(media_type, Bytes::from_static(body));
        file.map(|File(bytes)| bytes.to_vec())
            .map_err(|problem| problem.body().code)
    }

    #[test]
    fn a_file_is_its_bytes_or_a_text_in_json() {
        assert_eq!(file("text/csv", b"\xb3\xc9,1\n"), Ok(b"\xb3\xc9,1\n".to_vec()));
        assert_eq!(file("Text/CSV ; charset=gb18030", b""), Ok(Vec::new()));
        assert_eq!(
            file("application/json", br#"{"file":"a,1\n"}"#),
            Ok(b"a,1\n".to_vec())
        );
        assert_eq!(file("", br#"{"file":""}"#), Ok(Vec::new()));
        assert_eq!(file("application/json", b"a,1\n"), Err("request.not-json"));
        assert_eq!(file("text/csvx", br#"{"files":""}"#), Err("request.invalid"));
    }
}
