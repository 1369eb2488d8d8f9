package io.handfast.tx.engine.base;

import io.handfast.tx.core.BranchId;
import io.handfast.tx.core.TxId;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Which blocks are prepared in databases here, by their transaction: who waits for a lock in vain
 * may wait for his own transaction. Thread-safe.
 */
public final class PreparedHere {
  private record Block(String database, String words) {}

  private final Map<TxId, Map<BranchId, Block>> transactions = new ConcurrentHashMap<>();

  /**
   * A block is prepared.
   *
   * @param words what it is, for people
   */
  public void add(BranchKey key, String database, String words) {
    transactions.compute(
        key.tx(),
        (tx, blocks) -> {
          Map<BranchId, Block> more = blocks == null ? new ConcurrentHashMap<>(2) : blocks;
          more.put(key.branch(), new Block(database, words));
          return more;
        });
  }

  /** It is not any more. */
  public void remove(BranchKey key) {
    transactions.computeIfPresent(
        key.tx(),
        (tx, blocks) -> {
          blocks.remove(key.branch());
          return blocks.isEmpty() ? null : blocks;
        });
  }

  /** Those of the same transaction in the same database, for people; but for itself. */
  public List<String> beside(BranchKey key, String database) {
    List<String> words = new ArrayList<>();
    transactions
        .getOrDefault(key.tx(), Map.of())
        .forEach((branch, block) -> {
          if (!branch.equals(key.branch()) && block.database().equals(database)) {
            words.add(block.words());
          }
        });
    return words;
  }

  /** How many there are. */
  public int size() {
    return transactions.values().stream().mapToInt(Map::size).sum();
  }
}
