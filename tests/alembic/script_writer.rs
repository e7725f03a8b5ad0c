//! Revision files that are made up: operations with many types and options.

use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use proptest::sample::select;

/// What every file begins with.
pub(crate) const HEAD: &str = "import textwrap
import enum
import sqlalchemy as sa
from sqlalchemy.dialects import postgresql
from alembic import op

revision = 'a'
down_revision = None
";

/// A whole file.
pub(crate) fn file() -> impl Strategy<Value = String> {
    vec(operation(), 1..6).prop_map(|calls| {
        let mut text = format!("{HEAD}\n\ndef upgrade():\n");
        for call in calls {
            for line in call.lines() {
                text.push_str("    ");
                text.push_str(line);
                text.push('\n');
            }
        }
        text
    })
}

fn words(all: &'static [&'static str]) -> BoxedStrategy<String> {
    select(all).prop_map(str::to_owned).boxed()
}

fn name() -> BoxedStrategy<String> {
    words(&[
        "users",
        "id",
        "user",
        "order",
        "CamelCase",
        "with space",
        "ünder",
        "a_b",
        "1st",
        "select",
        "x$y",
        "$x",
        "quo\"te",
        "UPPER",
        "created_at",
        "value",
        "end",
        "name",
        "percent%",
    ])
}

fn text() -> BoxedStrategy<String> {
    words(&[
        "plain",
        "it's",
        "semi:colon",
        "back\\\\slash",
        "50%",
        "",
        "größer",
        "a \"b\"",
        "x::y",
        "{}",
    ])
}

/// `, keyword=value`, or nothing.
fn maybe(keyword: &'static str, values: &'static [&'static str]) -> BoxedStrategy<String> {
    option::weighted(0.25, select(values))
        .prop_map(move |value| value.map_or(String::new(), |value| format!(", {keyword}={value}")))
        .boxed()
}

fn schema() -> BoxedStrategy<String> {
    maybe("schema", &["'app'", "'My Schema'", "None"])
}

fn all(parts: Vec<BoxedStrategy<String>>) -> BoxedStrategy<String> {
    parts.prop_map(|parts| parts.concat()).boxed()
}

/// Types of columns, in many spellings.
const TYPES: &[&str] = &[
    "sa.Integer()",
    "sa.Integer",
    "sa.BigInteger()",
    "sa.SmallInteger()",
    "sa.String()",
    "sa.String(50)",
    "sa.String(length=255)",
    "sa.Text()",
    "sa.Boolean()",
    "sa.DateTime()",
    "sa.DateTime(timezone=True)",
    "sa.DateTime(True)",
    "sa.Date()",
    "sa.Time()",
    "sa.Float()",
    "sa.Float(precision=53)",
    "sa.Numeric(10, 2)",
    "sa.Numeric(precision=5)",
    "sa.Numeric()",
    "sa.DECIMAL(8, scale=3)",
    "sa.JSON()",
    "sa.Uuid()",
    "sa.UUID(as_uuid=True)",
    "sa.LargeBinary()",
    "sa.LargeBinary(length=10)",
    "sa.Unicode(20)",
    "sa.UnicodeText()",
    "sa.Interval()",
    "sa.Double()",
    "sa.PickleType()",
    "sa.CHAR(36)",
    "sa.VARCHAR(length=10)",
    "sa.TEXT()",
    "sa.INTEGER()",
    "sa.BIGINT()",
    "sa.TIMESTAMP(timezone=True)",
    "sa.TIMESTAMP()",
    "sa.BOOLEAN()",
    "sa.DATE()",
    "sa.REAL()",
    "sa.DOUBLE_PRECISION()",
    "sa.NVARCHAR(5)",
    "sa.String(30, collation='C')",
    "sa.Time(timezone=True)",
    "sa.types.String(5)",
    "sa.Text().with_variant(postgresql.JSONB(), 'postgresql')",
    "sa.BigInteger().with_variant(sa.Integer, 'sqlite')",
    "postgresql.UUID()",
    "postgresql.UUID(as_uuid=True)",
    "postgresql.JSONB()",
    "postgresql.JSONB(astext_type=sa.Text())",
    "postgresql.JSON(astext_type=sa.Text())",
    "postgresql.ARRAY(sa.String())",
    "postgresql.ARRAY(sa.String(length=7), dimensions=2)",
    "sa.ARRAY(sa.Integer)",
    "postgresql.TSVECTOR()",
    "postgresql.INET()",
    "postgresql.CIDR()",
    "postgresql.MACADDR()",
    "postgresql.HSTORE()",
    "postgresql.INTERVAL(fields='DAY')",
    "postgresql.INTERVAL(precision=3)",
    "postgresql.TIMESTAMP(timezone=True, precision=3)",
    "postgresql.BIT(4)",
    "postgresql.BIT(varying=True)",
    "postgresql.INT4RANGE()",
    "postgresql.TSTZRANGE()",
    "postgresql.DOUBLE_PRECISION(precision=53)",
    "postgresql.CITEXT()",
    "postgresql.BYTEA()",
    "postgresql.ENUM('a', 'b', name='pg_enum')",
    "postgresql.ENUM('a', name='E2', create_type=False)",
    "sa.Enum('x', \"y's\", name='plain_enum')",
    "sa.Enum('x', 'yy', name='in_schema', schema='app')",
    "sa.Enum('one', 'three', name='checked', native_enum=False, create_constraint=True)",
    "sa.Enum('one', 'three', name='short', native_enum=False, length=40)",
    "sa.ARRAY(sa.Enum('x', name='in_array'))",
];

fn simple_type() -> BoxedStrategy<String> {
    words(TYPES)
}

fn default() -> BoxedStrategy<String> {
    maybe(
        "server_default",
        &[
            "'x'",
            "'it\\'s'",
            "'0'",
            "sa.text('now()')",
            "sa.func.now()",
            "sa.text(\"'{}'::jsonb\")",
            "sa.func.gen_random_uuid()",
            "sa.true()",
            "sa.false()",
            "sa.text('(1 + 2)')",
            "None",
            "sa.func.current_timestamp()",
            "sa.literal_column('7')",
            "sa.null()",
            "''",
            "sa.func.coalesce(sa.text('a'), 'b', 3)",
            "sa.text('x \\\\:y')",
            "sa.FetchedValue()",
        ],
    )
}

fn foreign_key() -> BoxedStrategy<String> {
    let option = |name, values| maybe(name, values);
    let key = all(vec![
        words(&["'users.id'", "'app.users.id'", "'Users.Id'"]),
        option("name", &["'fk_x'", "'FK X'", "op.f('fk_y')"]),
        option("ondelete", &["'CASCADE'", "'SET NULL'"]),
        option("onupdate", &["'CASCADE'", "'NO ACTION'"]),
        option("deferrable", &["True", "False"]),
        option("initially", &["'DEFERRED'"]),
        option("match", &["'FULL'"]),
    ]);
    option::weighted(0.25, key)
        .prop_map(|key| key.map_or(String::new(), |key| format!(", sa.ForeignKey({key})")))
        .boxed()
}

fn special() -> BoxedStrategy<String> {
    option::weighted(
        0.12,
        select(
            &[
                ", sa.Computed('a + 1', persisted=True)",
                ", sa.Identity()",
                ", sa.Identity(always=True, start=3, increment=2, cycle=True)",
                ", sa.Identity(start=1, minvalue=0, maxvalue=99, cache=5, nominvalue=True)",
                ", sa.CheckConstraint('x > 0', name='positive')",
                ", sa.CheckConstraint('a <> 1')",
                ", sa.Sequence('seq')",
            ][..],
        ),
    )
    .prop_map(|special| special.unwrap_or_default().to_owned())
    .boxed()
}

fn column(name: String) -> BoxedStrategy<String> {
    all(vec![
        Just(format!("sa.Column({name:?}, ")).boxed(),
        simple_type(),
        foreign_key(),
        special(),
        maybe("nullable", &["True", "False"]),
        default(),
        maybe("primary_key", &["True", "False"]),
        maybe("autoincrement", &["False", "'auto'"]),
        maybe("unique", &["True", "False"]),
        maybe("comment", &["'a comment'", "\"it's\"", "None"]),
        maybe("default", &["5", "None"]),
        Just(")".to_owned()).boxed(),
    ])
    // Two things that give the values of one column exclude each other.
    .prop_filter("one source of values", |text| {
        let generated = text.contains("Identity") || text.contains("Computed");
        let given = text.contains("server_default")
            || text.contains("Sequence")
            || text.contains(" default=");
        let is_number = text.contains("Integer") || text.contains("INT") && !text.contains("RANGE");
        let is_refused = text.contains("Identity") && text.contains("autoincrement=False");
        let is_odd = text.contains("Identity") && !is_number;
        !(is_refused || is_odd || generated && given)
    })
    .boxed()
}

fn columns() -> BoxedStrategy<String> {
    vec(any::<u8>(), 1..5)
        .prop_flat_map(|seeds| {
            let names = ["id", "user", "Name", "a b", "value"];
            let columns: Vec<BoxedStrategy<String>> = seeds
                .iter()
                .enumerate()
                .map(|(at, _)| column(names[at].to_owned()))
                .collect();
            columns
        })
        .prop_map(|columns| columns.join(",\n    "))
        .boxed()
}

fn table_items() -> BoxedStrategy<String> {
    let item = select(
        &[
            "sa.PrimaryKeyConstraint('id')",
            "sa.PrimaryKeyConstraint('id', name='pk_x')",
            "sa.PrimaryKeyConstraint('id', name=op.f('pk_y'))",
            "sa.UniqueConstraint('id', name='uq')",
            "sa.UniqueConstraint('id', postgresql_nulls_not_distinct=True)",
            "sa.UniqueConstraint('id', deferrable=True, initially='DEFERRED')",
            "sa.CheckConstraint(\"id > 0 AND 'a:b' <> 'c'\", name='Check')",
            "sa.CheckConstraint(sa.text('id > 1'))",
            "sa.CheckConstraint(sa.column('id') >= 5, name='col_check')",
            "sa.ForeignKeyConstraint(['id'], ['users.id'])",
            "sa.ForeignKeyConstraint(['id'], ['app.users.id'], name='fk_t', ondelete='CASCADE', use_alter=False)",
            "sa.ForeignKeyConstraint(('id',), ['users.id'], onupdate='SET NULL', deferrable=True)",
            "postgresql.ExcludeConstraint(('id', '='), (sa.text('lower(x)'), '&&'), using='gist', name='excl')",
        ][..],
    );
    vec(item, 0..4)
        .prop_filter("one primary key", |items| {
            items
                .iter()
                .filter(|item| item.contains("PrimaryKey"))
                .count()
                < 2
        })
        .prop_map(|items| {
            let all = items.iter();
            all.fold(String::new(), |text, item| text + ",\n    " + item)
        })
        .boxed()
}

fn create_table() -> BoxedStrategy<String> {
    all(vec![
        quoted_name()
            .prop_map(|name| format!("op.create_table({name},\n    "))
            .boxed(),
        columns(),
        table_items(),
        schema(),
        maybe("comment", &["'of the table'", "\"it's\""]),
        maybe("if_not_exists", &["True", "False"]),
        maybe("prefixes", &["['UNLOGGED']"]),
        maybe("postgresql_partition_by", &["'RANGE (id)'"]),
        maybe("postgresql_with", &["{'fillfactor': 50}"]),
        maybe("mysql_engine", &["'InnoDB'"]),
        Just(")".to_owned()).boxed(),
    ])
    .prop_filter("a key is not given twice", |text| {
        let constraint = text.contains("PrimaryKeyConstraint");
        !(constraint && text.contains("primary_key="))
    })
    .boxed()
}

fn quoted_name() -> BoxedStrategy<String> {
    name().prop_map(|name| format!("'{name}'")).boxed()
}

fn indexed() -> BoxedStrategy<String> {
    words(&[
        "['a']",
        "['a', 'B']",
        "[sa.text('lower(name)')]",
        "['a', sa.text('b DESC')]",
        "('user',)",
        "[sa.func.lower(sa.column('Name'))]",
        "[sa.column('a').desc()]",
        "['a', sa.desc('b')]",
        "[sa.text(\"(data ->> 'x')\")]",
        "[sa.text('a'), sa.literal_column('b')]",
    ])
    .prop_filter("`desc` of a string is a label", |columns| {
        !columns.contains("sa.desc('b')")
    })
    .boxed()
}

fn index() -> BoxedStrategy<String> {
    let create = all(vec![
        quoted_name()
            .prop_map(|name| format!("op.create_index({name}, "))
            .boxed(),
        quoted_name().prop_map(|name| format!("{name}, ")).boxed(),
        indexed(),
        schema(),
        maybe("unique", &["True", "False"]),
        maybe("if_not_exists", &["True", "False"]),
        maybe("postgresql_concurrently", &["True", "False"]),
        maybe("postgresql_using", &["'gin'", "'BTREE'"]),
        maybe(
            "postgresql_where",
            &["sa.text('a IS NULL')", "\"b = 'x'\"", "sa.column('a') == 5"],
        ),
        maybe("postgresql_include", &["['c', 'D']", "[]"]),
        maybe("postgresql_ops", &["{'a': 'text_pattern_ops'}", "{}"]),
        maybe(
            "postgresql_with",
            &["{'fillfactor': 70, 'fastupdate': False}"],
        ),
        maybe("postgresql_tablespace", &["'Space'"]),
        maybe("postgresql_nulls_not_distinct", &["True", "False"]),
        maybe("mysql_length", &["{'a': 5}"]),
        Just(")".to_owned()).boxed(),
    ]);
    let drop = all(vec![
        quoted_name()
            .prop_map(|name| format!("op.drop_index({name}"))
            .boxed(),
        maybe("table_name", &["'users'"]),
        schema(),
        maybe("if_exists", &["True", "False"]),
        maybe("postgresql_concurrently", &["True"]),
        maybe("postgresql_where", &["sa.text('a IS NULL')"]),
        Just(")".to_owned()).boxed(),
    ]);
    prop_oneof![2 => create, 1 => drop].boxed()
}

fn add_column() -> BoxedStrategy<String> {
    all(vec![
        quoted_name()
            .prop_map(|name| format!("op.add_column({name}, "))
            .boxed(),
        name().prop_flat_map(column).boxed(),
        schema(),
        maybe("if_not_exists", &["True", "False"]),
        maybe("inline_references", &["True"]),
        Just(")".to_owned()).boxed(),
    ])
    .boxed()
}

fn alter_column() -> BoxedStrategy<String> {
    all(vec![
        quoted_name()
            .prop_map(|name| format!("op.alter_column({name}, "))
            .boxed(),
        quoted_name(),
        option::weighted(
            0.4,
            (simple_type(), maybe("postgresql_using", &["'a::text'"])),
        )
        .prop_map(|ty| ty.map_or(String::new(), |(ty, using)| format!(", type_={ty}{using}")))
        .boxed(),
        option::weighted(0.4, simple_type())
            .prop_map(|ty| ty.map_or(String::new(), |ty| format!(", existing_type={ty}")))
            .boxed(),
        maybe("nullable", &["True", "False"]),
        default(),
        maybe("new_column_name", &["'renamed'", "'New Name'"]),
        maybe("comment", &["'new'", "None"]),
        maybe("existing_nullable", &["True"]),
        maybe("existing_comment", &["'old'"]),
        schema(),
        Just(")".to_owned()).boxed(),
    ])
    .prop_filter("a fetched value is no default to be set", |text| {
        !text.contains("FetchedValue")
    })
    .boxed()
}

fn constraint() -> BoxedStrategy<String> {
    let options = || {
        vec![
            maybe("deferrable", &["True", "False"]),
            maybe("initially", &["'DEFERRED'"]),
            schema(),
            Just(")".to_owned()).boxed(),
        ]
    };
    let with = |head: &'static [&'static str]| {
        let mut parts = vec![words(head)];
        parts.extend(options());
        all(parts)
    };
    let unique = with(&[
        "op.create_unique_constraint('uq', 'users', ['a', 'B']",
        "op.create_unique_constraint(None, 'users', ['a']",
        "op.create_unique_constraint(op.f('uq_x'), 'Users', ('a',), postgresql_nulls_not_distinct=True",
        "op.create_unique_constraint('uq', 'users', ['a'], postgresql_include=['a']",
    ]);
    let check = with(&[
        "op.create_check_constraint('ck', 'users', 'a > 0'",
        "op.create_check_constraint('ck', 'users', sa.text(\"a <> 'x'\"), postgresql_not_valid=True",
        "op.create_check_constraint('ck', 'users', sa.column('a') != 3",
        "op.create_check_constraint('ck', 'users', sa.and_(sa.column('a') > 3, sa.column('B').is_(None))",
        "op.create_check_constraint('ck', 'users', sa.or_(sa.column('a').in_([1, 2]), sa.not_(sa.column('b') == 4))",
        "op.create_check_constraint('ck', 'users', sa.func.length(sa.column('a')) < 10",
    ]);
    let foreign = all(vec![
        words(&[
            "op.create_foreign_key('fk', 'a', 'b', ['x'], ['y']",
            "op.create_foreign_key(None, 'A', 'b', ['x', 'z'], ['id', 'ID']",
            "op.create_foreign_key(op.f('fk'), 'a', 'a', ['x'], ['id']",
            "op.create_foreign_key('fk', source_table='a', referent_table='b', local_cols=['x'], remote_cols=['y']",
        ]),
        maybe("ondelete", &["'CASCADE'", "'SET NULL'"]),
        maybe("onupdate", &["'RESTRICT'"]),
        maybe("source_schema", &["'app'"]),
        maybe("referent_schema", &["'Other'"]),
        maybe("deferrable", &["True"]),
        maybe("initially", &["'IMMEDIATE'"]),
        maybe("match", &["'FULL'"]),
        maybe("postgresql_not_valid", &["True"]),
        Just(")".to_owned()).boxed(),
    ]);
    let rest = words(&[
        "op.create_primary_key('pk', 'users', ['id', 'User'])",
        "op.create_primary_key('pk', 'users', ['id'], schema='app')",
        "op.create_exclude_constraint('ex', 'users', ('period', '&&'), ('group', '='), where=\"group != 'x'\", using='gist')",
        "op.drop_constraint('uq', 'users')",
        "op.drop_constraint('fk', 'Users', type_='foreignkey', schema='app')",
        "op.drop_constraint(op.f('ck'), table_name='users', if_exists=True)",
    ]);
    prop_oneof![unique, check, foreign, rest].boxed()
}

fn other() -> BoxedStrategy<String> {
    let drop_column = all(vec![
        words(&[
            "op.drop_column('users', 'a'",
            "op.drop_column('Users', 'order'",
        ]),
        schema(),
        maybe("if_exists", &["True"]),
        Just(")".to_owned()).boxed(),
    ]);
    let fixed = words(&[
        "op.drop_table('users')",
        "op.drop_table('User', schema='app', if_exists=True)",
        "op.rename_table('a', 'B')",
        "op.rename_table('a', 'b', schema='app')",
        "op.create_table_comment('users', \"it's\", schema='app')",
        "op.drop_table_comment('users', existing_comment='x')",
        "op.execute('SELECT 1;')",
        "op.execute(sa.text('UPDATE a SET b = :b').bindparams(b=\"it's\"))",
        "op.execute(sa.text('UPDATE a SET b = :b, c = :c, d = :d').bindparams(b=None, c=1, d=True))",
        "op.execute(sa.DDL('DROP VIEW IF EXISTS v'))",
        "op.execute(f'DROP TABLE {\"x\"}')",
        "op.execute('DROP TABLE %s CASCADE' % 'x')",
        "op.execute('DROP TABLE {} CASCADE'.format('x'))",
        "op.execute(textwrap.dedent('''\n    CREATE VIEW v AS\n      SELECT 1\n'''))",
        "op.execute(sa.schema.CreateSequence(sa.Sequence('s', start=5, schema='app')))",
        "op.execute(sa.schema.DropSequence(sa.Sequence('S')))",
        "op.execute(sa.schema.CreateSchema('New', if_not_exists=True))",
        "op.get_bind().execute(sa.text('DELETE FROM a WHERE b = :b'), {'b': 'x'})",
        "op.get_bind().execute(sa.text('INSERT INTO a VALUES (:b)'), [{'b': 1}, {'b': 2}])",
        "op.get_bind().exec_driver_sql('SELECT now()')",
        "postgresql.ENUM('a', 'b', name='made').create(op.get_bind(), checkfirst=False)",
        "sa.Enum(name='made').drop(op.get_bind(), checkfirst=False)",
    ]);
    prop_oneof![1 => drop_column, 4 => fixed].boxed()
}

fn rows() -> BoxedStrategy<String> {
    let table = words(&[
        "t = sa.table('users', sa.column('id', sa.Integer), sa.column('name', sa.String), sa.column('Ok', sa.Boolean))\n",
        "t = sa.table('Users', sa.column('id', sa.Integer), sa.column('name', sa.Text), sa.column('Ok', sa.Boolean), schema='app')\n",
    ]);
    let use_it = words(&[
        "op.bulk_insert(t, [{'name': \"it's\", 'id': 1}, {'id': 2, 'Ok': True}])",
        "op.bulk_insert(t, [{'name': None, 'id': 1, 'Ok': False}], multiinsert=False)",
        "op.execute(t.update().where(t.c.id == 1).values(name='x'))",
        "op.execute(t.update().values({'name': sa.func.lower(t.c.name), 'id': t.c.id + 1}))",
        "op.execute(t.update().where(t.c.name == None, t.c['Ok'] == True).values(name=op.inline_literal('q')))",
        "op.execute(t.delete().where(sa.or_(t.c.id > 5, t.c.name.in_(['a', \"b'c\"]))))",
        "op.execute(sa.delete(t).where(t.c.name.is_not(None)).where(t.c.id <= 3))",
        "op.execute(t.insert().values(name='x', id=3))",
        "op.execute(sa.insert(t).values([{'id': 1, 'name': 'a'}, {'id': 2, 'name': 'b'}]))",
        "op.execute(sa.update(t).where(sa.and_(t.c.id == 1, sa.or_(t.c.id == 2, t.c.name != 'x'))).values(id=sa.null()))",
        "op.get_bind().execute(sa.select(t.c.id, t.c.name).where(t.c.name == 'x'))",
        "op.get_bind().execute(sa.select(t))",
        "op.get_bind().execute(t.insert(), [{'id': 1, 'name': 'a'}, {'id': 2, 'name': 'b'}])",
        "op.execute(t.insert().from_select(['id', 'name'], sa.select(t.c.id, t.c.name)))",
    ]);
    all(vec![table, use_it])
}

fn batch() -> BoxedStrategy<String> {
    let inner = words(&[
        "b.add_column(sa.Column('x', sa.Integer(), nullable=True))",
        "b.add_column(sa.Column('y', sa.String(5), sa.ForeignKey('o.id', name='fk'), unique=True, comment='c'))",
        "b.drop_column('x')",
        "b.alter_column('x', type_=sa.Text(), nullable=False, existing_type=sa.Integer())",
        "b.alter_column('x', new_column_name='Y')",
        "b.create_index('ix', ['a', 'B'], unique=True, postgresql_where=sa.text('a = 1'))",
        "b.drop_index('ix')",
        "b.create_unique_constraint('uq', ['a'])",
        "b.create_foreign_key('fk', 'other', ['a'], ['id'], ondelete='CASCADE', referent_schema='app')",
        "b.create_check_constraint('ck', 'a > 1')",
        "b.create_primary_key('pk', ['a'])",
        "b.drop_constraint('uq', type_='unique')",
        "b.create_table_comment('hi')",
        "op.execute('SELECT 1')",
        "b.execute('SELECT 2')",
        "b.f('x')",
    ]);
    let head = all(vec![
        words(&[
            "with op.batch_alter_table('users'",
            "with op.batch_alter_table('Order'",
        ]),
        schema(),
        maybe("recreate", &["'auto'", "'never'"]),
        Just(") as b:\n".to_owned()).boxed(),
    ]);
    (head, vec(inner, 1..4))
        .prop_map(|(head, inner)| {
            let all = inner.iter();
            all.fold(head, |text, line| text + "    " + line + "\n")
        })
        .boxed()
}

fn operation() -> BoxedStrategy<String> {
    let literal = (text(), text()).prop_map(|(a, b)| {
        let a = a.replace('\'', "\\'");
        let b = b.replace('\'', "\\'");
        format!("op.alter_column('t', 'c', server_default='{a}', comment='{b}')")
    });
    prop_oneof![
        6 => create_table(),
        4 => add_column(),
        4 => alter_column(),
        4 => index(),
        4 => constraint(),
        4 => other(),
        3 => rows(),
        3 => batch(),
        1 => literal,
    ]
    .boxed()
}

/// Files with an odd shape, each without its head.
pub(crate) const ODD: &[(&str, &str)] = &[
    (
        "constants and loops",
        "
SCHEMA = 'app'
TABLES = ['a', 'B'] + ['c']
NAMES = {'one': 1, 'two': 2}

def name_of(table, suffix='ix'):
    return f'{suffix}_{table}'

def upgrade():
    for table in TABLES:
        if table == 'B':
            continue
        op.create_index(name_of(table), table, ['id'], schema=SCHEMA)
    for key, value in NAMES.items():
        op.execute(f\"INSERT INTO t VALUES ('{key}', {value:03d})\")
    for at, table in enumerate(reversed(TABLES), 1):
        op.execute('-- %s' % table + '\\nSELECT %d' % at)
    for x in range(2):
        for y in [n for n in 'ab' if n != 'b']:
            op.drop_table(f'{y}{x}')
    else:
        op.drop_table('last')
",
    ),
    (
        "helpers of the file",
        "
class Kind(str, enum.Enum):
    FIRST = 'first'
    SECOND = 'second'

def stamps(*more, **options):
    return [sa.Column('created_at', sa.DateTime(), **options), *more]

def make(table, *columns):
    return op.create_table(table, sa.Column('id', sa.Integer, primary_key=True), *columns, *stamps(nullable=False))

def upgrade():
    t = make('users', sa.Column('kind', sa.Enum(Kind, name='kind')))
    make('others', sa.Column('kind', sa.Enum(Kind)), sa.Column('again', sa.Enum(Kind, name='kind')))
    op.bulk_insert(t, [{'id': 1}, {'id': 2}])
    op.execute(f\"UPDATE users SET kind = '{Kind.FIRST.value}'\")
    values = ', '.join(f\"'{k.value}'\" for k in Kind)
    op.execute(f'SELECT {values}')
    nested()

def nested():
    def inner(column):
        op.drop_column('users', column)
    inner('kind')
    (lambda table: op.drop_table(table))('others')
",
    ),
    (
        "conditions that are known",
        "
def upgrade():
    bind = op.get_bind()
    if bind.dialect.name == 'postgresql':
        op.execute('SELECT 1')
    elif bind.dialect.name == 'sqlite':
        op.execute('SELECT 2')
    else:
        op.execute('SELECT 3')
    if bind.engine.name != 'postgresql':
        return
    context = op.get_context()
    if context.dialect.name in ('mysql', 'sqlite') or False:
        op.execute('SELECT 4')
    dialect = 'x' if context.dialect.name == 'mysql' else 'y'
    op.execute(f'SELECT {dialect!r}')
    print('nothing')
    if not context.as_sql or True:
        return op.execute('SELECT 5')
    op.execute('SELECT 6')
",
    ),
    (
        "values that change",
        "
def upgrade():
    columns = []
    also = columns
    columns.append('a')
    also += ['b']
    options = dict(unique=True)
    options['postgresql_using'] = 'btree'
    op.create_index('ix', 't', columns, **options)
    a, *rest = ('x', 'y', 'z')
    for table in rest[:-1] + [rest[-1]]:
        op.drop_table(table)
    sql = 'SELECT 1'
    sql += ' FROM ' + a
    op.execute(sql.replace('1', '2').strip())
    op.execute('''
        UPDATE t SET a = 'x;y'
    ''')
",
    ),
    (
        "types by other roads",
        "
from sqlalchemy import Column, Integer, String, func, text
from sqlalchemy.dialects.postgresql import ARRAY, ENUM, JSONB as J
from sqlalchemy.sql import column, table
import sqlalchemy

status = ENUM('on', 'off', name='status', create_type=False)

def upgrade():
    status.create(op.get_bind(), checkfirst=False)
    op.create_table('t', Column('id', Integer(), primary_key=True), Column('s', status, server_default='on'),
        Column('j', J), Column('a', ARRAY(String(3))), Column('at', sqlalchemy.DateTime(), server_default=func.now()))
    op.add_column('t', Column('more', ENUM(name='status', create_type=False), server_default=text(\"'off'\")))
    t = table('t', column('id', Integer))
    op.execute(t.delete().where(t.c.id == sqlalchemy.literal(5)))
    status.drop(op.get_bind(), checkfirst=False)
",
    ),
    (
        "outside of the transaction",
        "
def upgrade():
    with op.get_context().autocommit_block() if False else op.batch_alter_table('t') as b:
        b.drop_column('x')
    try:
        op.execute('SELECT 1')
    finally:
        op.execute('SELECT 2')
    with op.batch_alter_table('t') as b, op.batch_alter_table('u') as c:
        c.drop_column('y')
        b.drop_column('x')
",
    ),
    (
        "keys of several columns",
        "
def upgrade():
    op.create_table('t', sa.Column('a', sa.Integer, primary_key=True), sa.Column('b', sa.BigInteger, primary_key=True))
    op.create_table('t', sa.Column('a', sa.Integer, primary_key=True, autoincrement=True), sa.Column('b', sa.BigInteger, primary_key=True))
    op.create_table('t', sa.Column('a', sa.Integer, sa.ForeignKey('x.id'), primary_key=True))
    op.create_table('t', sa.Column('a', sa.Integer, sa.ForeignKey('x.id'), primary_key=True, autoincrement='ignore_fk'))
    op.create_table('t', sa.Column('a', sa.Integer, nullable=True), sa.Column('b', sa.SmallInteger), sa.PrimaryKeyConstraint('b'))
    op.create_table('t', sa.Column('a', sa.Integer, index=True), sa.Column('b', sa.Integer), sa.Index('ix_b', 'b', unique=True), schema='s')
    op.add_column('t', sa.Column('id', sa.Integer, primary_key=True))
    op.add_column('t', sa.Column('id', sa.Integer, primary_key=True), inline_primary_key=True)
    op.add_column('t', sa.Column('x', sa.Boolean(create_constraint=True), index=True, unique=True))
    op.alter_column('t', 'x', server_default=sa.Identity(always=True))
    op.alter_column('t', 'x', server_default=None, existing_server_default=sa.Identity())
    op.alter_column('t', 'x', type_=sa.Enum('a', name='e', native_enum=False, create_constraint=True), existing_type=sa.Enum('b', name='f', native_enum=False, create_constraint=True))
",
    ),
];
