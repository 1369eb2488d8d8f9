package io.handfast.tx.etcd;

import io.etcd.jetcd.ByteSequence;
import io.etcd.jetcd.KeyValue;
import io.etcd.jetcd.Watch;
import io.etcd.jetcd.op.Op;
import io.etcd.jetcd.options.DeleteOption;
import io.etcd.jetcd.options.PutOption;
import io.etcd.jetcd.options.WatchOption;
import io.handfast.transaction.v1.BranchRef;
import io.handfast.transaction.v1.Record;
import io.handfast.tx.core.BranchId;
import io.handfast.tx.core.TxId;
import io.handfast.tx.port.EngineLoop;
import java.util.ArrayList;
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
 * removed on the way.
 *
 * <p>Looks when an incarnation vanishes, and every {@link #ROUNDS} leases in case that was not
 * told. Confined to the engine's loop.
 */
final class Claims {
  private static final Logger log = LoggerFactory.getLogger(Claims.class);

  /** Leases between two looks that nothing caused. */
  private static final int ROUNDS = 3;

  /** Keys whose records are not understood that are logged. */
  private static final int MAX_LOGGED = 64;

  private final EtcdOptions options;
  private final String service;
  private final String authority;
  private final Watch watch;
  private final EngineLoop loop;
  private final Keys keys;
  private final Reads reads;
  private final BatchWriter writer;
  private final BranchWrites branches;
  private final Incarnation incarnation;
  private final Counters counters;
  private final Consumer<List<Record>> claimed;
  private Watch.@Nullable Watcher watcher;
  private final Set<ByteSequence> unknown = new HashSet<>();
  private boolean looking;
  private boolean again;

  Claims(
      EtcdOptions options,
      String service,
      String authority,
      Watch watch,
      EngineLoop loop,
      Keys keys,
      Reads reads,
      BatchWriter writer,
      BranchWrites branches,
      Incarnation incarnation,
      Counters counters,
      Consumer<List<Record>> claimed) {
    this.options = options;
    this.service = service;
    this.authority = authority;
    this.watch = watch;
    this.loop = loop;
    this.keys = keys;
    this.reads = reads;
    this.writer = writer;
    this.branches = branches;
    this.incarnation = incarnation;
    this.counters = counters;
    this.claimed = claimed;
  }

  void start() {
    watcher =
        watch.watch(
            keys.incarnations(),
            WatchOption.builder().isPrefix(true).withNoPut(true).build(),
            told -> loop.execute(this::look),
            failure -> log.debug("etcd: watch of incarnations: {}", EtcdErrors.reason(failure)));
    round();
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
    reads.all(
        keys.branches(service),
        false,
        ofService ->
            reads.all(
                keys.decisions(),
                false,
                decided ->
                    reads.all(
                        keys.incarnations(), true, living -> looked(ofService, decided, living))));
  }

  private void looked(Reads.Answer ofService, Reads.Answer decided, Reads.Answer living) {
    if (ofService.values() != null && decided.values() != null && living.values() != null) {
      Map<String, Long> alive = new HashMap<>();
      for (KeyValue life : living.values()) {
        alive.put(keys.incarnationName(life.getKey()), life.getCreateRevision());
      }
      Gathering gathering = new Gathering();
      branches(ofService.values(), alive, gathering);
      decisions(decided.values(), alive, gathering);
      gathering.all();
    } else {
      looked();
    }
  }

  /** No look begins before the claims of the last are answered: a record is claimed once. */
  private void looked() {
    looking = false;
    if (again) {
      again = false;
      look();
    }
  }

  private void branches(List<KeyValue> values, Map<String, Long> alive, Gathering gathering) {
    for (KeyValue value : values) {
      Record record = known(value);
      BranchRef ref = record == null ? null : ref(record);
      if (record != null && ref != null && !alive.containsKey(record.getOwner()) && mayEnd(ref)) {
        gathering.claim(value, record, ref);
      }
    }
  }

  /** Null for what a newer version wrote: one of its replicas takes it up. */
  private @Nullable Record known(KeyValue value) {
    try {
      return BranchWrites.parse(value);
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
      case DECISION, DECIDED, BRANCH_ENDED, ENDED, ABORTED, KIND_NOT_SET ->
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
        if (value.getCreateRevision() < oldest) {
          collect(value); // whoever could write COMMIT here began before it, and is gone
        }
      } else if (record.getDecision().getService().equals(service)
          && !alive.containsKey(record.getOwner())) {
        gathering.claim(value, record, null);
      }
    }
  }

  private void collect(KeyValue value) {
    writer.write(
        new Write(
            Set.of(value.getKey()),
            List.of(BranchWrites.unchanged(value.getKey(), value.getModRevision())),
            List.of(Op.delete(value.getKey(), DeleteOption.DEFAULT)),
            List.of(),
            0,
            new BranchWrites.Told(BranchWrites.Told.IGNORED) {
              @Override
              public void onApplied(long revision) {}

              @Override
              public void onFailed(Map<ByteSequence, KeyValue> found, int attempts) {}
            }),
        true);
  }

  /** The claims of one look, handed over together when the last was answered. */
  private final class Gathering {
    private final List<Record> won = new ArrayList<>();
    private int open = 1;

    void claim(KeyValue value, Record record, @Nullable BranchRef ref) {
      open++;
      Record mine = branches.owned(record);
      ByteSequence bytes = BranchWrites.value(mine);
      Incarnation.Life life = incarnation.life();
      writer.write(
          new Write(
              Set.of(value.getKey()),
              List.of(
                  BranchWrites.unchanged(value.getKey(), value.getModRevision()),
                  BranchWrites.absent(keys.incarnation(record.getOwner())),
                  branches.alive(life.name(), life.revision())),
              List.of(Op.put(value.getKey(), bytes, PutOption.DEFAULT)),
              List.of(BranchWrites.get(value.getKey())),
              bytes.size(),
              new Write.Callback() {
                @Override
                public void onApplied(long revision) {
                  counters.claims.incrementAndGet();
                  if (ref != null) {
                    take(value.getKey(), mine, revision, ref);
                  }
                  won.add(mine);
                  one();
                }

                @Override
                public void onFailed(Map<ByteSequence, KeyValue> found, int attempts) {
                  KeyValue stands = found.get(value.getKey());
                  if (attempts > 1 && stands != null && stands.getValue().equals(bytes)) {
                    onApplied(stands.getModRevision()); // by an earlier attempt
                  } else {
                    one();
                  }
                }

                @Override
                public void onRefused(String reason) {
                  one(); // the next look claims it
                }

                @Override
                public void onInDoubt(String reason) {
                  one();
                }
              }),
          false);
    }

    private void one() {
      open--;
      if (open == 0) {
        if (!won.isEmpty()) {
          claimed.accept(won);
        }
        looked();
      }
    }

    /** No more claims are made by this look. */
    void all() {
      one();
    }
  }

  private void take(ByteSequence key, Record record, long revision, BranchRef ref) {
    Slot slot = new Slot(key);
    slot.record = record;
    slot.revision = revision;
    branches.claimed(new BranchWrites.Name(txId(ref), new BranchId(ref.getBranchId())), slot);
  }

  private static TxId txId(BranchRef ref) {
    var bytes = ref.getTxId().asReadOnlyByteBuffer();
    return new TxId(bytes.getLong(), bytes.getLong());
  }
}
