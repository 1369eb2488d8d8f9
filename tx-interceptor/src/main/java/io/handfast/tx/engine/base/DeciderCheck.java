package io.handfast.tx.engine.base;

import io.handfast.tx.context.GlobalId;
import io.handfast.tx.core.Decider;
import io.handfast.tx.core.PeerIdentity;
import io.handfast.tx.engine.observe.EngineMeters;
import io.handfast.tx.port.Peer;
import java.util.HashSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Sees to it that an outcome is the decider's (T20). Each refusal is counted, and each peer that is
 * refused is logged once. Confined to the engine's loop.
 */
public final class DeciderCheck {
  private static final Logger log = LoggerFactory.getLogger(DeciderCheck.class);

  /** Peers that are logged; those beyond are only counted. */
  private static final int MAX_LOGGED = 64;

  private final EngineMeters meters;
  private final Set<String> logged = new HashSet<>();

  public DeciderCheck(EngineMeters meters) {
    this.meters = meters;
  }

  /**
   * Whether an outcome may be believed.
   *
   * @param teller null for this sidecar itself
   */
  public boolean accepts(BranchKey key, Decider recorded, Remembered.@Nullable Teller teller) {
    if (teller == null) {
      return true;
    }
    boolean named = recorded.store().value().equals(teller.store());
    if (named && is(teller.peer(), recorded.identity())) {
      return true;
    }
    meters.outcomeRefused();
    if (logged.size() < MAX_LOGGED && logged.add(teller.peer() + " " + named)) {
      log.atWarn()
          .addKeyValue("txId", key.tx())
          .addKeyValue("branchId", key.branch())
          .addKeyValue("peer", teller.authority())
          .log(
              "outcome refused: told in the name of {} by {} (expected: {}, {}); logged once",
              teller.store(),
              teller.peer(),
              recorded.store(),
              recorded.identity() == null ? "anybody" : recorded.identity());
    }
    return false;
  }

  /** Of whom a name of what is prepared has no room for more, the digest has to agree. */
  private static boolean is(Peer peer, @Nullable PeerIdentity recorded) {
    String digest = recorded == null ? null : recorded.knownDigest();
    if (digest == null || !(peer instanceof Peer.Proved proved)) {
      return peer.is(recorded);
    }
    return proved.identities().stream().anyMatch(it -> GlobalId.digest(it).equals(digest));
  }
}
