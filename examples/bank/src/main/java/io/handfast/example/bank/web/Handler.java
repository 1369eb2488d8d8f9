package io.handfast.example.bank.web;

import java.sql.SQLException;

/** Answers one route's requests; called on a thread of the pool, so it may block. */
public interface Handler {
  Answer handle(Call call) throws SQLException, InterruptedException;
}
