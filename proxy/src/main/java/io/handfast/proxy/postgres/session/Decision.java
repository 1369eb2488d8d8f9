package io.handfast.proxy.postgres.session;

import io.handfast.tx.interceptor.SqlBlockCall;
import io.handfast.tx.interceptor.SqlRefusal;

/** What is to be done with a statement. */
sealed interface Decision {
  Decision PASS = new Pass();
  Decision WATCH = new Watch();
  End COMMIT = new End(true, false);
  End COMMIT_AND_CHAIN = new End(true, true);
  End ROLLBACK = new End(false, false);
  End ROLLBACK_AND_CHAIN = new End(false, true);

  /** It goes as it is. */
  record Pass() implements Decision {}

  /** The engine is to be asked first. */
  record Enlist(SqlBlockCall.Name name, String statement) implements Decision {}

  /**
   * The block's end is ours to see to.
   *
   * @param chain the next one begins at once
   */
  record End(boolean commit, boolean chain) implements Decision {}

  /**
   * It goes as it is, but outside of a block behind a BEGIN of ours: whether it wrote is known at
   * the end only.
   */
  record Watch() implements Decision {}

  /**
   * It is answered by an error, and its block rolled back.
   *
   * @param missing whether it is because nothing named a branch
   */
  record Refuse(SqlRefusal refusal, boolean missing) implements Decision {}
}
