package io.handfast.tx.engine.base;

import io.handfast.transaction.v1.Sender;
import io.handfast.tx.core.StoreId;
import io.handfast.tx.engine.observe.EngineMeters;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Finds two sidecars that run on one journal's id, as where its directory was copied: each believes
 * to be the decider, and answers from absence (T13). An incarnation is one life of a journal, so a
 * store is heard in one of them after the other; one that speaks at another address in an
 * incarnation that was over, or with this sidecar's own id, is a second one. It is counted, and
 * logged once for each store. Confined to the engine's loop.
 */
public final class StoreClash {
  private static final Logger log = LoggerFactory.getLogger(StoreClash.class);

  /** Stores that are watched; those beyond are not. */
  private static final int MAX_STORES = 4_096;

  private record Life(String authority, long incarnation) {}

  private final StoreId own;
  private final EngineMeters meters;
  private final Map<String, Life> newest = new HashMap<>();
  private final Set<String> logged = new HashSet<>();

  public StoreClash(StoreId own, EngineMeters meters) {
    this.own = own;
    this.meters = meters;
  }

  /** Looks at who has sent a message, to this sidecar at that address in that incarnation. */
  public void heard(Sender sender, String here, long incarnation) {
    if (!sender.getStoreId().startsWith("j.")) {
      return; // in etcd many share one
    }
    Life said = new Life(sender.getAuthority(), sender.getIncarnation());
    if (sender.getStoreId().equals(own.value())) {
      if (!said.equals(new Life(here, incarnation))) {
        clash(sender.getStoreId(), said, new Life(here, incarnation));
      }
      return;
    }
    Life before = newest.get(sender.getStoreId());
    if (before == null || said.incarnation() > before.incarnation()) {
      if (before != null || newest.size() < MAX_STORES) {
        newest.put(sender.getStoreId(), said);
      }
    } else if (!said.authority().equals(before.authority())) {
      clash(sender.getStoreId(), said, before);
    }
  }

  private void clash(String store, Life one, Life other) {
    meters.storeClash();
    if (logged.size() < MAX_STORES && logged.add(store)) {
      log.atError()
          .addKeyValue("peer", one.authority())
          .log(
              "store {}: two sidecars run on it: {} in incarnation {}, and {} in incarnation {}"
                  + " (expected: one; a journal is moved by `handfast journal backup` and"
                  + " `restore`: stop the copy); logged once",
              store,
              one.authority(),
              one.incarnation(),
              other.authority(),
              other.incarnation());
    }
  }
}
