"""psycopg 3: simple queries, its own prepared statements, and pipelines in which BEGIN and COMMIT are unnamed Parse messages.

Arguments: port, the comment that names a branch, what to do. Prints "ok".
"""
import sys

import psycopg

port, comment, what = sys.argv[1:]


def connect(**options):
    return psycopg.connect(f"host=127.0.0.1 port={port} dbname=postgres user=postgres sslmode=disable", **options)


def update(connection, n=1):
    cursor = connection.execute(f"UPDATE accounts SET balance = balance + %s WHERE id = 1 {comment}", [n])
    if connection.info.pipeline_status == psycopg.pq.PipelineStatus.OFF:
        assert cursor.rowcount == 1, cursor.rowcount


if what == "blocks":
    with connect() as connection:
        for _ in range(8):  # from the sixth on it executes a statement that it has prepared
            with connection.transaction():
                update(connection)
        connection.execute(f"SELECT balance FROM accounts {comment}")
elif what == "rollback":
    with connect() as connection:
        update(connection, 1000)
        connection.rollback()
        with connection.transaction():
            update(connection)
            try:
                with connection.transaction():  # a savepoint
                    update(connection, 1000)
                    connection.execute("SELECT 1 / 0")
            except psycopg.errors.DivisionByZero:
                pass
elif what == "pipeline":
    with connect() as connection:
        for _ in range(8):
            with connection.pipeline(), connection.transaction():
                update(connection)
                connection.execute(f"INSERT INTO bookings VALUES (%s) {comment}", ["p"])
elif what == "autocommit":
    with connect(autocommit=True) as connection:
        for _ in range(8):
            update(connection)
elif what == "set_local":
    with connect() as connection:
        with connection.transaction():
            connection.execute("SELECT set_config('handfast.tx', %s, true)", [comment])
            connection.execute("UPDATE accounts SET balance = balance + 1 WHERE id = 1")
        with connection.transaction():
            connection.execute(f"SET LOCAL handfast.tx = '{comment}'")
            connection.execute("UPDATE accounts SET balance = balance + 1 WHERE id = 1")
else:
    raise SystemExit(f"{what}: what is that?")
print("ok")
