package io.handfast.tx.engine;

import io.handfast.tx.context.GlobalId;
import io.handfast.tx.engine.base.Bounds;
import io.handfast.tx.engine.base.BranchKey;
import io.handfast.tx.port.Databases.Prepared;
import io.handfast.tx.port.Databases.Readiness;
import io.handfast.tx.port.Databases.Scan;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Looks at start, and again and again, for what is prepared in one database and known to nobody
 * here: what a crash has left, of this sidecar or of one that is gone for good. What another mesh
 * or a sidecar that lives has prepared is asked for as well, which does no harm: its decider says.
 * Confined to the engine's loop, but for {@link #notReady}.
 */
final class BlockScanner {
  private static final Logger log = LoggerFactory.getLogger(BlockScanner.class);

  private final Wiring wiring;
  private final String database;

  /** Taken up by a scan, and not ended since, as far as is known. */
  private final Map<BranchKey, ParticipantDriver> taken = new HashMap<>();

  private boolean scanned;
  private boolean said;
  private volatile @Nullable String problem;

  BlockScanner(Wiring wiring, String database) {
    this.wiring = wiring;
    this.database = database;
    this.problem = "has not been asked yet";
  }

  /** Why nothing can be prepared there; null if it can. From any thread. */
  @Nullable String notReady() {
    String why = problem;
    return why == null ? null : "database " + database + ": " + why;
  }

  void start() {
    look();
  }

  private void look() {
    wiring.databases().check(database, it -> wiring.loop().execute(() -> checked(it)));
    wiring
        .blocks()
        .scan(
            database,
            found -> {
              switch (found) {
                case Scan.Found it -> found(it);
                case Scan.Failed it ->
                    log.debug("database {}: not scanned: {}", database, it.reason());
              }
              again();
            });
  }

  private void checked(Readiness readiness) {
    String before = problem;
    if (!readiness.ready() && !(said && readiness.reason().equals(before))) {
      log.warn("database {}: {}", database, readiness.reason());
      said = true;
    } else if (readiness.ready() && said) {
      log.info("database {}: can prepare again", database);
      said = false;
    }
    problem = readiness.ready() ? null : readiness.reason(); // who reads it finds the log's line
  }

  private void again() {
    long interval = wiring.databases().scanInterval(database).toNanos();
    // Replicas that were started together do not ask together.
    long jitter = wiring.random().nextLong(Math.max(1, interval / 4));
    wiring.loop().schedule(interval - interval / 8 + jitter, this::look);
  }

  private void found(Scan.Found scan) {
    Set<BranchKey> there = new HashSet<>();
    for (Prepared one : scan.prepared()) {
      GlobalId id = GlobalId.parse(one.globalId());
      if (id == null) {
        continue;
      }
      BranchKey key = new BranchKey(id.tx(), id.branch());
      there.add(key);
      if (isUnknown(key, one)) {
        taken.put(key, wiring.blocks().takeUp(id, database, one.age()));
      }
    }
    scanned = true;
    taken
        .entrySet()
        .removeIf(entry -> {
          ParticipantDriver driver = entry.getValue();
          if (wiring.tables().participant(entry.getKey()) != driver) {
            return true; // ended
          }
          if (scan.whole() && !there.contains(entry.getKey()) && driver.isInDoubt()) {
            driver.endedElsewhere();
            return true;
          }
          return false;
        });
  }

  /** The first scan finds what a former life has left; later ones leave a block time to vote. */
  private boolean isUnknown(BranchKey key, Prepared one) {
    return wiring.tables().participant(key) == null
        && wiring.tables().callerOf(key) == null
        && !wiring.kept().holds(key)
        && (!scanned || one.age().compareTo(Bounds.BLOCK_SETTLES) >= 0)
        && wiring.tables().participantCount() < Bounds.MAX_BRANCHES;
  }
}
