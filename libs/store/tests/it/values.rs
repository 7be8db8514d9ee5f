//! What goes into a column comes out of it, whatever the engine; and sorts as it should.

use crate::stage::{Stage, Store, Unit, told};
use mz_kernel::{Date, Stamp};
use mz_store::{Column, Kind, StoreError, Table, Value, work};
use proptest::option;
use proptest::prelude::*;
use proptest::strategy::ValueTree as _;
use proptest::test_runner::TestRunner;

told!(
    every_kind_comes_back,
    generated_rows_come_back,
    days_and_instants_sort_as_time_does,
    what_is_not_of_the_kind_is_refused
);

const SAMPLE: Table = Table {
    name: "sample",
    columns: &[
        ("name", Kind::Text),
        ("i", Kind::Int),
        ("t", Kind::Text),
        ("b", Kind::Bytes),
        ("f", Kind::Bool),
        ("d", Kind::Date),
        ("s", Kind::Stamp),
    ],
    on_conflict: "",
};

const INSERT: &str = "INSERT INTO sample (name, i, t, b, f, d, s) VALUES ($1, $2, $3, $4, $5, $6, $7)";

mz_store::record! {
    #[derive(Debug, Clone, PartialEq)]
    struct Sample {
        name: String,
        i: Option<i64>,
        t: Option<String>,
        b: Option<Vec<u8>>,
        f: Option<bool>,
        d: Option<Date>,
        s: Option<Stamp>,
    }
}

impl Sample {
    fn row(&self) -> Vec<Value> {
        vec![
            self.name.encode(),
            self.i.encode(),
            self.t.encode(),
            self.b.encode(),
            self.f.encode(),
            self.d.encode(),
            self.s.encode(),
        ]
    }
}

fn samples() -> Vec<Sample> {
    let first_day = Date::constant(1, 1, 1);
    let last_day = Date::constant(9999, 12, 31);
    let text = |text: &str| Some(text.to_owned());
    let all_bytes = Some((0..=u8::MAX).collect());
    vec![
        Sample {
            name: "1 nothing".into(),
            i: None,
            t: None,
            b: None,
            f: None,
            d: None,
            s: None,
        },
        Sample {
            name: "2 least".into(),
            i: Some(i64::MIN),
            t: text(""),
            b: Some(Vec::new()),
            f: Some(false),
            d: Some(first_day),
            s: Some(Stamp::MIN),
        },
        Sample {
            name: "3 most".into(),
            i: Some(i64::MAX),
            t: text(&"高".repeat(100_000)),
            b: all_bytes,
            f: Some(true),
            d: Some(last_day),
            s: Some(Stamp::MAX),
        },
        Sample {
            name: "4 特困供养 𠮷".into(),
            i: Some(0),
            t: text("王秀英·'\"\\$1?\n\t𠮷"),
            b: Some(vec![0]),
            f: Some(true),
            d: Some(Date::constant(2020, 2, 29)),
            s: Some(Stamp::from_micros(-1)),
        },
    ]
}

async fn stored(db: &Store) -> Vec<Sample> {
    db.read(work(|tx: &mut Unit| {
        Box::pin(async move {
            tx.query("SELECT name, i, t, b, f, d, s FROM sample ORDER BY name")
                .all()
                .await
        })
    }))
    .await
    .unwrap()
}

async fn every_kind_comes_back(stage: Stage) {
    let db = stage.open().await;
    let each = work(|tx: &mut Unit| {
        Box::pin(async move {
            for Sample {
                name,
                i,
                t,
                b,
                f,
                d,
                s,
            } in samples()
            {
                tx.query(INSERT)
                    .bind(name)
                    .bind(i)
                    .bind(t)
                    .bind(b)
                    .bind(f)
                    .bind(d)
                    .bind(s)
                    .execute()
                    .await?;
            }
            Ok::<_, StoreError>(())
        })
    });
    db.write(each).await.unwrap();
    assert_eq!(stored(&db).await, samples(), "row by row");

    let together = work(|tx: &mut Unit| {
        Box::pin(async move {
            tx.query("DELETE FROM sample").execute().await?;
            tx.insert_all(&SAMPLE, samples().iter().map(Sample::row).collect())
                .await
        })
    });
    assert_eq!(db.write(together).await.unwrap(), 4);
    assert_eq!(stored(&db).await, samples(), "all at once");
}

async fn generated_rows_come_back(stage: Stage) {
    // Neither engine takes a NUL in a text.
    let text = any::<String>().prop_map(|text| text.replace('\0', ""));
    let day =
        (1_i16..=9999, 1_i8..=12, 1_i8..=28).prop_map(|(year, month, day)| Date::constant(year, month, day));
    let instant = (Stamp::MIN.as_micros()..=Stamp::MAX.as_micros()).prop_map(Stamp::from_micros);
    let row = (
        any::<Option<i64>>(),
        option::of(text),
        any::<Option<Vec<u8>>>(),
        any::<Option<bool>>(),
    );
    let row = (row, option::of(day), option::of(instant));
    let rows = proptest::collection::vec(row, 200)
        .new_tree(&mut TestRunner::deterministic())
        .unwrap()
        .current();
    let rows: Vec<Sample> = rows
        .into_iter()
        .zip(1000..)
        .map(|(((i, t, b, f), d, s), number)| Sample {
            name: number.to_string(),
            i,
            t,
            b,
            f,
            d,
            s,
        })
        .collect();
    let db = stage.open().await;
    let entered = rows.clone();
    let enter = work(move |tx: &mut Unit| {
        let rows = entered.iter().map(Sample::row).collect();
        Box::pin(async move { tx.insert_all(&SAMPLE, rows).await })
    });
    db.write(enter).await.unwrap();
    assert_eq!(stored(&db).await, rows);
}

async fn days_and_instants_sort_as_time_does(stage: Stage) {
    const DAYS: &str = "SELECT d FROM sample ORDER BY d";
    const INSTANTS: &str = "SELECT s FROM sample ORDER BY s";
    const BETWEEN: &str = "SELECT COUNT(*) FROM sample WHERE d >= $1 AND s < $2";
    let days = [
        "0001-01-01",
        "0999-12-31",
        "1949-10-01",
        "2020-02-29",
        "2020-03-01",
        "9999-12-31",
    ]
    .map(|day| day.parse::<Date>().unwrap());
    let instants = [i64::MIN, -1, 0, 1, 999_999, 1_000_000].map(Stamp::from_micros);
    let db = stage.open().await;
    let out_of_order = [3, 0, 5, 1, 4, 2];
    let rows = out_of_order.map(|at| Sample {
        name: at.to_string(),
        i: None,
        t: None,
        b: None,
        f: None,
        d: Some(days[at]),
        s: Some(instants[at]),
    });
    let enter = work(move |tx: &mut Unit| {
        let rows = rows.iter().map(Sample::row).collect();
        Box::pin(async move { tx.insert_all(&SAMPLE, rows).await })
    });
    db.write(enter).await.unwrap();

    let look = work(move |tx: &mut Unit| {
        Box::pin(async move {
            let sorted = (
                tx.query(DAYS).all::<(Date,)>().await?,
                tx.query(INSTANTS).all::<(Stamp,)>().await?,
            );
            let between: i64 = tx.query(BETWEEN).bind(days[2]).bind(instants[5]).scalar().await?;
            Ok::<_, StoreError>((sorted, between))
        })
    });
    let ((by_day, by_instant), between) = db.read(look).await.unwrap();
    assert_eq!(by_day, days.map(|day| (day,)));
    assert_eq!(by_instant, instants.map(|at| (at,)));
    assert_eq!(between, 3, "a bound is compared as a day and as an instant");
}

/// SQLite would store all of it, and the mistake would come to light on a customer's PostgreSQL.
async fn what_is_not_of_the_kind_is_refused(stage: Stage) {
    let db = stage.open().await;
    let sample = samples().remove(3);
    let mut short = sample.row();
    short.pop();
    let mut wide = sample.row();
    wide.push(Value::Int(1));
    let mut other = sample.row();
    other[1] = Value::Text("330106199001011234".into());
    let mut nul = sample.row();
    nul[2] = Value::Text("\0".into());
    for row in [short, wide, other, nul] {
        let first = sample.row();
        let enter = work(move |tx: &mut Unit| {
            let rows = vec![first.clone(), row.clone()];
            Box::pin(async move { tx.insert_all(&SAMPLE, rows).await })
        });
        let error = db.write(enter).await.unwrap_err();
        assert!(matches!(error, StoreError::Sql(_)), "{error:?}");
        assert!(
            !format!("{error:?}").contains("3301061990"),
            "an error repeats no value: {error:?}"
        );
    }
    let unbound = work(|tx: &mut Unit| {
        Box::pin(async move {
            tx.query("INSERT INTO sample (name, t) VALUES ($1, $2)")
                .bind("half")
                .execute()
                .await
        })
    });
    assert!(
        matches!(db.write(unbound).await, Err(StoreError::Sql(_))),
        "a placeholder that was not bound"
    );
    let surplus = work(|tx: &mut Unit| {
        Box::pin(async move {
            tx.query("INSERT INTO sample (name) VALUES ($1)")
                .bind("half")
                .bind(1)
                .execute()
                .await
        })
    });
    assert!(
        matches!(db.write(surplus).await, Err(StoreError::Sql(_))),
        "more than there are placeholders"
    );
    assert_eq!(stored(&db).await, []);
}
