package io.handfast.tx.etcd;

import com.google.protobuf.ByteString;
import io.etcd.jetcd.ByteSequence;
import io.etcd.jetcd.Client;
import io.etcd.jetcd.ClientBuilder;
import io.etcd.jetcd.kv.TxnResponse;
import io.etcd.jetcd.op.Op;
import io.etcd.jetcd.options.PutOption;
import io.handfast.transaction.v1.BranchRef;
import io.handfast.transaction.v1.Decision;
import io.handfast.transaction.v1.Record;
import io.handfast.tx.core.BranchId;
import io.handfast.tx.core.StoreId;
import io.handfast.tx.core.TxId;
import io.handfast.tx.port.EngineLoop;
import io.handfast.tx.port.SharedStore;
import java.time.Duration;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.CompletableFuture;
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

  /** What this version writes into {@code store}, before the id. */
  private static final String FORMAT = "handfast-etcd 1 ";

  private static final Duration OPEN = Duration.ofSeconds(15);
  private static final Duration CLOSE = Duration.ofSeconds(2);
  private static final Health READY = new Health.Ready();

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
  private final DecisionWrites decisions;
  private @Nullable Claims claims;
  private volatile Health health = READY;

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
            counters,
            this::observed,
            this::reborn,
            life);
    this.branches = new BranchWrites(writer, keys, incarnation);
    this.decisions = new DecisionWrites(writer, keys, incarnation, branches);
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
    Client client = client(options);
    try {
      Keys keys = new Keys(options.prefix());
      String id = get(storeId(client, keys, random), options);
      Incarnation.Life life =
          get(Incarnation.register(client, keys, random, options.lease()), options);
      EtcdStore store = new EtcdStore(client, options, service, authority, random, loop, id, life);
      loop.execute(store.incarnation::start);
      return store;
    } catch (EtcdOpenException | RuntimeException e) {
      client.close();
      throw e;
    }
  }

  private static Client client(EtcdOptions options) {
    ClientBuilder builder =
        Client.builder()
            .endpoints(options.endpoints().toArray(String[]::new))
            .waitForReady(true)
            .connectTimeout(Duration.ofSeconds(2))
            .keepaliveTime(Duration.ofSeconds(10))
            .keepaliveTimeout(Duration.ofSeconds(3));
    options
        .credentials()
        .ifPresent(
            user -> builder.user(Keys.bytes(user.user())).password(Keys.bytes(user.password())));
    options.tls().ifPresent(builder::sslContext);
    return builder.build();
  }

  private static CompletableFuture<String> storeId(
      Client client, Keys keys, RandomGenerator random) {
    byte[] drawn = new byte[16];
    random.nextBytes(drawn);
    String mine = FORMAT + HexFormat.of().formatHex(drawn);
    return client
        .getKVClient()
        .txn()
        .If(BranchWrites.absent(keys.store()))
        .Then(Op.put(keys.store(), Keys.bytes(mine), PutOption.DEFAULT))
        .Else(BranchWrites.get(keys.store()))
        .commit()
        .thenApply(response -> id(response.isSucceeded() ? mine : stands(response)));
  }

  private static String stands(TxnResponse response) {
    return Keys.text(response.getGetResponses().getFirst().getKvs().getFirst().getValue());
  }

  private static String id(String text) {
    if (!text.startsWith(FORMAT) || StoreId.parse("e." + text.substring(FORMAT.length())) == null) {
      throw new IllegalStateException(
          "store: '"
              + text
              + "' (expected: '"
              + FORMAT.strip()
              + " <id>'; a newer version wrote it, or the prefix is not Handfast's)");
    }
    return text.substring(FORMAT.length());
  }

  private static <T> T get(CompletableFuture<T> asked, EtcdOptions options)
      throws EtcdOpenException {
    try {
      return asked.get(OPEN.toSeconds(), TimeUnit.SECONDS);
    } catch (ExecutionException e) {
      throw new EtcdOpenException(EtcdErrors.reason(e), e);
    } catch (TimeoutException e) {
      throw new EtcdOpenException(
          "etcd: no answer from "
              + options.endpoints()
              + " within "
              + OPEN.toSeconds()
              + " s (expected: a cluster with a majority)",
          e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new EtcdOpenException("etcd: interrupted", e);
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
    if (record.getSerializedSize() > MAX_RECORD_BYTES) {
      loop.execute(() ->
          callback.onRefused(
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
        branches.end(name(ended.getTxId(), ended.getBranchId()), ended, record, lazy, callback);
      }
      case DECISION -> {
        Decision decision = record.getDecision();
        BranchRef own = decision.getOwn().getBranch();
        decisions.commit(
            txId(decision.getTxId()),
            record,
            decision.hasOwn() ? name(own.getTxId(), own.getBranchId()) : null,
            callback);
      }
      case ENDED -> decisions.end(txId(record.getEnded().getTxId()), callback);
      // The branch would decide beside the key in which the others look for the decision.
      case DECIDED ->
          loop.execute(() ->
              callback.onRefused("protocol: ONE_PHASE (expected: TWO_PHASE, for a store on etcd)"));
      case ABORTED, KIND_NOT_SET ->
          throw new IllegalArgumentException(
              "record: " + record.getKindCase() + " (expected: ABORT by resolve)");
    }
  }

  private void put(BranchRef ref, Record record, boolean lazy, WriteCallback callback) {
    branches.put(name(ref.getTxId(), ref.getBranchId()), ref, record, lazy, callback);
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
    return health;
  }

  @Override
  public void read(TxId tx, Consumer<Found> reply) {
    reads.one(
        keys.decision(tx),
        answer ->
            reply.accept(
                answer.values() == null
                    ? new Found.Unanswered(answer.reason())
                    : DecisionWrites.found(
                        answer.values().isEmpty() ? null : answer.values().getFirst())));
  }

  @Override
  public void resolve(TxId tx, Mandate mandate, long began, String reason, Consumer<Found> reply) {
    decisions.abort(
        tx,
        mandate,
        began,
        service + " at " + authority + ": " + reason,
        loop.epochMillis(),
        reply);
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

  private static Carried carried(Reads.Answer answer) {
    if (answer.values() == null) {
      return Carried.UNKNOWN;
    }
    if (answer.values().isEmpty()) {
      return Carried.ENDED;
    }
    try {
      boolean hazard =
          answer.values().stream().anyMatch(it -> BranchWrites.parse(it).hasBranchEnded());
      return hazard ? Carried.HAZARD : Carried.OPEN;
    } catch (IllegalArgumentException e) {
      log.debug("{}", e.getMessage());
      return Carried.UNKNOWN;
    }
  }

  @Override
  public void takeOver(Consumer<List<Record>> claimed) {
    Claims begun =
        new Claims(
            options,
            service,
            authority,
            client.getWatchClient(),
            loop,
            keys,
            reads,
            writer,
            branches,
            incarnation,
            counters,
            claimed);
    claims = begun;
    begun.start();
  }

  private static BranchWrites.Name name(ByteString tx, long branch) {
    return new BranchWrites.Name(txId(tx), new BranchId(branch));
  }

  private static TxId txId(ByteString bytes) {
    var buffer = bytes.asReadOnlyByteBuffer();
    return new TxId(buffer.getLong(), buffer.getLong());
  }
}
