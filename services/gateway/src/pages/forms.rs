//! Forms: fields with labels, and buttons.

use super::frame::Tone;

/// A form; fields of one page are told apart by the form's id.
#[derive(Debug, Clone)]
pub(crate) struct Form {
    pub(crate) id: &'static str,
    pub(crate) method: &'static str,
    pub(crate) action: String,
    pub(crate) hidden: Vec<(&'static str, String)>,
    pub(crate) fields: Vec<Field>,
    pub(crate) buttons: Vec<Button>,
}

impl Form {
    pub(crate) fn post(
        id: &'static str,
        action: impl Into<String>,
        fields: Vec<Field>,
        buttons: Vec<Button>,
    ) -> Form {
        Form {
            id,
            method: "post",
            action: action.into(),
            hidden: Vec::new(),
            fields,
            buttons,
        }
    }

    /// With fields that nobody sees.
    pub(crate) fn hidden(self, hidden: Vec<(&'static str, String)>) -> Form {
        Form { hidden, ..self }
    }

    /// Whether a file goes with it, which only `multipart/form-data` carries.
    pub(crate) fn has_file(&self) -> bool {
        self.fields
            .iter()
            .any(|field| matches!(field.kind, Kind::File { .. }))
    }

    pub(crate) fn get(
        id: &'static str,
        action: impl Into<String>,
        fields: Vec<Field>,
        button: &'static str,
    ) -> Form {
        Form {
            method: "get",
            ..Form::post(id, action, fields, vec![Button::main(button)])
        }
    }
}

/// How a field is filled.
#[derive(Debug, Clone)]
pub(crate) enum Kind {
    Input(&'static str),
    Long,
    Choice(Vec<(String, String)>),
    /// A file, of the kinds that `accept` lists.
    File {
        accept: &'static str,
    },
}

impl Kind {
    /// One of several words: what is sent, what is read.
    pub(crate) fn choice(options: &[(&str, &str)]) -> Kind {
        let owned = options
            .iter()
            .map(|(value, text)| ((*value).to_owned(), (*text).to_owned()));
        Kind::Choice(owned.collect())
    }
}

/// A field with its label.
#[derive(Debug, Clone)]
pub(crate) struct Field {
    pub(crate) name: &'static str,
    pub(crate) label: &'static str,
    pub(crate) kind: Kind,
    pub(crate) value: String,
    pub(crate) hint: &'static str,
    pub(crate) error: String,
    pub(crate) complete: &'static str,
    pub(crate) required: bool,
    pub(crate) wide: bool,
    pub(crate) search: bool,
}

impl Field {
    pub(crate) fn new(name: &'static str, label: &'static str, kind: Kind) -> Field {
        Field {
            name,
            label,
            kind,
            value: String::new(),
            hint: "",
            error: String::new(),
            complete: "off",
            required: false,
            wide: false,
            search: false,
        }
    }

    pub(crate) fn required(self) -> Field {
        Field {
            required: true,
            ..self
        }
    }

    pub(crate) fn value(self, value: impl Into<String>) -> Field {
        Field {
            value: value.into(),
            ..self
        }
    }

    pub(crate) fn wide(self) -> Field {
        Field { wide: true, ..self }
    }

    pub(crate) fn hint(self, hint: &'static str) -> Field {
        Field { hint, ..self }
    }
}

/// A button; with a name it says which of several was pressed.
#[derive(Debug, Clone)]
pub(crate) struct Button {
    pub(crate) text: &'static str,
    pub(crate) name: &'static str,
    pub(crate) value: &'static str,
    pub(crate) confirm: &'static str,
    pub(crate) tone: Tone,
}

impl Button {
    pub(crate) fn main(text: &'static str) -> Button {
        Button {
            text,
            name: "",
            value: "",
            confirm: "",
            tone: Tone::Good,
        }
    }

    /// A button that is not the page's main one.
    pub(crate) fn plain(text: &'static str) -> Button {
        Button {
            tone: Tone::Plain,
            ..Button::main(text)
        }
    }

    pub(crate) fn named(tone: Tone, name: &'static str, value: &'static str, text: &'static str) -> Button {
        Button {
            text,
            name,
            value,
            confirm: "",
            tone,
        }
    }

    pub(crate) fn confirm(self, confirm: &'static str) -> Button {
        Button { confirm, ..self }
    }

    pub(crate) const fn class(&self) -> &'static str {
        match self.tone {
            Tone::Good => " mz-button--main",
            Tone::Bad => " mz-button--bad",
            Tone::Plain | Tone::Warn | Tone::Quiet => "",
        }
    }
}
