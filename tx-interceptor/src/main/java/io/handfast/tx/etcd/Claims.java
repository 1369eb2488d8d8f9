package io.handfast.tx.etcd;

import io.etcd.jetcd.ByteSequence;
import io.etcd.jetcd.KeyValue;
import io.etcd.jetcd.Watch;
import io.etcd.jetcd.options.WatchOption;
import io.etcd.jetcd.watch.WatchEvent;
import io.etcd.jetcd.watch.WatchResponse;
import io.handfast.transaction.v1.BranchRef;
import io.handfast.transaction.v1.Record;
import io.handfast.tx.port.EngineLoop;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Takes up what lost sidecars left: decisions of this service, and branches of it that this sidecar
 * may end. A claim is a write that names the claimer's incarnation: it compares that the record is
 * unchanged, that its owner is gone and that the claimer lives, so of two claimers one wins, and
 * the claim lapses with the winner's key (T19). ABORT records that no coordinator can need are
 * removed on the way, and hazards of this pod found that a life of its left, for people (T21).
 *
 * <p>Looks when an incarnation vanishes, and every {@link #ROUNDS} leases in case that was not
 * told. Confined to the engine's loop.
 */
final class Claims {
  private static final Logger log = LoggerFactory.getLogger(Claims.class);

  /** Leases between two looks that nothing caused. */
  private static final int ROUNDS = 3;

  /**
   * After which an ABORT goes, and the undo of a branch that was taken over: twice the longest
   * timeout of a transaction. Who could write COMMIT by then has found the ABORT, or lost its
   * lease; one whose COMMIT is unanswered has it kept. Who slept with its Try has found the undo,
   * or sleeps for longer than a sidecar that is stopped and not killed is thought to.
   */
  private static final Duration ABORT_STAYS = Duration.ofHours(2);

  /** Keys whose records are not understood that are logged. */
  private static final int MAX_LOGGED = 64;

  /** What a store is made of. */
  record Parts(
      Keys keys,
      Reads reads,
      BatchWriter writer,
      Incarnation incarnation,
      BranchWrites branches,
      CommitWrites commits,
      Counters counters) {}

  private final EtcdOptions options;
  private final String service;
  private final String authority;
  private final Watch watch;
  private final EngineLoop loop;
  private final Parts parts;
  private final Consumer<List<Record>> claimed;
  private Watch.@Nullable Watcher watcher;
  private final Set<ByteSequence> unknown = new HashSet<>();
  private final Set<ByteSequence> shown = new HashSet<>();
  private final Stayed aborted;
  private final Stayed undone;
  private boolean unread;
  private boolean looking;
  private boolean again;

  Claims(
      EtcdOptions options,
      String service,
      String authority,
      Watch watch,
      EngineLoop loop,
      Parts parts,
      Consumer<List<Record>> claimed) {
    this.options = options;
    this.service = service;
    this.authority = authority;
    this.watch = watch;
    this.loop = loop;
    this.parts = parts;
    this.claimed = claimed;
    this.aborted = new Stayed(loop, ABORT_STAYS);
    this.undone = new Stayed(loop, ABORT_STAYS);
  }

  void start() {
    watcher =
        watch.watch(
            parts.keys().incarnations(),
            WatchOption.builder().isPrefix(true).withNoPut(true).withPrevKV(true).build(),
            this::vanished,
            failure -> log.debug("etcd: watch of incarnations: {}", EtcdErrors.reason(failure)));
    round();
  }

  /** A replica, by what its key said; whom it cannot be told of may have been one. */
  private void vanished(WatchResponse told) {
    for (WatchEvent event : told.getEvents()) {
      KeyValue before = event.getPrevKV();
      if (before.getValue().isEmpty() || Keys.text(before.getValue()).equals(service)) {
        loop.execute(this::look);
        return;
      }
    }
  }

  void stop() {
    if (watcher != null) {
      watcher.close();
    }
  }

  private void round() {
    look();
    loop.schedule(options.lease().toNanos() * ROUNDS, this::round);
  }

  /** Records first, then who lives: whoever is missing then was gone, or came after them. */
  private void look() {
    if (looking) {
      again = true;
      return;
    }
    looking = true;
    parts
        .reads()
        .all(
            parts.keys().branches(service),
            false,
            ofService ->
                parts
                    .reads()
                    .all(
                        parts.keys().decisions(),
                        false,
                        decided ->
                            parts
                                .reads()
                                .all(
                                    parts.keys().incarnations(),
                                    true,
                                    living -> looked(ofService, decided, living))));
  }

  private void looked(Reads.Answer ofService, Reads.Answer decided, Reads.Answer living) {
    if (ofService.values() != null && decided.values() != null && living.values() != null) {
      Map<String, Long> alive = new HashMap<>();
      for (KeyValue life : living.values()) {
        alive.put(parts.keys().incarnationName(life.getKey()), life.getCreateRevision());
      }
      Gathering gathering = new Gathering(parts, this::over);
      branches(ofService.values(), alive, gathering);
      decisions(decided.values(), alive, gathering);
      gathering.all();
      unread = false;
    } else {
      unread(ofService, decided, living);
      over(List.of());
    }
  }

  private void unread(Reads.Answer... answers) {
    parts.counters().looksFailed.incrementAndGet();
    for (Reads.Answer answer : answers) {
      if (answer.values() == null && !unread) {
        unread = true;
        log.warn("{}: what lost replicas left is looked for later", answer.reason());
      }
    }
  }

  /** No look begins before the claims of the last are answered: a record is claimed once. */
  private void over(List<Record> won) {
    looking = false;
    if (!won.isEmpty()) {
      claimed.accept(won);
    }
    if (again) {
      again = false;
      look();
    }
  }

  private void branches(List<KeyValue> values, Map<String, Long> alive, Gathering gathering) {
    Set<ByteSequence> stand = new HashSet<>();
    for (KeyValue value : values) {
      Record record = known(value);
      stand.add(value.getKey());
      if (record == null) {
        continue;
      }
      if (record.getBranchEnded().getTakenOver()) {
        if (undone.hasStayed(value.getKey())) {
          gathering.collect(value);
        }
      } else if (isLeft(record, alive)) {
        branch(value, record, alive, gathering);
      }
    }
    undone.looked();
    shown.retainAll(stand);
  }

  private void branch(KeyValue value, Record record, Map<String, Long> alive, Gathering gathering) {
    BranchRef ref = ref(record);
    if (Records.isHazard(record)) {
      boolean here = record.getBranchEnded().getParticipant().equals(authority);
      if (here && shown.add(value.getKey())) {
        gathering.found(record); // who wrote it shows it no more
      }
    } else if (record.hasBranchEnded()) {
      if (!alive.containsKey(record.getOwner())) {
        gathering.collect(value); // a BEGUN that arrives late compares its owner, which is gone
      }
    } else if (ref != null
        && mayEnd(ref)
        && parts.branches().running(EtcdStore.name(ref)) == null) {
      gathering.claim(value, record, ref);
    }
  }

  /**
   * Whoever owns it is gone, or is this sidecar, which may not know it: where a claim or BEGUN was
   * in doubt, and was written all the same.
   */
  private boolean isLeft(Record record, Map<String, Long> alive) {
    return !alive.containsKey(record.getOwner()) || parts.incarnation().isOwn(record.getOwner());
  }

  /** Null for what a newer version wrote: one of its replicas takes it up. */
  private @Nullable Record known(KeyValue value) {
    try {
      return Records.parse(value);
    } catch (IllegalArgumentException e) {
      if (unknown.size() < MAX_LOGGED && unknown.add(value.getKey())) {
        log.warn("{}; left alone, logged once", e.getMessage());
      }
      return null;
    }
  }

  /** The same pod come back, or any replica where they share their state. */
  private boolean mayEnd(BranchRef ref) {
    return ref.getParticipant().equals(authority) || ref.getEquivalentReplicas();
  }

  private static @Nullable BranchRef ref(Record record) {
    return switch (record.getKindCase()) {
      case BEGUN -> record.getBegun().getBranch();
      case PREPARED -> record.getPrepared().getBranch();
      case DECISION,
          DECIDED,
          PRE_COMMIT,
          PRE_COMMITTED,
          WITHDRAWN,
          RESOLVED,
          SETTLED,
          FORGOTTEN,
          BRANCH_ENDED,
          ENDED,
          ABORTED,
          KIND_NOT_SET ->
          null; // a hazard is for people
    };
  }

  private void decisions(List<KeyValue> values, Map<String, Long> alive, Gathering gathering) {
    long oldest = alive.values().stream().mapToLong(Long::longValue).min().orElse(Long.MAX_VALUE);
    for (KeyValue value : values) {
      Record record = known(value);
      if (record == null) {
        continue;
      }
      if (record.hasAborted()) {
        boolean old = aborted.hasStayed(value.getKey()) && !record.getAborted().getKept();
        if (value.getCreateRevision() < oldest || old) {
          gathering.collect(value); // whoever could write COMMIT here began before it, and is gone
        }
      } else if (record.getDecision().getService().equals(service)
          && isLeft(record, alive)
          && !parts.commits().carries(EtcdStore.txId(record.getDecision().getTxId()))) {
        gathering.claim(value, record, null);
      }
    }
    aborted.looked();
  }
}
