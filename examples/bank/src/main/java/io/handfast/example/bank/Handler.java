package io.handfast.example.bank;

import java.sql.SQLException;

/** Answers one route's requests; called on a virtual thread of its own, so it may block. */
interface Handler {
  Answer handle(Call call) throws SQLException, InterruptedException;
}
