package io.handfast.tx.etcd;

import com.google.protobuf.ByteString;
import io.etcd.jetcd.ByteSequence;
import io.etcd.jetcd.Client;
import io.etcd.jetcd.KeyValue;
import io.handfast.transaction.v1.BranchRef;
import io.handfast.transaction.v1.Decision;
import io.handfast.transaction.v1.Forgotten;
import io.handfast.transaction.v1.Record;
import io.handfast.tx.core.BranchId;
import io.handfast.tx.core.ParticipantKey;
import io.handfast.tx.core.TxId;
import io.handfast.tx.port.EngineLoop;
import io.handfast.tx.port.SharedStore;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The store on a prefix of an etcd cluster, shared by all sidecars that have the same. Every record
 * is one key, every write one conditional transaction of etcd (T19):
 *
 * <ul>
 *   <li>a decision, if none stands and the incarnation lives under which the transaction began
 *   <li>BEGUN, if the branch has no record yet; the branch record, if nobody has written it since
 *   <li>the end of a branch, or of a transaction, removes its record
 * </ul>
 *
 * Nothing is decided while etcd does not answer: a decision without an answer is in doubt (T18).
 *
 * <p>Confined to the engine's loop but for {@link #health}, {@link #incarnation}, {@link #stats}
 * and {@link #close}.
 */
public final class EtcdStore implements SharedStore, AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(EtcdStore.class);

  /** Bytes of one record: with its decision it has to fit into one request of etcd. */
  public static final int MAX_RECORD_BYTES = 1 << 20;

  private static final Duration CLOSE = Duration.ofSeconds(2);
  private static final Health READY = new Health.Ready();
  private static final String CLOSED = "etcd: this store is closed";

  private final Client client;
  private final EtcdOptions options;
  private final String service;
  private final String authority;
  private final EngineLoop loop;
  private final String storeId;
  private final Keys keys;
  private final Counters counters = new Counters();
  private final Reads reads;
  private final BatchWriter writer;
  private final Incarnation incarnation;
  private final BranchWrites branches;
  private final CommitWrites commits;
  private final AbortWrites aborts;
  private volatile @Nullable Claims claims;
  private volatile Health health = READY;
  private volatile boolean closed;

  private EtcdStore(
      Client client,
      EtcdOptions options,
      String service,
      String authority,
      RandomGenerator random,
      EngineLoop loop,
      String id,
      Incarnation.Life life) {
    this.client = client;
    this.options = options;
    this.service = service;
    this.authority = authority;
    this.loop = loop;
    this.storeId = "e." + id;
    this.keys = new Keys(options.prefix());
    this.reads = new Reads(client.getKVClient(), loop);
    this.writer =
        new BatchWriter(client.getKVClient(), loop, counters, options.maxTxnOps(), this::observed);
    this.incarnation =
        new Incarnation(
            client,
            keys,
            loop,
            random,
            options.lease(),
            service,
            counters,
            this::observed,
            this::reborn,
            life);
    this.branches = new BranchWrites(writer, keys, incarnation);
    this.commits = new CommitWrites(writer, keys, incarnation, branches);
    this.aborts = new AbortWrites(writer, keys, incarnation, branches, commits);
  }

  /**
   * Connects, draws the store's id if it has none, and begins this sidecar's life in it. Blocks:
   * not for an event loop. To be closed by {@link #close}.
   *
   * @param service of this sidecar, by which its replicas know what is theirs
   * @param authority of its control service: whoever comes back under it is the same pod
   * @param random draws ids: a secure source
   * @throws EtcdOpenException if etcd does not answer, refuses, or holds another format
   */
  public static EtcdStore open(
      EtcdOptions options,
      String service,
      String authority,
      RandomGenerator random,
      EngineLoop loop)
      throws EtcdOpenException {
    return open(Opening.client(options), options, service, authority, random, loop);
  }

  /** As the other, over a client that was made before and is closed with the store. */
  static EtcdStore open(
      Client client,
      EtcdOptions options,
      String service,
      String authority,
      RandomGenerator random,
      EngineLoop loop)
      throws EtcdOpenException {
    try {
      Keys keys = new Keys(options.prefix());
      String id = Opening.await(Opening.storeId(client, keys, random), options);
      Incarnation.Life life =
          Opening.await(
              Incarnation.register(client, keys, random, options.lease(), service), options);
      EtcdStore store = new EtcdStore(client, options, service, authority, random, loop, id, life);
      loop.execute(store.incarnation::start);
      return store;
    } catch (EtcdOpenException | RuntimeException e) {
      client.close();
      throw e;
    }
  }

  private void observed(@Nullable String failure) {
    if (failure == null) {
      health = READY;
    } else {
      if (health instanceof Health.Ready) {
        log.warn("{}; no new transactions meanwhile", failure);
      }
      health = new Health.Failed(failure);
    }
  }

  private void reborn() {
    branches.reclaim();
  }

  /** The counters, for metrics. Any thread. */
  public EtcdStats stats() {
    return counters.snapshot();
  }

  /**
   * Gives this sidecar's life up, so that its replicas take over at once what it left. Blocks:
   * after the loop has stopped.
   */
  @Override
  public void close() {
    closed = true;
    if (claims != null) {
      claims.stop();
    }
    try {
      incarnation.end().get(CLOSE.toSeconds(), TimeUnit.SECONDS);
    } catch (ExecutionException | TimeoutException e) {
      log.info("etcd: the lease was not given up: it ends by itself: {}", EtcdErrors.reason(e));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    client.close();
  }

  @Override
  public String storeId() {
    return storeId;
  }

  /** The revision of etcd at which this life began: grows over all sidecars of the store. */
  @Override
  public long incarnation() {
    return incarnation.revision();
  }

  /** Nothing: what an earlier life left is claimed, as anybody's. */
  @Override
  public void replay(Consumer<Record> visitor) {}

  @Override
  public boolean append(Record record, Durability durability, Need need, WriteCallback callback) {
    if (closed) {
      loop.execute(() -> callback.onRefusedForGood(CLOSED));
      return false;
    }
    if (record.getSerializedSize() > MAX_RECORD_BYTES) {
      loop.execute(() ->
          callback.onRefusedForGood(
              "record: "
                  + record.getSerializedSize()
                  + " bytes (expected: at most "
                  + MAX_RECORD_BYTES
                  + " in etcd)"));
      return false;
    }
    boolean lazy = durability == Durability.LAZY;
    write(record, lazy, durability == Durability.OVERLAPPED ? overlapped(callback) : callback);
    return true;
  }

  private void write(Record record, boolean lazy, WriteCallback callback) {
    switch (record.getKindCase()) {
      case BEGUN -> put(record.getBegun().getBranch(), record, lazy, callback);
      case PREPARED -> put(record.getPrepared().getBranch(), record, lazy, callback);
      case BRANCH_ENDED -> {
        var ended = record.getBranchEnded();
        branches.end(
            name(ended.getTxId(), ended.getBranchId(), ended.getParticipant()),
            ended,
            record,
            lazy,
            callback);
      }
      case DECISION -> {
        Decision decision = record.getDecision();
        BranchRef own = decision.getOwn().getBranch();
        commits.commit(
            txId(decision.getTxId()), record, decision.hasOwn() ? name(own) : null, callback);
      }
      case ENDED -> commits.end(txId(record.getEnded().getTxId()), callback);
      // The branch would decide beside the key in which the others look for the decision.
      case DECIDED ->
          loop.execute(() ->
              callback.onRefusedForGood(
                  "protocol: ONE_PHASE (expected: TWO_PHASE, for a store on etcd)"));
      case FORGOTTEN -> forget(record.getForgotten(), callback);
      case PRE_COMMIT, PRE_COMMITTED, WITHDRAWN ->
          loop.execute(() ->
              callback.onRefusedForGood(
                  "protocol: THREE_PHASE (expected: TWO_PHASE, for a store on etcd)"));
      case RESOLVED, SETTLED ->
          loop.execute(() ->
              callback.onRefusedForGood(
                  "store: shared (expected: a journal, for what operators do)"));
      case ABORTED, KIND_NOT_SET ->
          throw new IllegalArgumentException(
              "record: " + record.getKindCase() + " (expected: ABORT by resolve)");
    }
  }

  private void put(BranchRef ref, Record record, boolean lazy, WriteCallback callback) {
    branches.put(name(ref), ref, record, lazy, callback);
  }

  /** A hazard's record goes; of a decision it would take the answer to whoever asks. */
  private void forget(Forgotten what, WriteCallback callback) {
    if (what.hasBranch()) {
      var ended = what.getBranch();
      branches.forget(
          keys.branch(
              ended.getService(),
              txId(ended.getTxId()),
              new BranchId(ended.getBranchId()),
              ended.getParticipant()),
          callback);
    } else {
      loop.execute(() ->
          callback.onRefused(
              "store: shared (expected: a journal; here replicas tell the decision on)"));
    }
  }

  /** What etcd has taken survives the machine: written and durable are one. */
  private static WriteCallback overlapped(WriteCallback callback) {
    return new WriteCallback() {
      @Override
      public void onDurable() {
        callback.onWritten();
        callback.onDurable();
      }

      @Override
      public void onRefused(String reason) {
        callback.onRefused(reason);
      }

      @Override
      public void onInDoubt(String reason) {
        callback.onInDoubt(reason);
      }
    };
  }

  @Override
  public boolean shouldCheckpoint() {
    return false;
  }

  /** Ends remove their records: there is no history to replace. */
  @Override
  public void checkpoint(List<Record> live) {}

  @Override
  public Health health() {
    return closed ? new Health.Failed(CLOSED) : health;
  }

  @Override
  public void inquire(TxId tx, ParticipantKey asker, boolean mayAbort, Consumer<Found> reply) {
    BranchWrites.Name name =
        new BranchWrites.Name(tx, asker.branch(), asker.participant().toString());
    Slot slot = branches.running(name);
    if (mayAbort) {
      String reason = "after its deadline, for branch " + asker;
      aborts.abort(tx, slot, by(reason), loop.epochMillis(), reply);
    } else {
      read(tx, slot, reply);
    }
  }

  @Override
  public void giveUp(TxId tx, ParticipantKey branch) {
    branches.lost(new BranchWrites.Name(tx, branch.branch(), branch.participant().toString()));
  }

  /**
   * The decision, and then whether the branch was still this sidecar's: ABORT may have been written
   * after a COMMIT that was carried out and forgotten.
   */
  private void read(TxId tx, @Nullable Slot slot, Consumer<Found> reply) {
    reads.one(
        keys.decision(tx),
        answer -> {
          Found found = found(answer);
          if (slot == null || !(found instanceof Found.Aborted)) {
            reply.accept(found);
            return;
          }
          reads.one(slot.key(), branch -> reply.accept(ifOwn(branch, found)));
        });
  }

  private static Found found(Reads.Answer answer) {
    return answer.values() == null
        ? new Found.Unanswered(answer.reason())
        : AbortWrites.found(answer.values().isEmpty() ? null : answer.values().getFirst());
  }

  private Found ifOwn(Reads.Answer branch, Found found) {
    if (branch.values() == null) {
      return new Found.Unanswered(branch.reason());
    }
    boolean own = !branch.values().isEmpty() && branches.isOwn(branch.values().getFirst());
    return own ? found : new Found.TakenOver();
  }

  private String by(String reason) {
    return service + " at " + authority + ": " + reason;
  }

  @Override
  public void resolve(TxId tx, long began, Consumer<Found> reply) {
    String reason = "its coordinator, whose decision was in doubt";
    aborts.resolve(tx, began, by(reason), loop.epochMillis(), reply);
  }

  @Override
  public void carried(
      TxId tx, BranchId branch, String of, String participant, Consumer<Carried> reply) {
    ByteSequence all = keys.branches(of, tx, branch);
    Consumer<Reads.Answer> told = answer -> reply.accept(carried(answer));
    if (participant.isEmpty()) {
      reads.all(all, false, told);
    } else {
      reads.one(keys.branch(of, tx, branch, participant), told);
    }
  }

  private Carried carried(Reads.Answer answer) {
    if (answer.values() == null) {
      return Carried.UNKNOWN;
    }
    if (answer.values().isEmpty()) {
      return Carried.ENDED;
    }
    boolean hazard = false;
    boolean undone = false;
    for (KeyValue stands : answer.values()) {
      Record record = Records.known(stands);
      if (record == null) {
        return Carried.UNKNOWN; // a newer version's
      }
      if (!record.hasBranchEnded()) {
        return branches.isOwn(stands) ? Carried.OWN : Carried.OPEN;
      }
      hazard |= Records.isHazard(record);
      undone |= record.getBranchEnded().getTakenOver();
    }
    if (hazard) {
      return Carried.HAZARD;
    }
    return undone ? Carried.UNDONE : Carried.ENDED;
  }

  @Override
  public void takeOver(Consumer<List<Record>> claimed) {
    Claims.Parts parts =
        new Claims.Parts(keys, reads, writer, incarnation, branches, commits, counters);
    Claims begun =
        new Claims(options, service, authority, client.getWatchClient(), loop, parts, claimed);
    claims = begun;
    begun.start();
  }

  static BranchWrites.Name name(BranchRef ref) {
    return name(ref.getTxId(), ref.getBranchId(), ref.getParticipant());
  }

  private static BranchWrites.Name name(ByteString tx, long branch, String participant) {
    return new BranchWrites.Name(txId(tx), new BranchId(branch), participant);
  }

  static TxId txId(ByteString bytes) {
    var buffer = bytes.asReadOnlyByteBuffer();
    return new TxId(buffer.getLong(), buffer.getLong());
  }
}
