package io.handfast.tx.etcd;

import com.google.protobuf.ByteString;
import io.etcd.jetcd.ByteSequence;
import io.etcd.jetcd.Client;
import io.etcd.jetcd.KV;
import io.etcd.jetcd.Lease;
import io.etcd.jetcd.Watch;
import io.etcd.jetcd.api.Compare;
import io.etcd.jetcd.api.DeleteRangeResponse;
import io.etcd.jetcd.api.Event;
import io.etcd.jetcd.api.KeyValue;
import io.etcd.jetcd.api.PutRequest;
import io.etcd.jetcd.api.PutResponse;
import io.etcd.jetcd.api.RangeResponse;
import io.etcd.jetcd.api.RequestOp;
import io.etcd.jetcd.api.ResponseHeader;
import io.etcd.jetcd.api.ResponseOp;
import io.etcd.jetcd.api.TxnRequest;
import io.etcd.jetcd.api.TxnResponse;
import io.etcd.jetcd.kv.GetResponse;
import io.etcd.jetcd.lease.LeaseGrantResponse;
import io.etcd.jetcd.lease.LeaseKeepAliveResponse;
import io.etcd.jetcd.op.TxnImpl;
import io.etcd.jetcd.options.GetOption;
import io.etcd.jetcd.watch.WatchResponse;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.handfast.transaction.v1.Record;
import io.handfast.tx.port.EngineLoop;
import java.lang.reflect.Proxy;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import java.util.function.Predicate;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * An etcd of which a simulation is master: keys with their revisions, leases, transactions with
 * others nested in them, and watches. What is asked of it travels on a {@link Link}, which may lose
 * it. The store over it is the sidecar's own. Confined to one thread.
 */
public final class SimulatedEtcd {
  private static final String PREFIX = "/s";

  /** So long that what the store does because of it is told from its other timers. */
  private static final Duration TTL = Duration.ofSeconds(9);

  private static final EtcdOptions OPTIONS =
      new EtcdOptions(
          List.of("simulated"),
          PREFIX,
          Optional.empty(),
          Optional.empty(),
          TTL,
          EtcdOptions.DEFAULT_MAX_TXN_OPS);

  /** How requests get here, and what they are answered, back. */
  public interface Link {
    /**
     * Carries a request.
     *
     * @param request carries it out, now, and makes the answer
     */
    <T> CompletableFuture<T> send(Supplier<T> request);

    /** Carries what a watch tells; it may be lost. */
    void tell(Runnable told);

    /** Whether etcd is out of reach at this moment. */
    boolean isCut();
  }

  private record Watcher(ByteString prefix, Link link, Watch.Listener listener) {}

  private final Consumer<Record> written;
  private final Predicate<String> compared;
  private final NavigableMap<ByteString, KeyValue> keys =
      new TreeMap<>(ByteString.unsignedLexicographicalComparator());
  private final Map<Long, Set<ByteString>> leases = new TreeMap<>();
  private final List<Watcher> watchers = new ArrayList<>();
  private long revision = 1;
  private long lastLease;

  /**
   * An empty one.
   *
   * @param written is told each record that comes to stand
   * @param compared whether a key is compared at all: a mutant of the store compares too little
   */
  public SimulatedEtcd(Consumer<Record> written, Predicate<String> compared) {
    this.written = written;
    this.compared = compared;
  }

  /**
   * Whether a timer comes again and again while its sidecar lives, so that nothing waits for it.
   */
  public static boolean isBackground(long delayNanos) {
    return delayNanos == TTL.toNanos() / 3 || delayNanos == TTL.toNanos() * 3;
  }

  /** A sidecar's process, as etcd sees it. */
  public final class Member {
    private final Link link;
    private final Set<Long> granted = new HashSet<>();

    Member(Link link) {
      this.link = link;
    }

    /** The store of this process. */
    public EtcdStore open(
        String service, String authority, RandomGenerator random, EngineLoop loop) {
      try {
        return EtcdStore.open(client(), OPTIONS, service, authority, random, loop);
      } catch (EtcdOpenException e) {
        throw new AssertionError("etcd: it does not open: " + e.getMessage(), e);
      }
    }

    /** Its lease ends, whether it lives or not. */
    public void expire() {
      granted.forEach(SimulatedEtcd.this::expire);
      granted.clear();
    }

    Client client() {
      KV kv = stub(KV.class, Map.of("txn", ignored -> txn(), "get", this::get));
      Lease lease =
          stub(Lease.class, Map.of("grant", ignored -> grant(), "keepAliveOnce", this::renew));
      Watch watch = stub(Watch.class, Map.of("watch", this::watch));
      return stub(
          Client.class,
          Map.of(
              "getKVClient",
              ignored -> kv,
              "getLeaseClient",
              ignored -> lease,
              "getWatchClient",
              ignored -> watch,
              "close",
              ignored -> link));
    }

    private TxnImpl txn() {
      return TxnImpl.newTxn(
          request ->
              link.send(
                  () -> new io.etcd.jetcd.kv.TxnResponse(carryOut(request), ByteSequence.EMPTY)),
          ByteSequence.EMPTY);
    }

    private Object get(Object[] arguments) {
      ByteString key = bytes((ByteSequence) arguments[0]);
      GetOption option = (GetOption) arguments[1];
      return link.send(() -> new GetResponse(range(key, option), ByteSequence.EMPTY));
    }

    /** At once: who waits for it sets a clock that is no simulation's. */
    private CompletableFuture<LeaseGrantResponse> grant() {
      long id = ++lastLease;
      leases.put(id, new HashSet<>());
      granted.add(id);
      return CompletableFuture.completedFuture(
          new LeaseGrantResponse(
              io.etcd.jetcd.api.LeaseGrantResponse.newBuilder().setID(id).build()));
    }

    private Object renew(Object[] arguments) {
      if (link.isCut()) {
        return CompletableFuture.failedFuture(Status.UNAVAILABLE.asRuntimeException());
      }
      return leases.containsKey((Long) arguments[0])
          ? CompletableFuture.completedFuture(
              new LeaseKeepAliveResponse(
                  io.etcd.jetcd.api.LeaseKeepAliveResponse.getDefaultInstance()))
          : CompletableFuture.failedFuture(Status.NOT_FOUND.asRuntimeException());
    }

    private Object watch(Object[] arguments) {
      Watcher watcher =
          new Watcher(bytes((ByteSequence) arguments[0]), link, (Watch.Listener) arguments[2]);
      watchers.add(watcher);
      return stub(Watch.Watcher.class, Map.of("close", ignored -> watchers.remove(watcher)));
    }
  }

  private interface Call {
    Object of(Object[] arguments);
  }

  /** Of an interface of the client, what the store uses. */
  private static <T> T stub(Class<T> type, Map<String, Call> calls) {
    return type.cast(
        Proxy.newProxyInstance(
            type.getClassLoader(),
            new Class<?>[] {type},
            (self, method, arguments) -> {
              if (method.isDefault()) {
                return java.lang.reflect.InvocationHandler.invokeDefault(self, method, arguments);
              }
              Call call = calls.get(method.getName());
              if (call == null) {
                throw new UnsupportedOperationException(method.toString());
              }
              Object result = call.of(arguments == null ? new Object[0] : arguments);
              return method.getReturnType() == void.class ? null : result;
            }));
  }

  /** A new process of a sidecar. */
  public Member process(Link link) {
    return new Member(link);
  }

  /** Grows with each change. */
  public long revision() {
    return revision;
  }

  /** All records that stand. */
  public List<Record> records() {
    List<Record> records = new ArrayList<>();
    keys.forEach((key, value) -> {
      if (isRecord(key)) {
        records.add(parse(value));
      }
    });
    return records;
  }

  private static boolean isRecord(ByteString key) {
    return key.startsWith(ByteString.copyFromUtf8(PREFIX + "/branches/"))
        || key.startsWith(ByteString.copyFromUtf8(PREFIX + "/decisions/"));
  }

  private static Record parse(KeyValue value) {
    return Records.parse(new io.etcd.jetcd.KeyValue(value, ByteSequence.EMPTY));
  }

  private void expire(long lease) {
    Set<ByteString> under = leases.remove(lease);
    if (under == null) {
      return;
    }
    if (!under.isEmpty()) {
      revision++;
    }
    for (ByteString key : under) {
      KeyValue before = keys.remove(key);
      if (before == null) {
        throw new AssertionError(key + " (expected: what is under a lease is there)");
      }
      for (Watcher watcher : List.copyOf(watchers)) {
        if (key.startsWith(watcher.prefix())) {
          WatchResponse told =
              new WatchResponse(
                  io.etcd.jetcd.api.WatchResponse.newBuilder()
                      .addEvents(
                          Event.newBuilder()
                              .setType(Event.EventType.DELETE)
                              .setKv(KeyValue.newBuilder().setKey(key))
                              .setPrevKv(before))
                      .build(),
                  ByteSequence.EMPTY);
          watcher.link().tell(() -> watcher.listener().onNext(told));
        }
      }
    }
  }

  private RangeResponse range(ByteString key, GetOption option) {
    RangeResponse.Builder response = RangeResponse.newBuilder().setHeader(header());
    Optional<ByteSequence> end = option.getEndKey();
    if (end.isEmpty()) {
      KeyValue value = keys.get(key);
      if (value != null) {
        response.addKvs(value);
      }
      return response.build();
    }
    for (KeyValue value : keys.subMap(key, bytes(end.get())).values()) {
      if (option.getLimit() > 0 && response.getKvsCount() == option.getLimit()) {
        break;
      }
      response.addKvs(option.isKeysOnly() ? value.toBuilder().clearValue().build() : value);
    }
    return response.build();
  }

  private ResponseHeader header() {
    return ResponseHeader.newBuilder().setRevision(revision).build();
  }

  /** A transaction, of which was chosen what it does before any of it is done, as etcd does. */
  private record Chosen(boolean holds, List<RequestOp> ops, List<Chosen> nested) {}

  private TxnResponse carryOut(TxnRequest request) {
    refuseTooMany(request, EtcdOptions.DEFAULT_MAX_TXN_OPS);
    written(request.getSuccessList());
    written(request.getFailureList());
    Chosen chosen = choose(request);
    refuseUnknownLeases(chosen);
    long at = revision + 1;
    boolean[] wrote = {false};
    TxnResponse.Builder response = carryOut(chosen, at, wrote);
    if (wrote[0]) {
      revision = at;
    }
    return response.setHeader(header()).build();
  }

  /** As its {@code checkTxnRequest}: what is nested counts with what it is nested in. */
  private static void refuseTooMany(TxnRequest request, int limit) {
    int ops =
        Math.max(
            request.getCompareCount(),
            Math.max(request.getSuccessCount(), request.getFailureCount()));
    if (ops > limit) {
      throw refusal(Status.INVALID_ARGUMENT, "too many operations in txn request");
    }
    for (List<RequestOp> side : List.of(request.getSuccessList(), request.getFailureList())) {
      for (RequestOp op : side) {
        if (op.hasRequestTxn()) {
          refuseTooMany(op.getRequestTxn(), limit - ops);
        }
      }
    }
  }

  /** What one side of a transaction may put and remove, whichever sides are taken below it. */
  private record Written(Set<ByteString> put, Set<ByteString> removed) {}

  /**
   * As its {@code checkIntervals}: no key is put twice, or put and removed. The two sides of one
   * that is nested are never both taken, so they may have the same.
   */
  private static Written written(List<RequestOp> side) {
    Written all = new Written(new HashSet<>(), new HashSet<>());
    for (RequestOp op : side) {
      if (op.hasRequestDeleteRange()) {
        all.removed().add(op.getRequestDeleteRange().getKey());
      }
    }
    for (RequestOp op : side) {
      if (op.hasRequestTxn()) {
        Written then = written(op.getRequestTxn().getSuccessList());
        Written otherwise = written(op.getRequestTxn().getFailureList());
        Set<ByteString> put = new HashSet<>(then.put());
        put.addAll(otherwise.put());
        put.forEach(key -> put(all, key));
        all.removed().addAll(then.removed());
        all.removed().addAll(otherwise.removed());
      }
    }
    for (RequestOp op : side) {
      if (op.hasRequestPut()) {
        put(all, op.getRequestPut().getKey());
      }
    }
    return all;
  }

  private static void put(Written all, ByteString key) {
    if (all.removed().contains(key) || !all.put().add(key)) {
      throw refusal(Status.INVALID_ARGUMENT, "duplicate key given in txn request");
    }
  }

  /** Before anything is done: a transaction is carried out whole or not at all. */
  private void refuseUnknownLeases(Chosen chosen) {
    for (RequestOp op : chosen.ops()) {
      long lease = op.hasRequestPut() ? op.getRequestPut().getLease() : 0;
      if (lease != 0 && !leases.containsKey(lease)) {
        throw refusal(Status.NOT_FOUND, "requested lease not found");
      }
    }
    chosen.nested().forEach(this::refuseUnknownLeases);
  }

  private static StatusRuntimeException refusal(Status status, String why) {
    return status.withDescription("etcdserver: " + why).asRuntimeException();
  }

  private Chosen choose(TxnRequest request) {
    boolean holds = request.getCompareList().stream().allMatch(this::holds);
    List<RequestOp> ops = holds ? request.getSuccessList() : request.getFailureList();
    List<Chosen> nested = new ArrayList<>();
    for (RequestOp op : ops) {
      if (op.hasRequestTxn()) {
        nested.add(choose(op.getRequestTxn()));
      }
    }
    return new Chosen(holds, ops, nested);
  }

  private boolean holds(Compare compare) {
    if (!compared.test(compare.getKey().toStringUtf8())) {
      return true;
    }
    KeyValue value = keys.get(compare.getKey());
    long created = value == null ? 0 : value.getCreateRevision();
    long modified = value == null ? 0 : value.getModRevision();
    return switch (compare.getTarget()) {
      case CREATE -> holds(compare, created, compare.getCreateRevision());
      case MOD -> holds(compare, modified, compare.getModRevision());
      case VERSION, VALUE, UNRECOGNIZED ->
          throw new UnsupportedOperationException("compare: " + compare.getTarget());
    };
  }

  private static boolean holds(Compare compare, long is, long than) {
    return switch (compare.getResult()) {
      case EQUAL -> is == than;
      case GREATER -> is > than;
      case LESS, NOT_EQUAL, UNRECOGNIZED ->
          throw new UnsupportedOperationException("compare: " + compare.getResult());
    };
  }

  private TxnResponse.Builder carryOut(Chosen chosen, long at, boolean[] wrote) {
    TxnResponse.Builder response = TxnResponse.newBuilder().setSucceeded(chosen.holds());
    int nested = 0;
    for (RequestOp op : chosen.ops()) {
      ResponseOp.Builder one = ResponseOp.newBuilder();
      switch (op.getRequestCase()) {
        case REQUEST_PUT -> {
          wrote[0] = true;
          put(op.getRequestPut(), at);
          one.setResponsePut(PutResponse.getDefaultInstance());
        }
        case REQUEST_DELETE_RANGE -> {
          KeyValue before = keys.remove(op.getRequestDeleteRange().getKey());
          detach(before);
          wrote[0] |= before != null;
          one.setResponseDeleteRange(
              DeleteRangeResponse.newBuilder().setDeleted(before == null ? 0 : 1));
        }
        case REQUEST_RANGE ->
            one.setResponseRange(range(op.getRequestRange().getKey(), GetOption.DEFAULT));
        case REQUEST_TXN -> one.setResponseTxn(carryOut(chosen.nested().get(nested++), at, wrote));
        case REQUEST_NOT_SET -> throw new UnsupportedOperationException("request: " + op);
      }
      response.addResponses(one);
    }
    return response;
  }

  private void put(PutRequest put, long at) {
    KeyValue before = keys.get(put.getKey());
    detach(before);
    KeyValue after =
        KeyValue.newBuilder()
            .setKey(put.getKey())
            .setValue(put.getValue())
            .setCreateRevision(before == null ? at : before.getCreateRevision())
            .setModRevision(at)
            .setVersion(before == null ? 1 : before.getVersion() + 1)
            .setLease(put.getLease())
            .build();
    keys.put(put.getKey(), after);
    Set<ByteString> under = leases.get(put.getLease());
    if (under != null) {
      under.add(put.getKey());
    }
    if (isRecord(put.getKey())) {
      written.accept(parse(after));
    }
  }

  /** A key is under the lease of its last write alone. */
  private void detach(@Nullable KeyValue before) {
    if (before == null) {
      return;
    }
    Set<ByteString> under = leases.get(before.getLease());
    if (under != null) {
      under.remove(before.getKey());
    }
  }

  private static ByteString bytes(ByteSequence sequence) {
    return ByteString.copyFrom(sequence.getBytes());
  }
}
