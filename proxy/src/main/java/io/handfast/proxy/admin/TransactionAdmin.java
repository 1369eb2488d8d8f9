package io.handfast.proxy.admin;

import io.handfast.tx.operator.TransactionCommands;
import io.handfast.tx.operator.TransactionQueries;
import java.util.Optional;

/** Transactions as the administration server shows and changes them. Thread-safe. */
public interface TransactionAdmin extends TransactionQueries, TransactionCommands {

  /** What changing something needs; empty while there is none, and then nothing can be changed. */
  Optional<OperatorToken> token();

  /** Whether the store has been read, so that questions are answered at once. */
  boolean isStarted();
}
