"""psycopg2, which puts values into the text itself: one Query message per statement, percent signs as they come.

Arguments: port, the comment that names a branch. Prints "ok".
"""
import sys

import psycopg2

port, comment = sys.argv[1:]
connection = psycopg2.connect(host="127.0.0.1", port=port, dbname="postgres", user="postgres", sslmode="disable")
with connection, connection.cursor() as cursor:
    # With parameters a percent sign is written twice and sent once.
    cursor.execute("UPDATE accounts SET balance = balance + %s WHERE id = 1 " + comment.replace("%", "%%"), [1])
    assert cursor.rowcount == 1
with connection, connection.cursor() as cursor:
    # Without it is sent as it is written, and agents write it twice.
    cursor.execute("UPDATE accounts SET balance = balance + 1 WHERE id = 1 " + comment.replace("%", "%%"))
with connection, connection.cursor() as cursor:
    other = comment.replace("b7ad", "c7ad")
    cursor.execute("INSERT INTO bookings VALUES (%s) " + comment.replace("%", "%%"), [f"it's no comment: {other}"])
try:
    with connection, connection.cursor() as cursor:
        cursor.execute("UPDATE accounts SET balance = 0 " + comment)
        raise KeyError
except KeyError:
    pass
connection.close()
print("ok")
