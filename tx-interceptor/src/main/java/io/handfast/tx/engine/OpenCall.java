package io.handfast.tx.engine;

import org.jspecify.annotations.Nullable;

/**
 * What a branch waits for before it votes (T11): a call of its service, or a block of SQL. To the
 * branch both are a branch below it. Confined to the engine's loop.
 */
sealed interface OpenCall permits CallDriver, BlockDriver {

  /** It may go on. */
  void admit();

  /** The branch takes none any more. */
  void refuse(String reason);

  /** The held answer may go, or what is said in its place. */
  void release(@Nullable String refused);

  /** Who is called, for people. */
  String destination();
}
