//! `/users` 账号管理 and `/password` 修改密码.

use super::answers::User;
use super::forms::{Button, Field, Form, Kind};
use super::frame::{Note, Part, Row, Tone, View, card};
use super::known::{Known, Places};
use super::refusals;
use super::tables::{Cell, Table};
use crate::door::PageError;

/// The roles that a bureau gives, with their names.
const ROLES: [(&str, &str); 3] = [
    ("township-officer", "乡镇经办"),
    ("bureau-officer", "局审核"),
    ("administrator", "管理员"),
];

fn role(code: &str) -> &str {
    let known = ROLES.iter().find(|(role, _)| *role == code);
    known.map_or(code, |(_, name)| name)
}

/// The list, and the form for a new account.
pub(crate) fn list(
    users: Known<Vec<User>>,
    places: &Places,
    divisions: Vec<(String, String)>,
    next: Option<String>,
) -> View {
    let mut view = View {
        title: "账号管理".into(),
        lead: "停用立即生效；所有操作留痕".into(),
        active: "/users",
        ..View::default()
    };
    let mut table = Table::new("账号", &["用户名", "姓名", "岗位", "地区", "状态"], "没有账号");
    table.next = next;
    if let Some(users) = users.or_say(&mut view.notes, "账号", "gateway") {
        table.rows = users
            .iter()
            .map(|user| {
                vec![
                    Cell::link(format!("/users/{}", user.user), &*user.login),
                    Cell::text(&*user.name),
                    Cell::text(
                        user.roles
                            .iter()
                            .map(|code| role(code))
                            .collect::<Vec<_>>()
                            .join("、"),
                    ),
                    Cell::text(
                        user.divisions
                            .iter()
                            .map(|code| places.name(code))
                            .collect::<Vec<_>>()
                            .join("、"),
                    ),
                    state(user),
                ]
            })
            .collect();
    }
    let fields = vec![
        Field::new("login", "用户名", Kind::Input("text")).required(),
        Field::new("name", "姓名", Kind::Input("text")).required(),
        Field::new("role", "岗位", Kind::choice(&ROLES)),
        Field::new("division", "地区", Kind::Choice(divisions)),
        new_password("password", "初始密码").hint("至少 12 个字符；本人首次登录时须修改"),
    ];
    view.rows = vec![
        Row::One(vec![card("账号", vec![Part::Table(table)])]),
        Row::One(vec![card(
            "开通账号",
            vec![Part::Form(Form::post(
                "open",
                "/users",
                fields,
                vec![Button::main("开通")],
            ))],
        )]),
    ];
    view
}

fn state(user: &User) -> Cell {
    match (user.active, user.temporary) {
        (false, _) => Cell::tag(Tone::Quiet, "已停用"),
        (true, true) => Cell::tag(Tone::Warn, "待改密码"),
        (true, false) => Cell::tag(Tone::Good, "正常"),
    }
}

fn new_password(name: &'static str, label: &'static str) -> Field {
    Field {
        complete: "new-password",
        ..Field::new(name, label, Kind::Input("password")).required()
    }
}

/// One account and what an administrator can do with it.
pub(crate) fn one(user: Known<User>, places: &Places, divisions: Vec<(String, String)>) -> View {
    let mut view = View {
        title: "账号".into(),
        active: "/users",
        crumbs: vec![("/users".into(), "账号管理".into())],
        ..View::default()
    };
    let Some(user) = user.or_say(&mut view.notes, "账号", "gateway") else {
        return view;
    };
    view.title.clone_from(&user.name);
    view.here.clone_from(&user.login);
    let names = |codes: &[String], name: &dyn Fn(&str) -> String| {
        let names: Vec<String> = codes.iter().map(|code| name(code)).collect();
        Cell::text(names.join("、"))
    };
    let facts = vec![
        ("用户名".into(), Cell::text(&*user.login)),
        ("岗位".into(), names(&user.roles, &|code| role(code).to_owned())),
        (
            "地区".into(),
            names(&user.divisions, &|code| places.name(code).to_owned()),
        ),
        ("状态".into(), state(&user)),
        (
            "查阅留痕".into(),
            Cell::link(format!("/audit?officer={}", user.user), "该账号查阅过哪些人员"),
        ),
    ];
    view.rows
        .push(Row::One(vec![card("账号", vec![Part::Facts(facts)])]));
    if !user.active {
        return view;
    }
    let at = |what: &str| format!("/users/{}/{what}", user.user);
    let first = |list: &[String]| list.first().cloned().unwrap_or_default();
    let change = Form::post(
        "change",
        at("changes"),
        vec![
            Field::new("name", "姓名", Kind::Input("text"))
                .required()
                .value(&*user.name),
            Field::new("role", "岗位", Kind::choice(&ROLES)).value(first(&user.roles)),
            Field::new("division", "地区", Kind::Choice(divisions)).value(first(&user.divisions)),
        ],
        vec![Button::main("保存")],
    );
    let password = Form::post(
        "reset",
        at("password"),
        vec![
            new_password("password", "新密码").hint("至少 12 个字符；本人下次登录时须修改，现有登录立即失效"),
        ],
        vec![Button::plain("重置密码")],
    );
    let close = Button {
        tone: Tone::Bad,
        ..Button::main("停用账号")
    };
    let close = Form::post(
        "close",
        at("closure"),
        Vec::new(),
        vec![close.confirm("停用后该账号立即退出且不能再登录，确定停用")],
    );
    view.rows.push(Row::One(vec![
        card("岗位与地区", vec![Part::Form(change)]),
        card("密码", vec![Part::Form(password)]),
        card("停用", vec![Part::Form(close)]),
    ]));
    view
}

/// The page of one's own password; `forced` when nothing else can be done before.
pub(crate) fn own_password(forced: bool, refused: Option<Note>) -> View {
    let present = Field {
        complete: "current-password",
        ..Field::new("present", "现密码", Kind::Input("password")).required()
    };
    let fields = vec![
        present.wide(),
        new_password("password", "新密码").wide().hint("至少 12 个字符"),
        new_password("again", "再次输入新密码").wide(),
    ];
    let mut view = View {
        title: "修改密码".into(),
        notes: refused.into_iter().collect(),
        ..View::default()
    };
    if forced {
        view.notes
            .push(Note::new(Tone::Warn, "您的密码由他人设定，请先改为自己的密码。"));
    }
    let form = Form::post("own", "/password", fields, vec![Button::main("修改密码")]);
    view.rows
        .push(Row::One(vec![card("修改密码", vec![Part::Form(form)])]));
    view
}

/// What the officer typed twice and differently.
pub(crate) fn typed_differently() -> Note {
    refusals::note(&PageError::new(422, "password.different", ""))
}
