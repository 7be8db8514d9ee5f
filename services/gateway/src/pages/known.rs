//! What of a page's data came, and what did not: a service that does not answer is told on the page, in words.

use super::frame::{Note, Tone};
use mz_kernel::DivisionCode;
use serde::de::DeserializeOwned;
use std::collections::BTreeMap;

/// An answer, or why there is none.
#[derive(Debug, Clone)]
pub(crate) enum Known<T> {
    /// It answered.
    Here(T),
    /// The service does not answer, or not in a form that this page knows.
    Missing,
    /// The officer may not see it.
    Refused,
}

impl<T: DeserializeOwned> Known<T> {
    /// What an answer over HTTP means to a page. A thing that is not there is missing like a service that does not answer:
    /// the page says so in its own words.
    pub(crate) fn of(status: u16, body: &[u8]) -> Known<T> {
        match status {
            200..=299 => serde_json::from_slice(body).map_or(Known::Missing, Known::Here),
            401 | 403 => Known::Refused,
            _ => Known::Missing,
        }
    }
}

impl<T> Known<T> {
    /// The answer, where a page does without it.
    pub(crate) fn here(self) -> Option<T> {
        match self {
            Known::Here(answer) => Some(answer),
            Known::Missing | Known::Refused => None,
        }
    }

    /// The answer; what is missing becomes a sentence among `notes`, `what` being its name (`发放记录`).
    pub(crate) fn or_say(self, notes: &mut Vec<Note>, what: &str, service: &str) -> Option<T> {
        let service = super::words::service(service);
        match self {
            Known::Here(answer) => Some(answer),
            Known::Missing => {
                notes.push(Note::new(
                    Tone::Warn,
                    format!("“{service}”服务暂未应答，本页缺少{what}。其余内容有效，请稍后刷新。"),
                ));
                None
            }
            Known::Refused => {
                notes.push(Note::new(
                    Tone::Warn,
                    format!("您的岗位无权查看{what}（{service}）。"),
                ));
                None
            }
        }
    }
}

/// Names of divisions by code; one that is not known stands as its code.
#[derive(Debug, Clone, Default)]
pub(crate) struct Places(pub(crate) BTreeMap<String, String>);

impl Places {
    pub(crate) fn name<'a>(&'a self, code: &'a str) -> &'a str {
        self.0.get(code).map_or(code, String::as_str)
    }

    /// The divisions that lie in those of an officer, with their names; these alone where no name is known.
    pub(crate) fn within(&self, own: &[DivisionCode]) -> Vec<(String, String)> {
        let lies_within = |code: &str| {
            let code = code.parse::<DivisionCode>();
            code.is_ok_and(|code| own.iter().any(|one| one.contains(&code)))
        };
        let mut found: Vec<(String, String)> = self
            .0
            .iter()
            .filter(|(code, _)| lies_within(code))
            .map(|(code, name)| (code.clone(), name.clone()))
            .collect();
        for code in own.iter().map(ToString::to_string) {
            if !self.0.contains_key(&code) {
                found.insert(0, (code.clone(), code));
            }
        }
        found
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_good_answer_in_a_known_form_is_here() {
        assert!(matches!(Known::<u64>::of(200, b"3"), Known::Here(3)));
        assert!(matches!(Known::<u64>::of(200, b"\"three\""), Known::Missing));
        assert!(matches!(Known::<u64>::of(403, b"3"), Known::Refused));
        assert!(matches!(Known::<u64>::of(503, b"3"), Known::Missing));
    }
}
