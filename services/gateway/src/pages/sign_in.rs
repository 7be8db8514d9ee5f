//! `/sign-in` 登录.

use super::forms::{Button, Field, Form, Kind};
use super::frame::{Note, Part, Row, View, card};

/// The page; `refused` says why the last try failed, never which of the two was wrong.
pub(crate) fn view(refused: Option<Note>, back: &str) -> View {
    let name = Field {
        complete: "username",
        ..Field::new("login", "用户名", Kind::Input("text")).required()
    };
    let word = Field {
        complete: "current-password",
        ..Field::new("password", "密码", Kind::Input("password")).required()
    };
    let fields = [name, word]
        .into_iter()
        .map(|field| Field { wide: true, ..field })
        .collect();
    let mut form = Form::post("sign-in", "/sign-in", fields, vec![Button::main("登录")]);
    form.hidden = vec![("back", back.to_owned())];
    View {
        title: "登录".into(),
        notes: refused.into_iter().collect(),
        rows: vec![Row::One(vec![card("账号", vec![Part::Form(form)])])],
        foot: "首次使用请向系统管理员领取账号。".into(),
        ..View::default()
    }
}
