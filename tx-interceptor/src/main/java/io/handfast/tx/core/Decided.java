package io.handfast.tx.core;

/**
 * Who commits, as a decision lists him (rule T14): by branch, participant and handle. Immutable.
 *
 * @param key by which an outcome is told
 * @param handle what its resource needs; empty where it needs nothing
 */
public record Decided(ParticipantKey key, String handle) {

  /**
   * Whether an inquiry is about this one. A handle names what is prepared, whoever asks: the
   * participant that voted may be lost, and another may end it in its place (rule T16).
   */
  public boolean is(ParticipantKey asker, String askersHandle) {
    return samePrepared(handle, askersHandle)
        && (handle.isEmpty() ? key.equals(asker) : key.branch().equals(asker.branch()));
  }

  /**
   * Whether two handles of one branch name the same thing. Before the slash is what the database is
   * called by whoever wrote the handle: another sidecar, or another scan, may call it otherwise,
   * and what follows names one block of the branch.
   */
  public static boolean samePrepared(String one, String other) {
    return one.isEmpty() == other.isEmpty() && inDatabase(one).equals(inDatabase(other));
  }

  private static String inDatabase(String handle) {
    return handle.substring(handle.indexOf('/') + 1);
  }
}
