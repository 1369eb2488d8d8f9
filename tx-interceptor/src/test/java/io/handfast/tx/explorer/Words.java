package io.handfast.tx.explorer;

import io.handfast.tx.core.BranchVote;
import java.util.List;
import java.util.stream.Collectors;

/** Short words for a chart. */
public final class Words {
  private Words() {}

  public static String of(Object value) {
    if (value instanceof List<?> list) {
      return list.stream().map(Words::of).collect(Collectors.joining(", "));
    }
    if (value instanceof BranchVote vote) {
      return Layout.nodeOf(vote.branch()) + "=" + vote.vote().token();
    }
    return value.toString();
  }

  /** {@code Prepared}, {@code BegunDurable}: records by their names, without what is in them. */
  public static String name(Object value) {
    return value.getClass().getSimpleName();
  }
}
