package io.handfast.proxy.transaction.manager;

import com.google.protobuf.UInt32Value;
import io.handfast.proxy.config.extension.Scope;
import io.handfast.transaction.v1.TransactionLimits;
import io.handfast.transaction.v1.TransactionManager;
import io.handfast.tx.engine.EngineConfig.Limits;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** Reads what transactions may take. Pure functions. */
final class LimitsParser {
  private static final int MAX_BRANCHES = 4_096;
  private static final int MIN_BYTES = 1 << 10;
  private static final int MAX_BYTES = 64 << 20;
  private static final Duration MIN_TIME = Duration.ofMillis(1);
  private static final Duration MAX_TIME = Duration.ofHours(1);

  private LimitsParser() {}

  /** Null if something is wrong, which has been noted. */
  static @Nullable Limits parse(TransactionManager manager, Scope scope) {
    TransactionLimits limits = manager.getLimits();
    Scope here = scope.field("limits");
    Integer transactions =
        number(
            manager.hasMaxTransactions(),
            manager.getMaxTransactions(),
            Limits.DEFAULT.transactions(),
            1,
            Integer.MAX_VALUE,
            scope.field("max_transactions"));
    Integer branches =
        number(
            limits.hasMaxBranches(),
            limits.getMaxBranches(),
            Limits.DEFAULT.branches(),
            1,
            MAX_BRANCHES,
            here.field("max_branches"));
    Integer bytes =
        number(
            limits.hasMaxBytes(),
            limits.getMaxBytes(),
            Limits.DEFAULT.bytes(),
            MIN_BYTES,
            MAX_BYTES,
            here.field("max_bytes"));
    Duration time = time(limits, here.field("max_time"));
    return transactions == null || branches == null || bytes == null || time == null
        ? null
        : new Limits(transactions, branches, bytes, time);
  }

  private static @Nullable Duration time(TransactionLimits limits, Scope scope) {
    Duration time = scope.duration(limits.hasMaxTime(), limits.getMaxTime(), Limits.DEFAULT.time());
    if (time.compareTo(MIN_TIME) < 0 || time.compareTo(MAX_TIME) > 0) {
      scope.error(time, "1 ms to 1 h");
      return null;
    }
    return time;
  }

  private static @Nullable Integer number(
      boolean set, UInt32Value value, int byDefault, int least, int most, Scope scope) {
    int number = set ? Scope.clamped(value.getValue()) : byDefault;
    if (number < least || number > most) {
      scope.error(
          Integer.toUnsignedString(value.getValue()),
          most == Integer.MAX_VALUE ? least + " or more" : least + " to " + most);
      return null;
    }
    return number;
  }
}
